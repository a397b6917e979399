"""The market of origins as a logit: limits, monotonicity, exactness, volumes imposed, how draws become behaviour."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest
from samplerows import priors, today
from second_routes import logit_routes

from tradeexposure.canola.market import bases, logit, logit_solver
from tradeexposure.canola.market.bases import MarketBase
from tradeexposure.core.errors import BadInput
from tradeexposure.policy import assumptions, regimes, scenarios, studies
from tradeexposure.policy.tariff_index import AT_CHINA
from tradeexposure.scenarios.simulation import models

N = 64
SEED = ("china", "seed")


def test_unchanged_duties_change_nothing(now: MarketBase, drawn: pd.DataFrame) -> None:
    outcome = logit_solver.simulate(now, logit.behaviour(now, drawn), regimes.base_canola())
    assert np.abs(outcome.farm_price_change).max() < 1e-12
    assert np.abs(outcome.producer_surplus_cad).max() < 1e-3
    assert np.allclose(outcome.volume_kt, np.moveaxis(now.canada_kt, -1, 0), rtol=1e-12)


def test_every_market_clears(now: MarketBase, drawn: pd.DataFrame, taxed: dict[tuple[str, str], float]) -> None:
    for duties in (taxed, {**taxed, SEED: np.inf}, regimes.canola(scenarios.load("deal_2026"))):
        outcome = logit_solver.simulate(now, logit.behaviour(now, drawn), duties)
        assert outcome.residual.max() < 2e-12
        assert (outcome.volume_kt >= 0).all()
        exports = outcome.volume_kt[:, :, 0].sum(axis=1)
        assert np.allclose(outcome.supply_kt, exports + outcome.crush_kt + now.stock_change_kt, rtol=1e-11)


def test_price_and_volume_fall_with_the_duty(
    now: MarketBase, drawn: pd.DataFrame, taxed: dict[tuple[str, str], float]
) -> None:
    behaviour = logit.behaviour(now, drawn)
    outcomes = [logit_solver.simulate(now, behaviour, {**taxed, SEED: rate}) for rate in np.linspace(0, 1, 21)]
    price = np.stack([each.farm_price_change for each in outcomes])
    volume = np.stack([each.volume(*SEED) for each in outcomes])
    assert (np.diff(price, axis=0) <= 1e-11).all()
    assert (np.diff(volume, axis=0) <= 1e-8).all()
    embargo = logit_solver.simulate(now, behaviour, {**taxed, SEED: np.inf})
    assert (embargo.farm_price_change <= price[-1] + 1e-11).all()
    assert embargo.volume(*SEED).max() < 1e-9


def test_imposed_volume_is_the_one_of_its_duty(drawn: pd.DataFrame) -> None:
    base = bases.before_2019(drawn["rivals_in_china_kt"].to_numpy(), regimes.base_canola())
    behaviour = logit.behaviour(base, drawn)
    kept = np.linspace(0.05, 0.9, N)
    imposed = logit_solver.simulate(base, behaviour, {}, kept_in_china=kept)
    again = logit_solver.simulate(base, behaviour, {SEED: imposed.duty})
    assert np.allclose(imposed.volume(*SEED), kept * base.canada_kt[0, 0], rtol=1e-11)
    assert np.allclose(again.volume(*SEED), imposed.volume(*SEED), rtol=1e-7)
    assert np.allclose(again.farm_price_change, imposed.farm_price_change, atol=1e-9)


KINDS = {
    "one pool": (0.0, lambda base, how: None),
    "apart": (1.0, lambda base, how: logit_routes.apart(how)),
    "between": (0.4, logit_routes.transformed),
}


@pytest.mark.parametrize("kind", KINDS)
def test_scipy_finds_the_same_prices(
    now: MarketBase, drawn: pd.DataFrame, taxed: dict[tuple[str, str], float], kind: str
) -> None:
    """The equations written once more, in plain levels, for a root finder without derivatives."""
    part, sold = KINDS[kind]
    usual = logit.behaviour(now, drawn)
    behaviour = replace(usual, turning=part / usual.other_supply)
    outcome = logit_solver.simulate(now, behaviour, taxed)
    for draw in range(0, N, 4):
        base, how = (each.take(slice(draw, draw + 1)) for each in (now, behaviour))
        again = logit_routes.solve(base, how, taxed, sold(base, how))
        assert np.allclose(again.price, outcome.price_ratio[draw], rtol=1e-9)
        assert np.allclose(again.others, outcome.rival_price_ratio[draw], rtol=1e-9)
        assert again.in_china == pytest.approx(outcome.rival_seed_in_china[draw], rel=1e-9)
        assert again.surplus == pytest.approx(outcome.producer_surplus_cad[draw], abs=1.0)


def test_local_elasticity_is_price_over_scale() -> None:
    """A one per cent dearer origin loses price over scale per cent against the other."""
    market = models.base_of(studies.YEAR_BEFORE)
    drawn = priors(4, 1, "acreage")
    behaviour = logit.behaviour(market, drawn)
    choice = logit.prepare(market, behaviour, np.zeros((6, 3, 4)))
    step, rest = 1e-6, np.zeros((3, 4))
    dearer, same = (choice.at(np.full((3, 4), by), rest, rest[0]) for by in (step, 0.0))
    ratio = [each.canada[1, 0] / each.others[1, 0] for each in (dearer, same)]
    us_seed = np.log(ratio[0] / ratio[1]) / step
    paid = market.price_cad_t[0] * (1 + market.duty[1, 0])
    assert np.allclose(us_seed, -paid / behaviour.scale[0], rtol=1e-4)


def test_a_line_through_a_few_draws_leads_all_to_the_prices_of_the_base(taxed: dict[tuple[str, str], float]) -> None:
    """Enough draws for pilots, whose line shows in where the search begins and nowhere in where it ends."""
    some = priors(3 * logit_solver.PILOTS, 5, "acreage")
    base = today(some)
    behaviour = logit.behaviour(base, some)
    assert logit_solver.pilots(len(some)) is not None and logit_solver.pilots(logit_solver.PILOTS) is None
    whole = logit_solver.simulate(base, behaviour, taxed)
    parts = [slice(first, first + logit_solver.PILOTS) for first in range(0, len(some), logit_solver.PILOTS)]
    plain = [logit_solver.simulate(base.take(rows), behaviour.take(rows), taxed) for rows in parts]
    assert whole.residual.max() < 2e-12
    for name in {each.name for each in fields(whole)} - {"residual"}:
        ours, theirs = getattr(whole, name), np.concatenate([getattr(part, name) for part in plain])
        assert np.allclose(ours, theirs, rtol=1e-9, atol=1e-9 * np.abs(theirs).max()), name


def test_what_cannot_be_solved_is_refused(now: MarketBase, drawn: pd.DataFrame) -> None:
    behaviour = logit.behaviour(now, drawn)
    with pytest.raises(BadInput, match="a part above 0"):
        logit_solver.simulate(now, behaviour, {}, kept_in_china=np.zeros(N))
    with pytest.raises(BadInput, match="capacity_kt"):
        logit_solver.simulate(now, replace(behaviour, capacity_kt=np.ones(N)), {})
    with pytest.raises(BadInput, match="exports below output"):
        logit_solver.simulate(now, replace(behaviour, oil_yield=np.full(N, 0.01)), {})


def test_rows_that_come_again_are_solved_once_and_as_if_alone(
    now: MarketBase, drawn: pd.DataFrame, taxed: dict[tuple[str, str], float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logit_solver, "BATCH", N // 2)
    asked, solved = [], logit_solver._solve
    monkeypatch.setattr(logit_solver, "_solve", lambda case, at, some: asked.extend(some) or solved(case, at, some))
    own = logit.behaviour(now, drawn)
    alone = logit_solver.simulate(now, own, taxed, kept_in_china=np.linspace(0.2, 0.9, N))
    twice = np.tile(np.arange(N), 2)
    kept = np.linspace(0.2, 0.9, N)[twice]
    again = logit_solver.simulate(now.take(twice), own.take(twice), taxed, kept_in_china=kept)
    assert len(asked) == 2 + 2
    for name in ("volume_kt", "producer_surplus_cad", "duty"):
        assert (getattr(again, name) == getattr(alone, name)[twice]).all()
    kept[-1] = 0.5
    changed = logit_solver.simulate(now.take(twice), own.take(twice), taxed, kept_in_china=kept)
    assert len(asked) == 2 + 2 + 4
    assert changed.volume_kt[-1, 0, 0] != again.volume_kt[-1, 0, 0]


def test_rivals_turn_further_in_the_long_run() -> None:
    some = assumptions.draws(50, seed=2)
    within, after = (logit.with_kappa(some, horizon)[logit.KAPPA] for horizon in ("crop_year", "acreage"))
    assert np.allclose(within, some["rival_turning"] * some["other_supply"])
    assert np.allclose(after / within, some["rival_turning_growth"])
    assert (within >= some["other_supply"]).all() and (after >= within).all()


def test_behaviour_is_that_of_the_draws() -> None:
    some = priors(50, 2, "acreage")
    base = today(some)
    behaviour = logit.behaviour(base, some)
    price = base.price_cad_t[:, 0]
    assert np.array_equal(behaviour.scale[0], some["seed_scale_cad_t"])
    assert np.allclose(price[1] / behaviour.scale[1], some["oil_substitution"])
    assert np.allclose(price[2] / behaviour.scale[2], some["meal_substitution"])
    assert np.array_equal(behaviour.demand[AT_CHINA, 0], some["import_demand_china"])
    assert all(np.array_equal(row[0], some["import_demand_others"]) for row in behaviour.demand[1:])
    assert np.allclose(behaviour.turning * some[logit.KAPPA], 1)
    for name, column in {"pass_through": "farm_pass_through", "home_use": "home_use_elasticity"}.items():
        assert np.array_equal(getattr(behaviour, name), some[column])
    for name in ("seed_supply", "other_supply", "crush_elasticity", "oil_yield", "meal_yield"):
        assert np.array_equal(getattr(behaviour, name), some[name])
    least, most = base.least_capacity_kt, base.most_capacity_kt
    assert behaviour.capacity_kt == pytest.approx(least + some["spare_capacity"].to_numpy() * (most - least))


def test_one_pool_is_infinite_and_no_market_is_more_apart_than_its_supply() -> None:
    some = priors(3, 2, "crop_year").assign(rival_kappa=[np.inf, 2.0, 0.01])
    behaviour = logit.behaviour(today(some), some)
    assert behaviour.turning.tolist() == [0.0, 0.5, 1 / some["other_supply"].iloc[2]]


def test_capacity_is_at_least_what_is_crushed() -> None:
    some = priors(3, 2, "crop_year").assign(spare_capacity=-1.0)
    base = today(some)
    assert (logit.behaviour(base, some).capacity_kt == base.crush_kt.max()).all()
