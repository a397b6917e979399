"""Places: provinces and countries by the one name each has here, outlines for maps, canola by census subdivision.

Outlines are the TopoJSON files of ``data/geography``, described and checked, and their rings as points. They are common
to all vintages; ``data/geography/outlines.json`` says whose each of them is and has its digest.

Canola by subdivision is as it is drawn: each row with its outline and its class of shares, the map's frame, and the
agricultural regions they add up to. Statistics Canada counts a farm where its main office is and adjusts small counts
at random, so that nothing below an agricultural region is ranked. Grade F is withheld: empty, and no zero. Grade E is
to be used with caution.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from tradeexposure.core import loaded_files, reading
from tradeexposure.core.errors import BadInput
from tradeexposure.core.units import HECTARES_IN_KM2
from tradeexposure.data import descriptor
from tradeexposure.data.descriptor import hash_of, restored

if TYPE_CHECKING:
    import pandas as pd

#: Each with its code in identifiers of results.
PROVINCES = {
    "British Columbia": "bc",
    "Alberta": "ab",
    "Saskatchewan": "sk",
    "Manitoba": "mb",
    "Ontario": "on",
    "Quebec": "qc",
    "New Brunswick": "nb",
    "Nova Scotia": "ns",
    "Prince Edward Island": "pe",
    "Newfoundland and Labrador": "nl",
}
CANADA = "Canada"
CODES = {**PROVINCES, CANADA: "canada"}
CHINA = "China"  # publishers also write "China P.R." and "CHN"; their readers rename it
FOLDER = ("data", "geography")
DESCRIPTOR = (*FOLDER, "outlines.json")
CANOLA_TABLE, OUTLINES, LAYER = "census_canola_by_subdivision", "prairie_subdivisions", "subdivisions"
CENSUS_YEAR = 2021  # of the table
PRAIRIES = ("Alberta", "Saskatchewan", "Manitoba")  # as on a map, from the west
DRAWN_BEYOND = ("5908",)  # agricultural regions of other provinces: British Columbia's Peace River
CAUTION, WITHHELD = "E", "F"
GRADES = {"A": "A, excellent", "B": "B, very good", "C": "C, good", "D": "D, acceptable", "E": "E, use with caution",
          "F": "F, withheld"}  # fmt: skip
#: Upper ends of classes, as shares of the land; the first class is none at all, the last is open.
ENDS = (0.0, 0.05, 0.12, 0.20, 0.30)
#: Class of shares → its words; the last is of what is withheld.
CLASSES = {"k0": "no canola", "k1": "under 5%", "k2": "5% to 12%", "k3": "12% to 20%", "k4": "20% to 30%",
           "k5": "30% and more", "kf": "withheld (F)"}  # fmt: skip
POINT, LINES, AREA = "Point", "MultiLineString", "Polygon"  # kinds of GeoJSON
MAP_WIDTH = 800  # of the map's own units
PARALLELS, MIDDLE = (50.0, 57.0), -108.0  # of its Albers' cone, in degrees
#: Longitude and latitude that it reaches: canola is grown up to Mackenzie County, at Alberta's upper edge.
FRAME = ((-123.2, 56.0), (-95.0, 49.2), (-107.0, 48.9), (-117.0, 60.05))
Point = tuple[float, float]  # longitude and latitude in degrees


@dataclass(frozen=True)
class Shape:
    """One area of a layer."""

    id: str  #: As tables name the area.
    properties: Mapping[str, Any]  #: What the file says of it.
    #: Longitude and latitude in degrees; each ring is closed, outer ones run
    #: clockwise.
    rings: tuple[tuple[Point, ...], ...]

    @property
    def centre(self) -> Point:
        """Centre of the largest ring, in degrees."""
        rings = [_moments(ring) for ring in self.rings]
        size, east, north = max(rings, key=lambda moments: abs(moments[0]))
        return east / size, north / size


def outlines(name: str) -> dict[str, Any]:
    """The TopoJSON of one file, shared between callers: never change it.

    Raises
    ------
    BadInput
        A file that is missing, no JSON, or other bytes than its description says; a description that is wrong.
    """
    resource = describe_outlines(name)
    where = "/".join((*FOLDER, f"{name}.json"))
    content = loaded_files.contents(*where.split("/"), allowed=restored(where))
    topology = _parsed(content, where)
    if hash_of(content) != resource["hash"]:
        digest, allowed = (f"{text[:19]}…" for text in (hash_of(content), resource["hash"]))
        raise BadInput(where, "hash", found=digest, allowed=f"{allowed}; {restored(where)}")
    return dict(topology)


def describe_outlines(name: str) -> dict[str, Any]:
    """Title, publisher, licences, attribution, caveat, digest of a file; :class:`BadInput` as for :func:`outlines`."""
    described = {resource["name"]: resource for resource in _described()}
    if name not in described:
        raise BadInput("/".join(DESCRIPTOR), "name", found=f"no {name}", allowed=restored("/".join(DESCRIPTOR)))
    return described[name]


def outline_files() -> list[str]:
    """The files that are described."""
    return [resource["name"] for resource in _described()]


def shapes(name: str, layer: str) -> tuple[Shape, ...]:
    """The areas of a layer, in the order of the file."""
    topology = outlines(name)
    arcs, areas = list(_arcs(topology)), []
    for geometry in topology["objects"][layer]["geometries"]:
        polygons = [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry["arcs"]
        rings = tuple(_ring(numbers, arcs) for polygon in polygons for numbers in polygon)
        areas.append(Shape(geometry["id"], geometry["properties"], rings))
    return tuple(areas)


def place_names() -> list[str]:
    """Names of the subdivisions, the same in either language."""
    return [area["properties"]["name"] for area in outlines(OUTLINES)["objects"][LAYER]["geometries"]]


def canola_subdivisions(table: pd.DataFrame) -> pd.DataFrame:
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
    where, withheld = f"data/tables/{CANOLA_TABLE}.csv", table["quality"] == WITHHELD
    wrong = table[withheld != table["canola_ha"].isna()]
    if len(wrong):
        row = wrong.iloc[0]
        fault = f"{'no area' if row.isna()['canola_ha'] else row['canola_ha']} with grade {row['quality']}"
        raise BadInput(where, f"ccsuid={row['ccsuid']}", found=fault, allowed="an area, or none with grade F")
    rows = table[table["province"].isin(PRAIRIES) | table["agricultural_region"].isin(DRAWN_BEYOND)]
    areas = outlines(OUTLINES)["objects"][LAYER]["geometries"]
    land = {area["id"]: area["properties"]["km2"] for area in areas}
    if alone := sorted(set(rows["ccsuid"]) ^ land.keys()):
        fault = "no row" if alone[0] in land else "no outline"
        allowed = f"one row for each outline of data/geography/{OUTLINES}.json"
        raise BadInput(where, f"ccsuid={alone[0]}", found=fault, allowed=allowed)
    km2 = rows["ccsuid"].map(land)
    return rows.assign(km2=km2, share=rows["canola_ha"] / (km2 * HECTARES_IN_KM2)).reset_index(drop=True)


def class_of(share: float) -> str:
    """Class of a share of the land; of what is withheld where there is none."""
    if math.isnan(share):
        return "kf"
    return f"k{sum(share > end if end == 0 else share >= end for end in ENDS)}"


def on_map(point: Point) -> Point:
    """Where a point in degrees lies on the map, from its upper left corner."""
    (x, y), (left, top, scale, _) = _projected(point), _frame()
    return (x - left) * scale, (top - y) * scale


def map_height() -> int:
    """Of a map of :data:`MAP_WIDTH`."""
    return math.ceil(_frame()[3])


def features(kind: str, coordinates: Mapping[str, Any]) -> str:
    """GeoJSON of `kind` by identifier; on a plane a ring of an area that runs the other way round is a hole."""
    listed = [
        {"type": "Feature", "id": name, "geometry": {"type": kind, "coordinates": places}}
        for name, places in coordinates.items()
    ]
    return json.dumps(listed, separators=(",", ":"))


@lru_cache(maxsize=1)
def _frame() -> tuple[float, float, float, float]:
    """Left and upper edge of the frame as projected, units of the map in one of these, and its height in units."""
    across, up = zip(*map(_projected, FRAME), strict=True)
    scale = MAP_WIDTH / (max(across) - min(across))
    return min(across), max(up), scale, (max(up) - min(up)) * scale


def _projected(point: Point) -> Point:
    """Albers' equal-area cone on a sphere of radius 1."""
    first, second = (math.sin(math.radians(parallel)) for parallel in PARALLELS)
    cone = (first + second) / 2
    size = 1 - first**2 + 2 * cone * first
    radius = math.sqrt(size - 2 * cone * math.sin(math.radians(point[1]))) / cone
    angle = cone * math.radians(point[0] - MIDDLE)
    return radius * math.sin(angle), -radius * math.cos(angle)


