"""One claim, one number: what the published pages say of one quantity has one value, one rounding and one sense.

And the headline rule: no gain of the deal over a duty that stays without the one over the duty that China settled on.
Read is the edition in ``reports``, in both languages.
"""

from __future__ import annotations

import html
import json
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest
from browsing import said
from browsing.said import Said, Screen

from tradeexposure.core import results_csv
from tradeexposure.policy import scenarios
from tradeexposure.publishing import explorer, manifest
from tradeexposure.scenarios.brief import worth
from tradeexposure.scenarios.comparison import grid
from tradeexposure.scenarios.simulation.messages import INCOME

pytestmark = pytest.mark.long
ROOT = Path(__file__).resolve().parents[3]
REPORTS = ROOT / "reports"
EDITION = REPORTS / "published" / "deal_2026"
FRONT, BRIEF = "80_compare_scenarios", "90_write_brief"
PAGES = sorted([*REPORTS.glob("index*.html"), *EDITION.glob("*.html")])
#: Pages whose numbers are held against each other; methods may write more digits.
CLAIMING = [page for page in PAGES if page.name.partition(".")[0] in ("index", FRONT, BRIEF)]
GAINS = (INCOME, "scenario.welfare.canada_cad")
SENTENCE = 60  # letters; a shorter text is a cell of a table
LETTERS = 1_500  # of visible text: about what a screen holds
#: What a sentence with a gain of the deal names, in English and in French.
COUNTERFACTUAL = {
    "en": re.compile(r"[Cc]ompared with|[Hh]ad China settled|ten points of duty above"),
    "fr": re.compile(r"rapport (?:à|aux?)\b|[Ss]i la Chine|premiers points de droit au-dessus"),
}
#: Stem of an identifier → what its sentences must say, and what they may not.
SENSES = {
    "ev.us_tariff_exposure_cad": (r"\bwould\b|a year of US duty|at the trade of", r"\bcharges\b"),
    "canola.trade_effect.2019": (r"predicted|cut seed|changed seed|otherwise", r"(?:fell|rose) by [\d.]+% in a year"),
    "ev.china_built_share.2023": (r"battery-electric", r"electric cars sold"),
}


@pytest.fixture(scope="module")
def rows() -> dict[str, dict]:
    """Published rows of the edition by identifier, with the digits that its manifest keeps."""
    digits = manifest.edition(EDITION).get("digits", {})
    table = results_csv.read(EDITION / "results.csv").to_dict("records")
    return {str(row["result_id"]): {**row, "digits": digits.get(row["result_id"])} for row in table}


@pytest.fixture(scope="module")
def screens() -> dict[Path, Screen]:
    return {page: Screen(f"{page.relative_to(REPORTS)}", page.read_text("utf-8")) for page in PAGES}


def test_no_gain_over_a_duty_that_stays_without_the_one_over_the_settled_duty(
    rows: dict[str, dict], screens: dict[Path, Screen]
) -> None:
    assert [one for screen in screens.values() for one in said.alone(screen, LETTERS, rows)] == []
    told = [key for page in CLAIMING for _, _, key in screens[page].numbers if key in said.PAIRS]
    assert len(told) >= 2 * len(CLAIMING), "each of these pages has such gains, else nothing was asked"


@pytest.mark.parametrize("stem", [FRONT, BRIEF])
def test_every_sentence_with_a_gain_of_the_deal_names_its_counterfactual(
    stem: str, screens: dict[Path, Screen]
) -> None:
    gains = (INCOME, "scenario.welfare.canada_cad")
    for language_, ending in (("en", ""), ("fr", ".fr")):
        screen = screens[EDITION / f"{stem}{ending}.html"]
        sentences = {
            one.sentence for one in screen.said() if one.result_id.startswith(gains) and len(one.sentence) > 60
        }
        assert len(sentences) >= 3
        assert [one for one in sentences if not COUNTERFACTUAL[language_].search(one)] == []


def test_a_page_with_one_counterfactual_alone_is_found() -> None:
    one = f'<main><p>Growers gain <a href="70.html#number-{INCOME}">C$500 m</a>.</p>{{}}</main>'
    second = f'<p>Or <a href="70.html#number-{worth.SETTLED}">C$130 m</a>.</p>'
    far, folded = f"<p>{'word ' * LETTERS}</p>{second}", f"<details>{second}</details>"
    found = {text: said.alone(Screen("made", one.format(text)), LETTERS, {}) for text in ("", second, far, folded)}
    assert [bool(told) for told in found.values()] == [True, False, True, True]
    row = {"result_id": worth.SETTLED, "label": "", "value": 130e6, "low": 1e8, "high": 2e8, "unit": "CAD per year"}
    named = Screen("made", one.format("<p>Or C$130 m.</p>"))
    assert said.alone(named, LETTERS, {worth.SETTLED: row}) == []
    assert said.alone(named, LETTERS, {worth.SETTLED: {**row, "value": 140e6}}) != []


def test_charts_that_show_one_gain_show_the_other(rows: dict[str, dict]) -> None:
    """Drawn or in the title: the account of both sectors draws one, and its title says the other of its sum."""
    own, seconds = rows[INCOME], [rows[worth.SETTLED], rows[worth.CANADA_SETTLED]]
    asked = 0
    for stem in (FRONT, BRIEF, "70_simulate_scenario"):
        for spec in said.charts_of(EDITION / f"{stem}.ipynb"):
            drawn = {row.get("value") for data in spec.get("datasets", {}).values() for row in data}
            title = spec["usermeta"]["title"]
            if own["value"] in drawn or any(form in title for form in said.amounts(own)):
                asked += 1
                second = any(row["value"] in drawn or said.amounts(row) & said.figures_in(title) for row in seconds)
                assert second, title
    assert asked >= 3


