"""Notebook 40: what they did to the farm price.

May import: core, econometrics, data, policy, reporting, canola.exposure.
"""

from tradeexposure.canola.price_effect import (
    counterfactual,
    figures,
    growers_cost,
    names,
    placebo_windows,
    plan,
    prices,
    results,
    study,
)

__all__ = [
    "counterfactual",
    "figures",
    "growers_cost",
    "names",
    "placebo_windows",
    "plan",
    "prices",
    "results",
    "study",
]
