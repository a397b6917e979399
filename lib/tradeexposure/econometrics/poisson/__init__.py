"""Poisson pseudo-maximum likelihood with absorbed fixed effects.

May import: core.
"""
