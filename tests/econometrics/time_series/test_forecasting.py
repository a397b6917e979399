"""Forecasts of calendar years: the exact moments, the sum of twelve months, and chances of known processes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.time_series import backtests, forecasting

SEASON = 0.1 * np.sin(np.arange(12) / 12 * 2 * np.pi)


def walk(months: int, *, drift: float, sigma: float, rng: np.random.Generator, start: str = "1990-01") -> pd.Series:
    """Logarithm = random walk with drift + a fixed season."""
    steps = np.cumsum(drift + rng.normal(0, sigma, months))
    index = pd.date_range(start, periods=months, freq="MS")
    return pd.Series(100 * np.exp(steps + np.resize(SEASON, months)), index=index, name="made")


def walk_forecast(*, drift: float, sigma: float, months: int = 36) -> forecasting.Forecast:
    """What a random walk with known drift says from a last value of one."""
    index = pd.date_range("2020-01", periods=months, freq="MS")
    ahead = np.arange(1, months + 1)
    observed = pd.Series(1.0, index=pd.date_range("2015-01", "2019-12", freq="MS"))
    return forecasting.Forecast(
        "made", "walk", observed, index, drift * ahead, sigma**2 * np.minimum.outer(ahead, ahead)
    )


def brute_force(*, drift: float, sigma: float, months: int, paths: int = 200_000) -> np.ndarray:
    """Last calendar year's total, path by path."""
    steps = np.random.default_rng(99).normal(drift, sigma, (paths, months))
    return np.exp(np.cumsum(steps, axis=1))[:, -12:].sum(axis=1)


def shocks(months: int, draws: int = 40_000) -> np.ndarray:
    return forecasting.normals(np.random.default_rng(1), draws=draws, months=months)


@pytest.mark.parametrize("target", [12.0, 14.0, 18.0])
def test_the_chance_of_a_random_walk_agrees_with_walking_it(target: float) -> None:
    given = walk_forecast(drift=0.004, sigma=0.04)
    aims = pd.DataFrame({"series": ["made"], "target": ["t"], "year": [2022], "target_cad": [target]})
    found = forecasting.probabilities([given], aims, shocks(36))["probability"].iloc[0]
    assert found == pytest.approx((brute_force(drift=0.004, sigma=0.04, months=36) >= target).mean(), abs=0.01)


def test_intervals_agree_with_walking_it() -> None:
    found = forecasting.bands(walk_forecast(drift=0.004, sigma=0.04)).query("year == 2022").set_index("level")
    paths = brute_force(drift=0.004, sigma=0.04, months=36)
    for level in (0.8, 0.95):
        edges = np.quantile(paths, [(1 - level) / 2, 0.5, (1 + level) / 2])
        assert found.loc[level, ["low", "median", "high"]].to_numpy(float) == pytest.approx(edges, rel=0.01)


def test_without_uncertainty_a_year_is_the_sum_of_its_months() -> None:
    given = walk_forecast(drift=0.01, sigma=1e-9)
    exact = np.exp(0.01 * np.arange(13, 25)).sum()
    assert forecasting.totals(given, shocks(36, 100))[2021].to_numpy() == pytest.approx(exact, rel=1e-6)
    assert forecasting.bands(given).query("year == 2021")["median"].to_numpy() == pytest.approx(exact, rel=1e-6)


def test_months_already_seen_enter_as_they_were() -> None:
    series = walk(12 * 12 + 4, drift=0.004, sigma=0.03, rng=np.random.default_rng(3))
    made = forecasting.forecast(series, family="structural", until=2003)
    assert made.origin == pd.Timestamp("2002-04-01") and made.months[0] == pd.Timestamp("2002-05-01")
    year = forecasting.totals(made, shocks(len(made.months)))[2002]
    assert year.min() > series["2002-01":"2002-04"].sum()
    band = forecasting.bands(made, levels=[0.8]).query("year == 2002").iloc[0]
    assert [band["low"], band["high"]] == pytest.approx(year.quantile([0.1, 0.9]).tolist(), rel=0.005)


@pytest.mark.parametrize("family", forecasting.FAMILIES)
def test_moments_agree_with_the_package(family: str) -> None:
    result = forecasting.fit(walk(180, drift=0.004, sigma=0.04, rng=np.random.default_rng(4)), family=family)
    mean, covariance = forecasting.moments(result, 60)
    theirs = result.results().get_forecast(60)
    assert mean == pytest.approx(theirs.predicted_mean.to_numpy())
    assert np.sqrt(np.diag(covariance)) == pytest.approx(theirs.se_mean.to_numpy())
    assert np.linalg.eigvalsh(covariance).min() > 0 and np.allclose(covariance, covariance.T)


@pytest.mark.parametrize("family", forecasting.FAMILIES)
def test_moments_agree_with_simulated_paths(family: str) -> None:
    result = forecasting.fit(walk(180, drift=0.004, sigma=0.04, rng=np.random.default_rng(5)), family=family)
    _, covariance = forecasting.moments(result, 24)
    paths = result.results().simulate(24, anchor="end", repetitions=1500, rng=np.random.default_rng(6))
    simulated = np.cov(np.asarray(paths).reshape(24, -1))
    year = np.repeat([0.0, 1.0], 12)  # the second year's sum, where all the covariances enter
    assert year @ simulated @ year == pytest.approx(year @ covariance @ year, rel=0.12)


