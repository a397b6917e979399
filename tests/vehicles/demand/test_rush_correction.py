"""The rush less the growth that counterfactuals miss: recovered where the growth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tradeexposure.core.errors import RunFailed
from tradeexposure.vehicles.demand import rush_correction


def made(growth: tuple[float, ...], rush: float = 1.0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Counterfactuals that miss `growth` (in logs) in every year, and a rush of `rush` (in logs) on top of it."""
    keys = pd.DataFrame({"model": ["level", "trend"], "others": ["ontario", "none"], "since": ["2021Q1", "2022Q1"]})
    missed = np.array(growth)
    calm = [keys.assign(quarter=quarter, share=-np.expm1(-missed * part))
            for quarter, part in (("2022Q4", 0.5), ("2023Q4", 1.0))]  # fmt: skip
    return keys.assign(share=-np.expm1(-(missed + rush))), pd.concat(calm, ignore_index=True)


def test_growth_that_is_missed_every_year_falls_out() -> None:
    found = rush_correction.corrected(*made((0.3, 0.8)))
    assert found["corrected"].to_numpy() == pytest.approx(-np.expm1(-1.0))
    assert found["calm"].to_numpy() == pytest.approx(-np.expm1(-np.array([0.3, 0.8])))
    assert found["corrected_all"].to_numpy() == pytest.approx(-np.expm1(-(1 + np.array([0.3, 0.8]) / 4)))


def test_without_a_rush_nothing_is_left() -> None:
    found = rush_correction.corrected(*made((0.3, 0.8), rush=0.0))
    assert found["corrected"].to_numpy() == pytest.approx(0, abs=1e-12) and found["share"].min() > 0.25


def test_published_rows_hold_median_and_ends() -> None:
    found = rush_correction.corrected(*made((0.3, 0.8))).assign(corrected=[-0.5, 0.7])
    rows = rush_correction.results(found, hurried="2024Q4").set_index("result_id")
    first = rows.loc["ev.pull_forward_share.qc.2024q4.corrected"]
    assert first[["value", "low", "high"]].tolist() == pytest.approx([0.1, -0.5, 0.7])
    assert "ev.pull_forward_share.qc.2024q4.corrected.calm_mean" in rows.index


def test_other_counterfactuals_are_refused() -> None:
    rush, calm = made((0.3, 0.8))
    with pytest.raises(RunFailed, match="2022Q4: other counterfactuals"):
        rush_correction.corrected(rush, calm.assign(model=calm["model"].iloc[::-1].to_numpy()))
