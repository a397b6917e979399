"""Newton's method on the canola markets, all draws at once."""

from __future__ import annotations

import numpy as np

from tradeexposure import canola_balance
from tradeexposure.canola_balance import GOODS
from tradeexposure.canola_base import CanolaBase, Floats
from tradeexposure.canola_trade import Closure

#: What may be left on a market, as a share of its base supply; far below the 1e-9 that is promised.
TOLERANCE = 1e-12
STEPS = 80
LONGEST_STEP = 0.5  # log points; an exact step may overshoot where the model is far from linear
HALVINGS = 6
ENOUGH_LESS = 1 - 1e-4  # a step that does not lower the residual by this factor is halved
PATIENCE = 8  # steps in a row that may lower it by less before a draw is left as it is


def solve(base: CanolaBase, closure: Closure, start: Floats) -> tuple[Floats, Floats]:
    """Coordinates (6, draw) at which every market clears, and the residual of each draw.

    A draw that does not converge, or no longer moves, keeps a residual above :data:`TOLERANCE`; judging it is left to
    the caller.
    """
    unknowns = start.copy()
    residual = np.full(unknowns.shape[1], np.inf)
    vain = np.zeros(unknowns.shape[1], dtype=int)  # steps in a row that lowered the residual too little
    active = np.arange(unknowns.shape[1])
    some, point = closure, canola_balance.at(base, closure, unknowns)
    left, jacobian = point.left, point.jacobian
    for _ in range(STEPS):
        size = _size(left)
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


def _size(left: Floats) -> Floats:
    size = np.abs(left).max(axis=0)
    return np.where(np.isfinite(size), size, np.inf)


def _step(jacobian: Floats, left: Floats) -> Floats:
    """Newton's step, no coordinate further than :data:`LONGEST_STEP`; draws without one get the least-squares step."""
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):  # singular: told by what is not finite
        step = _eliminated(jacobian, left)
    singular = np.flatnonzero(~np.isfinite(step).all(axis=0) & np.isfinite(jacobian).all(axis=(0, 1)))
    for at in singular:
        step[:, at] = np.linalg.pinv(jacobian[..., at]) @ -left[:, at]
    longest = np.abs(step).max(axis=0)
    return step * np.minimum(1.0, LONGEST_STEP / np.maximum(longest, LONGEST_STEP))


def _eliminated(jacobian: Floats, left: Floats) -> Floats:
    """Solve jacobian x = -left, draw by draw.

    The market of the others' seed, oil or meal depends on the two prices of that product alone, so that their prices
    are eliminated first; Cramer's rule solves the three equations that remain.
    """
    canada, others = slice(GOODS), slice(GOODS, None)
    own = np.stack([jacobian[GOODS + good, GOODS + good] for good in range(GOODS)])
    follows = np.stack([jacobian[GOODS + good, good] for good in range(GOODS)]) / own
    alone = left[others] / own
    first, second, third = jacobian[canada, canada] - jacobian[canada, others] * follows
    sides = (jacobian[canada, others] * alone).sum(axis=1) - left[canada]
    minors = _cross(second, third), _cross(third, first), _cross(first, second)
    step = sum(side * minor for side, minor in zip(sides, minors, strict=True)) / (first * minors[0]).sum(axis=0)
    return np.concatenate([step, -alone - follows * step])


def _cross(one: Floats, other: Floats) -> Floats:
    """Cross products of vectors (3, draw)."""
    return one[[1, 2, 0]] * other[[2, 0, 1]] - one[[2, 0, 1]] * other[[1, 2, 0]]


def _search(
    base: CanolaBase, closure: Closure, at: Floats, step: Floats, size: Floats
) -> tuple[Floats, Floats, Floats]:
    """Coordinates reached, what is left there and the derivatives.

    The step of draws whose residual does not fall is halved; the shortest is taken if none lowers it.
    """
    reached = at + step
    point = canola_balance.at(base, closure, reached)
    left, jacobian = point.left, point.jacobian
    rows = np.flatnonzero(~(_size(left) <= ENOUGH_LESS * size))
    for halving in range(1, HALVINGS + 1):
        if not len(rows):
            break
        reached[:, rows] = at[:, rows] + step[:, rows] / 2**halving
        tried = canola_balance.at(base, closure.take(rows), reached[:, rows])
        left[:, rows], jacobian[..., rows] = tried.left, tried.jacobian
        rows = rows[~(_size(tried.left) <= ENOUGH_LESS * size[rows])]
    return reached, left, jacobian


def from_base(closure: Closure) -> Floats:
    """Coordinates (6, draw) to start from: base prices."""
    own = closure.start()
    return np.concatenate([own, np.zeros((GOODS, own.shape[-1]))])
