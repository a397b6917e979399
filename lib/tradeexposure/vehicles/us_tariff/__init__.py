"""Notebook 60: what the US tariff on cars did to exports.

May import: core, econometrics, data, policy, reporting, vehicles.exposure, vehicles.registrations.
"""

from tradeexposure.vehicles.us_tariff import figures, paths, results, sentences, study
from tradeexposure.vehicles.us_tariff.design import Design, PathModel
