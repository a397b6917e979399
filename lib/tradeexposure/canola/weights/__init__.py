"""Notebook 65: what history says about the market model: simulated episodes, likelihoods, weights, calibration.

May import: core, econometrics, data, policy, reporting, canola.exposure, canola.market.
"""

from tradeexposure.canola.weights import (
    figures,
    history,
    results,
    simulated_history,
    study,
    tables,
    weights,
)
