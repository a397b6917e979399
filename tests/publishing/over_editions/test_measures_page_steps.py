"""Duties as steps give on every day what the schedule gives."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from tradeexposure.policy import tariff_schedule
from tradeexposure.policy.tariff_schedule import FIRST_DAY, HORIZON
from tradeexposure.publishing.over_editions.measures_page import DutyLine, duty_lines

DAYS = (HORIZON - FIRST_DAY).days + 1


@pytest.fixture(scope="module")
def lines() -> list[DutyLine]:
    return duty_lines()


def picked(lines: list[DutyLine], number: int) -> list[tuple[date, DutyLine]]:
    """Days and lines drawn at random, the same each time."""
    chance = random.Random(20)
    return [(FIRST_DAY + timedelta(chance.randrange(DAYS)), chance.choice(lines)) for _ in range(number)]


def test_steps_are_the_schedule_on_random_days_and_products(lines: list[DutyLine]):
    for day, line in picked(lines, 200):
        step, found = line.on(day), tariff_schedule.rate(**line.asked(), on=day)
        ids = [measure.id for measure in found.measures]
        assert (step.charged.rate, step.charged.status, step.charged.additional) == (
            found.rate, found.status, found.additional), (line, day)  # fmt: skip
        assert [measure.id for measure in step.charged.measures] == ids, (line.product, day)


def test_a_span_is_what_the_content_decides(lines: list[DutyLine]):
    spans = [(line, step) for line in lines for step in line.steps if step.span]
    assert {line.product for line, _ in spans} >= {"passenger_vehicles", "electric_vehicles"}
    for line, step in spans:
        half = tariff_schedule.rate(**line.asked(), on=step.start, us_content=0.5, local_content=0.5).rate
        assert half == pytest.approx(sum(step.span) / 2)


def test_a_deposit_names_what_was_finally_owed(lines: list[DutyLine]):
    seed = next(line for line in lines if (line.imposer, line.product) == ("china", "canola_seed"))
    deposit = tariff_schedule.get("china_seed_deposit")
    assert {settled.start for settled in deposit.settled} <= {step.start for step in seed.steps}
    for settled in deposit.settled:
        step = seed.on(settled.start)
        assert step.charged.rate - step.owed == pytest.approx(deposit.rate - settled.rate)
    assert seed.steps[0].owed is None and seed.steps[-1].owed is None


def test_every_complete_product_has_a_line_and_entries_part_only_where_they_matter(lines: list[DutyLine]):
    words = tariff_schedule.vocabulary()
    held = {(pair.imposer, pair.origin, product) for pair in words.pairs for product in pair.complete_for}
    assert held == {(line.imposer, line.origin, line.product) for line in lines if line.complete}
    cars = [line for line in lines if (line.imposer, line.product) == ("canada", "electric_vehicles")]
    assert {(line.origin, line.quota) for line in cars if line.quota} == {("china", "within"), ("china", "above")}
    assert not [line for line in lines if line.claim and not {line.imposer, line.origin} <= set(words.cusma)]


def test_the_newest_change_is_a_day_on_which_a_measure_begins():
    day = tariff_schedule.newest_change()
    begun = [one for one in tariff_schedule.all_measures() if one.effective == day and one.stacking != "none"]
    assert begun and FIRST_DAY < day <= HORIZON
