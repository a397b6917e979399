"""Likelihoods of history, weights of draws, and their calibration."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tradeexposure.canola.weights import history, simulated_history, weights
from tradeexposure.canola.weights.history import Histories, Normal, ZeroShipmentDatum
from tradeexposure.reporting import Book

PRICE_2019 = pd.Series({"value": -0.046, "low": -0.16, "high": 0.081, "level": 0.95, "notebook": "40"})
PRICE_2025 = pd.Series({"value": -0.06, "low": -0.16, "high": 0.058, "level": 0.95, "notebook": "40"})
LAWS = simulated_history.DutyRegimes.on(taxed="2025-12-31", arranged="2026-10-01")
SEEN: dict[str, Any] = {"spring": (2, 3, 4), "seed_taxed": 0.5}
KEYS = ["farm_price_2019", "taken_2019", "empty_autumn", "meal_price", "farm_price_after", "meal_price_after",
        "spring_bookings", "futures_step", "china_forecast", "rivals_rise", "rivals_2019"]  # fmt: skip


def _waits(waiting: float) -> ZeroShipmentDatum:
    return ZeroShipmentDatum("empty_autumn", "", waiting, vessels=13.0, bunching=10.0, expected=(0.059, 0.758))


def _observed(paths: simulated_history.Paths2019) -> list[history.Datum]:
    return [
        history.price("farm_price_2019", "", "price_2019", PRICE_2019),
        history.others_and_crush("taken_2019", "", paths, source="30"),
        history.price("farm_price_2025", "", "price_2025", PRICE_2025),
        _waits(0.5),
        history.about("meal_price", "", "meal_2025", -0.24, 0.15, official=True, source=""),
        history.step("farm_price_after", "", "price_after_2026", pd.Series({"value": -0.018}), 0.08),
        history.about("meal_price_after", "", "meal_after_2026", -0.07, 0.15, official=True, source=""),
        history.bound("least", "spring_bookings", "", "spring_2026", 625.0, 0.5),
        history.told("futures_step", "", "price_step_2025", 1 - 40 / 680.8, 0.02),
        history.bound("most", "china_forecast", "", "china_2025", 3100.0, 0.35),
        history.bound("least", "rivals_rise", "", "rivals_rise_2025", 540.0, 0.5),
        history.told("rivals_2019", "", "rivals_2019", 750.0, 0.5),
    ]


@pytest.fixture(scope="module")
def paths() -> simulated_history.Paths2019:
    """A joint normal of the size of the estimates; two draws have no shortfall."""
    rng = np.random.default_rng(7)
    shortfall = rng.normal(3200, 800, 1000)
    shortfall[:2] = -10.0
    others = 800 + 0.45 * shortfall + rng.normal(0, 1000, 1000)
    return simulated_history.Paths2019(shortfall, others, rng.normal(1100, 700, 1000) - 0.05 * shortfall, 1265.7)


@pytest.fixture(scope="module")
def found(paths: simulated_history.Paths2019) -> simulated_history.SimulatedHistory:
    return simulated_history.simulate(600, seed=16, paths=paths, regimes=LAWS, **SEEN)


def test_simulations_hold_every_quantity_for_every_draw(found: simulated_history.SimulatedHistory) -> None:
    assert len(found.simulated) == len(found.parameters) == 600
    assert np.isfinite(found.simulated.to_numpy()).all()
    simulated = found.simulated
    assert (simulated["price_2019"] < 0).all() and (simulated["price_2025"] < 0).all()
    assert simulated["kept_2025"].between(0, 1).all() and (simulated[simulated_history.GAIN] > 0).all()
    assert (simulated["kept_deal"] >= simulated["kept_2025"]).mean() > 0.85  # some expect less than the final duty
    seed = simulated[
        [
            simulated_history.FINAL,
            simulated_history.SEED_ONLY,
            simulated_history.FINAL_FIRST_YEAR,
            simulated_history.MEAL_ONLY,
        ]
    ]
    assert (seed > 0).all().all()
    gain = simulated[simulated_history.FINAL] + simulated[simulated_history.SEED_ONLY]
    assert np.allclose(gain, simulated[simulated_history.GAIN], atol=1.0)  # seed first, then meal


def test_simulations_in_batches_are_those_at_once(
    paths: simulated_history.Paths2019, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = simulated_history.simulate(90, seed=2, paths=paths, regimes=LAWS, **SEEN)
    monkeypatch.setattr(simulated_history, "BATCH", 40)
    parts = simulated_history.simulate(90, seed=2, paths=paths, regimes=LAWS, **SEEN)
    assert parts.parameters.equals(whole.parameters)
    assert list(parts.simulated) == list(whole.simulated)
    assert np.allclose(parts.simulated, whole.simulated, rtol=1e-7, atol=1.0)


def test_fixed_parameters_are_those_of_the_markets(paths: simulated_history.Paths2019) -> None:
    """Rivals send more to China the more freely they turn; of what stays as drawn nothing moves."""
    turning = {"apart": 1.0, "free": 5.0, "pool": float("inf")}
    found = {
        name: simulated_history.simulate(60, seed=2, paths=paths, regimes=LAWS, **SEEN, fixed={"rival_turning": value})
        for name, value in turning.items()
    }
    rise = [found[name].simulated["rivals_taxed_kt"] for name in turning]
    assert (rise[0] < rise[1]).all() and (rise[1] < rise[2]).all()
    assert np.isinf(found["pool"].parameters["rival_kappa"]).all()
    assert np.allclose(found["apart"].parameters["rival_kappa"], found["apart"].parameters["other_supply"])


def test_parts_of_a_step_are_those_drawn(found: simulated_history.SimulatedHistory) -> None:
    simulated, drawn = found.simulated, found.parameters
    done = simulated["meal_step_2026"] * drawn["meal_step_done"]
    assert np.allclose(done, simulated["meal_after_2026"]) and (simulated["meal_step_2026"] > 0).mean() > 0.9
    whole = simulated["price_step_2025"] * drawn["news_anticipated"]
    assert (whole < 0).all() and np.corrcoef(whole, simulated["price_2025"])[0, 1] > 0.98
    assert np.allclose(np.exp(simulated["china_2025"]), simulated["china_deposit_kt"])


def test_horizons_share_their_ranks(found: simulated_history.SimulatedHistory) -> None:
    """The supply of a draw is as high among those of its horizon in the crop year as after acreage responds."""
    ranks = [stats.rankdata(found.parameters[name]) for name in ("seed_supply", simulated_history.ACREAGE)]
    assert (ranks[0] == ranks[1]).all()


def test_a_draw_carries_its_own_shortfall(
    paths: simulated_history.Paths2019, found: simulated_history.SimulatedHistory
) -> None:
    shortfall = found.simulated["shortfall_2019_kt"].to_numpy()
    assert (shortfall > 0).all()
    assert set(shortfall) <= set(paths.shortfall)
    taken = found.simulated["others_2019_kt"] + found.simulated["crush_2019_kt"]
    assert (taken <= shortfall + 1e-6).all()  # what neither took is not grown


def test_others_and_crush_recover_the_line_they_were_drawn_from(paths: simulated_history.Paths2019) -> None:
    both = _observed(paths)[1]
    assert isinstance(both, Normal)
    assert both.slope[0] == pytest.approx(0.45, abs=0.1)
    assert both.observed == pytest.approx([800, 1100], abs=350)
    assert np.sqrt(np.diag(both.covariance)) == pytest.approx([1000 * 2**0.5, 700], rel=0.1)  # others' variance doubled
    drawn = history.others_and_crush("taken_2019", "", paths, source="", factor=1.0).covariance
    assert both.covariance[0, 0] == pytest.approx(2 * drawn[0, 0])
    assert both.covariance.ravel()[1:] == pytest.approx(drawn.ravel()[1:])


def test_price_takes_the_published_interval(paths: simulated_history.Paths2019) -> None:
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


@pytest.mark.parametrize("side", ["least", "most"])
def test_a_bound_is_an_event_of_its_normal(side: str) -> None:
    simulated = pd.DataFrame({"x": np.linspace(-60.0, 90.0, 301)})
    bound = history.bound(side, "x", "", "x", 1000.0, 0.5)  # type: ignore[arg-type]
    happens, fails = bound.log_chances(simulated)
    assert np.allclose(np.exp(happens) + np.exp(fails), 1.0)
    exact = stats.norm(np.log(1000.0), 0.5)
    tail = exact.logcdf if side == "least" else exact.logsf
    assert np.allclose(happens, tail(simulated["x"]))
    steps = np.diff(bound.log_likelihood(simulated))
    assert (steps >= 0).all() if side == "least" else (steps <= 0).all()
    assert np.isfinite(happens).all()


def test_no_bound_weighs_nothing(found: simulated_history.SimulatedHistory) -> None:
    for bound in (
        history.bound("least", "x", "", "spring_2026", 0.0, 0.5),
        history.bound("most", "x", "", "china_2025", np.inf, 0.35),
    ):
        assert (bound.log_likelihood(found.simulated) == 0).all()


def test_synthetic_events_happen_as_often_as_their_truth_says() -> None:
    simulated = pd.DataFrame({"x": [6.0, 6.5, 7.5]})
    bound = history.bound("least", "x", "", "x", 700.0, 0.5)
    many = bound.synthetic(simulated)
    seen = many.seen(np.repeat(np.arange(3), 20_000), np.random.default_rng(5))
    often = seen.reshape(3, -1).mean(axis=1)
    assert often == pytest.approx(np.exp(bound.log_likelihood(simulated)), abs=0.01)
    happens, fails = bound.log_chances(simulated)
    each = seen @ many.slopes + many.constant
    assert np.allclose(each, np.where(seen == 1, happens, fails))


def test_weights_go_to_the_draws_that_made_the_data(found: simulated_history.SimulatedHistory) -> None:
    """A history drawn from one draw with hardly any noise finds that draw's scale and gain."""
    simulated, row = found.simulated, 123
    sharp = [
        Normal(name, name, (name,), simulated[name].to_numpy()[[row]], np.array([[0.005**2]]), True, "")
        for name in ("price_2019", "price_2025", "meal_2025", "spring_2026")
    ]
    weight = weights.combine(weights.log_likelihoods(sharp, simulated), [each.key for each in sharp])
    assert int(np.argmax(weight)) == row
    gain = simulated[simulated_history.GAIN].to_numpy()
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


