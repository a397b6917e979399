"""Rolling-origin backtests: would the intervals of a model have held, had it been used at the time?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from tradeexposure import families as models
from tradeexposure import forecasts
from tradeexposure.core.errors import BadInput

MINIMUM_DRAWS = 10_000  # a probability near one half then has a standard error of half a point
LEVELS = (0.8, 0.95)


def check_settings(monthly: pd.DataFrame, *, first: int, check_origin: str, draws: int, seed: int) -> None:
    """Refuse settings of forecasts and backtests that cannot be used.

    Raises
    ------
    BadInput
        First origin with too few months before it or none after it, an origin outside the months held,
        too few draws for two digits of a probability, a negative seed.
    """
    held = pd.DatetimeIndex(monthly.index)
    earliest = held[0].year + models.MINIMUM_MONTHS // models.SEASON
    if not earliest <= first < held[-1].year - 1:
        raise BadInput("first_origin", found=str(first), allowed=f"{earliest} to {held[-1].year - 2}")
    if pd.to_datetime(check_origin, format="%Y-%m", errors="coerce") not in held[models.MINIMUM_MONTHS :]:
        allowed = f"a month as 2024-12, to {held[-1]:%Y-%m}"
        raise BadInput("check_origin", found=str(check_origin), allowed=allowed)
    if draws < MINIMUM_DRAWS:
        raise BadInput("draws", found=str(draws), allowed=f"at least {MINIMUM_DRAWS}")
    if seed < 0:
        raise BadInput("seed", found=str(seed), allowed="zero or above")


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
        No year to check after `first`; see :func:`families.fit`.
    """
    whole = models.checked(series)
    yearly = models.full_years(whole)
    last = int(yearly.index.max())
    if first >= last:
        raise BadInput("first", found=str(first), allowed=f"a year before {last}")
    frames = []
    for family in families:
        for origin in range(first, last):
            until = min(origin + horizon, last)
            made = forecasts.forecast(whole, family=family, origin=f"{origin}-12", until=until, precise=False)
            found = forecasts.bands(made, levels=levels)
            frames.append(found.assign(series=str(series.name), family=family, origin=origin))
    table = pd.concat(frames, ignore_index=True)
    actual = table["year"].map(yearly)
    return table.assign(
        horizon_years=table["year"] - table["origin"],
        actual=actual,
        covered=(table["low"] <= actual) & (actual <= table["high"]),
        above_median=actual > table["median"],
    )


def backtests(given: Iterable[pd.Series], **options: Any) -> pd.DataFrame:
    """:func:`backtest` of several series, one below the other (column series tells them apart)."""
    return pd.concat([backtest(series, **options) for series in given], ignore_index=True)


def coverage(tested: pd.DataFrame) -> pd.DataFrame:
    """Share of outcomes inside the interval, every origin counted once.

    Returns
    -------
    DataFrame
        Key series, family, level, horizon_years; columns coverage (0–1), above_median (0–1), origins (their number),
        independent (forecast spans that do not overlap).
    """
    grouped = tested.groupby(["series", "family", "level", "horizon_years"], sort=False)
    table = grouped.agg(coverage=("covered", "mean"), above_median=("above_median", "mean"), origins=("origin", "size"))
    table = table.reset_index()
    return table.assign(independent=1 + (table["origins"] - 1) // table["horizon_years"])
