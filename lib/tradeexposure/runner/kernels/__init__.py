"""A notebook's kernel as the runner sees it: its start, what it prints, its sockets' folder, its kind of processor.

May import: core, data, policy.
"""
