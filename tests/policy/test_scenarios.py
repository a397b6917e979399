"""Scenario files: only overrides over dated facts, and one clear line for every mistake."""

from __future__ import annotations

import itertools
import pickle
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from tinyproject import AGAINST, SHIPPED

from tradeexposure.core import loaded_files
from tradeexposure.core.errors import BadInput
from tradeexposure.policy import duty_tables, scenario_grids, scenario_schema, scenarios, tariff_schedule
from tradeexposure.policy.measures import TradeMeasure
from tradeexposure.policy.scenario_schema import Override

CHINA = {"imposer": "china", "origin": "canada"}
GOOD = """name: test_case
title: A test
question: What then?
facts_on: 2026-10-01
overrides:
  - {measure: china_oil_additional, suspended: true, reason: supposed}
sources: [{title: made for the test}]
"""


def write(folder: Path, text: str, name: str = "test_case.yml") -> None:
    (folder / name).write_text(text, encoding="utf-8")


def test_the_project_scenarios_are_valid_and_the_default_is_there() -> None:
    assert set(SHIPPED) == scenarios.SHIPPED <= set(scenarios.names())
    assert [scenario.name for scenario in scenarios.validate_all()] == scenarios.names()
    assert scenarios.problems() == []
    assert scenarios.load("status_quo_2025").facts_on == date(2025, 12, 31)
    assert scenarios.load("deal_2026").facts_on >= date(2026, 3, 1)


@pytest.mark.parametrize(("name", "seed", "vehicles"), [("status_quo_2025", 0.848, 1.061), ("deal_2026", 0.149, 0.061)])
def test_stamped_facts(name: str, seed: float, vehicles: float) -> None:
    table = scenarios.duties_by_line(name).set_index("line")
    assert table.index.is_unique and not table["changed"].any()
    assert table.loc["Canola seed into China", "rate"] == seed
    assert table.loc["Electric vehicles from China into Canada, within the quota", "rate"] == vehicles
    assert (table["legal_reference"] != "").all()
    unknown = table[table["rate"].isna()]
    assert (unknown["note"] != "").all() and (unknown["status"] != "known").all()


def test_stamped_facts_say_since_when_and_what_was_before() -> None:
    table = scenarios.duties_by_line("deal_2026").set_index("line")
    seed, meal = table.loc["Canola seed into China"], table.loc["Canola meal into China"]
    assert (seed["rate_before"], seed["rate"], str(seed["since"].date())) == (0.848, 0.149, "2026-03-01")
    assert "2026 No. 14" in seed["legal_reference"] and "2026 No. 2" in meal["legal_reference"]
    oil = table.loc["Canola oil into the United States, without a claim"]
    assert (str(oil["since"].date()), oil["rate_before"], oil["rate"]) == ("2026-07-24", 0.164, 0.164)
    above = table.loc["Electric vehicles from China into Canada, above the quota"]
    assert above["status"] == "no entry"
    cars = scenarios.duties_by_line("deal_2026", us_content=0.4).set_index("line")
    assert cars.loc["Passenger vehicles into the United States, with a CUSMA claim", "rate"] == pytest.approx(0.15)


@pytest.mark.parametrize(
    ("line", "since", "before"),
    [
        ("Passenger vehicles into the United States, without a claim", "2025-04-03", 0.275),
        ("Canola oil into the United States, without a claim", "2026-07-24", 0.164),
        ("Canola seed into the United States, with a CUSMA claim", "2026-07-24", 0.0),
        ("Canola oil into the United States, with a CUSMA claim", "2026-07-24", 0.0),
        ("Canola meal into the United States, with a CUSMA claim", "2026-07-24", 0.0),
        ("Vehicle parts into the United States, with a CUSMA claim", "2025-05-03", 0.0),
        ("Canola oil into China", "2025-03-20", 0.09),
    ],
)
def test_since_is_the_first_day_of_the_measures_that_are_cited(line: str, since: str, before: float) -> None:
    row = scenarios.duties_by_line("deal_2026").set_index("line").loc[line]
    assert (str(row["since"].date()), row["rate_before"]) == (since, pytest.approx(before))


