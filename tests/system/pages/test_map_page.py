"""The map in a browser: a place by pointer, key or name, a region by its row, and nothing that axe finds."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import samplenotebook as sample
from browsing.accessibility import OF_COLOURS, OF_FINGERS, SHORTEN, violations
from browsing.tabs import DESK, PHONE, Opener

from tradeexposure import data
from tradeexposure.canola.exposure import figures
from tradeexposure.data import geography
from tradeexposure.publishing import drawings, template_files
from tradeexposure.publishing import page as publishing_page
from tradeexposure.publishing.over_editions import map_page
from tradeexposure.reporting import charts

if TYPE_CHECKING:
    from playwright.sync_api import Page, ViewportSize

SMALL: Any = {"width": 320, "height": 700}
CARD = """() => [...document.querySelectorAll("#card-name, #card-region, .card dl:not([hidden]) dd")]
  .map((one) => one.textContent)"""
#: Points at each thirteenth pixel and compares what is told with the path that the browser itself finds there.
UNDER = """() => {
  const image = document.querySelector("img"), frame = image.getBoundingClientRect();
  const data = JSON.parse(document.querySelector("script.values").textContent);
  const svg = new DOMParser().parseFromString(atob(image.src.split(",")[1]), "image/svg+xml").documentElement;
  svg.style.cssText = `position: absolute; left: ${frame.left}px; top: ${frame.top}px`;
  document.body.append(document.adoptNode(svg));
  const paths = [...svg.querySelectorAll('path[stroke="white"][fill^="#"]')];
  const seen = {areas: paths.length, told: 0, right: 0, blank: 0};
  svg.querySelectorAll("*").forEach((part) => { part.style.pointerEvents = paths.includes(part) ? "fill" : "none"; });
  for (let x = 40; x < 690; x += 13) {
    for (let y = 110; y < 480; y += 13) {
      const at = {clientX: frame.left + x, clientY: frame.top + y, bubbles: true};
      const under = paths.indexOf(document.elementFromPoint(at.clientX, at.clientY));
      image.dispatchEvent(new PointerEvent("pointermove", at));
      const box = document.querySelector(".pointed");
      if (under < 0) { seen.blank += box.hidden; seen.right -= !box.hidden; continue; }
      seen.told += 1;
      seen.right += !box.hidden && box.querySelectorAll("td")[1].textContent === data.rows[data.wide[under][2]][1];
    }
  }
  return seen;
}"""
SPACE = "\N{NO-BREAK SPACE}"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The page in both languages."""
    folder, written = tmp_path_factory.mktemp("map"), {}
    shown = map_page.model(sample.stakes())
    for language, text in publishing_page.alone("map", shown, ("en", "fr")).items():
        written[language] = folder / f"map.{language}.html"
        written[language].write_text(text, "utf-8")
    return written


@pytest.fixture
def shown(tabs: Opener, pages: dict[str, Path]) -> Page:
    return tabs(pages["en"])[0]


def card(page: Page) -> list[str]:
    """What is told of the place: name, region, hectares, acres, share, grade."""
    return page.evaluate(CARD)


def at(page: Page, name: str) -> str:
    """Where a place is drawn."""
    places = page.evaluate("JSON.parse(document.getElementById('map-data').textContent).places.map((one) => one[0])")
    return f"#s{places.index(name)}"


def test_a_pointer_tells_name_hectares_share_and_grade_or_that_they_are_withheld(shown: Page) -> None:
    assert card(shown) == ["No place chosen", ""]
    place = shown.locator(at(shown, "Tisdale No. 427"))
    place.hover()
    name, region, area, acres, share, grade = card(shown)
    assert (name, region) == ("Tisdale No. 427", "Saskatchewan, agricultural region 4705")
    assert (area, share, grade) == ("35,692 ha", "41.7%", "A, excellent") and acres == "88,200"
    assert shown.locator("#chosen").get_attribute("d") == place.get_attribute("d")
    assert shown.locator("tr.on").get_attribute("data-region") == "4705"
    shown.locator(at(shown, "Reynolds")).hover()
    assert card(shown)[2:] == ["withheld", "withheld", "withheld", "F, withheld"]


def test_the_map_is_one_stop_and_keys_go_from_place_to_place(shown: Page) -> None:
    stage = shown.locator(".stage")
    assert shown.locator("svg [tabindex]").count() == 0
    stage.focus()
    shown.keyboard.press("ArrowRight")
    begun = card(shown)[0]
    seen = {begun}
    for key, back in (("ArrowRight", "ArrowLeft"), ("ArrowDown", "ArrowUp")):
        for _ in range(3):
            shown.keyboard.press(key)
            seen.add(card(shown)[0])
        shown.keyboard.press(back)
    assert len(seen) >= 6
    spoken = stage.get_attribute("aria-valuetext")
    assert spoken.startswith(f"{card(shown)[0]}, ") and "hectares of canola; quality " in spoken
    shown.keyboard.press("Home")
    assert card(shown)[0] == "Stuartburn" and stage.get_attribute("aria-valuenow") == "0"
    assert stage.evaluate("""(one) => one.dispatchEvent(
      new KeyboardEvent("keydown", {key: "ArrowLeft", altKey: true, cancelable: true}))"""), "a browser's own key"
    shown.keyboard.press("Tab")
    assert shown.evaluate("document.activeElement.id") == "place"


