"""Notebook 65: what history says about the market model: simulated episodes, likelihoods, weights, calibration.

May import: core, econometrics, data, policy, reporting, canola.exposure, canola.market.
"""

from tradeexposure.canola.weights import (
    bank,
    calibration,
    data_tables,
    figures,
    history,
    names,
    observed,
    results,
    study,
    weights,
)

__all__ = [
    "bank",
    "calibration",
    "data_tables",
    "figures",
    "history",
    "names",
    "observed",
    "results",
    "study",
    "weights",
]
