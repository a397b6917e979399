"""The Bank of Canada's Valet service: daily exchange rates as JSON or CSV, averaged to months.

JSON: ``observations`` is a list of ``{"d": "2025-03-03", "FXUSDCAD": {"v": "1.4424"}}``. CSV: sections headed
``"TERMS AND CONDITIONS"``, ``"SERIES"`` and ``"OBSERVATIONS"``, the last with a heading ``"date","FXUSDCAD"``; the
edition of 2017 goes on with a section ``ERRORS``, which is read over. On a day without a rate the value is empty,
``null`` or not there (bankofcanada.ca/valet/docs; github.com/ebuchman/rates). A file that was saved again has empty
cells and rows at its ends. A day that is there twice, or a row with more cells than headings, is refused: a mean of it
would be another month's. A month at the end that is not whole is left out.
"""

from __future__ import annotations

import csv
import json
from calendar import SATURDAY, monthrange
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from itertools import takewhile
from pathlib import Path
from typing import Any

from tradeexposure.core.errors import SourceFailed
from tradeexposure.refresh.publishers.sheet import CHANGED, REPEATS, Cell, Row, Sheet, in_period, number
from tradeexposure.refresh.publishers.sources_schema import Limits, Source

HEADER = ("Series", "Month", "Mean", "Days")


@contextmanager
def opened(path: Path, source: Source, limits: Limits, frequency: str) -> Iterator[Sheet]:
    """Monthly means of each series with the number of days in them."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SourceFailed(source.title, "found bytes that are not UTF-8", CHANGED) from None
    daily = _from_json(text, source.title) if text.lstrip().startswith("{") else _from_csv(text, source.title)
    rates: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(dict)
    for day, series, rate in daily:
        days = rates[series, in_period(day, "month", source.title)]
        if day in days:
            raise SourceFailed(source.title, f"found {series} of {day} twice", REPEATS)
        days[day] = number(rate, source.title, day)
    last, open_month = max((day for days in rates.values() for day in days), default=""), ""
    if last:
        newest = date.fromisoformat(last)
        after = range(newest.day + 1, monthrange(newest.year, newest.month)[1] + 1)
        # A month may end with this day if at most one weekday follows, which can be a holiday.
        if sum(newest.replace(day=later).weekday() < SATURDAY for later in after) > 1:
            open_month = in_period(last, "month", source.title)
    rows: list[Row] = [
        (series, month, str(sum(days.values(), Decimal(0)) / len(days)), str(len(days)))
        for (series, month), days in rates.items()
        if month != open_month
    ]
    note = f"left out {open_month}, of which there are rates to {last} only: refresh again when it is over"
    notes = (note,) if open_month else ()

    def cell(row: Row, name: str) -> Cell:
        return Cell(Decimal(row[3 if name == "Days" else 2]), "days" if name == "Days" else "CAD per USD")

    yield Sheet(source.title, HEADER, rows, lambda row: row[1], cell, notes)


def _from_json(text: str, title: str) -> Iterator[tuple[str, str, str]]:
    """Day, series and value as text."""
    try:
        observations: list[dict[str, Any]] = json.loads(text)["observations"]
        for day in observations:
            yield from (
                (day["d"], name, cell["v"])
                for name, cell in day.items()
                if name != "d" and cell.get("v") not in (None, "")
            )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceFailed(title, f"found no observations ({type(error).__name__}: {error})", CHANGED) from None


def _from_csv(text: str, title: str) -> Iterator[tuple[str, str, str]]:
    rows = [[cell.strip() for cell in row] for row in csv.reader(text.splitlines(), strict=True)]
    start = next((n for n, row in enumerate(rows) if row and row[0] == "OBSERVATIONS" and not any(row[1:])), None)
    if start is None:
        raise SourceFailed(title, "found no section OBSERVATIONS", CHANGED)
    below = (row for row in rows[start + 1 :] if any(row))
    filled = [*takewhile(lambda row: not (row[0].isupper() and not any(row[1:])), below)]  # the next section's name
    heading, days = (filled[0] if filled else []), filled[1:]
    while heading and not heading[-1]:
        heading.pop()
    if len(heading) < 2 or heading[0] != "date":
        raise SourceFailed(
            title, f"found no heading date and series under OBSERVATIONS ({','.join(heading)[:40]})", CHANGED
        )
    for row in days:
        if len(row) < len(heading) or any(row[len(heading) :]):
            raise SourceFailed(title, f"found a row of {len(row)} cells under {len(heading)} headings", CHANGED)
        yield from ((row[0], name, value) for name, value in zip(heading[1:], row[1:], strict=False) if value)
