"""Prices that clear the canola markets of :mod:`closures`: what is left on each at given prices, and Newton's steps.

Seed, oil and meal are joint products of crush, so the three markets of Canadian goods and the three of the others'
are solved together. The duty that stands for a loss of volume is a root of the solution, found for all draws at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import elementwise

from tradeexposure.canola.market import newton
from tradeexposure.canola.market.base_year import CanolaBase
from tradeexposure.canola.market.clearing import GOODS, farm_supply
from tradeexposure.canola.market.closures import Closure, Trade
from tradeexposure.canola.market.logit import LOG_EMBARGO
from tradeexposure.canola.market.newton import ENOUGH_LESS, TOLERANCE
from tradeexposure.canola.market.parameters import Draws
from tradeexposure.core.arrays import Floats, Ints
from tradeexposure.core.errors import RunFailed
from tradeexposure.policy.canola_cells import MEAL, OIL, SEED

#: Of the target, or of the argument where the function jumps; far above what a solution leaves on a market.
CLOSE = 1e-10
LEAST = 1e-12  # of the base: a smaller volume counts as this one, so that its log exists
STEPS, HALVINGS = 80, 6
PATIENCE = 8  # steps in a row that may lower it by less before a draw is left as it is


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
    left: Floats
    jacobian: Floats


def scales(base: CanolaBase, drawn: Draws) -> Floats:
    """Base supply of Canadian seed, oil and meal, then of the others', kt; shape (6, draw)."""
    draws = drawn.seed_supply.shape
    canada = [np.full(draws, base.harvest_kt), drawn.oil_yield * base.crush_kt, drawn.meal_yield * base.crush_kt]
    others = np.broadcast_to(base.others_kt.sum(axis=0)[:, None], (GOODS, *draws))
    return np.concatenate([np.stack(canada), others])


def balance(base: CanolaBase, closure: Closure, unknowns: Floats) -> Point:
    """The markets at six coordinates: three of Canadian goods, three log prices of the others'; shape (6, draw)."""
    drawn, others = closure.drawn, unknowns[GOODS:]
    trade = closure.at(unknowns[:GOODS], others)
    price = base.price_cad_t[:, None] * np.exp(trade.log_price)
    through = drawn.pass_through / base.farm_price_cad_t
    farm, supply, supply_slope = farm_supply(
        base.harvest_kt, through, drawn.seed_supply, price[SEED], base.price_cad_t[SEED]
    )
    crush, crush_slopes, full = _crush(base, drawn, price)
    home, home_slopes = _home(base, drawn, trade.log_price)
    rivals = base.others_kt.sum(axis=0)[:, None] * np.exp(drawn.other_supply * others)
    yields = np.stack([-np.ones_like(drawn.oil_yield), drawn.oil_yield, drawn.meal_yield])
    offered = yields * crush
    offered[SEED] += supply - base.stock_change_kt
    offered[OIL:] -= home
    domestic = yields[:, None] * crush_slopes[None, :]
    domestic[SEED, SEED] += supply_slope
    domestic[OIL, OIL] -= home_slopes[0]
    domestic[MEAL, MEAL] -= home_slopes[1]
    size = scales(base, drawn)
    left = np.concatenate([offered - trade.canada.sum(axis=0), rivals - trade.others.sum(axis=0)]) / size
    jacobian = _jacobian(trade, domestic, drawn.other_supply * rivals) / size[:, None]
    return Point(trade, farm, supply, crush, full, home, left, jacobian)


def _crush(base: CanolaBase, drawn: Draws, price: Floats) -> tuple[Floats, Floats, Floats]:
    """Seed crushed in kt, its derivatives to the log prices (product, draw), and where capacity binds."""
    weights = np.stack([-np.ones_like(drawn.oil_yield), drawn.oil_yield, drawn.meal_yield])
    usual = (weights * base.price_cad_t[:, None]).sum(axis=0)
    margin = np.maximum((weights * price).sum(axis=0), 0.0)
    wanted = base.crush_kt * (margin / usual) ** drawn.crush_elasticity
    crush = np.minimum(wanted, drawn.capacity_kt)
    full = wanted >= drawn.capacity_kt
    inside = (margin > 0) & ~full
    slope = np.divide(drawn.crush_elasticity * crush, margin, out=np.zeros_like(margin), where=inside)
    return crush, slope * weights * price, full


def _home(base: CanolaBase, drawn: Draws, log_price: Floats) -> tuple[Floats, Floats]:
    """Oil and meal used at home in kt, and derivatives to their log prices; base use is output less exports."""
    output = np.stack([drawn.oil_yield, drawn.meal_yield]) * base.crush_kt
    usual = output - base.canada_kt[:, OIL:].sum(axis=0)[:, None]
    home = usual * np.exp(-drawn.home_use * log_price[OIL:])
    return home, -drawn.home_use * home


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


