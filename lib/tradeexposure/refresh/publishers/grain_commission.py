"""The Canadian Grain Commission's exports.csv: a month's shipments from licensed facilities by grain and destination.

A row per year, month, grain, grade, elevator, region of the elevator and destination, in the order
``Year,Month,Grain,Grade,Ktonnes,Elevator,Region,Global_region,Destination`` or another: columns are found by name.
What the file really looks like (read on 2026-09-26 by github.com/dsanchezp18/maplestats-mcp, ``modules/cgc/client.py``
and ``modules/cgc/__tests__/test_client.py``):

- It is Windows-1252 (``Türkiye``); other copies are UTF-8.
- Months are names (``August``); other copies have numbers.
- Grains are ``Lentil`` and ``Oat`` in the singular, ``Peas`` and ``Wheat``; 42 names, imported grains among them.
- Shipments in containers have ``CONTAINER`` for the elevator and ``Unlicensed`` for its region. They do not pass a
  licensed facility's spout and are left out so that the series means one thing throughout.
- ``Global_region`` is blank where the destination is ``Not Specified``. A blank, or a region nobody knows, is filled
  from other rows of the same destination; where there is none the row is left out and counted.
- Volumes are written ``200.000000``; the Commission's weekly file writes ``1,191.10``, ``(0.4)`` for a correction
  downwards, ``.`` and an empty cell for none.
  An empty one shipped nothing: the row is left out.
- No column numbers the shipments: two of one grade, elevator and destination in one month stand in two rows, and where
  their volumes are equal the rows are the same. In the file of November 2026 that was so twice (2014-10 to Ecuador,
  2015-05 to Colombia). Both count; a month of which many rows stand twice was pasted twice and is refused.
- Sub-totals (a place or destination called ``Total …``, ``All grades combined`` beside the grades it sums) are left
  out; grades that are all of them and stand alone (peas) are not.
- A missing file is answered with status 200 and a web page, which the download refuses.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from decimal import Decimal
from pathlib import Path

from tradeexposure.core.errors import SourceFailed
from tradeexposure.refresh.publishers.sheet import (
    CHANGED,
    REPEATS,
    Cell,
    Row,
    Sheet,
    column,
    in_period,
    number,
    plain,
)
from tradeexposure.refresh.publishers.sources_schema import Limits, Source

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
VOLUME = ("Ktonnes", "Thousand tonnes", "KTonnes (000)")
DESTINATION, REGION = ("Destination",), ("Global region",)
CONTAINERS = ("container", "containers")
PLACES = ("Elevator", "Region", "Grade")
NONE = ("", ".", "-", "--")
#: Columns in which a name may stand for a sum of rows, and how such a name begins.
SUMMED = ("grain", "elevator", "region", "global region", "destination")
TOTAL = re.compile(r"(grand |sub-?\s?)?totals?\b|all (grains|destinations|regions|elevators)\b", re.IGNORECASE)
GRADE, ALL_GRADES = "Grade", ("all grades combined", "all grades", "total")
MOST_REPEATED = 0.1  # of a month's rows; one of some three hundred was seen
ROUNDING = Decimal("0.001")  # kilotonnes by which a printed volume may be off
THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
REGIONS = ("africa", "asia", "eastern europe", "oceania", "western europe", "western hemisphere")


@contextmanager
def opened(path: Path, source: Source, limits: Limits, frequency: str) -> Iterator[Sheet]:
    """exports.csv as a sheet, containers left out."""
    title = source.title
    typed_header, rows = table(path, title)
    header = [name.replace("_", " ") for name in typed_header]
    year, month, volume = (column(header, names, title) for names in (("Year",), ("Month",), VOLUME))
    headings = [plain(name) for name in header]
    places = [headings.index(plain(name)) for name in PLACES if plain(name) in headings]
    filled = [row for row in rows if row[volume].strip() not in NONE]
    shipped = [row for row in filled if not any(plain(row[place]) in CONTAINERS for place in places)]
    shipped, notes = _without_totals(shipped, header, volume, title)
    if plain(REGION[0]) in headings:
        region, destination = column(header, REGION, title), column(header, DESTINATION, title)
        shipped, left = _with_regions(shipped, region, destination)
        if left:
            total = _total(left, volume, title)
            names = ", ".join(sorted({row[destination].strip() or "no destination" for row in left}))
            without = f"{_counted(len(left))} without a known region of the world"
            notes += (f"left out {without}, {total:,.1f} kt of all grains ({names})",)

    def period(row: Row) -> str:
        name = row[month].strip().casefold()
        count = MONTHS.index(name) + 1 if name in MONTHS else name
        return in_period(f"{row[year].strip()}-{count:0>2}", frequency, title)

    def cell(row: Row, _: str) -> Cell:
        return Cell(volume_of(row[volume], title), "kilotonnes")

    notes += _repeated(shipped, period, title)
    yield Sheet(title, tuple(header), shipped, period, cell, notes, keyed=False)


def table(path: Path, title: str) -> tuple[list[str], list[Row]]:
    """Heading and rows of a file of the Commission, whatever its encoding, without notes and blank lines.

    Raises
    ------
    SourceFailed
        It is no table.
    """
    content = path.read_bytes()
    for encoding in ("utf-8-sig", "cp1252"):
        with suppress(UnicodeDecodeError):
            text = content.decode(encoding)
            break
    else:
        raise SourceFailed(title, "found bytes that are neither UTF-8 nor Windows-1252", CHANGED)
    try:
        first, *rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if any(map(_filled, row))]
    except csv.Error as error:
        raise SourceFailed(title, f"found no CSV ({error})", CHANGED) from None
    except ValueError:
        raise SourceFailed(title, "found no rows", CHANGED) from None
    header, whole = [name.strip() for name in _trimmed(first)], list[Row]()
    for row in rows:
        cells, width = _trimmed(row), len(header)
        if len(cells) > width or 1 < len(row) < width:
            raise SourceFailed(title, f"found a row of {len(row)} cells under {width} headings", CHANGED)
        if len(cells) > 1:  # a note has one; a re-saved row lacks empty ones at its end
            whole.append([*cells, *[""] * (width - len(cells))])
    return header, whole


def _filled(cell: str) -> bool:
    return bool(cell.strip())


def _trimmed(row: Sequence[str]) -> list[str]:
    """A row without the empty cells that a spreadsheet program adds at its end."""
    cells = list(row)
    while cells and not _filled(cells[-1]):
        cells.pop()
    return cells


def _repeated(rows: Sequence[Row], period: Callable[[Row], str], title: str) -> tuple[str, ...]:
    """What to say of rows that are the same as another.

    Raises
    ------
    SourceFailed
        A month has so many of them that they cannot be shipments of their own.
    """
    months = Counter(map(period, rows))
    again = Counter(period(row) for row, times in Counter(map(tuple, rows)).items() for _ in range(times - 1))
    for month, times in again.items():
        if times > MOST_REPEATED * months[month]:
            raise SourceFailed(title, f"found {times} of the {months[month]} rows of {month} twice", REPEATS)
    counted = f"counted {_counted(again.total())} that repeat another as shipments of their own ({', '.join(again)})"
    return (counted,) if again else ()


def _without_totals(
    rows: Sequence[Row], header: Sequence[str], volume: int, title: str
) -> tuple[list[Row], tuple[str, ...]]:
    """Rows that are not the sum of others, and what to say of those that are."""
    headings = [plain(name) for name in header]
    named = [place for place, name in enumerate(headings) if name in SUMMED]
    kept = [row for row in rows if not any(TOTAL.match(row[place].strip()) for place in named)]
    if plain(GRADE) in headings:
        kept = by_grade(kept, headings.index(plain(GRADE)), volume, title)
    count = len(rows) - len(kept)
    return kept, (f"left out {_counted(count)} that sum others up",) if count else ()


def by_grade(rows: Sequence[Row], grade: int, volume: int, title: str) -> list[Row]:
    """Rows without ``All grades combined`` where that is the sum of the grades beside it.

    Raises
    ------
    SourceFailed
        It stands beside grades and is not their sum: which of them to count is not known.
    """
    groups: dict[Row, list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(cell for place, cell in enumerate(row) if place not in (grade, volume))].append(row)
    kept: list[Row] = []
    for group in groups.values():
        whole = [row for row in group if plain(row[grade]) in ALL_GRADES]
        parts = [row for row in group if plain(row[grade]) not in ALL_GRADES]
        if whole and parts:
            apart = abs(_total(whole, volume, title) - _total(parts, volume, title))
            if apart > ROUNDING * len(group):
                what = f"found {whole[0][grade]} beside grades that do not sum to it ({', '.join(whole[0])[:100]})"
                raise SourceFailed(title, what, CHANGED)
        kept += parts or whole
    return kept


def _total(rows: Sequence[Row], volume: int, title: str) -> Decimal:
    return sum((volume_of(row[volume], title) for row in rows), Decimal(0))


def _with_regions(rows: Sequence[Row], region: int, destination: int) -> tuple[list[Row], list[Row]]:
    """Rows with blank regions filled from the same destination's other rows, and those for which there are none."""
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        if plain(row[region]) in REGIONS:
            seen[plain(row[destination])][row[region]] += 1
    usual = {place: counts.most_common(1)[0][0] for place, counts in seen.items()}
    filled: list[Row] = []
    for row in rows:
        known = row[region] if plain(row[region]) in REGIONS else usual.get(plain(row[destination]), "")
        filled.append([*row[:region], known, *row[region + 1 :]])
    return [row for row in filled if row[region]], [row for row in filled if not row[region]]


def _counted(rows: int) -> str:
    return "1 row" if rows == 1 else f"{rows} rows"


def volume_of(text: str, title: str) -> Decimal:
    """A volume as the Commission writes it: thousands parted by commas, corrections downwards in brackets."""
    short = text.strip()
    inside = short[1:-1] if short.startswith("(") and short.endswith(")") else short
    plain_digits = inside.replace(",", "") if THOUSANDS.fullmatch(inside) else inside
    volume = number(plain_digits, title, "Ktonnes")
    return volume if inside == short else -volume
