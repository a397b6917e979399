"""The forecasting families recover the process that made the data, from any start, and refuse bad series."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.econometrics.time_series import concentrated_likelihoods, forecasting


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
    made = series_of(airline(720, theta=-0.5, seasonal=-0.7, rng=np.random.default_rng(1)))
    found = forecasting.fit(made, family="sarima")
    assert found.parameters == pytest.approx([-0.5, -0.7], abs=0.08)
    assert np.sqrt(found.results().scale) == pytest.approx(5, rel=0.08)


def test_exponential_smoothing_recovers_its_level_and_trend() -> None:
    made = series_of(smoothed(720, level=0.4, drift=0.5, rng=np.random.default_rng(2)))
    found = forecasting.fit(made, family="exponential_smoothing")
    assert found.parameters[0] == pytest.approx(0.4, abs=0.08)
    ahead = found.results().get_forecast(24).predicted_mean.to_numpy()
    assert (ahead[12] - ahead[0]) / 12 == pytest.approx(0.5, abs=0.2)


def test_the_structural_model_recovers_its_variances() -> None:
    rng = np.random.default_rng(4)
    level = np.cumsum(0.4 + rng.normal(0, 3, 720))
    made = series_of(level + rng.normal(0, 6, 720) + np.tile(10 * np.cos(np.arange(12)), 60))
    irregular, walk, season = np.sqrt(forecasting.fit(made, family="structural").parameters)
    assert irregular == pytest.approx(6, abs=0.8) and walk == pytest.approx(3, abs=0.8) and season < 0.5


def test_no_trend_means_no_growth() -> None:
    made = series_of(smoothed(240, level=0.4, drift=0.8, rng=np.random.default_rng(5)))
    ahead = forecasting.fit(made, family="no_trend").results().get_forecast(36).predicted_mean.to_numpy()
    assert ahead[12:24] == pytest.approx(ahead[:12]) and ahead[24:] == pytest.approx(ahead[:12])


@pytest.mark.parametrize("seed", [19, 24, 33, 47, 51, 52, 58])
def test_a_season_that_changes_and_one_that_does_not_are_both_reached_twice(seed: int) -> None:
    """Half-way a second season joins: the likelihood has a peak for a fixed season and one for a changing one."""
    rng = np.random.default_rng(seed)
    season, second = np.resize(rng.normal(0, 6, 12), 180), np.resize(rng.normal(0, 4, 12), 90)
    season[90:] += second
    made = np.cumsum(rng.normal(0, 3, 180)) + season + rng.normal(0, 4, 180)
    fitted = forecasting.fit(series_of(600 + made), family="no_trend")
    start = forecasting.STARTS["no_trend"][0]
    highest = forecasting.LIKELIHOODS["no_trend"](fitted.log_percent.to_numpy()).maximise(start).loglikelihood
    assert fitted.loglikelihood == pytest.approx(highest, abs=1e-5)


def test_starts_that_disagree_stop_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    made = series_of(smoothed(120, level=0.4, drift=0.5, rng=np.random.default_rng(7)))
    monkeypatch.setitem(forecasting.STARTS, "no_trend", ((0.5, 0.005),))
    with pytest.raises(RunFailed, match="starting points disagree"):
        forecasting.fit(made, family="no_trend")


def test_a_fit_that_did_not_converge_is_no_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    made = series_of(smoothed(120, level=0.4, drift=0.5, rng=np.random.default_rng(8)))
    original = concentrated_likelihoods.Structural.maximise

    def stopped(*args):
        return replace(original(*args), converged=False)

    monkeypatch.setattr(concentrated_likelihoods.Structural, "maximise", stopped)
    with pytest.raises(RunFailed):
        forecasting.fit(made, family="structural")


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
