"""The canola model again, one draw at a time in plain equations for scipy.optimize.root: to check and to time.

Nothing is shared with the fast solver but the base and the names of the columns. Prices are levels relative to the
base, the one-good closure is written as complementarity conditions, and no derivative is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

from tradeexposure.canola_base import MARKETS, PRODUCTS, CanolaBase, Floats
from tradeexposure.errors import NotConverged

SEED, OIL, MEAL = range(3)
CHINA, JAPAN = MARKETS.index("china"), MARKETS.index("japan")
TIGHT = 1e-13  # relative step at which root stops
#: Widths, in log points of the price ratio, over which a smoothed switch of origin stretches.
WIDEST, NARROWEST, WIDTHS = 0.2, 0.002, 16
SOLVED = 1e-10  # what the equations may leave, as a share of base flows
Row = Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Solved:
    """One draw: `price` and `price_others` (product,) relative to the base, `volume_kt` (market, product), `crush_kt`,
    `farm_price` relative to the base, and `calls` of the equations. Volumes hold what is re-routed under China."""

    price: Floats
    price_others: Floats
    volume_kt: Floats
    crush_kt: float
    farm_price: float
    calls: int


def armington(base: CanolaBase, draw: Row, duties: Mapping[tuple[str, str], float]) -> Solved:
    """Origins told apart; six prices from base prices.

    Raises
    ------
    NotConverged
        scipy finds no solution.
    """
    factor, sigma, eta = _factors(base, duties), _substitution(draw), _demand(draw)
    total, share = _totals(base)

    def flows(unknowns: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        own, others = np.exp(unknowns[:3]), np.exp(unknowns[3:])
        canada, rival = share * (factor * own) ** -sigma, (1 - share) * others**-sigma
        index = (canada + rival) ** (-1 / sigma)
        bought = total * index**-eta
        return own, others, bought * canada / (canada + rival), bought * rival / (canada + rival)

    return _root(base, draw, flows, np.zeros(6), lambda unknowns: np.empty(0))


def homogeneous(base: CanolaBase, draw: Row, duties: Mapping[tuple[str, str], float]) -> Solved:
    """One good: prices, and the parts of the others' and of its own sales that Canada gains and loses by market.

    Conditions are written with projections: x = clip(x + slack, low, high) holds where x sits at the bound that the
    sign of the slack calls for. They are approached through smooth switches that are made sharper and sharper. Markets under one
    duty switch together, by the same part, since the model does not tell them apart.

    Raises
    ------
    NotConverged
        scipy finds no solution.
    """
    factor, eta = _factors(base, duties), _demand(draw)
    total, share = _totals(base)
    wedge = draw["freight_wedge_cad_t"] / base.price_cad_t
    elsewhere = (np.arange(len(MARKETS)) != CHINA)[:, None]
    low, high = np.where(elsewhere, np.log1p(-wedge), 0.0), np.where(elsewhere, np.log1p(wedge), 0.0)

    first = _first_alike(factor)

    def at(own: Floats, others: Floats, shares: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        bought = total * (shares * factor * own + (1 - shares) * others) ** -eta
        canada = shares * bought
        room = bought[CHINA] - canada[CHINA]
        former = share[CHINA] * total[CHINA] - canada[CHINA]
        canada[CHINA] += np.minimum(draw["rerouting"] * np.maximum(former, 0), room)
        return own, others, canada, bought - canada

    def ratio(unknowns: Floats) -> Floats:
        return np.asarray(np.log(factor) + unknowns[:3] - unknowns[3:6])

    def smooth(unknowns: Floats, width: float) -> tuple[Floats, Floats]:
        gains = special.expit((low - ratio(unknowns)) / width)
        losses = special.expit((ratio(unknowns) - high) / width)
        china = special.expit(special.logit(share[CHINA]) - ratio(unknowns)[CHINA] / width) / share[CHINA] - 1
        gains[CHINA] = np.maximum(china, 0) * share[CHINA] / (1 - share[CHINA])
        losses[CHINA] = np.maximum(-china, 0)
        return gains, losses

    def kept(gains: Floats, losses: Floats) -> Floats:
        return share + (1 - share) * gains - share * losses

    def flows(unknowns: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        return at(np.exp(unknowns[:3]), np.exp(unknowns[3:6]), kept(*unknowns[6:].reshape(2, *total.shape)))

    def switches(unknowns: Floats) -> Floats:
        gains, losses = unknowns[6:].reshape(2, *total.shape)
        left = np.stack(
            [
                gains - np.clip(gains + low - ratio(unknowns), 0, 1),
                losses - np.clip(losses + ratio(unknowns) - high, 0, 1),
            ]
        )
        for product in range(len(PRODUCTS)):
            for market in np.flatnonzero(first[:, product] != np.arange(len(MARKETS))):
                twin = first[market, product]
                left[0, market, product] = gains[market, product] - gains[twin, product]
                left[1, market, product] = losses[market, product] - losses[twin, product]
        return np.asarray(left.ravel())

    def softened(unknowns: Floats, width: float) -> Floats:
        return _markets(base, draw, *at(np.exp(unknowns[:3]), np.exp(unknowns[3:]), kept(*smooth(unknowns, width))))

    prices = np.zeros(6)
    for width in np.geomspace(WIDEST, NARROWEST, WIDTHS):
        prices = optimize.root(softened, prices, args=(width,), method="hybr").x
    start = np.concatenate([prices, *(part.ravel() for part in smooth(prices, NARROWEST))])
    return _root(base, draw, flows, start, switches)


def _root(
    base: CanolaBase,
    draw: Row,
    flows: Callable[[Floats], tuple[Floats, Floats, Floats, Floats]],
    start: Floats,
    switches: Callable[[Floats], Floats],
) -> Solved:
    def left(unknowns: Floats) -> Floats:
        own, others, canada, rival = flows(unknowns)
        return np.concatenate([_markets(base, draw, own, others, canada, rival), switches(unknowns)])

    found = optimize.root(left, start, method="hybr", options={"xtol": TIGHT, "maxfev": 100_000})
    own, others, canada, _ = flows(found.x)
    worst = float(np.abs(left(found.x)).max())
    if not worst < SOLVED:
        raise NotConverged("canola, scipy.optimize.root", draw=0, parameters=dict(draw), residual=worst)
    return Solved(own, others, canada, _crush(base, draw, own), _farm(base, draw, own), int(found.nfev))


def _markets(base: CanolaBase, draw: Row, own: Floats, others: Floats, canada: Floats, rival: Floats) -> Floats:
    """What is left on the markets of Canadian seed, oil and meal and of the others', as shares of base supply."""
    crush = _crush(base, draw, own)
    supply = base.harvest_kt * _farm(base, draw, own) ** draw["seed_supply"]
    exports, usual = canada.sum(axis=0), base.canada_kt.sum(axis=0)
    left = [(supply - base.stock_change_kt - crush - exports[SEED]) / base.harvest_kt]
    home_use = draw.get("home_use_elasticity", draw["import_demand_others"])
    for good, name in ((OIL, "oil_yield"), (MEAL, "meal_yield")):
        output = draw[name] * base.crush_kt
        home = (output - usual[good]) * own[good] ** -home_use
        left.append((draw[name] * crush - home - exports[good]) / output)
    offered = base.others_kt.sum(axis=0)
    return np.concatenate([left, others ** draw["other_supply"] - rival.sum(axis=0) / offered])


