"""What differs between two keyed tables, and by how much two numbers may differ and be the same."""

from __future__ import annotations

import pandas as pd
import pytest

from tradeexposure.data.table_changes import Cell, changes, differ

NONE = float("nan")


@pytest.mark.parametrize(
    ("before", "after", "tolerance", "differs"),
    [
        (1.0, 1.0, 0.0, False),
        (1.0, 1.5, 0.5, False),
        (1.0, 1.5, 0.49, True),
        (1.5, 1.0, 0.49, True),
        (1.0, NONE, 9.0, True),
        (NONE, 1.0, 9.0, True),
        (NONE, NONE, 0.0, False),
        (0.0, 1e-300, 0.0, True),
    ],
)
def test_two_numbers(before: float, after: float, tolerance: float, differs: bool) -> None:
    assert bool(differ(before, after, tolerance)) == differs
    assert list(differ(pd.Series([before, 1.0]), pd.Series([after, 1.0]), tolerance)) == [differs, False]


BEFORE = pd.DataFrame(
    {"year": ["1", "1", "2", "3"], "place": ["a", "b", "a", "a"], "value": [1.0, 2.0, 3.0, NONE], "note": list("pqrs")}
)


def test_rows_and_cells_in_the_order_of_the_later_table() -> None:
    after = BEFORE.iloc[[3, 2, 0]].assign(value=[4.0, 3.0, 1.1], note=["s", "x", "y"])
    after.loc[9] = ["0", "c", 5.0, "z"]
    found = changes(BEFORE, after, ["year", "place"])
    assert (found.added, found.vanished) == ([("0", "c")], [("1", "b")])
    assert found.cells[1:] == [
        Cell(("2", "a"), "note", "r", "x"),
        Cell(("1", "a"), "value", 1.0, 1.1),
        Cell(("1", "a"), "note", "p", "y"),
    ]
    first = found.cells[0]
    assert (first.row, first.column, first.after) == (("3", "a"), "value", 4.0) and first.before != first.before


def test_the_same_in_another_order_is_no_change() -> None:
    assert changes(BEFORE, BEFORE.iloc[::-1], ["year", "place"]) == ([], [], [])


def test_a_tolerance_may_depend_on_the_numbers() -> None:
    after = BEFORE.assign(value=BEFORE.value * 1.01)
    assert changes(BEFORE, after, ["year", "place"], lambda before, _: 0.011 * before.abs()).cells == []
    fixed = changes(BEFORE, after, ["year", "place"], lambda *_: 0.015)
    assert [cell.row for cell in fixed.cells] == [("1", "b"), ("2", "a")]


def test_one_column_as_key_and_tables_without_rows() -> None:
    some = BEFORE.iloc[1:].drop(columns="place")
    assert changes(some.iloc[:0], some, ["year"]).added == [("1",), ("2",), ("3",)]
    assert changes(some, some.iloc[:0], ["year"]).vanished == [("1",), ("2",), ("3",)]
