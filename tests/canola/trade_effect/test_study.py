"""Episodes, bounds, the specification curve and the published rows of the canola volume notebook."""

from __future__ import annotations

import dataclasses
import json
from functools import partial

import numpy as np
import pandas as pd
import pytest
from choices import of

from tradeexposure.canola.trade_effect import effects, figures, results, shortfall, study
from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.inference import specification_curve
from tradeexposure.econometrics.poisson.fit import fit_ppml
from tradeexposure.econometrics.time_series import months
from tradeexposure.policy import studies

NOTEBOOK = of(30, "windows", "choices", "sample-choices")
EPISODES = NOTEBOOK.episodes
SEASONAL = (("destination", "calendar_month"), "month")
bounds = partial(study.bounds, effects=SEASONAL)
MONTHS = pd.date_range("2018-08", "2020-07", freq="MS", name="month")


def test_episodes_neither_overlap_their_baselines_nor_end_before_they_begin():
    for episode in EPISODES.values():
        window, baseline = months.months_of(episode.window), months.months_in(episode.baseline)
        assert len(window) and not len(window.intersection(baseline)) and baseline.max() < window.min()
    assert len(months.months_in([("2018-01", "2018-03"), ("2018-03", "2018-05")])) == 5
    with pytest.raises(BadInput, match="2019-05"):
        months.months_of(("2019-05", "2019-04"))
    with pytest.raises(BadInput, match="2020-08"):
        months.held_months([("2020-07", "2020-08")], pd.DatetimeIndex(MONTHS), where="window")


@pytest.fixture(scope="module")
def sources() -> study.Sources:
    from tradeexposure import data

    names = ("grain_exports_monthly", "canola_crush_monthly", "field_crops_annual", "canola_balance_forecasts",
             "canola_price_prairies_monthly")  # fmt: skip
    return study.arrange(*map(data.load, names), sold=NOTEBOOK.sold, markets=NOTEBOOK.markets)


@pytest.mark.long
def test_the_specification_curve_has_at_least_24_and_all_are_falls(sources: study.Sources):
    varied = {" to ".join(span): span for span in NOTEBOOK.varied}
    seasons = {"by destination": SEASONAL, "none": ("destination", "month")}
    headline = bounds(sources.flows, EPISODES["2019"], share=None)
    chosen = NOTEBOOK.controls, NOTEBOOK.diverted_to, seasons, headline, NOTEBOOK.models
    options = study.Choices(EPISODES["2019"].window, varied, *chosen)
    frame = study.specifications(sources, options, draws=400, seed=1)
    assert frame["estimate"].round(12).is_unique
    summary = specification_curve.summary(frame)
    assert summary["n"] >= 24 and summary["share_negative"] == 1
    assert summary["low"] > -1 and summary["q25"] < summary["median"] < summary["q75"]


def test_a_method_added_to_the_list_is_in_the_curve_and_in_what_is_published(sources: study.Sources):
    """A toy that halves the trade by every baseline, beside the triple difference: rows, then the published number."""
    spans = {"long": ("2014-08", "2019-02"), "short": ("2016-08", "2019-02")}
    seasons = {"none": ("destination",)}
    options = study.Choices(EPISODES["2019"].window, spans, {"wheat": ["wheat"]}, (), seasons, {}, NOTEBOOK.models)
    toy = study.Estimator(
        lambda choices: specification_curve.grid({"estimator": ["toy"], "baseline": [*choices.baselines],
                                                  "season": ["none"], "controls": ["all"], "diversion": ["none"]}),
        lambda sources, choices, row, draws, seed: -0.5,
    )  # fmt: skip
    frame = study.specifications(sources, options, draws=10, seed=1, estimators=(study.ESTIMATORS[1], toy))
    twice = dataclasses.replace(options, seasons={"one": ["month", "destination"], "other": ("destination", "month")})
    with pytest.raises(BadInput, match="seasons: found the same effects for one, other"):
        study.specifications(sources, twice, draws=10, seed=1, estimators=(toy,))
    assert frame["estimator"].tolist() == ["triple difference", "triple difference", "toy", "toy"]
    assert frame["estimate"].tolist()[2:] == [-0.5, -0.5]
    published = results.spec_curve(frame, EPISODES).set_index("result_id")["value"]
    assert published["canola.trade_spec_curve.2019.n"] == 4
    drawn = json.dumps(figures.curve(frame).to_dict())
    assert '"Other crops"' in drawn and '"toy"' in drawn, "a method without a name of its own keeps that of its entry"


def test_september_and_october_2025_are_exact_zeros_at_the_boundary(sources: study.Sources):
    by_diversion = bounds(sources.flows, EPISODES["2025_seed"], share=0.5)
    assert all(effect.boundary and effect.change == -1 for effect in by_diversion.values())
    rows = results.effects({"2025_seed": by_diversion}, EPISODES)
    assert rows["value"].tolist() == [-1] and rows[["low", "high"]].isna().all(axis=None)


