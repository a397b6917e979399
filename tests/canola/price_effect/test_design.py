"""The declared study of the canola price on the real tables: windows, sizes, ranks and rows fit to publish."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from choices import of

from tradeexposure import data
from tradeexposure.canola.price_effect import counterfactual, design, figures, prices, study
from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.time_series import backtests, months
from tradeexposure.reporting import results_book

NOTEBOOK = of(40, "validate", "design")
DESIGN, HEADLINE = NOTEBOOK.design, NOTEBOOK.design.headline
SPANS = {
    name: (window.span.split()[0], window.span.split()[2])
    for name, window in NOTEBOOK.windows.items()
    if ".fit_" not in name
}


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    world = prices.world_prices(data.load("commodity_prices_monthly"), data.load("exchange_rate_monthly"))
    price = data.load("canola_price_prairies_monthly").set_index("month")["price_cad_per_tonne"]
    return prices.log_panel(price, world)


@pytest.fixture(scope="module")
def covered() -> pd.DataFrame:
    rows = [
        (kind, level, months, 1.2)
        for kind in ("month", "mean")
        for level in backtests.LEVELS
        for months in range(1, 13)
    ]
    return pd.DataFrame(rows, columns=["kind", "level", "months", "factor"])


def test_windows_are_those_declared() -> None:
    windows = design.windows(SPANS, fit_2025="2024-08")
    spans = {name: (window.span, f"{window.origin:%Y-%m}") for name, window in windows.items()}
    assert spans == {
        "2019": ("2019-03 to 2020-02", "2019-02"),
        "2025_mar": ("2025-03 to 2025-07", "2025-02"),
        "2025_aug": ("2025-08 to 2026-02", "2025-07"),
        "2026_mar": ("2026-03 to 2026-05", "2026-02"),
        "2025_mar.fit_2024_08": ("2025-03 to 2025-07", "2024-08"),
        "2025_aug.fit_2024_08": ("2025-08 to 2026-02", "2024-08"),
        "2026_mar.fit_2024_08": ("2026-03 to 2026-05", "2024-08"),
    }
    with pytest.raises(BadInput, match="a month before 2025-03"):
        design.windows(SPANS, fit_2025="2025-06")


def test_the_curve_is_large_and_every_sample_exists(panel: pd.DataFrame) -> None:
    grid = design.curve_specifications(DESIGN)
    assert len(grid) == 225 >= 48
    rapeseed = grid[grid["variables"] == "complex_and_rapeseed_oil"]
    assert set(rapeseed["start"]) == {"2002-02"} and panel["rapeseed_oil"].first_valid_index() == pd.Timestamp(
        "2002-02"
    )
    assert len(set(DESIGN.declared)) >= 12 and HEADLINE in DESIGN.declared


def test_placebo_windows_are_clean_and_as_far_from_their_fit(panel: pd.DataFrame) -> None:
    windows = design.windows(SPANS, fit_2025="2024-08")
    starts = design.clean_starts(DESIGN, HEADLINE, months=12, until="2024-08")
    ends = starts + pd.DateOffset(months=11)
    assert not ((starts <= "2022-05-01") & (ends >= "2019-03-01")).any()
    assert ends.max() == pd.Timestamp("2024-08-01") and starts.min() == pd.Timestamp("1998-01-01")
    gaps = design.placebo_gaps(panel, DESIGN, windows, step=12)
    early = design.placebos(gaps, DESIGN, windows["2025_mar.fit_2024_08"])
    start = early.index[-1]
    same = months.window("placebo", *(f"{start + pd.DateOffset(months=add):%Y-%m}" for add in (6, 10)),
                         f"{start - pd.DateOffset(months=1):%Y-%m}")  # fmt: skip
    assert early.iloc[-1] == pytest.approx(counterfactual.estimate(panel, HEADLINE, same).share)


def test_ranks_in_five_reference_sets() -> None:
    starts = pd.date_range("2000-01", "2015-12", freq="MS")
    effects = pd.Series(np.random.default_rng(1).normal(0, 0.05, len(starts)), index=starts)
    ranks = design.placebo_ranks(effects, -0.2, DESIGN, months=12).set_index("windows")
    assert (ranks["p_value"] == ranks["floor"]).all() and (ranks["place"] == 1).all()
    assert ranks.loc["rolling", "count"] == 192 and ranks.loc["apart", "count"] == 16
    assert ranks.loc["rolling_ex_2007_09", "count"] == 192 - 36 - 11
    # 26 months and the 11 starts before them; 2016 is touched by the last 11 starts of 2015
    assert ranks.loc["rolling_ex_disputes", "count"] == 192 - (26 + 11) - 11
    assert 0.08 < ranks.loc["rolling", "detectable"] < 0.13


def test_the_median_of_specifications_has_its_own_placebos(panel: pd.DataFrame) -> None:
    window = design.windows(SPANS, fit_2025="2024-08")["2019"]
    some = [spec for spec in DESIGN.declared if spec.model == "ardl"]
    starts = pd.date_range("2012-01", "2018-01", freq="12MS")
    noise = {
        spec: counterfactual.placebo_shares(counterfactual.placebo_gaps(panel, spec, starts, horizon=12), length=12)
        for spec in some
    }
    rank = design.joint_rank(panel, window, noise)
    actual = np.median([counterfactual.estimate(panel, spec, window).share for spec in some])
    medians = pd.DataFrame({spec.name: effects for spec, effects in noise.items()}).median(axis=1)
    assert rank.count == 7 and rank.place == 1 + (medians < actual).sum()


def test_a_study_publishes_what_it_says(panel: pd.DataFrame, covered: pd.DataFrame) -> None:
    window = design.windows(SPANS, fit_2025="2024-08")["2019"]
    estimate = study.estimate(panel, HEADLINE, window, covered, draws=1000, rng=np.random.default_rng(1))
    book = results_book.Book("40_estimate_canola_price")
    book.add_frame(estimate.rows)
    shown = book.frame().set_index("result_id")
    assert set(shown.index) == {
        f"canola.price_effect{unit}.2019{level}" for unit in ("", "_cad_per_tonne") for level in ("", ".level_80")
    }
    wide, narrow = shown.loc["canola.price_effect.2019"], shown.loc["canola.price_effect.2019.level_80"]
    assert wide["low"] < narrow["low"] < wide["value"] < narrow["high"] < wide["high"]
    assert estimate.bounds["low"] == pytest.approx(wide["low"], abs=0.01) and estimate.factor == 1.2


def test_a_specification_that_is_fitted_already_is_not_fitted_again(panel: pd.DataFrame) -> None:
    window = design.windows(SPANS, fit_2025="2024-08")["2019"]
    rows = counterfactual.equation_rows(panel, HEADLINE, until=window.origin)
    fit = smf.ols(f"change ~ {' + '.join(rows.columns.drop('change'))}", rows).fit()
    labels = figures.terms(fit.params.index)
    assert len(labels) == 24
    assert labels["d2_soybean_oil"] == "Change of soybean oil, 2 months before"
    assert labels["level_canola"] == "Log price of Prairie canola, a month before"
    effect = counterfactual.effect(
        counterfactual.path(panel, HEADLINE, origin=window.origin, until=window.last, fit=fit), window
    )
    assert effect.share == pytest.approx(counterfactual.estimate(panel, HEADLINE, window).share, abs=1e-12)
    known = replace(effect, share=-0.5)
    curve = design.estimate_all(panel, [HEADLINE, replace(HEADLINE, lags=1)], window, known={HEADLINE: known})
    assert curve["estimate"].iloc[0] == -0.5 and curve["estimate"].iloc[1] > -0.2
    with pytest.raises(BadInput, match="ardl"):
        counterfactual.equation_rows(panel, replace(HEADLINE, model="arma"), until=window.origin)


def test_wheat_has_too_few_months_for_placebos_and_says_so(panel: pd.DataFrame) -> None:
    world = prices.world_prices(data.load("commodity_prices_monthly"), data.load("exchange_rate_monthly"))
    chosen = {"wheat_prairies": of(40, "validate", "design", "crops").placebo_crops["wheat_prairies"]}
    wheat = prices.crop_panels(data.load("farm_prices_monthly"), world, chosen)
    window = design.windows(SPANS, fit_2025="2024-08")["2019"]
    effects = design.crop_effects(wheat, chosen, window, DESIGN, draws=1000, rng=np.random.default_rng(1), factor=1.0)
    (row,) = effects.to_dict("records")
    assert np.isnan(row["p_value"]) and row["placebos"] == 0
    assert row["low"] < row["estimate"] < row["high"]


def test_rows_put_together_miss_no_field(panel: pd.DataFrame, covered: pd.DataFrame) -> None:
    windows = {"2025_mar": design.windows(SPANS, fit_2025="2024-08")["2025_mar"]}
    rng = np.random.default_rng(1)
    estimates = {
        name: study.estimate(panel, HEADLINE, window, covered, draws=1000, rng=rng) for name, window in windows.items()
    }
    gaps = design.placebo_gaps(panel, DESIGN, NOTEBOOK.windows, step=24)
    rows = study.later_rows(panel, gaps, estimates, windows, DESIGN)
    book = results_book.Book("40_estimate_canola_price")
    book.add_frame(rows)  # which refuses what lacks a word
    main = book.frame().set_index("result_id").loc["canola.price_effect.2025_mar"]
    assert main["tolerance"] == 0.01  # the range is rounded more coarsely than the value


def test_models_are_widened_by_their_own_factor_and_leave_the_stream_alone(panel: pd.DataFrame) -> None:
    window = design.windows(SPANS, fit_2025="2024-08")["2019"]
    rng, same = np.random.default_rng(3), np.random.default_rng(3)
    two = replace(DESIGN, models=("ardl", "vecm_1"), step=24, test_draws=200)
    factors = design.model_factors(panel, two, headline=1.2, months=12, rng=rng)
    assert factors["ardl"] == 1.2 and factors["vecm_1"] > 1 and rng.random() == same.random()
    bounds = {"effect": -0.05, "low": -0.16, "high": 0.08}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(design, "model_factors", lambda *_, **__: dict.fromkeys(counterfactual.MODELS, 1.0))
        options = {"headline": bounds, "draws": 200, "factor": 1.2}
        plain = study.by_model(panel, window, DESIGN, rng=np.random.default_rng(1), **options).set_index("model")
        wider = dict.fromkeys(counterfactual.MODELS, 1.0) | {"vecm_1": 2.0}
        patch.setattr(design, "model_factors", lambda *_, **__: wider)
        wide = study.by_model(panel, window, DESIGN, rng=np.random.default_rng(1), **options).set_index("model")
    width = (wide["high"] - wide["low"]) / (plain["high"] - plain["low"])
    assert width["vecm_1"] == pytest.approx(2) and width.drop("vecm_1").eq(1).all()


def test_years_left_out_are_named_from_the_design() -> None:
    redated = replace(DESIGN, crisis=("2008-01", "2008-12"), disputes=(("2009-11", "2010-12"),))
    labels = figures.placebo_sets(redated)
    assert labels["apart_ex_2007_09"] == "no overlap, without 2008"
    assert labels["rolling_ex_disputes"].endswith("the disputes of 2009 to 2010")
    assert DESIGN.tested == "1998-01 to 2024-08"
