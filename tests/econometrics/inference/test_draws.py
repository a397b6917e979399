"""Ranges over draws, draws in proportion to weights, and shares of variance of functions whose shares are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tradeexposure.econometrics.inference.draws import first_order, interval, resample, spread

N = 10_000
A, B = 7.0, 0.1


def test_resampling_spaces_draws_evenly() -> None:
    weight = np.array([0.5, 0.25, 0.25, 0.0])
    taken = resample(weight, 8, by=np.array([3.0, 1.0, 2.0, 0.0]))
    assert np.bincount(taken, minlength=4).tolist() == [4, 2, 2, 0]
    assert taken.tolist() == [1, 1, 2, 2, 0, 0, 0, 0]


def test_a_range_is_the_fifth_to_the_ninety_fifth_percentile():
    summary = spread(np.arange(101.0))
    assert (summary.low, summary.value, summary.high, summary.direction) == (*map(pytest.approx, (5, 50, 95)), "rise")
    none = spread(np.array([-1.0, -0.0, -0.0, -0.0]))
    assert (str(none.value), str(none.high)) == ("0.0", "0.0"), "no negative zero"
    for draws in ([], [1.0, np.nan], [1.0, np.inf]):
        with pytest.raises(ValueError, match="finite"):
            spread(np.array(draws))


def test_an_interval_widens_with_its_factor_and_holds_its_point():
    draws = np.arange(101.0)
    assert interval(50.0, draws, level=0.9) == pytest.approx((5, 95))
    assert interval(50.0, draws, level=0.9, factor=2.0) == pytest.approx((-40, 140))
    assert interval(2.0, draws, level=0.9)[0] == 2 and interval(99.0, draws, level=0.9)[1] == 99


def uniform(names: list[str], *, low: float = 0.0, high: float = 1.0, n: int = N) -> pd.DataFrame:
    rng = np.random.default_rng(20260101)
    return pd.DataFrame({name: rng.uniform(low, high, n) for name in names})


def shares(table: pd.DataFrame) -> pd.Series:
    return table.set_index("assumption")["share_of_variance"]


def test_ishigami() -> None:
    """Ishigami and Homma (1990): the shares have closed forms."""
    draws = uniform(["x1", "x2", "x3"], low=-np.pi, high=np.pi)
    output = np.sin(draws["x1"]) + A * np.sin(draws["x2"]) ** 2 + B * draws["x3"] ** 4 * np.sin(draws["x1"])
    first = 0.5 * (1 + B * np.pi**4 / 5) ** 2
    second = A**2 / 8
    total = second + B * np.pi**4 / 5 + B**2 * np.pi**8 / 18 + 0.5
    share = shares(first_order(draws, output))
    assert share["x1"] == pytest.approx(first / total, abs=0.02)
    assert share["x2"] == pytest.approx(second / total, abs=0.02)
    assert share["x3"] == pytest.approx(0.0, abs=0.01)


def test_linear_model_with_a_closure_and_a_constant() -> None:
    draws = uniform(["steep", "flat", "idle"]).assign(fixed=3.0)
    draws["closure"] = np.where(np.arange(N) % 2, "armington", "homogeneous")
    output = 3 * draws["steep"] + draws["flat"] + (draws["closure"] == "homogeneous")
    table = first_order(draws, output)
    variances = pd.Series({"steep": 9 / 12, "flat": 1 / 12, "closure": 1 / 4, "idle": 0.0})
    assert shares(table).to_dict() == pytest.approx((variances / variances.sum()).to_dict(), abs=0.02)
    assert table["assumption"].tolist() == ["steep", "closure", "flat", "idle"]
    ends = table.set_index("assumption")
    assert ends.loc["steep", "output_at_low"] == pytest.approx(0.15 + 1.0, abs=0.05)
    assert ends.loc["steep", "output_at_high"] == pytest.approx(2.85 + 1.0, abs=0.05)
    assert ends.loc["closure", "output_at_high"] - ends.loc["closure", "output_at_low"] == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("n", [50, 200, 1000])
def test_few_draws_of_what_has_no_effect_explain_little(n: int) -> None:
    """The floor of chance is subtracted: raw bins would explain two fifths of the variance of 50 draws."""
    means = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        means.append(first_order(pd.DataFrame({"x": rng.random(n)}), rng.random(n))["share_of_variance"][0])
    assert np.mean(means) < 0.02


def test_the_same_whatever_the_order_and_scale() -> None:
    draws = uniform(["x", "y"], n=2000)
    output = draws["x"] ** 2 + draws["y"]
    indices = first_order(draws, output)
    order = np.random.default_rng(1).permutation(2000)
    again = first_order(draws.iloc[order] * 1e6, 1e9 * output.to_numpy()[order])
    assert shares(again).to_dict() == pytest.approx(shares(indices).to_dict(), rel=1e-9)


def test_an_output_that_nothing_moves() -> None:
    assert shares(first_order(uniform(["x"]), np.ones(N)))["x"] == 0
    assert first_order(pd.DataFrame({"x": np.ones(5)}), np.arange(5.0)).empty


@pytest.mark.parametrize(("output", "message"), [(np.ones(3), "one for each"), (np.full(N, np.nan), "missing")])
def test_outputs_that_cannot_be_ranked(output: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        first_order(uniform(["x"]), output)
