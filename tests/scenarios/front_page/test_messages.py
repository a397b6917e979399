"""What the front page says follows the sign of its numbers, is short, and stands on what was published."""

from __future__ import annotations

import fnmatch
import re
from dataclasses import replace
from typing import Any

import pytest
from wordedrows import worded

from tradeexposure import data
from tradeexposure.core import units
from tradeexposure.core.published_rows import places_of
from tradeexposure.core.text import SENTENCE_END
from tradeexposure.reporting import charts, claims
from tradeexposure.reporting.claims import false_claims
from tradeexposure.reporting.numbers import Numbers
from tradeexposure.reporting.results_book import Book
from tradeexposure.scenarios.brief import inputs as brief
from tradeexposure.scenarios.brief import sentences
from tradeexposure.scenarios.comparison import figures, inputs, tables
from tradeexposure.scenarios.comparison.inputs import Compared
from tradeexposure.scenarios.front_page import messages, reader_links
from tradeexposure.scenarios.simulation.messages import ACCOUNT, INCOME
from tradeexposure.vehicles.market import base_year

AGREED = "2026"  # a year in the story


def with_growers(comparison: Compared, value: float, low: float, high: float) -> Compared:
    """Another change of growers' income under the deal."""
    income = replace(comparison.quoted[INCOME], value=value, low=low, high=high)
    return replace(comparison, quoted=Numbers({**comparison.quoted, INCOME: income}))


@pytest.mark.parametrize(
    ("numbers", "says"),
    [
        ((5e8, 2e8, 1.2e9), "would bring canola growers C$500 m (C$200 m to C$1.2 bn) a year"),
        ((-5e8, -1.2e9, -2e8), "would cost canola growers C$500 m (C$200 m to C$1.2 bn) a year"),
        (
            (1e8, -2e8, 4e8),
            "unclear whether canola growers gain or lose by the deal: C$100 m (−C$200 m to C$400 m) a year",
        ),
        ((0.0, 0.0, 0.0), "would change nothing for canola growers"),
    ],
)
def test_the_claim_follows_the_sign(comparison: Compared, numbers: tuple[float, float, float], says: str) -> None:
    claim = messages.claim(with_growers(comparison, *numbers))
    assert says in claim and claim.startswith("If China had kept 84.8% on seed, ")
    assert sentences.word_count(claim) <= messages.CLAIM_WORDS


def all_texts(comparison: Compared) -> dict[str, str]:
    """Everything that the module says of the comparison."""
    parts = (messages.answer, messages.unknown, messages.objections, messages.published)
    return {name: text for part in parts for name, text in part(comparison).items()}


def test_the_committed_words_hold(comparison: Compared) -> None:
    texts = all_texts(comparison)
    assert false_claims([*messages.claims_of_answer(comparison, texts), *messages.claims_of_unknown(comparison)]) == []
    assert messages.strange(comparison, texts.values()) == []
    assert set(texts["story"]) - set("{}") == set(texts["story"]), "no place was left without its number"


def test_every_number_said_leads_to_its_row_and_is_written_as_before(
    book: Book, comparison: Compared, shown: list[dict[str, Any]]
) -> None:
    plain = all_texts(comparison)
    book.add_frame(inputs.published(comparison))
    for text in all_texts(comparison.named()).values():
        book.say(text)
    texts = ["".join(output["data"]["text/plain"]) for output in shown]
    assert texts == list(plain.values())
    places = [places_of(output) for output in shown]
    own = {place.result_id for group in places for place in group if not place.notebook}
    assert {f"{inputs.HEADLINES[part]}.{inputs.DEAL}" for part in ("growers", "canada")} <= own
    assert own <= {*book.frame()["result_id"]}
    linked = [text[place.start : place.end] for text, group in zip(texts[:2], places, strict=False) for place in group]
    figures_said = [figure for text in texts[:2] for figure in claims.numbers_in(text) if figure != AGREED]
    assert figures_said == [figure for text in linked for figure in claims.numbers_in(text)]


def test_the_chart_of_growers_draws_the_rows_that_it_names(comparison: Compared, shown: list[dict[str, Any]]) -> None:
    figures.show_growers(comparison)
    spec = shown[0]["data"][charts.MIME]
    (name,) = spec["usermeta"]["results"]
    rows = inputs.published(comparison)
    named = rows[rows["result_id"].isin(fnmatch.filter(rows["result_id"], name))]
    drawn = {row["value"] for data in spec["datasets"].values() for row in data if row.get("low") is not None}
    assert len(named) == len(comparison.across) + 1 and set(named["value"]) == drawn


