"""How the market is solved: where a search begins, steps that are halved, hard draws in stages, draws refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from samplerows import priors

from tradeexposure.canola.market import logit, logit_solver
from tradeexposure.canola.market.bases import MarketBase
from tradeexposure.canola.market.logit import Behaviour
from tradeexposure.canola.market.logit_solver import LogitOutcome
from tradeexposure.core.errors import BadInput, NotConverged

N = 24


@pytest.fixture(scope="module")
def drawn() -> pd.DataFrame:
    return priors(N, 6, "crop_year")


@pytest.fixture(scope="module")
def how(now: MarketBase, drawn: pd.DataFrame) -> Behaviour:
    return logit.behaviour(now, drawn)


@pytest.fixture(scope="module")
def usual(now: MarketBase, how: Behaviour, taxed: dict[tuple[str, str], float]) -> LogitOutcome:
    return logit_solver.simulate(now, how, taxed)


def test_a_search_near_by_begins_where_the_other_ended(
    now: MarketBase, how: Behaviour, taxed: dict[tuple[str, str], float], usual: LogitOutcome,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(logit_solver, "STEPS", 1)
    monkeypatch.setattr(logit_solver, "STAGES", ())
    again = logit_solver.simulate(now, how, taxed, near=usual)
    assert np.allclose(again.ended, usual.ended, rtol=0, atol=1e-12)
    with pytest.raises(NotConverged):
        logit_solver.simulate(now, how, taxed)


def test_a_last_step_that_misses_is_followed_by_another(
    now: MarketBase, how: Behaviour, taxed: dict[tuple[str, str], float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As across a bend, where plants fill up; here because steps count as the last too early."""
    monkeypatch.setattr(logit_solver, "TOLERANCE", 1e-3)
    assert logit_solver.simulate(now, how, taxed).residual.max() < logit_solver.CLEARED
    monkeypatch.setattr(logit_solver, "CLEARED", 1.0)
    assert logit_solver.simulate(now, how, taxed).residual.max() > 1e-9


def test_hard_draws_are_solved_with_duties_raised_step_by_step(
    now: MarketBase, how: Behaviour, taxed: dict[tuple[str, str], float], usual: LogitOutcome,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """So few steps that no draw is solved from the base; a volume that stands for a duty is raised as duties are."""
    kept = np.linspace(0.1, 0.8, N)
    imposed = logit_solver.simulate(now, how, taxed, kept_in_china=kept)
    monkeypatch.setattr(logit_solver, "STEPS", 4)
    again = logit_solver.simulate(now, how, taxed)
    assert again.residual.max() < 1e-11 and np.allclose(again.ended, usual.ended, atol=1e-9)
    volumes = logit_solver.simulate(now, how, taxed, kept_in_china=kept)
    assert np.allclose(volumes.ended, imposed.ended, atol=1e-9) and np.allclose(volumes.duty, imposed.duty, rtol=1e-9)


def test_a_draw_without_a_solution_is_told_by_its_place(
    now: MarketBase, how: Behaviour, taxed: dict[tuple[str, str], float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logit_solver, "STEPS", 1)
    monkeypatch.setattr(logit_solver, "STAGES", ())
    alone = np.full(N, 1.0)
    alone[7] = 0.2  # the only draw that one step from the base does not solve
    with pytest.raises(NotConverged, match="draw 7"):
        logit_solver.simulate(now, how, {}, kept_in_china=alone)


def test_a_china_that_buys_nothing_from_others_or_all_is_refused(now: MarketBase, how: Behaviour) -> None:
    for market, tonnes in ((0, 0.0), (slice(1, None), 0.0)):
        others = now.others_kt.copy()
        others[market, 0] = tonnes
        with pytest.raises(BadInput, match="rivals_in_china_kt"):
            logit_solver.simulate(replace(now, others_kt=others), how, {})


def test_an_outcome_is_of_its_prices(now: MarketBase, how: Behaviour, usual: LogitOutcome) -> None:
    farm = 1 + usual.farm_price_change
    price = now.price_cad_t[0] * (usual.price_ratio[:, 0] - 1)
    assert np.allclose(farm, 1 + how.pass_through * price / now.farm_price_cad_t)
    marketed = usual.supply_kt - now.stock_change_kt
    before = now.harvest_kt - now.stock_change_kt
    assert np.allclose(usual.receipts_change_cad / now.receipts_cad, farm * marketed / before - 1)
    seed = usual.volume_kt[:, :, 0].sum(axis=1) - now.canada_kt[:, 0].sum(axis=0)
    lost = usual.volume("china", "seed") - now.canada_kt[0, 0]
    assert np.allclose(usual.diverted_kt, seed - lost)
    border = usual.price_ratio * now.price_cad_t.T
    assert np.allclose(usual.value("united_states", "oil"), usual.volume("united_states", "oil") * border[:, 1] * 1e3)
    assert np.array_equal(usual.volume("united_states", "meal"), usual.volume_kt[:, 1, 2])
    assert np.allclose(usual.duty, 0.848)
    margin = how.oil_yield * border[:, 1] + how.meal_yield * border[:, 2] - border[:, 0]
    base = now.price_cad_t[:, 0]
    assert np.allclose(usual.margin_ratio, margin / (how.oil_yield * base[1] + how.meal_yield * base[2] - base[0]))
    crush = np.minimum(now.crush_kt * usual.margin_ratio**how.crush_elasticity, how.capacity_kt)
    assert np.allclose(usual.crush_kt, crush)


def test_what_is_left_is_the_largest_and_no_number_is_infinite() -> None:
    left = np.array([[0.1, np.nan, -0.3], [-0.2, 1.0, 0.1]])
    assert logit_solver.residual(left).tolist() == [0.2, np.inf, 0.3]


def test_a_line_is_found_again_without_the_draws_that_did_not_end() -> None:
    rng = np.random.default_rng(2)
    traits = np.concatenate([rng.normal(5, 2, (3, 60)), np.full((1, 60), 7.0)])
    solved = np.array([[1.0, -2.0, 0.5, 0.0], [0.0, 3.0, 0.0, 0.0]]) @ traits + np.array([[0.3], [-1.0]])
    left = np.zeros(60)
    spoilt = solved.copy()
    spoilt[:, :20], left[:20] = 99.0, 1.0
    line = logit_solver.line_through(traits, spoilt, left)
    assert line is not None and np.allclose(line(traits), solved, atol=1e-10)
    left[:31] = 1.0
    assert logit_solver.line_through(traits, spoilt, left) is None
