"""Declared faults of the published figures: checked on every load, applied where the entry says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Annotated, Any, Literal

import pandas as pd
import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from tradeexposure.core import reading
from tradeexposure.core.errors import BadInput
from tradeexposure.core.strict_yaml import Name, Text

WHERE = "data/corrections.yml"
Entry = Mapping[str, Any]
Cells = dict[Annotated[str, Field(min_length=1)], str]
ALLOWED = "a list of entries, each with id, table, handling, status, reason and expect"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Expectation(_Strict):
    """Which cells of which rows must hold which values; all are text, as typed."""

    where: Annotated[Cells, Field(min_length=1)]
    column: Text
    values: Annotated[list[str], Field(min_length=1)]


class Change(_Strict):
    """What is done to the rows of one key: columns added up, and columns given one value."""

    where: Annotated[Cells, Field(min_length=1)]
    sum: list[Text] = []
    set: Cells = {}

    @model_validator(mode="after")
    def _changes_something(self) -> Change:
        if not self.sum and not self.set:
            raise reading.Wrong("neither sum nor set", "columns to sum or to set")
        return self


class Correction(_Strict):
    """One declared fault."""

    id: Name
    table: Name
    handling: Literal["applied", "caveat"]
    status: Literal["open", "settled"]
    reason: Text
    expect: Annotated[list[Expectation], Field(min_length=1)]
    apply: Change | None = None

    @model_validator(mode="after")
    def _coherent(self) -> Correction:
        if (self.handling == "applied") != (self.apply is not None):
            found = "no apply" if self.apply is None else "apply"
            raise reading.Wrong(found, "apply exactly where handling is applied")
        return self


class _File(_Strict):
    entries: list[Correction]


class _Loader(yaml.BaseLoader):
    """Builds text, lists and mappings only; no key twice, nothing named and used again."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        for place, key in enumerate(keys):
            if not isinstance(key, str) or key in keys[:place]:
                mark = node.value[place][0].start_mark
                raise yaml.constructor.ConstructorError(None, None, f"the key {key} twice", mark)
        return dict(super().construct_mapping(node, deep=deep))

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()
            raise yaml.composer.ComposerError(None, None, f"an alias (*{event.anchor})", event.start_mark)
        node: yaml.Node | None = super().compose_node(parent, index)
        return node


@lru_cache(maxsize=4)
def parse(text: str, *, where: str = WHERE) -> tuple[Entry, ...]:
    """Entries of ``corrections.yml``, shared between callers; every scalar stays the text that was typed.

    Raises
    ------
    BadInput
        Not YAML, a key twice, not of the schema, a word outside its list, or an id used twice.
    """
    try:
        entries = yaml.load(text, Loader=_Loader)
        reading.shallow(entries)
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise BadInput(where, line, found=f"no YAML: {error.problem}", allowed=ALLOWED) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise BadInput(where, found=f"no YAML ({type(error).__name__})", allowed=ALLOWED) from None
    if not isinstance(entries, list):
        raise BadInput(where, found="no list of entries", allowed=ALLOWED)
    reading.as_model(_File, {"entries": entries}, where=where, name=_named)
    names = [entry["id"] for entry in entries]
    for name in names:
        if names.count(name) > 1:
            raise BadInput(where, "id", found=f"{name} twice", allowed="every id once")
    return tuple(entries)


def _named(place: tuple[int | str, ...], content: Any) -> str:
    """A fault's key that begins with the entry's id instead of its number."""
    if len(place) < 2 or not isinstance(place[1], int):
        return "entries"
    entry = content["entries"][place[1]]
    name = entry.get("id") if isinstance(entry, dict) else None
    return ".".join(filter(None, (str(name or f"entry {place[1] + 1}"), reading.dotted(place[2:]))))


def apply(frame: pd.DataFrame, entries: Sequence[Entry]) -> pd.DataFrame:
    """Check what every entry expects of a table and make the declared changes.

    Parameters
    ----------
    frame : DataFrame
        The table as text, before conversion.
    entries : sequence of mappings
        The table's entries of ``corrections.yml``.

    Returns
    -------
    DataFrame
        The same columns; fewer rows where an entry joins rows.

    Raises
    ------
    BadInput
        The table no longer holds what an entry expects.
    """
    for entry in entries:
        for expectation in entry["expect"]:
            _check(frame, entry["id"], expectation)
        if "apply" in entry:
            frame = _joined(frame, entry["id"], entry["apply"])
    return frame


def _rows(frame: pd.DataFrame, where: Mapping[str, str]) -> pd.Series:
    mask = pd.Series(True, index=frame.index)
    for column, value in where.items():
        mask &= frame[column] == value
    return mask


def _check(frame: pd.DataFrame, name: str, expectation: Mapping[str, Any]) -> None:
    _check_columns(frame, name, (*expectation["where"], expectation["column"]))
    held = frame.loc[_rows(frame, expectation["where"]), expectation["column"]].tolist()
    if sorted(held) != sorted(expectation["values"]):
        place = ", ".join(f"{column}={value}" for column, value in expectation["where"].items())
        allowed = f"{', '.join(expectation['values'])}; the table changed, so review this entry"
        found = f"{', '.join(held) or 'no row'} in {expectation['column']} at {place}"
        raise BadInput(WHERE, name, found=found, allowed=allowed)


def _check_columns(frame: pd.DataFrame, name: str, columns: Sequence[str]) -> None:
    unknown = [column for column in columns if column not in frame]
    if unknown:
        raise BadInput(WHERE, name, found=f"column {', '.join(unknown)}", allowed=", ".join(frame.columns))


def _joined(frame: pd.DataFrame, name: str, change: Mapping[str, Any]) -> pd.DataFrame:
    """Join the rows of one key into the first of them."""
    _check_columns(frame, name, (*change["where"], *change.get("sum", ()), *change.get("set", {})))
    mask = _rows(frame, change["where"])
    if not mask.any():
        place = ", ".join(f"{column}={value}" for column, value in change["where"].items())
        raise BadInput(WHERE, f"{name}.apply.where", found=f"no row at {place}", allowed="rows that the table has")
    first = mask.idxmax()
    frame = frame.copy()
    for column in change.get("sum", ()):
        cells = frame.loc[mask, column].tolist()
        try:
            frame.loc[first, column] = str(sum(map(Decimal, cells)))
        except InvalidOperation:
            allowed = "a column of numbers"
            raise BadInput(
                WHERE, f"{name}.apply.sum", found=f"{column} ({', '.join(cells)})", allowed=allowed
            ) from None
    for column, value in change.get("set", {}).items():
        frame.loc[first, column] = value
    return frame[~mask | (frame.index == first)]
