"""Specification curves as rows and as a chart: every number once, counts whole, choices below estimates."""

from __future__ import annotations

import pandas as pd

from tradeexposure.econometrics.inference import specification_curve
from tradeexposure.reporting import charts, study_charts


def curve() -> pd.DataFrame:
    estimates = [0.02 * place - 0.5 for place in range(120)]
    return pd.DataFrame({"model": [f"m{place}" for place in range(120)], "estimate": estimates})


def test_choices_of_a_specification_stand_below_its_estimate():
    tidy = specification_curve.curve(curve()).assign(lags=[1, 2] * 60, kind="one")
    drawn = study_charts.choices(tidy, choices={"kind": "Kind", "lags": "Lags"}, value_title="Effect").to_dict()
    above, *below = drawn["vconcat"]
    assert above["encoding"]["y"]["field"] == "estimate" and [part["title"]["text"] for part in below] == [
        "Kind",
        "Lags",
    ]
    assert {part["encoding"]["x"]["field"] for part in drawn["vconcat"]} == {"place"}
    (rows,) = drawn["datasets"].values()
    assert len(rows) == 120 and {row["lags"] for row in rows} == {"1", "2"}
    assert not any(part["mark"]["aria"] for part in drawn["vconcat"])


def test_panels_share_their_axes_and_name_what_they_show():
    frame = pd.DataFrame({"year": [1, 2] * 2, "value": [1.0, 2.0, 3.0, 4.0], "model": ["b", "b", "a", "a"]})
    drawn = study_charts.panels(
        charts.stacked(frame, x="year", y="value", group="model"),
        panel="model",
        names=["b", "a"],
        title="Tonnes",
    ).to_dict()
    assert drawn["facet"]["sort"] == ["b", "a"] and drawn["facet"]["title"] == "Tonnes" and drawn["columns"] == 2
    assert drawn["spec"]["width"] == study_charts.PANEL_WIDTH and "resolve" not in drawn


def test_what_is_near_the_end_of_an_axis_gives_way_to_its_label():
    rows = pd.DataFrame({"duty": [14.9, 20, 25, 30, 60, 80, 84.8], "value": 1.0, "low": 0.0, "high": 2.0})
    rows["typed"] = rows["duty"].map("{:g}%".format)
    drawn = study_charts.over_one(rows, x="duty", typed="typed", x_title="Duty", value_title="Gain").to_dict()
    assert drawn["layer"][0]["encoding"]["x"]["axis"]["values"] == [14.9, 20, 25, 30, 60, 84.8]


def test_a_fan_names_its_dashed_line_and_its_bands():
    ahead = pd.DataFrame({"month": [2, 2], "level": [0.95, 0.8], "price": 1.0, "low": 0.0, "high": 2.0})
    drawn = charts.fan(
        pd.DataFrame({"month": [1], "price": [1.0]}), ahead, x="month", y="price", y_title="C$"
    ).to_dict()
    title = drawn["layer"][0]["encoding"]["y"]["title"]
    assert title == "C$; dashed: expected path; bands: 80% and 95%"
