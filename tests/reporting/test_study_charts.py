"""Specification curves as rows and as a chart: every number once, counts whole, choices below estimates."""

from __future__ import annotations

import pandas as pd
import pytest

from tradeexposure.econometrics.inference import specification_curve
from tradeexposure.reporting import charts, result_rows, study_charts


def curve() -> pd.DataFrame:
    estimates = [0.02 * place - 0.5 for place in range(120)]
    return pd.DataFrame({"model": [f"m{place}" for place in range(120)], "estimate": estimates})


def test_a_curve_in_rows_has_words_units_and_whole_counts():
    numbers = {**vars(specification_curve.summary(curve())), "share_small": 0.25}
    words = {**result_rows.CURVE_WORDS, "share_small": "share of small ones"}
    rows = result_rows.curve_rows(numbers, result_id="a.curve", label="Effect: {words}", names=words, digits=3)
    by = rows.set_index("result_id")
    assert list(by.index) == [f"a.curve.{name}" for name in words]
    assert tuple(by.loc["a.curve.n", ["label", "value", "unit", "digits"]]) == ("Effect: number", 120.0, "count", 3)
    assert by.at["a.curve.share_negative", "value"] == pytest.approx(25 / 120)
    assert by["unit"].value_counts().to_dict() == {"change": 5, "share": 2, "count": 1}


def test_whole_digits_of_counts():
    assert result_rows.whole_digits(pd.Series([0.0, 9.0, 10.0, -1234.0])).tolist() == [1, 1, 2, 4]


def test_counts_and_years_are_written_whole():
    rows = pd.DataFrame({"value": [12345.0, 2024.0, 0.25], "unit": ["count", "year", "share"]})
    assert result_rows.written_whole(rows, 2)["digits"].tolist() == [5, 4, 2]
    assert result_rows.written_whole(rows, pd.Series([1, 1, 3]))["digits"].tolist() == [5, 4, 3]


def test_a_level_may_be_heavy():
    assert study_charts.level(0.4, colour="target", heavy=True).to_dict()["mark"]["strokeWidth"] == 2


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
        charts.lines(frame, x="year", y="value", group="model", ends=False),
        panel="model",
        names=["b", "a"],
        title="Tonnes",
    ).to_dict()
    assert drawn["facet"]["sort"] == ["b", "a"] and drawn["facet"]["title"] == "Tonnes" and drawn["columns"] == 2
    assert drawn["spec"]["width"] == study_charts.PANEL_WIDTH and "resolve" not in drawn
