"""Outlines for maps, and the census subdivisions that are drawn with their canola.

May import: core, data.
"""
