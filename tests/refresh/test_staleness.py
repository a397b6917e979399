"""When a table could be newer: by the calendar, and by the Web Data Service as it answers and as it does not."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import pytest
from publishers import Answer, Publisher, cube, serving, source

from tradeexposure.core import paths
from tradeexposure.core.errors import BadInput
from tradeexposure.refresh import staleness
from tradeexposure.refresh.publishers import http, sources_schema
from tradeexposure.refresh.publishers.sources_schema import Service
from tradeexposure.refresh.staleness import Release

PATH = "/t1/wds/rest/getCubeMetadata"
TRADE, CRUSH = "12100011", "32100352"
MISSING = "The cube product ID 32100352 does not exist. Error code = CUBE_NOT_AVAILABLE"


@pytest.fixture
def server() -> Iterator[Publisher]:
    with serving() as publisher:
        yield publisher


def asked(server: Publisher, answer: Answer | None = None, **changed: Any) -> dict[str, Release | str]:
    if answer:
        server.answers[PATH] = answer
    limits = {"connect_seconds": 1.0, "read_seconds": 0.3, "total_seconds": 2.0, "bytes": 100_000, **changed}
    service = Service(title="The service", address=server.base + PATH, **limits)
    return staleness.releases(service, [TRADE, CRUSH])


def answered(*answers: Any) -> Answer:
    return Answer(json.dumps(answers).encode(), "application/json")


def test_both_tables_in_one_question_whatever_their_order(server: Publisher):
    trade, crush = cube(TRADE, "2026-09-01T08:30", "2026-11-04"), cube(int(CRUSH), "2026-10-01", "2026-11-24T08:30")
    releases = asked(server, answered(crush, trade))
    assert releases == {TRADE: Release("2026-09-01", "2026-11-04"), CRUSH: Release("2026-10-01", "2026-11-24 08:30")}
    assert [json.loads(body) for body in server.posted] == [[{"productId": 12100011}, {"productId": 32100352}]]
    assert server.asked[0][1]["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"status": "FAILED", "object": MISSING}, f"it says: {MISSING}"),
        ({"status": "FAILED", "object": {"responseStatusCode": 3, "productId": CRUSH}}, "it says: the request failed"),
        (cube(int(CRUSH), "2026-10-01", "2026-11-24T08:30", responseStatusCode=-20010), "it says: status -20010"),
        (cube(CRUSH, "", "2026-11-24T08:30"), "it gives no newest period and release time ('', '2026-11-24T08:30')"),
        (cube(CRUSH, "2026-13-01", "2026-11-24T08:30"), "it gives no newest period and release time ('2026-13-01'"),
        (cube(CRUSH, "2026-10-01", "soon"), "it gives no newest period and release time ('2026-10-01', 'soon')"),
        (None, "it says nothing of this table"),
        ("what?", "it says nothing of this table"),
        (cube("99999999", "2026-10-01", "2026-11-24T08:30"), "it says nothing of this table"),
    ],
)
def test_one_table_without_an_answer_leaves_the_other(server: Publisher, answer: Any, reason: str):
    releases = asked(server, answered(answer, cube(TRADE, "2026-09-01", "2026-11-04T08:30")))
    assert releases[TRADE] == Release("2026-09-01", "2026-11-04 08:30")
    assert isinstance(releases[CRUSH], str) and releases[CRUSH].startswith(reason)


@pytest.mark.parametrize("code", range(1, 9))
def test_every_documented_status_has_words(server: Publisher, code: int):
    releases = asked(server, answered(cube(CRUSH, "2026-10-01", "2026-11-24T08:30", responseStatusCode=code)))
    assert releases[CRUSH] == f"it says: {staleness.STATUSES[code]}"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(b"", status=409), "it locks its tables until 08:30 Eastern"),
        (Answer(b"", status=503), "it answers 503 Service Unavailable"),
        (Answer(b"", status=302, headers={"Location": "http://example.org/"}), "it answers 302 Found"),
        (Answer(b"<html>Site under maintenance</html>", "text/html"), "it sends something that is no JSON"),
        (Answer(b'[{"status": "SUCC', "application/json"), "it sends something that is no JSON"),
        (Answer(b"\xff\xfe[", "application/json"), "it sends something that is no JSON"),
        (Answer(b'{"message": "Not found"}', "application/json"), "it sends something that is no list"),
        (Answer(b"[" + b" " * 200_000 + b"]", "application/json"), "it sends more than 100,000 bytes"),
        (
            Answer(b"[" + b" " * 50_000 + b"]", "application/json", cut=30_000),
            "the connection broke off before the end",
        ),
        (Answer(b"[]", "application/json", pause=0.6), "it does not answer in time"),
    ],
)
def test_no_answer_at_all_is_told_for_both(server: Publisher, answer: Answer, reason: str):
    assert asked(server, answer) == {TRADE: reason, CRUSH: reason}
    assert server.times(PATH) == 1, "the calendar stands in; nothing is tried twice"


def test_nobody_there(server: Publisher):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        server.base = f"http://127.0.0.1:{taken.getsockname()[1]}"
    assert asked(server) == dict.fromkeys((TRADE, CRUSH), http.NO_CONNECTION)


class TestBesideTheTables:
    """What the publisher says decides; where it says nothing the calendar does, and the line says so."""

    SAID: ClassVar[dict[str, Release | str]] = {
        "statcan_12100011": Release("2026-08-01", "2026-11-04 08:30"),
        "statcan_12100182": Release("2026-09-01", "2026-11-05 08:30"),
        "statcan_20100025": Release("2026-04-01", "2026-09-15 08:30"),
        "statcan_32100077": Release("2026-09-01", "2026-11-20 08:30"),
        "statcan_32100045": Release("2025-01-01", "2026-05-27 08:30"),
        "statcan_32100359": Release("2026-01-01", "2026-09-16 08:30"),
        "statcan_32100352": "it says: the table is being published",
    }

    def lines(self, read: dict[str, str] | None = None, **coverage: str) -> dict[str, str]:
        ages = staleness.ages(sources_schema.load(), coverage, date(2026, 11, 25), self.SAID, read)
        return {age.table: str(age) for age in ages}

    def test_the_slowest_source_decides(self):
        line = self.lines(merchandise_trade_monthly="2026-08")["merchandise_trade_monthly"]
        assert line == (
            "current  merchandise_trade_monthly: holds 2026-08, 2026-08 is out at the publisher, released 2026-11-04 "
            "08:30 Eastern (statcan_12100011, statcan_12100182)"
        )

    def test_periods_are_written_as_the_table_writes_them(self):
        lines = self.lines(vehicle_registrations_quarterly="2026Q1", farm_cash_receipts_annual="2025")
        assert lines["vehicle_registrations_quarterly"].startswith(
            "stale    vehicle_registrations_quarterly: holds 2026Q1, 2026Q2 is out"
        )
        assert lines["farm_cash_receipts_annual"].startswith(
            "current  farm_cash_receipts_annual: holds 2025, 2025 is out"
        )

    def test_the_same_year_released_again_since_it_was_read(self):
        """32-10-0359 comes out five times a year under one year: the day of its release alone tells."""
        lines = self.lines({"field_crops_annual": "2026-08-28"}, field_crops_annual="2026")
        assert lines["field_crops_annual"] == (
            "revised  field_crops_annual: holds 2026, read 2026-08-28, 2026 is out at the publisher, released "
            "2026-09-16 08:30 Eastern (statcan_32100359)"
        )

    @pytest.mark.parametrize("read", [{}, {"field_crops_annual": "2026-09-16"}, {"field_crops_annual": "2026-11-01"}])
    def test_a_release_that_was_read_or_of_which_nothing_is_noted(self, read: dict[str, str]):
        assert self.lines(read, field_crops_annual="2026")["field_crops_annual"].startswith("current ")

    def test_a_revision_of_any_of_its_sources(self):
        read, newest = {"merchandise_trade_monthly": "2026-11-04"}, {"merchandise_trade_monthly": "2026-08"}
        assert self.lines(read, **newest)["merchandise_trade_monthly"].startswith("revised ")

    @pytest.mark.parametrize(("month", "state"), [("2026-07", "stale"), ("2026-08", "due"), ("2026-09", "current")])
    def test_trade_that_may_be_late(self, month: str, state: str):
        """40 days as a rule, 69 to 71 for September to November 2025, when agencies of the United States were shut."""
        line = self.lines(ev_imports_by_origin_monthly=month)["ev_imports_by_origin_monthly"]
        assert line == (
            f"{state:<8} ev_imports_by_origin_monthly: holds {month}, 2026-09 should be out by the calendar "
            "(cimt_imports)"
        )

    def test_a_mean_is_as_new_as_its_table(self):
        line = self.lines(canola_price_prairies_monthly="2026-08")["canola_price_prairies_monthly"]
        assert line.startswith("stale    canola_price_prairies_monthly: holds 2026-08, 2026-09 is out at the publisher")

    def test_without_an_answer_the_calendar_stands(self):
        lines = self.lines(canola_crush_monthly="2026-08")
        assert lines["canola_crush_monthly"] == (
            "stale    canola_crush_monthly: holds 2026-08, 2026-09 should be out by the calendar; Statistics Canada's "
            "Web Data Service: it says: the table is being published (statcan_32100352)"
        )
        assert lines["commodity_prices_monthly"].endswith("2026-10 should be out by the calendar (world_bank)")


def test_each_full_table_has_its_number():
    products = {name: source.product for name, source in sources_schema.load().sources.items()}
    assert all(product == name.partition("_")[2] for name, product in products.items() if name.startswith("statcan_"))
    assert not any(product for name, product in products.items() if not name.startswith("statcan_"))


def test_an_unencrypted_service_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    shutil.copytree(paths.path("data"), tmp_path / "data", ignore=shutil.ignore_patterns("vintages", "tables"))
    sources = tmp_path / "data" / "sources.yml"
    text = sources.read_text("utf-8")
    sources.write_text(text.replace("https://www150.statcan.gc.ca/t1", "http://www150.statcan.gc.ca/t1"), "utf-8")
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(tmp_path))
    with pytest.raises(
        BadInput, match=r"web_data_service\.address \(line \d+\): found http://.*; allowed: an https address"
    ):
        sources_schema.load()


@pytest.mark.parametrize(
    ("every", "frequency", "lag", "today", "period"),
    [
        ("month", "month", 40, "2026-11-25", "2026-09"),
        ("month", "month", 5, "2026-11-05", "2026-09"),
        ("month", "month", 5, "2026-11-06", "2026-10"),
        ("month", "month", 40, "2026-01-15", "2025-11"),
        ("quarter", "quarter", 80, "2026-11-25", "2026Q2"),
        ("quarter", "quarter", 80, "2026-12-20", "2026Q3"),
        ("quarter", "quarter", 80, "2026-02-01", "2025Q3"),
        ("year", "year", 160, "2026-06-01", "2024"),
        ("year", "year", 160, "2026-07-01", "2025"),
        ("month", "year", 40, "2026-07-01", "2025"),
        ("week", "week", 5, "2026-10-02", "2026-09-27"),
        ("week", "week", 5, "2026-10-01", "2026-09-20"),
        ("week", "week", 0, "2026-09-27", "2026-09-27"),
        ("week", "week", 5, "2026-08-08", "2026-07-31"),
        ("week", "week", 5, "2026-08-14", "2026-08-09"),
        ("week", "week", 5, "2018-08-10", "2018-08-05"),
        ("five_years", "year", 150, "2026-11-25", "2021"),
        ("five_years", "year", 150, "2027-07-01", "2026"),
    ],
)
def test_what_should_be_out(every: str, frequency: str, lag: int, today: str, period: str):
    assert (
        staleness.expected(source("grain", every=every, lag_days=lag), frequency, date.fromisoformat(today)) == period
    )
