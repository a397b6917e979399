"""Notebook 60: how demand for electric cars answers rebates.

May import: core, econometrics, data, policy, reporting, vehicles.exposure, vehicles.registrations.
"""

from tradeexposure.vehicles.demand import (
    claims,
    estimators,
    few_clusters,
    figures,
    panel,
    plan,
    published,
    rebate_cohorts,
    results,
    rush_correction,
    study,
    synthetic_control,
)

__all__ = [
    "claims",
    "estimators",
    "few_clusters",
    "figures",
    "panel",
    "plan",
    "published",
    "rebate_cohorts",
    "results",
    "rush_correction",
    "study",
    "synthetic_control",
]
