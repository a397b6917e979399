"""Notebook 68: one scenario solved over four levers, with curves between, for the explorer; no words of a scenario.

May import: core, econometrics, data, policy, reporting, the themes, scenarios.simulation.
"""

from tradeexposure.scenarios.explorer import grid
