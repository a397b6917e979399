"""A refresh from beginning to end, on a copy of the project whose publishers are a server on this machine."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pandas as pd
import publishers
import pytest
import refreshing
import tinyproject
import warmkernels
from publishers import Answer, Publisher
from tinyproject import Project, copied
from urllib3.connection import HTTPConnection

from tradeexposure import data
from tradeexposure.cli import main
from tradeexposure.core import files as core_files
from tradeexposure.core import paths
from tradeexposure.core.errors import RunFailed
from tradeexposure.data import edition_inputs, vintages
from tradeexposure.refresh import command, run, staging, staleness, table_build
from tradeexposure.refresh.publishers import source_files, sources_schema

TABLES = refreshing.text_tables()
DAY = date(2027, 1, 15)
RATE, CRUSH, GRAIN = "exchange_rate_monthly", "canola_crush_monthly", "grain_exports_monthly"
FIRST_SHIPMENT = "2021-01"  # where most tests refresh them
#: What most tests refresh, and one table that no source feeds.
FEW = (
    RATE, CRUSH, GRAIN, "commodity_prices_monthly", "us_imports_from_canada_2024",
    "us_imports_by_partner_2024", "ev_imports_by_origin_monthly", "canola_exports_by_destination_monthly",
    "vehicle_production",
)  # fmt: skip
COMMAND = [sys.executable, "-m", "tradeexposure.cli", "refresh"]


@pytest.fixture(scope="module")
def publisher() -> Iterator[Publisher]:
    with publishers.serving() as serving:
        yield serving


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory, publisher: Publisher) -> Path:
    """The project with few of its tables, of which tests have copies."""
    return refreshing.copy_project(tmp_path_factory.mktemp("few"), publisher.base, *FEW, **{GRAIN: FIRST_SHIPMENT})


@pytest.fixture
def here(tmp_path: Path, few: Path, publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh copy of the project with few of its tables; nothing is published yet."""
    publisher.answers.clear()
    publisher.asked.clear()
    publisher.counts.clear()
    root = copied(few, tmp_path / "copy")
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(root))
    return root


@pytest.fixture(autouse=True)
def read_here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sound files are read in this process: a copy of it, as faulty files have one, costs more."""
    if request.cls not in (TestEachForItself, TestFaults):
        monkeypatch.setattr(source_files, "answer", in_this_process)


def in_this_process(call: Callable[[], Any], **_: object) -> Any:
    return call()


@pytest.fixture
def whole(here: Path, publisher: Publisher) -> Path:
    """The same with all tables."""
    return refreshing.copy_project(here, publisher.base)


def publish(publisher: Publisher, tables: dict[str, pd.DataFrame], *names: str) -> None:
    refreshing.publish(publisher, sources_schema.load(), tables, *names)


def refreshed(*names: str, word: bool = True, **how: Any) -> run.Outcome:
    """A refresh, and the word given for its vintage."""
    before = vintages.current()
    outcome = run.refresh(names, today=how.pop("today", DAY), **how)
    assert vintages.current() == before, "a vintage lies aside until the word is given"
    if outcome.name and word:
        run.accept_vintage(outcome.name)
    return outcome


def reasons(outcome: run.Outcome) -> str:
    """Why tables kept the figures they have."""
    return "\n".join(outcome.kept)


def files(root: Path) -> dict[str, bytes]:
    """Everything in force: tables, descriptions, and the vintages that are kept."""
    paths = (path for path in (root / "data").rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(paths)}


@cache
def later_tables() -> dict[str, pd.DataFrame]:
    """All tables as publishers could have them half a year later."""
    return refreshing.half_a_year_later(TABLES)


@cache
def later_answers(name: str) -> dict[str, Any]:
    """The files that one source hands out then, by their paths."""
    publisher = Publisher()
    publish(publisher, later_tables(), name)
    return publisher.answers


def publish_later(publisher: Publisher, *names: str) -> None:
    """Let the server hand out what sources have half a year later; each file is made once."""
    for name in names:
        publisher.answers |= later_answers(name)


def path_of(name: str) -> str:
    return refreshing.path_of(sources_schema.load(), name)


def rows(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    return sorted(frame.itertuples(index=False, name=None))


class TestRoundTrip:
    """Table → publisher's file → server → download → reader → table: the same, cell for cell."""

    def built(self, name: str, current: pd.DataFrame, today: date, first: str = "2019-01") -> pd.DataFrame:
        catalogue = sources_schema.load()
        table = catalogue.tables[name]
        descriptor = staging.CurrentVintage.load().descriptor(name, table)
        span = source_files.Span(first, f"{today:%Y-%m}")
        by_source = {}
        for source in dict.fromkeys(part.source for part in table.parts):
            got = source_files.fetch_all(
                source, catalogue.sources[source], span, folder=paths.path("reports", "_build", "downloads"),
                limits=catalogue.limits, today=today,
            )  # fmt: skip
            by_source[source] = [file.path for file in got]
        return table_build.build(
            table, current=current, fields=descriptor["schema"]["fields"], files=by_source, catalogue=catalogue
        )[0]

    def test_a_mean_has_no_month_of_which_a_province_is_not_out(self):
        """Saskatchewan alone lies above the mean of the three: no July 2026. May 2012 is held as a mean of two."""
        shipped, prices = TABLES["canola_price_prairies_monthly"], TABLES["farm_prices_monthly"]
        table = sources_schema.load().tables["canola_price_prairies_monthly"]
        june = prices[prices["month"] == prices["month"].max()].assign(month="2026-06", price_cad_per_tonne="700.00")
        july = june[june["province"] == "Saskatchewan"].assign(month="2026-07", price_cad_per_tonne="731.13")
        of = pd.concat([prices, june, july], ignore_index=True)
        means = table_build.mean(table.mean, table, of=of, current=shipped, basis="official-2026-09").set_index("month")
        assert means.index[-1] == "2026-06" and means.at["2026-06", "price_cad_per_tonne"] == "700"
        assert means.at["2012-05", "price_cad_per_tonne"] == "592.09"

    def test_exchange_rates_beside_those_held(self, whole: Path, publisher: Publisher):
        publish(publisher, TABLES, "bank_of_canada")
        edited = TABLES[RATE].assign(
            cad_per_usd=TABLES[RATE]["cad_per_usd"].mask(TABLES[RATE]["month"] >= "2026-05", "9")
        )
        built = self.built(RATE, edited, DAY)
        assert rows(built) == rows(TABLES[RATE]), "older rows are those held, later ones the source's"

    def test_canola_exports_by_province(self, whole: Path, publisher: Publisher):
        name, base = "canola_seed_exports_annual", path_of("cimt_domestic_exports")
        letters = {value: key[0] for value, key in self.provinces(name).items()}
        newest = TABLES[name][TABLES[name]["year"] >= "2017"]  # a file a year, all alike
        for year, lines in newest.groupby("year"):
            records = lines.to_dict("records")
            shipped = [
                {"month": f"{year}03", "code": row["hs8"].replace(".", ""), "country": "CN", "unit": "KGM",
                 "province": letters[row["province"]], "value": row["value_cad"], "quantity": row["volume_kg"]}
                for row in records
            ]  # fmt: skip
            content = publishers.cimt(year, "ODPFN016", "HS8", shipped, province=True)
            publisher.answers[base.replace("{year}", year)] = Answer(content, "application/zip")
        built = self.built(name, newest, date(2020, 12, 31), first="2017-01")
        assert rows(built) == rows(newest)

    def provinces(self, name: str) -> dict[str, tuple[str, ...]]:
        return sources_schema.load().tables[name].parts[0].dimensions[1].members


