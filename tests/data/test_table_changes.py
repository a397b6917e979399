"""What differs between two tables, in words where one is as it was accepted, and what is said where nobody can tell."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from tradeexposure import data
from tradeexposure.data import table_changes
from tradeexposure.data.table_changes import Cell, changes, differ
from tradeexposure.runner import project_checks

RATE = "exchange_rate_monthly"
WHERE = f"data/tables/{RATE}.csv"
KEY = ["month", "crop"]
NONE = float("nan")
HELD = pd.DataFrame(
    {"year": ["1", "1", "2", "3"], "place": ["a", "b", "a", "a"], "value": [1.0, 2.0, 3.0, NONE], "note": list("pqrs")}
)
BEFORE = b"month,crop,price\n2024-01,canola,600\n2024-01,barley,\n2024-02,canola,610\n2024-02,barley,300\n"


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=test", "-c", "user.email=test@example.org")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    subprocess.run(["git", *identity, *arguments], cwd=folder, env=clean, check=True, capture_output=True)


@pytest.fixture
def kept(copy: Path) -> Path:
    """The same with a table in git."""
    if not shutil.which("git"):
        pytest.skip("no git")
    for command in (("init", "-q"), ("add", WHERE), ("commit", "-q", "-m", "The table")):
        git(copy.parent, *command)
    return copy


def edit(folder: Path, old: str, new: str) -> None:
    path = folder.parent / WHERE
    text = path.read_bytes().decode()
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode())


def test_check_names_the_cell_and_what_to_type(kept: Path):
    edit(kept, "1990-01,1.172,", "1990-01,1.173,")
    assert project_checks.tables() == [
        f"{WHERE}: changed since it was accepted: month=1990-01, column cad_per_usd: 1.172 → 1.173; restore it with "
        f"'git checkout -- {WHERE}', or accept the change with 'python -m tradeexposure.data'"
    ]
    with pytest.raises(data.tables.Changed, match="'tradeexposure check' says which cell it is"):
        data.load(RATE)


def test_a_staged_change_is_told_too_and_an_accepted_one_is_none(kept: Path):
    edit(kept, "1990-01,1.172,", "1990-01,1.173,")
    git(kept.parent, "add", WHERE)
    assert "1.172 → 1.173" in project_checks.tables()[0]
    data.accept()
    assert project_checks.tables() == []
    edit(kept, "1990-01,1.173,", "1990-01,1.174,")
    assert "1.173 → 1.174" in project_checks.tables()[0], "what is staged is the accepted table"


def test_without_the_accepted_version_it_says_so(kept: Path):
    edit(kept, "1990-01,1.172,", "1990-01,1.173,")
    data.accept()
    edit(kept, "1990-01,1.173,", "1990-01,1.174,")
    assert table_changes.UNKNOWN in project_checks.tables()[0]


@pytest.mark.parametrize("path", [None, ""], ids=["no repository", "no git"])
def test_without_git_it_says_so(copy: Path, path: str | None, monkeypatch: pytest.MonkeyPatch):
    edit(copy, "1990-01,1.172,", "1990-01,1.173,")
    if path is not None:
        monkeypatch.setenv("PATH", path)
    assert table_changes.UNKNOWN in project_checks.tables()[0]


@pytest.mark.parametrize(
    ("old", "new", "difference"),
    [
        ("canola,600", "canola,601", "month=2024-01, crop=canola, column price: 600 → 601"),
        ("barley,\n", "barley,5\n", "month=2024-01, crop=barley, column price: nothing → 5"),
        ("canola,610", "canola,", "month=2024-02, crop=canola, column price: 610 → nothing"),
        ("canola,600", 'canola,"600 "', "month=2024-01, crop=canola, column price: 600 → '600 '"),
        ("2024-02,barley,300\n", "", "1 row removed (month=2024-02, crop=barley)"),
        ("300\n", "300\n2024-03,rye,1\n", "1 row added (month=2024-03, crop=rye)"),
        ("300\n", "300\n2024-02,barley,2\n", "1 row added (month=2024-02, crop=barley (once more))"),
        ("2024-02,canola", "2024-02,rye", "1 row added (month=2024-02, crop=rye); "
         "1 row removed (month=2024-02, crop=canola)"),
        ("canola,600", '"canola",600', "no cell, but how they are written (quotes, line ends)"),
        ("2024-01,canola,600\n2024-01,barley,\n", "2024-01,barley,\n2024-01,canola,600\n",
         "no cell, but the order of the rows"),
        ("month,crop,price", "month,crop,cost", "the columns were month, crop, price"),
    ],
)  # fmt: skip
def test_differences_in_words(old: str, new: str, difference: str):
    assert old.encode() in BEFORE
    assert table_changes.differences(BEFORE, BEFORE.replace(old.encode(), new.encode(), 1), KEY) == difference


def test_three_are_named_and_the_rest_is_counted():
    many = b"month,price\n" + b"".join(b"2024-%02d,1\n" % month for month in range(1, 13))
    cells = table_changes.differences(many, many.replace(b",1\n", b",2\n"), ["month"])
    assert cells.count("1 → 2") == 3 and cells.endswith("month=2024-03, column price: 1 → 2 and 9 more cells")
    rows = table_changes.differences(many, many[: many.index(b"2024-08")], ["month"])
    assert rows == "5 rows removed (month=2024-08; month=2024-09; month=2024-10 and 2 more rows)"


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


def test_rows_and_cells_in_the_order_of_the_later_table() -> None:
    after = HELD.iloc[[3, 2, 0]].assign(value=[4.0, 3.0, 1.1], note=["s", "x", "y"])
    after.loc[9] = ["0", "c", 5.0, "z"]
    changed = changes(HELD, after, ["year", "place"])
    assert (changed.added, changed.vanished) == ([("0", "c")], [("1", "b")])
    assert changed.cells[1:] == [
        Cell(("2", "a"), "note", "r", "x"),
        Cell(("1", "a"), "value", 1.0, 1.1),
        Cell(("1", "a"), "note", "p", "y"),
    ]
    first = changed.cells[0]
    assert (first.row, first.column, first.after) == (("3", "a"), "value", 4.0) and first.before != first.before


def test_the_same_in_another_order_is_no_change() -> None:
    assert changes(HELD, HELD.iloc[::-1], ["year", "place"]) == ([], [], [])


def test_a_tolerance_may_depend_on_the_numbers() -> None:
    after = HELD.assign(value=HELD.value * 1.01)
    assert changes(HELD, after, ["year", "place"], lambda before, _: 0.011 * before.abs()).cells == []
    fixed = changes(HELD, after, ["year", "place"], lambda *_: 0.015)
    assert [cell.row for cell in fixed.cells] == [("1", "b"), ("2", "a")]


def test_one_column_as_key_and_tables_without_rows() -> None:
    some = HELD.iloc[1:].drop(columns="place")
    assert changes(some.iloc[:0], some, ["year"]).added == [("1",), ("2",), ("3",)]
    assert changes(some, some.iloc[:0], ["year"]).vanished == [("1",), ("2",), ("3",)]
