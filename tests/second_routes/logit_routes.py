"""The market of origins again, one draw at a time in plain levels for scipy.optimize.root, without derivatives."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy import optimize

from tradeexposure.canola.market.bases import MarketBase
from tradeexposure.canola.market.logit import Behaviour
from tradeexposure.core.arrays import Floats
from tradeexposure.policy.canola_cells import MARKETS, PRODUCTS


def price_ratio(base: MarketBase, how: Behaviour, duties: Mapping[tuple[str, str], float]) -> Floats:
    """Canadian border prices over those of the base that clear all markets; base and behaviour of one draw."""
    canada, others = base.canada_kt[..., 0], base.others_kt[..., 0]
    usual = (base.price_cad_t * (1 + base.duty))[..., 0]
    now = base.duty[..., 0].copy()
    for (market, product), rate in duties.items():
        now[MARKETS.index(market), PRODUCTS.index(product)] = rate
    price, scale, demand = base.price_cad_t[:, 0], how.scale[:, 0], how.demand[:, :, 0]
    made = np.array([-1.0, how.oil_yield[0], how.meal_yield[0]])

    def left(unknowns: Floats) -> Floats:
        own, rival = unknowns[:3], unknowns[3:]
        mine = canada * np.exp((usual - price * own * (1 + now)) / scale)
        theirs = others * np.exp((usual - usual * rival) / scale)
        both, total = mine + theirs, canada + others
        with np.errstate(divide="ignore", invalid="ignore"):
            index = -scale * np.log(both / total)
            bought = np.where(total > 0, total * (1 + index / usual) ** -demand / both, 0.0)
        margin = (made @ (price * own)) / (made @ price)
        crush = min(base.crush_kt[0] * margin ** how.crush_elasticity[0], how.capacity_kt[0])
        farm = 1 + how.pass_through[0] * price[0] * (own[0] - 1) / base.farm_price_cad_t[0]
        home = (made[1:] * base.crush_kt[0] - canada.sum(axis=0)[1:]) * own[1:] ** -how.home_use[0]
        supply = base.harvest_kt[0] * farm ** how.seed_supply[0] - base.stock_change_kt[0]
        offered = made * crush + np.concatenate([[supply], -home])
        rivals = others.sum(axis=0) * rival ** how.other_supply[0]
        return np.concatenate([offered - (mine * bought).sum(axis=0), rivals - (theirs * bought).sum(axis=0)]) / 1e4

    return np.asarray(optimize.root(left, np.ones(6), method="hybr", options={"xtol": 1e-12}).x[:3])
