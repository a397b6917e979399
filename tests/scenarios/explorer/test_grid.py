"""The grid: it gives what the models give where they were solved, and says how far it is off between."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import samplerows as sample

from tradeexposure.core import loaded_files
from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.inference.draws import spread
from tradeexposure.policy import scenarios, tariff_schedule
from tradeexposure.scenarios import explorer
from tradeexposure.scenarios.explorer import grid
from tradeexposure.scenarios.explorer.grid import Grid, Surface, Table, curve_weights
from tradeexposure.scenarios.explorer.levers import US_MEASURE, View, spreads
from tradeexposure.scenarios.front_page import panel
from tradeexposure.scenarios.simulation import changes, messages, models
from tradeexposure.vehicles.market.base_year import CHINA_BUILT

NODES = np.array([0.0, 1.0, 2.5, 3.0, 4.5, 6.0])
ROOT = Path(__file__).resolve().parents[3]
DEAL = {"seed": 0.149, "meal": 0.05, "quota": 49_000.0, "us": 0.25}
DEPOSIT, SETTLED = {"seed": 0.848, "meal": 1.05}, {"seed": 0.149, "meal": 1.05}


def of_notebook() -> dict:
    """Settings and presets as the notebook has them."""
    cells = json.loads((ROOT / "notebooks" / "68_simulate_scenarios.ipynb").read_text("utf-8"))["cells"]
    names = {"explorer": explorer}
    exec("".join(next(cell for cell in cells if cell["id"] == "levers")["source"]), names)
    return names


@pytest.fixture(scope="module")
def sample_grid(solved_once: None) -> Grid:
    return sample.solved()


@pytest.mark.parametrize("levers", [DEAL, {**DEPOSIT, "quota": 81_000.0, "us": 0.6}, {**DEAL, "seed": 0.09}])
def test_all_levers_at_once_give_what_the_grid_has(sample_grid: Grid, levers: dict[str, float]):
    """Registrations and sales do not hang on the other levers; the sum hangs on three. In every view."""
    for view, solved in sample.start().solved(levers).items():
        line = sample_grid.between(levers, view)
        for key in grid.OUTCOMES:
            np.testing.assert_allclose(line[key], solved[key], rtol=6e-4, atol=1e-9 if key == "price" else 1.0)


@pytest.mark.parametrize("levers", [DEAL, {"seed": 0.31, "meal": 0.4, "quota": 12_345.0, "us": 0.4}])
def test_models_give_the_same_in_a_whole_scenario(sample_grid: Grid, levers: dict[str, float]):
    """The scenario with these levers, by the route of the scenario notebook, against both messages."""
    setting = sample.start().setting
    chosen = sample.start().at(**levers).model_copy(update={"also_against": setting.scenario.also_against})
    there = models.solve(replace(setting, compared=replace(setting.compared, scenario=chosen)))
    accounts, sold = changes.accounts(there), {"first_year": there.us, "adjusted": there.us_long}
    solved = sample.start().solved(levers)
    for view, outcomes in solved.items():
        second = "against_final_duty" if view.against == "final_duty_2026" else ""
        ending = messages.part(second, view.when.replace("adjusted", ""))
        market = there.markets[ending]
        cars = there.vehicles if view.when == "adjusted" else there.first_year
        whole = {
            "income": market.income, "price": changes.canola_change(market)["producer_price_change"],
            "cars": cars.scenario.registrations[CHINA_BUILT],
            "sales": changes.gap(sold[view.when], changes.EXPORTS),
            "welfare": accounts[ending]["canada_cad"],
        }  # fmt: skip
        for key, values in outcomes.items():
            ends = spread(whole[key])
            wanted = [ends.low, ends.value, ends.high]
            np.testing.assert_allclose(
                values, wanted, rtol=6e-5, atol=500.0 if key in ("income", "welfare") else 1e-6, err_msg=f"{view} {key}"
            )


def test_what_is_left_of_nothing_by_the_solvers_is_nothing():
    nodes = {"us": np.array([0.0, 1.0])}
    assert Table.of(nodes, {}, np.array([[-0.014, 0.0, 10.0], [-2e9, 1.0, 3e3]])).values.tolist() == [
        [0.0, 0.0, 0.0], [-2e9, 0.0, 3e3],
    ]  # fmt: skip


def test_where_a_counterfactual_stands_nothing_changes_against_it(sample_grid: Grid):
    for when in ("adjusted", "first_year"):
        for against, there in (("status_quo_2025", DEPOSIT), ("final_duty_2026", SETTLED)):
            line = sample_grid.between({**DEAL, **there}, View(against, when))
            assert line["income"].tolist() == line["price"].tolist() == [0.0, 0.0, 0.0]


def test_a_higher_duty_is_never_better_for_growers_nor_a_smaller_quota_for_cars(sample_grid: Grid):
    for tables in sample_grid.tables.values():
        for key, axis, sign in (
            ("income", 0, -1),
            ("income", 1, -1),
            ("price", 0, -1),
            ("cars", 0, 1),
            ("sales", 0, -1),
        ):
            medians = tables[key].values[..., 1]
            between_solved = 2e-3 * np.ptp(medians)  # steps here are long: a curve may turn that far
            assert (sign * np.diff(medians, axis=axis) >= -between_solved).all(), (key, axis)


def test_each_view_has_settings_beside_its_own_counterfactual(sample_grid: Grid):
    """Where the seed duty stands as in what is compared with, a range's ends turn within a few points of it."""
    for view, tables in sample_grid.tables.items():
        duty = {"status_quo_2025": DEPOSIT, "final_duty_2026": SETTLED}[view.against]["seed"]
        seeds = tables["income"].nodes["seed"]
        for away in grid.BESIDE["seed"]:
            for near in (duty - away, duty + away):
                assert near < seeds[0] or np.isclose(seeds, near).any(), (view, near)
        assert set(sample_grid.nodes["seed"]) <= set(seeds)
    assert {0.23, 0.24, 0.26, 0.27} <= set(sample_grid.begun["sales"].nodes["us"])


