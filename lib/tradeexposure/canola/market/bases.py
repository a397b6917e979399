"""The base of the canola market by episode: who bought what, at which price, before a measure.

Shares observed under a duty are no base. 2019 stands on the mean of four crop years before the suspensions; today's
on the harvest and crush of :data:`CROP_YEAR`, with destinations of years without a Chinese measure and China's
share drawn between the lowest and the highest of them. Every cell says where it comes from and whether it stands in
for a figure that is not held.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from tradeexposure import data
from tradeexposure.canola.exposure import grain_exports
from tradeexposure.canola.exposure.export_values import world_price
from tradeexposure.canola.market import base_year
from tradeexposure.canola.market.base_year import CANADA, NAMES, NATIONAL, OTHERS, Cell
from tradeexposure.core import loaded_files
from tradeexposure.core.arrays import DOCUMENTS, Drawn, Floats
from tradeexposure.core.errors import BadInput
from tradeexposure.core.units import MONTHS_IN_YEAR
from tradeexposure.data.geography import CHINA
from tradeexposure.data.tables import digest
from tradeexposure.policy import studies
from tradeexposure.policy.tariff_index import AT_CHINA, AT_UNITED_STATES, MARKETS, MEAL, OIL, PRODUCTS, SEED

#: Of :func:`tradeexposure.policy.studies.market_base`.
BEFORE_2019, TODAY = "before_2019", "today"
CROP_YEAR = "2025-26"  # the crop year whose harvest, crush and outlook the tables of today's base hold
#: Calendar year whose trade in oil and meal stands behind both bases, the one held; its prices are scaled to others.
PRODUCTS_OF = base_year.STAND_IN
SEED_RIVALS_OF = 2023  # the only year of the balance for which China's arrivals precede the measures
RECEIPTS_OF = (2023, 2024)  # the calendar years that every table holds in full
#: What scales the unit values of oil and of meal to other years.
WORLD_PRICE = {"oil": "rapeseed_oil", "meal": "soybean_meal"}
BY_PROVINCE, OUTLOOK, SNAPSHOTS = (
    "canola_exports_by_province_2025",
    "canola_balance_forecasts",
    "canola_export_snapshots",
)
REVISED = "canola_crop_2025"
PLACES = {"CN": "china", "US": "united_states", "JP": "japan", "MX": "mexico"} | dict.fromkeys(
    ("BE", "BG", "DE", "ES", "FR", "IE", "IT", "NL", "PT"), "european_union"
)
#: Calendar year -> its cells.
FlowsByYear = Mapping[int, Sequence[Cell]]


@dataclass(frozen=True, eq=False)
class MarketBase(Drawn):
    """One base; arrays are of length one where they are the same in every draw."""

    #: Shape (market, product, draw). Tonnes from Canada and from other exporters, kt a year.
    canada_kt: Floats
    others_kt: Floats
    duty: Floats  #: Shape (market, product, 1). Duty in the base, share of border value, on both origins.
    price_cad_t: Floats  #: Shape (product, 1). Border price, C$ a tonne.
    #: Shape (draw,). Harvest = seed exports + crush + stock change.
    farm_price_cad_t: Floats
    harvest_kt: Floats
    crush_kt: Floats
    stock_change_kt: Floats
    receipts_cad: Floats
    #: Most crushed in twelve months, and twelve times the most crushed in a month.
    least_capacity_kt: float
    most_capacity_kt: float
    table: pd.DataFrame = field(metadata=DOCUMENTS)  #: Of :class:`Cell`; a drawn one shows its mean.


def of_years(years: Sequence[int], duties: Mapping[tuple[str, str], float]) -> MarketBase:
    """A calendar year as it is held, or the mean of several; capacity as today's."""
    cells = base_year.mean_of(years)
    figure = {(cell.quantity, cell.product): cell.value for cell in cells if cell.market == NATIONAL}
    least, most = _capacity(TODAY)
    return MarketBase(
        canada_kt=_matrix(cells, CANADA)[..., None],
        others_kt=_matrix(cells, OTHERS)[..., None],
        duty=_duty(duties),
        price_cad_t=np.array([[figure["border_price", product]] for product in PRODUCTS]),
        farm_price_cad_t=_one(figure["farm_price", "seed"]),
        harvest_kt=_one(figure["harvest", "seed"]),
        crush_kt=_one(figure["crush", "seed"]),
        stock_change_kt=_one(figure["stock_change", "seed"]),
        receipts_cad=_one(figure["receipts", "seed"]),
        least_capacity_kt=least,
        most_capacity_kt=most,
        table=pd.DataFrame(cells, columns=list(Cell._fields)),
    )


