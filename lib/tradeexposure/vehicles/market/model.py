"""What a vehicle regime does to registrations, the quota, revenue and buyers: the electric-car model, over all draws.

Prices of cars built elsewhere do not answer. A duty is passed to buyers in part; the seller bears the rest, so the
customs value on which it is charged falls with it. Every outcome is solved from the base year, so that the difference
of two outcomes, whose lines are the account of one regime over another, does not depend on the path between them.

The tariff-rate quota on China-built cars is a complementarity: 0 <= r, cars <= quota, r (quota - cars) = 0, with r its
rent per car. Where entry above the quota is allowed, r is at most what the higher rate adds to the price, and at that
rent cars may exceed it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from tradeexposure.core import arrays
from tradeexposure.core.arrays import Floats
from tradeexposure.policy import studies
from tradeexposure.policy.regimes import Rates, VehicleRegime
from tradeexposure.vehicles.market import demand_system
from tradeexposure.vehicles.market.base_year import CANADA_BUILT, CHINA_BUILT, ORIGINS, OTHER_CARS, OTHERS, EvBase
from tradeexposure.vehicles.market.demand_system import Demand, Purchases

NO_QUOTA, UNFILLED, FILLED, OVERFILLED = -1, 0, 1, 2
OUTCOMES = {"unfilled": UNFILLED, "filled": FILLED, "overfilled": OVERFILLED}


@dataclass(frozen=True)
class EvOutcome:
    """One regime beside the base year; every array has one value per draw."""

    #: Vehicles a year by origin of `base_year.ORIGINS` and `other_cars`, under the regime and under the reference.
    registrations: dict[str, Floats]
    base_registrations: dict[str, Floats]
    #: Vehicles of each other origin and `other_cars` that the market without China-built cars would have had more.
    displaced: dict[str, Floats]
    additional: Floats  #: Vehicles more in all than without China-built cars; China-built = all displaced + additional.
    quota_outcome: Floats  #: :data:`UNFILLED`, :data:`FILLED`, :data:`OVERFILLED`, or :data:`NO_QUOTA`.
    #: Change of a China-built car's price to its buyer, duty, rebate and rent included, CAD; infinite where none is
    #: sold.
    price_change_cad: Floats
    #: Rent of the quota, CAD a car and a year, and who keeps it.
    rent_per_car_cad: Floats
    quota_rent_cad: Floats
    rent_abroad_cad: Floats
    rent_home_cad: Floats
    #: China-built cars entered at each rate (all within where there is no quota).
    within_quota: Floats
    above_quota: Floats
    #: Duty on China-built electric cars = rate x customs value, CAD a year; not set against the base.
    tariff_revenue_cad: Floats
    #: Change against the base, CAD a year; what buyers gain from rebates is in it, see `rebate_cost_cad`.
    consumer_surplus_cad: Floats
    #: Rebates paid on the part of electric cars that is eligible, CAD a year: what the surplus costs governments.
    rebate_cost_cad: Floats
    #: Canada's surtax on electric cars built in the United States, CAD a year, that is not remitted.
    us_surtax_cad: Floats
    #: Change of Canadian assembly through what is registered in Canada, share of assembly in the base year; what goes
    #: through the United States is in `us_exports`.
    domestic_assembly_change: Floats
    residual: Floats  #: Largest relative miss of adding up, displacement, and the quota's conditions.


@dataclass(frozen=True)
class Tariff:
    """A rate on China-built cars: what it adds to the price over the reference, and duty per car, both CAD."""

    price_change: Floats
    duty_per_car: Floats


@dataclass(frozen=True)
class QuotaUse:
    """How the quota ends, arrays of n draws: weight of China-built cars, usable quota, rent a car (CAD), outcome."""

    weight: Floats
    usable: Floats
    rent_per_car: Floats
    outcome: Floats


@dataclass(frozen=True)
class Offer:
    """What buyers meet under a regime; arrays (draw,).

    `free` and `others` are the weights of China-built cars at the rate within the quota without a rent and of other
    electric cars; `above` and the `rise` of the price above the quota are None where none enter there.
    """

    demand: Demand
    free: Floats
    others: Floats
    within: Tariff
    above: Tariff | None
    rise: Floats | None

    @property
    def cars(self) -> Floats:
        """China-built cars a year that buyers would take were there no quota and every maker on the market."""
        return demand_system.purchases(self.demand, self.free, self.others).china

    def duty(self, inside: Floats, over: Floats) -> Floats:
        """Duty on cars within the quota and above it, CAD."""
        return inside * self.within.duty_per_car + (0.0 if self.above is None else over * self.above.duty_per_car)


@dataclass(frozen=True, eq=False)
class VehicleAccount:
    """Who in Canada gains from one regime over another, C$ a year; arrays (draw,).

    Makers' profit is not held and is in no line; nor is what sellers keep of a rebate.
    """

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
    if not shut:
        return regime
    return replace(regime, quota=0.0, china_above=None, price_capped_share=0.0, entering=False)


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
    filled = fill_quota(demand, free, others, draws, regime, met.rise)
    bought = (
        demand_system.purchases(demand, demand.appeal, 1 - demand.china_share),
        demand_system.purchases(demand, filled.weight, others),
        demand_system.purchases(demand, np.zeros(len(draws)), others),
    )
    # Cars that are not on offer yet are no dearer for it: the price is that of the cars that are.
    price = demand_system.price_change(demand, demand.appeal * (free / met.free), filled.weight)
    return outcome(base, draws, regime, met, filled, bought, price)


def usable_quota(regime: VehicleRegime, draws: pd.DataFrame) -> Floats:
    """Cars that can enter within the quota: of the part reserved for cars under the cap only `under_cap_share` does."""
    if regime.quota is None:
        return np.full(len(draws), np.inf)
    under_cap = draws["under_cap_share"].to_numpy(float)
    return regime.quota * (1 - regime.price_capped_share * (1 - under_cap))


def fill_quota(
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


def quota_probabilities(state: Floats) -> dict[str, float]:
    """Share of draws in which the quota ends unfilled, filled and over-filled; all 0 where there is no quota."""
    return {name: float(np.mean(state == code)) for name, code in OUTCOMES.items()}


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


def outcome(
    base: EvBase,
    draws: pd.DataFrame,
    regime: VehicleRegime,
    met: Offer,
    filled: QuotaUse,
    bought: tuple[Purchases, Purchases, Purchases],
    price: Floats,
) -> EvOutcome:
    """Assemble the outcome; `bought` is base, regime, and regime without China, `price` the change to the buyer."""
    start, now, without = bought
    here, there, none = (demand_system.by_origin(base, each) for each in bought)
    displaced = {name: none[name] - there[name] for name in (*OTHERS, OTHER_CARS)}
    over = np.where(filled.outcome == OVERFILLED, np.maximum(now.china - filled.usable, 0.0), 0.0)
    inside = now.china - over
    rent = filled.rent_per_car * np.where(np.isfinite(filled.usable), inside, 0.0)
    abroad = rent * draws["rent_kept_abroad"].to_numpy(float)
    gained, at_start = (demand_system.surplus(met.demand, purchases.log_value) for purchases in (now, start))
    return EvOutcome(
        registrations=there,
        base_registrations=here,
        displaced=displaced,
        additional=now.market - without.market,
        quota_outcome=filled.outcome,
        price_change_cad=price,
        rent_per_car_cad=filled.rent_per_car,
        quota_rent_cad=rent,
        rent_abroad_cad=abroad,
        rent_home_cad=rent - abroad,
        within_quota=inside,
        above_quota=over,
        tariff_revenue_cad=met.duty(inside, over),
        consumer_surplus_cad=gained - at_start,
        rebate_cost_cad=rebates_paid(regime, now, draws),
        us_surtax_cad=us_surtax(regime, now, draws),
        domestic_assembly_change=assembly_change(base, here, there),
        residual=residual(filled, now, without, (there, displaced), met.rise),
    )


def rebates_paid(regime: VehicleRegime, now: Purchases, draws: pd.DataFrame) -> Floats:
    """Rebates on the eligible part of the electric cars bought, CAD."""
    paid = regime.rebate_china_cad * now.china + regime.rebate_cad * (now.electric - now.china)
    return np.asarray(draws["rebate_eligible"].to_numpy(float) * paid)


def us_surtax(regime: VehicleRegime, now: Purchases, draws: pd.DataFrame) -> Floats:
    """Canada's surtax on the US-built part of electric cars not built in China, where it is not remitted, CAD."""
    parts = ("us_built_share", "surtax_kept", "surtax_content", "us_car_value_cad")
    a_car = regime.us_surtax * draws[list(parts)].to_numpy(float).prod(axis=1)
    return np.asarray(a_car * (now.electric - now.china))