def test_shifts_by_each_datum_and_with_it_left_out(
    found: simulated_history.SimulatedHistory, paths: simulated_history.Paths2019
) -> None:
    likelihoods = weights.log_likelihoods(_observed(paths), found.simulated)
    gain = found.simulated[simulated_history.GAIN].to_numpy()
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


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_real_history_is_calibrated(paths: simulated_history.Paths2019) -> None:
    """Bounds are drawn as events; both gains, the scale between origins and rivals' turning."""
    found = simulated_history.simulate(80_000, seed=16, paths=paths, regimes=LAWS, **SEEN)
    known = found.simulated[[simulated_history.GAIN, simulated_history.FINAL]].assign(
        scale=found.parameters["seed_scale_cad_t"], kappa=found.parameters["rival_kappa"]
    )
    data = [each for each in _observed(paths) if each.key in KEYS]
    table = weights.calibrate(data, found.simulated, known, histories=2000, seed=1).coverage()
    assert table["coverage"].between(0.88, 0.92).all()
    assert (table["p_value"] > 0.01).all()


@pytest.fixture(scope="module")
def estimated() -> tuple[simulated_history.Paths2019, pd.Series]:
    """Joint draws of 2019 and the price effect of 2019 as the committed notebooks hand them over."""
    book = Book("65_weigh_canola_models")
    price = book.earlier_results("canola.price_effect.2019").loc["canola.price_effect.2019"]
    return simulated_history.Paths2019.read(book.earlier_table("canola_draws_2019")), price


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_another_seed_gives_the_same_gain(estimated: tuple[simulated_history.Paths2019, pd.Series]) -> None:
    paths, _ = estimated
    gains = []
    for seed in (16, 17):
        found = simulated_history.simulate(80_000, seed=seed, paths=paths, regimes=LAWS, **SEEN)
        weight = weights.combine(weights.log_likelihoods(_observed(paths), found.simulated), KEYS)
        assert weights.effective_rows(weight) >= 3000 and weight.max() <= 0.005
        gains.append(weights.summary(found.simulated[simulated_history.GAIN].to_numpy(), weight))
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
