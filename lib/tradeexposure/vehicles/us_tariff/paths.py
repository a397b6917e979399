"""What exports would have been without a measure, from their own past: paths by five models, and effects.

The engines are :mod:`tradeexposure.econometrics.time_series.arma_regression` (exact maximum likelihood, several
starts) and least squares in twelve-month changes. Values are nominal and not seasonally adjusted; logs throughout, so
paths are medians.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.econometrics.time_series import arma_regression, error_correction
from tradeexposure.econometrics.time_series.arma_regression import Path
from tradeexposure.econometrics.time_series.error_correction import MONTHS
from tradeexposure.econometrics.time_series.months import Window, count

DRAWN = ("local_level", "arma", "arma_trend")  # models with a likelihood
MODELS = (*DRAWN, "seasonal_difference", "same_months")
COVARIATES = ("none", "exchange_rate")
MINIMUM = 48  # months of a fit


@dataclass(frozen=True)
class PathModel:
    """One way to build the path without the tariff."""

    model: str  #: One of :data:`MODELS`.
    covariate: str = "none"  #: {"none", "exchange_rate"}.
    start: str = "1997-01"  #: First month of the sample.
    closed: tuple[str, ...] = ()  #: Months with plants closed, which have dummies of their own.


@dataclass(frozen=True)
class TariffEffect:
    """Exports of a window against their path."""

    change: float  #: Sum of actual ÷ sum of the path − 1.
    shortfall: float  #: Sum of the path − sum of actual, in the unit of the exports.
    #: Shape (draws,).
    change_draws: np.ndarray
    shortfall_draws: np.ndarray


def path(
    logs: pd.DataFrame,
    spec: PathModel,
    *,
    origin: pd.Timestamp,
    ahead: int,
    draws: int = 0,
    rng: np.random.Generator | None = None,
) -> Path:
    """Path over the `ahead` months after `origin`.

    Parameters
    ----------
    logs : DataFrame
        By month without gaps: log `exports` and log `exchange_rate`.

    Raises
    ------
    BadInput
        Unknown model, too short a sample, months that the data do not reach, draws of a model without a likelihood.
    RunFailed
        Starting points that disagree, collinear regressors.
    """
    refuse_unknown(spec)
    used = logs.loc[spec.start : origin + pd.DateOffset(months=ahead)]
    seen = len(used.loc[:origin])
    if seen < MINIMUM or len(used) != seen + ahead or used["exports"].isna().any():
        raise BadInput("auto tariff", "window", found=f"{seen} months to {origin:%Y-%m}, {len(used) - seen} after it",
                       allowed=f"at least {MINIMUM} months without a gap and {ahead} after them")  # fmt: skip
    if draws and spec.model not in DRAWN:
        raise BadInput("auto tariff", "headline", found=spec.model, allowed=f"a model with draws: {', '.join(DRAWN)}")
    months, actual = pd.DatetimeIndex(used.index[seen:]), used["exports"].to_numpy()[seen:]
    if spec.model == "same_months":  # the twelve before the origin, repeated
        repeated = np.resize(_reopened(used, seen, spec)[seen - MONTHS : seen], ahead)
        return Path(months, actual, repeated, np.empty((0, ahead)))
    if spec.model == "seasonal_difference":
        return Path(months, actual, _seasonal_difference(used, seen, spec), np.empty((0, ahead)))
    whole = design(used, spec, seen=seen)
    base = float(used["exports"].iloc[seen - 1]) if spec.model == "local_level" else None
    source = rng or np.random.default_rng(0)
    central, drawn = arma_regression.arma_paths(whole, horizon=ahead, base=base, draws=draws, rng=source)
    return Path(months, actual, central, drawn)


def refuse_unknown(spec: PathModel) -> None:
    """Refuse a model that does not exist.

    Raises
    ------
    BadInput
        Unknown model or covariate, or a covariate for the repetition of a year.
    """
    for key, allowed in (("model", MODELS), ("covariate", COVARIATES)):
        if getattr(spec, key) not in allowed:
            raise BadInput("auto tariff", key, found=str(getattr(spec, key)), allowed=", ".join(allowed))
    if spec.model == "same_months" and spec.covariate != "none":
        raise BadInput("auto tariff", "covariate", found=spec.covariate, allowed="none with same_months")


def design(used: pd.DataFrame, spec: PathModel, *, seen: int, extra: np.ndarray | None = None) -> np.ndarray:
    """Outcome, terms, covariate, closed months; in first differences, without the constant, for the local level."""
    months = pd.DatetimeIndex(used.index)
    parts = [used[["exports"]].to_numpy(), error_correction.deterministic_terms(months, "season", since=months[0])]
    if spec.model == "arma_trend":
        parts.append(error_correction.deterministic_terms(months, "trend", since=months[0])[:, 1:])
    if spec.covariate == "exchange_rate":
        parts.append(used[["exchange_rate"]].to_numpy())
    closed = pd.DatetimeIndex(spec.closed)
    parts.append((months.to_numpy()[:, None] == closed[closed.isin(months[:seen])].to_numpy()).astype(float))
    both = np.hstack(parts if extra is None else [*parts, extra])
    return np.delete(np.diff(both, axis=0), 1, axis=1) if spec.model == "local_level" else both


def terms(logs: pd.DataFrame, spec: PathModel, *, origin: pd.Timestamp) -> tuple[pd.Series, pd.Series]:
    """Coefficients behind a path, fitted to `origin`, and their standard errors given the error's `ar` and `ma`.

    By term: ``constant``, ``month_2`` (less the first) to ``month_12``, ``trend`` a decade, ``exchange_rate``,
    ``closed_2020-04``, ``ar`` (none in differences), ``ma``; the last two have no standard error.

    Raises
    ------
    BadInput
        A model without a likelihood.
    """
    if spec.model not in DRAWN:
        raise BadInput("auto tariff", "headline", found=spec.model, allowed=f"a model with draws: {', '.join(DRAWN)}")
    used = logs.loc[spec.start : origin]
    fitted = arma_regression.fit(design(used, spec, seen=len(used)), differenced=spec.model == "local_level")
    names = [] if spec.model == "local_level" else ["constant"]
    names += [f"month_{month}" for month in range(2, MONTHS + 1)]
    names += [name for name, there in (("trend", spec.model == "arma_trend"),
                                       ("exchange_rate", spec.covariate == "exchange_rate")) if there]  # fmt: skip
    names += [f"closed_{month}" for month in spec.closed if month in used.index]
    errors = pd.Series(np.sqrt(np.diag(fitted.covariance)), names)
    own = pd.Series(fitted.parameters, ["ar", "ma"][-len(fitted.parameters) :])
    return pd.concat([pd.Series(fitted.coefficients, names), own]), errors.reindex([*names, *own.index])


def _reopened(used: pd.DataFrame, seen: int, spec: PathModel) -> np.ndarray:
    """Log exports with closed months before the origin at their value of the year before; shape (n,)."""
    logs = used["exports"].to_numpy(dtype=float).copy()
    shut = np.asarray(pd.DatetimeIndex(used.index).isin(pd.DatetimeIndex(spec.closed)))
    for place in [int(month) for month in np.flatnonzero(shut[:seen])]:
        logs[place] = logs[max(place - MONTHS, 0)]
    return logs


def _seasonal_difference(used: pd.DataFrame, seen: int, spec: PathModel) -> np.ndarray:
    """Recursion of Δ₁₂y on a constant, its own last value and the covariate's change, by least squares."""
    columns = ["exports", "exchange_rate"] if spec.covariate == "exchange_rate" else ["exports"]
    logs = used[columns].to_numpy(dtype=float).copy()
    logs[:, 0] = _reopened(used, seen, spec)
    change = logs[MONTHS:] - logs[:-MONTHS]
    fit = seen - MONTHS
    regressors = np.column_stack([np.ones(fit - 1), change[: fit - 1, 0], change[1:fit, 1:]])
    if np.linalg.matrix_rank(regressors) < regressors.shape[1]:
        raise RunFailed("twelve-month changes: the regressors are collinear")
    coefficients = np.linalg.lstsq(regressors, change[1:fit, 0], rcond=None)[0]
    values, last = list(logs[:seen, 0]), float(change[fit - 1, 0])
    for ahead in range(seen, len(used)):
        last = float(coefficients @ [1.0, last, *change[ahead - MONTHS, 1:]])
        values.append(values[ahead - MONTHS] + last)
    return np.asarray(values[seen:])


