"""Newton's method for the markets of all draws at once: how large a step is, when it is halved, and when it ends.

Arrays end in the draw.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tradeexposure.core.arrays import Floats, Ints

#: Draws that are solved first, for the line from which the search for all others begins.
PILOTS = 150
#: What may be left on a market, as a share of its base supply, before the last step: a whole one from there, whose
#: square is left, needs no look.
TOLERANCE = 5e-7
CLEARED = 1e-9  # what is promised of a solution, as a share of base supply
LONGEST_STEP = 0.5  # log points; an exact step may overshoot where the model is far from linear
ENOUGH_LESS = 1 - 1e-4  # a step that does not lower the residual by this factor is halved


def residual(left: Floats) -> Floats:
    """The largest of what is left on the markets, (draw,); infinite where it is no number."""
    size = np.abs(left).max(axis=0)
    return np.where(np.isfinite(size), size, np.inf)


def bounded(step: Floats, longest: Floats | float = LONGEST_STEP) -> Floats:
    """`step` shortened so that no coordinate of a draw moves further than `longest`, one number or (coordinate, 1)."""
    return step / np.maximum((np.abs(step) / longest).max(axis=0), 1.0)


def cramer(rows: Floats, sides: Floats) -> Floats:
    """Solutions (3, draw) of three equations, `rows` (equation, coordinate, draw) times them being `sides`."""
    first, second, third = rows
    minors = _cross(second, third), _cross(third, first), _cross(first, second)
    solution = sum(side * minor for side, minor in zip(sides, minors, strict=True)) / (first * minors[0]).sum(axis=0)
    return np.asarray(solution)


def _cross(left: Floats, right: Floats) -> Floats:
    """Cross products of vectors (3, draw)."""
    return left[[1, 2, 0]] * right[[2, 0, 1]] - left[[2, 0, 1]] * right[[1, 2, 0]]


def halved(
    at: Floats, step: Floats, size: Floats, residual_of: Callable[[Ints, Floats], Floats], *, most: int
) -> Floats:
    """Coordinates reached, the step of draws whose residual does not fall being halved.

    Parameters
    ----------
    size : array (draw,)
        Residual before the step.
    residual_of : callable
        Takes draws and coordinates tried for them, returns their residuals.
    most : int
        Halvings; the shortest step is taken if none lowers the residual.
    """
    reached, rows = at + step, np.flatnonzero(size > TOLERANCE)
    for halving in range(1, most + 1):
        rows = rows[~(residual_of(rows, reached[:, rows]) <= ENOUGH_LESS * size[rows])]
        if not len(rows):
            break
        reached[:, rows] = at[:, rows] + step[:, rows] / 2**halving
    return reached


def pilots(draws: int) -> slice | None:
    """Some of many draws, evenly spread, by an odd step so that rows that come again are not always the same ones."""
    return slice(None, None, draws // PILOTS | 1) if draws > 2 * PILOTS else None


def line(traits: Floats, solved: Floats, left: Floats) -> Callable[[Floats], Floats] | None:
    """A straight line from what draws are made of to where their markets clear, fitted by least squares.

    Parameters
    ----------
    traits : array (trait, draw)
        All in which draws differ; those that are the same in every one are left out.
    solved : array (coordinate, draw)
        Where the markets of these draws clear.
    left : array (draw,)
        What was left on them before the last step; draws above :data:`TOLERANCE` are passed over.

    Returns
    -------
    callable or None
        Takes traits of any draws and returns coordinates, which are only where to begin; None where fewer than half of
        the draws could be solved.
    """
    cleared = left <= TOLERANCE
    if 2 * np.count_nonzero(cleared) < len(left):
        return None
    traits, solved = traits[:, cleared], solved[:, cleared]
    differ = np.ptp(traits, axis=1) > 0
    middle, width = traits[differ].mean(axis=1)[:, None], traits[differ].std(axis=1)[:, None]

    def arranged(some: Floats) -> Floats:
        return np.concatenate([np.ones((1, some.shape[1])), (some[differ] - middle) / width])

    slopes = np.linalg.lstsq(arranged(traits).T, solved.T, rcond=None)[0].T
    return lambda some: np.asarray(slopes @ arranged(some))
