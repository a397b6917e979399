"""The account of cars: it closes, its treasury lines a second way, and nothing lost where nothing is charged."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from second_routes import car_account_routes

from tradeexposure.policy import assumptions, regimes, scenarios
from tradeexposure.policy.regimes import VehicleRegime
from tradeexposure.vehicles.market import account, base_year, entry, model
from tradeexposure.vehicles.market.account import VehicleAccount
from tradeexposure.vehicles.market.base_year import CHINA_BUILT, OTHERS, EvBase

DRAWS = 800


@pytest.fixture(scope="module")
def base() -> EvBase:
    return base_year.calibrate(regimes.base_vehicles())


@pytest.fixture(scope="module")
def draws() -> pd.DataFrame:
    return assumptions.draws(DRAWS, seed=9)


@pytest.fixture(scope="module")
def sides() -> tuple[VehicleRegime, VehicleRegime]:
    compared = scenarios.compared("deal_2026")
    return regimes.vehicles(compared.scenario), account.as_observed(regimes.vehicles_against(compared))


def between(base: EvBase, draws: pd.DataFrame, sides: tuple[VehicleRegime, VehicleRegime]) -> VehicleAccount:
    return account.between(*(model.simulate(base, draws, each) for each in sides))


def test_the_lines_that_stay_in_canada_make_the_sum(
    base: EvBase, draws: pd.DataFrame, sides: tuple[VehicleRegime, VehicleRegime]
) -> None:
    scenario, against = (model.simulate(base, draws, each) for each in sides)
    found = account.between(scenario, against)
    np.testing.assert_allclose(found.total, sum(vars(found).values()), rtol=1e-12)
    assert (found.surtax_lost < 0).all() and (found.rebates > 0).all() and (found.revenue > 0).all()
    abroad, kept = scenario.rent_abroad_cad - against.rent_abroad_cad, draws["rent_kept_abroad"].to_numpy()
    assert (abroad >= 0).all() and abroad.any()
    np.testing.assert_allclose(found.quota_rent * kept, abroad * (1 - kept), rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("first_year", [False, True])
def test_surtax_and_rebates_follow_from_the_cars_displaced(
    base: EvBase, draws: pd.DataFrame, sides: tuple[VehicleRegime, VehicleRegime], first_year: bool
) -> None:
    solve = entry.first_year if first_year else model.simulate
    scenario, against = (solve(base, draws, each) for each in sides)
    found = account.between(scenario, against)
    assert not any(against.displaced[origin].any() for origin in OTHERS)
    surtax, rebates = car_account_routes.treasury_by_displaced(scenario, draws, rate=0.25, rebate=5000)
    np.testing.assert_allclose(found.surtax_lost, surtax, rtol=1e-8)
    np.testing.assert_allclose(found.rebates, rebates, rtol=1e-8)


def test_without_a_surtax_the_other_lines_stay(
    base: EvBase, draws: pd.DataFrame, sides: tuple[VehicleRegime, VehicleRegime]
) -> None:
    whole, untaxed = between(base, draws, sides), between(base, draws.assign(surtax_kept=0.0), sides)
    assert not untaxed.surtax_lost.any() and whole.surtax_lost.all()
    for name in ("car_buyers", "rebates", "quota_rent", "revenue"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(untaxed, name))
    lifted = between(base, draws, (replace(sides[0], us_surtax=0.0), replace(sides[1], us_surtax=0.0)))
    np.testing.assert_allclose(whole.total - lifted.total, whole.surtax_lost, rtol=1e-9)


def test_a_duty_that_shuts_cars_out_lets_none_in(base: EvBase, draws: pd.DataFrame) -> None:
    shut = VehicleRegime(china_within=1.0, china_above=1.0, price_capped_share=0.3)
    seen, curve = account.as_observed(shut), replace(shut, china_within=0.99)
    assert seen == replace(shut, quota=0.0, china_above=None, price_capped_share=0.0)
    assert account.as_observed(curve) is curve
    found = model.simulate(base, draws, seen)
    assert not found.registrations[CHINA_BUILT].any() and not found.tariff_revenue_cad.any()
    some = replace(shut, china_above=None, china_within=np.where(np.arange(DRAWS) % 2, 0.5, 1.5))
    assert account.as_observed(some) is some
