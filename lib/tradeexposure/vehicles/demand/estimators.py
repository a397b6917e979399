"""How registrations of electric cars answer a provincial rebate: one specification, three estimators.

Province and quarter effects leave only what a province pays and others do not; a federal rebate is the same everywhere
and falls out. Engine of record: statsmodels' GLM, a dummy for every effect.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.econometrics.inference.wild_bootstrap import Family
from tradeexposure.vehicles.registrations import PROVINCIAL

if TYPE_CHECKING:
    from statsmodels.genmod.generalized_linear_model import GLMResults

TIMINGS: dict[str, tuple[str, ...]] = {
    "current": ("rebate",),
    "lead_current_lag": ("rebate_lead", "rebate", "rebate_lag"),
}
TOLERANCE = 1e-10
STEPS = 100


@dataclass(frozen=True)
class Specification:
    """One way to estimate the answer to a rebate."""

    estimator: str = "ppml"  #: A name of :data:`ESTIMATORS`.
    without: tuple[str, ...] = ()  #: Provinces left out.
    until: str = "2025Q2"  #: Last quarter, written 2024Q3.
    trends: bool = False  #: A linear trend for every province.
    #: {"current", "lead_current_lag"}. Which quarters' rebates enter; the effect is the sum of their coefficients.
    timing: str = "current"
    rush: bool = True  #: Whether quarters of an announced change, as :func:`panel.panel` marks them, stay in.


@dataclass(frozen=True)
class Estimate:
    """A fitted specification."""

    #: Log change of registrations per C$1,000 of rebate, summed over the timing; for the logit, times the mean share of
    #: buyers who did not buy one, so that it compares.
    coefficient: float
    by_quarter: dict[str, float]  #: Coefficient of each regressor of the timing.
    n_obs: int


def sample(frame: pd.DataFrame, spec: Specification) -> pd.DataFrame:
    """The rows that a specification uses.

    Raises
    ------
    BadInput
        An unknown option, a province that is not in the panel, a share outside 0 to 1, a rebate that no province
        changes, or a province without a single registration.
    """
    if spec.estimator not in ESTIMATORS:
        raise BadInput("specification", "estimator", found=spec.estimator, allowed=", ".join(ESTIMATORS))
    if spec.timing not in TIMINGS:
        raise BadInput("specification", "timing", found=spec.timing, allowed=", ".join(TIMINGS))
    unknown = sorted(set(spec.without) - set(frame["geo"]))
    if unknown:
        raise BadInput("specification", "without", found=unknown[0], allowed=", ".join(sorted(set(frame["geo"]))))
    if not frame["share"].between(0, 1).all():
        raise BadInput(
            PROVINCIAL, "share", found=f"{frame['share'].min():g} to {frame['share'].max():g}", allowed="0 to 1"
        )
    inside = frame["quarter"] <= pd.Period(spec.until, "Q").to_timestamp()
    kept = frame[inside & ~frame["geo"].isin(spec.without) & (spec.rush | ~frame["rush"])]
    rows = kept.dropna(subset=list(TIMINGS[spec.timing])).reset_index(drop=True)
    geo, rebate, bought = (rows[name].to_numpy() for name in ("geo", "rebate", "registrations"))
    own = {str(name): geo == name for name in sorted(set(geo))}
    if not any(np.ptp(rebate[in_province]) > 0 for in_province in own.values()):
        raise BadInput("rebate paths", found="no province whose amount changes", allowed="at least one that varies")
    for name, in_province in own.items():
        if np.ptp(bought[in_province]) == 0:
            raise BadInput(PROVINCIAL, name, found="registrations without variation",
                           allowed="a province whose registrations vary; leave it out with `without`")  # fmt: skip
    return rows


def effects_design(rows: pd.DataFrame, *, trends: bool) -> pd.DataFrame:
    """Dummies of provinces and quarters (the first quarter left out), and province trends (the first left out)."""
    provinces = pd.get_dummies(rows["geo"], dtype=float)
    times = pd.get_dummies(rows["quarter"].dt.strftime("%Y-%m"), dtype=float).iloc[:, 1:]
    parts = [provinces, times]
    if trends:
        slopes = provinces.mul(rows["decade"], axis=0).iloc[:, 1:]
        parts.append(slopes.add_prefix("trend "))
    return pd.concat(parts, axis=1)


def estimate(frame: pd.DataFrame, spec: Specification, *, fit: GLMResults | None = None) -> Estimate:
    """Fit one specification to a panel from :func:`tradeexposure.vehicles.demand.panel.panel`.

    Parameters
    ----------
    fit : GLMResults, optional
        The Poisson model of the specification, where it is fitted already.

    Raises
    ------
    BadInput
        As :func:`sample`; a fit of other rows.
    RunFailed
        The likelihood did not reach its maximum.
    """
    rows = sample(frame, spec)
    names = list(TIMINGS[spec.timing])
    if fit is None:
        design = pd.concat([rows[names], effects_design(rows, trends=spec.trends)], axis=1)
        parameters, factor = ESTIMATORS[spec.estimator].fit(rows, design)
    elif spec.estimator == "ppml" and np.array_equal(fit.model.endog, rows["registrations"]):
        parameters, factor = fit.params, 1.0
    else:
        raise BadInput("fit", found=f"{int(fit.nobs)} rows of another specification", allowed=f"{len(rows)} by ppml")
    by_quarter = {name: float(parameters[name]) * factor for name in names}
    return Estimate(sum(by_quarter.values()), by_quarter, len(rows))


def poisson(rows: pd.DataFrame, design: pd.DataFrame):  # type: ignore[no-untyped-def]
    """Poisson model of registrations with log(total) as offset: statsmodels' results."""
    import statsmodels.api as sm

    return _converged(sm.GLM(rows["registrations"], design, family=sm.families.Poisson(), offset=rows["log_total"]))


