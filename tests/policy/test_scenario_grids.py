"""Grids: the product of lists, names that stay, variants of a scenario, and what is refused."""

from __future__ import annotations

from datetime import date
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


VARIED = {
    "overrides.china_seed_antidumping.rate": 0.2,
    "quantities.canada_ev_quota.annual_vehicles": 70000,
    "assumptions.under_cap_share": 0.4,
    "facts_on": date(2026, 11, 1),
    "horizon": "crop_year",
    "above_quota": "surtax",
}


def test_a_variant_is_its_base_but_for_what_is_named(folder: Path) -> None:
    base = scenarios.load("deal_2026")
    case = scenario_grids.variant(base, VARIED, "deal_varied")
    varied = {"name", "also_against", "overrides", "quantities", "assumptions", *VARIED}
    assert case.model_dump(exclude=varied) == base.model_dump(exclude=varied) and case.also_against is None
    assert (case.name, case.facts_on, case.horizon, case.above_quota) == (
        "deal_varied", date(2026, 11, 1), "crop_year", "surtax",
    )  # fmt: skip
    assert scenarios.duties_by_line(case).set_index("line").loc["Canola seed into China", "rate"] == pytest.approx(0.29)
    text = (folder / "deal_2026.yml").read_text("utf-8").replace("name: deal_2026", "name: deal_varied")
    for key in ("facts_on: 2026-10-01", "also_against: final_duty_2026", "against: status_quo_2025", "overrides: []"):
        text = text.replace(f"{key}\n", "")
    rest = """facts_on: 2026-11-01
against: status_quo_2025
horizon: crop_year
above_quota: surtax
assumptions: {under_cap_share: 0.4}
overrides: [{measure: china_seed_antidumping, rate: 0.2, reason: varied}]
quantities: [{measure: canada_ev_quota, name: annual_vehicles, value: 70000, reason: varied}]
"""
    (folder / "deal_varied.yml").write_text(text + rest, "utf-8")
    assert scenarios.load("deal_varied") == case, "a variant is what the same file would be"


def test_a_variant_changes_or_drops_what_the_base_overrides() -> None:
    base = scenarios.load("escalation")
    old = {override.measure: override for override in base.overrides}
    half = scenario_grids.variant(base, {"overrides.china_seed_deposit.rate": 0.5}, "half")
    new = {override.measure: override for override in half.overrides}
    assert new["china_seed_deposit"].rate == 0.5 and new["china_seed_deposit"].end == old["china_seed_deposit"].end
    same = scenario_grids.variant(base, {"overrides.china_oil_additional.suspended": False}, "same")
    assert same.overrides == base.overrides
    freed = scenario_grids.variant(base, {"overrides.china_oil_additional.suspended": True}, "freed")
    assert scenarios.duties_by_line(freed).set_index("line").loc["Canola oil into China", "rate"] == 0.09
    threat = scenario_grids.variant(
        scenarios.load("us_retaliation_100"), {"hypothetical.us_retaliation_100.rate": 0.35}, "a"
    )
    assert threat.hypothetical[0].rate == 0.35


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("overrides.china_seed_antidumping.rate", 84.8, "rate: found 84.8; .*84.8 per cent is written 0.848"),
        ("overrides.china_seed_antidumping.rate", "high", "rate: found high; allowed: a number"),
        (
            "overrides.china_seed_antidumping.rte",
            0.1,
            "rte: found unknown key rte; allowed: rate, total, rate_with_claim",
        ),
        ("overrides.chna_seed_antidumping.rate", 0.1, "found chna_seed_antidumping; allowed: china_seed_antidumping"),
        ("overrides.china_seed_antidumping.end", date(2020, 1, 1), "an end on or after the effective date 2026-03-01"),
        ("overrides.china_seed_antidumping", 0.1, "found unknown path overrides.china_seed_antidumping; allowed: "),
        (
            "hypothetical.us_threat.rate",
            0.1,
            "found us_threat; allowed: none: the scenario has no hypothetical measure",
        ),
        ("quantities.canada_ev_quota.volume", 3, "found volume; allowed: annual_vehicles"),
        ("quantities.canada_ev_quota.annual_vehicles", -3, "found -3; allowed: 0 or more vehicles a year"),
        ("assumptions.seed_supply", -1, "found -1; allowed: a number of 0 or more"),
        ("assumptions.sed_supply", 1, "found unknown prior sed_supply; allowed: did you mean seed_supply"),
        ("assumptions.news_anticipated", 1.0, "found news_anticipated; allowed: a prior that is no part of how"),
        ("horizons", "crop_year", r"found unknown path horizons; allowed: did you mean horizon\?"),
        ("horizon", "decade", "found decade; allowed: acreage, crop_year"),
        ("above_quota", True, "found true; allowed: no_entry, surtax, mfn"),
        ("against", "deal_varied", "found deal_varied; allowed: before_measures"),
        ("against", "licence_ban_2019", "found licence_ban_2019; allowed: a scenario without licence_suspension"),
        ("facts_on", "2026-10-01", "found 2026-10-01; allowed: a real date"),
        ("facts_on", date(2202, 1, 1), "found 2202-01-01; allowed: a day from 2018-01-01"),
        ("licence_suspension", True, "found true; allowed: false: no export licence"),
    ],
)
def test_a_wrong_variant_is_bad_input_that_names_the_path(path: str, value: object, message: str) -> None:
    with pytest.raises(BadInput, match=message) as caught:
        scenario_grids.variant(
            scenarios.load("deal_2026"), {"horizon": "acreage", path: value}, "deal_varied", where="grid.yml"
        )
    assert str(caught.value).startswith(f"grid.yml: {path}: found ") and "\n" not in str(caught.value)
