"""Vehicles: who supplies, assembles and sells (50), what rebates and the US tariff did (60), and the market they
calibrate.

May import: core, econometrics, data, policy, reporting.
"""
