"""Electric and other cars registered in Canada in the base year, by where they were built, with every cell's source."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from tradeexposure import data
from tradeexposure.core.errors import BadInput
from tradeexposure.data.geography import CANADA, CHINA
from tradeexposure.policy.regimes import VehicleRegime
from tradeexposure.vehicles.exposure.sector import (
    ADMITTED,
    BUILT,
    EXPORTED,
    IMPORTS,
    PRODUCTION,
    china_imports,
    china_units,
    counts,
)
from tradeexposure.vehicles.registrations import ALL_FUELS, BATTERY, NATIONAL

YEAR = 2023  # the only year for which cars shipped from China and the prices of their trims are held
ORIGINS = ("china", "united_states_mexico", "other_imports", "canada")
CHINA_BUILT, US_MEXICO, OTHER_IMPORTS, CANADA_BUILT = ORIGINS
OTHERS = ORIGINS[1:]
OTHER_CARS = "other_cars"
PRICES = "ev_prices"
BRITISH_COLUMBIA = "British Columbia"
NEWER_ELECTRIC = "share of battery-electric cars, model year >=2022"
NEWER_CARS = "share of passenger cars, model year >=2022"
#: China-built cars listed in the base year; which trims were sold is not held, so their plain mean stands in.
LISTED_CHINA = ("Tesla Model Y RWD (Shanghai)", "Tesla Model Y Long Range")
LISTED_ON = "2023-04"
#: Electric cars listed when the rebate returned, none of them built in China: whom China-built cars are dearer or
#: cheaper than today.
RIVALS = (
    "Chevrolet Equinox EV (price as quoted, appears to include freight)",
    "Chevrolet Bolt (as quoted, appears to include freight)",
    "Volkswagen ID.4 (as quoted)",
    "Ford Mustang Mach-E (as quoted)",
    "Nissan Leaf (as quoted)",
    "Toyota bZ XLE (as quoted)",
    "Tesla Model Y base",
)
RIVALS_ON = "2026-02"
ALL_CARS_PRICE = "All new motor vehicles, average sales value per unit"


@dataclass(frozen=True)
class EvBase:
    """The base year of the electric-car model."""

    #: New battery-electric cars by origin of :data:`ORIGINS`, and all other new vehicles as `other_cars`.
    registrations: dict[str, float]
    price_cad: float  #: Mean price of the rivals of China-built cars today, CAD.
    market_price_cad: float  #: Mean price of any new vehicle in the base year, CAD.
    customs_share: float  #: Customs value of a China-built car as a share of its price without duty.
    #: Share of other cars built in Canada; vehicles assembled in Canada in the base year.
    canadian_share_of_other_cars: float
    assembly: float
    #: China-built cars admitted when they were first counted after the quota opened, on a day that is not held.
    counted: float
    reference: VehicleRegime  #: What was in force in the base year: no quota, the rate before the surtax.
    listing: pd.DataFrame = field(repr=False)  #: See :func:`cells`.

    @property
    def market(self) -> float:
        """All new vehicles registered in the base year."""
        return sum(self.registrations.values())

    @property
    def electric(self) -> float:
        """Electric cars registered in the base year."""
        return sum(self.registrations[origin] for origin in ORIGINS)

    def cells(self) -> pd.DataFrame:
        """Key `cell`; `value`, `unit`, `source` (table and how it was read), `assumed` (True if not a count of it)."""
        return self.listing.copy()


def calibrate(reference: VehicleRegime, *, year: int = YEAR) -> EvBase:
    """Read the base year from the project's tables.

    Parameters
    ----------
    reference : VehicleRegime
        The regime of the base year; its rates must be single numbers and it has no quota.

    Raises
    ------
    BadInput
        A year whose figures are not all held, more cars from China than electric cars registered, or a quota in it.
    """
    if reference.quota is not None:
        raise BadInput("base regime of vehicles", "quota", found=f"{reference.quota:g}", allowed="none in that year")
    prices = data.load(PRICES)
    registrations = electric_cars(year) | {OTHER_CARS: vehicles(year, ALL_FUELS) - vehicles(year, BATTERY)}
    split = f"{NATIONAL} {year} less China's, split as {BUILT}: British Columbia, {NEWER_ELECTRIC}"
    shipped = f"{IMPORTS} {year}: {EXPORTED}; shipped taken as registered"
    others = f"{NATIONAL} {year}: {ALL_FUELS} less {BATTERY}"
    sources = {CHINA_BUILT: shipped, **dict.fromkeys(OTHERS, split), OTHER_CARS: others}
    listing = [
        (f"registrations.{name}", registrations[name], "vehicles", sources[name], name != OTHER_CARS)
        for name in (*ORIGINS, OTHER_CARS)
    ]
    customs, low, high = customs_share(prices, year=year, rate=float(reference.china_within))
    numbers = {
        "price_cad": rivals_price(prices),
        "market_price_cad": market_price(prices, year=year),
        "customs_share": customs,
        "canadian_share_of_other_cars": built("Canada", NEWER_CARS),
        "assembly": data.figure(data.load(PRODUCTION), PRODUCTION, period=str(year), maker_or_plant="Canada total"),
        "counted": counts(data.load(IMPORTS))["vehicles"].iloc[0],
    }
    spread = f"{low:.3f} at the dearer trim, {high:.3f} at the cheaper"
    listing += [(name, value, *_described(name, spread)) for name, value in numbers.items()]
    table = pd.DataFrame(listing, columns=["cell", "value", "unit", "source", "assumed"])
    return EvBase(registrations=registrations, reference=reference, listing=table, **numbers)


def vehicles(year: int, fuel: str) -> float:
    """New vehicles of one fuel registered in Canada in a whole year; BadInput unless four quarters are held."""
    table = data.load(NATIONAL)
    rows = table[(table["fuel"] == fuel) & (pd.DatetimeIndex(table["quarter"]).year == year)]
    if len(rows) != 4:  # quarters in a year
        raise BadInput(NATIONAL, f"{fuel}, {year}", found=f"{len(rows)} quarters", allowed="a year with four")
    return float(rows["registrations"].sum())


def year_at_pace_of(year: int, *, seasonal: int) -> float:
    """Battery-electric cars of a whole year if its first half has the same share in it as that of `seasonal` had."""
    table = data.load(NATIONAL)
    registered = table[table["fuel"] == BATTERY].set_index("quarter")["registrations"]
    half, like = (float(registered[f"{each}-01" : f"{each}-06"].sum()) for each in (year, seasonal))
    return half / (like / vehicles(seasonal, BATTERY))


def built(country: str, measure: str) -> float:
    """Share of British Columbia's cars of recent model years built in a country."""
    return data.figure(
        data.load(BUILT), BUILT, column="share", geo=BRITISH_COLUMBIA, country_of_manufacture=country, measure=measure
    )


