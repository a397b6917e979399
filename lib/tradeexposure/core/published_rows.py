"""The numbers and tables in an executed notebook's outputs, read without pandas: the command looks at every one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MIME = "application/vnd.tradeexposure.results+json"
TABLE_MIME = "application/vnd.tradeexposure.table+json"


def numbers_of(notebook: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows that an executed notebook (its JSON) published; empty if there are none."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            if MIME in output.get("data", {}):
                return list(output["data"][MIME]["rows"])
    return []


def tables_of(notebook: Mapping[str, Any]) -> dict[str, str]:
    """Tables that an executed notebook (its JSON) hands over beside its numbers: name to text in CSV."""
    found = {}
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            if TABLE_MIME in output.get("data", {}):
                table = output["data"][TABLE_MIME]
                found[str(table["name"])] = str(table["csv"])
    return found
