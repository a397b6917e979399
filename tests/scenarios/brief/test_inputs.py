"""The brief in words, tables and charts: true whether a scenario brings a gain, a loss, nothing, or no car part."""

from __future__ import annotations

import re

import pytest
from samplebrief import CARS, CASES, Against, frame, made

from tradeexposure.reporting.numbers import Number, Numbers
from tradeexposure.scenarios.brief import figures, inputs, tables
from tradeexposure.scenarios.brief import sentences as brief_sentences


def test_direction_needs_a_range_on_one_side() -> None:
    def one(value: float, low: float, high: float) -> str:
        return Number("a.b", "", value, low, high, 0.9, "vehicles per year").direction

    assert (one(5, 1, 9), one(-5, -9, -1), one(1, -1, 9), one(0, 0, 0)) == ("rise", "fall", "open", "none")
    assert (one(3, 0, 9), one(-3, -9, 0), one(0, 0, 9)) == ("rise", "fall", "open")


def test_sizes_of_falls_are_positive_and_ordered() -> None:
    found = Number("a.b", "", -0.04, -0.11, -0.002, 0.9, "change", digits=2).size
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
    ("case", "said", "unsaid"),
    [
        (
            "deal",
            "worth C$640 m (C$30 m to C$1.8 bn) a year to canola growers",
            "lose",
        ),
        ("loss", "canola growers lose C$640 m (C$30 m to C$1.8 bn) a year", "worth"),
        ("open", "no change in canola growers' income can be told from zero", "worth"),
        ("us", "no change for canola growers", "worth"),
        ("nothing", "none in the electric-vehicle sector", "worth"),
        ("no cars", "canola growers lose", "registrations"),
    ],
)
def test_lead_states_direction_and_range(case: str, said: str, unsaid: str) -> None:
    found = brief_sentences.lead(made(case))
    assert said in found and unsaid not in found
    assert found.count(". ") == 0 and found.endswith(".")


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("part", ["growers", "vehicles", "trade_off", "lead"])
def test_sentences_are_whole(case: str, part: str) -> None:
    found = getattr(brief_sentences, part)(made(case))
    sentences = re.split(r"(?<=\.) (?=[A-Z])", found)
    assert len(sentences) <= {"growers": 2, "vehicles": 2, "trade_off": 3}.get(part, 1)
    assert all(one[0].isupper() and one.endswith(".") for one in sentences)
    for fault in ("  ", ",,", "..", " ,", "a year a year", "None", "nan", "()", "; ."):
        assert fault not in found


@pytest.mark.parametrize(
    ("case", "why"),
    [("deal", "gain in every draw, because in the model a lower duty raises"),
     ("loss", "lose in every draw, because in the model a higher duty lowers"), ("open", "the sign is open")],
)  # fmt: skip
def test_why_the_sign_is_sure(case: str, why: str) -> None:
    told = brief_sentences.growers(made(case))
    assert why in told.lower() and "almost certain" not in told


def test_cars_under_a_shutting_duty_are_said_to_be_kept_out() -> None:
    assert "none is let in under a duty of 100% or more" in brief_sentences.vehicles(made("deal"))


def test_no_car_part_is_said() -> None:
    assert "no electric-vehicle part" in brief_sentences.vehicles(made("no cars"))


def test_the_account_is_told_by_its_largest_line_or_the_only_side() -> None:
    told = brief_sentences.trade_off(made("deal"))
    assert told.startswith("Over both sectors Canada gains C$700 m") and "of the sum): canola growers" in told
    assert "crushers, whose owners are not held" in told and "buyers of cars" not in told
    assert brief_sentences.trade_off(made("us")).startswith("Only one side moves: vehicle exports")
    assert "neither side moves" in brief_sentences.trade_off(made("nothing"))


def test_across_marks_its_own_row_and_what_others_lack() -> None:
    found = tables.across(made("deal")).set_index("here")
    assert found.loc[False, "cars"] == tables.NO_PART
    assert found.loc[True, "growers"] == "C$640 m (C$30 m to C$1.8 bn)"


def test_moved_lists_the_largest_three() -> None:
    found = tables.moved(made("deal"))
    assert list(found["share"]) == ["60%", "20%", "10%"]
    assert found.loc[0, "at_high"] == "C$250 m a year"
    assert tables.moved(made("nothing")).empty


def test_published_rows_have_an_identifier_each() -> None:
    found = inputs.published(made("deal"))
    assert found["result_id"].is_unique
    stem = "brief.grower_income_change_cad"
    assert {stem, f"{stem}.status_quo_2025"} <= set(found["result_id"])


@pytest.mark.parametrize("case", CASES)
def test_charts_or_a_sentence(case: str) -> None:
    one, other = figures.growers(made(case)), figures.registrations(made(case))
    assert isinstance(one, str) == (case in ("us", "nothing"))
    assert isinstance(other, str) == (case not in ("deal", "loss"))


def test_changes_that_may_be_nothing_are_said_to_be_so_once() -> None:
    rows = CASES["nothing"] | {inputs.DISPLACED: (0.0, -900.0, 5e3, CARS), inputs.CARS_CHANGE: (0.0, -5e3, 900.0, CARS)}
    found = Against(made("nothing").scenario, Numbers(frame(rows)), {}, {})
    assert brief_sentences.trade_off(found) == "No change on either side can be told from zero."
    assert "cars see a change of 0 (−5,000 to 900)" in brief_sentences.vehicles(found)


def test_chart_marks_the_quota() -> None:
    found = figures.registrations(made("deal"))
    assert isinstance(found, figures.Drawn) and "quota" in found.title
    assert figures.quota_mark(made("deal")) == "quota filled"
    assert figures.quota_mark(made("no cars")) == "no quota"
    assert found.chart.to_dict()
