"""The duties of each scenario against what the facts add up to by hand."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tinyproject import SHIPPED

from tradeexposure import data
from tradeexposure.core import paths
from tradeexposure.core.errors import BadInput
from tradeexposure.policy import (
    cusma_claims,
    regimes,
    scenario_grids,
    scenario_schema,
    scenarios,
    tariff_schedule,
)
from tradeexposure.policy.regimes import VehicleRegime
from tradeexposure.policy.tariff_index import MARKETS, PRODUCTS

# Value in US$ of 2024 and share claimed under CUSMA of each line, read from us_imports_from_canada_2024.
CRUDE, REFINED = (1_507_942_698, 0.4314), (2_593_919_354, 0.9552)
SEED = ((22_036_589, 0.9173), (99_742_552, 0.9995), (797_615, 0.9764), (41_361_751, 0.9711))
MEAL = ((1_283_208_787, 1.0),)
MFN_OIL, MFN_CARS, CARS_232 = 0.064, 0.025, 0.25
# Seed, oil and meal into China; US duty on goods without a claim beyond the ordinary one, and with one.
CANOLA = {
    "status_quo_2025": ((0.848, 1.09, 1.05), 0.35, 0.0),
    "deal_2026": ((0.149, 1.09, 0.05), 0.10, 0.0),
    "deal_lapses_2027": ((0.149, 1.09, 1.05), 0.10, 0.0),
    "final_duty_2026": ((0.149, 1.09, 1.05), 0.10, 0.0),
    "full_normalisation": ((0.09, 0.09, 0.05), 0.10, 0.0),
    "escalation": ((0.848, 1.09, 1.05), 0.10, 0.0),
    "us_338_extended": ((0.149, 1.09, 0.05), 0.60, 0.50),
    "us_retaliation_100": ((0.149, 1.09, 0.05), 1.0, 1.0),
    "quota_2030": ((0.149, 1.09, 0.05), 0.10, 0.0),
    "licence_ban_2019": ((0.09, 0.09, 0.0), 0.0, 0.0),
}
DEAL = {"china_within": 0.061, "china_above": None, "quota": 49_000, "price_capped_share": 0.0}
SHUT = {"china_within": 1.061, "china_above": 1.061, "quota": None, "price_capped_share": 0.0}
OPEN = {**SHUT, "china_within": 0.061, "china_above": 0.061}
REBATE_2026 = {"rebate_cad": 5000, "rebate_china_cad": 0}
# China's cars into Canada with the rebates; US duty on cars with a claim at 40% US content, and without a claim.
VEHICLES = {
    "status_quo_2025": ({**SHUT, "rebate_cad": 0, "rebate_china_cad": 0}, 0.15, 0.275),
    "deal_2026": ({**DEAL, **REBATE_2026, "price_cap_cad": 35_000}, 0.15, 0.275),
    "deal_lapses_2027": ({**DEAL, "rebate_cad": 4000, "rebate_china_cad": 0}, 0.15, 0.275),
    "final_duty_2026": ({**SHUT, **REBATE_2026, "price_cap_cad": None}, 0.15, 0.275),
    "full_normalisation": ({**OPEN, **REBATE_2026, "price_cap_cad": None}, 0.15, 0.275),
    "escalation": ({**SHUT, **REBATE_2026}, 0.15, 0.275),
    "us_338_extended": ({**DEAL, **REBATE_2026}, 0.5, 0.525),
    "us_retaliation_100": ({**DEAL, **REBATE_2026}, 1.0, 1.025),
    "cusma_lapse": ({**DEAL, **REBATE_2026}, 0.275, 0.275),
    "quota_2030": ({**DEAL, **REBATE_2026, "quota": 63_037, "price_capped_share": 0.5}, 0.15, 0.275),
    "licence_ban_2019": ({**OPEN, "rebate_cad": 5000, "rebate_china_cad": 5000}, 0.0, 0.025),
}


def weighted(lines: tuple[tuple[float, float], ...], with_claim: float, without: float) -> float:
    value = sum(value for value, _ in lines)
    return sum(value * (share * with_claim + (1 - share) * without) for value, share in lines) / value


def claimed_cars() -> float:
    """Second route: value entered under CUSMA over value, line by line."""
    lines = data.load("us_imports_from_canada_2024")
    cars = lines[lines["hts10"].str[:4] == "8703"]
    return float((cars["value_usd"] * cars["cusma_share_2024"]).sum() / cars["value_usd"].sum())


def fields(regime: VehicleRegime, names: dict) -> dict:
    return {name: getattr(regime, name) for name in names}


@pytest.mark.parametrize("name", CANOLA)
def test_canola_duties(name: str) -> None:
    china, extra, claimed = CANOLA[name]
    duties = regimes.canola(scenarios.load(name))
    assert set(duties) == {(market, product) for market in MARKETS for product in PRODUCTS}
    assert [duties["china", product] for product in PRODUCTS] == pytest.approx(china)
    oil = weighted((CRUDE, REFINED), claimed, MFN_OIL + extra)
    assert duties["united_states", "oil"] == pytest.approx(oil)
    for product, lines in (("seed", SEED), ("meal", MEAL)):
        expected = weighted(lines, claimed, cusma_claims.read().by_weight[product] + extra)
        assert duties["united_states", product] == pytest.approx(expected, abs=1e-9)
    rest = [duties[market, product] for market in MARKETS[2:] for product in PRODUCTS]
    assert rest == [0.0] * len(rest)


def test_without_cusma_every_good_pays_as_unclaimed() -> None:
    duties = regimes.canola(scenarios.load("cusma_lapse"))
    assert duties["united_states", "oil"] == pytest.approx(MFN_OIL + 0.10)
    assert duties["united_states", "seed"] == pytest.approx(cusma_claims.read().by_weight["seed"] + 0.10)
    assert duties["united_states", "meal"] == pytest.approx(cusma_claims.read().by_weight["meal"] + 0.10)
    assert duties["china", "seed"] == 0.149


@pytest.mark.parametrize("name", VEHICLES)
def test_vehicle_regimes(name: str) -> None:
    expected, with_claim, without = VEHICLES[name]
    draws = pd.DataFrame({"us_content": [0.4, 0.6]})
    regime = regimes.vehicles(scenarios.load(name), draws)
    assert fields(regime, expected) == pytest.approx(expected)
    share = claimed_cars()
    assert np.shape(regime.us_vehicle_duty) in {(), (2,)}
    at_40 = np.broadcast_to(regime.us_vehicle_duty, 2)[0]
    assert at_40 == pytest.approx(share * with_claim + (1 - share) * without)


def test_us_content_is_drawn_fixed_or_the_headline() -> None:
    deal = scenarios.load("deal_2026")
    drawn = regimes.vehicles(deal, pd.DataFrame({"us_content": [0.4, 0.5, 1.0]})).us_vehicle_duty
    share = claimed_cars()
    expected = share * CARS_232 * (1 - np.array([0.4, 0.5, 1.0])) + (1 - share) * (MFN_CARS + CARS_232)
    assert drawn == pytest.approx(expected)
    assert regimes.vehicles(deal).us_vehicle_duty == pytest.approx(expected[1])
    fixed = scenario_grids.variant(deal, {"assumptions.us_content": 0.4}, "fixed")
    assert regimes.vehicles(fixed).us_vehicle_duty == pytest.approx(expected[0])


@pytest.mark.parametrize(("reading", "above"), [("no_entry", None), ("surtax", 1.061), ("mfn", 0.061)])
def test_readings_of_the_law_above_the_quota(reading: str, above: float | None) -> None:
    deal = scenario_grids.variant(scenarios.load("deal_2026"), {"above_quota": reading}, "read")
    assert regimes.vehicles(deal).china_above == above
    back = {f"overrides.{regimes.SURTAX}.rate": 0.5, f"overrides.{regimes.SURTAX}.effective": date(2026, 3, 1)}
    again = regimes.vehicles(scenario_grids.variant(deal, {"above_quota": "surtax", **back}, "again"))
    assert again.china_within == again.china_above == pytest.approx(0.561), "a surtax that is put back is charged once"
    before = regimes.vehicles_against(scenarios.compared(deal))
    assert before.china_above == 1.061, "no quota there: the surtax on every car"
    half = scenario_grids.variant(scenarios.load("escalation"), {"above_quota": reading}, "read")
    assert regimes.vehicles_against(scenarios.compared(half)).china_above == above


def test_the_base_is_the_year_before_the_measures() -> None:
    base = regimes.base_canola()
    assert [base["china", product] for product in PRODUCTS] == pytest.approx((0.09, 0.09, 0.05))
    cars = regimes.base_vehicles()
    assert fields(cars, OPEN) == pytest.approx(OPEN)
    assert (cars.rebate_cad, cars.rebate_china_cad) == (5000, 5000)
    assert cars.us_vehicle_duty == pytest.approx((1 - claimed_cars()) * MFN_CARS)


def test_duties_of_the_base_on_oil_are_those_that_were_paid_in_2024() -> None:
    """Second route: duty paid over value of the two lines, US Census Bureau; no measure was in force."""
    lines = data.load("us_imports_from_canada_2024").set_index("hts10").loc[["1514110000", "1514190000"]]
    paid = lines["duty_usd"].sum() / lines["value_usd"].sum()
    assert regimes.base_canola()["united_states", "oil"] == pytest.approx(paid, abs=2e-5)


@pytest.mark.parametrize(("product", "text", "cents"), [("seed", "us_mfn_seed", 0.58), ("meal", "us_mfn_meal", 0.17)])
def test_duties_by_weight(product: str, text: str, cents: float) -> None:
    """Second route: the schedule's text, and tonnes and C$ of 2024 as the Canola Council prints them."""
    assert tariff_schedule.get(text).specific == f"{cents} US cents/kg"
    cad, tonnes = {"seed": (237e6, 277_519), "meal": (1.8e9, 3.8e6)}[product]
    exchange = data.load("exchange_rate_monthly").set_index("month").loc["2024", "cad_per_usd"].mean()
    assert cusma_claims.read().by_weight[product] == pytest.approx(cents * 10 * exchange / (cad / tonnes))


