"""A calendar year of Canadian canola and its competitors in every market, each cell with its source.

A cell is one figure (volume, price, national total) and says whether it stands in for one that is not held.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from tradeexposure import data
from tradeexposure.canola.exposure import grain_exports
from tradeexposure.core import loaded_files
from tradeexposure.core.errors import BadInput
from tradeexposure.core.units import MONTHS_IN_YEAR
from tradeexposure.data.geography import CHINA
from tradeexposure.data.tables import digest
from tradeexposure.policy.tariff_index import MARKETS

CANADA, OTHERS = "canada", "others"
NATIONAL = "all"  # the market of a national figure
STAND_IN = 2024  # the only year for which oil and meal are held for the world and China
NAMES = {
    CHINA: "china",
    "United States": "united_states",
    "Japan": "japan",
    "Mexico": "mexico",
    "European Union": "european_union",
}
#: Marketing year of the US agriculture department's balance that holds a market's imports.
IMPORTS_HELD = {"japan": 2026, "mexico": 2026, "european_union": 2024, "World": 2024}
LINES = {"seed": ("1205",), "oil": ("151411", "151419"), "meal": ("230641",)}
EXPORTS, COMPILED, BALANCE = grain_exports.TABLE, "canola_exports_compiled", "rapeseed_world_balance"
PARTNERS, CRUSH, PRICES = "us_imports_by_partner_2024", "canola_crush_monthly", "canola_price_prairies_monthly"
RECEIPTS, CROPS = "farm_cash_receipts_annual", "field_crops_annual"
CHINA_TOTAL = re.compile(r"China total (?P<y2024>[\d.]+) Mt \(2023: (?P<y2023>[\d.]+)\)")
T_PER_KT = 1e3


class Cell(NamedTuple):
    """One figure of the base; `assumed` if it stands in for a figure that is not held."""

    quantity: str
    origin: str
    market: str
    product: str
    value: float
    unit: str
    source: str
    assumed: bool
    note: str


@loaded_files.cached_by_files(digest)
def of_year(year: int) -> tuple[Cell, ...]:
    """All flows, prices and national figures of a calendar year, worked out once for the same tables.

    Raises
    ------
    BadInput
        A table that does not hold the year in full.
    """
    seed = _seed(year)
    crushed = [*_oil(year), *_meal(year)]
    canada = {(cell.market, cell.product): cell.value for cell in (*seed, *crushed)}
    rivals = _other_seed(year, canada)
    ratio = {cell.market: cell.value / canada[cell.market, "seed"] for cell in rivals}
    others = [_other_crushed(cell, ratio[cell.market]) for cell in crushed]
    return (*seed, *crushed, *rivals, *others, *_national(year, sum(cell.value for cell in seed)), *_prices(year))


def _volume(market: str, product: str, value: float, source: str, assumed: bool, note: str = "") -> Cell:
    return Cell("volume", CANADA, market, product, float(value), "kt", source, assumed, note)


def _seed(year: int) -> list[Cell]:
    annual = grain_exports.annual_exports(grain_exports.monthly_exports(data.load(EXPORTS)))
    rows = annual[(annual["year"] == str(year)) & (annual["months"] == MONTHS_IN_YEAR)]
    if rows.empty:
        raise BadInput(EXPORTS, "month", found=f"no full year {year}", allowed="a calendar year with twelve months")
    english = rows["destination"].replace(grain_exports.IN_UNION)
    summed = rows.groupby(english.map(NAMES).fillna("others"))["volume_kt"].sum()
    note = "licensed facilities; direct rail and truck to the United States are under-counted"
    return [_volume(market, "seed", summed[market], EXPORTS, False, note) for market in MARKETS]


def _compiled(product: str, destination: str, year: int, column: str = "volume_t") -> float:
    """One calendar-year figure of Canadian exports (t or C$)."""
    return data.figure(data.load(COMPILED), COMPILED, column=column, period=str(year), basis="canadian_exports",
                       product=product, destination=destination)  # fmt: skip


def _stood_in(year: int) -> str:
    return "" if year == STAND_IN else f"{STAND_IN} stands in"


def _oil(year: int) -> list[Cell]:
    """Oil: the United States by year; China, Mexico and the rest from the totals of 2024."""
    china, stood = _compiled("oil", CHINA, STAND_IN), _stood_in(year)
    elsewhere = _compiled("oil", "World", STAND_IN) - _compiled("oil", "United States", STAND_IN) - china
    # What Mexico paid for all canola products of 2024 less its seed, at the unit value of all seed.
    seed_kt = next(cell.value for cell in _seed(STAND_IN) if cell.market == "mexico")
    rest = _compiled("seed+oil+meal", "Mexico", STAND_IN, "value_cad") - seed_kt * T_PER_KT * unit_value("seed")
    mexico = min(elsewhere, max(0.0, rest / unit_value("oil")))
    rows = {
        "china": (china, year != STAND_IN, "the growers' association gives 15,351 t for 2024"),
        "united_states": (_compiled("oil", "United States", year), False, "rounded by the source"),
        "japan": (0.0, True, "the value of 2024 is that of seed alone"),
        "mexico": (mexico, True, "value of 2024 less seed, at the unit value of all oil"),
        "european_union": (0.0, True, "the value of 2024 is that of seed alone"),
        "others": (elsewhere - mexico, True, "world less the markets named"),
    }
    notes = {
        market: note if market == "united_states" else "; ".join(filter(None, (note, stood)))
        for market, (_, _, note) in rows.items()
    }
    return [
        _volume(market, "oil", tonnes / T_PER_KT, COMPILED, assumed, notes[market])
        for market, (tonnes, assumed, _) in rows.items()
    ]


def unit_value(product: str, destination: str = "World", year: int = STAND_IN) -> float:
    """Value over tonnes of Canadian exports in a calendar year, C$ a tonne."""
    return _compiled(product, destination, year, "value_cad") / _compiled(product, destination, year)


def _meal(year: int) -> list[Cell]:
    """Meal: the United States by year, China and the rest from 2024; the totals leave nothing for other markets."""
    china, us_then = _compiled("meal", CHINA, STAND_IN), _compiled("meal", "United States", STAND_IN)
    rest = max(0.0, _compiled("meal", "World", STAND_IN) - china - us_then)
    tonnes = dict.fromkeys(MARKETS, 0.0) | {"china": china, "others": rest}
    cells = [_volume(market, "meal", tonnes[market] / T_PER_KT, COMPILED, True, _stood_in(year)) for market in MARKETS]
    us = _volume(
        "united_states", "meal", _compiled("meal", "United States", year) / T_PER_KT, COMPILED, False, "rounded"
    )
    china_cell = cells[0]._replace(assumed=year != STAND_IN)
    return [china_cell, us, *cells[2:]]


def _rival(market: str, product: str, value: float, source: str, note: str) -> Cell:
    return Cell("volume", OTHERS, market, product, float(value), "kt", source, True, note)


def _other_seed(year: int, canada: dict[tuple[str, str], float]) -> list[Cell]:
    """Imports of each market less Canada's; the United States by value, the rest of the world as what is left."""
    own = {market: canada[market, "seed"] for market in MARKETS}
    totals = {market: _imports(name) for name, market in NAMES.items() if market in IMPORTS_HELD}
    totals |= {"china": _china_imports_kt(year), "united_states": own["united_states"] / _canadian_share("seed")}
    totals["others"] = _imports("World") - sum(totals.values())
    source = dict.fromkeys(MARKETS, BALANCE) | {"china": COMPILED, "united_states": PARTNERS}
    note = {
        market: f"imports of marketing year {marketing_year}, the one held, less Canada's"
        for market, marketing_year in IMPORTS_HELD.items()
    }
    note |= {
        "china": "customs arrivals of the year less Canada's shipments",
        "united_states": "share of Canada in the value of 2024",
        "others": "world imports of marketing year 2024 less the markets named and Canada's",
    }
    short = [market for market in MARKETS if totals[market] < own[market]]
    if short:
        raise BadInput(BALANCE, short[0], found="imports below Canada's exports", allowed="imports of the market")
    return [_rival(market, "seed", totals[market] - own[market], source[market], note[market]) for market in MARKETS]


