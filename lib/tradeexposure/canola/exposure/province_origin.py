"""Canola sold to China by province and product, as customs place it: what is observed and what is allocated."""

from __future__ import annotations

import altair as alt
import pandas as pd

from tradeexposure.core.errors import BadInput
from tradeexposure.core.provinces import CODES
from tradeexposure.reporting import charts
from tradeexposure.reporting.result_rows import result_rows

TABLE = "canola_exports_by_province_2025"
HEADINGS = {"1205": "seed", "1514": "oil", "2306": "meal"}
CHINA_CODE = "CN"
SMALL_CAD = 1e6  # a smaller flow is too coarsely rounded by province to compare its split
ONE_KEY = 1e-5  # splits that differ by less are one split, rounded to the dollar
PROVINCES = ("Saskatchewan", "Alberta", "Manitoba")
#: How :func:`tables.show` writes the two tables.
TABLES: dict[str, dict[str, dict[str, str]]] = {
    "split": {
        "columns": {
            "product": "Product", "destinations": "Destinations compared",
            "most_apart": "Largest difference of a share",
            "allocated": "One key for all",
        },
        "written": {"most_apart": "share"},
    },
    "origin": {
        "columns": {
            "product": "Product", "province": "Province", "china_cad": "To China", "world_cad": "To the world",
            "origin_share": "Share of the three in sales to China", "china_share": "China in what it exports",
        },
        "written": {"china_cad": "CAD", "world_cad": "CAD", "origin_share": "share", "china_share": "share"},
    },
}  # fmt: skip


def splits(table: pd.DataFrame) -> pd.DataFrame:
    """Whether the split between provinces is the same for every destination of a product.

    Parameters
    ----------
    table : DataFrame
        ``canola_exports_by_province_2025``: `province`, `hs4`, `destination`, `value_cad`. No row: none recorded.

    Returns
    -------
    DataFrame
        Key `product`; `destinations` (above :data:`SMALL_CAD`), `most_apart` = largest difference of a province's
        share between two destinations, `allocated` = whether it is nothing but rounding.
    """
    rows = []
    for product, wide in _by_product(table).items():
        large = wide[wide.sum(axis=1) > SMALL_CAD]
        shares = large.div(large.sum(axis=1), axis=0)
        apart = float((shares.max() - shares.min()).max())
        rows.append((product, len(large), apart, apart < ONE_KEY))
    return pd.DataFrame(rows, columns=["product", "destinations", "most_apart", "allocated"])


def by_province(table: pd.DataFrame) -> pd.DataFrame:
    """Each province's sales of each product to China and to the world.

    Returns
    -------
    DataFrame
        Key `product`, `province`; `place` (code), `china_cad`, `world_cad`, `origin_share` (of what the provinces held
        sold to China), `china_share` (its share of what the province exports), `allocated`.
    """
    keys = splits(table).set_index("product")["allocated"]
    parts = []
    for product, wide in _by_product(table).items():
        if CHINA_CODE not in wide.index:
            raise BadInput(
                TABLE, "destination", found=f"{product} to {CHINA_CODE}", allowed=", ".join(sorted(wide.index))
            )
        sold, world = wide.loc[CHINA_CODE], wide.sum()
        part = pd.DataFrame({"china_cad": sold, "world_cad": world, "origin_share": sold / sold.sum(),
                             "china_share": sold / world})  # fmt: skip
        parts.append(part.rename_axis("province").reset_index().assign(product=product, allocated=keys[product]))
    sales = pd.concat(parts, ignore_index=True)
    return sales.assign(place=sales["province"].map(CODES))


def _by_product(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Product → destinations × provinces, C$; a pair without a row is none recorded."""
    absent = sorted(set(HEADINGS) - set(table["hs4"]) | set(PROVINCES) - set(table["province"]))
    if absent:
        raise BadInput(TABLE, "hs4, province", found=f"no {absent[0]}", allowed="every heading and province")
    matrices = {}
    for heading, product in HEADINGS.items():
        rows = table[table["hs4"] == heading]
        wide = rows.pivot(index="destination", columns="province", values="value_cad").fillna(0.0)
        matrices[product] = wide.reindex(columns=list(PROVINCES), fill_value=0.0)
    return matrices


def results(origin: pd.DataFrame, *, year: int = 2025) -> pd.DataFrame:
    """What the notebook publishes of :func:`by_province`: value, province's share, China's share of its exports."""
    keyed = origin.assign(method=origin["allocated"].map({True: "allocated", False: "observed"}))
    stems = {"exports_china_cad": "china_cad", "origin_share_of_china_sales": "origin_share",
             "china_share_of_exports_value": "china_share"}  # fmt: skip
    numbers = {f"canola.{stem}.{{place}}.{{product}}.{year}": column for stem, column in stems.items()}
    return result_rows(keyed, numbers, method="{method}", others="{product}")


def figure(origin: pd.DataFrame) -> alt.Chart:
    """China's share of what each province exports of oil and meal; products that are only allocated are left out."""
    shown = origin[~origin["allocated"]].rename(columns={"province": "Province", "product": "Product"})
    return charts.bars(
        shown, category="Province", value="china_share", group="Product", numbers="share",
        value_title="China's share of the product's exports, by value",
    )  # fmt: skip
