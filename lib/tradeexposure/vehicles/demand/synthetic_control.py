"""Two single episodes: the end of Ontario's rebate in 2018, and Quebec's rush before the cut of 2025."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tradeexposure.core.errors import BadInput
from tradeexposure.vehicles.demand import rebate_cohorts
from tradeexposure.vehicles.demand.rebate_cohorts import Cohort

PENALTY = 1e3  # weight of the sum-to-one row in the synthetic weights, in units of the outcomes' size


@dataclass(frozen=True)
class Synthetic:
    """A weighted mean of other provinces that follows one province before a change."""

    weights: dict[str, float]  #: Province → weight; they sum to one.
    path: pd.DataFrame  #: `quarter`, `actual`, `synthetic` (shares of registrations), `after`.
    log_effect: float  #: Log of the mean actual share over the mean synthetic one, after, less the same before.
    fit: float  #: Root mean square of the gap before, as a share of the mean actual share before.


def synthetic(frame: pd.DataFrame, cohort: Cohort, others: Sequence[str]) -> Synthetic:
    """Synthetic control on the shares before (Abadie, Diamond and Hainmueller 2010), weights by least squares.

    Raises
    ------
    BadInput
        Fewer than two other provinces.
    """
    if len(others) < 2:
        raise BadInput("synthetic control", "others", found=str(len(others)), allowed="two or more")
    rows = rebate_cohorts.window(frame, cohort)
    wide = rows.pivot(index="quarter", columns="geo", values="share")
    after = rows.groupby("quarter")["after"].first()
    donors, own = wide[list(others)].to_numpy(), wide[cohort.geo].to_numpy()
    weights = simplex_weights(donors[~after], own[~after])
    built = donors @ weights
    path = pd.DataFrame({"quarter": wide.index, "actual": own, "synthetic": built, "after": after.to_numpy()})
    means = path.groupby("after")[["actual", "synthetic"]].mean()
    logs = np.log(means["actual"] / means["synthetic"])
    before = path[~path["after"]]
    miss = float(np.sqrt(((before["actual"] - before["synthetic"]) ** 2).mean()) / before["actual"].mean())
    named = {str(geo): float(weight) for geo, weight in zip(others, weights, strict=True)}
    return Synthetic(named, path, float(logs[True] - logs[False]), miss)


def simplex_weights(donors: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Weights ≥ 0 that sum to one and bring `donors` (quarters, provinces) nearest to `own` (quarters,)."""
    from scipy.optimize import nnls

    scale = np.abs(own).mean()
    design = np.vstack([donors / scale, np.full(donors.shape[1], PENALTY)])
    weights = nnls(design, np.append(own / scale, PENALTY))[0]
    return np.asarray(weights / weights.sum())


@dataclass(frozen=True)
class PullForward:
    """Registrations of one quarter that a counterfactual does not expect."""

    model: str
    #: Registrations.
    actual: float
    expected: float
    share: float  #: (actual − expected) ÷ actual.
    error: float  #: Root mean square error of the log gap over the quarters fitted.


def log_gap(frame: pd.DataFrame, *, geo: str, others: Sequence[str]) -> pd.Series:
    """Log registrations per car of one province less those of others together, by quarter."""
    rows = frame[frame["geo"].isin(list(others))].groupby("quarter")[["registrations", "total"]].sum()
    own = frame[frame["geo"] == geo].set_index("quarter")
    logs = [pd.Series(np.log(part["registrations"] / part["total"])) for part in (own, rows)]
    return logs[0] - logs[1]


def pull_forward(
    frame: pd.DataFrame, *, geo: str, others: Sequence[str], quarter: str, fit: tuple[str, str], model: str
) -> PullForward:
    """Rush of one quarter against a counterfactual fitted to an earlier span.

    Parameters
    ----------
    others : sequence of str
        Provinces whose registrations per car carry what happens everywhere (the federal pause too); empty: none.
    model : {"level", "trend", "own_trend_season"}
        The gap to the others stays at its mean, or keeps its linear trend, over the span; or the province's own log
        share with trend and season.
    """
    own = frame[frame["geo"] == geo].set_index("quarter")
    at, (first, last) = _start(quarter), map(_start, fit)
    alone = model == "own_trend_season"
    series = pd.Series(np.log(own["share"])) if alone else log_gap(frame, geo=geo, others=others)
    design = _rush_design(pd.DatetimeIndex(series.index), at, model)
    seen, known = series.loc[first:last].to_numpy(), design.loc[first:last].to_numpy()
    beta = np.linalg.lstsq(known, seen, rcond=None)[0]
    actual, gap = float(own["registrations"].loc[at]), float(series.loc[at] - design.loc[at].to_numpy() @ beta)
    left = seen - known @ beta
    return PullForward(model, actual, actual * float(np.exp(-gap)), float(-np.expm1(-gap)),
                       float(np.sqrt((left**2).mean())))  # fmt: skip


def _start(quarter: str) -> pd.Timestamp:
    return pd.Period(quarter, "Q").to_timestamp()


def _rush_design(times: pd.DatetimeIndex, at: pd.Timestamp, model: str) -> pd.DataFrame:
    """Regressors of a counterfactual by quarter; time is zero in the quarter `at`."""
    count = times.to_period("Q").astype("int64") - at.to_period("Q").ordinal
    design = pd.DataFrame({"one": 1.0, "time": np.asarray(count, dtype=float)}, index=times)
    if model == "level":
        return design[["one"]]
    if model == "trend":
        return design
    if model == "own_trend_season":
        seasons = {f"season {number}": (times.quarter == number).astype(float) for number in (1, 2, 3)}
        return design.assign(**seasons)
    raise BadInput("pull forward", "model", found=model, allowed="level, trend, own_trend_season")
