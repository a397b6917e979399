"""What changes from one regime to the other, draw by draw: outputs of every model, and one account of both sectors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tradeexposure.canola.market.account import CanolaAccount
from tradeexposure.core.arrays import Floats
from tradeexposure.core.errors import RunFailed
from tradeexposure.policy.tariff_index import SEED_TO_CHINA
from tradeexposure.scenarios.simulation import counterfactuals
from tradeexposure.scenarios.simulation.models import Market, Pair, Simulation
from tradeexposure.vehicles.market import model
from tradeexposure.vehicles.market.base_year import CHINA_BUILT, ORIGINS, OTHER_CARS
from tradeexposure.vehicles.market.model import VehicleAccount

US_OIL = ("united_states", "oil")
EXPORTS = "vehicle_export_change_cad"
#: Origins whose registrations China-built cars displace, and cars that are not electric.
DISPLACED = (*(origin for origin in ORIGINS if origin != CHINA_BUILT), OTHER_CARS)
#: Lines of the account of both sectors.
CANOLA_LINES = ("growers", "handlers", "crushers", "users")
VEHICLE_LINES = ("car_buyers", "rebates", "surtax_lost", "quota_rent", "revenue")
SUMS = 1e-9  # of the largest line


@dataclass(frozen=True)
class CanolaChange:
    """Changes of the canola market, arrays of one number per row; the level `china_volume_kt` is the scenario's.

    Attributes
    ----------
    price : share of the price it is measured against
    income, receipts, us_oil : CAD a year; oil sold to the United States at the border, before duty
    china_volume_kt, china_volume_change_kt, diverted_kt : kilotonnes of seed a year
    """

    price: Floats
    income: Floats
    receipts: Floats
    china_volume_kt: Floats
    china_volume_change_kt: Floats
    diverted_kt: Floats
    us_oil: Floats

    @property
    def outputs(self) -> dict[str, Floats]:
        """Those that are published, by what their identifiers end with."""
        return {
            "producer_price_change": self.price,
            "grower_income_change_cad": self.income,
            "receipts_change_cad": self.receipts,
            "china_volume_kt": self.china_volume_kt,
            "china_volume_change_kt": self.china_volume_change_kt,
            "diverted_kt": self.diverted_kt,
        }


@dataclass(frozen=True)
class VehicleChange:
    """Changes of the electric-car model, arrays of one number per draw."""

    china_built: Floats  #: Registrations in the scenario, cars a year.
    china_built_change: Floats
    #: Change of quota rent, tariff revenue, buyers' surplus and Canada's surtax on US-built cars, CAD a year.
    rent: Floats
    revenue: Floats
    surplus: Floats
    us_surtax: Floats
    #: Change of Canadian assembly through what is registered in Canada, share of assembly in the base year.
    assembly_home: Floats
    displaced: Mapping[str, Floats]  #: Registrations that China-built cars take from each origin, cars a year.
    quota: Mapping[str, float]  #: Share of draws by how the quota ends in the scenario; empty without a quota.

    @property
    def all_displaced(self) -> Floats:
        """Registrations displaced of all cars not built in China, electric or not."""
        return np.asarray(sum(self.displaced.values()), dtype=float)

    @property
    def electric_displaced(self) -> Floats:
        """Registrations displaced of electric cars not built in China."""
        return self.all_displaced - self.displaced[OTHER_CARS]


@dataclass(frozen=True)
class Changes:
    """All outputs of one scenario against another."""

    canola: Any  # a CanolaChange
    vehicles: VehicleChange
    assembly_us: Floats  #: Change of assembly through vehicles sold to the United States within a year, share of it.
    us: Floats
    us_long: Floats

    @property
    def assembly(self) -> Floats:
        """Change of Canadian assembly at home and through the United States, share of assembly."""
        return self.vehicles.assembly_home + self.assembly_us


def changes(simulation: Simulation) -> Changes:
    """Outputs of a simulation."""
    return replace(vehicle_changes(simulation), canola=canola_change(simulation.market))


def vehicle_changes(simulation: Simulation) -> Changes:
    """Outputs of the models of vehicles; those of canola are left out."""
    cars = vehicle_change(simulation.vehicles, simulation.regimes.scenario.quota is not None)
    through_us = gap(simulation.us, "domestic_assembly_change")
    return Changes(None, cars, through_us, gap(simulation.us, EXPORTS), gap(simulation.us_long, EXPORTS))


def canola_change(market: Market) -> CanolaChange:
    """Changes of canola between the two regimes of its market."""
    sides = (market.scenario, market.against)
    level, before = (np.asarray(side.volume(*SEED_TO_CHINA), dtype=float) for side in sides)
    price, price_before = (1 + side.farm_price_change for side in sides)  # on the base
    return CanolaChange(
        price=np.asarray(price / price_before - 1, dtype=float),
        income=market.income,
        receipts=gap(market, "receipts_change_cad"),
        china_volume_kt=level,
        china_volume_change_kt=level - before,
        diverted_kt=gap(market, "diverted_kt"),
        us_oil=np.asarray(market.scenario.value(*US_OIL) - market.against.value(*US_OIL), dtype=float),
    )


def gap(pair: Pair | Market, name: str) -> Floats:
    return np.asarray(getattr(pair.scenario, name) - getattr(pair.against, name), dtype=float)


def vehicle_change(pair: Pair, has_quota: bool) -> VehicleChange:
    """Changes of the electric-car model; displaced is what the market without China-built cars would have had more."""
    cars, before = pair.scenario, pair.against
    return VehicleChange(
        china_built=np.asarray(cars.registrations[CHINA_BUILT], dtype=float),
        china_built_change=np.asarray(cars.registrations[CHINA_BUILT] - before.registrations[CHINA_BUILT], dtype=float),
        rent=gap(pair, "quota_rent_cad"),
        revenue=gap(pair, "tariff_revenue_cad"),
        surplus=gap(pair, "consumer_surplus_cad"),
        us_surtax=gap(pair, "us_surtax_cad"),
        assembly_home=gap(pair, "domestic_assembly_change"),
        displaced={name: np.asarray(cars.displaced[name] - before.displaced[name], dtype=float) for name in DISPLACED},
        quota=model.quota_probabilities(cars.quota_outcome) if has_quota else {},
    )


@dataclass(frozen=True, eq=False)
class Account:
    """Lines by name, all of canola and then all of cars, and their sums; C$ a year, arrays (draw,)."""

    lines: Mapping[str, Floats]

    @property
    def canada(self) -> Floats:
        """Sum of all lines."""
        return np.asarray(sum(self.lines.values()), dtype=float)

    @property
    def canada_without_crushers(self) -> Floats:
        """Sum of all lines but the crushers', whose owners are not held and may be abroad."""
        return np.asarray(self.canada - self.lines["crushers"], dtype=float)


