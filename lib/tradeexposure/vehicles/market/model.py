"""What a vehicle regime does to registrations, the quota, revenue and buyers: the electric-car model, over all draws.

Prices of cars built elsewhere do not answer. A duty is passed to buyers in part; the seller bears the rest, so the
customs value on which it is charged falls with it. Every outcome is solved from the base year, so that the difference
of two outcomes does not depend on the path between them.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from tradeexposure.core import arrays
from tradeexposure.core.arrays import Floats
from tradeexposure.policy.regimes import Rates, VehicleRegime
from tradeexposure.vehicles.market import demand_system, quota
from tradeexposure.vehicles.market.base_year import CHINA_BUILT, EvBase
from tradeexposure.vehicles.market.outcome import EvOutcome, Offer, Tariff, outcome


def offer(base: EvBase, draws: pd.DataFrame, regime: VehicleRegime) -> Offer:
    """Weights and prices under a regime; parameters and errors are those of :func:`simulate`."""
    demand = arrays.solution_of("demand", (), lambda: demand_system.calibrate(base, draws), same=(base, draws))
    within = tariff(base, draws, regime.china_within)
    above = None if regime.china_above is None else tariff(base, draws, regime.china_above)
    wedge = rebate_wedge(base, draws, regime)
    return Offer(
        demand,
        demand.appeal * demand_system.weight_factor(demand, within.price_change + wedge[CHINA_BUILT]),
        (1 - demand.china_share) * demand_system.weight_factor(demand, wedge["others"]),
        within,
        above,
        None if above is None else above.price_change - within.price_change,
    )


def simulate(base: EvBase, draws: pd.DataFrame, regime: VehicleRegime, *, on_offer: Floats | None = None) -> EvOutcome:
    """Solve the model for every draw.

    Parameters
    ----------
    draws : DataFrame
        One row per draw: `ev_semi_elasticity` (per C$1,000 of price, positive), `market_response` (elasticity of all
        new vehicles to their average price, positive), `drawn_from_evs`, `china_share_2023` (of electric cars),
        `china_appeal` (today over then), `china_price_gap` (below the mean rival, at the reference's duty),
        `tariff_pass_through`, `rebate_pass_through`, `rebate_eligible`, `under_cap_share`, `rent_kept_abroad`,
        `us_built_share`, `surtax_kept`, `surtax_content`, `us_car_value_cad`. Other columns are not used.
    on_offer : array (n,), optional
        China-built cars a year that buyers would take of those already on offer, were there no quota; at most
        :attr:`Offer.cars`, which is what they are without it.

    Raises
    ------
    BadInput
        A column missing or out of bounds.
    NotConverged
        A draw that was not solved, with its parameters.
    """
    met = offer(base, draws, regime)
    demand, others = met.demand, met.others
    free = met.free if on_offer is None else demand_system.weight_for(demand, on_offer, others, draws)
    filled = quota.fill(demand, free, others, draws, regime, met.rise)
    bought = (
        demand_system.purchases(demand, demand.appeal, 1 - demand.china_share),
        demand_system.purchases(demand, filled.weight, others),
        demand_system.purchases(demand, np.zeros(len(draws)), others),
    )
    # Cars that are not on offer yet are no dearer for it: the price is that of the cars that are.
    price = demand_system.price_change(demand, demand.appeal * (free / met.free), filled.weight)
    return outcome(base, draws, regime, met, filled, bought, price)


def tariff(base: EvBase, draws: pd.DataFrame, rate: Rates) -> Tariff:
    """Price and duty per China-built car at a rate.

    A China-built car costs its rivals' price less the gap at the reference rate r, of which `customs_share` is of the
    price without duty: its customs value c is that price / (1 / customs_share + r). The buyer pays p (t - r) c more at
    rate t (p = pass-through), and the customs value c' solves c' (1 + t) - c (1 + r) = p (t - r) c.
    """
    reference = np.asarray(base.reference.china_within, dtype=float)
    rates = np.broadcast_to(np.asarray(rate, dtype=float), len(draws))
    price = base.price_cad * (1 - draws["china_price_gap"].to_numpy(float))
    value = price / (1 / base.customs_share + reference)
    passed = draws["tariff_pass_through"].to_numpy(float) * (rates - reference)
    return Tariff(passed * value, rates * value * (1 + reference + passed) / (1 + rates))


def rebate_wedge(base: EvBase, draws: pd.DataFrame, regime: VehicleRegime) -> dict[str, Floats]:
    """What the regime's rebates change in buyers' prices, CAD: the part of a rebate that reaches them, negative."""
    reach = draws["rebate_pass_through"].to_numpy(float)
    return {
        "others": -reach * (regime.rebate_cad - base.reference.rebate_cad),
        CHINA_BUILT: -reach * (regime.rebate_china_cad - base.reference.rebate_china_cad),
    }
