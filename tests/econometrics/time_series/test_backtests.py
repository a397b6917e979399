"""What backtests say: factors from one half of the windows, and models compared on windows that all have."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.time_series import backtests


def test_the_split_check_takes_its_factor_from_the_first_half_only() -> None:
    starts = pd.date_range("2000-01", periods=100, freq="MS")
    # every gap of the first half is inside 1.5 times its bound, every third of the second half outside it
    ratio = np.where(np.arange(100) < 50, 1.5, np.where(np.arange(100) % 3 == 0, 3.0, 0.5))
    tested = pd.DataFrame({"start": starts, "kind": "mean", "months": 12, "level": 0.95, "ratio": ratio})
    tested.loc[39:49, "ratio"] = 9.0  # windows that reach into the second half have no say
    factor, held = backtests.split_check(tested, months=12, level=0.95)
    second = np.arange(50, 100) % 3 != 0
    assert factor == 1.5 and held == pytest.approx(second.mean())
    with pytest.raises(BadInput, match="two halves"):
        backtests.split_check(tested.head(8), months=12, level=0.95)


def test_spreads_compare_models_on_common_windows() -> None:
    months = pd.date_range("2000-01", periods=4, freq="MS")
    effects = {"wide": pd.Series([0.2, -0.2, 0.2, -0.2], months), "calm": pd.Series([0.1, -0.1], months[2:])}
    found = backtests.spreads(effects)
    assert found["specification"].tolist() == ["calm", "wide"]
    assert found["spread"].tolist() == pytest.approx([0.1, 0.2]) and set(found["windows"]) == {2}