def test_the_quota_bends_where_it_stops_binding(sample_grid: Grid):
    table = sample_grid.begun["cars"]
    for end in range(3):
        at_most = np.minimum(table.nodes["quota"], table.values[-1, end])
        np.testing.assert_allclose(table.values[:, end], at_most, rtol=1e-3)  # a unit of the fourth digit


def test_presets_and_named_scenarios_are_solved_exactly(sample_grid: Grid):
    for levers in (*sample_grid.presets.values(), *sample_grid.named.values()):
        assert sample_grid.holds(levers)
        for tables in sample_grid.tables.values():
            assert all(levers[key] in some for table in tables.values() for key, some in table.nodes.items())
    assert not sample_grid.holds({**DEAL, "meal": 0.2}) and {0.09, 0.3, 1.1} <= set(sample_grid.nodes["seed"])


def test_every_preset_of_the_notebook_has_its_words():
    presets = of_notebook()["presets"]
    assert list(presets) == list(panel.PRESET_WORDS)
    threat = tariff_schedule.get("us_threat_232_vehicles_50")  # which the words of the preset name
    assert threat.rate_text.startswith(f"{presets['us_50']['us']:.0%}")


def test_a_named_scenario_is_reached_only_if_all_it_changes_are_the_levers(sample_grid: Grid):
    assert sample_grid.named == {"deal_2026": DEAL}
    assert grid.levers_of("quota_2030")["quota"] == 63_037  # half of it for cheap cars, which no lever sets
    assert "quota" not in grid.levers_of("status_quo_2025")


def test_a_scenario_beyond_the_levers_is_left_out_and_stops_nothing(sample_grid: Grid, monkeypatch: pytest.MonkeyPatch):
    load = scenarios.load
    start = sample.start()
    own = {"far": start.at(quota=150_000.0), "high": start.at(seed=1.5), "near": start.at(seed=0.5)}
    monkeypatch.setattr(scenarios, "load", lambda name: own.get(name) or load(name))
    monkeypatch.setattr(scenarios, "shipped", lambda: ["deal_2026", *own])
    assert grid.reached(sample.start(), sample_grid.nodes) == {"deal_2026": DEAL, "near": {**DEAL, "seed": 0.5}}


def test_a_fact_that_is_no_lever_is_none_of_its_business():
    with loaded_files.recording() as read:
        assert grid.levers_of("deal_2026") == DEAL
    assert ("fact", US_MEASURE) in read and not {"facts", "words"} & {kind for kind, _ in read}


