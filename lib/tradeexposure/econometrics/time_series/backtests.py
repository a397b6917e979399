"""Rolling-origin backtests: would the intervals of a model have held, had it been used at the time?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.time_series import forecasting as models

LEVELS = (0.8, 0.95)


def check_origins(monthly: pd.DataFrame, *, first: int, check_origin: str) -> None:
    """Refuse origins of forecasts and backtests that cannot be used.

    Raises
    ------
    BadInput
        First origin with too few months before it or none after it, an origin outside the months held.
    """
    months = pd.DatetimeIndex(monthly.index)
    earliest = months[0].year + models.MINIMUM_MONTHS // models.SEASON
    if not earliest <= first < months[-1].year - 1:
        raise BadInput("first_origin", found=str(first), allowed=f"{earliest} to {months[-1].year - 2}")
    if pd.to_datetime(check_origin, format="%Y-%m", errors="coerce") not in months[models.MINIMUM_MONTHS :]:
        allowed = f"a month as 2024-12, to {months[-1]:%Y-%m}"
        raise BadInput("check_origin", found=str(check_origin), allowed=allowed)


def backtest(
    series: pd.Series,
    *,
    first: int,
    horizon: int,
    families: Sequence[str] = models.FAMILIES,
    levels: Sequence[float] = LEVELS,
) -> pd.DataFrame:
    """Forecasts made at the end of every year from `first`, beside what happened.

    Each forecast is fitted to the months up to its origin only, without later revisions (which are not held).

    Parameters
    ----------
    series : Series
        CAD by month.
    first : int
        First origin, December of this year.
    horizon : int
        Years ahead.

    Returns
    -------
    DataFrame
        Key family, origin (year), horizon_years, level; columns series, year, median, low, high, actual (CAD),
        covered (bool), above_median (bool).

    Raises
    ------
    BadInput
        No year to check after `first`; see :func:`forecasting.fit`.
    """
    whole = models.months_above_zero(series)
    yearly = models.full_years(whole)
    last = int(yearly.index.max())
    if first >= last:
        raise BadInput("first", found=str(first), allowed=f"a year before {last}")
    frames = []
    for family in families:
        for origin in range(first, last):
            until = min(origin + horizon, last)
            forecast = models.forecast(whole, family=family, origin=f"{origin}-12", until=until)
            intervals = models.bands(forecast, levels=levels)
            frames.append(intervals.assign(series=str(series.name), family=family, origin=origin))
    table = pd.concat(frames, ignore_index=True)
    actual = table["year"].map(yearly)
    return table.assign(
        horizon_years=table["year"] - table["origin"],
        actual=actual,
        covered=(table["low"] <= actual) & (actual <= table["high"]),
        above_median=actual > table["median"],
    )


def backtests(all_series: Iterable[pd.Series], **options: Any) -> pd.DataFrame:
    """:func:`backtest` of several series, one below the other (column series tells them apart)."""
    return pd.concat([backtest(series, **options) for series in all_series], ignore_index=True)


def interval_check(actual: ArrayLike, *, low: ArrayLike, high: ArrayLike, central: ArrayLike = 0.0) -> dict[str, Any]:
    """`covered` and `ratio` as :func:`coverage` reads them, of intervals `low` to `high` around `central`."""
    seen, bottom, top, middle = (np.asarray(values, dtype=float) for values in (actual, low, high, central))
    gap = seen - middle
    reach = np.where(gap < 0, middle - bottom, top - middle)
    return {"covered": (bottom <= seen) & (seen <= top), "ratio": np.abs(gap) / reach}


def coverage(tested: pd.DataFrame, *, by: Sequence[str], start: str = "start", length: str = "months") -> pd.DataFrame:
    """Share of outcomes inside the interval, every window counted once.

    Parameters
    ----------
    tested : DataFrame
        `covered` (bool), `by`, `start` and `length`; with `above_median` (bool) or `ratio` (size of the gap over the
        distance of the bound on its side) also what these say.
    by : sequence of str
        What tells groups apart; `level` among them where there are ratios.
    start, length : str
        Columns with the begin of a window (a month, or a number) and its length in months, or in the same unit.

    Returns
    -------
    DataFrame
        Key `by`; `coverage` (0–1), `windows` (their number, overlapping), `independent` (those that do not overlap),
        `above_median` (0–1), `factor` (at least one: what would have held the stated share).
    """
    begins = tested[start]
    count = 12 * begins.dt.year + begins.dt.month if pd.api.types.is_datetime64_any_dtype(begins) else begins
    grouped = tested.assign(begin=count).groupby(list(by), sort=False)
    shares = {"coverage": ("covered", "mean")}
    shares |= {"above_median": ("above_median", "mean")} if "above_median" in tested else {}
    table = grouped.agg(**shares, windows=("begin", "nunique"), span=("begin", np.ptp), longest=(length, "max"))
    separate = np.minimum(table["windows"], 1 + table["span"] // table["longest"])
    table = table.drop(columns=["span", "longest"]).assign(independent=separate)
    if "ratio" in tested:
        needed = [np.quantile(rows["ratio"], rows["level"].iloc[0], method="higher") for _, rows in grouped]
        table = table.assign(factor=np.maximum(needed, 1.0))
    return table.reset_index()


def forecast_coverage(tested: pd.DataFrame) -> pd.DataFrame:
    """:func:`coverage` of :func:`backtests` by series, family, level and years ahead."""
    by = ("series", "family", "level", "horizon_years")
    return coverage(tested, by=by, start="origin", length="horizon_years")


def factors(covered: pd.DataFrame, *, months: int) -> dict[float, float]:
    """Widening factor by level for a mean over `months`."""
    rows = covered[(covered["kind"] == "mean") & (covered["months"] == months)]
    if rows.empty:
        raise BadInput("backtest", "months", found=str(months), allowed="months that were tested")
    return dict(zip(rows["level"], rows["factor"], strict=True))


def split_check(tested: pd.DataFrame, *, months: int, level: float) -> tuple[float, float]:
    """The factor of a mean over `months` from the first half of the windows, and its coverage in the second half.

    Windows of the first half that reach into the second are left out.

    Parameters
    ----------
    tested : DataFrame
        From :func:`backtest`.

    Raises
    ------
    BadInput
        No window lies wholly in the first half.
    """
    rows = tested[(tested["kind"] == "mean") & (tested["months"] == months) & (tested["level"] == level)]
    ordered = rows.sort_values("start")
    early, late = ordered.iloc[: len(ordered) // 2], ordered.iloc[len(ordered) // 2 :]
    early = early[early["start"] + pd.DateOffset(months=months - 1) < late["start"].min()]
    if early.empty:
        raise BadInput("backtest", found=f"{len(ordered)} windows", allowed="two halves that do not overlap")
    factor = max(float(np.quantile(early["ratio"], level, method="higher")), 1.0)
    return factor, float((late["ratio"] <= factor).mean())


def spreads(effects: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Root mean square placebo effect by specification, on the windows that all of them have; smallest first."""
    both = pd.DataFrame(dict(effects)).dropna()
    table = np.sqrt((both**2).mean()).rename("spread").rename_axis("specification").reset_index()
    return table.sort_values("spread", ignore_index=True).assign(windows=len(both))
