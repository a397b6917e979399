"""The numbers and tables in an executed notebook's outputs, read without pandas: the command looks at every one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tradeexposure.core import files

NUMBERS = ("value", "low", "high", "level")
MIME = "application/vnd.tradeexposure.results+json"
TABLE_MIME = "application/vnd.tradeexposure.table+json"
EXPLORER_MIME = "application/vnd.tradeexposure.explorer+json"


def numbers_of(notebook: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows that an executed notebook (its JSON) published; empty if there are none.

    Raises
    ------
    ValueError
        What was published is no list of rows, each with an identifier and finite numbers.
    """
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            if MIME in output.get("data", {}):
                return _rows(output["data"][MIME])
    return []


def tables_of(notebook: Mapping[str, Any]) -> dict[str, str]:
    """Tables that an executed notebook (its JSON) hands over beside its numbers: name to text in CSV.

    Raises
    ------
    ValueError
        A table that is not the one its digest was made of.
    """
    found = {}
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            if TABLE_MIME in output.get("data", {}):
                name, text, digest = (str(output["data"][TABLE_MIME][part]) for part in ("name", "csv", "sha256"))
                if files.digest(text.encode()) != digest:
                    raise ValueError(f"table {name} is not what its digest says: hand it over with book.hand_over()")
                found[name] = text
    return found


def _rows(published: Any) -> list[dict[str, Any]]:
    rows = published.get("rows") if isinstance(published, Mapping) else None
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise ValueError("the published numbers are no list of rows: publish them with book.save()")
    for row in rows:
        name = row.get("result_id")
        if not isinstance(name, str) or not name:
            raise ValueError("a published number has no result_id: publish it with book.add()")
        for column in NUMBERS:
            value = row.get(column)
            if isinstance(value, bool) or not isinstance(value, int | float | None):
                raise ValueError(f"{name}: its {column} is no number: publish it with book.add()")
    return [dict(row) for row in rows]
