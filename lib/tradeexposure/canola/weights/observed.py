"""What the tables hold of what was seen: meal's price, exports of spring, cargoes and forecasts that were quoted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tradeexposure import data
from tradeexposure.canola.exposure import export_values, grain_exports
from tradeexposure.canola.market import base_year
from tradeexposure.core.errors import BadInput
from tradeexposure.data import cited_figures
from tradeexposure.econometrics.time_series.months import Span

SEED_LINE = "1205.10.20"
QUOTED, IMPORTS, OUTLOOK = "benchmarks_canola", "china_seed_imports", "rapeseed_world_balance"
PUBLISHED = "elasticities_trade"
#: Code of a published elasticity -> the product of the model that it is of.
PRODUCT_OF = {"1205": "seed", "120": "seed", "120510": "seed", "151411": "oil", "151419": "oil", "230641": "meal"}
BETWEEN_ORIGINS = "elasticity of substitution"
KT_IN_MT = 1e3


def meal_price(span: Span) -> float:
    """Meal's export value per tonne of output, over the price of soybean meal; means of the months of a span."""
    return export_values.meal_over_world(export_values.meal_held(), span)


def meal_change(months: Span, before: Span) -> float:
    """Log change of :func:`meal_price` from the months before."""
    return float(np.log(meal_price(months) / meal_price(before)))


def spring_ratio(years: Sequence[int]) -> pd.Series:
    """Seed exported to all countries in March and April over January and February, by year; tonnes."""
    monthly = grain_exports.monthly_exports(data.load(base_year.EXPORTS))
    total = monthly.groupby("month")["volume_kt"].sum()
    return pd.Series({year: _ratio(total, year) for year in years})


def spring_ratio_by_value(year: int) -> float:
    """The same by customs value."""
    table = data.load("canola_ev_trade_value_monthly")
    return _ratio(table[table["hs"] == SEED_LINE].set_index("month")["value_cad"].sort_index(), year)


def _ratio(monthly: pd.Series, year: int) -> float:
    return float(monthly[f"{year}-03" : f"{year}-04"].sum() / monthly[f"{year}-01" : f"{year}-02"].sum())


def quoted(study: str, effect: str) -> pd.Series:
    """The one quoted figure of a study (how its name begins) and an effect: `value`, `low`, `high`, `unit`; Mt in kt.

    Raises
    ------
    BadInput
        No such row, or several.
    """
    row = cited_figures.of_study(data.load(QUOTED), study, effect).copy()
    if str(row["unit"]).startswith("million tonnes"):
        row[["value", "low", "high"]] *= KT_IN_MT
    return row


def told() -> dict[str, float]:
    """What the trade and the press told, in kt but for the last.

    Returns
    -------
    dict
        `booked`, seed for spring 2026, the middle of the range; `forecast`, China's seed of 2025-26; `cargoes`, rivals'
        that one buyer took under the deposit; `step`, of futures on the day of the deposit, a ratio.
    """
    booked = quoted("Trade sources via Reuters", "Chinese bookings of Canadian seed for spring 2026")
    forecast = quoted("USDA FAS Beijing", "China canola imports 2025/26, forecast and what it was cut from")
    cargoes = quoted("Trade sources", "Chinese bookings of Australian seed, to load November 2025-January 2026")
    fall = quoted("Brewin", "price fall almost immediately")
    before = quoted("ICE futures", "November ICE canola futures, close of the day before")
    return {
        "booked": float(booked[["low", "high"]].mean()),
        "forecast": float(forecast["value"]),
        "cargoes": float(cargoes["value"]),
        "step": 1 + float(fall[["low", "high"]].mean()) / float(before["value"]),
    }


def china_imports(year: int, origin: str) -> pd.Series:
    """China's imports of seed in a year by whose count (index `basis`), kt; `origin` is all, canada or rivals.

    Raises
    ------
    BadInput
        None held.
    """
    table = data.load(IMPORTS)
    rows = table[(table["year"] == year) & (table["origin"] == origin)]
    if rows.empty:
        raise BadInput(IMPORTS, "year, origin", found=f"{year}, {origin}", allowed="a year and an origin that it holds")
    return rows.set_index("basis")["volume_kt"].astype(float)


def china_outlook(year: int) -> float:
    """China's imports of rapeseed that the outlook of a marketing year expects, kt."""
    return cited_figures.figure(
        data.load(OUTLOOK), OUTLOOK, column="volume_kt", marketing_year=year, entity="China", item="imports"
    )


def elasticities() -> pd.DataFrame:
    """Published trade elasticities of canola: `product` of the model, `value` (its size, none where left blank),
    `description`, `importer`, `kind`, `source`.
    """
    table = data.load(PUBLISHED)
    product = table["code"].astype(str).map(PRODUCT_OF)
    rows = table.assign(product=product, value=table["elasticity"].abs())[product.notna()]
    return rows[["product", "value", "description", "importer", "kind", "source"]].reset_index(drop=True)


def elasticities_of_seed() -> tuple[float, float]:
    """The lowest and the highest elasticity between origins that was published of seed or of all oilseeds."""
    rows = elasticities()
    values = rows.loc[(rows["product"] == "seed") & (rows["kind"] == BETWEEN_ORIGINS), "value"]
    return float(values.min()), float(values.max())
