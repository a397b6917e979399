"""The canola part: a made total whose parts are known is told, and the spread is that of its misses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from tradeexposure import data
from tradeexposure.canola.since_deal import canola_part, exports
from tradeexposure.core.errors import BadInput

WINDOW = exports.window("2026-03", "2026-08")


def made(noise: float) -> pd.DataFrame:
    """Months 2018 to 2025: canola and other grains, and a total of both."""
    rng = np.random.default_rng(2)
    index = pd.date_range("2018-01", "2025-10", freq="MS")
    canola, others = (np.exp(rng.normal(18.5, 0.5, len(index))) for _ in range(2))
    total = 5e7 + 1.2 * canola + 0.8 * others + rng.normal(0, noise, len(index))
    return pd.DataFrame({canola_part.CANOLA: canola, canola_part.OTHERS: others, canola_part.TOTAL: total}, index)


def test_a_known_part_is_told_when_the_others_are_average() -> None:
    rows = made(1.0)
    slopes = smf.ols(canola_part.EQUATION, rows).fit().params
    assert slopes[canola_part.CANOLA] == pytest.approx(1.2, rel=1e-6)
    canola = 3e9
    total = 6 * 5e7 + 1.2 * canola + 0.8 * 6 * rows[canola_part.OTHERS].mean()
    assert canola_part.inferred(rows, slopes, total, 6) == pytest.approx(canola, rel=1e-6)


def test_windows_are_fitted_by_the_notebooks_equation() -> None:
    """By a second route: the library's fit to the months before a window, and to all others."""
    rows = made(2e7)
    slopes = smf.ols(canola_part.EQUATION, rows).fit().params
    part = canola_part.invert(rows, slopes, 4e9, WINDOW, tested=("2021-01", "2025-10"))
    start = pd.Timestamp("2023-05")
    window = rows.loc[start : start + pd.DateOffset(months=5)]
    for way, some in {"before": rows[rows.index < start], "left_out": rows.drop(window.index)}.items():
        own = smf.ols(canola_part.EQUATION, some).fit().params
        row = part.misses[(part.misses["first"] == start) & (part.misses["way"] == way)].iloc[0]
        assert row["told_cad"] == pytest.approx(canola_part.inferred(some, own, window[canola_part.TOTAL].sum(), 6))
        assert row["known_cad"] == pytest.approx(window[canola_part.CANOLA].sum())
    errors = part.misses["told_cad"] - part.misses["known_cad"]
    assert part.spread == pytest.approx(
        max(np.sqrt((errors[part.misses["way"] == way] ** 2).mean()) for way in ("before", "left_out"))
    )
    assert 0 < part.low < part.value - part.spread and part.high < 4e9
    assert part.value - part.low == pytest.approx(part.high - part.value)


def test_the_range_stays_between_nothing_and_the_total() -> None:
    rows = made(3e8)
    slopes = smf.ols(canola_part.EQUATION, rows).fit().params
    part = canola_part.invert(rows, slopes, 1.5e9, WINDOW, tested=("2021-01", "2025-10"))
    assert 0 <= part.low <= part.value <= part.high <= 1.5e9


def test_shipped_months_are_those_with_every_price() -> None:
    total = exports.by_province(data.load("farm_food_exports_monthly"), partner="china")[exports.TOGETHER]
    tables = data.load("grain_exports_monthly"), data.load("farm_prices_monthly"), total
    rows = canola_part.monthly(*tables, others=["wheat", "barley"])
    assert (rows.index[0], rows.index[-1]) == (pd.Timestamp("2018-01"), pd.Timestamp("2025-10"))
    assert rows.notna().all(axis=None)
    with pytest.raises(BadInput, match="rye"):
        canola_part.monthly(*tables, others=["rye"])


def test_so_much_is_told_where_none_went_as_often_as_windows_are_missed_by_as_much() -> None:
    rows = made(3e8)
    slopes = smf.ols(canola_part.EQUATION, rows).fit().params
    part = canola_part.invert(rows, slopes, 4e9, WINDOW, tested=("2021-01", "2025-10"))
    ways = part.misses.assign(miss=(part.misses["told_cad"] - part.misses["known_cad"]).abs()).groupby("way")["miss"]
    shares = [(some >= abs(part.value)).mean() for _, some in ways]
    assert part.rank.p_value == pytest.approx((1 + max(shares) * part.apart) / (1 + part.apart))
    sure = canola_part.invert(made(1.0), slopes, 9e9, WINDOW, tested=("2021-01", "2025-10"))
    assert sure.rank.p_value == sure.rank.floor
