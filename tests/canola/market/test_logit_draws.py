"""How draws of the priors become behaviour."""

from __future__ import annotations

import numpy as np
import pytest
from samplerows import priors, today

from tradeexposure.canola.market import logit
from tradeexposure.policy import assumptions
from tradeexposure.policy.canola_cells import AT_CHINA


def test_rivals_turn_further_in_the_long_run() -> None:
    some = assumptions.draws(50, seed=2)
    within, after = (logit.with_kappa(some, horizon)[logit.KAPPA] for horizon in ("crop_year", "acreage"))
    assert np.allclose(within, some["rival_turning"] * some["other_supply"])
    assert np.allclose(after / within, some["rival_turning_growth"])
    assert (within >= some["other_supply"]).all() and (after >= within).all()


def test_behaviour_is_that_of_the_draws() -> None:
    some = priors(50, 2, "acreage")
    base = today(some)
    found = logit.behaviour(base, some)
    price = base.price_cad_t[:, 0]
    assert np.array_equal(found.scale[0], some["seed_scale_cad_t"])
    assert np.allclose(price[1] / found.scale[1], some["oil_substitution"])
    assert np.allclose(price[2] / found.scale[2], some["meal_substitution"])
    assert np.array_equal(found.demand[AT_CHINA, 0], some["import_demand_china"])
    assert all(np.array_equal(row[0], some["import_demand_others"]) for row in found.demand[1:])
    assert np.allclose(found.turning * some[logit.KAPPA], 1)
    for name, column in {"pass_through": "farm_pass_through", "home_use": "home_use_elasticity"}.items():
        assert np.array_equal(getattr(found, name), some[column])
    for name in ("seed_supply", "other_supply", "crush_elasticity", "oil_yield", "meal_yield"):
        assert np.array_equal(getattr(found, name), some[name])
    least, most = base.least_capacity_kt, base.most_capacity_kt
    assert found.capacity_kt == pytest.approx(least + some["spare_capacity"].to_numpy() * (most - least))


def test_one_pool_is_infinite_and_no_market_is_more_apart_than_its_supply() -> None:
    some = priors(3, 2, "crop_year").assign(rival_kappa=[np.inf, 2.0, 0.01])
    found = logit.behaviour(today(some), some)
    assert found.turning.tolist() == [0.0, 0.5, 1 / some["other_supply"].iloc[2]]


def test_capacity_is_at_least_what_is_crushed() -> None:
    some = priors(3, 2, "crop_year").assign(spare_capacity=-1.0)
    base = today(some)
    assert (logit.behaviour(base, some).capacity_kt == base.crush_kt.max()).all()
