"""The rush, and the rush less the growth that counterfactuals miss: recovered where both are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.vehicles.demand import results, rush


@pytest.mark.parametrize(("model", "others"), [("level", "BC"), ("trend", "BC"), ("own_trend_season", "")])
def test_a_rush_is_recovered_by_the_model_that_holds(model: str, others: str) -> None:
    """Three provinces that grow alike; registrations of A double in the last quarter."""
    quarters = pd.date_range("2019-01-01", "2022-10-01", freq="QS")
    shares = 0.01 * np.exp(0.1 * np.arange(len(quarters)))
    frame = pd.concat([pd.DataFrame({"geo": geo, "quarter": quarters, "total": 1e5, "share": shares}) for geo in "ABC"])
    frame["share"] *= np.where((frame["geo"] == "A") & (frame["quarter"] == quarters[-1]), 2.0, 1.0)
    frame = frame.assign(registrations=frame["share"] * frame["total"])
    options = {"geo": "A", "others": list(others), "quarter": "2022Q4", "fit": ("2020Q1", "2022Q1")}
    assert rush.unexpected_share(frame, **options, model=model) == pytest.approx(0.5, abs=1e-6)
    with pytest.raises(BadInput, match="found guess"):
        rush.unexpected_share(frame, **options, model="guess")


def made(growth: tuple[float, ...], hurry: float = 1.0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Counterfactuals that miss `growth` (in logs) in every year, and a rush of `hurry` (in logs) on top of it."""
    keys = pd.DataFrame({"model": ["level", "trend"], "others": ["ontario", "none"], "since": ["2021Q1", "2022Q1"]})
    missed = np.array(growth)
    calm = [keys.assign(quarter=quarter, share=-np.expm1(-missed * part))
            for quarter, part in (("2022Q4", 0.5), ("2023Q4", 1.0))]  # fmt: skip
    return keys.assign(share=-np.expm1(-(missed + hurry))), pd.concat(calm, ignore_index=True)


def test_growth_that_is_missed_every_year_falls_out() -> None:
    shares = rush.corrected(*made((0.3, 0.8)))
    assert shares["corrected"].to_numpy() == pytest.approx(-np.expm1(-1.0))
    assert shares["calm"].to_numpy() == pytest.approx(-np.expm1(-np.array([0.3, 0.8])))
    assert shares["corrected_all"].to_numpy() == pytest.approx(-np.expm1(-(1 + np.array([0.3, 0.8]) / 4)))


def test_without_a_rush_nothing_is_left() -> None:
    shares = rush.corrected(*made((0.3, 0.8), hurry=0.0))
    assert shares["corrected"].to_numpy() == pytest.approx(0, abs=1e-12) and shares["share"].min() > 0.25


def test_published_rows_hold_median_and_ends() -> None:
    shares = rush.corrected(*made((0.3, 0.8))).assign(corrected=[-0.5, 0.7])
    rows = results.rush_corrected(shares, hurried="2024Q4").set_index("result_id")
    first = rows.loc["ev.pull_forward_share.qc.2024q4.corrected"]
    assert first[["value", "low", "high"]].tolist() == pytest.approx([0.1, -0.5, 0.7])
    assert "ev.pull_forward_share.qc.2024q4.corrected.calm_mean" in rows.index


def test_other_counterfactuals_are_refused() -> None:
    hurried, calm = made((0.3, 0.8))
    with pytest.raises(RunFailed, match="2022Q4: other counterfactuals"):
        rush.corrected(hurried, calm.assign(model=calm["model"].iloc[::-1].to_numpy()))
