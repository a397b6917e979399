"""Draws taken in proportion to weights."""

from __future__ import annotations

import numpy as np

from tradeexposure.econometrics.draws import resample


def test_resampling_spaces_draws_evenly() -> None:
    weight = np.array([0.5, 0.25, 0.25, 0.0])
    taken = resample(weight, 8, by=np.array([3.0, 1.0, 2.0, 0.0]))
    assert np.bincount(taken, minlength=4).tolist() == [4, 2, 2, 0]
    assert taken.tolist() == [1, 1, 2, 2, 0, 0, 0, 0]
