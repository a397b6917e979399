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

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tradeexposure.core.arrays import content
from tradeexposure.core.errors import BadInput, RunFailed

if TYPE_CHECKING:
    from statsmodels.regression.linear_model import RegressionResults

MONTHS = 12
DETERMINISTIC = ("constant", "season", "trend")
JOHANSEN_TERMS = {"constant": "co", "season": "co", "trend": "coli"}
CONSTANT = 1e-12  # length around its mean of a regressor of length one; below it the regressor does not vary
CONDITION_LIMIT = 1e5  # of the standardised regressors; beyond it coefficients are rounding errors


@dataclass(frozen=True)
class EquationForm:
    """Shape of a conditional equation."""

    model: str  #: {"ardl", "vecm_1", "vecm_2"}.
    lags: int  #: Past changes, at least one.
    deterministic: str  #: {"constant", "season", "trend"}.

    @property
    def terms(self) -> str:
        """Free deterministic terms; the trend of a cointegrated system stands inside its relations."""
        return "constant" if self.deterministic == "trend" and self.model != "ardl" else self.deterministic


@dataclass(frozen=True)
class Equation:
    """A fitted conditional equation."""

    #: Shape (k,). On terms, levels (through `loadings`), changes of the others, own past changes, in this order.
    coefficients: np.ndarray
    #: Shape (k, k). Inverse cross product of the regressors; times the variance it is the coefficients' covariance.
    covariance: np.ndarray
    variance: float  #: Of the errors, degrees of freedom counted.
    freedom: int
    #: Shape (m, r). From the m lagged levels (own price first, others, month count) to the r regressors.
    loadings: np.ndarray
    adjustment: float  #: Coefficient on the own lagged level: the part of a gap closed each month, negative.


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


def loadings(levels: np.ndarray, form: EquationForm) -> np.ndarray:
    """How lagged `levels` (own, others, month count; (n, m)) enter: freely, or through cointegrating relations."""
    size = levels.shape[1] - 1
    if form.model == "ardl":
        return np.eye(size + 1)[:, :size]
    from statsmodels.tsa.vector_ar.vecm import VECM

    fitted = VECM(
        levels[:, :size], k_ar_diff=form.lags, coint_rank=int(form.model[-1]),
        deterministic=JOHANSEN_TERMS[form.deterministic], seasons=MONTHS if form.deterministic == "season" else 0,
    ).fit()  # fmt: skip
    none = np.zeros((1, fitted.beta.shape[1]))
    trend = fitted.det_coef_coint * 10 * MONTHS if form.deterministic == "trend" else none
    vectors = np.vstack([fitted.beta, trend])
    if vectors.shape[1] == 1:
        return vectors
    # Any basis of the space will do; the estimator's own can be ill conditioned.
    relations = levels @ vectors
    return vectors @ np.linalg.inv(np.linalg.qr(relations - relations.mean(axis=0))[1]) * np.sqrt(len(levels))


_fits: dict[Hashable, Equation] = {}


