"""The map as paths of an SVG: an equal-area projection of the Prairies, a class of colour for each subdivision."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pandas as pd

from tradeexposure.data import geography
from tradeexposure.data.geography import CAUTION, LAYER, OUTLINES, Point, Shape

WIDTH = 800  # of the drawing's own units
PARALLELS, MIDDLE = (50.0, 57.0), -108.0  # of Albers' cone, in degrees
#: Longitude and latitude that the frame reaches: canola is grown up to Mackenzie County, at Alberta's upper edge.
FRAME = ((-123.2, 56.0), (-95.0, 49.2), (-107.0, 48.9), (-117.0, 60.05))
#: Upper ends of classes, as shares of the land; the first class is none at all, the last is open.
ENDS = (0.0, 0.05, 0.12, 0.20, 0.30)
#: Class of colour → its words in the legend.
CLASSES = {"k0": "no canola", "k1": "under 5%", "k2": "5% to 12%", "k3": "12% to 20%", "k4": "20% to 30%",
           "k5": "30% and more"}  # fmt: skip
WITHHELD = "kf"


@dataclass(frozen=True)
class Place:
    """One subdivision: its path, its class of colour, whether it is hatched, and its centre."""

    path: str
    shade: str
    hatched: bool
    x: int
    y: int


@dataclass(frozen=True)
class Name:
    """A province's border and where its name stands."""

    path: str
    title: str
    x: int
    y: int


@dataclass(frozen=True)
class Drawing:
    """A map of `width` × `height` units."""

    width: int
    height: int
    places: tuple[Place, ...]
    provinces: tuple[Name, ...]


def of(areas: pd.DataFrame) -> Drawing:
    """The subdivisions in the order of `areas`, as of :func:`geography.canola_subdivisions`."""
    frame = [_projected(point) for point in FRAME]
    left, top = min(x for x, _ in frame), max(y for _, y in frame)
    scale = WIDTH / (max(x for x, _ in frame) - left)

    def placed(point: Point) -> Point:
        x, y = _projected(point)
        return (x - left) * scale, (top - y) * scale

    drawn = {shape.id: shape for shape in geography.shapes(OUTLINES, LAYER)}
    places = []
    for row in areas[["ccsuid", "share", "quality"]].to_dict("records"):
        x, y = placed(drawn[row["ccsuid"]].centre)
        path = "".join(_path(drawn[row["ccsuid"]], placed))
        places.append(Place(path, shade(row["share"]), row["quality"] == CAUTION, round(x), round(y)))
    height, names = math.ceil((top - min(y for _, y in frame)) * scale), []
    for shape in geography.shapes(OUTLINES, "provinces"):
        x, y = placed(shape.centre)
        names.append(Name("".join(_path(shape, placed)), shape.properties["name"], round(x), round(y)))
    return Drawing(WIDTH, height, tuple(places), tuple(names))


def shade(share: float) -> str:
    """Class of colour of a share of the land; of what is withheld where there is none."""
    if math.isnan(share):
        return WITHHELD
    return f"k{sum(share > end if end == 0 else share >= end for end in ENDS)}"


def _path(shape: Shape, placed: Callable[[Point], Point]) -> Iterator[str]:
    """Each ring as a move and steps of a tenth; points that fall together are one."""
    for ring in shape.rings:
        points = [(round(10 * x), round(10 * y)) for x, y in map(placed, ring)]
        (x, y), text = points[0], ""
        for then_x, then_y in points[1:-1]:
            if (then_x, then_y) != (x, y):
                text += f"{_tenth(then_x - x, text)}{_tenth(then_y - y, '.')}"
                x, y = then_x, then_y
        if text:
            start = _tenth(points[0][0], "") + _tenth(points[0][1], ".")
            yield "".join(("M", start, "l", text, "z"))


def _tenth(steps: int, before: str) -> str:
    """Steps of a tenth as a number, parted from one before it."""
    return f"{' ' if before and steps >= 0 else ''}{steps / 10:g}"


def _projected(point: Point) -> Point:
    """Albers' equal-area cone on a sphere of radius 1."""
    first, second = (math.sin(math.radians(parallel)) for parallel in PARALLELS)
    cone = (first + second) / 2
    size = 1 - first**2 + 2 * cone * first
    radius = math.sqrt(size - 2 * cone * math.sin(math.radians(point[1]))) / cone
    angle = cone * math.radians(point[0] - MIDDLE)
    return radius * math.sin(angle), -radius * math.cos(angle)
