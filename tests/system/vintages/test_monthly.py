"""The monthly ritual on a project with small notebooks: a vintage aside, its page, and the word given or not."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import publishers
import pytest
import refreshing
import tinyproject
from publishers import Publisher
from tinyproject import Project

from tradeexposure.cli import main
from tradeexposure.core import paths
from tradeexposure.data import frozen_forecasts, vintages
from tradeexposure.publishing.page import REQUEST
from tradeexposure.refresh import review, run
from tradeexposure.refresh.publishers import sources_schema
from tradeexposure.refresh.run import Outcome

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

CRUSH, SOURCE, DAY = "canola_crush_monthly", "statcan_32100352", date(2027, 1, 15)
TABLES = refreshing.text_tables()
#: Publishes the length of a series, draws it, and claims that it is short.
WORK = f"""from tradeexposure import data
from tradeexposure.reporting import charts
frame = data.load("{CRUSH}")
value = float(len(frame))
none = frame.iloc[:0].assign(vintage="", target="")
drawn = charts.lines(frame, x="month", y="seed_crushed_kt", y_title="kt")
charts.show(drawn, title="Crushed", alt="A line of months.")"""
CLAIM = f"assert [name for name in ['the series is short'] if value > {len(TABLES[CRUSH])}] == []"


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishers.serving() as serving:
        yield serving


@pytest.fixture
def root(finished: Project, tmp_path: Path, publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A published project; the server has six more months, one of them held and revised."""
    project = Project(tmp_path / "copy", like=finished)
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(project.root))
    monkeypatch.delenv(vintages.VARIABLE, raising=False)
    refreshing.move_sources(project.root, publisher.base)
    book = tinyproject.ESTIMATE["book"].replace("farm_prices_monthly", CRUSH)
    book += f'\nbook.publish_table("{frozen_forecasts.SCORES}", none[["vintage", "target"]])'
    project.write("10_count_things", {**tinyproject.ESTIMATE, "book": book}, work=WORK)
    assert main(["run", "deal_2026"]) == 0
    crush = refreshing.longer(TABLES[CRUSH], "month", 2)
    crush = crush.assign(seed_crushed_kt=crush["seed_crushed_kt"].mask(crush["month"] == "2026-08", "1240"))
    refreshing.publish(publisher, sources_schema.load(), {CRUSH: crush}, SOURCE)
    return project.root


def claiming(root: Path) -> None:
    """Let the first notebook claim something, and publish that."""
    book = tinyproject.ESTIMATE["book"].replace("farm_prices_monthly", CRUSH)
    cells = {**tinyproject.ESTIMATE, "book": book, "check": CLAIM, "save": tinyproject.ESTIMATE["save"]}
    cells = {key: cells[key] for key in [*(key for key in cells if key != "save"), "save"]}
    Project.at(root).write("10_count_things", cells, work=WORK)


def state(root: Path) -> dict[str, bytes]:
    """All that counts: what is in force, what is published, the notebooks."""
    places = [root / "data" / "vintages" / "CURRENT", *(root / "reports" / "published").rglob("*")]
    places += [
        *(root / "data" / "tables").rglob("*"),
        *(root / "notebooks").rglob("*"),
        root / "reports" / "index.html",
    ]
    return {str(path): path.read_bytes() for path in places if path.is_file()}


def made(root: Path, capsys: pytest.CaptureFixture[str]) -> tuple[Outcome, str]:
    """The vintage aside and its page; nothing else changed."""
    before, outcome = state(root), run.refresh([SOURCE], today=DAY)
    review.write("deal_2026", outcome)
    assert state(root) == before, "nothing changes before the word is given"
    page = root / "reports" / "_build" / "monthly" / f"{outcome.name}.html"
    assert capsys.readouterr().out.endswith(f"review page: {page.as_uri()}\n")
    return outcome, page.read_text("utf-8").replace("<wbr>", "")


class TestThePage:
    def test_says_all_of_it(self, root: Path, capsys: pytest.CaptureFixture[str]):
        outcome, page = made(root, capsys)
        assert outcome.name == "2027-01-15" and vintages.current() == "shipped"
        shown = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))
        assert "1 table changed" in shown and "1 published number moved, 1 of them by more than" in shown
        assert "2026-08 seed_crushed_kt 1236.97 1240 +0.2%" in shown
        assert "2026-10" in shown, "rows added"
        assert "Forecasts of earlier vintages and what came No forecast that was frozen" in shown, "as it handed over"
        assert "count.number.2024" in page and "None: every claim of the notebooks still holds" in shown
        assert page.count("<img ") == 2, "the one chart before and after"
        assert 'alt="A line of months."' in page
        assert "tradeexposure refresh --accept 2027-01-15" in page
        assert not REQUEST.search(page) and "default-src 'none'" in html.unescape(page), "it opens offline"
        assert set(re.findall("<script[^>]*>", page)) <= {'<script type="application/ld+json">'}, "data, no program"

    def test_a_claim_that_no_longer_holds_is_named_and_the_rest_is_shown(
        self, root: Path, capsys: pytest.CaptureFixture[str]
    ):
        claiming(root)
        assert main(["run", "deal_2026"]) == 0, "it holds of the figures held"
        outcome, page = made(root, capsys)
        shown = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))
        assert "1 claim no longer holds" in shown and "the series is short" in shown
        assert "count.number.2024" in page, "numbers all the same"
        assert "because of data" in shown and "of the code changed" not in shown, "the notebooks are as they were"
        assert page.count("<img ") == 2
        assert vintages.current() != outcome.name

    def test_a_notebook_that_breaks_is_named_and_the_others_are_shown(
        self, root: Path, capsys: pytest.CaptureFixture[str]
    ):
        """A fault is no claim: the notebook with it has no numbers, the other one has."""
        book = tinyproject.ESTIMATE["book"].replace("farm_prices_monthly", CRUSH).replace("10_count", "20_break")
        lines = {**tinyproject.ESTIMATE, "book": book}
        broken = {key: text.replace("count.", "broken.") for key, text in lines.items()}
        fault = f"kept = dict.fromkeys(range({len(TABLES[CRUSH])}))\nkept[len(frame) - 1]"
        Project.at(root).write("20_break_things", broken, work=f"{WORK}\n{fault}")
        assert main(["run", "deal_2026"]) == 0, "it runs on the figures held"
        _, page = made(root, capsys)
        shown = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))
        assert "1 notebook stopped" in shown and "build on one that did: 20_break_things" in shown
        assert "notebooks/20_break_things.ipynb, code cell" in shown and "KeyError" in shown
        assert "count.number.2024" in page, "numbers of the notebook that ran"
        assert "broken.number.2024" not in page and "Not compared" in shown


def test_it_needs_an_edition_to_compare_with(root: Path, capsys: pytest.CaptureFixture[str]):
    shutil.rmtree(root / "reports" / "published" / "deal_2026")
    assert main(["refresh", SOURCE, "--review", "deal_2026"]) == 2
    assert "--review: found deal_2026, which is not published; allowed: tradeexposure run" in capsys.readouterr().err
    assert vintages.names() == ["shipped"]
