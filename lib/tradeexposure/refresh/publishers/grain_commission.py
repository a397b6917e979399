"""The Canadian Grain Commission's files: exports.csv, shipments by month, and gsw-shg-en.csv, statistics by week.

A missing file is answered with status 200 and a web page, which the download refuses.

exports.csv is a month's shipments from licensed facilities by grain and destination. A row per year, month, grain,
grade, elevator, region of the elevator and destination, in the order
``Year,Month,Grain,Grade,Ktonnes,Elevator,Region,Global_region,Destination`` or another: columns are found by name. What
the file really looks like (read on 2026-09-26 by github.com/dsanchezp18/maplestats-mcp, ``modules/cgc/client.py`` and
``modules/cgc/__tests__/test_client.py``):

- It is Windows-1252 (``Türkiye``); other copies are UTF-8.
- Months are names (``August``); other copies have numbers.
- Grains are ``Lentil`` and ``Oat`` in the singular, ``Peas`` and ``Wheat``; 42 names, imported grains among them.
- Shipments in containers have ``CONTAINER`` for the elevator and ``Unlicensed`` for its region. They do not pass a
  licensed facility's spout and are left out so that the series means one thing throughout.
- ``Global_region`` is blank where the destination is ``Not Specified``. A blank, or a region nobody knows, is filled
  from other rows of the same destination; where there is none the row is left out and counted.
- Volumes are written ``200.000000``; the weekly file writes ``1,191.10``, ``(0.4)`` for a correction downwards, ``.``
  and an empty cell for none. An empty one shipped nothing: the row is left out.
- No column numbers the shipments: two of one grade, elevator and destination in one month stand in two rows, and where
  their volumes are equal the rows are the same. In the file of November 2026 that was so twice (2014-10 to Ecuador,
  2015-05 to Colombia). Both count; a month of which many rows stand twice was pasted twice and is refused.
- Sub-totals (a place or destination called ``Total …``, ``All grades combined`` beside the grades it sums) are left
  out; grades that are all of them and stand alone (peas) are not.

gsw-shg-en.csv is one file per crop year, a row per week and line. What the files look like, as two public readers and
one project's notes have it (github.com/dsanchezp18/maplestats-mcp, ``modules/cgc``; github.com/cuddjim/monthly_crops,
``get_gsw.R``; github.com/Bushels/Bushel-Board, ``docs/lessons-learned/issues.md``), and the first and last lines of two
files (github.com/labombademario/Dehesa-Index, ``tmp-probe/probe4.txt``); no whole file was read here:

- Headings are spelt in three ways over the years (``crop_year``, ``Crop Year``, ``week_ending_date``): they are read
  without regard to case, blanks and underscores. Rows are in no order.
- Dates are day first; single weeks are month first. A week ends seven days after the one before, the last one of a
  crop year on 31 July at the latest: what fits neither reading is refused.
- Labels are misspelt here and there (``Sasktachewan``, ``B.C.``, ``Peas*``). A place that nobody knows is refused, and
  so is a grain that is nearly one of those known: left out it would make every sum too small.
- Terminals have a row per grade and none for all of them; where ``All grades combined`` stands beside grades it must
  be their sum. A grade without a number (``.`` or empty) had none; a line without grades was not published.
- A line that no grain has in a week was not published then: sums of which it is a part are not known.

The column ``Line`` joins worksheet, metric and region (``Terminal Exports: Exports: Vancouver``) for recipes that add
up lines of several worksheets.
"""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
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
    spaced,
)
from tradeexposure.refresh.publishers.sources_schema import Limits, Source

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
VOLUMES = ("Ktonnes", "Thousand tonnes", "KTonnes (000)")
DESTINATION, WORLD_REGION = "Destination", "Global region"
CONTAINERS = ("container", "containers")
CONTAINER_COLUMNS = ("Elevator", "Region", "Grade")
NONE = ("", ".", "-", "--")
#: Columns in which a name may stand for a sum of rows, and how such a name begins.
SUMMED = ("grain", "elevator", "region", "global region", "destination")
TOTAL = re.compile(r"(grand |sub-?\s?)?totals?\b|all (grains|destinations|regions|elevators)\b", re.IGNORECASE)
ALL_GRADES = ("all grades combined", "all grades", "total")
MOST_REPEATED = 0.1  # of a month's rows; one of some three hundred was seen
ROUNDING = Decimal("0.001")  # kilotonnes by which a printed volume may be off
THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
REGIONS = ("africa", "asia", "eastern europe", "oceania", "western europe", "western hemisphere")
#: Columns of the weekly file, and where they stand in its rows as they are read.
HEADINGS = (
    "Crop Year", "Grain Week", "Week Ending Date", "Worksheet", "Metric", "Period", "Grain", "Grade", "Region",
    "Ktonnes",
)  # fmt: skip
YEAR, WEEK, ENDING, WORKSHEET, METRIC, PERIOD, GRAIN, GRADE, REGION, VOLUME = range(len(HEADINGS))
LINE = "Line"
GRAINS = ("Canola", "Wheat", "Amber Durum", "Barley", "Oats", "Peas", "Lentils", "Flaxseed", "Soybeans")
ALIKE = 0.85  # of 1; `US Canola`, a grain of its own, is 0.8 like canola
MISSPELT = {"sasktachewan": "Saskatchewan", "b.c.": "British Columbia"}
PROVINCES = ("Manitoba", "Saskatchewan", "Alberta", "British Columbia", "Alberta/BC")
JOINED, APART = "alberta/bc", ("alberta", "british columbia")
PORTS = ("Vancouver", "Prince Rupert", "Churchill", "Thunder Bay", "Bay & Lakes", "St. Lawrence")
#: Places of the lines that tables are made of.
PLACES = {
    "primary: deliveries": PROVINCES,
    "primary: stocks": PROVINCES,
    "process: stocks": PROVINCES,
    "terminal exports: exports": PORTS,
    "terminal stocks: stocks": PORTS,
    "primary shipment distribution: shipment distribution": (
        "Canadian Domestic", "Process Elevators", "Pacific Coast", "Churchill", "Thunder Bay", "Eastern Terminals",
        "Western Container", "Eastern Container", "Export Destinations",
    ),
    "producer cars: shipment distribution": ("Vancouver", "Thunder Bay", "Bay & Lakes", "St. Lawrence", "Export"),
}  # fmt: skip
#: Lines that every file has; without one of them sums would be too small.
LINES = (
    "primary: deliveries", "primary: stocks", "primary shipment distribution: shipment distribution",
    "process: producer deliveries", "process: milled/mfg grain", "process: stocks", "terminal exports: exports",
    "terminal stocks: stocks",
)  # fmt: skip
WEEKS = 53
#: The first week ends on one of these days of August.
FIRST_ENDS = range(1, 16)
CROP_YEAR = re.compile(r"(\d{4})\s*[-/]\s*(\d{2}|\d{4})")
DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


