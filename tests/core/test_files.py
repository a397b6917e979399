"""Digests of folders, and files that appear whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tradeexposure.core import files, reading
from tradeexposure.core.errors import BadInput


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data" / "tables").mkdir(parents=True)
    (tmp_path / "data" / "tables" / "a.csv").write_text("1", "utf-8")
    (tmp_path / "data" / "b.yml").write_text("2", "utf-8")
    return tmp_path


def test_hashes_name_every_file_and_digests_of_equal_values_are_equal(folder: Path):
    assert files.hashes(folder / "data", root=folder) == {
        "data/b.yml": files.digest("2"),
        "data/tables/a.csv": files.digest("1"),
    }
    assert files.digest_of({"a": 1, "b": (2, 3)}) == files.digest_of({"b": [2, 3], "a": 1})
    assert files.digest_of({"a": 1}) != files.digest_of({"a": "1"})


def test_bytes_are_kept_only_as_long_as_nobody_writes_the_file(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"one")
    assert reading.cached_contents(path) is not reading.cached_contents(path), "it was written a moment ago"
    os.utime(path, (1e9, 1e9))
    first = reading.cached_contents(path)
    assert (first, reading.cached_contents(path) is first) == (b"one", True)
    files.write(path, b"two")
    os.utime(path, (1e9, 1e9))
    assert reading.cached_contents(path) == b"two"
    path.unlink()
    with pytest.raises(BadInput, match="No such file"):
        reading.cached_contents(path, where="a.csv")


def test_a_failed_write_leaves_the_old_file_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "x"
    files.write(path, "old")

    def fail(*_: object) -> None:
        raise OSError("no")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="no"):
        files.write(path, "new")
    assert [file.name for file in tmp_path.iterdir()] == ["x"]
    assert path.read_text("utf-8") == "old"


def test_writing_the_same_is_not_writing(tmp_path: Path):
    path = tmp_path / "x"
    assert files.write_if_changed(path, "a")
    date = path.stat().st_mtime_ns
    assert not files.write_if_changed(path, b"a")
    assert path.stat().st_mtime_ns == date
    assert files.write_if_changed(path, "b")
