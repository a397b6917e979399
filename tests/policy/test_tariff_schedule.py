"""The duty in force on a day is what the notices say, part by part."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tradeexposure import data
from tradeexposure.core.errors import BadInput
from tradeexposure.policy import tariff_schedule

CHINA = {"imposer": "china", "origin": "canada"}
US = {"imposer": "united_states", "origin": "canada"}
EV = {"imposer": "canada", "origin": "china", "product": "electric_vehicles"}


@pytest.mark.parametrize(
    ("product", "day", "rate", "additional"),
    [
        ("canola_seed", "2018-01-01", 0.09, 0.0),
        ("canola_seed", "2019-06-01", 0.09, 0.0),
        ("canola_seed", "2025-08-13", 0.09, 0.0),
        ("canola_seed", "2025-08-14", 0.848, 0.758),
        ("canola_seed", "2026-02-28", 0.848, 0.758),
        ("canola_seed", "2026-03-01", 0.149, 0.059),
        ("canola_seed", "2026-12-31", 0.149, 0.059),
        ("canola_meal", "2025-03-19", 0.05, 0.0),
        ("canola_meal", "2025-03-20", 1.05, 1.0),
        ("canola_meal", "2026-02-28", 1.05, 1.0),
        ("canola_meal", "2026-03-01", 0.05, 0.0),
        ("canola_meal", "2026-12-31", 0.05, 0.0),
        ("canola_meal", "2027-01-01", 1.05, 1.0),
        ("canola_seed", "2031-02-28", 0.149, 0.059),
        ("canola_seed", "2031-03-01", 0.09, 0.0),
        ("canola_meal", "2019-07-01", 0.0, 0.0),
        ("peas", "2025-03-19", 0.05, 0.0),
        ("peas", "2025-03-20", 1.05, 1.0),
        ("peas", "2026-03-01", 0.05, 0.0),
        ("canola_oil", "2025-03-19", 0.09, 0.0),
        ("canola_oil", "2025-03-20", 1.09, 1.0),
        ("canola_oil", "2026-12-31", 1.09, 1.0),
        ("canola_oil_crude", "2026-03-01", 1.09, 1.0),
    ],
)
def test_duties_into_china(product: str, day: str, rate: float, additional: float) -> None:
    duty = tariff_schedule.rate(**CHINA, product=product, on=day)
    assert (duty.rate, duty.additional, duty.status) == (rate, additional, "known")


@pytest.mark.parametrize(
    ("day", "claim", "rate"),
    [
        ("2025-01-01", False, 0.064),
        ("2025-03-03", True, 0.0),
        ("2025-03-04", True, 0.25),
        ("2025-03-06", True, 0.25),
        ("2025-03-07", True, 0.0),
        ("2026-10-01", True, 0.0),
        ("2025-03-04", False, 0.314),
        ("2025-07-31", False, 0.314),
        ("2025-08-01", False, 0.414),
        ("2026-02-23", False, 0.414),
        ("2026-02-24", False, 0.164),
        ("2026-07-23", False, 0.164),
        ("2026-07-24", False, 0.164),
    ],
)
def test_refined_canola_oil_into_the_united_states(day: str, claim: bool, rate: float) -> None:
    assert tariff_schedule.rate(**US, product="canola_oil_refined", on=day, claim=claim).rate == pytest.approx(rate)


def test_section_301_takes_over_from_section_122_at_the_same_rate() -> None:
    before, after = (tariff_schedule.rate(**US, product="canola_oil_refined", on=f"2026-07-{day}") for day in (23, 24))
    assert before.rate == after.rate
    assert [duty.measures[-1].id for duty in (before, after)] == ["us_section_122", "us_section_301_labour"]


@pytest.mark.parametrize(
    ("day", "rate"),
    [("2024-09-30", 0.061), ("2024-10-01", 1.061), ("2026-02-28", 1.061), ("2026-03-01", 0.061), ("2026-12-31", 0.061)],
)
def test_electric_vehicles_of_china_into_canada(day: str, rate: float) -> None:
    assert tariff_schedule.rate(**EV, on=day).rate == rate


def test_above_the_quota_there_is_no_rate_because_entry_is_rejected() -> None:
    duty = tariff_schedule.rate(**EV, on="2026-03-01", quota="above")
    assert (duty.rate, duty.additional, duty.status) == (None, None, "no entry")
    assert "without a permit is rejected" in duty.note
    assert tariff_schedule.rate(**EV, on="2026-02-28", quota="above").rate == 1.061


MEAL_ENDS = (
    "The 100% additional tariff on canola meal and peas suspended: ends on 31 December 2026 by its own terms unless "
    "renewed"
)


@pytest.mark.parametrize(
    ("product", "day", "ends", "note"),
    [
        ("canola_meal", "2026-02-28", [], ""),
        ("canola_meal", "2026-10-01", ["china_meal_peas_suspension"], MEAL_ENDS),
        ("canola_meal", "2027-02-01", ["china_meal_peas_suspension"], MEAL_ENDS.replace("ends on", "ended on")),
        ("lobster_crab", "2031-12-31", ["china_lobster_crab_suspension"], "31 December 2026 by its own terms"),
        ("canola_seed", "2026-03-01", ["china_seed_antidumping"], "ends on 28 February 2031 by its own terms"),
        ("canola_seed", "2026-02-28", [], ""),  # the deposit was replaced on that day, not by its own terms
        ("canola_oil", "2027-02-01", [], ""),
    ],
)
def test_an_announced_end_is_named_in_the_answer(product: str, day: str, ends: list[str], note: str) -> None:
    duty = tariff_schedule.rate(**CHINA, product=product, on=day)
    assert [measure.id for measure in duty.ends] == ends
    assert note in duty.note and bool(note) == ("by its own terms" in duty.note)


@pytest.mark.parametrize(("days", "named"), [(365, True), (1, True), (0, False), (-1, False)])
def test_a_suspension_ends_with_words_only_where_what_it_suspends_goes_on(days: int, named: bool) -> None:
    facts = tariff_schedule.all_measures()
    paused = facts.find("china_meal_peas_suspension")
    until = paused.end + timedelta(days=days)
    some = [fact.model_copy(update={"end": until}) if fact.id in paused.targets else fact for fact in facts]
    duty = tariff_schedule.rate(**CHINA, product="canola_meal", on="2026-10-01", among=some)
    assert ("china_meal_peas_suspension" in [measure.id for measure in duty.ends]) == named


def test_every_line_has_an_answer_on_any_day_to_the_horizon() -> None:
    facts = tariff_schedule.all_measures()
    ends = [measure.end for measure in facts if measure.end_announced]
    assert ends and max(ends) < tariff_schedule.HORIZON
    for line in tariff_schedule.vocabulary().lines:
        asked = line.model_dump(exclude={"title"})
        for day in (*(end + timedelta(days=1) for end in ends), tariff_schedule.HORIZON):
            now, then = (tariff_schedule.rate(**asked, on=moment, among=facts) for moment in (day, "2026-12-31"))
            assert (now.rate is None) <= (then.rate is None), (line.title, day)


def test_quota_facts() -> None:
    figures = tariff_schedule.quantities("canada_ev_quota", on="2026-03-01")
    assert figures["annual_vehicles"] == 49_000 == 2 * figures["first_window_vehicles"]
    assert tariff_schedule.quantities("canada_ev_quota", on="2026-09-01")["second_window_vehicles"] == 24_500
    assert figures["growth_per_year"] == 0.065 and figures["price_cap_cad"] == 35_000
    assert tariff_schedule.quantities("canada_ev_quota", on="2027-03-01")["price_cap_share_year_2"] == 0.1
    note = tariff_schedule.get("canada_ev_quota").note
    assert f"{49_000 * 1.065**4:,.0f}" in note and f"{49_000 * 1.065**5:,.0f}" in note


def test_section_232_displaces_the_other_duties_on_vehicles() -> None:
    before = tariff_schedule.rate(**US, product="passenger_vehicles", on="2025-04-02")
    after = tariff_schedule.rate(**US, product="passenger_vehicles", on="2025-08-01")
    assert [measure.id for measure in before.measures] == ["us_mfn_vehicles", "us_ieepa_25"]
    assert [measure.id for measure in after.measures] == ["us_mfn_vehicles", "us_232_vehicles"]
    assert before.rate == after.rate == 0.275


@pytest.mark.parametrize("us_content", [0.0, 0.4, 0.6, 1.0])
def test_claimed_vehicles_pay_on_the_content_that_is_not_american(us_content: float) -> None:
    duty = tariff_schedule.rate(**US, product="passenger_vehicles", on="2026-10-01", claim=True, us_content=us_content)
    assert duty.rate == pytest.approx(0.25 * (1 - us_content))


def test_without_a_content_share_a_claimed_vehicle_has_no_single_rate() -> None:
    duty = tariff_schedule.rate(**US, product="passenger_vehicles", on="2026-10-01", claim=True)
    assert (duty.rate, duty.status) == (None, "content share needed") and "us_content" in duty.note
    mine = {"imposer": "canada", "origin": "united_states", "product": "passenger_vehicles", "on": "2025-04-09"}
    assert tariff_schedule.rate(**mine, claim=True, local_content=0.2).rate == pytest.approx(0.2)
    assert tariff_schedule.rate(**mine).rate == pytest.approx(0.311)


def test_parts_not_on_the_list_follow_the_general_duties() -> None:
    for day, additional in (("2025-05-03", 0.25), ("2025-08-01", 0.35), ("2026-02-24", 0.10), ("2026-07-24", 0.10)):
        unlisted = tariff_schedule.rate(**US, product="vehicle_parts_unlisted", on=day)
        listed = tariff_schedule.rate(**US, product="vehicle_parts", on=day)
        assert (unlisted.additional, listed.additional) == (additional, 0.25)
        assert tariff_schedule.rate(**US, product="vehicle_parts", on=day, claim=True).rate == 0.0


TABLE_PRODUCTS = {
    "canola seed": ("canola_seed",),
    "canola oil": ("canola_oil", "canola_oil_crude", "canola_oil_refined"),
    "canola meal": ("canola_meal",),
    "passenger vehicles": ("passenger_vehicles", "electric_vehicles"),
    "vehicle parts on the 232 list": ("vehicle_parts",),
}


def test_every_row_of_the_table_of_us_rates_by_date() -> None:
    """Second route: the table states the duty stretch by stretch, the measures state it instrument by instrument."""
    table = data.load("us_rates_by_date")
    facts = tariff_schedule.all_measures()
    content = 0.4
    checked = 0
    for row in table.itertuples():
        first = row.date_from.date()
        last = row.date_to.date() if pd.notna(row.date_to) else tariff_schedule.HORIZON
        exempt = content if row.additional_with_claim_base != "full value" else 0.0
        for product in TABLE_PRODUCTS[row.product]:
            for day in (first, first + (last - first) / 2, last):
                free = tariff_schedule.rate(**US, product=product, on=day, among=facts)
                claimed = tariff_schedule.rate(
                    **US, product=product, on=day, claim=True, us_content=content, among=facts
                )
                assert free.additional == row.additional_rate_without_claim
                assert claimed.rate == pytest.approx(row.additional_rate_with_claim * (1 - exempt))
                if pd.notna(row.mfn_rate):
                    assert free.rate == pytest.approx(row.mfn_rate + row.additional_rate_without_claim)
                else:
                    assert free.rate is None and free.status in {"specific duty", "base unknown"}
                if pd.notna(row.mfn_specific_usd_per_kg):
                    assert free.specific == f"{row.mfn_specific_usd_per_kg * 100:.2f} US cents/kg"
                checked += 1
    assert checked == 3 * sum(len(TABLE_PRODUCTS[product]) for product in table["product"])


def test_where_the_base_is_not_known_the_additional_part_is_still_there() -> None:
    pork = tariff_schedule.rate(**CHINA, product="pork", on="2025-03-20")
    assert (pork.rate, pork.base, pork.additional, pork.status) == (None, None, 0.25, "base unknown")
    seafood = tariff_schedule.rate(**CHINA, product="seafood", on="2026-03-01")
    lobster = tariff_schedule.rate(**CHINA, product="lobster_crab", on="2026-03-01")
    assert (seafood.additional, lobster.additional) == (0.25, 0.0)


def test_an_additional_duty_without_one_rate_leaves_the_total_unknown() -> None:
    duty = tariff_schedule.rate(**US, product="copper", on="2026-04-06")
    assert duty.rate is None and duty.additional is None


def test_pairs_whose_measures_are_not_all_held_have_no_total() -> None:
    duty = tariff_schedule.rate(imposer="united_states", origin="china", product="electric_vehicles", on="2024-09-27")
    assert (duty.rate, duty.status) == (None, "not all held") and duty.note


def test_licence_suspensions_are_named_but_change_no_rate() -> None:
    duty = tariff_schedule.rate(**CHINA, product="canola_seed", on="2019-04-01")
    assert duty.rate == 0.09 and [measure.id for measure in duty.measures] == ["china_mfn_seed"]
    names = {measure.id for measure in duty.also}
    assert names == {"china_richardson_licence_suspension", "china_viterra_licence_suspension"}
    assert "Viterra" in duty.note
    assert not tariff_schedule.rate(**CHINA, product="canola_seed", on="2022-06-01").also


def test_the_meat_suspension_of_2019_lets_nothing_in() -> None:
    statuses = [
        tariff_schedule.rate(**CHINA, product="pork", on=f"2019-{day}").status for day in ("06-24", "06-25", "11-04")
    ]
    assert statuses == ["base unknown", "no entry", "no entry"]
    assert tariff_schedule.rate(**CHINA, product="pork", on="2019-11-05").status == "base unknown"


def test_deposits_have_the_rate_they_were_settled_at() -> None:
    for day, rate in (("2025-08-14", 0.149), ("2025-12-13", 0.149), ("2025-12-14", 0.09), ("2026-03-01", 0.149)):
        assert tariff_schedule.rate(**CHINA, product="canola_seed", on=day, settled=True).rate == pytest.approx(rate)


@pytest.mark.parametrize(
    "asked",
    [
        {**CHINA, "product": "canola_seed"},
        {**CHINA, "product": "canola_meal"},
        {**EV, "quota": "above"},
        {**US, "product": "canola_oil", "claim": True},
        {**US, "product": "vehicle_parts"},
    ],
)
def test_timeline_agrees_with_the_rate_of_every_day(asked: dict[str, object]) -> None:
    start, end = date(2024, 9, 1), date(2026, 12, 31)
    table = tariff_schedule.timeline(**asked, start=start, end=end)
    assert table["date_from"].iloc[0].date() == start and table["date_to"].iloc[-1].date() == end
    assert (table["date_from"].iloc[1:].values == (table["date_to"] + pd.Timedelta(days=1)).iloc[:-1].values).all()
    facts = tariff_schedule.all_measures()
    for row in table.itertuples():
        days = (row.date_to - row.date_from).days
        for step in {*range(0, days, 13), days}:
            duty = tariff_schedule.rate(**asked, on=row.date_from.date() + timedelta(days=step), among=facts)
            assert (duty.rate if duty.rate is not None else "none") == (row.rate if pd.notna(row.rate) else "none")
            assert (duty.status, ", ".join(measure.id for measure in duty.measures)) == (row.status, row.measures)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"imposer": "NO"}, "rate: imposer: found NO; allowed: canada, china"),
        ({"imposer": "China"}, "found China; allowed: did you mean china"),
        ({"origin": "norway"}, "rate: origin: found norway; allowed: canada"),
        ({"product": "wheat"}, "rate: product: found wheat; allowed: canola_seed"),
        ({"product": "canola_sed"}, r"product: found canola_sed; allowed: did you mean canola_seed\? canola_seed, "),
        ({"on": "2017-12-31"}, f"found 2017-12-31; allowed: a day from 2018-01-01 to {tariff_schedule.last_day()}"),
        ({"on": "2202-01-01"}, "found 2202-01-01"),
        ({"on": "2025-02-30"}, "found 2025-02-30"),
        ({"on": "soon"}, "found soon; allowed: .*, written YYYY-MM-DD"),
        ({"on": "2027-01"}, "found 2027-01; allowed: a day from 2018-01-01"),
        ({"on": "01/02/2027"}, "found 01/02/2027"),
        ({"on": "20270201"}, "found 20270201"),
        ({"on": "today"}, "found today"),
        ({"on": pd.NaT}, "found NaT"),
        ({"claim": True}, "rate: claim: found a CUSMA claim for canada into china"),
        ({"us_content": 40.0}, "rate: us_content: found 40; allowed: a share from 0 to 1"),
        ({"quota": "Above"}, "rate: quota: found Above; allowed: within or above"),
        ({"quota": "nonsense"}, "rate: quota: found nonsense; allowed: within or above"),
        ({"quota": "any"}, "rate: quota: found any"),
        ({"quota": None}, "rate: quota: found None"),
    ],
)
def test_wrong_questions_are_bad_input(change: dict[str, object], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        tariff_schedule.rate(**({**CHINA, "product": "canola_seed", "on": "2025-08-14"} | change))


@pytest.mark.parametrize("quota", ["Above", "nonsense", ""])
def test_a_misspelt_side_of_the_quota_has_no_timeline(quota: str) -> None:
    with pytest.raises(BadInput, match=f"timeline: quota: found {quota}.*; allowed: within or above"):
        tariff_schedule.timeline(**EV, start="2026-01-01", end="2026-12-31", quota=quota)


def test_wrong_measure_names_and_reversed_days_are_bad_input() -> None:
    with pytest.raises(BadInput, match="found canada_ev_qota; allowed: canada_ev_quota"):
        tariff_schedule.get("canada_ev_qota")
    with pytest.raises(BadInput, match="timeline: end"):
        tariff_schedule.timeline(**CHINA, product="peas", start="2025-01-02", end="2025-01-01")


def test_every_fact_has_a_source_an_address_and_an_instrument() -> None:
    facts = tariff_schedule.all_measures()
    assert len({measure.id for measure in facts}) == len([*facts]) > 100
    for measure in facts:
        assert measure.instrument and measure.sources, measure.id
        addresses = [source.address for source in measure.sources if source.address]
        assert all(address.startswith(("https://", "http://")) for address in addresses), measure.id


def test_at_most_one_base_and_one_replacement_apply_at_once() -> None:
    facts = tariff_schedule.all_measures()
    vocabulary = tariff_schedule.vocabulary()
    for pair in vocabulary.pairs:
        for product in vocabulary.products:
            for quota in ("within", "above"):
                asked = {"imposer": pair.imposer, "origin": pair.origin, "product": product, "quota": quota}
                covering = [measure for measure in facts if measure.covers(**asked)]
                for day in (date(2018, 1, 1), date(2019, 6, 1), date(2025, 6, 1), date(2026, 10, 1)):
                    there = [measure.stacking for measure in covering if measure.in_force(day)]
                    assert there.count("base") <= 1, asked
                    preferences = [m for m in covering if m.stacking == "replaces_base" and m.in_force(day)]
                    assert len([m for m in preferences if not m.needs_claim]) <= 1, asked


def test_products_said_to_be_all_held_have_a_base_or_say_why() -> None:
    for pair in tariff_schedule.vocabulary().pairs:
        for product in pair.complete_for:
            duty = tariff_schedule.rate(imposer=pair.imposer, origin=pair.origin, product=product, on="2025-12-31")
            assert duty.rate is not None or duty.note, (pair.imposer, product)


FACT = """title: one
sources: {s: {title: t}}
measures:
  - {id: x, title: t, imposer: china, origins: [canada], products: [peas], hs: ["0713"], kind: duty,
     stacking: additional, rate: 0.5, effective: 2026-01-01, instrument: i, confidence: high, sources: [s]}
