"""Tables of the brief: the box of what the law and the scenario say, all scenarios, what moves the answer most."""

from __future__ import annotations

import dataclasses
from functools import cache

import pandas as pd
import pytest
from samplebrief import CASES, frame, made
from tinyproject import SHIPPED

from tradeexposure.core import loaded_files
from tradeexposure.policy import duty_tables, regimes, scenarios
from tradeexposure.reporting.numbers import Numbers
from tradeexposure.scenarios.brief import tables
from tradeexposure.scenarios.simulation import messages

pytestmark = pytest.mark.usefixtures("loaded_once")

SET = "(set by this scenario, not by law)"


@cache
def box(name: str) -> pd.DataFrame:
    return tables.box(scenarios.compared(name)).set_index("line")


@pytest.mark.parametrize("name", SHIPPED)
def test_every_line_has_words_and_a_reference(name: str) -> None:
    lines = box(name)
    assert lines.index.is_unique and set(lines) == {"duty", "since", "reference"}
    assert (lines["duty"].str.len() > 0).all() and (lines["reference"].str.len() > 0).all()
    dated = lines[lines["reference"] != tables.ASSUMED]
    assert (dated["since"].str.len() > 0).all()


@pytest.mark.parametrize("name", SHIPPED)
def test_the_box_depends_on_no_more_facts_than_its_lines_ask_for(name: str) -> None:
    with loaded_files.recording() as noted:
        box.__wrapped__(name)
    assert ("facts", loaded_files.ALL) not in noted and ("facts_on", "china/canada/canola_seed") in noted


def test_the_arrangement_line_by_line() -> None:
    lines = box("deal_2026")
    assert lines.loc["Canola seed into China", "duty"] == "84.8% → 14.9%"
    assert lines.loc["Canola seed into China", "since"].replace("\N{NO-BREAK SPACE}", " ") == "1 Mar 2026"
    assert "MOFCOM Announcement 2026 No. 14" in lines.loc["Canola seed into China", "reference"]
    assert lines.loc["Canola oil into China", "duty"] == "109%, unchanged"
    assert lines.loc["Quota for China-built electric cars, a year", "duty"] == "none → 49,000"
    assert not any("United States" in line for line in lines.index)


def test_a_duty_that_the_scenario_sets_is_marked() -> None:
    seed = box("escalation").loc["Canola seed into China"]
    assert seed["duty"] == "14.9% → 84.8%" and seed["reference"].endswith(SET)
    assert not box("quota_2030")["reference"].str.endswith(SET).any()


def test_us_duties_show_where_they_change() -> None:
    lines = box("us_338_extended")
    claimed = lines.loc["Passenger vehicles into the United States, with a CUSMA claim", "duty"]
    assert claimed == "12.5% → 50%"
    assert "Canola seed into the United States, with a CUSMA claim" in lines.index


def test_suspended_licences_have_no_car_part() -> None:
    lines = box("licence_ban_2019")
    assert sum("Licence" in line for line in lines.index) == 2
    assert not any("lectric" in line for line in lines.index)
    assert lines.loc["Canola meal into China", "duty"].endswith("unchanged")


@pytest.mark.parametrize("name", SHIPPED)
def test_the_box_and_the_models_hold_the_same_seed_duty(name: str) -> None:
    compared, seed = scenarios.compared(name), ("china", "seed")
    new, old = regimes.canola(compared.scenario)[seed], regimes.canola_against(compared)[seed]
    duty = box(name).loc["Canola seed into China", "duty"]
    before, after = duty_tables.percent(old), duty_tables.percent(new)
    assert duty == (f"{after}, unchanged" if before == after else f"{before} → {after}")


def test_across_marks_its_own_row_and_has_a_range_beside_each_value() -> None:
    across = tables.across(made("deal")).set_index("here")
    assert across.loc[True, "growers"] == "C$640 m" and across.loc[True, "growers_range"] == "C$30 m to C$1.8 bn"
    assert across["against"].str.startswith("Measured against: ").all()


def test_exports_are_told_of_the_scenarios_that_move_them() -> None:
    assert tables.exports_across(made("deal")) == ""
    brief = made("deal")
    row = Numbers(frame(CASES["us"]))[messages.VEHICLES]
    moving = dataclasses.replace(brief, across={"deal_2026": {**brief.across["deal_2026"], "vehicles": row}})
    text = tables.exports_across(moving)
    assert text.endswith("The deal of January 2026 in force, −C$9.0 bn (−C$14 bn to −C$4.0 bn) a year.")


def test_moved_lists_the_largest_three() -> None:
    moved = tables.moved(made("deal"))
    assert list(moved["share"]) == ["60%", "20%", "10%"]
    assert moved.loc[0, "at_high"] == "C$250 m a year"
    assert tables.moved(made("nothing")).empty


def test_other_evidence_stands_beside_the_answer() -> None:
    choices = tables.choices(made("deal"))
    assert list(choices["value"]) == ["C$640 m", "C$580 m", "C$900 m"]
    assert tables.choices(made("nothing")).empty
