"""What backtests say: they see no future, coverage, factors from one half of the windows, models on common windows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.time_series import backtests


def walk(months: int, *, sigma: float, seed: int) -> pd.Series:
    """Logarithm = random walk with drift."""
    steps = np.cumsum(0.004 + np.random.default_rng(seed).normal(0, sigma, months))
    return pd.Series(100 * np.exp(steps), pd.date_range("1990-01", periods=months, freq="MS"), name=f"seed {seed}")


@pytest.mark.long
def test_measured_coverage_is_near_nominal_when_the_model_is_true() -> None:
    several = [walk(240, sigma=0.03, seed=seed) for seed in range(4)]
    tested = backtests.backtests(several, families=["structural"], first=2000, horizon=3)
    coverage = tested.groupby("level")["covered"].mean()
    assert coverage[0.8] == pytest.approx(0.8, abs=0.12) and coverage[0.95] == pytest.approx(0.95, abs=0.07)
    assert tested["above_median"].mean() == pytest.approx(0.5, abs=0.2)


def test_a_backtest_sees_no_future() -> None:
    series = walk(180, sigma=0.04, seed=8)
    changed = series.where(series.index < "2003-01-01", series * 3)
    first, second = (
        backtests.backtest(values, families=["sarima"], first=2002, horizon=1).query("origin == 2002")
        for values in (series, changed)
    )
    assert first[["low", "median", "high"]].equals(second[["low", "median", "high"]])
    assert (second["actual"].to_numpy() > 2 * first["actual"].to_numpy()).all()


def test_an_interval_is_checked_on_the_side_of_what_happened() -> None:
    checked = backtests.interval_check([-1.0, 0.0, 3.0], low=-2.0, high=2.0)
    assert checked["covered"].tolist() == [True, True, False] and checked["ratio"].tolist() == [0.5, 0.0, 1.5]
    moved = backtests.interval_check(0.0, low=1.0, high=9.0, central=5.0)
    assert not moved["covered"] and moved["ratio"] == 5 / 4


def test_coverage_counts_origins_and_spans_that_do_not_overlap() -> None:
    tested = pd.DataFrame(
        {"series": "made", "family": "walk", "level": 0.8, "horizon_years": 3, "origin": range(2000, 2010),
         "covered": [True] * 7 + [False] * 3, "above_median": [True, False] * 5}
    )  # fmt: skip
    row = backtests.forecast_coverage(tested).iloc[0]
    assert (row["coverage"], row["above_median"], row["windows"], row["independent"]) == (0.7, 0.5, 10, 4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"first": 1995}, "first_origin"),
        ({"first": 2030}, "first_origin"),
        ({"check_origin": "soon"}, "check_origin"),
        ({"check_origin": "2031-01"}, "check_origin"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(change: dict[str, object], message: str) -> None:
    monthly = walk(300, sigma=0.04, seed=9).to_frame()
    good = {"first": 2005, "check_origin": "2012-12"}
    backtests.check_origins(monthly, **good)
    with pytest.raises(BadInput, match=message):
        backtests.check_origins(monthly, **{**good, **change})


def test_the_split_check_takes_its_factor_from_the_first_half_only() -> None:
    starts = pd.date_range("2000-01", periods=100, freq="MS")
    # every gap of the first half is inside 1.5 times its bound, every third of the second half outside it
    ratio = np.where(np.arange(100) < 50, 1.5, np.where(np.arange(100) % 3 == 0, 3.0, 0.5))
    tested = pd.DataFrame({"start": starts, "kind": "mean", "months": 12, "level": 0.95, "ratio": ratio})
    tested.loc[39:49, "ratio"] = 9.0  # windows that reach into the second half have no say
    factor, covered = backtests.split_check(tested, months=12, level=0.95)
    second = np.arange(50, 100) % 3 != 0
    assert factor == 1.5 and covered == pytest.approx(second.mean())
    with pytest.raises(BadInput, match="two halves"):
        backtests.split_check(tested.head(8), months=12, level=0.95)


def test_spreads_compare_models_on_common_windows() -> None:
    months = pd.date_range("2000-01", periods=4, freq="MS")
    effects = {"wide": pd.Series([0.2, -0.2, 0.2, -0.2], months), "calm": pd.Series([0.1, -0.1], months[2:])}
    spreads = backtests.spreads(effects)
    assert spreads["specification"].tolist() == ["calm", "wide"]
    assert spreads["spread"].tolist() == pytest.approx([0.1, 0.2]) and set(spreads["windows"]) == {2}