def _imports(name: str) -> float:
    year = IMPORTS_HELD[NAMES.get(name, name)]
    return data.figure(
        data.load(BALANCE), BALANCE, column="volume_kt", marketing_year=year, entity=name, item="imports"
    )


def _china_imports_kt(year: int) -> float:
    """All seed that arrived in China, which the compiled table holds in the note beside Canada's part of 2024."""
    table = data.load(COMPILED)
    notes = table[(table["basis"] == "chinese_imports") & (table["period"] == str(STAND_IN))]["note"]
    matches = [match for match in map(CHINA_TOTAL.search, notes.astype(str)) if match]
    if len(matches) != 1 or f"y{year}" not in matches[0].groupdict():
        raise BadInput(COMPILED, "note", found=f"no total of China for {year}", allowed="2023, 2024")
    return float(matches[0][f"y{year}"]) * T_PER_KT


def _canadian_share(product: str) -> float:
    """Canada's part of what the United States imports of a product, by value."""
    table = data.load(PARTNERS)
    rows = table[table["hs6"].astype(str).str.startswith(LINES[product])]
    return float(rows.loc[rows["partner"] == "Canada", "value_usd"].sum() / rows["value_usd"].sum())


def _other_crushed(cell: Cell, ratio: float) -> Cell:
    """Oil or meal of other exporters: by value in the United States, elsewhere in their ratio to Canada in seed."""
    if cell.market == "united_states":
        share = _canadian_share(cell.product)
        value, source, note = cell.value * (1 / share - 1), PARTNERS, "share of Canada in the value of 2024"
        return _rival(cell.market, cell.product, value, source, note)
    return _rival(cell.market, cell.product, cell.value * ratio, cell.source, "ratio to Canada's as in seed")


