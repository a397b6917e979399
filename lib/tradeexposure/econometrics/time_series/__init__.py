"""Estimators for monthly series: months and windows, regressions with correlated errors, cointegration, forecasts.

May import: core.
"""
