"""Pages in a real browser without a network: drawn, silent, accessible, readable on a phone, on paper, script off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import samplenotebook as sample
from browsing import accessibility
from browsing.accessibility import violations
from browsing.tabs import DESK, DRAWN, PHONE, SECONDS, Opener

from tradeexposure.publishing import edition_index, page
from tradeexposure.publishing.over_editions import farm_page, measures_page, scenarios_page

if TYPE_CHECKING:
    from playwright.sync_api import Page, ViewportSize

ROOT = Path(__file__).resolve().parents[2]
#: The English tracker is the sample, but for a link.
OVER = ("index.html", "map.html", "published/comparison.html")
#: French pages with the longest words; the others are the English ones with other words, or have tests of their own.
FRENCH = ("index.fr", "90_write_brief.fr", "20_measure_canola_exposure.fr")
#: Pages that hold, together with the samples, every kind of part.
TYPICAL = ("10_map_trade", "80_compare_scenarios", "90_write_brief")
PUBLISHED = sorted(path for name in ("published/*/*.html", *OVER, "*.fr.html") for path in (ROOT / "reports").glob(name)
                   if ".fr" not in path.suffixes or path.stem in FRENCH)  # fmt: skip
SAMPLES = ("still", "index", "front", "measures", "farm", "comparison")
EVERY = (*SAMPLES, *PUBLISHED)


def whole(path: Path) -> bool:
    """Whether a page is looked at on paper and by axe; of the same kinds are the others."""
    return path not in PUBLISHED or path.stem in TYPICAL


def name_of(page: str | Path) -> str:
    """A page in the name of a test."""
    return page if isinstance(page, str) else f"{page.parent.name}/{page.stem}"


on_sample = pytest.mark.parametrize("path", ["still"], indirect=True)


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A sample page, an index, the measures, a farm, and scenarios side by side."""
    folder = tmp_path_factory.mktemp("reports")
    stamp: dict[str, Any] = {"sources": sample.sources(), "results": sample.published()}
    still = sample.pages(sample.notebook(), edition=sample.edition(), **stamp)["en"]
    pages = [{"file": "still.html", "title": "Map the sample"}]
    index = page.index(page.newest_first([{**sample.edition(), "folder": ".", "pages": pages}]))["en"]
    sample.front_edition(folder / "over", "deal")
    edition_index.write(folder / "over", ["deal"])
    beside = scenarios_page.pages(sample.shelves(folder), stamp="ab12")["en"]
    farm = farm_page.pages(sample.publish_farm_prices(folder / "prices"))["en"]
    names = ("still", "index", "measures", "farm", "comparison")
    written = {name: folder / f"{name}.html" for name in names} | {"front": folder / "over" / "index.html"}
    for name, text in zip(names, (still, index, measures_page.pages()["en"], farm, beside), strict=True):
        written[name].write_text(text, encoding="utf-8")
    return written


@pytest.fixture(params=EVERY, ids=name_of, scope="module")
def path(request: pytest.FixtureRequest) -> Path:
    """Every page: the samples and what is published."""
    return request.getfixturevalue("samples")[request.param] if isinstance(request.param, str) else request.param


