"""Weights of draws by history, what each datum does, and their calibration."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tradeexposure.canola.weights import history, weights
from tradeexposure.canola.weights.history import Histories, Normal, ZeroShipmentDatum
from tradeexposure.canola.weights.simulated_history import (
    FINAL,
    GAIN,
    DutyRegimes,
    Paths2019,
    SimulatedHistory,
    simulate,
)
from tradeexposure.reporting import Book

PRICE_2019 = pd.Series({"value": -0.046, "low": -0.16, "high": 0.081, "level": 0.95, "notebook": "40"})
PRICE_2025 = pd.Series({"value": -0.06, "low": -0.16, "high": 0.058, "level": 0.95, "notebook": "40"})
KEYS = ["farm_price_2019", "taken_2019", "empty_autumn", "meal_price", "farm_price_after", "meal_price_after",
        "spring_bookings", "futures_step", "china_forecast", "rivals_rise", "rivals_2019"]  # fmt: skip


def _observed(paths: Paths2019) -> list[history.Datum]:
    return [
        history.price("farm_price_2019", "", "price_2019", PRICE_2019),
        history.others_and_crush("taken_2019", "", paths, factor=2.0, source="30"),
        history.price("farm_price_2025", "", "price_2025", PRICE_2025),
        ZeroShipmentDatum("empty_autumn", "", 0.5, vessels=13.0, bunching=10.0, expected=(0.059, 0.758)),
        history.about("meal_price", "", "meal_2025", -0.24, 0.15, official=True, source=""),
        history.step("farm_price_after", "", "price_after_2026", pd.Series({"value": -0.018}), 0.08),
        history.about("meal_price_after", "", "meal_after_2026", -0.07, 0.15, official=True, source=""),
        history.bound("least", "spring_bookings", "", "spring_2026", 625.0, 0.5),
        history.press("futures_step", "", "price_step_2025", 1 - 40 / 680.8, 0.02),
        history.bound("most", "china_forecast", "", "china_2025", 3100.0, 0.35),
        history.bound("least", "rivals_rise", "", "rivals_rise_2025", 540.0, 0.5),
        history.press("rivals_2019", "", "rivals_2019", 750.0, 0.5),
    ]


def test_weights_go_to_the_draws_that_made_the_data(simulations: SimulatedHistory) -> None:
    """A history drawn from one draw with hardly any noise finds that draw's scale and gain."""
    simulated, row = simulations.simulated, 123
    sharp = [
        Normal(name, name, (name,), simulated[name].to_numpy()[[row]], np.array([[0.005**2]]), True, "")
        for name in ("price_2019", "price_2025", "meal_2025", "spring_2026")
    ]
    weight = weights.combine(weights.log_likelihoods(sharp, simulated), [each.key for each in sharp])
    assert int(np.argmax(weight)) == row
    gain = simulated[GAIN].to_numpy()
    middle = weights.summary(gain, weight)
    assert middle["low"] <= gain[row] <= middle["high"]
    assert middle["high"] - middle["low"] < np.ptp(gain) / 4


def test_no_datum_leaves_the_prior() -> None:
    likelihoods = pd.DataFrame({"a": np.linspace(-3, 0, 50)})
    weight = weights.combine(likelihoods, [])
    assert np.allclose(weight, 1 / 50)
    assert weights.effective_share(weight) == pytest.approx(1.0)
    assert weights.effective_share(np.repeat([1 / 25, 0.0], 25)) == pytest.approx(0.5)
    assert weights.effective_rows(np.repeat([1 / 25, 0.0], 25)) == pytest.approx(25)


def test_another_prior_weighs_as_if_it_had_been_drawn_from() -> None:
    x = np.random.default_rng(8).uniform(0, 1, 200_000)
    likelihoods = pd.DataFrame({"a": -0.5 * ((x - 0.4) / 0.3) ** 2})
    tilted = weights.combine(likelihoods, ["a"], prior=np.log(x))  # a prior that rises in a line
    grid = (np.arange(10_000) + 0.5) / 10_000
    density = grid * np.exp(-0.5 * ((grid - 0.4) / 0.3) ** 2)
    assert tilted @ x == pytest.approx((density @ grid) / density.sum(), abs=0.002)


def test_evidence_is_the_mean_likelihood() -> None:
    likelihoods = pd.DataFrame({"a": [-1000.0, -1001.0, -1003.0], "b": [0.0, -1.0, -2.0]})
    exact = np.log(np.mean(np.exp([0.0, -2.0, -5.0]))) - 1000.0
    assert weights.log_evidence(likelihoods, ["a", "b"]) == pytest.approx(exact)


def test_quantiles_of_equal_weights_are_plain_ones() -> None:
    values = np.random.default_rng(1).normal(size=4001)
    mine = weights.quantiles(values, np.full(4001, 1 / 4001), [0.05, 0.5, 0.95])
    assert np.allclose(mine, np.quantile(values, [0.05, 0.5, 0.95]), atol=1e-2)
    doubled = weights.quantiles(np.array([0.0, 1.0, 2.0]), np.array([0.25, 0.5, 0.25]), [0.5])
    assert doubled[0] == pytest.approx(1.0)


