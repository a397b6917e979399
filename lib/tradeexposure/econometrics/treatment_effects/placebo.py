"""Where an estimate stands among estimates for times or units that nothing happened to.

With one treated unit no standard error describes the sampling of its effect; the reference distribution is made of
placebos (Abadie, Diamond and Hainmueller 2010). Nothing here knows what is estimated, but for the break of a share at
one date, which stands among the same change at dates when nothing happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tradeexposure.core.errors import BadInput, RunFailed

MONTHS = 12  # of a year
MINIMUM_PLACEBOS = 10  # fewer put the floor of the p-value of a break above 0.09


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


@dataclass(frozen=True)
class Break:
    """A change at one date beside the same change at dates when nothing happened."""

    date: pd.Timestamp  #: First month after the event.
    #: The share over the months of the window one year earlier, and from `date`.
    before: float
    after: float
    estimate: float  #: Their difference.
    placebos: pd.Series  #: The statistic by placebo date.
    #: Share of all dates, the event's included, whose change is as large in size (or as far down).
    p_value: float
    p_value_one_sided: float
    floor: float  #: The smallest value that the p-values can take: 1 / (placebos + 1).


def change_on_year(numerator: pd.Series, denominator: pd.Series, *, window: int = MONTHS) -> pd.Series:
    """Share over `window` months from each date minus the share over the same months one year earlier.

    Comparing the same calendar months removes any fixed seasonal pattern. Index: first month of the window.
    """
    ahead = share_ahead(numerator, denominator, window=window)
    return (ahead - ahead.shift(MONTHS)).dropna()


def share_ahead(numerator: pd.Series, denominator: pd.Series, *, window: int = MONTHS) -> pd.Series:
    """Share over the `window` months that start at each date; missing where they reach beyond the last month."""
    return (numerator.rolling(window).sum() / denominator.rolling(window).sum()).shift(1 - window)


def share_break(
    numerator: pd.Series,
    denominator: pd.Series,
    *,
    date: str,
    clean_until: str,
    window: int = MONTHS,
    same_month: bool = True,
) -> Break:
    """Placebo test of a change in a share.

    A contrast of a year spans 24 months, and the year after one placebo date is the year before the next, so that the
    placebos are not independent: the p-value assumes that the dates are exchangeable.

    Parameters
    ----------
    numerator, denominator : Series
        CAD by month; their ratio is the share.
    date : str
        First month after the event, such as ``2025-03``.
    clean_until : str
        Last month untouched by the event: no placebo window reaches beyond it.
    window : int
        Months compared.
    same_month : bool
        Placebo dates are the same calendar month of earlier years; else every month, which overlap heavily.

    Raises
    ------
    BadInput
        `date` has not `window` months after it and a year before, or fewer than ten placebo dates.
    """
    when, clean = pd.Timestamp(date), pd.Timestamp(clean_until)
    changes = change_on_year(numerator, denominator, window=window)
    if when not in changes.index:
        known = f"a month from {changes.index[0]:%Y-%m} to {changes.index[-1]:%Y-%m}"
        raise BadInput("date", found=date, allowed=known)
    last_start = min(clean, when - pd.DateOffset(months=1)) - pd.DateOffset(months=window - 1)
    placebos = changes[changes.index <= last_start]
    if same_month:
        placebos = placebos[pd.DatetimeIndex(placebos.index).month == when.month]
    if len(placebos) < MINIMUM_PLACEBOS:
        raise BadInput("clean_until", found=f"{len(placebos)} placebo dates", allowed=f"at least {MINIMUM_PLACEBOS}")
    estimate = float(changes[when])
    ranked = rank(estimate, placebos)
    levels = share_ahead(numerator, denominator, window=window)
    return Break(
        date=when,
        before=float(levels[when - pd.DateOffset(months=MONTHS)]),
        after=float(levels[when]),
        estimate=estimate,
        placebos=placebos,
        p_value=ranked.p_value,
        p_value_one_sided=ranked.p_greater if estimate > 0 else ranked.p_less,
        floor=ranked.floor,
    )
