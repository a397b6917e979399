"""Scenarios simulated as one table: what notebook 70 publishes, each regime solved once, failures apart."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
import samplerows

import tradeexposure as te
from tradeexposure.core import arrays, earlier_results, paths, results_csv
from tradeexposure.core.errors import BadInput, NotConverged
from tradeexposure.data import result_words
from tradeexposure.policy import scenario_grids, scenarios
from tradeexposure.reporting.claims import Claim
from tradeexposure.scenarios.simulation import model_checks, models, simulate

DUTIES, QUOTAS = (0.1, 0.3, 0.5), (20_000, 60_000)


def simulated(names: Sequence[str], failed: dict[str, str] | None = None) -> pd.DataFrame:
    return simulate.simulate(
        names, draws=samplerows.DRAWS, seed=samplerows.SEED, estimates=samplerows.REPLACED, rows=samplerows.rows(),
        failed=failed,
    )  # fmt: skip


@pytest.fixture
def grid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the points of a grid whose definitions are known; neither a duty nor a quota stands twice in a row."""
    path = tmp_path / "duties.yml"
    over = {"overrides.china_seed_antidumping.rate": DUTIES, "quantities.canada_ev_quota.annual_vehicles": QUOTAS}
    lines = [f"  {key}: {list(values)}" for key, values in over.items()]
    path.write_text("\n".join(["scenario: deal_2026", "over:", *lines]) + "\n", "utf-8")
    points = {point.scenario.name: point.scenario for point in scenario_grids.read(path).points}
    load = scenarios.load
    monkeypatch.setattr(scenarios, "load", lambda name: points.get(name) or load(name))
    names = list(points)
    return [names[place] for place in (0, 3, 4, 1, 2, 5)]


@pytest.mark.long
def test_every_regime_of_a_grid_is_solved_once_and_what_is_shared_moves_no_number(
    grid: list[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(model_checks, "checks_of_draws", lambda setting: [])  # they solve regimes of their own
    assert len(grid) == len(DUTIES) * len(QUOTAS)
    with arrays.shared() as solved:
        table = simulated(grid)
        counts = dict(solved)
    assert list(table["scenario"].unique()) == grid
    regimes, choices = len(DUTIES) + 1, 4  # those and one baseline; rows: all data, official alone, none, first year
    alone = len(DUTIES) + 1  # the duty on seed alone; that on meal, which is the same in all points
    other_base = regimes
    expected_duty = 1  # the baseline's; a duty of the grid is no deposit
    assert counts["origins"] == regimes * choices + alone + other_base + expected_duty
    treatments = 3  # above the quota; without one all are the same
    assert counts["cars"] == len(QUOTAS) * treatments + 1
    otherwise = {model: number for model, number in counts.items() if model.startswith("simulations of cars")}
    assert len(otherwise) == len(simulate.variants.COUNT_MONTHS) + 1 and set(otherwise.values()) == {1}
    assert counts["base years: other_canola_base"] == 1
    together = table[table["scenario"] == grid[-1]].reset_index(drop=True)
    pd.testing.assert_frame_equal(together, simulated(grid[-1:]), check_exact=True)


@pytest.mark.long
def test_a_scenario_that_fails_leaves_the_others(monkeypatch: pytest.MonkeyPatch):
    solve = models.solve_vehicles

    def failing(setting: models.Setting, law: models.Pair) -> models.Simulation:
        if setting.scenario.name == "quota_2030":
            raise NotConverged("origins", draw=3, parameters={"a": 1.0}, residual=1e-3)
        if setting.scenario.name == "escalation":
            raise ValueError("no such car")
        return solve(setting, law)

    monkeypatch.setattr(models, "solve_vehicles", failing)
    failed: dict[str, str] = {}
    table = simulated(["quota_2030", "nothing_like_it", "escalation", "deal_2026"], failed)
    assert set(table["scenario"]) == {"deal_2026"}
    assert set(failed) == {"quota_2030", "nothing_like_it", "escalation"}
    assert "draw 3 has no solution" in failed["quota_2030"] and failed["escalation"] == "ValueError: no such car"
    with pytest.raises(BadInput, match="nothing_like_it"):
        simulated(["nothing_like_it"])


def test_a_broken_limit_is_no_number(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(model_checks, "checks_of_canola", lambda run: [Claim("crush within capacity", False, "1.2")])
    failed: dict[str, str] = {}
    assert simulated(["deal_2026"], failed).empty and "crush within capacity" in failed["deal_2026"]


def test_the_published_table_is_what_the_notebook_handed_over_to_the_byte():
    """All scenarios, at the draws of the notebook, which the strict comparison of notebooks computes again."""
    published = paths.path("reports", "scenarios.csv")
    handed = results_csv.parse(
        earlier_results.table(earlier_results.SCENARIOS, notebook="80"), where=earlier_results.SCENARIOS
    )
    whole = result_words.joined_table(scenarios.with_baselines(handed))[list(results_csv.read(published))]
    assert results_csv.text(whole, more=(results_csv.DIGITS,)) == published.read_text("utf-8")


def test_from_python_a_wrong_name_is_one_line():
    for names in ("deal_2026", [1], [], ["no_such_scenario"]):
        with pytest.raises(te.BadInput):
            te.simulate(names)  # type: ignore[arg-type]
    for asked in ({"draws": 999}, {"draws": 100_001}, {"seed": -1}):
        (key,) = asked
        with pytest.raises(te.BadInput, match=f"^simulation: {key}: found "):
            te.simulate(["deal_2026"], **asked)
