"""Forecasts of the next months: naive ones by hand, models by statsmodels, choices that see no later miss."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.statespace.sarimax import SARIMAX

from tradeexposure.canola.since_deal import forecast_models as short
from tradeexposure.core.errors import BadInput


def series(months: int = 84, *, seed: int = 1, walk: float = 0.03) -> pd.Series:
    index = pd.date_range("2016-01", periods=months, freq="MS")
    rng = np.random.default_rng(seed)
    logs = 0.4 * np.sin(2 * np.pi * index.month.to_numpy() / 12) + rng.normal(0, walk, months).cumsum()
    return pd.Series(100 * np.exp(logs + rng.normal(0, 0.05, months)), index, name="made")


def made_test(misses: dict[str, list[float]], *, horizon: int = 1) -> pd.DataFrame:
    """A backtest with given misses from January 2020 on, one a month."""
    return pd.DataFrame(
        [
            {"origin": origin, "horizon": horizon, "model": model, "miss": miss, "deviation": 1.0, "factor": 1.0}
            for model, column in misses.items()
            for origin, miss in zip(pd.date_range("2020-01", periods=len(column), freq="MS"), column, strict=True)
        ]
    )


@pytest.mark.long
def test_models_are_those_of_statsmodels() -> None:
    made = series()
    said = short.ahead(made, short.fits(made), steps=3)
    model = SARIMAX(np.log(made), order=(0, 1, 1), seasonal_order=(0, 1, 1, 12), concentrate_scale=True)
    library = model.fit(disp=False, maxiter=500).get_forecast(3)
    assert said.mean["sarima"] == pytest.approx(library.predicted_mean.to_numpy(), abs=2e-3)
    assert np.sqrt(np.diag(said.covariance["sarima"])) == pytest.approx(library.se_mean.to_numpy(), rel=0.05)
    assert said.mean[short.SEASONAL_NAIVE] == pytest.approx(np.log(made.to_numpy()[-12:-9]))
    three = [said.mean[name] for name in (short.SEASONAL_NAIVE, *short.LIKELIHOOD_MODELS)]
    assert said.mean[short.MEAN] == pytest.approx(np.mean(three, axis=0))


@pytest.mark.long
def test_a_backtest_sees_no_later_month() -> None:
    made = series()
    later = made.copy()
    later.iloc[-1] *= 5
    first, second = (short.backtest(one, first="2021-12", months_ahead=3) for one in (made, later))
    before = first["origin"] < made.index[-4]
    pd.testing.assert_frame_equal(first[before], second[before])
    last = (first["model"] == "last_month") & (first["horizon"] == 2) & (first["origin"] == "2022-03-01")
    assert first.loc[last, "miss"].iloc[0] == pytest.approx(
        np.log(made[pd.Timestamp("2022-05")] / made[pd.Timestamp("2022-03")])
    )
    year = (first["model"] == "last_year") & (first["horizon"] == 3) & (first["origin"] == "2022-03-01")
    assert first.loc[year, "miss"].iloc[0] == pytest.approx(
        np.log(made[pd.Timestamp("2022-06")] / made[pd.Timestamp("2021-06")])
    )


def test_the_choice_takes_the_least_miss_so_far_and_none_that_is_not_over() -> None:
    months = 40
    good = [0.1] * months
    bad = [0.5] * months
    found = short.choices(made_test({"sarima": good, "structural": bad, "seasonal_naive": bad, "mean": bad}))
    assert (found.iloc[: short.BURN_IN] == "mean").all()
    assert (found.iloc[short.BURN_IN :] == "sarima").all()
    assert found.index[-1] == pd.Timestamp("2020-01") + pd.DateOffset(months=months)  # the origin after the last
    worse = [0.1] * (months - 2) + [9.0] * 2
    late = short.choices(made_test({"sarima": worse, "structural": [0.2] * months, "mean": bad}))
    assert late.iloc[months - 1] == "structural" and late.iloc[months - 2] == "sarima"  # a month later, not before


def test_skill_is_over_the_better_naive_forecast() -> None:
    rng = np.random.default_rng(1)
    months = 60
    misses = {
        "mean": list(rng.normal(0, 0.5, months)),
        "last_year": list(rng.normal(0, 1.0, months)),
        "last_month": list(rng.normal(0, 3.0, months)),
    }
    score = short.scores(
        made_test(misses), pd.Series("mean", pd.date_range("2020-01", periods=months, freq="MS")), seed=1
    )[1]
    rms = {name: np.sqrt(np.mean(np.square(column))) for name, column in misses.items()}
    assert score.benchmark == "last_year"
    assert score.skill == pytest.approx(1 - rms["mean"] / rms["last_year"])
    assert score.low < score.skill < score.high
    inside = np.mean(np.abs(misses["mean"]) <= 1.6448536)
    assert score.coverage[0.9][0] == pytest.approx(inside)


def test_too_few_origins_give_no_coverage() -> None:
    few = made_test({"mean": [0.1] * 29, "last_year": [0.2] * 29, "last_month": [0.3] * 29})
    score = short.scores(few, pd.Series("mean", few["origin"].unique()), seed=1)[1]
    assert score.coverage == {} and score.origins == 29


def test_widening_makes_misses_of_the_size_that_is_said() -> None:
    found = short._widened(made_test({"mean": [2.0, -2.0] * 30}))
    assert (found["factor"].iloc[: short.BURN_IN] == 1).all()  # until then the model's own
    assert found["factor"].iloc[short.BURN_IN + 1 :].to_numpy() == pytest.approx(2.0)
    three = pd.concat([made_test({"mean": [2.0, -2.0] * 30}, horizon=horizon) for horizon in (1, 2, 3)])
    assert short.widening(short._widened(three.reset_index(drop=True)), "mean") == pytest.approx([2.0, 2.0, 2.0])


def test_paths_have_the_widened_spread() -> None:
    said = short.Ahead(pd.Timestamp("2026-08"), {"mean": np.zeros(4)}, {"mean": 0.01 * np.eye(4)})
    drawn = np.log(short.paths(said, "mean", factor=np.array([1.0, 2.0, 3.0]), draws=40_000, seed=1))
    assert drawn.std(axis=0) == pytest.approx([0.1, 0.2, 0.3, 0.3], rel=0.02)


@pytest.mark.parametrize("first", ["2017-06", "2030-01"])
def test_origins_without_months_are_refused(first: str) -> None:
    with pytest.raises(BadInput, match="first origin"):
        short.backtest(series(), first=first, months_ahead=3)
