"""The Poisson estimator: recovery, a second route for every number, and refusals that name what is wrong."""

from __future__ import annotations

from io import StringIO

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.econometrics.poisson import newton
from tradeexposure.econometrics.poisson.fit import PoissonFit, Repeated, fit_ppml

TRUTH = {"x0": 0.5, "x1": -0.3}


def panel(rng: np.random.Generator, units: int = 25, periods: int = 24) -> pd.DataFrame:
    """Units by periods with a unit and a period effect and heavy zeros."""
    unit, period = np.repeat(np.arange(units), periods), np.tile(np.arange(periods), units)
    level = rng.normal(0, 1, units)[unit] + rng.normal(0, 0.5, periods)[period]
    frame = pd.DataFrame({"unit": unit, "period": period})
    for name in TRUTH:
        frame[name] = rng.normal(size=len(frame)) + 0.3 * level
    predictor = level - 1 + sum(frame[name] * value for name, value in TRUTH.items())
    frame["y"] = rng.poisson(np.exp(predictor) * rng.gamma(1.0, 1.0, len(frame))).astype(float)
    return frame


def gravity(rng: np.random.Generator, countries: int = 14, years: int = 12) -> pd.DataFrame:
    """Exporter by importer by year with exporter-year, importer-year and pair effects."""
    places, times = np.arange(countries), np.arange(years)
    frame = pd.MultiIndex.from_product([places, places, times], names=["origin", "destination", "year"]).to_frame(
        index=False
    )
    origin, destination, year = (frame[name].to_numpy() for name in ("origin", "destination", "year"))
    level = (
        rng.normal(0, 0.7, (countries, years))[origin, year]
        + rng.normal(0, 0.7, (countries, years))[destination, year]
        + rng.normal(0, 1, (countries, countries))[origin, destination]
    )
    for name in TRUTH:
        frame[name] = rng.normal(size=len(frame)) + 0.3 * level
    frame["y"] = rng.poisson(np.exp(level - 0.5 + sum(frame[name] * value for name, value in TRUTH.items()))) * 1.0
    return frame


THREE_WAY = [("origin", "year"), ("destination", "year"), ("origin", "destination")]


def dummies(frame: pd.DataFrame, effects: list[str], regressors: list[str]) -> pd.DataFrame:
    columns = pd.get_dummies(frame[effects].astype(str), drop_first=True, dtype=float)
    return sm.add_constant(pd.concat([frame[regressors], columns], axis=1))


def two_way(frame: pd.DataFrame, **options: object) -> PoissonFit:
    settings = {"outcome": "y", "regressors": list(TRUTH), "effects": ["unit", "period"], **options}
    return fit_ppml(frame, **settings)  # type: ignore[arg-type]


def kept(frame: pd.DataFrame, fit: PoissonFit) -> pd.DataFrame:
    return frame.drop(index=fit.dropped.index)


@pytest.fixture
def frame() -> pd.DataFrame:
    return panel(np.random.default_rng(11))


def test_recovers_known_coefficients_of_a_three_way_panel_with_heavy_zeros() -> None:
    frame = gravity(np.random.default_rng(3), countries=25, years=15)
    fit = fit_ppml(frame, outcome="y", regressors=list(TRUTH), effects=THREE_WAY, cluster=("origin", "destination"))
    assert (frame.y == 0).mean() > 0.4
    assert fit.n_clusters == len(kept(frame, fit)[["origin", "destination"]].drop_duplicates())
    error = fit.coefficients - pd.Series(TRUTH)
    assert (error.abs() < 0.02).all()
    assert (error.abs() < 4 * fit.std_errors).all()


