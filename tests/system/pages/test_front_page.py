"""The front page in a browser without a network: two widths, two colour modes, on paper; its links lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from browsing.tabs import DESK, PHONE, Opener, quiet

from tradeexposure.publishing import template_files

if TYPE_CHECKING:
    from playwright.sync_api import Page, ViewportSize

REPORTS = Path(__file__).resolve().parents[3] / "reports"
ROW = 1 / 3  # of a phone's height, at most
#: Where the first of each part begins and ends, and its words.
PARTS = """(places) => places.map((place) => {
  const one = document.querySelector(place), {top, bottom} = one.getBoundingClientRect();
  return [top, bottom, one.innerText.replace(/\\s+/g, " ")];
})"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The project's own front pages by language, in the template's own style."""
    style, folder = (template_files.folder() / "style.css").read_text("utf-8"), tmp_path_factory.mktemp("front")
    paths = {}
    for language, name in (("en", "index.html"), ("fr", "index.fr.html")):
        text = (REPORTS / name).read_text("utf-8")
        text = re.sub(r"<style>.*?</style>", lambda _: f"<style>{style}</style>", text, flags=re.DOTALL)
        paths[language] = folder / name
        paths[language].write_text(re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text), "utf-8")
    return paths


@pytest.fixture
def visit(tabs: Opener) -> Iterator[Callable[..., Page]]:
    """Opens what stays open: the tests leave it as they found it, and it complains of nothing to the end."""
    with quiet(partial(tabs, stay=True)) as opened:
        yield opened


@pytest.fixture(scope="module")
def path(pages: dict[str, Path]) -> Path:
    return pages["en"]


def test_paper_is_white_by_day_and_when_it_is_printed(visit: Any, path: Path) -> None:
    """Room, and what axe finds, are asked in `test_reports`, and of the explorer in `test_explorer`."""
    page = visit(path)
    paper = "getComputedStyle(document.body).backgroundColor"
    for scheme, media, white in (("light", "screen", True), ("dark", "screen", False), ("dark", "print", True)):
        page.emulate_media(color_scheme=scheme, media=media)
        assert (page.evaluate(paper) == "rgb(255, 255, 255)") is white
    assert not page.locator(".files").first.is_visible() and page.locator("table.outcomes").is_visible()


def test_today_fills_the_first_screen_and_what_the_deal_is_worth_follows(visit: Any, path: Path) -> None:
    """What is charged, what was seen and what comes next end on the first screen; the worth begins right under it, and
    the five numbers end on the second."""
    page = visit(path, viewport=DESK)
    order = ("h1", "main > .status", ".charges", ".coming", ".worth .claim", ".worth .story", ".parts .five")
    tops, ends, _ = zip(*page.evaluate(PARTS, order), strict=True)
    assert list(tops) == sorted(tops)
    charges, coming, claim, *_, five = range(2, len(order))
    assert ends[charges] <= ends[coming] <= DESK["height"]
    assert tops[claim] <= 1.25 * DESK["height"] and ends[five] <= 2 * DESK["height"]


@pytest.mark.parametrize(
    ("language", "size", "day"), [("en", DESK, "1 January 2027"), ("fr", PHONE, "1er janvier 2027")]
)
def test_what_happens_on_1_january_is_found_on_the_first_screen(
    visit: Any, pages: dict[str, Path], language: str, size: ViewportSize, day: str
) -> None:
    (_, end, text), (top, *_) = visit(pages[language], viewport=size).evaluate(PARTS, ["h1", ".coming li h3"])
    assert day in text and "100" in text and end <= size["height"] / 2
    assert size == PHONE or top <= size["height"]


def test_each_headline_number_names_its_newest_figure(visit: Any, path: Path) -> None:
    """Duties rest on no figure, and the first count of cars is of a day that nobody published."""
    page = visit(path)
    numbers = page.locator(".five li").all_inner_texts()
    bare = [text for text in numbers if "newest figure: " not in text]
    assert len(numbers) == 9 and [text.split()[0] for text in bare] == ["2,900", "84.8%"]


#: Where each answer stands, and words of it; on a phone a link under what the deal is worth may lead there (`LINKED`).
QUESTIONS = {
    "what the deal brings a farm": ("section:has(> #farms)", "Saskatchewan"),
    "cars of the quota": (".story", "49,000 China-built electric cars"),
    "Washington at 100%": ("section:has(> #retaliation)", "thresholds, not estimates"),
    "what to quote": (".story", "quote both, each with its range"),
    "what is not known": ("section:has(> #unknown)", "What decides the range"),
    "jobs": ("section:has(> #plants)", "Jobs are not modelled"),
}
LINKED = {
    "Washington at 100%": ('.worth a[href="#retaliation"]', "US retaliation"),
    "jobs": ('.worth a[href="#plants"]', "car plants and jobs"),
    "what the deal brings a farm": ('.worth a[href="#farms"]', "a farm's part"),
    "what is not known": ('.worth a[href="#unknown"]', "what is not known"),
}


