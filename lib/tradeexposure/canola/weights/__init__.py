"""What history says about the market model: simulated episodes, likelihoods, weights and their calibration."""