@pytest.mark.slow  # 200 replications; the errors are those of other packages below
def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    rng = np.random.default_rng(5)
    unit, period = np.repeat(np.arange(30), 30), np.tile(np.arange(30), 30)
    inside = []
    for _ in range(200):
        frame = pd.DataFrame({"unit": unit, "period": period, "x0": rng.normal(size=900), "x1": rng.normal(size=900)})
        level = rng.normal(0, 0.5, 30)[unit] + rng.normal(0, 0.3, 30)[period]
        frame["y"] = rng.poisson(np.exp(level - 0.5 + 0.5 * frame.x0 - 0.3 * frame.x1)) * 1.0
        fit = two_way(frame)
        inside.append((fit.coefficients - pd.Series(TRUTH)).abs() <= 1.96 * fit.std_errors)
    share = np.mean(inside)
    assert 0.91 <= share <= 0.98  # four standard errors of 400 draws below 95%, and three above


@pytest.mark.parametrize("cluster", [None, "unit"])
def test_agrees_with_a_generalised_linear_model_with_dummies(frame: pd.DataFrame, cluster: str | None) -> None:
    fit = two_way(frame, cluster=cluster)
    used = kept(frame, fit)
    model = sm.GLM(used.y, dummies(used, ["unit", "period"], list(TRUTH)), family=sm.families.Poisson())
    if cluster:
        options = {"groups": used[cluster], "use_correction": False}
        record, groups = model.fit(tol=1e-12, cov_type="cluster", cov_kwds=options), used[cluster].nunique()
    else:
        record, groups = model.fit(tol=1e-12, cov_type="HC0"), len(used)
    assert np.allclose(fit.coefficients, record.params[list(TRUTH)], rtol=0, atol=1e-8)
    factor = groups / (groups - 1)
    expected = record.cov_params().loc[list(TRUTH), list(TRUTH)] * factor
    assert np.allclose(fit.covariance, expected, rtol=1e-6)
    assert np.allclose(fit.std_errors, np.sqrt(np.diag(expected)), rtol=1e-7)
    assert fit.deviance == pytest.approx(record.deviance, rel=1e-8)
    assert np.allclose(fit.fitted, record.fittedvalues, rtol=1e-7)


@pytest.mark.long
def test_three_way_agrees_with_pyfixest() -> None:
    import pyfixest

    frame = gravity(np.random.default_rng(8))
    fit = fit_ppml(frame, outcome="y", regressors=list(TRUTH), effects=THREE_WAY, cluster=("origin", "destination"))
    for name, term in {"ot": THREE_WAY[0], "dt": THREE_WAY[1], "od": THREE_WAY[2]}.items():
        frame[name] = frame.groupby(list(term)).ngroup()
    fixest = pyfixest.fepois(
        "y ~ x0 + x1 | ot + dt + od", kept(frame, fit), vcov={"CRV1": "od"}, ssc=pyfixest.ssc(k_adj=False)
    )
    assert np.allclose(fit.coefficients, fixest.coef(), rtol=0, atol=1e-6)
    assert np.allclose(fit.std_errors, fixest.se(), rtol=1e-5)


@pytest.mark.parametrize("factor", [1e-9, 1e9])
def test_units_of_the_outcome_and_the_regressors_do_not_matter(frame: pd.DataFrame, factor: float) -> None:
    plain = two_way(frame, cluster="unit")
    scaled = two_way(frame.assign(y=frame.y * factor, x0=frame.x0 * 1e6 + 1e7), cluster="unit")
    assert scaled.coefficients["x0"] * 1e6 == pytest.approx(plain.coefficients["x0"], rel=1e-7)
    assert scaled.std_errors["x0"] * 1e6 == pytest.approx(plain.std_errors["x0"], rel=1e-6)
    assert scaled.coefficients["x1"] == pytest.approx(plain.coefficients["x1"], rel=1e-7)


