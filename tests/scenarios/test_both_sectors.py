"""The account of both sectors: second routes, limits and sums."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from second_routes import car_account_routes

from tradeexposure.canola.market import account as canola
from tradeexposure.canola.market import bases, logit, logit_solver
from tradeexposure.canola.market.bases import MarketBase
from tradeexposure.canola.market.logit import Behaviour
from tradeexposure.core.errors import RunFailed
from tradeexposure.policy import assumptions, regimes, scenarios, studies
from tradeexposure.policy.regimes import VehicleRegime
from tradeexposure.scenarios import both_sectors
from tradeexposure.vehicles.market import base_year, demand_system, model
from tradeexposure.vehicles.market.base_year import EvBase

N = 400
DEAL = "deal_2026"


@pytest.fixture(scope="module")
def drawn() -> pd.DataFrame:
    return logit.with_kappa(assumptions.draws(N, seed=5, horizon="acreage"), "acreage")


@pytest.fixture(scope="module")
def market(drawn: pd.DataFrame) -> tuple[MarketBase, Behaviour]:
    base = bases.today(*(drawn[name].to_numpy() for name in logit.BASE), regimes.base_canola())
    return base, logit.behaviour(base, drawn)


@pytest.fixture(scope="module")
def solved(market: tuple[MarketBase, Behaviour]) -> tuple[logit_solver.LogitOutcome, logit_solver.LogitOutcome]:
    chosen = scenarios.load(DEAL)
    base, behaviour = market
    return (
        logit_solver.simulate(base, behaviour, regimes.canola(chosen)),
        logit_solver.simulate(base, behaviour, regimes.canola_against(scenarios.compared(chosen))),
    )


@pytest.fixture(scope="module")
def cars() -> EvBase:
    return base_year.calibrate(regimes.base_vehicles())


def _regimes(drawn: pd.DataFrame) -> tuple[VehicleRegime, VehicleRegime]:
    chosen = scenarios.load(DEAL)
    return (
        (regimes.vehicles(chosen, drawn)),
        (regimes.vehicles_against(scenarios.compared(chosen), drawn)),
    )


def account_of(cars: EvBase, drawn: pd.DataFrame, *regimes: VehicleRegime) -> model.VehicleAccount:
    """Two regimes, each as observed, solved and set beside each other."""
    scenario, against = (model.simulate(cars, drawn, model.as_observed(each)) for each in regimes)
    return model.account(scenario, against)


def test_net_exports_give_the_same_sum(market: tuple[MarketBase, Behaviour], solved: tuple) -> None:
    base, behaviour = market
    found = canola.between(base, behaviour, *solved)
    again = canola.by_net_exports(base, behaviour, *solved)
    assert np.abs(found.total / again - 1).max() < 1e-9


def test_full_plants_and_emptier_ones_give_the_same_sum(market: tuple[MarketBase, Behaviour], solved: tuple) -> None:
    """A margin that doubles or halves crosses the place where plants are full in some draws and not in others."""
    base, behaviour = market
    deal, against = solved
    for factor in (0.6, 1.3, 2.0):
        price = against.price_ratio * np.array([1.0, factor, 1.0])
        margin = _margin(base, behaviour, price)
        farm = against.farm_price_change
        other = replace(against, price_ratio=price, margin_ratio=margin, farm_price_change=farm)
        found = canola.between(base, behaviour, other, against)
        again = canola.by_net_exports(base, behaviour, other, against)
        assert np.abs(found.total / again - 1).max() < 1e-9
    crosses = (behaviour.capacity_kt / base.crush_kt) ** (1 / behaviour.crush_elasticity)
    assert (margin > crosses).any() and (against.margin_ratio < crosses).any()
    assert deal is not against


def _margin(base: MarketBase, behaviour: Behaviour, ratio: np.ndarray) -> np.ndarray:
    price = base.price_cad_t * ratio.T
    margin = behaviour.oil_yield * price[1] + behaviour.meal_yield * price[2] - price[0]
    return margin / canola.base_margin(base, behaviour)


def test_unchanged_duties_gain_nobody_anything(
    market: tuple[MarketBase, Behaviour], solved: tuple, cars: EvBase, drawn: pd.DataFrame
) -> None:
    base, behaviour = market
    deal, _ = solved
    mine = canola.between(base, behaviour, deal, deal)
    regime, _ = _regimes(drawn)
    theirs = account_of(cars, drawn, regime, regime)
    both = both_sectors.together(mine, theirs)
    assert all((values == 0).all() for values in both.lines.values())
    usual = logit_solver.simulate(base, behaviour, regimes.base_canola())
    assert np.abs(canola.gains(base, behaviour, usual).total).max() < 1.0


def test_lines_sum_draw_by_draw(
    market: tuple[MarketBase, Behaviour], solved: tuple, cars: EvBase, drawn: pd.DataFrame
) -> None:
    found = both_sectors.together(canola.between(*market, *solved), account_of(cars, drawn, *_regimes(drawn)))
    assert set(found.lines) == set(both_sectors.LINES)
    assert np.allclose(found.canada, np.sum(list(found.lines.values()), axis=0), rtol=1e-12)
    assert np.allclose(found.canada - found.lines["crushers"], found.canada_without_crushers)


@pytest.mark.parametrize("apart", [-1.0, 1.0])
def test_a_draw_whose_lines_are_not_its_total_is_refused(apart: float) -> None:
    parts = dict.fromkeys(both_sectors.CANOLA, np.full(3, 100.0))
    crops = SimpleNamespace(**parts, total=np.array([400.0, 400.0, 400.0 + apart]))
    cars = SimpleNamespace(**dict.fromkeys(both_sectors.VEHICLES, np.ones(3)), total=np.full(3, 5.0))
    with pytest.raises(RunFailed, match=r"does not sum in draw 2: C\$1 apart"):
        both_sectors.together(crops, cars)  # type: ignore[arg-type]
    crops.total = np.full(3, 400.0)
    assert both_sectors.together(crops, cars).canada.tolist() == [405.0] * 3  # type: ignore[arg-type]


def test_handlers_take_what_the_farm_does_not(market: tuple[MarketBase, Behaviour], solved: tuple) -> None:
    base, behaviour = market
    found = canola.between(base, behaviour, *solved)
    share = found.growers / (found.growers + found.handlers)
    assert np.allclose(share, behaviour.pass_through)
    deal, _ = solved
    free = replace(behaviour, pass_through=np.zeros(N))
    with pytest.raises(Exception, match="above 0"):
        canola.gains(base, free, deal)


def test_who_gains_where_seed_gets_dearer(market: tuple[MarketBase, Behaviour], solved: tuple) -> None:
    base, behaviour = market
    found = canola.between(base, behaviour, *solved)
    assert (found.growers > 0).all() and (found.handlers >= 0).all()
    assert (found.users < 0).mean() > 0.5  # meal sold to China again is dearer at home


def test_buyers_gain_by_demand(cars: EvBase, drawn: pd.DataFrame) -> None:
    regime, against = map(model.as_observed, _regimes(drawn))
    demand = demand_system.calibrate(cars, drawn)
    before = np.full(N, 1 - demand.china_share)
    others = [
        before * demand_system.weight_factor(demand, model.rebate_wedge(cars, drawn, each)["others"])
        for each in (against, regime)
    ]
    outcomes = [model.simulate(cars, drawn, each) for each in (against, regime)]
    weights = [
        np.where(np.isinf(each.price_change_cad), 0.0,
                 demand.appeal * demand_system.weight_factor(demand, np.nan_to_num(each.price_change_cad, posinf=0.0)))
        for each in outcomes
    ]  # fmt: skip
    found = model.account(outcomes[1], outcomes[0]).car_buyers
    again = car_account_routes.buyers_by_demand(demand, (weights[0], weights[1]), (others[0], others[1]))
    assert np.abs(found / again - 1).max() < 1e-9


def test_no_revenue_where_no_car_came(cars: EvBase, drawn: pd.DataFrame) -> None:
    _, against = _regimes(drawn)
    assert float(np.max(against.china_within)) > studies.limit("shutting_duty")
    shut = model.simulate(cars, drawn, model.as_observed(against))
    assert (shut.tariff_revenue_cad == 0).all() and (shut.quota_rent_cad == 0).all()
    curve = model.simulate(cars, drawn, against)
    assert np.median(curve.tariff_revenue_cad) > 1e7  # what would have been counted
    open_market = VehicleRegime(china_within=0.061)
    assert model.as_observed(open_market) is open_market


def test_fewer_cars_with_a_rebate_save_rebates(cars: EvBase, drawn: pd.DataFrame) -> None:
    assert (account_of(cars, drawn, *_regimes(drawn)).rebates >= 0).all()


def test_priors_hold_what_the_account_takes() -> None:
    assert {"farm_pass_through", "rebate_pass_through", "rent_kept_abroad"} <= set(assumptions.load())
