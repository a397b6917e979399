"""What a page makes of a drawing: its shades on a dark page, and the numbers that its marks tell.

May import: reporting.
"""
