"""Scenarios side by side: whose numbers, what they are measured against, where zero stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import samplenotebook as sample
from pageread import content

from tradeexposure.publishing import manifest
from tradeexposure.publishing.over_editions import scenarios_page


def test_a_number_of_another_scenario_is_no_column(tmp_path: Path) -> None:
    text = scenarios_page.pages(sample.shelves(tmp_path), stamp="ab12")["en"]
    headings = re.findall(r'<th scope="col"[^>]*>([^<]+)</th>', text)
    assert set(headings) == {"Scenario", "Growers&#39; income, change"}
    assert "use.change.escalation" not in text
    assert "\N{MINUS SIGN}C$900 m a year" in text


def test_each_scenario_says_what_it_is_measured_against(tmp_path: Path) -> None:
    text = scenarios_page.pages(sample.shelves(tmp_path), stamp="ab12")["en"]
    for name, against in (("deal_2026", "the duties before"), ("escalation", "the deal")):
        assert f"<code>{name}</code><small>a year, against: {against}</small>" in text
    assert "must not be added up" in text


def test_zero_is_marked_only_where_the_ranges_reach_it() -> None:
    there = {"value": 2.0, "low": 1.0, "high": 3.0, "level": 0.9, "unit": "CAD per year", "label": "Gain"}
    row = {**there, "result_id": "a.gain"}
    above = scenarios_page.panel("a.gain", {"one": {"a.gain": row}, "two": {"a.gain": {**row, "value": 3.0}}})
    across = scenarios_page.panel("a.gain", {"one": {"a.gain": row}, "two": {"a.gain": {**row, "low": -1.0}}})
    assert above and across
    assert "stroke-dasharray" not in content(above.wide.address)
    assert "stroke-dasharray" in content(across.wide.address)


def test_scenarios_stand_in_groups_of_one_baseline(tmp_path: Path) -> None:
    text = scenarios_page.pages(sample.shelves(tmp_path), stamp="ab12")["en"]
    sections = re.split(r"<h3[^>]*>", text)
    assert [part.partition("<")[0] for part in sections[1:3]] == [
        "Measured against the duties before",
        "Measured against the deal",
    ]
    assert "<code>deal_2026</code>" in sections[1] and "<code>escalation</code>" not in sections[1]
    assert text.count("<figure>") == 2, "no drawing holds numbers of two baselines"


def points(folder: Path, values: dict[str, float]) -> list[manifest.PublishedEdition]:
    return [sample.shelf(folder, name, change=change, against="the deal") for name, change in sorted(values.items())]


def said(text: str) -> list[str]:
    """Names in the order of the table's rows."""
    return re.findall(r"</a><code>(\w+)</code>", text)


def test_a_grid_over_one_number_is_a_curve_in_order_with_labels_as_typed(tmp_path: Path) -> None:
    editions = points(tmp_path, {"rate_0p1": -1e9, "rate_0p05": 5e8, "rate_1": -3e9})
    grid = "scenario,overrides.duty.rate\nrate_1,1.0\nrate_0p05,0.050\nrate_0p1,0.10\n"
    text = scenarios_page.pages(editions, stamp="ab12", points="grid.csv", grid=grid)["en"]
    assert said(text) == ["rate_1", "rate_0p05", "rate_0p1"], "the order of the file"
    svg = content(re.findall(r'<img src="([^"]+)"', text)[0])
    labels = re.findall(r">(0\.050|0\.10|1\.0)</text>", svg)
    assert labels == ["0.050", "0.10", "1.0"] and "Duty: rate" in svg
    assert "mark-area" in svg and "mark-line" in svg


def of_two_numbers(folder: Path) -> str:
    """The page of a grid of two duties and two quotas."""
    names = {f"r{rate}_q{quota}": (rate + quota) * 1e8 for rate in (1, 2) for quota in (1, 3)}
    grid = "scenario,overrides.duty.rate,quantities.quota.cars\n"
    grid += "".join(f"r{rate}_q{quota},0.{rate}0,{quota}000\n" for rate in (2, 1) for quota in (3, 1))
    return scenarios_page.pages(points(folder, names), stamp="ab12", points="grid.csv", grid=grid)["en"]


def test_a_grid_over_two_numbers_is_a_heat_map(tmp_path: Path) -> None:
    text = of_two_numbers(tmp_path)
    svg = content(re.findall(r'<img src="([^"]+)"', text)[0])
    assert re.findall(r">(0\.[12]0|[13]000)</text>", svg) == ["0.10", "0.20", "3000", "1000"]
    assert "mark-rect" in svg and "C$500 m a year" in svg and "Quota: cars" in svg


def test_a_grid_with_more_cells_than_a_page_holds_is_listed_and_not_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scenarios_page, "CELLS", 3)
    monkeypatch.setattr(scenarios_page, "DRAWN", 3)
    text = of_two_numbers(tmp_path)
    assert said(text) == ["r2_q3", "r2_q1", "r1_q3", "r1_q1"], "the order of the file"
    assert "<img" not in text and "Groups of more than 3 scenarios are not drawn" in text


def test_what_is_no_number_or_too_many_is_drawn_as_dots(tmp_path: Path) -> None:
    editions = points(tmp_path, {"a": 1e8, "b": 2e8})
    for grid in ("scenario,horizon\na,acreage\nb,crop_year\n", "scenario,x.k,y.k,z.k\na,1,1,1\nb,1,1,2\n"):
        text = scenarios_page.pages(editions, stamp="ab12", points="grid.csv", grid=grid)["en"]
        assert "mark-area" not in content(re.findall(r'<img src="([^"]+)"', text)[0])


def test_a_mark_tells_its_numbers_under_a_name_that_french_pages_find(tmp_path: Path) -> None:
    text = scenarios_page.pages(sample.shelves(tmp_path), stamp="ab12")["en"]
    scripts = re.findall(r'class="values" id="([^"]*)">(.*?)</script>', text, re.DOTALL)
    names = [name for name, _ in scripts]
    assert names and len(set(names)) == len(names) and all(re.fullmatch(r"values-[\w-]+", name) for name in names)
    assert '"Scenario"' in scripts[0][1]
