"""What a scenario is worth to Canada, both sectors in one account.

May import: core, econometrics, data, policy, reporting and the themes.
"""
