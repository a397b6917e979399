"""The clock moved to later days: duties, the check, the ages of tables and a scenario of that day still answer."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import clocks
import numpy as np
import pytest
import samplerows
from tinyproject import Project

import tradeexposure as te
from tradeexposure.cli import main
from tradeexposure.core import paths
from tradeexposure.policy import scenario_grids, scenarios, tariff_schedule
from tradeexposure.refresh import staleness
from tradeexposure.refresh.publishers import catalogue
from tradeexposure.scenarios.simulation import messages, sentences, simulate


@pytest.fixture(params=clocks.LATER, ids=str)
def today(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> date:
    """The day that it is from now on."""
    clocks.move(request.param, monkeypatch)
    return request.param


def test_every_duty_of_the_day_is_answered_with_the_ends_that_it_rests_on(today: date) -> None:
    ends = {}
    for line in tariff_schedule.vocabulary().lines:
        found = te.rate(line.imposer, line.origin, line.product, today, claim=line.claim, quota=line.quota)
        assert found.on == today.isoformat()
        assert found.rate is not None or found.note
        ends[line.title] = found.ends
    assert ends["Canola meal into China"] == ("china_meal_peas_suspension ends 2026-12-31",)
    assert ends["Canola seed into China"] == ("china_seed_antidumping ends 2031-02-28",)


def test_check_finds_what_it_found_before(
    finished: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(Project(tmp_path / "copy", like=finished).root))
    before = main(["check"]), capsys.readouterr()
    for day in clocks.LATER:
        with monkeypatch.context() as patch:
            clocks.move(day, patch)
            assert (main(["check"]), capsys.readouterr()) == before
    assert "data: fine" in before[1].out and "scenarios and grids: fine" in before[1].out


def test_every_table_has_a_newest_period_that_should_be_out(today: date) -> None:
    held = catalogue.load()
    ages = staleness.ages(held, dict.fromkeys(held.tables, "2026-09"), date.today(), {})
    assert {age.table for age in ages} == set(held.tables)
    monthly = [age for age in ages if len(age.expected) == len("2026-09") and "Q" not in age.expected]
    assert monthly and all(age.stale for age in monthly)


@pytest.mark.long
def test_a_scenario_of_the_day_answers_and_says_what_lapsed(today: date) -> None:
    chosen = scenario_grids.variant(scenarios.load("deal_2026"), {"facts_on": today}, "later")
    simulated = simulate.Simulator(samplerows.DRAWS, samplerows.SEED, samplerows.REPLACED, samplerows.rows())
    values = {row["result_id"]: row["value"] for row in simulated.rows(chosen)}
    assert np.isfinite([*values.values()]).all() and values[messages.INCOME] > 0
    assert "lies beyond that" in sentences.setting(chosen, "nothing")
