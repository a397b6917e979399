"""Canola by census subdivision: every row has its outline, what is withheld is no zero, regions add up to provinces."""

from __future__ import annotations

import pandas as pd
import pytest

from tradeexposure import data
from tradeexposure.core.errors import BadInput
from tradeexposure.data import geography


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return data.load(geography.CANOLA_TABLE)


@pytest.fixture(scope="module")
def areas(table: pd.DataFrame) -> pd.DataFrame:
    return geography.canola_subdivisions(table)


def test_what_is_withheld_has_no_share_and_all_else_has_one(areas: pd.DataFrame) -> None:
    assert areas["share"].isna().equals(areas["quality"] == "F") and areas["quality"].eq("F").sum() == 18
    assert areas["share"].min() == 0 and areas["share"].max() < 1
    row = areas.set_index("ccsuid").loc["4601046"]
    assert row["share"] == pytest.approx(2949 / 70_100)


def test_sums_fall_short_of_the_published_ones_by_what_is_withheld(areas: pd.DataFrame) -> None:
    """By the parts of the table's description: 0.49, 0.08 and 0.06% in Manitoba, Saskatchewan and Alberta."""
    census = data.load("census_crop_farms").query("census_year == 2021 and crop == 'canola'")
    published = census.set_index("geo")["area_ha"]
    regions = geography.by_region(areas)
    short = 1 - regions.groupby("province")["canola_ha"].sum() / published
    assert (100 * short[["Manitoba", "Saskatchewan", "Alberta"]]).round(2).tolist() == [0.49, 0.08, 0.06]
    assert regions["withheld"].groupby(regions["province"]).sum().to_dict() == {
        "Alberta": 3, "Manitoba": 8, "Saskatchewan": 6,
    }  # fmt: skip


def test_a_region_by_hand() -> None:
    rows = [(10.0, "A"), (5.0, "D"), (7.0, "E"), (None, "F")]
    made = pd.DataFrame(rows, columns=["canola_ha", "quality"]).assign(province="Manitoba", agricultural_region="4601")
    (region,) = geography.by_region(made).to_dict("records")
    assert region == {
        "province": "Manitoba", "region": "4601", "canola_ha": 22, "placed_ha": 15, "subdivisions": 4, "withheld": 1,
        "caution": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda rows: rows[rows["ccsuid"] != "4601046"], "ccsuid=4601046: found no row"),
        (lambda rows: rows[rows["ccsuid"] != "5955021"], "ccsuid=5955021: found no row"),
        (lambda rows: pd.concat([rows, rows[:1].assign(ccsuid="4601999")]), "ccsuid=4601999: found no outline"),
        (lambda rows: rows.replace({"quality": {"F": "A"}}), "ccsuid=4601035: found no area with grade A"),
        (lambda rows: rows.fillna({"canola_ha": 0}), "ccsuid=4601035: found 0"),
    ],
)  # fmt: skip
def test_rows_and_outlines_that_do_not_fit_are_refused_in_one_line(table: pd.DataFrame, change, told: str) -> None:
    with pytest.raises(BadInput) as refused:
        geography.canola_subdivisions(change(table))
    line = str(refused.value)
    assert line.startswith("data/tables/census_canola_by_subdivision.csv: ") and told in line and "\n" not in line


def test_british_columbia_beyond_the_peace_river_is_left_out(table: pd.DataFrame, areas: pd.DataFrame) -> None:
    beyond = areas[areas["province"] == "British Columbia"]
    assert len(beyond) == 5 and set(beyond["agricultural_region"]) == {"5908"}
    left = table[~table["ccsuid"].isin(areas["ccsuid"])]
    assert set(left["province"]) == {"British Columbia"} and left["canola_ha"].sum() < 2_000
