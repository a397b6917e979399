"""Single changes of a rebate, rushes, published values: known effects are recovered and second routes agree."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from choices import of

from tradeexposure import data
from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.vehicles.demand import published, rebate_cohorts, results, study, synthetic_control
from tradeexposure.vehicles.demand.rebate_cohorts import Cohort

COHORT = Cohort("A", "A", ("2020Q1", "2020Q4"), ("2021Q2", "2022Q1"))
NOTEBOOK = of(60, "readings", "specifications", "changes")
TABLES = data.load("vehicle_registrations_quarterly"), data.load("ev_rebates")
LONGER, KEPT_BY, CUT_BY = NOTEBOOK.changes[0], (0.73, 0.85), ("without_ontario", "all")
STUDIES = {
    "norway": ("own-price elasticity of battery-electric cars", "Norway"),
    "california": ("own-price elasticity, low/middle-income buyers", "California"),
}
EARLY = replace(LONGER, after=("2018Q4", "2019Q1"))


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    return study.panels(*TABLES, [NOTEBOOK.stated], kind=NOTEBOOK.kinds["bev"], added=0.5, rush=NOTEBOOK.hurried)[
        "stated"
    ]


def invented(effect: float = 0.0) -> pd.DataFrame:
    """Four provinces without noise; A gets C$5,000 in 2021Q2, D moves in the window and is no control."""
    quarters = pd.date_range("2019-01-01", "2022-10-01", freq="QS")
    parts = []
    for number, geo in enumerate("ABCD"):
        time = np.arange(len(quarters))
        after = quarters >= "2021-04-01"
        rebate = np.where(after & (geo == "A"), 5.0, 0.0) + np.where(
            (quarters >= "2021-10-01") & (geo == "D"), 2.0, 0.0
        )
        share = 0.01 * np.exp(0.3 * number + 0.1 * time + effect * (geo == "A") * after)
        total = np.full(len(quarters), 1e5 * (number + 1))
        parts.append(pd.DataFrame({"geo": geo, "quarter": quarters, "registrations": share * total, "total": total,
                                   "share": share, "log_share": np.log(share), "log_total": np.log(total),
                                   "rebate": rebate}))  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def test_the_effect_of_a_change_is_recovered_exactly():
    found = rebate_cohorts.effect(invented(0.4), COHORT, still=0.8)
    assert found.log_effect == pytest.approx(0.4, abs=1e-8)
    assert found.per_thousand == pytest.approx(0.08, abs=1e-8)
    assert found.controls == ("B", "C") and found.amount == 5
    assert rebate_cohorts.stacked(invented(0.4), [found]) == pytest.approx(0.08, abs=1e-8)


def test_two_units_are_a_difference_of_logs(panel: pd.DataFrame):
    rows = rebate_cohorts.window(panel, EARLY)
    # With one control and one quarter on each side the Poisson model is saturated.
    two = rows[rows["quarter"].isin(pd.to_datetime(["2018-01-01", "2018-10-01"]))]
    logs = np.log(two[two["geo"].isin(["Ontario", "Quebec"])].pivot(index="quarter", columns="geo", values="share"))
    change = logs.diff().iloc[-1]
    found = rebate_cohorts.difference(two, "Ontario", ["Quebec"])
    assert found == pytest.approx(change["Ontario"] - change["Quebec"], abs=1e-7)


def test_gaps_by_quarter_are_zero_before_and_the_effect_after():
    frame = invented(0.4)
    gaps = rebate_cohorts.by_quarter(frame, rebate_cohorts.effect(frame, COHORT, still=0.8)).set_index("step")["gap"]
    assert np.abs(gaps.loc[-5:-2]).max() < 1e-3 and gaps.loc[0:3].to_numpy() == pytest.approx(0.4, abs=1e-3)


def test_windows_must_lie_in_the_panel_and_apart():
    with pytest.raises(BadInput, match="windows that overlap"):
        rebate_cohorts.window(invented(), Cohort("A", "A", ("2020Q1", "2021Q2"), ("2021Q2", "2022Q1")))
    with pytest.raises(BadInput, match="quarters of the panel"):
        rebate_cohorts.window(invented(), Cohort("A", "A", ("2015Q1", "2015Q4"), ("2021Q2", "2022Q1")))
    with pytest.raises(BadInput, match="1 control"):
        rebate_cohorts.effect(invented(), Cohort("A", "A", *(COHORT.before, COHORT.after), ("B",)), still=0.8)


def test_synthetic_weights_of_a_known_mixture():
    rng = np.random.default_rng(1)
    donors = rng.uniform(0.01, 0.05, (8, 4))
    weights = np.array([0.6, 0.0, 0.4, 0.0])
    assert synthetic_control.simplex_weights(donors, donors @ weights) == pytest.approx(weights, abs=1e-4)
    outside = synthetic_control.simplex_weights(donors, donors.max(axis=1) * 2)
    assert outside.min() >= 0 and outside.sum() == pytest.approx(1)


def test_rush_is_recovered_by_the_model_that_holds():
    frame = invented()
    quarter = pd.Timestamp("2022-10-01")
    hurried = (frame["geo"] == "A") & (frame["quarter"] == quarter)
    frame["registrations"] *= np.where(hurried, 2.0, 1.0)
    frame["share"] = frame["registrations"] / frame["total"]
    for model, others in (("level", "BC"), ("trend", "BC"), ("own_trend_season", "")):
        found = synthetic_control.pull_forward(frame, geo="A", others=list(others), quarter="2022Q4",
                                           fit=("2020Q1", "2022Q1"), model=model)  # fmt: skip
        assert found.share == pytest.approx(0.5, abs=1e-6), model
    with pytest.raises(BadInput, match="found guess"):
        synthetic_control.pull_forward(
            frame, geo="A", others=["B"], quarter="2022Q4", fit=("2020Q1", "2022Q1"), model="guess"
        )


def test_pass_through_is_applied_once_and_conversions_undo_each_other():
    assert study.elasticity(0.05, price_cad=50_000, pass_through=0.8) == pytest.approx(-0.05 / 0.8 * 50)
    there = study.implied_semi_elasticity(-1.27, price_cad=48_450, pass_through=0.79)
    assert study.elasticity(there, price_cad=48_450, pass_through=0.79) == pytest.approx(-1.27)
    with pytest.raises(RunFailed):
        study.elasticity(0.05, price_cad=50_000, pass_through=1.3)
    rows = published.price_elasticities(0.05, -0.02, 0.10, prices=(48_450,), kept_by=KEPT_BY)
    drawn = np.random.default_rng(0).uniform(*KEPT_BY, 200_000)
    assert rows["value"].iloc[0] == pytest.approx(np.mean(-np.log(1.05) / drawn * 48.45), rel=2e-4)
    assert rows["low"].iloc[0] == pytest.approx(-np.log(1.10) / 0.73 * 48.45)
    assert rows["high"].iloc[0] == pytest.approx(-np.log(0.98) / 0.73 * 48.45)


def test_published_values_are_those_of_the_table():
    table = data.load("benchmarks_vehicles")
    cited = published.published(table, STUDIES, price_low=48_450, price_high=73_000).set_index("key")
    assert cited.loc["norway", "high"] == pytest.approx(np.expm1(1.27 * 0.85 / 48.45))
    assert cited.loc["california", "low"] == pytest.approx(np.expm1(2.1 * 0.73 / 73))
    assert cited.loc["canada", "value"] == pytest.approx(0.115)
    moved = table.assign(high=table["high"].where(table["quantity"] != published.PASS_THROUGH_ROW, 90))
    assert published.pass_through(table) == KEPT_BY and published.pass_through(moved) == (0.73, 0.9)
    assert published.reported(data.load("benchmarks_rebates")) == (-55, -41)


def test_the_rush_counted_in_halves_what_ontario_shows(panel: pd.DataFrame):
    """By hand: registrations per car of the window's quarters against the controls' model, at the mean rebate."""
    after = {"rush_year": ("2018Q2", "2019Q1"), "with_rush": ("2018Q2", "2019Q3")}
    found = study.ontario_variants(panel, LONGER, after, still=NOTEBOOK.still)
    plain = study.ontario(panel, EARLY, LONGER, still=NOTEBOOK.still)
    assert plain.short.log_effect < plain.longer.log_effect < found["with_rush"].log_effect < 0
    assert found["rush_year"].log_effect > found["with_rush"].log_effect
    for name, (first, last) in after.items():
        own = panel[panel["geo"] == "Ontario"].set_index("quarter")
        starts = [pd.Period(quarter, "Q").start_time for quarter in (first, last)]
        assert found[name].amount == pytest.approx(own["rebate"].loc[starts[0] : starts[1]].mean() - 14)
        assert found[name].rank.count == len(found[name].controls) + 1
    rows = results.ontario_variants(found).set_index("result_id")
    stem = "ev.ontario_effect.2018.with_rush"
    assert rows.loc[stem, "value"] == pytest.approx(np.expm1(found["with_rush"].log_effect))
    assert rows.loc[f"{stem}.per_1000", "value"] == pytest.approx(np.expm1(found["with_rush"].per_thousand))
    assert rows.loc[f"{stem}.p_value", "value"] > 0.5 and rows.loc[stem, "period"] == "2018Q2 to 2019Q3"


def test_published_elasticities_bound_the_allowed_ones_as_they_were_stated(panel: pd.DataFrame):
    ontario = study.ontario(panel, EARLY, LONGER, still=NOTEBOOK.still)
    cited = published.published(data.load("benchmarks_vehicles"), STUDIES, price_low=48_450, price_high=73_000)
    wide = pd.DataFrame({"name": ["without_ontario", "all"], "estimate": 0.0, "low": -0.2, "high": 0.3, "period": ""})
    allowed = published.allowed(cited, ontario, wide, cut_by=CUT_BY)
    _, found = published.elasticities(cited, ontario, wide, allowed, prices=(48_450,), kept_by=KEPT_BY, cut_by=CUT_BY)
    assert found["high"].iloc[0] == -1.27
    assert found["low"].iloc[0] == pytest.approx(-np.log(1.115) / 0.73 * 48.45)
    narrow = wide.assign(high=0.09)
    cut = published.allowed(cited, ontario, narrow, cut_by=CUT_BY)
    _, found = published.elasticities(cited, ontario, narrow, cut, prices=(48_450,), kept_by=KEPT_BY, cut_by=CUT_BY)
    assert cut.cut and found["low"].iloc[0] == pytest.approx(-np.log(1.09) / 0.73 * 48.45)
