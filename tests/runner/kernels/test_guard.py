"""What a kernel may look at besides what its key names."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from tradeexposure.runner.kernels.guard import Guard


def test_a_path_through_what_is_not_beside_the_notebooks_is_covered_by_their_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "notebooks"
    here.mkdir()
    monkeypatch.chdir(here)
    guard = Guard(modules=(), code=(), roots=(str(tmp_path),), free=(), seen=io.StringIO())
    assert guard.allows("zmq/backend/_zmq.py"), "the sources that a compiled library names"
    refused = ["figures.csv", "../data/tables/x.csv", ".git/config", "10_a_b.ipynb/x"]
    assert not any(guard.allows(path) for path in refused)
    (here / "zmq").mkdir()
    assert not guard.allows("zmq/backend/_zmq.py"), "now something is there"


def test_code_that_came_from_no_file_is_looked_for_by_a_name_in_brackets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    guard = Guard(modules=(), code=(), roots=(str(tmp_path),), free=(), seen=io.StringIO())
    assert guard.allows("<>") and guard.allows("<string>")
    (tmp_path / "<>").touch()
    assert not guard.allows("<>")
