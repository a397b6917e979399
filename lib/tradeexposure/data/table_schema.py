"""Text of a table to a typed frame, checked against its descriptor in ``data/datapackage.json``."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tradeexposure.core.errors import BadInput
from tradeexposure.core.text import unseen


def check_shares(shares: pd.Series, *, where: str, key: str) -> pd.Series:
    """`shares` unchanged if each lies from 0 to 1; BadInput otherwise (a percentage is the usual cause).

    With several levels in the index, the error names the place of the first wrong share.
    """
    wrong = shares[~shares.between(0, 1)]
    if len(wrong):
        first = wrong.index[0]
        named = [str(part)[:10] for part in first] if isinstance(first, tuple) else []
        raise BadInput(where, ", ".join([key, *named]), found=f"{wrong.iloc[0]:g}", allowed="a share from 0 to 1")
    return shares


Descriptor = Mapping[str, Any]

#: Units a field may have; `as in unit` sends the reader to the column of that name.
UNITS = (
    "CAD", "CAD millions", "CAD per USD", "CAD per tonne", "CAD per acre", "CAD per bushel", "USD", "USD per kilogram",
    "USD per tonne or barrel", "million tonnes", "kilotonnes", "tonnes", "kilograms", "hectares", "acres",
    "kilograms per hectare", "bushels per acre", "farms", "vehicles", "days", "week", "year", "share", "share of value",
    "change", "ratio", "index", "elasticity", "as in unit",
)  # fmt: skip

#: Unit that a column's name promises, longest ending first.
ENDINGS = {
    "cad_per_tonne": "CAD per tonne", "cad_per_acre": "CAD per acre", "cad_per_bushel": "CAD per bushel",
    "bushels_per_acre": "bushels per acre", "cad_per_usd": "CAD per USD", "cad_millions": "CAD millions",
    "usd_per_kg": "USD per kilogram", "kg_per_ha": "kilograms per hectare", "acres": "acres", "share": "share",
    "cad": "CAD", "usd": "USD", "mt": "million tonnes", "kt": "kilotonnes", "kg": "kilograms", "ha": "hectares",
    "t": "tonnes",
}  # fmt: skip

# Digits of any script are digits to Python; a table has those of ASCII, and no more than a double or an int64 holds.
NUMBER = r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?"
WHOLE = r"[+-]?[0-9]{1,18}"
FORMATS = {
    "integer": (WHOLE, "whole numbers such as 1200"),
    "number": (NUMBER, "numbers such as 12.5"),
    "yearmonth": (r"(1[7-9]|2[01])[0-9]{2}-(0[1-9]|1[0-2])", "months such as 2025-03"),
    "date": (r"(1[7-9]|2[01])[0-9]{2}-[0-9]{2}-[0-9]{2}", "dates such as 2025-03-31"),
    "boolean": (r"true|false", "true or false"),
}
APART = 0.01  # parts that are published rounded add up to this much more than their whole
QUARTER = "quarter"
QUARTERS = (r"(1[7-9]|2[01])[0-9]{2}Q[1-4]", "quarters such as 2025Q3")


def parse(content: bytes, *, where: str) -> pd.DataFrame:
    """CSV bytes to a frame of text, one column per heading.

    Raises
    ------
    BadInput
        Not UTF-8, not CSV, a row of another length, or no rows.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        fault = f"byte 0x{content[error.start]:02x} that is not UTF-8"
        raise BadInput(where, f"line {line}", found=fault, allowed="UTF-8; save the file with that encoding") from None
    hidden = unseen(text.replace("\n", " ").replace("\r", " ").replace("\t", " "))
    if hidden:
        line = text[: text.index(hidden)].count("\n") + 1
        allowed = "text that can be seen"
        raise BadInput(where, f"line {line}", found=f"the character {hidden!a}", allowed=allowed)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise BadInput(where, found=f"no CSV ({error})", allowed='comma-separated values, quoted with "') from None
    if len(rows) < 2:
        raise BadInput(where, found="no rows", allowed="a heading and at least one row of figures")
    width = len(rows[0])
    if {*map(len, rows)} != {width}:
        place, cells = next((place, len(row)) for place, row in enumerate(rows, start=1) if len(row) != width)
        raise BadInput(where, f"row {place}", found=f"{cells} cells", allowed=f"{width} cells, one per heading")
    return pd.DataFrame(rows[1:], columns=pd.Index(rows[0]), dtype="object")


def check_columns(frame: pd.DataFrame, fields: Sequence[Descriptor], *, where: str) -> None:
    """Refuse a frame whose columns are not exactly those of `fields`, in that order."""
    wanted = [field["name"] for field in fields]
    columns = list(frame.columns)
    if columns == wanted:
        return
    missing = [name for name in wanted if name not in columns]
    extra = [name for name in columns if name not in wanted]
    parts = {"no column": missing, "unknown column": extra}
    difference = "; ".join(f"{what} {', '.join(names)}" for what, names in parts.items() if names)
    raise BadInput(where, "columns", found=difference or f"the order {', '.join(columns)}", allowed=", ".join(wanted))


def check_units(fields: Sequence[Descriptor], *, where: str, table: str) -> None:
    """Refuse a number without a unit of the closed list, or with another unit than its name promises."""
    for field in fields:
        if field["type"] not in ("number", "integer"):
            continue
        key, unit = f"{table}.{field['name']}.unit", str(field.get("unit", ""))
        if unit not in UNITS:
            raise BadInput(where, key, found=unit or "no unit", allowed=", ".join(UNITS))
        promised = promised_unit(field["name"])
        if promised and unit != promised and not unit.startswith(f"{promised} per "):
            raise BadInput(where, key, found=unit, allowed=f"{promised}, as the column's name says")


