"""Notebook 50: who supplies Canada's electric cars, who assembles, who depends on the US.

May import: core, econometrics, data, policy, reporting, vehicles.registrations.
"""

from tradeexposure.vehicles.exposure import cross_checks, figures, results, sector, stakeholder_matrix
