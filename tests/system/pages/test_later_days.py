"""The clock moved to later days: duties, check, ages of tables, a scenario of the day and the first screen."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import samplenotebook
import samplerows
from tinyproject import Project

import tradeexposure as te
from tradeexposure.core.errors import BadInput
from tradeexposure.policy import scenario_grids, scenarios, tariff_schedule
from tradeexposure.publishing import edition_index
from tradeexposure.refresh import staleness
from tradeexposure.refresh.publishers import sources_schema
from tradeexposure.scenarios.simulation import messages, sentences, simulate

if TYPE_CHECKING:
    from playwright.sync_api import Page

#: After the first announced end has come, and when nothing changes within 90 days.
LATER = (date(2027, 1, 15), date(2028, 6, 1))
REPORTS = Path(__file__).resolve().parents[3] / "reports"
A_TAB_OF_ITS_OWN = {"timezone_id": "America/Regina"}  # its clock stays moved


def move(day: date, patch: pytest.MonkeyPatch) -> None:
    """From now on it is `day`, at noon: ``date.today`` asks ``time.time``."""
    ahead = datetime(day.year, day.month, day.day, 12).timestamp() - time.time()
    now, parts = time.time, time.gmtime
    patch.setattr(time, "time", lambda: now() + ahead)
    patch.setattr(time, "gmtime", lambda seconds=None: parts(time.time() if seconds is None else seconds))
    assert date.today() == day


@pytest.fixture(params=LATER, ids=str)
def today(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> date:
    """The day that it is from now on."""
    move(request.param, monkeypatch)
    return request.param


def test_every_duty_of_the_day_is_answered_with_the_ends_that_it_rests_on(today: date) -> None:
    with pytest.raises(BadInput, match=f"to {today.year + 5}-12-31"):
        te.rate("china", "canada", "canola_seed", date(today.year + 6, 1, 1))
    assert te.rate("china", "canada", "canola_seed", date(today.year + 5, 12, 31)).rate == 0.09
    ends = {}
    for line in tariff_schedule.vocabulary().lines:
        duty = te.rate(line.imposer, line.origin, line.product, today, claim=line.claim, quota=line.quota)
        assert duty.on == today.isoformat()
        assert duty.rate is not None or duty.note
        ends[line.title] = duty.ends
    assert ends["Canola meal into China"] == ("china_meal_peas_suspension ends 2026-12-31",)
    assert ends["Canola seed into China"] == ("china_seed_antidumping ends 2031-02-28",)


def test_check_finds_what_it_found_before_and_names_announced_ends_that_have_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Project(tmp_path / "own")
    before = project.inside("check")
    move(LATER[-1], monkeypatch)
    after = project.inside("check")
    *lines, _ = after.stdout.splitlines()  # the last one counts them
    ended = [line for line in lines if ": the announced end of china_" in line]
    unchanged = [line for line in lines if line not in ended]
    assert (after.returncode, unchanged, len(ended)) == (before.returncode, before.stdout.splitlines()[:-1], 2)
    assert "data: fine" in before.stdout and "scenarios and grids: fine" in before.stdout


def test_every_table_has_a_newest_period_that_should_be_out(today: date) -> None:
    catalogue = sources_schema.load()
    ages = staleness.ages(catalogue, dict.fromkeys(catalogue.tables, "2026-09"), date.today(), {})
    assert {age.table for age in ages} == set(catalogue.tables)
    monthly = [age for age in ages if len(age.expected) == len("2026-09") and "Q" not in age.expected]
    assert monthly and all(age.state in ("stale", "due") for age in monthly)


@pytest.mark.long
def test_a_scenario_of_the_day_answers_and_says_what_lapsed(monkeypatch: pytest.MonkeyPatch) -> None:
    move(LATER[-1], monkeypatch)
    chosen = scenario_grids.variant(scenarios.load("deal_2026"), {"facts_on": LATER[-1]}, "later")
    simulated = simulate.Simulator(samplerows.DRAWS, samplerows.SEED, samplerows.REPLACED, samplerows.rows())
    values = {row["result_id"]: row["value"] for row in simulated.rows(chosen)}
    assert np.isfinite([*values.values()]).all() and values[messages.INCOME] > 0
    assert "lies beyond that" in sentences.setting(chosen, "nothing")


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A front page that leads with today."""
    folder = tmp_path_factory.mktemp("today")
    samplenotebook.front_edition(folder, "deal", *samplenotebook.today_cells())
    edition_index.write_index(folder)
    return folder / "index.html"