@pytest.mark.parametrize("name", SHIPPED)
def test_a_comparison_holds_still_what_the_scenario_is_not_about(name: str) -> None:
    """China's duties are those of what it is compared with; US duties differ only where the scenario sets them."""
    chosen = scenarios.load(name)
    there, own = regimes.canola_against(scenarios.compared(chosen)), regimes.canola(chosen)
    cars, own_cars = regimes.vehicles_against(scenarios.compared(chosen)), regimes.vehicles(chosen)
    sets_us = name in {"us_338_extended", "us_retaliation_100", "cusma_lapse"}
    assert all(
        (there["united_states", product] != own["united_states", product]) == sets_us for product in ("seed", "oil")
    )
    assert (cars.us_vehicle_duty != own_cars.us_vehicle_duty) == sets_us
    assert (cars.rebate_cad, cars.rebate_china_cad) == (own_cars.rebate_cad, own_cars.rebate_china_cad)
    if chosen.against == scenario_schema.BEFORE:
        meal = 0.0 if chosen.facts_on.year == 2019 else 0.05  # the provisional duty of 2019 is no measure on Canada
        assert [there["china", product] for product in PRODUCTS] == pytest.approx((0.09, 0.09, meal))
        assert fields(cars, OPEN) == pytest.approx(OPEN)
    else:
        against = scenarios.load(chosen.against)
        assert [there["china", p] for p in PRODUCTS] == [regimes.canola(against)["china", p] for p in PRODUCTS]
        assert fields(cars, OPEN) == fields(regimes.vehicles(against), OPEN)


