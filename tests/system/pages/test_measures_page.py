"""The tracker of measures in a browser: any day's duty without a network, the same as the schedule's."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browsing.tabs import Opener

from tradeexposure.policy import tariff_schedule
from tradeexposure.policy.tariff_schedule import FIRST_DAY, HORIZON
from tradeexposure.publishing.measures import page as measures_page
from tradeexposure.publishing.measures import steps

if TYPE_CHECKING:
    from playwright.sync_api import Page

SHOWN = """(asked) => asked.map(([day, line]) => {
  const field = document.getElementById("day");
  field.value = day;
  field.dispatchEvent(new Event("input"));
  const row = document.querySelector(`tr[data-line="${line}"]`);
  return [row.querySelector(".duty").textContent, [...row.querySelectorAll(".because a")].map((one) => one.hash)];
})"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The page in both languages."""
    folder, written = tmp_path_factory.mktemp("measures"), {}
    for language, text in measures_page.pages(languages=("en", "fr")).items():
        written[language] = folder / f"measures.{language}.html"
        written[language].write_text(text, "utf-8")
    return written


@pytest.fixture
def tracker(tabs: Opener, pages: dict[str, Path]) -> Page:
    return tabs(pages["en"])[0]


def test_any_day_shows_what_the_schedule_charges(tracker: Page) -> None:
    """200 days and lines at random: rate and measures; where there is no rate, why not."""
    chance, lines = random.Random(26), steps.lines()
    picked = [(FIRST_DAY + timedelta(chance.randrange((HORIZON - FIRST_DAY).days + 1)), chance.randrange(len(lines)))
              for _ in range(200)]  # fmt: skip
    shown = tracker.evaluate(SHOWN, [[day.isoformat(), number] for day, number in picked])
    for (day, number), (duty, because) in zip(picked, shown, strict=True):
        found = tariff_schedule.rate(**lines[number].asked(), on=day)
        assert because == [f"#measure-{measure.id}" for measure in found.measures]
        if found.rate is not None:
            assert float(duty.removesuffix("%")) / 100 == pytest.approx(found.rate, abs=1e-9), (lines[number], day)
        else:
            assert (duty == "No entry") == (found.status == "no entry")
            assert ("on top" in duty) == (bool(found.additional) and not found.specific), (lines[number], day, duty)


def test_a_french_tracker_writes_its_days_in_french(tabs: Opener, pages: dict[str, Path]) -> None:
    page, _ = tabs(pages["fr"], end="#on=2025-09-01")
    assert "1er\N{NO-BREAK SPACE}septembre\N{NO-BREAK SPACE}2025" in page.locator("#duties-heading").inner_text()


def test_a_day_in_the_address_is_shown_and_a_chosen_one_is_put_there(tabs: Opener, pages: dict[str, Path]) -> None:
    tracker, _ = tabs(pages["en"], end="#on=2025-09-01")
    assert tracker.locator("#day").input_value() == "2025-09-01"
    assert "1\N{NO-BREAK SPACE}Sep\N{NO-BREAK SPACE}2025" in tracker.locator("#duties-heading").inner_text()
    assert tracker.locator("#measure-china_seed_deposit.off").count() == 0
    tracker.locator("#day").fill("2026-04-01")
    tracker.wait_for_url("**#on=2026-04-01")  # the tab hears of it a little later
    assert tracker.locator("#measure-china_seed_deposit.off").count() == 1
    tracker.locator("#newest").click()
    assert tracker.locator("#day").input_value() == steps.newest_change().isoformat()


def test_today_is_the_clocks_and_never_outside_the_facts(tracker: Page) -> None:
    tracker.locator("#today").click()
    today = tracker.locator("#day").input_value()
    assert today == min(max(date.today(), FIRST_DAY), HORIZON).isoformat()


def test_a_link_to_a_measure_opens_it(tracker: Page) -> None:
    row = tracker.locator("tr[data-line] .because a").first
    name = str(row.get_attribute("href"))
    assert not tracker.locator(f"{name} dl").is_visible()
    row.click()
    tracker.locator(f"{name} dl").wait_for(state="visible")  # the page hears of its new address a little later
    assert "Instrument" in tracker.locator(f"{name} dl").inner_text()
