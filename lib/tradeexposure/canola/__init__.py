"""Canola: what is exposed (20), what the measures did to trade (30) and to the farm price (40), what came since the
deal (55), the market they calibrate, and what history says about it (65).

May import: core, econometrics, data, policy, reporting.
"""
