"""Who in Canada gains or loses on cars: buyers, treasuries and holders of quota permits, in C$ a year.

Makers' profit is not held and is in no line; nor is what sellers keep of a rebate.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tradeexposure.core.arrays import Floats
from tradeexposure.policy import studies
from tradeexposure.policy.regimes import VehicleRegime
from tradeexposure.vehicles.market.model import EvOutcome


@dataclass(frozen=True, eq=False)
class VehicleAccount:
    """Gains of one regime over another, C$ a year; arrays (draw,)."""

    car_buyers: Floats  #: Consumer surplus, with what rebates leave in it.
    rebates: Floats  #: Rebates saved, negative where more is paid.
    surtax_lost: Floats  #: Canada's surtax on US-built electric cars, negative where less of it is collected.
    quota_rent: Floats  #: Rent of the quota that stays in Canada.
    revenue: Floats  #: Duty on China-built electric cars.

    @property
    def total(self) -> Floats:
        """Sum of the lines."""
        return np.asarray(self.car_buyers + self.rebates + self.surtax_lost + self.quota_rent + self.revenue)


def as_observed(regime: VehicleRegime) -> VehicleRegime:
    """The regime with no China-built car where the duty on each shuts them out (``data/studies.yml``).

    A demand curve fitted far below that duty would sell cars under it, and their duty would be revenue of hundreds of
    millions that nobody collected.
    """
    shut = bool((np.asarray(regime.china_within) >= studies.limit("shutting_duty")).all())
    return replace(regime, quota=0.0, china_above=None, price_capped_share=0.0) if shut else regime


def between(scenario: EvOutcome, against: EvOutcome) -> VehicleAccount:
    """Gains of one solved regime over another."""

    def change(name: str) -> Floats:
        return np.asarray(getattr(scenario, name) - getattr(against, name), dtype=float)

    return VehicleAccount(
        car_buyers=change("consumer_surplus_cad"),
        rebates=-change("rebate_cost_cad"),
        surtax_lost=change("us_surtax_cad"),
        quota_rent=change("rent_home_cad"),
        revenue=change("tariff_revenue_cad"),
    )
