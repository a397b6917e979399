"""The electric-car model: every limit, both ways of its anchors, scipy.optimize beside it, the account it closes."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from second_routes import car_account_routes

from tradeexposure.core import paths
from tradeexposure.core.errors import BadInput, NotConverged
from tradeexposure.policy import assumptions, regimes, scenarios
from tradeexposure.policy.regimes import VehicleRegime
from tradeexposure.vehicles.market import demand_system, entry, model
from tradeexposure.vehicles.market.base_year import CHINA_BUILT, OTHER_CARS, OTHERS, EvBase
from tradeexposure.vehicles.market.model import (
    FILLED,
    NO_QUOTA,
    OVERFILLED,
    UNFILLED,
    EvOutcome,
    QuotaUse,
    VehicleAccount,
)

DRAWS = 600


def _benchmark() -> Any:
    place = importlib.util.spec_from_file_location("ev_benchmark", paths.path("benchmarks", "ev_model.py"))
    assert place is not None and place.loader is not None
    module = importlib.util.module_from_spec(place)
    sys.modules[place.name] = module
    place.loader.exec_module(module)
    return module


bench = _benchmark()
REFERENCE: VehicleRegime = bench.REFERENCE
DEAL = replace(REFERENCE, quota=24_500.0, rebate_china_cad=0.0)


@pytest.fixture(scope="module")
def draws() -> pd.DataFrame:
    return bench.invented(DRAWS, np.random.default_rng(5))


def customs_value(base: EvBase, draws: pd.DataFrame) -> pd.Series:
    """Of a China-built car, whose price holds it, `1 / customs_share` of it before duty, and 6.1% of it as duty."""
    return base.price_cad * (1 - draws["china_price_gap"]) / (1 / base.customs_share + 0.061)


def solved(base: EvBase, draws: pd.DataFrame, **change: Any) -> EvOutcome:
    return model.simulate(base, draws, replace(REFERENCE, **change))


def test_an_unchanged_regime_changes_nothing(base: EvBase, draws: pd.DataFrame) -> None:
    outcome = model.simulate(base, draws, REFERENCE)
    for name, cars in outcome.registrations.items():
        np.testing.assert_allclose(cars, outcome.base_registrations[name], rtol=1e-15)
    for nothing in (outcome.consumer_surplus_cad, outcome.domestic_assembly_change, outcome.quota_rent_cad):
        assert not nothing.any()
    assert not outcome.price_change_cad.any() and (outcome.quota_outcome == NO_QUOTA).all()
    np.testing.assert_allclose(outcome.registrations[CHINA_BUILT], model.offer(base, draws, REFERENCE).cars, rtol=1e-14)


def test_rate_that_is_the_same_above_the_quota_makes_the_quota_idle(base: EvBase, draws: pd.DataFrame) -> None:
    quota, none = solved(base, draws, quota=24_500.0, china_above=0.061), solved(base, draws)
    np.testing.assert_allclose(quota.registrations[CHINA_BUILT], none.registrations[CHINA_BUILT], rtol=1e-14)
    np.testing.assert_allclose(quota.tariff_revenue_cad, none.tariff_revenue_cad, rtol=1e-12)
    assert not quota.quota_rent_cad.any()
    assert set(np.unique(quota.quota_outcome)) == {UNFILLED, OVERFILLED}


def test_anchors_hold_at_the_base_year(base: EvBase, draws: pd.DataFrame) -> None:
    """At the base year's cars: diversion on removal, the answer to all electric prices, the market's to all prices."""
    at_year = draws.assign(china_appeal=1.0, china_price_gap=0.0)
    outcome = model.simulate(base, at_year, REFERENCE)
    others = sum(outcome.displaced[origin] for origin in OTHERS)
    sold = draws["china_share_2023"] * base.electric
    np.testing.assert_allclose(outcome.registrations[CHINA_BUILT], sold, rtol=1e-12)
    np.testing.assert_allclose(others, draws["drawn_from_evs"] * sold, rtol=1e-9)
    np.testing.assert_allclose(model.electric(outcome.registrations), base.electric, rtol=1e-12)
    as_held = at_year.assign(china_share_2023=base.registrations[CHINA_BUILT] / base.electric)
    for name, cars in model.simulate(base, as_held, REFERENCE).registrations.items():
        np.testing.assert_allclose(cars, base.registrations[name], rtol=1e-12)
    step = 1.0  # C$ on the price of every electric car, by way of a rebate
    dearer = {"rebate_cad": 5000.0 - step, "rebate_china_cad": 5000.0 - step}
    answers = [
        np.log(model.electric(solved(base, at_year, **each).registrations))
        for each in ({"rebate_cad": 5000.0 + step, "rebate_china_cad": 5000.0 + step}, dearer)
    ]
    slope = (answers[0] - answers[1]) / (2 * step / 1000) / draws["rebate_pass_through"]
    np.testing.assert_allclose(slope, draws["ev_semi_elasticity"], rtol=1e-5)


def test_market_answers_all_prices_by_its_elasticity(base: EvBase, draws: pd.DataFrame) -> None:
    demand = demand_system.calibrate(base, draws)
    free = draws["ev_semi_elasticity"] * base.market_price_cad / 1000 > draws["market_response"]
    np.testing.assert_allclose(
        (demand.market_response * base.market_price_cad / 1000)[free], draws["market_response"][free]
    )
    assert (demand.market_response <= demand.price_response * (1 + 1e-12)).all()


def test_adding_up_and_displacement(base: EvBase) -> None:
    many = bench.invented(10_000, np.random.default_rng(11))
    for regime in (DEAL, *bench.REGIMES.values(), replace(DEAL, quota=0.0)):
        outcome = model.simulate(base, many, regime)
        assert outcome.residual.max() < 1e-9
        lost = sum(outcome.displaced.values()) + outcome.additional
        np.testing.assert_allclose(lost, outcome.registrations[CHINA_BUILT], rtol=1e-9, atol=1e-6)
        assert min(cars.min() for cars in outcome.registrations.values()) >= 0
        assert min(cars.min() for cars in outcome.displaced.values()) > -1e-6 and outcome.additional.min() > -1e-6
        np.testing.assert_allclose(outcome.rent_abroad_cad + outcome.rent_home_cad, outcome.quota_rent_cad)
        np.testing.assert_allclose(outcome.within_quota + outcome.above_quota, outcome.registrations[CHINA_BUILT])


def test_a_zero_quota_lets_none_in_and_a_huge_one_is_unfilled(base: EvBase, draws: pd.DataFrame) -> None:
    none, huge = solved(base, draws, quota=0.0), solved(base, draws, quota=1e7)
    assert not none.registrations[CHINA_BUILT].any() and not none.quota_rent_cad.any()
    assert not none.tariff_revenue_cad.any()
    assert np.isfinite(none.consumer_surplus_cad).all() and (none.consumer_surplus_cad < 0).all()
    assert not any(cars.any() for cars in none.displaced.values()) and (none.quota_outcome == FILLED).all()
    assert (huge.quota_outcome == UNFILLED).all() and not huge.quota_rent_cad.any()
    np.testing.assert_array_equal(huge.registrations[CHINA_BUILT], solved(base, draws).registrations[CHINA_BUILT])


def test_a_filled_quota_is_exactly_filled(base: EvBase, draws: pd.DataFrame) -> None:
    outcome = model.simulate(base, draws, DEAL)
    filled = outcome.quota_outcome == FILLED
    assert 0.1 < filled.mean() < 0.9
    np.testing.assert_allclose(outcome.registrations[CHINA_BUILT][filled], DEAL.quota, rtol=1e-10)
    assert (outcome.rent_per_car_cad[filled] > 0).all() and not outcome.rent_per_car_cad[~filled].any()
    assert (outcome.registrations[CHINA_BUILT][~filled] <= DEAL.quota).all()
    assert model.quota_probabilities(outcome.quota_outcome)["filled"] == filled.mean()


@pytest.mark.parametrize("above", [0.061, 0.2, 0.5, 1.061])
def test_rent_is_within_the_gap_of_the_rates(base: EvBase, draws: pd.DataFrame, above: float) -> None:
    regime = replace(DEAL, china_above=above)
    outcome = model.simulate(base, draws, regime)
    price = base.price_cad * (1 - draws["china_price_gap"])
    assert (outcome.quota_rent_cad >= 0).all()
    assert (outcome.quota_rent_cad <= 24_500 * (above - 0.061) * price + 1e-6).all()
    over = outcome.quota_outcome == OVERFILLED
    assert (outcome.registrations[CHINA_BUILT][over] >= 24_500).all() and not outcome.above_quota[~over].any()
    demanded = solved(base, draws, china_within=above, rebate_china_cad=0.0).registrations[CHINA_BUILT]
    np.testing.assert_allclose(outcome.registrations[CHINA_BUILT][over], demanded[over], rtol=1e-10)


def test_what_the_rate_above_the_quota_adds_is_over_the_rate_within_it(base: EvBase, draws: pd.DataFrame) -> None:
    regime = replace(DEAL, quota=15_000.0, china_within=0.2, china_above=0.35)
    met = model.offer(base, draws, regime)
    assert met.rise is not None and met.above is not None
    value = customs_value(base, draws)
    np.testing.assert_allclose(met.rise, draws["tariff_pass_through"] * 0.15 * value, rtol=1e-9)


def test_monotone_in_the_quota(base: EvBase, draws: pd.DataFrame) -> None:
    path = [model.simulate(base, draws, replace(DEAL, quota=float(cars))) for cars in (1, 5e3, 2e4, 5e4, 2e5)]
    for less, more in pairwise(path):
        assert (more.registrations[CHINA_BUILT] >= less.registrations[CHINA_BUILT] - 1e-6).all()
        assert (more.rent_per_car_cad <= less.rent_per_car_cad + 1e-6).all()
        assert (more.consumer_surplus_cad >= less.consumer_surplus_cad - 1e-3).all()
        assert all((more.registrations[name] <= less.registrations[name] + 1e-6).all() for name in OTHERS)


def test_monotone_in_the_rates(base: EvBase, draws: pd.DataFrame) -> None:
    path = [solved(base, draws, china_within=rate) for rate in (0.0, 0.061, 0.3, 0.7, 1.061)]
    above = [model.simulate(base, draws, replace(DEAL, china_above=rate)) for rate in (0.061, 0.1, 0.3, 1.061)]
    for low, high in [*pairwise(path), *pairwise(above)]:
        assert (high.registrations[CHINA_BUILT] <= low.registrations[CHINA_BUILT] + 1e-6).all()
        assert (high.consumer_surplus_cad <= low.consumer_surplus_cad + 1e-3).all()
        assert (high.registrations[OTHER_CARS] >= low.registrations[OTHER_CARS] - 1e-6).all()
        assert (high.quota_rent_cad >= low.quota_rent_cad - 1e-3).all()


def test_revenue_is_the_rate_on_the_customs_value(base: EvBase, draws: pd.DataFrame) -> None:
    whole = draws.assign(tariff_pass_through=1.0)
    value = customs_value(base, draws)
    for rate in (0.061, 0.5, 1.061):
        outcome = solved(base, whole, china_within=rate)
        np.testing.assert_allclose(
            outcome.tariff_revenue_cad, rate * value * outcome.registrations[CHINA_BUILT], rtol=1e-12
        )
    part = model.tariff(base, draws, 1.061)
    worth = part.duty_per_car / 1.061
    np.testing.assert_allclose(worth * 2.061 - value * 1.061, part.price_change, rtol=1e-10)
    assert (worth <= value).all() and not solved(base, draws, china_within=0.0).tariff_revenue_cad.any()


def test_revenue_above_the_quota_is_at_the_higher_rate(base: EvBase, draws: pd.DataFrame) -> None:
    outcome = model.simulate(base, draws.assign(tariff_pass_through=1.0), replace(DEAL, china_above=0.1))
    value = customs_value(base, draws)
    rated = value * (0.061 * outcome.within_quota + 0.1 * outcome.above_quota)
    assert outcome.above_quota.any()
    over = outcome.quota_outcome == OVERFILLED
    np.testing.assert_allclose(outcome.within_quota[over], 24_500, rtol=1e-12)
    assert not outcome.above_quota[~over].any()
    np.testing.assert_allclose(outcome.tariff_revenue_cad, rated, rtol=1e-12)


def test_surplus_is_the_area_under_demand(base: EvBase, draws: pd.DataFrame) -> None:
    """Cars bought integrated over a fall in the rebate and a rise in the rate together: a second route."""
    few = draws.head(6)
    regime = replace(REFERENCE, china_within=0.5, rebate_cad=0.0)
    outcome = model.simulate(base, few, regime)
    for place in range(len(few)):
        taken = bench.choice(base, few.iloc[place])
        rise = bench.price_rise(base, few.iloc[place], regime, 0.5)
        area, _ = quad(lambda part, taken=taken, rise=rise: taken.cars(part * rise)[:-1] @ rise, 0, 1, epsrel=1e-11)
        assert outcome.consumer_surplus_cad[place] == pytest.approx(-1000 * area, rel=1e-8)


@pytest.mark.parametrize("name", list(bench.REGIMES))
def test_scipy_draw_by_draw_agrees(base: EvBase, draws: pd.DataFrame, name: str) -> None:
    _, _, apart = bench.compare(base, draws, bench.REGIMES[name], 25)
    assert apart < 1e-6


def test_rebates_are_counted_at_what_each_kind_gets(base: EvBase, draws: pd.DataFrame) -> None:
    outcome = solved(base, draws, rebate_cad=4000.0, rebate_china_cad=1000.0)
    china, every = outcome.registrations[CHINA_BUILT], model.electric(outcome.registrations)
    paid = 4000 * (every - china) + 1000 * china
    np.testing.assert_allclose(outcome.rebate_cost_cad, draws["rebate_eligible"] * paid)


def test_a_closed_rebate_lowers_china_built_cars_only(base: EvBase, draws: pd.DataFrame) -> None:
    closed = solved(base, draws, rebate_china_cad=0.0)
    assert (closed.registrations[CHINA_BUILT] < closed.base_registrations[CHINA_BUILT]).all()
    assert all((closed.registrations[name] >= closed.base_registrations[name]).all() for name in OTHERS)
    np.testing.assert_allclose(closed.price_change_cad, 5000 * draws["rebate_pass_through"], rtol=1e-9)


def test_part_of_the_quota_under_a_cap_is_partly_used(base: EvBase, draws: pd.DataFrame) -> None:
    regime = replace(DEAL, price_capped_share=0.5, price_cap_cad=35_000.0)
    outcome = model.simulate(base, draws, regime)
    usable = 24_500 * (0.5 + 0.5 * draws["under_cap_share"])
    filled = outcome.quota_outcome == FILLED
    np.testing.assert_allclose(outcome.registrations[CHINA_BUILT][filled], usable[filled], rtol=1e-10)
    assert filled.mean() > (model.simulate(base, draws, DEAL).quota_outcome == FILLED).mean()


def test_assembly_counts_canadian_built_cars_of_both_kinds(base: EvBase, draws: pd.DataFrame) -> None:
    outcome = solved(base, draws, china_within=1.061)
    more = {name: outcome.registrations[name] - outcome.base_registrations[name] for name in outcome.registrations}
    expected = (more["canada"] + 0.1322 * more[OTHER_CARS]) / 1_537_111
    np.testing.assert_allclose(outcome.domestic_assembly_change, expected, rtol=1e-9)


def test_a_residual_sees_each_thing_that_does_not_add_up(base: EvBase, draws: pd.DataFrame) -> None:
    met = model.offer(base, draws, DEAL)
    filled = model.fill_quota(met.demand, met.free, met.others, draws, DEAL, None)
    now, none = (demand_system.purchases(met.demand, weight, met.others) for weight in (filled.weight, np.zeros(DRAWS)))
    cars, alone = demand_system.by_origin(base, now), demand_system.by_origin(base, none)
    displaced = {name: alone[name] - cars[name] for name in (*OTHERS, OTHER_CARS)}

    def left(of: QuotaUse = filled, more: float = 0.0, fewer: float = 0.0) -> np.ndarray:
        there = cars | {CHINA_BUILT: cars[CHINA_BUILT] + more}
        return model.residual(of, now, none, (there, displaced | {OTHER_CARS: displaced[OTHER_CARS] - fewer}), None)

    assert left().max() < 1e-12
    assert (left(more=1000.0) > 1e-4).all() and (left(fewer=1000.0) > 1e-4).all()
    assert (left(replace(filled, usable=filled.usable * 0.9))[filled.outcome == FILLED] > 0.05).all()


def test_each_condition_of_the_quota_is_held() -> None:
    """Unfilled: no rent, no car too many. Filled: to the last car. Exceeded: the rent is all that the rate adds."""
    usable = np.array([100.0])

    def left(state: int, *, cars: float, rent: float, rise: float | None = None) -> float:
        filled = QuotaUse(np.array([1.0]), usable, np.array([rent]), np.array([state]))
        top = None if rise is None else np.array([rise])
        return float(model.quota_residual(filled, np.array([cars]), top)[0])

    assert left(UNFILLED, cars=80, rent=0) == 0 and left(UNFILLED, cars=80, rent=5) == 1
    assert left(UNFILLED, cars=110, rent=0) == pytest.approx(0.1)
    assert left(FILLED, cars=100, rent=5) == 0 and left(FILLED, cars=90, rent=5) == pytest.approx(0.1)
    assert left(OVERFILLED, cars=150, rent=5, rise=5) == 0
    assert left(OVERFILLED, cars=150, rent=4, rise=5) == pytest.approx(0.2)
    assert left(NO_QUOTA, cars=150, rent=0) == 0


def test_a_market_that_does_not_answer_keeps_its_size(base: EvBase, draws: pd.DataFrame) -> None:
    outcome = solved(base, draws.assign(market_response=0.0), china_within=1.061)
    np.testing.assert_allclose(sum(outcome.registrations.values()), base.market, rtol=1e-12)
    near = solved(base, draws.assign(market_response=1e-9), china_within=1.061)
    np.testing.assert_allclose(outcome.consumer_surplus_cad, near.consumer_surplus_cad, rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("ev_semi_elasticity", -0.05, "more than 0"),
        ("ev_semi_elasticity", float("inf"), "more than 0"),  # an estimate over a pass-through of none
        ("china_appeal", 0.0, "more than 0"),
        ("china_share_2023", 1.5, "from 0 to 1"),
        ("surtax_kept", -0.1, "from 0 to 1"),
        ("us_car_value_cad", -1.0, "from 0 to inf"),
        ("tariff_pass_through", 1.5, "from 0 to 1"),
        ("china_price_gap", float("nan"), "from 0 to 1"),
        ("drawn_from_evs", 0.001, "more than the electric share"),
        ("drawn_from_evs", 1.0, "more than the electric share"),
    ],
)
def test_a_draw_out_of_bounds_is_named(
    base: EvBase, draws: pd.DataFrame, name: str, value: float, allowed: str
) -> None:
    wrong = draws[name].where(draws.index != 3, value)
    with pytest.raises(BadInput, match=f"{name}.*draw 3.*{allowed}"):
        model.simulate(base, draws.assign(**{name: wrong}), DEAL)


def test_a_missing_column_is_named(base: EvBase, draws: pd.DataFrame) -> None:
    with pytest.raises(BadInput, match=r"rent_kept_abroad.*no such column"):
        model.simulate(base, draws.drop(columns="rent_kept_abroad"), DEAL)


def test_a_draw_that_is_not_solved_is_named_and_gives_no_number(
    base: EvBase, draws: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demand_system, "ROUNDS", 1)
    with pytest.raises(NotConverged, match=r"draw \d+ .*ev_semi_elasticity=0\."):
        model.simulate(base, draws, DEAL)


def test_the_worst_draw_is_the_one_named(draws: pd.DataFrame) -> None:
    miss = np.where(np.arange(DRAWS) == 7, 0.5, 0.1)
    miss[3] = np.nan
    named = demand_system.not_converged("nest", miss, draws)
    assert "draw 3" in str(named)
    miss[3] = 0.0
    assert "draw 7" in str(demand_system.not_converged("nest", miss, draws))


@pytest.fixture(scope="module")
def prior_draws() -> pd.DataFrame:
    return assumptions.draws(800, seed=9)


@pytest.fixture(scope="module")
def sides() -> tuple[VehicleRegime, VehicleRegime]:
    compared = scenarios.compared("deal_2026")
    return regimes.vehicles(compared.scenario), model.as_observed(regimes.vehicles_against(compared))


def gained(base: EvBase, prior_draws: pd.DataFrame, sides: tuple[VehicleRegime, VehicleRegime]) -> VehicleAccount:
    return model.account(*(model.simulate(base, prior_draws, each) for each in sides))


def test_the_lines_that_stay_in_canada_make_the_sum(
    base: EvBase, prior_draws: pd.DataFrame, sides: tuple[VehicleRegime, VehicleRegime]
) -> None:
    scenario, against = (model.simulate(base, prior_draws, each) for each in sides)
    account = model.account(scenario, against)
    np.testing.assert_allclose(account.total, sum(vars(account).values()), rtol=1e-12)
    assert (account.surtax_lost < 0).all() and (account.rebates > 0).all() and (account.revenue > 0).all()
    abroad, kept = scenario.rent_abroad_cad - against.rent_abroad_cad, prior_draws["rent_kept_abroad"].to_numpy()
    assert (abroad >= 0).all() and abroad.any()
    np.testing.assert_allclose(account.quota_rent * kept, abroad * (1 - kept), rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("first_year", [False, True])
def test_surtax_and_rebates_follow_from_the_cars_displaced(
    base: EvBase, prior_draws: pd.DataFrame, sides: tuple[VehicleRegime, VehicleRegime], first_year: bool
) -> None:
    solve = entry.first_year if first_year else model.simulate
    scenario, against = (solve(base, prior_draws, each) for each in sides)
    account = model.account(scenario, against)
    assert not any(against.displaced[origin].any() for origin in OTHERS)
    surtax, rebates = car_account_routes.treasury_by_displaced(scenario, prior_draws, rate=0.25, rebate=5000)
    np.testing.assert_allclose(account.surtax_lost, surtax, rtol=1e-8)
    np.testing.assert_allclose(account.rebates, rebates, rtol=1e-8)


def test_without_a_surtax_the_other_lines_stay(
    base: EvBase, prior_draws: pd.DataFrame, sides: tuple[VehicleRegime, VehicleRegime]
) -> None:
    whole, untaxed = gained(base, prior_draws, sides), gained(base, prior_draws.assign(surtax_kept=0.0), sides)
    assert not untaxed.surtax_lost.any() and whole.surtax_lost.all()
    for name in ("car_buyers", "rebates", "quota_rent", "revenue"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(untaxed, name))
    lifted = gained(base, prior_draws, (replace(sides[0], us_surtax=0.0), replace(sides[1], us_surtax=0.0)))
    np.testing.assert_allclose(whole.total - lifted.total, whole.surtax_lost, rtol=1e-9)


def test_a_duty_that_shuts_cars_out_lets_none_in(base: EvBase, prior_draws: pd.DataFrame) -> None:
    shut = VehicleRegime(china_within=1.0, china_above=1.0, price_capped_share=0.3)
    seen, curve = model.as_observed(shut), replace(shut, china_within=0.99)
    assert seen == replace(shut, quota=0.0, china_above=None, price_capped_share=0.0)
    assert model.as_observed(curve) is curve
    outcome = model.simulate(base, prior_draws, seen)
    assert not outcome.registrations[CHINA_BUILT].any() and not outcome.tariff_revenue_cad.any()
    some = replace(shut, china_above=None, china_within=np.where(np.arange(800) % 2, 0.5, 1.5))
    assert model.as_observed(some) is some
