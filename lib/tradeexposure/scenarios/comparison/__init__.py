"""Notebook 80: the scenarios side by side, and the words and charts of the front page.

May import: core, econometrics, data, policy, reporting, the themes, the rest of scenarios.
"""

from tradeexposure.scenarios.comparison import claims, figures, inputs, leads, messages, outcomes, timeline

__all__ = ["claims", "figures", "inputs", "leads", "messages", "outcomes", "timeline"]
