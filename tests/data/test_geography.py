"""Outlines for maps: described, as accepted, with rings that close and areas as large as they say.

Canola by census subdivision: every row has its outline, what is withheld is no zero, regions add up to provinces.
"""

from __future__ import annotations

import math
from itertools import pairwise

import pandas as pd
import pytest

from tradeexposure import data
from tradeexposure.core import loaded_files, paths
from tradeexposure.core.errors import BadInput
from tradeexposure.data import geography

CODES = ("ab", "bc", "mb", "nb", "nl", "ns", "nt", "nu", "on", "pe", "qc", "sk", "yt")
PRAIRIES = "prairie_subdivisions"
RADIUS_KM = 6371.0072  # of a sphere with the Earth's surface


def test_provinces_are_all_there_and_say_where_they_come_from() -> None:
    topology = geography.outlines("provinces")
    shapes = topology["objects"]["provinces"]["geometries"]
    assert sorted(shape["id"] for shape in shapes) == sorted(CODES)
    west, south, east, north = topology["bbox"]
    assert (-142, 41, -52, 84) < (west, south, east, north) < (-140, 43, -50, 85)


def test_every_file_of_the_folder_is_described_with_its_licence() -> None:
    folder = paths.path(*geography.FOLDER)
    assert sorted(geography.outline_files()) == sorted(
        path.stem for path in folder.glob("*.json") if path.stem != "outlines"
    )
    for name in geography.outline_files():
        described = geography.describe_outlines(name)
        assert described["licenses"] and described["attribution"] and described["caveat"]
    assert "canadianmaps authors" in (folder / "LICENSE-canadianmaps").read_text("utf-8")


def test_rings_close_and_centres_lie_within_the_box() -> None:
    shapes = geography.shapes(PRAIRIES, "subdivisions")
    assert len(shapes) == 479 and len({shape.id for shape in shapes}) == 479
    west, south, east, north = geography.outlines(PRAIRIES)["bbox"]
    for shape in shapes:
        assert all(ring[0] == ring[-1] and len(ring) > 3 for ring in shape.rings)
        assert west < shape.centre[0] < east and south < shape.centre[1] < north


def test_the_land_that_an_outline_says_is_that_of_its_rings() -> None:
    """By another route, on a sphere: rings on a cylinder that keeps areas, added up."""
    drawn = 0.0
    for shape in geography.shapes(PRAIRIES, "subdivisions"):
        flat = [[(math.radians(x), math.sin(math.radians(y))) for x, y in ring] for ring in shape.rings]
        sizes = [sum(x * v - u * y for (x, y), (u, v) in pairwise(ring)) for ring in flat]
        land = abs(sum(sizes)) / 2 * RADIUS_KM**2
        assert land == pytest.approx(shape.properties["km2"], rel=0.025), shape.id
        drawn += land / shape.properties["km2"] / 479
    assert drawn == pytest.approx(1, abs=0.005)


def test_a_square_has_its_centre_in_its_middle() -> None:
    square = ((0.0, 0.0), (0.0, 2.0), (4.0, 2.0), (4.0, 0.0), (0.0, 0.0))
    crumb = ((9.0, 9.0), (9.0, 9.1), (9.1, 9.1), (9.0, 9.0))
    assert geography.Shape("a", {}, (crumb, square)).centre == pytest.approx((2.0, 1.0))


def test_what_is_given_out_is_noted() -> None:
    with loaded_files.recording() as entries:
        geography.shapes(PRAIRIES, "provinces")
    files = [("file", f"data/geography/{name}.json") for name in ("outlines", PRAIRIES)]
    assert entries == {entry: loaded_files.digest(*entry) for entry in files}


@pytest.mark.parametrize(
    ("share", "shade"),
    [(0.0, "k0"), (1e-6, "k1"), (0.0499, "k1"), (0.05, "k2"), (0.12, "k3"), (0.2, "k4"), (0.2999, "k4"), (0.3, "k5"),
     (0.9, "k5"), (float("nan"), "kf")],
)  # fmt: skip
def test_a_class_begins_at_its_lower_end(share: float, shade: str) -> None:
    assert geography.class_of(share) == shade


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
    area = pd.DataFrame(rows, columns=["canola_ha", "quality"]).assign(province="Manitoba", agricultural_region="4601")
    (region,) = geography.by_region(area).to_dict("records")
    assert region == {
        "province": "Manitoba", "region": "4601", "canola_ha": 22, "placed_ha": 15, "subdivisions": 4, "withheld": 1,
        "caution": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows[rows["ccsuid"] != "4601046"], "ccsuid=4601046: found no row"),
        (lambda rows: rows[rows["ccsuid"] != "5955021"], "ccsuid=5955021: found no row"),
        (lambda rows: pd.concat([rows, rows[:1].assign(ccsuid="4601999")]), "ccsuid=4601999: found no outline"),
        (lambda rows: rows.replace({"quality": {"F": "A"}}), "ccsuid=4601035: found no area with grade A"),
        (lambda rows: rows.fillna({"canola_ha": 0}), "ccsuid=4601035: found 0"),
    ],
)  # fmt: skip
def test_rows_and_outlines_that_do_not_fit_are_refused_in_one_line(table: pd.DataFrame, change, message: str) -> None:
    with pytest.raises(BadInput) as refused:
        geography.canola_subdivisions(change(table))
    line = str(refused.value)
    assert line.startswith("data/tables/census_canola_by_subdivision.csv: ") and message in line and "\n" not in line


def test_british_columbia_beyond_the_peace_river_is_left_out(table: pd.DataFrame, areas: pd.DataFrame) -> None:
    beyond = areas[areas["province"] == "British Columbia"]
    assert len(beyond) == 5 and set(beyond["agricultural_region"]) == {"5908"}
    left = table[~table["ccsuid"].isin(areas["ccsuid"])]
    assert set(left["province"]) == {"British Columbia"} and left["canola_ha"].sum() < 2_000