def test_titles_say_their_substance_in_few_letters() -> None:
    titles = {name: scenarios.load(name).title for name in scenarios.names()}
    assert {name: title for name, title in titles.items() if len(title) > 45} == {}


@pytest.mark.parametrize("name", SHIPPED)
def test_cited_measures_are_in_force_since_then_and_not_the_same_ones_the_day_before(name: str) -> None:
    """Second route: the measures of the row, each looked up by its own dates."""
    table, among = scenarios.duties_by_line(name), scenarios.measures_in_force(scenarios.load(name))
    for row in table.itertuples():
        cited = [among.find(measure, row.since.date()) for measure in filter(None, row.measures.split(", "))]
        assert all(measure and measure.in_force(row.since.date()) for measure in cited), row.line
        day = row.since.date() - timedelta(days=1)
        if day >= tariff_schedule.FIRST_DAY:
            asked = {key: getattr(row, key) for key in ("imposer", "origin", "product", "claim", "quota")}
            before, then = (tariff_schedule.rate(**asked, on=moment, among=among) for moment in (day, row.since.date()))
            assert (before.measures, before.reference) != (then.measures, then.reference), row.line
            assert then.reference == row.legal_reference
            assert before.rate == row.rate_before or (before.rate is None and row.rate_before != row.rate_before)


def test_the_stamped_table_tells_measures_that_stood_before_the_facts_begin() -> None:
    table = duty_tables.table("deal_2026").set_index("Goods and border")
    assert table.loc["Canola seed into Japan", "In force since"] == "2018-01-01 or earlier"
    cars = table.loc["Passenger vehicles into the United States, without a claim"]
    assert "Proclamation 10908" in cars["Legal reference"]
    assert (cars["In force since"], cars["Rate the day before"]) == ("2025-04-03", "27.5%")


def test_overrides_change_only_what_they_name(folder: Path) -> None:
    overrides = """overrides:
  - {measure: china_oil_additional, suspended: true, reason: a}
  - {measure: china_seed_antidumping, rate: 0.2, reason: b}
  - {measure: china_meal_peas_suspension, end: 2026-09-30, reason: c}
"""
    start, end = GOOD.index("overrides:"), GOOD.index("sources:")
    write(folder, GOOD[:start] + overrides + GOOD[end:])
    table = scenarios.duties_by_line("test_case").set_index("line")
    china = table[table["imposer"] == "china"]
    assert china.loc["Canola oil into China", "rate"] == 0.09
    assert china.loc["Canola seed into China", "rate"] == pytest.approx(0.29)
    assert china.loc["Canola meal into China", "rate"] == 1.05
    assert table.index[table["changed"]].tolist() == [
        "Canola seed into China", "Canola oil into China", "Canola meal into China", "Peas into China",
    ]  # fmt: skip
    assert tariff_schedule.rate(**CHINA, product="canola_oil", on="2026-10-01").rate == 1.09, (
        "the facts stay as they are"
    )


TAX = (
    "hypothetical: [{id: h, title: A supposed duty, imposer: china, origins: [canada], products: [canola_seed], "
    "kind: duty, stacking: additional, rate: 0.3, effective: 2026-12-01, instrument: i, confidence: assumption}]"
)
CARS_US = "Passenger vehicles into the United States, without a claim"