def test_a_fit_made_elsewhere_is_the_effect_without_diversion(sources: study.Sources):
    episode, canola = EPISODES["2019"], sources.flows.query("crop == 'canola'")
    panel = effects.sample(canola, window=episode.window, baseline=episode.baseline, unit="China")
    chosen = {"outcome": "volume_kt", "regressors": ["treated"], "effects": SEASONAL}
    plain, fit = bounds(sources.flows, episode, share=None), fit_ppml(panel, **chosen)
    taken = bounds(sources.flows, episode, share=None, fit=fit)
    assert taken["none"] == plain["none"] and taken["full"].change == pytest.approx(plain["full"].change, abs=1e-8)
    steeper = panel.assign(trend=(panel["month"].dt.year - 2014) * (panel["destination"] == "China"))
    trended = fit_ppml(steeper, **chosen | {"regressors": ["treated", "trend"]})
    for case, wrong, named in (("2025", fit, "treated"), ("2019", trended, "treated, trend")):
        with pytest.raises(BadInput, match=f"fit: found {named} with a deviance of "):
            bounds(sources.flows, EPISODES[case], share=None, fit=wrong)


def test_without_an_identified_share_only_the_bounds_are_published(sources: study.Sources):
    months = pd.date_range("2025-03", "2025-04", freq="MS")
    actual = pd.DataFrame({"China": [100.0, 100.0], "Other": 200.0}, months)
    draws = {"China": np.full((100, 2), 150.0), "Other": np.full((100, 2), 180.0)}
    assert study.measured_share(shortfall.VolumePaths(months, draws, actual), most_without=0.01) == pytest.approx(0.4)
    draws["China"][:5] = 90.0
    assert study.measured_share(shortfall.VolumePaths(months, draws, actual), most_without=0.01) is None
    by_diversion = bounds(sources.flows, EPISODES["2025"], share=None)
    row = results.effects({"2025": by_diversion}, EPISODES).iloc[0]
    assert (
        set(by_diversion) == {"none", "full"}
        and row["low"] < row["high"] == row["value"] == by_diversion["full"].change
    )
    assert row["method"] == "full"


def test_the_descriptive_rank_has_no_floor():
    record = {"statistic": "log effect", "p_value": 0.05, "count": 200, "floor": np.nan}
    rows = results.p_values({}, pd.DataFrame([{**record, "floor": 0.005}, record]), EPISODES).set_index("result_id")
    assert "canola.trade_effect.2019.other_years_p_floor" in rows.index
    assert "canola.trade_effect.2019.cells_and_years_p_floor" not in rows.index
    assert rows.loc["canola.trade_effect.2019.cells_and_years_p_value", "count"] == "200"


def test_the_parameters_shown_are_those_that_paths_are_drawn_from(sources: study.Sources):
    shared = {"seed": 3, "draws": 1000, "models": NOTEBOOK.models}
    paths = {key: study.paths(sources, EPISODES[key], **shared) for key in ("2019", "2025")}
    shown = results.path_parameters(paths, {key: EPISODES[key] for key in paths}).set_index("Parameter")
    assert list(shown) == ["2019, structural, 55 months", "2019, SARIMAX, 55 months",
                           "2025, structural, 26 months", "2025, SARIMAX, 26 months"]  # fmt: skip
    fit = paths["2019"].fits["sarimax"]["China"]
    assert shown.loc["ρ, from month to month", "2019, SARIMAX, 55 months"] == fit.weights @ fit.shapes
    assert shown.loc["Season, b(2)", "2019, SARIMAX, 55 months"] == (fit.weights @ fit.coefficients)[4]
    assert np.isnan(shown.loc["Season, a(3)", "2025, SARIMAX, 26 months"]), "two years bear two waves"


def test_published_rows_have_unique_identifiers_and_ranges_that_hold_the_value(sources: study.Sources):
    keys = ("2019", "2025_before_seed", "2025_seed")
    paths = {key: study.paths(sources, EPISODES[key], seed=3, draws=1000, models=NOTEBOOK.models) for key in keys}
    alone = study.paths(sources, EPISODES["2019"], seed=3, draws=1000, models=["sarimax"])
    shared = {"level": 0.95, "most_without": 0.01}
    assert {*results.shortfalls({"2019": alone}, sources.prices, EPISODES, **shared)["models"]} == {"SARIMAX"}
    rows = results.shortfalls(paths, sources.prices, EPISODES, **shared)
    assert rows["result_id"].is_unique and "canola.diversion_share.2025_seed" not in set(rows["result_id"])
    assert ((rows["low"] <= rows["value"]) & (rows["value"] <= rows["high"])).all()
    assert studies.months_text(("2024-08", "2024-08")) == "August 2024"


def test_a_row_with_a_baseline_of_its_own_names_no_chosen_one():
    (episode,) = studies.episodes("2019", baseline={"before_2019": ["2014-08", "2017-12"]}).values()
    some = effects.VolumeEffect(-0.7, -1.2, False, 0.0, 1.0, 10.0, 450, 0)
    bounds = {key: {"none": some, "full": some} for key in ("2019", "2019.baseline_to_2018_02")}
    table = results.bounds_table(bounds, {"2019": episode})
    assert table["label"].tolist() == [
        "March 2019 to February 2020 (baseline August 2014 to December 2017)",
        "March 2019 to February 2020, baseline to February 2018",
    ]
    assert table["n_obs"].tolist() == [450, 450]
