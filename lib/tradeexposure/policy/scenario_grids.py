"""Grids: a scenario, and lists of values over any of its keys; their product is hundreds of scenarios.

A file holds ``scenario: NAME`` and ``over: {dotted.key: [values]}``, with keys as :func:`variant` takes them.
"""

from __future__ import annotations

import csv
import io
import itertools
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from tradeexposure.core import files, loaded_files
from tradeexposure.core import paths as core_paths
from tradeexposure.core.errors import BadInput
from tradeexposure.core.strict_yaml import Document, KeyPath, load_yaml
from tradeexposure.core.text import as_cell, meant
from tradeexposure.policy import scenarios
from tradeexposure.policy.scenario_schema import CHANGES, FOLDER, Scenario, check_scenario

KEYS = ("scenario", "over")
MOST = 10_000  # scenarios without being asked for more: a typing error makes many, and each takes part of a second
MOST_ASKED_FOR = 1_000_000  # with --yes: what a list of lists cannot have been meant to make
GROUPS = ("overrides", "quantities", "assumptions", "hypothetical")  # heads of keys that a name can do without
LONGEST_NAME = 150  # letters; file systems take 255, and what is added to a name counts
LONGEST_START, DIGEST_LETTERS = 120, 12
SECTIONS = ("assumptions.PRIOR", "overrides.MEASURE.KEY", "quantities.MEASURE.FIGURE", "hypothetical.MEASURE.KEY")
CHANGEABLE = (*CHANGES, "suspended")
IDENTIFIED = {"overrides": ("measure",), "quantities": ("measure", "name"), "hypothetical": ("id",)}  # a row, by these
ELSEWHERE = {"name", "also_against", "assumptions", "sources", *IDENTIFIED}  # varied by other paths, or not at all
PLAIN = tuple(key for key in Scenario.model_fields if key not in ELSEWHERE)
INSTEAD = {"rate": ("total",), "total": ("rate",)}  # changes of which one takes the place of the other
REASON = "varied"
NUMERAL = r"-?[0-9.]+(e[+-]?[0-9]+)?"
ROW = 2  # steps that lead to one row of a section or to one prior


@dataclass(frozen=True)
class Point:
    """One scenario of a grid, the value of each key it varies, and how each is typed in the file."""

    scenario: Scenario
    values: dict[str, Any]
    typed: dict[str, str]

    @property
    def definition(self) -> str:
        """The scenario as JSON; it has no file that a notebook could load."""
        return self.scenario.model_dump_json()


