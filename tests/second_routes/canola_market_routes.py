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

from tradeexposure.canola.market.base_year import CanolaBase
from tradeexposure.core.arrays import Floats
from tradeexposure.core.errors import NotConverged
from tradeexposure.policy.canola_cells import MARKETS, PRODUCTS

SEED, OIL, MEAL = range(3)
CHINA, JAPAN = MARKETS.index("china"), MARKETS.index("japan")
TIGHT = 1e-13  # relative step at which root stops
#: Widths, in log points of the price ratio, over which a smoothed switch of origin stretches.
WIDEST, NARROWEST, WIDTHS = 0.2, 0.0005, 24
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

    Conditions are written with projections: x = clip(x + slack, 0, 1) holds where x sits at the bound that the sign
    of the slack calls for. They are approached through smooth switches that are made sharper and sharper. Markets
    under one duty switch together, by the same part, since the model does not tell them apart.

    Raises
    ------
    NotConverged
        scipy finds no solution.
    """
    total, share = _totals(base)
    wedge = np.where(np.arange(len(MARKETS)) == CHINA, 0.0, draw["freight_wedge_cad_t"] / base.price_cad_t[:, None]).T
    good = _OneGood(base, draw, _factors(base, duties), total, share, np.log1p(-wedge), np.log1p(wedge))
    prices = np.zeros(6)
    for width in np.geomspace(WIDEST, NARROWEST, WIDTHS):
        prices = optimize.root(good.softened, prices, args=(width,), method="hybr").x
    start = np.concatenate([prices, *(part.ravel() for part in good.smooth(prices, NARROWEST))])
    return _root(base, draw, good.flows, start, good.switches)


@dataclass(frozen=True, eq=False)
class _OneGood:
    """The conditions of one draw; `low` and `high` bound the log price ratio inside which no origin is switched.

    Buyers who switch bear the cost of it, so that what they pay stays continuous.
    """

    base: CanolaBase
    draw: Row
    factor: Floats
    total: Floats
    share: Floats
    low: Floats
    high: Floats

    def ratio(self, unknowns: Floats) -> Floats:
        return np.asarray(np.log(self.factor) + unknowns[:3] - unknowns[3:6])

    def trade(self, own: Floats, others: Floats, gains: Floats, losses: Floats) -> tuple[Floats, Floats]:
        """Tonnes from Canada, with what is re-routed to China, and from the others."""
        gained, lost, mine = (1 - self.share) * gains, self.share * losses, self.factor * own
        usual = (self.share - lost) * mine + (1 - self.share - gained) * others
        switched = gained * mine / np.exp(self.low) + lost * others * np.exp(self.high)
        bought = self.total * (usual + switched) ** -_demand(self.draw)
        canada = (self.share + gained - lost) * bought
        former = self.share[CHINA] * self.total[CHINA] - canada[CHINA]
        canada[CHINA] += np.minimum(self.draw["rerouting"] * np.maximum(former, 0), bought[CHINA] - canada[CHINA])
        return canada, bought - canada

    def smooth(self, unknowns: Floats, width: float) -> tuple[Floats, Floats]:
        """Gains and losses as logistic functions of the price ratio."""
        ratio, mine = self.ratio(unknowns), self.share[CHINA]
        gains = special.expit((self.low - ratio) / width)
        losses = special.expit((ratio - self.high) / width)
        change = special.expit(special.logit(mine) - ratio[CHINA] / width) - mine
        gains[CHINA], losses[CHINA] = np.maximum(change, 0) / (1 - mine), np.maximum(-change, 0) / mine
        return gains, losses

    def softened(self, unknowns: Floats, width: float) -> Floats:
        own, others = np.exp(unknowns[:3]), np.exp(unknowns[3:])
        trade = self.trade(own, others, *self.smooth(unknowns, width))
        return _markets(self.base, self.draw, own, others, *trade)

    def flows(self, unknowns: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        own, others = np.exp(unknowns[:3]), np.exp(unknowns[3:6])
        return own, others, *self.trade(own, others, *unknowns[6:].reshape(2, *self.total.shape))

    def switches(self, unknowns: Floats) -> Floats:
        gains, losses = unknowns[6:].reshape(2, *self.total.shape)
        ratio, first = self.ratio(unknowns), _first_alike(self.factor)
        left = np.stack([np.clip(gains + self.low - ratio, 0, 1), np.clip(losses + ratio - self.high, 0, 1)])
        alone = first == np.arange(len(MARKETS))[:, None]
        twins = np.stack([np.take_along_axis(part, first, axis=0) for part in (gains, losses)])
        return np.asarray((np.stack([gains, losses]) - np.where(alone, left, twins)).ravel())


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