class TestNewTables:
    """Their first files here hold a month or two of each year, which is accepted by name."""

    EXPORTS = "canola_exports_by_destination_monthly"

    def serve(self, publisher: Publisher, year: int, value: str = "1250000") -> None:
        """One shipment in January."""
        row = {"month": f"{year}01", "code": "12051010", "country": "CN", "unit": "KGM", "quantity": "30"}
        content = publishers.cimt(str(year), "ODPFN017", "HS8", [{**row, "value": value}], province=False)
        path = path_of("cimt_exports").replace("{year}", str(year))
        publisher.answers[path] = Answer(content, "application/zip")

    @pytest.mark.parametrize(
        ("table", "source", "number", "code", "taken", "left"),
        [
            (
                "ev_imports_by_origin_monthly", "cimt_imports", "ODPFN014", "HS10",
                ("8703600010", "8703700010", "8703800011", "8507600020", "8708290010", "8708999990"),
                ("8703400010", "8507500000", "8707100000", "0870380001"),
            ),
            (
                "canola_exports_by_destination_monthly", "cimt_exports", "ODPFN017", "HS8",
                ("12051010", "12059000", "15141100", "15141900", "15149100", "23064100", "23064900"),
                ("12060000", "15131100", "23063000", "23065000"),
            ),
        ],
    )  # fmt: skip
    def test_every_code_asked_for_by_country(
        self, here: Path, publisher: Publisher, table: str, source: str, number: str, code: str,
        taken: tuple[str, ...], left: tuple[str, ...],
    ):  # fmt: skip
        imports = code == "HS10"
        every = [
            {"month": f"{year}{month:02d}", "code": line, "country": country, "province": province, "value": "5",
             "quantity": "2", "unit": "NMB" if imports else "TNE"}
            for year in (2025, 2026) for month in (1, 2) for line in (*taken, *left)
            for country in ("CN", "US") for province in (("BC", "QC") if imports else ("",))
        ]  # fmt: skip
        for year in range(2019, 2027):
            shown = [row for row in every if row["month"].startswith(str(year))]
            shown = shown or [{**every[0], "month": f"{year}01"}]
            content = publishers.cimt(str(year), number, code, shown, province=imports)
            publisher.answers[path_of(source).replace("{year}", str(year))] = Answer(content, "application/zip")
        refreshed(source, today=date(2026, 11, 25), accept=[table])
        assert data.describe(table)["coverage"] == "2019-01 to 2026-02"
        assert all(path.read_text("utf-8") == text for path, text in data.generated().items())
        frame = data.load(table).query("month >= '2025-01-01'")
        column = "hs10" if imports else "hs8"
        assert set(frame[column].str.replace(".", "")) == set(taken)
        assert len(frame) == 2 * 2 * len(taken) * 2 * (2 if imports else 1), "month, line, country and province"
        assert set(frame["country"]) == {"CN", "US"}
        assert imports or set(frame["volume_kg"]) == {2000}

    def test_a_year_revised_long_after_is_read_again_and_one_that_cannot_be_had_keeps_the_whole_table(
        self, here: Path, publisher: Publisher
    ):
        """All rows of a table are of one reading: none of an older release stays beside new ones."""
        paths_of_years = {year: path_of("cimt_exports").replace("{year}", str(year)) for year in range(2019, 2027)}
        for year in paths_of_years:
            self.serve(publisher, year)
        refreshed("cimt_exports", today=date(2026, 11, 25), accept=[self.EXPORTS])
        self.serve(publisher, 2019, value="1300000")
        asked = {path: publisher.times(path) for path in paths_of_years.values()}
        outcome = refreshed("cimt_exports", today=date(2026, 11, 26), accept=[self.EXPORTS])
        assert [str(change) for change in outcome.revisions[0].changes] == [
            "2019-01, 1205.10.10, CN: value_cad 1.25e+06 → 1.3e+06 (+4.0%)"
        ]
        assert {path: publisher.times(path) - 1 for path in asked} == asked
        record = staging.record(outcome.name)["tables"][self.EXPORTS]
        files_read = [f"cimt_exports-{year}" for year in paths_of_years]
        assert record == {"vintage": outcome.name, "read": "2026-11-26", "files": files_read}
        newest = publisher.answers.pop(paths_of_years[2026])  # there is no file of the year yet
        assert "answers 404" in reasons(refreshed("cimt_exports", today=date(2027, 1, 15)))
        publisher.answers |= {paths_of_years[2026]: newest}
        publisher.answers.pop(paths_of_years[2020])
        outcome = refreshed("cimt_exports", today=date(2026, 11, 26), accept=[self.EXPORTS])
        assert not outcome.name and "CIMT-CICM_Tot_Exp_2020.zip" in reasons(outcome)


