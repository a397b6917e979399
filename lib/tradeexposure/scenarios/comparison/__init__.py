"""Notebook 80: the numbers of all scenarios side by side, their table and their charts.

May import: core, data, policy, reporting, the themes, scenarios.brief, scenarios.simulation, scenarios.by_sign.
"""

from tradeexposure.scenarios.comparison import figures, inputs, tables
