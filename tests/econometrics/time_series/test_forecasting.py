"""Forecasts: families recover what made the data; exact moments, sums of twelve months, chances of known processes."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.econometrics.time_series import concentrated_likelihoods, forecasting

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


@cache
def brute_force(*, drift: float, sigma: float, months: int, paths: int = 200_000) -> np.ndarray:
    """Last calendar year's total, path by path."""
    steps = np.random.default_rng(99).normal(drift, sigma, (paths, months))
    return np.exp(np.cumsum(steps, axis=1))[:, -12:].sum(axis=1)


def shocks(months: int, draws: int = 40_000) -> np.ndarray:
    return forecasting.normals(np.random.default_rng(1), draws=draws, months=months)


@pytest.mark.parametrize("target", [12.0, 14.0, 18.0])
def test_the_chance_of_a_random_walk_agrees_with_walking_it(target: float) -> None:
    forecast = walk_forecast(drift=0.004, sigma=0.04)
    aims = pd.DataFrame({"series": ["made"], "target": ["t"], "year": [2022], "target_cad": [target]})
    chance = forecasting.probabilities([forecast], aims, shocks(36))["probability"].iloc[0]
    assert chance == pytest.approx((brute_force(drift=0.004, sigma=0.04, months=36) >= target).mean(), abs=0.01)


def test_intervals_agree_with_walking_it() -> None:
    bands = forecasting.bands(walk_forecast(drift=0.004, sigma=0.04)).query("year == 2022").set_index("level")
    paths = brute_force(drift=0.004, sigma=0.04, months=36)
    for level in (0.8, 0.95):
        edges = np.quantile(paths, [(1 - level) / 2, 0.5, (1 + level) / 2])
        assert bands.loc[level, ["low", "median", "high"]].to_numpy(float) == pytest.approx(edges, rel=0.01)


def test_without_uncertainty_a_year_is_the_sum_of_its_months() -> None:
    forecast = walk_forecast(drift=0.01, sigma=1e-9)
    exact = np.exp(0.01 * np.arange(13, 25)).sum()
    assert forecasting.totals(forecast, shocks(36, 100))[2021].to_numpy() == pytest.approx(exact, rel=1e-6)
    assert forecasting.bands(forecast).query("year == 2021")["median"].to_numpy() == pytest.approx(exact, rel=1e-6)


def test_months_already_seen_enter_as_they_were() -> None:
    series = walk(12 * 12 + 4, drift=0.004, sigma=0.03, rng=np.random.default_rng(3))
    forecast = forecasting.forecast(series, family="structural", until=2003)
    assert forecast.origin == pd.Timestamp("2002-04-01") and forecast.months[0] == pd.Timestamp("2002-05-01")
    year = forecasting.totals(forecast, shocks(len(forecast.months)))[2002]
    assert year.min() > series["2002-01":"2002-04"].sum()
    band = forecasting.bands(forecast, levels=[0.8]).query("year == 2002").iloc[0]
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
    drift, sigma, chances, truth = 0.004, 0.02, [], []
    for seed in range(4):
        series = walk(480, drift=drift, sigma=sigma, rng=np.random.default_rng(seed))
        last = series.iloc[-1] / np.exp(SEASON[-1])
        paths = last * brute_force(drift=drift, sigma=sigma, months=36, paths=4000) * np.exp(SEASON).mean()
        target = float(np.quantile(paths, 0.4))
        aims = pd.DataFrame({"series": ["made"], "target": ["t"], "year": [2032], "target_cad": [target]})
        forecast = forecasting.forecast(series, family=family, until=2032)
        chances.append(forecasting.probabilities([forecast], aims, shocks(36, 4000))["probability"].iloc[0])
        truth.append(0.6)
    assert np.mean(chances) == pytest.approx(np.mean(truth), abs=0.12)


def test_a_higher_target_is_never_likelier_and_the_same_seed_gives_the_same_chance() -> None:
    forecast = walk_forecast(drift=0.004, sigma=0.04)
    aims = pd.DataFrame({"series": "made", "target": ["a", "b", "c"], "year": 2022, "target_cad": [11.0, 14.0, 17.0]})
    first = forecasting.probabilities([forecast], aims, shocks(36))["probability"]
    assert first.is_monotonic_decreasing
    assert first.equals(forecasting.probabilities([forecast], aims, shocks(36))["probability"])


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


def series_of(log_percent: np.ndarray, start: str = "1980-01") -> pd.Series:
    index = pd.date_range(start, periods=len(log_percent), freq="MS")
    return pd.Series(np.exp(log_percent / forecasting.PERCENT), index=index, name="made")


def airline(months: int, *, theta: float, seasonal: float, rng: np.random.Generator) -> np.ndarray:
    """(0,1,1)(0,1,1) of twelve months by its definition."""
    shocks = rng.normal(0, 5, months + 13)
    moved = shocks[13:] + theta * shocks[12:-1] + seasonal * shocks[1:-12] + theta * seasonal * shocks[:-13]
    values = np.zeros(months)
    for month in range(months):
        past = values[month - 1] if month else 0.0
        year = values[month - 12] - values[month - 13] if month >= 13 else 0.0
        values[month] = past + year + moved[month]
    return values


