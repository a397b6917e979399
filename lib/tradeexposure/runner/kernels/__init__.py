"""A notebook's kernel as the runner sees it: its start, its limits, what it prints, reads and may not write, its
kind of processor.

May import: core, data, policy.
"""
