"""What the pictures of the weights draw."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tradeexposure.canola.weights import figures


def test_a_duty_that_ends_trade_is_drawn_as_no_gain() -> None:
    """What is left of a subtraction there differs between processors, and would be read as a number."""
    gains = {"value": [8.2754e8, -1.8e-5], "low": [4.7e8, -4e-4], "high": [1.5e9, np.nan]}
    drawn = figures.duties(pd.DataFrame({"duty": [0.0, 0.848], "with_meal": False, **gains})).data
    assert drawn["value"].tolist() == [827.54, 0.0] and drawn["low"].tolist() == [470.0, 0.0]
    assert not np.signbit(drawn[["value", "low"]].to_numpy()).any()
    assert drawn["high"].isna().tolist() == [False, True]  # what is not there is not none
