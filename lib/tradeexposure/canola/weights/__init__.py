"""Notebook 65: what the episodes of 2019 and 2025 say about the market for canola, and the weights they give.

May import: core, econometrics, data, policy, reporting, canola.exposure, canola.trade_effect, canola.price_effect,
canola.market.
"""
