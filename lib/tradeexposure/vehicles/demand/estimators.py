"""How registrations of electric cars answer a provincial rebate: three estimators, and what eight provinces allow.

Province and quarter effects leave only what a province pays and others do not; a federal rebate is the same everywhere
and falls out. Engine of record: statsmodels' GLM, a dummy for every effect.

Two tests for few clusters: a wild cluster bootstrap, and a permutation that hands every province's path of rebates to
every province. Without an effect, and if it was chance which province had which path, each assignment is as likely as
the one that happened. All are enumerated: the model is fitted once without the rebate, and each assignment's effect is
the first Newton step from there.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tradeexposure.core.arrays import Floats, Ints
from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.econometrics.inference import wild_bootstrap
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
LARGEST = 8  # provinces: 40,320 assignments
TIE = 1e-9  # relative difference below which two effects are the same


@dataclass(frozen=True)
class Specification:
    """One way to estimate the answer to a rebate."""

    estimator: str  #: A name of :data:`ESTIMATORS`.
    until: str  #: Last quarter, written 2024Q3.
    without: tuple[str, ...] = ()  #: Provinces left out.
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


@dataclass(frozen=True)
class Permutation:
    """An estimate among those of all assignments of rebate paths to provinces."""

    estimate: float  #: First-step estimate of the actual assignment, log change per C$1,000.
    p_value: float  #: Share of assignments, the actual one included, with an estimate at least as large in size.
    floor: float  #: One over the number of different assignments.
    #: Different assignments, and different paths.
    assignments: int
    paths: int
    #: Quantiles of the estimates over all assignments.
    q05: float
    q95: float


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
    known = frame["geo"].unique()
    unknown = sorted(set(spec.without).difference(known))
    if unknown:
        raise BadInput("specification", "without", found=unknown[0], allowed=", ".join(sorted(known)))
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
    times = pd.get_dummies(rows["quarter"], dtype=float).iloc[:, 1:]
    parts = [provinces, times.set_axis(pd.DatetimeIndex(times.columns).strftime("%Y-%m"), axis=1)]
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
        As :func:`sample`; a fit of other rows or terms.
    RunFailed
        The likelihood did not reach its maximum.
    """
    rows = sample(frame, spec)
    names = list(TIMINGS[spec.timing])
    design = pd.concat([rows[names], effects_design(rows, trends=spec.trends)], axis=1)
    if fit is None:
        parameters, factor = ESTIMATORS[spec.estimator].fit(rows, design)
    elif spec.estimator == "ppml" and _is_of(fit, rows, design):
        parameters, factor = fit.params, 1.0
    else:
        raise BadInput(
            "fit",
            found=f"{int(fit.nobs)} rows of another specification",
            allowed=f"its {len(rows)} by ppml, with its terms",
        )
    by_quarter = {name: float(parameters[name]) * factor for name in names}
    return Estimate(sum(by_quarter.values()), by_quarter, len(rows))


def _is_of(fit: GLMResults, rows: pd.DataFrame, design: pd.DataFrame) -> bool:
    """Whether a fit is of these rows with the terms of `design`, however it writes its dummies."""
    terms, offset = fit.model.exog, getattr(fit.model, "offset", 0.0)
    same = np.array_equal(fit.model.endog, rows["registrations"]) and np.allclose(offset, rows["log_total"])
    rank = np.linalg.matrix_rank
    return same and terms.shape == design.shape and rank(np.hstack([terms, design])) == rank(terms)


def poisson(rows: pd.DataFrame, design: pd.DataFrame):  # type: ignore[no-untyped-def]
    """Poisson model of registrations with log(total) as offset: statsmodels' results."""
    import statsmodels.api as sm

    return _converged(sm.GLM(rows["registrations"], design, family=sm.families.Poisson(), offset=rows["log_total"]))


def _fit_logit(rows: pd.DataFrame, design: pd.DataFrame) -> tuple[pd.Series, float]:
    """Fractional logit of the electric share."""
    import statsmodels.api as sm

    bought, total = (rows[name].to_numpy(dtype=float) for name in ("registrations", "total"))
    both = np.column_stack([bought, total - bought])
    fitted = _converged(sm.GLM(both, design, family=sm.families.Binomial()))
    return fitted.params, float(np.average(1 - fitted.fittedvalues, weights=np.asarray(fitted.fittedvalues) * total))


def _fit_ols(rows: pd.DataFrame, design: pd.DataFrame) -> tuple[pd.Series, float]:
    import statsmodels.api as sm

    return sm.OLS(rows["log_share"], design).fit().params, 1.0


@dataclass(frozen=True)
class Estimator:
    """A model of the panel."""

    #: Rows, design → coefficients, and what turns them into a log change of registrations.
    fit: Callable[[pd.DataFrame, pd.DataFrame], tuple[pd.Series, float]]
    family: Family  #: {"poisson", "binomial", "gaussian"}. By which wild bootstrap and permutation score it.


#: Name in a :class:`Specification` → model; one that is added here may stand in the notebook's specifications.
ESTIMATORS = {
    "ppml": Estimator(lambda rows, design: (poisson(rows, design).params, 1.0), "poisson"),
    "fractional_logit": Estimator(_fit_logit, "binomial"),
    "log_share": Estimator(_fit_ols, "gaussian"),
}


def _converged(model):  # type: ignore[no-untyped-def]
    fitted = model.fit(maxiter=STEPS, tol=TOLERANCE)
    if not fitted.converged:
        raise RunFailed(f"{type(model.family).__name__} model: no maximum within {STEPS} steps")
    return fitted


def change(coefficient: float) -> float:
    """Proportional change that a log change amounts to."""
    return float(np.expm1(coefficient))


