"""Average canola farms of the Prairies, and what a change of the farm price is worth on one; as ``farm.js`` has it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tradeexposure import data
from tradeexposure.core import units
from tradeexposure.core.provinces import PROVINCES

#: A bushel of canola: 50 pounds, the weight by which the Canadian Grain Commission converts (44.092 bushels a tonne).
KG_PER_BUSHEL = 22.68
BUSHELS_PER_TONNE = 1000 / KG_PER_BUSHEL
HECTARES_PER_ACRE = 0.40468564224  # the international acre, exact
DIGITS = 2  # as many as the changes of the farm price are published with
UNITS = {"bushel": 2, "tonne": 0, "acre": 0, "farm": 0}  # each with the decimals that it has at least
CROP = "canola"
PRAIRIES = ("Saskatchewan", "Alberta", "Manitoba")  # the provinces of the average price
FARMS, HARVEST, PRICE = "census_crop_farms", "canola_crop_2025", "canola_price_prairies_monthly"
OWN_PRICE, GUIDE = "farm_prices_monthly", "saskatchewan_planning_guide"
TABLES = (FARMS, HARVEST, PRICE, OWN_PRICE, GUIDE)


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


@dataclass(frozen=True)
class Price:
    """A price of a month, C$ a tonne."""

    month: pd.Timestamp
    per_tonne: float

    @property
    def per_bushel(self) -> float:
        """C$ a bushel, to the cent."""
        return round(self.per_tonne / BUSHELS_PER_TONNE, 2)


@dataclass(frozen=True)
class Province:
    """An average canola farm of a province: acres and yield in whole numbers and tenths, as a farmer would say them."""

    code: str
    name: str
    #: Acres at the last census over farms that grew canola, yield of the last harvest, average price of the Prairies.
    farm: Farm
    #: The newest price of the Prairies, and of the province alone.
    price: Price
    own_price: Price


def provinces() -> list[Province]:
    """One a province."""
    census, crop = data.load(FARMS).query("crop == @CROP"), data.load(HARVEST)
    farms = {row["geo"]: row for row in census[census["census_year"] == census_year()].to_dict("records")}
    harvest = {row["geo"]: row for row in crop[crop["year"] == harvest_year()].to_dict("records")}
    price, own = newest(data.load(PRICE)), data.load(OWN_PRICE).query("crop == @CROP")
    typical = []
    for name in PRAIRIES:
        acres = round(farms[name]["area_acres"] / farms[name]["farms"])
        grown = bushels_per_acre(harvest[name]["production_t"], harvest[name]["area_harvested_ha"])
        farm = Farm(acres, round(grown, 1), price.per_bushel)
        typical.append(Province(PROVINCES[name], name, farm, price, newest(own[own["province"] == name])))
    return typical


def newest(prices: pd.DataFrame) -> Price:
    """The last of monthly prices."""
    row = prices.sort_values("month").iloc[-1]
    return Price(row["month"], float(row["price_cad_per_tonne"]))


def guide() -> list[dict[str, Any]]:
    """What the newest guide plans with for canola, one row a soil zone in its order."""
    every = data.load(GUIDE)
    rows = every[every["year"] == every["year"].max()].to_dict("records")
    return [{str(name): cell for name, cell in row.items()} for row in rows]


def census_year() -> int:
    """Of the farms."""
    return int(data.load(FARMS)["census_year"].max())


def harvest_year() -> int:
    """Of the yields."""
    return int(data.load(HARVEST)["year"].max())
