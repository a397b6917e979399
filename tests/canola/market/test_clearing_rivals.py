"""Rivals' seed between China and the rest: limits, a profit behind it, and what it does to the market."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from samplerows import priors, today
from second_routes import logit_routes

from tradeexposure.canola.market import bases, clearing, logit, logit_solver
from tradeexposure.canola.market.bases import MarketBase
from tradeexposure.canola.market.logit_solver import LogitOutcome
from tradeexposure.core.arrays import Floats
from tradeexposure.policy import assumptions, regimes, scenarios

SEED = ("china", "seed")
MANY = 600


@pytest.fixture(scope="module")
def drawn() -> pd.DataFrame:
    return priors(MANY, 8, "crop_year")


@pytest.fixture(scope="module")
def deal() -> dict[tuple[str, str], float]:
    return regimes.canola(scenarios.load("deal_2026"))


def kappas(drawn: pd.DataFrame, kappa: Floats | float) -> pd.DataFrame:
    return drawn.assign(**{logit.KAPPA: kappa})


def solved(now: MarketBase, drawn: pd.DataFrame, duties: dict[tuple[str, str], float]) -> LogitOutcome:
    return logit_solver.simulate(now, logit.behaviour(now, drawn), duties)


def test_both_limits_are_exact() -> None:
    part, supply, level, odds = np.array([0.1, 0.4]), np.array([0.4, 1.2]), np.array([-0.1, 0.2]), np.array([1.5, -0.8])
    pool = clearing.rivals_split(part, np.zeros(2), supply, level, odds)
    tonnes = part * np.exp(pool.log_to_china) + (1 - part) * pool.elsewhere
    assert np.allclose(tonnes, np.exp(supply * level), rtol=1e-14)
    assert (pool.premium == 0).all() and np.array_equal(pool.log_elsewhere, level)
    apart = clearing.rivals_split(part, 1 / supply, supply, level, odds)
    assert np.allclose(apart.log_to_china, supply * (apart.log_elsewhere + apart.premium), rtol=1e-13)
    assert np.allclose(np.log(apart.elsewhere), supply * apart.log_elsewhere, rtol=1e-13)
    assert np.allclose(apart.log_to_china - np.log(apart.elsewhere), odds, rtol=1e-13)


def test_tonnes_are_the_derivatives_of_the_profit_at_the_solved_prices(
    now: MarketBase, drawn: pd.DataFrame, taxed: dict[tuple[str, str], float]
) -> None:
    """By the formulas of the profit, and by its central difference."""
    found = solved(now, drawn, taxed)
    how, step = logit.behaviour(now, drawn), 1e-5
    for draw in np.flatnonzero(how.turning > 0.05)[:40]:
        part = now.others_kt[0, 0, draw] / now.others_kt[:, 0, draw].sum()
        elsewhere, there = found.rival_price_ratio[draw, 0], found.rival_seed_in_china[draw]
        base, alone = now.take(slice(draw, draw + 1)), how.take(slice(draw, draw + 1))
        sold = logit_routes.transformed(base, alone)(elsewhere, there)
        tonnes = found.rivals_elsewhere_kt[draw], found.rivals_to_china_kt[draw]
        rest = now.others_kt[1:, 0, draw].sum()
        assert sold == pytest.approx((tonnes[0] / rest, tonnes[1] / now.others_kt[0, 0, draw]), rel=1e-8)
        parameters = part, how.turning[draw], how.other_supply[draw]
        up, down = (logit_routes.profit(*parameters, elsewhere, there + sign * step) for sign in (1, -1))
        assert (up - down) / (2 * step) == pytest.approx(part * sold[1], rel=1e-6)


def test_what_rivals_sell_is_what_is_bought(
    now: MarketBase, drawn: pd.DataFrame, taxed: dict[tuple[str, str], float]
) -> None:
    """China's total rises above what Canada no longer sells there by nothing; tonnes are lost on the way, not made."""
    found = solved(now, drawn, taxed)
    assert np.allclose(found.china_seed_kt, found.volume(*SEED) + found.rivals_to_china_kt)
    assert (found.rivals_to_china_kt > now.others_kt[0, 0]).all()
    level = found.ended[:, 3]
    pool = now.others_kt[:, 0].sum(axis=0) * np.exp(drawn["other_supply"].to_numpy() * level)
    short = (found.rivals_to_china_kt + found.rivals_elsewhere_kt) / pool
    assert (short < 1 + 1e-12).all() and short.min() > 0.85 and np.median(short) > 0.96


