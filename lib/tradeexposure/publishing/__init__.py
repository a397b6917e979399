"""Executed notebooks as pages; editions beside each other.

May import: core, data, policy, reporting.
"""
