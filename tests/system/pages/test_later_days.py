"""Pages opened on later days: none complains, and none shows a day of the build as today."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import clocks
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[3]
REPORTS = ROOT / "reports"
FIRST = [REPORTS / name for name in ("index.html", "measures.html", "index.fr.html", "measures.fr.html")]
OTHERS = sorted(path for path in REPORTS.glob("published/*/*.html"))
A_TAB_OF_ITS_OWN = {"timezone_id": "America/Regina"}  # its clock stays moved


@pytest.mark.parametrize(
    "paths",
    [
        pytest.param(FIRST, id="first", marks=pytest.mark.long),
        pytest.param(OTHERS, id="others", marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("day", clocks.LATER, ids=str)
def test_every_page_opens(visit: Callable[..., Page], paths: list[Path], day: date) -> None:
    tab = visit(REPORTS / "measures.html", **A_TAB_OF_ITS_OWN)
    tab.clock.set_fixed_time(f"{day}T12:00:00-06:00")
    assert paths
    for path in paths:
        page = visit(path, **A_TAB_OF_ITS_OWN)
        assert page.evaluate("new Date().toISOString().slice(0, 10)") == day.isoformat()
        assert page.locator("main h1").count() == 1 and page.locator("main").inner_text().strip()


def test_only_the_tracker_asks_the_clock() -> None:
    """What a page says does not hang on the day on which it is read, but for what the tracker counts from it."""
    scripts = sorted((REPORTS / "template").glob("*.js"))
    asking = [path.name for path in scripts if re.search(r"new Date\(\)|Date\.now", path.read_text("utf-8"))]
    assert asking == ["measures.js"]
