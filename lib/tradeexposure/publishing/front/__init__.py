"""The front page over the editions of a folder.

May import: core, data, policy, reporting, publishing.
"""