@pytest.mark.parametrize("family", forecasting.WITH_TREND)
@pytest.mark.long
def test_each_family_gives_a_known_process_its_chance(family: str) -> None:
    drift, sigma, found, truth = 0.004, 0.02, [], []
    for seed in range(4):
        series = walk(480, drift=drift, sigma=sigma, rng=np.random.default_rng(seed))
        last = series.iloc[-1] / np.exp(SEASON[-1])
        paths = last * brute_force(drift=drift, sigma=sigma, months=36, paths=4000) * np.exp(SEASON).mean()
        target = float(np.quantile(paths, 0.4))
        aims = pd.DataFrame({"series": ["made"], "target": ["t"], "year": [2032], "target_cad": [target]})
        made = forecasting.forecast(series, family=family, until=2032)
        found.append(forecasting.probabilities([made], aims, shocks(36, 4000))["probability"].iloc[0])
        truth.append(0.6)
    assert np.mean(found) == pytest.approx(np.mean(truth), abs=0.12)


def test_a_higher_target_is_never_likelier_and_the_same_seed_gives_the_same_chance() -> None:
    given = walk_forecast(drift=0.004, sigma=0.04)
    aims = pd.DataFrame({"series": "made", "target": ["a", "b", "c"], "year": 2022, "target_cad": [11.0, 14.0, 17.0]})
    first = forecasting.probabilities([given], aims, shocks(36))["probability"]
    assert first.is_monotonic_decreasing
    assert first.equals(forecasting.probabilities([given], aims, shocks(36))["probability"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"until": 2010, "origin": "2030-01"}, "2030-01"),
        ({"until": 2010, "origin": "1980-01"}, "1980-01"),
        ({"until": 1995}, "1995"),
        ({"until": 2010, "origin": "1993-01"}, "37 months"),
    ],
)
def test_an_origin_or_horizon_outside_the_figures_is_refused(options: dict[str, object], message: str) -> None:
    series = walk(144, drift=0.004, sigma=0.04, rng=np.random.default_rng(7))
    with pytest.raises(BadInput, match=message):
        forecasting.forecast(series, family="structural", **options)


def test_a_target_beyond_the_forecast_is_refused() -> None:
    aims = pd.DataFrame({"series": ["made"], "target": ["t"], "year": [2031], "target_cad": [1.0]})
    with pytest.raises(BadInput, match="2031"):
        forecasting.probabilities([walk_forecast(drift=0.0, sigma=0.1)], aims, shocks(36))


def test_too_few_shocks_are_refused() -> None:
    with pytest.raises(ValueError, match="12 months of shocks"):
        forecasting.totals(walk_forecast(drift=0.0, sigma=0.1), shocks(12))


@pytest.mark.long
def test_measured_coverage_is_near_nominal_when_the_model_is_true() -> None:
    made = [
        walk(240, drift=0.004, sigma=0.03, rng=np.random.default_rng(seed)).rename(f"made {seed}") for seed in range(4)
    ]
    tested = backtests.backtests(made, families=["structural"], first=2000, horizon=3)
    found = tested.groupby("level")["covered"].mean()
    assert found[0.8] == pytest.approx(0.8, abs=0.12) and found[0.95] == pytest.approx(0.95, abs=0.07)
    assert tested["above_median"].mean() == pytest.approx(0.5, abs=0.2)


def test_a_backtest_sees_no_future() -> None:
    series = walk(180, drift=0.004, sigma=0.04, rng=np.random.default_rng(8))
    changed = series.where(series.index < "2003-01-01", series * 3)
    first, second = (
        backtests.backtest(one, families=["sarima"], first=2002, horizon=1).query("origin == 2002")
        for one in (series, changed)
    )
    assert first[["low", "median", "high"]].equals(second[["low", "median", "high"]])
    assert (second["actual"].to_numpy() > 2 * first["actual"].to_numpy()).all()


def test_an_interval_is_checked_on_the_side_of_what_happened() -> None:
    found = backtests.interval_check([-1.0, 0.0, 3.0], low=-2.0, high=2.0)
    assert found["covered"].tolist() == [True, True, False] and found["ratio"].tolist() == [0.5, 0.0, 1.5]
    moved = backtests.interval_check(0.0, low=1.0, high=9.0, central=5.0)
    assert not moved["covered"] and moved["ratio"] == 5 / 4


def test_coverage_counts_origins_and_spans_that_do_not_overlap() -> None:
    tested = pd.DataFrame(
        {"series": "made", "family": "walk", "level": 0.8, "horizon_years": 3, "origin": range(2000, 2010),
         "covered": [True] * 7 + [False] * 3, "above_median": [True, False] * 5}
    )  # fmt: skip
    found = backtests.forecast_coverage(tested).iloc[0]
    assert (found["coverage"], found["above_median"], found["windows"], found["independent"]) == (0.7, 0.5, 10, 4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"first": 1995}, "first_origin"),
        ({"first": 2030}, "first_origin"),
        ({"check_origin": "soon"}, "check_origin"),
        ({"check_origin": "2031-01"}, "check_origin"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(change: dict[str, object], message: str) -> None:
    monthly = walk(300, drift=0.004, sigma=0.04, rng=np.random.default_rng(9)).to_frame()
    good = {"first": 2005, "check_origin": "2012-12"}
    backtests.check_origins(monthly, **good)
    with pytest.raises(BadInput, match=message):
        backtests.check_origins(monthly, **{**good, **change})
