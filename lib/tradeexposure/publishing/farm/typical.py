"""Average canola farms of the Prairies, as the page begins, and what Saskatchewan's guide plans with."""

from __future__ import annotations

from dataclasses import dataclass

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
    """An average canola farm of a province: acres and yield in whole numbers and tenths, as a farmer would say them.

    Attributes
    ----------
    code, name
    farm
        Acres at the last census over farms that grew canola, yield of the last harvest, average price of the Prairies.
    price, own_price
        The newest price of the Prairies, and of the province alone.
    """

    code: str
    name: str
    farm: Farm
    price: Price
    own_price: Price


def provinces() -> list[Province]:
    """One a province."""
    census = data.load(FARMS).query("crop == @CROP")
    farms = census[census["census_year"] == census["census_year"].max()].set_index("geo")
    harvest = data.load(HARVEST).set_index("geo")
    price, own = newest(data.load(PRICE)), data.load(OWN_PRICE).query("crop == @CROP")
    found = []
    for name in PRAIRIES:
        acres = round(farms.loc[name, "area_acres"] / farms.loc[name, "farms"])
        grown = arithmetic.bushels_per_acre(harvest.loc[name, "production_t"], harvest.loc[name, "area_harvested_ha"])
        farm = Farm(acres, round(float(grown), 1), price.per_bushel)
        found.append(Province(PROVINCES[name], name, farm, price, newest(own[own["province"] == name])))
    return found


def newest(prices: pd.DataFrame) -> Price:
    """The last of monthly prices."""
    row = prices.loc[prices["month"].idxmax()]
    return Price(row["month"], float(row["price_cad_per_tonne"]))


def guide() -> pd.DataFrame:
    """What the newest guide plans with for canola, by soil zone in its order."""
    every = data.load(GUIDE)
    return every[every["year"] == every["year"].max()].reset_index(drop=True)


def census_year() -> int:
    """Of the farms."""
    return int(data.load(FARMS)["census_year"].max())


def harvest_year() -> int:
    """Of the yields."""
    return int(data.load(HARVEST)["year"].max())
