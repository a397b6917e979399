"""Notebook 70: both models solved in a scenario and in what it is measured against.

May import: core, econometrics, data, policy, reporting, the themes, scenarios.by_sign.
"""

from tradeexposure.scenarios.simulation import (
    changes,
    figures,
    messages,
    model_checks,
    models,
    results,
    sentences,
    simulate,
    tables,
    validation,
    variants,
)
