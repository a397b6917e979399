"""What is left on the markets: Newton's step, the supply of seed, and rivals' seed between China and the rest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from samplerows import priors, today
from second_routes import logit_routes

from tradeexposure.canola.market import bases, clearing, logit, logit_solver
from tradeexposure.canola.market.bases import MarketBase
from tradeexposure.canola.market.clearing import Case, Task
from tradeexposure.canola.market.logit_solver import LogitOutcome
from tradeexposure.core.arrays import Floats
from tradeexposure.policy import regimes, scenarios
from tradeexposure.policy.tariff_index import AT_CHINA, SEED, SEED_TO_CHINA

N, MANY = 40, 600
LONGEST = np.array([0.5] * 6 + [1.5, 0.5])[:, None]


def case(*, imposed: bool) -> Case:
    drawn = priors(N, 4, "crop_year").assign(rival_kappa=np.append(np.inf, priors(N - 1, 4, "acreage")["rival_kappa"]))
    base = today(drawn)
    duties = regimes.canola(scenarios.load("status_quo_2025"))
    factor = logit.log_factors(base.duty[..., 0], duties, N)
    target = np.linspace(np.log(300), np.log(4000), N) if imposed else None
    return Case(base, logit.behaviour(base, drawn), factor, target)


def somewhere(task: Task, spread: float = 0.05) -> Floats:
    size = clearing.UNKNOWNS + (task.log_target is not None)
    return np.random.default_rng(3).normal(0, spread, (size, N))


def slopes(task: Task, unknowns: Floats) -> Floats:
    """Central differences of what is left, (equation, coordinate, draw)."""
    jacobian, step = np.empty((len(unknowns), len(unknowns), N)), 1e-6
    for at in range(len(unknowns)):
        move = np.zeros_like(unknowns)
        move[at] = step
        up, down = (clearing.at(task, unknowns + sign * move).left for sign in (1, -1))
        jacobian[:, at] = (up - down) / (2 * step)
    return jacobian


@pytest.mark.parametrize("imposed", [False, True])
def test_the_step_solves_all_equations_at_once(imposed: bool) -> None:
    task = case(imposed=imposed).task()
    unknowns = somewhere(task)
    flows = clearing.at(task, unknowns)
    whole = np.linalg.solve(np.moveaxis(slopes(task, unknowns), -1, 0), -np.moveaxis(flows.left, -1, 0)[..., None])[
        ..., 0
    ].T
    longest = LONGEST[: len(whole)]
    whole /= np.maximum((np.abs(whole) / longest).max(axis=0), 1)
    assert np.allclose(clearing.step(flows.point), whole, rtol=1e-6, atol=1e-7)
    far = clearing.step(clearing.at(task, somewhere(task, 1.0)).point)
    assert (np.abs(far) <= longest * (1 + 1e-12)).all()
    assert (np.abs(far[6]) > 0.5).any()  # s may run further than prices


def test_a_part_of_a_case_leads_from_the_base() -> None:
    whole = case(imposed=True)
    none, half, all_of_it = (whole.part(share) for share in (0.0, 0.5, 1.0))
    usual = np.log(whole.base.canada_kt[AT_CHINA, SEED])
    assert np.allclose(none.log_target, usual) and np.abs(none.log_factor).max() == 0
    assert np.allclose(half.log_target, (usual + whole.log_target) / 2)
    assert np.allclose(half.log_factor, whole.log_factor / 2)
    assert np.allclose(all_of_it.log_target, whole.log_target)
    assert np.abs(clearing.at(none.task(), none.start()).left).max() < 1e-12


def test_supply_follows_the_farm_price_to_its_floor() -> None:
    price, through, elasticity = np.array([550.0, 700.0, 1.0]), np.array([0.0015, 0.0015, 0.01]), np.full(3, 0.4)
    farm, supply, slope = clearing.farm_supply(20_000.0, through, elasticity, price, 600.0)
    assert farm == pytest.approx([0.925, 1.15, clearing.FLOOR])
    assert supply == pytest.approx(20_000 * farm**0.4)
    step = 1e-6
    up, down = (
        clearing.farm_supply(20_000.0, through, elasticity, price * np.exp(by), 600.0)[1] for by in (step, -step)
    )
    assert slope == pytest.approx((up - down) / (2 * step), rel=1e-6, abs=1e-9)
    assert slope[2] == 0


def test_full_plants_crush_no_more_and_an_empty_margin_nothing() -> None:
    few = case(imposed=False)
    task = replace(few, behaviour=replace(few.behaviour, capacity_kt=few.base.crush_kt + np.zeros(N))).task()
    dear, cheap = np.zeros((3, N)), np.zeros((3, N))
    dear[1], cheap[0] = 0.3, 2.0
    full, empty = clearing._supplied(task, dear), clearing._supplied(task, cheap)
    assert (full.crush == few.base.crush_kt).all() and (full.margin > 1).all()
    assert (empty.crush == 0).all() and (empty.margin == 0).all()
    assert np.allclose(full.home, task.usual.home * np.exp(-task.behaviour.home_use * dear[1:]))
    assert (clearing._supply_slopes(task, full)[[1, 0], [2, 1]] == 0).all()


@pytest.fixture(scope="module")
def drawn() -> pd.DataFrame:
    return priors(MANY, 8, "crop_year")


def turning(drawn: pd.DataFrame, ratio: float) -> pd.DataFrame:
    """Draws whose rivals turn by this multiple of their supply."""
    return drawn.assign(**{logit.KAPPA: ratio * drawn["other_supply"]})


def solved(now: MarketBase, drawn: pd.DataFrame, duties: dict[tuple[str, str], float]) -> LogitOutcome:
    return logit_solver.simulate(now, logit.behaviour(now, drawn), duties)


def test_tonnes_are_the_derivatives_of_the_profit_at_the_solved_prices(
    now: MarketBase, drawn: pd.DataFrame, taxed: dict[tuple[str, str], float]
) -> None:
    """By the formulas of the profit, and by its central difference."""
    outcome = solved(now, drawn, taxed)
    how, step = logit.behaviour(now, drawn), 1e-5
    for draw in np.flatnonzero(how.turning > 0.05)[:40]:
        part = now.others_kt[0, 0, draw] / now.others_kt[:, 0, draw].sum()
        elsewhere, there = outcome.rival_price_ratio[draw, 0], outcome.rival_seed_in_china[draw]
        base, alone = now.take(slice(draw, draw + 1)), how.take(slice(draw, draw + 1))
        sold = logit_routes.transformed(base, alone)(elsewhere, there)
        tonnes = outcome.rivals_elsewhere_kt[draw], outcome.rivals_to_china_kt[draw]
        rest = now.others_kt[1:, 0, draw].sum()
        assert sold == pytest.approx((tonnes[0] / rest, tonnes[1] / now.others_kt[0, 0, draw]), rel=1e-8)
        parameters = part, how.turning[draw], how.other_supply[draw]
        up, down = (logit_routes.profit(*parameters, elsewhere, there + sign * step) for sign in (1, -1))
        assert (up - down) / (2 * step) == pytest.approx(part * sold[1], rel=1e-6)


def test_what_rivals_sell_is_what_is_bought(
    now: MarketBase, drawn: pd.DataFrame, taxed: dict[tuple[str, str], float]
) -> None:
    """China's total rises above what Canada no longer sells there by nothing; tonnes are lost on the way, not made."""
    outcome = solved(now, drawn, taxed)
    assert np.allclose(outcome.china_seed_kt, outcome.volume(*SEED_TO_CHINA) + outcome.rivals_to_china_kt)
    assert (outcome.rivals_to_china_kt > now.others_kt[0, 0]).all()
    level = outcome.ended[:, 3]
    pool = now.others_kt[:, 0].sum(axis=0) * np.exp(drawn["other_supply"].to_numpy() * level)
    short = (outcome.rivals_to_china_kt + outcome.rivals_elsewhere_kt) / pool
    assert (short < 1 + 1e-12).all() and short.min() > 0.85 and np.median(short) > 0.96


