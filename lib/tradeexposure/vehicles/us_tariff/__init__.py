"""Notebook 60: what the US tariff on cars did to exports.

May import: core, econometrics, data, policy, reporting, vehicles.exposure, vehicles.registrations.
"""

from tradeexposure.vehicles.us_tariff import claims, figures, paths, plan, results, study

__all__ = ["claims", "figures", "paths", "plan", "results", "study"]
