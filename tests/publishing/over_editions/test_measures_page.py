"""The tracker of measures: complete, the same bytes again, and on every day the duty that the schedule gives."""

from __future__ import annotations

import json
import random
import re
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
import yaml
from pageread import downloads

from tradeexposure.policy import duty_tables, tariff_schedule
from tradeexposure.policy.stacking import Rate
from tradeexposure.policy.tariff_schedule import FIRST_DAY, HORIZON
from tradeexposure.publishing.languages import catalogues
from tradeexposure.publishing.over_editions import measures_page
from tradeexposure.publishing.over_editions.measures_page import DutyLine, Step


@pytest.fixture(scope="module")
def page() -> str:
    return measures_page.pages()["en"]


@pytest.fixture(scope="module")
def lines() -> list[DutyLine]:
    return measures_page.duty_lines()


@pytest.fixture(scope="module")
def own_products() -> set[str]:
    """Goods that facts of one's own are about, which a draft may bring in beside the shipped ones."""
    files = [path for path in catalogues.private_texts() if path.parent.name == "parameters"]
    measures = [measure for path in files for measure in yaml.safe_load(path.read_text("utf-8"))["measures"]]
    return {product for measure in measures for product in measure["products"]}


def on(rows: list[dict[str, Any]], day: date) -> dict[str, Any]:
    """What is told of a day."""
    return [row for row in rows if row["from"] <= day.isoformat()][-1]


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_every_measure_stands_once_under_who_imposes_it_on_whom(page: str) -> None:
    ids = re.findall(r'id="measure-([a-z0-9_]+)"', page)
    assert sorted(ids) == sorted(measure.id for measure in tariff_schedule.all_measures())
    assert page.index("China on goods of Canada</h3>") < page.index('id="measure-china_seed_antidumping"')
    assert page.index('id="measure-china_seed_antidumping"') < page.index("Canada on goods of China</h3>")


def test_a_threat_whose_day_has_come_is_not_in_force(page: str) -> None:
    threat = tariff_schedule.get("us_threat_232_vehicles_50")
    assert threat.effective and not threat.in_force(threat.effective)
    row = page[page.index(f'<li class="measure off" id="measure-{threat.id}" data-from=""') :]
    assert f"<small>{threat.rate_text} · {threat.dates_text}</small>" in row[: row.index("<dl>")]
    proposal = tariff_schedule.get("canada_ev_allocation_policy")
    assert proposal.effective and not proposal.in_force(proposal.effective)
    assert f'<li class="measure off" id="measure-{proposal.id}" data-from=""' in page


def test_the_table_without_script_is_that_of_the_newest_day(page: str, lines: list[DutyLine]) -> None:
    day = tariff_schedule.newest_change()
    shown = dict(re.findall(r'<tr data-line="(\d+)">.*?<strong class="duty">(.*?)</strong>', page))
    assert sorted(map(int, shown)) == list(range(len(lines)))
    for number, line in enumerate(lines):
        rate = tariff_schedule.rate(**line.asked(), on=day).rate
        if rate is not None:
            assert shown[str(number)] == f"{round(100 * rate, 4):g}%"


def test_steps_in_the_page_are_those_of_the_schedule(page: str, lines: list[DutyLine]) -> None:
    duties = json.loads(re.search(r'id="duties">(.*?)</script>', page)[1])
    assert [[step["from"] for step in steps] for steps in duties["steps"]] == [
        [step.start.isoformat() for step in line.steps] for line in lines
    ]
    assert set(duties["titles"]) >= {name for steps in duties["steps"] for step in steps for name in step["measures"]}


def test_files_hold_every_measure_with_its_sources_and_the_duty_of_every_day(page: str) -> None:
    files = downloads(page)
    facts = {row["Id"]: row for row in files["measures.csv"]}
    for measure in tariff_schedule.all_measures():
        row = facts[measure.id]
        assert row["Sources"].count(";") >= len(measure.sources) - 1 and row["Instrument"] == measure.instrument
        assert row["Confidence"] == measure.confidence
    seed = [row for row in files["duties.csv"]
            if (row["Imposer"], row["Origin"], row["Product"]) == ("china", "canada", "canola_seed")]  # fmt: skip
    since = {row["First day"]: row["Rate"] for row in seed}
    assert (since["2025-08-14"], since["2026-03-01"]) == ("0.848", "0.149")


def test_an_announced_end_stands_beside_the_duty_before_and_after_it(lines: list[DutyLine]) -> None:
    meal = next(line for line in lines if (line.imposer, line.product) == ("china", "canola_meal"))
    ending = "ends on 31\N{NO-BREAK SPACE}Dec\N{NO-BREAK SPACE}2026 by its own terms unless renewed."
    days = (date(2026, 2, 28), date(2026, 12, 31), date(2027, 1, 1), tariff_schedule.HORIZON)
    notes = [on(measures_page.step_rows(meal), day) for day in days]
    assert [ending in row["note"] for row in notes] == [False, True, True, True]
    assert [row["duty"] for row in notes] == ["105%", "5%", "105%", "105%"]
    assert [plain(row["until"]) for row in notes] == [
        "28 Feb 2026", "31 Dec 2026 by its own terms", "no end on file", "no end on file",
    ]  # fmt: skip


def test_a_duty_lasts_until_the_day_before_the_next_one(lines: list[DutyLine]) -> None:
    for line in lines:
        for now, then in pairwise(measures_page.step_rows(line)):
            last = date.fromisoformat(then["from"]) - timedelta(days=1)
            assert now["until"].startswith(duty_tables.short_day(last))
            assert line.on(last).start == date.fromisoformat(now["from"])


