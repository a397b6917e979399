"""Unit roots, ranks and weak exogeneity: a published result, statsmodels' own numbers, and simulated systems."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.datasets import danish_data

from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.time_series import cointegration

MONTHS = pd.date_range("1990-01", periods=360, freq="MS")


def wanderers(seed: int, *, tied: bool, months: int = 360) -> pd.DataFrame:
    """Three log prices; if `tied`, canola closes a fifth of its gap to a + b each month, a and b do not react."""
    rng = np.random.default_rng(seed)
    world = rng.normal(0, 0.05, (months, 2)).cumsum(axis=0)
    own = np.zeros(months)
    for month in range(1, months):
        pull = -0.2 * (own[month - 1] - world[month - 1].sum()) if tied else 0.0
        own[month] = own[month - 1] + pull + rng.normal(0, 0.05)
    return pd.DataFrame({"canola": own, "a": world[:, 0], "b": world[:, 1]}, index=MONTHS[:months])


def denmark() -> tuple[np.ndarray, np.ndarray]:
    """Money demand of Johansen and Juselius (1990): LRM, LRY, IBO, IDE, 1974Q1 to 1987Q3, and seasonal dummies."""
    frame = danish_data.load_pandas().data
    quarter = pd.DatetimeIndex(frame.index).quarter
    seasons = np.column_stack([(quarter == number) - 0.25 for number in (1, 2, 3)])
    return frame[["lrm", "lry", "ibo", "ide"]].to_numpy(), seasons


def test_the_danish_money_demand_of_johansen_and_juselius_1990() -> None:
    # Published: largest eigenvalue 0.433, trace statistic 49.14, maximum eigenvalue statistic 30.09, one relation
    # LRM = 1.03 LRY - 5.21 IBO + 4.22 IDE + 6.06 (Oxford Bulletin of Economics and Statistics 52, pp. 169-210).
    values, seasons = denmark()
    eigenvalues = cointegration.eigenvalues(values, lags=1, outside=seasons, inside=np.ones((len(values), 1)))
    quarters = len(values) - 2
    assert eigenvalues[0] == pytest.approx(0.433165, abs=1e-6)
    assert -quarters * np.log1p(-eigenvalues[:4]).sum() == pytest.approx(49.14436, abs=1e-4)
    assert -quarters * np.log1p(-eigenvalues[0]) == pytest.approx(30.08745, abs=1e-4)


def test_the_rank_of_a_tied_and_of_an_untied_system() -> None:
    for tied, rank in ((True, 1), (False, 0)):
        grids = [
            cointegration.ranks(
                wanderers(seed, tied=tied), {"both": ("a", "b")}, target="canola", starts=["1990-01"],
                until=MONTHS[-1], lags=(1,), terms=("constant",),
            )
            for seed in range(40)
        ]  # fmt: skip
        ranks = pd.concat(grids)
        assert (ranks["rank_trace"] == rank).mean() >= 0.8
        assert ranks["reach"].mode().item() == ("reduced" if tied else "none")


def test_samples_that_begin_before_a_price_are_left_out() -> None:
    late = wanderers(3, tied=True)
    late.loc[: MONTHS[100], "b"] = np.nan
    sets = {"a": ("a",), "both": ("a", "b")}
    grid = cointegration.ranks(late, sets, target="canola", starts=["1990-01", "2000-01"], until=MONTHS[-1], lags=(1,))
    assert set(zip(grid["variables"], grid["start"], strict=True)) == {
        ("a", "1990-01"), ("a", "2000-01"), ("both", "2000-01"),
    }  # fmt: skip
    with pytest.raises(BadInput, match="some set reaches"):
        cointegration.ranks(
            late, {"both": ("a", "b")}, target="canola", starts=["1990-01"], until=MONTHS[-1], lags=(1,)
        )


def test_the_price_that_adjusts_is_found_and_the_others_are_not() -> None:
    tests = cointegration.weak_exogeneity(wanderers(5, tied=True), lags=1, rank=1).set_index("series")
    assert tests.loc["canola", "p_value"] < 1e-6
    assert tests.loc[["a", "b"], "p_value"].min() > 0.05


@pytest.mark.long
def test_weak_exogeneity_rejects_a_true_hypothesis_about_one_time_in_twenty() -> None:
    p_values = [
        cointegration.weak_exogeneity(wanderers(seed, tied=True), lags=1, rank=1)["p_value"].iloc[1]
        for seed in range(200)
    ]
    assert 0.02 <= np.mean(np.array(p_values) < 0.05) <= 0.10


@pytest.mark.parametrize("rank", [0, 3])
def test_weak_exogeneity_needs_a_reduced_rank(rank: int) -> None:
    with pytest.raises(BadInput, match="allowed: 1 to 2"):
        cointegration.weak_exogeneity(wanderers(5, tied=True), lags=1, rank=rank)


def test_a_broken_mean_is_told_from_a_unit_root() -> None:
    rng = np.random.default_rng(9)
    noise = np.zeros(360)
    for month in range(1, 360):
        noise[month] = 0.5 * noise[month - 1] + rng.normal(0, 0.05)
    panel = pd.DataFrame(
        {"broken": noise + np.where(np.arange(360) >= 180, 1.0, 0.0), "walk": rng.normal(0, 0.05, 360).cumsum()},
        index=MONTHS,
    )
    roots = cointegration.unit_roots(panel, ["broken", "walk"], start="1990-01", until=MONTHS[-1], most_lags=6)
    roots = roots.set_index("series")
    assert roots.loc["broken", "p_break"] < 0.01 < 0.1 < roots.loc["broken", "p_level"]
    assert abs((roots.loc["broken", "break_month"] - MONTHS[180]).days) < 100
    assert roots.loc["walk", "p_break"] > 0.05 and roots["p_change"].max() < 0.01
