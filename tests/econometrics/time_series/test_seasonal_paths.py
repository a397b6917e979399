"""Paths without the measure: they are generalised least squares, cover the truth, and stay within the supply."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from second_routes.volume_routes import yearly_waves

from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.time_series import seasonal_paths

FITTED = pd.date_range("2014-08", "2019-02", freq="MS", name="month")
AHEAD = pd.date_range("2019-03", periods=12, freq="MS")


def series(rng: np.random.Generator, *, shape: float = 0.5, count: int = len(FITTED)) -> pd.Series:
    """A mean of 350 kt, one yearly wave, and autoregressive noise."""
    noise = np.zeros(count)
    for place in range(count):
        noise[place] = shape * noise[place - 1] + rng.normal(0, 60)
    months = pd.date_range("2014-08", periods=count, freq="MS")
    return pd.Series(350 + 80 * np.cos(2 * np.pi * months.month / 12) + noise, months, name="volume_kt")


@pytest.mark.parametrize("model", seasonal_paths.MODELS)
def test_all_shapes_at_once_are_generalised_least_squares_at_each(model: str):
    known = series(np.random.default_rng(9))
    posterior = seasonal_paths.posterior(known, months=AHEAD, model=model, waves=2)
    both = known.index.append(AHEAD)
    time, count = both.year.to_numpy() * 12 + both.month.to_numpy(), len(known)
    design, logs = yearly_waves(both, waves=2), []
    for place, shape in enumerate(posterior.shapes):
        whole = seasonal_paths.covariances(time, model=model, shapes=[shape])[0]
        inverse = np.linalg.inv(whole[:count, :count])
        spread = np.linalg.inv(design[:count].T @ inverse @ design[:count])
        mean = spread @ design[:count].T @ inverse @ known.to_numpy()
        rest = known.to_numpy() - design[:count] @ mean
        scale = rest @ inverse @ rest / posterior.freedom
        across = whole[count:, :count] @ inverse
        new = design[count:] - across @ design[:count]
        inside = whole[count:, count:] - across @ whole[:count, count:] + new @ spread @ new.T
        assert posterior.coefficients[place] == pytest.approx(mean, rel=1e-8)
        assert posterior.scales[place] == pytest.approx(scale, rel=1e-9)
        assert posterior.means[place] == pytest.approx(design[count:] @ mean + across @ rest, rel=1e-9)
        assert posterior.factors[place] @ posterior.factors[place].T == pytest.approx(scale * inside, rel=1e-8)
        determinants = np.linalg.slogdet(whole[:count, :count])[1] - np.linalg.slogdet(spread)[1]
        logs.append(-0.5 * determinants - posterior.freedom / 2 * np.log(scale))
    weights = np.exp(np.array(logs) - max(logs))
    assert posterior.weights == pytest.approx(weights / weights.sum(), rel=1e-8)
    assert (posterior.whitened**2).sum() == pytest.approx(posterior.freedom)


@pytest.mark.parametrize("model", seasonal_paths.MODELS)
def test_intervals_cover_the_total_of_a_year(model: str):
    rng, inside = np.random.default_rng(3), []
    for _ in range(60):
        whole = series(rng, shape=0.4, count=67)
        posterior = seasonal_paths.posterior(
            whole.iloc[:55], months=pd.DatetimeIndex(whole.index[55:]), model=model, waves=4
        )
        totals = seasonal_paths.draw(posterior, normals=rng.standard_normal((600, 12)), rng=rng).sum(axis=1)
        low, high = np.quantile(totals, [0.1, 0.9])
        inside.append(low <= whole.iloc[55:].sum() <= high)
    assert 0.68 <= np.mean(inside) <= 1.0  # 80% nominal, 60 replications


@pytest.mark.long
def test_the_most_probable_shape_is_near_the_true_one():
    posterior = seasonal_paths.posterior(
        series(np.random.default_rng(4), shape=0.8, count=400), months=pd.date_range("2047-12", periods=2, freq="MS"),
        model="sarimax", waves=1,
    )  # fmt: skip
    assert posterior.weights @ posterior.shapes == pytest.approx(0.8, abs=0.1)
    assert posterior.weights.sum() == pytest.approx(1)


def test_draws_repeat_with_the_seed_and_have_the_right_centre():
    posterior = seasonal_paths.posterior(series(np.random.default_rng(5)), months=AHEAD, model="sarimax", waves=4)
    paths = []
    for _ in range(2):
        rng = np.random.default_rng(6)
        paths.append(seasonal_paths.draw(posterior, normals=rng.standard_normal((4000, 12)), rng=rng))
    assert (paths[0] == paths[1]).all()
    assert np.abs(paths[0].mean(axis=0) - posterior.mean).max() < 8


def test_paths_stay_between_nothing_and_the_supply():
    paths = np.array([[-50.0, 400.0, 400.0, 100.0], [500.0, 5000.0, 200.0, 100.0]])
    kept = seasonal_paths.within(
        paths, most_monthly=1000.0, supply=np.array([600.0, 600.0, 900.0, 900.0]), groups=np.array([1, 1, 2, 2])
    )
    assert kept[0].tolist() == [0, 400, 400, 100]
    assert kept[1, :2].sum() == pytest.approx(600) and kept[1, 1] == pytest.approx(400)
    assert kept[1, 2:].tolist() == [200, 100]


def test_one_pair_of_waves_per_full_year():
    assert [seasonal_paths.waves_for(count) for count in (11, 26, 55, 120)] == [0, 2, 4, 5]


GOOD = series(np.random.default_rng(7))
BAD = {
    "a gap": (GOOD.drop(GOOD.index[4]), AHEAD, "a gap"),
    "a month twice": (pd.concat([GOOD, GOOD.iloc[[0]]]), AHEAD, "repeated"),
    "a constant": (GOOD * 0 + 5, AHEAD, "every month"),
    "too short": (GOOD.iloc[:12], AHEAD, "12 months"),
    "a window already fitted": (GOOD, pd.DatetimeIndex(GOOD.index[-2:]), "among the months fitted"),
}


@pytest.mark.parametrize("case", BAD, ids=list(BAD))
def test_bad_input_is_refused(case: str):
    known, months, message = BAD[case]
    with pytest.raises(BadInput, match=message):
        seasonal_paths.posterior(known, months=months, model="sarimax", waves=4)


def test_an_unknown_model_is_refused():
    with pytest.raises(BadInput, match="prophet"):
        seasonal_paths.posterior(GOOD, months=AHEAD, model="prophet", waves=4)


@pytest.mark.slow
@pytest.mark.parametrize("count", [26, 55])
def test_coverage_of_the_total_over_many_replications(count: int):
    """Both models pooled, as the notebook draws them: 300 replications of a year ahead, at 80% and 95%."""
    rng, inside = np.random.default_rng(8), {0.8: [], 0.95: []}
    for _ in range(300):
        whole = series(rng, shape=0.4, count=count + 12)
        totals = []
        for model in seasonal_paths.MODELS:
            posterior = seasonal_paths.posterior(
                whole.iloc[:count],
                months=pd.DatetimeIndex(whole.index[count:]),
                model=model,
                waves=seasonal_paths.waves_for(count),
            )
            totals.append(seasonal_paths.draw(posterior, normals=rng.standard_normal((1000, 12)), rng=rng).sum(axis=1))
        for level, hits in inside.items():
            low, high = np.quantile(np.concatenate(totals), [(1 - level) / 2, (1 + level) / 2])
            hits.append(low <= whole.iloc[count:].sum() <= high)
    shown = ", ".join(f"{level:.0%}: {np.mean(hits):.3f}" for level, hits in inside.items())
    print(f"coverage of a year's total after {count} months, 300 replications: {shown}")
    assert np.mean(inside[0.8]) >= 0.75
    assert np.mean(inside[0.95]) >= 0.92