@pytest.mark.long
@pytest.mark.usefixtures("sample_grid")
def test_solving_asks_for_no_words_of_a_scenario_so_that_a_title_solves_nothing_again():
    """The notebook that solves is another than the one that shows titles."""
    with loaded_files.recording() as read:
        chosen = {"draws": sample.DRAWS, "seed": sample.SEED, "replaced": sample.REPLACED, "rows": sample.rows()}
        grid.solve(models.prepare("deal_2026", **chosen), sample.SETTINGS, {"deal": {}}, held_out=1, seed=1)
    kinds = {kind for kind, _ in read}
    assert "scenario" in kinds and "words" not in kinds
    names = ("68_simulate_scenarios", "80_compare_scenarios")
    sources = [(ROOT / "notebooks" / f"{name}.ipynb").read_text("utf-8") for name in names]
    assert ["explorer.grid.solve(" in source for source in sources] == [True, False]


def test_the_grid_is_handed_over_with_every_digit(sample_grid: Grid):
    handed = io.StringIO(grid.as_table(sample_grid).to_csv(index=False))
    again = grid.of_table(pd.read_csv(handed))
    assert panel.as_json(again) == panel.as_json(sample_grid)
    assert vars(again).keys() == vars(sample_grid).keys() and again.holds(DEAL)
    assert (again.named, again.errors, again.presets) == (sample_grid.named, sample_grid.errors, sample_grid.presets)
    levers = {"seed": 0.31, "meal": 0.4, "quota": 12_345.0, "us": 0.4}
    for view in sample_grid.tables:
        for key, line in sample_grid.between(levers, view).items():
            assert again.between(levers, view)[key].tolist() == line.tolist()


def test_a_lever_is_read_back_where_it_was_set(sample_grid: Grid):
    levers = {"seed": 0.37, "meal": 0.6, "quota": 20_000.0, "us": 0.4}
    assert grid.levers_of(sample.start().at(**levers)) == levers
    normal = grid.levers_of(scenarios.load("full_normalisation"))
    assert {key: normal[key] for key in ("seed", "meal")} == sample.start().ordinary == {"seed": 0.09, "meal": 0.05}


def test_errors_are_those_of_settings_between_the_nodes(sample_grid: Grid):
    drawn = grid.settings(sample_grid.nodes, sample.HELD_OUT, seed=sample.SEED)
    assert sample_grid.errors == grid.apart(sample_grid, [(levers, sample.start().solved(levers)) for levers in drawn])
    assert max(sample_grid.errors.values()) > 0
    assert all(levers["quota"].is_integer() for levers in drawn)


def test_a_grid_that_is_off_is_seen(sample_grid: Grid):
    solved = sample.start().solved(DEAL)
    assert max(grid.apart(sample_grid, [(DEAL, solved)]).values()) < 1e-3
    view = sample.start().views[-1]
    low, _, high = solved[view]["income"]
    wrong = {**solved, view: {**solved[view], "income": solved[view]["income"] + 0.02 * (high - low)}}
    assert grid.apart(sample_grid, [(DEAL, wrong)])["income"] == pytest.approx(0.02, rel=2e-2)


