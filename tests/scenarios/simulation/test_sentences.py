"""Sentences of the scenario notebook that stand on no number of its own."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest

from tradeexposure.policy import duty_tables, scenario_grids, scenarios
from tradeexposure.policy.scenario_schema import Scenario
from tradeexposure.publishing.languages import catalogues
from tradeexposure.publishing.languages.matching import Translator
from tradeexposure.scenarios.brief import tables
from tradeexposure.scenarios.simulation import sentences

MEASURE = "overrides.china_seed_antidumping"


@pytest.fixture
def later() -> Scenario:
    changes = {f"{MEASURE}.rate": 0.5, f"{MEASURE}.effective": date(2026, 12, 1)}
    return scenario_grids.variant(scenarios.load("deal_2026"), changes, "later")


def test_both_pages_say_that_a_change_is_not_yet_in_force(later: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    _, told = sentences.setting(later, "nothing").split("\n\n")
    assert "not yet in force on its day, 1\N{NO-BREAK SPACE}Oct\N{NO-BREAK SPACE}2026: it begins on 1" in told
    said: list[str] = []
    monkeypatch.setattr(tables, "_say", said.append)
    monkeypatch.setattr(tables.tables, "show", lambda *_, **__: None)
    for chosen in (later, scenarios.load("deal_2026")):
        tables.show_box(SimpleNamespace(compared=scenarios.compared(chosen), scenario=chosen))  # type: ignore[arg-type]
    assert said == [told, ""]
    assert sentences.setting(scenarios.load("deal_2026"), "nothing").count("\n\n") == 0


def test_it_is_said_in_french_too(later: Scenario) -> None:
    over = scenario_grids.variant(scenarios.load("deal_2026"), {"overrides.china_seed_deposit.rate": 0.9}, "over")
    through = Translator(catalogues.messages())
    for chosen, words in ((later, "pas encore en vigueur"), (over, "ne change rien")):
        (told,) = duty_tables.not_in_force(chosen).values()
        french = through.text(told.replace("\N{NO-BREAK SPACE}", " "))
        assert french is not None and words in french and "antidumping" in french
