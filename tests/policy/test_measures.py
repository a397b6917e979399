"""Which measures answer a question, and which files: its own for an id that is there, all of them for a duty."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

import pytest

from tradeexposure.core import loaded_files, paths
from tradeexposure.policy import scenarios, tariff_schedule
from tradeexposure.policy.duty_tables import percent
from tradeexposure.policy.measures import Facts, Line, TradeMeasure, held_on, measures_on, trade_entry

LINES = tariff_schedule.vocabulary().lines
MEAL = {"imposer": "china", "origin": "canada", "product": "canola_meal"}


EVERY_FILE = ("parameters", loaded_files.ALL)
PER_CENT = re.compile(r"[\d.]+%")
BASE = re.compile(r"[\d.]+%(?= MFN)|(?<=MFN duty of )[\d.]+%|(?<=vehicles a year at )[\d.]+%")


def planted(line: Line, **changes: object) -> TradeMeasure:
    """A further duty on the trade of a line, in force since 2018."""
    fields = {
        "id": "made_up", "title": "Made up", "imposer": line.imposer, "origins": [line.origin],
        "products": [line.product], "kind": "duty", "stacking": "additional", "rate": 0.5, "instrument": "none",
        "effective": date(2018, 1, 1), "confidence": "high",
        "sources": [{"title": "nobody"}],
    }  # fmt: skip
    return TradeMeasure.model_validate(fields | changes)


def with_it(measure: TradeMeasure) -> Facts:
    facts = tariff_schedule.all_measures()
    return Facts((*facts.held, measure), facts.loaded)


def asked(line: Line, facts: Sequence[TradeMeasure]) -> tuple[object, loaded_files.Entries]:
    """The duty of a line on two days, and what is noted."""
    with loaded_files.recording() as noted:
        rates = [tariff_schedule.rate(**line.model_dump(exclude={"title"}), us_content=0.5, on=day, among=facts)
                 for day in ("2025-01-15", "2026-10-01")]  # fmt: skip
    return rates, noted


@pytest.mark.parametrize("where", LINES[::3], ids=[line.title for line in LINES[::3]])
def test_a_new_measure_changes_no_duty_of_another_trade(where: Line) -> None:
    """A measure may stand in any file: wherever it changes a duty, all files answer, and it is on that trade."""
    measure, facts, touched = planted(where), tariff_schedule.all_measures(), 0
    for line in LINES:
        (before, noted), (after, _) = asked(line, facts), asked(line, with_it(measure))
        concerned = (line.imposer, line.origin, line.product) == (where.imposer, where.origin, where.product)
        assert noted[EVERY_FILE], line.title
        assert before == after or concerned, line.title
        touched += before != after
    assert touched


def test_an_id_is_found_also_among_what_a_scenario_adds() -> None:
    facts = tariff_schedule.all_measures()
    added = facts.changed_by({"china_seed_deposit": ()}, [planted(LINES[0])])
    assert added.find("made_up") is not None and facts.find("made_up") is None
    assert added.find("china_seed_deposit") is None and facts.find("china_seed_deposit") is not None
    assert len([*added]) == len([*facts]) and "made_up" in {measure.id for measure in added}
    assert {measure.stacking for measure in facts.with_roles({"base"})} == {"base"}


def test_a_measure_moved_to_a_trade_makes_its_place_among_all_count() -> None:
    """Its place in the files decides which of two bases counts, and no digest of that trade's measures holds it."""
    facts = tariff_schedule.all_measures()
    surtax = facts.find("canada_ev_surtax")
    assert surtax is not None
    moved = surtax.model_copy(update={"imposer": "china", "origins": ("canada",), "products": ("canola_meal",)})
    with loaded_files.recording() as noted:
        there = facts.changed_by({surtax.id: (moved,)}, ()).concerning("canola_meal", imposer="china", origin="canada")
    assert moved in there and ("facts", loaded_files.ALL) in noted
    with loaded_files.recording() as noted:
        facts.changed_by({surtax.id: (surtax,)}, ()).concerning("canola_meal", imposer="china", origin="canada")
    assert set(noted) == {EVERY_FILE, ("facts_on", trade_entry(**MEAL))}


