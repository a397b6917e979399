"""What every publisher's file becomes before it is a table: a heading, rows of text, and how to read a number.

A file inside a zip is read where it lies: nothing is unpacked to the disk and nothing is run.
"""

from __future__ import annotations

import codecs
import csv
import difflib
import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path, PurePosixPath

from tradeexposure.core.errors import SourceFailed
from tradeexposure.refresh.publishers.sources_schema import Limits, Source

CODE = re.compile(r"\s*\[[0-9A-Z.\-]+\]$")
CHANGED = (
    "the publisher's layout changed: see the file, then data/sources.yml or what reads it; nothing was taken from it"
)
REPEATS = "the publisher's file repeats itself: tell the publisher and wait for the next one; nothing was taken from it"
DAMAGED = "run the refresh again; if it fails again the file at the publisher is broken: wait for the next one"
SUSPECT = "do not use this file; compare it with the publisher's page, and tell the publisher"
BEGINNING = 100_000  # bytes by which the encoding is told
#: A number as publishers type it: digits in one piece or in threes parted by blanks, a point, a power of ten.
NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}(?: \d{3})+)?(\.\d*)?([eE][+-]?\d{1,2})?", re.ASCII)
#: How many labels are named as near ones, and how alike they are at least (of 1).
NEAREST, ALIKE = 3, 0.6
Row = Sequence[str]


@dataclass(frozen=True)
class Cell:
    """One number as published: its value (None where it was not published), its unit, already scaled."""

    value: Decimal | None
    unit: str


@dataclass(frozen=True)
class Sheet:
    """A publisher's file."""

    title: str  #: Source as messages name it.
    header: tuple[str, ...]  #: Names of the columns.
    rows: Iterable[Row]  #: The rows, read once.
    period: Callable[[Row], str]  #: Row → period as the tables write it (``2025-03``, ``2025Q1``, ``2025``).
    cell: Callable[[Row, str], Cell]  #: Row and name of the number's column (empty: the only one) → the number.
    notes: tuple[str, ...] = ()  #: What a reader has to say about the file, such as rows it left out.
    #: Whether the columns tell every row apart: the same row twice is then a fault, and otherwise two of a kind.
    keyed: bool = True


@contextmanager
def zip_member(path: Path, source: Source, limits: Limits, wanted: Callable[[str], bool]) -> Iterator[io.TextIOBase]:
    """The one file of a zip whose name (without folders) is `wanted`, as text.

    It is UTF-8, or Windows-1252 where its beginning is not UTF-8.

    Raises
    ------
    SourceFailed
        Not a zip, damaged, encrypted, larger unpacked than the limits allow, or without such a file.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            inside = zip_files(archive, source, limits)
            chosen = [info for info in inside if wanted(PurePosixPath(info.filename).name)]
            if len(chosen) != 1:
                listed = ", ".join(info.filename for info in inside[:8])
                what = f"found {len(chosen)} data files in the zip ({listed})"
                raise SourceFailed(source.title, what, "bring data/sources.yml in line with the new file names")
            with archive.open(chosen[0]) as stream:
                encoding = _encoding(stream.read(BEGINNING))
            with archive.open(chosen[0]) as stream:
                yield io.TextIOWrapper(stream, encoding=encoding, newline="")
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        if isinstance(error, SourceFailed):
            raise
        raise SourceFailed(source.title, f"the zip is damaged ({error})", DAMAGED) from None
    except UnicodeDecodeError as error:
        what = f"found bytes that are not {error.encoding} as its beginning is ({error.reason})"
        raise SourceFailed(source.title, what, "bring the reader in line with the new encoding") from None


def _encoding(beginning: bytes) -> str:
    """How a file is written, by its first bytes; the last of them may be half a letter."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(beginning)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def zip_files(archive: zipfile.ZipFile, source: Source, limits: Limits) -> list[zipfile.ZipInfo]:
    """Files of a zip; :class:`SourceFailed` where they are larger than the limits allow, whatever their names are."""
    files = [info for info in archive.infolist() if not info.is_dir()]
    unpacked, most = sum(info.file_size for info in files), source.unpacked_bytes or limits.unpacked_bytes
    if unpacked > most:
        what = f"the zip would unpack to {unpacked:,} bytes (limit: {most:,} bytes)"
        raise SourceFailed(source.title, what, f"{SUSPECT}; if it is right, raise the limit in data/sources.yml")
    return files


