"""The edition that most of these tests read."""

from __future__ import annotations

from pathlib import Path

import pytest
import sampleedition


@pytest.fixture
def edition(tmp_path: Path) -> Path:
    """An edition of three small notebooks, as it is published."""
    return sampleedition.write(tmp_path / "deal_2026", sampleedition.notebooks())
