"""Receipts at stake by region: an allocation that adds up, nothing for grades E and F, the rest printed."""

from __future__ import annotations

import pandas as pd
import pytest

from tradeexposure import data
from tradeexposure.canola.exposure import subdivisions
from tradeexposure.canola.exposure.subdivisions import Allocation
from tradeexposure.data import geography
from tradeexposure.publishing import drawings
from tradeexposure.reporting import charts

STAKE = pd.DataFrame({"geo": ["Manitoba"], "place": ["mb"], "at_stake_cad": [100e6]})
CENSUS = pd.DataFrame({"geo": ["Manitoba", "Canada"], "area_ha": [1_000.0, 1_005.0]}).assign(
    census_year=2021, crop="canola", farms=9
)
PLACES = {"Alberta": ("ab", 1.1e9), "Saskatchewan": ("sk", 2.2e9), "Manitoba": ("mb", 0.6e9)}


def made() -> pd.DataFrame:
    """Two regions of Manitoba, and one whose only row is of grade E; 980 of 1,000 hectares are published."""
    rows = [("4601", 614.0, "A"), ("4601", 66.0, "E"), ("4602", 285.0, "D"), ("4602", None, "F"), ("4612", 15.0, "E")]
    frame = pd.DataFrame(rows, columns=["agricultural_region", "canola_ha", "quality"])
    return frame.assign(province="Manitoba", ccsuid=[f"46{place:05d}" for place in range(len(rows))])


@pytest.fixture(scope="module")
def areas() -> pd.DataFrame:
    return geography.canola_subdivisions(data.load(geography.CANOLA_TABLE))


@pytest.fixture(scope="module")
def census() -> pd.DataFrame:
    return data.load("census_crop_farms")


@pytest.fixture(scope="module")
def placed(areas: pd.DataFrame, census: pd.DataFrame) -> Allocation:
    rows = [(geo, *told) for geo, told in PLACES.items()]
    return subdivisions.allocation(areas, census, pd.DataFrame(rows, columns=["geo", "place", "at_stake_cad"]))


def test_an_allocation_by_hand() -> None:
    """614 and 285 of 1,000 hectares of C$100 m; 66 + 15 of grade E and 20 withheld leave 10.1 m."""
    rows = subdivisions.results(subdivisions.allocation(made(), CENSUS, STAKE), year=2024).set_index("result_id")
    stem = "canola.receipts_at_stake_allocated_cad.mb"
    assert rows["value"].to_dict() == {
        f"{stem}.4601.2024": 61e6, f"{stem}.4602.2024": 28e6, f"{stem}.not_placed.2024": 10e6,
    }  # fmt: skip


def test_regions_and_what_is_left_add_up_to_the_province(placed: Allocation) -> None:
    sums = placed.regions.groupby("geo")["at_stake_cad"].sum() + placed.left.set_index("geo")["not_placed_cad"]
    assert sums.to_dict() == pytest.approx({geo: value for geo, (_, value) in PLACES.items()})
    rows = subdivisions.results(placed, year=2024)
    assert (rows["value"] % 1e6 == 0).all() and len(rows) == 26 + 3
    for place, total in PLACES.values():
        own = rows[rows["result_id"].str.contains(f".{place}.", regex=False)]["value"]
        assert abs(own.sum() - total) <= 0.5e6 * len(own)


def test_a_region_of_grade_e_alone_is_given_nothing(placed: Allocation) -> None:
    north = placed.regions.set_index("region").loc["4707"]
    assert north["canola_ha"] == 1809 and pd.isna(north["at_stake_cad"])
    assert not subdivisions.results(placed, year=2024)["result_id"].str.contains("4707").any()
    table = subdivisions.shown(placed).set_index("region")
    assert table.loc["4707", "millions"] is pd.NA and not table.loc["4707", "lower_bound"]
    assert table.loc[table["withheld"] > 0, "lower_bound"].all()


def test_the_map_has_every_subdivision_by_its_share_and_nothing_for_what_is_withheld(areas: pd.DataFrame) -> None:
    drawing = drawings.drawing(charts.spec_of(subdivisions.figure(areas), title="T", alt="A"), where="map")
    table = pd.DataFrame(drawing.tables[0].rows, columns=drawing.tables[0].headings)
    assert table["Canola (ha)"].isna().equals(table["Quality"].eq("F, withheld")) and len(table) == len(areas) == 479
    rows = next(rows for rows in drawing.source["datasets"].values() if isinstance(rows, list))
    shown = pd.DataFrame(rows).set_index("ccsuid")
    by_hand = pd.cut(areas.set_index("ccsuid")["share"], [-1, 0, *(end - 1e-12 for end in (0.05, 0.12, 0.2, 0.3)), 9])
    assert (
        shown["share"].map(list(geography.CLASSES.values()).index).replace(6, -1).equals(by_hand.cat.codes.astype(int))
    )
    assert shown.index[shown["caution"].notna()].equals(shown.index[shown["Quality"].str.startswith("E")])


def test_pointing_at_the_map_tells_hectares_to_the_last_and_no_zero_where_they_are_withheld(
    areas: pd.DataFrame,
) -> None:
    values = drawings.drawing(charts.spec_of(subdivisions.figure(areas), title="T", alt="A"), where="map").values
    pointed = {(row[1], row[2]): dict(zip(values["heads"][row[0]], row[1:], strict=True)) for row in values["rows"]}
    assert pointed["Tisdale No. 427", "Saskatchewan"]["Canola (ha)"] == "35,692"
    assert {row["Quality"] for row in pointed.values() if "Canola (ha)" not in row} == {"F, withheld"}
    assert len(values["wide"]) == len(values["narrow"]) == len(areas)


def test_a_later_census_of_provinces_leaves_the_key_of_2021(areas: pd.DataFrame, census: pd.DataFrame) -> None:
    later = census[census["census_year"] == 2021].assign(census_year=2026, area_ha=lambda rows: 2 * rows["area_ha"])
    rows = subdivisions.allocation(made(), pd.concat([CENSUS, later]), STAKE)
    assert rows.left["published_ha"].tolist() == [1_000]
