"""One module a publisher: its files read into tables.

May import: core, data.
"""
