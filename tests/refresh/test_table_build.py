"""Rows of several parts become rows of one table: completed by each other, shared, rounded."""

from __future__ import annotations

from decimal import Decimal

from tradeexposure.refresh.publishers.sources_schema import MeasuredColumn
from tradeexposure.refresh.table_build import Rows, joined


def part(rows: dict[str, dict[str, str]], **labels: str) -> Rows:
    """Numbers by line of goods, and words that every line has."""
    return [({"line": line}, {name: Decimal(number) for name, number in row.items()} | labels)
            for line, row in rows.items()]  # fmt: skip


def test_shares_of_a_part_in_its_whole():
    measures = [MeasuredColumn(into="value"), MeasuredColumn(into="share", over="value", decimals=2)]
    rows = part({"a": {"value": "3", "share": "1"}, "b": {"value": "3"}, "c": {"share": "1"},
                 "d": {"value": "0", "share": "0"}})  # fmt: skip
    table = joined([rows], measures, fields=("line", "value", "share"), required=["value"])
    assert table.values.tolist() == [["a", "3", "0.33"], ["b", "3", "0"], ["d", "0", "0"]]


def test_parts_complete_each_other_and_what_both_give_stays_twice():
    measures, fields = (
        [MeasuredColumn(into=name) for name in ("value", "claimed")],
        ("line", "name", "value", "claimed"),
    )
    first, second = part({"a": {"value": "1"}}, name="Oil"), part({"a": {"claimed": "2"}, "b": {"claimed": "3"}})
    assert joined([first, second], measures, fields=fields).values.tolist() == [
        ["a", "Oil", "1", "2"], ["b", "", "", "3"],
    ]  # fmt: skip
    assert joined([first, second, first], measures, fields=fields).values.tolist() == [
        ["a", "Oil", "1", ""], ["a", "Oil", "1", "2"], ["b", "", "", "3"],
    ]  # fmt: skip
