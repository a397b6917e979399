"""An edition's numbers as a workbook: results, scenarios, what columns and units mean, sources; the same each time.

A sweep makes thousands that differ in their rows alone: all else is made once.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Iterable, Sequence
from functools import cache
from string import ascii_uppercase
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
SHEET = "xl/worksheets/sheet{}.xml"
END = b"</sheetData>"
LONGEST = 32_767  # letters that a cell holds
#: What XML cannot say, and what it would read as something else.
UNSAID = dict.fromkeys({*range(32), 0xFFFE, 0xFFFF} - set(map(ord, "\t\n\r")))
ESCAPED = UNSAID | str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
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
    rows = {
        "results": _rows(results, results_csv.COLUMNS),
        "scenarios": [_scenario(one, edition) for one in scenarios],
        "dictionary": _dictionary(),
        "sources": _rows(sources, SOURCES),
    }
    filled = {SHEET.format(place): rows_as_xml(rows[title]) for place, title in enumerate(SHEETS, 1)}
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as packed:
        for name, content in _without_rows():
            text = content.replace(END, filled[name] + END) if name in filled else content
            packed.writestr(zipfile.ZipInfo(name, MOMENT), text, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def _rows(frame: pd.DataFrame, columns: Sequence[str]) -> Iterable[Row]:
    return zip(*(frame[name].tolist() for name in columns), strict=True)


def _scenario(one: Scenario, edition: str) -> Row:
    own = "yes" if one.name == edition else "no"
    return (one.name, one.title, one.question, one.facts_on.isoformat(), one.against, one.horizon, one.above_quota, own)


def _dictionary() -> Iterable[Row]:
    """What the columns of the results and their units mean."""
    yield from (("column", name, meaning) for name, meaning in results_csv.MEANINGS.items())
    yield from (("unit", name, meaning) for name, meaning in units.MEANINGS.items())


def rows_as_xml(rows: Iterable[Row]) -> bytes:
    """Rows below the headings as a sheet writes them; cells without a value are left out."""
    written = (f'<row r="{number}">{_cells(row, number)}</row>' for number, row in enumerate(rows, 2))
    return "".join(written).encode("ascii", "xmlcharrefreplace")


def _cells(row: Row, number: int) -> str:
    return "".join(_cell(f"{letter}{number}", value) for letter, value in zip(ascii_uppercase, row, strict=False))


def _cell(place: str, value: Any) -> str:
    value = cell(value)
    if isinstance(value, str):
        kept = ' xml:space="preserve"' if value != value.strip() else ""
        return f'<c r="{place}" t="inlineStr"><is><t{kept}>{value[:LONGEST].translate(ESCAPED)}</t></is></c>'
    return "" if value is None or not math.isfinite(value) else f'<c r="{place}" t="n"><v>{value:.16g}</v></c>'


@cache
def _without_rows() -> tuple[tuple[str, bytes], ...]:
    """Files of a workbook that has headings alone: their names and contents, without the time they were written."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    book.properties.creator = CREATOR
    for title, headings in SHEETS.items():
        _sheet(book.create_sheet(title), headings)
    written = io.BytesIO()
    book.save(written)
    with zipfile.ZipFile(written) as made:
        found = {name: made.read(name) for name in made.namelist()}
    return tuple((name, TIMES.sub(rb"\g<1>" + STAMP, text)) for name, text in found.items())


def _sheet(sheet: Any, headings: Sequence[str]) -> None:
    """Headings that stay in sight."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    sheet.freeze_panes = "A2"
    for place, name in enumerate(headings, 1):
        sheet.column_dimensions[get_column_letter(place)].width = WIDTHS.get(name, WIDTH)
    bold = [WriteOnlyCell(sheet, name) for name in headings]
    for heading in bold:
        heading.font = Font(bold=True)
    sheet.append(bold)
