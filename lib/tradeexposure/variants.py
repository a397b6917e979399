"""A scenario like another one but for a few values, each named by a dotted path: what grids are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from tradeexposure.core import paths as core_paths
from tradeexposure.core.errors import BadInput
from tradeexposure.core.strict_yaml import Document, Place
from tradeexposure.scenariofile import CHANGES, FOLDER, Scenario, check

PLAIN = ("title", "question", "facts_on", "against", "horizon", "above_quota", "licence_suspension")
SECTIONS = ("assumptions.PRIOR", "overrides.MEASURE.KEY", "quantities.MEASURE.FIGURE", "hypothetical.MEASURE.KEY")
CHANGEABLE = (*CHANGES, "suspended")
REASON = "varied"
ROW = 2  # steps that lead to one row of a section or to one prior
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class _Changed(Document):
    """A scenario as plain data; faults are told by the paths that were changed, not by lines of a file."""

    paths: dict[Place, str] = field(default_factory=dict, repr=False)

    def error(self, place: Any, *, allowed: str, found: str | None = None) -> BadInput:
        at = tuple(place)
        value: Any = self.data
        for step in at:
            inside = isinstance(value, list) or (isinstance(value, dict) and step in value)
            value = value[step] if inside else None
        exact = [path for start, path in self.paths.items() if at[: len(start)] == start]
        beside = [path for start, path in self.paths.items() if start[:ROW] == at[:ROW]]
        key = next(iter(exact + beside), ".".join(map(str, at)))
        return BadInput(self.where, key, found=_typed(value) if found is None else found, allowed=allowed)


def variant(base: Scenario, changes: Mapping[str, Any], name: str, *, where: str | None = None) -> Scenario:
    """A scenario that differs from `base` in some values.

    Parameters
    ----------
    base : Scenario
        What everything else is taken from, its `against` included.
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
    told = where or f"scenario {name}"
    data = base.model_dump()
    data |= {key: list(data[key]) for key in ("overrides", "quantities", "hypothetical", "sources")}
    data["assumptions"] = dict(data["assumptions"])
    data["name"] = name
    paths: dict[Place, str] = {("name",): "name"}
    for path, value in changes.items():
        paths[_change(data, path, value, told)] = path
    data["overrides"] = [row for row in data["overrides"] if _changes_something(row)]
    document = _Changed(told, data, {}, paths)
    made = document.validate(Scenario)
    check(made, document, known=sorted(path.stem for path in core_paths.path(*FOLDER).glob("*.yml")))
    return made


def _change(data: dict[str, Any], path: str, value: Any, where: str) -> Place:
    """Put one value into the scenario's data; where it stands now."""
    head, *rest = path.split(".")
    if head in PLAIN and not rest:
        data[head] = value
        return (head,)
    if head == "assumptions" and len(rest) == 1:
        data[head][rest[0]] = value
        return (head, rest[0])
    if head in _ROWS and len(rest) == 2:
        return _ROWS[head](data[head], rest[0], rest[1], value, f"{where}: {path}")
    close = get_close_matches(head, (*PLAIN, "assumptions", *_ROWS), n=1)
    hint = f"did you mean {close[0]}? " if close else ""
    raise BadInput(where, path, found=f"unknown path {path}", allowed=hint + ", ".join((*PLAIN, *SECTIONS)))


def _override(rows: Rows, measure: str, key: str, value: Any, where: str) -> Place:
    """Set one change of one measure, in its override or in a new one."""
    if key not in CHANGEABLE:
        raise BadInput(where, found=f"unknown key {key}", allowed=", ".join(CHANGEABLE))
    position = _position(rows, {"measure": measure})
    if position is None:
        position = len(rows)
        rows.append({"measure": measure, "reason": REASON})
    rows[position] = {**rows[position], key: value}
    return ("overrides", position, key)


def _quantity(rows: Rows, measure: str, figure: str, value: Any, where: str) -> Place:
    """Set one figure of one measure."""
    position = _position(rows, {"measure": measure, "name": figure})
    if position is None:
        position = len(rows)
        rows.append({"measure": measure, "name": figure, "reason": REASON})
    rows[position] = {**rows[position], "value": value}
    return ("quantities", position)


def _hypothetical(rows: Rows, measure: str, key: str, value: Any, where: str) -> Place:
    """Set one key of a hypothetical measure that the base has."""
    position = _position(rows, {"id": measure})
    if position is None:
        there = ", ".join(str(row["id"]) for row in rows) or "none: the scenario has no hypothetical measure"
        raise BadInput(where, found=measure, allowed=there)
    rows[position] = {**rows[position], key: value}
    return ("hypothetical", position, key)


_ROWS: dict[str, Callable[[Rows, str, str, Any, str], Place]] = {
    "overrides": _override,
    "quantities": _quantity,
    "hypothetical": _hypothetical,
}


def _position(rows: Rows, wanted: dict[str, str]) -> int | None:
    """Where the row with these values is."""
    found = (number for number, row in enumerate(rows) if all(row[key] == value for key, value in wanted.items()))
    return next(found, None)


def _changes_something(row: dict[str, Any]) -> bool:
    """False for an override that no change is left of, such as one with ``suspended: false`` alone."""
    return row.get("suspended", False) is not False or any(row.get(key) is not None for key in CHANGES)


def _typed(value: Any) -> str:
    """A value as it would be typed in YAML."""
    if value is None or isinstance(value, bool):
        return "nothing" if value is None else str(value).lower()
    return str(value) if not isinstance(value, dict | list | tuple) else f"a {type(value).__name__}"
