"""A farm's numbers in a browser: the script works out what Python does, and bad values are said at the field."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import samplenotebook as sample
from browsing.accessibility import OF_COLOURS, SHORTEN, violations
from browsing.tabs import Opener

from tradeexposure.publishing.over_editions import farm_page
from tradeexposure.publishing.over_editions.farm_page import Farm, Row

if TYPE_CHECKING:
    from playwright.sync_api import Page

NARROW = {"width": 320, "height": 700}
#: Fills in each form and tells what is read then: rows by unit, fields that are called wrong, and each other part.
ENTER = """(forms) => forms.map((values) => {
  const form = document.getElementById("farm-form"), all = (places) => [...document.querySelectorAll(places)];
  Object.entries(values).forEach(([name, value]) => { form.elements[name].value = value; });
  form.requestSubmit();
  const rows = Object.fromEntries(all("tr[data-row]").map((row) => [row.dataset.row,
    Object.fromEntries([...row.querySelectorAll("[data-unit]")].map((cell) =>
      [cell.dataset.unit, [cell.querySelector(".value").textContent, cell.querySelector("small").textContent]]))]));
  const wrong = all("[aria-invalid=true]").map((one) => [one.name, one.value, one.getAttribute("aria-describedby")]);
  const told = all("#same, #costs, [id^=farm-], [id$=-wrong]").map((one) =>
    [one.id, one.innerText.replace(/[\\u00a0\\u202f]/g, " ")]);
  return {rows, wrong, ...Object.fromEntries(told)};
})"""
#: Cells in which the value lies on its label, or the range beyond the page.
CROWDED = """() => [...document.querySelectorAll(".farm-table [data-label]")].filter((cell) => {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = getComputedStyle(cell, "::before").font;
  const label = cell.getBoundingClientRect().left + pen.measureText(cell.dataset.label).width;
  const [value, range] = [".value", "small"].map((part) => cell.querySelector(part).getBoundingClientRect());
  return value.width && (value.left < label || range.right > document.documentElement.clientWidth);
}).map((cell) => cell.innerText)"""
START = {"province": "sk", "zone": "Black", "when": "after", "acres": "822", "bushels": "45.2", "price": "16.01"}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The page in both languages."""
    folder = tmp_path_factory.mktemp("farm")
    texts = farm_page.pages(sample.publish_farm_prices(folder / "deal_2026"), languages=("en", "fr"))
    for language, text in texts.items():
        (folder / f"farm.{language}.html").write_text(text, "utf-8")
    return {language: folder / f"farm.{language}.html" for language in texts}


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return list(farm_page.rows(sample.farm_prices()).values())


@pytest.fixture
def farm(visit: Callable[..., Page], pages: dict[str, Path]) -> Page:
    return visit(pages["en"])


def enter(shown: Page, *forms: dict[str, str]) -> list[dict[str, Any]]:
    """What is read after each form: rows by number, unit, value and range; parts of the page by name."""
    return shown.evaluate(ENTER, forms)


def expected(row: Row, farm: Farm, when: str) -> dict[str, list[str]]:
    """The cells of a scenario, as Python works them out."""
    changes = getattr(row, when)
    if changes is None:
        return {unit: ["\N{EN DASH}", ""] for unit in farm_page.UNITS}
    ends = [farm_page.gain(farm, change, included=row.included) for change in changes]
    gains = {unit: [farm_page.signed(end[unit]) for end in ends] for unit in farm_page.UNITS}
    return {unit: [value, f"{low} to {high}" if any(changes) else ""] for unit, (low, value, high) in gains.items()}


def text(shown: Page, place: str) -> str:
    return (
        shown.locator(place).inner_text().replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
    )


def test_what_is_worked_out_is_what_python_works_out(farm: Page, rows: list[Row]) -> None:
    """As the page begins, at the ends of each field, and for farms at random; in every row, in every unit."""
    chance = random.Random(37)
    cases = [
        (822, 45.2, 16.01),
        *(
            (ends[0], ends[1], ends[2])
            for ends in zip(*(limits[:2] for limits in farm_page.LIMITS.values()), strict=True)
        ),
    ]
    cases += [
        (round(chance.uniform(1, 20_000), 1), round(chance.uniform(1, 120), 1), round(chance.uniform(1, 60), 2))
        for _ in range(25)
    ]
    farms = [(Farm(*case), chance.choice(["after", "first"])) for case in cases]
    forms = [{**{name: f"{value}" for name, value in vars(own).items()}, "when": when} for own, when in farms]
    for (own, when), shown in zip(farms, enter(farm, *forms), strict=True):
        assert shown["rows"] == {f"{place}": expected(row, own, when) for place, row in enumerate(rows)}
        assert shown["same"] == f"= C${own.price * farm_page.BUSHELS_PER_TONNE:,.0f} a tonne"