def _crush(base: CanolaBase, draw: Row, own: Floats) -> float:
    weights = np.array([-1.0, draw["oil_yield"], draw["meal_yield"]]) * base.price_cad_t
    margin = max(float(weights @ own), 0.0) / float(weights.sum())
    return float(min(base.crush_kt * margin ** draw["crush_elasticity"], draw["crush_capacity_kt"]))


def _farm(base: CanolaBase, draw: Row, own: Floats) -> float:
    change = draw["farm_pass_through"] * base.price_cad_t[SEED] * (own[SEED] - 1)
    return max(float(1 + change / base.farm_price_cad_t), np.finfo(float).tiny)


def _factors(base: CanolaBase, duties: Mapping[tuple[str, str], float]) -> Floats:
    now = base.duty.copy()
    for (market, product), duty in duties.items():
        now[MARKETS.index(market), PRODUCTS.index(product)] = duty
    return np.asarray((1 + now) / (1 + base.duty))


def _substitution(draw: Row) -> Floats:
    sigma = np.tile([draw["seed_substitution"], draw["oil_substitution"], draw["meal_substitution"]], (len(MARKETS), 1))
    sigma[JAPAN, SEED] = draw["seed_substitution_japan"]
    return np.asarray(sigma)


def _demand(draw: Row) -> Floats:
    eta = np.full((len(MARKETS), 1), draw["import_demand_others"])
    eta[CHINA] = draw["import_demand_china"]
    return eta


def _first_alike(factor: Floats) -> npt.NDArray[np.intp]:
    """For every market but China, the first other than China with the same duty factor; (market, product)."""
    first = np.tile(np.arange(len(MARKETS))[:, None], (1, factor.shape[1]))
    for market, product in np.ndindex(*factor.shape):
        same = [at for at in range(market) if at != CHINA and factor[at, product] == factor[market, product]]
        if market != CHINA and same:
            first[market, product] = same[0]
    return first


def _totals(base: CanolaBase) -> tuple[Floats, Floats]:
    """Tonnes of both origins and Canada's share; a market without any has share 1/2, of nothing."""
    total = base.canada_kt + base.others_kt
    return total, np.where(total > 0, base.canada_kt / np.where(total > 0, total, 1.0), 0.5)
