"""The grid: it gives what the models give where they were solved, and says how far it is off between."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import samplerows as sample

from tradeexposure.core import loaded_files, units
from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.inference.draws import spread
from tradeexposure.policy import regimes, scenarios
from tradeexposure.policy.scenarios import Comparison
from tradeexposure.scenarios.comparison import explorer, grid
from tradeexposure.scenarios.comparison.grid import Grid
from tradeexposure.scenarios.simulation import changes, models, weighted

ROOT = Path(__file__).resolve().parents[3]
DEAL = {"seed": 0.149, "quota": 49_000.0, "us": 0.25}
#: As in the notebook.
STEPS = {
    "seed": [(0.09, 0.25, 0.005), (0.25, 0.9, 0.01), (0.9, 1.0, 0.005), (1.0, 1.1, 0.01)],
    "quota": [(5_000, 100_000, 5_000)],
    "us": [(0.0, 0.5, 0.01), (0.5, 1.0, 0.025)],
}


@pytest.fixture(scope="module")
def found() -> Grid:
    return sample.solved()


@pytest.mark.parametrize("levers", [DEAL, {"seed": 0.848, "quota": 81_000.0, "us": 0.7}, {**DEAL, "seed": 0.09}])
def test_all_levers_at_once_give_what_each_gave_alone(found: Grid, levers: dict[str, float]):
    """Canola, registrations and sales do not hang on each other's lever; the sum hangs on two."""
    line, solved = found.between(levers), found.start.solved(levers)
    for key in grid.OUTCOMES:
        np.testing.assert_allclose(line[key], solved[key], rtol=6e-5, atol=1e-9, err_msg=key)


@pytest.mark.parametrize("levers", [DEAL, {"seed": 0.31, "quota": 12_345.0, "us": 0.4}])
def test_models_give_the_same_in_a_whole_scenario(found: Grid, levers: dict[str, float]):
    """The scenario with these levers, by the route of the scenario notebook."""
    setting = found.start.setting
    moved = replace(setting, compared=Comparison(found.start.at(**levers), setting.compared.against))
    there = models.solve(moved)
    change = changes.changes(there)
    whole = {
        "income": change.canola.income, "price": change.canola.price,
        "cars": change.vehicles.china_built, "sales": change.us, "welfare": models.accounts(there)[""].canada,
    }  # fmt: skip
    for key, values in found.start.solved(levers).items():
        one = spread(whole[key])
        np.testing.assert_allclose(values, [one.low, one.value, one.high], rtol=6e-5, atol=1e-6, err_msg=key)


def test_duties_solved_in_turn_give_what_each_gives_alone_and_rows_that_come_again_are_solved_once(found: Grid):
    start = found.start
    each = [{**start.duties, grid.SEED_TO_CHINA: duty} for duty in (0.09, 0.1, 0.12, 0.3, 0.3, 1.0)]
    setting = start.setting
    against = regimes.canola_against(setting.compared)
    assert len(setting.weighted) == len(start.again) > len(start.market.income) == start.again.max() + 1
    for duties, one in zip(each, start.canola_under(each), strict=True):
        plain = models.market_of(setting, setting.weighted, models.Pair(duties, against))
        np.testing.assert_allclose(one["income"], plain.income, rtol=1e-8, atol=1.0)
        np.testing.assert_allclose(one["account"], plain.account.total, rtol=1e-8, atol=1.0)


def test_a_higher_seed_duty_is_never_better_for_growers_nor_a_smaller_quota_for_cars(found: Grid):
    for key, sign in (("income", -1), ("price", -1), ("cars", 1), ("sales", -1)):
        assert (sign * np.diff(found.tables[key].values, axis=0) >= 0).all(), key


def test_the_quota_bends_where_it_stops_binding(found: Grid):
    nodes, cars = found.nodes["quota"], found.tables["cars"].values
    for end in range(3):
        at_most = np.minimum(nodes, cars[-1, end])
        np.testing.assert_allclose(cars[:, end], at_most, rtol=1e-3)  # a unit of the fourth digit


def test_presets_named_scenarios_and_steps_are_nodes(found: Grid):
    for levers in (*found.presets.values(), *found.named.values()):
        assert all(levers[key] in found.nodes[key] for key in grid.LEVERS)
        assert levers["seed"] in found.tables["welfare"].nodes["seed"]
    assert {0.09, 0.3, 1.1} <= set(found.nodes["seed"])


