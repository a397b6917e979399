"""The placebo test: it recovers a shift, ignores seasons, and stays calm when nothing happened."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tradeexposure import data
from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.treatment_effects import share_breaks
from tradeexposure.trade import flows

EVENT = {"date": "2025-03", "clean_until": "2024-12"}


def share_series(*, shift: float = 0.0, season: float = 0.0, noise: float = 0.003) -> tuple[pd.Series, pd.Series]:
    """A share near three quarters of a constant total, moved by `shift` from March 2025."""
    index = pd.date_range("1997-01", "2026-04", freq="MS")
    wobble = np.random.default_rng(3).normal(0, noise, len(index))
    share = 0.75 + wobble + season * np.cos(index.month / 12 * 2 * np.pi) + shift * (index >= "2025-03")
    total = pd.Series(100.0, index=index)
    return total * share, total


def test_a_known_shift_is_recovered_and_reaches_the_floor() -> None:
    part, whole = share_series(shift=-0.05)
    found = share_breaks.placebo_test(part, whole, **EVENT)
    after, before = (
        part[span].sum() / whole[span].sum() for span in (slice("2025-03", "2026-02"), slice("2024-03", "2025-02"))
    )
    assert found.estimate == pytest.approx(after - before) == pytest.approx(-0.05, abs=0.004)
    assert found.after - found.before == pytest.approx(found.estimate)
    assert found.p_value == found.p_value_one_sided == found.floor == pytest.approx(1 / (len(found.placebos) + 1))


@pytest.mark.parametrize("window", [6, 12])
def test_a_fixed_season_changes_nothing(window: int) -> None:
    plain = share_breaks.placebo_test(*share_series(shift=-0.02), **EVENT, window=window)
    seasonal = share_breaks.placebo_test(*share_series(shift=-0.02, season=0.1), **EVENT, window=window)
    assert seasonal.estimate == pytest.approx(plain.estimate)


def test_without_a_shift_the_p_value_is_spread_out() -> None:
    index = pd.date_range("1997-01", "2026-04", freq="MS")
    total = pd.Series(100.0, index=index)
    generator = np.random.default_rng(11)
    found = [
        share_breaks.placebo_test(total * (0.75 + generator.normal(0, 0.01, len(index))), total, **EVENT).p_value
        for _ in range(200)
    ]
    assert np.mean(np.array(found) <= 0.2) == pytest.approx(0.2, abs=0.07)


def test_no_placebo_window_reaches_into_the_event() -> None:
    found = share_breaks.placebo_test(*share_series(), **EVENT, same_month=False)
    assert found.placebos.index.max() == pd.Timestamp("2024-01-01")
    assert set(share_breaks.placebo_test(*share_series(), **EVENT).placebos.index.month) == {3}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"date": "2026-01", "clean_until": "2024-12"}, "2026-01"),
        ({"date": "1990-01", "clean_until": "2024-12"}, "1990-01"),
        ({"date": "2025-03", "clean_until": "2001-12"}, "placebo dates"),
    ],
)
def test_a_date_that_cannot_be_tested_is_refused(options: dict[str, str], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        share_breaks.placebo_test(*share_series(), **options)


def test_every_specification_is_listed_once() -> None:
    monthly = flows.flows(data.load("merchandise_trade_monthly"))
    found = flows.break_variants(monthly, **EVENT)
    assert not found.duplicated(["metals", "window_months", "placebo_dates"]).any() and len(found) == 8
    assert (found["p_value"] >= found["floor"]).all()
