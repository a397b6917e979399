"""What changes from one regime to the other, draw by draw: outputs of every model, and one account of both sectors."""

from __future__ import annotations

import numpy as np

from tradeexposure.canola.market.account import CanolaAccount
from tradeexposure.core.arrays import Floats
from tradeexposure.core.errors import RunFailed
from tradeexposure.policy.tariff_index import SEED_TO_CHINA
from tradeexposure.scenarios.simulation import messages
from tradeexposure.scenarios.simulation.models import Market, Pair, Simulation
from tradeexposure.vehicles.market import model
from tradeexposure.vehicles.market.base_year import CHINA_BUILT, ORIGINS, OTHER_CARS
from tradeexposure.vehicles.market.model import VehicleAccount

EXPORTS = "vehicle_export_change_cad"
#: Origins whose registrations China-built cars displace, and cars that are not electric.
DISPLACED = (*(origin for origin in ORIGINS if origin != CHINA_BUILT), OTHER_CARS)
#: Lines of the account of both sectors.
CANOLA_LINES = ("growers", "handlers", "crushers", "users")
VEHICLE_LINES = ("car_buyers", "rebates", "surtax_lost", "quota_rent", "revenue")
SUMS = 1e-9  # of the largest line
Outputs = dict[str, Floats]


def canola_change(market: Market) -> Outputs:
    """Changes of canola between the two regimes of its market; the level `china_volume_kt` is the scenario's.

    Returns
    -------
    dict
        By how identifiers end: shares, C$ and kilotonnes of seed a year, arrays (row,).
    """
    sides = (market.scenario, market.against)
    level, before = (np.asarray(side.volume(*SEED_TO_CHINA), dtype=float) for side in sides)
    price, price_before = (1 + side.farm_price_change for side in sides)  # on the base
    return {
        "producer_price_change": np.asarray(price / price_before - 1, dtype=float),
        "grower_income_change_cad": market.income,
        "receipts_change_cad": gap(market, "receipts_change_cad"),
        "china_volume_kt": level,
        "china_volume_change_kt": level - before,
        "diverted_kt": gap(market, "diverted_kt"),
    }


def gap(pair: Pair | Market, name: str) -> Floats:
    return np.asarray(getattr(pair.scenario, name) - getattr(pair.against, name), dtype=float)


def vehicle_change(pair: Pair) -> Outputs:
    """Changes of the electric-car model; displaced is what the market without China-built cars would have had more.

    Returns
    -------
    dict
        By what follows ``scenario.ev.`` in identifiers: cars and C$ a year, arrays (draw,). `china_built_registrations`
        is the scenario's level, `displaced` counts cars that are not electric, by origin too.
    """
    built, before = (side.registrations[CHINA_BUILT] for side in (pair.scenario, pair.against))
    lost = {name: pair.scenario.displaced[name] - pair.against.displaced[name] for name in DISPLACED}
    every = np.asarray(sum(lost.values()), dtype=float)
    changes = {
        "china_built_registrations": built,
        "china_built_registrations_change": built - before,
        **{name: gap(pair, name) for name in ("quota_rent_cad", "tariff_revenue_cad", "consumer_surplus_cad")},
        "displaced": every,
        "displaced.electric": every - lost[OTHER_CARS],
        **{f"displaced.{name}": values for name, values in lost.items()},
    }
    return {name: np.asarray(values, dtype=float) for name, values in changes.items()}


def together(canola: CanolaAccount, vehicles: VehicleAccount) -> Outputs:
    """The account of both sectors, C$ a year, arrays (draw,): both sums, then the lines of canola and those of cars.

    Who owns crushers is not held and may be abroad: one of the sums is without them.

    Raises
    ------
    RunFailed
        Lines that do not sum to the two sectors' totals in some draw.
    """
    sides = ((canola, CANOLA_LINES), (vehicles, VEHICLE_LINES))
    lines = {name: np.asarray(getattr(side, name), float) for side, names in sides for name in names}
    canada = np.asarray(sum(lines.values()), dtype=float)
    size = np.max([np.abs(values) for values in lines.values()], axis=0)
    apart = np.abs(canada - (canola.total + vehicles.total))
    if (apart > SUMS * np.maximum(size, 1.0)).any():
        raise RunFailed(f"the account does not sum in draw {int(np.argmax(apart))}: C${apart.max():.0f} apart")
    return {"canada_cad": canada, "canada_without_crushers": canada - lines["crushers"], **lines}


def accounts(simulation: Simulation) -> dict[str, Outputs]:
    """Who in Canada gains or loses in both sectors, draw by draw; by how identifiers end, the headline first.

    The first year has the cars of the first year.
    """
    steady, first = (car_account(pair) for pair in (simulation.vehicles, simulation.first_year))
    return {
        ending: together(market.account, first if messages.FIRST_YEAR in messages.parts(ending) else steady)
        for ending, market in simulation.markets.items()
    }


def car_account(pair: Pair) -> VehicleAccount:
    """Who gains or loses on cars, in one year or another of both regimes."""
    return model.account(pair.scenario, pair.against)
