"""Periods that cannot be believed are refused, series by series, wherever figures come in; the shipped tables pass."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tradeexposure import data
from tradeexposure.data import periods, tables
from tradeexposure.data.periods import Months

TODAY = date(2026, 11, 29)
RATE, CRUSH, FARM, GRAIN = (
    "exchange_rate_monthly", "canola_crush_monthly", "farm_prices_monthly", "grain_exports_monthly",
)  # fmt: skip
WEEKLY = "grain_weekly"
CANOLA = {"province": "Saskatchewan", "crop": "canola"}


def told(
    name: str,
    frame: pd.DataFrame,
    *,
    before: pd.DataFrame | None = None,
    declared: Sequence[Any] = (),
    **described: Any,
) -> list[str]:
    resource = data.describe(name) | described
    faults = periods.faults(frame, resource, where=name, today=TODAY, before=before, declared=declared)
    return [str(fault) for fault in faults]


def weekly(frame: pd.DataFrame, declared: list[dict[str, Any]] | None = None, **described: Any) -> list[str]:
    return told(WEEKLY, frame, declared=tables._entries(WEEKLY) if declared is None else declared, **described)


def without(frame: pd.DataFrame, **row: Any) -> pd.DataFrame:
    left_out = pd.Series(True, index=frame.index)
    for column, value in row.items():
        left_out &= frame[column] == value
    assert left_out.any()
    return frame[~left_out]


def times(frame: pd.DataFrame, factor: float, since: str = "1900-01") -> pd.DataFrame:
    """The figures of a table multiplied from a month on."""
    figures = frame.select_dtypes("number").columns
    later = frame["month"] >= since
    return frame.assign(**{name: frame[name].where(~later, frame[name] * factor) for name in figures})


@pytest.mark.parametrize("name", data.names())
def test_a_shipped_table_is_plausible(name: str) -> None:
    assert told(name, data.load(name), before=data.load(name), declared=tables._entries(name)) == []


class TestWeeks:
    """A week is one that was over, none is missing unless it is said, and what is cumulative does not fall."""

    def test_each_fall_is_declared(self) -> None:
        left = weekly(data.load(WEEKLY), declared=[])
        assert left == [
            f"{WEEKLY}: volume_kt: found 3207.8 after 3281.5 at 2014-01-19, exports, all; allowed: figures that count "
            "up; declare one that the publisher revised in data/corrections.yml"
        ]

    def test_a_new_fall(self) -> None:
        frame = data.load(WEEKLY)
        last = (frame["week_ending"] == pd.Timestamp("2026-09-27")) & (frame["item"] == "crush")
        assert last.sum() == 1
        frame.loc[last, "volume_kt"] = 1.0
        (fault,) = weekly(frame)
        assert fault.startswith(f"{WEEKLY}: volume_kt: found 1 after ")
        assert "at 2026-09-27, crush, all" in fault

    def test_stocks_may_fall(self) -> None:
        frame = data.load(WEEKLY)
        stocks = frame[frame["item"] == "stocks"]
        assert (stocks.groupby("place")["volume_kt"].diff() < 0).any()

    def test_a_new_crop_year_begins_anew(self) -> None:
        """Week 1 is far below week 52: neither a fall nor a jump."""
        crush = data.load(WEEKLY).query("item == 'crush'")
        assert crush["volume_kt"].diff().min() < -9000
        assert weekly(crush) == []

    @pytest.mark.parametrize("item", ["crush", "stocks"])
    def test_a_week_that_is_missing(self, item: str) -> None:
        frame = without(data.load(WEEKLY), week_ending=pd.Timestamp("2026-02-22"), item=item)
        (fault,) = weekly(frame)
        assert f"found no row 2026-02-22, {item}, all; allowed: a row for every week_ending" in fault

    def test_gaps_are_said_row_by_row(self) -> None:
        gaps = data.describe(WEEKLY)["gaps"]
        left = [part for part in gaps["of"] if part != "2026-03-01, stocks, country_elevators"]
        (fault,) = weekly(data.load(WEEKLY), gaps={**gaps, "of": left})
        assert "found no row 2026-03-01, stocks, country_elevators" in fault

    def test_a_week_that_was_not_over(self) -> None:
        frame = data.load(WEEKLY)
        last = frame[frame["week_ending"] == frame["week_ending"].max()]
        grown = pd.concat([frame, last.assign(week_ending=pd.Timestamp("2026-10-04"), week=9)])
        (fault,) = weekly(grown)
        assert fault.startswith(f"{WEEKLY}: week_ending: found 2026-10-04; allowed: week_endings that were over before")


@pytest.mark.parametrize(
    ("month", "vintage", "until"),
    [
        ("2026-09", "read 2026-10-05", ""),
        ("2026-09", "table that ends with 2026-09", ""),
        ("2026-09", "read 2026-09-30", ""),
        ("2026-10", "read by hand", ""),
        ("2026-11", "read by hand", "2026-11-29"),
        ("2026-11", "table that ends with 2026-11", "2026-11-29"),
        ("2036-09", "read 2036-10-05", "2026-11-29"),
        ("2026-09", "read 2026-09-29", "2026-09-30"),
        ("2026-09", "table that ends with 2026-08; number 2026-99", "2026-09-01"),
    ],
)
def test_a_month_that_was_not_over(month: str, vintage: str, until: str) -> None:
    frame = data.load(CRUSH)
    grown = pd.concat([frame, frame.tail(1).assign(month=pd.Timestamp(month))])
    lines = [line for line in told(CRUSH, grown, vintage=vintage) if "over before" in line]
    start = f"{CRUSH}: month: found {month}; allowed: months that were over before {until} "
    assert [line[: len(start)] for line in lines] == ([start] if until else [])


def test_a_quarter_is_over_and_a_year_has_begun() -> None:
    name = "vehicle_registrations_canada_quarterly"
    cars = data.load(name)
    last = cars[cars["quarter"] == cars["quarter"].max()]
    grown = pd.concat([cars, last.assign(quarter=pd.Timestamp("2026-07-01"))])
    assert "found 2026Q3; allowed: quarters that were over before 2026-07-01" in told(name, grown)[0]
    crops = data.load("field_crops_annual")
    new = crops[crops["year"] == 2025].assign(year=2026)
    assert told("field_crops_annual", pd.concat([crops, new]), vintage="read 2026-09-16") == []
    (line,) = told("field_crops_annual", pd.concat([crops, new, new.assign(year=2027)]), vintage="read 2026-09-16")
    assert "year: found 2027; allowed: years that had begun before 2026-09-17" in line


@pytest.mark.parametrize(
    ("name", "row", "missing"),
    [
        (RATE, {"month": "2010-05-01"}, "2010-05"),
        (FARM, {"month": "2023-06-01", **CANOLA}, "2023-06, Saskatchewan, canola"),
        (FARM, {"month": "2013-05-01", "province": "Alberta", "crop": "canola"}, "2013-05, Alberta, canola"),
        (FARM, {"month": "2010-05-01", "province": "Manitoba", "crop": "lentils"}, ""),
        (GRAIN, {"month": "2020-05-01", "grain": "canola", "destination": "Japan"}, ""),
        (GRAIN, {"month": "2020-05-01"}, "2020-05"),
    ],
)
def test_a_month_missing_inside(name: str, row: dict[str, str], missing: str) -> None:
    lines = told(name, without(data.load(name), **row))
    assert [line.partition(";")[0] for line in lines] == ([f"{name}: month: found no row {missing}"] if missing else [])


def test_a_series_may_begin_late_and_end_early() -> None:
    prices = data.load(FARM)
    ours = (prices["province"] == "Saskatchewan") & (prices["crop"] == "canola")
    assert told(FARM, prices[~ours | prices["month"].between("2000-01", "2010-12")]) == []


@pytest.mark.parametrize(
    ("name", "since", "factor"),
    [
        *((CRUSH, "2025-01", factor) for factor in (10, 1000, 0.1, 0.001)),
        (FARM, "2024-03", 10), (GRAIN, "2025-10", 0.1), (RATE, "2026-04", 1000),
    ],
)  # fmt: skip
def test_figures_that_jump_by_a_power_of_ten(name: str, since: str, factor: float) -> None:
    lines = told(name, times(data.load(name), factor, since))
    figures = data.load(name).select_dtypes("number").columns
    assert len(lines) == len(figures), "every column is named once"
    for column, line in zip(figures, lines, strict=True):
        start = (
            f"{name}: {column}: found about {factor:g} times the figures, {since} against the month before; allowed: "
        )
        assert line.startswith(start)
    assert told(name, times(data.load(name), factor, since), jumps="The publisher counts otherwise since.") == []


def test_rows_under_another_date() -> None:
    crush, after = data.load(CRUSH), pd.Timestamp("2026-09-01")
    again = pd.concat([crush, crush.tail(1).assign(month=after)])
    (line,) = told(CRUSH, again, vintage="read 2026-10-05")
    assert line.startswith(f"{CRUSH}: month: found the figures of the month before it under 2026-09; allowed: ")
    own = again["oil_produced_kt"].mask(again["month"] == after, 500.0)
    assert told(CRUSH, again.assign(oil_produced_kt=own), vintage="read 2026-10-05") == []


def test_all_figures_another_power_of_ten_than_accepted() -> None:
    before = data.load(FARM)
    assert told(FARM, times(before, 100)) == [], "nothing inside the table tells"
    (line,) = told(FARM, times(before, 100), before=before)
    assert line.startswith(f"{FARM}: price_cad_per_tonne: found about 100 times the figures, against those accepted")
    assert told(FARM, times(before, 1.3), before=before) == []
    assert told(FARM, times(before, 100), before=before.iloc[:0]) == []


@pytest.mark.parametrize(
    ("since", "factor", "first"), [("2025-11", 10, "2025-11"), ("2025-06", 0.1, "2025-06"), ("1900-01", 10, "1986-01")]
)
def test_one_series_of_another_power_of_ten_than_it_ever_was(since: str, factor: float, first: str) -> None:
    before = data.load(FARM)
    ours = (before["province"] == "Saskatchewan") & (before["crop"] == "canola")
    frame = before.where(~ours, times(before, factor, since))
    (line,) = told(FARM, frame, before=before)
    assert f" times the median of the 12 figures before, at {first}, Saskatchewan, canola; allowed: 0.141 to " in line
    assert told(FARM, frame) == [] == told(FARM, frame, before=frame), "it was accepted"
    assert told(FARM, before.where(~ours, times(before, 3, since)), before=before) == []
    assert told(FARM, frame, before=before, jumps="The publisher counts otherwise since.") == []


def test_a_series_that_goes_far_by_itself_is_refused_ten_times_beyond() -> None:
    """Tonnes by destination fall to nearly nothing in a month and come back."""
    tonnes = data.load(GRAIN)
    newest = (tonnes["month"] == tonnes["month"].max()) & (tonnes["destination"] == "Japan")
    ours, before = newest & (tonnes["grain"] == "canola"), tonnes[tonnes["month"] < tonnes["month"].max()]
    for factor, count in ((10, 0), (1000, 1)):
        changed = tonnes["volume_kt"].mask(ours, tonnes["volume_kt"] * factor)
        assert len(told(GRAIN, tonnes.assign(volume_kt=changed), before=before)) == count


def test_a_series_far_below_the_largest_goes_where_it_will() -> None:
    name = "vehicle_registrations_quarterly"
    cars = data.load(name)
    last = (cars["quarter"] == cars["quarter"].max()) & (cars["fuel"] == "gasoline") & (cars["vehicle_type"] == "vans")
    for geo, count in (("Northwest Territories", 0), ("Canada", 1)):
        tenfold = cars["registrations"].mask(last & (cars["geo"] == geo), cars["registrations"] * 10)
        assert len(told(name, cars.assign(registrations=tenfold), before=cars)) == count


@pytest.fixture
def committed(copy: Path) -> Path:
    """A table's file in a project of its own, committed as it was accepted."""
    for command in (["init", "-q"], ["add", f"data/tables/{CRUSH}.csv"]):
        subprocess.run(["git", "-C", str(copy.parent), *command], check=True, capture_output=True)
    return copy / "tables" / f"{CRUSH}.csv"


