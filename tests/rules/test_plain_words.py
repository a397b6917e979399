"""Pages speak plainly: the committed notebooks keep the rules of ``publishing/plain_words.py``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tradeexposure.core import paths
from tradeexposure.runner import notebook_rules, notebooks


@pytest.mark.parametrize("path", sorted(paths.path("notebooks").glob(notebooks.PATTERN)), ids=lambda path: path.stem)
def test_a_page_speaks_plainly(path: Path) -> None:
    assert notebook_rules.plain_check(notebooks.read(path)) == []