#: All that can be folded open.
UNFOLD = "document.querySelectorAll('details').forEach(one => { one.open = true; })"
#: What is wrong anywhere: identifiers that stand twice, most of which axe leaves alone.
ANYWHERE = """() => {
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id), heads = document.querySelectorAll("h1");
  return {
    "title or heading": document.title && heads.length === 1 ? [] : [document.title, heads.length],
    "twice": ids.filter((id, place) => ids.indexOf(id) !== place),
  };
}"""
#: Whether the answer ends below the first screen.
LOW = "document.querySelector('.answer').getBoundingClientRect().bottom + scrollY >= innerHeight"
SIDEWAYS = "sideways: Math.max(0, document.documentElement.scrollWidth - innerWidth)"
AT_A_DESK = f"""() => ({{{SIDEWAYS},
  "cut tables": [...document.querySelectorAll(".scroll:not(.tall)")]
    .filter((box) => box.scrollWidth > box.clientWidth).map((box) => box.getAttribute("aria-label")),
}})"""
#: Unfolded: no text is small, no row of several taller than a third, no range cut off, and a cut table shades its edge.
ON_A_PHONE = f"""() => ({{{SIDEWAYS},
  "small": [...document.querySelectorAll("main p, main li")]
    .filter((one) => parseFloat(getComputedStyle(one).fontSize) < 14).map((one) => one.textContent),
  "tall rows": [...document.querySelectorAll("tbody tr:not(:only-child)")]
    .filter((row) => row.getBoundingClientRect().height > innerHeight / 3).map((row) => row.textContent),
  "cut ranges": [...document.querySelectorAll(".results .range")]
    .filter((one) => one.getBoundingClientRect().right > innerWidth).map((one) => one.textContent),
  "unshaded": [...document.querySelectorAll(".scroll")].filter((box) => box.scrollWidth > box.clientWidth)
    .map((box) => getComputedStyle(box).backgroundAttachment).filter((one) => one !== "local, local, scroll, scroll"),
}})"""
PAPER: ViewportSize = {"width": 695, "height": 935}  # what the margins leave of a letter page, in CSS pixels
ON_PAPER = """() => {
  const all = (places) => [...document.querySelectorAll(places)], named = (one) => one.id || one.className;
  const seen = (one) => one.checkVisibility({visibilityProperty: true}) && one.offsetWidth * one.offsetHeight > 0;
  return {
    "tall rows": all("tr").filter((row) => row.offsetHeight > innerHeight / 3).map((row) => row.textContent),
    "split charts": all("figure").filter((one) => one.offsetHeight > innerHeight
      || getComputedStyle(one).breakInside !== "avoid").map(named),
    "cut charts": all("figure img").filter((one) => one.offsetWidth > one.closest("figure").offsetWidth).map(named),
    "no heading": all("h1").filter(seen).length === 1 ? [] : ["h1"],
    "controls": all("main:not(.short) details, .contents, .skip, .files").filter(seen).map(named),
    "no chart": all("main:not(.short) figure, .short > figure, .short .printed figure")
      .filter((one) => !seen(one)).map(named),
  };
}"""


def faults(page: Page, path: Path) -> Iterator[tuple[str, Any]]:
    """What is wrong with a page, looked at in an order in which little is laid out anew.

    All pages have one sheet of styles: the samples are printed, of the others it is seen what would be. Axe asks every
    rule at a desk, those of room on a phone too, and those of colours of samples by night; of what is alike the most
    goes before it looks.
    """
    yield from page.evaluate(ANYWHERE).items()
    yield from page.evaluate(AT_A_DESK).items()
    yield "low answer", path.stem == "still" and page.evaluate(LOW)
    if whole(path):
        page.set_viewport_size(PAPER)
        page.emulate_media(media="print")
        page.wait_for_function(DRAWN, timeout=SECONDS)
        yield from ((f"{fault} on paper", cases) for fault, cases in page.evaluate(ON_PAPER).items())
        yield "nothing is printed", path not in PUBLISHED and len(page.pdf(format="Letter")) <= 10_000
        page.emulate_media(media="null")
    page.set_viewport_size(PHONE)
    yield "low answer on a phone", path.stem == "still" and page.evaluate(LOW)
    page.evaluate(UNFOLD)
    yield from ((f"{fault} on a phone", cases) for fault, cases in page.evaluate(ON_A_PHONE).items())
    if whole(path):
        page.evaluate(accessibility.SHORTEN)
        yield "axe on a phone", violations(page, runOnly=accessibility.OF_ROOM)
        page.set_viewport_size(DESK)
        yield "axe", violations(page)
    if path not in PUBLISHED:
        page.emulate_media(color_scheme="dark")
        yield "axe by night", violations(page, runOnly=accessibility.OF_COLOURS)


