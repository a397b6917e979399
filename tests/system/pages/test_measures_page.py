"""The tracker of measures in a browser: any day's duty without a network, the same as the schedule's."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browsing.tabs import Opener

from tradeexposure.policy import duty_tables, tariff_schedule
from tradeexposure.policy.tariff_schedule import FIRST_DAY, HORIZON
from tradeexposure.publishing.over_editions import measures_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

SHOWN = """(asked) => asked.map(([day, line]) => {
  const field = document.getElementById("day");
  field.value = day;
  field.dispatchEvent(new Event("input"));
  const row = document.querySelector(`tr[data-line="${line}"]`);
  return [row.querySelector(".duty").textContent, [...row.querySelectorAll(".because a")].map((one) => one.hash)];
})"""


CELLS = """(rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent).join("\\n"))"""


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
    """50 days and lines at random: rate and measures; where there is no rate, why not."""
    chance, lines = random.Random(26), measures_page.duty_lines()
    picked = [(FIRST_DAY + timedelta(chance.randrange((HORIZON - FIRST_DAY).days + 1)), chance.randrange(len(lines)))
              for _ in range(50)]  # fmt: skip
    shown = tracker.evaluate(SHOWN, [[day.isoformat(), number] for day, number in picked])
    for (day, number), (duty, because) in zip(picked, shown, strict=True):
        charged = tariff_schedule.rate(**lines[number].asked(), on=day)
        assert because == [f"#measure-{measure.id}" for measure in charged.measures]
        if charged.rate is not None:
            assert float(duty.removesuffix("%")) / 100 == pytest.approx(charged.rate, abs=1e-9), (lines[number], day)
        else:
            assert (duty == "No entry") == (charged.status == "no entry")
            assert ("on top" in duty) == (bool(charged.additional) and not charged.specific), (lines[number], day, duty)


def test_a_french_tracker_writes_its_days_in_french(tabs: Opener, pages: dict[str, Path]) -> None:
    page, _ = tabs(pages["fr"], end="#on=2025-09-01")
    assert "1er\N{NO-BREAK SPACE}septembre\N{NO-BREAK SPACE}2025" in page.locator("#duties-heading").inner_text()
    assert page.locator("#duties-heading sup, #answer sup").all_inner_texts() == ["er", "er"]
    answer = page.locator("#answer").inner_text().replace("\N{NO-BREAK SPACE}", " ")
    assert answer.startswith("Droits perçus le 1er septembre 2025 : 84,8 %")
    page.locator("#day").fill("2026-12-31")
    meal = page.locator("tr", has_text="Tourteau").locator(".until").first.inner_text()
    assert meal.replace("\N{NO-BREAK SPACE}", " ") == "31 décembre 2026 selon ses propres dispositions"
    answer = page.locator("#answer").inner_text().replace("\N{NO-BREAK SPACE}", " ")
    assert answer.startswith("Droits perçus le 31 décembre 2026")


def test_a_day_in_the_address_is_shown_and_a_chosen_one_is_put_there(tabs: Opener, pages: dict[str, Path]) -> None:
    tracker, _ = tabs(pages["en"], end="#on=2025-09-01&from=mail")
    assert tracker.locator("#day").input_value() == "2025-09-01"
    assert "1\N{NO-BREAK SPACE}Sep\N{NO-BREAK SPACE}2025" in tracker.locator("#duties-heading").inner_text()
    assert tracker.locator("#measure-china_seed_deposit.off").count() == 0
    tracker.locator("#day").fill("2026-04-01")
    tracker.wait_for_url("**#on=2026-04-01")  # the tab hears of it a little later
    assert tracker.locator("#measure-china_seed_deposit.off").count() == 1
    switch = tracker.locator("nav a[hreflang=fr]")
    assert str(switch.get_attribute("href")).endswith("measures.fr.html#on=2026-04-01")
    tracker.locator("#newest").click()
    assert tracker.locator("#day").input_value() == tariff_schedule.newest_change().isoformat()


def test_a_day_that_no_calendar_has_moves_nothing(tabs: Opener, pages: dict[str, Path]) -> None:
    tracker, heard = tabs(pages["en"], end="#on=2027-02-29")
    newest = tariff_schedule.newest_change()
    assert tracker.locator("#day").input_value() == newest.isoformat()
    assert duty_tables.short_day(newest) in tracker.locator("#answer").inner_text() and heard.complaints == []
    assert "#" not in tracker.evaluate("location.href"), "an address that says another day than the page"


def test_a_field_that_is_left_holds_the_day_that_is_shown(tracker: Page) -> None:
    """A day beyond the page was left in the field, over duties of another day; so was none."""
    field, note = tracker.locator("#day"), tracker.locator("#told")
    field.fill("2010-05-01")
    field.blur()
    assert field.input_value() == FIRST_DAY.isoformat() and "no further" in note.inner_text()
    assert duty_tables.short_day(FIRST_DAY) in tracker.locator("#answer").inner_text()
    field.fill("")
    field.blur()
    assert field.input_value() == FIRST_DAY.isoformat()


def test_on_any_clock_today_moves_the_answer_and_what_changed_is_told_as_of_it(
    tabs: Opener, pages: dict[str, Path]
) -> None:
    tracker, heard = tabs(pages["en"], timezone_id="America/Regina")  # a tab of its own: its clock stays
    lines, terms = measures_page.duty_lines(), tariff_schedule.vocabulary()
    for clock in (date(2027, 1, 15), date(2028, 6, 1)):
        tracker.clock.set_fixed_time(f"{clock}T12:00:00-06:00")
        tracker.goto("about:blank")
        tracker.goto(pages["en"].as_uri())
        for side, rows in measures_page._changes(lines, clock, terms).items():
            shown = tracker.locator(f'.near[data-side="{side}"]')
            assert shown.locator(".none").is_visible() is not bool(rows)
            assert [cells.split("\n") for cells in shown.locator("tbody tr").evaluate_all(CELLS)] == [
                [f"{row['product']}{row['entry']}{row['direction']}", row["since"], row["before"], row["after"]]
                for row in rows
            ]
        assert tracker.locator(".reader-day").inner_text() == duty_tables.short_day(clock)
        tracker.locator("#today").click()
        assert tracker.locator("#day").input_value() == clock.isoformat()
        assert tracker.locator("#answer").inner_text() == measures_page._answer(clock, terms)
        in_force = sum(measure.in_force(clock) for measure in tariff_schedule.all_measures())
        assert tracker.locator(".in-force").inner_text() == str(in_force)
    assert heard.complaints == []


def test_without_a_script_changes_are_told_as_of_the_newest_day(tabs: Opener, pages: dict[str, Path]) -> None:
    tracker, _ = tabs(pages["en"], java_script_enabled=False)
    changes = measures_page._changes(
        measures_page.duty_lines(), tariff_schedule.newest_change(), tariff_schedule.vocabulary()
    )
    assert tracker.locator('.near[data-side="last"] tbody tr').count() == len(changes["last"]) > 0
    assert tracker.locator(".reader-day").inner_text() == duty_tables.short_day(tariff_schedule.newest_change())


def test_a_link_to_a_measure_opens_it(tracker: Page) -> None:
    row = tracker.locator("tr[data-line] .because a").first
    name = str(row.get_attribute("href"))
    assert not tracker.locator(f"{name} dl").is_visible()
    row.click()
    tracker.locator(f"{name} dl").wait_for(state="visible")  # the page hears of its new address a little later
    assert "Instrument" in tracker.locator(f"{name} dl").inner_text()