def test_rebates_by_day() -> None:
    """Second route: the federal rows of the table of rebates."""
    table = data.load("ev_rebates").query("jurisdiction == 'Canada' and vehicle == 'BEV'")
    for day in (
        date(2019, 4, 30),
        date(2019, 5, 1),
        date(2023, 6, 1),
        date(2025, 1, 11),
        date(2025, 6, 1),
        date(2026, 2, 15),
        *(date(year, 7, 1) for year in range(2026, 2032)),
    ):
        moment = pd.Timestamp(day)
        rows = table[(table["date_start"] <= moment) & (table["date_end"].isna() | (table["date_end"] >= moment))]
        scenario = scenario_grids.variant(scenarios.load("status_quo_2025"), {"facts_on": day}, "day")
        assert regimes.vehicles(scenario).rebate_cad == rows["amount_cad"].sum(), day


@pytest.mark.parametrize(
    ("day", "cars", "reserved"),
    [
        (date(2027, 2, 28), 49_000, 0.0),
        (date(2027, 3, 1), 52_185, 0.1),
        (date(2028, 2, 29), 52_185, 0.1),
        (date(2029, 3, 1), 59_190, 0.1),  # stated for years 2 and 5 alone
        (date(2031, 2, 28), 63_037, 0.5),
        (date(2031, 12, 31), 67_134, 0.5),
    ],
)
def test_the_quota_grows_by_the_announced_share_and_a_reserved_share_stays(
    day: date, cars: float, reserved: float
) -> None:
    regime = regimes.vehicles(scenario_grids.variant(scenarios.load("deal_2026"), {"facts_on": day}, "later"))
    assert (regime.quota, regime.price_capped_share) == (cars, reserved)
    five = {"facts_on": day, "quantities.canada_ev_quota.price_cap_share_year_5": 0.3}
    chosen = regimes.vehicles(scenario_grids.variant(scenarios.load("deal_2026"), five, "chosen"))
    assert chosen.price_capped_share == 0.3


