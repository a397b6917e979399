"""Ranges over draws, and draws taken in proportion to weights."""

from __future__ import annotations

import numpy as np
import pytest

from tradeexposure.econometrics.inference.draws import interval, resample, spread


def test_resampling_spaces_draws_evenly() -> None:
    weight = np.array([0.5, 0.25, 0.25, 0.0])
    taken = resample(weight, 8, by=np.array([3.0, 1.0, 2.0, 0.0]))
    assert np.bincount(taken, minlength=4).tolist() == [4, 2, 2, 0]
    assert taken.tolist() == [1, 1, 2, 2, 0, 0, 0, 0]


def test_a_range_is_the_fifth_to_the_ninety_fifth_percentile():
    found = spread(np.arange(101.0))
    assert (found.low, found.value, found.high, found.direction) == (*map(pytest.approx, (5, 50, 95)), "rise")
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
