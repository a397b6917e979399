"""Ranges over the draws of a simulation: an interval around an estimate, a median with its range and its sign.

And draws taken in proportion to weights, over which plain quantiles are weighted ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradeexposure.core.arrays import Floats, Ints
from tradeexposure.core.units import Direction, direction

CONFIDENCE = 0.95
LEVEL = 0.9  # of every range over draws: from the 5th to the 95th percentile
TAILS = ((1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2)


def interval(point: float, draws: np.ndarray, *, level: float = CONFIDENCE, factor: float = 1.0) -> tuple[float, float]:
    """Quantiles of `draws`, their distance from `point` multiplied by `factor`."""
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return float(min(point + factor * (low - point), point)), float(max(point + factor * (high - point), point))


@dataclass(frozen=True)
class Spread:
    """Median and 5th to 95th percentile of one output over draws."""

    value: float
    low: float
    high: float

    @property
    def direction(self) -> Direction:
        """What the range says of the sign."""
        return direction(self.value, self.low, self.high)


def spread(values: Floats) -> Spread:
    """Median and range of `values`, one per draw.

    Raises
    ------
    ValueError
        No draws, or one that is not finite.
    """
    if not values.size or not np.isfinite(values).all():
        raise ValueError("a range over draws needs finite numbers")
    low, value, high = np.quantile(values, TAILS) + 0.0  # no negative zero
    return Spread(float(value), float(low), float(high))


def resample(weight: Floats, n: int, *, by: Floats) -> Ints:
    """Draws in proportion to their weights, `n` of them, evenly spaced along the values of `by`.

    Even spacing keeps the distribution of `by` to within one in `n`, which drawing at random would not.
    """
    order = np.argsort(by, kind="stable")
    steps = np.cumsum(weight[order])
    at = np.searchsorted(steps / steps[-1], (np.arange(n) + 0.5) / n)
    return np.asarray(order[at])
