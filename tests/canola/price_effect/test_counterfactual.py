"""The price without a measure: known effects are recovered, intervals hold, and impossible requests are refused."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from second_routes import price_routes

from tradeexposure.canola.price_effect import counterfactual, prices
from tradeexposure.canola.price_effect.counterfactual import MODELS, Counterfactual
from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.inference.draws import interval
from tradeexposure.econometrics.time_series import backtests, months

FIRST, MONTHS = "1995-01", 292
INDEX = pd.date_range(FIRST, periods=MONTHS, freq="MS")
WINDOW = months.window("2019", "2018-05", "2019-04")  # the last twelve months simulated
EARLY = months.window("early", "2000-01", "2000-12")
EFFECT = -0.08
WORLD = ("soybean_oil", "palm_oil", "crude_oil")


@cache
def panel(seed: int, *, effect: float = 0.0, reversion: float = 0.15, errors: float = 0.02) -> pd.DataFrame:
    """Log prices: three world prices wander, canola closes part of its gap to them; its level falls in the window."""
    rng = np.random.default_rng(seed)
    world = rng.normal(0, 0.05, (MONTHS, 3)).cumsum(axis=0) + 6.0
    tie = (world @ [0.4, 0.3, 0.1] + 1.0).tolist()  # plain numbers: hundreds of panels are made one month at a time
    own = tie[:1]
    for before, now, error in zip(tie, tie[1:], rng.normal(0, errors, MONTHS - 1).tolist(), strict=False):
        own.append(own[-1] - reversion * (own[-1] - before) + 0.7 * (now - before) + error)
    frame = pd.DataFrame({prices.TARGET: own, **dict(zip(WORLD, world.T, strict=True))}, index=INDEX)
    frame.loc[WINDOW.first : WINDOW.last, prices.TARGET] += np.log1p(effect)
    return frame


def spec(model: str = "ardl", **changes: object) -> Counterfactual:
    return Counterfactual(**{
        "model": model, "variables": "oils", "lags": 1, "deterministic": "constant", "start": FIRST, "prices": WORLD,
        **changes,
    })  # fmt: skip


@pytest.mark.parametrize("model", MODELS)
def test_a_known_effect_is_recovered_on_average(model: str) -> None:
    shares = [counterfactual.estimate(panel(seed, effect=EFFECT), spec(model), WINDOW).share for seed in range(40)]
    error = np.std(shares) / np.sqrt(len(shares))
    assert np.mean(shares) == pytest.approx(EFFECT, abs=3 * error)
    assert error < 0.01


def test_the_effect_is_exact_without_errors() -> None:
    quiet = counterfactual.estimate(panel(1, effect=EFFECT, errors=1e-4), spec(), WINDOW)
    assert quiet.share == pytest.approx(EFFECT, abs=5e-4)
    level = np.exp(panel(1, errors=1e-4).loc[WINDOW.first : WINDOW.last, prices.TARGET]).mean()
    assert quiet.cad_per_tonne == pytest.approx(EFFECT * level, rel=1e-2)


@pytest.mark.parametrize("model", MODELS)
def test_farm_prices_after_the_origin_do_not_move_the_counterfactual(model: str) -> None:
    options = {"origin": WINDOW.origin, "until": WINDOW.last}
    untouched = counterfactual.path(panel(2), spec(model), **options)
    affected = counterfactual.path(panel(2, effect=-0.5), spec(model), **options)
    assert np.array_equal(untouched.central, affected.central)
    assert not np.allclose(untouched.actual, affected.actual)


@pytest.mark.parametrize("model", MODELS)
def test_the_simulated_median_is_the_central_path(model: str) -> None:
    path = counterfactual.path(
        panel(3), spec(model), origin=WINDOW.origin, until=WINDOW.last, draws=4000, rng=np.random.default_rng(1)
    )
    assert path.draws.shape == (4000, 12)
    assert np.abs(np.median(path.draws, axis=0) - path.central).max() < 0.006
    assert path.draws[:, -1].std() > path.draws[:, 0].std() > 0.015


@pytest.mark.slow  # 200 replications; a known effect is recovered on average above
@pytest.mark.parametrize("model", ["ardl", "components"])
def test_intervals_hold_at_their_level_over_200_replications(model: str) -> None:
    rng, covered = np.random.default_rng(12), []
    for seed in range(200):
        simulated = panel(seed, effect=EFFECT, reversion=0.15 if model == "ardl" else 0.0)
        effect = counterfactual.estimate(simulated, spec(model), WINDOW, draws=300, rng=rng)
        low, high = interval(effect.share, effect.share_draws)
        covered.append(low <= EFFECT <= high)
    assert 0.90 <= np.mean(covered) <= 0.99


def test_statsmodels_gives_the_same_effects() -> None:
    simulated = panel(4, effect=EFFECT)
    assert abs(price_routes.statespace_gap(simulated, spec(), WINDOW)) < 1e-4
    assert abs(price_routes.levels_gap(simulated, spec(), WINDOW)) < 1e-9


@pytest.mark.parametrize(
    ("changes", "window", "message"),
    [
        ({"model": "guess"}, WINDOW, "allowed: ardl, vecm_1"),
        ({"prices": ()}, WINDOW, "allowed: a set of world prices"),
        ({"deterministic": "none"}, WINDOW, "constant, season, trend"),
        ({"lags": 0}, WINDOW, "1 to 12"),
        ({}, EARLY, "found 60 months to 1999-12; allowed: at least 72 months"),
    ],
)
def test_what_cannot_be_estimated_is_refused(changes: dict[str, object], window: months.Window, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        counterfactual.estimate(panel(1), spec(**changes), window)


# --- rolling windows --------------------------------------------------------------------------------------------------

STARTS = pd.date_range("2004-01", "2017-01", freq="6MS")


def test_rolling_gaps_are_single_estimates_put_together() -> None:
    simulated = panel(6)
    gaps = counterfactual.placebo_gaps(simulated, spec(), STARTS, horizon=12)
    window = months.window("placebo", "2010-01", "2010-12")
    single = counterfactual.estimate(simulated, spec(), window).share
    assert counterfactual.placebo_shares(gaps, length=12).loc["2010-01-01"] == pytest.approx(single)
    late = months.window("placebo", "2010-04", "2010-08", "2009-12")
    assert counterfactual.placebo_shares(gaps, length=5, skip=3).loc["2010-01-01"] == pytest.approx(
        counterfactual.estimate(simulated, spec(), late).share
    )
    with pytest.raises(BadInput, match="together 1 to 12"):
        counterfactual.placebo_shares(gaps, length=10, skip=3)


def test_intervals_that_are_too_narrow_get_the_factor_that_mends_them() -> None:
    rng = np.random.default_rng(1)
    tested = counterfactual.backtest(panel(7), spec(), STARTS, draws=300, rng=rng, horizon=12)
    narrow = tested.assign(low=tested["low"] / 3, high=tested["high"] / 3, ratio=tested["ratio"] * 3)
    narrow["covered"] = narrow["gap"].between(narrow["low"], narrow["high"])
    coverage = backtests.coverage(narrow, by=("kind", "level", "months"))
    assert (coverage["coverage"] < coverage["level"]).all()
    for _, row in coverage.iterrows():
        some = narrow[(narrow["kind"] == row["kind"]) & (narrow["months"] == row["months"])]
        some = some[some["level"] == row["level"]]
        inside = some["gap"].between(row["factor"] * some["low"], row["factor"] * some["high"] * (1 + 1e-12))
        assert inside.mean() >= row["level"] - 1 / len(some)
    assert backtests.factors(coverage, months=12)[0.95] > 1
    with pytest.raises(BadInput, match="months that were tested"):
        backtests.factors(coverage, months=13)
