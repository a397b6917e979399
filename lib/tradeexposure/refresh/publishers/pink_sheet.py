"""The World Bank's Commodity Price Data (Pink Sheet): a workbook with a column per commodity.

The sheet ``Monthly Prices`` begins with title rows; below them stand the headings, then a row per month (``1960M01``).
Headings are known by what they say and not by where they stand:

- One row names the commodities, one has their units in brackets (``($/mt)``, ``($/bbl)``, ``(2010=100)``).
- Some releases have a third row of codes (``CRUDE_PETRO``, ``iNATGAS``, ``Tin``) below or between them: the release of
  2026-05-04, kept as CSV in github.com/sebapi747/gold (``CMO-Historical-Data-Monthly.csv``). A price has a row under
  its name and one under its code, so that a recipe may name either.
- Names end with ``**`` or a blank (``Coal, South African **``, ``Urea ``); prices have up to twenty digits
  (``1.63000011444``); ``…``, ``..`` and ``...`` stand for a price that was not observed: the same file.
- Columns come, go and change places: the release in github.com/Tytannn/Cross-Sectional-Equity-Prediction-System-with-
  CatBoost ends with indices in the same sheet.
- A workbook that was saved again has empty columns and rows at its edges, numbers as text, and months as dates; it
  may state a used range that is wrong (openpyxl's documentation, "Read-only mode", "Worksheet dimensions").

Formulas are read as the values stored with them; nothing in the workbook is calculated or run.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path
from typing import Any

from tradeexposure.core.errors import SourceFailed
from tradeexposure.refresh.publishers.sheet import (
    CHANGED,
    DAMAGED,
    Cell,
    Row,
    Sheet,
    in_period,
    near,
    number,
    plain,
    zip_files,
)
from tradeexposure.refresh.publishers.sources_schema import Limits, Source

SHEET = "Monthly Prices"
MONTH = re.compile(r"(\d{4})\s*M\s*(\d{1,2})", re.IGNORECASE)
UNIT = re.compile(r"\(.*[$¢=%/].*\)|[$¢]/\S+.*")
CODE = re.compile(r"i?[A-Z][A-Z0-9_]+")
MISSING = ("", "…", "..", "...", ".", "-", "n.a.", "n/a", "#N/A")
MARK = re.compile(r"[\s*†‡¹²³]+$|\s+\d/$")
LONGEST_NAME = 200
HEADER = ("Commodity", "Period", "Price", "Unit")
FEWEST = 2  # columns a heading has at least


@contextmanager
def opened(path: Path, source: Source, limits: Limits, frequency: str) -> Iterator[Sheet]:
    """The monthly prices as a sheet with a row per month and commodity."""
    rows = _long(_grid(path, source, limits), source.title)

    def cell(row: Row, _: str) -> Cell:
        value = None if row[2].strip() in MISSING else number(row[2], source.title, f"{row[0]}, {row[1]}")
        return Cell(value, row[3])

    yield Sheet(source.title, HEADER, rows, lambda row: in_period(row[1], frequency, source.title), cell)


def _grid(path: Path, source: Source, limits: Limits) -> list[Sequence[Any]]:
    """Cells of the monthly sheet."""
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(path) as packed:
            zip_files(packed, source, limits)
        with path.open("rb") as stream:
            book = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
            names = [name for name in book.sheetnames if plain(name) == plain(SHEET)]
            if not names:
                what = f"found the sheets {', '.join(book.sheetnames)}, not {SHEET}{near([SHEET], book.sheetnames)}"
                raise SourceFailed(source.title, what, CHANGED)
            if len(names) > 1:
                raise SourceFailed(source.title, f"found {len(names)} sheets called {SHEET}", CHANGED)
            sheet = book[names[0]]
            sheet.reset_dimensions()
            return list(sheet.iter_rows(values_only=True))
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, SyntaxError, EOFError) as error:
        raise SourceFailed(source.title, f"found no workbook ({error})", DAMAGED) from None


def _long(grid: list[Sequence[Any]], title: str) -> Iterator[Row]:
    """A row per month and commodity, below the headings wherever they stand."""
    place = next((n for row in grid for n, cell in enumerate(row[:FEWEST]) if _month(cell)), None)
    if place is None:
        raise SourceFailed(title, "found no row of months", CHANGED)
    first = next(n for n, row in enumerate(grid) if len(row) > place and _month(row[place]))
    columns = _headings([[_text(cell) for cell in row[place + 1 :]] for row in grid[:first]], title)
    for row in grid[first:]:
        month = _month(row[place]) if len(row) > place else ""
        if not month:
            continue  # notes stand below the last month
        for (labels, unit), price in zip(columns, row[place + 1 :], strict=False):
            for label in labels:
                yield (label, month, _text(price), unit)


def _headings(above: Sequence[Sequence[str]], title: str) -> list[tuple[list[str], str]]:
    """Labels (its name and, where there is one, its code) and unit of each column, from the rows above the months."""
    units = max(above, key=lambda row: _count(row, UNIT.fullmatch), default=())
    if not _mostly(units, UNIT.fullmatch):
        raise SourceFailed(title, "found no row of units in brackets above the months", CHANGED)
    coded = [row for row in above if _mostly(row, CODE.fullmatch)]
    named = [row for row in above if row is not units and row not in coded and not _mostly(row, UNIT.fullmatch)]
    names = max(named, key=lambda row: _count(row, bool), default=())
    if _count(names, bool) < FEWEST:
        raise SourceFailed(title, "found no row of names above the months", CHANGED)
    codes = next((row for row in coded if _count(row, bool) >= FEWEST), ())
    columns = []
    for name, unit, code in zip_longest(names, units, codes, fillvalue=""):
        # Without the marks of notes; a pattern that looks for an end takes long on what is no name.
        unmarked = MARK.sub("", " ".join(name.split())[:LONGEST_NAME])
        columns.append((list(dict.fromkeys(filter(None, (unmarked, code)))), unit.strip("() ")))
    return columns


def _count(row: Sequence[str], test: Callable[[str], object]) -> int:
    return sum(1 for cell in row if cell and test(cell))


def _mostly(row: Sequence[str], test: Callable[[str], object]) -> bool:
    """Whether more than half of the cells that say something pass."""
    filled = _count(row, bool)
    return filled > 0 and 2 * _count(row, test) > filled


def _month(cell: Any) -> str:
    """``1960M01``, or the date a spreadsheet program made of it, as 1960-01; empty where it is neither."""
    if isinstance(cell, (datetime, date)):
        return f"{cell.year}-{cell.month:02d}"
    match = MONTH.fullmatch(_text(cell))
    return f"{match[1]}-{int(match[2]):02d}" if match else ""


def _text(cell: Any) -> str:
    """A cell as text; numbers with the digits they are stored with."""
    if isinstance(cell, float):
        return format(Decimal(repr(cell)), "f")
    return "" if cell is None else str(cell).strip()
