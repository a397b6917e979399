"""Newton's method on the canola markets, all draws at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tradeexposure import canola_balance
from tradeexposure.canola_balance import GOODS, Point
from tradeexposure.canola_base import CanolaBase, Floats
from tradeexposure.canola_trade import Closure

#: What may be left on a market, as a share of its base supply; far below the 1e-9 that is promised.
TOLERANCE = 1e-12
STEPS = 80
LONGEST_STEP = 0.5  # log points; an exact step may overshoot where the model is far from linear
HALVINGS = 6
ENOUGH_LESS = 1 - 1e-4  # a step that does not lower the residual by this factor is halved


def solve(base: CanolaBase, closure: Closure, start: Floats) -> tuple[Floats, Floats]:
    """Coordinates (6, draw) at which every market clears, and the residual of each draw.

    A draw that does not converge keeps a residual above :data:`TOLERANCE`; judging it is left to the caller.
    """
    unknowns = start.copy()
    residual = np.full(unknowns.shape[1], np.inf)
    active = np.arange(unknowns.shape[1])
    some, point = closure, canola_balance.at(base, closure, unknowns)
    for _ in range(STEPS):
        size = _size(point.left)
        residual[active] = size
        stay = np.flatnonzero(size > TOLERANCE)
        if not len(stay):
            break
        step = _step(point.jacobian[..., stay], point.left[:, stay])
        if len(stay) < len(active):
            active, some = active[stay], some.take(stay)
        unknowns[:, active], point = _search(base, some, unknowns[:, active], step, size[stay])
    return unknowns, residual


def _size(left: Floats) -> Floats:
    size = np.abs(left).max(axis=0)
    return np.where(np.isfinite(size), size, np.inf)


def _step(jacobian: Floats, left: Floats) -> Floats:
    matrices, sides = np.moveaxis(jacobian, -1, 0), -left.T[..., None]
    try:
        step = np.linalg.solve(matrices, sides)[..., 0].T
    except np.linalg.LinAlgError:
        step = (np.linalg.pinv(matrices) @ sides)[..., 0].T
    longest = np.abs(step).max(axis=0)
    return step * np.minimum(1.0, LONGEST_STEP / np.maximum(longest, LONGEST_STEP))


def _search(base: CanolaBase, closure: Closure, at: Floats, step: Floats, size: Floats) -> tuple[Floats, Point]:
    """Halve the step of the draws whose residual does not fall; the shortest is taken if none lowers it."""
    reached = at + step
    point = canola_balance.at(base, closure, reached)
    worse = np.flatnonzero(~(_size(point.left) <= ENOUGH_LESS * size))
    if not len(worse):
        return reached, point
    rows: npt.NDArray[np.intp] = worse
    for halving in range(1, HALVINGS + 1):
        reached[:, rows] = at[:, rows] + step[:, rows] / 2**halving
        tried = canola_balance.at(base, closure.take(rows), reached[:, rows])
        rows = rows[~(_size(tried.left) <= ENOUGH_LESS * size[rows])]
        if not len(rows):
            break
    return reached, canola_balance.at(base, closure, reached)


def from_base(closure: Closure) -> Floats:
    """Coordinates (6, draw) to start from: base prices."""
    own = closure.start()
    return np.concatenate([own, np.zeros((GOODS, own.shape[-1]))])
