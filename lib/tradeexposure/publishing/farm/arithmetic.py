"""What a change of the farm price is worth on a farm, in the units that farmers use; ``farm.js`` works out the same."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tradeexposure.core import units

#: A bushel of canola: 50 pounds, the weight by which the Canadian Grain Commission converts (44.092 bushels a tonne).
KG_PER_BUSHEL = 22.68
BUSHELS_PER_TONNE = 1000 / KG_PER_BUSHEL
HECTARES_PER_ACRE = 0.40468564224  # the international acre, exact
DIGITS = 2  # as many as the changes of the farm price are published with
UNITS = {"bushel": 2, "tonne": 0, "acre": 0, "farm": 0}  # each with the decimals that it has at least


@dataclass(frozen=True)
class Farm:
    """Canola on a farm: acres, bushels an acre, C$ a bushel."""

    acres: float
    bushels: float
    price: float


def bushels_per_acre(tonnes: float, hectares: float) -> float:
    """A yield as farmers say it."""
    return tonnes * BUSHELS_PER_TONNE / (hectares / HECTARES_PER_ACRE)


def price_change(price: float, change: float, *, included: bool) -> float:
    """C$ a bushel that a scenario changes.

    Parameters
    ----------
    price : float
        The farm's, C$ a bushel.
    change : float
        Of the farm price from what the scenario is measured against to the scenario, as a share of the former.
    included : bool
        Whether the farm's price is the one in the scenario, so that the change is in it already; else it is the price
        that the scenario is measured against.
    """
    return price * change / (1 + change) if included else price * change


def gain(farm: Farm, change: float, *, included: bool) -> dict[str, float]:
    """C$ a bushel, a tonne, an acre and a year on the farm, by :data:`UNITS`; acres and yield as they are."""
    bushel = price_change(farm.price, change, included=included)
    acre = bushel * farm.bushels
    return {"bushel": bushel, "tonne": bushel * BUSHELS_PER_TONNE, "acre": acre, "farm": acre * farm.acres}


def written(value: float, least: int = 0) -> str:
    """An amount with two significant digits and no fewer than `least` decimals: ``34,000``, ``−0.86``, ``1.50``."""
    if value == 0:
        return "0"
    short = units.significant(abs(value), DIGITS)
    decimals = max(DIGITS - 1 - math.floor(math.log10(short)), least, 0)
    return f"{units.MINUS if value < 0 else ''}{short:,.{decimals}f}"


def signed(value: float, least: int = 0) -> str:
    """The same of a change: ``+34,000``."""
    return f"{'+' if value > 0 else ''}{written(value, least)}"
