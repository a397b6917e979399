"""What is charged on what, on which day, in which scenario, and what a scenario may assume.

May import: core, data.
"""