class TestTablesOfOneYear:
    """Their figures are revised each June; no period is added, none can be missing."""

    LINES, PARTNERS = "us_imports_from_canada_2024", "us_imports_by_partner_2024"
    SOURCES = ("us_census_2024", "us_census_2025_12", "us_census_partners_2024")

    def test_the_same_figures_are_no_vintage(self, here: Path, publisher: Publisher):
        publish(publisher, TABLES, *self.SOURCES)
        before = files(here)
        assert command.report(refreshed(*self.SOURCES)) == ["no table changed; vintage shipped stays in force"]
        assert files(here) == before

    def test_a_revision(self, here: Path, publisher: Publisher):
        crude = TABLES[self.LINES]["hts10"] == "1514110000"
        revised = TABLES[self.LINES].assign(
            value_usd=TABLES[self.LINES]["value_usd"].mask(crude, "1600000000"),
            cusma_share_2025_12=TABLES[self.LINES]["cusma_share_2025_12"].mask(crude, "0.25"),
        )
        publish(publisher, {**TABLES, self.LINES: revised}, *self.SOURCES)
        outcome = refreshed(*self.SOURCES)
        lines = outcome.revisions[0].lines()
        assert lines[0] == "us_imports_from_canada_2024: 0 rows added, 1 revised, 0 vanished"
        assert "    1514110000: value_usd 1.50794e+09 → 1.6e+09 (+6.1%)" in lines
        described = data.describe(self.LINES)
        assert described["coverage"] == "2024 to 2024"
        assert described["vintage"] == "calendar 2024 and claims of 2025-12, read 2027-01-15"
        oil = data.load(self.LINES).set_index("hts10").loc["1514110000"]
        assert oil["description"] == "Rapeseed/Colza Oil, Low Erucic Acid, Crude"
        assert (oil["cusma_share_2024"], oil["cusma_share_2025_12"]) == (0.4314, 0.25)

    def test_a_line_that_is_gone_is_looked_at(self, here: Path, publisher: Publisher):
        publish(publisher, {**TABLES, self.PARTNERS: TABLES[self.PARTNERS].iloc[30:]}, *self.SOURCES)
        reason = reasons(refreshed(*self.SOURCES))
        assert "us_imports_by_partner_2024: 30 rows vanished, at most 20 may" in reason


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, run.Outcome, dict[str, bytes]]:
    """A copy whose series were extended by up to half a year; what the refresh said, and what was there before."""
    with publishers.serving() as publisher, pytest.MonkeyPatch.context() as patch:
        root = refreshing.copy_project(tmp_path_factory.mktemp("later"), publisher.base)
        patch.setenv(paths.ROOT_VARIABLE, str(root))
        patch.delenv(vintages.VARIABLE, raising=False)
        patch.setattr(source_files, "answer", in_this_process)
        before = files(root)
        publish_later(publisher, *refreshing.FROM_SERVER)
        lacks_nunavut = ["vehicle_registrations_quarterly"]  # as the year before does, whose quarters are handed out
        return root, refreshed(*refreshing.FROM_SERVER, accept=lacks_nunavut), before


