"""Notebook 90: the brief, written from published numbers.

May import: core, econometrics, data, policy, reporting, the themes, scenarios.simulation, scenarios.by_sign.
"""

from tradeexposure.scenarios.brief import checks, figures, inputs, sentences, tables
