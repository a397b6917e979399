"""The start of a scenario and of a fact: valid, complete, and made from the schemas."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tradeexposure.core.strict_yaml import Document, parse_yaml
from tradeexposure.policy import blank_files, scenario_schema, scenarios, tariff_schedule
from tradeexposure.policy.measures import MeasureFile
from tradeexposure.policy.scenario_schema import Scenario

SECTIONS = ("overrides", "quantities", "assumptions", "hypothetical")


def start() -> str:
    return blank_files.scenario_text("new_duty", like=scenarios.load("deal_2026"))


def parsed(text: str) -> Document:
    return parse_yaml(text.encode(), where="data/scenarios/new_duty.yml")


def without_hash(text: str) -> str:
    """The text with every line that one hash hides."""
    return re.sub(r"^# ", "", text, flags=re.MULTILINE)


@pytest.mark.parametrize("text", [start(), without_hash(start())], ids=["as written", "every hash taken away"])
def test_scenario_is_valid(text: str):
    document = parsed(text)
    scenario = document.validate(Scenario)
    scenario_schema.check_scenario(scenario, document, known=scenarios.names())
    assert (scenario.name, scenario.against) == ("new_duty", "deal_2026")


def test_scenario_shows_every_key_and_a_change_of_each_kind():
    scenario = parsed(without_hash(start())).validate(Scenario)
    assert set(parsed(without_hash(start())).data) == set(Scenario.model_fields)
    assert all(getattr(scenario, section) for section in SECTIONS)
    changed = {key for row in scenario.overrides for key, value in row if value not in (None, False)}
    assert changed == set(scenario_schema.Override.model_fields)


@pytest.mark.parametrize("model", blank_files.MEANING, ids=lambda model: model.__name__)
def test_every_field_has_a_meaning(model: type):
    assert set(blank_files.MEANING[model]) == set(model.model_fields)


def test_allowed_values_come_from_the_schema():
    assert blank_files.allowed(Scenario, "horizon") == "acreage, crop_year"
    assert blank_files.allowed(Scenario, "facts_on") == "YYYY-MM-DD"
    assert blank_files.allowed(scenario_schema.Override, "rate").startswith("a share of value from 0 to 3")


def test_a_comment_stays_true_where_a_rate_becomes_a_total():
    """A reader puts `total` in the place of the first `rate` and leaves what stands behind it."""
    line = next(line for line in start().splitlines() if line.startswith("#     rate: "))
    assert "as rate: what it adds to the ordinary duty; as total: the duty that results" in line


def test_all_that_is_missing_is_told_at_once():
    faults = blank_files.unwritten(parsed(start()))
    assert "at most 45 letters" in faults[0]
    assert [line.split(": ")[1].split(" ")[0] for line in faults] == [
        "title",
        "question",
        "sources[0].title",
        "overrides",
    ]
    written = start().replace(blank_files.TO_WRITE, "Words")
    assert blank_files.unwritten(parsed(written)) == []


def test_fact_is_valid_and_shows_every_field(copied: Path):
    before = tariff_schedule.all_measures()
    text = blank_files.fact_text("new_measure")
    (copied / "parameters" / "new_measure.yml").write_text(text, "utf-8")
    assert [measure.id for measure in tariff_schedule.all_measures() if measure not in before] == ["new_measure"]
    assert len([line for line in blank_files.drafts() if line.startswith("data/parameters/new_measure.yml")]) == 6
    shown = set(re.findall(r"^ +(?:- |#+ )?(\w+):", text, flags=re.MULTILINE))
    assert set(MeasureFile.model_fields["measures"].annotation.__args__[0].model_fields) <= shown
