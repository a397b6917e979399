"""Digests of all that results depend on: each group has its own, and what lies beside code is in none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tradeexposure.data import edition_inputs


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data" / "tables").mkdir(parents=True)
    (tmp_path / "data" / "tables" / "a.csv").write_text("1", "utf-8")
    (tmp_path / "data" / "b.yml").write_text("2", "utf-8")
    return tmp_path


def test_a_renamed_file_changes_the_digest(folder: Path):
    before = edition_inputs.folder_digests(folder)
    (folder / "data" / "b.yml").rename(folder / "data" / "c.yml")
    after = edition_inputs.folder_digests(folder)
    assert {group for group in before if before[group] != after[group]} == {"data"}


def test_scenarios_stand_apart(folder: Path):
    before = edition_inputs.folder_digests(folder)
    (folder / "data" / "scenarios").mkdir()
    (folder / "data" / "scenarios" / "x.yml").write_text("3", "utf-8")
    after = edition_inputs.folder_digests(folder)
    assert {group for group in before if before[group] != after[group]} == {"scenarios"}


def test_a_grid_is_neither_data_nor_a_scenario(folder: Path):
    before = edition_inputs.folder_digests(folder)
    (folder / "data" / "scenarios" / "grids").mkdir(parents=True)
    (folder / "data" / "scenarios" / "grids" / "x.yml").write_text("3", "utf-8")
    assert edition_inputs.folder_digests(folder) == before


@pytest.mark.parametrize(
    ("name", "groups"),
    [("pack/module.py", {"code"}), ("pack/src/pack/deep.py", {"code"}), ("pack/tests/test_module.py", set()),
     ("pack/README.md", set()), ("pack/bench.py", set())],
)  # fmt: skip
def test_tests_and_pages_beside_code_are_no_code(folder: Path, name: str, groups: set[str]):
    (folder / "lib").mkdir()
    before = edition_inputs.folder_digests(folder)
    path = folder / "lib" / name
    path.parent.mkdir(parents=True)
    path.write_text("3", "utf-8")
    after = edition_inputs.folder_digests(folder)
    assert {group for group in before if before[group] != after[group]} == groups


def test_a_file_is_read_again_only_after_it_was_written(folder: Path, monkeypatch: pytest.MonkeyPatch):
    for path in folder.rglob("*"):
        os.utime(path, (1e9, 1e9))  # not a moment ago
    before = edition_inputs.folder_digests(folder)
    read = []
    original = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: read.append(path.name) or original(path))
    assert edition_inputs.folder_digests(folder) == before
    assert read == []
    (folder / "data" / "b.yml").write_text("4", "utf-8")
    assert edition_inputs.folder_digests(folder) != before
    assert read == ["b.yml"]