class TestHalfAYearLater:
    @pytest.fixture(autouse=True)
    def there(self, later: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(paths.ROOT_VARIABLE, str(later[0]))

    def test_is_in_force_and_the_shipped_vintage_is_as_it_was(self, later: Any):
        root, outcome, before = later
        assert vintages.current() == outcome.name == "2027-01-15"
        assert vintages.names() == ["shipped", "2027-01-15"]
        assert {path: content for path, content in files(root).items() if "vintages" not in path} == before

    def test_tables_are_what_publishers_have_cell_for_cell(self, later: Any):
        """Table → publisher's file → server → download → reader → table."""
        for name, table in sources_schema.load().tables.items():
            if table.parts and {part.source for part in table.parts} <= {*refreshing.FROM_SERVER}:
                frame = pd.read_csv(vintages.folder() / "tables" / f"{name}.csv", dtype=str, keep_default_na=False)
                assert rows(frame) == rows(later_tables()[name]), name
                assert len(frame) > len(TABLES[name]) or name == "census_crop_farms"

    def test_descriptions_say_so(self, later: Any):
        described = data.describe("merchandise_trade_monthly")
        assert described["coverage"] == "1997-01 to 2026-10"
        assert described["vintage"] == "files that end with 2026-10, read 2027-01-15"
        assert "files that end with 2026-10, read 2027-01-15" in described["attribution"]
        rate = data.describe(RATE)
        assert rate["attribution"] == "Board of Governors of the Federal Reserve System; Bank of Canada."
        assert [entry["title"][:14] for entry in rate["sources"]] == ["Board of Gover", "Bank of Canada"]
        monthly = data.describe("us_imports_from_canada_monthly")
        assert "Trade Commission" not in json.dumps(monthly) and "Yale" not in monthly["caveat"]
        assert "end with 2021-12" not in data.describe("farm_prices_monthly")["caveat"]

    def test_the_prairie_mean_follows_and_keeps_its_basis(self, later: Any):
        basis = data.load("canola_price_prairies_monthly").set_index("month")["basis"]
        assert basis["2020-12-01"] == "official-2022-02"
        assert basis["2026-06-01"] == "transcribed-2026-08"
        assert basis["2026-12-01"] == "official-2027-01"

    def test_the_report(self, later: Any):
        text = "\n".join(command.report(later[1]))
        assert "canola_crush_monthly: 2009-12 to 2026-10 (was 2026-08); 2 rows added, 0 revised, 0 vanished" in text
        assert "vintage 2027-01-15 lies aside; shipped is in force as before" in text

    def test_the_record_says_where_each_file_came_from(self, later: Any):
        record = json.loads((vintages.folder() / vintages.MARK).read_text("utf-8"))
        assert record["after"] == "shipped"
        census = {f"us_census-{chapter}" for chapter in sources_schema.load().sources["us_census"].chapters}
        assert set(record["files"]) == {*refreshing.FROM_SERVER, *census} - {"us_census"}
        assert all(file["sha256"] and file["ETag"] and file["bytes"] for file in record["files"].values())

    def test_rows_of_two_publishers_in_one_table_are_told_apart(self, later: Any):
        record = json.loads((vintages.folder() / vintages.MARK).read_text("utf-8"))
        assert record["tables"][RATE]["rows"] == {"before 2026-05": "shipped", "from 2026-05": later[1].name}
        assert all("rows" not in origin for table, origin in record["tables"].items() if table != RATE)

    def test_either_vintage_can_be_selected(self, later: Any, capsys: pytest.CaptureFixture[str]):
        assert main(["vintages"]) == 0
        assert capsys.readouterr().out == "shipped\n2027-01-15 (in force)\n"
        with vintages.pinned("shipped"):
            assert len(data.load(CRUSH)) == len(TABLES[CRUSH])
        assert len(data.load(CRUSH)) == len(TABLES[CRUSH]) + 2
        assert main(["--vintage", "2026-01-01", "scenarios"]) == 2
        assert "--vintage: found 2026-01-01; allowed: shipped, 2027-01-15" in capsys.readouterr().err
        assert vintages.VARIABLE not in os.environ

    @pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="kernels are forked on Linux only")
    def test_kernels_of_one_server_use_each_its_own(self, later: Any, monkeypatch: pytest.MonkeyPatch):
        code = "from tradeexposure import data; from tradeexposure.data import vintages"
        code += f"; print(vintages.selected(), len(data.load('{CRUSH}')))"
        printed, servers = [], set()
        with warmkernels.home_of_servers() as home, ExitStack() as running:
            warmkernels.live_in(home, monkeypatch)
            for name in ("2027-01-15", "shipped", "2027-01-15"):
                paths = os.pathsep.join([str(refreshing.ROOT / "lib"), str(home / "code")])
                kernel = warmkernels.manager(home, PYTHONPATH=paths, **{vintages.VARIABLE: name})
                kernel.kernel_spec.metadata["kernel_provisioner"]["config"]["preload"] = ["tradeexposure.data.tables"]
                running.enter_context(warmkernels.running(kernel))  # its server is there for the next one
                with warmkernels.talking(kernel) as call:
                    assert warmkernels.warm(kernel)
                    servers.add(warmkernels.parent(kernel).pid)
                    printed.append(call(code))
        shipped = len(TABLES[CRUSH])
        assert printed == [f"2027-01-15 {shipped + 2}", f"shipped {shipped}", f"2027-01-15 {shipped + 2}"]
        assert len(servers) == 1

    def test_an_edition_depends_on_its_own_vintage_alone(self, later: Any):
        root = later[0]
        mine = edition_inputs.folder_digests(root)["data"]
        with vintages.pinned("shipped"):
            shipped = edition_inputs.folder_digests(root)["data"]
            (root / "data" / "vintages" / "2099-01-01").mkdir()
            assert edition_inputs.folder_digests(root)["data"] == shipped
        assert mine != shipped
        assert edition_inputs.folder_digests(root)["data"] == mine
        (root / "data" / "vintages" / "2099-01-01").rmdir()

    def test_nothing_is_stale_for_a_while(self, later: Any):
        ages = {age.table: age for age in staleness.check(date(2026, 11, 20))}
        assert ages["merchandise_trade_monthly"].state == "current"
        assert ages["canola_exports_by_destination_monthly"].state == "stale"


class TestUnchanged:
    def test_put_back(self, here: Path, publisher: Publisher, capsys: pytest.CaptureFixture[str]):
        publish(publisher, longer_crush(), "statcan_32100352")
        first = refreshed("statcan_32100352").name
        publish(publisher, longer_crush(4), "statcan_32100352")
        second = refreshed("statcan_32100352").name
        assert (first, second) == ("2027-01-15", "2027-01-15-2")
        assert len(data.load(CRUSH)) == len(TABLES[CRUSH]) + 4
        assert main(["vintages", first]) == 0
        assert len(data.load(CRUSH)) == len(TABLES[CRUSH]) + 2
        assert main(["vintages", "shipped"]) == 0
        assert len(data.load(CRUSH)) == len(TABLES[CRUSH])
        assert main(["vintages", "2020-01-01"]) == 2


def longer_crush(months: int = 2) -> dict[str, pd.DataFrame]:
    return {CRUSH: refreshing.longer(TABLES[CRUSH], "month", months)}


def changed(frame: pd.DataFrame, month: str, column: str, value: str) -> pd.DataFrame:
    return frame.assign(**{column: frame[column].mask(frame["month"] == month, value)})


