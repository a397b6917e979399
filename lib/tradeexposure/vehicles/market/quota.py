"""The tariff-rate quota on China-built electric cars as a complementarity.

The rent per car r and the quota's slack are complementary: 0 <= r, cars <= quota, r (quota - cars) = 0. Where entry
above the quota is allowed, r is at most what the higher rate adds to the price, and at that rent cars may exceed it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tradeexposure.core.arrays import Floats
from tradeexposure.policy.regimes import VehicleRegime
from tradeexposure.vehicles.market import demand_system
from tradeexposure.vehicles.market.demand_system import Demand

NO_QUOTA, UNFILLED, FILLED, OVERFILLED = -1, 0, 1, 2
OUTCOMES = {"unfilled": UNFILLED, "filled": FILLED, "overfilled": OVERFILLED}


@dataclass(frozen=True)
class QuotaUse:
    """How the quota ends, arrays of n draws: weight of China-built cars, usable quota, rent a car (CAD), outcome."""

    weight: Floats
    usable: Floats
    rent_per_car: Floats
    outcome: Floats


def usable_quota(regime: VehicleRegime, draws: pd.DataFrame) -> Floats:
    """Cars that can enter within the quota: of the part reserved for cars under the cap only `under_cap_share` does."""
    if regime.quota is None:
        return np.full(len(draws), np.inf)
    under_cap = draws["under_cap_share"].to_numpy(float)
    return regime.quota * (1 - regime.price_capped_share * (1 - under_cap))


def fill(
    demand: Demand, free: Floats, others: Floats, draws: pd.DataFrame, regime: VehicleRegime, rise_above: Floats | None
) -> QuotaUse:
    """Solve the quota for every draw.

    Parameters
    ----------
    free, others : array (n,)
        Weights of China-built cars at the rate within the quota without a rent, and of other electric cars.
    rise_above : array (n,) or None
        What the rate above the quota adds to the price, CAD a car; None = no entry above the quota.

    Raises
    ------
    NotConverged
        A draw whose rent was not found.
    """
    usable, zero = usable_quota(regime, draws), np.zeros(len(draws))
    if regime.quota is None:
        return QuotaUse(free, usable, zero, np.full(len(draws), NO_QUOTA))
    slack = demand_system.purchases(demand, free, others).china <= usable
    bound = demand_system.weight_for(demand, np.where(slack, 0.0, usable), others, draws)
    state = np.where(slack, UNFILLED, FILLED)
    weight = np.where(slack, free, bound)
    if rise_above is not None:
        dear = free * demand_system.weight_factor(demand, rise_above)
        over = ~slack & (dear > bound)
        state, weight = np.where(over, OVERFILLED, state), np.where(over, dear, weight)
    rent = np.where(state == UNFILLED, 0.0, demand_system.price_change(demand, free, weight))
    # A closed quota has no price at which it clears, and no cars to earn a rent on.
    return QuotaUse(weight, usable, np.where(np.isfinite(rent), np.maximum(rent, 0.0), 0.0), state)


def probabilities(state: Floats) -> dict[str, float]:
    """Share of draws in which the quota ends unfilled, filled and over-filled; all 0 where there is no quota."""
    return {name: float(np.mean(state == code)) for name, code in OUTCOMES.items()}


def quota_residual(filled: QuotaUse, cars: Floats, rise_above: Floats | None) -> Floats:
    """What is left of the complementarity conditions, as a share of the quota (0 where there is none)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        short = np.abs(cars - filled.usable) / np.maximum(filled.usable, 1.0)
        over = np.maximum(cars / filled.usable - 1, 0.0)
    top = filled.rent_per_car if rise_above is None else rise_above  # without entry above, no bound to meet
    left = np.select(
        [filled.outcome == UNFILLED, filled.outcome == FILLED, filled.outcome == OVERFILLED],
        [np.where(filled.rent_per_car > 0, 1.0, over), short, np.abs(filled.rent_per_car - top) / np.maximum(top, 1.0)],
        0.0,
    )
    return np.asarray(left)