@contextmanager
def exports(path: Path, source: Source, limits: Limits, frequency: str) -> Iterator[Sheet]:
    """exports.csv as a sheet, containers left out."""
    title = source.title
    typed_header, rows = _table(path, title)
    header = [name.replace("_", " ") for name in typed_header]
    year, month, volume = (column(header, names, title) for names in (("Year",), ("Month",), VOLUMES))
    headings = [plain(name) for name in header]
    places = [headings.index(plain(name)) for name in CONTAINER_COLUMNS if plain(name) in headings]
    filled = [row for row in rows if row[volume].strip() not in NONE]
    shipped = [row for row in filled if not any(plain(row[place]) in CONTAINERS for place in places)]
    shipped, notes = _without_totals(shipped, header, volume, title)
    if plain(WORLD_REGION) in headings:
        region, destination = (column(header, (name,), title) for name in (WORLD_REGION, DESTINATION))
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
        return Cell(_volume_of(row[volume], title), "kilotonnes")

    notes += _repeated(shipped, period, title)
    yield Sheet(title, tuple(header), shipped, period, cell, notes, keyed=False)


def _table(path: Path, title: str) -> tuple[list[str], list[Row]]:
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
    if "grade" in headings:
        kept = _by_grade(kept, headings.index("grade"), volume, title)
    count = len(rows) - len(kept)
    return kept, (f"left out {_counted(count)} that sum others up",) if count else ()


