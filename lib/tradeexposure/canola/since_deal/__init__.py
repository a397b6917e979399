"""Notebook 55: what trade did since the arrangement came into force, and whether noise could have done it.

May import: core, econometrics, data, policy, reporting, canola.exposure.
"""

from tradeexposure.canola.since_deal import (
    canola_part,
    cars,
    exports,
    figures,
    forecast_scores,
    forecasts,
    meal,
    results,
    sentences,
    weekly,
)
from tradeexposure.canola.since_deal.exports import TOGETHER
