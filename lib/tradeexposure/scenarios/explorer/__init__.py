"""Notebook 80: the explorer, one scenario solved over four levers, with curves between.

May import: core, econometrics, data, policy, reporting, the themes, scenarios.brief, scenarios.comparison,
scenarios.simulation, scenarios.by_sign.
"""

from tradeexposure.scenarios.explorer import grid, panel

__all__ = ["grid", "panel"]