def test_the_card_shows_both(rows: dict[str, dict]) -> None:
    spec = next(iter(said.charts_of(EDITION / f"{BRIEF}.ipynb")))
    title = spec["usermeta"]["title"]
    assert all(any(form in title for form in said.amounts(rows[key])) for key in (INCOME, worth.SETTLED)), title


def of_pages(screens: dict[Path, Screen]) -> list[Said]:
    """What is said on the front page, in the brief and behind it, and in the answers."""
    notebooks = [one for stem in (FRONT, BRIEF) for one in said.of_notebook(EDITION / f"{stem}.ipynb")]
    return [*notebooks, *(one for page in CLAIMING for one in screens[page].said())]


def answers(rows: dict[str, dict]) -> list[Said]:
    """Rows of ``docs/answers.md`` and of the README, by label and period."""
    by_label = {(str(row["label"]), str(row["period"] or "")): key for key, row in rows.items()}
    found = []
    for page in (ROOT / "docs" / "answers.md", ROOT / "README.md"):
        for line in page.read_text("utf-8").splitlines():
            cells = [html.unescape(cell.strip()) for cell in line.strip("|").split("|")]
            if len(cells) == 4 and (cells[0], cells[3]) in by_label:
                found.append(Said(page.name, line, by_label[cells[0], cells[3]], cells[1]))
    return found


def test_every_number_is_written_as_it_was_published(rows: dict[str, dict], screens: dict[Path, Screen]) -> None:
    wrong = []
    every = [*of_pages(screens), *answers(rows)]
    for one in every:
        forms = {form for digits in range(1, int(rows[one.result_id]["digits"] or 3) + 1)
                 for form in said.forms({**rows[one.result_id], "digits": digits})}  # fmt: skip
        known, parts = said.in_both(forms), set(re.split(r" → | of | sur ", said.plain(one.text)))
        if said.value_of(one.text) and not known & parts:
            wrong.append(f"{one.page}: {one.result_id}: {one.text}")
    assert wrong == [] and len(every) > 150


def conflicts(every: Iterable[Said]) -> dict[str, set[str]]:
    """Quantities with more than one value or rounding in prose, or in tables, which show all digits of a number."""
    written: dict[tuple[str, bool], set[str]] = defaultdict(set)
    for one in every:
        value = said.value_of(one.text)
        if value and not one.page.endswith(".fr.html"):
            written[said.quantity(one.result_id), one.page.endswith(".md")].add(value)
    return {key: values for (key, _), values in written.items() if len(values) > 1}


def test_one_quantity_has_one_value_and_one_rounding(rows: dict[str, dict], screens: dict[Path, Screen]) -> None:
    assert conflicts([*of_pages(screens), *answers(rows)]) == {}


def test_two_values_of_one_quantity_are_found() -> None:
    one = Said("index.html", "", INCOME, "C$500 m (C$200 m to C$1.2 bn) a year")
    other = Said("80_compare_scenarios", "", "brief.grower_income_change_cad", "C$499 m a year")
    assert conflicts([one, other]) == {INCOME: {"C$500 m", "C$499 m"}} and conflicts([one, one]) == {}
    tables = [Said("answers.md", "", key, text) for key, text in ((INCOME, "C$500 m"), (said.WEIGHED, "C$499 m"))]
    assert conflicts(tables) == {INCOME: {"C$500 m", "C$499 m"}} and conflicts([one, tables[0]]) == {}


def test_one_quantity_has_one_sense(screens: dict[Path, Screen]) -> None:
    asked = 0
    for one in of_pages(screens):
        for stem, (must, never) in SENSES.items():
            if one.result_id.startswith(stem) and not one.page.endswith(".fr.html") and len(one.sentence) > 40:
                asked += 1
                assert re.search(must, one.sentence) and not re.search(never, one.sentence), one
    assert asked >= 3


@pytest.mark.parametrize("page", [REPORTS / "index.html", REPORTS / "index.fr.html"], ids=["en", "fr"])
def test_a_preset_is_no_scenario_unless_it_gives_its_numbers(page: Path, rows: dict[str, dict]) -> None:
    """Named as a scenario it must give what that scenario gives; else it says what it sets."""
    told = re.search(
        r'<script type="application/json" id="explorer-data">(.*?)</script>', page.read_text("utf-8"), re.S
    )
    assert told
    data = json.loads(told[1])
    outcomes = [explorer.Outcome.of(one) for one in data["outcomes"]]
    titles = [scenarios.load(name).title.casefold() for name in scenarios.SHIPPED]
    assert data["presets"]
    for preset in data["presets"]:
        label = preset["label"].casefold()
        assert not any(label in title or title in label for title in titles), preset["label"]
    deal = data["presets"][0]["levers"]
    for outcome in outcomes:
        key = grid.OUTCOMES.get(outcome.said["key"], INCOME)
        _, value, _ = outcome.at({lever: deal[lever] for lever in outcome.nodes})
        assert said.same(value, rows[key]), (outcome.said["key"], value, rows[key]["value"])


def test_the_tracker_and_the_front_page_name_the_same_duties(rows: dict[str, dict]) -> None:
    text = re.sub(r"<[^>]*>", " ", (REPORTS / "measures.html").read_text("utf-8"))
    for key in ("comparison.china_seed_duty.after", "comparison.ev_duty"):
        assert said.forms(rows[key]) & set(re.findall(r"[\d.]+%", text)), key
