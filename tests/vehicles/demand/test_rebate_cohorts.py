"""Single changes of a rebate: known effects are recovered and second routes agree."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from choices import of

from tradeexposure.core.errors import BadInput
from tradeexposure.data import result_words
from tradeexposure.vehicles.demand import rebate_cohorts, results, study
from tradeexposure.vehicles.demand.rebate_cohorts import Cohort

COHORT = Cohort("A", "A", ("2020Q1", "2020Q4"), ("2021Q2", "2022Q1"))
NOTEBOOK = of(60, "readings", "specifications", "changes")
LONGER = NOTEBOOK.changes[0]
EARLY = replace(LONGER, after=("2018Q4", "2019Q1"))


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
    effect = rebate_cohorts.effect(invented(0.4), COHORT, still=0.8)
    assert effect.log_effect == pytest.approx(0.4, abs=1e-8)
    assert effect.per_thousand == pytest.approx(0.08, abs=1e-8)
    assert effect.controls == ("B", "C") and effect.amount == 5
    assert rebate_cohorts.stacked(invented(0.4), [effect]) == pytest.approx(0.08, abs=1e-8)


def test_two_units_are_a_difference_of_logs(panel: pd.DataFrame):
    rows = rebate_cohorts.window(panel, EARLY)
    # With one control and one quarter on each side the Poisson model is saturated.
    two = rows[rows["quarter"].isin(pd.to_datetime(["2018-01-01", "2018-10-01"]))]
    logs = np.log(two[two["geo"].isin(["Ontario", "Quebec"])].pivot(index="quarter", columns="geo", values="share"))
    change = logs.diff().iloc[-1]
    difference = rebate_cohorts.difference(two, "Ontario", ["Quebec"])
    assert difference == pytest.approx(change["Ontario"] - change["Quebec"], abs=1e-7)


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


def test_what_is_published_of_ontario_names_the_controls_and_placebos_of_its_cells(panel: pd.DataFrame):
    """British Columbia made a control: its methods do not leave it out, and each rank has its own count."""
    plain = [replace(cohort, never=()) for cohort in (EARLY, LONGER)]
    rows = results.ontario(study.ontario(panel, *plain, still=NOTEBOOK.still)).set_index("result_id")
    stem, wording = "ev.ontario_effect.2018", result_words.of("60_estimate_ev_demand")
    methods = {end: wording.method(f"{stem}{end}", rows.loc[f"{stem}{end}"].to_dict())
               for end in ("", ".to_2019q3", ".synthetic", ".p_value", ".to_2019q3.p_value")}  # fmt: skip
    assert methods[""].startswith("Poisson difference; range") and methods[".to_2019q3"] == "Poisson difference"
    assert methods[".synthetic"] == "weights on 7 provinces"
    assert [methods[f"{end}.p_value"][0] for end in ("", ".to_2019q3")] == ["7", "6"]


def test_the_rush_counted_in_halves_what_ontario_shows(panel: pd.DataFrame):
    """By hand: registrations per car of the window's quarters against the controls' model, at the mean rebate."""
    after = {"rush_year": ("2018Q2", "2019Q1"), "with_rush": ("2018Q2", "2019Q3")}
    variants = study.ontario_variants(panel, LONGER, after, still=NOTEBOOK.still)
    plain = study.ontario(panel, EARLY, LONGER, still=NOTEBOOK.still)
    assert plain.short.log_effect < plain.longer.log_effect < variants["with_rush"].log_effect < 0
    assert variants["rush_year"].log_effect > variants["with_rush"].log_effect
    for name, (first, last) in after.items():
        own = panel[panel["geo"] == "Ontario"].set_index("quarter")
        starts = [pd.Period(quarter, "Q").start_time for quarter in (first, last)]
        assert variants[name].amount == pytest.approx(own["rebate"].loc[starts[0] : starts[1]].mean() - 14)
        assert variants[name].rank.count == len(variants[name].controls) + 1
    rows = results.ontario_variants(variants).set_index("result_id")
    stem = "ev.ontario_effect.2018.with_rush"
    assert rows.loc[stem, "value"] == pytest.approx(np.expm1(variants["with_rush"].log_effect))
    assert rows.loc[f"{stem}.per_1000", "value"] == pytest.approx(np.expm1(variants["with_rush"].per_thousand))
    assert rows.loc[f"{stem}.p_value", "value"] > 0.5 and rows.loc[stem, "period"] == "2018Q2 to 2019Q3"
