"""Sentences of the scenario notebook that stand on no number of its own."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pandas as pd
import pytest
import samplebrief

from tradeexposure.policy import duty_tables, scenario_grids, scenarios, studies
from tradeexposure.policy.scenario_schema import Scenario
from tradeexposure.publishing.languages.matching import Translator
from tradeexposure.reporting.numbers import Numbers
from tradeexposure.scenarios.brief import tables
from tradeexposure.scenarios.simulation import messages, sentences, variants

MEASURE = "overrides.china_seed_antidumping"
BOTH = samplebrief.canola(1) | samplebrief.second(1)  # of a scenario over two counterfactuals


@pytest.fixture
def later() -> Scenario:
    changes = {f"{MEASURE}.rate": 0.5, f"{MEASURE}.effective": date(2026, 12, 1)}
    return scenario_grids.variant(scenarios.load("deal_2026"), changes, "later")


@pytest.fixture
def beyond() -> Scenario:
    """The deal on a day beyond the announced end of one suspension, and before that of the anti-dumping duty."""
    return scenario_grids.variant(scenarios.load("deal_2026"), {"facts_on": date(2027, 3, 1)}, "beyond")


@pytest.mark.parametrize(
    ("which", "phrase"),
    [
        ("later", "not yet in force on its day, 1 Oct 2026: it begins on 1"),
        (
            "beyond",
            "meal and peas suspended” ends on 31 Dec 2026 by its own terms; the day of this scenario, 1 Mar 2027",
        ),
    ],
)
def test_both_pages_say_what_is_not_in_force_on_the_day(
    which: str, phrase: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = request.getfixturevalue(which)
    _, remark = sentences.setting(later, "nothing").split("\n\n")
    assert phrase in remark.replace("\N{NO-BREAK SPACE}", " ")
    remarks: list[str] = []
    monkeypatch.setattr(tables, "_say", remarks.append)
    monkeypatch.setattr(tables.tables, "show", lambda *_, **__: None)
    for chosen in (later, scenarios.load("deal_2026")):
        tables.show_box(SimpleNamespace(compared=scenarios.compared(chosen), scenario=chosen))  # type: ignore[arg-type]
    assert remarks == [remark, ""]
    assert sentences.setting(scenarios.load("deal_2026"), "nothing").count("\n\n") == 0


def test_it_is_said_in_french_too(later: Scenario, beyond: Scenario, through: Translator) -> None:
    over = scenario_grids.variant(scenarios.load("deal_2026"), {"overrides.china_seed_deposit.rate": 0.9}, "over")
    for chosen, phrase, what in (
        (later, "pas encore en vigueur", "antidumping"),
        (over, "ne change rien", "antidumping"),
        (beyond, "le 1er mars 2027, est postérieure", "tourteau"),
    ):
        (remark,) = duty_tables.on_its_day(chosen)
        french = through.text(remark.replace("\N{NO-BREAK SPACE}", " "))
        assert french is not None and what in french
        assert phrase in french.replace("\N{NO-BREAK SPACE}", " ")


def both(sign: float, **changed: float) -> Numbers:
    """Numbers of a scenario over two counterfactuals, made by hand; some with another value."""
    rows = samplebrief.frame(samplebrief.canola(sign) | samplebrief.second(sign))
    for ending, value in changed.items():
        rows.loc[rows["result_id"] == f"{messages.INCOME}.would_have_come.{ending}", ["value", "low", "high"]] = value
    return Numbers(rows)


def test_what_the_last_ten_points_are_worth_follows_the_numbers() -> None:
    assert "only C$" in messages.hangs(both(1, first_ten=9e7, last_ten=1e7))
    assert "only" not in messages.hangs(both(1, first_ten=1e7, last_ten=9e7))
    assert "next to nothing (C$0)." in messages.hangs(both(1, first_ten=9e7, last_ten=0.0))
    assert "next to nothing (C$47,000)." in messages.hangs(both(1, first_ten=2.1e8, last_ten=47e3))


def test_with_two_cases_no_sentence_says_that_all_numbers_are_compared_with_one() -> None:
    numbers = both(1)
    assert messages.compared(numbers, "The deal", "“No deal”").startswith("Numbers without a case named are changes ")
    text = messages.compared(messages.alone(numbers), "The deal", "“No deal”")
    assert text == "This is what changes over a full year under “The deal”, measured against “No deal”."


def test_all_on_meal_is_said_only_where_nothing_else_differs() -> None:
    assert "all of it on meal" in messages.hangs(both(1))
    rows = samplebrief.frame(BOTH)
    rows.loc[rows["result_id"] == f"{messages.DUTIES['oil']}.against_final_duty", "value"] += 0.5
    assert "meal" not in messages.hangs(Numbers(rows))


def test_other_choices_are_told_where_they_are_known() -> None:
    sentence = messages.choices(both(1))
    assert sentence.startswith("If China had kept 84.8% on seed, other defensible choices in the model")
    assert "calibrated and not estimated" in sentence and sentence.endswith(
        "give C$310 m to C$870 m a year, each taken alone."
    )
    rows = samplebrief.frame(BOTH)
    assert messages.choices(Numbers(rows[rows["result_id"] != messages.MOST_CHOICE])) == ""


def test_every_gain_stands_beside_the_duty_that_it_is_over_and_its_year() -> None:
    hangs, soon, together = messages.hangs(both(1)), messages.soon(both(1)), messages.together(both(1))
    assert "Had China settled on 14.9% anyway, the deal would bring growers C$130 m" in hangs
    assert (
        "first ten points of duty above 14.9% are worth C$110 m a year to growers, the last ten below 84.8% only"
        in hangs
    )
    assert "C$420 m if China had kept 84.8% on seed, C$90 m had China settled on 14.9% anyway" in soon
    assert together.startswith("If China had kept 84.8% on seed, the deal would bring Canada")
    assert "Had China settled on 14.9% anyway, it would be C$140 m" in together


def cars(*, level: float, change: float, **more: float) -> Numbers:
    """Registrations of China-built cars, and their change, without a range; numbers of other choices by their end."""
    numbers = {messages.CARS: level, messages.CARS_CHANGE: change}
    numbers |= {f"{messages.CARS}.{ending}": value for ending, value in more.items()}
    return Numbers(samplebrief.frame({key: (value, value, value, samplebrief.CARS) for key, value in numbers.items()}))


def test_cars_come_from_none_or_go_to_none_only_where_there_were_or_are_none() -> None:
    assert "rise from almost none to 40,000 a year" in messages.registered(cars(level=4e4, change=4e4))
    some = messages.registered(cars(level=4e4, change=3e4))
    assert "rise by 30,000 a year" in some and "about 40,000" in some and "none" not in some
    assert "fall by 40,000 a year, to almost none" in messages.registered(cars(level=0.0, change=-4e4))
    fewer = messages.registered(cars(level=1e4, change=-3e4))
    assert "fall by 30,000 a year" in fewer and "none" not in fewer


def test_without_cars_a_scenario_that_moves_nothing_says_so() -> None:
    numbers = Numbers(samplebrief.frame(samplebrief.CASES["nothing"]))
    assert messages.lead(numbers, cars=False) == messages.NOTHING


@pytest.mark.parametrize(("unfilled", "filled", "sentence"), [(0.3, 0.7, "exactly filled"), (0.8, 0.2, "not filled")])
def test_the_quota_is_told_by_what_becomes_of_it_most_often(unfilled: float, filled: float, sentence: str) -> None:
    shares = {"unfilled": unfilled, "filled": filled, "overfilled": 0.0}
    regime = {f"scenario.ev.quota_regime.{name}": (part, None, None, "probability") for name, part in shares.items()}
    quota = sentences._quota(Numbers(samplebrief.frame(regime)))
    assert quota == f"The quota is {sentence} in {max(unfilled, filled):.0%} of simulations."
    none = dict.fromkeys(regime, (0.0, None, None, "probability"))
    assert sentences._quota(Numbers(samplebrief.frame(none))) == ""


@pytest.mark.parametrize(("appeal", "most"), [(25e3, True), (60e3, False), (4e3, False)])
def test_the_day_of_the_count_is_said_to_matter_most_only_where_it_does(appeal: float, most: bool) -> None:
    """Counted after two or six months 27,000 or 15,000 cars come; appeal moves 20,000 by less than that, or more."""
    counted = {f"first_year.counted_after_{month}_months": 33e3 - 3e3 * month for month in (2, 3, 4, 5, 6)}
    choices = {"first_year": 20e3, "first_year.same_appeal": appeal, "first_year.rebate_open": 21e3, "year_five": 3e4}
    published = samplebrief.frame({
        **{number.key: (number.value, number.value, number.value, samplebrief.CARS)
           for number in cars(level=4e4, change=4e4, **counted, **choices).values()},
        **{f"scenario.ev.quota_regime.filled{year}": (0.5, None, None, "probability")
           for year in ("", ".first_year", ".year_five")},
        "scenario.ev.quota_used.first_year": (0.4, 0.2, 0.9, "share"),
        "scenario.ev.free_demand": (6e4, 2e4, 9e4, samplebrief.CARS),
        "scenario.ev.entry_months": (10.0, 3.0, 30.0, "months"),
        "scenario.ev.draws_that_count": (300.0, None, None, "effective number"),
    })  # fmt: skip
    assert (sentences.COUNT_DAY in sentences.entering(published, quota=True)) == most
    assert sentences.entering(published, quota=False) == sentences.NO_QUOTA


def test_the_part_on_cars_tells_what_moves_and_what_does_not() -> None:
    rows = samplebrief.frame(dict.fromkeys(sentences.SECTOR.values(), (5e6, 1e6, 9e6, "CAD per year")))
    rows.loc[rows["result_id"] == "scenario.ev.quota_rent_cad", ["value", "low", "high"]] = 0.0
    still, _, moved = sentences.sector(rows).partition("\n\n")
    assert still == "No change: rent of the quota." and moved.count("\n- ") == len(sentences.SECTOR) - 1


@pytest.mark.parametrize(("sign", "sentence"), [(1, "The farm price: "), (0, "nothing changes")])
def test_prices_receipts_and_volumes_are_told_where_the_price_moves(sign: float, sentence: str) -> None:
    rows = samplebrief.canola(sign)
    for name in ("receipts_change_cad", "china_volume_change_kt", "diverted_kt"):
        rows[f"scenario.canola.{name}"] = (1e6, 1e5, 1e7, "CAD per year")
    assert sentence in sentences.canola(samplebrief.frame(rows))


def test_what_is_said_without_crushers_follows_an_account_in_which_somebody_gains() -> None:
    rows = samplebrief.frame(samplebrief.canola(1))
    without = rows.iloc[[0]].assign(result_id="scenario.welfare.canada_without_crushers")
    account = sentences.account(pd.concat([rows, without]), against="x")
    assert "Over both sectors Canada would gain" in account and "without them" in account
    assert "without them" not in sentences.account(samplebrief.frame(samplebrief.canola(0)), against="x")


def test_a_scenario_of_ones_own_is_none_that_is_shipped() -> None:
    deal = scenarios.load("deal_2026")
    assert not messages.is_own(deal) and messages.is_own(deal.model_copy(update={"name": "mine"}))
    second = samplebrief.frame(BOTH)
    assert "settled on" in sentences.growers(second, against="x")
    assert "settled on" not in sentences.growers(second, against="x", own=True)


@pytest.mark.parametrize("expected", [True, False])
def test_what_importers_expected_is_told_where_a_side_charges_the_deposit(expected: bool) -> None:
    rows = samplebrief.canola(1)
    for name in (studies.base_years(studies.OTHER_BASE).key, variants.EXPECTED):
        rows[f"{messages.INCOME}.{name}"] = rows[messages.INCOME]
    text = sentences.variants(samplebrief.frame(rows), against="x", expected=expected)
    assert ("importers expected" in text) == expected and (sentences.NO_DEPOSIT in text) != expected
    still = samplebrief.frame(samplebrief.canola(0))
    assert sentences.variants(still, against="x", expected=expected) == sentences.BASES_STILL
