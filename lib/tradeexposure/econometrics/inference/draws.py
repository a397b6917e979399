"""Ranges over the draws of a simulation: an interval around an estimate, a median with its range and its sign.

Draws taken in proportion to weights, over which plain quantiles are weighted ones. And which assumption moves an output
most, from the draws that are there anyway: the first-order index of an input is the variance of the output's mean given
that input, over the variance of the output (Sobol 1993). It is estimated from given data by cutting the input into bins
of equal size (Plischke, Borgonovo and Smith 2013, European Journal of Operational Research 226, 536–550), less what
bins without any effect would explain by chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from tradeexposure.core import arrays
from tradeexposure.core.arrays import Floats, Ints
from tradeexposure.core.units import Direction, direction

CONFIDENCE = 0.95
LEVEL = 0.9  # of every range over draws: from the 5th to the 95th percentile
TAILS = ((1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2)
BINS = 40  # a smooth effect keeps more than 99% of its variance between so many bins
LEAST = 25  # draws in a bin; fewer bins where there are fewer draws
TAIL = 0.1  # of an assumption, at either end
SHARE_COLUMNS = ["assumption", "share_of_variance", "output_at_low", "output_at_high"]


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


def first_order(draws: pd.DataFrame, output: ArrayLike) -> pd.DataFrame:
    """First-order share of an output's variance for each column of the draws.

    Parameters
    ----------
    draws : DataFrame
        One row per draw, columns drawn independently of each other. A column with at most 40 values, such as a choice
        of closure (numbers or text), is a bin per value.
    output : array-like, shape (draws,)
        The output in every draw.

    Returns
    -------
    DataFrame
        `assumption`, `share_of_variance` (0–1, what chance alone would explain subtracted, at least 0),
        `output_at_low` and `output_at_high` (median output where the assumption is in its lowest and its highest
        tenth, or has its first and its last value); sorted by share, largest first; columns that do not vary are left
        out.

    Raises
    ------
    ValueError
        Output and draws of different length, or a value that is missing or infinite.
    """
    values = np.asarray(output, dtype=float)
    if values.shape != (len(draws),):
        raise ValueError(f"found {values.shape} outputs; allowed: one for each of {len(draws)} draws")
    if not np.isfinite(values).all() or draws.isna().to_numpy().any():
        raise ValueError("found a value that is missing or infinite; allowed: a number in every draw")
    rows = []
    for name in draws.columns:
        cut = _cut(draws[name].to_numpy())
        if not cut.low.all():
            ends = (float(np.median(values[end])) for end in (cut.low, cut.high))
            rows.append((name, share(cut.bins, values), *ends))
    table = pd.DataFrame(rows, columns=SHARE_COLUMNS)
    return table.sort_values("share_of_variance", ascending=False, kind="stable", ignore_index=True)


def share(bins: Ints, values: Floats) -> float:
    """Share of the variance of `values` that lies between bins, less that of bins at random (epsilon squared)."""
    counts = np.bincount(bins)
    means = np.bincount(bins, weights=values) / counts
    total = float(((values - values.mean()) ** 2).sum())
    if total == 0 or len(values) == len(counts):
        return 0.0
    within = float(((values - means[bins]) ** 2).sum())
    by_chance = (len(counts) - 1) * within / (len(values) - len(counts))
    return max(0.0, (total - within - by_chance) / total)


@dataclass(frozen=True, eq=False)
class _Column:
    """Values of an assumption."""

    values: np.ndarray


@dataclass(frozen=True, eq=False)
class _Cut:
    """An assumption's draws by their bins; which have the first and last of few levels, else are in the end tenths."""

    bins: Ints
    low: NDArray[np.bool_]
    high: NDArray[np.bool_]


def _cut(values: np.ndarray) -> _Cut:
    """The same for every output, so that numbers are cut once."""

    def cut() -> _Cut:
        levels = np.unique(values, return_inverse=True)[1]
        bins, top = _bins(levels), levels.max(initial=0)
        if top < BINS:
            return _Cut(bins, levels == 0, levels == top)
        low, high = np.quantile(levels, [TAIL, 1 - TAIL], method="inverted_cdf")
        return _Cut(bins, levels <= low, levels >= high)

    return cut() if values.dtype == object else arrays.solution_of("bins", (_Column(values),), cut)


def _bins(levels: Ints) -> Ints:
    """The bin of each draw: its level where these are few, else bins of equal size in the order of the levels."""
    if levels.max(initial=0) < BINS and len(levels) >= LEAST * (levels.max() + 1):
        return levels
    count = max(2, min(BINS, len(levels) // LEAST))
    ranks = np.empty(len(levels), dtype=np.intp)
    ranks[np.argsort(levels, kind="stable")] = np.arange(len(levels))
    return np.asarray(ranks * count // len(levels))