def test_order_of_rows_and_effects_and_names_of_levels_do_not_matter(frame: pd.DataFrame) -> None:
    plain = two_way(frame)
    mixed = frame.sample(frac=1, random_state=2).assign(unit=lambda f: "u" + f.unit.astype(str))
    again = two_way(mixed, effects=["period", ("unit",)])
    assert np.allclose(plain.covariance, again.covariance, rtol=1e-8)
    assert np.allclose(plain.coefficients, again.coefficients, rtol=0, atol=1e-10)
    assert np.allclose(plain.fitted, again.fitted.reindex(plain.fitted.index), rtol=1e-8)


def test_an_offset_is_added_to_the_predictor(frame: pd.DataFrame) -> None:
    rng = np.random.default_rng(4)
    frame["log_area"] = np.log(rng.uniform(1, 50, len(frame)))
    fit = two_way(frame, offset="log_area")
    used = kept(frame, fit)
    design = dummies(used, ["unit", "period"], list(TRUTH))
    record = sm.GLM(used.y, design, family=sm.families.Poisson(), offset=used.log_area).fit(tol=1e-12)
    assert np.allclose(fit.coefficients, record.params[list(TRUTH)], rtol=0, atol=1e-7)


def test_without_effects_there_is_a_constant(frame: pd.DataFrame) -> None:
    fit = two_way(frame, effects=[])
    record = sm.GLM(frame.y, sm.add_constant(frame[list(TRUTH)]), family=sm.families.Poisson()).fit(tol=1e-12)
    assert np.allclose(fit.coefficients, record.params[list(TRUTH)], rtol=0, atol=1e-8)


def test_effects_alone_can_be_fitted(frame: pd.DataFrame) -> None:
    fit = two_way(frame, regressors=[])
    assert fit.coefficients.empty
    assert fit.fitted.sum() == pytest.approx(frame.y.sum())


def test_redundant_effects_change_nothing(frame: pd.DataFrame) -> None:
    frame["half"] = frame.period // 12
    plain, nested = two_way(frame), two_way(frame, effects=["unit", "period", "half"])
    assert np.allclose(plain.coefficients, nested.coefficients, rtol=0, atol=1e-8)
    assert np.allclose(plain.std_errors, nested.std_errors, rtol=1e-7)


def test_singletons_and_levels_of_zeros_are_dropped_and_counted(frame: pd.DataFrame) -> None:
    plain = two_way(frame)
    alone = pd.DataFrame({"unit": [900, 901], "period": [0, 1], "x0": [1.0, 2.0], "x1": [0.0, 1.0], "y": [7.0, 0.0]})
    never = frame[frame.unit == 0].assign(unit=902, y=0.0)
    more = two_way(pd.concat([frame, alone, never], ignore_index=True))
    assert more.n_singletons == plain.n_singletons + 1
    assert more.n_separated == plain.n_separated + 1 + len(never)  # a lone zero is separated
    assert more.n_obs == plain.n_obs
    assert list(more.dropped[more.dropped == "singleton"].index) == [len(frame)]
    assert np.allclose(more.coefficients, plain.coefficients, rtol=0, atol=1e-10)
    assert np.allclose(more.std_errors, plain.std_errors, rtol=1e-8)


def test_a_partly_separated_regressor_keeps_what_identifies_it(frame: pd.DataFrame) -> None:
    frame["ban"] = (frame.unit.isin([3, 4]) & (frame.period >= 18)).astype(float)
    frame.loc[(frame.ban == 1) & (frame.unit == 3), "y"] = 0.0
    frame.loc[(frame.ban == 1) & (frame.unit == 4), "y"] += 1.0
    fit = two_way(frame, regressors=["x0", "ban"])
    assert fit.n_separated == two_way(frame, regressors=["x0"]).n_separated
    assert abs(fit.coefficients["ban"]) < 3


# Correia, Guimarães and Zylkin, ppmlhdfe guides, "Statistical separation in Poisson models across different
# statistical packages", second example: row 5 is separated by x1 − x2; other packages return a number all the same.
TWELVE_ROWS = """y x1 x2 x3 x4
0 0 0 2 10
0 0 0 0 -2
0 0 0 0 6
0 0 0 4 5
0 1 0 0 3
2 0 0 0 3
2 0 0 0 4
2 0 0 -2 15
2 0 0 0 -7
4 0 0 -3 15
6 -3 -3 0 4
6 0 0 0 4"""


