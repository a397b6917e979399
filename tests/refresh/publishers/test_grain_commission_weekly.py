"""The Grain Commission's weekly file: each spelling of it is read right, or it is refused in one line that says why.

Rows are written here after the descriptions of two public readers; none is copied from a file.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from publishers import LIMITS, source
from samplefiles import refused

from tradeexposure.core.errors import SourceFailed
from tradeexposure.refresh.publishers import source_files, sources_schema
from tradeexposure.refresh.publishers.source_files import READERS, Fetched, Span
from tradeexposure.refresh.table_build import joined, rows_of

OLD = "crop_year,grain_week,week_ending_date,worksheet,metric,period,grain,grade,region,ktonnes"
MIDDLE = "grain_week,crop_year,week_ending_date,worksheet,metric,period,grain,grade,region,Ktonnes"
NEW = "Crop Year,Grain Week,Week Ending Date,worksheet,metric,period,grain,grade,Region,Ktonnes"
FIELDS = ("week_ending", "crop_year", "week", "item", "place", "volume_kt")
Lines = list[list[str]]
TO_DATE, LEVEL = "Crop Year", "Current Week"
#: Worksheet, metric, period, grade, region and number of one week; the same lines of wheat are not wanted.
WEEK = (
    ("Primary", "Deliveries", TO_DATE, "", "Manitoba", "100.5"),
    ("Primary", "Deliveries", TO_DATE, "", "Sasktachewan", "1,191.10"),
    ("Primary", "Deliveries", TO_DATE, "", "Alberta", "300"),
    ("Primary", "Deliveries", TO_DATE, "", "B.C.", "(0.4)"),
    ("Primary", "Deliveries", LEVEL, "", "Manitoba", "9999"),
    ("Process", "Producer Deliveries", TO_DATE, "", "", "150.2"),
    ("Process", "Other Deliveries", TO_DATE, "", "", "7777"),
    ("Producer Cars", "Shipments", TO_DATE, "", "Vancouver", "0.3"),
    ("Process", "Milled/MFG Grain", TO_DATE, "", "", "163.2"),
    ("Terminal Exports", "Exports", TO_DATE, "No.1 CANADA", "Vancouver", "600.1"),
    ("Terminal Exports", "Exports", TO_DATE, "No.2 CANADA", "Vancouver", "20.2"),
    ("Terminal Exports", "Exports", TO_DATE, "OTHER", "Vancouver", "."),
    ("Terminal Exports", "Exports", TO_DATE, "No.1 CANADA", "Prince Rupert", "48.3"),
    ("Terminal Exports", "Exports", TO_DATE, "No.1 CANADA", "Thunder Bay", "20.7"),
    ("Terminal Exports", "Exports", TO_DATE, "No.1 CANADA", "St. Lawrence", "5"),
    ("Primary Shipment Distribution", "Shipment Distribution", TO_DATE, "", "Export Destinations", "19.2"),
    ("Primary Shipment Distribution", "Shipment Distribution", TO_DATE, "", "Pacific Coast", "555"),
    ("Producer Cars", "Shipment Distribution", TO_DATE, "", "Export", "0.6"),
    ("Primary", "Stocks", LEVEL, "", "Manitoba", "200"),
    ("Primary", "Stocks", LEVEL, "", "Alberta", "300.7"),
    ("Process", "Stocks", LEVEL, "", "Alberta", "212.9"),
    ("Terminal Stocks", "Stocks", LEVEL, "No.1 CANADA", "Vancouver", "111.3"),
    ("Terminal Stocks", "Stocks", LEVEL, "No.1 CANADA", "Bay & Lakes", "61.3"),
)
#: What one week comes to, added up by hand.
FOUND = {
    ("crush", "all"): "163.2",
    ("deliveries", "all"): "1741.7",  # 100.5 + 1,191.1 + 300 - 0.4 + 150.2 + 0.3
    ("exports", "all"): "714.1",  # 694.3 from terminals, 19.8 direct
    ("exports", "direct"): "19.8",
    ("exports", "pacific"): "668.6",
    ("exports", "prince_rupert"): "48.3",
    ("exports", "st_lawrence"): "5",
    ("exports", "thunder_bay"): "20.7",
    ("exports", "vancouver"): "620.3",
    ("stocks", "all"): "886.2",
    ("stocks", "country_elevators"): "500.7",
    ("stocks", "process_elevators"): "212.9",
    ("stocks", "terminal_elevators"): "172.6",
}


def week(number: int, ending: str, rows: Sequence[Sequence[str]] = WEEK, *, year: str = "2025-2026") -> Lines:
    """Lines of one week in the order of `NEW`, of canola and of wheat."""
    return [
        [year, str(number), ending, worksheet, metric, period, grain, grade, region, volume]
        for grain in ("Canola", "Wheat")
        for worksheet, metric, period, grade, region, volume in rows
    ]


def written(rows: Lines, heading: str = NEW, *, end: str = "\r\n", quoting: int = csv.QUOTE_MINIMAL) -> bytes:
    """Rows under a heading, in whatever order it names the columns."""
    names = [name.lower().replace("_", " ") for name in heading.split(",")]
    order = [NEW.lower().split(",").index(name) for name in names]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerows([heading.split(","), *([row[place] for place in order] for row in rows)])
    return out.getvalue().encode("cp1252")


def read(tmp_path: Path, content: bytes) -> tuple[Lines, tuple[str, ...]]:
    """What the shipped recipe makes of a file, and what its reader has to say."""
    path = tmp_path / "gsw-shg-en.csv"
    path.write_bytes(content)
    parts = sources_schema.load().tables["grain_weekly"].parts
    with READERS["grain_weekly"](path, source("grain_weekly"), LIMITS, "week") as sheet:
        taken = rows_of(sheet, parts, period="week_ending", known={})
        return joined(taken, parts[0].measures, fields=FIELDS, required=["volume_kt"]).values.tolist(), sheet.notes


def expected(number: int, ending: str, year: str = "2025-2026") -> Lines:
    return [[ending, year, str(number), item, place, volume] for (item, place), volume in FOUND.items()]


@pytest.mark.parametrize("heading", [OLD, MIDDLE, NEW, NEW.replace(" ", "_").upper()])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_each_spelling_of_the_headings(tmp_path: Path, heading: str, quoting: int) -> None:
    rows = [*week(2, "17/08/2025"), *week(1, "10/08/2025")]
    read_rows, notes = read(tmp_path, written(rows, heading, quoting=quoting))
    assert read_rows == [*expected(1, "2025-08-10"), *expected(2, "2025-08-17")]
    assert notes == ()


def test_as_the_files_since_2025_are_written(tmp_path: Path) -> None:
    """Words in quotes, numbers and empty grades without; worksheets, metrics and grains that no recipe wants; the last
    week ends on 31 July (first and last lines of two files: github.com/labombademario/Dehesa-Index,
    tmp-probe/probe4.txt; the numbers are made up)."""
    beside = (
        ("Feed Grains", "Deliveries", "Current Week", "", "Manitoba", "1.4"),
        ("Imported Grains", "Receipts", "Crop Year", "", "Thunder Bay", "0"),
        ("Terminal Disposition", "Port Terminals", "Crop Year", "", "Vancouver", "3"),
        ("Summary", "Provincial Deliveries", "Crop Year", "", "Alberta", "7777"),
        ("Summary", "Stocks", "Current Week", "", "St. Lawrence", "0.1"),
    )
    others = [[*row[:6], "Chick Peas", *row[7:]] for row in week(52, "31/07/2026", beside)[: len(beside)]]
    rows = [[cell.replace("MFG", "Mfg") for cell in row] for row in (*week(52, "31/07/2026"), *others)]
    text = ",".join(f'"{name}"' for name in NEW.split(",")) + "\r\n"
    for row in rows:
        quoted = [f'"{cell}"' for cell in row]
        quoted[1], quoted[7] = row[1], quoted[7] if row[7] else ""
        quoted[9] = row[9] if row[9][0].isdigit() and "," not in row[9] else quoted[9]
        text += ",".join(quoted) + "\r\n"
    assert '"2025-2026",52,"31/07/2026","Primary","Deliveries","Crop Year","Canola",,"Manitoba",100.5\r\n' in text
    read_rows, notes = read(tmp_path, text.encode("cp1252"))
    assert read_rows == expected(52, "2026-07-31")
    assert notes == ()


def test_a_week_written_month_first(tmp_path: Path) -> None:
    """Week 5 of 2025-26 ends on 7 September: the file of 2024-25 had one such week."""
    rows, notes = read(tmp_path, written([*week(1, "10/08/2025"), *week(5, "09/07/2025")]))
    assert {row[0] for row in rows} == {"2025-08-10", "2025-09-07"}
    assert notes == ("read the date of week 5 month first",)


def test_a_first_week_written_month_first(tmp_path: Path) -> None:
    rows, notes = read(tmp_path, written(week(1, "08/10/2025")))
    assert {row[0] for row in rows} == {"2025-08-10"}
    assert notes == ("read the date of week 1 month first",)


@pytest.mark.parametrize("ending", ["31/07/2026", "02/08/2026"])
def test_the_last_week_ends_with_the_crop_year(tmp_path: Path, ending: str) -> None:
    rows, _ = read(tmp_path, written([*week(1, "10/08/2025"), *week(52, ending)]))
    assert {row[0] for row in rows} == {"2025-08-10", "2026-07-31"}


def test_a_file_that_begins_with_its_second_week(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, written(week(2, "12/08/2018", year="2018-2019")))
    assert rows == expected(2, "2018-08-12", "2018-2019")


def test_a_holiday_week_without_stocks(tmp_path: Path) -> None:
    """Flows repeat the week before, stocks are empty or a point: they have no row, and are not zero."""
    silent = [(*row[:5], ["", "."][n % 2]) if row[1] == "Stocks" else row for n, row in enumerate(WEEK)]
    rows, _ = read(tmp_path, written([*week(1, "10/08/2025"), *week(20, "21/12/2025", silent)]))
    assert {row[3] for row in rows if row[2] == "20"} == {"crush", "deliveries", "exports"}
    assert [row[5] for row in rows if row[2:4] == ["20", "crush"]] == ["163.2"]


def test_a_sum_of_which_a_part_was_not_published(tmp_path: Path) -> None:
    """No country elevators of Manitoba: neither their sum nor that of all elevators is known."""
    silent = [(*row[:5], ".") if row[:2] == ("Primary", "Stocks") and row[4] == "Manitoba" else row for row in WEEK]
    rows, _ = read(tmp_path, written([*week(1, "10/08/2025"), *week(2, "17/08/2025", silent)]))
    stocks = {row[4] for row in rows if row[2:4] == ["2", "stocks"]}
    assert stocks == {"process_elevators", "terminal_elevators"}


def test_a_week_without_a_line(tmp_path: Path) -> None:
    """No grain has exports of terminals in week 2, as at the beginning of 2022-23: the whole is not the rest of it."""
    silent = [row for row in WEEK if row[0] != "Terminal Exports"]
    rows, _ = read(tmp_path, written([*week(1, "10/08/2025"), *week(2, "17/08/2025", silent)]))
    assert [row[4] for row in rows if row[2:4] == ["2", "exports"]] == ["direct"]
    assert [row[5] for row in rows if row[2:4] == ["2", "deliveries"]] == ["1741.7"]


def replaced(change: Callable[[list[str]], list[str] | None], *, grain: str = "Canola") -> bytes:
    """A file of two weeks of which the second was changed line by line."""
    second = [change(list(row)) if row[6] == grain else row for row in week(2, "17/08/2025")]
    return written([*week(1, "10/08/2025"), *(row for row in second if row)])


def relabelled(column: int, old: str, new: str) -> bytes:
    return replaced(lambda row: [*row[:column], new, *row[column + 1 :]] if row[column] == old else row)


REFUSED: dict[str, tuple[bytes, str]] = {
    "a week twice": (
        written([*week(1, "10/08/2025"), *week(2, "17/08/2025"), *week(2, "17/08/2025")]),
        "found two rows of 2025-2026, 2, 2025-08-17, Primary, Deliveries",
    ),
    "a week again under another date": (
        written([*week(1, "10/08/2025"), *week(2, "17/08/2025"), *week(2, "24/08/2025")]),
        "found week 2 of 2025-2026 that ends on 24/08/2025, where 17/08/2025 is due",
    ),
    "a new port": (
        relabelled(8, "Thunder Bay", "Sorel"), "found the place 'Sorel' in terminal exports: exports, week 2",
    ),
    "a renamed grain": (relabelled(6, "Canola", "Canolas"), "found the grain 'Canolas', which is nearly Canola"),
    "another grain": (
        written([[*row[:6], "Rapeseed", *row[7:]] for row in week(1, "10/08/2025") if row[6] == "Canola"]),
        "found no Grain Canola",
    ),
    "a line that is gone": (
        written([row for row in week(1, "10/08/2025") if row[4] != "Producer Deliveries"]),
        "found no process: producer deliveries",
    ),
    "provinces joined and apart": (
        written([*week(1, "10/08/2025", [*WEEK, ("Primary", "Stocks", LEVEL, "", "Alberta/BC", "5")])]),
        "found Alberta and British Columbia twice in primary: stocks, week 1",
    ),
    "two crop years": (
        written([*week(1, "10/08/2025"), *week(2, "18/08/2024", year="2024-2025")]),
        "found the crop years 2024-2025, 2025-2026 where one belongs",
    ),
    "a date of neither order": (written(week(1, "2025-08-10")), "found week 1 that ends on '2025-08-10'"),
    "a first week in September": (written(week(1, "14/09/2025")), "found week 1 of 2025-2026 that ends on 14/09/2025"),
    "a week 54": (written(week(54, "10/08/2025")), "found week 54 that ends on"),
    "a renamed period": (
        written(week(1, "10/08/2025", [tuple(cell.replace(TO_DATE, "To date") for cell in row) for row in WEEK])),
        "found no Period Crop Year",
    ),
    "a number of two readings": (relabelled(9, "163.2", "163,2"), "found '163,2' where a number belongs"),
    "all grades beside grades": (
        written(week(1, "10/08/2025", [
            *WEEK, ("Terminal Exports", "Exports", TO_DATE, "All grades combined", "Vancouver", "7")])),
        "found All grades combined beside grades that do not sum to it",
    ),
    "no rows": (b"\r\n", "found no rows"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_cannot_be_added_up(tmp_path: Path, case: str) -> None:
    content, what = REFUSED[case]
    refused(lambda: read(tmp_path, content), what)


def test_a_footnote_mark_on_a_grain(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, replaced(lambda row: [*row[:6], "Canola*", *row[7:]]))
    assert rows == [*expected(1, "2025-08-10"), *expected(2, "2025-08-17")]


def test_a_grain_of_its_own_is_no_misspelling(tmp_path: Path) -> None:
    us_canola = [[*row[:6], "US Canola", *row[7:]] for row in week(1, "10/08/2025") if row[6] == "Canola"]
    rows, _ = read(tmp_path, written([*week(1, "10/08/2025"), *us_canola]))
    assert rows == expected(1, "2025-08-10")


class TestAddresses:
    """A file per crop year; those before 2018-19 lie in a folder of their own."""

    def asked(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, today: date, *, gone: str = "") -> list[str]:
        addresses: list[str] = []

        def fetched(source: Any, address: str, path: Path, **_: Any) -> Fetched:
            addresses.append(address.split("grain-statistics-weekly/")[1])
            if gone and gone in address:
                raise SourceFailed("A source", "it sends a web page instead of the file", "look")
            return Fetched(path, address, "", 0)

        monkeypatch.setattr(source_files, "fetch", fetched)
        weekly = sources_schema.load().sources["grain_commission_weekly"]
        span = Span("2016-01", f"{today:%Y-%m}")
        source_files.fetch_all("weekly", weekly, span, folder=tmp_path, limits=LIMITS, today=today)
        return addresses

    def test_each_crop_year_to_the_one_that_runs(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        asked = self.asked(monkeypatch, tmp_path, date(2020, 7, 31))
        assert asked == [
            "2016-17/csv/gsw-shg-en.csv", "2017-18/csv/gsw-shg-en.csv", "2018-19/gsw-shg-en.csv",
            "2019-20/gsw-shg-en.csv",
        ]  # fmt: skip

    def test_a_crop_year_that_begins(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        asked = self.asked(monkeypatch, tmp_path, date(2020, 8, 3), gone="2020-21")
        assert asked[-1] == "2020-21/gsw-shg-en.csv"

    @pytest.mark.parametrize(("today", "gone"), [(date(2020, 9, 3), "2020-21"), (date(2020, 8, 3), "2019-20")])
    def test_a_file_that_should_be_there(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, today: date, gone: str
    ) -> None:
        with pytest.raises(SourceFailed, match="a web page instead of the file"):
            self.asked(monkeypatch, tmp_path, today, gone=gone)
