"""Conditional error-correction equations against statsmodels' ARDL and VECM."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from statsmodels.tsa.ardl import ARDL
from statsmodels.tsa.vector_ar.vecm import VECM

from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.econometrics.time_series import error_correction
from tradeexposure.econometrics.time_series.error_correction import Equation, EquationForm, System


def system(seed: int = 1, months: int = 240) -> pd.DataFrame:
    """Two world prices that wander and a farm price tied to them: y = 0.5 a + 0.4 b + 1, a tenth of a gap a month."""
    rng = np.random.default_rng(seed)
    world = rng.normal(0, 0.05, (months, 2)).cumsum(axis=0) + 6
    own = np.empty(months)
    own[0] = 0.5 * world[0, 0] + 0.4 * world[0, 1] + 1
    for month in range(1, months):
        gap = own[month - 1] - 0.5 * world[month - 1, 0] - 0.4 * world[month - 1, 1] - 1
        own[month] = own[month - 1] - 0.1 * gap + 0.2 * (world[month, 0] - world[month - 1, 0]) + rng.normal(0, 0.02)
    index = pd.date_range("1995-01", periods=months, freq="MS")
    return pd.DataFrame({"canola": own, "a": world[:, 0], "b": world[:, 1]}, index=index)


def fit(logs: pd.DataFrame, form: EquationForm) -> Equation:
    return System(logs, form).fit(len(logs))


@pytest.mark.parametrize("deterministic", error_correction.DETERMINISTIC)
def test_the_ardl_path_is_that_of_the_model_in_levels(deterministic: str) -> None:
    logs, form = system(), EquationForm("ardl", 2, deterministic)
    before, after = logs.iloc[:228], logs.iloc[228:]
    ecm = System(logs, form)
    equation = ecm.fit(228)
    path = ecm.simulate(equation, origin=227, coefficients=equation.coefficients[None, :], errors=np.zeros((1, 12)))
    levels = ARDL(
        before["canola"], 3, before[["a", "b"]], order=3, trend="ct" if deterministic == "trend" else "c",
        seasonal=deterministic == "season", period=12,
    ).fit()  # fmt: skip
    assert path[0] == pytest.approx(levels.predict(228, 239, exog_oos=after[["a", "b"]]).to_numpy(), abs=1e-8)


def test_an_equation_is_fitted_again_for_another_figure_month_or_form() -> None:
    logs, form = system(), EquationForm("ardl", 1, "season")
    first = fit(logs, form)
    assert fit(logs.copy(), form) is first
    later = logs.set_axis(logs.index + pd.DateOffset(months=1))
    changed = logs.assign(canola=logs["canola"].where(logs.index != logs.index[-1], 0.0))
    others = [(later, form), (changed, form), (logs, EquationForm("ardl", 1, "trend"))]
    for panel, shape in others:
        assert not np.array_equal(fit(panel, shape).coefficients, first.coefficients)


def test_the_adjustment_is_recovered() -> None:
    equation = fit(system(months=1200), EquationForm("ardl", 1, "constant"))
    assert equation.adjustment == pytest.approx(-0.1, abs=0.03)
    assert np.sqrt(equation.variance) == pytest.approx(0.02, rel=0.1)


def test_the_conditional_equation_follows_from_the_whole_error_correction_model() -> None:
    logs, form = system(), EquationForm("vecm_1", 2, "constant")
    equation = fit(logs, form)
    whole = VECM(logs.to_numpy(), k_ar_diff=2, coint_rank=1, deterministic="co").fit()
    errors = whole.resid
    covariance = errors.T @ errors / len(errors)
    on_world = covariance[0, 1:] @ np.linalg.inv(covariance[1:, 1:])
    assert equation.coefficients[1] == pytest.approx(whole.alpha[0, 0] - on_world @ whole.alpha[1:, 0], abs=1e-8)
    assert equation.coefficients[2:4] == pytest.approx(on_world, abs=1e-8)
    assert equation.coefficients[0] == pytest.approx(whole.det_coef[0, 0] - on_world @ whole.det_coef[1:, 0], abs=1e-8)


def test_own_values_after_the_origin_are_not_read() -> None:
    logs, form = system(), EquationForm("vecm_1", 2, "season")
    spoiled = logs.copy()
    spoiled.iloc[228:, 0] = np.nan
    equation = fit(logs.iloc[:228], form)
    run = {"origin": 227, "coefficients": equation.coefficients[None, :], "errors": np.zeros((1, 12))}
    assert np.array_equal(System(logs, form).simulate(equation, **run), System(spoiled, form).simulate(equation, **run))


@pytest.mark.parametrize("model", ["ardl", "vecm_1", "vecm_2"])
def test_an_equation_is_least_squares_with_its_variance(model: str) -> None:
    logs, form = system(), EquationForm(model, 2, "season")
    ecm, count = System(logs, form), 200
    equation = ecm.fit(count)
    outcome, regressors = ecm.regressors(count, loaded=equation.loadings)
    again, (squares,) = np.linalg.lstsq(regressors, outcome)[:2]
    assert len(outcome) == count - 3 and equation.freedom == len(outcome) - len(again)
    assert equation.coefficients == pytest.approx(again, rel=1e-8)
    assert equation.variance == pytest.approx(squares / equation.freedom, rel=1e-10)
    assert equation.covariance == pytest.approx(np.linalg.inv(regressors.T @ regressors), rel=1e-6)
    assert fit(logs.iloc[:count], form).coefficients == pytest.approx(equation.coefficients, rel=1e-12)


@pytest.mark.parametrize("deterministic", error_correction.DETERMINISTIC)
def test_a_fit_by_a_formula_is_the_equation(deterministic: str) -> None:
    logs, form = system(), EquationForm("ardl", 2, deterministic)
    ecm = System(logs, form)
    rows = ecm.frame(200, names=["canola", "a", "b"])
    by_formula = smf.ols(f"change ~ {' + '.join(rows.columns.drop('change'))}", rows).fit()
    adopted, own = ecm.adopted(by_formula, 200), ecm.fit(200)
    assert adopted.coefficients == pytest.approx(own.coefficients, rel=1e-8) and adopted.freedom == own.freedom
    assert adopted.covariance == pytest.approx(own.covariance, rel=1e-8)
    assert rows.index[0] == logs.index[3] and rows.index[-1] == logs.index[199]
    assert rows["d1_a"].equals(logs["a"].diff().shift().iloc[3:200].rename("d1_a"))
    with pytest.raises(BadInput, match="198 rows"):
        ecm.adopted(by_formula, 201)
    fewer = smf.ols("change ~ level_canola + level_a", rows).fit()
    with pytest.raises(BadInput, match="197 rows and 3 terms"):
        ecm.adopted(fewer, 200)
    with pytest.raises(BadInput, match="cov_type: found HAC"):
        ecm.adopted(by_formula.get_robustcov_results("HAC", maxlags=6), 200)


def test_a_path_is_the_equation_month_by_month() -> None:
    logs, form = system(), EquationForm("ardl", 2, "trend")
    ecm, origin, months = System(logs, form), 227, 6
    equation, errors = ecm.fit(228), np.random.default_rng(4).normal(0, 0.02, (1, 6))
    path = ecm.simulate(equation, origin=origin, coefficients=equation.coefficients[None, :], errors=errors)[0]
    followed = logs.assign(
        canola=[*logs["canola"].iloc[: origin + 1], *path, *logs["canola"].iloc[origin + 1 + months :]]
    )
    outcome, regressors = System(followed, form).regressors(origin + 1 + months, loaded=equation.loadings)
    assert (outcome - regressors @ equation.coefficients)[-months:] == pytest.approx(errors[0], abs=1e-12)


def test_drawn_coefficients_have_the_covariance_of_least_squares() -> None:
    equation = fit(system(), EquationForm("ardl", 1, "constant"))
    drawn, deviation = error_correction.coefficient_draws(equation, draws=20_000, rng=np.random.default_rng(1))
    expected = np.sqrt(np.diag(equation.covariance) * equation.variance)
    assert drawn.std(axis=0) == pytest.approx(expected, rel=0.04)
    assert deviation.mean() == pytest.approx(np.sqrt(equation.variance), rel=0.02)


def test_collinear_world_prices_are_refused() -> None:
    logs = system().assign(c=lambda frame: 2 * frame["a"])
    with pytest.raises(RunFailed, match="collinear"):
        fit(logs, EquationForm("ardl", 1, "constant"))
