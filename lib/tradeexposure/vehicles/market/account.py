"""Who in Canada gains or loses on cars: buyers, treasuries and holders of quota permits, in C$ a year.

Makers' profit is not held and is in no line; nor is what sellers keep of a rebate, which is shown beside the sum.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd

from tradeexposure.core.arrays import Floats
from tradeexposure.policy.regimes import VehicleRegime
from tradeexposure.vehicles.market import demand_system, model
from tradeexposure.vehicles.market.base_year import EvBase
from tradeexposure.vehicles.market.demand_system import Demand
from tradeexposure.vehicles.market.outcome import EvOutcome

#: From this duty on hardly a China-built car was seen to come, whatever a demand curve says.
SHUT = 1.0
NODES = 48  # of Gauss and Legendre on each leg of the second route


@dataclass(frozen=True, eq=False)
class VehicleAccount:
    """Gains of one regime over another, C$ a year; arrays (draw,).

    Attributes
    ----------
    car_buyers : consumer surplus, with what rebates leave in it
    rebates : rebates saved, negative where more is paid
    quota_rent : rent of the quota that stays in Canada
    revenue : duty on China-built electric cars
    rebates_kept_by_sellers, rent_abroad : part of rebates that buyers do not see, rent kept abroad; outside the sum
    """

    car_buyers: Floats
    rebates: Floats
    quota_rent: Floats
    revenue: Floats
    rebates_kept_by_sellers: Floats
    rent_abroad: Floats

    @property
    def total(self) -> Floats:
        """Sum of the lines that stay in Canada."""
        return np.asarray(self.car_buyers + self.rebates + self.quota_rent + self.revenue)


def as_observed(regime: VehicleRegime) -> VehicleRegime:
    """The regime with no China-built car where the duty on each is :data:`SHUT` or more, as was seen under it.

    A demand curve fitted far below that duty would sell cars under it, and their duty would be revenue of hundreds of
    millions that nobody collected.
    """
    shut = bool((np.asarray(regime.china_within) >= SHUT).all())
    return replace(regime, quota=0.0, china_above=None, price_capped_share=0.0) if shut else regime


def between(scenario: EvOutcome, against: EvOutcome, draws: pd.DataFrame) -> VehicleAccount:
    """Gains of one solved regime over another."""

    def change(name: str) -> Floats:
        return np.asarray(getattr(scenario, name) - getattr(against, name), dtype=float)

    paid = change("rebate_cost_cad")
    return VehicleAccount(
        car_buyers=change("consumer_surplus_cad"),
        rebates=-paid,
        quota_rent=change("rent_home_cad"),
        revenue=change("tariff_revenue_cad"),
        rebates_kept_by_sellers=(1 - draws["rebate_pass_through"].to_numpy(float)) * paid,
        rent_abroad=change("rent_abroad_cad"),
    )


def simulate(base: EvBase, draws: pd.DataFrame, scenario: VehicleRegime, against: VehicleRegime) -> VehicleAccount:
    """The account of two regimes, each as observed."""
    found = [model.simulate(base, draws, as_observed(regime)) for regime in (scenario, against)]
    return between(found[0], found[1], draws)


def buyers_by_demand(demand: Demand, weights: tuple[Floats, Floats], others: tuple[Floats, Floats]) -> Floats:
    """Buyers' gain by another route: cars bought integrated over what each weight's change is worth, (draw,).

    Parameters
    ----------
    weights, others : pair of array (draw,)
        Weights of China-built and of other electric cars before and after. The others' go first, China's follow.
    """
    nodes, shares = np.polynomial.legendre.leggauss(NODES)
    worth = demand.nest / demand.price_response * demand_system.THOUSAND  # C$ that one log point of weight is worth
    total = np.zeros_like(worth)
    (start, end), (first, last) = weights, others
    for node, share in zip(nodes, shares, strict=True):
        some, half = (first + last) / 2 + node * (last - first) / 2, (last - first) / 2
        bought = demand_system.purchases(demand, start, some)
        total += share * half * (bought.electric - bought.china) / some
        some, half = (start + end) / 2 + node * (end - start) / 2, (end - start) / 2
        total += share * half * demand_system.purchases(demand, some, last).china / some
    return np.asarray(worth * total)


def lines(account: VehicleAccount) -> dict[str, Floats]:
    """Every line by name, those outside the sum too."""
    return {each.name: getattr(account, each.name) for each in fields(account)}