class TestBounds:
    """What a human must look at stops the refresh; naming the table lets it through."""

    CRUSHED, LONGER = TABLES[CRUSH], longer_crush(2)[CRUSH]
    HALF_MORE = CRUSHED.assign(seed_crushed_kt=(CRUSHED["seed_crushed_kt"].astype(float) * 1.5).round(3).astype(str))
    OVER = "allowed: months that were over before 2027-01-15"
    REFUSED = (
        (CRUSHED.iloc[:-3], "ends with 2026-05, held to 2026-08", "3 rows vanished", f"--accept {CRUSH}"),
        (HALF_MORE, "100% of the rows held are revised", "revisions are 50% in the median"),
        (changed(CRUSHED, "2026-08", "seed_crushed_kt", "-5"), "found -5; allowed: minimum 100"),
        (pd.concat([LONGER, LONGER.tail(1).assign(month="2036-05")]), f"found 2036-05; {OVER}"),
        (pd.concat([LONGER, LONGER.tail(1).assign(month="2027-01")]), f"found 2027-01; {OVER}"),
        (pd.concat([LONGER, LONGER.tail(1).assign(month="2026-12")]),
         "found no row 2026-11; allowed: a row for every month from 2009-12 to 2026-12"),
    )  # fmt: skip

    def test_a_series_that_is_shorter_much_revised_or_of_months_that_cannot_be(self, here: Path, publisher: Publisher):
        before = files(here)
        for crush, *parts in self.REFUSED:
            publish(publisher, {CRUSH: crush}, "statcan_32100352")
            outcome = refreshed("statcan_32100352")
            assert files(here) == before and not outcome.name
            assert [part for part in parts if part not in reasons(outcome)] == []

    def test_another_central_bank_must_agree(self, here: Path, publisher: Publisher):
        publish(publisher, {RATE: changed(TABLES[RATE], "2026-03", "cad_per_usd", "0.73")}, "bank_of_canada")
        assert "found cad_per_usd 0.73 in 2026-03 where" in reasons(refreshed("bank_of_canada"))

    def test_a_correction_the_publisher_made_himself(self, here: Path, publisher: Publisher):
        shipped = refreshing.from_month(GRAIN, FIRST_SHIPMENT)
        twice = (shipped["month"] == "2021-03") & (shipped["destination"] == "Italy") & (shipped["grain"] == "durum")
        africa = twice & (shipped["region"] == "Africa")
        mended = shipped[~africa].copy()
        mended.loc[twice & ~africa, "volume_kt"] = "90.5"
        publish(publisher, {GRAIN: mended}, "grain_commission")
        outcome = refreshed("grain_commission")
        assert not outcome.name, "the sum of two rows and their mended total are the same figure"
        publish(publisher, {GRAIN: refreshing.longer(mended, "month", 6)}, "grain_commission")
        outcome = refreshed("grain_commission")
        assert outcome.retired == ("durum_italy_twice",)
        line = "correction durum_italy_twice no longer fits and does not apply to this vintage"
        assert line in command.report(outcome)
        assert "durum_italy_twice" not in (vintages.folder() / "corrections.yml").read_text("utf-8")
        assert "durum_italy_twice" in (here / "data" / "corrections.yml").read_text("utf-8")

    def test_the_report_names_published_results_that_rest_on_it(self, here: Path, publisher: Publisher):
        edition = here / "reports" / "published" / "deal_2026"
        edition.mkdir(parents=True)
        shutil.copy(refreshing.ROOT / "reports" / "published" / "deal_2026" / "results.csv", edition)
        named = pd.read_csv(edition / "results.csv", dtype=str).set_index("result_id")["tables"].fillna("")
        resting = [name for name, tables in named.items() if CRUSH in tables.replace(";", " ").split()]
        publish(publisher, longer_crush(), "statcan_32100352")
        lines = command.report(refreshed("statcan_32100352"))
        line = next(line for line in lines if line.startswith("deal_2026:"))
        assert line.startswith(f"deal_2026: {len(resting)} published results rest on changed tables ({resting[0]}, ")
        assert 0 < len(resting) < len(named)

    def test_a_vintage_that_is_not_sound_as_a_whole_is_thrown_away(
        self, here: Path, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
    ):
        writing = staging.write

        def write(folder: Path, *rest: Any) -> None:
            writing(folder, *rest)
            with (folder / "tables" / f"{CRUSH}.csv").open("a") as table:
                table.write("2099-01,1,1,1\n")

        monkeypatch.setattr(staging, "write", write)
        publish(publisher, longer_crush(), "statcan_32100352")
        before = files(here)
        with pytest.raises(
            RunFailed, match=r"the new vintage is not sound and was thrown away: .*canola_crush_monthly"
        ):
            refreshed("statcan_32100352")
        assert files(here) == before


def test_sources_that_lack_a_key_are_left_out_and_named(here: Path, monkeypatch: pytest.MonkeyPatch):
    catalogue = sources_schema.load()
    asking = ("us_census", "us_census_2024", "us_census_2025_12", "us_census_partners_2024")
    monkeypatch.delenv("CENSUS_API_KEY", raising=False)
    assert run._left_out(catalogue, ()) == asking
    assert run._left_out(catalogue, ["us_census"]) == (), "asked for by name it is tried"
    lines = command.report(run.Outcome("", "shipped", left_out=asking[:1]))
    assert lines[0] == "left out: us_census, which needs a key (see data/sources.yml)"
    monkeypatch.setenv("CENSUS_API_KEY", "k")
    assert run._left_out(catalogue, ()) == ()


@pytest.fixture(scope="module")
def refreshed_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, CompletedProcess[str]]:
    """A copy after a refresh from five sources, two of them broken, and how that ended."""
    with publishers.serving() as publisher, pytest.MonkeyPatch.context() as patch:
        root = refreshing.copy_project(
            tmp_path_factory.mktemp("mixed") / "copy", publisher.base, *TestEachForItself.HELD
        )
        patch.setenv(paths.ROOT_VARIABLE, str(root))
        publish_later(publisher, *TestEachForItself.SOURCES)
        publisher.answers[path_of("statcan_12100182")] = Answer(b"<html>Maintenance</html>", "text/html")
        publisher.answers[path_of("statcan_32100077")] = Answer(
            publishers.zipped({"32100077.csv": b'"REF_DATE","X"\r\n'})
        )
        ended = Project.at(root).inside("refresh", *TestEachForItself.SOURCES)
        run.accept_vintage(vintages.names()[-1])
        return root, ended