def test_a_quota_stated_anew_for_its_second_year_holds_on_its_days(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As docs/how-to/add-a-policy-fact.md has it: one more line of the same name, for days of its own."""
    shutil.copytree(paths.path("data"), tmp_path / "data")
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(tmp_path))
    file = tmp_path / "data" / "parameters" / "canada_on_china.yml"
    first = "- {name: annual_vehicles, value: 49000.0, unit: vehicles a year, start: 2026-03-01, end: 2027-02-28}\n"
    second = first.replace("49000.0", "60000.0").replace("2026-03-01, end: 2027-02-28", "2027-03-01, end: 2028-02-29")
    text = file.read_text("utf-8")
    assert first in text
    file.write_text(text.replace(first, f"{first}      {second}"), "utf-8")
    deal, five = scenarios.load("deal_2026"), date(2030, 3, 1)
    for day, cars, window in (
        (date(2027, 2, 28), 49_000, 24_500), (date(2027, 3, 1), 60_000, 30_000),
        (five, round(60_000 * 1.065**3), round(60_000 * 1.065**3) / 2),
    ):  # fmt: skip
        there = regimes.vehicles(scenario_grids.variant(deal, {"facts_on": day}, "later"))
        assert (there.quota, there.first_window) == (cars, window)
        assert regimes.quota_on(day) == cars
    assert regimes.year_five(regimes.vehicles(deal)).quota == round(60_000 * 1.065**3)


def test_other_figures_reach_the_regime() -> None:
    paths = {
        "quantities.canada_ev_quota.annual_vehicles": 1000,
        "quantities.canada_ev_quota.price_cap_share_year_2": 0.25,
        "quantities.canada_ev_affordability.rebate_bev_2026_cad": 2000,
    }
    regime = regimes.vehicles(scenario_grids.variant(scenarios.load("deal_2026"), paths, "other"))
    assert (regime.quota, regime.price_capped_share, regime.rebate_cad) == (1000, 0.25, 2000)

    part = {"quantities.canada_ev_quota.first_window_vehicles": 400, "quantities.canada_ev_quota.annual_vehicles": 1000}
    assert regimes.vehicles(scenario_grids.variant(scenarios.load("deal_2026"), part, "part")).first_window == 400


def test_a_supposed_surtax_on_us_cars_adds_to_the_one_in_force() -> None:
    home = {"imposer": "canada", "origins": ["united_states"]}
    changes = {f"hypothetical.us_338_vehicles.{key}": value for key, value in home.items()}
    regime = regimes.vehicles(scenario_grids.variant(scenarios.load("us_338_extended"), changes, "more"))
    assert regime.us_surtax == 0.75


BAN = {"kind": "no_entry", "stacking": "no_entry", "rate": None, "no_rate": "ban"}
QUOTA = {"imposer": "canada", "origins": ["china"], "products": ["electric_vehicles"], "kind": "quota",
         "stacking": "none", "quota": "within", "rate": None, "no_rate": "quota"}  # fmt: skip


@pytest.mark.parametrize(
    ("supposed", "changes", "message"),
    [
        ({**BAN, "imposer": "japan", "products": ["canola_seed"]}, {}, "canola_seed into japan: found no entry"),
        ({**BAN, "imposer": "canada", "origins": ["united_states"], "products": ["electric_vehicles"]}, {},
         "electric vehicles of the United States: found no entry"),
        ({}, {"overrides.mexico_cusma.end": date(2026, 9, 30)}, "canola_oil into mexico: found base unknown"),
        (QUOTA, {}, "found canada_ev_quota and us_338_canola; allowed: one quota"),
        (QUOTA, {"overrides.canada_ev_quota.suspended": True}, "us_338_canola: quantities: found no annual_vehicles"),
        ({}, {"quantities.canada_ev_quota.first_window_vehicles": 50_000}, "found 50000; allowed: at most the 49000"),
        ({}, {"quantities.canada_ev_quota.second_window_vehicles": 9_000}, "found 9000; allowed: first_window"),
        ({}, {"facts_on": date(2031, 6, 1), "overrides.canada_ev_affordability.end": date(2031, 12, 31)},
         "canada_ev_affordability: quantities: found no rebate_bev_2031_cad"),
    ],
)  # fmt: skip
def test_what_no_model_can_charge_is_refused_and_not_left_out(supposed: dict, changes: dict, message: str) -> None:
    written = {f"hypothetical.us_338_canola.{key}": value for key, value in supposed.items()}
    chosen = scenario_grids.variant(scenarios.load("us_338_extended"), {**written, **changes}, "other")
    with pytest.raises(BadInput, match=message):
        regimes.canola(chosen), regimes.vehicles(chosen)


def test_makers_enter_where_the_law_is_of_a_day_since_the_quota_opened() -> None:
    compared = scenarios.compared("deal_2026")
    deal, before = regimes.vehicles(compared.scenario), regimes.vehicles_against(compared)
    assert deal.entering and not before.entering and not regimes.base_vehicles().entering
    assert (deal.first_window, before.first_window) == (24_500, None)
    assert regimes.vehicles(scenarios.load("full_normalisation")).entering
    half = scenario_grids.variant(compared.scenario, {"quantities.canada_ev_quota.annual_vehicles": 1000}, "other")
    assert regimes.vehicles(half).first_window == 500
    opening = regimes.vehicles_at_opening()
    assert (opening.china_within, opening.rebate_cad, opening.rebate_china_cad) == (0.061, 5000, 0)
    assert (opening.quota, opening.entering, opening.china_above) == (49_000, True, None)


def test_the_fifth_year_is_that_of_the_law_whatever_a_scenario_sets() -> None:
    for name in ("deal_2026", "quota_2030"):
        law = regimes.vehicles(scenarios.load(name))
        later = regimes.year_five(law)
        assert (later.quota, later.price_capped_share) == (round(49_000 * 1.065**4), 0.5)
        assert replace(later, quota=law.quota, price_capped_share=law.price_capped_share) == law


@pytest.mark.parametrize(
    ("day", "rate"), [(date(2025, 4, 8), 0.0), (date(2025, 4, 9), 0.25), (date(2026, 10, 1), 0.25)]
)
def test_the_surtax_on_us_built_cars_is_that_of_the_day(day: date, rate: float) -> None:
    scenario = scenario_grids.variant(scenarios.load("deal_2026"), {"facts_on": day}, "other")
    assert regimes.vehicles(scenario).us_surtax == rate
    assert regimes.vehicles_against(scenarios.compared(scenario)).us_surtax == rate


def test_a_duty_that_another_market_charges_from_a_later_day_counts_on_that_of_the_scenario() -> None:
    compared = scenarios.compared("deal_2026")
    duty = {
        "id": "eu_duty", "title": "t", "imposer": "european_union", "origins": ["canada"], "products": ["canola_seed"],
        "kind": "mfn", "stacking": "additional", "rate": 0.1, "effective": date(2026, 9, 1), "instrument": "i",
        "confidence": "assumption",
    }  # fmt: skip
    charged = scenario_schema.Scenario.model_validate({**compared.scenario.model_dump(), "hypothetical": [duty]})
    free, europe = regimes.canola(compared.scenario), ("european_union", "seed")
    assert regimes.canola(charged) == {**free, europe: pytest.approx(free[europe] + 0.1)}
    assert regimes.canola_against(replace(compared, scenario=charged))[europe] == free[europe]


def test_a_ban_has_no_rate_and_says_so() -> None:
    deal = scenarios.load("deal_2026")
    ban = {
        "id": "ban", "title": "t", "imposer": "china", "origins": ["canada"], "products": ["canola_seed"],
        "kind": "no_entry", "stacking": "no_entry", "no_rate": "ban", "effective": date(2026, 9, 1), "instrument": "i",
        "confidence": "assumption",
    }  # fmt: skip
    banned = scenario_schema.Scenario.model_validate({**deal.model_dump(), "hypothetical": [ban]})
    with pytest.raises(BadInput, match="canola_seed into china: found no entry; allowed: one rate"):
        regimes.canola(banned)
