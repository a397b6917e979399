"""Notebook 80: what the front page says and links to, today and since the deal; how it looks is of publishing.

May import: core, data, econometrics, policy, reporting, the themes, scenarios.brief, scenarios.comparison,
scenarios.explorer, scenarios.simulation, scenarios.by_sign.
"""

from tradeexposure.scenarios.front_page import (
    left_out,
    messages,
    models_against_outcomes,
    panel,
    reader_links,
    today,
)