@lru_cache(maxsize=10_000)  # a file has a few labels, each in a hundred thousand cells
def plain(label: str) -> str:
    """A label without what publishers change: case, spacing, the bytes of accents, a code in brackets."""
    return CODE.sub("", spaced(label)).strip().casefold()


def spaced(label: str) -> str:
    """A label with single blanks; blanks that do not break and accents stored as marks of their own become plain."""
    return " ".join(unicodedata.normalize("NFKC", label).split())


def column(sheet_header: Row, names: Iterable[str], title: str) -> int:
    """Position of the first of `names` that is a column.

    Raises
    ------
    SourceFailed
        None of them is, or two columns have that name.
    """
    headings = [plain(name) for name in sheet_header]
    wanted = list(names)
    for name in wanted:
        if headings.count(plain(name)) > 1:
            raise SourceFailed(title, f"found {headings.count(plain(name))} columns called {name}", CHANGED)
        if plain(name) in headings:
            return headings.index(plain(name))
    shown = ", ".join(sheet_header[:12])
    nearest = near(wanted, sheet_header)
    raise SourceFailed(title, f"found no column {' or '.join(wanted)} among {shown}{nearest}", CHANGED)


def table_rows(reader: Iterator[list[str]], width: int, title: str, *, notes: bool = False) -> Iterator[Row]:
    """Rows of a CSV below a heading of `width` cells, without blank ones; with `notes` not those of one cell either.

    Raises
    ------
    SourceFailed
        A row of another width, or no CSV.
    """
    try:
        for row in reader:
            if len(row) == width and any(map(str.strip, row)):
                yield row
            elif any(map(str.strip, row)) and not (notes and len(row) == 1):
                raise SourceFailed(title, f"found a row of {len(row)} cells under {width} headings", CHANGED)
    except csv.Error as error:
        raise SourceFailed(title, f"found no CSV ({error})", CHANGED) from None


def near(wanted: Iterable[str], there: Iterable[str]) -> str:
    """The labels that come nearest to those wanted, as the end of a sentence; empty where none comes near."""
    labels = {plain(label): label for label in there if label.strip()}
    close = [
        labels[near_label]
        for name in wanted
        for near_label in difflib.get_close_matches(plain(name), labels, n=NEAREST, cutoff=ALIKE)
    ]
    return f" (nearest: {', '.join(dict.fromkeys(close))})" if close else ""


def number(text: str, title: str, where: str) -> Decimal:
    """A number as typed, exactly.

    Raises
    ------
    SourceFailed
        It is none.
    """
    typed = spaced(text)
    try:
        value = Decimal(typed.replace(" ", "")) if NUMBER.fullmatch(typed) else Decimal("NaN")
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise SourceFailed(title, f"found {text[:40]!r} where a number belongs ({where})", CHANGED)
    return value


def in_period(text: str, frequency: str, title: str) -> str:
    """A reference date as the tables write it.

    ``2025-03``, ``2025-03-01`` and ``202503`` are months; a quarter is named by its first month.

    Raises
    ------
    SourceFailed
        It is no such date.
    """
    match = re.fullmatch(r"(\d{4})(?:[-/]?(\d{2})(?:[-/]?\d{2})?)?", text.strip())
    month = int(match[2] or 0) if match else 0
    if not match or not (1 <= month <= 12 or (frequency == "year" and not month)):
        raise SourceFailed(title, f"found {text[:40]!r} where a reference period belongs", CHANGED)
    if frequency == "year":
        return match[1]
    return f"{match[1]}-{month:02d}" if frequency == "month" else f"{match[1]}Q{(month + 2) // 3}"
