"""Notebook 10: how dependent Canada is on its markets, and whether doubling non-US exports is in reach.

May import: core, econometrics, data, policy, reporting.
"""

from tradeexposure.trade import figures, flows, results