def test_every_place_is_reached_by_keys_from_some_other(shown: Page) -> None:
    """Of 479 places all but a few in corners are where an arrow leads to; those are found by name."""
    reached = shown.evaluate("""() => {
      const stage = document.querySelector(".stage"), reached = new Set(), count = Number(stage.ariaValueMax) + 1;
      const press = (key) => stage.dispatchEvent(new KeyboardEvent("keydown", {key, cancelable: true}));
      for (let from = 0; from < count; from += 1) {
        for (const key of ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]) {
          document.getElementById(`s${from}`).dispatchEvent(new PointerEvent("pointerdown", {bubbles: true}));
          press(key);
          if (Number(stage.ariaValueNow) !== from) reached.add(Number(stage.ariaValueNow));
        }
      }
      return reached.size;
    }""")
    assert reached > 450


def test_a_name_is_looked_up_and_an_unknown_one_is_said_to_be_none(shown: Page) -> None:
    field = shown.locator("#place")
    assert shown.locator("#places option").count() == 479
    for typed in ("Tisdale No. 427, Saskatchewan", "tisdale"):
        field.fill(typed)
        field.press("Enter")
        assert card(shown)[0] == "Tisdale No. 427"
    for typed, name in (
        ("tache", "Taché"),
        ("South Qu’Appelle", "South Qu'Appelle No. 157"),
        ("st laurent", "St. Laurent"),
    ):
        field.fill(typed)
        field.press("Enter")
        assert card(shown)[0] == name
    field.fill(" Brandon ")
    field.press("Enter")
    name, drawn = card(shown)
    assert name == "“Brandon” is not on this map."
    assert "Alberta, Saskatchewan, Manitoba" in drawn and "try the rural municipality or county around it" in drawn
    assert drawn.endswith(shown.locator("#elsewhere").inner_text()) and "Ontario 17,433" in drawn
    assert shown.locator("#chosen").get_attribute("d") == "" and shown.locator("tr.on").count() == 0


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["390", "1280"])
def test_what_is_told_of_a_place_is_seen_where_it_is_tapped(
    tabs: Opener, pages: dict[str, Path], viewport: ViewportSize
) -> None:
    page, _ = tabs(pages["en"], viewport=viewport, has_touch=True)
    place = page.locator(at(page, "Tisdale No. 427"))
    page.mouse.wheel(0, place.bounding_box()["y"] - viewport["height"] / 2)
    place.tap()
    box = page.locator(".card").bounding_box()
    assert card(page)[0] == "Tisdale No. 427"
    assert box["y"] >= 0 and box["y"] + box["height"] <= viewport["height"]


def test_the_row_of_a_region_shows_where_it_is(shown: Page) -> None:
    shown.locator('tr[data-region="4604"] a').click()
    outlined = str(shown.locator("#chosen").get_attribute("d"))
    name, text = card(shown)
    assert outlined.count("M") >= 4 and name == "Manitoba, agricultural region 4604"
    assert re.fullmatch(r"95,495 hectares of canola; receipts at stake of C\$\d+ million, an allocation", text)
    assert shown.locator("tr.on").get_attribute("data-region") == "4604"
    shown.locator('tr[data-region="4707"] a').click()
    assert card(shown)[1] == "1,809 hectares of canola; no receipts are placed here"


def test_a_french_card_writes_french_numbers(tabs: Opener, pages: dict[str, Path]) -> None:
    page, _ = tabs(pages["fr"])
    assert str(page.locator(".stage svg").get_attribute("aria-label")).startswith("Carte des Prairies par subdivision")
    page.locator(at(page, "Tisdale No. 427")).hover()
    texts = [text.replace("\N{NARROW NO-BREAK SPACE}", SPACE) for text in card(page)]
    assert texts[1:4] == ["Saskatchewan, région agricole 4705", f"35{SPACE}692 ha", f"88{SPACE}200"]
    assert texts[4:] == [f"41,7{SPACE}%", "A, excellente"]


def test_axe_finds_nothing_and_nothing_scrolls_sideways(tabs: Opener, pages: dict[str, Path]) -> None:
    page, heard = tabs(pages["fr"], viewport=SMALL)
    page.locator("#place").fill("Tisdale")
    page.locator("#place").press("Enter")
    page.evaluate(SHORTEN)
    assert violations(page, rules=OF_FINGERS) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"]
    page.emulate_media(color_scheme="dark")
    assert violations(page, runOnly=OF_COLOURS) == []
    assert heard.complaints == [] and [address for address in heard.requests if address.startswith("http")] == []


def test_without_script_there_is_a_picture_with_its_words_and_the_table(tabs: Opener, pages: dict[str, Path]) -> None:
    page, _ = tabs(pages["en"], java_script_enabled=False)
    picture = page.get_by_role("img", name="Map of the Prairies by census subdivision.")
    assert picture.is_visible() and page.locator("tr[data-region]").count() == 27
    assert not page.locator(".panel").is_visible()


@pytest.mark.long
def test_pointing_at_the_chart_of_notebook_20_tells_the_area_under_the_pointer_and_nothing_of_blank_land(
    tabs: Opener, tmp_path: Path
) -> None:
    areas = geography.canola_subdivisions(data.load(geography.CANOLA_TABLE))
    spec = charts.spec_of(figures.subdivisions(areas), title="T", alt="A")
    drawing, script = drawings.drawing(spec, where="map"), template_files.folder() / "hover.js"
    values = f'<script class="values" type="application/json">{template_files.json_script(drawing.values)}</script>'
    picture = f'<div class="still"><img src="{drawing.wide.address}" width="712"></div>'
    path = tmp_path / "chart.html"
    path.write_text(f"<figure>{picture}{values}</figure><script>{script.read_text('utf-8')}</script>", "utf-8")
    page, _ = tabs(path)
    seen = page.evaluate(UNDER)
    assert seen["areas"] == len(areas) == 479 and seen["right"] == seen["told"] > 100 and seen["blank"] > 1
