"""Declared faults of the published figures: checked on every load, applied where the entry says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import Field

from tradeexposure.core.errors import BadInput
from tradeexposure.core.strict_yaml import Name, Strict, Text, parse_yaml
from tradeexposure.data import table_schema

WHERE = "data/corrections.yml"
ENTRIES = "entries"
Entry = Mapping[str, Any]
Cells = dict[Annotated[str, Field(min_length=1)], str]


class Expectation(Strict):
    """Which cells of which rows must hold which values; all are text, as typed."""

    where: Annotated[Cells, Field(min_length=1)]
    column: Text
    values: Annotated[list[str], Field(min_length=1)]


class Change(Strict):
    """What is done to the rows of one key: columns added up, and columns given one value."""

    where: Annotated[Cells, Field(min_length=1)]
    sum: list[Text] = Field(default_factory=list)
    set: Cells = Field(default_factory=dict)


class Correction(Strict):
    """One declared fault."""

    id: Name
    table: Name
    handling: Literal["applied", "caveat"]
    status: Literal["open", "settled"]
    reason: Text
    expect: Annotated[list[Expectation], Field(min_length=1)]
    apply: Change | None = None


class _File(Strict):
    entries: list[Correction]


@lru_cache(maxsize=4)
def parse(raw: bytes, *, where: str = WHERE) -> tuple[Entry, ...]:
    """Entries of ``corrections.yml``, shared between callers: never change them. Every value is text.

    Raises
    ------
    BadInput
        No list as :func:`~tradeexposure.core.strict_yaml.parse_yaml` reads it, not of the schema, a word outside its
        list, or an id used twice.
    """
    document = parse_yaml(raw, where=where, under=ENTRIES)
    entries = document.validate(_File).entries
    names = [entry.id for entry in entries]
    for position, entry in enumerate(entries):
        if entry.id in names[:position]:
            raise document.error((ENTRIES, position, "id"), found=f"{entry.id} twice", allowed="every id once")
        place = (ENTRIES, position, "apply")
        if (entry.handling == "applied") != (entry.apply is not None):
            change = "no apply" if entry.apply is None else "apply"
            raise document.error(place, found=change, allowed="apply exactly where handling is applied")
        if entry.apply is not None and not entry.apply.sum and not entry.apply.set:
            raise document.error(place, found="neither sum nor set", allowed="columns to sum or to set")
    return tuple(document.data[ENTRIES])


def apply(
    frame: pd.DataFrame,
    entries: Sequence[Entry],
    *,
    where: str = WHERE,
    fields: Sequence[Mapping[str, Any]] = (),
    key: Sequence[str] = (),
) -> pd.DataFrame:
    """Check what every entry expects of a table and make the declared changes.

    Parameters
    ----------
    frame : DataFrame
        The table as text, before conversion.
    entries : sequence of mappings
        The table's entries of ``corrections.yml``.
    where : str
        That file, for messages.
    fields, key : sequences
        What a changed row must keep to, from the table's descriptor.

    Returns
    -------
    DataFrame
        The same columns; fewer rows where an entry joins rows.

    Raises
    ------
    BadInput
        The table no longer holds what an entry expects, or does not allow what an entry makes of it.
    """
    for entry in entries:
        place = f"{where}: {entry['id']}"
        for expectation in entry["expect"]:
            column, values = expectation["column"], expectation["values"]
            _check_columns(frame, place, (*expectation["where"], column))
            cells = frame.loc[_rows(frame, expectation["where"]), column].tolist()
            if sorted(cells) != sorted(values):
                actual = f"{', '.join(cells) or 'no row'} in {column} at {_conditions(expectation['where'])}"
                allowed = f"{', '.join(values)}; the table changed, so review this entry"
                raise BadInput(place, found=actual, allowed=allowed)
        if "apply" in entry:
            frame, row = _rows_joined(frame, place, entry["apply"])
            touched = {*entry["apply"].get("sum", ()), *entry["apply"].get("set", {})}
            changed = [field for field in fields if field["name"] in touched]
            table_schema.typed(frame.loc[[row]], changed, where=place)
            names = {column: frame.loc[row, column] for column in key}
            if names and _rows(frame, names).sum() > 1:
                raise BadInput(f"{place}.apply", found=f"{_conditions(names)} twice", allowed="every key once")
    return frame


def _rows(frame: pd.DataFrame, where: Mapping[str, str]) -> pd.Series:
    mask = pd.Series(True, index=frame.index)
    for column, value in where.items():
        mask &= frame[column] == value
    return mask


def _conditions(cells: Mapping[str, str]) -> str:
    return ", ".join(f"{column}={value}" for column, value in cells.items())


def _check_columns(frame: pd.DataFrame, place: str, columns: Sequence[str]) -> None:
    unknown = [column for column in columns if column not in frame]
    if unknown:
        raise BadInput(place, found=f"column {', '.join(unknown)}", allowed=", ".join(frame.columns))


def _rows_joined(frame: pd.DataFrame, place: str, change: Mapping[str, Any]) -> tuple[pd.DataFrame, Any]:
    """The table with the rows of one key joined into the first of them, and the label of that one."""
    _check_columns(frame, place, (*change["where"], *change.get("sum", ()), *change.get("set", {})))
    mask = _rows(frame, change["where"])
    if not mask.any():
        fault = f"no row at {_conditions(change['where'])}"
        raise BadInput(f"{place}.apply.where", found=fault, allowed="rows that the table has")
    first = mask.idxmax()
    frame = frame.copy()
    for column in change.get("sum", ()):
        cells = frame.loc[mask, column].tolist()
        try:
            frame.loc[first, column] = str(sum(map(Decimal, cells)))
        except InvalidOperation:
            fault = f"{column} ({', '.join(cells)})"
            raise BadInput(f"{place}.apply.sum", found=fault, allowed="a column of numbers") from None
    for column, value in change.get("set", {}).items():
        frame.loc[first, column] = value
    return frame[~mask | (frame.index == first)], first
