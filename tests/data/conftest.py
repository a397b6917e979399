"""Data that a test may break."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tradeexposure.core import paths


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: Path) -> Path:
    """The folder ``data`` of a project that has nothing else, as the project's own; no git is above it."""
    shutil.copytree(root / "data", tmp_path / "data", ignore=shutil.ignore_patterns("vintages"))
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(tmp_path))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    return tmp_path / "data"