def test_rivals_sell_china_more_the_further_they_turn(
    now: MarketBase, drawn: pd.DataFrame, taxed: dict[tuple[str, str], float]
) -> None:
    ratios = (1.0, 3.0, 10.0, 30.0, np.inf)
    sold = np.stack([solved(now, turning(drawn, ratio), taxed).rivals_to_china_kt for ratio in ratios])
    assert (np.diff(sold, axis=0) > 0).all()


@pytest.mark.parametrize("size", [7, 250, 10_000])
def test_batches_of_any_size_give_the_same_draws(
    now: MarketBase, drawn: pd.DataFrame, taxed: dict[tuple[str, str], float], size: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    some = slice(0, 60) if size < 10 else slice(0, MANY)
    usual = solved(now, drawn, taxed)
    monkeypatch.setattr(logit_solver, "BATCH", size)
    again = solved(now.take(some), drawn.iloc[some], taxed)
    assert np.allclose(again.ended, usual.ended[some], rtol=1e-9, atol=1e-10)
    assert np.allclose(again.producer_surplus_cad, usual.producer_surplus_cad[some], atol=1.0)


@pytest.mark.slow
def test_every_one_of_80_000_draws_is_solved(taxed: dict[tuple[str, str], float]) -> None:
    deal, kept = regimes.canola(scenarios.load("deal_2026")), np.random.default_rng(1).uniform(0.05, 0.6, 80_000)
    for horizon in ("crop_year", "acreage"):
        some = priors(80_000, 16, horizon)
        base, then = today(some), bases.before_2019(some["rivals_in_china_kt"].to_numpy(), regimes.base_canola())
        for duties in (taxed, deal, {**taxed, SEED_TO_CHINA: np.inf}):
            outcome = solved(base, some, duties)
            assert outcome.residual.max() < 1e-11
        sold = [solved(base, turning(some, ratio), taxed).rivals_to_china_kt for ratio in (1, 5)]
        assert (sold[1] < sold[0]).mean() < 1e-4
        outcome = logit_solver.simulate(then, logit.behaviour(then, some), {}, kept_in_china=kept)
        assert outcome.residual.max() < 1e-11