def _by_grade(rows: Sequence[Row], grade: int, volume: int, title: str) -> list[Row]:
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
    return sum((_volume_of(row[volume], title) for row in rows), Decimal(0))


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


def _volume_of(text: str, title: str) -> Decimal:
    """A volume as the Commission writes it: thousands parted by commas, corrections downwards in brackets."""
    short = text.strip()
    inside = short[1:-1] if short.startswith("(") and short.endswith(")") else short
    plain_digits = inside.replace(",", "") if THOUSANDS.fullmatch(inside) else inside
    volume = number(plain_digits, title, "Ktonnes")
    return volume if inside == short else -volume


@contextmanager
def weekly(path: Path, source: Source, limits: Limits, frequency: str) -> Iterator[Sheet]:
    """A crop year's file as a sheet, with the column ``Line`` at its end."""
    title = source.title
    header, rows = _table(path, title)
    squeezed = [re.sub(r"[\s_]", "", name) for name in header]
    places = [column(squeezed, (name.replace(" ", ""),), title) for name in HEADINGS]
    stripped = [[row[place].strip() for place in places] for row in rows]
    published = [row for row in stripped if row[WEEK].isdecimal() or row[VOLUME] not in NONE]
    start = _start(published, title)
    endings, notes = _endings(published, start, title)
    for row in published:
        row[YEAR], row[ENDING] = f"{start}-{start + 1}", endings[row[WEEK], row[ENDING]]
        row[WEEK] = str(int(row[WEEK]))
        row[REGION] = MISSPELT.get(plain(row[REGION]), row[REGION])
        row[GRAIN] = row[GRAIN].rstrip("*")
    # A grain that is nearly one of those known was renamed or misspelt.
    known = {plain(grain): grain for grain in GRAINS}
    for label in sorted({row[GRAIN] for row in published}):
        near = difflib.get_close_matches(plain(label), known, n=1, cutoff=ALIKE)
        if near and plain(label) not in known:
            raise SourceFailed(title, f"found the grain {label!r}, which is nearly {known[near[0]]}", CHANGED)
    _check_lines(published, title)
    filled = [row for row in published if row[VOLUME] not in NONE or not row[GRADE]]
    numbers = _by_grade([row for row in filled if row[VOLUME] not in NONE], GRADE, VOLUME, title)
    empty = [*(row for row in filled if row[VOLUME] in NONE), *_silent(published)]
    kept = [[*row, f"{row[WORKSHEET]}: {row[METRIC]}: {row[REGION]}"] for row in (*numbers, *empty)]

    def cell(row: Row, _: str) -> Cell:
        return Cell(None if row[VOLUME] in NONE else _volume_of(row[VOLUME], title), "kilotonnes")

    yield Sheet(title, (*HEADINGS, LINE), kept, lambda row: row[ENDING], cell, notes)


def _start(rows: Sequence[Row], title: str) -> int:
    """The year in which the file's one crop year begins."""
    written = {row[YEAR] for row in rows}
    matches = [CROP_YEAR.fullmatch(text) for text in written]
    years = {int(match[1]) for match in matches if match and (int(match[1]) + 1) % 100 == int(match[2][-2:])}
    if len(years) != 1 or not all(matches):
        shown = ", ".join(sorted(written)[:3]) or "nothing"
        raise SourceFailed(title, f"found the crop years {shown} where one belongs", CHANGED)
    return years.pop()


