"""The market for electric cars, the quota and sales to the US that scenarios are solved on.

May import: core, econometrics, data, policy, reporting, vehicles.exposure, vehicles.registrations.
"""
