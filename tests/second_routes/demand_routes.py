"""The demand estimates a second way, by other code than that behind the results."""

from __future__ import annotations

import pandas as pd

from tradeexposure.econometrics.inference import wild_bootstrap
from tradeexposure.econometrics.poisson.fit import fit_ppml
from tradeexposure.vehicles.demand import estimators
from tradeexposure.vehicles.demand.estimators import Specification


def ppml_gap(frame: pd.DataFrame, spec: Specification) -> float:
    """Difference of a Poisson estimate from that of the package's own fit with absorbed effects."""
    rows = estimators.sample(frame, spec)
    absorbed = fit_ppml(rows, outcome="registrations", regressors=["rebate"], effects=["geo", "quarter"],
                        offset="log_total", cluster="geo")  # fmt: skip
    return abs(estimators.estimate(frame, spec).coefficient - float(absorbed.coefficients["rebate"]))


def bootstrap_gap(frame: pd.DataFrame, spec: Specification) -> float:
    """Difference of an estimate from that on the orthonormal basis of the wild bootstrap."""
    own = wild_bootstrap.fitted(estimators.wild_sample(frame, spec)).coefficient
    return abs(own - estimators.estimate(frame, spec).coefficient)


def first_step_gap(frame: pd.DataFrame, spec: Specification) -> float:
    """Distance of the permutation's first step from the full estimate, as a share of the spread over assignments."""
    step = estimators.permute(frame, spec)
    full = estimators.estimate(frame, spec).coefficient
    return abs(step.estimate - full) / (step.q95 - step.q05)
