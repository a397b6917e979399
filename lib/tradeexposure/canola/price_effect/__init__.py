"""Notebook 40: what the measures of 2019 and 2025 did to the farm price.

May import: core, econometrics, data, policy, reporting, canola.exposure.
"""

from tradeexposure.canola.price_effect import (
    counterfactual,
    design,
    figures,
    growers_cost,
    prices,
    results,
    study,
)
from tradeexposure.canola.price_effect.counterfactual import Counterfactual
from tradeexposure.canola.price_effect.design import Design
