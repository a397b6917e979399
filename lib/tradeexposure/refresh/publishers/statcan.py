"""Statistics Canada's files: full tables, and its Canadian International Merchandise Trade (CIMT).

A full table is a zip with the data (``12100011.csv``) and a description (``…_MetaData.csv``). Format: Statistics
Canada, "CSV file format" and the Web Data Service user guide. Every cell is quoted, the file begins with a byte order
mark; ``VALUE`` is in the power of ten named by ``SCALAR_ID``; a value that was not published is empty and ``STATUS``
says why (``..`` not available, ``x`` confidential, ``F`` too unreliable, ``<LOD`` below what can be measured, in French
``<LDD``); ``E`` (use with caution) and the letters of quality remark on a value that stands. ``r`` and ``p`` have a
column of their own (``SYMBOL``), and so has the ``t`` of a series that ended (``TERMINATED``). French files hold the
same columns under French names, separate cells with semicolons and write decimals with a comma
(statcan.gc.ca/en/developers/csv/user-guide; github.com/mountainMath/cansim, issues 53 and 122). ``UOM`` is the unit of
the number; in census tables it may say ``Number`` of hectares too (32-10-0309), and a dimension which measure it is.

A number under a symbol for "not published", a label under two columns, a value with its thousands parted by commas:
none of them is guessed at.

CIMT is a zip per year from 1988 on. Each holds one file per level of the Harmonized System; ``ODPFN014`` imports by
HS10, ``ODPFN016`` domestic exports by HS8 with the province of origin, ``ODPFN017`` total exports by HS8, which has no
column for the province. Headings are bilingual with a slash (``Country/Pays``); values are dollars, countries are
two-letter codes, one row per month, code, country, province and US state. Weights are kilograms (``KGM``) or tonnes
(``TNE``), air dry ones too (``KSD``, ``TSD``), as the tariff line says; here they are all ``KGM``. Kilograms of a named
substance (``KNS``) are another weight than that of the goods: they keep their unit, and a recipe has to name it.

Not every code is a country of today: ``CA`` is Canada's own goods that come back, ``ZX`` an unknown country, ``ZZ`` the
high seas, and those that are gone keep theirs (``SU``, ``YU``). Newfoundland and Labrador is ``NF`` to October 2002 and
``NL`` from November. They are trade and stay; recipes say what is made of them (`members`).

Measured by others on the files of all years (186 million rows of imports, read in September 2026):

- ``ODPFN014_YYYYMMx.csv``: the letter is C in the early years and N later.
- Values are never blank or negative. Quantities are 0 under the unit ``N/A`` where the line asks for none (as in
  github.com/pedrocondor/oec-etl, ``etl/countries/canada/README.md``): that is no quantity and not 0.
- No complete key stands twice (``ODPFN018_202512N.csv``, 1.2 million rows): a row that does is refused, not added.
- The state is blank unless the partner is the United States; text files beside the data are Windows-1252.
- A year's zip is published anew as a whole. A missing one may come as a web page with status 200.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from tradeexposure.core.errors import SourceFailed
from tradeexposure.refresh.publishers.sheet import (
    CHANGED,
    Cell,
    Row,
    Sheet,
    column,
    in_period,
    number,
    table_rows,
    zip_member,
)
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
#: Of a file of CIMT.
TRADE_PERIOD, TRADE_UNIT = "YearMonth/AnnéeMois", "Unit of Measure/Unité de Mesure"
TRADE_VALUE, QUANTITY = "Value/Valeur", "Quantity/Quantité"
KILOGRAMS = "KGM"
#: Kilograms in what the publisher counts weights of goods in.
WEIGHTS = {KILOGRAMS: 1, "KSD": 1, "TNE": 1000, "TSD": 1000}
NO_UNIT = ("", "N/A")  # the tariff line asks for no quantity


@contextmanager
def full_table(path: Path, source: Source, limits: Limits, frequency: str) -> Iterator[Sheet]:
    """A full-table zip as a sheet; its rows are read once, one at a time."""
    title = source.title
    with zip_member(path, source, limits, lambda name: bool(DATA_FILE.fullmatch(name))) as text:
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


@contextmanager
def merchandise_trade(path: Path, source: Source, limits: Limits, frequency: str) -> Iterator[Sheet]:
    """One year's zip of CIMT as a sheet."""

    def wanted(name: str) -> bool:
        return name.startswith(source.member) and name.casefold().endswith(".csv")

    with zip_member(path, source, limits, wanted) as text:
        reader = csv.reader(text, strict=True)
        header = next(reader, [])
        when, unit = (column(header, (name,), source.title) for name in (TRADE_PERIOD, TRADE_UNIT))
        numbers = {name: column(header, (name,), source.title) for name in (TRADE_VALUE, QUANTITY)}

        def cell(row: Row, name: str) -> Cell:
            text = row[numbers[name or TRADE_VALUE]].strip()
            value = number(text, source.title, name) if text else None
            if name != QUANTITY:
                return Cell(value, "dollars")
            stated = row[unit].strip()
            if not value and stated.upper() in NO_UNIT:
                return Cell(None, stated)
            if value is not None and stated in WEIGHTS:
                return Cell(value * WEIGHTS[stated], KILOGRAMS)
            return Cell(value, stated)

        rows = table_rows(reader, len(header), source.title)
        yield Sheet(source.title, tuple(header), rows, lambda row: in_period(row[when], frequency, source.title), cell)