def _national(year: int, exports_kt: float) -> list[Cell]:
    harvest = harvest_kt(year)
    crush = float(full_year(CRUSH, year)["seed_crushed_kt"].sum())
    receipts = data.figure(data.load(RECEIPTS), RECEIPTS, column="receipts_cad", year=year, geo="Canada", item="canola")
    stock_note = "harvest less exports and crush: stocks, feed, seed, losses, exports outside licensed facilities"
    rows = [
        ("harvest", harvest, "kt", CROPS, False, "harvest of the calendar year"),
        ("crush", crush, "kt", CRUSH, False, ""),
        ("stock_change", harvest - exports_kt - crush, "kt", f"{CROPS}, {EXPORTS}, {CRUSH}", False, stock_note),
        ("receipts", receipts, "CAD", RECEIPTS, False, ""),
    ]
    return [Cell(row[0], CANADA, NATIONAL, "seed", *row[1:]) for row in rows]


def _prices(year: int) -> list[Cell]:
    """Farm price of the year; seed at the border by the margin of 2024, oil and meal by the US unit value."""
    farm = farm_price(year)
    margin = unit_value("seed") - farm_price(STAND_IN)
    note = f"farm price + export unit value less farm price of {STAND_IN}"
    rows = [
        ("farm_price", "seed", farm, PRICES, False, "mean of twelve months"),
        ("border_price", "seed", farm + margin, f"{PRICES}, {COMPILED}", year != STAND_IN, note),
    ]
    note = "unit value to the United States, for all markets"
    for product in ("oil", "meal"):
        rows.append(("border_price", product, unit_value(product, "United States", year), COMPILED, True, note))
    return [Cell(row[0], CANADA, NATIONAL, row[1], row[2], "CAD/t", *row[3:]) for row in rows]


def farm_price(year: int) -> float:
    """Mean Prairie farm price of a calendar year, C$ a tonne."""
    return float(full_year(PRICES, year)["price_cad_per_tonne"].mean())


def full_year(name: str, year: int) -> pd.DataFrame:
    """The twelve months of a year in a monthly table; BadInput where one is not held."""
    table = data.load(name)
    rows = table[table["month"].dt.year == year]
    if len(rows) != MONTHS_IN_YEAR:
        raise BadInput(name, "month", found=f"{len(rows)} months of {year}", allowed="a year with twelve months")
    return rows


def harvest_kt(year: int) -> float:
    """Canada's harvest; BadInput where it is not held."""
    tonnes = data.figure(data.load(CROPS), CROPS, column="production_t", year=year, geo="Canada", crop="canola")
    return tonnes / T_PER_KT


def mean_of(years: Sequence[int]) -> list[Cell]:
    """The cells of a calendar year that every table holds in full, or their mean over several; errors as of
    :func:`of_year`. A mean is assumed where one of its years is.
    """
    cells = []
    for same in zip(*(of_year(year) for year in years), strict=True):  # one cell in each year
        mean = float(np.mean([cell.value for cell in same]))
        notes = dict.fromkeys(cell.note for cell in same if cell.note)
        assumed = any(cell.assumed for cell in same)
        cells.append(same[0]._replace(value=mean, assumed=assumed, note="; ".join(notes)))
    return cells
