"""The step after the settlement: by hand, beside other years, and refused where months are missing."""

from __future__ import annotations

import pandas as pd
import pytest

from tradeexposure.canola.trade_effect import after_settlement
from tradeexposure.core.errors import BadInput
from tradeexposure.data.periods import Months

MONTHS = Months(pd.Timestamp("2026-03-01"), pd.Timestamp("2026-04-01"))


def volumes() -> pd.Series:
    """10 kt a month; March and April of 2024 double, of 2025 half. Ends in October 2025, begins in August 2022."""
    series = pd.Series(10.0, pd.date_range("2022-08", "2025-10", freq="MS"))
    series.loc["2024-03":"2024-04"] = 20.0
    series.loc["2025-03":"2025-04"] = 5.0
    return series


def values() -> pd.DataFrame:
    months = pd.date_range("2025-01", "2026-04", freq="MS")
    return pd.concat([
        pd.DataFrame({"month": months, "product": product, "value_cad": 1e6}).assign(
            value_cad=lambda part: part["value_cad"].where(part["month"] < "2026-03-01", 1.5e6))
        for product in ("seed", "oil", "meal")])  # fmt: skip


def test_steps_by_hand() -> None:
    steps = after_settlement.steps(volumes(), values(), MONTHS)
    found = steps.set_index(["basis", "product", "year"])["step"].sort_index()
    assert found[after_settlement.VOLUME, "seed"].to_dict() == {2023: 0.0, 2024: 1.0, 2025: -0.5}
    assert found[after_settlement.VALUE, "oil"].to_dict() == {2025: 0.0, 2026: 0.5}


def test_what_is_usual_and_published() -> None:
    found = after_settlement.steps(volumes(), values(), MONTHS)
    rows = after_settlement.results(found, MONTHS).set_index("result_id")["value"]
    assert rows["canola.exports_step.seed.2026_mar_apr"] == 0.5
    assert rows.filter(like="usual").tolist() == [-0.5, 0.0, 1.0, 3.0]


def test_months_before_must_be_held() -> None:
    short = values().query("month >= '2026-02-01'")
    with pytest.raises(BadInput, match="as many before 2026-03"):
        after_settlement.steps(volumes(), short, MONTHS)