def _endings(rows: Sequence[Row], start: int, title: str) -> tuple[dict[tuple[str, str], str], tuple[str, ...]]:
    """Week and date as typed → the day it ends as 2026-08-09, and which weeks are written month first."""
    typed = {(row[WEEK], row[ENDING]) for row in rows}
    for week, text in typed:
        if not week.isdecimal() or not 1 <= int(week) <= WEEKS or not DAY.fullmatch(text):
            raise SourceFailed(title, f"found week {week or 'without a number'} that ends on {text[:20]!r}", CHANGED)
    earliest = min(int(week) for week, _ in typed)
    texts = [text for week, text in typed if int(week) == earliest]
    days = {day - timedelta(weeks=earliest - 1) for text in texts for day in _readings(text) if day}
    sundays = sorted(day for day in days if (day.year, day.month) == (start, 8) and day.day in FIRST_ENDS)
    if len(sundays) != 1:
        what = f"found week {earliest} of {start}-{start + 1} that ends on {', '.join(texts)}"
        raise SourceFailed(title, what, CHANGED)
    endings, slipped = {}, []
    for week, text in sorted(typed, key=lambda pair: int(pair[0])):
        due = sundays[0] + timedelta(weeks=int(week) - 1)
        last = min(due, date(start + 1, 7, 31))
        day_first, month_first = _readings(text)
        if {due, last} & {day_first, month_first} == set():
            what = f"found week {week} of {start}-{start + 1} that ends on {text}, where {last:%d/%m/%Y} is due"
            raise SourceFailed(title, what, CHANGED)
        if day_first not in (due, last):
            slipped.append(week)
        endings[week, text] = last.isoformat()
    return endings, (f"read the date of week {', '.join(slipped)} month first",) if slipped else ()


def _readings(text: str) -> tuple[date | None, date | None]:
    """A date read with the day first and with the month first; None where there is no such day."""

    def day(form: str) -> date | None:
        with suppress(ValueError):
            return datetime.strptime(text, form).date()
        return None

    return day("%d/%m/%Y"), day("%m/%d/%Y")


def _check_lines(rows: Sequence[Row], title: str) -> None:
    """Refuse a file without one of its lines, a place that is not known, provinces both joined and apart, and a line
    that stands twice in one week: its volumes would be added up.
    """
    seen: Mapping[tuple[str, ...], set[str]] = defaultdict(set)
    for row in rows:
        seen[plain(f"{row[WORKSHEET]}: {row[METRIC]}"), row[WEEK], row[GRAIN]].add(row[REGION])
    missing = [line for line in LINES if line not in {line for line, _, _ in seen}]
    if missing:
        raise SourceFailed(title, f"found no {' and no '.join(missing)}", CHANGED)
    for (line, week, _), regions in seen.items():
        known = [plain(place) for place in PLACES.get(line, regions)]
        for region in sorted(regions):
            if plain(region) not in known:
                allowed = ", ".join(PLACES[line])
                what = (
                    f"found the place {spaced(region) or 'without a name'!r} in {line}, week {week}; known: {allowed}"
                )
                raise SourceFailed(title, what, CHANGED)
        labels = {plain(region) for region in regions}
        if JOINED in labels and labels.intersection(APART):
            raise SourceFailed(title, f"found Alberta and British Columbia twice in {line}, week {week}", REPEATS)
    keys: set[tuple[str, ...]] = set()
    for row in rows:
        key = tuple(plain(cell) for cell in row[:VOLUME])
        if key in keys:
            raise SourceFailed(title, f"found two rows of {', '.join(filter(None, row[:VOLUME]))[:120]}", REPEATS)
        keys.add(key)


def _silent(rows: Sequence[Row]) -> Iterator[list[str]]:
    """A row without a number for each grain where a line of :data:`LINES` is missing from a week."""
    written = {plain(f"{row[WORKSHEET]}: {row[METRIC]}"): row for row in rows}
    there = {(plain(f"{row[WORKSHEET]}: {row[METRIC]}"), row[ENDING]) for row in rows}
    series = {(row[PERIOD], row[GRAIN]) for row in rows}
    for ending, week in {(row[ENDING], row[WEEK]) for row in rows}:
        for line in LINES:
            if (line, ending) not in there:
                like = written[line]
                for period, grain in series:
                    yield [like[YEAR], week, ending, like[WORKSHEET], like[METRIC], period, grain, "", "", ""]
