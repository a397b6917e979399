"""Scenarios side by side: whose numbers, what they are measured against, where zero stands."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import samplenotebook as sample

from tradeexposure.publishing import scenario_comparison


def test_a_number_of_another_scenario_is_no_column(tmp_path: Path) -> None:
    text = scenario_comparison.page(sample.shelves(tmp_path), stamp="ab12")
    assert re.findall(r'<th scope="col"[^>]*>([^<]+)</th>', text) == ["Scenario", "Growers&#39; income, change"]
    assert "use.change.escalation" not in text
    assert "\N{MINUS SIGN}C$900 m a year" in text


def test_each_scenario_says_what_it_is_measured_against(tmp_path: Path) -> None:
    text = scenario_comparison.page(sample.shelves(tmp_path), stamp="ab12")
    for name, against in (("deal_2026", "the duties before"), ("escalation", "the deal")):
        assert f"<code>{name}</code><small>a year, against: {against}</small>" in text
    assert "must not be added up" in text


def test_zero_is_marked_only_where_the_ranges_reach_it() -> None:
    there = {"value": 2.0, "low": 1.0, "high": 3.0, "level": 0.9, "unit": "CAD per year", "label": "Gain"}
    row = {**there, "result_id": "a.gain"}
    above = scenario_comparison.panel("a.gain", {"one": {"a.gain": row}, "two": {"a.gain": {**row, "value": 3.0}}})
    across = scenario_comparison.panel("a.gain", {"one": {"a.gain": row}, "two": {"a.gain": {**row, "low": -1.0}}})
    assert above.drawing and across.drawing
    assert "stroke-dasharray" not in drawn(above.drawing.wide.address)
    assert "stroke-dasharray" in drawn(across.drawing.wide.address)


def drawn(address: str) -> str:
    """The SVG in a picture's address."""
    return base64.b64decode(address.partition(",")[2]).decode()
