"""Exports since the arrangement beside what their past let expect, with placebos for every change.

Three yardsticks, none of which is a world without the arrangement: the same months of other years, a path frozen in the
last month before, and a path of the years before any duty of 2025. Months under the duties of 2025 make no path of
their own (no spring had those on seed and on meal both), and are in no placebo window, which is free of treatment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from tradeexposure.core.errors import BadInput
from tradeexposure.core.units import MILLION
from tradeexposure.data.geography import PRAIRIES
from tradeexposure.data.periods import Months
from tradeexposure.econometrics.inference.draws import LEVEL, TAILS
from tradeexposure.econometrics.time_series import seasonal_paths
from tradeexposure.econometrics.time_series.months import count
from tradeexposure.econometrics.treatment_effects import placebo
from tradeexposure.econometrics.treatment_effects.placebo import OverlapRank

TABLE = "farm_food_exports_monthly"
TOGETHER = "Prairies"
UNTAXED = 2024  # last year before the duties of 2025


@dataclass(frozen=True, eq=False)
class Change:
    """Exports of some months over a yardstick, less one, among the same comparisons at other times."""

    #: `change`, `low`, `high`: `low` and `high` hold :data:`LEVEL` of simulated paths; NaN where the yardstick is a
    #: published figure.
    change: float
    low: float
    high: float
    rank: OverlapRank
    placebos: pd.Series  #: The same comparison by first month, logs of the ratio.
    #: Simulated paths of the yardstick in logarithms, a column for each month; of a frozen path alone.
    paths: pd.DataFrame | None = None


def by_province(table: pd.DataFrame, *, partner: str) -> pd.DataFrame:
    """Exports to a partner in CAD by month: a column for each Prairie province, by name, and their sum.

    Parameters
    ----------
    table : DataFrame
        ``farm_food_exports_monthly``: `month`, `province`, `partner`, `value_cad_millions`.

    Raises
    ------
    BadInput
        An unknown partner, or a month without one of the provinces.
    """
    rows = table[table["partner"] == partner]
    if rows.empty:
        raise BadInput(TABLE, "partner", found=partner, allowed=", ".join(sorted(table["partner"].unique())))
    wide = rows.pivot(index="month", columns="province", values="value_cad_millions").reindex(columns=sorted(PRAIRIES))
    wide = wide.reindex(pd.date_range(wide.index.min(), wide.index.max(), freq="MS", name="month"))
    if wide.isna().any(axis=None):
        province, month = next((name, month) for name in PRAIRIES for month in wide.index[wide[name].isna()])
        raise BadInput(TABLE, "month", found=f"no {province} in {month:%Y-%m}", allowed="every province every month")
    return MILLION * wide.assign(**{TOGETHER: wide.sum(axis=1)})


def window(first: str, last: str) -> Months:
    """The months from one to another, as ``2026-03``.

    Raises
    ------
    BadInput
        A last month before the first.
    """
    months = Months.of(first, last)
    if months.last < months.first:
        raise BadInput("months", found=f"{first} to {last}", allowed="a last month no earlier than the first")
    return months


def total(series: pd.Series, months: Months) -> float:
    """Sum of a series over some months.

    Raises
    ------
    BadInput
        A month that is not held.
    """
    some = series[months.first : months.last]
    if len(some) != count(months.first, months.last):
        span = f"{series.index.min():%Y-%m} to {series.index.max():%Y-%m}"
        raise BadInput(str(series.name), "month", found=f"{months.first:%Y-%m} to {months.last:%Y-%m}", allowed=span)
    return float(some.sum())


def on_earlier_years(
    series: pd.Series, months: Months, *, years: int, before: str | pd.Timestamp, every: int = 1
) -> Change:
    """Change from the same months some years before; placebos are the same change of earlier windows.

    `before`: the month that no placebo window reaches; `every`: months of a figure of the series, by its first month.

    Raises
    ------
    BadInput
        A year before that is not held.
    """
    length = count(months.first, months.last) // every
    sums = series.rolling(length).sum()
    ratio = (sums / sums.shift(12 // every * years)).dropna().map(np.log)
    ends = pd.DatetimeIndex(ratio.index)
    ratio.index = ends - pd.DateOffset(months=every * (length - 1))
    if months.first not in ratio.index:
        span = f"{series.index[0]:%Y-%m} to {series.index[-1]:%Y-%m}"
        earlier = months.back(pd.DateOffset(years=years)).period
        raise BadInput(str(series.name), "month", found=f"{months.period} over {earlier}", allowed=span)
    placebos, actual = ratio[ends < pd.Timestamp(before)], float(ratio[months.first])
    rank = placebo.overlapping(actual, placebos, length=length)
    return Change(float(np.expm1(actual)), np.nan, np.nan, rank, placebos)


def on_frozen_path(series: pd.Series, months: Months, *, least: int, before: str, draws: int, seed: int) -> Change:
    """Change from a path fitted to all months before the window, and to no later one.

    The path is a local level with a fixed season in logarithms, averaged over how far the level moves. Placebos are the
    same recipe at every earlier origin with `least` months before it, until the window ends in the last month before
    `before`.
    """
    length = count(months.first, months.last)
    last = pd.Timestamp(before) - pd.DateOffset(months=length)
    starts = pd.date_range(series.index[least], last, freq="MS")
    if not len(starts):
        raise BadInput(str(series.name), "least", found=str(least), allowed=f"at most {len(series[:last]) - 1}")
    actual, path = _ratio(series, months.first, length)
    rng = np.random.default_rng(seed)
    drawn = seasonal_paths.draw(path, normals=rng.standard_normal((draws, length)), rng=rng)
    ends = np.quantile(total(series, months) / np.exp(drawn).sum(axis=1) - 1, [TAILS[0], TAILS[-1]])
    placebos = pd.Series([_ratio(series, start, length)[0] for start in starts], starts)
    rank = placebo.overlapping(actual, placebos, length=length)
    ahead = pd.date_range(months.first, periods=length, freq="MS", name="month")
    paths = pd.DataFrame(drawn, columns=ahead)
    return Change(float(np.expm1(actual)), float(ends[0]), float(ends[1]), rank, placebos, paths)


def yardsticks(
    series: pd.Series, months: Months, *, untaxed: Sequence[int], before: str, least: int, draws: int, seed: int
) -> dict[str, Change]:
    """The change by every yardstick: a year before, 2024, the frozen path, the untaxed years."""
    years = months.first.year - UNTAXED
    return {
        "change_on_year": on_earlier_years(series, months, years=1, before=before),
        "against_2024": on_earlier_years(series, months, years=years, before=before),
        "against_forecast": on_frozen_path(series, months, least=least, before=before, draws=draws, seed=seed),
        "against_path": on_untaxed_years(series, months, years=untaxed),
    }


def rise(series: pd.Series, months: Months) -> float:
    """Exports of some months less those of the same months a year before, CAD."""
    return total(series, months) - total(series, months.back())


def frozen_path(paths: pd.DataFrame) -> pd.DataFrame:
    """The paths of :attr:`Change.paths` for a chart: key `month`, `level`; `value` (median), `low`, `high`, CAD."""
    drawn, frames = paths.map(np.exp), []
    for level in (0.5, LEVEL):
        low, value, high = np.quantile(drawn, [(1 - level) / 2, 0.5, (1 + level) / 2], axis=0)
        frames.append(pd.DataFrame({"month": drawn.columns, "level": level, "value": value, "low": low, "high": high}))
    return pd.concat(frames, ignore_index=True)


def _ratio(series: pd.Series, start: pd.Timestamp, length: int) -> tuple[float, seasonal_paths.Posterior]:
    """Log of a window's sum over that of its path, and the path of logarithms."""
    before = np.log(series[series.index < start])
    ahead = pd.date_range(start, periods=length, freq="MS")
    path = seasonal_paths.posterior(
        before, months=ahead, model="structural", waves=seasonal_paths.waves_for(len(before))
    )
    return float(np.log(series[ahead].sum() / np.exp(path.mean).sum())), path


def on_untaxed_years(series: pd.Series, months: Months, *, years: Sequence[int]) -> Change:
    """Change from the mean logarithm of the same months of years before the duties; placebos leave one year out.

    The range is that of a new year drawn like those (Student's t).
    """
    sums = np.log([total(series, months.back(pd.DateOffset(years=months.first.year - year))) for year in years])
    actual = float(np.log(total(series, months)) - sums.mean())
    reach = stats.t.ppf((1 + LEVEL) / 2, len(sums) - 1) * sums.std(ddof=1) * np.sqrt(1 + 1 / len(sums))
    left_out = (sums - sums.mean()) * len(sums) / (len(sums) - 1)
    placebos = pd.Series(left_out, list(years))
    rank = placebo.overlapping(actual, placebos, length=1)
    low, high = np.expm1([actual - reach, actual + reach])
    return Change(float(np.expm1(actual)), float(low), float(high), rank, placebos)
