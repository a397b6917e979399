"""Regression with ARMA errors against statsmodels' state-space models, and recovery of known values."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.tsa.statespace.sarimax import SARIMAX
from statsmodels.tsa.statespace.structural import UnobservedComponents

from tradeexposure.core.errors import RunFailed
from tradeexposure.econometrics.time_series import arma_regression

MONTHS = 240


def arma(rng: np.random.Generator, *, phi: float, theta: float, size: int = MONTHS) -> np.ndarray:
    noise = rng.standard_normal(size + 200)
    values = np.zeros(size + 200)
    for place in range(1, len(values)):
        values[place] = phi * values[place - 1] + noise[place] + theta * noise[place - 1]
    return values[200:]


def design(rng: np.random.Generator) -> np.ndarray:
    return np.column_stack([np.ones(MONTHS), rng.standard_normal(MONTHS).cumsum()])


@pytest.mark.parametrize(("phi", "theta"), [(0.9, 0.3), (0.5, -0.4), (0.97, 0.0), (0.0, 0.6)])
def test_the_likelihood_is_that_of_the_kalman_filter(phi: float, theta: float) -> None:
    rng = np.random.default_rng(3)
    regressors = design(rng)
    outcome = regressors @ [2.0, 0.5] + arma(rng, phi=phi, theta=theta)
    value, coefficients, variance, _ = arma_regression.concentrated(np.column_stack([outcome, regressors]), phi, theta)
    kalman = SARIMAX(outcome, exog=regressors, order=(1, 0, 1))
    assert value == pytest.approx(kalman.loglike([*coefficients, phi, theta, variance]), abs=1e-7)


@pytest.mark.parametrize(("phi", "theta"), [(0.9, 0.3), (-0.3, 0.0), (0.99, -0.95), (0.0, 0.6), (0.995, -0.98)])
def test_the_slope_is_what_differences_of_the_likelihood_say(phi: float, theta: float) -> None:
    rng = np.random.default_rng(12)
    regressors = design(rng)
    both = np.column_stack([regressors @ [2.0, 0.5] + arma(rng, phi=0.8, theta=0.2), regressors])
    both, _ = arma_regression.orthogonal(both)
    value, slope = arma_regression.Waves(both).loglike(phi, theta)
    assert value == pytest.approx(arma_regression.concentrated(both, phi, theta)[0], abs=1e-8)
    step = 1e-6
    for place, (by_phi, by_theta) in enumerate([(step, 0.0), (0.0, step)]):
        above = arma_regression.concentrated(both, phi + by_phi, theta + by_theta)[0]
        below = arma_regression.concentrated(both, phi - by_phi, theta - by_theta)[0]
        assert slope[place] == pytest.approx((above - below) / (2 * step), rel=1e-5, abs=1e-4)


def test_a_known_intervention_is_recovered_as_by_sarimax() -> None:
    rng = np.random.default_rng(11)
    step = (np.arange(MONTHS) >= 200).astype(float)
    regressors = np.column_stack([design(rng), step])
    outcome = regressors @ [2.0, 0.5, -1.5] + 0.3 * arma(rng, phi=0.7, theta=0.0)
    fitted = arma_regression.fit(np.column_stack([outcome, regressors]), differenced=False)
    kalman = SARIMAX(outcome, exog=regressors, order=(1, 0, 1)).fit(disp=False, maxiter=500, pgtol=1e-7, factr=10)
    assert fitted.loglikelihood == pytest.approx(kalman.llf, abs=1e-4)
    assert fitted.coefficients == pytest.approx(kalman.params[:3], abs=2e-3)
    deviation = np.sqrt(fitted.covariance[2, 2])
    assert abs(fitted.coefficients[2] + 1.5) < 3 * deviation < 0.8


def test_differences_with_a_moving_average_are_the_local_level_model() -> None:
    rng = np.random.default_rng(8)
    world = rng.standard_normal(MONTHS).cumsum()
    outcome = 0.6 * world + 0.5 * rng.standard_normal(MONTHS).cumsum() + rng.standard_normal(MONTHS)
    fitted = arma_regression.fit(np.diff(np.column_stack([outcome, world]), axis=0), differenced=True)
    level = UnobservedComponents(outcome, "llevel", exog=world[:, None]).fit(disp=False, maxiter=500, pgtol=1e-7)
    irregular, walk, slope = level.params
    ratio = walk / irregular
    assert fitted.parameters[0] == pytest.approx((np.sqrt(ratio**2 + 4 * ratio) - 2 - ratio) / 2, abs=2e-3)
    assert fitted.coefficients[0] == pytest.approx(slope, abs=2e-3)


@pytest.mark.parametrize("differenced", [False, True])
def test_a_path_is_what_the_filter_forecasts(differenced: bool) -> None:
    rng, horizon = np.random.default_rng(9), 6
    regressors = design(rng)[:, 1:]
    outcome = regressors @ [0.5] + arma(rng, phi=0.9, theta=0.3)
    whole = np.column_stack([outcome, regressors])
    whole = np.diff(whole, axis=0) if differenced else whole
    seen, base = whole[:-horizon], 2.0 if differenced else None
    central, drawn = arma_regression.arma_paths(whole, horizon=horizon, base=base, draws=4000, rng=rng)
    fitted = arma_regression.fit(seen, differenced=differenced)
    order = (0, 0, 1) if differenced else (1, 0, 1)
    kalman = SARIMAX(seen[:, 0], exog=seen[:, 1:], order=order)
    ahead = kalman.smooth([*fitted.coefficients, *fitted.parameters, fitted.variance]).get_forecast(
        horizon, exog=whole[-horizon:, 1:]
    )
    expected = base + ahead.predicted_mean.cumsum() if differenced else ahead.predicted_mean
    assert central == pytest.approx(expected, abs=1e-8)
    assert drawn.mean(axis=0) == pytest.approx(expected, abs=0.15)
    spread = ahead.se_mean if not differenced else ahead.se_mean[:1]
    assert drawn.std(axis=0)[: len(spread)] == pytest.approx(spread, rel=0.1)


def test_collinear_and_empty_regressors_are_refused() -> None:
    rng = np.random.default_rng(4)
    outcome, regressor = rng.standard_normal(MONTHS), rng.standard_normal(MONTHS)
    with pytest.raises(RunFailed, match="collinear"):
        arma_regression.fit(np.column_stack([outcome, regressor, 2 * regressor]), differenced=False)
    with pytest.raises(RunFailed, match="zero throughout"):
        arma_regression.fit(np.column_stack([outcome, regressor, 0 * regressor]), differenced=False)


def test_starting_points_that_disagree_are_an_error_and_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(6)
    both = np.column_stack([arma(rng, phi=0.9, theta=0.3), design(rng)])
    monkeypatch.setattr(arma_regression, "SEARCH", {"maxiter": 0})
    with pytest.raises(RunFailed, match="starting points disagree"):
        arma_regression.fit(both, differenced=False)


def test_a_fit_is_made_again_for_one_other_figure() -> None:
    rng = np.random.default_rng(8)
    both = np.column_stack([arma(rng, phi=0.9, theta=0.3), design(rng)])
    first = arma_regression.fit(both, differenced=False)
    assert arma_regression.fit(both.copy(), differenced=False) is first
    both[-1, 0] += 0.5
    moved = arma_regression.fit(both, differenced=False)
    assert moved.loglikelihood != first.loglikelihood
    assert len(arma_regression.fit(both, differenced=True).parameters) == 1


def test_drawn_parameters_spread_as_their_asymptotic_variance() -> None:
    rng = np.random.default_rng(7)
    basis, _ = arma_regression.orthogonal(np.column_stack([arma(rng, phi=0.6, theta=0.0), design(rng)]))
    fitted = arma_regression.fit(basis, differenced=False)
    drawn = arma_regression.parameter_draws(basis, fitted, draws=4000, rng=rng)
    phi, theta = fitted.parameters
    expected = (1 - phi**2) * (1 + phi * theta) ** 2 / (phi + theta) ** 2 / MONTHS  # Box and Jenkins, ARMA(1,1)
    assert drawn[:, 0].std() == pytest.approx(np.sqrt(expected), rel=0.25)
    assert np.abs(drawn).max() < 1
