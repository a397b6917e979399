"""Statistics Canada's full tables: a zip with the data (``12100011.csv``) and a description (``…_MetaData.csv``).

Format: Statistics Canada, "CSV file format" and the Web Data Service user guide. Every cell is quoted, the file begins
with a byte order mark; ``VALUE`` is in the power of ten named by ``SCALAR_ID``; a value that was not published is empty
and ``STATUS`` says why (``..`` not available, ``x`` confidential, ``F`` too unreliable, ``<LOD`` below what can be
measured, in French ``<LDD``); ``E`` (use with caution) and the letters of quality remark on a value that stands. ``r``
and ``p`` have a column of their own (``SYMBOL``), and so has the ``t`` of a series that ended (``TERMINATED``). French
files hold the same columns under French names, separate cells with semicolons and write decimals with a comma
(statcan.gc.ca/en/developers/csv/user-guide; github.com/mountainMath/cansim, issues 53 and 122). ``UOM`` is the unit of
the number; in census tables it may say ``Number`` of hectares too (32-10-0309), and a dimension which measure it is.

A number under a symbol for "not published", a label under two columns, a value with its thousands parted by commas:
none of them is guessed at.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from tradeexposure.core.errors import SourceFailed
from tradeexposure.refresh.publishers import archive
from tradeexposure.refresh.publishers.sheet import CHANGED, Cell, Row, Sheet, column, in_period, number, table_rows
from tradeexposure.refresh.publishers.sources_schema import Limits, Source

PERIOD = ("REF_DATE", "PÉRIODE DE RÉFÉRENCE")
VALUE = ("VALUE", "VALEUR")
UNIT = ("UOM", "UNITÉ DE MESURE")
SCALE = ("SCALAR_ID", "IDENTIFICATEUR SCALAIRE")
SCALE_WORD = ("SCALAR_FACTOR", "FACTEUR SCALAIRE")
STATUS = ("STATUS", "STATUT")
#: Why a value is empty; any other symbol on an empty value is news.
NOT_PUBLISHED = ("", ".", "..", "...", "x", "F", "<LOD", "<LDD")
#: Symbols that never stand beside a value.
NEVER = (".", "..", "...", "x", "F")
#: Power of ten of each scalar factor, English and French.
POWERS = {
    "units": 0, "unités": 0, "tens": 1, "dizaines": 1, "hundreds": 2, "centaines": 2, "thousands": 3, "milliers": 3,
    "tens of thousands": 4, "dizaines de milliers": 4, "hundreds of thousands": 5, "centaines de milliers": 5,
    "millions": 6, "tens of millions": 7, "dizaines de millions": 7, "hundreds of millions": 8,
    "centaines de millions": 8, "billions": 9, "milliards": 9,
}  # fmt: skip
DATA_FILE = re.compile(r"\d{8}(-(eng|fra))?\.csv", re.IGNORECASE)


@contextmanager
def opened(path: Path, source: Source, limits: Limits, frequency: str) -> Iterator[Sheet]:
    """A full-table zip as a sheet; its rows are read once, one at a time."""
    title = source.title
    with archive.member(path, source, limits, lambda name: bool(DATA_FILE.fullmatch(name))) as text:
        first = text.readline()
        dialect = ";" if first.count(";") > first.count(",") else ","
        header = next(csv.reader([first], delimiter=dialect), [])
        reader = csv.reader(text, delimiter=dialect, strict=True)
        rows = table_rows(reader, len(header), title, notes=True)
        at = {names[0]: column(header, names, title) for names in (PERIOD, VALUE, UNIT, SCALE, SCALE_WORD, STATUS)}
        periods: dict[str, str] = {}

        def period(row: Row) -> str:
            text = row[at["REF_DATE"]]
            if text not in periods:
                periods[text] = in_period(text, frequency, title)
            return periods[text]

        def cell(row: Row, _: str) -> Cell:
            return Cell(_value(row, at, title, "," if dialect == ";" else "."), row[at["UOM"]])

        yield Sheet(title, tuple(header), rows, period, cell)


def _value(row: Row, at: dict[str, int], title: str, point: str) -> Decimal | None:
    """The number of a row in units, None where it was not published."""
    text, status = row[at["VALUE"]].strip(), row[at["STATUS"]].strip()
    if not text:
        if status not in NOT_PUBLISHED:
            raise SourceFailed(title, f"found no value under the unknown symbol {status!r}", CHANGED)
        return None
    if status in NEVER:
        raise SourceFailed(title, f"found the value {text[:20]!r} under {status!r}, the symbol of no value", CHANGED)
    word, power = row[at["SCALAR_FACTOR"]].strip().casefold(), row[at["SCALAR_ID"]].strip()
    if word not in POWERS or str(POWERS[word]) != power:
        raise SourceFailed(title, f"found the scalar factor {word!r} with number {power!r}", CHANGED)
    written = text.replace(",", ".") if point == "," and "." not in text else text
    return number(written, title, "VALUE").scaleb(int(power))
