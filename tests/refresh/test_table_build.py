"""Rows of several parts become lines of one table: completed by each other, shared, rounded."""

from __future__ import annotations

from decimal import Decimal

from tradeexposure.refresh.publishers.sources_schema import MeasuredColumn
from tradeexposure.refresh.table_build import Rows, lines, merged, rounded, shared


def test_shares_of_a_part_in_its_whole():
    whole, part = MeasuredColumn(into="value"), MeasuredColumn(into="share", over="value", decimals=2)
    rows = Rows(("line",), {
        ("a",): {"value": Decimal(3), "share": Decimal(1)}, ("b",): {"value": Decimal(3)},
        ("c",): {"share": Decimal(1)}, ("d",): {"value": Decimal(0), "share": Decimal(0)},
    })  # fmt: skip
    found = lines([rounded(shared(rows, [whole, part]), [part])], ("line", "value", "share"), ["value"])
    assert found == [["a", "3", "0.33"], ["b", "3", "0"], ["d", "0", "0"]]


def test_parts_complete_each_other_and_what_both_give_stays_twice():
    first = Rows(("line",), {("a",): {"value": Decimal(1)}}, {("a",): {"name": "Oil"}})
    second = Rows(("line",), {("a",): {"claimed": Decimal(2)}, ("b",): {"claimed": Decimal(3)}})
    fields = ("line", "name", "value", "claimed")
    assert lines(merged([first, second]), fields, []) == [["a", "Oil", "1", "2"], ["b", "", "", "3"]]
    assert lines(merged([first, second, first]), fields, []) == [
        ["a", "Oil", "1", ""], ["a", "Oil", "1", "2"], ["b", "", "", "3"],
    ]  # fmt: skip