def test_the_file_of_an_id_is_the_one_it_stands_in() -> None:
    folder = paths.path(*tariff_schedule.FOLDER)
    for measure in tariff_schedule.all_measures():
        with loaded_files.recording() as noted:
            tariff_schedule.get(measure.id)
        (name,) = [name for kind, name in noted if kind == "file"]
        text = (folder / name.rpartition("/")[2]).read_text("utf-8")
        assert re.search(rf"- id: {measure.id}$", re.sub(r" +#.*", "", text), re.MULTILINE)


def test_what_a_scenario_overrides_is_a_fact_that_it_depends_on() -> None:
    scenario = scenarios.load("escalation")
    with loaded_files.recording() as noted:
        facts = scenarios.measures_in_force(scenario)
    changed = {*(change.measure for change in scenario.overrides), *(change.measure for change in scenario.quantities)}
    assert changed and {name for kind, name in noted if kind == "fact"} == changed
    assert {measure.id for measure in scenario.hypothetical} <= {measure.id for measure in facts}


def test_measures_kept_by_trade_are_those_that_going_through_all_gives() -> None:
    measures = tariff_schedule.all_measures().held
    fewer = measures[::2]
    for line in LINES:
        name = trade_entry(imposer=line.imposer, origin=line.origin, product=line.product)
        assert held_on(measures, name) == measures_on(measures, name), name
        assert held_on(fewer, name) == measures_on(fewer, name), name  # never those of other measures
        assert held_on(measures, name) is held_on(measures, name)


def test_words_of_a_fact_have_the_rates_of_the_facts() -> None:
    """Titles, and notes that name the ordinary duty or a sum with it: rates of other facts beside their own."""
    known = {fact.id: fact for fact in tariff_schedule.all_measures()}
    for fact in known.values():
        own = {known[target].rate for target in fact.targets} or {fact.rate, fact.rate_with_claim}
        rates, named = {percent(rate) for rate in own if rate is not None}, {*PER_CENT.findall(fact.title)}
        if fact.kind == "threat":
            assert named <= {*PER_CENT.findall(fact.rate_text)}, fact.id
        elif named and fact.rate is not None:
            assert named == rates if fact.targets else named <= rates, fact.id
        bases = [measure.rate for measure in known.values() if measure.stacking == "base" and measure.rate is not None
                 and measure.imposer == fact.imposer and {*measure.products} & {*fact.products}]  # fmt: skip
        for base in BASE.findall(f"{fact.rate_text} {fact.note}") if bases else ():
            assert base in map(percent, bases), fact.id
        for total in re.findall(r"([\d.]+%) with the [\d.]+% MFN", fact.note):
            assert total in {percent((fact.rate or 0.0) + base) for base in bases}, fact.id


def test_words_on_the_quota_and_on_cusma_have_their_figures() -> None:
    quota = tariff_schedule.get("canada_ev_quota")
    figures = quota.figures_on(quota.effective)
    first, growth = figures["annual_vehicles"], figures["growth_per_year"]
    four, five = (first * (1 + growth) ** years for years in (4, 5))
    grown = f"{first:,.0f} grown at {percent(growth)} for four ({four:,.0f}) or five years ({five:,.0f})"
    assert grown in quota.note and f"C${figures['price_cap_cad']:,.0f} or less" in quota.note
    arrangement = tariff_schedule.get("canada_china_arrangement_2026")
    assert f"{first:,.0f} electric vehicles" in arrangement.rate_text
    assert arrangement.figures_on(quota.effective)["annual_vehicles"] == first
    review = tariff_schedule.get("cusma_joint_review")
    assert f"extension of {review.figures_on(review.effective)['term']:g} years" in review.title