@pytest.mark.parametrize(
    ("change", "facts_on", "line", "then", "begins", "later"),
    [
        ("china_seed_antidumping, rate: 0.5, effective: 2026-12-01", "2026-10-01", "Canola seed into China", 0.149,
         "2026-12-01", 0.59),
        ("china_seed_antidumping, total: 0.5, effective: 2026-12-01", "2026-10-01", "Canola seed into China", 0.149,
         "2026-12-01", 0.5),
        ("china_oil_additional, rate: 2.0, effective: 2026-12-01", "2026-10-01", "Canola oil into China", 1.09,
         "2026-12-01", 2.09),
        ("us_232_vehicles, rate: 0.5, rate_with_claim: 0.5, effective: 2027-01-01", "2026-10-01", CARS_US, 0.275,
         "2027-01-01", 0.525),
        ("china_mfn_seed, rate: 0.2, effective: 2026-12-01", "2026-10-01", "Canola seed into China", 0.149,
         "2026-12-01", 0.259),
        ("china_seed_antidumping, end: 2026-12-31", "2026-10-01", "Canola seed into China", 0.149, "2027-01-01", 0.09),
        ("china_seed_antidumping, rate: 0.5", "2025-06-01", "Canola seed into China", 0.09, "2026-03-01", 0.59),
        (TAX, "2026-10-01", "Canola seed into China", 0.149, "2026-12-01", 0.449),
    ],
)  # fmt: skip
def test_a_later_change_leaves_the_duty_until_then_and_that_is_said(
    folder: Path, change: str, facts_on: str, line: str, then: float, begins: str, later: float
) -> None:
    row = change if change == TAX else f"overrides: [{{measure: {change}, reason: r}}]"
    text = GOOD.replace("facts_on: 2026-10-01", f"facts_on: {facts_on}")
    write(folder, text[: text.index("overrides:")] + row + "\n" + text[text.index("sources:") :])
    chosen = scenarios.load("test_case")
    table = scenarios.duties_by_line(chosen, us_content=0.5).set_index("line")
    assert table.loc[line, "rate"] == pytest.approx(then) and not table["changed"].any()
    remarks = duty_tables.remarks([chosen])
    assert [(measure.id, day) for measure, day in scenarios.not_in_force(chosen)] == [
        (remarks[0].split(": ")[1], date.fromisoformat(begins))
    ]
    assert len(remarks) == 1 and remarks[0].startswith("test_case: ") and "not yet in force on its day" in remarks[0]
    moved = chosen.model_copy(update={"facts_on": date.fromisoformat(begins)})
    asked = table.loc[line, ["imposer", "origin", "product", "claim", "quota"]].to_dict()
    among = scenarios.measures_in_force(chosen)
    assert tariff_schedule.rate(**asked, on=begins, among=among, us_content=0.5).rate == pytest.approx(later)
    before = date.fromisoformat(begins) - timedelta(days=1)
    lawful = tariff_schedule.rate(**asked, on=before, us_content=0.5).rate
    assert tariff_schedule.rate(**asked, on=before, among=among, us_content=0.5).rate == lawful
    assert duty_tables.reasons_not_in_force(moved) == {}
    row = scenarios.duties_by_line(moved, us_content=0.5).set_index("line").loc[line]
    assert (str(row["since"].date()), row["rate_before"]) == (begins, pytest.approx(lawful))


@pytest.mark.parametrize("change", ["china_seed_deposit, rate: 0.9", "china_seed_antidumping, rate: 0.059"])
def test_a_change_that_changes_nothing_is_said(folder: Path, change: str) -> None:
    write(folder, GOOD.replace("china_oil_additional, suspended: true", change))
    chosen = scenarios.load("test_case")
    assert not scenarios.duties_by_line(chosen).set_index("line").loc["Canola meal into China", "changed"]
    assert "changes nothing on its day, 1\N{NO-BREAK SPACE}Oct\N{NO-BREAK SPACE}2026, or later" in "".join(
        duty_tables.remarks([chosen])
    )


def test_a_change_that_no_model_reads_is_said_of_ones_own() -> None:
    changes = {"overrides.canada_steel_aluminium_surtax.rate": 0.1, "overrides.china_seed_antidumping.rate": 0.5}
    own = scenario_grids.variant(scenarios.load("deal_2026"), changes, "own")
    (line,) = duty_tables.unread(own)
    assert line.startswith("own: canada_steel_aluminium_surtax: ") and "moves no number" in line
    assert all(duty_tables.unread(scenarios.load(name)) == () for name in SHIPPED)


