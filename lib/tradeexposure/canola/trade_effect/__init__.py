"""Notebook 30: what the measures of 2019 and 2025 did to volumes and destinations.

May import: core, econometrics, data, policy, reporting, canola.exposure.
"""

from tradeexposure.canola.exposure import export_values, harvests
from tradeexposure.canola.trade_effect import (
    effects,
    figures,
    placebo_cells,
    results,
    shortfall,
    soybean_precedent,
    study,
)
from tradeexposure.econometrics.poisson.fit import fit_ppml