def test_a_page_has_no_fault(tabs: Opener, path: Path) -> None:
    """It is silent and asks for nothing; at a desk, on a phone with all unfolded, on paper and for axe."""
    page, heard = tabs(path, viewport=DESK)
    assert {fault: cases for fault, cases in faults(page, path) if cases} == {}
    assert heard.complaints == []
    assert [address for address in heard.requests if not address.startswith("data:")] == [path.as_uri()]


def test_axe_would_find_faults_of_a_long_table_a_picture_and_a_phone(tabs: Opener, samples: dict[str, Path]) -> None:
    """A faint row, an empty link and a picture without words; on a phone what is cut and keys do not reach, and
    what is too small for a finger.
    """
    page, _ = tabs(samples["still"], bypass_csp=True)
    page.evaluate(UNFOLD)
    before = page.locator("tbody tr").count()
    faint = page.locator("tbody tr:nth-child(28) td:last-child")
    faint.first.evaluate("one => { one.setAttribute('style', 'color: #ccc; background: #fff'); }")
    for row, text in ((29, "here"), (30, "there"), (31, "")):
        cells = page.locator(f"tbody tr:nth-child({row}) td:last-child")
        cells.first.evaluate(f"one => {{ one.innerHTML = '<a href=\"#{row}\">{text}</a>'; }}")
    page.evaluate(accessibility.SHORTEN)
    assert page.locator("tbody tr").count() < before / 2
    page.evaluate("document.images[0].removeAttribute('alt')")
    assert rules(page) == {"color-contrast", "link-name", "image-alt"}
    page.set_viewport_size(PHONE)
    page.evaluate("""() => {
      const box = document.querySelector("main").appendChild(document.createElement("div"));
      box.style.overflowX = "scroll";
      box.style.whiteSpace = "nowrap";
      box.appendChild(document.createElement("p")).textContent = "Words. ".repeat(99);
      for (const name of ["a", "b"]) {
        const small = box.parentElement.appendChild(document.createElement("button"));
        small.textContent = name;
        small.style = "min-width: 0; min-height: 0; width: 12px; height: 12px; padding: 0; margin: 0; border: 0";
      }
    }""")
    assert rules(page, runOnly=accessibility.OF_ROOM) == {"scrollable-region-focusable", "target-size"}


def rules(page: Page, **options: Any) -> set[str]:
    """Rules of axe that a page breaks."""
    return {violation.partition(":")[0] for violation in violations(page, **options)}


@on_sample
@pytest.mark.parametrize("way", ["mouse", "finger"])
def test_pointing_at_a_mark_tells_its_numbers(tabs: Opener, path: Path, way: str) -> None:
    touch = {"viewport": PHONE, "has_touch": True} if way == "finger" else {"viewport": DESK}
    page, heard = tabs(path, **touch)
    picture, tip = page.locator("#chart-chart-lines .still img"), page.locator(".pointed")
    picture.scroll_into_view_if_needed()
    page.evaluate(SCROLLED)
    box = picture.bounding_box()
    at = page.evaluate(FIRST_MARK, ["#chart-chart-lines", "narrow" if way == "finger" else "wide"])
    x, y = (box[side] + place * box["width"] / at["width"] for side, place in (("x", at["x"]), ("y", at["y"])))
    page.touchscreen.tap(x, y) if way == "finger" else page.mouse.move(x + 3, y + 2)
    assert "Country" in tip.inner_text() and "Volume (kt)" in tip.inner_text() and at["words"] in tip.inner_text()
    room = tip.bounding_box()
    assert room["x"] >= 0 and room["x"] + room["width"] <= page.viewport_size["width"]
    assert heard.complaints == []
    page.evaluate("scrollBy(0, 200)")
    tip.wait_for(state="hidden", timeout=SECONDS)