def test_what_ends_before_the_day_of_a_scenario_of_ones_own_is_said(folder: Path) -> None:
    write(folder, GOOD.replace("facts_on: 2026-10-01", "facts_on: 2027-06-01"))
    (remark,) = duty_tables.remarks([scenarios.load("test_case")])
    assert remark.startswith("test_case: china_meal_peas_suspension: ") and "it is not renewed" in remark


def test_a_rate_sum_or_day_that_only_the_words_of_a_scenario_have_is_said() -> None:
    seed = {"overrides.china_seed_antidumping.rate": 0.5}
    changed = scenario_grids.variant(scenarios.load("final_duty_2026"), seed, "own")
    (remark,) = duty_tables.remarks([changed])
    assert remark.startswith("own: 14.9%: ") and "no measure of this scenario" in remark
    assert duty_tables.remarks([changed.model_copy(update={"title": "Seed at 59%, of it 50% for dumping"})]) == ()
    assert all("%" in scenarios.load(name).title for name in ("status_quo_2025", "final_duty_2026"))
    stale = {"quota_2030": ("C$35,000", "C$40,000"), "deal_lapses_2027": ("31 December 2026", "30 June 2027")}
    for name, (now, then) in stale.items():
        known = scenarios.load(name)
        assert now in known.question and duty_tables.misnamed(known) == ()
        assert duty_tables.misnamed(known.model_copy(update={"question": known.question.replace(now, then)})) == (then,)


@pytest.mark.parametrize("name", SHIPPED)
def test_words_of_a_scenario_name_the_duty_that_it_supposes(name: str) -> None:
    scenario = scenarios.load(name)
    rates = {duty_tables.percent(measure.rate or 0.0) for measure in scenario.hypothetical}
    reasons = (part.reason for part in scenario.overrides)
    texts = " ".join((scenario.title, scenario.question, *(part.title for part in scenario.hypothetical), *reasons))
    assert not rates or set(re.findall(r"[\d.]+%", texts)) == rates


def test_a_change_in_force_is_not_remarked_upon() -> None:
    assert duty_tables.remarks([scenarios.load(name) for name in SHIPPED]) == ()


def test_a_measure_that_was_over_is_put_back_and_stays() -> None:
    among = scenarios.measures_in_force(scenarios.load("escalation"))
    seed = {**CHINA, "product": "canola_seed", "among": among}
    days = ("2026-02-28", "2026-03-01", "2026-09-30", "2026-10-01", "2031-12-31")
    assert [tariff_schedule.rate(**seed, on=day).rate for day in days] == [0.848, 0.149, 0.149, 0.848, 0.848]


def raised(measure: TradeMeasure, effective: date | None) -> Override:
    claimed = None if measure.rate_with_claim is None else min(measure.rate_with_claim + 0.3, 3.0)
    rate = min((measure.rate or 0.0) + 0.3, 3.0)
    return Override(measure=measure.id, rate=rate, rate_with_claim=claimed, effective=effective, reason="raised")


