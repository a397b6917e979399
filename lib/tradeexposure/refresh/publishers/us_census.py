"""The US Census Bureau's international trade service: a list of lists in JSON, the first of them the heading.

Imports for consumption by commodity, country and country subcode (which says under which preference goods entered:
``S`` and ``S+`` are CUSMA). Large questions run out of the service's 60 seconds: each is asked chapter by chapter. Rows
of every commodity level and of country groups come mixed: the recipe keeps ten-digit lines of single countries. The
world is among the latter (``CTY_CODE`` ``-``, ``TOTAL FOR ALL COUNTRIES``, ``SUMMARY_LVL`` ``DET``): a recipe that adds
partners up names them, or takes those held. Numbers come as text; suppressed or absent ones are ``null``, empty or
``-``. A column that is asked for and filtered by comes twice: both must say the same. A question without an answer is
answered with status 204 and nothing, one without a key with a page (Census Bureau, "Guide to using U.S. international
trade datasets in the Census API", "Missing values", "Valid request with no results").
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tradeexposure.core.errors import SourceFailed
from tradeexposure.refresh.publishers.sheet import CHANGED, Cell, Row, Sheet, column, in_period, number, plain
from tradeexposure.refresh.publishers.sources_schema import Limits, Source

PERIOD = ("time", "YEAR_MONTH")
MISSING = ("", "-")


@contextmanager
def opened(path: Path, source: Source, limits: Limits, frequency: str) -> Iterator[Sheet]:
    """The answer as a sheet."""
    try:
        answer = json.loads(path.read_bytes().decode("utf-8-sig"))
        if not isinstance(answer, list) or not all(isinstance(row, list) for row in answer) or not answer:
            raise ValueError("no list of rows")
    except ValueError as error:
        raise SourceFailed(source.title, f"found no table in JSON ({error})", CHANGED) from None
    header, *rows = [["" if cell is None else str(cell) for cell in row] for row in answer]
    if any(len(row) != len(header) for row in rows):
        raise SourceFailed(source.title, "found rows of another length than the heading", CHANGED)
    names = [plain(name) for name in header]
    for place, name in enumerate(names):
        if any(row[place] != row[names.index(name)] for row in rows):
            what = f"found two columns called {header[place]} that differ"
            raise SourceFailed(source.title, what, CHANGED)
    once = [place for place, name in enumerate(names) if names.index(name) == place]
    header, rows = [header[place] for place in once], [[row[place] for place in once] for row in rows]
    when = column(header, PERIOD, source.title)

    def cell(row: Row, name: str) -> Cell:
        text = row[column(header, (name,), source.title)]
        return Cell(None if text.strip() in MISSING else number(text, source.title, name), "dollars")

    yield Sheet(source.title, tuple(header), rows, lambda row: in_period(row[when], frequency, source.title), cell)