@pytest.mark.parametrize("horizon", ["crop_year", "acreage"])
def test_the_gap_to_one_pool_falls_with_kappa(
    taxed: dict[tuple[str, str], float], deal: dict[tuple[str, str], float], horizon: assumptions.Horizon
) -> None:
    some = priors(MANY, 8, horizon)
    base = today(some)

    def gain(kappa: float) -> Floats:
        chosen = kappas(some, kappa)
        return solved(base, chosen, deal).producer_surplus_cad - solved(base, chosen, taxed).producer_surplus_cad

    pool = gain(np.inf)
    gaps = [float(np.abs(gain(kappa) - pool).max()) for kappa in (1e3, 1e4, 1e5)]
    assert 2e6 < gaps[0] < 3e7
    assert gaps[1] / gaps[0] == pytest.approx(0.1, rel=0.05) and gaps[2] / gaps[1] == pytest.approx(0.1, rel=0.05)


def test_kappa_moves_nothing_at_the_duties_of_the_base(now: MarketBase, drawn: pd.DataFrame) -> None:
    for kappa in (0.0, 2.0, np.inf):
        found = solved(now, kappas(drawn, kappa), regimes.base_canola())
        assert np.abs(found.producer_surplus_cad).max() < 1e-2
        assert np.allclose(found.rivals_to_china_kt, now.others_kt[0, 0], rtol=1e-11)
        assert np.abs(found.ended).max() < 1e-11


def test_rivals_sell_china_more_the_further_they_turn(
    now: MarketBase, drawn: pd.DataFrame, taxed: dict[tuple[str, str], float]
) -> None:
    supply = drawn["other_supply"]
    sold = np.stack([
        solved(now, kappas(drawn, ratio * supply), taxed).rivals_to_china_kt for ratio in (1.0, 3.0, 10.0, 30.0, np.inf)
    ])  # fmt: skip
    assert (np.diff(sold, axis=0) > 0).all()


def test_between_the_limits_price_hardly_ever_rises_in_the_duty(
    now: MarketBase, drawn: pd.DataFrame, taxed: dict[tuple[str, str], float]
) -> None:
    found = [solved(now, drawn, {**taxed, SEED: rate}) for rate in np.linspace(0, 1, 11)]
    price = np.log1p(np.stack([each.farm_price_change for each in found]))
    rises = np.diff(price, axis=0)
    assert rises.max() < 0.003 and (rises > 1e-11).any(axis=0).mean() < 0.005
    assert (np.diff([each.volume(*SEED) for each in found], axis=0) <= 1e-8).all()


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
def test_every_one_of_80_000_draws_is_solved(
    taxed: dict[tuple[str, str], float], deal: dict[tuple[str, str], float]
) -> None:
    kept = np.random.default_rng(1).uniform(0.05, 0.6, 80_000)
    for horizon in ("crop_year", "acreage"):
        some = priors(80_000, 16, horizon)
        base, then = today(some), bases.before_2019(some["rivals_in_china_kt"].to_numpy(), regimes.base_canola())
        for duties in (taxed, deal, {**taxed, SEED: np.inf}):
            found = solved(base, some, duties)
            assert found.residual.max() < 1e-11
        sold = [solved(base, kappas(some, ratio * some["other_supply"]), taxed).rivals_to_china_kt for ratio in (1, 5)]
        assert (sold[1] < sold[0]).mean() < 1e-4
        found = logit_solver.simulate(then, logit.behaviour(then, some), {}, kept_in_china=kept)
        assert found.residual.max() < 1e-11