class TestEachForItself:
    """One source that cannot be read does not hold back the others; what is in force is one vintage."""

    SOURCES = (
        "statcan_12100011", "statcan_12100182", "statcan_32100077", "statcan_32100352", "bank_of_canada",
    )  # fmt: skip
    PRICES, MEAN, TRADE = "farm_prices_monthly", "canola_price_prairies_monthly", "merchandise_trade_monthly"
    HELD = (*FEW, PRICES, MEAN, TRADE, "partner_trade_monthly")

    @pytest.fixture
    def mixed(self, refreshed_once: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str, list[str], dict[str, Any]]:
        """Its exit status, output, errors, and what is noted of the vintage."""
        root, ended = refreshed_once
        monkeypatch.setenv(paths.ROOT_VARIABLE, str(root))
        return ended.returncode, ended.stdout, ended.stderr.splitlines(), staging.record(vintages.current())

    def test_what_validates_is_in_force_as_one_vintage(self, mixed: Any):
        status, out, errors, _ = mixed
        assert status == 1 and vintages.current() != "shipped"
        now = vintages.current()
        assert f"vintage {now} lies aside; shipped is in force as before" in out
        assert f"tradeexposure refresh --accept {now} puts it in force" in out
        assert len(data.load(CRUSH)) == len(TABLES[CRUSH]) + 2
        assert len(data.load(RATE)) > len(TABLES[RATE])
        assert len(errors) == 2, "one line for each broken source"

    def test_the_rest_keeps_its_figures_and_is_named_with_reason_and_remedy(self, mixed: Any):
        _, _, errors, _ = mixed
        for name in (self.TRADE, self.PRICES, self.MEAN):
            path = vintages.folder() / "tables" / f"{name}.csv"
            assert path.read_bytes() == (refreshing.ROOT / "data" / "tables" / f"{name}.csv").read_bytes()
        assert errors[0].startswith("error: Statistics Canada, table 12-10-0182-01")
        assert "it sends a web page instead of the file; open the address in a browser" in errors[0]
        assert errors[0].endswith(f"; {self.TRADE} keeps the figures it has")
        assert errors[1].startswith("error: Statistics Canada, table 32-10-0077-01: found no column VALUE")
        assert errors[1].endswith(f"; {self.PRICES}, {self.MEAN} keep the figures they have")

    def test_the_vintage_says_per_table_where_it_came_from(self, mixed: Any):
        record = mixed[3]
        now = vintages.current()
        assert set(record["tables"]) >= set(data.names())
        assert record["tables"][CRUSH] == {
            "vintage": now, "read": record["created"], "files": ["statcan_32100352"],
        }  # fmt: skip
        kept = record["tables"][self.TRADE]
        assert kept["vintage"] == "shipped" and "12-10-0182-01" in kept["kept"]
        assert record["tables"]["vehicle_production"] == {"vintage": "shipped"}
        assert len(record["kept"]) == 2

    def test_the_next_one_brings_what_was_lacking(
        self, refreshed_once: Any, mixed: Any, publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        root = copied(refreshed_once[0], tmp_path / "copy")
        monkeypatch.setenv(paths.ROOT_VARIABLE, str(root))
        refreshing.move_sources(root, publisher.base)
        first = vintages.current()
        mended = ("statcan_12100011", "statcan_12100182", "statcan_32100352")
        publish_later(publisher, *mended)
        outcome = refreshed(*mended)
        assert not outcome.kept
        assert {revision.table for revision in outcome.revisions} == {self.TRADE}
        tables = staging.record(outcome.name)["tables"]
        assert tables[CRUSH] == {**mixed[3]["tables"][CRUSH], "same": "2027-01-15"}
        assert tables[CRUSH]["vintage"] == first and tables[self.TRADE]["vintage"] == outcome.name

    def test_a_file_no_library_expected(self, here: Path, publisher: Publisher):
        publish_later(publisher, "statcan_32100352", "world_bank")
        publisher.answers[refreshing.WORKBOOK] = Answer(b"PK\x03\x04" + bytes(1000))
        outcome = refreshed("statcan_32100352", "world_bank")
        assert [revision.table for revision in outcome.revisions] == [CRUSH]
        assert "World Bank, Commodity Price Data (Pink Sheet): found no workbook" in reasons(outcome)
        there = {path.name for path in paths.path(*run.DOWNLOADS).iterdir()}
        assert "statcan_32100352" in there and "world_bank" not in there, "a refused download does not stay"

    def test_a_reader_that_fails_as_nobody_foresaw(
        self, here: Path, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
    ):
        @contextmanager
        def opened(*_: Any) -> Iterator[Any]:
            yield json.loads("[" * 100_000)

        publish_later(publisher, "statcan_32100352", "world_bank")
        monkeypatch.setitem(source_files.READERS, "pinksheet", opened)
        monkeypatch.setattr(run.revisions, "compare", self.fails_for("canola_crush_monthly", run.revisions.compare))
        outcome = refreshed("statcan_32100352", "world_bank")
        assert not outcome.name
        text = reasons(outcome)
        assert "Pink Sheet): found a file that cannot be read (RecursionError: maximum recursion" in text
        assert "canola_crush_monthly cannot be made of its files (MemoryError: )" in text

    @staticmethod
    def fails_for(name: str, compare: Any) -> Any:
        def failing(table: str, *rest: Any, **options: Any) -> Any:
            if table == name:
                raise MemoryError
            return compare(table, *rest, **options)

        return failing


class TestTheWord:
    """A vintage that lies aside is put in force or thrown away by name, and nothing else is."""

    SOURCE = "statcan_32100352"

    @pytest.fixture
    def aside(self, here: Path, publisher: Publisher) -> str:
        publish(publisher, longer_crush(), self.SOURCE)
        outcome = refreshed(self.SOURCE, word=False)
        assert vintages.current() == "shipped" and run.waiting() == [outcome.name]
        assert command.report(outcome)[-2] == f"vintage {outcome.name} lies aside; shipped is in force as before"
        return outcome.name

    def test_of_a_vintage_that_was_made_from_another(
        self, aside: str, publisher: Publisher, capsys: pytest.CaptureFixture[str]
    ):
        publish(publisher, longer_crush(4), self.SOURCE)
        second = refreshed(self.SOURCE).name
        assert main(["refresh", "--accept", aside]) == 2
        refusal = f"--accept: found {aside}, made from shipped and not from {second}, which is in force"
        assert refusal in capsys.readouterr().err
        assert vintages.current() == second

    def test_accepts_and_drops_when_another_is_in_force(
        self, aside: str, here: Path, capsys: pytest.CaptureFixture[str]
    ):
        assert main(["refresh", "--accept", aside]) == 0
        assert f"vintage {aside} is in force" in capsys.readouterr().out
        assert vintages.current() == aside and run.waiting() == []
        pointer = here / "data" / "vintages" / vintages.CURRENT
        assert pointer.is_file() and main(["refresh", "--drop", aside]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith(f"error: --drop: found {aside}, which is in force; allowed: a vintage that waits")
        for typed in line.partition(" type: ")[2].split("; "):
            assert main(typed.split()[1:]) == 0
        assert vintages.names() == ["shipped"] and vintages.current() == "shipped"
        assert not pointer.exists(), "without it the shipped one is in force"

    NONE = (
        ("--accept 2030-01-01", "--accept: found 2030-01-01; allowed: 2027-01-15"),
        ("--drop shipped", "--drop: found shipped; allowed: 2027-01-15"),
        ("--drop ../tables", "--drop: found ../tables; allowed: 2027-01-15"),
        ("--accept 2027-01-15 --accept 2027-01-15-2", "refresh: found options that exclude each other"),
        ("--accept 2027-01-15 statcan_32100352", "refresh: found options that exclude each other"),
        ("--check --drop 2027-01-15", "refresh: found options that exclude each other"),
    )

    def test_drops_and_refuses_what_is_none(self, aside: str, here: Path, capsys: pytest.CaptureFixture[str]):
        before = files(here)
        for typed, refusal in self.NONE:
            assert main(["refresh", *typed.split()]) == 2
            assert refusal in capsys.readouterr().err and files(here) == before
        assert main(["refresh", "--drop", aside]) == 0
        assert f"vintage {aside} was thrown away; shipped is in force as before" in capsys.readouterr().out
        assert vintages.names() == ["shipped"]


class TestFaults:
    """The message names the source and what to do; the vintage in force is as it was; nothing is left behind."""

    SOURCE = "statcan_32100352"

    def told(self, here: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
        before = files(here)
        assert main(["refresh", *(arguments or (self.SOURCE,))]) in (1, 2)
        assert files(here) == before
        shown = capsys.readouterr().err
        assert shown.count("\n") == 1
        return shown

    def test_no_network_for_any_source_is_told_in_one_line(
        self, whole: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.delenv("CENSUS_API_KEY", raising=False)
        sources = whole / "data" / "sources.yml"
        sources.write_text(sources.read_text("utf-8").replace("http://127.0.0.1:", "http://127.0.0.1:1#"), "utf-8")
        before = files(whole)
        assert main(["refresh"]) == 1
        shown = capsys.readouterr()
        asked = [source for source in sources_schema.load().sources.values() if not source.key_variable]
        assert (shown.out, shown.err) == (
            "", "error: no connection: there is no network, or no publisher's server is up "
            f"(all {len(asked)} sources were asked); nothing was touched, refresh again later\n"
        )  # fmt: skip
        assert files(whole) == before

    def test_a_full_disk(
        self, here: Path, publisher: Publisher, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ):
        publish(publisher, longer_crush(), "statcan_32100352")
        writing = core_files.write

        def write(path: Path, content: bytes | str) -> None:
            if path.name == "datapackage.json":
                raise OSError(errno.ENOSPC, "No space left on device")
            writing(path, content)

        monkeypatch.setattr(core_files, "write", write)
        assert "data/vintages/.staging: the disk is full; free some space" in self.told(here, capsys)

    def test_a_service_that_needs_a_key(
        self, whole: Path, publisher: Publisher, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.delenv("CENSUS_API_KEY", raising=False)
        publisher.answers[path_of("us_census")] = Answer(b"", status=403)
        assert "set CENSUS_API_KEY to your key" in self.told(whole, capsys, "us_census")
        monkeypatch.setenv("CENSUS_API_KEY", "secret-of-mine")
        assert "secret-of-mine" not in self.told(whole, capsys, "us_census")
        assert "key=secret-of-mine" in publisher.asked[-1][0]

    def test_killed_in_the_middle_and_a_second_one_meanwhile(
        self, here: Path, publisher: Publisher, capsys: pytest.CaptureFixture[str]
    ):
        publish(publisher, longer_crush(), self.SOURCE)
        path = path_of(self.SOURCE)
        whole = publisher.answers[path]
        assert isinstance(whole, Answer)
        publisher.answers[path] = Answer(whole.content, "application/zip", pause=0.1, chunk=100)
        before = files(here)
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        running = subprocess.Popen([*COMMAND, self.SOURCE], cwd=here, env=environment)
        downloads = here / "reports" / "_build" / "downloads"
        wait_for(lambda: any(part.stat().st_size for part in downloads.glob(f"{core_files.IN_THE_MAKING}*")))
        try:
            assert "refresh: found another refresh that is under way; allowed: one at" in self.told(here, capsys)
        finally:
            running.send_signal(signal.SIGKILL)
            running.wait()
        assert files(here) == before
        assert list(downloads.glob(f"{core_files.IN_THE_MAKING}*"))
        (here / "data" / "vintages" / ".staging" / "tables").mkdir(parents=True)  # what a later kill would leave
        publisher.answers[path] = whole
        assert refreshed(self.SOURCE).name == "2027-01-15"
        assert sorted(path.name for path in downloads.iterdir()) == [self.SOURCE, f"{self.SOURCE}.json"]
        assert sorted(path.name for path in (here / "data" / "vintages").iterdir()) == ["2027-01-15", "CURRENT"]


def wait_for(happened: Any, seconds: float = 120.0) -> None:
    ends = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < ends
        time.sleep(0.02)


def test_check_says_what_is_stale_and_asks_the_publisher(
    whole: Path, publisher: Publisher, capsys: pytest.CaptureFixture[str]
):
    before = files(whole)
    assert main(["refresh", "--check"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert len(shown) == len(sources_schema.load().tables)
    assert all(line.startswith(("stale ", "due ", "current ")) for line in shown)
    asked = [line for line in shown if "by the calendar; Statistics Canada's Web Data Service: it answers 404" in line]
    assert len(asked) == 12, "every table of a source with a number, and no other"
    assert (
        "current  us_imports_from_canada_2024: holds 2024, 2024 is the one year it is about, revised each June "
        "(us_census_2024, us_census_2025_12)"
    ) in shown, "a table of one year never is"
    path = refreshing.service_path(sources_schema.load())
    cubes = [publishers.cube("32100352", "2026-10-01", "2026-11-24T08:30")]
    publisher.answers[path] = Answer(json.dumps(cubes).encode(), "application/json")
    assert main(["refresh", "--check"]) == 0
    assert (
        f"stale    {CRUSH}: holds 2026-08, 2026-10 is out at the publisher, released 2026-11-24 08:30 Eastern "
        "(statcan_32100352)"
    ) in capsys.readouterr().out.splitlines()
    assert publisher.times(path) == 2 and files(whole) == before


def test_check_without_a_network_asks_once(
    whole: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    sources = whole / "data" / "sources.yml"
    sources.write_text(sources.read_text("utf-8").replace("http://127.0.0.1:", "http://127.0.0.1:1#"), "utf-8")
    asked, connect = [], HTTPConnection.connect
    monkeypatch.setattr(HTTPConnection, "connect", lambda self: asked.append(self.host) or connect(self))
    assert main(["refresh", "--check"]) == 0
    assert len(asked) == 1, "all tables are told of at once, and nobody waits for a second try"
    assert "Web Data Service: no connection: there is no network" in capsys.readouterr().out


def test_every_address_is_in_the_one_file():
    """No publisher's address stands in the code that fetches."""
    code = sorted((refreshing.ROOT / "lib" / "tradeexposure" / "refresh").rglob("*.py"))
    assert len(code) > 10
    for path in code:
        schemes = set(re.findall(r"\w+://", path.read_text("utf-8")))
        assert schemes <= ({"http://", "https://"} if path.name == "http.py" else set()), path.name
        assert not re.search(r"https?://\w", path.read_text("utf-8")), path.name


@pytest.fixture(scope="module")
def rebuilt(later: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default edition, rebuilt half a year later without a change of code."""
    root = tmp_path_factory.mktemp("rebuilt")
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(later[0] / "data", root / "data")
    for folder in ("lib", "notebooks", "reports/template"):
        shutil.copytree(refreshing.ROOT / folder, root / folder, ignore=ignored)
    shutil.copy(refreshing.ROOT / "requirements.lock", root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(paths.ROOT_VARIABLE, str(root))
        patch.delenv(vintages.VARIABLE, raising=False)
        assert main(["run", "deal_2026", "--workers", "1"]) == 0
    return root / "reports" / "published" / "deal_2026"


@pytest.mark.slow
@pytest.mark.timeout(1800)
class TestNewFiguresFlowOn:
    def test_the_edition_rests_on_the_new_vintage_alone(self, rebuilt: Path):
        used = json.loads((rebuilt / "manifest.json").read_text("utf-8"))["inputs"]
        tables = [path for path in used if "/tables/" in path]
        assert tables and all(path.startswith("data/vintages/2027-01-15/tables/") for path in tables)

    @pytest.mark.parametrize(
        ("page", "table"),
        [
            ("10_map_trade", "merchandise_trade_monthly"),
            ("20_measure_canola_exposure", "grain_exports_monthly"),
            ("50_measure_ev_exposure", "us_imports_from_canada_monthly"),
        ],
    )
    def test_texts_name_the_new_last_month(self, rebuilt: Path, page: str, table: str):
        before = TABLES[table]["month"].max()
        last = pd.Timestamp(refreshing._later(before, refreshing.MONTHS[table]))
        now = (rebuilt / f"{page}.html").read_text("utf-8")
        published = (refreshing.ROOT / f"reports/published/deal_2026/{page}.html").read_text("utf-8")
        assert now.count(f"{last:%B %Y}") > published.count(f"{last:%B %Y}"), "more than days that both name"
        assert page != "10_map_trade" or f"{pd.Timestamp(before):%B %Y}" not in now, (
            "forecasts start from the new month"
        )


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_preview_says_what_would_move(
    finished: Project,
    tmp_path: Path,
    publisher: Publisher,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    """On a project with small notebooks, one of which publishes the length of a series."""
    root = Project(tmp_path / "copy", like=finished).root
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(root))
    refreshing.move_sources(root, publisher.base)
    work = 'from tradeexposure import data\nvalue = float(len(data.load("canola_crush_monthly")))'
    counts = {**tinyproject.ESTIMATE, "book": tinyproject.ESTIMATE["book"].replace("farm_prices_monthly", CRUSH)}
    Project.at(root).write("10_count_things", counts, work=work)
    assert main(["run", "deal_2026"]) == 0
    publish(publisher, longer_crush(), "statcan_32100352")
    capsys.readouterr()
    outcome = run.refresh(["statcan_32100352"], preview="deal_2026", today=DAY)
    printed = capsys.readouterr().out
    assert vintages.current() == "shipped" and run.waiting() == [outcome.name]
    assert "count.number.2024" in printed and "1 changed" in printed
    assert f"Because of data ({CRUSH})" in printed, "the table that changed is the reason"
    record = json.loads((root / "reports/published/deal_2026/manifest.json").read_text("utf-8"))
    assert "data/tables/canola_crush_monthly.csv" in json.dumps(record), "the published edition is as it was"
    broken = f"assert len(data.load('canola_crush_monthly')) < {len(TABLES[CRUSH]) + 4}"
    Project.at(root).write("10_count_things", counts, work=f"{work}\n{broken}")
    publish(publisher, longer_crush(4), "statcan_32100352")
    run.accept_vintage(outcome.name)
    with pytest.raises(RunFailed, match="deal_2026 fails on vintage 2027-01-15-2, which is kept and not in force"):
        run.refresh(["statcan_32100352"], preview="deal_2026", today=DAY)
    assert vintages.current() == outcome.name
