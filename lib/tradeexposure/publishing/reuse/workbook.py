"""An edition's numbers as a workbook: results, scenarios, what columns and units mean, sources; the same each time."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import pandas as pd

from tradeexposure.core import results_csv, units
from tradeexposure.core.plain import cell
from tradeexposure.policy.scenario_schema import Scenario

CREATOR = "tradeexposure"
MOMENT = (1980, 1, 1, 0, 0, 0)  # the first one a ZIP file can tell; when a run was made stands in the manifest
STAMP = b"1980-01-01T00:00:00Z"
TIMES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
WIDTHS = {"label": 60, "method": 60, "title": 50, "question": 60, "meaning": 80, "caveat": 80}
WIDTH = 18  # letters of a column that is not named
SOURCES = ("name", "title", "publisher", "table_number", "address", "licence", "coverage", "vintage", "caveat")
SCENARIO = ("name", "title", "question", "facts_on", "against", "horizon", "above_quota", "this_edition")
SHEETS = {"results": results_csv.COLUMNS, "scenarios": SCENARIO, "dictionary": ("kind", "name", "meaning"),
          "sources": SOURCES}  # fmt: skip
FILES = {name: f"xl/worksheets/sheet{place}.xml" for place, name in enumerate(SHEETS, 1)}
CORE = "docProps/core.xml"
Row = Sequence[Any]


def content(results: pd.DataFrame, *, edition: str, scenarios: Sequence[Scenario], sources: pd.DataFrame) -> bytes:
    """The workbook as the bytes of an ``.xlsx`` file.

    Parameters
    ----------
    results : DataFrame
        Published numbers, with at least the columns of ``results.csv``; rows as they come.
    edition : str
        Scenario whose edition it is.
    scenarios : sequence of Scenario
        Those to list.
    sources : DataFrame
        As of ``data.sources``.

    Returns
    -------
    bytes
        The same for the same arguments; texts that a spreadsheet would compute are escaped as in ``results.csv``.
    """
    from openpyxl.writer.excel import ExcelWriter

    listed = [
        (each.name, each.title, each.question, each.facts_on.isoformat(), each.against, each.horizon, each.above_quota,
         "yes" if each.name == edition else "no")
        for each in scenarios
    ]  # fmt: skip
    own: dict[str, Iterable[Row]] = {"results": _rows(results, results_csv.COLUMNS), "scenarios": listed}
    book, files = _book(), dict(_shared(tuple(_rows(sources, SOURCES))))
    for name, rows in own.items():  # a sheet says nothing of the others
        sheet = _add(book, name, rows)
        with zipfile.ZipFile(io.BytesIO(), "w") as archive:
            ExcelWriter(book, archive).write_worksheet(sheet)
            files[FILES[name]] = archive.read(archive.filelist[0])
        book.remove(sheet)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, part in files.items():
            archive.writestr(zipfile.ZipInfo(name, MOMENT), part, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _rows(frame: pd.DataFrame, columns: Sequence[str]) -> Iterable[Row]:
    return zip(*(frame[name].tolist() for name in columns), strict=True)


@lru_cache(maxsize=32)
def _shared(sources: tuple[Row, ...]) -> dict[str, bytes]:
    """The files of a workbook in their order, as all editions of a sweep have them; the sheets of its own are empty."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    book.properties.creator = CREATOR
    columns = (("column", name, meaning) for name, meaning in results_csv.MEANINGS.items())
    dictionary = [*columns, *(("unit", name, meaning) for name, (_, _, meaning) in units.FORMATS.items())]
    for name in SHEETS:
        _add(book, name, {"dictionary": dictionary, "sources": sources}.get(name, ()))
    written = io.BytesIO()
    book.save(written)
    with zipfile.ZipFile(written) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    return {**files, CORE: TIMES.sub(rb"\g<1>" + STAMP, files[CORE])}


@lru_cache(maxsize=1)
def _book() -> Any:
    """A workbook that sheets are written for and taken out of: its styles took a fifth of the time."""
    from openpyxl import Workbook

    return Workbook(write_only=True)


def _add(book: Any, name: str, rows: Iterable[Row]) -> Any:
    """A sheet: headings that stay in sight, rows below."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    sheet, headings = book.create_sheet(name), SHEETS[name]
    sheet.freeze_panes = "A2"
    for place, heading in enumerate(headings, 1):
        sheet.column_dimensions[get_column_letter(place)].width = WIDTHS.get(heading, WIDTH)
    cells, bold = [WriteOnlyCell(sheet, heading) for heading in headings], Font(bold=True)
    for written in cells:
        written.font = bold
    sheet.append(cells)
    for row in rows:
        sheet.append([cell(value) for value in row])
    return sheet
