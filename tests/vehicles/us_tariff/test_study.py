"""The US auto tariff: known effects recovered, second routes, placebos that are untreated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from choices import of

from tradeexposure import data
from tradeexposure.core.errors import BadInput
from tradeexposure.reporting import results_book
from tradeexposure.vehicles.us_tariff import paths, results
from tradeexposure.vehicles.us_tariff import study as us_tariff_study
from tradeexposure.vehicles.us_tariff.paths import MODELS, PathModel
from tradeexposure.vehicles.us_tariff.study import Study, declared_windows, in_crisis, origins

DESIGN = of(60, "tariff-choices").design
HEADLINE = DESIGN.headline


@pytest.fixture(scope="module")
def own() -> pd.DataFrame:
    exports = us_tariff_study.exports(data.load("merchandise_trade_monthly"))
    return us_tariff_study.logs(exports["us_autos"], data.load("exchange_rate_monthly"))


@pytest.fixture(scope="module")
def study() -> Study:
    """The study with a third of its placebos."""
    some = replace(DESIGN, starts=("1997-01",), step=9, wide_step=9, draws=500, test_draws=50)
    tables = data.load("merchandise_trade_monthly"), data.load("exchange_rate_monthly")
    return us_tariff_study.estimate(*tables, some, seed=0)


def simulated(effect: float, *, seed: int = 1, noise: float = 0.05) -> pd.DataFrame:
    """Seasons, persistent errors of ARMA type and a change of `effect` from 2025-04."""
    rng, months = np.random.default_rng(seed), pd.date_range("1997-01", "2026-04", freq="MS")
    level = np.zeros(len(months))
    for place in range(1, len(months)):
        level[place] = 0.9 * level[place - 1] + 0.02 * rng.normal()
    exports = 8 + 0.1 * np.sin(np.asarray(months.month) / 2) + level + noise * rng.normal(size=len(months))
    exports += np.log1p(effect) * (months >= pd.Timestamp("2025-04"))
    return pd.DataFrame({"exports": exports, "exchange_rate": 0.02 * rng.normal(size=len(months))}, index=months)


@pytest.mark.parametrize("model", MODELS)
def test_a_known_effect_is_recovered(model: str) -> None:
    windows = declared_windows(DESIGN, pd.Timestamp("2026-04-01"))
    for name, window in windows.items():
        with_it = paths.estimate(simulated(-0.3), replace(HEADLINE, model=model), window)[1].change
        without = paths.estimate(simulated(0.0), replace(HEADLINE, model=model), window)[1].change
        assert 1 + with_it == pytest.approx(0.7 * (1 + without)), name  # nothing after the fit is read
        assert abs(without) < 0.1, name


def test_a_known_step_is_recovered() -> None:
    for window in declared_windows(DESIGN, pd.Timestamp("2026-04-01")).values():
        change, error = paths.step(simulated(-0.3), HEADLINE, window)
        assert abs(np.log1p(change) - np.log(0.7)) < 3 * error and error < 0.1


def test_terms_are_those_that_made_the_series() -> None:
    monthly, origin = simulated(0.0), pd.Timestamp("2024-12-01")
    monthly.loc["2020-04", "exports"] -= 1.0
    monthly["exports"] += 0.5 * monthly["exchange_rate"]
    spec = replace(HEADLINE, model="arma_trend", covariate="exchange_rate")
    estimates, errors = paths.terms(monthly, spec, origin=origin)
    season = 0.1 * (np.sin(7 / 2) - np.sin(1 / 2))
    for name, truth in (("closed_2020-04", -1.0), ("exchange_rate", 0.5), ("month_7", season), ("trend", 0.0)):
        assert abs(estimates[name] - truth) < 3 * errors[name], name
    assert 0.7 < estimates["ar"] < 0.97 and errors[["ar", "ma"]].isna().all() and (errors.iloc[:-2] > 0).all()
    differenced, _ = paths.terms(monthly, replace(HEADLINE, model="local_level"), origin=origin)
    assert not {"constant", "ar"} & {*differenced.index} and differenced["closed_2020-04"] == pytest.approx(-1, abs=0.2)
    with pytest.raises(BadInput, match="headline: found same_months"):
        paths.terms(monthly, replace(HEADLINE, model="same_months"), origin=origin)


@pytest.mark.slow
def test_ranges_hold_in_simulated_series() -> None:
    window, covering, rng = declared_windows(DESIGN, pd.Timestamp("2026-04-01"))["2025"], 0, np.random.default_rng(3)
    for seed in range(25):
        effect = paths.estimate(simulated(0.0, seed=seed), HEADLINE, window, draws=500, rng=rng)[1]
        low, high = np.quantile(effect.change_draws, [0.025, 0.975])
        covering += low <= 0 <= high
    assert covering >= 21


def test_seasonal_difference_is_that_of_autoreg(own: pd.DataFrame) -> None:
    from statsmodels.tsa.ar_model import AutoReg

    origin, logs = pd.Timestamp("2018-12-01"), own["exports"]
    path = paths.path(own, replace(HEADLINE, model="seasonal_difference"), origin=origin, ahead=12)
    change = logs.diff(12).loc["1998-01":origin].to_numpy()
    expected = AutoReg(change, 1, trend="c").fit().predict(start=len(change), end=len(change) + 11)
    assert path.central - logs.loc["2018"].to_numpy() == pytest.approx(expected, abs=1e-10)


def test_same_months_and_effect_by_hand(own: pd.DataFrame) -> None:
    window = declared_windows(DESIGN, own.index[-1])["2025"]
    levels = np.exp(own["exports"])
    expected = levels.loc["2025-04":"2025-12"].sum() / levels.loc["2024-04":"2024-12"].sum() - 1
    effect = paths.estimate(own, replace(HEADLINE, model="same_months"), window)[1]
    assert effect.change == pytest.approx(expected)
    assert effect.shortfall == pytest.approx(
        levels.loc["2024-04":"2024-12"].sum() - levels.loc["2025-04":"2025-12"].sum()
    )


def test_placebos_are_untreated() -> None:
    for ahead in (12, 16):
        starts = origins(DESIGN, ahead=ahead, step=3)
        assert (starts + pd.DateOffset(months=ahead)).max() <= pd.Timestamp("2024-12-01")
        assert starts.min() >= pd.Timestamp("2004-12-01")
    index = pd.DatetimeIndex(["2007-03-01", "2007-12-01", "2019-03-01", "2020-12-01"])
    assert list(in_crisis(DESIGN, index, ahead=9, skip=0)) == [False, True, False, False]
    assert list(in_crisis(DESIGN, index, ahead=12, skip=3)) == [True, True, True, False]


@pytest.mark.long
def test_the_study_holds_together(study: Study) -> None:
    assert set(study.fitted) == set(study.coverage["window"]) == set(study.ranks["window"])
    for fit in study.fitted.values():
        assert fit.change[0] <= fit.effect.change <= fit.change[1]
        path = np.exp(fit.path.central)[paths.skipped(fit.window) :]
        assert fit.effect.shortfall == pytest.approx(-fit.effect.change * path.sum())
    only = study.placebos["2025.fit_2025_03"].dropna()
    assert len(only) == len(study.placebos) > 15
    rows = results.tariff(study)
    assert rows["result_id"].is_unique
    book = results_book.Book("60_estimate_ev_demand")
    book.add_frame(rows)
    needed = {"ev.us_auto_tariff_effect.2025", "ev.us_auto_tariff_effect.2025.p_value",
              "ev.us_auto_tariff_shortfall_cad.2025", "ev.us_auto_tariff_effect.to_last_month"}  # fmt: skip
    assert needed <= set(rows["result_id"])


def test_the_headline_may_have_the_exchange_rate() -> None:
    tables = data.load("merchandise_trade_monthly"), data.load("exchange_rate_monthly")
    monthly, headline = us_tariff_study.exports(tables[0]), replace(HEADLINE, covariate="exchange_rate")
    some = replace(DESIGN, headline=headline, comparisons=("other_autos",), wide_step=9)
    windows = declared_windows(some, monthly.index[-1])
    assert len(us_tariff_study.comparisons(monthly, tables[1], windows, some)) == 2


def test_exports_end_with_the_series_that_ends_first() -> None:
    trade = data.load("merchandise_trade_monthly")
    ended = (trade["product"] == "autos_and_parts") & (trade["month"] > "2026-01-01")
    exports = us_tariff_study.exports(trade[~ended])
    assert exports.equals(us_tariff_study.exports(trade).loc[:"2026-01"]) and f"{exports.index[-1]:%Y-%m}" == "2026-01"


def test_bad_input_is_named(own: pd.DataFrame) -> None:
    trade = data.load("merchandise_trade_monthly")
    with pytest.raises(BadInput, match="2025-12 or later"):
        declared_windows(DESIGN, pd.Timestamp("2025-10-01"))
    with pytest.raises(BadInput, match="united_states autos_and_parts"):
        us_tariff_study.exports(trade[trade["product"] != "autos_and_parts"])
    with pytest.raises(BadInput, match="gap"):
        us_tariff_study.exports(trade[trade["month"] != "2010-05-01"])
    for spec, message in ((PathModel("prophet"), "prophet"), (PathModel("same_months", "exchange_rate"), "none with")):
        with pytest.raises(BadInput, match=message):
            paths.path(own, spec, origin=pd.Timestamp("2019-12-01"), ahead=3)
    with pytest.raises(BadInput, match="48 months"):
        paths.path(own, HEADLINE, origin=pd.Timestamp("1999-12-01"), ahead=3)
    with pytest.raises(BadInput, match="found same_months; allowed: a model with draws: local_level, arma"):
        paths.path(own, replace(HEADLINE, model="same_months"), origin=pd.Timestamp("2019-12-01"), ahead=3, draws=10)


def test_a_window_of_ones_own_is_named_in_labels() -> None:
    assert DESIGN.named == ""
    chosen = replace(DESIGN, window=("2025-05", "2025-12"), chosen=True)
    assert chosen.named == ", 2025-05 to 2025-12"
    assert declared_windows(chosen, pd.Timestamp("2026-04-01"))["2025"].span == "2025-05 to 2025-12"
