"""Notebook 20: which farmers, provinces and products depend on China.

May import: core, econometrics, data, policy, reporting.
"""

from tradeexposure.canola.exposure import (
    customs_values,
    export_values,
    figures,
    grain_exports,
    harvests,
    receipts,
    results,
)
