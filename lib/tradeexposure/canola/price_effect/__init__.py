"""Notebook 40: what they did to the farm price.

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
