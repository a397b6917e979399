"""Seed to China: sums over months, measures that end before the next begins, a chart that says why it ends."""

from __future__ import annotations

from typing import Any

import pandas as pd
from wordedrows import worded

from tradeexposure import data
from tradeexposure.canola.exposure import grain_exports
from tradeexposure.publishing import drawings
from tradeexposure.reporting import charts
from tradeexposure.reporting.numbers import Numbers
from tradeexposure.scenarios.comparison import figures


def test_sums_are_of_the_months_before() -> None:
    months = pd.date_range("2020-01-01", periods=5, freq="MS")
    table = pd.DataFrame({"month": [*months, *months], "destination": ["China"] * 5 + ["Japan"] * 5,
                          "volume_kt": [1.0, 2.0, 4.0, 8.0, 0.0, *[100.0] * 5]})  # fmt: skip
    sums = figures.seed_sums(table, 3)
    assert sums["volume_kt"].tolist() == [7.0, 14.0, 12.0]
    assert sums["month"].iloc[0] == months[2]
    rows = figures.published_seed(sums, 3).set_index("result_id")
    assert rows["value"].to_dict() == {figures.SEED_HIGHEST: 14.0, figures.SEED_LATEST: 12.0}
    assert rows.loc[figures.SEED_LATEST, "period"] == "3 months to May 2020"


def test_measures_end_before_the_next_begins() -> None:
    spans = figures.seed_measures()
    assert spans["label"].tolist() == ["Two exporters barred", "Deposit of 75.8% on top", "The deal"]
    assert (spans["start"] < spans["end"]).all()
    assert (spans["end"].iloc[:-1].to_numpy() < spans["start"].iloc[1:].to_numpy()).all()


def test_the_chart_of_seed_says_why_it_ends(shown: list[dict[str, Any]]) -> None:
    sums = figures.seed_sums(grain_exports.monthly_exports(data.load(figures.SEED_TABLE)), 12)
    quoted = Numbers(worded("80_compare_scenarios", figures.published_seed(sums, 12)).reset_index())
    figures.show_seed(quoted, sums, figures.seed_measures(), months=12)
    spec = shown[0]["data"][charts.MIME]
    assert f"in the 12 months to {sums['month'].iloc[-1]:%B %Y}" in str(shown[0])
    assert spec["usermeta"]["ends"].startswith(f"Figures end with {sums['month'].iloc[-1]:%B %Y}. ")
    assert drawings.drawing(spec, where="seed").ends == spec["usermeta"]["ends"]
