"""What is forecast of canola month by month, from which table, and how late each is published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from tradeexposure.canola.since_deal import exports, forecast_models
from tradeexposure.canola.since_deal.forecast_models import Score
from tradeexposure.core.arrays import Floats
from tradeexposure.core.errors import BadInput
from tradeexposure.core.units import MILLION
from tradeexposure.econometrics.inference.draws import TAILS

WEEKLY = "grain_weekly"
DAYS_IN_WEEK = 7
CROP_YEAR_BEGINS = 8  # August


@dataclass(frozen=True)
class MonthlySeries:
    """One series that is forecast."""

    name: str  #: As identifiers have it.
    label: str
    unit: str
    table: str
    lag_days: int  #: Days from the end of a month to the publication of its figure.
    first: str  #: First origin of the backtest.
    mean: bool = False  #: Whether a crop year is the mean of its months instead of their sum.


SERIES = (
    MonthlySeries("weekly_exports", "Canola exports, mean of a month's weeks", "kilotonnes", WEEKLY, 11, "2016-12",
                  True),
    MonthlySeries("crush", "Canola crushed in the west, mean of a month's weeks", "kilotonnes", WEEKLY, 11, "2016-12",
                  True),
    MonthlySeries("canola_exports", "Canola exported to all countries", "CAD", "canola_exports_monthly", 36, "2016-12"),
    MonthlySeries("exports_china", "Farm and food exports of the Prairies to China", "CAD", exports.TABLE, 36,
                  "2020-12"),
    MonthlySeries("farm_price", "Farm price of canola on the Prairies", "CAD per tonne",
                  "canola_price_prairies_monthly", 48, "2016-12", True),
)  # fmt: skip


def by_week(table: pd.DataFrame, *, item: str) -> pd.Series:
    """Tonnes a week by month: what moved between reports whose week ends in the month, over the weeks between; kt.

    Parameters
    ----------
    table : DataFrame
        ``grain_weekly``, cumulative in the crop year.

    Raises
    ------
    BadInput
        A month in which nothing moved.
    """
    rows = table[(table["item"] == item) & (table["place"] == "all")].sort_values("week_ending")
    begins = pd.to_datetime(rows["crop_year"].str[:4] + "-08-01")
    before = rows.groupby("crop_year")["volume_kt"].shift().fillna(0.0)
    since = rows.groupby("crop_year")["week_ending"].shift().fillna(begins - pd.Timedelta(days=1))
    flow = rows["volume_kt"] - before  # below zero in the few weeks in which the Commission took tonnes back
    month = rows["week_ending"].dt.to_period("M").dt.to_timestamp()
    weeks = (rows["week_ending"] - since).dt.days / DAYS_IN_WEEK
    weekly = (flow.groupby(month).sum() / weeks.groupby(month).sum()).rename_axis("month").asfreq("MS")
    if not (weekly > 0).all():
        at = weekly.index[~(weekly > 0)][0]
        raise BadInput(WEEKLY, f"{item}, {at:%Y-%m}", found=f"{weekly[at]:.4g} kt a week", allowed="above zero")
    return weekly


def monthly(tables: Iterable[pd.DataFrame]) -> dict[str, pd.Series]:
    """Every series of :data:`SERIES` by month, in its unit.

    `tables`: ``grain_weekly``, ``farm_food_exports_monthly``, ``canola_exports_monthly``,
    ``canola_price_prairies_monthly``.
    """
    weekly, partners, world, price = tables
    china = exports.by_province(partners, partner="china")[exports.TOGETHER]
    series_by_name = {
        "weekly_exports": whole_months(by_week(weekly, item="exports"), weekly["week_ending"].max()),
        "crush": whole_months(by_week(weekly, item="crush"), weekly["week_ending"].max()),
        "canola_exports": MILLION * world.set_index("month")["value_cad_millions"],
        "exports_china": china,
        "farm_price": price.set_index("month")["price_cad_per_tonne"],
    }
    return {name: series.sort_index().asfreq("MS").rename(name) for name, series in series_by_name.items()}


def whole_months(series: pd.Series, last: pd.Timestamp) -> pd.Series:
    """`series` without a last month whose last full week is not in it yet."""
    ends = series.index[-1] + pd.offsets.MonthEnd(0)
    return series if (ends - last).days < DAYS_IN_WEEK else series.iloc[:-1]


@dataclass(frozen=True, eq=False)
class Forecast:
    """Forecast of one series with its test."""

    series: MonthlySeries
    newest: pd.Timestamp  #: Last month that the table holds.
    model: str  #: The one that missed least so far.
    months: pd.DataFrame  #: `month`, `horizon`, `value` (median), `low`, `high` (nine in ten).
    #: `crop_year`: the same of the crop year that the month after the newest lies in, one row; months seen enter as
    #: they were.
    crop_year: pd.DataFrame
    scores: dict[int, Score]
    factor: Floats  #: By how much the model's own deviations are widened, by horizon.
    #: The backtest, and the model used at each origin of it.
    tested: pd.DataFrame = field(default_factory=pd.DataFrame)
    chosen: pd.Series = field(default_factory=lambda: pd.Series(dtype="str"))


def forecast(series: MonthlySeries, values: pd.Series, *, months_ahead: int, draws: int, seed: int) -> Forecast:
    """Test the models on a series, choose one, and forecast the next `months_ahead` months and the crop year."""
    tested = forecast_models.backtest(values, first=series.first, months_ahead=months_ahead)
    chosen = forecast_models.choices(tested)
    following = values.index[-1] + pd.DateOffset(months=1)
    ends = pd.Timestamp(following.year + (following.month >= CROP_YEAR_BEGINS), 7, 1)  # July of its crop year
    until = max(ends, values.index[-1] + pd.DateOffset(months=months_ahead))
    ahead = pd.date_range(values.index[-1], until, freq="MS")[1:]
    projection = forecast_models.ahead(values, forecast_models.fits(values), steps=len(ahead))
    model = str(chosen.iloc[-1])
    factor = forecast_models.widening(tested, model)
    drawn = forecast_models.paths(projection, model, factor=factor, draws=draws, seed=seed)
    low, value, high = np.quantile(drawn[:, :months_ahead], TAILS, axis=0)
    months = pd.DataFrame({"month": ahead[:months_ahead], "horizon": np.arange(1, months_ahead + 1), "value": value,
                           "low": low, "high": high})  # fmt: skip
    begun = values[ends - pd.DateOffset(months=11) :].sum()
    totals = drawn[:, ahead <= ends].sum(axis=1) + begun
    ranged = np.quantile(totals / (12 if series.mean else 1), TAILS)
    year = pd.DataFrame(
        [
            dict(zip(("low", "value", "high"), ranged, strict=True))
            | {"crop_year": f"{ends.year - 1}-{ends.year % 100:02d}"}
        ]
    )
    scores = forecast_models.scores(tested, chosen, seed=seed)
    return Forecast(series, values.index[-1], model, months, year, scores, factor, tested, chosen)


def replayed(
    series: MonthlySeries, values: pd.Series, forecast: Forecast, *, newest: str, draws: int, seed: int
) -> pd.DataFrame:
    """The forecast that the months up to `newest` would have given, beside what was seen since.

    The model is the one that had missed least until then, and its ranges are as wide as its misses until then were.

    Returns
    -------
    DataFrame
        `cut`, `series` (label), `month`, `horizon`, `value`, `low`, `high`, `seen`, `inside`; months that are held.

    Raises
    ------
    BadInput
        A month that is no origin of the backtest.
    """
    known, origin = values[:newest], pd.Timestamp(newest)
    origins = forecast.tested.loc[forecast.tested["horizon"] == 1, "origin"]
    if not (origins == origin).any():
        allowed = f"{origins.min():%Y-%m} to {origins.max():%Y-%m}"
        raise BadInput(series.table, "cut", found=newest, allowed=allowed)
    model = str(forecast.chosen[origin])
    used = forecast.tested[(forecast.tested["origin"] == origin) & (forecast.tested["model"] == model)]
    horizons = forecast.months["horizon"].to_numpy()
    factor = used.set_index("horizon")["factor"].reindex(horizons).ffill().to_numpy()
    later = values[known.index[-1] :].iloc[1 : 1 + len(horizons)]
    projection = forecast_models.ahead(known, forecast_models.fits(known), steps=len(horizons))
    low, value, high = np.quantile(
        forecast_models.paths(projection, model, factor=factor, draws=draws, seed=seed), TAILS, axis=0
    )
    rows = pd.DataFrame({"cut": newest, "series": series.label, "horizon": horizons, "value": value, "low": low,
                         "high": high}).iloc[: len(later)]  # fmt: skip
    rows = rows.assign(month=later.index, seen=later.to_numpy())
    return rows.assign(inside=rows["seen"].between(rows["low"], rows["high"]))


def every(values: Mapping[str, pd.Series], *, months_ahead: int, draws: int, seed: int) -> list[Forecast]:
    """:func:`forecast` of every series."""
    shared = {"months_ahead": months_ahead, "draws": draws, "seed": seed}
    return [forecast(series, values[series.name], **shared) for series in SERIES]


def skills(forecasts: Sequence[Forecast]) -> pd.Series:
    """How much smaller each forecast's miss was than that of the better naive one; by series and months ahead."""
    return pd.Series({(forecast.series.name, horizon): score.skill for forecast in forecasts
                      for horizon, score in forecast.scores.items()})  # fmt: skip


def replays(
    values: Mapping[str, pd.Series], forecasts: Sequence[Forecast], *, cuts: Sequence[str], draws: int, seed: int
) -> pd.DataFrame:
    """:func:`replayed` of every series at every cut, one below the other; a series that ends at a cut has no row."""
    shared = {"draws": draws, "seed": seed}
    return pd.concat([
        replayed(item.series, values[item.series.name], item, newest=cut, **shared)
        for cut in cuts for item in forecasts if values[item.series.name].index[-1] > pd.Timestamp(cut)
    ], ignore_index=True)  # fmt: skip


def nowcast(forecast: Forecast, as_of: pd.Timestamp) -> list[bool]:
    """Which of the months forecast had begun on the day the newest figures are of."""
    return [bool(month <= as_of) for month in forecast.months["month"]]
