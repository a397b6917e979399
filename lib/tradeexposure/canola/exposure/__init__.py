"""Notebook 20: which farmers, provinces and products depend on China.

May import: core, econometrics, data, policy, reporting.
"""

from tradeexposure.canola.exposure import (
    crop_flows,
    customs_values,
    export_values,
    figures,
    harvests,
    province_origin,
    receipts,
    results,
    seed_exports,
    subdivisions,
)