def trades_of(measure: TradeMeasure) -> list[dict[str, object]]:
    """Some trades that a measure is on, with and without a claim, within and above a quota."""
    trades = [asked for asked, _ in scenarios.trades(measure, tariff_schedule.all_measures(), date(2026, 10, 1))]
    return [asked | {"us_content": 0.5, "local_content": 0.5} for asked in trades[:: max(1, len(trades) // 3)]]


@pytest.mark.long
def test_a_raised_rate_never_lowers_the_duty_on_any_day() -> None:
    """Every measure that charges, raised from no day, an early and a later one, on days around all that changes."""
    base, facts = scenarios.load("deal_2026"), tariff_schedule.all_measures()
    higher = 0
    for measure in [fact for fact in facts if fact.rate is not None and fact.stacking in scenario_schema.CHARGES]:
        begun = max(measure.effective or date(2024, 1, 1), date(2018, 1, 2))
        ends = [measure.end, measure.end + timedelta(days=1)] if measure.end else []
        moments = {begun - timedelta(days=1), begun, begun + timedelta(days=90), *ends, date(2026, 10, 1)}
        trades = trades_of(measure)
        early = max(begun - timedelta(days=9), measure.announced or begun)
        for facts_on, effective in itertools.product(
            (begun - timedelta(days=1), date(2026, 10, 1)), (None, early, max(moments))
        ):
            changed = base.model_copy(update={"facts_on": facts_on, "overrides": (raised(measure, effective),)})
            among = scenarios.measures_in_force(changed)
            for asked, day in itertools.product(trades, {*moments, facts_on, effective or facts_on}):
                law, now = (tariff_schedule.rate(**asked, on=day, among=some) for some in (facts, among))
                assert now.status == law.status, (measure.id, asked, day)
                for part in ("rate", "base", "additional"):
                    old, new = getattr(law, part), getattr(now, part)
                    assert old is None or (new is not None and new >= old), (measure.id, part, asked, day)
                higher += (now.rate or 0.0) > (law.rate or 0.0)
    assert higher > 100


@pytest.mark.parametrize(
    ("measure", "total", "line", "rate"),
    [
        ("china_seed_antidumping", 0.3, "Canola seed into China", 0.21),
        ("china_oil_additional", 1.5, "Canola oil into China", 1.41),
    ],
)
def test_a_total_is_the_duty_that_results(folder: Path, measure: str, total: float, line: str, rate: float) -> None:
    write(folder, GOOD.replace("china_oil_additional, suspended: true", f"{measure}, total: {total}"))
    chosen = scenarios.load("test_case")
    assert scenarios.duties_by_line(chosen).set_index("line").loc[line, "rate"] == pytest.approx(total)
    changed = scenarios.measures_in_force(chosen).find(measure, chosen.facts_on)
    assert changed is not None and changed.rate == pytest.approx(rate)
    assert list(duty_tables.totals(chosen)) == [f"test_case: {measure}: {line}: 9% + {rate:.0%} = {total:.0%}"]
    again = scenario_grids.variant(chosen, {f"overrides.{measure}.rate": rate}, "by_rate")
    assert again.overrides[0].total is None
    assert scenarios.duties_by_line(again).equals(scenarios.duties_by_line(chosen))


def test_a_total_counts_what_else_the_scenario_changes(folder: Path) -> None:
    rows = "china_mfn_seed, rate: 0.12, reason: r}\n  - {measure: china_seed_antidumping, total: 0.3"
    write(folder, GOOD.replace("china_oil_additional, suspended: true", rows))
    chosen = scenarios.load("test_case")
    assert list(duty_tables.totals(chosen))[1].endswith(
        "china_seed_antidumping: Canola seed into China: 12% + 18% = 30%"
    )


def test_a_hypothetical_measure_is_added(folder: Path) -> None:
    extra = """hypothetical:
  - {id: us_threat_made_real, title: t, imposer: united_states, origins: [canada], products: [canola_seed],
     hs: ["1205"], kind: duty, stacking: additional, rate: 0.3, effective: 2026-09-01, instrument: none,
     confidence: assumption}
"""
    write(folder, GOOD + extra)
    table = scenarios.duties_by_line("test_case").set_index("line")
    line = table.loc["Canola seed into the United States, with a CUSMA claim"]
    assert line["rate"] == pytest.approx(0.3) and line["changed"]


def test_a_folder_without_scenarios_says_so(folder: Path) -> None:
    for path in folder.glob("*.yml"):
        path.unlink()
    assert scenarios.names() == []
    with pytest.raises(BadInput, match="no scenario is there"):
        scenarios.load("deal_2026")


def test_scenarios_are_measured_against_what_the_design_says() -> None:
    shipped = [scenarios.load(name) for name in SHIPPED]
    assert {scenario.name: scenario.against for scenario in shipped} == AGAINST
    assert all(scenario.question.endswith("?") and scenario.sources for scenario in shipped)


def test_sources_are_those_of_the_facts() -> None:
    cited = {source.address for measure in tariff_schedule.all_measures() for source in measure.sources}
    for scenario in map(scenarios.load, SHIPPED):
        assert {source.address for source in scenario.sources} <= cited, scenario.name


def test_the_deal_alone_is_measured_against_a_second_scenario_of_its_day() -> None:
    by_name = {name: scenarios.compared(name) for name in SHIPPED}
    assert [name for name, compared in by_name.items() if compared.beside] == ["deal_2026"]
    beside = by_name["deal_2026"].beside
    assert beside and beside.against and beside.against_title == f"“{beside.against.title}”"
    assert (beside.scenario, beside.against.name) == (by_name["deal_2026"].scenario, "final_duty_2026")
    assert beside.against.facts_on == beside.scenario.facts_on and beside.beside is None


def test_without_a_deal_the_final_duty_stands_alone() -> None:
    """By hand: 9% + 5.9% on seed, 5% + 100% on meal and peas, 6.1% + 100% on China's cars, as since 2025 and 2024."""
    table = scenarios.duties_by_line("final_duty_2026").set_index("line")
    expected = {
        "Canola seed into China": (0.149, "2026-03-01"), "Canola meal into China": (1.05, "2025-03-20"),
        "Canola oil into China": (1.09, "2025-03-20"), "Peas into China": (1.05, "2025-03-20"),
        "Electric vehicles from China into Canada, within the quota": (1.061, "2024-10-01"),
    }  # fmt: skip
    shown = table.loc[list(expected)]
    assert [(row.rate, str(row.since.date())) for row in shown.itertuples()] == [
        (pytest.approx(rate), since) for rate, since in expected.values()
    ]
    assert not scenarios.measures_in_force(scenarios.load("final_duty_2026")).find("canada_ev_quota")


def test_a_suspension_with_a_day_holds_from_that_day(folder: Path) -> None:
    for day, since in (("2025-03-20", 0.09), ("2026-05-01", 1.09)):
        write(folder, GOOD.replace("suspended: true", f"suspended: true, effective: {day}"))
        among = scenarios.measures_in_force(scenarios.load("test_case"))
        rates = [tariff_schedule.rate(**CHINA, product="canola_oil", on=on, among=among).rate
                 for on in ("2026-04-30", "2026-05-01", "2026-10-01")]  # fmt: skip
        assert rates == pytest.approx([since, 0.09, 0.09])


def test_comparisons_that_lead_back_are_refused(folder: Path) -> None:
    write(folder, GOOD.replace("overrides:", "against: deal_2026\noverrides:"))
    assert scenarios.load("test_case").against == "deal_2026"
    status_quo = (folder / "status_quo_2025.yml").read_text("utf-8")
    write(folder, status_quo.replace("against: before_measures", "against: test_case"), "status_quo_2025.yml")
    with pytest.raises(BadInput, match=r"no circle .*deal_2026 against status_quo_2025 against test_case"):
        scenarios.load("test_case")


def test_who_lets_cars_in_above_the_quota_says_what_they_pay() -> None:
    deal, open_to_all = scenarios.load("deal_2026"), {"overrides.canada_ev_no_permit.suspended": True}
    with pytest.raises(BadInput, match="above_quota: found no_entry; allowed: surtax, mfn: no measure of that day"):
        scenario_grids.variant(deal, open_to_all, "open")
    assert scenario_grids.variant(deal, {**open_to_all, "above_quota": "mfn"}, "open").above_quota == "mfn"


def test_other_figures_hold_on_every_day() -> None:
    growth = tariff_schedule.quantities("canada_ev_quota", on="2026-03-01")
    quantities = {change.name: change.value for change in scenarios.load("quota_2030").quantities}
    years = 4  # from year 1, March 2026 to February 2027, to year 5, March 2030 to February 2031
    assert quantities["annual_vehicles"] == round(growth["annual_vehicles"] * (1 + growth["growth_per_year"]) ** years)
    year_five = tariff_schedule.quantities("canada_ev_quota", on="2030-03-01")
    assert quantities["price_cap_share_year_5"] == year_five["price_cap_share_year_5"]
    quota = tariff_schedule.get("canada_ev_quota", among=scenarios.measures_in_force(scenarios.load("quota_2030")))
    figures = {figure.name: figure for figure in quota.quantities}
    assert (figures["annual_vehicles"].value, figures["annual_vehicles"].start) == (63037, None)
    assert figures["price_cap_cad"].value == growth["price_cap_cad"]


def test_without_the_preference_claimed_goods_pay_as_others() -> None:
    table = scenarios.duties_by_line("cusma_lapse", us_content=0.5).set_index("line")
    for good in ("Canola oil", "Passenger vehicles"):
        rows = [table.loc[f"{good} into the United States, {how}"] for how in ("with a CUSMA claim", "without a claim")]
        assert rows[0]["rate"] == rows[1]["rate"] and rows[0]["changed"] and not rows[1]["changed"]


WORDS_OF_DEAL = ("words", "deal_2026")


@pytest.mark.parametrize(
    "asked",
    [
        lambda deal: deal.title, lambda deal: deal.question, lambda deal: deal.sources, repr,
        lambda deal: deal.model_dump(), lambda deal: deal.model_dump_json(),
        lambda deal: deal == scenarios.load("deal_2026"), vars, list, lambda deal: pickle.dumps(deal),
        lambda deal: deal.model_copy(update={"horizon": "crop_year"}).title,
        lambda deal: scenarios.compared("quota_2030").against_title,
    ],
)  # fmt: skip
def test_who_asks_for_a_word_of_a_scenario_or_for_all_of_it_is_recorded(asked: Callable[[object], object]) -> None:
    chosen = scenarios.load("deal_2026")
    with loaded_files.recording() as read:
        asked(chosen)
    assert WORDS_OF_DEAL in read


def test_what_a_scenario_sets_is_read_without_its_words() -> None:
    with loaded_files.recording() as read:
        chosen = scenarios.compared("deal_2026")
        scenarios.duties_by_line(chosen.scenario.model_copy(update={"horizon": "crop_year"}))
    assert {name for kind, name in read if kind == "scenario"} == {
        "deal_2026", "status_quo_2025", "final_duty_2026",
    }  # fmt: skip
    assert not [name for kind, name in read if kind == "words"]


def test_a_change_says_what_it_is_measured_against_where_its_number_does_not() -> None:
    numbers = pd.DataFrame({"period": ["a year", "a year", "2019"], "against": ["deal_2026", scenarios.BEFORE, ""]})
    periods = scenarios.with_baselines(numbers)["period"].tolist()
    title = scenarios.load("deal_2026").named
    assert periods == [f"a year, against: “{title}”", f"a year, against: {scenarios.BEFORE_MEASURES}", "2019"]
    plain = numbers.drop(columns="against")
    assert scenarios.with_baselines(plain) is plain


def test_another_title_is_another_digest_of_the_words_alone(folder: Path) -> None:
    before = [scenarios.digest(kind, "deal_2026") for kind in ("scenario", "words")]
    path = folder / "deal_2026.yml"
    path.write_text(path.read_text("utf-8").replace("title: The", "title: Another", 1), "utf-8")
    settings, wording = (scenarios.digest(kind, "deal_2026") for kind in ("scenario", "words"))
    assert settings == before[0] and wording != before[1]
