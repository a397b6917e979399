"""Grids: a scenario, and lists of values over any of its keys; their product is hundreds of scenarios.

A file holds ``scenario: NAME`` and ``over: {dotted.key: [values]}``, with keys as ``scenario.variant`` takes them.
"""

from __future__ import annotations

import csv
import io
import itertools
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tradeexposure.core import files, paths
from tradeexposure.core.errors import BadInput
from tradeexposure.core.strict_yaml import Document, load_yaml

if TYPE_CHECKING:
    from tradeexposure.scenariofile import Scenario

KEYS = ("scenario", "over")
MOST = 10_000  # scenarios without being asked for more: a typing error makes many, and each takes seconds
GROUPS = ("overrides", "quantities", "assumptions", "hypothetical")  # heads of keys that a name can do without
LONGEST_NAME = 150  # letters; file systems take 255, and what is added to a name counts
LONGEST_START, DIGEST_LETTERS = 120, 12


@dataclass(frozen=True)
class Point:
    """One scenario of a grid, and the value of each key it varies."""

    scenario: Scenario
    values: dict[str, Any]

    @property
    def definition(self) -> str:
        """The scenario as JSON; it has no file that a notebook could load."""
        return self.scenario.model_dump_json()


@dataclass(frozen=True)
class Grid:
    """Scenarios that differ from one in the values of some keys.

    Attributes
    ----------
    name
        Stem of the file.
    points
        In the order of the file, the last key varying fastest.
    """

    name: str
    points: tuple[Point, ...]

    def table(self) -> str:
        """Scenario and values of each point, as the text of a CSV file."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["scenario", *self.points[0].values])
        writer.writerows([point.scenario.name, *map(_text, point.values.values())] for point in self.points)
        return text.getvalue()


def problems() -> list[str]:
    """What is wrong with the grids in ``data/scenarios/grids``, one line each; their size is no fault."""
    found = []
    for path in sorted(paths.path("data", "scenarios", "grids").glob("*.yml")):
        try:
            read(path, yes=True)
        except BadInput as fault:
            found.append(str(fault))
    return found


def read(path: Path, *, yes: bool = False) -> Grid:
    """The grid in a file; every scenario in it is checked.

    Parameters
    ----------
    path : Path
        A YAML file.
    yes : bool
        Allow more than 10,000 scenarios.

    Raises
    ------
    BadInput
        Not such a file, an unknown scenario or key, a value that a scenario could not have, a list that is empty or
        repeats a value, two points of one name, or too many of them.
    """
    from tradeexposure import scenario

    document = load_yaml(path)
    over = _checked(document)
    count = math.prod(map(len, over.values()))
    if count > MOST and not yes:
        raise document.error(("over",), found=f"{count:,} scenarios", allowed=f"at most {MOST:,}, or add --yes")
    base = scenario.load(_base(document, scenario.names()))
    points = tuple(_point(base, values, document.where) for values in _product(over))
    _refuse_same_names(document, points, scenario.names())
    return Grid(_stem(path), points)


def _stem(path: Path) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", path.stem):
        raise BadInput(paths.relative(path), found=path.name, allowed="NAME.yml, lower-case letters, digits and _")
    return path.stem


def _base(document: Document, known: list[str]) -> str:
    name = document.data["scenario"]
    if name not in known:
        raise document.error(("scenario",), allowed=", ".join(known))
    return str(name)


def _checked(document: Document) -> dict[str, list[Any]]:
    """The lists of a grid; BadInput for what is none."""
    for key in document.data:
        if key not in KEYS:
            raise document.error((key,), found=f"unknown key {key}", allowed=", ".join(KEYS))
    for key in KEYS:
        if key not in document.data:
            raise document.error((key,), found="no such key", allowed=f"{key} is required")
    over = document.data["over"]
    if not isinstance(over, dict) or not over:
        raise document.error(("over",), allowed="keys of a scenario with a list of values each")
    for key, values in over.items():
        _check_values(document, key, values)
    return over


def _check_values(document: Document, key: str, values: Any) -> None:
    if not isinstance(values, list) or not values:
        raise document.error(("over", key), allowed="a list of at least one value")
    for place, value in enumerate(values):
        if isinstance(value, list | dict) or value is None:
            raise document.error(("over", key, place), allowed="a number, a date, true, false or text")
        if _text(value) in map(_text, values[:place]):
            raise document.error(("over", key, place), allowed="each value once")


def _product(over: Mapping[str, list[Any]]) -> Iterator[dict[str, Any]]:
    return (dict(zip(over, values, strict=True)) for values in itertools.product(*over.values()))


def _point(base: Scenario, values: dict[str, Any], where: str) -> Point:
    from tradeexposure import variants

    told = ", ".join(f"{_short(key)} {_text(value)}" for key, value in values.items())
    title = {} if "title" in values else {"title": f"{base.title}: {told}"}
    return Point(variants.variant(base, {**values, **title}, name_of(values), where=where), values)


def name_of(values: Mapping[str, Any]) -> str:
    """The name of a point: its keys and values, so that it stays the same when others are added to the grid."""
    name = "__".join(f"{_slug(_short(key))}_{_slug(_text(value))}" for key, value in values.items())
    if len(name) > LONGEST_NAME:
        name = f"{name[:LONGEST_START]}_{files.digest(name)[:DIGEST_LETTERS]}"
    return name


def _short(key: str) -> str:
    head, _, rest = key.partition(".")
    return rest if head in GROUPS and rest else key


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:.12g}" if isinstance(value, int | float) else str(value)


def _slug(text: str) -> str:
    """Letters, digits and _ only: 0.149 becomes 0p149, -1 becomes m1."""
    numeral = re.fullmatch(r"-?[0-9.]+(e[+-]?[0-9]+)?", text)
    plain = text.replace("-", "m").replace(".", "p").replace("+", "") if numeral else text
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")


def _refuse_same_names(document: Document, points: tuple[Point, ...], taken: list[str]) -> None:
    seen = set(taken)
    for point in points:
        if point.scenario.name in seen:
            raise document.error(("over",), found=f"two scenarios called {point.scenario.name}", allowed="other values")
        seen.add(point.scenario.name)
