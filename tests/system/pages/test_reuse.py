"""What a reader takes from a page without a network: a chart as SVG and PNG with its words in it, and its citation."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
import samplenotebook as sample
from browsing.tabs import PHONE

if TYPE_CHECKING:
    from playwright.sync_api import Page

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    written = tmp_path_factory.mktemp("reuse") / "page.html"
    stamp = {"sources": sample.sources(), "results": sample.published()}
    written.write_text(sample.pages(sample.notebook(), edition=sample.edition(), **stamp)["en"], "utf-8")
    return written


@pytest.fixture
def page(visit: Callable[..., Page], path: Path) -> Page:
    opened = visit(path)
    opened.locator("#chart-chart-bars details.data:has(.take) > summary").click()
    return opened


def taken(page: Page, kind: str) -> tuple[str, bytes]:
    """Name and content of a chart's download."""
    with page.expect_download() as waiting:
        page.locator(f"#chart-chart-bars [data-take={kind}]").click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


def test_a_chart_as_svg_says_what_it_shows_where_from_and_under_which_licence(page: Page) -> None:
    name, content = taken(page, "svg")
    assert name == "10_map_sample-chart-bars.svg"
    drawn = ElementTree.fromstring(content)
    texts = [element.text or "" for element in drawn.iter(f"{SVG}text")]
    assert texts[0] == "Title of bars" and "Nobody" in " ".join(texts) and "Open Licence" in " ".join(texts)
    assert " ".join(texts).endswith("It may be reprinted with this line, on the terms of these licences.")
    assert len(list(drawn.iter(f"{SVG}path"))) > 3, "the chart itself"
    assert drawn.findtext(f"{SVG}desc") == "Words for bars"
    bottom = max(float(element.get("y")) for element in drawn.findall(f"{SVG}text"))
    assert bottom < float(drawn.get("height"))


def test_a_chart_as_png_is_twice_as_large(page: Page) -> None:
    wide = float(ElementTree.fromstring(taken(page, "svg")[1]).get("width"))
    name, content = taken(page, "png")
    assert name == "10_map_sample-chart-bars.png" and content.startswith(b"\x89PNG")
    assert struct.unpack(">I", content[16:20])[0] == 2 * wide
    assert len(content) > 5_000


def test_a_citation_is_copied_and_its_link_leads_to_the_chart(page: Page) -> None:
    figure = page.locator("#chart-chart-bars")
    figure.locator(".copy").click()
    assert page.evaluate("getSelection().toString()") == figure.locator(".cite").inner_text()
    assert figure.locator(".copy").inner_text() == "Copied"
    figure.get_by_role("link", name="Link to chart").click()
    page.wait_for_url("**#chart-chart-bars")


def test_a_link_to_a_folded_number_opens_the_fold_and_lands_where_its_words_are_read(
    visit: Callable[..., Page], path: Path
) -> None:
    anchors = re.findall(r'<tr id="([^"]+)"', path.read_text("utf-8").split('<details class="more">')[1])
    page = visit(path, viewport=PHONE, end=f"#{anchors[-1]}")
    row = page.locator(f'[id="{anchors[-1]}"]')
    assert row.evaluate("row => row.closest('details').open")
    assert 0 < row.bounding_box()["y"] < PHONE["height"] / 2
    label, identifier = (row.locator(part).evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
                         for part in ("th", "th code"))  # fmt: skip
    assert label >= 16 > identifier