class System:
    """Prices by month and the form of an equation: what the months hold is arranged once, for fits to any of them.

    Parameters
    ----------
    logs : DataFrame
        By month without gaps: own log price first, then the others'.
    form : EquationForm
    """

    def __init__(self, logs: pd.DataFrame, form: EquationForm) -> None:
        months, figures, lags = pd.DatetimeIndex(logs.index), logs.to_numpy(), form.lags
        self._form, self._months, self._since = form, months, months[0]
        self._levels = np.column_stack([figures, _decades(months, months[0])])
        self._terms = deterministic_terms(months, form.terms, since=months[0])
        changes = np.diff(figures, axis=0, prepend=figures[:1])
        past = [np.vstack([changes[:1]] * lag + [changes[: len(changes) - lag]]) for lag in range(lags + 1)]
        self._others = np.hstack([lag[:, 1:] for lag in past])
        self._own = np.column_stack([lag[:, 0] for lag in past])

    def regressors(self, count: int, *, loaded: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Outcome and regressors of the first `count` months; those lost to lags are dropped.

        Returns
        -------
        outcome, shape (n,), and regressors, shape (n, k)
        """
        used, before = slice(self._form.lags + 1, count), slice(self._form.lags, count - 1)
        parts = [self._terms[used], self._levels[before] @ loaded, self._others[used], self._own[used, 1:]]
        return self._own[used, 0], np.hstack(parts)

    def frame(self, count: int, *, names: Sequence[str]) -> pd.DataFrame:
        """Outcome and regressors of :meth:`regressors` by month, in the order of the equation, without its constant.

        Levels enter freely. Columns are ``trend`` or ``season_2``, ``level_soybeans`` (a month before), ``d0_soybeans``
        (the change of the month), ``d2_soybeans`` (that two months before), and last the outcome, `change`.

        `names`: of the prices, the own first.
        """
        own, *others = names
        columns = {"constant": [], "trend": ["trend"], "season": [f"season_{k}" for k in range(2, MONTHS + 1)]}[
            self._form.terms
        ]
        columns += [f"level_{name}" for name in names]
        columns += [f"d{lag}_{name}" for lag in range(self._form.lags + 1) for name in others]
        columns += [f"d{lag}_{own}" for lag in range(1, self._form.lags + 1)]
        outcome, regressors = self.regressors(count, loaded=np.eye(len(names) + 1)[:, :-1])
        months = self._months[self._form.lags + 1 : count]
        return pd.DataFrame(regressors[:, 1:], months, columns).assign(change=outcome)

    def adopted(self, fit: RegressionResults, count: int) -> Equation:
        """A fit to `count` months that was made elsewhere, levels entering freely.

        Raises
        ------
        BadInput
            Other rows or terms than this equation has, or errors of another kind, which ranges would not follow.
        RunFailed
            Collinear regressors.
        """
        if fit.cov_type != "nonrobust":
            raise BadInput("fit", "cov_type", found=fit.cov_type, allowed="nonrobust: ranges are drawn from it")
        loaded = loadings(self._levels[:count], self._form)
        outcome, regressors = self.regressors(count, loaded=loaded)
        same = fit.model.exog.shape == regressors.shape and np.allclose(fit.model.exog, regressors)
        if not (same and np.allclose(fit.model.endog, outcome)):
            allowed = f"the {len(outcome)} rows and {regressors.shape[1]} terms of {self._form.model}"
            raise BadInput(
                "fit", found=f"{int(fit.nobs)} rows and {len(fit.params)} terms, or other ones", allowed=allowed
            )
        _refuse_collinear(regressors, self._form)
        return _equation(fit, loaded, self._form)

    def fit(self, count: int) -> Equation:
        """Least squares of the conditional equation to `count` months; once for the same figures, shared by callers.

        Raises
        ------
        RunFailed
            Collinear regressors.
        """
        from statsmodels.regression.linear_model import OLS

        asked = content(self._levels[:count]), self._since, self._form
        if asked not in _fits:
            loaded = loadings(self._levels[:count], self._form)
            outcome, regressors = self.regressors(count, loaded=loaded)
            _refuse_collinear(regressors, self._form)
            _fits[asked] = _equation(OLS(outcome, regressors).fit(), loaded, self._form)
        return _fits[asked]

    def simulate(self, equation: Equation, *, origin: int, coefficients: np.ndarray, errors: np.ndarray) -> np.ndarray:
        """Log price from month `origin` + 1 on, given the others' path, by recursion.

        Own values after row `origin` are not read.

        Parameters
        ----------
        coefficients : ndarray, shape (draws, k)
        errors : ndarray, shape (draws, months)

        Returns
        -------
        ndarray, shape (draws, months)
        """
        lags, ahead = self._form.lags, slice(origin + 1, origin + 1 + errors.shape[1])
        first, rank = self._terms.shape[1], equation.loadings.shape[1]
        on_levels = coefficients[:, first : first + rank] @ equation.loadings.T
        known = np.hstack([self._terms[ahead], self._levels[origin : ahead.stop - 1, 1:], self._others[ahead]])
        short_run = np.hstack([coefficients[:, :first], on_levels[:, 1:], coefficients[:, first + rank : -lags]])
        changes = np.vstack([np.empty((lags, len(short_run))), known @ short_run.T + errors.T])
        changes[:lags] = self._own[origin - lags + 1 : origin + 1, :1]
        adjusted, own, level = on_levels[:, 0], coefficients[:, -lags:].T, self._levels[origin, 0]
        for step in range(lags, len(changes)):
            changes[step] += adjusted * level
            for lag in range(lags):
                changes[step] += own[lag] * changes[step - 1 - lag]
            level = level + changes[step]
        return np.asarray(self._levels[origin, 0] + changes[lags:].cumsum(axis=0).T)


def _refuse_collinear(regressors: np.ndarray, form: EquationForm) -> None:
    """:class:`RunFailed` where least squares would still give coefficients, of which none means anything."""
    others = regressors[:, 1:]  # the first is the constant
    within = others - others.mean(axis=0)
    length, spread = (np.sqrt((part**2).sum(axis=0)) for part in (others, within))
    if not (spread > CONSTANT * length).all() or np.linalg.cond(within / spread) > CONDITION_LIMIT:
        raise RunFailed(f"{form.model}: the regressors are collinear")


def _equation(fit: RegressionResults, loaded: np.ndarray, form: EquationForm) -> Equation:
    coefficients = np.asarray(fit.params)
    first = {"constant": 1, "trend": 2, "season": MONTHS}[form.terms]
    adjustment = float(loaded[0] @ coefficients[first : first + loaded.shape[1]])
    covariance = np.asarray(fit.normalized_cov_params)
    return Equation(coefficients, covariance, float(fit.scale), int(fit.df_resid), loaded, adjustment)


def coefficient_draws(equation: Equation, *, draws: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients, shape (draws, k), and error standard deviations, shape (draws,), under a flat prior.

    The variance is drawn from its scaled inverse χ² distribution, the coefficients from a normal one given it; the
    cointegrating relations, which converge faster, are held.
    """
    deviation = np.sqrt(equation.variance * equation.freedom / rng.chisquare(equation.freedom, draws))
    root = np.linalg.cholesky((equation.covariance + equation.covariance.T) / 2)
    noise = rng.standard_normal((draws, len(equation.coefficients))) @ root.T
    return equation.coefficients + deviation[:, None] * noise, deviation
