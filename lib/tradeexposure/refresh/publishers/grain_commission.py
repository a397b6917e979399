"""The Canadian Grain Commission's exports.csv: a month's shipments from licensed facilities by grain and destination.

Two layouts are about. Both have a row per year, month, grain, grade, elevator, region of the elevator and destination;
the later one has rows for shipments in containers too (``CONTAINER`` in place of the elevator or its region), which do
not pass through a licensed facility's spout and are left out so that the series means one thing throughout. Headings
differ in case and spacing, months are numbers or names.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tradeexposure.core.errors import SourceFailed
from tradeexposure.refresh.publishers.catalogue import Limits, Source
from tradeexposure.refresh.publishers.sheet import CHANGED, Cell, Row, Sheet, column, in_period, number, plain

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
VOLUME = ("Ktonnes", "Thousand tonnes", "KTonnes (000)")
CONTAINERS = ("container", "containers")
PLACES = ("Elevator", "Region", "Grade")


@contextmanager
def opened(path: Path, source: Source, limits: Limits, frequency: str) -> Iterator[Sheet]:
    """exports.csv as a sheet, containers left out."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            reader = csv.reader(text, strict=True)
            header = [name.strip().replace("_", " ") for name in next(reader, [])]
            yield _sheet(header, reader, source.title, frequency)
    except UnicodeDecodeError:
        raise SourceFailed(source.title, "found bytes that are not UTF-8", CHANGED) from None
    except csv.Error as error:
        raise SourceFailed(source.title, f"found no CSV ({error})", CHANGED) from None


def _sheet(header: Sequence[str], reader: Iterator[list[str]], title: str, frequency: str) -> Sheet:
    year, month = column(header, ("Year",), title), column(header, ("Month",), title)
    volume = column(header, VOLUME, title)
    held = [plain(name) for name in header]
    places = [held.index(plain(name)) for name in PLACES if plain(name) in held]

    def rows() -> Iterator[Row]:
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(header):
                raise SourceFailed(title, f"found a row of {len(row)} cells under {len(header)} headings", CHANGED)
            if not any(plain(row[place]) in CONTAINERS for place in places):
                yield row

    def period(row: Row) -> str:
        name = row[month].strip().casefold()
        count = MONTHS.index(name) + 1 if name in MONTHS else name
        return in_period(f"{row[year].strip()}-{count:0>2}", frequency, title)

    def cell(row: Row, _: str) -> Cell:
        text = row[volume].strip()
        return Cell(number(text, title, "Ktonnes") if text else None, "kilotonnes")

    return Sheet(title, tuple(header), rows(), period, cell)
