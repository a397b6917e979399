"""Notebook 60: what the US tariff on cars did to exports.

May import: core, econometrics, data, policy, reporting, vehicles.exposure, vehicles.registrations.
"""

from tradeexposure.vehicles.us_tariff import figures, paths, results, study
from tradeexposure.vehicles.us_tariff.paths import PathModel
from tradeexposure.vehicles.us_tariff.study import Design
