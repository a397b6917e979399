"""The brief in words, tables and charts: true whether a scenario brings a gain, a loss, nothing, or no car part."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from tradeexposure import brief, brief_figures, brief_sentences, brief_tables, brief_words, scenario
from tradeexposure.brief_numbers import Number, Numbers, apart, overlap

Row = tuple[float, float | None, float | None, str]
INCOME = brief.INCOME


def frame(rows: dict[str, Row]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"result_id": key, "label": key, "value": value, "low": low, "high": high, "unit": unit, "digits": 2,
             "level": None if low is None else 0.9, "period": "a year", "tables": ""}
            for key, (value, low, high, unit) in rows.items()
        ]
    )  # fmt: skip


def canola(sign: float, *, low: float = 30e6) -> dict[str, Row]:
    """Growers' numbers: a gain (1), a loss (−1) or nothing (0)."""
    ends = sorted((sign * low, sign * 1.8e9))
    rows: dict[str, Row] = {INCOME: (sign * 640e6, *ends, "CAD per year")}
    rows |= {f"{INCOME}.{place}": (sign * part * 640e6, part * ends[0], part * ends[1], "CAD per year")
             for place, part in (("ab", 0.3), ("sk", 0.55), ("mb", 0.15))}  # fmt: skip
    rows[f"{INCOME}.per_farm"] = (sign * 20e3, *sorted((sign * 900, sign * 50e3)), "CAD per farm")
    both = sorted((sign * 0.9e9, sign * 2.1e9)), sorted((sign * 30e6, sign * 500e6))
    for place, part in (("ab", 0.3), ("sk", 0.55), ("mb", 0.15)):
        for name, middle, (least, most) in (("armington", 1.4e9, both[0]), ("homogeneous", 250e6, both[1])):
            ranged = (sign * part * middle, part * least, part * most)
            rows[f"{INCOME}.{place}.{name}"] = (*ranged, "CAD per year")
    rows[f"{INCOME}.armington"] = (sign * 1.4e9, *both[0], "CAD per year")
    rows[f"{INCOME}.homogeneous"] = (sign * 250e6, *both[1], "CAD per year")
    rows["scenario.canola.producer_price_change"] = (sign * 0.04, *sorted((sign * 0.002, sign * 0.11)), "change")
    rows["scenario.canola.china_volume_kt.armington"] = (4300.0, 3900.0, 4600.0, "kilotonnes per year")
    rows["scenario.canola.china_volume_kt.homogeneous"] = (0.0, 0.0, 4200.0, "kilotonnes per year")
    rows["scenario.sensitivity.grower_income.closure"] = (0.6, None, None, "share")
    rows["scenario.sensitivity.grower_income.closure.at_low"] = (1.4e9, None, None, "CAD per year")
    rows["scenario.sensitivity.grower_income.closure.at_high"] = (250e6, None, None, "CAD per year")
    for name, part in (("seed_substitution", 0.2), ("seed_supply", 0.1), ("rerouting", 0.01)):
        rows[f"scenario.sensitivity.grower_income.{name}"] = (part, None, None, "share")
    return rows


def vehicles(sign: float) -> dict[str, Row]:
    """Numbers of the car part: more China-built cars (1), fewer (−1), as many (0)."""
    rows: dict[str, Row] = {brief.CARS: (39e3, 15e3, 49e3, "vehicles per year")}
    rows[brief.CARS_CHANGE] = (sign * 30e3, *sorted((sign * 9e3, sign * 46e3)), "vehicles per year")
    rows[brief.DISPLACED] = (sign * 25e3, *sorted((sign * 8e3, sign * 41e3)), "vehicles per year")
    rows[f"{brief.DISPLACED}.canada"] = (sign * 900, *sorted((sign * 200, sign * 2e3)), "vehicles per year")
    rows[f"{brief.DISPLACED}.united_states_mexico"] = (
        sign * 9e3,
        *sorted((sign * 3e3, sign * 15e3)),
        "vehicles per year",
    )
    rows |= {f"scenario.ev.quota_regime.{name}": (part, None, None, "probability")
             for name, part in (("unfilled", 0.3), ("filled", 0.7), ("overfilled", 0.0))}  # fmt: skip
    rows["scenario.ev.consumer_surplus_cad"] = (sign * 90e6, *sorted((sign * 9e6, sign * 400e6)), "CAD per year")
    change = sorted((-sign * 0.003, -sign * 0.0001))
    rows["scenario.ev.domestic_assembly_change"] = (-sign * 0.001, *change, "change")
    rows[brief.VEHICLES] = (0.0, 0.0, 0.0, "CAD per year")
    return rows


RATE: dict[str, Row] = {
    "scenario.exchange_rate_of_the_deal": (26e3, 1e3, 140e3, "CAD"),
    "scenario.exchange_rate_of_the_deal.producer_surplus_cad": (640e6, 30e6, 1.8e9, "CAD per year"),
    "scenario.exchange_rate_of_the_deal.displaced": (25e3, 8e3, 41e3, "vehicles per year"),
}
EXPORTS: dict[str, Row] = {brief.VEHICLES: (-9e9, -14e9, -4e9, "CAD per year")}
CASES = {
    "deal": canola(1) | vehicles(1) | RATE,
    "loss": canola(-1) | vehicles(-1),
    "open": canola(1, low=-30e6) | vehicles(0),
    "us": canola(0) | vehicles(0) | EXPORTS,
    "nothing": canola(0) | vehicles(0),
    "no cars": canola(-1),
}