def before_2019(rivals_in_china_kt: Floats, duties: Mapping[tuple[str, str], float]) -> MarketBase:
    """Mean of the usual crop years before the suspensions.

    Oil and meal of 2017 and 2017-18, by destination as in 2024; other exporters' seed as in :func:`today`, since none
    is held for these years.
    """
    usual = usual_years(BEFORE_2019)
    seed = seed_by_market(usual)
    crush = _crushed(usual)
    ratio = crush / _crushed(("2017-18",))
    flows = _held()
    products = (_products_2019(flows, product) * ratio for product in ("oil", "meal"))
    canada = np.stack([seed, *products], axis=1)[..., None]
    harvests = [base_year.harvest_kt(int(year[:4])) for year in usual]
    rivals = _rivals(flows, canada, rivals_in_china_kt)
    span = f"mean of {usual[0]} to {usual[-1]}"
    products_note = (f"{base_year.COMPILED}, {SNAPSHOTS}", True, "2017-18 and China's of 2017, the rest as in 2024")
    notes = {
        "seed": (base_year.EXPORTS, False, span),
        "oil": products_note,
        "meal": products_note,
        "harvest": (base_year.CROPS, False, span),
        "crush": (base_year.CRUSH, False, span),
    }
    harvest = float(np.mean(harvests))
    return _assembled(BEFORE_2019, canada, rivals, harvest=harvest, crush=crush, duties=duties, notes=notes)


def today(
    china_share: Floats,
    meal_elsewhere_kt: Floats,
    rivals_in_china_kt: Floats,
    duties: Mapping[tuple[str, str], float],
) -> MarketBase:
    """Harvest of 2025, crush of 2025-26 and the exports expected; destinations of clean years around China's share.

    Parameters
    ----------
    china_share : array (draw,)
        Part of seed exports that China buys where no measure keeps it from doing so.
    meal_elsewhere_kt : array (draw,)
        Meal to neither China nor the United States before the measures, kt; split as sales of 2025.
    rivals_in_china_kt : array (draw,)
        Seed that China buys from other exporters where no measure keeps it from Canada's, kt. What they sell to all
        others does not move with it.
    """
    exports = _outlook("exports") * 1e3
    elsewhere = seed_by_market(usual_years(TODAY)).copy()
    elsewhere[AT_CHINA] = 0.0
    part = elsewhere[:, None] / elsewhere.sum() * (1 - china_share)
    part[AT_CHINA] = china_share
    crush, draws, flows = _crushed((CROP_YEAR,)), len(china_share), _held()
    canada = np.zeros((len(MARKETS), len(PRODUCTS), draws))
    canada[:, SEED] = exports * part
    growth = crush / float(base_year.full_year(base_year.CRUSH, PRODUCTS_OF)["seed_crushed_kt"].sum())
    canada[:, OIL] = growth * _cells_of(flows, "oil")[:, None]
    canada[:, MEAL] = growth * _cells_of(flows, "meal")[:, None] + meal_split()[:, None] * meal_elsewhere_kt
    harvest = data.figure(data.load(REVISED), REVISED, column="production_t", geo="Canada") / 1e3
    rivals = _rivals(flows, canada, rivals_in_china_kt)
    grown = f"{PRODUCTS_OF}, grown as the crush"
    expected = "exports expected; destinations of clean years, China's drawn"
    notes = {
        "seed": (f"{OUTLOOK}, {base_year.EXPORTS}", True, expected),
        "oil": (base_year.COMPILED, True, grown),
        "meal": (f"{base_year.COMPILED}, {BY_PROVINCE}", True, f"{grown}; elsewhere drawn"),
        "harvest": (REVISED, False, "revised"),
        "crush": (base_year.CRUSH, False, f"crop year {CROP_YEAR}"),
    }
    return _assembled(TODAY, canada, rivals, harvest=harvest, crush=crush, duties=duties, notes=notes)