def _logit(rows: pd.DataFrame, design: pd.DataFrame):  # type: ignore[no-untyped-def]
    """Fractional logit of the electric share: statsmodels' results, and all registrations."""
    import statsmodels.api as sm

    bought, total = (rows[name].to_numpy(dtype=float) for name in ("registrations", "total"))
    return _converged(sm.GLM(np.column_stack([bought, total - bought]), design, family=sm.families.Binomial())), total


def _ols(rows: pd.DataFrame, design: pd.DataFrame):  # type: ignore[no-untyped-def]
    import statsmodels.api as sm

    return sm.OLS(rows["log_share"], design).fit()


def _fit_logit(rows: pd.DataFrame, design: pd.DataFrame) -> tuple[pd.Series, float]:
    fitted, total = _logit(rows, design)
    bought = np.asarray(fitted.fittedvalues) * total
    return fitted.params, float(np.average(1 - fitted.fittedvalues, weights=bought))


def _null_poisson(rows: pd.DataFrame, design: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    mean = np.asarray(poisson(rows, design).fittedvalues)
    return rows["registrations"].to_numpy(dtype=float) - mean, mean


def _null_logit(rows: pd.DataFrame, design: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    fitted, total = _logit(rows, design)
    share = np.asarray(fitted.fittedvalues)
    return rows["registrations"].to_numpy(dtype=float) - total * share, total * share * (1 - share)


@dataclass(frozen=True)
class Estimator:
    """A model of the panel."""

    #: Rows, design → coefficients, and what turns them into a log change of registrations.
    fit: Callable[[pd.DataFrame, pd.DataFrame], tuple[pd.Series, float]]
    #: Rows, design of the effects alone → residuals and working weights, each (n,).
    null: Callable[[pd.DataFrame, pd.DataFrame], tuple[np.ndarray, np.ndarray]]
    family: Family  #: {"poisson", "binomial", "gaussian"}. By which the wild bootstrap scores it.


#: Name in a :class:`Specification` → model; one that is added here may stand in the notebook's specifications.
ESTIMATORS = {
    "ppml": Estimator(lambda rows, design: (poisson(rows, design).params, 1.0), _null_poisson, "poisson"),
    "fractional_logit": Estimator(_fit_logit, _null_logit, "binomial"),
    "log_share": Estimator(lambda rows, design: (_ols(rows, design).params, 1.0),
                           lambda rows, design: (np.asarray(_ols(rows, design).resid), np.ones(len(rows))),
                           "gaussian"),
}  # fmt: skip


def _converged(model):  # type: ignore[no-untyped-def]
    fitted = model.fit(maxiter=STEPS, tol=TOLERANCE)
    if not fitted.converged:
        raise RunFailed(f"{type(model.family).__name__} model: no maximum within {STEPS} steps")
    return fitted


def estimate_all(
    panels: dict[str, pd.DataFrame],
    specifications: pd.DataFrame,
    *,
    fits: Mapping[tuple[str, Specification], GLMResults],
) -> pd.DataFrame:
    """One estimate per row of a grid.

    Parameters
    ----------
    panels : dict
        Panel by the name in the grid's column `reading`.
    specifications : DataFrame
        Columns named as the fields of :class:`Specification`, and `reading`.
    fits : mapping
        Reading and specification → its fit; these are not fitted again.

    Returns
    -------
    DataFrame
        The grid with `estimate`, the change of registrations per C$1,000.
    """
    estimates = []
    for row in specifications.to_dict("records"):
        chosen = {str(name): value for name, value in row.items() if name != "reading"}
        reading, spec = str(row["reading"]), replace(Specification(), **chosen)
        result = estimate(panels[reading], spec, fit=fits.get((reading, spec)))
        estimates.append({**row, "estimate": change(result.coefficient)})
    return pd.DataFrame(estimates)


def change(coefficient: float) -> float:
    """Proportional change that a log change amounts to."""
    return float(np.expm1(coefficient))
