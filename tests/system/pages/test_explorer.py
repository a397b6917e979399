"""The explorer in a browser without a network: what it shows, its address, keys, readers of screens, and how fast."""

from __future__ import annotations

import json
import random
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
import samplenotebook
import samplerows as sample
from browsing import accessibility
from browsing.tabs import PHONE

from tradeexposure.core import published_rows, units
from tradeexposure.policy import scenarios
from tradeexposure.publishing import explorer
from tradeexposure.scenarios.explorer import grid
from tradeexposure.scenarios.explorer.levers import LEVERS, View

if TYPE_CHECKING:
    from playwright.sync_api import Page

REPORTS = Path(__file__).resolve().parents[3] / "reports"
EDITION = REPORTS / "published" / "deal_2026"
ROW = 30  # pixels by which parts of one row differ
IDLE = 600  # milliseconds, more than the explorer waits before it changes the address
DEAL = {"seed": 0.149, "meal": 0.05, "quota": 49_000.0, "us": 0.25}
#: Types a setting into each field and chooses, then tells what each outcome says and how long all of it took.
SET = """(asked) => asked.map(([levers, choices]) => {
  const begun = performance.now();
  for (const [key, value] of Object.entries(levers)) {
    const field = document.getElementById("explorer-" + key);
    field.value = value;
    field.dispatchEvent(new Event("input"));
  }
  for (const [key, value] of Object.entries(choices)) {
    document.querySelector(`[name="explorer-${key}"][value="${value}"]`).click();
  }
  const told = {};
  for (const box of document.querySelectorAll(".outcome")) {
    told[box.dataset.outcome] = [".value", ".says"].map((part) => box.querySelector(part).textContent);
  }
  return [told, (performance.now() - begun) / Object.keys(levers).length];
})"""