def promised_unit(column: str) -> str:
    """Unit that the ending of a column's name stands for; empty where it names none."""
    for ending, unit in ENDINGS.items():
        if column == ending or column.endswith(f"_{ending}"):
            return unit
    return ""


def check_key(frame: pd.DataFrame, key: Sequence[str], *, where: str) -> None:
    """Refuse a frame in which the columns of `key` do not tell every row apart."""
    repeated = frame.duplicated(list(key))
    if repeated.any():
        row = frame[repeated].iloc[0]
        cells = ", ".join(f"{name}={row[name]}" for name in key)
        allowed = "every key once; drop the row, or declare the fault in data/corrections.yml"
        raise BadInput(where, f"key {', '.join(key)}", found=f"{cells} twice", allowed=allowed)


def check_sizes(frame: pd.DataFrame, resource: Descriptor, *, where: str) -> None:
    """Refuse a typed frame with a figure above that beside it (`at_most`), or parts above their whole (`whole`)."""
    fields, key = resource["schema"]["fields"], resource["key"]
    for field in (field for field in fields if "at_most" in field):
        most, cells = field["at_most"], frame[field["name"]]
        _refuse(
            cells.astype(str), cells > frame[most], field, where=where, allowed=f"at most what {most} has in that row"
        )
    figures = [field for field in fields if field["type"] in ("number", "integer") and field["name"] not in key]
    numbers = [field["name"] for field in figures if " per " not in field["unit"]]
    for column, name in resource.get("whole", {}).items():
        others, is_whole = [part for part in key if part != column], frame[column] == name
        whole = frame[is_whole].set_index(others)[numbers].stack()
        parts = frame[~is_whole].groupby(others)[numbers].sum().stack().reindex(whole.index)
        for row in whole.index[parts > whole * (1 + APART)][:1]:
            named = (str(part).removesuffix(" 00:00:00") for part in row[:-1])
            place = ", ".join([*named, f"all but {name}"])
            allowed = f"at most the {whole[row]:,.10g} of {name}; look at single rows"
            raise BadInput(where, f"{row[-1]}, {place}", found=f"{parts[row]:,.10g}", allowed=allowed)


def typed(frame: pd.DataFrame, fields: Sequence[Descriptor], *, where: str) -> pd.DataFrame:
    """Convert every column to its type after checking its constraints.

    Returns
    -------
    DataFrame
        Months, quarters and dates as datetime64 (first day), whole numbers as int64 (float64 where cells are empty),
        numbers as float64, booleans as bool, text as text (empty where there is none).

    Raises
    ------
    BadInput
        The first cell that is not what its field allows.
    """
    columns = {str(field["name"]): field for field in fields}
    return pd.DataFrame({name: _column(frame[name], field, where=where) for name, field in columns.items()})


def _column(cells: pd.Series, field: Descriptor, *, where: str) -> pd.Series:
    rules = field.get("constraints", {})
    empty = cells == ""
    if rules.get("required"):
        _refuse(cells, empty, field, where=where, allowed="a value")
    filled = cells[~empty] if empty.any() else cells
    quarter = field["name"] == QUARTER and field["type"] == "string"
    pattern, form = QUARTERS if quarter else FORMATS.get(field["type"], ("", ""))
    if pattern:
        _refuse(filled, ~_like(filled, pattern), field, where=where, allowed=form)
    if "enum" in rules:
        _refuse(filled, ~filled.isin(rules["enum"]), field, where=where, allowed=", ".join(rules["enum"]))
    if "pattern" in rules:
        _refuse(filled, ~_like(filled, rules["pattern"]), field, where=where, allowed=rules["pattern"])
    values = _converted(cells, filled, field)
    if field["type"] in ("number", "integer"):
        _refuse(cells, np.isinf(values), field, where=where, allowed="a finite number")
    if field["type"] == "date":
        _refuse(cells, values.isna() & ~empty, field, where=where, allowed="a day that exists")
    for bound, outside in (("minimum", values.lt), ("maximum", values.gt)):
        if bound in rules:
            _refuse(cells, outside(rules[bound]), field, where=where, allowed=f"{bound} {rules[bound]}")
    return values


def _like(cells: pd.Series, pattern: str) -> pd.Series:
    """Which cells a pattern describes as a whole; each text is looked at once, however often it comes."""
    matches = re.compile(pattern).fullmatch
    return cells.isin([cell for cell in cells.unique() if matches(cell)])


def _converted(cells: pd.Series, filled: pd.Series, field: Descriptor) -> pd.Series:
    kind, known = field["type"], filled.reindex(cells.index)
    if kind in ("number", "integer"):
        return pd.to_numeric(known).astype("int64" if kind == "integer" and len(filled) == len(cells) else "float64")
    if kind == "yearmonth":
        return pd.to_datetime(known, format="%Y-%m")
    if kind == "date":
        return pd.to_datetime(known, format="%Y-%m-%d", errors="coerce")
    if kind == "boolean":
        return cells == "true"
    if field["name"] == QUARTER:
        texts = cells.unique()
        return cells.map(pd.Series(pd.PeriodIndex(texts, freq="Q").to_timestamp(), index=texts))
    return cells.astype("str")


def _refuse(cells: pd.Series, wrong: pd.Series, field: Descriptor, *, where: str, allowed: str) -> None:
    """Name the first cell marked in `wrong`; its row counts the heading as row 1."""
    if wrong.any():
        marked = cells[wrong]
        key = f"row {marked.index[0] + 2}, column {field['name']}"
        raise BadInput(where, key, found=str(marked.iloc[0]) or "an empty cell", allowed=allowed)
