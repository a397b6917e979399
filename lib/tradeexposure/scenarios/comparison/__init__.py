"""Notebook 80: the scenarios side by side, and the grid behind the explorer.

May import: core, econometrics, data, policy, reporting, the themes, scenarios.simulation.
"""

from tradeexposure.scenarios.comparison import explorer, grid

__all__ = ["explorer", "grid"]
