"""Canola receipts at stake by agricultural region: an allocation of each province's by published hectares.

Nothing smaller than a region is given money: subdivisions count a farm where its main office is, and small counts are
adjusted at random. Grades E and F get none, and what is left of a province stands beside its regions.
"""

from __future__ import annotations

from dataclasses import dataclass

import altair as alt
import pandas as pd

from tradeexposure.canola.exposure import receipts
from tradeexposure.core.provinces import CANADA
from tradeexposure.core.units import MILLION
from tradeexposure.data import geography
from tradeexposure.reporting import charts
from tradeexposure.reporting.result_rows import result_rows

STEM = "canola.receipts_at_stake_allocated_cad"
#: How :func:`tables.show` writes the regions.
TABLE: dict[str, dict[str, str]] = {
    "columns": {
        "region": "Agricultural region", "canola_ha": "Canola (ha)", "lower_bound": "Lower bound",
        "millions": "Receipts at stake (C$ million)", "withheld": "Withheld (F)", "caution": "With caution (E)",
        "subdivisions": "Subdivisions",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Allocation:
    """Receipts at stake of the Prairies by agricultural region."""

    #: :func:`geography.by_region`, with `geo`, `place` (code) of the province, `at_stake_cad`; none where a region has
    #: no hectares of grades A to D.
    regions: pd.DataFrame
    #: Key `geo`; `place`, `published_ha`, `not_placed_ha`, `at_stake_cad` (of the province), `not_placed_cad`.
    left: pd.DataFrame
    elsewhere: float  #: Share of Canada's published hectares that other provinces have.


def allocation(areas: pd.DataFrame, census: pd.DataFrame, stake: pd.DataFrame) -> Allocation:
    """Place each province's receipts at stake on its regions.

    Parameters
    ----------
    areas : DataFrame
        :func:`geography.canola_subdivisions`.
    census : DataFrame
        ``census_crop_farms``: what the same Census publishes of a province, `area_ha`.
    stake : DataFrame
        :func:`receipts.at_stake`.
    """
    regions = geography.by_region(areas).rename(columns={"province": "geo"})
    province = stake.set_index("geo")[["place", "at_stake_cad"]]
    of_year = census[census["census_year"] == geography.CENSUS_YEAR]
    published = receipts.canola_farms(of_year).set_index("geo")["area_ha"]
    share = regions["placed_ha"] / regions["geo"].map(published)
    regions = regions.assign(
        place=regions["geo"].map(province["place"]),
        at_stake_cad=(share * regions["geo"].map(province["at_stake_cad"])).where(regions["placed_ha"] > 0),
    )
    sums = regions.groupby("geo", sort=False)[["canola_ha", "at_stake_cad"]].sum()
    left = province.loc[sums.index].assign(published_ha=published)
    left = left.assign(
        not_placed_ha=left["published_ha"] - sums["canola_ha"],
        not_placed_cad=left["at_stake_cad"] - sums["at_stake_cad"],
    )
    elsewhere = 1 - left["published_ha"].sum() / published[CANADA]
    return Allocation(regions, left.reset_index(), float(elsewhere))


def results(placed: Allocation, *, year: int) -> pd.DataFrame:
    """What the notebook publishes: each region's receipts at stake, and what no region of a province is given."""
    regions = _rounded(placed.regions.dropna(subset="at_stake_cad"), "at_stake_cad")
    left = _rounded(placed.left, "not_placed_cad")
    parts = [
        result_rows(regions, {f"{STEM}.{{place}}.{{region}}.{year}": "at_stake_cad"}),
        result_rows(left, {f"{STEM}.{{place}}.not_placed.{year}": "not_placed_cad"}),
    ]
    return pd.concat(parts, ignore_index=True)


def shown(placed: Allocation) -> pd.DataFrame:
    """The regions as a table: `millions` of C$, and whether a withheld row makes the hectares a lower bound."""
    millions = (placed.regions["at_stake_cad"] / MILLION).round().astype(pd.Int64Dtype())
    return placed.regions.assign(millions=millions, lower_bound=placed.regions["withheld"] > 0)


def figure(areas: pd.DataFrame) -> alt.LayerChart:
    """The subdivisions, of :func:`geography.canola_subdivisions`, by the share of their drawn land under canola."""
    names = {"name": "Census subdivision", "province": "Province", "canola_ha": "Canola (ha)"}
    shown = areas.astype({"canola_ha": pd.Int64Dtype()}).rename(columns=names).assign(
        Quality=areas["quality"].map(geography.GRADES),
        share=areas["share"].map(geography.class_of).map(geography.CLASSES),
        caution=areas["quality"].map({geography.CAUTION: "use with caution (E)"}),
    )  # fmt: skip
    return charts.subdivision_map(
        shown, shade="share", shade_title=f"Canola as a share of the drawn land, {geography.CENSUS_YEAR}",
        classes=tuple(geography.CLASSES.values()), number="Canola (ha)",
        texts=("Census subdivision", "Province", "Quality"), caution="caution",
    )  # fmt: skip


def _rounded(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    return frame.assign(**{column: (frame[column] / MILLION).round() * MILLION})
