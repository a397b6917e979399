"""The map as paths: areas keep their sizes, classes follow shares, every path lies on a grid of tenths."""

from __future__ import annotations

import re
from itertools import pairwise

import pandas as pd
import pytest

from tradeexposure import data
from tradeexposure.data import geography
from tradeexposure.publishing.over_editions import map_page


@pytest.fixture(scope="module")
def areas() -> pd.DataFrame:
    return geography.canola_subdivisions(data.load(geography.CANOLA_TABLE))


@pytest.fixture(scope="module")
def drawn(areas: pd.DataFrame) -> map_page.Drawing:
    return map_page.drawing_of(areas)


def rings(path: str) -> list[list[tuple[float, float]]]:
    """Points of each ring of a path, by reading it as a browser does."""
    found = []
    for ring in re.findall(r"M([^z]+)z", path):
        start, steps = (list(map(float, re.findall(r"-?[\d.]+", part))) for part in ring.split("l"))
        points = [(start[0], start[1])]
        for right, down in zip(steps[::2], steps[1::2], strict=True):
            points.append((points[-1][0] + right, points[-1][1] + down))
        found.append(points)
    return found


def size(ring: list[tuple[float, float]]) -> float:
    closed = [*ring, ring[0]]
    return sum(x * v - u * y for (x, y), (u, v) in pairwise(closed)) / 2


def test_drawn_areas_are_as_the_land_that_they_stand_for(areas: pd.DataFrame, drawn: map_page.Drawing) -> None:
    large = areas["km2"] > 500
    sizes = [abs(sum(map(size, rings(place.path)))) for place in drawn.places]
    scale = pd.Series(sizes)[large] / areas["km2"][large]
    assert (scale / scale.median() - 1).abs().max() < 0.03


def test_withheld_is_grey_and_caution_is_hatched(areas: pd.DataFrame, drawn: map_page.Drawing) -> None:
    grades = areas["quality"].tolist()
    assert [place.shade == "kf" for place in drawn.places] == [grade == "F" for grade in grades]
    assert [place.hatched for place in drawn.places] == [grade == "E" for grade in grades]
    assert {place.shade for place in drawn.places} == {*geography.CLASSES}


def test_where_canola_is_grown_lies_in_the_frame(areas: pd.DataFrame, drawn: map_page.Drawing) -> None:
    grown = [place for place, area in zip(drawn.places, areas["canola_ha"], strict=True) if area > 5_000]
    assert all(0 < place.x < drawn.width and 0 < place.y < drawn.height for place in grown)
    assert [name.title for name in drawn.provinces] == ["Manitoba", "Saskatchewan", "Alberta"]
    assert all(0 < name.x < drawn.width and 15 < name.y < drawn.height for name in drawn.provinces)
    west = {name.title: name.x for name in drawn.provinces}
    assert west["Alberta"] < west["Saskatchewan"] < west["Manitoba"]


def test_paths_have_tenths_and_no_step_that_goes_nowhere(drawn: map_page.Drawing) -> None:
    for place in drawn.places:
        assert re.fullmatch(r"(?:M-?\d+(?:\.\d)? ?-?\d+(?:\.\d)?l(?:[- ]?\d+(?:\.\d)?)+z)+", place.path), place.path
        assert all(one != then for ring in rings(place.path) for one, then in pairwise(ring))
