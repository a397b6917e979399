"""What a scenario does to both sectors (70), beside other scenarios and on the front page (80), and the brief (90).

May import: core, econometrics, data, policy, reporting and the themes.
"""