def wild_sample(
    frame: pd.DataFrame, spec: Specification, tested: Sequence[str] | None = None
) -> wild_bootstrap.WildSample:
    """A specification as the wild bootstrap takes it, clusters = provinces; `tested`: columns of its timing."""
    rows = sample(frame, spec)
    design = effects_design(rows, trends=spec.trends)
    trends = [str(name) for name in design if str(name).startswith("trend ")]
    full = pd.concat([rows, design[trends]], axis=1)
    family = ESTIMATORS[spec.estimator].family
    outcome = {"poisson": "registrations", "binomial": "share", "gaussian": "log_share"}[family]
    return wild_bootstrap.wild_sample(
        full, outcome=outcome, tested=tested or TIMINGS[spec.timing], cluster="geo",
        controls=trends, effects=["geo", "quarter"], family=family,
        offset="log_total" if family == "poisson" else None, weights="total" if family == "binomial" else None,
    )  # fmt: skip


def bootstrap(
    frame: pd.DataFrame, spec: Specification, *, level: float
) -> tuple[wild_bootstrap.WildTest, tuple[float, float]]:
    """Test that the effect is zero, every pattern of signs taken; lowest and highest effect that is not rejected.

    The ends are missing where there are none: a side without end, or a set with a gap (zero is not rejected but lies
    outside the stretch around the estimate).
    """
    wild = wild_sample(frame, spec)
    test, (low, high) = wild_bootstrap.wild_test(wild), wild_bootstrap.confidence_set(wild, level=level)
    gap = test.p_value > 1 - level and not low <= 0 <= high
    closed = np.isfinite([low, high]).all() and not gap
    return test, (low, high) if closed else (float("nan"), float("nan"))


def permute(frame: pd.DataFrame, spec: Specification) -> Permutation:
    """Rank a specification among all assignments of paths to provinces.

    Raises
    ------
    BadInput
        Too many provinces to enumerate.
    """
    rows = sample(frame, spec)
    provinces = list(dict.fromkeys(rows["geo"]))
    if len(provinces) > LARGEST:
        raise BadInput("permutation", "provinces", found=str(len(provinces)), allowed=f"at most {LARGEST}")
    effects = _first_steps(frame, rows, spec, provinces, _orders(len(provinces)))
    paths = frame[frame["geo"].isin(provinces)].pivot(index="geo", columns="quarter", values="rebate")
    kinds = np.unique(paths.to_numpy(), axis=0, return_counts=True)[1]
    different = math.factorial(len(provinces)) // math.prod(math.factorial(int(count)) for count in kinds)
    q05, q95 = np.quantile(effects, [0.05, 0.95])
    larger = np.abs(effects) >= abs(effects[0]) * (1 - TIE)
    return Permutation(float(effects[0]), float(larger.mean()), 1 / different, different, len(kinds),
                       float(q05), float(q95))  # fmt: skip


@lru_cache(maxsize=LARGEST)
def _orders(size: int) -> Ints:
    """Every order of `size` things, shape (orders, size). Shared between callers: never change it."""
    return np.array(list(itertools.permutations(range(size))))


def _first_steps(
    frame: pd.DataFrame, rows: pd.DataFrame, spec: Specification, provinces: list[str], orders: Ints
) -> Floats:
    """Effect of each assignment (rows of `orders`: which province's path each one gets), shape (assignments,)."""
    names, size = list(TIMINGS[spec.timing]), len(provinces)
    null = wild_sample(frame, spec, names[:1])  # fitted without it, effects and trends are left
    mean, weights = wild_bootstrap.mean_and_weights(null, wild_bootstrap.fitted(null, null=0.0).predictor)
    residual, root = null.weights * (null.outcome - mean), np.sqrt(weights)[:, None]
    basis = np.linalg.qr(root * null.basis)[0] / root  # orthonormal under the weights
    handed = _handed(frame, rows, names, provinces)
    inside = handed - basis @ (basis.T @ (weights[:, None] * handed))
    information = (weights[:, None] * inside).T @ handed
    cells = np.arange(size)[:, None] * size + orders.T
    blocks = [slice(place * size**2, (place + 1) * size**2) for place in range(len(names))]
    scores = np.stack([(residual @ handed[:, block])[cells].sum(axis=0) for block in blocks], axis=1)
    matrices = np.empty((len(orders), len(names), len(names)))
    for row, left in enumerate(blocks):
        for column, right in enumerate(blocks):
            matrices[:, row, column] = _summed(information[left, right], cells)
    return np.asarray(np.linalg.solve(matrices, scores[:, :, None])[:, :, 0].sum(axis=1))


def _summed(table: Floats, cells: Ints) -> Floats:
    """Sum of a `table` (c, c) over all pairs of the cells (places, assignments) of each assignment."""
    both = table + table.T
    both[np.diag_indices_from(both)] /= 2
    flat, total = both.ravel(), np.zeros(cells.shape[1])
    for row, column in itertools.combinations_with_replacement(cells, 2):
        total += flat[row * len(both) + column]
    return total


def _handed(frame: pd.DataFrame, rows: pd.DataFrame, names: list[str], provinces: list[str]) -> Floats:
    """Column (timing, province, giver): the giver's whole path in the province's rows, zero elsewhere."""
    columns = []
    for name in names:
        wide = frame.pivot(index="quarter", columns="geo", values=name)
        path = wide.reindex(rows["quarter"])[provinces].to_numpy()
        for province in provinces:
            own = (rows["geo"] == province).to_numpy()
            columns.append(np.where(own[:, None], path, 0.0))
    return np.hstack(columns)