def test_a_quota_that_brings_more_cars_is_no_longer_about_as_many(comparison: Compared) -> None:
    cars = replace(comparison.across[inputs.NEXT_QUOTA]["cars"], value=5e3, low=1e3, high=9e3)
    more = {**comparison.across, inputs.NEXT_QUOTA: {**comparison.across[inputs.NEXT_QUOTA], "cars": cars}}
    wrong = false_claims(messages.claims_of_answer(replace(comparison, across=more), messages.answer(comparison)))
    assert [claim.sentence for claim in wrong] == ["with the quota of 2030 there are about as many China-built cars"]


def test_the_gain_on_meal_rests_on_a_recovery_until_one_is_seen_and_on_the_suspension(
    comparison: Compared, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulated, seen = (comparison.quoted[key] for key in (inputs.MEAL_SIMULATED, inputs.MEAL_SEEN))
    caveat = f"not seen yet (March to April 2026: {seen.bare}; model {simulated.bare}); {messages.LAPSES}"
    assert caveat in messages.story(comparison)
    risen = Numbers({**comparison.quoted, inputs.MEAL_SEEN: replace(seen, value=simulated.value)})
    assert messages.which(risen) == f"{messages.WHICH[:-1]}; {messages.LAPSES}"
    monkeypatch.setattr(messages.today, "ending", lambda day: [])
    assert messages.which(risen) == messages.WHICH


def test_a_figure_that_nobody_published_is_found(comparison: Compared) -> None:
    texts = {**messages.answer(comparison), "story": "Growers gain C$123 m a year."}
    assert messages.strange(comparison, texts.values()) == ["123"]


def test_a_long_claim_and_a_long_story_are_no_longer_true(comparison: Compared) -> None:
    long = {"claim": "word " * (messages.CLAIM_WORDS + 1), "story": "word " * (messages.STORY_WORDS + 1)}
    assert len(false_claims(messages.claims_of_answer(comparison, long))) == 2


def test_a_duty_that_rises_and_a_narrow_spread_are_no_longer_true(comparison: Compared) -> None:
    name, share = messages.decisive(comparison)
    changed = {
        inputs.SEED_AFTER: replace(comparison.quoted[inputs.SEED_AFTER], value=0.99),
        f"{inputs.RANKING}.{name}": replace(share, value=0.4),
    }
    moved = replace(comparison, quoted=Numbers({**comparison.quoted, **changed}))
    stated = [*messages.claims_of_answer(moved, messages.answer(comparison)), *messages.claims_of_unknown(moved)]
    untrue = {claim.sentence for claim in false_claims(stated)}
    assert {"China agreed to cut its duty on seed", "the range is wide because of one assumption"} <= untrue


def test_what_the_deal_is_worth_stands_side_by_side_with_who_pays(comparison: Compared) -> None:
    head, _, *rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in messages.worth(comparison).split("\n")
    ]
    assert head == ["A year", "If China had kept 84.8% on seed", "Had China settled on 14.9% anyway"]
    titles = [title for title, *_ in rows]
    assert titles[0].startswith("Canada") and titles[1] == "Canola growers" and titles[-2] == "Farm price of canola"
    places = ("Saskatchewan", "Alberta", "Manitoba", "Ontario", "Quebec")
    assert titles[2:7] == [f"Growers in {place}" for place in places]
    kept, settled = comparison.deal["canada"], comparison.beside["canada"]
    assert rows[0][1:] == [f"{kept.bare} ({kept.span})", f"{settled.bare} ({settled.span})"]
    users, surtax, _, assembly = rows[-4:]
    losses = [comparison.quoted[f"scenario.{key}"] for key in ("welfare.users", "welfare.surtax_lost")]
    assert [users[1], surtax[1]] == [f"{loss.bare} ({loss.span})" for loss in losses]
    assert all(row[0].startswith("Who pays") and row[1].startswith("−") for row in (users, surtax))
    assert users[1] != users[2] and surtax[1] == surtax[2] and assembly[1] == assembly[2]  # cars are the same


def test_every_line_of_canadas_sum_stands_beside_it_or_is_named_below(comparison: Compared) -> None:
    """Growers' rows by province apart, parts are those of the account; the page says why medians do not add up."""
    parts = {key.removeprefix("scenario.welfare.") for key in messages.MOVES.values() if "welfare" in key}
    assert {*parts, "growers", messages.RENT.rpartition(".")[2]} == {*ACCOUNT}
    basis = messages.basis(comparison)
    assert "do not add up exactly" in basis and comparison.quoted[messages.RENT].plain in basis


