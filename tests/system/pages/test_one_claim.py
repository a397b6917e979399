"""One claim, one number: what the published pages say of one quantity has one value, one rounding and one sense.

And the headline rule: no gain of the deal over a duty that stays without the one over the duty that China settled on.
Read is the edition in ``reports``, in both languages.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from browsing import said
from browsing.said import Said, Screen

from tradeexposure.core import results_csv
from tradeexposure.policy import scenarios, tariff_schedule
from tradeexposure.publishing import manifest
from tradeexposure.scenarios.brief import inputs as brief
from tradeexposure.scenarios.front_page import left_out
from tradeexposure.scenarios.simulation.messages import INCOME

pytestmark = pytest.mark.long
ROOT = Path(__file__).resolve().parents[3]
REPORTS = ROOT / "reports"
EDITION = REPORTS / "published" / "deal_2026"
FRONT, BRIEF = "80_compare_scenarios", "90_write_brief"
PAGES = sorted([*REPORTS.glob("index*.html"), *EDITION.glob("*.html")])
#: Pages whose every sentence is read; of the others those with numbers that lead to a row.
CLAIMING = [page for page in PAGES if page.name.partition(".")[0] in ("index", FRONT, BRIEF)]
LETTERS = 1_500  # of visible text: about what a screen holds
#: What a sentence with a gain of the deal names, in English and in French.
COUNTERFACTUAL = {
    "en": re.compile(
        r"[Ii]f China had kept|[Hh]ad China (?:kept|settled)|ten points of duty above|[Ww]ith [\d.]+% kept"
    ),
    "fr": re.compile(r"[Ss]i la Chine avait|premiers points de droit au-dessus"),
}
#: Stem of an identifier → what its sentences must say on the pages that claim, and what no page may; by language.
SENSES = {
    "ev.us_tariff_exposure_cad": {
        "en": (r"\bwould\b|a year of US duty|at the trade of", r"\bcharges\b"),
        "fr": (r"\bserai|sur les exportations annuelles|selon le commerce", r"\bprélèvent\b"),
    },
    "canola.trade_effect.2019": {
        "en": (r"cut seed|changed seed|otherwise", r"(?:fell|rose) by [\d.]+% in a year"),
        "fr": (r"laissaient? prévoir|prévus|ont réduit|autrement", r"(?:baissé|augmenté) de [\d,]+ % en un an"),
    },
    "ev.china_built_share.2023": {
        "en": (r"battery-electric", r"electric cars sold"),
        "fr": (r"à batterie", r"voitures électriques vendues"),
    },
}
#: What sentences say of a number without a link to it: identifier, part, English and French.
UNLINKED = (
    ("comparison.ev_quota", "bare", r"quota of (?!20\d\d\b)(\d[\d,]*\d)|[Ll]et in (\d[\d,]*\d) China-built",
     r"contingent de (?!20\d\d\b)([\d ]+)\b"),  # a year is no number of cars
    ("scenario.ev.quota_regime.unfilled", "bare", r"unfilled in ([\d.]+%) of", r"sous-utilisé dans ([\d,]+ %)"),
    ("ev.us_tariff_exposure_cad.vehicles.2026-07-24", "bare", r"car exports, at rates of [^:]*: (C\$[\d.]+ bn)",
     r"exportations annuelles de voitures, aux taux du [^:]*: ([\d,]+ G\$)"),
    ("ev.china_built_share.2023", "plain", r"([\d.]+% \([\d.]+% to [\d.]+%\)) of battery-electric supply",
     r"([\d,]+ % \([\d,]+ % à [\d,]+ %\)) de l’offre"),
    ("ev.demand_semi_elasticity.bev.allowed", "span", r"sales of electric cars by \+?([\d.]+% to \+?[\d.]+%)",
     r"augmente(?:nt)? les ventes(?: de voitures électriques)? de \+?([\d,]+ % à \+?[\d,]+ %)"),
    ("canola.price_effect.2019", "bare", r"estimate is (\N{MINUS SIGN}?[\d.]+%)",
     r"estimation est de (\N{MINUS SIGN}?[\d,]+ %)"),
    ("canola.receipts_at_stake_cad.sk.2024", "bare", r"Saskatchewan: (C\$[\d.]+ bn)", r"Saskatchewan : ([\d,]+ G\$)"),
    ("trade.us_export_share.2025", "bare", r"United States took ([\d.]+%)",
     r"États-Unis ont (?:acheté|reçu) ([\d,]+ %)(?! des (?:exportations d’)?automobiles)"),
)  # fmt: skip
#: How many numbers changed, which no row says.
COUNTED = re.compile("[Ss]ince the edition (?:of|before)|[Dd]epuis l’édition (?:du|précédente)")
#: Written without a row: levels of ranges, the rebate that an effect is of, odds of nothing and all, a lever's end.
FIXED = {"90%", "95%", "100%", "0%", "C$1,000", "100,000"}
#: Goods on the first screen → how the tracker calls them.
GOODS = {"Canola seed": "Canola (rapeseed)", "Canola oil": "Canola oil, refined and other",
         "Canola meal and peas": "Canola meal (oil cake)"}  # fmt: skip


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
    assert [line for screen in screens.values() for line in said.alone(screen, LETTERS, rows)] == []
    gains = [key for page in CLAIMING for _, _, key in screens[page].numbers if key in said.PAIRS]
    assert len(gains) >= 2 * len(CLAIMING), "each of these pages has such gains, else nothing was asked"


@pytest.mark.parametrize("stem", [FRONT, BRIEF])
def test_every_sentence_with_a_gain_of_the_deal_names_its_counterfactual(
    stem: str, screens: dict[Path, Screen]
) -> None:
    gains = (INCOME, "scenario.welfare.canada_cad")
    for language_, ending in (("en", ""), ("fr", ".fr")):
        screen = screens[EDITION / f"{stem}{ending}.html"]
        sentences = {
            gain.sentence for gain in screen.said() if gain.result_id.startswith(gains) and len(gain.sentence) > 60
        }
        assert len(sentences) >= 3
        assert [sentence for sentence in sentences if not COUNTERFACTUAL[language_].search(sentence)] == []


def test_a_page_with_one_counterfactual_alone_is_found() -> None:
    page = f'<main><p>Growers gain <a href="70.html#number-{INCOME}">C$500 m</a>.</p>{{}}</main>'
    second = f'<p>Or <a href="70.html#number-{brief.SETTLED}">C$130 m</a>.</p>'
    far, folded = f"<p>{'word ' * LETTERS}</p>{second}", f"<details>{second}</details>"
    lonely = {text: said.alone(Screen("made", page.format(text)), LETTERS, {}) for text in ("", second, far, folded)}
    assert [bool(lines) for lines in lonely.values()] == [True, False, True, True]
    row = {"result_id": brief.SETTLED, "label": "", "value": 130e6, "low": 1e8, "high": 2e8, "unit": "CAD per year"}
    named = Screen("made", page.format("<p>Or C$130 m.</p>"))
    assert said.alone(named, LETTERS, {brief.SETTLED: row}) == []
    assert said.alone(named, LETTERS, {brief.SETTLED: {**row, "value": 140e6}}) != []


def test_charts_that_show_one_gain_show_the_other(rows: dict[str, dict]) -> None:
    """Drawn or in the title: the account of both sectors draws one, and its title says the other of its sum."""
    own, seconds = rows[INCOME], [rows[brief.SETTLED], rows[brief.CANADA_SETTLED]]
    asked = 0
    for stem in (FRONT, BRIEF, "70_simulate_scenario"):
        for spec in said.charts_of(EDITION / f"{stem}.ipynb"):
            drawn = {row.get("value") for data in spec.get("datasets", {}).values() for row in data}
            title = spec["usermeta"]["title"]
            if own["value"] in drawn or any(form in title for form in said.amounts(own)):
                asked += 1
                sums = {*re.findall(r"C\$[\d.,]*\d(?: bn| m)?", title)}
                second = any(row["value"] in drawn or said.amounts(row) & sums for row in seconds)
                assert second, title
    assert asked >= 3


def test_the_card_shows_both(rows: dict[str, dict]) -> None:
    spec = next(iter(said.charts_of(EDITION / f"{BRIEF}.ipynb")))
    title = spec["usermeta"]["title"]
    assert all(any(form in title for form in said.amounts(rows[key])) for key in (INCOME, brief.SETTLED)), title


def of_pages(screens: dict[Path, Screen]) -> list[Said]:
    """What all pages say with a link to a number, tables left out, and what the notebooks of the front page say."""
    notebooks = [place for stem in (FRONT, BRIEF) for place in said.of_notebook(EDITION / f"{stem}.ipynb")]
    return [*notebooks, *(place for screen in screens.values() for place in screen.said() if not place.in_table)]


def language(page: str) -> str:
    return "fr" if page.endswith(".fr.html") else "en"


def answers(rows: dict[str, dict]) -> list[Said]:
    """Rows of ``docs/answers.md`` and of the README, by label and period."""
    by_label = {(str(row["label"]), str(row["period"] or "")): key for key, row in rows.items()}
    numbers = []
    for page in (ROOT / "docs" / "answers.md", ROOT / "README.md"):
        for line in page.read_text("utf-8").splitlines():
            cells = [html.unescape(cell.strip()) for cell in line.strip("|").split("|")]
            if len(cells) == 4 and (cells[0], cells[3]) in by_label:
                numbers.append(Said(page.name, line, by_label[cells[0], cells[3]], cells[1]))
    return numbers


SEPARATORS, LABEL = re.compile(r" → | of | sur "), ": "  # links of a chart give the label before the value
GAIN = {"result_id": INCOME, "label": "Gain", "value": 499.4e6, "low": 204e6, "high": 1.21e9, "unit": "CAD per year",
        "digits": 3}  # fmt: skip


def unlike(every: Iterable[Said], rows: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Numbers that are written in no way that their row may be written."""
    known = {key: said.readings(rows[key]) for key in {place.result_id for place in every}}
    for place in every:
        parts = {*SEPARATORS.split(said.plain(place.text))}
        if place.text.endswith("."):  # a sentence that leads to the number in it
            parts = {form for form in known[place.result_id] if form in said.plain(place.text)}
        if said.AMOUNT.search(place.text) and LABEL not in place.text and not known[place.result_id].keys() & parts:
            yield f"{place.page}: {place.result_id}: {place.text} in “{place.sentence}”"


