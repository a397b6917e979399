"""Grids: the product of lists, names that stay, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tradeexposure.core import earlier_results, paths
from tradeexposure.core.errors import BadInput
from tradeexposure.policy import scenario_grids, scenarios

RATE, QUOTA = "overrides.china_seed_antidumping.rate", "quantities.canada_ev_quota.annual_vehicles"


def written(folder: Path, over: str, base: str = "deal_2026") -> Path:
    path = folder / "small.yml"
    path.write_text(f"scenario: {base}\nover:\n{over}", "utf-8")
    return path


def test_is_the_product_of_its_lists_the_last_key_fastest(tmp_path: Path):
    grid = scenario_grids.read(written(tmp_path, f"  {RATE}: [0.1, 0.25]\n  {QUOTA}: [1, 50000]\n"))
    assert grid.name == "small"
    assert [list(point.values.values()) for point in grid.points] == [[0.1, 1], [0.1, 50000], [0.25, 1], [0.25, 50000]]
    assert grid.points[1].scenario.name == ("china_seed_antidumping_rate_0p1__canada_ev_quota_annual_vehicles_50000")
    assert grid.points[1].scenario.title.endswith(
        ": china_seed_antidumping.rate 0.1, canada_ev_quota.annual_vehicles 50000"
    )
    assert grid.table().splitlines()[0] == f"scenario,{RATE},{QUOTA}"
    rates = [
        scenarios.measures_in_force(p.scenario).find("china_seed_antidumping", p.scenario.facts_on).rate
        for p in grid.points
    ]
    assert rates == [0.1, 0.1, 0.25, 0.25]


def test_names_do_not_depend_on_what_else_is_in_the_grid(tmp_path: Path):
    few = scenario_grids.read(written(tmp_path, f"  {RATE}: [0.25]\n"))
    more = scenario_grids.read(written(tmp_path, f"  {RATE}: [0.1, 0.25]\n"))
    assert few.points[0].scenario.name == more.points[1].scenario.name


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"a.b.rate": -1}, "a_b_rate_m1"),
        ({"overrides.x.rate": 1e-7}, "x_rate_1em07"),
        ({"x": True}, "x_true"),
        ({"above_quota": "no_entry"}, "above_quota_no_entry"),
    ],
)
def test_names_are_letters_digits_and_underscores(values: dict[str, object], name: str):
    assert scenario_grids.name_of(values) == name
    assert scenario_name(name)


def scenario_name(name: str) -> bool:
    return name.isidentifier() and name == name.lower()


def test_a_long_name_is_cut_and_stays_its_own():
    keys = [{f"overrides.{'long' * 20}_{place}.rate": 0.1, f"overrides.{'more' * 20}.rate": place} for place in (1, 2)]
    names = [scenario_grids.name_of(values) for values in keys]
    assert len(set(names)) == 2
    assert all(len(name) <= scenario_grids.LONGEST_NAME for name in names)


def test_a_definition_is_found_by_name_in_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (point,) = scenario_grids.read(written(tmp_path, "  facts_on: [2026-11-01]\n")).points
    file = tmp_path / "handover.json"
    file.write_text(earlier_results.as_json(point.scenario.name, [], {point.scenario.name: point.definition}), "utf-8")
    monkeypatch.setenv(earlier_results.VARIABLE, str(file))
    assert scenarios.load(point.scenario.name) == point.scenario
    assert scenarios.load("deal_2026").name == "deal_2026"


def test_a_file_of_another_name_is_refused(tmp_path: Path):
    path = written(tmp_path, "  facts_on: [2026-11-01]\n").rename(tmp_path / "Bad-Name.yml")
    with pytest.raises(BadInput, match=r"Bad-Name\.yml"):
        scenario_grids.read(path)


def test_too_many_are_refused_before_one_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    lists = "".join(
        f"  quantities.canada_ev_quota.x{place}: [{', '.join(map(str, range(22)))}]\n" for place in range(3)
    )
    with pytest.raises(BadInput, match="10,648 scenarios; allowed: at most 10,000, or add --yes"):
        scenario_grids.read(written(tmp_path, lists))
    monkeypatch.setattr(scenario_grids, "MOST", 1)
    path = written(tmp_path, f"  {RATE}: [0.1, 0.25]\n")
    with pytest.raises(BadInput, match="--yes"):
        scenario_grids.read(path)
    assert len(scenario_grids.read(path, yes=True).points) == 2


@pytest.mark.parametrize("path", sorted(paths.path("data", "scenarios", "grids").glob("*.yml")), ids=lambda p: p.stem)
def test_shipped_grids_can_be_used(path: Path):
    assert len(scenario_grids.read(path).points) > 1
