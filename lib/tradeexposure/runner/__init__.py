"""Which notebook runs when and where, and what is kept.

May import: core, econometrics, data, policy, reporting, publishing.
"""