def smoothed(months: int, *, level: float, drift: float, rng: np.random.Generator) -> np.ndarray:
    """Exponential smoothing with a fixed trend and a fixed season, by its definition."""
    state, values = 0.0, []
    season = 8 * np.sin(np.arange(12) / 12 * 2 * np.pi)
    for month, shock in enumerate(rng.normal(0, 5, months)):
        values.append(state + drift + season[month % 12] + shock)
        state += drift + level * shock
    return np.array(values)


def test_sarima_recovers_its_coefficients() -> None:
    series = series_of(airline(720, theta=-0.5, seasonal=-0.7, rng=np.random.default_rng(1)))
    fit = forecasting.fit(series, family="sarima")
    assert fit.parameters == pytest.approx([-0.5, -0.7], abs=0.08)
    assert np.sqrt(fit.results().scale) == pytest.approx(5, rel=0.08)


def test_exponential_smoothing_recovers_its_level_and_trend() -> None:
    series = series_of(smoothed(720, level=0.4, drift=0.5, rng=np.random.default_rng(2)))
    fit = forecasting.fit(series, family="exponential_smoothing")
    assert fit.parameters[0] == pytest.approx(0.4, abs=0.08)
    ahead = fit.results().get_forecast(24).predicted_mean.to_numpy()
    assert (ahead[12] - ahead[0]) / 12 == pytest.approx(0.5, abs=0.2)


def test_the_structural_model_recovers_its_variances() -> None:
    rng = np.random.default_rng(4)
    level = np.cumsum(0.4 + rng.normal(0, 3, 720))
    series = series_of(level + rng.normal(0, 6, 720) + np.tile(10 * np.cos(np.arange(12)), 60))
    irregular, walk, season = np.sqrt(forecasting.fit(series, family="structural").parameters)
    assert irregular == pytest.approx(6, abs=0.8) and walk == pytest.approx(3, abs=0.8) and season < 0.5


def test_no_trend_means_no_growth() -> None:
    series = series_of(smoothed(240, level=0.4, drift=0.8, rng=np.random.default_rng(5)))
    ahead = forecasting.fit(series, family="no_trend").results().get_forecast(36).predicted_mean.to_numpy()
    assert ahead[12:24] == pytest.approx(ahead[:12]) and ahead[24:] == pytest.approx(ahead[:12])


@pytest.mark.parametrize("seed", [19, 24, 33, 47, 51, 52, 58])
def test_a_season_that_changes_and_one_that_does_not_are_both_reached_twice(seed: int) -> None:
    """Half-way a second season joins: the likelihood has a peak for a fixed season and one for a changing one."""
    rng = np.random.default_rng(seed)
    season, second = np.resize(rng.normal(0, 6, 12), 180), np.resize(rng.normal(0, 4, 12), 90)
    season[90:] += second
    path = np.cumsum(rng.normal(0, 3, 180)) + season + rng.normal(0, 4, 180)
    fitted = forecasting.fit(series_of(600 + path), family="no_trend")
    start = forecasting.STARTS["no_trend"][0]
    highest = forecasting.LIKELIHOODS["no_trend"](fitted.log_percent.to_numpy()).maximise(start).loglikelihood
    assert fitted.loglikelihood == pytest.approx(highest, abs=1e-5)


def test_starts_that_disagree_stop_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    series = series_of(smoothed(120, level=0.4, drift=0.5, rng=np.random.default_rng(7)))
    monkeypatch.setitem(forecasting.STARTS, "no_trend", ((0.5, 0.005),))
    with pytest.raises(RunFailed, match="starting points disagree"):
        forecasting.fit(series, family="no_trend")


def test_a_fit_that_did_not_converge_is_no_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    series = series_of(smoothed(120, level=0.4, drift=0.5, rng=np.random.default_rng(8)))
    original = concentrated_likelihoods.Structural.maximise

    def stopped(*args):
        return replace(original(*args), converged=False)

    monkeypatch.setattr(concentrated_likelihoods.Structural, "maximise", stopped)
    with pytest.raises(RunFailed):
        forecasting.fit(series, family="structural")


GOOD = series_of(smoothed(120, level=0.4, drift=0.5, rng=np.random.default_rng(9)))


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (GOOD.drop(GOOD.index[50]), "no 1984-03"),
        (pd.concat([GOOD, GOOD.iloc[[3]]]), "1980-04 twice"),
        (GOOD.iloc[:90], "90 months"),
        (GOOD.where(GOOD.index != GOOD.index[7], 0.0), "1980-08"),
        (GOOD.where(GOOD.index != GOOD.index[7], -1.0), "1980-08"),
        (GOOD.where(GOOD.index != GOOD.index[7]), "1980-08"),
        (GOOD.set_axis(GOOD.index + pd.Timedelta(days=3)), "first days"),
        (GOOD.reset_index(drop=True), "first days"),
    ],
)
def test_a_bad_series_is_refused(bad: pd.Series, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        forecasting.fit(bad, family="structural")


def test_an_unknown_family_is_refused() -> None:
    with pytest.raises(BadInput, match="prophecy"):
        forecasting.fit(GOOD, family="prophecy")


def test_the_order_of_the_rows_does_not_matter() -> None:
    assert forecasting.months_above_zero(GOOD.iloc[::-1]).equals(forecasting.months_above_zero(GOOD))
