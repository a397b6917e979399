"""What history says about the market model: simulated episodes, likelihoods, weights and their calibration.

May import: core, econometrics, data, policy, reporting, canola.exposure, canola.market.
"""