#: On how many lines each part of an address stands that is not to be broken, by pixels that there are for it.
LINES = """(anchor, widths) => widths.map((width) => {
  anchor.parentElement.style.width = `${width}px`;
  return [width, [...anchor.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => {
    const range = document.createRange();
    range.selectNode(node);
    return new Set([...range.getClientRects()].map((rect) => rect.top)).size;
  })];
})"""


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The page in both languages."""
    shown = samplenotebook.shown({published_rows.EXPLORER_MIME: sample.data(), "text/plain": "Explorer"})
    cell = samplenotebook.code("front_page.panel.show(grid)", shown, name="explore", tags=("explorer",))
    pages = samplenotebook.pages(
        samplenotebook.notebook(cell, drawn=()),
        edition=samplenotebook.edition(),
        sources=samplenotebook.sources(),
        results=samplenotebook.published(),
        languages=("en", "fr"),
    )
    folder = tmp_path_factory.mktemp("explorer")
    for language, text in pages.items():
        (folder / f"explorer.{language}.html").write_text(text, "utf-8")
    return {language: folder / f"explorer.{language}.html" for language in pages}


@pytest.fixture(scope="module")
def path(paths: dict[str, Path]) -> Path:
    return paths["en"]


def value_of(tab: Page, key: str) -> str:
    return tab.locator(f'[data-outcome="{key}"] .value').inner_text().replace("\u00a0", " ")


def typed(levers: dict[str, float]) -> dict[str, str]:
    return {key: f"{value if key == 'quota' else round(100 * value, 6):g}" for key, value in levers.items()}


def test_200_settings_show_what_the_grid_gives(visit: Any, path: Path) -> None:
    """Values and sentences are those that Python writes, in every view; the time of the longest move is told."""
    solved = sample.solved()
    chance = random.Random(20)
    views = list(solved.tables)
    asked = [(levers, view) for levers in (DEAL, *solved.presets.values()) for view in views]
    asked += [
        ({"seed": round(chance.uniform(0.09, 1.1), 4), "meal": round(chance.uniform(0.05, 1.1), 4),
          "quota": float(chance.randrange(5_000, 100_001)), "us": round(chance.uniform(0, 1), 3)}, chance.choice(views))
        for _ in range(200)
    ]  # fmt: skip
    shown = visit(path).evaluate(SET, [[typed(levers), view._asdict()] for levers, view in asked])
    messages = {outcome["key"]: outcome["messages"] for outcome in sample.data()["outcomes"]}
    wanted = {outcome["key"]: outcome["unit"] for outcome in sample.data()["outcomes"]}
    for (levers, view), (texts, _) in zip(asked, shown, strict=True):
        for key, line in solved.between(levers, view).items():
            low, value, high = line.tolist()
            sentence = explorer.sentence(messages[key], (low, value, high), wanted[key], 2)
            here = [text.replace("\u00a0", " ") for text in texts[key]]
            shown_value = units.write(value, wanted[key], 2) if line.any() else "no change"
            assert here == [shown_value, sentence], (levers, view, key)
    print(f"longest move: {max(took for _, took in shown):.1f} ms")


SUMS = {
    "en": "The sum over canola, car buyers and public revenue rises:",
    "fr": "La somme pour le canola, les acheteurs de voitures et les recettes publiques monte :",
}


@pytest.mark.parametrize(
    ("language", "us", "left_out"),
    [
        ("en", 100, "car sales to the United States fall by"),
        ("fr", 0, "les ventes de voitures aux États-Unis augmentent de"),
    ],
)
def test_a_partial_sum_judges_nobody_and_has_beside_it_what_it_leaves_out(
    visit: Any, paths: dict[str, Path], language: str, us: int, left_out: str
) -> None:
    """A US duty of 100% costs car makers more than the sum; the page must not call that a gain of Canada."""
    tab = visit(paths[language], end=f"#us={us}")
    box = tab.locator('[data-outcome="welfare"]')
    says, beside = (box.locator(part).inner_text().replace("\u00a0", " ") for part in (".says", ".off"))
    assert says.startswith(SUMS[language]) and "Canada" not in says
    size = value_of(tab, "sales").replace("+", "").replace(units.MINUS, "")
    assert f"{left_out} {size}; " in beside
    tab.locator("#explorer-reset").click()
    assert not box.locator(".off").is_visible()


ADDRESS = "#seed=84.8&meal=5&quota=63037&us={us}&against=final_duty_2026&when=first_year"


def test_the_setting_is_in_the_address_and_comes_from_it(visit: Any, path: Path) -> None:
    from playwright.sync_api import expect

    tab = visit(path, end=ADDRESS.format(us=50))
    assert [tab.locator(f"#explorer-{key}").input_value() for key in LEVERS] == ["84.8", "5", "63037", "50"]
    levers = {"seed": 0.848, "meal": 0.05, "quota": 63_037.0, "us": 0.5}
    line = sample.solved().between(levers, View("final_duty_2026", "first_year"))
    assert value_of(tab, "income") == units.write(line["income"][1], "CAD per year", 2)
    tab.locator("#explorer-us").fill("40")
    tab.wait_for_url(f"**{ADDRESS.format(us=40)}")
    assert tab.locator("#explorer-share a").get_attribute("href") == ADDRESS.format(us=40)
    assert tab.locator("#explorer-share a").inner_text() == ADDRESS.format(us=40)
    tab.evaluate("location.hash = '#seed=20'")
    expect(tab.locator("#explorer-seed")).to_have_value("20")
    assert tab.locator("#explorer-quota").input_value() == "63037"


def test_the_page_in_the_other_language_is_handed_what_was_set(visit: Any, path: Path) -> None:
    tab = visit(path)
    switch = tab.locator("nav a[hreflang=fr]")
    assert "#" not in switch.get_attribute("href")
    tab.locator("#explorer-seed").fill("30")
    tab.wait_for_url("**#seed=30&**")
    assert switch.get_attribute("href").endswith(tab.evaluate("location.hash"))


def test_the_address_breaks_between_words_only(visit: Any, path: Path) -> None:
    link = visit(path, viewport={"width": 560, "height": 800}, end=ADDRESS.format(us=50)).locator("#explorer-share a")
    for width, lines in link.evaluate(LINES, [*range(240, 640, 80)]):
        assert len(lines) == 2 * len(ADDRESS.split("&")) and set(lines) == {1}, width


def test_each_row_names_its_horizon(visit: Any, paths: dict[str, Path]) -> None:
    page = visit(paths["fr"])
    rows = page.locator(".outcome h3 .when")
    assert rows.all_inner_texts() == ["Après adaptation"] * 5
    page.locator("[name=explorer-when][value=first_year]").check()
    assert rows.all_inner_texts() == ["La première année"] * 5
    page.locator("#explorer-keep").click()
    kept = page.locator(".outcome .kept").first.inner_text()
    assert kept.startswith("A\u00a0: ") and " à " in kept


def test_a_stands_beside_b_and_comes_along_in_the_address(visit: Any, path: Path) -> None:
    tab = visit(path)
    alone = value_of(tab, "income")
    tab.locator("#explorer-keep").click()
    tab.locator("[data-preset='1']").click()
    box = tab.locator('[data-outcome="income"]')
    assert box.locator(".kept").inner_text().replace("\u00a0", " ").startswith(f"A: {alone.removesuffix(' a year')} (")
    b = value_of(tab, "income")
    assert b.startswith("B: ") and b != f"B: {alone}"
    assert "14.9%" in tab.locator("#explorer-kept").inner_text()
    tab.wait_for_timeout(IDLE)
    again = visit(path, end=tab.evaluate("location.hash"))
    kept = again.locator('[data-outcome="income"] .kept').inner_text()
    assert (value_of(again, "income"), kept) == (b, box.locator(".kept").inner_text())
    again.locator("#explorer-drop").click()
    assert value_of(again, "income") == b.removeprefix("B: ")
    assert again.evaluate("document.activeElement.id") == "explorer-keep"
    broken = visit(path, end="#seed=20&a.seed=500")
    assert not broken.locator("#explorer-kept").is_visible(), "an A that nobody kept"


def test_a_gain_never_stands_without_the_one_over_what_else_would_have_come(visit: Any, path: Path) -> None:
    tab = visit(path)
    otherwise = tab.locator('[data-outcome="income"] .else')
    first, beside = value_of(tab, "income"), otherwise.inner_text().replace("\u00a0", " ")
    tab.locator("[name=explorer-against][value=final_duty_2026]").check()
    second = value_of(tab, "income")
    assert second != first and beside.endswith(f": {second}.")
    assert first in otherwise.inner_text().replace("\u00a0", " ")
    assert not tab.locator('[data-outcome="sales"] .else').is_visible(), "sales are the same against both"


def test_reset_returns_to_the_deal_exactly(visit: Any, path: Path) -> None:
    tab = visit(path)
    begun = tab.locator(".explorer-grid").inner_html()
    tab.locator("#explorer-keep").click()
    tab.locator("#explorer-seed").fill("400")
    tab.locator("#explorer-us").fill("31")
    tab.locator("[name=explorer-when][value=first_year]").check()
    assert tab.locator(".explorer-grid").inner_html() != begun
    tab.locator("#explorer-reset").click()
    assert tab.locator(".explorer-grid").inner_html() == begun
    assert [tab.locator(f"#explorer-{key}").input_value() for key in LEVERS] == ["14.9", "5", "49000", "25"]
    tab.wait_for_url("**#seed=14.9&meal=5&quota=49000&us=25&against=status_quo_2025&when=adjusted")


def test_an_address_of_another_part_of_the_page_moves_nothing(visit: Any, path: Path) -> None:
    tab = visit(path, end="#data-sources")
    tab.wait_for_timeout(IDLE)
    assert tab.evaluate("location.hash") == "#data-sources"
    assert tab.locator("#explorer-seed").input_value() == "14.9"


def test_a_value_out_of_range_is_kept_and_named_and_moves_nothing(visit: Any, path: Path) -> None:
    tab = visit(path)
    begun = value_of(tab, "income")
    tab = visit(path, end="#seed=500&quota=-3&us=abc")
    assert [tab.locator(f"#explorer-{key}").input_value() for key in ("seed", "quota")] == ["500", "-3"]
    message = tab.locator("#explorer-seed-wrong").inner_text()
    assert "500% is outside of 9% to 110%: what you see is for 14.9%." in message
    assert "Not a number: what you see is for 25%." in tab.locator("#explorer-us-wrong").inner_text()
    assert value_of(tab, "income") == begun
    field, warning = tab.locator("#explorer-seed"), tab.locator("#explorer-seed-wrong")
    field.fill("120")
    field.blur()
    assert (field.input_value(), field.get_attribute("aria-invalid"), value_of(tab, "income")) == ("120", "true", begun)
    assert warning.inner_text().startswith("120% is outside of")
    tab.wait_for_timeout(IDLE)
    assert "seed=120&" in tab.evaluate("location.hash")  # as it is typed, so that the link says the same
    field.fill("30")
    assert (field.get_attribute("aria-invalid"), warning.inner_text()) == ("false", "")
    assert value_of(tab, "income") != begun


TYPED = {"9,5": ("seed", "9,5"), "12,5 %": ("us", "12,5"), "63 037": ("quota", "63037")}


def test_a_comma_that_is_typed_is_no_digit_lost(visit: Any, paths: dict[str, Path]) -> None:
    """A field of the browser's own for numbers dropped the comma: 9,5% was taken as 95%.

    English numbers are read by the same script in `test_farm_page`.
    """
    tab = visit(paths["fr"])
    for text, (key, shown) in TYPED.items():
        field = tab.locator(f"#explorer-{key}")
        field.fill("")
        field.press_sequentially(text)
        tab.locator("#explorer-keep").click()
        assert field.input_value() == shown and field.get_attribute("aria-invalid") == "false"
    tab.wait_for_url("**seed=9.5&**quota=63037&us=12.5&**")
    again = visit(paths["fr"], end=tab.evaluate("location.hash"))
    for key, shown in dict(TYPED.values()).items():
        assert again.locator(f"#explorer-{key}").input_value() == shown


def test_digits_on_the_way_to_a_number_move_nothing_that_stays(visit: Any, path: Path) -> None:
    """149 typed left the levers at 14; a point that waits for its digits is no fault yet."""
    tab = visit(path)
    field, begun = tab.locator("#explorer-seed"), value_of(tab, "income")
    field.fill("")
    field.press_sequentially("149")
    warning = tab.locator("#explorer-seed-wrong").inner_text()
    assert "149% is outside of 9% to 110%: what you see is for 14.9%." in warning
    assert value_of(tab, "income") == begun
    field.fill("14.")
    assert field.get_attribute("aria-invalid") == "false"


NOTE_FOCUS = """() => {
  window.reached = [];
  addEventListener("focusin", ({target}) => window.reached.push(target.name || target.id || target.type));
}"""


def test_keys_alone_move_every_lever_and_are_told(visit: Any, path: Path) -> None:
    from playwright.sync_api import expect

    tab = visit(path)
    tab.locator("[data-preset='1']").focus()
    tab.keyboard.press("Enter")
    assert tab.locator("#explorer-seed").input_value() == "84.8"
    assert [b.get_attribute("aria-pressed") for b in tab.locator("[data-preset]").all()] == ["false", "true", "false"]
    tab.evaluate(NOTE_FOCUS)
    for _ in range(15):
        tab.keyboard.press("Tab")
    reached = tab.evaluate("reached")
    fields = [part for key in LEVERS for part in ("range", f"explorer-{key}")]
    ends = ["explorer-keep", "explorer-reset"]
    assert reached[1:] == ["explorer-against", "explorer-when", *fields, *ends, reached[-2], reached[-1]]
    for part in (".settings", ".levers"):  # keys follow the order in which each column is read
        places = tab.locator(f"{part} :is(button, input)").evaluate_all(
            "(parts) => parts.map((part) => part.getBoundingClientRect().top)"
        )
        assert all(after > before - ROW for before, after in pairwise(places)), part
    slider = tab.locator("[data-lever='quota'] [type=range]")
    slider.focus()
    tab.keyboard.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "50,000"
    assert tab.locator("#explorer-quota").input_value() == "50000"
    expect(tab.locator("#explorer-said")).to_contain_text("50,000")
    announced = tab.locator("#explorer-said").inner_text().replace("\u00a0", " ")
    assert "84.8%" in announced and "50,000" in announced and value_of(tab, "welfare") in announced


def test_what_a_browser_remembers_is_not_chosen_beside_other_numbers(visit: Any, paths: dict[str, Path]) -> None:
    tab = visit(paths["en"])
    tab.locator("[name=explorer-when][value=first_year]").check()
    tab.locator("#explorer-seed").fill("50")
    tab.goto(paths["fr"].as_uri())
    tab.go_back()
    assert tab.locator("[name=explorer-when]:checked").input_value() == "adjusted"
    assert tab.locator("[data-lever=seed] [type=range]").input_value() == "15"


def test_without_scripts_the_tables_remain(visit: Any, path: Path) -> None:
    tab = visit(path, java_script_enabled=False)
    assert not tab.locator(".levers").is_visible() and not tab.locator("#explorer-share").is_visible()
    assert tab.locator(".explorer noscript p").is_visible()
    tab.locator(".explorer details.more > summary").click()
    tables = tab.locator(".explorer table").all()
    assert len(tables) == 5 and all(table.is_visible() for table in tables)
    assert "63,037" in tables[0].inner_text() and "84.8%" in tables[4].inner_text()


def test_readers_of_screens_and_of_phones_are_served(visit: Any, path: Path) -> None:
    """The page around, and how it is at a desk, is looked at in `test_reports`."""
    tab = visit(path, viewport=PHONE)
    tab.locator(".explorer details.more > summary").click()
    assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    tab.evaluate(accessibility.SHORTEN)
    assert accessibility.violations(tab, ".explorer", rules=accessibility.OF_FINGERS) == []
    tab.emulate_media(color_scheme="dark")
    assert accessibility.violations(tab, ".explorer", runOnly=accessibility.OF_COLOURS) == []
    tab.locator('[data-outcome="welfare"]').scroll_into_view_if_needed()
    assert tab.locator("#explorer-seed").bounding_box()["y"] >= 0, "what a lever does is seen while it is moved"


def published() -> dict[str, Any]:
    """What the published page of the deal holds."""
    cells = json.loads((EDITION / "80_compare_scenarios.ipynb").read_text("utf-8"))["cells"]
    shown = next(cell["outputs"] for cell in cells if cell["id"] == "explore")
    return next(output["data"][published_rows.EXPLORER_MIME] for output in shown if "data" in output)


@pytest.mark.parametrize(("when", "number"), [("first_year", ""), ("adjusted", ".long_run")])
def test_a_duty_on_what_is_not_us_made_alone_takes_less_over_the_same_time(when: str, number: str) -> None:
    """The front page says so of the tool and of the scenario of a duty on the whole car."""
    data, rows = published(), pd.read_csv(REPORTS / "scenarios.csv").set_index(["scenario", "result_id"])
    whole = rows.loc[("us_338_extended", f"scenario.us.vehicle_export_change_cad{number}"), ["low", "value", "high"]]
    levers = next(preset["levers"] for preset in data["presets"] if preset["levers"]["us"] == 0.5)
    sales = next(outcome for outcome in data["outcomes"] if outcome["key"] == "sales")
    for view in (view for view in sales["views"] if view.endswith(f" {when}")):
        outcome = explorer.Outcome.of(sales, view)
        part = outcome.at({key: levers[key] for key in outcome.nodes})
        assert all(entire < of_part < 0 for entire, of_part in zip(whole.astype(float), part, strict=True)), view


def test_the_published_preset_of_the_deal_is_its_scenario_to_the_printed_digit() -> None:
    """All five outcomes, against both counterfactuals, over both horizons: what the page holds and results.csv."""
    data, results = published(), pd.read_csv(EDITION / "results.csv").set_index("result_id")
    preset = next(preset["levers"] for preset in data["presets"] if preset["label"] == "The deal’s duties and quota")
    assert preset == {lever["key"]: lever["start"] for lever in data["levers"]}
    for outcome in data["outcomes"]:
        for view in outcome["views"]:
            number = grid.published_as(outcome["key"], View(*view.split()), scenarios.load("deal_2026"))
            ours = explorer.Outcome.of(outcome, view)
            spread = ours.at({key: preset[key] for key in ours.nodes})
            wanted = results.loc[number, ["low", "value", "high"]].tolist()
            assert [units.significant(value, data["digits"]) for value in spread] == wanted, number
