"""Error-correction equations of one price given the path of others, and simulation along that path.

Two models share the equation Δy = deterministic + levels + current and past changes of the others + own past
changes + error, estimated by least squares:

- ``ardl``: the lagged levels are free. This is the autoregressive distributed lag model in error-correction form,
  whatever the number of cointegrating relations (Pesaran, Shin and Smith 2001).
- ``vecm_1``, ``vecm_2``: the lagged levels enter through one or two cointegrating relations estimated for the whole
  system by Johansen's method. With normal errors the equation given the others' current changes is the conditional
  model of the vector error correction (Johansen 1995, section 8.1).
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tradeexposure.core.arrays import content
from tradeexposure.core.errors import RunFailed

MONTHS = 12
DETERMINISTIC = ("constant", "season", "trend")
JOHANSEN_TERMS = {"constant": "co", "season": "co", "trend": "coli"}
CONDITION_LIMIT = 1e5  # of the standardised regressors; beyond it coefficients are rounding errors


@dataclass(frozen=True)
class EquationForm:
    """Shape of a conditional equation.

    Attributes
    ----------
    model : {"ardl", "vecm_1", "vecm_2"}
    lags : int
        Past changes, at least one.
    deterministic : {"constant", "season", "trend"}
    """

    model: str
    lags: int
    deterministic: str

    @property
    def terms(self) -> str:
        """Free deterministic terms; the trend of a cointegrated system stands inside its relations."""
        return "constant" if self.deterministic == "trend" and self.model != "ardl" else self.deterministic


@dataclass(frozen=True)
class Equation:
    """A fitted conditional equation.

    Attributes
    ----------
    coefficients : ndarray, shape (k,)
        On terms, levels (through `loadings`), changes of the others, own past changes, in this order.
    covariance : ndarray, shape (k, k)
        Inverse cross product of the regressors; times the variance it is the coefficients' covariance.
    variance : float
        Of the errors, degrees of freedom counted.
    freedom : int
    loadings : ndarray, shape (m, r)
        From the m lagged levels (own price first, others, month count) to the r regressors.
    adjustment : float
        Coefficient on the own lagged level: the part of a gap closed each month, negative.
    """

    coefficients: np.ndarray
    covariance: np.ndarray
    variance: float
    freedom: int
    loadings: np.ndarray
    adjustment: float


def deterministic_terms(months: pd.DatetimeIndex, kind: str, *, since: pd.Timestamp) -> np.ndarray:
    """Constant, and eleven centred monthly dummies or a linear trend (decades from `since`); shape (n, 1, 2 or 12)."""
    columns = [np.ones(len(months))]
    if kind == "season":
        month = np.asarray(months.month)
        columns += [(month == number) - 1 / MONTHS for number in range(2, MONTHS + 1)]
    if kind == "trend":
        columns.append(_decades(months, since))
    return np.column_stack(columns)


def _decades(months: pd.DatetimeIndex, since: pd.Timestamp) -> np.ndarray:
    count = months.to_numpy().astype("datetime64[M]") - np.datetime64(since, "M")
    return np.asarray(count.astype(int) / (10 * MONTHS))


def _levels(logs: pd.DataFrame, since: pd.Timestamp) -> np.ndarray:
    return np.column_stack([logs.to_numpy(), _decades(pd.DatetimeIndex(logs.index), since)])


def loadings(logs: pd.DataFrame, form: EquationForm) -> np.ndarray:
    """How lagged levels (own, others, month count) enter: freely, or through cointegrating relations."""
    size = logs.shape[1]
    if form.model == "ardl":
        return np.eye(size + 1)[:, :size]
    from statsmodels.tsa.vector_ar.vecm import VECM

    fitted = VECM(
        logs.to_numpy(), k_ar_diff=form.lags, coint_rank=int(form.model[-1]),
        deterministic=JOHANSEN_TERMS[form.deterministic], seasons=MONTHS if form.deterministic == "season" else 0,
    ).fit()  # fmt: skip
    none = np.zeros((1, fitted.beta.shape[1]))
    trend = fitted.det_coef_coint * 10 * MONTHS if form.deterministic == "trend" else none
    found = np.vstack([fitted.beta, trend])
    if found.shape[1] == 1:
        return found
    # Any basis of the space will do; the estimator's own can be ill conditioned.
    relations = _levels(logs, pd.DatetimeIndex(logs.index)[0]) @ found
    return found @ np.linalg.inv(np.linalg.qr(relations - relations.mean(axis=0))[1]) * np.sqrt(len(logs))


def regressors(logs: pd.DataFrame, form: EquationForm, *, loaded: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Outcome and regressors of the equation; the months lost to lags are dropped.

    Returns
    -------
    outcome, shape (n,), and regressors, shape (n, k)
    """
    months, since = pd.DatetimeIndex(logs.index), pd.DatetimeIndex(logs.index)[0]
    changes, lags = np.diff(logs.to_numpy(), axis=0), form.lags
    count, first = len(changes), form.lags
    terms = deterministic_terms(months[1:], form.terms, since=since)
    parts = [terms[first:], (_levels(logs, since)[:-1] @ loaded)[first:], changes[first:, 1:]]
    parts += [changes[first - lag : count - lag, 1:] for lag in range(1, lags + 1)]
    parts += [changes[first - lag : count - lag, :1] for lag in range(1, lags + 1)]
    return changes[first:, 0], np.hstack(parts)


