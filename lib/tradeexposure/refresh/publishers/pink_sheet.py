"""The World Bank's Commodity Price Data (Pink Sheet): a workbook with a column per commodity.

The sheet ``Monthly Prices`` begins with title rows; below them one row names the commodities, the next their units in
brackets (``($/mt)``), then a row per month (``1960M01``). ``…`` or ``..`` stands for a price that was not observed.
Formulas are read as the values stored with them; nothing in the workbook is calculated or run.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from tradeexposure.core.errors import SourceFailed
from tradeexposure.refresh.publishers import http
from tradeexposure.refresh.publishers.catalogue import Limits, Source
from tradeexposure.refresh.publishers.sheet import CHANGED, Cell, Row, Sheet, in_period, number

SHEET = "Monthly Prices"
MONTH = re.compile(r"(\d{4})M(\d{2})")
MISSING = ("", "…", "..", "...", "n.a.")
HEADER = ("Commodity", "Period", "Price", "Unit")


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
        with zipfile.ZipFile(path) as archive:
            http.checked(archive, source, limits)
        with path.open("rb") as stream:
            book = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
            if SHEET not in book.sheetnames:
                raise SourceFailed(source.title, f"found the sheets {', '.join(book.sheetnames)}, not {SHEET}", CHANGED)
            return list(book[SHEET].iter_rows(values_only=True))
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, SyntaxError, EOFError) as error:
        raise SourceFailed(source.title, f"found no workbook ({error})", http.DAMAGED) from None


def _long(grid: list[Sequence[Any]], title: str) -> Iterator[Row]:
    """A row per month and commodity, below the heading wherever that stands."""
    first = next((n for n, row in enumerate(grid) if row and MONTH.fullmatch(_text(row[0]))), None)
    if first is None or first < 2:
        raise SourceFailed(title, "found no row of months below a heading", CHANGED)
    names, units = ([_text(cell) for cell in grid[first - back]] for back in (2, 1))
    for row in grid[first:]:
        month = MONTH.fullmatch(_text(row[0]) if row else "")
        if not month:
            continue  # notes stand below the last month
        for name, unit, price in zip(names[1:], units[1:], row[1:], strict=False):
            if name:
                yield (name.rstrip("* "), f"{month[1]}-{month[2]}", _text(price), unit.strip("() "))


def _text(cell: Any) -> str:
    """A cell as text; numbers with the digits they are stored with."""
    if isinstance(cell, float):
        return format(Decimal(repr(cell)), "f")
    return "" if cell is None else str(cell).strip()