def test_shifts_by_each_datum_and_with_it_left_out(simulations: SimulatedHistory, paths: Paths2019) -> None:
    likelihoods = weights.log_likelihoods(_observed(paths), simulations.simulated)
    gain = simulations.simulated[GAIN].to_numpy()
    table = weights.leave_one_out_shifts(likelihoods, gain, KEYS, beside=["farm_price_2025"]).set_index("datum")
    every = weights.combine(likelihoods, KEYS)
    only_d1_out = weights.combine(likelihoods, KEYS[1:])
    assert table.loc["farm_price_2019", "left_out"] == pytest.approx(weights.summary(gain, only_d1_out)["value"])
    assert table.loc["farm_price_2019", "pull"] == pytest.approx(
        table.loc["farm_price_2019", "alone"] - weights.summary(gain, weights.combine(likelihoods, []))["value"]
    )
    assert every.sum() == pytest.approx(1.0)
    empty = weights.leave_one_out_shifts(likelihoods, gain, ["farm_price_2019"])
    assert empty["left_out"][0] == pytest.approx(weights.summary(gain, np.full(600, 1 / 600))["value"])


def _line(draws: int) -> pd.DataFrame:
    return pd.DataFrame({"x": np.random.default_rng(3).normal(size=draws)})


def _datum(spread: float) -> Normal:
    return Normal("x", "x", ("x",), np.zeros(1), np.array([[spread**2]]), True, "")


def test_calibration_holds_for_a_right_likelihood_and_not_for_a_wrong_one() -> None:
    simulated = _line(4000)
    right = weights.calibrate([_datum(0.5)], simulated, simulated, histories=800, seed=1).coverage()
    assert 0.87 <= right["coverage"][0] <= 0.93 and right["p_value"][0] > 0.01

    class TooSure(Normal):
        def synthetic(self, simulated: pd.DataFrame) -> Histories:
            plain = super().synthetic(simulated)
            return Histories(plain.seen, plain.slopes * 9.0, plain.constant * 9.0)  # errors a third of theirs

    sure = TooSure(**vars(_datum(0.5)))
    wrong = weights.calibrate([sure], simulated, simulated, histories=800, seed=1).coverage()
    assert wrong["coverage"][0] < 0.6


def _many(paths: Paths2019, *, seed: int) -> SimulatedHistory:
    laws = DutyRegimes.on(taxed="2025-12-31", arranged="2026-10-01")
    months = {"spring": (2, 3, 4), "since_deal": range(3, 9)}
    return simulate(80_000, seed=seed, paths=paths, regimes=laws, **months, seed_taxed=0.5)


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_real_history_is_calibrated(paths: Paths2019) -> None:
    """Bounds are drawn as events; both gains, the scale between origins and rivals' turning."""
    many = _many(paths, seed=16)
    known = many.simulated[[GAIN, FINAL]].assign(
        scale=many.parameters["seed_scale_cad_t"], kappa=many.parameters["rival_kappa"]
    )
    data = [each for each in _observed(paths) if each.key in KEYS]
    table = weights.calibrate(data, many.simulated, known, histories=2000, seed=1).coverage()
    assert table["coverage"].between(0.88, 0.92).all()
    assert (table["p_value"] > 0.01).all()


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_another_seed_gives_the_same_gain() -> None:
    """With the joint draws of 2019 as the committed notebooks hand them over."""
    paths = Paths2019.read(Book("65_weigh_canola_models").earlier_table("canola_draws_2019"))
    gains = []
    for seed in (16, 17):
        many = _many(paths, seed=seed)
        weight = weights.combine(weights.log_likelihoods(_observed(paths), many.simulated), KEYS)
        assert weights.effective_rows(weight) >= 3000 and weight.max() <= 0.005
        gains.append(weights.summary(many.simulated[GAIN].to_numpy(), weight))
    first, second = gains
    assert second["value"] == pytest.approx(first["value"], rel=0.04)
    assert [second["low"], second["high"]] == pytest.approx([first["low"], first["high"]], rel=0.08)


def test_errors_of_quantiles_are_those_of_a_normal() -> None:
    """Asymptotic errors of the quantiles of normal draws; half of the draws weigh nothing, so that the rest count."""
    rng, n = np.random.default_rng(8), 4000
    banks = []
    for _ in range(60):
        weight = np.repeat([2.0, 0.0], n // 2) / n
        values = rng.normal(100.0, 7.0, n)
        banks.append(weights.monte_carlo_errors(values, rng.permutation(weight)))
    size = np.sqrt((pd.DataFrame(banks) ** 2).mean())
    for end, share in (("low", 0.05), ("value", 0.5), ("high", 0.95)):
        density = stats.norm.pdf(stats.norm.ppf(share)) / 7.0
        assert size[end] == pytest.approx(np.sqrt(share * (1 - share) / (n / 2)) / density, rel=0.1)