def test_the_published_example_that_other_packages_get_wrong() -> None:
    frame = pd.read_csv(StringIO(TWELVE_ROWS), sep=r"\s+")
    with pytest.raises(BadInput, match="x1, x2 identified only by separated"):
        fit_ppml(frame, outcome="y", regressors=["x1", "x2", "x3", "x4"], effects=[])
    fit = fit_ppml(frame.drop(index=4), outcome="y", regressors=["x1", "x3", "x4"], effects=[])
    assert fit.coefficients["x3"] == pytest.approx(-0.47085, abs=1e-5)
    assert fit.coefficients["x4"] == pytest.approx(-0.03779, abs=1e-5)


def test_collinear_regressors_are_named(frame: pd.DataFrame) -> None:
    frame["late"] = (frame.period > 12).astype(float)
    with pytest.raises(BadInput, match="late collinear with the fixed effects"):
        two_way(frame, regressors=["x0", "late"])
    frame["sum"] = frame.x0 + 2 * frame.x1 + frame.period
    with pytest.raises(BadInput, match="x0, x1, sum collinear"):
        two_way(frame, regressors=["x0", "x1", "sum"])
    frame["noise"] = np.random.default_rng(1).normal(size=len(frame))
    with pytest.raises(BadInput, match="found x0, double collinear"):
        two_way(frame.assign(double=2 * frame.x0), regressors=["noise", "x0", "double"])


def test_a_perfect_fit_and_exhausted_steps_are_errors(frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(newton, "MOST_STEPS", 2)
        with pytest.raises(RunFailed, match="no maximum within 2 steps"):
            two_way(frame)
    exact = frame.assign(y=np.exp(0.3 * frame.x0))
    with pytest.raises(RunFailed, match="fits every row exactly"):
        two_way(exact, regressors=["x0"])


def spoil(frame: pd.DataFrame, column: str, value: object) -> pd.DataFrame:
    spoiled = frame.copy()
    spoiled[column] = spoiled[column].astype(object if isinstance(value, str) else float)
    spoiled.loc[0, column] = value
    return spoiled


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (lambda f: f.iloc[:0], {}, "no rows"),
        (lambda f: f.drop(columns="x1"), {}, "x1: found no such column"),
        (lambda f: f, {"effects": ["unit", ("period", "crop")]}, "crop: found no such column"),
        (lambda f: f, {"cluster": "region"}, "region: found no such column"),
        (lambda f: spoil(f, "y", -1.0), {}, "y: found 1 negative values"),
        (lambda f: spoil(f, "y", np.nan), {}, "y: found 1 missing values"),
        (lambda f: spoil(f, "x0", np.inf), {}, "x0: found infinite values"),
        (lambda f: spoil(f, "x0", "many"), {}, "x0: found values of type object"),
        (lambda f: spoil(f, "unit", np.nan), {}, "unit: found 1 missing values"),
        (lambda f: f.assign(y=0.0), {}, "y: found zero in every row"),
        (lambda f: f.assign(y=3.0), {}, "y: found 3 in every row"),
        (lambda f: f, {"regressors": ["x0", "x0"]}, "x0 twice"),
        (lambda f: f, {"regressors": ["x0", "y"]}, "the outcome y"),
        (lambda f: pd.concat([f, f[["x0"]]], axis=1), {}, "x0: found two columns"),
        (lambda f: f.assign(g=1), {"cluster": "g"}, "1 cluster; allowed: at least two"),
        (lambda f: f.assign(x0=5.0), {}, "x0 collinear"),
        (lambda f: f.assign(row=range(len(f))), {"effects": ["row"]}, "no row left"),
        (lambda f: f, {"effects": [()]}, "an empty tuple"),
    ],
)
def test_bad_input_is_refused_by_name(frame: pd.DataFrame, change, options: dict, message: str) -> None:  # type: ignore[no-untyped-def, type-arg]
    with pytest.raises(BadInput, match=message):
        two_way(change(frame), **options)


