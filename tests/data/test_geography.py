"""Outlines for maps: described, the bytes that were accepted, rings that close, and areas as large as they say."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from tradeexposure.core import loaded_files, paths
from tradeexposure.data import geography

CODES = ("ab", "bc", "mb", "nb", "nl", "ns", "nt", "nu", "on", "pe", "qc", "sk", "yt")
PRAIRIES = "prairie_subdivisions"
RADIUS_KM = 6371.0072  # of a sphere with the Earth's surface


def test_provinces_are_all_there_and_say_where_they_come_from() -> None:
    topology = geography.load("provinces")
    shapes = topology["objects"]["provinces"]["geometries"]
    assert sorted(shape["id"] for shape in shapes) == sorted(CODES)
    west, south, east, north = topology["bbox"]
    assert (-142, 41, -52, 84) < (west, south, east, north) < (-140, 43, -50, 85)


def test_every_file_of_the_folder_is_described_with_its_licence() -> None:
    folder = paths.path(*geography.FOLDER)
    assert sorted(geography.names()) == sorted(path.stem for path in folder.glob("*.json") if path.stem != "outlines")
    for name in geography.names():
        described = geography.describe(name)
        assert described["licenses"] and described["attribution"] and described["caveat"]
    assert "canadianmaps authors" in (folder / "LICENSE-canadianmaps").read_text("utf-8")


def test_rings_close_and_centres_lie_within_the_box() -> None:
    shapes = geography.shapes(PRAIRIES, "subdivisions")
    assert len(shapes) == 479 and len({shape.id for shape in shapes}) == 479
    west, south, east, north = geography.load(PRAIRIES)["bbox"]
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