def test_the_answer_of_any_day_is_that_of_its_days_but_for_the_day(lines: list[DutyLine]) -> None:
    terms, chance = tariff_schedule.vocabulary(), random.Random(34)
    answers = list(measures_page._answers(lines, terms))
    begun = [date.fromisoformat(row["from"]) for row in answers]
    assert begun[0] == tariff_schedule.FIRST_DAY and len(answers) > 3
    span = (tariff_schedule.HORIZON - tariff_schedule.FIRST_DAY).days
    drawn = [tariff_schedule.FIRST_DAY + timedelta(chance.randrange(span + 1)) for _ in range(30)]
    for day in (*begun, *(first_day - timedelta(days=1) for first_day in begun[1:]), *drawn):
        row = on(answers, day)
        assert row["answer"].count(row["since"]) == 1
        assert row["answer"].replace(row["since"], duty_tables.short_day(day)) == measures_page._answer(day, terms)
    bounded = [row["from"] for row in answers if row["answer"].endswith("into Canada, within the quota.")]
    assert bounded and min(bounded) == f"{tariff_schedule.get('canada_ev_quota').effective}"


SUMMER = {"dairy", "alcohol", "motorcycles", "counter_tariff_list_2026", "vehicle_dispute_basket"}
LAPSE = {"canola_meal", "peas", "lobster_crab"}


@pytest.mark.parametrize(
    ("day", "last", "then"),
    [
        ("2026-10-02", SUMMER, set()),
        ("2026-10-03", SUMMER, LAPSE),
        ("2026-12-31", set(), LAPSE),
        ("2027-01-01", LAPSE, set()),
        ("2028-06-01", set(), set()),
        ("2031-01-01", set(), {"canola_seed"}),
    ],
)
def test_what_changed_lately_and_what_changes_next(
    lines: list[DutyLine], own_products: set[str], day: str, last: set[str], then: set[str]
) -> None:
    changes = measures_page._changes(lines, date.fromisoformat(day), tariff_schedule.vocabulary())
    assert {lines[row["line"]].product for row in changes["last"]} - own_products == last - own_products
    assert {lines[row["line"]].product for row in changes["next"]} - own_products == then - own_products
    for row in (*changes["last"], *changes["next"]):
        begun, line = date.fromisoformat(row["from"]), lines[row["line"]]
        assert row["after"] == measures_page.capital(measures_page.in_words(line.on(begun)))
        assert row["before"] == measures_page.capital(measures_page.in_words(line.on(begun - timedelta(days=1))))


def test_bars_lie_within_the_window_and_begin_on_their_day(page: str) -> None:
    bars = re.findall(r'<rect class="\w+" x="([\d.]+)%" width="([\d.]+)%"', page)
    assert len(bars) > 50
    assert all(float(left) >= 0 and float(left) + float(width) <= 100.001 for left, width in bars)
    assert measures_page._place(tariff_schedule.FIRST_DAY) == 0 and measures_page._place(tariff_schedule.HORIZON) == 100


def step(**parts) -> Step:
    fields = {"rate": None, "specific": None, "measures": (), "status": "known", "note": ""} | parts
    return Step(date(2025, 1, 1), Rate(**{key: item for key, item in fields.items() if key != "span"}),
                fields.get("span"), None)  # fmt: skip


@pytest.mark.parametrize(
    ("charged", "wording"),
    [
        (step(rate=1.061), "106.1%"),
        (step(rate=0.0), "0%"),
        (step(status="no entry"), "no entry"),
        (step(status="content share needed", span=(0.025, 0.25)), "2.5% to 25%, by the content of the goods"),
        (step(status="specific duty", specific="0.58 US cents/kg", additional=0.1), "10% and 0.58 US cents/kg"),
        (step(status="specific duty", specific="0.58 US cents/kg", additional=0.0), "0.58 US cents/kg"),
        (step(status="base unknown", additional=0.25), "25% on top of the ordinary duty"),
        (step(status="base unknown", additional=0.0), "the ordinary duty alone"),
        (step(status="part unknown"), "depends on the content of the goods"),
    ],
)
def test_a_duty_is_told_as_far_as_it_is_known(charged: Step, wording: str) -> None:
    assert measures_page.in_words(charged) == wording


DAYS = (HORIZON - FIRST_DAY).days + 1


def picked(lines: list[DutyLine], number: int) -> list[tuple[date, DutyLine]]:
    """Days and lines drawn at random, the same each time."""
    chance = random.Random(20)
    return [(FIRST_DAY + timedelta(chance.randrange(DAYS)), chance.choice(lines)) for _ in range(number)]


def test_steps_are_the_schedule_on_random_days_and_products(lines: list[DutyLine]):
    for day, line in picked(lines, 200):
        step, duty = line.on(day), tariff_schedule.rate(**line.asked(), on=day)
        ids = [measure.id for measure in duty.measures]
        assert (step.charged.rate, step.charged.status, step.charged.additional) == (
            duty.rate, duty.status, duty.additional), (line, day)  # fmt: skip
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
    terms = tariff_schedule.vocabulary()
    complete = {(pair.imposer, pair.origin, product) for pair in terms.pairs for product in pair.complete_for}
    assert complete == {(line.imposer, line.origin, line.product) for line in lines if line.complete}
    cars = [line for line in lines if (line.imposer, line.product) == ("canada", "electric_vehicles")]
    assert {(line.origin, line.quota) for line in cars if line.quota} == {("china", "within"), ("china", "above")}
    assert not [line for line in lines if line.claim and not {line.imposer, line.origin} <= set(terms.cusma)]
