"""Specification curves from made-up estimates."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.inference import specification_curve

CHOICES = {"model": ("a", "b"), "lags": (1, 2, 4), "start": ("1990-01", "2002-02")}


def estimates() -> pd.DataFrame:
    grid = specification_curve.grid(CHOICES)
    return grid.assign(estimate=np.where(grid["model"] == "a", -0.02, 0.01) - 0.001 * grid["lags"])


def test_a_grid_holds_every_combination_once() -> None:
    grid = specification_curve.grid(CHOICES)
    assert len(grid) == 12 and not grid.duplicated().any()
    assert set(grid["lags"]) == {1, 2, 4}


def test_combinations_without_sense_are_left_out() -> None:
    grid = specification_curve.grid(CHOICES, keep=lambda row: not (row["model"] == "b" and row["start"] == "1990-01"))
    assert len(grid) == 9
    with pytest.raises(BadInput, match="no combination"):
        specification_curve.grid(CHOICES, keep=lambda row: False)
    with pytest.raises(BadInput, match="lags: found no option"):
        specification_curve.grid({**CHOICES, "lags": ()})


def test_the_curve_is_ordered_and_keeps_its_choices() -> None:
    curve = specification_curve.curve(estimates())
    assert curve["estimate"].is_monotonic_increasing and curve["place"].tolist() == list(range(1, 13))
    assert curve.iloc[0][["model", "lags"]].tolist() == ["a", 4]


def test_the_summary_by_hand() -> None:
    summary = specification_curve.summary(estimates())
    assert (summary["n"], summary["share_negative"]) == (12, 0.5)
    assert (summary["low"], summary["high"]) == pytest.approx((-0.024, 0.009))
    assert summary["median"] == pytest.approx((-0.021 + 0.006) / 2)
    assert summary["q25"] <= summary["median"] <= summary["q75"]


def test_each_option_gets_its_own_median() -> None:
    table = specification_curve.by_choice(estimates(), list(CHOICES)).set_index(["choice", "option"])
    assert table.loc[("model", "a"), "median"] == pytest.approx(-0.022)
    assert table.loc[("model", "b"), "median"] == pytest.approx(0.008)
    assert table.loc[("lags", "4"), "count"] == 4 and table["count"].sum() == 3 * 12


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (estimates().iloc[:0], "no rows or a missing estimate"),
        (estimates().assign(estimate=np.nan), "no rows or a missing estimate"),
        (pd.concat([estimates(), estimates().head(1)]), "one of them twice"),
    ],
)
def test_curves_that_cannot_be_read_are_refused(frame: pd.DataFrame, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        specification_curve.curve(frame)
