"""The market of origins again, one draw at a time in plain levels for scipy.optimize.root, without derivatives.

Rivals' seed by three routes of its own: one pool that all buy from, two pools apart, or what the profit of
:mod:`tradeexposure.canola.market.clearing` says at two prices, both unknowns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from tradeexposure.canola.market.bases import MarketBase
from tradeexposure.canola.market.logit import Behaviour
from tradeexposure.core.arrays import Floats
from tradeexposure.policy.tariff_index import MARKETS, PRODUCTS

CHINA, SEED = MARKETS.index("china"), PRODUCTS.index("seed")


@dataclass(frozen=True, eq=False)
class Solved:
    """One draw: prices over those of the base, of the others' seed outside of China and there; growers' surplus, C$."""

    price: Floats
    others: Floats
    in_china: float
    surplus: float


#: Rivals' seed outside of China and there, over the base's, at both prices over the base's.
Sold = Callable[[float, float], tuple[float, float]]


def profit(part: float, turning: float, supply: float, elsewhere: float, in_china: float) -> float:
    """Over rivals' seed in the base; its derivatives to prices are tonnes."""
    power = 1 + 1 / turning
    price = (part * in_china**power + (1 - part) * elsewhere**power) ** (1 / power)
    return float(price ** (1 + supply) / (1 + supply))


def transformed(base: MarketBase, how: Behaviour) -> Sold:
    """Constant elasticity of transformation."""
    bought = base.others_kt[:, SEED, 0]
    part, kappa, supply = bought[CHINA] / bought.sum(), 1 / how.turning[0], how.other_supply[0]

    def sold(elsewhere: float, in_china: float) -> tuple[float, float]:
        power = 1 + kappa
        price = (part * in_china**power + (1 - part) * elsewhere**power) ** (1 / power)
        return tuple(each**kappa * price ** (supply - kappa) for each in (elsewhere, in_china))

    return sold


def apart(how: Behaviour) -> Sold:
    """Two pools, each with a supply of its own."""
    return lambda elsewhere, in_china: (elsewhere ** how.other_supply[0], in_china ** how.other_supply[0])


def solve(base: MarketBase, how: Behaviour, duties: Mapping[tuple[str, str], float], sold: Sold | None) -> Solved:
    """All markets of one draw; without `sold` rivals' seed is one pool, at one price."""
    canada, others = base.canada_kt[..., 0], base.others_kt[..., 0]
    usual = (base.price_cad_t * (1 + base.duty))[..., 0]
    now = base.duty[..., 0].copy()
    for (market, product), rate in duties.items():
        now[MARKETS.index(market), PRODUCTS.index(product)] = rate
    price, scale, demand = base.price_cad_t[:, 0], how.scale[:, 0], how.demand[:, :, 0]
    yields = np.array([-1.0, how.oil_yield[0], how.meal_yield[0]])
    supply, there = how.other_supply[0], others[CHINA, SEED]

    def farm(own: Floats) -> float:
        return float(1 + how.pass_through[0] * price[0] * (own[0] - 1) / base.farm_price_cad_t[0])

    def left(unknowns: Floats) -> Floats:
        own, rival = unknowns[:3], unknowns[3:6]
        paid = np.tile(rival, (len(MARKETS), 1))
        if sold is not None:
            paid[CHINA, SEED] = unknowns[6]
        mine = canada * np.exp((usual - price * own * (1 + now)) / scale)
        theirs = others * np.exp((usual - usual * paid) / scale)
        both, total = mine + theirs, canada + others
        with np.errstate(divide="ignore", invalid="ignore"):
            index = -scale * np.log(both / total)
            bought = np.where(total > 0, total * (1 + index / usual) ** -demand / both, 0.0)
        margin = (yields @ (price * own)) / (yields @ price)
        crush = min(base.crush_kt[0] * margin ** how.crush_elasticity[0], how.capacity_kt[0])
        home = (yields[1:] * base.crush_kt[0] - canada.sum(axis=0)[1:]) * own[1:] ** -how.home_use[0]
        grown = base.harvest_kt[0] * farm(own) ** how.seed_supply[0] - base.stock_change_kt[0]
        offered = yields * crush + np.concatenate([[grown], -home])
        rivals, gone = others.sum(axis=0) * rival**supply, (theirs * bought).sum(axis=0)
        if sold is None:
            return np.concatenate([offered - (mine * bought).sum(axis=0), rivals - gone]) / 1e4
        elsewhere, in_china = sold(rival[SEED], unknowns[6])
        to_china = theirs[CHINA, SEED] * bought[CHINA, SEED]
        rivals[SEED] = (others[:, SEED].sum() - there) * elsewhere + to_china  # what China buys is in `gone`
        last = there * in_china - to_china
        return np.concatenate([offered - (mine * bought).sum(axis=0), rivals - gone, [last]]) / 1e4

    start = np.zeros(6 if sold is None else 7)
    root = optimize.root(lambda logs: left(np.exp(logs)), start, method="hybr", options={"xtol": 1e-14})
    prices = np.exp(root.x)
    assert np.abs(left(prices)).max() < 1e-10, root.message
    at, elasticity = farm(prices[:3]), how.seed_supply[0]
    area = base.harvest_kt[0] * (at ** (1 + elasticity) - 1) / (1 + elasticity) - base.stock_change_kt[0] * (at - 1)
    surplus = base.receipts_cad[0] * area / (base.harvest_kt[0] - base.stock_change_kt[0])
    return Solved(prices[:3], prices[3:6], float(prices[-1 if sold else 3]), float(surplus))
