"""Where an estimate stands among estimates for times or units that nothing happened to.

With one treated unit no standard error describes the sampling of its effect; the reference distribution is made of
placebos (Abadie, Diamond and Hainmueller 2010). Nothing here knows what is estimated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tradeexposure.core.errors import BadInput, RunFailed


@dataclass(frozen=True)
class Rank:
    """An estimate among its placebos."""

    p_value: float  #: Share of all estimates, the actual one included, at least as large in size.
    #: Share at most as large, at least as large: one-sided.
    p_less: float
    p_greater: float
    place: int  #: Place of the actual estimate counted from the lowest, 1 = lowest of all.
    count: int  #: Placebos.
    floor: float  #: Smallest value that the p-values can take, 1 / (count + 1).
    spread: float  #: Root mean square of the placebos: what the estimator shows when nothing happens.


def rank(actual: float, placebos: Sequence[float] | np.ndarray | pd.Series) -> Rank:
    """Rank an estimate among its placebos; ties count against it.

    Raises
    ------
    BadInput
        No placebo, or a number that is not finite.
    """
    others = np.asarray(placebos, dtype=float)
    if not len(others) or not np.isfinite(others).all() or not np.isfinite(actual):
        raise BadInput("placebos", found=f"{len(others)} placebos for {actual}", allowed="finite numbers, at least one")
    every = len(others) + 1
    return Rank(
        p_value=float((1 + (np.abs(others) >= abs(actual)).sum()) / every),
        p_less=float((1 + (others <= actual).sum()) / every),
        p_greater=float((1 + (others >= actual).sum()) / every),
        place=int(1 + (others < actual).sum()),
        count=len(others),
        floor=1 / every,
        spread=float(np.sqrt((others**2).mean())),
    )


def starts(
    first: pd.Timestamp,
    last: pd.Timestamp,
    *,
    length: int,
    step: int = 1,
    without: Sequence[tuple[str, str]] = (),
) -> pd.DatetimeIndex:
    """First months of windows of `length` months that lie between `first` and `last`.

    Parameters
    ----------
    step : int
        Months from one start to the next, counted back from the last window.
    without : sequence of (first month, last month)
        Spans that no window may touch.

    Raises
    ------
    BadInput
        No window fits.
    """
    latest = last - pd.DateOffset(months=length - 1)
    kept = pd.date_range(first, latest, freq="MS")[::-1][::step][::-1]
    for begin, end in without:
        kept = kept[~touches(kept, length=length, first=begin, last=end)]
    if not len(kept):
        raise BadInput("placebo windows", found=f"{first:%Y-%m} to {last:%Y-%m}", allowed=f"{length} months or more")
    return pd.DatetimeIndex(kept)


def apart(firsts: pd.DatetimeIndex, *, length: int) -> pd.DatetimeIndex:
    """Starts of windows that do not overlap, chosen from the latest back."""
    kept: list[pd.Timestamp] = []
    for start in sorted(firsts, reverse=True):
        if not kept or start + pd.DateOffset(months=length) <= kept[-1]:
            kept.append(start)
    return pd.DatetimeIndex(kept[::-1])


def touches(firsts: pd.DatetimeIndex, *, length: int, first: str, last: str) -> np.ndarray:
    """Whether each window of `length` months shares a month with the span `first` to `last`."""
    ends = firsts + pd.DateOffset(months=length - 1)
    return np.asarray((firsts <= pd.Timestamp(last)) & (ends >= pd.Timestamp(first)))


def interval(actual: float, placebos: pd.Series, *, level: float) -> tuple[float, float]:
    """Effects that the placebos do not reject: the estimate less, and plus, the largest placebos left after `level`.

    Raises
    ------
    RunFailed
        Too few placebos for the level: the floor of their p-value is above 1 − level.
    """
    ranked = rank(actual, placebos)
    if ranked.floor > 1 - level:
        raise RunFailed(f"randomisation interval: {ranked.count} placebos cannot give a level of {level:.0%}")
    ordered = np.sort(np.abs(np.asarray(placebos, dtype=float)))
    reach = float(ordered[len(ordered) - int((1 - level) * (len(ordered) + 1))])
    return actual - reach, actual + reach


@dataclass(frozen=True)
class OverlapRank:
    """Where an estimate stands among placebos that overlap."""

    p_value: float  #: Share of placebos at least as large in size, the placebos counted as the few that are apart.
    floor: float  #: Smallest p-value possible.
    apart: float  #: How many windows that share no month the placebos are worth.
    spread: float  #: Root mean square of the placebos.


def overlapping(actual: float, placebos: Sequence[float] | np.ndarray | pd.Series, *, length: int) -> OverlapRank:
    """Rank an estimate among placebo windows of `length` months that begin a month after each other.

    All windows say how often so large a size comes up; as evidence they count as one in `length`, since neighbours
    share all months but one.

    Raises
    ------
    BadInput
        No placebo, or a number that is not finite.
    """
    ranked = rank(actual, placebos)
    apart = ranked.count / length
    share = (ranked.p_value * (ranked.count + 1) - 1) / ranked.count
    return OverlapRank((1 + share * apart) / (1 + apart), 1 / (1 + apart), apart, ranked.spread)
