"""Pages over the editions of a folder: the front page, scenarios side by side, the tracker, the map, a farm.

May import: core, data, policy, reporting, publishing.
"""
