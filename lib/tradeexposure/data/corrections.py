"""Declared faults of the published figures: checked on every load, applied where the entry says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

import pandas as pd
import yaml

from tradeexposure.core.errors import BadInput

WHERE = "data/corrections.yml"
REQUIRED = ("id", "table", "handling", "status", "reason", "expect")
HANDLING = ("applied", "caveat")
STATUS = ("open", "settled")

Entry = Mapping[str, Any]


@lru_cache(maxsize=4)
def parse(text: str) -> tuple[Entry, ...]:
    """Entries of ``corrections.yml``, shared between callers; every scalar stays the text that was typed.

    Raises
    ------
    BadInput
        Not YAML, an entry without one of its keys, a word outside its list, or an id used twice.
    """
    try:
        entries = yaml.load(text, Loader=yaml.BaseLoader)  # builds text, lists and mappings only
    except yaml.YAMLError as error:
        raise BadInput(WHERE, found=f"no YAML ({error})", allowed="a list of entries") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise BadInput(WHERE, found="no list of entries", allowed=f"entries with {', '.join(REQUIRED)}")
    for entry in entries:
        _check_entry(entry)
    names = [entry["id"] for entry in entries]
    for name in names:
        if names.count(name) > 1:
            raise BadInput(WHERE, "id", found=f"{name} twice", allowed="every id once")
    return tuple(entries)


def _check_entry(entry: Entry) -> None:
    key = str(entry.get("id", "id"))
    missing = [name for name in REQUIRED if not entry.get(name)]
    if missing:
        raise BadInput(WHERE, key, found=f"no {', '.join(missing)}", allowed=", ".join(REQUIRED))
    for name, allowed in (("handling", HANDLING), ("status", STATUS)):
        if entry[name] not in allowed:
            raise BadInput(WHERE, f"{key}.{name}", found=entry[name], allowed=", ".join(allowed))
    if (entry["handling"] == "applied") != ("apply" in entry):
        found = "apply" if "apply" in entry else "no apply"
        raise BadInput(WHERE, key, found=found, allowed="apply exactly where handling is applied")


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
            frame = _joined(frame, entry["apply"])
    return frame


def _rows(frame: pd.DataFrame, where: Mapping[str, str]) -> pd.Series:
    mask = pd.Series(True, index=frame.index)
    for column, value in where.items():
        mask &= frame[column] == value
    return mask


def _check(frame: pd.DataFrame, name: str, expectation: Mapping[str, Any]) -> None:
    unknown = [column for column in (*expectation["where"], expectation["column"]) if column not in frame]
    if unknown:
        raise BadInput(WHERE, name, found=f"column {', '.join(unknown)}", allowed=", ".join(frame.columns))
    held = frame.loc[_rows(frame, expectation["where"]), expectation["column"]].tolist()
    if sorted(held) != sorted(expectation["values"]):
        place = ", ".join(f"{column}={value}" for column, value in expectation["where"].items())
        allowed = f"{', '.join(expectation['values'])}; the table changed, so review this entry"
        found = f"{', '.join(held) or 'no row'} in {expectation['column']} at {place}"
        raise BadInput(WHERE, name, found=found, allowed=allowed)


def _joined(frame: pd.DataFrame, change: Mapping[str, Any]) -> pd.DataFrame:
    """Join the rows of one key into the first of them."""
    mask = _rows(frame, change["where"])
    first = mask.idxmax()
    frame = frame.copy()
    for column in change.get("sum", ()):
        frame.loc[first, column] = str(sum(Decimal(cell) for cell in frame.loc[mask, column]))
    for column, value in change.get("set", {}).items():
        frame.loc[first, column] = value
    return frame[~mask | (frame.index == first)]
