"""The tracker of measures in a browser: any day's duty without a network, the same as the schedule's."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tradeexposure.policy import tariff_schedule
from tradeexposure.policy.tariff_schedule import FIRST_DAY, LAST_DAY
from tradeexposure.publishing.measures import page as measures_page
from tradeexposure.publishing.measures import steps

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytest.importorskip("playwright")

SHOWN = """(asked) => asked.map(([day, line]) => {
  const field = document.getElementById("day");
  field.value = day;
  field.dispatchEvent(new Event("input"));
  const row = document.querySelector(`tr[data-line="${line}"]`);
  return [row.querySelector(".duty").textContent, [...row.querySelectorAll(".because a")].map((one) => one.hash)];
})"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("measures") / "measures.html"
    path.write_text(measures_page.pages()["en"], "utf-8")
    return Path(path).as_uri()


@pytest.fixture
def tracker(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto(address)
    yield page
    context.close()


def test_any_day_shows_what_the_schedule_charges(tracker: Page) -> None:
    """200 days and lines at random: rate and measures; where there is no rate, why not."""
    chance, lines = random.Random(26), steps.lines()
    picked = [(FIRST_DAY + timedelta(chance.randrange((LAST_DAY - FIRST_DAY).days + 1)), chance.randrange(len(lines)))
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


def test_a_french_tracker_writes_its_days_in_french(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "measures.fr.html"
    path.write_text(measures_page.pages(languages=("en", "fr"))["fr"], "utf-8")
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto(f"{path.as_uri()}#on=2025-09-01")
    assert "1er\N{NO-BREAK SPACE}septembre\N{NO-BREAK SPACE}2025" in page.locator("#duties-heading").inner_text()
    context.close()


def test_a_day_in_the_address_is_shown_and_a_chosen_one_is_put_there(tracker: Page, address: str) -> None:
    tracker.goto(f"{address}#on=2025-09-01")
    tracker.reload()
    assert tracker.locator("#day").input_value() == "2025-09-01"
    assert "1\N{NO-BREAK SPACE}Sep\N{NO-BREAK SPACE}2025" in tracker.locator("#duties-heading").inner_text()
    assert tracker.locator("#measure-china_seed_deposit.off").count() == 0
    tracker.locator("#day").fill("2026-04-01")
    assert tracker.url.endswith("#on=2026-04-01")
    assert tracker.locator("#measure-china_seed_deposit.off").count() == 1
    tracker.locator("#newest").click()
    assert tracker.locator("#day").input_value() == steps.newest_change().isoformat()


def test_today_is_the_clocks_and_never_outside_the_facts(tracker: Page) -> None:
    tracker.locator("#today").click()
    today = tracker.locator("#day").input_value()
    assert today == min(max(date.today(), FIRST_DAY), LAST_DAY).isoformat()


def test_a_link_to_a_measure_opens_it(tracker: Page) -> None:
    row = tracker.locator("tr[data-line] .because a").first
    name = str(row.get_attribute("href"))
    assert not tracker.locator(f"{name} dl").is_visible()
    row.click()
    tracker.locator(f"{name} dl").wait_for(state="visible")  # the page hears of its new address a little later
    assert "Instrument" in tracker.locator(f"{name} dl").inner_text()
