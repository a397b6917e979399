"""Months of a monthly series: spans, windows in which a measure was in force, and series checked to be complete."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from pandas.api.typing import NaTType

from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.time_series import forecasting

Span = tuple[str, str]
MINIMUM_MONTHS = 72  # six years: enough for a dozen coefficients, and no less than Prairie wheat has before 2019


def months_of(span: Span) -> pd.DatetimeIndex:
    """Every month of a span.

    Raises
    ------
    BadInput
        A span that ends before it begins.
    """
    months = _span(span[0], span[1])
    if not len(months):
        raise BadInput("span", found=f"{span[0]} to {span[1]}", allowed="a first month no later than the last")
    return months


@lru_cache(maxsize=256)
def _span(first: str, last: str) -> pd.DatetimeIndex:
    return pd.date_range(first, last, freq="MS", name="month")


def months_in(spans: Sequence[Span]) -> pd.DatetimeIndex:
    """Every month of several spans, in order, each once."""
    months = months_of(spans[0])
    for span in spans[1:]:
        months = months.union(months_of(span))
    return pd.DatetimeIndex(months, name="month")


def held_months(spans: Sequence[Span], known: pd.DatetimeIndex, *, where: str) -> pd.DatetimeIndex:
    """The months of `spans`, all of which must be among the months `known`.

    Raises
    ------
    BadInput
        A month that the data do not hold.
    """
    wanted = months_in(spans)
    missing = wanted[~wanted.isin(known)]
    if len(missing):
        raise BadInput(
            where, "month", found=f"{missing[0]:%Y-%m}", allowed=f"{known.min():%Y-%m} to {known.max():%Y-%m}"
        )
    return wanted


def count(first: pd.Timestamp, last: pd.Timestamp) -> int:
    """Months from one to another, both counted."""
    return 12 * (last.year - first.year) + last.month - first.month + 1


@dataclass(frozen=True)
class Window:
    """Months in which a measure was in force, and the last month a counterfactual may be fitted to."""

    name: str  #: As it stands in result identifiers (``2019``, ``2025_mar``).
    #: First and last month of the mean.
    first: pd.Timestamp
    last: pd.Timestamp
    origin: pd.Timestamp  #: Last month of the fit, before `first`.

    @property
    def months(self) -> int:
        """Length of the window."""
        return count(self.first, self.last)

    @property
    def span(self) -> str:
        """First and last month as text."""
        return f"{self.first:%Y-%m} to {self.last:%Y-%m}"


def window(name: str, first: str, last: str, origin: str | None = None) -> Window:
    """A window; the fit ends the month before it unless `origin` says otherwise.

    Raises
    ------
    BadInput
        No month as 2019-03, the last before the first, or a fit that reaches into the window.
    """
    start, end = _month(first, f"{name} first"), _month(last, f"{name} last")
    before = start - pd.DateOffset(months=1) if origin is None else _month(origin, f"{name} origin")
    if end < start:
        raise BadInput("window", name, found=f"{first} to {last}", allowed="a last month not before the first")
    if before >= start:
        raise BadInput("window", f"{name} origin", found=str(origin), allowed=f"a month before {first}")
    return Window(name, start, end, before)


def _month(text: str, key: str) -> pd.Timestamp:
    when = _parsed(text)
    if not isinstance(when, pd.Timestamp):
        raise BadInput("window", key, found=str(text), allowed="a month as 2019-03")
    return when


@lru_cache(maxsize=256)
def _parsed(text: str) -> pd.Timestamp | NaTType:
    return pd.to_datetime(text, format="%Y-%m", errors="coerce")


def complete_prices(series: pd.Series) -> pd.Series:
    """`series` with a monthly frequency, or refused.

    Raises
    ------
    BadInput
        A gap or repeated month, too few months, a price that is missing or not above zero, or no variation.
    """
    ordered = forecasting.months_above_zero(series, minimum=MINIMUM_MONTHS)
    if ordered.nunique() == 1:
        raise BadInput(str(series.name or "series"), found=f"always {ordered.iloc[0]}", allowed="a price that varies")
    return ordered


def complete_logs(panel: pd.DataFrame, columns: Iterable[str], *, start: str, until: pd.Timestamp) -> pd.DataFrame:
    """The months of `panel` from `start` to `until` for some columns, all of them there.

    Raises
    ------
    BadInput
        A column that is not there, a month outside the data, a missing price, a constant price.
    """
    names = list(columns)
    missing = [name for name in names if name not in panel]
    if missing:
        raise BadInput("prices", "column", found=", ".join(missing), allowed=", ".join(map(str, panel.columns)))
    figures = np.asfortranarray(panel.to_numpy()[:, panel.columns.get_indexer(pd.Index(names))])
    whole, months = ~np.isnan(figures).any(axis=1), pd.DatetimeIndex(panel.index)
    if not whole.all():
        figures, months = np.asfortranarray(figures[whole]), months[whole]
    first = _month(start, "start")
    if first < months[0] or until > months[-1] or until <= first:
        raise BadInput(
            "window",
            found=f"{first:%Y-%m} to {until:%Y-%m}",
            allowed=f"months from {months[0]:%Y-%m} to {months[-1]:%Y-%m}",
        )
    some = slice(int(months.searchsorted(first)), int(months.searchsorted(until, side="right")))
    figures, months = figures[some], months[some]
    if len(months) != count(first, until):
        expected = pd.date_range(first, until, freq="MS")
        gap = expected.difference(months)[0]
        raise BadInput("prices", f"{gap:%Y-%m}", found="no price", allowed="a price in every month")
    still = [name for name, same in zip(names, (figures == figures[0]).all(axis=0), strict=True) if same]
    if still:
        raise BadInput("prices", still[0], found="always the same", allowed="a price that varies")
    return pd.DataFrame(figures, index=months, columns=names)