def usual_years(name: str) -> tuple[str, ...]:
    """Crop years that count as usual for a base, as ``2014-15``."""
    return studies.crop_years(*studies.market_base(name).crop_years)


@loaded_files.cached_by_files(digest)
def seed_by_market(years: tuple[str, ...]) -> Floats:
    """Mean seed exports of crop years by market of the model, kt; array (market,), shared and not to be written to."""
    annual = grain_exports.annual_exports(grain_exports.monthly_exports(data.load(base_year.EXPORTS)), year="crop")
    rows = annual[annual["year"].isin(years) & (annual["months"] == MONTHS_IN_YEAR)]
    absent = sorted(set(years) - set(rows["year"]))
    if absent:
        raise BadInput(base_year.EXPORTS, "month", found=f"{absent[0]} not in full", allowed="full crop years")
    named = rows["destination"].replace(grain_exports.IN_UNION).map(NAMES).fillna("others")
    total = rows.groupby(named)["volume_kt"].sum() / len(years)
    return _shared(total[list(MARKETS)].to_numpy(dtype=float, copy=True))


@loaded_files.cached_by_files(digest)
def meal_split() -> Floats:
    """How meal to neither China nor the United States was spread in 2025, by value; sums to one, (market,); shared."""
    table = data.load(BY_PROVINCE)
    meal = table[table["hs4"] == "2306"]
    market = meal["destination"].map(PLACES).fillna("others")
    value = meal.groupby(market)["value_cad"].sum().reindex(MARKETS, fill_value=0.0).to_numpy(dtype=float, copy=True)
    value[[AT_CHINA, AT_UNITED_STATES]] = 0.0
    return _shared(value / value.sum())


def _shared(values: Floats) -> Floats:
    """An array that all callers are given, and none can change."""
    values.flags.writeable = False
    return values


def _held() -> FlowsByYear:
    """The cells of the calendar years that stand behind both bases."""
    return {year: base_year.of_year(year) for year in {*RECEIPTS_OF, PRODUCTS_OF, SEED_RIVALS_OF}}


def _assembled(
    name: str,
    canada: Floats,
    others: Floats,
    *,
    harvest: float,
    crush: float,
    duties: Mapping[tuple[str, str], float],
    notes: Mapping[str, tuple[str, bool, str]],
) -> MarketBase:
    duty, farm = _duty(duties), _farm_price(name)
    price = np.array([farm + _margin(), _scaled_price("oil", name), _scaled_price("meal", name)])[:, None]
    stock = harvest - crush - canada[:, SEED].sum(axis=0)
    receipts = _receipts_per_price() * farm * (harvest - stock) * 1e3
    least, most = _capacity(name)
    numbers = {"harvest": harvest, "crush": crush, "stock_change": float(stock.mean()),
               "receipts": float(receipts.mean()), "farm_price": farm}  # fmt: skip
    table = _table(canada, others, duty, price, numbers, notes)
    return MarketBase(
        canada, others, duty, price, _one(farm), _one(harvest), _one(crush), stock, receipts, least, most, table
    )


def _rivals(flows: FlowsByYear, canada: Floats, in_china_kt: Floats) -> Floats:
    """Other exporters' tonnes: seed in China as drawn, elsewhere imports held less Canada's; oil and meal in the ratio
    of that year's cells.
    """
    mine, theirs = (_matrix(flows[SEED_RIVALS_OF], origin) for origin in (CANADA, OTHERS))
    total = (mine + theirs)[:, SEED, None]
    seed = np.maximum(total - canada[:, SEED], studies.limit("least_rival_share") * total)
    rivals = np.zeros((*canada.shape[:-1], max(canada.shape[-1], len(in_china_kt))))
    rivals[:, SEED] = seed
    rivals[AT_CHINA, SEED] = in_china_kt
    elsewhere = theirs[-1, SEED] / mine[-1, SEED]
    for good in (OIL, MEAL):
        ratio = np.divide(theirs[:, good], mine[:, good], out=np.full(len(MARKETS), elsewhere), where=mine[:, good] > 0)
        rivals[:, good] = ratio[:, None] * canada[:, good]
    return rivals