_fits: dict[Hashable, Equation] = {}


def fit(logs: pd.DataFrame, form: EquationForm) -> Equation:
    """Least squares of the conditional equation; once for the same figures, shared by callers.

    Parameters
    ----------
    logs : DataFrame
        By month without gaps: own log price first, then the others'.

    Raises
    ------
    RunFailed
        A singular design.
    """
    months = pd.DatetimeIndex(logs.index)
    asked = content(logs.to_numpy()), content(months.asi8), str(months.dtype), form
    if asked not in _fits:
        _fits[asked] = _least_squares(logs, form)
    return _fits[asked]


def _least_squares(logs: pd.DataFrame, form: EquationForm) -> Equation:
    loaded = loadings(logs, form)
    outcome, design = regressors(logs, form, loaded=loaded)
    spread = design[:, 1:].std(axis=0)
    if (
        not (spread > 0).all()
        or np.linalg.cond((design[:, 1:] - design[:, 1:].mean(axis=0)) / spread) > CONDITION_LIMIT
    ):
        raise RunFailed(f"{form.model}: the regressors are collinear")
    scale = np.sqrt((design**2).sum(axis=0))
    cross = (design / scale).T @ (design / scale)
    coefficients = np.linalg.lstsq(design / scale, outcome, rcond=None)[0] / scale
    rest = outcome - design @ coefficients
    freedom = len(outcome) - design.shape[1]
    inverse = np.linalg.inv(cross) / np.outer(scale, scale)
    first = {"constant": 1, "trend": 2, "season": MONTHS}[form.terms]
    adjustment = float(loaded[0] @ coefficients[first : first + loaded.shape[1]])
    return Equation(coefficients, inverse, float(rest @ rest) / freedom, freedom, loaded, adjustment)


def coefficient_draws(equation: Equation, *, draws: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients, shape (draws, k), and error standard deviations, shape (draws,), under a flat prior.

    The variance is drawn from its scaled inverse χ² distribution, the coefficients from a normal one given it; the
    cointegrating relations, which converge faster, are held.
    """
    deviation = np.sqrt(equation.variance * equation.freedom / rng.chisquare(equation.freedom, draws))
    root = np.linalg.cholesky((equation.covariance + equation.covariance.T) / 2)
    noise = rng.standard_normal((draws, len(equation.coefficients))) @ root.T
    return equation.coefficients + deviation[:, None] * noise, deviation


def simulate(
    equation: Equation,
    logs: pd.DataFrame,
    form: EquationForm,
    *,
    origin: int,
    coefficients: np.ndarray,
    errors: np.ndarray,
) -> np.ndarray:
    """Log price from month `origin` + 1 on, given the others' path, by recursion.

    Parameters
    ----------
    logs : DataFrame
        As in :func:`fit`, to the end of the path; own values after row `origin` are not read.
    coefficients : ndarray, shape (draws, k)
    errors : ndarray, shape (draws, months)

    Returns
    -------
    ndarray, shape (draws, months)
    """
    months, lags = pd.DatetimeIndex(logs.index), form.lags
    terms = deterministic_terms(months, form.terms, since=months[0])
    others, levels = logs.to_numpy()[:, 1:], _levels(logs, months[0])
    changes = np.diff(others, axis=0, prepend=others[:1])
    first, rank = terms.shape[1], equation.loadings.shape[1]
    on_levels = coefficients[:, first : first + rank] @ equation.loadings.T
    rest = coefficients[:, first + rank :]
    past = [np.full(len(coefficients), value) for value in logs.to_numpy()[origin - lags : origin + 1, 0]]
    for step in range(errors.shape[1]):
        row = origin + 1 + step
        given = np.concatenate([changes[row - lag] for lag in range(lags + 1)])
        own = np.column_stack([past[-lag] - past[-lag - 1] for lag in range(1, lags + 1)])
        change = coefficients[:, :first] @ terms[row] + on_levels[:, 1:] @ levels[row - 1, 1:]
        change = change + on_levels[:, 0] * past[-1] + rest[:, : len(given)] @ given
        change = change + (rest[:, len(given) :] * own).sum(axis=1) + errors[:, step]
        past.append(past[-1] + change)
    return np.column_stack(past[lags + 1 :])
