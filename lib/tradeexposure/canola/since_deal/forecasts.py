"""Forecasts of canola month by month: which series, by which models, and how each would have missed at the time.

At every origin a model sees the months up to it and no later one; later revisions stand in for what was first
published. Parameters of the likelihood models are estimated anew every second January, their states at every origin.
The model that is used at an origin is the one that missed least at the origins before it, and its ranges are widened
where its misses until then were larger than it says, so that both choices are tested too. They are never narrowed:
misses of calm years say little of those to come.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import NormalDist

import numpy as np
import pandas as pd

from tradeexposure.canola.exposure.grain_exports import CROP_YEAR_STARTS
from tradeexposure.canola.since_deal import exports
from tradeexposure.core.arrays import Floats
from tradeexposure.core.errors import BadInput
from tradeexposure.core.units import MILLION
from tradeexposure.econometrics.inference.draws import TAILS
from tradeexposure.econometrics.time_series import forecasting
from tradeexposure.econometrics.time_series.forecasting import PERCENT, SEASON, Fit

WEEKLY = "grain_weekly"
DAYS_IN_WEEK = 7
LIKELIHOOD_MODELS = ("structural", "sarima")
SEASONAL_NAIVE, MEAN = "seasonal_naive", "mean"
MODELS = (SEASONAL_NAIVE, *LIKELIHOOD_MODELS, MEAN)
BENCHMARKS = ("last_year", "last_month")
LEVELS = (0.8, 0.9)
REACH = {level: NormalDist().inv_cdf((1 + level) / 2) for level in LEVELS}  # standard deviations of a normal
ENDS = (TAILS[0], TAILS[-1])
LEAST_MONTHS = 36  # three years before the first origin
ENOUGH = 30  # origins, below which coverage says too little
BLOCK, RESAMPLES = 12, 2000  # months of a block, and resamples of the bootstrap


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
    MonthlySeries("canola_exports", "Canola seed exported to all countries", "CAD", "canola_exports_monthly", 36,
                  "2016-12"),
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
class Ahead:
    """The months after an origin: mean and covariance of their logarithms, by model."""

    origin: pd.Timestamp
    mean: dict[str, Floats]
    covariance: dict[str, Floats]


def ahead(series: pd.Series, fits: Sequence[Fit], *, steps: int) -> Ahead:
    """Every model's forecast of the `steps` months after the last of `series`.

    Parameters
    ----------
    series : Series
        Above zero, by month without gaps.
    fits : sequence of Fit
        Fits of the likelihood models, perhaps of fewer months: their parameters are used, their states made anew.
    """
    log_percent = PERCENT * np.log(series)
    mean, covariance = {}, {}
    for fitted in fits:
        moments = forecasting.moments(replace(fitted, log_percent=log_percent), steps)
        mean[fitted.family], covariance[fitted.family] = moments[0] / PERCENT, moments[1] / PERCENT**2
    logs = log_percent.to_numpy() / PERCENT
    seasonal = logs[SEASON:] - logs[:-SEASON]
    mean[SEASONAL_NAIVE] = np.resize(logs[-SEASON:], steps)
    covariance[SEASONAL_NAIVE] = (seasonal**2).mean() * np.eye(steps)
    names = [SEASONAL_NAIVE, *LIKELIHOOD_MODELS]
    mean[MEAN] = np.mean([mean[name] for name in names], axis=0)
    covariance[MEAN] = np.mean([covariance[name] for name in names], axis=0)
    return Ahead(series.index[-1], mean, covariance)


def fits(series: pd.Series) -> list[Fit]:
    """Maximum-likelihood fits of the likelihood models.

    Raises
    ------
    BadInput, RunFailed
        See :func:`forecasting.fit`.
    """
    return [forecasting.fit(series, family=name, minimum=LEAST_MONTHS) for name in LIKELIHOOD_MODELS]


def backtest(series: pd.Series, *, first: str, months_ahead: int, burn_in: int) -> pd.DataFrame:
    """What every model would have said of the `months_ahead` months after every origin from `first` on.

    `burn_in`: origins before misses widen ranges.

    Returns
    -------
    DataFrame
        Key `origin`, `horizon`, `model` (benchmarks too); `miss` (log of what was seen over the forecast), `deviation`
        (of the logarithm; none for benchmarks), widened by `factor`: what earlier misses say of the model's own.

    Raises
    ------
    BadInput
        Too few months before `first`, or none after it.
    """
    whole = forecasting.months_above_zero(series, minimum=LEAST_MONTHS)
    origins = whole.index[(whole.index >= pd.Timestamp(first)) & (whole.index < whole.index[-1])]
    if not len(origins) or len(whole[: origins[0]]) < LEAST_MONTHS:
        raise BadInput(str(series.name), "first origin", found=first, allowed=f"{LEAST_MONTHS} months before it, one "
                       "or more after it")  # fmt: skip
    logs, rows, fitted = np.log(whole), [], list[Fit]()
    for origin in origins:
        seen = whole[:origin]
        if not fitted or (origin.month == 1 and origin.year % 2):
            fitted = fits(seen)
        projection = ahead(seen, fitted, steps=months_ahead)
        naive = {"last_year": np.log(seen.to_numpy()[-SEASON:]), "last_month": np.repeat(logs[origin], months_ahead)}
        for horizon in range(1, months_ahead + 1):
            month = origin + pd.DateOffset(months=horizon)
            if month > whole.index[-1]:
                continue
            came = logs[month]
            for name in MODELS:
                rows.append((origin, horizon, name, came - projection.mean[name][horizon - 1],
                             projection.covariance[name][horizon - 1, horizon - 1] ** 0.5))  # fmt: skip
            rows += [(origin, horizon, name, came - value[horizon - 1], np.nan) for name, value in naive.items()]
    tested = pd.DataFrame(rows, columns=["origin", "horizon", "model", "miss", "deviation"])
    return _widened(tested, burn_in=burn_in)


def _widened(tested: pd.DataFrame, *, burn_in: int) -> pd.DataFrame:
    """A backtest with each deviation times what earlier misses of the model and horizon say of it (`factor`)."""
    squares = (tested["miss"] / tested["deviation"]) ** 2
    factor = pd.Series(1.0, tested.index)
    for horizon, model in tested[["horizon", "model"]].drop_duplicates().itertuples(index=False):
        rows = tested[(tested["horizon"] == horizon) & (tested["model"] == model)]
        over = squares[rows.index].expanding(burn_in).mean().shift(int(horizon))  # known once its month is over
        factor[rows.index] = np.sqrt(over.fillna(1.0).clip(lower=1.0))
    return tested.assign(factor=factor, deviation=tested["deviation"] * factor)


def widening(tested: pd.DataFrame, model: str) -> Floats:
    """By how much the deviations of a model at each horizon are to be multiplied after all origins; at least one."""
    rows = tested[tested["model"] == model]
    squares = (rows["miss"] * rows["factor"] / rows["deviation"]) ** 2
    return np.sqrt(squares.groupby(rows["horizon"]).mean().clip(lower=1.0).to_numpy())


def choices(tested: pd.DataFrame, *, burn_in: int) -> pd.Series:
    """Model used at each origin of a backtest, and at the one after them: the least mean squared miss before it.

    At the first `burn_in` origins it is the mean of all.

    A miss counts once its month is over, so that an origin knows those of the origins just before it only as far as
    they were seen.
    """
    models = tested[tested["model"].isin(MODELS)]
    over = (models["origin"].dt.to_period("M") + models["horizon"]).dt.to_timestamp()
    squares = (models["miss"] ** 2).groupby([over.rename("over"), models["model"]]).agg(["sum", "count"])
    sums = squares.unstack().cumsum()
    origins = pd.DatetimeIndex(models["origin"].unique())
    after = origins.append(origins[-1:] + pd.DateOffset(months=1))
    means = pd.DataFrame(sums["sum"] / sums["count"])[models["model"].unique()].reindex(after, method="ffill")
    least = means.columns.to_numpy()[means[burn_in:].to_numpy().argmin(axis=1)]
    return pd.Series([*[MEAN] * burn_in, *least][: len(after)], after, name="model")


@dataclass(frozen=True)
class Score:
    """How forecasts at one horizon did."""

    #: One less the root mean squared miss over that of the better benchmark; range by a block bootstrap.
    skill: float
    low: float
    high: float
    benchmark: str  #: The better of last year's month and last month.
    origins: int
    #: Level → share of months inside the interval, and the ends of its block bootstrap; empty below :data:`ENOUGH`.
    coverage: dict[float, tuple[float, float, float]]


def scores(tested: pd.DataFrame, chosen: pd.Series, *, seed: int) -> dict[int, Score]:
    """Skill and coverage by horizon of the models chosen at each origin."""
    used = tested[tested["model"] == tested["origin"].map(chosen)]
    by_horizon = {}
    for horizon in sorted(used["horizon"].unique()):
        rows = used[used["horizon"] == horizon]
        rest = tested[(tested["horizon"] == horizon) & tested["model"].isin(BENCHMARKS)]
        naive = rest.pivot(index="origin", columns="model", values="miss").loc[rows["origin"]]
        better = (naive**2).mean().idxmin()
        squares = np.column_stack([rows["miss"] ** 2, naive[better] ** 2])
        inside = {level: (rows["miss"].abs() <= REACH[level] * rows["deviation"]).to_numpy() for level in LEVELS}
        # Rows of resamples made of blocks in a circle (Politis and Romano 1992); (resample, row).
        rng = np.random.default_rng([seed, int(horizon)])
        starts = rng.integers(0, len(rows), (RESAMPLES, -(-len(rows) // BLOCK)))
        picks = ((starts[..., None] + np.arange(BLOCK)) % len(rows)).reshape(RESAMPLES, -1)[:, : len(rows)]
        means = squares[picks].mean(axis=1)
        low, high = np.quantile(1 - np.sqrt(means[:, 0] / means[:, 1]), ENDS)
        skill = 1 - float(np.sqrt(squares[:, 0].mean() / squares[:, 1].mean()))
        coverage = {}
        if len(rows) >= ENOUGH:
            for level, flags in inside.items():
                least, most = np.quantile(flags[picks].mean(axis=1), ENDS)
                coverage[level] = float(flags.mean()), float(least), float(most)
        by_horizon[int(horizon)] = Score(skill, min(float(low), skill), max(float(high), skill), str(better), len(rows),
                                    coverage)  # fmt: skip
    return by_horizon


def paths(projection: Ahead, model: str, *, factor: Floats, draws: int, seed: int) -> Floats:
    """Simulated months after an origin, (draw, month); deviations times `factor`, whose last holds for all later."""
    root = np.linalg.cholesky(projection.covariance[model])
    root = np.resize(np.concatenate([factor, np.repeat(factor[-1], len(root))]), len(root))[:, None] * root
    shocks = forecasting.normals(np.random.default_rng(seed), draws=draws, months=len(root))
    return np.asarray(np.exp(projection.mean[model] + shocks @ root.T))


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


def forecast(
    series: MonthlySeries, values: pd.Series, *, months_ahead: int, burn_in: int, draws: int, seed: int
) -> Forecast:
    """Test the models on a series, choose one, and forecast the next `months_ahead` months and the crop year.

    `burn_in`: as of :func:`choices`.
    """
    tested = backtest(values, first=series.first, months_ahead=months_ahead, burn_in=burn_in)
    chosen = choices(tested, burn_in=burn_in)
    following = values.index[-1] + pd.DateOffset(months=1)
    ends = pd.Timestamp(following.year + (following.month >= CROP_YEAR_STARTS), 7, 1)  # July of its crop year
    until = max(ends, values.index[-1] + pd.DateOffset(months=months_ahead))
    months = pd.date_range(values.index[-1], until, freq="MS")[1:]
    projection = ahead(values, fits(values), steps=len(months))
    model = str(chosen.iloc[-1])
    factor = widening(tested, model)
    drawn = paths(projection, model, factor=factor, draws=draws, seed=seed)
    low, value, high = np.quantile(drawn[:, :months_ahead], TAILS, axis=0)
    table = pd.DataFrame({"month": months[:months_ahead], "horizon": np.arange(1, months_ahead + 1), "value": value,
                           "low": low, "high": high})  # fmt: skip
    begun = values[ends - pd.DateOffset(months=11) :].sum()
    totals = drawn[:, months <= ends].sum(axis=1) + begun
    ranged = np.quantile(totals / (12 if series.mean else 1), TAILS)
    name = f"{ends.year - 1}-{ends.year % 100:02d}"
    year = pd.DataFrame([dict(zip(("low", "value", "high"), ranged, strict=True)) | {"crop_year": name}])
    by_horizon = scores(tested, chosen, seed=seed)
    return Forecast(series, values.index[-1], model, table, year, by_horizon, factor, tested, chosen)


def replayed(
    series: MonthlySeries, values: pd.Series, forecast: Forecast, *, newest: str, draws: int, seed: int
) -> pd.DataFrame:
    """The forecast that the months up to `newest` would have given, beside what was seen since.

    The model is the one that had missed least until then, and its ranges are widened by its misses until then.

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
    projection = ahead(known, fits(known), steps=len(horizons))
    low, value, high = np.quantile(paths(projection, model, factor=factor, draws=draws, seed=seed), TAILS, axis=0)
    rows = pd.DataFrame({"cut": newest, "series": series.label, "horizon": horizons, "value": value, "low": low,
                         "high": high}).iloc[: len(later)]  # fmt: skip
    rows = rows.assign(month=later.index, seen=later.to_numpy())
    return rows.assign(inside=rows["seen"].between(rows["low"], rows["high"]))


def every(values: Mapping[str, pd.Series], *, months_ahead: int, burn_in: int, draws: int, seed: int) -> list[Forecast]:
    """:func:`forecast` of every series."""
    shared = {"months_ahead": months_ahead, "burn_in": burn_in, "draws": draws, "seed": seed}
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
