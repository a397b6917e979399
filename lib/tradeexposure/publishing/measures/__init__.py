"""The tracker: every measure in time and any day's duty, on one page.

May import: core, data, policy, reporting, publishing.
"""
