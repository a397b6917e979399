"""Seed, oil and meal as joint products of crush: what is left on each market at given prices, and its derivatives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradeexposure.canola_base import CanolaBase, Floats
from tradeexposure.canola_parameters import Given
from tradeexposure.canola_trade import Closure, Trade

SEED, OIL, MEAL = 0, 1, 2
GOODS = 3
#: Lowest farm price, as a share of the base, at which supply is still defined; no solution may lie there.
FLOOR = 1e-6


@dataclass(frozen=True, eq=False)
class Point:
    """Everything at one set of prices; arrays (draw,) unless said otherwise.

    `farm_price` is relative to the base; `supply_kt`, `crush_kt` and `home_kt` (oil and meal, draw) are tonnes;
    `left` (6, draw) is what is left on the markets of Canadian seed, oil and meal and of the others', as a share of
    the base supply of each; `at_capacity` says where the plants are full.
    """

    trade: Trade
    farm_price: Floats
    supply_kt: Floats
    crush_kt: Floats
    at_capacity: Floats
    home_kt: Floats
    others_supply_kt: Floats
    left: Floats
    jacobian: Floats


def scales(base: CanolaBase, given: Given) -> Floats:
    """Base supply of Canadian seed, oil and meal, then of the others', kt; shape (6, draw)."""
    draws = given.seed_supply.shape
    canada = [np.full(draws, base.harvest_kt), given.oil_yield * base.crush_kt, given.meal_yield * base.crush_kt]
    others = np.broadcast_to(base.others_kt.sum(axis=0)[:, None], (GOODS, *draws))
    return np.concatenate([np.stack(canada), others])


def at(base: CanolaBase, closure: Closure, unknowns: Floats) -> Point:
    """The markets at six coordinates: three of Canadian goods, three log prices of the others'; shape (6, draw)."""
    given, others = closure.given, unknowns[GOODS:]
    trade = closure.at(unknowns[:GOODS], others)
    price = base.price_cad_t[:, None] * np.exp(trade.log_price)
    farm, supply, supply_slope = _supply(base, given, price[SEED])
    crush, crush_slopes, full = _crush(base, given, price)
    home, home_slopes = _home(base, given, trade.log_price)
    rivals = base.others_kt.sum(axis=0)[:, None] * np.exp(given.other_supply * others)
    yields = np.stack([-np.ones_like(given.oil_yield), given.oil_yield, given.meal_yield])
    offered = yields * crush
    offered[SEED] += supply - base.stock_change_kt
    offered[OIL:] -= home
    domestic = yields[:, None] * crush_slopes[None, :]
    domestic[SEED, SEED] += supply_slope
    domestic[OIL, OIL] -= home_slopes[0]
    domestic[MEAL, MEAL] -= home_slopes[1]
    size = scales(base, given)
    left = np.concatenate([offered - trade.canada.sum(axis=0), rivals - trade.others.sum(axis=0)]) / size
    jacobian = _jacobian(trade, domestic, given.other_supply * rivals) / size[:, None]
    return Point(trade, farm, supply, crush, full, home, rivals, left, jacobian)


def _supply(base: CanolaBase, given: Given, price: Floats) -> tuple[Floats, Floats, Floats]:
    """Farm price relative to the base, seed supplied in kt, and its derivative to the log border price."""
    through = given.pass_through / base.farm_price_cad_t
    farm = 1 + through * (price - base.price_cad_t[SEED])
    inside = farm > FLOOR
    farm = np.maximum(farm, FLOOR)
    supply = base.harvest_kt * farm**given.seed_supply
    return farm, supply, np.where(inside, given.seed_supply * supply / farm * through * price, 0.0)


def _crush(base: CanolaBase, given: Given, price: Floats) -> tuple[Floats, Floats, Floats]:
    """Seed crushed in kt, its derivatives to the log prices (product, draw), and where capacity binds."""
    weights = np.stack([-np.ones_like(given.oil_yield), given.oil_yield, given.meal_yield])
    usual = (weights * base.price_cad_t[:, None]).sum(axis=0)
    margin = np.maximum((weights * price).sum(axis=0), 0.0)
    wanted = base.crush_kt * (margin / usual) ** given.crush_elasticity
    crush = np.minimum(wanted, given.capacity_kt)
    full = wanted >= given.capacity_kt
    inside = (margin > 0) & ~full
    slope = np.divide(given.crush_elasticity * crush, margin, out=np.zeros_like(margin), where=inside)
    return crush, slope * weights * price, full


def _home(base: CanolaBase, given: Given, log_price: Floats) -> tuple[Floats, Floats]:
    """Oil and meal used at home in kt, and derivatives to their log prices; base use is output less exports."""
    output = np.stack([given.oil_yield, given.meal_yield]) * base.crush_kt
    usual = output - base.canada_kt[:, OIL:].sum(axis=0)[:, None]
    home = usual * np.exp(-given.home_use * log_price[OIL:])
    return home, -given.home_use * home


def _jacobian(trade: Trade, domestic: Floats, rival_slope: Floats) -> Floats:
    """Derivatives of what is left, in kt, to the six coordinates; (equation, coordinate, draw)."""
    found = np.zeros((2 * GOODS, 2 * GOODS, domestic.shape[-1]))
    found[:GOODS, :GOODS] = domestic * trade.price_by_own
    found[:GOODS, GOODS:] = domestic * trade.price_by_others
    for good in range(GOODS):
        found[good, good] -= trade.canada_by_own[good]
        found[good, GOODS + good] -= trade.canada_by_others[good]
        found[GOODS + good, good] = -trade.others_by_own[good]
        found[GOODS + good, GOODS + good] = rival_slope[good] - trade.others_by_others[good]
    return found
