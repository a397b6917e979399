"""Where each harvest of canola went: by crop year, and against paths of what every market would have bought.

The first half is an account that closes (harvest = exports + crush + residual); the second sets each market beside
simulated paths without the measure, which gives the shortfall, its range and who took the seed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from tradeexposure.canola.exposure import grain_exports
from tradeexposure.canola.exposure.grain_exports import OTHER, year_of
from tradeexposure.core.errors import BadInput
from tradeexposure.core.units import MONTHS_IN_YEAR, THOUSAND
from tradeexposure.data.geography import CHINA
from tradeexposure.econometrics.time_series.months import Span, held_months
from tradeexposure.econometrics.time_series.seasonal_paths import Posterior, draw, posterior, waves_for, within

PARTS = ("china_kt", "others_kt", "crush_kt", "residual_kt")
CRUSH = "Home crush"


def crop_years(monthly: pd.DataFrame, crush: pd.Series, harvest: pd.Series) -> pd.DataFrame:
    """Harvest and its uses in every crop year that is complete in all three sources.

    Parameters
    ----------
    monthly : DataFrame
        Canola by month and destination; kt.
    crush : Series
        kt by month.
    harvest : Series
        kt by crop year (``2019-20``).

    Returns
    -------
    DataFrame
        Index crop year; `harvest_kt` = `china_kt` + `others_kt` + `crush_kt` + `residual_kt`. The residual is the
        change of stocks, feed, seed, losses, and exports that do not pass a licensed facility.

    Raises
    ------
    BadInput
        No crop year is complete in all three.
    """
    both = pd.DataFrame({"china_kt": monthly[CHINA], "others_kt": monthly.drop(columns=CHINA).sum(axis=1)})
    shipped, crushed = _complete(both), _complete(crush.rename("crush_kt").to_frame())
    table = pd.concat([harvest.rename("harvest_kt"), shipped, crushed], axis=1, join="inner").dropna()
    if table.empty:
        raise BadInput("crop years", found="none complete", allowed="at least one in exports, crush and harvests")
    used = table["china_kt"] + table["others_kt"] + table["crush_kt"]
    return table.assign(residual_kt=table["harvest_kt"] - used).rename_axis("crop_year").sort_index()


def _complete(monthly: pd.DataFrame) -> pd.DataFrame:
    years = grain_exports.year_of(monthly.index.to_series(), year="crop")
    grouped = monthly.groupby(years)
    return grouped.sum()[grouped.size() == MONTHS_IN_YEAR]


def changes(table: pd.DataFrame, *, year: str, against: Sequence[str]) -> pd.DataFrame:
    """Change of every part of one crop year from the mean of others: the parts sum to the change of the harvest.

    Returns
    -------
    DataFrame
        `part`, `usual_kt`, `volume_kt`, `change_kt`; the harvest last.

    Raises
    ------
    BadInput
        A crop year that is not in the table.
    """
    absent = [name for name in (year, *against) if name not in table.index]
    if absent:
        raise BadInput("crop_year", found=absent[0], allowed=", ".join(table.index))
    usual = table.loc[list(against)].mean()
    rows = pd.DataFrame({"usual_kt": usual, "volume_kt": table.loc[year]}).loc[[*PARTS, "harvest_kt"]]
    return rows.assign(change_kt=rows["volume_kt"] - rows["usual_kt"]).rename_axis("part").reset_index()


@dataclass(frozen=True)
class VolumePaths:
    """Simulated volumes without the measure, beside what happened."""

    months: pd.DatetimeIndex
    #: Shape (draws, months). Series (a destination, ``Home crush``) → kt.
    draws: dict[str, np.ndarray]
    actual: pd.DataFrame  #: months × series; kt.
    #: Model → series → the fit that its paths are drawn from.
    fits: dict[str, dict[str, Posterior]] = field(default_factory=dict)

    def gap(self, name: str) -> np.ndarray:
        """Volume without the measure minus volume, summed over the months, by draw; kt."""
        return (self.draws[name] - self.actual[name].to_numpy()).sum(axis=1)

    def change(self, name: str) -> np.ndarray:
        """Change from the volume without the measure, a share, by draw; infinite where that volume is nothing."""
        with np.errstate(divide="ignore"):
            return np.asarray(self.actual[name].sum() / self.draws[name].sum(axis=1) - 1)


@dataclass(frozen=True)
class Limits:
    """What China could have taken: `most_monthly` (kt), and `supply` (kt by month, that of its crop year)."""

    most_monthly: float
    supply: pd.Series


def limits(monthly: pd.DataFrame, crush: pd.Series, harvest: pd.Series, *, window: Span) -> Limits:
    """The largest month shipped before the window, and the seed left in each crop year that the window touches.

    Parameters
    ----------
    monthly : DataFrame
        Canola by month and destination; kt.
    crush : Series
        kt crushed at home by month.
    harvest : Series
        kt by crop year (``2019-20``).

    Returns
    -------
    Limits
        Seed left = harvest − crush of the crop year − exports before the window; at least what did leave in the
        window, since stocks carried over are not held by month. Harvest and crush are those that came about, also in
        the window: what crushers took because China did not buy is counted as gone, which lowers the cap.

    Raises
    ------
    BadInput
        A crop year without harvest.
    """
    months, total = held_months([window], pd.DatetimeIndex(monthly.index), where="window"), monthly.sum(axis=1)
    years = year_of(total.index.to_series(), year="crop")
    crushed = crush.groupby(year_of(crush.index.to_series(), year="crop")).sum()
    left = {}
    for year in years[months].unique():
        if year not in harvest.index:
            raise BadInput("harvest", year, found="none", allowed=f"{harvest.index[0]} to {harvest.index[-1]}")
        inside = total[(years == year) & total.index.isin(months)].sum()
        before = total[(years == year) & (total.index < months[0])].sum()
        left[year] = max(harvest[year] - crushed[year] - before, inside)
    return Limits(float(total[total.index < months[0]].max()), years[months].map(left).astype(float))


def simulate(
    series: pd.DataFrame,
    *,
    window: Span,
    baseline: Sequence[Span],
    rng: np.random.Generator,
    draws: int,
    models: Sequence[str],
    waves: int | None = None,
    limit: Mapping[str, Limits] | None = None,
) -> VolumePaths:
    """Paths of several series without the measure, drawn jointly, the models weighted equally.

    Parameters
    ----------
    series : DataFrame
        Months × names; kt. Only the months of `baseline` are fitted.
    draws : int
        Paths in all, shared out between the models.
    waves : int, optional
        Pairs of yearly waves; one per full year of the baseline by default.
    limit : mapping, optional
        Name → :class:`Limits` of its paths; other series are only kept from being negative.

    Notes
    -----
    Shocks of different series are as correlated as their one-step errors in the baseline.
    """
    known = pd.DatetimeIndex(series.index)
    months, fitted = held_months([window], known, where="window"), held_months(baseline, known, where="baseline")
    used = series.loc[fitted].asfreq("MS")  # months between two spans are empty
    season = waves_for(len(fitted)) if waves is None else waves
    fits = {
        model: {name: posterior(used[name], months=months, model=model, waves=season) for name in map(str, used)}
        for model in models
    }
    parts = []
    for model in models:
        by_name = fits[model]
        errors = pd.DataFrame({name: fit.whitened for name, fit in by_name.items()})
        mixed = np.linalg.cholesky(errors.corr().to_numpy())
        shocks = rng.standard_normal((draws // len(models), len(months), len(by_name)))
        normals = np.einsum("dhk,jk->jdh", shocks, mixed)
        parts.append({name: draw(fit, normals=normals[place], rng=rng)
                      for place, (name, fit) in enumerate(by_name.items())})  # fmt: skip
    paths = {}
    for name in map(str, series):
        drawn, bound = np.vstack([part[name] for part in parts]), (limit or {}).get(name)
        if bound is None:
            paths[name] = np.maximum(drawn, 0.0)
        else:
            groups = year_of(bound.supply.index.to_series(), year="crop").to_numpy()
            paths[name] = within(drawn, most_monthly=bound.most_monthly, supply=bound.supply.to_numpy(), groups=groups)
    return VolumePaths(months, paths, series.loc[months], fits)


def standardised_gap(
    series: pd.Series, *, window: Span, baseline: Sequence[Span], models: Sequence[str]
) -> tuple[float, float]:
    """Expected shortfall of one series over a window and its prediction error (one standard deviation), kt."""
    known = pd.DatetimeIndex(series.index)
    months, fitted = held_months([window], known, where="window"), held_months(baseline, known, where="baseline")
    used = series.loc[fitted].asfreq("MS")
    posteriors = [posterior(used, months=months, model=model, waves=waves_for(len(fitted))) for model in models]
    means = np.concatenate([fit.means.sum(axis=1) for fit in posteriors])
    inflate = [fit.freedom / (fit.freedom - 2) for fit in posteriors]
    within_points = np.concatenate(
        [factor * (fit.factors.sum(axis=1) ** 2).sum(axis=1) for factor, fit in zip(inflate, posteriors, strict=True)]
    )
    weights = np.concatenate([fit.weights for fit in posteriors]) / len(posteriors)
    mean = float(weights @ means)
    error = np.sqrt(weights @ (within_points + (means - mean) ** 2))
    return mean - float(series.loc[months].sum()), float(error)


def value_cad(paths: VolumePaths, prices: pd.Series) -> np.ndarray:
    """China's shortfall at the farm price of the same month, C$ by draw.

    Raises
    ------
    BadInput
        A month without price.
    """
    missing = paths.months.difference(pd.DatetimeIndex(prices.dropna().index))
    if len(missing):
        raise BadInput("prices", "month", found=f"no price in {missing[0]:%Y-%m}", allowed="every month of the window")
    monthly = paths.draws[CHINA] - paths.actual[CHINA].to_numpy()
    return monthly @ prices[paths.months].to_numpy() * THOUSAND


def median_range(draws: np.ndarray, *, level: float) -> dict[str, float]:
    """Median and central interval of draws: `value`, `low`, `high`, `level`."""
    low, value, high = np.quantile(draws, [(1 - level) / 2, 0.5, (1 + level) / 2])
    return {"value": float(value), "low": float(low), "high": float(high), "level": level}


def path_table(paths: VolumePaths, *, level: float) -> pd.DataFrame:
    """Seed to China: `month`, `volume_kt` (median without the measure), `low`, `high`, `level`, `actual_kt`."""
    tail = (1 - level) / 2
    low, middle, high = np.quantile(paths.draws[CHINA], [tail, 0.5, 1 - tail], axis=0)
    return pd.DataFrame(
        {"month": paths.months, "volume_kt": middle, "low": low, "high": high, "level": level,
         "actual_kt": paths.actual[CHINA].to_numpy()}
    )  # fmt: skip


def joint_draws(paths: VolumePaths) -> pd.DataFrame:
    """What later notebooks take of an episode: one row per draw, the columns drawn jointly; kt.

    Returns
    -------
    DataFrame
        `without_kt` (volume to China without the measure), `shortfall_kt`, and what others and the home crush took
        above their paths, `others_kt` and `crush_kt`.
    """
    return pd.DataFrame(
        {
            "without_kt": paths.draws[CHINA].sum(axis=1),
            "shortfall_kt": paths.gap(CHINA),
            "others_kt": -paths.gap(OTHER),
            "crush_kt": -paths.gap(CRUSH),
        }
    )


def share_taken(paths: VolumePaths, names: Sequence[str]) -> np.ndarray:
    """Rise of `names` above their paths as a share of China's shortfall, by draw; infinite without one."""
    rise = np.sum([-paths.gap(name) for name in names], axis=0)
    with np.errstate(divide="ignore"):
        return np.asarray(rise / paths.gap(CHINA))


def where_it_went(paths: VolumePaths, *, level: float) -> pd.DataFrame:
    """Rise of every series above its path: `name`, `value`, `low`, `high` (kt), and `actual_kt`; China first."""
    rows = [
        {"name": name, "actual_kt": float(paths.actual[name].sum()), **median_range(-paths.gap(name), level=level)}
        for name in [CHINA, *[destination for destination in map(str, paths.actual) if destination != CHINA]]
    ]
    return pd.DataFrame(rows)


def largest_rise(frame: pd.DataFrame) -> str:
    """The destination that rose most above its path; `frame` from :func:`where_it_went`."""
    return str(frame.set_index("name")["value"].drop([CHINA, CRUSH]).idxmax())


def total_others(monthly: pd.DataFrame) -> pd.DataFrame:
    """China and everyone else: two columns, China and Other."""
    return pd.DataFrame({CHINA: monthly[CHINA], OTHER: monthly.drop(columns=CHINA).sum(axis=1)})
