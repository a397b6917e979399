"""The next vintage of the official figures.

May import: core, econometrics, data, policy, reporting, publishing, runner.
"""
