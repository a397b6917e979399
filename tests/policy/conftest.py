"""Facts, scenarios and priors that a test may change."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tradeexposure.core import paths


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder `data` of a project with facts, scenarios and priors, which is the one in use."""
    for part in ("parameters", "scenarios"):
        shutil.copytree(paths.path("data", part), tmp_path / "data" / part)
    shutil.copy(paths.path("data", "priors.yml"), tmp_path / "data")
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(tmp_path))
    return tmp_path / "data"


@pytest.fixture
def folder(copied: Path) -> Path:
    """The scenarios of the copy."""
    return copied / "scenarios"