def electric_cars(year: int) -> dict[str, float]:
    """Battery-electric cars registered by origin: China's shipments, the rest as in British Columbia's newer fleet."""
    total = vehicles(year, BATTERY)
    china = data.figure(china_units(data.load(IMPORTS)), EXPORTED, column="vehicles", year=year)
    if china >= total:
        raise BadInput(IMPORTS, f"{EXPORTED}, {year}", found=f"{china:,.0f}", allowed=f"fewer than {total:,.0f}")
    share = {name: built(name, NEWER_ELECTRIC) for name in (CHINA, "United States", "Mexico", CANADA)}
    rest = (total - china) / (1 - share[CHINA])
    north, home = rest * (share["United States"] + share["Mexico"]), rest * share[CANADA]
    return {CHINA_BUILT: china, US_MEXICO: north, OTHER_IMPORTS: total - china - north - home, CANADA_BUILT: home}


def customs_share(prices: pd.DataFrame, *, year: int, rate: float) -> tuple[float, float, float]:
    """Customs value of a China-built car as a share of its price without duty: headline, low, high.

    Customs value = import value / cars shipped; price = mean of the trims listed, less the duty paid on that value (in
    full). The ends take one trim each.
    """
    imports, sent = china_imports(data.load(IMPORTS)), china_units(data.load(IMPORTS))
    value = data.figure(imports, IMPORTS, column="value_cad", year=year) / data.figure(
        sent, IMPORTS, column="vehicles", year=year
    )
    listed = [price_of(prices, item, period=LISTED_ON) for item in LISTED_CHINA]
    shares = [value / (price - rate * value) for price in (sum(listed) / len(listed), max(listed), min(listed))]
    if shares[0] >= 1:
        raise BadInput(PRICES, LISTED_ON, found=f"a customs share of {shares[0]:.2f}", allowed="less than the price")
    return shares[0], shares[1], shares[2]


def price_of(prices: pd.DataFrame, item: str, *, period: str) -> float:
    """A listed price, CAD."""
    return data.figure(prices, PRICES, column="price_cad", item=item, period=period)


def rivals_price(prices: pd.DataFrame) -> float:
    """Plain mean of the prices of :data:`RIVALS`, CAD; how many of each were sold is not held."""
    return sum(price_of(prices, item, period=RIVALS_ON) for item in RIVALS) / len(RIVALS)


def market_price(prices: pd.DataFrame, *, year: int) -> float:
    """Mean of the months held of a year's average sales value per new vehicle, CAD."""
    rows = prices[(prices["item"] == ALL_CARS_PRICE) & prices["period"].str.fullmatch(rf"{year}-\d\d")]
    if rows.empty:
        raise BadInput(PRICES, f"{ALL_CARS_PRICE}, {year}", found="no month", allowed="a year with one")
    return float(rows["price_cad"].mean())


def _described(name: str, spread: str) -> tuple[str, str, bool]:
    """Unit, source and whether assumed, of a number of the base that is no registration."""
    return {
        "price_cad": ("CAD", f"{PRICES} {RIVALS_ON}: mean of {len(RIVALS)} models; no series is held", True),
        "market_price_cad": ("CAD", f"{PRICES}: {ALL_CARS_PRICE}, mean of the months held, trucks included", True),
        "customs_share": ("share", f"{IMPORTS} value / cars, over mean listed {PRICES} less duty; {spread}", True),
        "canadian_share_of_other_cars": ("share", f"{BUILT}: British Columbia, Canada, {NEWER_CARS}", True),
        "assembly": ("vehicles", f"{PRODUCTION}: Canada total", False),
        "counted": ("vehicles", f"{IMPORTS}: {ADMITTED}; one outlet, the day of the count is not held", True),
    }[name]