def by_region(areas: pd.DataFrame) -> pd.DataFrame:
    """The agricultural regions of the Prairies.

    Parameters
    ----------
    areas : DataFrame
        :func:`canola_subdivisions`.

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


def _described() -> list[dict[str, Any]]:
    where = "/".join(DESCRIPTOR)
    content = loaded_files.contents(*DESCRIPTOR, allowed=restored(where))
    package = descriptor.parse(content, where, form=descriptor.Outlines)
    return list(package["resources"])


@lru_cache(maxsize=4)
def _parsed(content: bytes, where: str) -> Any:
    return reading.json_of(content, where=where, allowed=restored(where))


def _arcs(topology: Mapping[str, Any]) -> Iterator[list[Point]]:
    """Each arc's points; the file has steps on a grid."""
    (wide, high), (west, south) = topology["transform"]["scale"], topology["transform"]["translate"]
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for right, up in arc:
            x, y = x + right, y + up
            points.append((x * wide + west, y * high + south))
        yield points


def _ring(numbers: Sequence[int], arcs: Sequence[list[Point]]) -> tuple[Point, ...]:
    """Arcs one after the other; each begins where the one before it ends. One that runs backwards is inverted."""
    points: list[Point] = []
    for number in numbers:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        points += arc[1:] if points else arc
    return tuple(points)


def _moments(ring: Sequence[Point]) -> tuple[float, float, float]:
    """Twice the signed area of a ring, and that times its centre."""
    size = east = north = 0.0
    for (x, y), (then_x, then_y) in pairwise(ring):
        part = x * then_y - then_x * y
        size, east, north = size + part, east + (x + then_x) * part / 3, north + (y + then_y) * part / 3
    return size, east, north
