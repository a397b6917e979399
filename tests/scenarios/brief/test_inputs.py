"""The brief in words, tables and charts: true whether a scenario brings a gain, a loss, nothing, or no car part."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest
from samplebrief import CARS, CASES, Against, Row, frame, made
from wordedrows import worded

from tradeexposure.publishing import plain_words
from tradeexposure.reporting import charts
from tradeexposure.reporting.numbers import Number, Numbers
from tradeexposure.scenarios.brief import figures, inputs, tables
from tradeexposure.scenarios.brief import sentences as brief_sentences
from tradeexposure.scenarios.simulation import messages


def like(case: str, rows: dict[str, Row]) -> inputs.Brief:
    """A brief of `rows` that is compared as the case is."""
    held = made(case)
    return Against(held.scenario, Numbers(frame(rows)), held.across, held.scenarios)


def test_direction_needs_a_range_on_one_side() -> None:
    def one(value: float, low: float, high: float) -> str:
        return Number("a.b", value, low, high, 0.9, "vehicles per year").direction

    assert (one(5, 1, 9), one(-5, -9, -1), one(1, -1, 9), one(0, 0, 0)) == ("rise", "fall", "undetermined", "none")
    assert (one(3, 0, 9), one(-3, -9, 0), one(0, 0, 9)) == ("rise", "fall", "undetermined")


def test_sizes_of_falls_are_positive_and_ordered() -> None:
    found = Number("a.b", -0.04, -0.11, -0.002, 0.9, "change", digits=2).size
    assert found.full == "4.0% (0.20% to 11%)"


def test_words_follow_the_probability() -> None:
    words = [brief_sentences.likelihood(one) for one in (1.0, 0.95, 0.66, 0.5, 0.1, 0.0)]
    assert words == ["almost certain", "almost certain", "likely", "about as likely as not", "unlikely",
                     "almost excluded"]  # fmt: skip
    with pytest.raises(ValueError, match="no probability"):
        brief_sentences.likelihood(1.2)
    assert [least for least, _ in brief_sentences.SCALE] == sorted(
        (one for one, _ in brief_sentences.SCALE), reverse=True
    )


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("deal", "Canola growers would gain C$640 m (C$30 m to C$1.8 bn) a year."),
        ("loss", "Canola growers would lose C$640 m (C$30 m to C$1.8 bn) a year."),
        ("undetermined", "Whether canola growers would gain or lose is unclear: C$640 m (−C$30 m to C$1.8 bn) a year."),
        ("us", "Vehicle sales to the United States would fall by C$9.0 bn (C$4.0 bn to C$14 bn) a year."),
        ("nothing", "Registrations of China-built electric cars would stay at about 39,000 a year."),
        ("no cars", "Canola growers would lose C$640 m (C$30 m to C$1.8 bn) a year."),
    ],
)
def test_the_lead_is_what_moves_most(case: str, said: str) -> None:
    assert brief_sentences.lead(made(case)) == said


@pytest.mark.parametrize("case", CASES)
def test_sentences_are_whole_and_hold_three_numbers(case: str) -> None:
    for part, found in brief_sentences.answer(made(case)).items():
        assert found, part
        for one in plain_words.sentences_of(found):
            assert one[0].isupper() and one.endswith(".") and plain_words.numbers(one) <= plain_words.SENTENCE_NUMBERS
        for fault in ("  ", ",,", "..", " ,", "a year a year", "None", "nan", "()", "{"):
            assert fault not in found


@pytest.mark.parametrize("case", CASES)
def test_the_lead_is_said_once(case: str) -> None:
    told = brief_sentences.answer(made(case))
    assert all(told["lead"] not in told[part] for part in ("growers", "vehicles", "together"))


NO_SEED: dict[str, Row] = {brief_sentences.SEED: (0.00016, 3.7e-17, 330.0, "kilotonnes per year")}
#: Part of the answer, case, numbers that are others, and what is said.
SAID = [
    ("growers", "deal", {}, "gain in every simulation, because in the model a lower duty raises"),
    ("growers", "loss", {}, "lose in every simulation, because in the model a higher duty lowers"),
    ("growers", "deal", {}, "lower duty on seed alone brings them C$450 m"),
    ("growers", "loss", {}, "duty on seed alone costs them C$450 m"),
    ("growers", "loss", NO_SEED, "China buys almost no seed."),
    ("vehicles", "deal", {}, "At a duty of 100% or more none enters in the model"),
    ("vehicles", "deal", {messages.CARS: (30e3, 9e3, 46e3, CARS)},
     "Registrations of China-built electric cars would rise from almost none to 30,000"),
    ("vehicles", "loss", {messages.CARS: (0.0, 0.0, 0.0, CARS)},
     "Registrations of China-built electric cars would fall by 30,000 (9,000 to 46,000) a year, to almo"),
    ("vehicles", "no cars", {}, "no part on electric cars"),
]  # fmt: skip


@pytest.mark.parametrize(("part", "case", "rows", "said"), SAID, ids=lambda one: one if isinstance(one, str) else "")
def test_each_part_follows_its_numbers(part: str, case: str, rows: dict[str, Row], said: str) -> None:
    text = getattr(brief_sentences, part)(like(case, CASES[case] | rows) if rows else made(case))
    assert said in text and "almost certain" not in text


def test_an_open_sign_has_no_reason() -> None:
    assert "in every simulation" not in brief_sentences.growers(made("undetermined"))


def test_the_account_names_who_gains_and_loses_most() -> None:
    told = brief_sentences.together(made("deal"))
    assert told == (
        "Over both sectors Canada would gain C$700 m (C$33 m to C$2.0 bn) a year. "
        "Gains are largest for canola growers, then for elevators and railways."
    )
    told = brief_sentences.pays(made("loss"))
    assert told.startswith("Losses are largest for canola growers: C$640 m (C$30 m to C$1.8 bn) a year. Then come ")
    assert told.endswith(brief_sentences.NOT_MODELLED)
    assert "nobody gains or loses" in brief_sentences.together(made("nothing"))


def test_across_marks_its_own_row_and_has_a_range_beside_each_value() -> None:
    found = tables.across(made("deal")).set_index("here")
    assert found.loc[True, "growers"] == "C$640 m" and found.loc[True, "growers_range"] == "C$30 m to C$1.8 bn"
    assert found["against"].str.startswith("Measured against: ").all()


def test_exports_are_told_of_the_scenarios_that_move_them() -> None:
    assert tables.exports_across(made("deal")) == ""
    held = made("deal")
    row = Numbers(frame(CASES["us"]))[messages.VEHICLES]
    moving = dataclasses.replace(held, across={"deal_2026": {**held.across["deal_2026"], "vehicles": row}})
    told = tables.exports_across(moving)
    assert told.endswith("The deal of January 2026 in force, −C$9.0 bn (−C$14 bn to −C$4.0 bn) a year.")


def test_moved_lists_the_largest_three() -> None:
    found = tables.moved(made("deal"))
    assert list(found["share"]) == ["60%", "20%", "10%"]
    assert found.loc[0, "at_high"] == "C$250 m a year"
    assert tables.moved(made("nothing")).empty


def test_other_evidence_stands_beside_the_answer() -> None:
    found = tables.choices(made("deal"))
    assert list(found["value"]) == ["C$640 m", "C$580 m", "C$900 m"]
    assert tables.choices(made("nothing")).empty


def test_published_rows_have_an_identifier_each() -> None:
    found = inputs.published(made("deal"))
    assert found["result_id"].is_unique
    stem = "brief.grower_income_change_cad"
    own = {f"brief.{name}" for name in ("canada_cad", "farm_price_change", "grower_income_change_per_farm")}
    assert {stem, f"{stem}.status_quo_2025", *own} <= set(found["result_id"])


@pytest.mark.parametrize("case", CASES)
def test_charts_or_a_sentence(case: str) -> None:
    one, other, account = (draw(made(case)) for draw in (figures.growers, figures.registrations, figures.account))
    assert isinstance(one, str) == isinstance(account, str) == (case in ("us", "nothing"))
    assert isinstance(other, str) == (case not in ("deal", "loss"))
    assert all(drawn.title and drawn.alt for drawn in (one, other, account) if isinstance(drawn, charts.Drawn))


def test_changes_that_may_be_nothing_are_said_to_be_so() -> None:
    rows = CASES["nothing"] | {
        messages.DISPLACED: (0.0, -900.0, 5e3, CARS),
        messages.CARS_CHANGE: (0.0, -5e3, 900.0, CARS),
    }
    found = like("nothing", rows)
    assert (
        "In most simulations registrations of China-built electric cars stay at about 39,000"
        in brief_sentences.lead(found)
    )
    assert "Other cars" not in brief_sentences.vehicles(found)
    drawn = figures.registrations(found)
    assert isinstance(drawn, charts.Drawn) and drawn.title.startswith("In most simulations as many")


def test_chart_marks_the_quota() -> None:
    found = figures.registrations(made("deal"))
    assert isinstance(found, charts.Drawn) and found.title.startswith("More China-built")
    assert figures.quota_mark(made("deal")) == "quota filled"
    assert figures.quota_mark(made("no cars")) == "no quota"
    assert found.chart.to_dict()


def test_one_quantity_over_two_counterfactuals_has_two_labels() -> None:
    gain = Number("income", 7e8, 3e8, 1e9, 0.9, "CAD per year")
    stem = inputs.PUBLISHED["growers"]
    rows = [inputs.row_of(key, gain, title="The deal") for key in (stem, f"{stem}.{inputs.SECOND}")]
    first, second = worded("90_write_brief", pd.DataFrame(rows))["label"]
    assert first == "Change of growers' income a year: The deal"
    assert second.startswith(
        "Change of growers' income a year, against no deal, China settling on its final duty: The deal"
    )
