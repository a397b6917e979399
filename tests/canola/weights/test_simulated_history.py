"""Simulated episodes: every quantity of every draw, batches, priors that are fixed, what a draw carries along."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tradeexposure.canola.market import logit
from tradeexposure.canola.weights import simulated_history
from tradeexposure.canola.weights.simulated_history import (
    ACREAGE,
    FINAL,
    FINAL_FIRST_YEAR,
    GAIN,
    MEAL_ONLY,
    SEED_ONLY,
    DutyRegimes,
    Paths2019,
    SimulatedHistory,
)

LAWS = DutyRegimes.on(taxed="2025-12-31", arranged="2026-10-01")


def simulate(n: int, paths: Paths2019, *, fixed: Mapping[str, float] | None = None) -> SimulatedHistory:
    return simulated_history.simulate(
        n, seed=2, paths=paths, regimes=LAWS, spring=(2, 3, 4), since_deal=range(3, 9), seed_taxed=0.5, fixed=fixed
    )


def test_simulations_hold_every_quantity_for_every_draw(simulations: SimulatedHistory) -> None:
    assert len(simulations.simulated) == len(simulations.parameters) == 600
    assert np.isfinite(simulations.simulated.to_numpy()).all()
    simulated = simulations.simulated
    assert (simulated["price_2019"] < 0).all() and (simulated["price_2025"] < 0).all()
    assert simulated["kept_2025"].between(0, 1).all() and (simulated[GAIN] > 0).all()
    assert (simulated["kept_deal"] >= simulated["kept_2025"]).mean() > 0.85  # some expect less than the final duty
    assert (simulated[[FINAL, SEED_ONLY, FINAL_FIRST_YEAR, MEAL_ONLY]] > 0).all(axis=None)
    gain = simulated[FINAL] + simulated[SEED_ONLY]
    assert np.allclose(gain, simulated[GAIN], atol=1.0)  # seed first, then meal


def test_simulations_in_batches_are_those_at_once(paths: Paths2019, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = simulate(90, paths)
    monkeypatch.setattr(simulated_history, "BATCH", 40)
    parts = simulate(90, paths)
    assert parts.parameters.equals(whole.parameters)
    assert list(parts.simulated) == list(whole.simulated)
    assert np.allclose(parts.simulated, whole.simulated, rtol=1e-7, atol=1.0)


def test_fixed_parameters_are_those_of_the_markets(paths: Paths2019) -> None:
    """Rivals send more to China the more freely they turn; of what stays as drawn nothing moves."""
    turning = {"apart": 1.0, "free": 5.0, "pool": float("inf")}
    turned = {name: simulate(60, paths, fixed={"rival_turning": value}) for name, value in turning.items()}
    rise = [turned[name].simulated["rivals_taxed_kt"] for name in turning]
    assert (rise[0] < rise[1]).all() and (rise[1] < rise[2]).all()
    assert np.isinf(turned["pool"].parameters["rival_kappa"]).all()
    assert np.allclose(turned["apart"].parameters["rival_kappa"], turned["apart"].parameters["other_supply"])


def test_parts_of_a_step_are_those_drawn(simulations: SimulatedHistory) -> None:
    simulated, drawn = simulations.simulated, simulations.parameters
    done = simulated["meal_step_2026"] * drawn["meal_step_done"]
    assert np.allclose(done, simulated["meal_after_2026"]) and (simulated["meal_step_2026"] > 0).mean() > 0.9
    whole = simulated["price_step_2025"] * drawn["news_anticipated"]
    assert (whole < 0).all() and np.corrcoef(whole, simulated["price_2025"])[0, 1] > 0.98
    assert np.allclose(np.exp(simulated["china_2025"]), simulated["china_deposit_kt"])


def test_horizons_share_their_ranks(simulations: SimulatedHistory) -> None:
    """The supply of a draw is as high among those of its horizon in the crop year as after acreage responds."""
    ranks = [stats.rankdata(simulations.parameters[name]) for name in ("seed_supply", ACREAGE)]
    assert (ranks[0] == ranks[1]).all()


def test_a_draw_carries_its_own_shortfall(paths: Paths2019, simulations: SimulatedHistory) -> None:
    shortfall = simulations.simulated["shortfall_2019_kt"].to_numpy()
    assert (shortfall > 0).all()
    assert set(shortfall) <= set(paths.shortfall)
    taken = simulations.simulated["others_2019_kt"] + simulations.simulated["crush_2019_kt"]
    assert (taken <= shortfall + 1e-6).all()  # what neither took is not grown


def test_what_is_assumed_of_the_long_run_leaves_every_weight_as_it_is(paths: Paths2019) -> None:
    """Only gains after adjustment follow the growth of rivals' turning: every datum is of a crop year."""
    grown = [simulate(60, paths, fixed={logit.GROWTH: growth}).simulated for growth in (1.0, np.inf)]
    adjusted = [GAIN, FINAL, SEED_ONLY, MEAL_ONLY]
    pd.testing.assert_frame_equal(*(frame.drop(columns=adjusted) for frame in grown))
    assert (grown[0][GAIN] != grown[1][GAIN]).all()


def test_a_part_that_is_next_to_nothing_is_none() -> None:
    assert simulated_history.as_published("kept_2025", np.array([1e-12, 0.5])).tolist() == [0.0, 0.5]
    assert simulated_history.as_published("spring_2026", np.array([np.log(600.0)])) == pytest.approx([600.0])
