"""Published values: conversions undo each other, and bound what is allowed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from choices import of

from tradeexposure import data
from tradeexposure.core.errors import RunFailed
from tradeexposure.vehicles.demand import published, study

NOTEBOOK = of(60, "readings", "specifications", "changes")
KEPT_BY, CUT_BY = (0.73, 0.85), ("without_ontario", "all")
STUDIES = {
    "norway": ("own-price elasticity of battery-electric cars", "Norway"),
    "california": ("own-price elasticity, low/middle-income buyers", "California"),
}


def test_pass_through_is_applied_once_and_conversions_undo_each_other():
    assert published.elasticity(0.05, price_cad=50_000, pass_through=0.8) == pytest.approx(-0.05 / 0.8 * 50)
    there = published.implied_semi_elasticity(-1.27, price_cad=48_450, pass_through=0.79)
    assert published.elasticity(there, price_cad=48_450, pass_through=0.79) == pytest.approx(-1.27)
    with pytest.raises(RunFailed):
        published.elasticity(0.05, price_cad=50_000, pass_through=1.3)
    rows = published.price_elasticities(0.05, -0.02, 0.10, prices=(48_450,), kept_by=KEPT_BY)
    drawn = np.random.default_rng(0).uniform(*KEPT_BY, 200_000)
    assert rows["value"].iloc[0] == pytest.approx(np.mean(-np.log(1.05) / drawn * 48.45), rel=2e-4)
    assert rows["low"].iloc[0] == pytest.approx(-np.log(1.10) / 0.73 * 48.45)
    assert rows["high"].iloc[0] == pytest.approx(-np.log(0.98) / 0.73 * 48.45)


def test_published_values_are_those_of_the_table():
    table = data.load("benchmarks_vehicles")
    cited = published.per_thousand(table, STUDIES, price_low=48_450, price_high=73_000).set_index("key")
    assert cited.loc["norway", "high"] == pytest.approx(np.expm1(1.27 * 0.85 / 48.45))
    assert cited.loc["california", "low"] == pytest.approx(np.expm1(2.1 * 0.73 / 73))
    assert cited.loc["canada", "value"] == pytest.approx(0.115)
    moved = table.assign(high=table["high"].where(table["quantity"] != published.PASS_THROUGH_ROW, 90))
    assert published.pass_through(table) == KEPT_BY and published.pass_through(moved) == (0.73, 0.9)
    assert published.reported(data.load("benchmarks_rebates")) == (-55, -41)


def test_published_elasticities_bound_the_allowed_ones_as_they_were_stated(panel: pd.DataFrame):
    longer = NOTEBOOK.changes[0]
    early = replace(longer, after=("2018Q4", "2019Q1"))
    ontario = study.ontario(panel, early, longer, still=NOTEBOOK.still)
    cited = published.per_thousand(data.load("benchmarks_vehicles"), STUDIES, price_low=48_450, price_high=73_000)
    wide = pd.DataFrame({"name": ["without_ontario", "all"], "estimate": 0.0, "low": -0.2, "high": 0.3, "period": ""})
    allowed = published.allowed(cited, ontario, wide, cut_by=CUT_BY)
    _, ends = published.elasticities(cited, ontario, wide, allowed, prices=(48_450,), kept_by=KEPT_BY, cut_by=CUT_BY)
    assert ends["high"].iloc[0] == -1.27
    assert ends["low"].iloc[0] == pytest.approx(-np.log(1.115) / 0.73 * 48.45)
    narrow = wide.assign(high=0.09)
    cut = published.allowed(cited, ontario, narrow, cut_by=CUT_BY)
    _, ends = published.elasticities(cited, ontario, narrow, cut, prices=(48_450,), kept_by=KEPT_BY, cut_by=CUT_BY)
    assert cut.cut and ends["low"].iloc[0] == pytest.approx(-np.log(1.09) / 0.73 * 48.45)