@pytest.mark.parametrize("size", [DESK, PHONE], ids=lambda size: str(size["width"]))
def test_five_readers_find_their_answer_within_two_scrolls(visit: Any, path: Path, size: ViewportSize) -> None:
    """Two scrolls of one screen show three screens, and in them at least half a screen of a long answer.

    On a phone what is in force today fills two screens: there the scrolls begin at what the deal is worth, to which a
    link on the first screen leads.
    """
    page = visit(path, viewport=size)
    asked = {**QUESTIONS, **(LINKED if size == PHONE else {})}
    (_, link, _), (worth, *_), *shown = page.evaluate(
        PARTS, ['header a[href="#worth"]', "#worth", *(place for place, _ in asked.values())]
    )
    assert link <= size["height"]
    last, seen = 3 * size["height"] + (worth if size == PHONE else 0), {}
    for (question, (_, answer)), (top, end, text) in zip(asked.items(), shown, strict=True):
        far = min(end, top + size["height"] / 2) > last
        seen[question] = "far" if far else "found" if answer in text else "not said"
    assert seen == dict.fromkeys(QUESTIONS, "found")


#: First question of each reader → where its answer stands, and words of it in English and in French.
FIRST = {
    "aide: China's duty on seed, and until when": (".charges", r"28 Feb 2031", r"28 févr\.? 2031|28 février 2031"),
    "aide: Canada's sum, both cases": (".beside", r"Canada: .*C\$.*C\$", r"Canada : .*\$.*\$"),
    "aide: who gains beside growers": (".beside", r"Buyers of cars C\$.*C\$", r"Acheteurs de voitures .*\$.*\$"),
    "farmer: what the deal does to the price": (".beside", r"Farm price of canola", r"Prix à la ferme du canola"),
    "journalist: what changed, and when": ("main > .status", r"since 1 March 2026", r"depuis le 1er mars 2026"),
    "journalist: what is new": (".worth .story", r"these pages bring one", r"ces pages en apportent une"),
    "economist: compared with what": (".worth .claim", r"If China had kept", r"Si la Chine avait gardé"),
    "economist: what was estimated": ('.worth a[href*="65_weigh"]', r"our estimates", r"les nôtres"),
    "deputy: what it brings my province": (".beside", r"in Ontario C\$", r"Ontario [\d,]+"),
    "deputy: who pays": (".beside", r"Who pays: users .*−C\$", r"Qui paie : utilisateurs .*−"),
}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_five_readers_have_their_first_answer_on_two_screens(visit: Any, pages: dict[str, Path], language: str) -> None:
    shown = visit(pages[language]).evaluate(PARTS, [place for place, *_ in FIRST.values()])
    seen = {
        question: end <= 2 * DESK["height"] and re.search(answers[language == "fr"], text) is not None
        for (question, (_, *answers)), (_, end, text) in zip(FIRST.items(), shown, strict=True)
    }
    assert seen == dict.fromkeys(FIRST, True)


@pytest.mark.long
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_front_page_is_at_most_three_sheets(visit: Any, pages: dict[str, Path], language: str) -> None:
    sheets = re.findall(rb"/Type\s*/Page\b", visit(pages[language]).pdf(prefer_css_page_size=True))
    assert 1 < len(sheets) <= 3


def test_rows_become_cards_on_a_phone(visit: Any, path: Path) -> None:
    page = visit(path, viewport=PHONE)
    heights = page.locator("table.outcomes tbody tr").evaluate_all("(rows) => rows.map((row) => row.offsetHeight)")
    assert 0 < max(heights) <= ROW * PHONE["height"]
    label = "one => getComputedStyle(one, '::before').content"
    cell = page.locator("table.outcomes td").first
    assert cell.evaluate(label).strip('"').startswith(str(cell.get_attribute("data-label")))


def test_nothing_is_cut_at_the_right_of_a_phone_nor_set_in_half_of_it(visit: Any, path: Path) -> None:
    page = visit(path, viewport=PHONE)
    cut = """() => [...document.querySelectorAll(".scroll")]
      .filter((box) => !box.closest("details") && box.scrollWidth > box.clientWidth + 1)
      .map((box) => box.getAttribute("aria-label"))"""
    assert page.evaluate(cut) == []
    wide = """() => [...document.querySelectorAll(".parts > *")].map((part) => Math.round(part.offsetWidth))"""
    assert set(page.evaluate(wide)) == {round(page.locator(".parts").bounding_box()["width"])}


def test_links_of_the_published_page_lead_to_what_is_there() -> None:
    text = (REPORTS / "index.html").read_text("utf-8")
    texts = {"": text}
    for address in dict.fromkeys(re.findall(r'href="([^"]+)"', text)):
        if address.startswith(("data:", "https:")):
            continue
        name, _, anchor = address.partition("#")
        assert not name or (REPORTS / name).is_file(), address
        if anchor:
            there = texts.setdefault(name, (REPORTS / name).read_text("utf-8") if name else text)
            assert f'id="{anchor}"' in there, address
