"""Estimators and tests that know no crop and no car.

May import: core.
"""