def effect(path: Path, *, skip: int) -> TariffEffect:
    """Exports against the path, from `skip` months after the origin to the path's end."""
    actual = float(np.exp(path.actual)[skip:].sum())
    central = float(np.exp(path.central)[skip:].sum())
    drawn = np.exp(path.draws)[:, skip:].sum(axis=1)
    return TariffEffect(actual / central - 1, central - actual, actual / drawn - 1, drawn - actual)


def skipped(window: Window) -> int:
    """Months between the fit and the window."""
    return count(window.origin, window.first) - 2


def estimate(
    logs: pd.DataFrame, spec: PathModel, window: Window, *, draws: int = 0, rng: np.random.Generator | None = None
) -> tuple[Path, TariffEffect]:
    """:func:`path` to the end of a window and its :func:`effect`."""
    skip = skipped(window)
    simulated = path(logs, spec, origin=window.origin, ahead=skip + window.months, draws=draws, rng=rng)
    return simulated, effect(simulated, skip=skip)


def step(logs: pd.DataFrame, spec: PathModel, window: Window) -> tuple[float, float]:
    """Change from a step over the window, and its standard error (of the log), by one regression to the window's end.

    Months between the fit and the window have their own dummies, so that they say nothing.
    """
    used = logs.loc[spec.start : window.last]
    months = pd.DatetimeIndex(used.index)
    between = months[(months > window.origin) & (months < window.first)]
    extra = np.column_stack([*((months == month) for month in between), months >= window.first]).astype(float)
    fitted = arma_regression.fit(
        design(used, spec, seen=len(used), extra=extra), differenced=spec.model == "local_level"
    )
    return float(np.expm1(fitted.coefficients[-1])), float(np.sqrt(fitted.covariance[-1, -1]))