def test_a_named_scenario_is_reached_only_if_all_it_changes_are_the_levers(found: Grid):
    assert found.named == {"deal_2026": DEAL}
    assert grid.levers_of("quota_2030")["quota"] == 63_037  # half of it for cheap cars, which no lever sets
    assert "quota" not in grid.levers_of("status_quo_2025")


def test_a_scenario_beyond_the_levers_is_left_out_and_stops_nothing(found: Grid, monkeypatch: pytest.MonkeyPatch):
    load = scenarios.load
    own = {"far": found.start.at(quota=150_000.0), "high": found.start.at(seed=1.5), "near": found.start.at(seed=0.5)}
    monkeypatch.setattr(scenarios, "load", lambda name: own.get(name) or load(name))
    monkeypatch.setattr(scenarios, "names", lambda: ["deal_2026", *own])
    assert grid.reached(found.start, found.nodes) == {"deal_2026": DEAL, "near": {**DEAL, "seed": 0.5}}


def test_a_grid_that_fits_stays_and_one_that_does_not_keeps_what_must_be_exact(found: Grid):
    kept = list(found.presets.values())
    whole = sum(table.values.size for table in found.tables.values())
    assert grid.coarsened(found.tables, kept, most=whole) == found.tables
    some = grid.coarsened(found.tables, kept, most=whole * 2 // 3)
    assert sum(table.values.size for table in some.values()) <= whole * 2 // 3
    for key, table in some.items():
        for levers in kept:
            assert table.holds(levers)
            np.testing.assert_array_equal(table.between(levers), found.tables[key].between(levers))
        for lever, nodes in found.tables[key].nodes.items():
            assert {nodes[0], nodes[-1]} <= set(table.nodes[lever]) <= set(nodes)


def test_the_setting_that_straight_lines_miss_least_goes_first():
    nodes = np.array([0.0, 1.0, 2.0, 3.0, 4.0])
    bent = grid.Table({"seed": nodes}, np.add.outer([0.0, 10.0, 20.0, 10.0, 0.1], [-1.0, 0.0, 1.0]))
    left = grid.coarsened({"income": bent}, [], most=12)["income"]
    assert left.nodes["seed"].tolist() == [0.0, 2.0, 3.0, 4.0]  # the straight stretch, not the bends
    left = grid.coarsened({"income": bent}, [], most=9)["income"]
    assert left.nodes["seed"].tolist() == [0.0, 2.0, 4.0]
    least = grid.coarsened({"income": bent}, [{"seed": 1.0}], most=3)["income"]
    assert least.nodes["seed"].tolist() == [0.0, 1.0, 4.0]  # ends and what is kept, whatever is asked


def test_a_fact_that_is_no_lever_is_none_of_its_business():
    with loaded_files.recording() as read:
        assert grid.levers_of("deal_2026") == DEAL
    assert ("fact", grid.US_MEASURE) in read and not {"facts", "words"} & {kind for kind, _ in read}


def test_a_lever_is_read_back_where_it_was_set(found: Grid):
    levers = {"seed": 0.37, "quota": 20_000.0, "us": 0.4}
    assert grid.levers_of(found.start.at(**levers)) == levers
    assert grid.levers_of(scenarios.load("full_normalisation"))["seed"] == found.start.ordinary == 0.09


def test_errors_are_those_of_settings_between_the_nodes(found: Grid):
    drawn = grid.settings(found.nodes, sample.HELD_OUT, seed=sample.SEED)
    assert found.errors == grid.apart(found, [(levers, found.start.solved(levers)) for levers in drawn])
    assert max(found.errors.values()) > 0
    assert all(levers["quota"].is_integer() for levers in drawn)


def test_a_grid_that_is_off_is_seen(found: Grid):
    solved = found.start.solved(DEAL)
    assert max(grid.apart(found, [(DEAL, solved)]).values()) < 1e-3
    low, _, high = solved["income"]
    wrong = {**solved, "income": solved["income"] + 0.02 * (high - low)}
    assert grid.apart(found, [(DEAL, wrong)])["income"] == pytest.approx(0.02, rel=1e-2)


def test_an_end_near_nothing_is_held_against_its_range_and_a_narrow_range_against_the_widest():
    """A low end that crosses zero is no more off than the others; a number that hardly varies is held to something."""
    table = grid.Table({"seed": np.array([0.0, 1.0])}, np.array([[-5.0, 40.0, 95.0], [-105.0, 40.0, 95.0]]))
    assert table.scale(np.array([0.001, 50.0, 100.0])).tolist() == [pytest.approx(99.999)]
    assert table.scale(np.array([[7.0, 7.0, 7.0], [6.0, 8.0, 9.0]])).tolist() == [[2.0], [3.0]]


@pytest.mark.parametrize(
    ("steps", "presets", "said"),
    [
        ({"seed": [(0.1, 0.2, 0.05)]}, {}, "levers"),
        ({**sample.STEPS, "us": [(0.0, 1.0, 0.0)]}, {}, "step above 0"),
        ({**sample.STEPS, "us": [(0.3, 1.0, 0.1)]}, {}, "0.3 to 1"),
        (sample.STEPS, {"Too high": {"seed": 1.2}}, "0.09 to 1.1"),
    ],
)
def test_levers_that_cannot_be_solved_are_refused(steps: dict, presets: dict, said: str):
    with pytest.raises(BadInput, match=said):
        grid.solve(sample.setting(), steps, presets, held_out=1, seed=1)


@pytest.mark.slow
def test_sixty_scenarios_on_the_levers_are_published_and_lines_stay_near(monkeypatch: pytest.MonkeyPatch):
    random = np.random.default_rng(60)
    drawn = {"seed": (0.09, 1.1, 3), "quota": (5_000, 100_000, 0), "us": (0, 1, 3)}
    own = {
        f"own_{number}": {key: round(random.uniform(low, high), digits) for key, (low, high, digits) in drawn.items()}
        for number in range(60)
    }
    monkeypatch.setattr(grid, "reached", lambda start, nodes: {"deal_2026": DEAL, **own})
    found = grid.solve(sample.setting(), STEPS, {"High": {"seed": 0.848}}, held_out=40, seed=8)
    size = len(json.dumps(explorer.as_json(found), separators=(",", ":"), ensure_ascii=False).encode())
    assert size <= explorer.LARGEST
    assert all(table.holds(levers) for table in found.tables.values() for levers in found.presets.values())
    assert not all(found.tables["welfare"].holds(levers) for levers in own.values())  # no room for all of them
    for levers in grid.settings(found.nodes, 40, seed=8):
        for key, solved in found.start.solved(levers).items():
            miss, widest = np.abs(found.between(levers)[key] - solved).max(), np.ptp(found.tables[key].values, axis=-1)
            assert miss <= 0.015 * max(solved[2] - solved[0], 0.01 * widest.max()), (key, levers)
    ends = {name: found.start.solved(levers) for name, levers in found.named.items()}
    rows = {(name, number): [units.significant(value, 2) for value in ends[name][key]]
            for name in found.named for key, number in grid.OUTCOMES.items()}  # fmt: skip
    published = pd.DataFrame.from_dict(rows, orient="index", columns=["low", "value", "high"])
    published.index = pd.MultiIndex.from_tuples(rows)
    assert [str(claim) for claim in explorer.claims(found, published) if not claim.holds] == []
    published.loc[("own_7", grid.OUTCOMES["welfare"]), "high"] *= 1.2
    assert sum(not claim.holds for claim in explorer.claims(found, published)) == 1


def test_nothing_is_given_outside_of_the_grid(found: Grid):
    with pytest.raises(BadInput, match="seed"):
        found.between({**DEAL, "seed": 1.2})
    with pytest.raises(BadInput):
        found.start.at(seed=0.05)


@pytest.mark.slow
def test_500_settings_are_at_most_a_hundredth_of_a_range_off_and_the_deal_is_as_published():
    """The grid of the notebook over the rows of the committed edition, against the models."""
    edition = ROOT / "reports" / "published" / "deal_2026"
    results = pd.read_csv(edition / "results.csv").set_index("result_id")
    replaced = models.estimates(results.loc[[models.VOLUME, models.DEMAND]])
    rows = pd.read_csv(edition / f"{weighted.TABLE}.csv")
    setting = models.prepare("deal_2026", draws=10_000, seed=20260116, replaced=replaced, rows=rows)
    found = grid.solve(setting, STEPS, {}, held_out=500, seed=20)
    print("largest errors at 500 settings:", {key: f"{error:.2%}" for key, error in found.errors.items()})
    assert 0 < max(found.errors.values()) <= 0.01
    published = pd.concat({"deal_2026": results}, names=["scenario"])
    assert [str(claim) for claim in explorer.claims(found, published) if not claim.holds] == []
