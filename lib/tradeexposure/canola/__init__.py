"""Canola: what is exposed (20), what the measures did to trade (30) and to the farm price (40), and the market they
calibrate.

May import: core, econometrics, data, policy, reporting.
"""