def test_the_input_frame_is_left_alone(frame: pd.DataFrame) -> None:
    before = frame.copy(deep=True)
    two_way(frame)
    pd.testing.assert_frame_equal(frame, before)


EFFECTS = ["unit", "period"]


def small_panel(seed: int, *, units: int = 8, periods: int = 20) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    unit, period = (part.ravel() for part in np.meshgrid(range(units), range(periods), indexing="ij"))
    mean = np.exp(1 + 0.5 * rng.normal(size=units)[unit] + 0.3 * rng.normal(size=periods)[period])
    return pd.DataFrame({"unit": unit, "period": period, "y": rng.poisson(mean) * (rng.random(len(unit)) > 0.2) * 1.5})


def test_each_coefficient_is_that_of_a_fit_of_its_own() -> None:
    data = small_panel(1)
    equation = Repeated(data, outcome="y", effects=EFFECTS)
    for unit in (0, 3, 5, 3):
        treated = ((data["unit"] == unit) & (data["period"] >= 14)).to_numpy(dtype=float)
        alone = fit_ppml(data.assign(treated=treated), outcome="y", regressors=["treated"], effects=EFFECTS)
        coefficient = equation.fit(treated)
        assert coefficient.value == pytest.approx(float(alone.coefficients["treated"]), abs=1e-10)
        assert (coefficient.n_obs, coefficient.n_separated) == (alone.n_obs, alone.n_separated)


def test_a_fit_that_begins_at_another_outcome_ends_where_its_own_would() -> None:
    data = small_panel(2)
    treated = ((data["unit"] == 0) & (data["period"] >= 14)).to_numpy(dtype=float)
    others = (data["unit"] > 0) & (data["period"] >= 14)
    equation = Repeated(data, outcome="y", effects=EFFECTS)
    for kept in (1.0, 0.2, 3.0, 0.01):
        scaled = data["y"].where(~others, data["y"] * kept)
        own = data.assign(treated=treated, y=scaled)
        alone = fit_ppml(own, outcome="y", regressors=["treated"], effects=EFFECTS)
        coefficient = equation.fit(treated, outcome=scaled.to_numpy())
        assert coefficient.value == pytest.approx(float(alone.coefficients["treated"]), abs=1e-10)


def test_rows_that_only_one_regressor_separates_are_dropped_for_it_alone() -> None:
    data = small_panel(3)
    late = data["period"] >= 14
    data.loc[(data["unit"] == 2) & late, "y"] = 0.0
    data["side"] = (data["unit"] == 2) & late
    equation = Repeated(data, outcome="y", effects=[*EFFECTS, "side"])
    for unit in (4, 0):
        treated = ((data["unit"] == unit) & late).to_numpy(dtype=float)
        own = data.assign(treated=treated)
        alone = fit_ppml(own, outcome="y", regressors=["treated"], effects=[*EFFECTS, "side"])
        coefficient = equation.fit(treated)
        assert coefficient.n_separated == alone.n_separated > 0
        assert coefficient.value == pytest.approx(float(alone.coefficients["treated"]), abs=1e-10)


def test_what_no_equation_can_tell_is_refused() -> None:
    data = small_panel(4)
    equation = Repeated(data, outcome="y", effects=EFFECTS)
    with pytest.raises(BadInput, match="collinear with the fixed effects"):
        equation.fit((data["unit"] == 1).to_numpy(dtype=float))
    with pytest.raises(BadInput, match="none above zero, or one below"):
        equation.fit(np.ones(len(data)), outcome=np.full(len(data), -1.0))