def solve(base: CanolaBase, closure: Closure, start: Floats) -> tuple[Floats, Floats]:
    """Coordinates (6, draw) at which every market clears, and the residual of each draw.

    A draw that does not converge, or no longer moves, keeps a residual above :data:`TOLERANCE`; judging it is left to
    the caller.
    """
    unknowns = start.copy()
    residual = np.full(unknowns.shape[1], np.inf)
    vain = np.zeros(unknowns.shape[1], dtype=int)  # steps in a row that lowered the residual too little
    active = np.arange(unknowns.shape[1])
    some, point = closure, balance(base, closure, unknowns)
    left, jacobian = point.left, point.jacobian
    for _ in range(STEPS):
        size = newton.residual(left)
        vain[active] = np.where(size < ENOUGH_LESS * residual[active], 0, vain[active] + 1)
        residual[active] = size
        stay = np.flatnonzero((size > TOLERANCE) & (vain[active] <= PATIENCE))
        if not len(stay):
            break
        if len(stay) < len(active):
            active, some, size = active[stay], some.take(stay), size[stay]
            left, jacobian = left[:, stay], jacobian[..., stay]
        unknowns[:, active], left, jacobian = _search(base, some, unknowns[:, active], _step(jacobian, left), size)
    return unknowns, residual


def _step(jacobian: Floats, left: Floats) -> Floats:
    """Newton's step within :data:`newton.LONGEST_STEP`; draws without one get the least-squares step."""
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):  # singular: told by what is not finite
        step = _eliminated(jacobian, left)
    singular = np.flatnonzero(~np.isfinite(step).all(axis=0) & np.isfinite(jacobian).all(axis=(0, 1)))
    for at in singular:
        step[:, at] = np.linalg.pinv(jacobian[..., at]) @ -left[:, at]
    return newton.bounded(step)


def _eliminated(jacobian: Floats, left: Floats) -> Floats:
    """Solve jacobian x = -left, draw by draw.

    The market of the others' seed, oil or meal depends on the two prices of that product alone, so that their prices
    are eliminated first; Cramer's rule solves the three equations that remain.
    """
    canada, others = slice(GOODS), slice(GOODS, None)
    own = np.stack([jacobian[GOODS + good, GOODS + good] for good in range(GOODS)])
    follows = np.stack([jacobian[GOODS + good, good] for good in range(GOODS)]) / own
    alone = left[others] / own
    sides = (jacobian[canada, others] * alone).sum(axis=1) - left[canada]
    step = newton.cramer(jacobian[canada, canada] - jacobian[canada, others] * follows, sides)
    return np.concatenate([step, -alone - follows * step])


def _search(
    base: CanolaBase, closure: Closure, at: Floats, step: Floats, size: Floats
) -> tuple[Floats, Floats, Floats]:
    """Coordinates reached, what is left there and the derivatives.

    The step of draws whose residual does not fall is halved; the shortest is taken if none lowers it.
    """
    point = balance(base, closure, at + step)
    left, jacobian = point.left, point.jacobian

    def again(rows: Ints, reached: Floats) -> Floats:
        tried = balance(base, closure.take(rows), reached)
        left[:, rows], jacobian[..., rows] = tried.left, tried.jacobian
        return newton.residual(tried.left)

    reached = newton.halved(at, step, size, left, again, most=HALVINGS)
    return reached, left, jacobian


def from_base(closure: Closure) -> Floats:
    """Coordinates (6, draw) to start from: base prices."""
    own = closure.start()
    return np.concatenate([own, np.zeros((GOODS, own.shape[-1]))])


def falling_root(function: Callable[[Floats, Ints], Floats], target: Floats, *, low: Floats, high: Floats) -> Floats:
    """Arguments from 0 up at which each function, which falls from above its target, comes down to it.

    Chandrupatla's method, as scipy has it, on the log of the function over its target: a volume is nearly a straight
    line in the log of its duty.

    Parameters
    ----------
    function : callable
        Takes arguments and the positions they belong to, both (some,), and returns values (some,), 1 at the base.
    target : array (all,)
    low, high : array (all,)
        Where the root is sought first; it need not lie there.

    Returns
    -------
    array (all,)
        Where the function jumps across its target, the place of the jump.

    Raises
    ------
    RunFailed
        A function that stays above its target up to an embargo, or a bracket that does not close.
    """

    known = _remembered(function, len(target))

    def gap(argument: Floats, rows: Ints, wanted: Floats) -> Floats:
        return np.asarray(np.log(np.maximum(known(argument, rows), LEAST) / wanted))

    of = np.arange(len(target)), target
    around = elementwise.bracket_root(gap, low, high, xmin=0.0, xmax=LOG_EMBARGO, args=of)
    if not around.success.all():
        at = int(np.argmin(around.success))
        raise RunFailed(f"draw {at}: not even an embargo brings the volume down to {target[at]:.3g}")
    exact = {"xatol": CLOSE, "xrtol": 0.0, "fatol": CLOSE, "frtol": 0.0}
    root = elementwise.find_root(gap, around.bracket, args=of, tolerances=exact)
    if not root.success.all():
        raise RunFailed(f"no root for {np.count_nonzero(~root.success)} of {len(target)} draws")
    return np.asarray(root.x)


def _remembered(function: Callable[[Floats, Ints], Floats], positions: int) -> Callable[[Floats, Ints], Floats]:
    """`function` that is asked once for each argument: the ends of a bracket, found by it, are asked for again."""
    tried: list[tuple[Floats, Floats]] = []  # arguments and values, by position

    def known(argument: Floats, rows: Ints) -> Floats:
        found = np.full(argument.shape, np.nan)
        for arguments, values in tried:
            found = np.where(arguments[rows] == argument, values[rows], found)
        new = np.isnan(found)
        if new.any():
            found[new] = function(argument[new], rows[new])
            arguments, values = np.full((2, positions), np.nan)
            arguments[rows[new]], values[rows[new]] = argument[new], found[new]
            tried.append((arguments, values))
        return found

    return known
