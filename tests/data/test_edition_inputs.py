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


@pytest.mark.parametrize(
    ("name", "groups"),
    [("data/c.yml", {"data"}), ("data/scenarios/x.yml", {"scenarios"}), ("data/scenarios/grids/x.yml", set()),
     ("lib/pack/module.py", {"code"}), ("lib/pack/src/pack/deep.py", {"code"}), ("lib/pack/bench.py", set()),
     ("lib/pack/tests/test_module.py", set()), ("lib/pack/README.md", set())],
)  # fmt: skip
def test_each_new_file_is_of_its_group_or_of_none(folder: Path, name: str, groups: set[str]):
    (folder / "lib").mkdir()
    before = edition_inputs.folder_digests(folder)
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("3", "utf-8")
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
