"""Forecasts: series and naive ones by hand, models by statsmodels; choices and a replay that see no later month."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.statespace.sarimax import SARIMAX

from tradeexposure import data
from tradeexposure.canola.since_deal import forecasts, sentences
from tradeexposure.canola.since_deal.forecasts import Score
from tradeexposure.core.errors import BadInput

TABLES = ("grain_weekly", "farm_food_exports_monthly", "canola_exports_monthly", "canola_price_prairies_monthly")
BURN_IN = 24  # origins, as in the notebook
MADE = forecasts.MonthlySeries("made", "Made series", "CAD", "canola_exports_monthly", 36, "2021-12")


def series(months: int = 110) -> pd.Series:
    """A season and a slow walk, up to August 2026."""
    index = pd.date_range(end="2026-08", periods=months, freq="MS", name="month")
    rng = np.random.default_rng(3)
    logs = 0.3 * np.sin(2 * np.pi * index.month.to_numpy() / 12) + rng.normal(0, 0.05, months).cumsum()
    return pd.Series(5e8 * np.exp(logs + rng.normal(0, 0.05, months)), index, name="made")


def test_weeks_become_months_by_the_week_they_end_in() -> None:
    exports = forecasts.by_week(data.load("grain_weekly"), item="exports")
    table = data.load("grain_weekly").query("item == 'exports' and place == 'all' and crop_year == '2025-2026'")
    cumulative = table.set_index("week_ending")["volume_kt"]
    weeks = cumulative[(cumulative.index >= "2026-06-01") & (cumulative.index <= "2026-06-30")]
    before = cumulative[cumulative.index <= "2026-05-31"].iloc[-1]
    assert exports[pd.Timestamp("2026-06")] == pytest.approx((weeks.iloc[-1] - before) / len(weeks))


def test_a_month_whose_weeks_are_not_over_is_left_out() -> None:
    values = series()
    assert forecasts.whole_months(values, pd.Timestamp("2026-08-30")).index[-1] == pd.Timestamp("2026-08")
    assert forecasts.whole_months(values, pd.Timestamp("2026-08-23")).index[-1] == pd.Timestamp("2026-07")


def test_every_series_ends_where_its_table_does() -> None:
    values = forecasts.monthly(data.load(name) for name in TABLES)
    assert list(values) == [declared.name for declared in forecasts.SERIES]
    assert values["farm_price"].index[-1] == pd.Timestamp("2026-06")
    assert values["canola_exports"].iloc[-1] == pytest.approx(486.7e6)
    assert all(column.notna().all() for column in values.values())


def test_a_month_without_tonnes_is_refused() -> None:
    table = data.load("grain_weekly").copy()
    at = (table["item"] == "crush") & (table["crop_year"] == "2025-2026") & table["week"].between(20, 30)
    table.loc[at, "volume_kt"] = 3_000.0
    with pytest.raises(BadInput, match="kt a week"):
        forecasts.by_week(table, item="crush")


@pytest.mark.long
def test_horizons_are_as_many_months_after_the_newest_figure_as_asked_for() -> None:
    ahead = forecasts.forecast(MADE, series(), months_ahead=4, burn_in=BURN_IN, draws=2000, seed=1)
    assert list(ahead.months["month"]) == list(pd.date_range("2026-09", periods=4, freq="MS"))
    assert ahead.crop_year["crop_year"].iloc[0] == "2026-27"
    assert (ahead.months["low"] < ahead.months["value"]).all() and (ahead.months["value"] < ahead.months["high"]).all()
    assert forecasts.nowcast(ahead, pd.Timestamp("2026-10-04")) == [True, True, False, False]
    replayed = forecasts.replayed(MADE, series(), ahead, newest="2026-05", draws=2000, seed=1)
    assert list(replayed["month"]) == list(pd.date_range("2026-06", periods=3, freq="MS"))
    assert replayed["seen"].tolist() == series()["2026-06":"2026-08"].tolist()
    later = series()
    later["2026-06":] *= 9  # type: ignore[misc]
    again = forecasts.forecast(MADE, later, months_ahead=4, burn_in=BURN_IN, draws=2000, seed=1)
    assert not np.allclose(again.factor, ahead.factor)
    disturbed = forecasts.replayed(MADE, later, again, newest="2026-05", draws=2000, seed=1)
    for column in ("value", "low", "high"):
        pd.testing.assert_series_equal(disturbed[column], replayed[column])
    assert not disturbed["inside"].any(), "model and widths are those of misses known by then"
    every = forecasts.replays({"made": series()}, [ahead], cuts=["2026-05", "2026-08"], draws=2000, seed=1)
    pd.testing.assert_frame_equal(every, replayed)
    with pytest.raises(BadInput, match="cut: found 2019-05; allowed: 2021-12 to 2026-07"):
        forecasts.replayed(MADE, series(), ahead, newest="2019-05", draws=2000, seed=1)


def test_sentences_follow_skill_and_coverage() -> None:
    def made(low: float, high: float) -> forecasts.Forecast:
        score = Score(0.1, low, 0.2, "last_year", 60, {0.9: (0.8, 0.7, high)})
        empty = pd.DataFrame()
        return forecasts.Forecast(MADE, pd.Timestamp("2026-08"), "mean", empty, empty, {1: score}, np.ones(3))

    assert sentences.no_better([made(0.01, 0.95)]).startswith("Every forecast missed less")
    assert "Made series (1 ahead)" in sentences.no_better([made(-0.01, 0.95)])
    assert sentences.missed_coverage([made(0.01, 0.95)]).startswith("No range held less often")
    assert "Made series, 1 ahead" in sentences.missed_coverage([made(0.01, 0.85)])


def test_skills_are_by_series_and_months_ahead() -> None:
    empty = pd.DataFrame()
    scored = [forecasts.Forecast(
                forecasts.MonthlySeries(name, "Made", "CAD", "canola_exports_monthly", 36, "2021-12"),
                               pd.Timestamp("2026-08"), "mean", empty, empty,
                               {ahead: Score(0.1 * ahead, 0, 1, "last_year", 60, {}) for ahead in (1, 3)}, np.ones(3))
            for name in ("exports_china", "crush")]  # fmt: skip
    skill = forecasts.skills(scored)
    assert skill["crush", 3] == pytest.approx(0.3) and skill["exports_china", 1] == 0.1 and len(skill) == 4


def seven_years(months: int = 84, *, seed: int = 1, walk: float = 0.03) -> pd.Series:
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
    monthly = seven_years()
    projection = forecasts.ahead(monthly, forecasts.fits(monthly), steps=3)
    model = SARIMAX(np.log(monthly), order=(0, 1, 1), seasonal_order=(0, 1, 1, 12), concentrate_scale=True)
    library = model.fit(disp=False, maxiter=500).get_forecast(3)
    assert projection.mean["sarima"] == pytest.approx(library.predicted_mean.to_numpy(), abs=2e-3)
    assert np.sqrt(np.diag(projection.covariance["sarima"])) == pytest.approx(library.se_mean.to_numpy(), rel=0.05)
    assert projection.mean[forecasts.SEASONAL_NAIVE] == pytest.approx(np.log(monthly.to_numpy()[-12:-9]))
    three = [projection.mean[name] for name in (forecasts.SEASONAL_NAIVE, *forecasts.LIKELIHOOD_MODELS)]
    assert projection.mean[forecasts.MEAN] == pytest.approx(np.mean(three, axis=0))


@pytest.mark.long
def test_a_backtest_sees_no_later_month() -> None:
    monthly = seven_years()
    later = monthly.copy()
    later.iloc[-1] *= 5
    first, second = (
        forecasts.backtest(values, first="2021-12", months_ahead=3, burn_in=BURN_IN) for values in (monthly, later)
    )
    before = first["origin"] < monthly.index[-4]
    pd.testing.assert_frame_equal(first[before], second[before])
    last = (first["model"] == "last_month") & (first["horizon"] == 2) & (first["origin"] == "2022-03-01")
    assert first.loc[last, "miss"].iloc[0] == pytest.approx(
        np.log(monthly[pd.Timestamp("2022-05")] / monthly[pd.Timestamp("2022-03")])
    )
    year = (first["model"] == "last_year") & (first["horizon"] == 3) & (first["origin"] == "2022-03-01")
    assert first.loc[year, "miss"].iloc[0] == pytest.approx(
        np.log(monthly[pd.Timestamp("2022-06")] / monthly[pd.Timestamp("2021-06")])
    )


def test_the_choice_takes_the_least_miss_so_far_and_none_that_is_not_over() -> None:
    months = 40
    good = [0.1] * months
    bad = [0.5] * months
    chosen = forecasts.choices(
        made_test({"sarima": good, "structural": bad, "seasonal_naive": bad, "mean": bad}), burn_in=BURN_IN
    )
    assert (chosen.iloc[:BURN_IN] == "mean").all()
    assert (chosen.iloc[BURN_IN:] == "sarima").all()
    assert chosen.index[-1] == pd.Timestamp("2020-01") + pd.DateOffset(months=months)  # the origin after the last
    worse = [0.1] * (months - 2) + [9.0] * 2
    late = forecasts.choices(made_test({"sarima": worse, "structural": [0.2] * months, "mean": bad}), burn_in=BURN_IN)
    assert late.iloc[months - 1] == "structural" and late.iloc[months - 2] == "sarima"  # a month later, not before


def test_skill_is_over_the_better_naive_forecast() -> None:
    rng = np.random.default_rng(1)
    months = 60
    misses = {
        "mean": list(rng.normal(0, 0.5, months)),
        "last_year": list(rng.normal(0, 1.0, months)),
        "last_month": list(rng.normal(0, 3.0, months)),
    }
    score = forecasts.scores(
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
    score = forecasts.scores(few, pd.Series("mean", few["origin"].unique()), seed=1)[1]
    assert score.coverage == {} and score.origins == 29


def test_widening_makes_misses_of_the_size_that_is_projection() -> None:
    chosen = forecasts._widened(made_test({"mean": [2.0, -2.0] * 30}), burn_in=BURN_IN)
    assert (chosen["factor"].iloc[:BURN_IN] == 1).all()  # until then the model's own
    assert chosen["factor"].iloc[BURN_IN + 1 :].to_numpy() == pytest.approx(2.0)
    three = pd.concat([made_test({"mean": [2.0, -2.0] * 30}, horizon=horizon) for horizon in (1, 2, 3)])
    assert forecasts.widening(
        forecasts._widened(three.reset_index(drop=True), burn_in=BURN_IN), "mean"
    ) == pytest.approx([2.0, 2.0, 2.0])
    calm = forecasts._widened(made_test({"mean": [0.5, -0.5] * 30}), burn_in=BURN_IN)
    assert (calm["factor"] == 1).all() and forecasts.widening(calm, "mean") == [1.0], "never narrowed"


def test_paths_have_the_widened_spread() -> None:
    projection = forecasts.Ahead(pd.Timestamp("2026-08"), {"mean": np.zeros(4)}, {"mean": 0.01 * np.eye(4)})
    drawn = np.log(forecasts.paths(projection, "mean", factor=np.array([1.0, 2.0, 3.0]), draws=40_000, seed=1))
    assert drawn.std(axis=0) == pytest.approx([0.1, 0.2, 0.3, 0.3], rel=0.02)


@pytest.mark.parametrize("first", ["2017-06", "2030-01"])
def test_origins_without_months_are_refused(first: str) -> None:
    with pytest.raises(BadInput, match="first origin"):
        forecasts.backtest(seven_years(), first=first, months_ahead=3, burn_in=BURN_IN)
