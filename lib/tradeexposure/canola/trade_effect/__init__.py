"""Notebook 30: what the measures of 2019 and 2025 did to volumes and destinations.

May import: core, econometrics, data, policy, reporting, canola.exposure.
"""

from tradeexposure.canola.exposure import export_values, harvests
from tradeexposure.canola.trade_effect import (
    after_settlement,
    claims,
    effects,
    episodes,
    figures,
    placebo_cells,
    results,
    shortfall,
    soybean_precedent,
    study,
)

__all__ = [
    "after_settlement",
    "claims",
    "effects",
    "episodes",
    "export_values",
    "figures",
    "harvests",
    "placebo_cells",
    "results",
    "shortfall",
    "soybean_precedent",
    "study",
]
