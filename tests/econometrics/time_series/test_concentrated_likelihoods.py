"""The concentrated likelihoods are those that statsmodels evaluates by a Kalman filter, and their slopes are right."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import toeplitz
from statsmodels.tsa.statespace.exponential_smoothing import ExponentialSmoothing
from statsmodels.tsa.statespace.sarimax import SARIMAX
from statsmodels.tsa.statespace.structural import UnobservedComponents

from tradeexposure.core.errors import RunFailed
from tradeexposure.econometrics.time_series import concentrated_likelihoods as likelihoods


def logs(months: int = 150, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    level = 2000 + np.cumsum(0.4 + rng.normal(0, 3, months))
    return level + rng.normal(0, 5, months) + np.resize(10 * np.cos(np.arange(12)), months)


SMOOTHING = [(True, (0.3, 0.02, 0.1)), (True, (0.9, 1e-4, 1e-4)), (False, (0.3, 0.1)), (False, (0.05, 0.6))]


@pytest.mark.parametrize(("trend", "parameters"), SMOOTHING)
def test_smoothing_has_the_likelihood_and_the_forecasts_of_statsmodels(trend: bool, parameters: tuple[float]) -> None:
    options = {"trend": trend, "seasonal": 12}
    slow = ExponentialSmoothing(logs(), initialization_method="concentrated", **options)
    fast, point = likelihoods.Smoothing(logs(), trend=trend), np.array(parameters)
    assert fast.loglike(point)[0] == pytest.approx(slow.loglike(parameters), abs=1e-8)
    level, step, season = fast.first_states(point)
    states = {"initial_level": level, "initial_seasonal": season[::-1]} | ({"initial_trend": step} if trend else {})
    known = ExponentialSmoothing(logs(), initialization_method="known", **options, **states)
    ahead = [model.smooth(parameters).get_forecast(24).predicted_mean for model in (slow, known)]
    assert ahead[0] == pytest.approx(ahead[1], rel=1e-9)


@pytest.mark.parametrize(("trend", "parameters"), SMOOTHING)
def test_smoothing_has_the_slope_of_its_likelihood(trend: bool, parameters: tuple[float]) -> None:
    smoothing, point, step = likelihoods.Smoothing(logs(), trend=trend), np.array(parameters), 1e-6
    _, slope = smoothing.loglike(point)
    for place, move in enumerate(step * np.eye(len(point))):
        rise = smoothing.loglike(point + move)[0] - smoothing.loglike(point - move)[0]
        assert slope[place] == pytest.approx(rise / (2 * step), rel=1e-4, abs=1e-4)


def test_the_structural_likelihood_differs_from_that_of_statsmodels_by_a_constant() -> None:
    slow = UnobservedComponents(logs(), "lldtrend", seasonal=12, use_exact_diffuse=True)
    fast, gaps = likelihoods.Structural(logs()), []
    for shares in ([20.0, 10.0, 0.1], [5.0, 30.0, 3.0], [10.0, 0.0, 0.0], [0.0, 10.0, 0.5]):
        value, scale = fast.loglike(np.array(shares))
        gaps.append(value - slow.loglike(scale * np.array(shares)))
    assert np.ptp(gaps) < 1e-8


@pytest.mark.parametrize("coefficients", [(-0.4, -0.9), (0.3, -0.2), (-0.999, -0.9999)])
def test_the_airline_has_the_likelihood_of_statsmodels(coefficients: tuple[float, float]) -> None:
    orders = {"order": (0, 1, 1), "seasonal_order": (0, 1, 1, 12)}
    slow = SARIMAX(logs(), **orders, concentrate_scale=True, simple_differencing=True)
    likelihood, scale = likelihoods.Airline(logs()).loglike(np.array(coefficients))
    assert likelihood == pytest.approx(slow.loglike(coefficients), abs=1e-7)
    assert scale == pytest.approx(slow.filter(coefficients).scale)


def test_a_banded_covariance_is_the_dense_one() -> None:
    weights, columns = np.array([1.0, 0.5, -0.3]), np.random.default_rng(2).normal(size=(30, 2))
    covariances = likelihoods.autocovariances(weights, 4)
    dense = toeplitz(np.pad(covariances, (0, 26)))
    scaled, determinant = likelihoods.banded(columns, covariances)
    assert scaled.T @ scaled == pytest.approx(columns.T @ np.linalg.solve(dense, columns))
    assert determinant == pytest.approx(np.linalg.slogdet(dense)[1])


def test_a_covariance_that_is_none_is_refused() -> None:
    with pytest.raises(RunFailed, match="not positive definite"):
        likelihoods.banded(np.ones((5, 1)), np.array([1.0, 2.0]))


def test_a_search_ends_at_a_limit_where_the_likelihood_rises_to_it() -> None:
    line = np.random.default_rng(3).normal(0, 5, 240) + np.resize(10 * np.cos(np.arange(12)), 240)
    still = likelihoods.Smoothing(line, trend=False).maximise((0.5, 0.3))
    assert still.converged and still.parameters == pytest.approx([likelihoods.LOWEST] * 2, abs=1e-9)
    walk = likelihoods.Structural(line).maximise((1.0, 1.0, 0.1)).parameters
    assert walk[0] == pytest.approx(25, rel=0.2) and walk[1] < 0.05 and walk[2] == 0