def seed_imports() -> list[Cell]:
    """All seed that each market but China buys, of the year held: what rivals sell there is this less Canada's; kt."""
    cells = base_year.of_year(SEED_RIVALS_OF)
    total = (_matrix(cells, CANADA) + _matrix(cells, OTHERS))[:, SEED]
    source = {cell.market: cell.source for cell in cells if (cell.origin, cell.product) == (OTHERS, "seed")}
    notes = {
        "united_states": f"Canada's of {SEED_RIVALS_OF} over its share of the value of {PRODUCTS_OF}",
        "others": "world imports less the markets named",
    }
    return [
        Cell("imports", "all", market, "seed", float(kt), "kt", source[market], True, notes.get(market, ""))
        for market, kt in zip(MARKETS, total, strict=True)
        if market != MARKETS[AT_CHINA]
    ]


def _duty(duties: Mapping[tuple[str, str], float]) -> Floats:
    return np.array([[duties[market, product] for product in PRODUCTS] for market in MARKETS])[..., None]


def _matrix(cells: Sequence[Cell], origin: str) -> Floats:
    volumes = {
        (each.market, each.product): each.value for each in cells if (each.quantity, each.origin) == ("volume", origin)
    }
    return np.array([[volumes[market, product] for product in PRODUCTS] for market in MARKETS])


def _cells_of(flows: FlowsByYear, product: str) -> Floats:
    return _matrix(flows[PRODUCTS_OF], CANADA)[:, PRODUCTS.index(product)]


def _products_2019(flows: FlowsByYear, product: str) -> Floats:
    """Oil or meal of 2017-18 by market: the world's total, China's of 2017, the rest as in 2024; kt."""
    total = data.figure(data.load(base_year.COMPILED), base_year.COMPILED, column="volume_t", period="2017-18",
                        product=product, destination="World") / 1e3  # fmt: skip
    tonnes = data.figure(data.load(SNAPSHOTS), SNAPSHOTS, column="volume_t", year=2017, product=product, market=CHINA)
    china = tonnes / 1e3
    rest = _cells_of(flows, product)
    rest[AT_CHINA] = 0.0
    volumes = rest / rest.sum() * (total - china)
    volumes[AT_CHINA] = china
    return volumes


@loaded_files.cached_by_files(digest)
def _crushed(years: tuple[str, ...]) -> float:
    """Mean crush of crop years, kt."""
    table = data.load(base_year.CRUSH)
    year = grain_exports.year_of(table["month"], year="crop")
    summed = table.groupby(year)["seed_crushed_kt"].agg(["sum", "size"]).reindex(list(years))
    if not (summed["size"] == MONTHS_IN_YEAR).all():
        raise BadInput(base_year.CRUSH, "month", found="a year not in full", allowed=", ".join(years))
    return float(summed["sum"].mean())


@loaded_files.cached_by_files(digest)
def _capacity(name: str) -> tuple[float, float]:
    """Most crushed in twelve months in a row, and twelve times the most crushed in a month; kt."""
    crush = data.load(base_year.CRUSH).set_index("month")["seed_crushed_kt"].sort_index()
    some = _held_in(crush, studies.market_base(name).crush, name, least=MONTHS_IN_YEAR)
    return float(some.rolling(MONTHS_IN_YEAR).sum().max()), float(some.max() * MONTHS_IN_YEAR)


@loaded_files.cached_by_files(digest)
def _outlook(item: str) -> float:
    table = data.load(OUTLOOK)
    newest = table[table["crop_year"] == CROP_YEAR].sort_values("report").drop_duplicates("item", keep="last")
    return data.figure(newest, OUTLOOK, item=item)


