"""Forecasts of the next months by a few models, chosen by what they would have missed at the time.

At every origin a model sees the months up to it and no later one; later revisions stand in for what was first
published. Parameters of the likelihood models are estimated anew every second January, their states at every origin.
The model that is used at an origin is the one that missed least at the origins before it, and its ranges are as wide as
its misses until then were, so that both choices are tested too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

from tradeexposure.core.arrays import Floats
from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.inference.draws import TAILS
from tradeexposure.econometrics.time_series import forecasting
from tradeexposure.econometrics.time_series.forecasting import PERCENT, SEASON, Fit

LIKELIHOOD_MODELS = ("structural", "sarima")
SEASONAL_NAIVE, MEAN = "seasonal_naive", "mean"
MODELS = (SEASONAL_NAIVE, *LIKELIHOOD_MODELS, MEAN)
BENCHMARKS = ("last_year", "last_month")
LEVELS = (0.8, 0.9)
REACH = {level: NormalDist().inv_cdf((1 + level) / 2) for level in LEVELS}  # standard deviations of a normal
ENDS = (TAILS[0], TAILS[-1])
LEAST_MONTHS = 36  # three years before the first origin
BURN_IN = 24  # origins before the choice between models rests on their misses; until then their mean is used
ENOUGH = 30  # origins, below which coverage says too little
BLOCK, RESAMPLES = 12, 2000  # months of a block, and resamples of the bootstrap


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
    logs = np.log(series.to_numpy())
    mean, covariance = {}, {}
    for fitted in fits:
        now = Fit(PERCENT * np.log(series), fitted.family, fitted.parameters, fitted.loglikelihood)
        moments = forecasting.moments(now, steps)
        mean[fitted.family], covariance[fitted.family] = moments[0] / PERCENT, moments[1] / PERCENT**2
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


def backtest(series: pd.Series, *, first: str, months_ahead: int) -> pd.DataFrame:
    """What every model would have said of the `months_ahead` months after every origin from `first` on.

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
    return _widened(pd.DataFrame(rows, columns=["origin", "horizon", "model", "miss", "deviation"]))


def _widened(tested: pd.DataFrame) -> pd.DataFrame:
    """A backtest with each deviation times what earlier misses of the model and horizon say of it (`factor`)."""
    squares = (tested["miss"] / tested["deviation"]) ** 2
    factor = pd.Series(1.0, tested.index)
    for horizon, model in tested[["horizon", "model"]].drop_duplicates().itertuples(index=False):
        rows = tested[(tested["horizon"] == horizon) & (tested["model"] == model)]
        over = squares[rows.index].expanding(BURN_IN).mean().shift(int(horizon))  # known once its month is over
        factor[rows.index] = np.sqrt(over.fillna(1.0))
    return tested.assign(factor=factor, deviation=tested["deviation"] * factor)


def widening(tested: pd.DataFrame, model: str) -> Floats:
    """By how much the deviations of a model at each horizon are to be multiplied after all origins."""
    rows = tested[tested["model"] == model]
    squares = (rows["miss"] * rows["factor"] / rows["deviation"]) ** 2
    return np.sqrt(squares.groupby(rows["horizon"]).mean().to_numpy())


def choices(tested: pd.DataFrame) -> pd.Series:
    """Model used at each origin of a backtest, and at the one after them: the least mean squared miss before it.

    A miss counts once its month is over, so that an origin knows those of the origins just before it only as far as
    they were seen.
    """
    models = tested[tested["model"].isin(MODELS)]
    over = (models["origin"].dt.to_period("M") + models["horizon"]).dt.to_timestamp()
    squares = models.assign(over=over, square=models["miss"] ** 2)
    origins = list(dict.fromkeys(models["origin"]))
    last = origins[-1] + pd.DateOffset(months=1)
    chosen = {}
    for origin in [*origins, last]:
        known = squares[squares["over"] <= origin]
        enough = known["origin"].nunique() >= BURN_IN
        chosen[origin] = known.groupby("model", sort=False)["square"].mean().idxmin() if enough else MEAN
    return pd.Series(chosen, name="model")


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