def test_the_answer_names_both_counterfactuals_and_follows_the_farm(farm: Page, rows: list[Row]) -> None:
    own = {"acres": "1,500", "bushels": "40", "price": "15"}
    later, first = enter(farm, own, {"when": "first"})
    ends = [
        farm_page.gain(Farm(1500, 40, 15), change, included=True)["farm"] for row in rows[:2] for change in row.after
    ]
    low, stays, high, second_low, settled, second_high = map(farm_page.money, ends)
    assert later["farm-answer"] == (
        f"Our model suggests the deal would be worth {stays} a year on this farm if China had kept 84.8% on seed, "
        f"{settled} had China settled on 14.9% anyway."
    )
    assert later["farm-range"] == (
        f"90% of simulations fall between {low} and {high} in the first case, between {second_low} and {second_high} "
        "in the second."
    )
    stays_1, settled_1 = (
        farm_page.money(farm_page.gain(Farm(1500, 40, 15), row.first[1], included=True)["farm"]) for row in rows[:2]
    )
    assert first["farm-answer"].startswith(
        f"Our model suggests the deal would be worth {stays_1} on this farm in its first year"
    )
    assert f"84.8% on seed, {settled_1} had China" in first["farm-answer"] and [stays_1, settled_1] != [stays, settled]
    assert first["farm-of"].startswith("For 1,500 acres of canola at 40.0 bushels an acre and C$15.00 a bushel (C$661")


def test_costs_stand_beside_the_gain_and_only_where_the_guide_holds(farm: Page) -> None:
    paying, dear = enter(farm, {"zone": "Dark Brown", "acres": "1000", "bushels": "43", "price": "16"}, {"price": "12"})
    assert "C$688 an acre" in paying["costs"]
    assert "expenses of C$390.09 and total expenses of C$573.50" in paying["costs"]
    assert "It plans with 43.0 bushels an acre, you with 43.0." in paying["costs"]
    assert farm.locator(".answer #farm-margin").count() == 1
    assert re.search("leave C\\$298 an acre over the variable.*C\\$115 over its total", paying["farm-margin"])
    assert "−C$58 over its total" in dear["farm-margin"]
    assert farm.locator("tr.chosen th").all_inner_texts() == ["Dark Brown"]
    farm.locator("label", has_text="Alberta").click()
    farm.locator("#costs", has_text="none of another province").wait_for()
    assert "no guide of this province" in text(farm, "#farm-margin")
    assert not farm.locator("#zones").is_visible() and farm.locator("tr.chosen").count() == 0


WRONG = [
    ("acres", "0", "Enter a number above zero."),
    ("acres", "-5", "Enter a number above zero."),
    ("acres", "−5", "Enter a number above zero."),
    ("acres", "", "Enter a number."),
    ("acres", "   ", "Enter a number."),
    ("acres", "a quarter", "“a quarter” is not a number."),
    ("acres", "100001", "Enter 1 to 100,000."),
    ("acres", "0.5", "Enter 1 to 100,000."),
    ("bushels", "1e2", "“1e2” is not a number."),
    ("bushels", "0x20", "“0x20” is not a number."),
    ("bushels", "Infinity", "“Infinity” is not a number."),
    ("bushels", "450", "Enter 1 to 120."),
    ("bushels", "٤٥", "“٤٥” is not a number."),
    ("price", "706", "706 looks like C$ a tonne: that is C$16.01 a bushel. Enter C$ a bushel, 1 to 60."),
    ("price", "$706 a tonne", "“$706 a tonne” is not a number."),
    ("price", "61", "Enter 1 to 60."),
    ("price", "1,5,0", "“1,5,0” is not a number."),
    ("price", "$", "“$” is not a number."),
    ("bushels", "bu", "“bu” is not a number."),
    ("price", "<b>16</b>", "“<b>16</b>” is not a number."),
    ("price", "9" * 400, "Enter 1 to 60."),
]


