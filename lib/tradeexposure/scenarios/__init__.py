"""What a scenario does to both sectors (70), and the brief about it (90).

May import: core, econometrics, data, policy, reporting and the themes.
"""
