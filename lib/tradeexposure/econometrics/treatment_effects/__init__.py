"""The effect on one treated unit: synthetic difference-in-differences, ranks among placebos, breaks of shares.

May import: core.
"""