def made(case: str) -> brief.Brief:
    held = {name: scenario.load(name) for name in scenario.names()}
    numbers = Numbers(frame(CASES[case]))
    other = Numbers(frame(CASES["no cars"]))
    parts = {"deal_2026": numbers, "status_quo_2025": other}
    across = {name: {part: rows[key] for part, key in brief.HEADLINES.items() if key in rows}
              for name, rows in parts.items()}  # fmt: skip
    return Against(held["deal_2026"], numbers, across, held)


class Against(brief.Brief):
    """A brief measured against something, whatever the scenario files say."""

    against = "“the other”"


def test_direction_needs_a_range_on_one_side() -> None:
    def one(value: float, low: float, high: float) -> str:
        return Number("a.b", "", value, low, high, 0.9, "vehicles per year").direction

    assert (one(5, 1, 9), one(-5, -9, -1), one(1, -1, 9), one(0, 0, 0)) == ("rise", "fall", "open", "none")
    assert (one(3, 0, 9), one(-3, -9, 0), one(0, 0, 9)) == ("rise", "fall", "open")


def test_sizes_of_falls_are_positive_and_ordered() -> None:
    found = Number("a.b", "", -0.04, -0.11, -0.002, 0.9, "change", digits=2).size
    assert found.full == "4.0% (0.20% to 11%)"


def test_overlap_is_that_of_the_shorter_range() -> None:
    wide, narrow = (
        Number("a.a", "", 5, 0, 10, 0.9, "vehicles per year"),
        Number("a.b", "", 9, 8, 12, 0.9, "vehicles per year"),
    )
    assert overlap(wide, narrow) == 0.5 and not apart(wide, narrow)
    assert apart(wide, Number("a.c", "", 12, 9.5, 14, 0.9, "vehicles per year"))
    same = Number("a.d", "", 0, 0, 0, 0.9, "vehicles per year")
    assert overlap(same, same) == 1


def test_words_follow_the_probability() -> None:
    words = [brief_words.likelihood(one) for one in (1.0, 0.95, 0.66, 0.5, 0.1, 0.0)]
    assert words == ["almost certain", "almost certain", "likely", "about as likely as not", "unlikely",
                     "almost excluded"]  # fmt: skip
    with pytest.raises(ValueError, match="no probability"):
        brief_words.likelihood(1.2)
    assert [least for least, _ in brief_words.SCALE] == sorted((one for one, _ in brief_words.SCALE), reverse=True)


@pytest.mark.parametrize(
    ("case", "said", "unsaid"),
    [
        (
            "deal",
            "worth C$30 m to C$1.8 bn a year to canola growers (C$250 m if canola is one good, C$1.4 bn if",
            "lose",
        ),
        ("loss", "canola growers lose C$30 m to C$1.8 bn a year", "worth"),
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


def test_lead_quotes_both_closures_where_they_hardly_overlap() -> None:
    assert brief_sentences.CLOSURE_WORDS["homogeneous"] in brief_sentences.lead(made("deal"))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("part", ["growers", "vehicles", "trade_off", "lead"])
def test_sentences_are_whole(case: str, part: str) -> None:
    found = getattr(brief_sentences, part)(made(case))
    sentences = re.split(r"(?<=\.) (?=[A-Z])", found)
    assert len(sentences) <= {"growers": 2, "vehicles": 2}.get(part, 1)
    assert all(one[0].isupper() and one.endswith(".") for one in sentences)
    for fault in ("  ", ",,", "..", " ,", "a year a year", "None", "nan", "()", "; ."):
        assert fault not in found


def test_no_car_part_is_said() -> None:
    assert "no electric-vehicle part" in brief_sentences.vehicles(made("no cars"))


def test_trade_off_names_the_rate_or_the_only_side() -> None:
    assert "C$1,000 to C$140,000" in brief_sentences.trade_off(made("deal"))
    assert brief_sentences.trade_off(made("us")).startswith("Only one side moves: vehicle exports")
    assert "neither side moves" in brief_sentences.trade_off(made("nothing"))


def test_across_marks_its_own_row_and_what_others_lack() -> None:
    found = brief_tables.across(made("deal")).set_index("here")
    assert found.loc[False, "cars"] == brief_tables.NO_PART
    assert found.loc[True, "growers"] == "C$30 m to C$1.8 bn; C$250 m or C$1.4 bn"


def test_moved_lists_the_largest_three() -> None:
    found = brief_tables.moved(made("deal"))
    assert list(found["share"]) == ["60%", "20%", "10%"]
    assert found.loc[0, "at_high"] == "C$250 m a year, if canola is one good"
    assert brief_tables.moved(made("nothing")).empty


def test_published_rows_have_an_identifier_each() -> None:
    found = brief.published(made("deal"))
    assert found["result_id"].is_unique
    stem = "brief.grower_income_change_cad"
    assert {stem, f"{stem}.status_quo_2025"} <= set(found["result_id"])


@pytest.mark.parametrize("case", CASES)
def test_charts_or_a_sentence(case: str) -> None:
    one, other = brief_figures.growers(made(case)), brief_figures.registrations(made(case))
    assert isinstance(one, str) == (case in ("us", "nothing"))
    assert isinstance(other, str) == (case not in ("deal", "loss"))


def test_chart_marks_the_quota() -> None:
    found = brief_figures.registrations(made("deal"))
    assert isinstance(found, brief_figures.Drawn) and "quota" in found.title
    assert found.chart.to_dict()
