"""Which cells of a table changed since it was accepted, and what is said where nobody can tell."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tradeexposure import data
from tradeexposure.core import paths
from tradeexposure.data import table_changes
from tradeexposure.runner import project_checks

RATE = "exchange_rate_monthly"
WHERE = f"data/tables/{RATE}.csv"
KEY = ["month", "crop"]
BEFORE = b"month,crop,price\n2024-01,canola,600\n2024-01,barley,\n2024-02,canola,610\n2024-02,barley,300\n"


def git(folder: Path, *words: str) -> None:
    identity = ("-c", "user.name=test", "-c", "user.email=test@example.org")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    subprocess.run(["git", *identity, *words], cwd=folder, env=clean, check=True, capture_output=True)


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: Path) -> Path:
    """The project's data in a folder of its own."""
    shutil.copytree(root / "data", tmp_path / "data")
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(tmp_path))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    return tmp_path


@pytest.fixture
def kept(copy: Path) -> Path:
    """The same with its tables in git."""
    if not shutil.which("git"):
        pytest.skip("no git")
    git(copy, "init", "-q")
    git(copy, "add", WHERE)
    git(copy, "commit", "-q", "-m", "The table")
    return copy


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / WHERE
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
    git(kept, "add", WHERE)
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
    ("old", "new", "told"),
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
def test_differences_in_words(old: str, new: str, told: str):
    assert old.encode() in BEFORE
    assert table_changes.differences(BEFORE, BEFORE.replace(old.encode(), new.encode(), 1), KEY) == told


def test_three_are_named_and_the_rest_is_counted():
    many = b"month,price\n" + b"".join(b"2024-%02d,1\n" % month for month in range(1, 13))
    cells = table_changes.differences(many, many.replace(b",1\n", b",2\n"), ["month"])
    assert cells.count("1 → 2") == 3 and cells.endswith("month=2024-03, column price: 1 → 2 and 9 more cells")
    rows = table_changes.differences(many, many[: many.index(b"2024-08")], ["month"])
    assert rows == "5 rows removed (month=2024-08; month=2024-09; month=2024-10 and 2 more rows)"
