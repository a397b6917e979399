"""Who gains or loses on canola: each line as an area of its own curve, and the sum by another route."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from samplerows import priors, today

from tradeexposure.canola.market import account, logit, logit_solver
from tradeexposure.canola.market.bases import MarketBase
from tradeexposure.canola.market.logit import Behaviour
from tradeexposure.canola.market.logit_solver import LogitOutcome
from tradeexposure.core.arrays import Floats
from tradeexposure.core.errors import BadInput
from tradeexposure.policy import regimes, scenarios

N = 200


@pytest.fixture(scope="module")
def market() -> tuple[MarketBase, Behaviour, LogitOutcome, LogitOutcome]:
    drawn = priors(N, 5, "acreage")
    base = today(drawn)
    how = logit.behaviour(base, drawn)
    names = ("deal_2026", "status_quo_2025")
    return base, how, *(logit_solver.simulate(base, how, regimes.canola(scenarios.load(name))) for name in names)


def area(values: Floats, prices: Floats) -> Floats:
    return np.trapezoid(values, prices, axis=0)


def test_the_sum_is_the_area_of_net_exports(market: tuple) -> None:
    base, how, deal, taxed = market
    gain = account.between(base, how, deal, taxed)
    assert np.allclose(gain.total, account.by_net_exports(base, how, deal, taxed), rtol=1e-9, atol=1.0)
    assert np.allclose(gain.total, gain.growers + gain.handlers + gain.crushers + gain.users)
    full = replace(how, capacity_kt=base.crush_kt * 1.02 + np.zeros(N))  # between both margins in some draws
    capped = account.between(base, full, deal, taxed)
    assert np.allclose(capped.total, account.by_net_exports(base, full, deal, taxed), rtol=1e-9, atol=1.0)
    assert not np.allclose(capped.crushers, gain.crushers)


def test_each_line_is_the_area_of_its_own_curve(market: tuple) -> None:
    base, how, _, taxed = market
    how = replace(how, capacity_kt=base.crush_kt * 1.05 + np.zeros(N))
    gain = account.gains(base, how, taxed)
    assert np.array_equal(gain.growers, taxed.producer_surplus_cad)
    assert np.allclose(gain.growers / (gain.growers + gain.handlers), how.pass_through)
    price = base.price_cad_t
    usual = how.oil_yield * price[1] + how.meal_yield * price[2] - price[0]
    margins = np.linspace(np.ones(N), taxed.margin_ratio, 20_001)
    crushed = np.minimum(base.crush_kt * margins**how.crush_elasticity, how.capacity_kt)
    assert np.allclose(gain.crushers, 1e3 * usual * area(crushed, margins), rtol=1e-6, atol=10.0)
    products, home = {1: how.oil_yield, 2: how.meal_yield}, 0.0
    for good, yields in products.items():
        ratios = np.linspace(np.ones(N), taxed.price_ratio[:, good], 2001)
        used = (yields * base.crush_kt - base.canada_kt[:, good].sum(axis=0)) * ratios**-how.home_use
        home = home - 1e3 * price[good] * area(used, ratios)
    assert np.allclose(gain.users, home, rtol=1e-6)


def test_what_one_regime_gains_the_other_loses(market: tuple) -> None:
    base, how, deal, taxed = market
    there, back = account.between(base, how, deal, taxed), account.between(base, how, taxed, deal)
    for each in fields(there):
        assert np.array_equal(getattr(there, each.name), -getattr(back, each.name))
    assert (there.growers > 0).all() and (there.users < 0).mean() > 0.5


def test_handlers_without_bound_are_refused(market: tuple) -> None:
    base, how, deal, _ = market
    with pytest.raises(BadInput, match="farm_pass_through"):
        account.gains(base, replace(how, pass_through=np.zeros(N)), deal)
