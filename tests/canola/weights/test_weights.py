"""Likelihoods of history, weights of draws, and their calibration."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tradeexposure.canola.weights import bank, calibration, history, weights
from tradeexposure.canola.weights.history import Normal, NothingShipped

PRICE_2019 = pd.Series({"value": -0.046, "low": -0.16, "high": 0.081, "level": 0.95, "notebook": "40"})
PRICE_2025 = pd.Series({"value": -0.06, "low": -0.16, "high": 0.058, "level": 0.95, "notebook": "40"})
LAWS = bank.Laws.on(taxed="2025-12-31", arranged="2026-10-01")
SEEN: dict[str, Any] = {"spring": (2, 3, 4), "seed_taxed": 0.5}
KEYS = ["D1", "D2-D3", "D4", "D5", "D6", "D7", "D10"]


def _waits(waiting: float) -> NothingShipped:
    return NothingShipped("D5", "", waiting, vessels=13.0, bunching=10.0, expected=(0.059, 0.758))


def _observed(paths: bank.Paths2019) -> list[history.Datum]:
    return [
        history.price("D1", "", "price_2019", PRICE_2019),
        history.others_and_crush("D2-D3", "", paths, source="30"),
        history.price("D4", "", "price_2025", PRICE_2025),
        _waits(0.5),
        history.about("D6", "", "spring_2026", np.log(625.0), 0.5, official=False, source="trade press"),
        history.about("D7", "", "price_step_2025", np.log1p(-40 / 690), 0.03, official=False, source="trade press"),
        history.about("D10", "", "meal_2025", -0.2, 0.15, official=True, source=""),
    ]


@pytest.fixture(scope="module")
def paths() -> bank.Paths2019:
    """A joint normal of the size of the estimates; two draws have no shortfall."""
    rng = np.random.default_rng(7)
    shortfall = rng.normal(3200, 800, 1000)
    shortfall[:2] = -10.0
    others = 800 + 0.45 * shortfall + rng.normal(0, 1000, 1000)
    return bank.Paths2019(shortfall, others, rng.normal(1100, 700, 1000) - 0.05 * shortfall, 1265.7)


@pytest.fixture(scope="module")
def found(paths: bank.Paths2019) -> bank.Bank:
    return bank.simulate(600, seed=16, paths=paths, laws=LAWS, **SEEN)


def test_bank_holds_every_quantity_for_every_draw(found: bank.Bank) -> None:
    assert len(found.simulated) == len(found.parameters) == 600
    assert np.isfinite(found.simulated.to_numpy()).all()
    simulated = found.simulated
    assert (simulated["price_2019"] < 0).all() and (simulated["price_2025"] < 0).all()
    assert simulated["kept_2025"].between(0, 1).all() and (simulated[bank.GAIN] > 0).all()
    assert (simulated["kept_deal"] >= simulated["kept_2025"]).mean() > 0.85  # some expect less than the final duty


def test_horizons_share_their_ranks(found: bank.Bank) -> None:
    """The supply of a draw is as high among those of its horizon in the crop year as after acreage responds."""
    ranks = [stats.rankdata(found.parameters[name]) for name in ("seed_supply", bank.ACREAGE)]
    assert (ranks[0] == ranks[1]).all()


def test_a_draw_carries_its_own_shortfall(paths: bank.Paths2019, found: bank.Bank) -> None:
    shortfall = found.simulated["shortfall_2019_kt"].to_numpy()
    assert (shortfall > 0).all()
    assert set(shortfall) <= set(paths.shortfall)
    taken = found.simulated["others_2019_kt"] + found.simulated["crush_2019_kt"]
    assert (taken <= shortfall + 1e-6).all()  # what neither took is not grown


def test_normal_is_the_density_of_what_was_observed(paths: bank.Paths2019, found: bank.Bank) -> None:
    both = _observed(paths)[1]
    assert isinstance(both, Normal)
    apart = both.apart(found.simulated)
    exact = stats.multivariate_normal(both.observed, both.covariance).logpdf(apart)
    mine = both.log_likelihood(found.simulated)
    assert np.allclose(np.diff(mine), np.diff(exact))


def test_others_and_crush_recover_the_line_they_were_drawn_from(paths: bank.Paths2019) -> None:
    both = _observed(paths)[1]
    assert isinstance(both, Normal)
    assert both.slope[0] == pytest.approx(0.45, abs=0.1)
    assert both.observed == pytest.approx([800, 1100], abs=350)
    assert np.sqrt(np.diag(both.covariance)) == pytest.approx([1000, 700], rel=0.1)


def test_price_takes_the_published_interval(paths: bank.Paths2019) -> None:
    price = _observed(paths)[0]
    assert isinstance(price, Normal)
    spread = float(np.sqrt(price.covariance[0, 0]))
    assert np.expm1(price.observed[0] - 1.96 * spread) == pytest.approx(-0.16, abs=0.003)
    assert np.expm1(price.observed[0] + 1.96 * spread) == pytest.approx(0.081, abs=0.003)


def test_no_vessel_is_a_negative_binomial_with_waiting() -> None:
    kept = np.array([0.0, 0.1, 0.5, 1.0])
    simulated = pd.DataFrame({"kept_2025": kept, "expected": 0.758})
    mean, shape = 13.0 * kept, 10.0
    exact = stats.nbinom.pmf(0, shape, shape / (shape + mean))
    assert np.allclose(_waits(1.0).chance(simulated), exact)  # who expects the deposit does not wait
    low = simulated.assign(expected=0.059)
    assert np.allclose(_waits(1.0).chance(low), 1.0)
    assert np.allclose(_waits(0.0).chance(low), exact)
    assert np.allclose(_waits(0.5).chance(low), 0.5 + 0.5 * exact)


def test_weights_go_to_the_draws_that_made_the_data(found: bank.Bank) -> None:
    """A history drawn from one draw with hardly any noise finds that draw's scale and gain."""
    simulated, row = found.simulated, 123
    sharp = [
        Normal(name, name, (name,), simulated[name].to_numpy()[[row]], np.array([[0.005**2]]), True, "")
        for name in ("price_2019", "price_2025", "meal_2025", "spring_2026")
    ]
    weight = weights.combine(weights.log_likelihoods(sharp, simulated), [each.key for each in sharp])
    assert int(np.argmax(weight)) == row
    gain = simulated[bank.GAIN].to_numpy()
    middle = weights.summary(gain, weight)
    assert middle["low"] <= gain[row] <= middle["high"]
    assert middle["high"] - middle["low"] < np.ptp(gain) / 4