def test_each_objection_has_its_reply_and_published_figures_stand_beside_ours(comparison: Compared) -> None:
    objections = messages.objections(comparison)["objections"].split("\n\n")
    assert len(objections) == 4
    assert all(entry.startswith("**“") and "”** " in entry and entry.endswith(".") for entry in objections)
    published = messages.published(comparison)["published"]
    for key in (inputs.COMPARED_COST, inputs.COST, inputs.STUDIED_CARS):
        assert all(part in published for part in (comparison.quoted[key].bare, comparison.quoted[key].span))
    assert comparison.quoted[inputs.LEFTFIELD].span in published and comparison.quoted[inputs.SAWYER].bare in published
    assert [published.count(f"]({reader_links.page(name)}") for name in ("price", "weights", "models")] == [1, 1, 1]


def test_the_story_is_short_says_which_to_quote_and_no_sentence_holds_many_numbers(comparison: Compared) -> None:
    parts = SENTENCE_END.split(f"{messages.claim(comparison)} {messages.story(comparison)}")
    assert messages.which(comparison.quoted) in parts and len(parts) <= 5
    ranged = re.compile(r"(\S+ \S+) \([^)]*\)")
    assert [part for part in parts if len(claims.numbers_in(ranged.sub(r"\1", part))) > 3] == []


def test_five_numbers_lead_to_where_they_are_made(comparison: Compared) -> None:
    shown = messages.five(comparison)
    assert len(shown) == 5
    assert shown[1].value == "84.8% → 14.9%"
    assert all(figure.address.partition("#number-")[2] in {*comparison.quoted} for figure in shown)
    cars = comparison.quoted[brief.CARS]
    assert (
        shown[3].value == cars.span
        and f"quota of 49,000 once all makers are there; median {cars.bare}" in shown[3].words
    )
    assert messages.regime(comparison)[1].text in shown[3].words


def test_numbers_of_cars_are_dated_by_the_figures_taken_and_not_by_the_tables_ends(comparison: Compared) -> None:
    """Their tables go on to June and May 2026; the duty is made of 2024 alone, by hand, the market of cars of 2023."""
    shown = messages.five(comparison)
    assert [figure.newest for figure in shown[3:]] == [("2026-02", "February 2026"), ("2024-12", "2024")]
    lines = data.load("us_imports_from_canada_2024")
    cars = lines[lines["hts10"].str.startswith("8703")]
    dollar = data.load("exchange_rate_monthly").query("month.dt.year == 2024")["cad_per_usd"].mean()
    value, claimed = cars["value_usd"].sum(), (cars["value_usd"] * cars["cusma_share_2024"]).sum()
    by_hand = dollar * (0.25 * 0.5 * claimed + (0.25 + 0.025) * (value - claimed))
    assert by_hand == pytest.approx(comparison.quoted[inputs.US_DUTY].value, rel=1e-3)
    prices = data.load("ev_prices").set_index("item")["period"]
    assert {*prices[list(base_year.RIVALS)]} == {base_year.RIVALS_ON} and base_year.YEAR == 2023


def test_questions_are_answered_in_a_line_by_published_numbers(comparison: Compared) -> None:
    asked = reader_links.questions(comparison)
    assert len(asked) == 8 and all(row.words.endswith("?") for row in asked)
    written = [form for number in comparison.quoted.values() for form in (number.full, number.size.full, number.period)]
    assert claims.unpublished([row.note for row in asked], [*written, "1,000"]) == []
    assert all(0 < sentences.word_count(row.note) <= 25 for row in asked)
    assert [row.note for row in asked if "duty" in row.note.lower() and "at rates of 24\xa0July\xa02026" in row.note]


def test_five_readers_have_three_links_each() -> None:
    assert [len(links) for _, links in reader_links.readers()] == [3] * 5


def test_duties_are_written_as_the_law_writes_them() -> None:
    rows = worded("80_compare_scenarios", inputs.duties())
    shown = {key: units.write(row["value"], row["unit"], int(row["digits"])) for key, row in rows.iterrows()}
    assert shown[inputs.SEED_BEFORE] == "84.8%" and shown[inputs.SEED_AFTER] == "14.9%"
    assert (
        shown[inputs.CARS_DUTY] == "6.1%" and shown[inputs.THREAT_DUTY] == "50%" and shown[inputs.OIL_AFTER] == "109%"
    )


def test_farms_are_the_largest_provinces(comparison: Compared) -> None:
    farms = tables.farms(comparison)
    assert farms["place"].tolist() == ["Saskatchewan", "Alberta", "Manitoba"]
    assert list(farms) == list(tables.FARMS)  # three columns, what a phone is wide enough for
    assert farms["stays"].str.fullmatch(r"C\$[\d,]+ \(C\$[\d,]+ to C\$[\d,]+\)").all()
