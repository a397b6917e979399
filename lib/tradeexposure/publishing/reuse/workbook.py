"""An edition's numbers as a workbook: results, scenarios, what columns and units mean, sources; the same each time."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
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
Row = Sequence[Any]


def made(results: pd.DataFrame, *, edition: str, scenarios: Sequence[Scenario], sources: pd.DataFrame) -> bytes:
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

    book = Workbook(write_only=True)
    book.properties.creator = CREATOR
    _sheet(book, "results", results_csv.COLUMNS, _rows(results, results_csv.COLUMNS))
    _sheet(book, "scenarios", SCENARIO, (_scenario(one, edition) for one in scenarios))
    _sheet(book, "dictionary", ("kind", "name", "meaning"), _dictionary())
    _sheet(book, "sources", SOURCES, _rows(sources, SOURCES))
    written = io.BytesIO()
    book.save(written)
    return _without_clock(written.getvalue())


def _rows(frame: pd.DataFrame, columns: Sequence[str]) -> Iterable[Row]:
    return zip(*(frame[name].tolist() for name in columns), strict=True)


def _scenario(one: Scenario, edition: str) -> Row:
    own = "yes" if one.name == edition else "no"
    return (one.name, one.title, one.question, one.facts_on.isoformat(), one.against, one.horizon, one.above_quota, own)


def _dictionary() -> Iterable[Row]:
    """What the columns of the results and their units mean."""
    yield from (("column", name, meaning) for name, meaning in results_csv.MEANINGS.items())
    yield from (("unit", name, meaning) for name, meaning in units.MEANINGS.items())


def _sheet(book: Any, title: str, headings: Sequence[str], rows: Iterable[Row]) -> None:
    """One sheet: headings that stay in sight, rows below."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for place, name in enumerate(headings, 1):
        sheet.column_dimensions[get_column_letter(place)].width = WIDTHS.get(name, WIDTH)
    bold = [WriteOnlyCell(sheet, name) for name in headings]
    for heading in bold:
        heading.font = Font(bold=True)
    sheet.append(bold)
    for row in rows:
        sheet.append([cell(value) for value in row])


def _without_clock(content: bytes) -> bytes:
    """The same files in the same order, none of which says when it was written."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = old.read(name)
            text = TIMES.sub(rb"\g<1>" + STAMP, text) if name == "docProps/core.xml" else text
            new.writestr(zipfile.ZipInfo(name, MOMENT), text, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