def test_no_datum_leaves_the_prior() -> None:
    likelihoods = pd.DataFrame({"a": np.linspace(-3, 0, 50)})
    weight = weights.combine(likelihoods, [])
    assert np.allclose(weight, 1 / 50)
    assert weights.effective_share(weight) == pytest.approx(1.0)
    assert weights.effective_share(np.repeat([1 / 25, 0.0], 25)) == pytest.approx(0.5)


def test_quantiles_of_equal_weights_are_plain_ones() -> None:
    values = np.random.default_rng(1).normal(size=4001)
    mine = weights.quantiles(values, np.full(4001, 1 / 4001), [0.05, 0.5, 0.95])
    assert np.allclose(mine, np.quantile(values, [0.05, 0.5, 0.95]), atol=1e-2)
    doubled = weights.quantiles(np.array([0.0, 1.0, 2.0]), np.array([0.25, 0.5, 0.25]), [0.5])
    assert doubled[0] == pytest.approx(1.0)


def test_pulls_and_left_out(found: bank.Bank, paths: bank.Paths2019) -> None:
    likelihoods = weights.log_likelihoods(_observed(paths), found.simulated)
    gain = found.simulated[bank.GAIN].to_numpy()
    table = weights.pulls(likelihoods, gain, KEYS).set_index("datum")
    every = weights.combine(likelihoods, KEYS)
    only_d1_out = weights.combine(likelihoods, KEYS[1:])
    assert table.loc["D1", "left_out"] == pytest.approx(weights.summary(gain, only_d1_out)["value"])
    assert table.loc["D1", "pull"] == pytest.approx(
        table.loc["D1", "alone"] - weights.summary(gain, weights.combine(likelihoods, []))["value"]
    )
    assert every.sum() == pytest.approx(1.0)
    empty = weights.pulls(likelihoods, gain, ["D1"])
    assert empty["left_out"][0] == pytest.approx(weights.summary(gain, np.full(600, 1 / 600))["value"])


def _line(draws: int) -> pd.DataFrame:
    return pd.DataFrame({"x": np.random.default_rng(3).normal(size=draws)})


def _datum(spread: float) -> Normal:
    return Normal("x", "x", ("x",), np.zeros(1), np.array([[spread**2]]), True, "")


def test_calibration_holds_for_a_right_likelihood_and_not_for_a_wrong_one() -> None:
    simulated = _line(4000)
    right = calibration.calibrate([_datum(0.5)], simulated, simulated, histories=800, seed=1).coverage()
    assert 0.87 <= right["coverage"][0] <= 0.93 and right["p_value"][0] > 0.01

    class TooSure(Normal):
        def synthetic(self, simulated: pd.DataFrame, truths: np.ndarray, rng: np.random.Generator) -> np.ndarray:
            return super().synthetic(simulated, truths, rng) * 9.0  # as if errors were a third of theirs

    sure = TooSure(**vars(_datum(0.5)))
    wrong = calibration.calibrate([sure], simulated, simulated, histories=800, seed=1).coverage()
    assert wrong["coverage"][0] < 0.6


def test_synthetic_history_of_a_draw_scatters_around_it(found: bank.Bank) -> None:
    """The likelihood of other draws falls with their distance from the truth, on average over histories."""
    datum = replace(_datum(0.02), columns=("price_2019",))
    truths = np.repeat(np.intp(5), 400)
    mean = datum.synthetic(found.simulated, truths, np.random.default_rng(2)).mean(axis=0)
    distance = (found.simulated["price_2019"] - found.simulated["price_2019"][5]).abs().to_numpy()
    assert np.corrcoef(mean, -(distance**2))[0, 1] > 0.999
    assert mean[5] == pytest.approx(-0.5, abs=0.1)


@pytest.mark.slow
def test_real_history_is_calibrated(paths: bank.Paths2019) -> None:
    found = bank.simulate(20_000, seed=16, paths=paths, laws=LAWS, **SEEN)
    known = found.simulated[[bank.GAIN]].assign(scale=found.parameters["seed_scale_cad_t"])
    data = _observed(paths)
    table = calibration.calibrate(data, found.simulated, known, histories=2000, seed=1).coverage()
    assert table["coverage"].between(0.88, 0.92).all()
    assert (table["p_value"] > 0.01).all()
