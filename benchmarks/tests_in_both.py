"""A plug-in of pytest, for whole_tests.py: only tests whose functions have names that a file lists."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

VARIABLE = "SAME_TESTS"  # the file, a name a line


def function(test: str) -> str:
    """Name of a test's function, from what pytest calls the test."""
    return test.partition("[")[0].rpartition("::")[2]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the others."""
    names = set(Path(os.environ[VARIABLE]).read_text("utf-8").split("\n"))
    others = [item for item in items if function(item.nodeid) not in names]
    items[:] = [item for item in items if function(item.nodeid) in names]
    config.hook.pytest_deselected(items=others)
