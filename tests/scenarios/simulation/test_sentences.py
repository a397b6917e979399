"""Sentences of the scenario notebook that stand on no number of its own."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest
import samplebrief

from tradeexposure.policy import duty_tables, scenario_grids, scenarios
from tradeexposure.policy.scenario_schema import Scenario
from tradeexposure.publishing.languages import catalogues
from tradeexposure.publishing.languages.matching import Translator
from tradeexposure.reporting.numbers import Numbers
from tradeexposure.scenarios.brief import tables
from tradeexposure.scenarios.simulation import messages, sentences

MEASURE = "overrides.china_seed_antidumping"


@pytest.fixture
def later() -> Scenario:
    changes = {f"{MEASURE}.rate": 0.5, f"{MEASURE}.effective": date(2026, 12, 1)}
    return scenario_grids.variant(scenarios.load("deal_2026"), changes, "later")


@pytest.fixture
def beyond() -> Scenario:
    """The deal on a day beyond the announced end of one suspension, and before that of the anti-dumping duty."""
    return scenario_grids.variant(scenarios.load("deal_2026"), {"facts_on": date(2027, 3, 1)}, "beyond")


@pytest.mark.parametrize(
    ("which", "words"),
    [
        ("later", "not yet in force on its day, 1 Oct 2026: it begins on 1"),
        (
            "beyond",
            "meal and peas suspended” ends on 31 Dec 2026 by its own terms; the day of this scenario, 1 Mar 2027",
        ),
    ],
)
def test_both_pages_say_what_is_not_in_force_on_the_day(
    which: str, words: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = request.getfixturevalue(which)
    _, told = sentences.setting(later, "nothing").split("\n\n")
    assert words in told.replace("\N{NO-BREAK SPACE}", " ")
    said: list[str] = []
    monkeypatch.setattr(tables, "_say", said.append)
    monkeypatch.setattr(tables.tables, "show", lambda *_, **__: None)
    for chosen in (later, scenarios.load("deal_2026")):
        tables.show_box(SimpleNamespace(compared=scenarios.compared(chosen), scenario=chosen))  # type: ignore[arg-type]
    assert said == [told, ""]
    assert sentences.setting(scenarios.load("deal_2026"), "nothing").count("\n\n") == 0


def test_it_is_said_in_french_too(later: Scenario, beyond: Scenario) -> None:
    over = scenario_grids.variant(scenarios.load("deal_2026"), {"overrides.china_seed_deposit.rate": 0.9}, "over")
    through = Translator(catalogues.messages())
    for chosen, words, what in (
        (later, "pas encore en vigueur", "antidumping"),
        (over, "ne change rien", "antidumping"),
        (beyond, "le 1er mars 2027, est postérieure", "tourteau"),
    ):
        (told,) = duty_tables.on_its_day(chosen)
        french = through.text(told.replace("\N{NO-BREAK SPACE}", " "))
        assert french is not None and what in french
        assert words in french.replace("\N{NO-BREAK SPACE}", " ")


def both(sign: float, **changed: float) -> Numbers:
    """Numbers of a scenario over two counterfactuals, made by hand; some with another value."""
    rows = samplebrief.frame(samplebrief.canola(sign) | samplebrief.second(sign))
    for ending, value in changed.items():
        rows.loc[rows["result_id"] == f"{messages.INCOME}.would_have_come.{ending}", ["value", "low", "high"]] = value
    return Numbers(rows)


@pytest.mark.parametrize(("sign", "word"), [(1, "bring"), (-1, "cost")])
def test_every_sentence_with_a_gain_names_what_it_is_over(sign: float, word: str) -> None:
    numbers = both(sign)
    lead, rest = messages.lead(numbers, cars=True), f"{messages.hangs(numbers)} {messages.soon(numbers)}"
    assert lead.startswith("Compared with a seed duty of 84.8% that stays") and word in lead
    told = [one for one in f"{rest} {messages.together(numbers)}".split(". ") if "C$" in one]
    assert len(told) >= 5 and all("84.8%" in one or "14.9%" in one for one in told)


def test_what_the_last_ten_points_are_worth_follows_the_numbers() -> None:
    assert "only C$" in messages.hangs(both(1, first_ten=9e7, last_ten=1e7))
    assert "only" not in messages.hangs(both(1, first_ten=1e7, last_ten=9e7))
    assert "next to nothing" in messages.hangs(both(1, first_ten=9e7, last_ten=0.0))
    assert "next to nothing" in messages.hangs(both(1, first_ten=2.1e8, last_ten=47e3))


def test_all_on_meal_is_said_only_where_nothing_else_differs() -> None:
    assert "all of it on meal" in messages.hangs(both(1))
    rows = samplebrief.frame(samplebrief.canola(1) | samplebrief.second(1))
    rows.loc[rows["result_id"] == f"{messages.DUTIES['oil']}.against_final_duty", "value"] += 0.5
    assert "meal" not in messages.hangs(Numbers(rows))


def test_other_choices_are_told_where_they_are_known() -> None:
    assert "C$310 m to C$870 m a year, compared with a duty that stays." in messages.choices(both(1))
    rows = samplebrief.frame(samplebrief.canola(1) | samplebrief.second(1))
    assert messages.choices(Numbers(rows[rows["result_id"] != messages.MOST_CHOICE])) == ""
