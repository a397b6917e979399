"""Where falling functions reach their targets, for many at once: the duty that stands for a loss of volume."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from tradeexposure.canola_base import Floats
from tradeexposure.canola_parameters import LOG_EMBARGO
from tradeexposure.errors import RunFailed

FIRST_HIGH = 0.5  # log points; doubled until the function is below its target
CLOSE = 1e-9  # of the target, or of the argument where the function jumps
ROUNDS = 200
BISECT_EVERY = 3  # keeps the bracket shrinking where the function is nearly flat or jumps


def falling_root(function: Callable[[Floats, npt.NDArray[np.intp]], Floats], target: Floats) -> Floats:
    """Arguments from 0 up at which each function, which falls from above its target, comes down to it.

    Parameters
    ----------
    function : callable
        Takes arguments and the positions they belong to, both (some,), and returns values (some,).
    target : array (all,)

    Returns
    -------
    array (all,)
        Where the function jumps across its target, the place of the jump.

    Raises
    ------
    RunFailed
        A function that stays above its target up to an embargo, or a bracket that does not close.
    """
    low, high, above, below = _bracket(function, target)
    root, open_ = high.copy(), np.arange(len(target))
    for turn in range(ROUNDS):
        inside = low + (high - low) * above / (above - below)
        root[open_] = middle = (low + high) / 2 if turn % BISECT_EVERY == BISECT_EVERY - 1 else inside
        gap = function(middle, open_) - target[open_]
        over = gap > 0
        # Illinois: an end that stays twice counts half, so that both ends move.
        above, below = np.where(over, gap, above / 2), np.where(over, below / 2, gap)
        low, high = np.where(over, middle, low), np.where(over, high, middle)
        stay = (np.abs(gap) > CLOSE) & (high - low > CLOSE)
        if not stay.any():
            return root
        open_ = open_[stay]
        low, high, above, below = (part[stay] for part in (low, high, above, below))
    raise RunFailed(f"no root for {len(open_)} of {len(target)} draws after {ROUNDS} rounds")


def _bracket(
    function: Callable[[Floats, npt.NDArray[np.intp]], Floats], target: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Arguments above and below each target, and the gaps there; the start counts as the base, with the value 1."""
    low, high = np.zeros(len(target)), np.full(len(target), FIRST_HIGH)
    above, below = 1 - target, np.empty(len(target))
    open_ = np.arange(len(target))
    while len(open_):
        gap = function(high[open_], open_) - target[open_]
        over = gap > 0
        below[open_[~over]] = gap[~over]
        open_, gap = open_[over], gap[over]
        low[open_], above[open_] = high[open_], gap
        high[open_] *= 2
        if len(open_) and high[open_].max() > LOG_EMBARGO:
            raise RunFailed(f"draw {open_[0]}: not even an embargo brings the volume down to {target[open_[0]]:.3g}")
    return low, high, above, below