#: What stands beside each date, the age of the newest figure, rows whose duty is over, dates that are over, and whether
#: the page says that some are.
COUNTS = """() => {
  const all = (places) => [...document.querySelectorAll(places)], words = (one) => one.innerText.trim();
  return [all("[data-day] .count").map(words), words(document.querySelector(".age .count")),
    all(".charges .past").length, all("[data-day].past").map((one) => one.dataset.day),
    document.getElementById("passed").checkVisibility()];
}"""
COUNTED = {  # reader's day → what stands beside each date, the age of the newest figure, rows whose duty is over
    date(2026, 11, 29): (["(in 32 days)", "", "(in 4 years)", ""], "(3 months ago)", 0),
    date(2026, 12, 30): (["(tomorrow)", "", "(in 4 years)", ""], "(4 months ago)", 0),
    date(2026, 12, 31): (["(today)", "", "(in 4 years)", ""], "(4 months ago)", 0),
    date(2027, 1, 1): (["(yesterday)", "", "(in 4 years)", ""], "(5 months ago)", 1),
    date(2027, 1, 15): (["(passed 15 days ago)", "", "(in 4 years)", ""], "(5 months ago)", 1),
    date(2028, 6, 1): (["(passed 518 days ago)", "(passed)", "(in 2 years)", ""], "(22 months ago)", 1),
    date(2031, 3, 1): (["(passed 1521 days ago)", "(passed)", "(yesterday)", "(passed)"], "(55 months ago)", 1),
}


def test_the_first_screen_counts_from_the_readers_day(visit: Callable[..., Page], front: Path) -> None:
    page = visit(front, **A_TAB_OF_ITS_OWN)
    for day, (counts, age, over) in COUNTED.items():
        page.clock.set_fixed_time(f"{day}T23:30:00-06:00")
        page.reload()
        past = [end for end in ("2026-12-31", "2027-07-31", "2031-02-28", "2030-12-31") if end < day.isoformat()]
        assert page.evaluate(COUNTS) == [counts, age, over, past, bool(past)], day


def test_without_a_script_the_dates_are_there_and_nothing_is_counted(visit: Callable[..., Page], front: Path) -> None:
    page = visit(front, java_script_enabled=False)
    assert [moment.inner_text() for moment in page.locator(".coming time").all()] == [
        "31 December 2026", "July 2027, day not set", "28 February 2031",
    ]  # fmt: skip
    assert not "".join(page.locator(".count").all_inner_texts()).strip()
    assert not page.locator("#passed").is_visible() and page.locator(".past").count() == 0


@pytest.mark.parametrize(("name", "day"), [*zip(("index.html", "index.fr.html"), LATER, strict=True)])
def test_the_published_first_screen_marks_what_has_passed(
    visit: Callable[..., Page], front: Path, name: str, day: date
) -> None:
    visit(front, **A_TAB_OF_ITS_OWN).clock.set_fixed_time(f"{day}T12:00:00-06:00")
    page = visit(REPORTS / name, **A_TAB_OF_ITS_OWN)
    first = page.locator(".coming [data-day]").first
    days = (day - date.fromisoformat(str(first.get_attribute("data-day")))).days
    passed = f"passé il y a {days} jours" if ".fr." in name else f"passed {days} days ago"
    assert passed in first.inner_text() and page.locator("#passed").is_visible()
    assert page.locator(".charges .past").count() == 2  # meal with peas, lobster and crab


def test_the_tracker_and_the_first_screen_alone_ask_the_clock() -> None:
    """What a page says does not hang on the day on which it is read, but for what these two count from it."""
    scripts = sorted((REPORTS / "template").glob("*.js"))
    asking = [path.name for path in scripts if re.search(r"new Date\(\)|Date\.now", path.read_text("utf-8"))]
    assert asking == ["counting.js", "measures.js"]