@loaded_files.cached_by_files(digest)
def _farm_price(name: str) -> float:
    prices = data.load(base_year.PRICES).set_index("month")["price_cad_per_tonne"].sort_index()
    return float(_held_in(prices, studies.market_base(name).prices, name).mean())


def _held_in(months: pd.Series, span: studies.Span, name: str, *, least: int = 1) -> pd.Series:
    """Months of a base as far as they are held; BadInput with fewer than `least`."""
    inside = months[span[0] : span[1]]
    if len(inside) < least:
        fault = f"{len(inside)} months held of {' to '.join(span)}"
        allowed = f"{least} or more to {months.index[-1]:%Y-%m}"
        raise BadInput("/".join(studies.FILE), f"market_bases, {name}", found=fault, allowed=allowed)
    return inside


@loaded_files.cached_by_files(digest)
def _margin() -> float:
    """Export unit value of seed less the farm price, C$ a tonne, of the year for which both are held."""
    return float(base_year.unit_value("seed") - base_year.farm_price(PRODUCTS_OF))


@loaded_files.cached_by_files(digest)
def _scaled_price(product: str, name: str) -> float:
    """Unit value to the United States of 2024, moved as the world price in C$ moved."""
    moved = world_price(WORLD_PRICE[product])
    prices = _held_in(moved, studies.market_base(name).prices, name)
    ratio = prices.mean() / moved[f"{PRODUCTS_OF}-01" : f"{PRODUCTS_OF}-12"].mean()
    return float(base_year.unit_value(product, "United States", PRODUCTS_OF) * ratio)


@loaded_files.cached_by_files(digest)
def _receipts_per_price() -> float:
    """Receipts over farm price times tonnes marketed, mean of the years held."""
    ratios, flows = [], _held()
    for year in RECEIPTS_OF:
        cells = {each.quantity: each.value for each in flows[year] if each.market == NATIONAL}
        farm = base_year.farm_price(year)
        ratios.append(cells["receipts"] / (farm * (cells["harvest"] - cells["stock_change"]) * 1e3))
    return float(np.mean(ratios))


def _one(value: float) -> Floats:
    return np.array([float(value)])


def _table(
    canada: Floats,
    others: Floats,
    duty: Floats,
    price: Floats,
    numbers: Mapping[str, float],
    notes: Mapping[str, tuple[str, bool, str]],
) -> pd.DataFrame:
    """Cells in the columns of :class:`Cell`."""
    cells = []
    for at, market in enumerate(MARKETS):
        for good, product in enumerate(PRODUCTS):
            source, assumed, note = notes[product]
            rival = f"ratio to Canada's as in seed of {SEED_RIVALS_OF}; by value in the US"
            if good == SEED:
                least = f"{studies.limit('least_rival_share'):.0%}"
                rival = "drawn" if at == AT_CHINA else f"imports held less Canada's, at least {least} of them"
            sold, bought = float(canada[at, good].mean()), float(others[at, good].mean())
            cells += [
                Cell("volume", CANADA, market, product, sold, "kt", source, assumed, note),
                Cell("volume", OTHERS, market, product, bought, "kt", base_year.BALANCE, True, rival),
                Cell("duty", CANADA, market, product, float(duty[at, good, 0]), "share", "data/parameters", False, ""),
            ]
    for good, product in enumerate(PRODUCTS):
        note = "farm price and the margin of 2024" if good == SEED else "unit value of 2024, moved as the world price"
        value = float(price[good, 0])
        cells.append(Cell("border_price", CANADA, NATIONAL, product, value, "CAD/t", base_year.PRICES, True, note))
    for name, value in numbers.items():
        source, assumed, note = notes.get(name, (base_year.RECEIPTS, name == "receipts", "from the cells above"))
        unit = {"receipts": "CAD", "farm_price": "CAD/t"}.get(name, "kt")
        cells.append(Cell(name, CANADA, NATIONAL, "seed", value, unit, source, assumed, note))
    return pd.DataFrame(cells, columns=list(Cell._fields))
