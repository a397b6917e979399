"""Which vintage is in force, which is selected, and what is told where there is none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tradeexposure.core import paths
from tradeexposure.core.errors import BadInput
from tradeexposure.data import vintages


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two vintages besides the shipped one, none of them in force."""
    for name in ("2026-12-01", "2026-12-01-2", "2026-12-01-10", ".staging", "2026-12-02"):
        folder = tmp_path / "data" / "vintages" / name
        folder.mkdir(parents=True)
        if name != "2026-12-02":
            (folder / vintages.MARK).write_text("{}")
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(tmp_path))
    monkeypatch.delenv(vintages.VARIABLE)
    return tmp_path


def test_unfinished_ones_do_not_count(root: Path):
    assert vintages.names() == ["shipped", "2026-12-01", "2026-12-01-2", "2026-12-01-10"]


def test_the_shipped_one_is_in_force_at_first(root: Path):
    assert vintages.current() == "shipped"
    assert vintages.folder() == root / "data"


def test_the_pointer_decides_and_a_pin_overrules_it(root: Path):
    pointer = root / "data" / "vintages" / vintages.CURRENT
    pointer.write_text("2026-12-01\n")
    assert vintages.folder() == root / "data" / "vintages" / "2026-12-01"
    with vintages.pinned() as name:
        pointer.write_text("shipped\n")
        assert name == vintages.selected() == "2026-12-01", "a switch meanwhile changes nothing"
        with vintages.pinned("2026-12-01-2"):
            assert vintages.selected() == "2026-12-01-2"
        assert vintages.selected() == "2026-12-01"
    assert vintages.selected() == "shipped"
    assert vintages.VARIABLE not in os.environ


@pytest.mark.parametrize("name", ["2026-12-02", "2026-12", "../..", "", "nonsense"])
def test_a_name_that_is_none(root: Path, name: str):
    pointer = root / "data" / "vintages" / vintages.CURRENT
    pointer.write_text(f"{name}\n")
    with pytest.raises(BadInput, match=r"data/vintages/CURRENT: found .*; allowed: .*shipped, 2026-12-01"):
        vintages.selected()
    with pytest.raises(BadInput, match="--vintage: found"), vintages.pinned(name):
        pass
    assert vintages.VARIABLE not in os.environ


def test_a_new_name_is_new(root: Path):
    assert vintages.new_name("2026-12-01") == "2026-12-01-3"
    assert vintages.new_name("2027-01-01") == "2027-01-01"