def test_what_cannot_be_is_said_at_its_field_and_nothing_is_computed(farm: Page) -> None:
    forms = [form for field, typed, _ in WRONG for form in ({field: typed}, START)]
    shown = iter(enter(farm, *forms))
    for field, typed, warning in WRONG:
        now, mended = next(shown), next(shown)
        assert now[f"{field}-wrong"] == warning
        [[name, value, described]] = now["wrong"]
        assert (name, value) == (field, typed) and f"{field}-wrong" in described
        assert {cell[0] for row in now["rows"].values() for cell in row.values()} == {"\N{EN DASH}"}
        assert "nothing is computed" in now["farm-answer"]
        assert not "".join(now[place] for place in ("farm-range", "farm-of", "farm-margin", "costs"))
        assert mended["rows"]["0"]["farm"][0] == "+32,000" and not mended["wrong"]


TYPED = {
    "acres": {"1,500 ac": "1,500 acres", "1\u2009500": "1,500 acres", "1 234,5": "1,234.5 acres",
              "1500 acres": "1,500 acres"},
    "bushels": {"42 bu": "42.0 bushels", "42 bushels per acre": "42.0 bushels", "42.5bu/ac": "42.5 bushels",
                "42,5": "42.5 bushels"},
    "price": {"$14.50": "C$14.50 a bushel", "C$ 14.50/bu": "C$14.50 a bushel", "14,50": "C$14.50 a bushel",
              "14.50 $": "C$14.50 a bushel", "14.50 CAD": "C$14.50 a bushel"},
}  # fmt: skip


def test_what_a_farmer_types_is_understood(farm: Page) -> None:
    cases = [({**START, field: typed}, read) for field, every in TYPED.items() for typed, read in every.items()]
    shown = enter(farm, *(form for form, _ in cases))
    assert [form for (form, read), now in zip(cases, shown, strict=True) if read not in now["farm-of"]] == []


TYPED_IN_FRENCH = {
    "16,01": "16,01 $", "16.01": "16,01 $", "16": "16,00 $", "16,5": "16,50 $", "1,500": "deux façons",
    "1.500": "deux façons", "1,5,0": "n’est pas un nombre", "16,01 $": "16,01 $", "16 $/boisseau": "16,00 $",
    "16 $ CA": "16,00 $", "16 $ par boisseau": "16,00 $",
    "706": "ressemble à un prix à la tonne",
}  # fmt: skip


def test_in_french_a_comma_is_that_of_decimals_thousands_are_parted_by_spaces_and_what_reads_two_ways_is_refused(
    visit: Callable[..., Page], pages: dict[str, Path]
) -> None:
    own = {"acres": "1 500", "bushels": "40", "price": "15"}
    *shown, last = enter(visit(pages["fr"]), *({"price": typed} for typed in TYPED_IN_FRENCH), own)
    for (typed, read), now in zip(TYPED_IN_FRENCH.items(), shown, strict=True):
        assert read in now["farm-of" if read.endswith("$") else "price-wrong"], typed
    assert last["farm-of"].startswith("Pour 1 500 acres de canola, à 40,0 boisseaux l’acre et à 15,00 $ le boisseau")
    assert last["farm-answer"].startswith("Selon notre modèle, l’entente vaudrait 49 000 $ par an")


def test_the_address_holds_the_farm_and_gives_it_back(tabs: Opener, pages: dict[str, Path]) -> None:
    farm, heard = tabs(pages["en"])
    own = {"acres": "640", "bushels": "51.5", "price": "15.25"}
    [read] = enter(farm, {"province": "mb", "zone": "Brown", "when": "first", **own})
    farm.wait_for_url("**#province=mb*")
    end = farm.url.partition("#")[2]
    again, _ = tabs(pages["en"], end=f"#{end}")
    assert text(again, "#farm-answer") == read["farm-answer"]
    assert [again.locator(f"#{name}").input_value() for name in farm_page.LIMITS] == [*own.values()]
    again.locator("button[type=reset]").click()
    again.wait_for_url(lambda url: "#" not in url)
    assert text(again, "#farm-answer").count("C$32,000") == 1
    assert again.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    assert heard.complaints == []


def test_averages_and_decimals_stay_what_they_are_in_the_other_language(
    visit: Callable[..., Page], pages: dict[str, Path]
) -> None:
    """45.4 of Alberta stayed in the French page when Manitoba was chosen there; 16.013 was refused as two numbers."""
    farm = visit(pages["en"])
    farm.locator("label", has_text="Alberta").click()
    farm.locator("#price").fill("16.013")
    farm.wait_for_url("**price=16.013")
    french = visit(pages["fr"], end=farm.locator("nav a[hreflang=fr]").get_attribute("href").partition(".html")[2])
    assert text(french, "#price-wrong") == "" and french.locator("input[name=province]:checked").input_value() == "ab"
    french.locator("label", has_text="Manitoba").click()
    place = next(place for place in farm_page.provinces() if place.name == "Manitoba").farm
    assert french.locator("#bushels").input_value() == f"{place.bushels}".replace(".", ",")


