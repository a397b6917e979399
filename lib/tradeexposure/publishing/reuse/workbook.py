"""An edition's numbers as a workbook: results, scenarios, what columns and units mean, sources; the same each time."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from tradeexposure.core import results_csv, units
from tradeexposure.core.text import cell
from tradeexposure.policy.scenario_schema import Scenario

CREATOR = "tradeexposure"
MOMENT = (1980, 1, 1, 0, 0, 0)  # the first one a ZIP file can tell; when a run was made stands in the manifest
STAMP = b"1980-01-01T00:00:00Z"
TIMES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
WIDTHS = {"label": 60, "method": 60, "title": 50, "question": 60, "meaning": 80, "caveat": 80}
WIDTH = 18  # letters of a column that is not named
SOURCES = ("name", "title", "publisher", "table_number", "address", "licence", "coverage", "vintage", "caveat")
SCENARIO = ("name", "title", "question", "facts_on", "against", "horizon", "above_quota", "this_edition")
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
    from openpyxl import Workbook

    listed = [
        (each.name, each.title, each.question, each.facts_on.isoformat(), each.against, each.horizon, each.above_quota,
         "yes" if each.name == edition else "no")
        for each in scenarios
    ]  # fmt: skip
    columns = (("column", name, meaning) for name, meaning in results_csv.MEANINGS.items())
    dictionary = [*columns, *(("unit", name, meaning) for name, (_, _, meaning) in units.FORMATS.items())]
    book = Workbook(write_only=True)
    book.properties.creator = CREATOR
    _add(book, "results", results_csv.COLUMNS, _rows(results, results_csv.COLUMNS))
    _add(book, "scenarios", SCENARIO, listed)
    _add(book, "dictionary", ("kind", "name", "meaning"), dictionary)
    _add(book, "sources", SOURCES, _rows(sources, SOURCES))
    saved, packed = io.BytesIO(), io.BytesIO()
    book.save(saved)
    with zipfile.ZipFile(saved) as archive, zipfile.ZipFile(packed, "w") as dated:
        for name in archive.namelist():
            part = archive.read(name)
            part = TIMES.sub(rb"\g<1>" + STAMP, part) if name == CORE else part
            dated.writestr(zipfile.ZipInfo(name, MOMENT), part, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _rows(frame: pd.DataFrame, columns: Sequence[str]) -> Iterable[Row]:
    return zip(*(frame[name].tolist() for name in columns), strict=True)


def _add(book: Any, name: str, headings: Sequence[str], rows: Iterable[Row]) -> None:
    """A sheet: headings that stay in sight, rows below."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(name)
    sheet.freeze_panes = "A2"
    for place, heading in enumerate(headings, 1):
        sheet.column_dimensions[get_column_letter(place)].width = WIDTHS.get(heading, WIDTH)
    cells, bold = [WriteOnlyCell(sheet, heading) for heading in headings], Font(bold=True)
    for written in cells:
        written.font = bold
    sheet.append(cells)
    for row in rows:
        sheet.append([cell(value) for value in row])