@pytest.mark.parametrize(
    ("asked", "presets", "message"),
    [
        ({"seed": [0.1, 0.2]}, {}, "levers"),
        ({**sample.SETTINGS, "us": [0.3, 1.0]}, {}, "0.3 to 1"),
        ({**sample.SETTINGS, "meal": [0.1, 1.1]}, {}, "0.1 to 1.1"),
        (sample.SETTINGS, {"Too high": {"seed": 1.2}}, "0.09 to 1.1"),
    ],
)
def test_levers_that_cannot_be_solved_are_refused(
    asked: dict, presets: dict, message: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(grid.Start, "of", lambda setting: sample.start())
    with pytest.raises(BadInput, match=message):
        grid.solve(sample.setting(), asked, presets, held_out=1, seed=1)


def test_nothing_is_given_outside_of_the_grid(sample_grid: Grid):
    with pytest.raises(BadInput, match="seed"):
        sample_grid.between({**DEAL, "seed": 1.2})
    with pytest.raises(BadInput):
        sample.start().at(seed=0.05)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_500_settings_are_at_most_a_part_of_a_range_off_and_the_deal_is_as_published():
    """The grid of the notebook over the rows of the committed edition, against the models, in every view."""
    edition = ROOT / "reports" / "published" / "deal_2026"
    results = pd.read_csv(edition / "results.csv").set_index("result_id")
    replaced = models.estimates(results.loc[[models.VOLUME, models.DEMAND]])
    rows = pd.read_csv(edition / f"{models.TABLE}.csv")
    setting = models.prepare("deal_2026", draws=10_000, seed=20260116, replaced=replaced, rows=rows)
    named = of_notebook()
    sample_grid = grid.solve(setting, named["settings"], named["presets"], held_out=500, seed=20)
    print("largest errors at 500 settings:", {key: f"{error:.2%}" for key, error in sample_grid.errors.items()})
    assert 0 < max(sample_grid.errors.values()) <= panel.MOST_APART
    size = len(json.dumps(panel.as_json(sample_grid), separators=(",", ":"), ensure_ascii=False).encode())
    assert size <= panel.LARGEST
    published = pd.concat({"deal_2026": results}, names=["scenario"])
    claims = panel.claims(sample_grid, published)
    assert len(claims) == 1 + len(grid.OUTCOMES) * len(sample_grid.tables)  # the deal's own preset has every number
    assert [str(claim) for claim in claims if not claim.holds] == []


@pytest.mark.parametrize("joins", [(), (2,), range(6)])
def test_a_node_counts_for_itself_alone(joins: tuple[int, ...]):
    for place, node in enumerate(NODES):
        assert curve_weights(NODES, node, joins).tolist() == np.eye(len(NODES))[place].tolist()


def test_a_cubic_is_exact_on_cubics_and_neighbouring_joins_make_straight_lines():
    for at in (0.3, 1.7, 2.75, 5.9):
        assert curve_weights(NODES, at) @ NODES**3 == pytest.approx(at**3)
        assert curve_weights(NODES, at, range(6)) @ np.abs(NODES - 2.5) == pytest.approx(abs(at - 2.5))
        assert np.count_nonzero(curve_weights(NODES, at)) == 4


def test_no_curve_looks_across_a_join():
    bent = np.where(NODES < 2.5, 0.0, (NODES - 2.5) ** 2)
    assert curve_weights(NODES, 2.0, [2]) @ bent == 0.0
    assert curve_weights(NODES, 2.8, [2]) @ bent == pytest.approx(0.09)
    assert curve_weights(NODES, 2.0) @ bent != pytest.approx(0.0, abs=1e-3)


def test_ends_of_a_range_stay_in_order():
    table = Table.of(
        {"seed": NODES[:4]}, {}, np.array([[0.0, 0.0, 9.0], [0.0, 0.0, 0.1], [0.0, 0.0, 0.1], [0.0, 0.0, 9.0]])
    )
    low, value, high = table.between({"seed": 1.6})
    assert low <= value <= high


def test_an_end_near_nothing_is_held_against_its_range_and_a_narrow_range_against_the_widest():
    """A low end that crosses zero is no more off than the others; a number that hardly varies is held to something."""
    table = Table.of({"seed": np.array([0.0, 1.0])}, {}, np.array([[-5.0, 40.0, 95.0], [-105.0, 40.0, 95.0]]))
    assert table.scale(np.array([0.001, 50.0, 100.0]), 0.01).tolist() == [pytest.approx(99.999)]
    assert table.scale(np.array([[7.0, 7.0, 7.0], [6.0, 8.0, 9.0]]), 0.01).tolist() == [[2.0], [3.0]]


def test_rows_that_several_draws_have_count_as_often_in_their_range():
    rng = np.random.default_rng(3)
    rows, again = rng.normal(size=(4, 30)), np.concatenate([np.arange(30), rng.integers(0, 30, 171)])
    assert np.array_equal(spreads(rows, again=again), spreads(rows[:, again]))


def test_a_surface_gives_what_was_solved_and_cubics_between():
    def rows(seed: np.ndarray, meal: np.ndarray) -> np.ndarray:
        both = np.stack([seed**3 + 2 * meal + 0.5 * seed * meal**2, seed * meal], axis=-1)
        return both[..., None, :]  # one value, two rows

    seeds, across, lines = np.linspace(0, 1, 7), np.linspace(0, 1, 4), np.array([0.1, 0.9])
    meals = np.array([0.1, 0.3, 0.6, 0.9, 1.0])
    levels = np.stack([rows(seeds, np.full(7, meal)) for meal in lines])
    part = ((meals - 0.1) / 0.8)[None, :, None, None]
    ends = [rows(across, np.full(4, meal))[:, None] for meal in lines]
    bent = rows(*np.meshgrid(across, meals, indexing="ij")) - ((1 - part) * ends[0] + part * ends[1])
    surface = Surface(seeds, lines, levels, across, meals, bent)
    asked = np.array([0.0, 0.37, 0.9]), np.array([0.1, 0.45, 1.0])
    np.testing.assert_allclose(surface.over(*asked), rows(*np.meshgrid(*asked, indexing="ij")), atol=1e-12)