def together(canola: CanolaAccount, vehicles: VehicleAccount) -> Account:
    """Both sectors' lines.

    Raises
    ------
    RunFailed
        Lines that do not sum to the two sectors' totals in some draw.
    """
    sides = ((canola, CANOLA_LINES), (vehicles, VEHICLE_LINES))
    account = Account({name: np.asarray(getattr(side, name), float) for side, names in sides for name in names})
    size = np.max([np.abs(values) for values in account.lines.values()], axis=0)
    apart = np.abs(account.canada - (canola.total + vehicles.total))
    if (apart > SUMS * np.maximum(size, 1.0)).any():
        raise RunFailed(f"the account does not sum in draw {int(np.argmax(apart))}: C${apart.max():.0f} apart")
    return account


def accounts(simulation: Simulation) -> dict[str, Account]:
    """Who in Canada gains or loses in both sectors, draw by draw; by how identifiers end, the headline first.

    The first year has the cars of the first year.
    """
    steady, first = (car_account(pair) for pair in (simulation.vehicles, simulation.first_year))
    return {
        ending: together(
            market.account, first if counterfactuals.FIRST_YEAR in counterfactuals.parts(ending) else steady
        )
        for ending, market in simulation.markets.items()
    }


def car_account(pair: Pair) -> VehicleAccount:
    """Who gains or loses on cars, in one year or another of both regimes."""
    return model.account(pair.scenario, pair.against)
