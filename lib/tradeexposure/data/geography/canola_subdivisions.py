"""Canola by census subdivision as it is drawn: each row with its outline, and the agricultural regions they add up to.

Statistics Canada counts a farm where its main office is and adjusts small counts at random, so that nothing below an
agricultural region is ranked. Grade F is withheld: empty, and no zero. Grade E is to be used with caution.
"""

from __future__ import annotations

import pandas as pd

from tradeexposure.core.errors import BadInput
from tradeexposure.core.units import HECTARES_IN_KM2
from tradeexposure.data.geography import outlines

TABLE, OUTLINES, LAYER = "census_canola_by_subdivision", "prairie_subdivisions", "subdivisions"
CENSUS_YEAR = 2021  # of the table
PRAIRIES = ("Alberta", "Saskatchewan", "Manitoba")
DRAWN_BEYOND = ("5908",)  # agricultural regions of other provinces: British Columbia's Peace River
CAUTION, WITHHELD = "E", "F"


def drawn(table: pd.DataFrame) -> pd.DataFrame:
    """The subdivisions of the Prairies and of British Columbia's Peace River, each with the land of its outline.

    Parameters
    ----------
    table : DataFrame
        ``census_canola_by_subdivision``.

    Returns
    -------
    DataFrame
        Key `ccsuid`; the columns of `table`, `km2` (of the outline), `share` of it under canola, none where the area is
        withheld.

    Raises
    ------
    BadInput
        A subdivision without an outline, an outline without a row, an area beside grade F or none beside another grade.
    """
    withheld = table["quality"] == WITHHELD
    wrong = table[withheld != table["canola_ha"].isna()]
    if len(wrong):
        row = wrong.iloc[0]
        fault = f"{'no area' if pd.isna(row['canola_ha']) else row['canola_ha']} with grade {row['quality']}"
        raise BadInput(_file(), f"ccsuid={row['ccsuid']}", found=fault, allowed="an area, or none with grade F")
    rows = table[table["province"].isin(PRAIRIES) | table["agricultural_region"].isin(DRAWN_BEYOND)]
    land = {shape.id: shape.properties["km2"] for shape in outlines.shapes(OUTLINES, LAYER)}
    if alone := sorted(set(rows["ccsuid"]) ^ land.keys()):
        fault = "no row" if alone[0] in land else "no outline"
        allowed = f"one row for each outline of data/geography/{OUTLINES}.json"
        raise BadInput(_file(), f"ccsuid={alone[0]}", found=fault, allowed=allowed)
    km2 = rows["ccsuid"].map(land)
    return rows.assign(km2=km2, share=rows["canola_ha"] / (km2 * HECTARES_IN_KM2)).reset_index(drop=True)


def by_region(areas: pd.DataFrame) -> pd.DataFrame:
    """The agricultural regions of the Prairies.

    Parameters
    ----------
    areas : DataFrame
        :func:`drawn`.

    Returns
    -------
    DataFrame
        Key `province`, `region`, in the order of :data:`PRAIRIES`; `canola_ha` (of all rows that are published, a
        lower bound where one is withheld), `placed_ha` (without grade E too), `subdivisions`, and how many of them are
        `withheld` (F) and to be used with `caution` (E).
    """
    rows = areas[areas["province"].isin(PRAIRIES)].rename(columns={"agricultural_region": "region"})
    rows = rows.assign(
        withheld=rows["quality"] == WITHHELD, caution=rows["quality"] == CAUTION, subdivisions=1,
        placed_ha=rows["canola_ha"].where(rows["quality"] != CAUTION),
    )  # fmt: skip
    columns = ["canola_ha", "placed_ha", "subdivisions", "withheld", "caution"]
    sums = rows.groupby(["province", "region"])[columns].sum().astype("int64").reset_index()
    return sums.sort_values("province", key=lambda names: names.map(PRAIRIES.index), kind="stable", ignore_index=True)


def _file() -> str:
    return f"data/tables/{TABLE}.csv"
