"""Receipts at stake by region: an allocation that adds up, nothing for grades E and F, the rest printed."""

from __future__ import annotations

import pandas as pd
import pytest

from tradeexposure import data
from tradeexposure.canola.exposure import subdivisions
from tradeexposure.canola.exposure.subdivisions import Allocation
from tradeexposure.data import geography
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


def test_the_circles_are_the_regions_that_are_given_money(placed: Allocation, areas: pd.DataFrame) -> None:
    spec = charts.spec_of(subdivisions.figure(placed, areas), title="T", alt="A")
    circles = max(spec["datasets"].values(), key=len)
    assert {row["Agricultural region"]: row["millions"] for row in circles} == {
        row["region"]: round(row["at_stake_cad"] / 1e6) for _, row in placed.regions.dropna().iterrows()
    }
    peace = next(row for row in circles if row["Agricultural region"] == "4870")
    assert (-120, 55) < (peace["lon"], peace["lat"]) < (-116, 58)


def test_a_later_census_of_provinces_leaves_the_key_of_2021(areas: pd.DataFrame, census: pd.DataFrame) -> None:
    later = census[census["census_year"] == 2021].assign(census_year=2026, area_ha=lambda rows: 2 * rows["area_ha"])
    rows = subdivisions.allocation(made(), pd.concat([CENSUS, later]), STAKE)
    assert rows.left["published_ha"].tolist() == [1_000]