"""


def test_an_added_fact_counts_at_once(copied: Path) -> None:
    assert tariff_schedule.rate(**CHINA, product="peas", on="2026-10-01").rate == 0.05
    (copied / "parameters" / "zz.yml").write_text(FACT, encoding="utf-8")
    assert tariff_schedule.rate(**CHINA, product="peas", on="2026-10-01").rate == pytest.approx(0.55)
    (copied / "parameters" / "zz.yml").unlink()
    assert tariff_schedule.rate(**CHINA, product="peas", on="2026-10-01").rate == 0.05


def test_all_that_the_schema_refuses_of_facts_is_told_at_once(copied: Path) -> None:
    assert tariff_schedule.problems() == []
    folder = copied / "parameters"
    (folder / "zz.yml").write_text(FACT.replace("additional", "aditional").replace("rate: 0.5", "rate: 50"), "utf-8")
    (folder / "zzz.yml").write_text(FACT.replace("instrument: i, ", ""), "utf-8")
    places = [line.partition(":")[2].partition(":")[0].strip() for line in tariff_schedule.problems()]
    assert places == ["measures[0].stacking (line 5)", "measures[0].rate (line 5)", "measures[0].instrument (line 4)"]
    (folder / "zz.yml").write_text(FACT.replace("sources: [s]", "sources: [t]"), "utf-8")
    (only,) = tariff_schedule.problems()
    assert only == "data/parameters/zz.yml: measures[0].sources[0] (line 5): found t; allowed: s"


@pytest.mark.parametrize("line", tariff_schedule.vocabulary().lines, ids=lambda line: line.title)
@pytest.mark.parametrize("end", ["2018-06-30", "2025-09-01", "2026-12-31"])
def test_the_last_change_is_where_the_last_stretch_begins(line: Any, end: str) -> None:
    asked = line.model_dump(exclude={"title"}) | {"start": "2018-01-01", "end": end}
    assert tariff_schedule.last_change(**asked) == tariff_schedule.stretches(**asked)[-1][0]


def test_chinese_names_stand_in_brackets_after_an_english_one():
    """So that a reader without Chinese, or without its letters, still knows which text is meant."""
    chinese = re.compile(r"[\u3400-\u9fff]+")
    instruments = [measure.instrument for measure in tariff_schedule.all_measures() if chinese.search(str(measure))]
    assert instruments
    for instrument in instruments:
        assert re.search(r"\w[^(]* \([\u3400-\u9fff]", instrument), instrument
