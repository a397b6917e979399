"""Which numbers a chart shows: value and range in one row of its data, at a scale of its own."""

from __future__ import annotations

import fnmatch
import json
from typing import Any

import pytest

from tradeexposure.core import paths, published_rows
from tradeexposure.publishing.reuse.citing import drawn_numbers
from tradeexposure.reporting import charts


def row(result_id: str, value: float, low: float | None, high: float | None, digits: int = 3) -> dict[str, Any]:
    return {"result_id": result_id, "value": value, "low": low, "high": high, "digits": digits}


ROWS = [row("a.gain", 1.42e9, 8.21e8, 2.22e9), row("a.share", -0.687, -0.77, -0.659), row("a.bare", 0.0345, None, None)]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ([("Gain", 1.4242, 0.8211, 2.2199)], ["a.gain"]),
        ([("Share", -68.7, -77.0, -65.9, 2019)], ["a.share"]),
        ([("Gain", 1.42e9, 8.21e8, 2.22e9), ("Share", -0.687, -0.77, -0.659)], ["a.gain", "a.share"]),
        ([("Gain", 1.42, 0.821), ("Gain", 2.22, 0.5)], []),
        ([("Gain", 1.42, 0.83, 2.22)], []),
        ([("Gain", 1.42, 821.0, 2.22)], []),
        ([("Bare", 0.0345, 0.0345, 0.0345)], []),
        ([("None", None, float("nan"), "x")], []),
    ],
)
def test_a_number_is_drawn_where_one_row_holds_it_with_its_ends(
    data: list[tuple[Any, ...]], expected: list[str]
) -> None:
    assert drawn_numbers(data, ROWS) == expected


def test_a_number_agrees_to_the_digits_that_it_is_published_with() -> None:
    assert drawn_numbers([("x", 0.9142, 0.5149, 1.249)], [row("a.two", 0.91, 0.51, 1.2, digits=2)]) == ["a.two"]
    assert drawn_numbers([("x", 0.9142, 0.5149, 1.249)], [row("a.three", 0.91, 0.51, 1.2)]) == []


@pytest.mark.parametrize(
    ("name", "cell", "count"),
    [
        ("10_map_trade", "ranges", 8),
        ("50_measure_ev_exposure", "claims", 3),
        ("50_measure_ev_exposure", "paths", 20),
    ],
)
def test_a_chart_without_ranges_draws_the_numbers_that_it_names(name: str, cell: str, count: int) -> None:
    notebook = json.loads(paths.path("notebooks", f"{name}.ipynb").read_text("utf-8"))
    outputs = [output for one in notebook["cells"] if one["id"] == cell for output in one["outputs"]]
    (spec,) = [output["data"][charts.MIME] for output in outputs if charts.MIME in output.get("data", {})]
    rows = {str(one["result_id"]): one["value"] for one in published_rows.numbers_of(notebook)}
    named = [key for pattern in spec["usermeta"]["results"] for key in fnmatch.filter(rows, pattern)]
    cells = [cell for data in spec["datasets"].values() for line in data for cell in line.values()]
    held = [cell for cell in cells if isinstance(cell, int | float)]
    assert len(named) == count
    assert [key for key in named if min(abs(rows[key] - cell) for cell in held) > 0.005 * max(rows[key], 1)] == []
