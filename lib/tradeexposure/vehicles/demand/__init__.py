"""Notebook 60: how demand for electric cars answers rebates.

May import: core, econometrics, data, policy, reporting, vehicles.exposure, vehicles.registrations.
"""

from tradeexposure.vehicles.demand import estimators, figures, panel, published, rebate_cohorts, results, rush, study
from tradeexposure.vehicles.demand.estimators import Specification
from tradeexposure.vehicles.demand.panel import Reading, Scaling
from tradeexposure.vehicles.demand.rebate_cohorts import Cohort
from tradeexposure.vehicles.demand.rush import Rush
