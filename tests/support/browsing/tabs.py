"""Pages in tabs of a browser without a network: opened at a width, and what they say and ask for meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, ViewportSize

DESK: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
SECONDS = 20_000  # milliseconds, for the slowest machine
DRAWN = "() => [...document.images].every(image => image.complete && image.naturalWidth > 0)"


@dataclass
class Heard:
    """What a page said and asked for while it was open."""

    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


Opener = Callable[..., tuple["Page", Heard]]


@contextmanager
def opener(browser: Browser) -> Iterator[Opener]:
    """Opens a page without a network, at some `end` of its address; returns it and what was heard.

    A page that is to `stay` is left as it is where it is open already.

    What is opened in the same way takes the place of the last one: a tab that goes on keeps its process and the scripts
    that pages share, and a page starts anew in it.
    """
    tabs: dict[str, tuple[Page, Heard]] = {}

    def tab(**options: Any) -> tuple[Page, Heard]:
        page, heard = browser.new_context(offline=True, **options).new_page(), Heard()
        page.on("console", lambda message: heard.complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: heard.complaints.append(str(error)))
        page.on("request", lambda request: heard.requests.append(request.url))
        return page, heard

    def opened(
        path: Path, viewport: ViewportSize = DESK, *, end: str = "", stay: bool = False, color_scheme: Any = "light",
        **options: Any,
    ) -> tuple[Page, Heard]:  # fmt: skip
        way = repr((viewport["width"], options))
        page, heard = tabs[way] = tabs.get(way) or tab(viewport=viewport, **options)
        there = page.url.partition("#")[0] == path.as_uri()
        stays, resized = there and stay, page.viewport_size != viewport
        if not stays and (resized or (there and end)):
            page.goto("about:blank")  # what goes is not laid out anew; another end alone would leave it as it is
        if resized:
            page.set_viewport_size(viewport)
        page.emulate_media(media="null", color_scheme=color_scheme)
        if stays:
            return page, heard
        heard.complaints.clear()
        heard.requests.clear()
        page.goto(path.as_uri() + end)
        if options.get("java_script_enabled", True) and not page.evaluate(DRAWN):
            page.wait_for_function(DRAWN, timeout=SECONDS)
        return page, heard

    yield opened
    for shown, _ in tabs.values():
        shown.context.close()


@contextmanager
def quiet(tabs: Opener) -> Iterator[Callable[..., Page]]:
    """Opens pages that complain of nothing and ask the network for nothing until the next one is opened, or the end."""
    listened: list[Heard] = []

    def check() -> None:
        for heard in listened:
            assert heard.complaints == []
            assert [address for address in heard.requests if address.startswith("http")] == []

    def opened(*asked: Any, **options: Any) -> Page:
        check()  # a tab that goes on forgets what it heard
        page, heard = tabs(*asked, **options)
        listened.append(heard)
        return page

    yield opened
    check()