def test_what_is_chosen_is_seen_where_colours_are_forced(visit: Callable[..., Page], pages: dict[str, Path]) -> None:
    farm = visit(pages["en"], forced_colors="active")
    shades = farm.locator("input[name=when] + span").evaluate_all("(all) => all.map((a) => getComputedStyle(a).color)")
    assert len({*shades}) == 2


def test_the_address_and_the_numbers_stay_together(visit: Callable[..., Page], pages: dict[str, Path]) -> None:
    """Another part of the page took the farm from the address; a plain address left the farm before on the page."""
    farm = visit(pages["en"], end="#acres=500")
    farm.evaluate("location.hash = '#main'")
    farm.wait_for_url("**acres=500**")
    farm.evaluate("location.hash = ''")
    farm.wait_for_function("document.getElementById('acres').value === '822'")
    assert "#" not in farm.url


def test_what_a_browser_remembers_is_not_chosen_beside_other_numbers(farm: Page, pages: dict[str, Path]) -> None:
    """Who left within the time of a change came back to “First year” over the answer of later ones."""
    farm.locator("label", has_text="First year").click()
    farm.goto(pages["fr"].as_uri())
    farm.go_back()
    assert farm.locator("input[name=when]:checked").input_value() == "after"


def test_a_broken_address_is_said_at_the_field(visit: Callable[..., Page], pages: dict[str, Path]) -> None:
    farm = visit(pages["en"], end="#province=bc&zone=Red&when=never&acres=many&bushels=50")
    assert farm.locator("input[name=province]:checked").input_value() == "sk"
    assert farm.locator("#acres").input_value() == "many" and text(farm, "#acres-wrong") == "“many” is not a number."


def test_fields_that_nobody_changed_follow_the_province(farm: Page) -> None:
    farm.locator("#price").fill("14.50")
    farm.locator("label", has_text="Manitoba").click()
    place = next(place for place in farm_page.provinces() if place.name == "Manitoba").farm
    shown = [farm.locator(f"#{name}").input_value() for name in farm_page.LIMITS]
    assert shown == [f"{place.acres}", f"{place.bushels}", "14.50"]


def test_all_is_reached_by_keys(farm: Page) -> None:
    farm.locator("input[name=province]:checked").focus()
    farm.keyboard.press("ArrowRight")
    assert farm.locator("input[name=province]:checked").input_value() == "ab"
    reached: list[Any] = []
    for _ in range(6):
        farm.keyboard.press("Tab")
        reached.append(farm.evaluate("document.activeElement.name || document.activeElement.type"))
    assert reached[:5] == ["acres", "bushels", "price", "when", "reset"]
    farm.locator("#acres").focus()
    farm.keyboard.press("Control+A")
    farm.keyboard.type("1000")
    farm.locator("#farm-of", has_text="For 1,000 acres").wait_for()


def test_without_a_script_an_average_farm_and_the_way_to_ones_own_are_there(
    tabs: Opener, pages: dict[str, Path]
) -> None:
    farm, _ = tabs(pages["en"], java_script_enabled=False)
    assert not farm.locator("#farm-form").is_visible()
    assert farm.locator("noscript").inner_text().startswith("Scripts are off")
    assert farm.locator("#farm-answer").inner_text().count("C$") == 2
    assert farm.locator("tr[data-row='0'] [data-unit=farm] .value").inner_text() == "+32,000"


def test_on_a_small_phone_no_value_lies_on_its_label(visit: Callable[..., Page], pages: dict[str, Path]) -> None:
    for end in ("", "#acres=100000&price=60"):
        assert visit(pages["fr"], viewport=NARROW, end=end).evaluate(CROWDED) == [], end


@pytest.mark.long
def test_axe_finds_nothing(tabs: Opener, pages: dict[str, Path]) -> None:
    """With a field to correct, as it begins in `test_reports`; nothing is cut at the side."""
    shown, heard = tabs(pages["fr"], viewport=NARROW)
    shown.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    enter(shown, {"bushels": "0"})
    shown.evaluate(SHORTEN)
    assert violations(shown) == []
    assert shown.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    shown.emulate_media(color_scheme="dark")
    assert violations(shown, runOnly=OF_COLOURS) == []
    assert heard.complaints == []
