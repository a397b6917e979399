"""Scenarios side by side on one page, those of a grid by what they vary.

May import: core, data, policy, reporting, publishing.
"""
