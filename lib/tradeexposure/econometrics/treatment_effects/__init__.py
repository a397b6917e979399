"""The effect on one treated unit: synthetic difference-in-differences, breaks of shares, ranks among placebos.

May import: core.
"""
