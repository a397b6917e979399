"""Outlines for maps: the TopoJSON files of ``data/geography``, described and checked, and their rings as points.

They are common to all vintages. ``data/geography/outlines.json`` says whose each of them is and has its digest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

from tradeexposure.core import loaded_files, reading
from tradeexposure.core.errors import BadInput
from tradeexposure.data import descriptor
from tradeexposure.data.descriptor import hash_of

FOLDER = ("data", "geography")
DESCRIPTOR = (*FOLDER, "outlines.json")
Point = tuple[float, float]  # longitude and latitude in degrees


@dataclass(frozen=True)
class Shape:
    """One area of a layer.

    Attributes
    ----------
    id : str
        As tables name the area.
    properties : mapping
        What the file says of it.
    rings : tuple of tuple of (float, float)
        Longitude and latitude in degrees; each ring is closed, outer ones run clockwise.
    """

    id: str
    properties: Mapping[str, Any]
    rings: tuple[tuple[Point, ...], ...]

    @property
    def centre(self) -> Point:
        """Centre of the largest ring, in degrees."""
        rings = [_moments(ring) for ring in self.rings]
        size, east, north = max(rings, key=lambda moments: abs(moments[0]))
        return east / size, north / size


def load(name: str) -> dict[str, Any]:
    """The TopoJSON of one file, shared between callers: never change it.

    Raises
    ------
    BadInput
        A file that is missing, no JSON, or other bytes than its description says; a description that is wrong.
    """
    resource = describe(name)
    where = "/".join((*FOLDER, f"{name}.json"))
    content = loaded_files.contents(*where.split("/"), allowed=_restore(where))
    topology = _parsed(content, where)
    if hash_of(content) != resource["hash"]:
        digest, allowed = (f"{text[:19]}…" for text in (hash_of(content), resource["hash"]))
        raise BadInput(where, "hash", found=digest, allowed=f"{allowed}; {_restore(where)}")
    return dict(topology)


def describe(name: str) -> dict[str, Any]:
    """Title, publisher, licences, attribution, caveat and digest of one file; :class:`BadInput` as for :func:`load`."""
    described = {resource["name"]: resource for resource in _described()}
    if name not in described:
        raise BadInput("/".join(DESCRIPTOR), "name", found=f"no {name}", allowed=_restore("/".join(DESCRIPTOR)))
    return described[name]


def names() -> list[str]:
    """The files that are described."""
    return [resource["name"] for resource in _described()]


def shapes(name: str, layer: str) -> tuple[Shape, ...]:
    """The areas of a layer, in the order of the file."""
    topology = load(name)
    arcs, areas = list(_arcs(topology)), []
    for geometry in topology["objects"][layer]["geometries"]:
        polygons = [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry["arcs"]
        rings = tuple(_ring(numbers, arcs) for polygon in polygons for numbers in polygon)
        areas.append(Shape(geometry["id"], geometry["properties"], rings))
    return tuple(areas)


def _described() -> list[dict[str, Any]]:
    where = "/".join(DESCRIPTOR)
    content = loaded_files.contents(*DESCRIPTOR, allowed=_restore(where))
    package = descriptor.parse(content, where, _restore(where), form=descriptor.Outlines)
    return list(package["resources"])


@lru_cache(maxsize=4)
def _parsed(content: bytes, where: str) -> Any:
    return reading.json_of(content, where=where, allowed=_restore(where))


def _restore(where: str) -> str:
    return f"restore it with 'git checkout -- {where}'"


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