def test_every_number_is_written_as_it_was_published(rows: dict[str, dict], screens: dict[Path, Screen]) -> None:
    every = [*of_pages(screens), *answers(rows)]
    assert [*unlike(every, rows)] == [] and len(every) > 500


def conflicts(every: Iterable[Said], rows: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Quantities with two values, ranges or roundings in prose, or in the tables of Markdown, which show all digits.

    Each is named with page and sentence of both.
    """
    known = {key: said.readings(rows[key]) for key in {place.result_id for place in every}}
    first: dict[tuple[str, bool, int], tuple[str, Said]] = {}
    lines = []
    for place in every:
        for read in filter(None, map(known[place.result_id].get, SEPARATORS.split(said.plain(place.text)))):
            for part, value in enumerate(read):
                key = (said.quantity(place.result_id), place.page.endswith(".md"), part)
                was, there = first.setdefault(key, (value, place)) if value else ("", place)
                if value and was != value:
                    lines.append(f"{key[0]}: {was} on {there.page} in “{there.sentence}”; {value} on {place.page} in "
                                f"“{place.sentence}”")  # fmt: skip
    return lines


def test_one_quantity_has_one_value_one_range_and_one_rounding(
    rows: dict[str, dict], screens: dict[Path, Screen]
) -> None:
    """In prose of all pages, both languages, and in the tables of the answers and the README."""
    every = [*of_pages(screens), *answers(rows)]
    assert conflicts(every, rows) == []
    assert {language(place.page) for place in every} == {"en", "fr"} and len(every) > 500


@pytest.mark.parametrize(
    ("text", "page", "key", "conflict"),
    [
        ("C$499 m a year", "90_write_brief.html", "brief.grower_income_change_cad",
         "C$500 m on index.html in “They gain.”; C$499 m on 90_write_brief.html in “Else.”"),
        ("499 M$ par an", "index.fr.html", INCOME, "C$499 m on index.fr.html in “Else.”"),
        ("C$204 m to C$1.21 bn", "index.html", INCOME, "C$204 m to C$1.21 bn on index.html"),
        ("C$200 m to C$1 bn", "index.html", INCOME, "C$200 m to C$1 bn on index.html"),
        ("C$500 m", "index.html", INCOME, ""),
        ("500 M$ (200 M$ à 1,2 G$) par an", "index.fr.html", INCOME, ""),
    ],
)  # fmt: skip
def test_two_values_of_one_quantity_are_found(text: str, page: str, key: str, conflict: str) -> None:
    place = Said("index.html", "They gain.", INCOME, "C$500 m (C$200 m to C$1.2 bn) a year")
    every = [place, Said(page, "Else.", key, text)]
    lines = conflicts(every, {INCOME: GAIN, "brief.grower_income_change_cad": GAIN})
    assert len(lines) == bool(conflict) and all(conflict in line for line in lines)


def misread(screen: Screen, rows: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Identifier of each unlinked number that a page says in known words, and what is wrong; empty where nothing is."""
    fr, sentences = language(screen.page) == "fr", [*screen.sentences()]
    for key, part, *patterns in UNLINKED:
        figure = said.number({**rows[key], "digits": min(2, int(rows[key]["digits"] or 2))})
        right = said.in_both(getattr(form, part) for form in (figure, figure.size))
        for sentence in sentences:
            for match in re.finditer(patterns[fr], sentence):
                read = said.plain(next(filter(None, match.groups())))
                yield key, "" if read in right else f"{screen.page}: {key}: {read} in “{sentence}”, {sorted(right)}"


def test_numbers_without_a_link_are_those_of_their_rows(rows: dict[str, dict], screens: dict[Path, Screen]) -> None:
    read = {page: [*misread(screens[page], rows)] for page in PAGES}
    assert [wrong for unlinked in read.values() for _, wrong in unlinked if wrong] == []
    for name in ("index.html", "index.fr.html"):
        assert {key for key, _ in read[REPORTS / name]} == {key for key, *_ in UNLINKED}, "each is on the front page"


def strangers(screen: Screen, written: set[str]) -> list[str]:
    """Amounts in sentences and titles of a page that no number is written with."""
    links = {said.plain(screen.text[begun:end]) for begun, end, _ in screen.numbers}
    return [
        f"{screen.page}: {amount} in “{sentence}”"
        for sentence in screen.sentences()
        if not COUNTED.search(sentence)
        for amount in said.AMOUNT.findall(sentence)
        if said.plain(amount) not in written and not any(said.plain(amount) in link for link in links)
    ]


def written_anywhere(rows: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Amounts of all rows at two digits (duties at all), of the tracker, and of the facts of law."""
    texts = [form for row in rows.values() for form in said.forms({**row, "digits": min(2, int(row["digits"] or 2))})]
    texts += [form for row in rows.values() if row["unit"] == "rate" for form in said.forms(row)]
    texts.append(re.sub(r"<[^>]*>", " ", (REPORTS / "measures.html").read_text("utf-8")))
    quantities = [quantity.value for measure in tariff_schedule.all_measures() for quantity in measure.quantities]
    texts += [
        form for value in quantities for form in (f"{value:,.0f}", f"C${value:,.0f}", f"{value:.1%}", f"{value:.0%}")
    ]
    texts += left_out.published_of_other_duties().values()
    amounts = {amount for text in texts for amount in said.AMOUNT.findall(text)}
    return said.in_both({*amounts, *FIXED})


def test_every_amount_in_a_sentence_was_published(rows: dict[str, dict], screens: dict[Path, Screen]) -> None:
    """A rounding of its own, or a number typed by hand, is an amount that no row of two digits has."""
    written = written_anywhere(rows)
    assert [line for page in CLAIMING for line in strangers(screens[page], written)] == [] and len(CLAIMING) == 6


def test_an_amount_that_nobody_published_is_found() -> None:
    page = "<main><h2>They gain C$499 m</h2><p>It is 29.0% (17% to 32%), 2,910.</p><table><td>C$1</td></table></main>"
    written = {"C$500 m", "29%", "17%", "32%", "2,900"}
    assert [line.partition(" in ")[0] for line in strangers(Screen("x", page), written)] == [
        "x: C$499 m", "x: 29.0%", "x: 2,910",
    ]  # fmt: skip
    french = "<main><p>Soit 499 M$ pour 2 910 voitures, ou 500 M$.</p></main>"
    strange = [line.partition(" in ")[0] for line in strangers(Screen("x", french), said.in_both(written))]
    assert strange == ["x: 499 M$", "x: 2 910"]


def senseless(every: Iterable[Said]) -> Iterator[tuple[str, str]]:
    """Language of each sentence whose number has a sense of its own, and what is wrong; empty where nothing is."""
    for place in every:
        for stem, senses in SENSES.items():
            if place.result_id.startswith(stem) and len(place.sentence) > 40:
                must, never = senses[language(place.page)]
                claims = any(name in place.page for name in ("index", FRONT, BRIEF))
                wrong = re.search(never, place.sentence) or (claims and not re.search(must, place.sentence))
                yield language(place.page), f"{place.page}: {place.result_id} in “{place.sentence}”" if wrong else ""


def test_one_quantity_has_one_sense(screens: dict[Path, Screen]) -> None:
    read = [*senseless(of_pages(screens))]
    assert [wrong for _, wrong in read if wrong] == []
    assert all(sum(language_ == each for language_, _ in read) >= 2 for each in ("en", "fr"))


@pytest.mark.parametrize("page", [REPORTS / "index.html", REPORTS / "index.fr.html"], ids=["en", "fr"])
def test_a_preset_is_not_named_as_a_scenario(page: Path) -> None:
    """Else it would have to give what that scenario gives; the deal does (`test_the_published_preset_of_the_deal…`)."""
    script = re.search(
        r'<script type="application/json" id="explorer-data">(.*?)</script>', page.read_text("utf-8"), re.S
    )
    assert script
    data = json.loads(script[1])
    titles = [scenarios.load(name).title.casefold() for name in scenarios.SHIPPED]
    assert data["presets"]
    for preset in data["presets"]:
        label = preset["label"].casefold()
        assert not any(label in title or title in label for title in titles), preset["label"]


@pytest.mark.parametrize("ending", ["html", "fr.html"])
def test_the_tracker_and_the_front_page_name_the_same_duties(ending: str, rows: dict[str, dict]) -> None:
    text = " ".join(re.sub(r"<[^>]*>", " ", (REPORTS / f"measures.{ending}").read_text("utf-8")).split())
    for key in ("comparison.china_seed_duty.after", "comparison.ev_duty"):
        assert said.in_both(said.forms(rows[key])) & {said.plain(amount) for amount in said.AMOUNT.findall(text)}, key
    if ending == "html":
        front = Screen("index.html", (REPORTS / "index.html").read_text("utf-8")).text
        for goods, named in GOODS.items():
            first = re.search(rf"{goods} into China\s.*?\s([\d.]+%)\s*\n", front, re.S)
            assert first and re.search(rf"{re.escape(named)} {re.escape(first[1])} ", text), goods