def test_accepting_compares_with_what_git_has(committed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    heading, *lines = committed.read_text("utf-8").splitlines()
    tenfold = [
        ",".join([row[0], *(str(10 * float(cell)) for cell in row[1:])]) for row in (line.split(",") for line in lines)
    ]
    committed.write_text("\n".join([heading, *tenfold]) + "\n", "utf-8")
    described = committed.parents[1] / "datapackage.json"
    before = described.read_bytes()
    assert data.main() == 2
    error = capsys.readouterr().err
    assert error.startswith(
        f"error: data/tables/{CRUSH}.csv: seed_crushed_kt: found about 10 times the figures, against"
    )
    assert described.read_bytes() == before
    package = json.loads(before)
    next(table for table in package["resources"] if table["name"] == CRUSH)["jumps"] = "Tonnes were meant."
    described.write_text(json.dumps(package), "utf-8")
    assert data.main() == 0


span = Months.of


@pytest.mark.parametrize(
    ("months", "suffix", "written", "period"),
    [
        (span("2026-03", "2026-04"), "2026_mar_apr", "March to April 2026", "2026-03 to 2026-04"),
        (span("2026-03", "2027-02"), "2026_mar_2027_feb", "March 2026 to February 2027", "2026-03 to 2027-02"),
        (span("2026-03", "2026-03"), "2026_mar_mar", "March 2026", "2026-03 to 2026-03"),
        (span("2026-01", "2026-12"), "2026", "2026", "2026-01 to 2026-12"),
    ],
)
def test_as_identifiers_sentences_and_periods_say(months: Months, suffix: str, written: str, period: str) -> None:
    assert (months.suffix, months.words, months.period) == (suffix, written, period)


@pytest.mark.parametrize(
    ("last", "text"),
    [
        ("2025-10", "From January to October 2025: {x.2025_jan_oct} in January to October 2025; {x.2024_jan_oct}"),
        ("2026-01", "In January 2026: {x.2026_jan_jan} in January 2026; {x.2025_jan_jan}"),
        ("2026-12", "In 2026: {x.2026} in 2026; {x.2025}"),
    ],
)
def test_what_is_held_of_the_newest_year(last: str, text: str) -> None:
    months = Months.of_newest_year(pd.date_range("2020-01", last, freq="MS"))
    assert months.fill("@From: {x.@latest} @in; {x.@before}") == text


def test_the_same_months_earlier() -> None:
    assert span("2026-03", "2027-02").back() == span("2025-03", "2026-02")
