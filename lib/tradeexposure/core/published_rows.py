"""The numbers and tables in an executed notebook's outputs, read without pandas: the command looks at every one.

Where in a sentence a number stands travels in the metadata of the output that shows it (letters of its plain text, from
and to), so that a page can lead from there to how the number is made.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tradeexposure.core import files

NUMBERS = ("value", "low", "high", "level")
MIME = "application/vnd.tradeexposure.results+json"
TABLE_MIME = "application/vnd.tradeexposure.table+json"
EXPLORER_MIME = "application/vnd.tradeexposure.explorer+json"
NEUTRAL_MIME = "application/vnd.tradeexposure.neutral+json"
METADATA = "tradeexposure"  # of an output


@dataclass(frozen=True)
class NumberSpan:
    """A number in a text: its identifier, letters from and to, and the notebook that publishes it if another one."""

    result_id: str
    start: int
    end: int
    notebook: str = ""


def as_metadata(places: Iterable[NumberSpan]) -> dict[str, Any]:
    """Places as an output keeps them."""
    spans = [[place.result_id, place.start, place.end, place.notebook] for place in places]
    return {METADATA: {"said": spans}} if spans else {}


def places_of(output: Mapping[str, Any]) -> list[NumberSpan]:
    """The places that an output keeps, in their order; none where it keeps none."""
    spans = output.get("metadata", {}).get(METADATA, {}).get("said", ())
    return [NumberSpan(str(name), int(start), int(end), str(notebook)) for name, start, end, notebook in spans]


def numbers_of(notebook: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows that an executed notebook (its JSON) published; empty if there are none.

    Raises
    ------
    ValueError
        What was published is no list of rows, each with an identifier and finite numbers.
    """
    published: Any = next((content for _, content in shown(notebook, MIME)), {"rows": []})
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


def tables_of(notebook: Mapping[str, Any]) -> dict[str, str]:
    """Tables that an executed notebook (its JSON) hands over beside its numbers: name to text in CSV.

    Raises
    ------
    ValueError
        A table that is not the one its digest was made of.
    """
    tables = {}
    for _, table in shown(notebook, TABLE_MIME):
        name, text, digest = (str(table[part]) for part in ("name", "csv", "sha256"))
        if files.digest(text.encode()) != digest:
            raise ValueError(f"table {name} is not what its digest says: hand it over with book.publish_table()")
        tables[name] = text
    return tables


def shown(notebook: Mapping[str, Any], mime: str) -> Iterator[tuple[Mapping[str, Any], Any]]:
    """What the outputs of a notebook hold of a kind, in their order, each with its cell."""
    outputs = ((cell, output) for cell in notebook["cells"] for output in cell.get("outputs", ()))
    return ((cell, output["data"][mime]) for cell, output in outputs if mime in output.get("data", {}))


def leading(named: Iterable[str], there: Collection[str]) -> list[str]:
    """Identifiers that lead a page: those `named`, and after each the same against a second counterfactual.

    A scenario that has one publishes it as ``ID.against_…``; others do not, so that no page can name it. A page that
    names such a number by itself has it once.
    """
    second = {key: re.compile(rf"{re.escape(key)}\.against_[a-z0-9_]+") for key in named}
    return [*dict.fromkeys(identifier for key in named for identifier in (key, *filter(second[key].fullmatch, there)))]


def neutral_of(notebook: str) -> list[dict[str, str]]:
    """What an executed notebook (as text) said neutrally: `sentence` that was false, `found`, `where`, and `said`."""
    if NEUTRAL_MIME not in notebook:
        return []
    return [dict(row) for _, rows in shown(json.loads(notebook), NEUTRAL_MIME) for row in rows]
