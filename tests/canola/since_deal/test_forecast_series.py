"""Series that are forecast: weeks into months by hand, horizons that are target months, a replay that sees no more."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tradeexposure import data
from tradeexposure.canola.since_deal import forecast_series, sentences
from tradeexposure.canola.since_deal.forecast_models import Score
from tradeexposure.core.errors import BadInput

TABLES = ("grain_weekly", "farm_food_exports_monthly", "canola_exports_monthly", "canola_price_prairies_monthly")
MADE = forecast_series.MonthlySeries("made", "Made series", "CAD", "canola_exports_monthly", 36, "2021-12")


def series(months: int = 110) -> pd.Series:
    """A season and a slow walk, up to August 2026."""
    index = pd.date_range(end="2026-08", periods=months, freq="MS", name="month")
    rng = np.random.default_rng(3)
    logs = 0.3 * np.sin(2 * np.pi * index.month.to_numpy() / 12) + rng.normal(0, 0.05, months).cumsum()
    return pd.Series(5e8 * np.exp(logs + rng.normal(0, 0.05, months)), index, name="made")


def test_weeks_become_months_by_the_week_they_end_in() -> None:
    found = forecast_series.by_week(data.load("grain_weekly"), item="exports")
    table = data.load("grain_weekly").query("item == 'exports' and place == 'all' and crop_year == '2025-2026'")
    cumulative = table.set_index("week_ending")["volume_kt"]
    weeks = cumulative[(cumulative.index >= "2026-06-01") & (cumulative.index <= "2026-06-30")]
    before = cumulative[cumulative.index <= "2026-05-31"].iloc[-1]
    assert found[pd.Timestamp("2026-06")] == pytest.approx((weeks.iloc[-1] - before) / len(weeks))


def test_a_month_whose_weeks_are_not_over_is_left_out() -> None:
    values = series()
    assert forecast_series.whole_months(values, pd.Timestamp("2026-08-30")).index[-1] == pd.Timestamp("2026-08")
    assert forecast_series.whole_months(values, pd.Timestamp("2026-08-23")).index[-1] == pd.Timestamp("2026-07")


def test_every_series_ends_where_its_table_does() -> None:
    values = forecast_series.monthly(data.load(name) for name in TABLES)
    assert list(values) == [one.name for one in forecast_series.SERIES]
    assert values["farm_price"].index[-1] == pd.Timestamp("2026-06")
    assert values["canola_exports"].iloc[-1] == pytest.approx(486.7e6)
    assert all(one.notna().all() for one in values.values())


def test_a_month_without_tonnes_is_refused() -> None:
    table = data.load("grain_weekly").copy()
    at = (table["item"] == "crush") & (table["crop_year"] == "2025-2026") & table["week"].between(20, 30)
    table.loc[at, "volume_kt"] = 3_000.0
    with pytest.raises(BadInput, match="kt a week"):
        forecast_series.by_week(table, item="crush")


@pytest.mark.long
def test_horizons_are_as_many_months_after_the_newest_figure_as_asked_for() -> None:
    found = forecast_series.forecast(MADE, series(), months_ahead=4, draws=2000, seed=1)
    assert list(found.months["month"]) == list(pd.date_range("2026-09", periods=4, freq="MS"))
    assert found.crop_year["crop_year"].iloc[0] == "2026-27"
    assert (found.months["low"] < found.months["value"]).all() and (found.months["value"] < found.months["high"]).all()
    assert forecast_series.nowcast(found, pd.Timestamp("2026-10-04")) == [True, True, False, False]
    replayed = forecast_series.replayed(MADE, series(), found, newest="2026-05", draws=2000, seed=1)
    assert list(replayed["month"]) == list(pd.date_range("2026-06", periods=3, freq="MS"))
    assert replayed["seen"].tolist() == series()["2026-06":"2026-08"].tolist()
    later = series()
    later["2026-06":] *= 9  # type: ignore[misc]
    again = forecast_series.forecast(MADE, later, months_ahead=4, draws=2000, seed=1)
    assert not np.allclose(again.factor, found.factor)
    other = forecast_series.replayed(MADE, later, again, newest="2026-05", draws=2000, seed=1)
    for column in ("value", "low", "high"):
        pd.testing.assert_series_equal(other[column], replayed[column])
    assert not other["inside"].any(), "model and widths are those of misses known by then"
    every = forecast_series.replays({"made": series()}, [found], cuts=["2026-05", "2026-08"], draws=2000, seed=1)
    pd.testing.assert_frame_equal(every, replayed)
    with pytest.raises(BadInput, match="cut: found 2019-05; allowed: 2021-12 to 2026-07"):
        forecast_series.replayed(MADE, series(), found, newest="2019-05", draws=2000, seed=1)


def test_sentences_follow_skill_and_coverage() -> None:
    def made(low: float, high: float) -> forecast_series.Forecast:
        score = Score(0.1, low, 0.2, "last_year", 60, {0.9: (0.8, 0.7, high)})
        empty = pd.DataFrame()
        return forecast_series.Forecast(MADE, pd.Timestamp("2026-08"), "mean", empty, empty, {1: score}, np.ones(3))

    assert sentences.no_better([made(0.01, 0.95)]).startswith("Every forecast missed less")
    assert "made series (1 ahead)" in sentences.no_better([made(-0.01, 0.95)])
    assert sentences.missed_coverage([made(0.01, 0.95)]).startswith("No range held less often")
    assert "made series, 1 ahead" in sentences.missed_coverage([made(0.01, 0.85)])


def test_skills_are_by_series_and_months_ahead() -> None:
    empty = pd.DataFrame()
    made = [forecast_series.Forecast(
                forecast_series.MonthlySeries(name, "Made", "CAD", "canola_exports_monthly", 36, "2021-12"),
                               pd.Timestamp("2026-08"), "mean", empty, empty,
                               {ahead: Score(0.1 * ahead, 0, 1, "last_year", 60, {}) for ahead in (1, 3)}, np.ones(3))
            for name in ("exports_china", "crush")]  # fmt: skip
    skill = forecast_series.skills(made)
    assert skill["crush", 3] == pytest.approx(0.3) and skill["exports_china", 1] == 0.1 and len(skill) == 4