@dataclass(frozen=True)
class Grid:
    """Scenarios that differ from one in the values of some keys."""

    name: str  #: Stem of the file.
    points: tuple[Point, ...]  #: In the order of the file, the last key varying fastest.

    def table(self) -> str:
        """Scenario and values of each point, as the text of a CSV file."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["scenario", *self.points[0].values])
        for point in self.points:
            # as typed, except that text that a spreadsheet would compute is marked as text
            cells = [typed if re.fullmatch(NUMERAL, typed) else as_cell(typed) for typed in point.typed.values()]
            writer.writerow([point.scenario.name, *cells])
        return text.getvalue()


def problems() -> list[str]:
    """What is wrong with the grids in ``data/scenarios/grids``, one line each; their size is no fault."""
    faults = []
    for path in files.inside(core_paths.path("data", "scenarios", "grids"), ".yml"):
        try:
            read(path, yes=True)
        except BadInput as fault:
            faults.append(str(fault))
    return faults


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
    document = load_yaml(path)
    over = _lists(document)
    count = math.prod(map(len, over.values()))
    if count > (MOST_ASKED_FOR if yes else MOST):
        allowed = f"at most {MOST_ASKED_FOR:,}" if yes else f"at most {MOST:,}, or add --yes"
        raise document.error(("over",), found=f"{count:,} scenarios", allowed=allowed)
    known = scenarios.names()
    name = document.data["scenario"]
    if name not in known:
        raise document.error(("scenario",), allowed=", ".join(known))
    base = scenarios.load(str(name))
    as_typed = {(key, _text(value)): document.typed["over", key, place].text.strip('"')
                for key, listed in over.items() for place, value in enumerate(listed)}  # fmt: skip
    points = []
    for combination in itertools.product(*over.values()):
        values = dict(zip(over, combination, strict=True))
        typed = {key: as_typed[key, _text(value)] for key, value in values.items()}
        changes = ", ".join(f"{_short(key)} {text}" for key, text in typed.items())
        title = {} if "title" in values else {"title": f"{base.title}: {changes}"}
        scenario = variant(base, {**values, **title}, name_of(values), where=document.where)
        points.append(Point(scenario, values, typed))
    seen = set(scenarios.names())
    for point in points:
        if point.scenario.name in seen:
            raise document.error(("over",), found=f"two scenarios called {point.scenario.name}", allowed="other values")
        seen.add(point.scenario.name)
    if not re.fullmatch(r"[a-z][a-z0-9_]*", path.stem):
        raise BadInput(core_paths.relative(path), found=path.name, allowed="NAME.yml, lower-case letters, digits and _")
    return Grid(path.stem, tuple(points))


def _lists(document: Document) -> dict[str, list[Any]]:
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
    seen: set[str] = set()
    for place, value in enumerate(values):
        if isinstance(value, list | dict) or value is None:
            raise document.error(("over", key, place), allowed="a number, a date, true, false or text")
        if _text(value) in seen:
            raise document.error(("over", key, place), allowed="each value once")
        seen.add(_text(value))


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
    numeral = re.fullmatch(NUMERAL, text)
    plain = text.replace("-", "m").replace(".", "p").replace("+", "") if numeral else text
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")


@dataclass(frozen=True)
class _Changed(Document):
    """A scenario as plain data; faults are told by the paths that were changed, not by lines of a file."""

    paths: dict[KeyPath, str] = field(default_factory=dict, repr=False)

    def error(self, place: Any, *, allowed: str, found: str | None = None) -> BadInput:
        at = tuple(place)
        value: Any = self.data
        for step in at:
            inside = isinstance(value, list) or (isinstance(value, dict) and step in value)
            value = value[step] if inside else None
        exact = [path for start, path in self.paths.items() if at[: len(start)] == start]
        beside = [path for start, path in self.paths.items() if start[:ROW] == at[:ROW]]
        key = next(iter(exact + beside), ".".join(map(str, at)))
        text = found
        if text is None:  # the value as it would be typed in YAML
            text = f"a {type(value).__name__}" if isinstance(value, dict | list | tuple) else str(value)
            if value is None or isinstance(value, bool):
                text = "nothing" if value is None else text.lower()
        return BadInput(self.where, key, found=text, allowed=allowed)


def variant(base: Scenario, changes: Mapping[str, Any], name: str, *, where: str | None = None) -> Scenario:
    """A scenario that differs from `base` in some values.

    Parameters
    ----------
    base : Scenario
        What everything else is taken from, its `against` included; `also_against` is the base's alone, since it holds
        for its day and is simulated a second time.
    changes : mapping
        Dotted path → value: ``facts_on``, ``horizon``, ``above_quota``, ``against``, ``licence_suspension``, ``title``,
        ``question``; ``assumptions.PRIOR``; ``overrides.MEASURE.KEY`` with the keys of an override (``suspended:
        false`` leaves the measure as the law has it); ``quantities.MEASURE.FIGURE``; ``hypothetical.MEASURE.KEY`` for a
        hypothetical measure of `base`.
    name : str
        Its name, lower-case letters, digits and _.
    where : str, optional
        How messages name its origin, such as a grid file and row; ``scenario NAME`` unless given.

    Raises
    ------
    BadInput
        An unknown path, or a value that a scenario file could not have.
    """
    label = where or f"scenario {name}"
    with loaded_files.holding():  # its words are read when the variant is asked for them
        data = base.model_dump() | {"also_against": None}
    data |= {key: list(data[key]) for key in ("overrides", "quantities", "hypothetical", "sources")}
    data["assumptions"] = dict(data["assumptions"])
    data["name"] = name
    paths: dict[KeyPath, str] = {("name",): "name"}
    for path, value in changes.items():
        paths[_change(data, path, value, label)] = path
    data["overrides"] = [  # without those that no change is left of, such as one with `suspended: false` alone
        row
        for row in data["overrides"]
        if row.get("suspended", False) is not False or any(row.get(key) is not None for key in CHANGES)
    ]
    document = _Changed(label, data, {}, paths)
    scenario = document.validate(Scenario)
    with loaded_files.checking():
        known = [path.stem for path in files.inside(core_paths.path(*FOLDER), ".yml")]
    check_scenario(scenario, document, known=known)
    scenarios.check_resolved(scenario, document)
    return scenario


def _change(data: dict[str, Any], path: str, value: Any, where: str) -> KeyPath:
    """Put one value into the scenario's data; where it stands now."""
    head, *rest = path.split(".")
    if head in PLAIN and not rest:
        data[head] = value
        return (head,)
    if head == "assumptions" and len(rest) == 1:
        data[head][rest[0]] = value
        return (head, rest[0])
    if head in IDENTIFIED and len(rest) == 2:
        return _change_row(data, head, rest[0], rest[1], value, f"{where}: {path}")
    allowed = meant(head, (*PLAIN, "assumptions", *IDENTIFIED)) + ", ".join((*PLAIN, *SECTIONS))
    raise BadInput(where, path, found=f"unknown path {path}", allowed=allowed)


def _change_row(data: dict[str, Any], head: str, first: str, last: str, value: Any, where: str) -> KeyPath:
    """Set one key of the row that `IDENTIFIED` finds in a section, or of a new one; a hypothetical measure is there."""
    if head == "overrides" and last not in CHANGEABLE:
        raise BadInput(where, found=f"unknown key {last}", allowed=", ".join(CHANGEABLE))
    rows, wanted = data[head], dict(zip(IDENTIFIED[head], (first, last), strict=False))
    key = "value" if head == "quantities" else last
    position = next((place for place, row in enumerate(rows) if wanted.items() <= row.items()), len(rows))
    if position == len(rows):
        if head == "hypothetical":
            there = ", ".join(str(row["id"]) for row in rows) or "none: the scenario has no hypothetical measure"
            raise BadInput(where, found=first, allowed=there)
        rows.append({**wanted, "reason": REASON})
    instead = INSTEAD.get(key, ()) if head == "overrides" else ()
    rows[position] = {**rows[position], **dict.fromkeys(instead), key: value}
    return (head, position, key)
