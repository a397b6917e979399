"""Notebook 80: the scenarios side by side, the words and charts of the front page, and the grid behind its explorer.

May import: core, econometrics, data, policy, reporting, the themes, scenarios.brief, scenarios.simulation,
scenarios.by_sign.
"""

from tradeexposure.scenarios.comparison import (
    claims,
    explorer,
    figures,
    grid,
    inputs,
    left_out,
    messages,
    models_against_outcomes,
    outcomes,
    reader_links,
    timeline,
    today,
)

__all__ = [
    "claims",
    "explorer",
    "figures",
    "grid",
    "inputs",
    "left_out",
    "messages",
    "models_against_outcomes",
    "outcomes",
    "reader_links",
    "timeline",
    "today",
]  # fmt: skip
