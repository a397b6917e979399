"""Names at the ends of lines: apart from one another, as near to their lines as they can, in lines that fit."""

from __future__ import annotations

import itertools

import pytest

from tradeexposure.reporting import chart_style
from tradeexposure.reporting.chart_style import END_AT, END_GAP, END_LINE, END_NAME, END_SHIFT


@pytest.mark.parametrize(
    ("heights", "counts"),
    [([10, 200], [1, 1]), ([100, 100, 100], [1, 1, 1]), ([50, 55, 60, 300], [2, 1, 3, 1]), ([9, 3, 6], [1, 2, 1])],
)
def test_names_stand_apart_and_in_the_order_of_their_lines(heights: list[float], counts: list[int]) -> None:
    shifts = chart_style.end_shifts(heights, counts)
    tops = [height + shift - END_LINE / 2 for height, shift in zip(heights, shifts, strict=True)]
    order = sorted(range(len(heights)), key=lambda place: heights[place])
    for above, below in itertools.pairwise(order):
        assert tops[below] - (tops[above] + END_LINE * counts[above]) >= END_GAP - 0.2


def test_names_with_room_stay_at_their_lines_and_crowded_ones_stand_around_their_mean() -> None:
    assert chart_style.end_shifts([10, 200], [1, 1]) == [0, 0]
    assert chart_style.end_shifts([100, 100, 100], [1, 1, 1]) == [-(END_LINE + END_GAP), 0, END_LINE + END_GAP]


def test_a_long_name_is_broken_for_a_phone_and_other_data_stay() -> None:
    ends = [{END_NAME: "Exports without precious metals", END_AT: 50.0, END_SHIFT: 0.0},
            {END_NAME: "Imports", END_AT: 60.0, END_SHIFT: 0.0}]  # fmt: skip
    spec = {"datasets": {"table_1": [{"x": 1}], "table_2": ends, "table_3": []}}
    folded = chart_style.with_folded_ends(spec, chart_style.NARROW_END_LETTERS)["datasets"]
    names = [row[END_NAME] for row in folded["table_2"]]
    assert names == ["Exports\nwithout\nprecious\nmetals", "Imports"] and ends[0][END_SHIFT] == 0.0
    assert folded["table_2"][1][END_SHIFT] > 0 and folded["table_1"] == [{"x": 1}] and folded["table_3"] == []
    again = chart_style.with_folded_ends({"datasets": folded}, chart_style.END_LETTERS)["datasets"]["table_2"]
    assert [row[END_NAME] for row in again] == ["Exports without precious\nmetals", "Imports"]
