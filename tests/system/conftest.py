"""Shared by the tests of pages: tabs that they go on in, and pages that complain of nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from browsing.tabs import Opener, opener, quiet

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="session")
def tabs(browser: Browser) -> Iterator[Opener]:
    """Tabs for all tests: each page starts anew in one."""
    with opener(browser) as opened:
        yield opened


@pytest.fixture
def visit(tabs: Opener) -> Iterator[Callable[..., Page]]:
    """Opens a page as the tabs do; nothing may be complained of or asked for."""
    with quiet(tabs) as opened:
        yield opened
