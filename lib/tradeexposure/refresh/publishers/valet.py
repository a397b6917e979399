"""The Bank of Canada's Valet service: daily exchange rates as JSON or CSV, averaged to months.

JSON: ``observations`` is a list of ``{"d": "2025-03-03", "FXUSDCAD": {"v": "1.4424"}}``. CSV: sections headed
``"TERMS AND CONDITIONS"``, ``"SERIES"`` and ``"OBSERVATIONS"``, the last with a heading ``"date","FXUSDCAD"``.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from tradeexposure.core.errors import SourceFailed
from tradeexposure.refresh.publishers.catalogue import Limits, Source
from tradeexposure.refresh.publishers.sheet import CHANGED, Cell, Row, Sheet, in_period, number

HEADER = ("Series", "Month", "Mean", "Days")


@contextmanager
def opened(path: Path, source: Source, limits: Limits, frequency: str) -> Iterator[Sheet]:
    """Monthly means of each series with the number of days in them."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SourceFailed(source.title, "found bytes that are not UTF-8", CHANGED) from None
    daily = _from_json(text, source.title) if text.lstrip().startswith("{") else _from_csv(text, source.title)
    rows = _monthly(daily, source.title)

    def cell(row: Row, name: str) -> Cell:
        return Cell(Decimal(row[3 if name == "Days" else 2]), "days" if name == "Days" else "CAD per USD")

    yield Sheet(source.title, HEADER, rows, lambda row: row[1], cell)


def _from_json(text: str, title: str) -> Iterator[tuple[str, str, str]]:
    """Day, series and value as text."""
    try:
        observations: list[dict[str, Any]] = json.loads(text)["observations"]
        for day in observations:
            yield from ((day["d"], name, cell["v"]) for name, cell in day.items() if name != "d" and cell.get("v"))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceFailed(title, f"found no observations ({type(error).__name__}: {error})", CHANGED) from None


def _from_csv(text: str, title: str) -> Iterator[tuple[str, str, str]]:
    lines = text.splitlines()
    start = next((n for n, line in enumerate(lines) if line.strip().strip('"') == "OBSERVATIONS"), None)
    if start is None:
        raise SourceFailed(title, "found no section OBSERVATIONS", CHANGED)
    heading, *days = csv.reader(line for line in lines[start + 1 :] if line.strip())
    for row in days:
        yield from ((row[0], name, value) for name, value in zip(heading[1:], row[1:], strict=True) if value)


def _monthly(daily: Iterator[tuple[str, str, str]], title: str) -> list[Row]:
    """Mean and number of days per series and month."""
    found: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for day, series, text in daily:
        found[series, in_period(day, "month", title)].append(number(text, title, day))
    return [
        (series, month, str(sum(values, Decimal(0)) / len(values)), str(len(values)))
        for (series, month), values in found.items()
    ]
