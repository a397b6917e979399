"""Average canola farms of the Prairies, as the page begins, and what Saskatchewan's guide plans with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from tradeexposure import data
from tradeexposure.core.provinces import PROVINCES
from tradeexposure.publishing.farm import arithmetic
from tradeexposure.publishing.farm.arithmetic import Farm

CROP = "canola"
PRAIRIES = ("Saskatchewan", "Alberta", "Manitoba")  # the provinces of the average price
FARMS, HARVEST, PRICE = "census_crop_farms", "canola_crop_2025", "canola_price_prairies_monthly"
OWN_PRICE, GUIDE = "farm_prices_monthly", "saskatchewan_planning_guide"
TABLES = (FARMS, HARVEST, PRICE, OWN_PRICE, GUIDE)


@dataclass(frozen=True)
class Price:
    """A price of a month, C$ a tonne."""

    month: pd.Timestamp
    per_tonne: float

    @property
    def per_bushel(self) -> float:
        """C$ a bushel, to the cent."""
        return round(self.per_tonne / arithmetic.BUSHELS_PER_TONNE, 2)


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
        grown = arithmetic.bushels_per_acre(harvest[name]["production_t"], harvest[name]["area_harvested_ha"])
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
