"""Two counterfactuals, the curve between them and two horizons: ends meet, what is equal gains nothing, rows pair."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import samplerows

from tradeexposure.canola.market import logit, logit_solver
from tradeexposure.core.arrays import Floats
from tradeexposure.policy import regimes, scenarios
from tradeexposure.policy.tariff_index import MEAL_TO_CHINA, SEED_TO_CHINA
from tradeexposure.scenarios.simulation import changes, messages, models, results, simulate, variants
from tradeexposure.scenarios.simulation.models import Pair, Simulation

CENT = 1.0  # C$ within which two solutions are one
FINAL, YEAR = "against_final_duty", "first_year"


@pytest.fixture(scope="module")
def along(deal: Simulation) -> dict[str, Floats]:
    return variants.would_have_come(deal)


def test_a_scenario_has_its_horizons_over_each_counterfactual(deal: Simulation):
    assert list(deal.markets) == ["", YEAR, FINAL, f"{FINAL}.{YEAR}"]
    setting = replace(deal.setting, compared=scenarios.compared("escalation"))
    alone = models.with_canola(Simulation(setting))
    assert list(alone.markets) == ["", YEAR] and variants.would_have_come(alone) == variants.turning(alone) == {}
    setting = replace(deal.setting, compared=scenarios.compared("licence_ban_2019"))
    alone = models.with_canola(Simulation(setting))
    assert list(alone.markets) == [""]


def test_over_the_final_duty_seed_to_china_differs_through_meal_alone(deal: Simulation):
    market, duties = deal.markets[FINAL], deal.beside
    assert duties is not None and duties[SEED_TO_CHINA] == deal.duties.scenario[SEED_TO_CHINA] == 0.149
    assert {key for key, duty in duties.items() if duty != deal.duties.scenario[key]} == {MEAL_TO_CHINA}
    change = changes.canola_change(market)
    assert (market.income > 0).all() and np.abs(change["china_volume_change_kt"]).max() > 1
    same = market.over({**duties, MEAL_TO_CHINA: deal.duties.scenario[MEAL_TO_CHINA]})
    nothing = changes.canola_change(same)
    unmoved = (nothing[name] for name in ("china_volume_change_kt", "producer_price_change"))
    for values in (same.income, *unmoved, same.account.total):
        assert np.abs(values).max() < CENT


@pytest.mark.parametrize("horizon", ["", YEAR])
def test_ends_of_the_curve_are_the_two_scenarios(deal: Simulation, along: dict[str, Floats], horizon: str):
    setting = deal.setting
    rows = setting.first_year if horizon else setting.weighted
    for name, against in (("15", scenarios.load("final_duty_2026")), ("85", scenarios.load("status_quo_2025"))):
        charged = regimes.canola_against(scenarios.Comparison(setting.scenario, against))
        alone = models.market_of(setting, rows, Pair(deal.duties.scenario, charged)).income
        assert np.abs(along[messages.part(name, horizon)] - alone).max() < CENT
    both = deal.markets[horizon].income, deal.markets[messages.part(FINAL, horizon)].income
    assert np.abs(along[messages.part("85", horizon)] - both[0]).max() < CENT
    assert np.abs(along[messages.part("15", horizon)] - both[1]).max() < CENT


def test_the_curve_rises_and_tells_ten_points_at_either_end(deal: Simulation, along: dict[str, Floats]):
    names = [f"{name}" for name in range(15, 90, 5)]
    assert [name for name in along if name.isdecimal()] == names
    duties = variants.along(deal.setting)
    assert (duties["15"], duties["20"], duties["85"]) == (0.149, 0.2, 0.848)
    assert duties["first_ten"] == pytest.approx(0.249) and duties["last_ten"] == pytest.approx(0.748)
    medians = [np.median(along[name]) for name in names]
    assert (np.diff(medians) > 0).all() and np.median(along["first_ten"]) > np.median(along["last_ten"]) > 0
    assert not ((along["last_ten"] != 0) & (np.abs(along["last_ten"]) < variants.NOTHING)).any()
    between = along["25"] - along["15"]
    assert np.median(along["first_ten"]) == pytest.approx(np.median(between), rel=0.05)


def test_a_curve_has_no_step_twice():
    assert list(variants.rates(0.13, 0.27)) == ["15", "20", "25", "first_ten", "last_ten"]
    assert list(variants.rates(0.2, 0.2)) == ["20", "first_ten", "last_ten"]


def test_rivals_that_turn_otherwise_take_the_same_rows(deal: Simulation):
    incomes = variants.turning(deal)
    assert list(incomes) == ["turning_of_the_year", "one_pool", "segmented", "faded"]
    setting, income = deal.setting, deal.market.income
    own = setting.weighted[logit.KAPPA]
    again = models.market_of(setting, setting.weighted.assign(**{logit.KAPPA: own}), deal.duties).income
    assert np.abs(again - income).max() < CENT
    pool = replace(deal.market.behaviour, turning=np.zeros(samplerows.DRAWS))
    sides = (logit_solver.simulate(deal.market.base, pool, duties) for duties in vars(deal.duties).values())
    gained, lost = (side.producer_surplus_cad for side in sides)
    assert np.abs(incomes["one_pool"] - (gained - lost)).max() < CENT < np.abs(incomes["one_pool"] - income).min()
    year = deal.markets[YEAR]
    assert year.behaviour.turning == pytest.approx(1 / setting.first_year[logit.KAPPA].to_numpy())
    pooled = setting.first_year.assign(**{logit.KAPPA: np.inf})
    one_pool = models.market_of(setting, pooled, deal.duties).income
    assert incomes["faded"] == pytest.approx(5 / 12 * year.income + 7 / 12 * one_pool)


def test_every_row_says_what_it_is_measured_against(deal: Simulation, along: dict[str, Floats]):
    shares = simulate.provinces()
    markets = {ending: changes.canola_change(market) for ending, market in deal.markets.items()}
    rows = results.beside(markets, along, variants.turning(deal), shares, deal.setting).set_index("result_id")
    income = "scenario.canola.grower_income_change_cad"
    final = rows.loc[[key for key in rows.index if FINAL in key and key.rsplit(".", 2)[-2][-4:] != "duty"]]
    incomes = final.loc[final.index.str.startswith(income)]
    assert (incomes["versus"] == FINAL).all() and rows.loc[f"{income}.{YEAR}", "versus"] != FINAL
    assert incomes["period"].str.contains("No deal: China settles").all()
    assert rows.loc[f"{income}.{YEAR}", "period"].startswith("the first year, against: “No deal: China keeps")
    assert rows.loc[f"{income}.would_have_come.15", "duty"] == "14.9%"
    assert rows.loc[f"{income}.would_have_come.85", "duty"] == "84.8%"
    assert rows.loc[f"{income}.would_have_come.85", "period"] == "a year"


def test_the_baseline_of_a_number_is_in_its_name():
    chosen, income = scenarios.load("deal_2026"), "scenario.canola.grower_income_change_cad"
    ends = dict.fromkeys((f".{FINAL}", f".sk.{FINAL}", f".{FINAL}.{YEAR}"), "final_duty_2026")
    ends |= {"": "status_quo_2025", f".{YEAR}": "status_quo_2025", ".would_have_come.20": ""}
    assert {end: messages.baseline(chosen, f"{income}{end}") for end in ends} == ends
    assert messages.baseline(chosen, "scenario.canola.china_meal_duty.against") == ""
    assert messages.baseline(scenarios.load("escalation"), income) == "deal_2026"


def test_an_identifier_without_an_end_has_no_parts():
    assert messages.parts(messages.part("", "")) == set()
    assert messages.parts("first_year.against_final_duty") == {"first_year", "against_final_duty"}
