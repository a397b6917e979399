"""The Canadian Grain Commission's weekly statistics (gsw-shg-en.csv): one file per crop year, a row per week and line.

What the files look like, as two public readers and one project's notes have it (github.com/dsanchezp18/maplestats-mcp,
``modules/cgc``; github.com/cuddjim/monthly_crops, ``get_gsw.R``; github.com/Bushels/Bushel-Board,
``docs/lessons-learned/issues.md``), and the first and last lines of two files (github.com/labombademario/Dehesa-Index,
``tmp-probe/probe4.txt``); no whole file was read here:

- Headings are spelt in three ways over the years (``crop_year``, ``Crop Year``, ``week_ending_date``): they are read
  without regard to case, blanks and underscores. Rows are in no order.
- Dates are day first; single weeks are month first. A week ends seven days after the one before, the last one of a
  crop year on 31 July at the latest: what fits neither reading is refused.
- Labels are misspelt here and there (``Sasktachewan``, ``B.C.``, ``Peas*``). A place that nobody knows is refused, and
  so is a grain that is nearly one of those known: left out it would make every sum too small.
- Terminals have a row per grade and none for all of them; where ``All grades combined`` stands beside grades it must
  be their sum. A grade without a number (``.`` or empty) had none; a line without grades was not published.
- A line that no grain has in a week was not published then: sums of which it is a part are not known.
- A missing file is answered with status 200 and a web page, which the download refuses.

The column ``Line`` joins worksheet, metric and region (``Terminal Exports: Exports: Vancouver``) for recipes that add
up lines of several worksheets.
"""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from pathlib import Path

from tradeexposure.core.errors import SourceFailed
from tradeexposure.refresh.publishers.grain_commission import NONE, by_grade, table, volume_of
from tradeexposure.refresh.publishers.sheet import CHANGED, REPEATS, Cell, Row, Sheet, column, plain, spaced
from tradeexposure.refresh.publishers.sources_schema import Limits, Source

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
FIRST = range(1, 16)
CROP_YEAR = re.compile(r"(\d{4})\s*[-/]\s*(\d{2}|\d{4})")
DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


@contextmanager
def opened(path: Path, source: Source, limits: Limits, frequency: str) -> Iterator[Sheet]:
    """A crop year's file as a sheet, with the column ``Line`` at its end."""
    title = source.title
    header, rows = table(path, title)
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
    numbers = by_grade([row for row in filled if row[VOLUME] not in NONE], GRADE, VOLUME, title)
    empty = [*(row for row in filled if row[VOLUME] in NONE), *_silent(published)]
    kept = [[*row, f"{row[WORKSHEET]}: {row[METRIC]}: {row[REGION]}"] for row in (*numbers, *empty)]

    def cell(row: Row, _: str) -> Cell:
        return Cell(None if row[VOLUME] in NONE else volume_of(row[VOLUME], title), "kilotonnes")

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
    sundays = sorted(day for day in days if (day.year, day.month) == (start, 8) and day.day in FIRST)
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
