"""Where falling functions reach their targets, for many at once: the duty that stands for a loss of volume."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.optimize import elementwise

from tradeexposure.canola_base import Floats
from tradeexposure.canola_parameters import LOG_EMBARGO
from tradeexposure.core.errors import RunFailed

#: Of the target, or of the argument where the function jumps; far above what a solution leaves on a market.
CLOSE = 1e-10
LEAST = 1e-12  # of the base: a smaller volume counts as this one, so that its log exists


def falling_root(
    function: Callable[[Floats, npt.NDArray[np.intp]], Floats], target: Floats, *, low: Floats, high: Floats
) -> Floats:
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

    def gap(argument: Floats, rows: npt.NDArray[np.intp], wanted: Floats) -> Floats:
        return np.asarray(np.log(np.maximum(function(argument, rows), LEAST) / wanted))

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
