"""The market for seed, oil and meal that scenarios are solved on.

May import: core, econometrics, data, policy, reporting, canola.exposure.
"""
