"""Which numbers a chart shows: value and range in one row of its data, at a scale of its own."""

from __future__ import annotations

from typing import Any

import pytest

from tradeexposure.publishing.reuse.drawn_numbers import drawn


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
    assert drawn(data, ROWS) == expected


def test_a_number_agrees_to_the_digits_that_it_is_published_with() -> None:
    assert drawn([("x", 0.9142, 0.5149, 1.249)], [row("a.two", 0.91, 0.51, 1.2, digits=2)]) == ["a.two"]
    assert drawn([("x", 0.9142, 0.5149, 1.249)], [row("a.three", 0.91, 0.51, 1.2)]) == []