@on_sample
def test_keys_reach_the_content_first_and_arrows_tell_the_numbers_of_the_next_mark(tabs: Opener, path: Path) -> None:
    page, heard = tabs(path)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.id === 'main'")  # the page hears of its new address a little later
    chart, tip, ring = page.locator("#chart-chart-lines .still"), page.locator(".pointed"), page.locator(".ring")
    chart.focus()
    page.evaluate(SCROLLED)
    page.keyboard.press("ArrowRight")
    at = page.evaluate(FIRST_MARK, ["#chart-chart-lines", "wide"])
    assert at["words"] in tip.inner_text()
    first, text = ring.bounding_box(), tip.inner_text()
    page.keyboard.press("ArrowRight")
    assert ring.bounding_box()["x"] > first["x"] and tip.inner_text() != text
    page.keyboard.press("ArrowLeft")
    assert ring.bounding_box()["x"] < first["x"] + 1 and heard.complaints == []
    assert chart.evaluate(GOES_BACK), "a browser's own key"
    page.keyboard.press("Tab")
    tip.wait_for(state="hidden", timeout=SECONDS)


GOES_BACK = """(one) => one.dispatchEvent(
  new KeyboardEvent("keydown", {key: "ArrowLeft", altKey: true, bubbles: true, cancelable: true}))"""
# A scroll, by focus too, hides the values, and its event comes a frame later.
SCROLLED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
FIRST_MARK = """([figure, size]) => {
  const data = JSON.parse(document.querySelector(`${figure} script.values`).textContent);
  const [x, y, row] = data[size][Math.floor(data[size].length / 2)];
  return {x, y, words: data.rows[row][1], width: document.querySelector(`${figure} .still img`).naturalWidth};
}"""


# What cannot be read of a chart without scripts: its picture is seen, and its table once its summary is clicked, which
# nothing may cover.
UNREAD = """([withTable]) => {
  const seen = (one) => one.checkVisibility({visibilityProperty: true}) && one.offsetWidth * one.offsetHeight > 0;
  const only = (all) => all.length === 1 && seen(all[0]);
  const opens = (summary) => {
    summary.scrollIntoView({block: "center"});
    const box = summary.getBoundingClientRect();
    const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    if (summary.contains(hit)) summary.click();
    return summary.parentElement.open;
  };
  return [...document.querySelectorAll("figure")].map((figure) => {
    const summaries = figure.querySelectorAll("details.data:has(.take) > summary");
    return [
      !only(figure.querySelectorAll(".still img")) && "picture",
      withTable && !(only(summaries) && opens(summaries[0])) && "summary",
      withTable && ![...figure.querySelectorAll("details.data:has(.take) table")].slice(0, 1).some(seen) && "table",
    ].filter(Boolean).map((fault) => `${figure.id}: ${fault}`);
  }).flat();
}"""


@pytest.mark.parametrize("path", SAMPLES, indirect=True)
def test_without_script_everything_can_be_read(tabs: Opener, path: Path) -> None:
    page, _ = tabs(path, java_script_enabled=False)
    assert page.evaluate(UNREAD, [path.stem != "comparison"]) == []  # its numbers are the table above and a file


def test_every_download_has_headings_and_rows(path: Path) -> None:
    import base64
    import csv
    import io
    import re

    files = re.findall(r'<a [^>]*download="([^"]+)" href="data:text/csv[^,"]*,([^"]*)"', path.read_text("utf-8"))
    texts = {name: base64.b64decode(content).decode() for name, content in files}
    per_chart = {(re.sub(r"(chart-\d+)(-\d+)?\.csv$", r"\1", name), text) for name, text in texts.items()}
    assert len(texts) == len(files) == len(per_chart)
    assert bool(files) == (
        ("<figure" in path.read_text("utf-8") and path.stem != "comparison")
        or path.stem.startswith(("measures", "map"))
    )
    for name, text in texts.items():
        headings, *rows = csv.reader(io.StringIO(text))
        assert rows and all(headings) and len({*headings}) == len(headings) == len(rows[-1]), name
        assert not [heading for heading in headings if re.search("[a-z]_[a-z]", heading)], name