def residual(
    filled: QuotaUse,
    now: Purchases,
    without: Purchases,
    cars: tuple[dict[str, Floats], dict[str, Floats]],
    rise: Floats | None,
) -> Floats:
    """Largest miss of the quota's conditions, adding up and displacement; `cars` are registrations and displaced."""
    there, displaced = cars
    left = [
        quota_residual(filled, now.china, rise),
        np.abs(sum(there.values()) - now.market) / now.market,
        np.abs(now.china - sum(displaced.values()) - (now.market - without.market)) / now.market,
    ]
    return np.asarray(np.max(left, axis=0))


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


def assembly_change(base: EvBase, before: dict[str, Floats], after: dict[str, Floats]) -> Floats:
    """Change of Canadian-built cars registered in Canada, as a share of Canadian assembly in the base year."""
    part = {CANADA_BUILT: 1.0, OTHER_CARS: base.canadian_share_of_other_cars}
    change = sum(share * (after[name] - before[name]) for name, share in part.items())
    return np.asarray(change / base.assembly)


def electric(cars: dict[str, Floats]) -> Floats:
    """Electric cars of all origins."""
    return np.asarray(sum(cars[origin] for origin in ORIGINS))


def account(scenario: EvOutcome, against: EvOutcome) -> VehicleAccount:
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
