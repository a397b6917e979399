"""Which Chromium there is for tests of pages; without one they are skipped, or fail where CI is set."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence

import pytest

from tradeexposure.publishing.chromium import BROWSERS, HOW_TO_INSTALL

#: Chromium without its windows, where it is installed too: a fifth less of the processor for the same pages.
WITHOUT_WINDOWS = "chromium-headless-shell"


def chromium() -> str:
    """Path of the Chromium that the package would find."""
    return _first(BROWSERS, HOW_TO_INSTALL)


def showing(asked: str | None) -> str:
    """Path of what shows pages: what was asked for, else the quickest that is there."""
    if asked:
        return _first([asked], f"{asked} on PATH")
    return shutil.which(WITHOUT_WINDOWS) or chromium()


def _first(names: Sequence[str], needed: str) -> str:
    there = next(filter(None, map(shutil.which, names)), None)
    if there is None:
        refuse = pytest.fail if os.environ.get("CI") else pytest.skip
        refuse(f"the browser tests need {needed}")
    return there
