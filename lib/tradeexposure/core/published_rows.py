"""The numbers in an executed notebook's outputs, read without pandas: the command looks at every notebook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NUMBERS = ("value", "low", "high", "level")
MIME = "application/vnd.tradeexposure.results+json"


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
