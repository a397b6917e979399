"""What a scenario does to both sectors (70), in one account of both, beside other scenarios (80), and the brief (90).

May import: core, econometrics, data, policy, reporting and the themes.
"""
