"""Ranks among placebos, the windows they come from, and the break of a share among breaks when nothing happened."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.econometrics.treatment_effects import placebo


def test_a_rank_by_hand() -> None:
    rank = placebo.rank(-0.05, [0.01, -0.02, 0.06, -0.05, 0.03])
    assert rank.p_value == pytest.approx(3 / 6)  # itself, 0.06 and the tie
    assert rank.p_less == pytest.approx(2 / 6) and rank.p_greater == pytest.approx(1.0)
    assert (rank.place, rank.count, rank.floor) == (1, 5, pytest.approx(1 / 6))
    assert rank.spread == pytest.approx(np.sqrt(np.mean(np.square([0.01, 0.02, 0.06, 0.05, 0.03]))))


def test_p_values_are_uniform_when_nothing_happened() -> None:
    rng = np.random.default_rng(1)
    p_values = [placebo.rank(draw[0], draw[1:]).p_value for draw in rng.normal(size=(2000, 20))]
    assert np.mean(np.array(p_values) <= 0.05 + 1e-12) == pytest.approx(0.05, abs=0.015)
    assert np.mean(p_values) == pytest.approx(0.525, abs=0.02)


def test_the_interval_holds_what_the_test_does_not_reject() -> None:
    placebos = pd.Series(np.linspace(-0.9, 1.0, 39))
    low, high = placebo.interval(-1.5, placebos, level=0.95)
    sizes = np.sort(placebos.abs())
    for shift in (0.001, -0.001):
        rejected = (1 + (sizes >= abs(-1.5 - (high + shift))).sum()) / 40 <= 0.05
        assert rejected == (shift > 0)
    assert low == pytest.approx(-3.0 - high)


def test_too_few_placebos_for_the_level_are_refused() -> None:
    with pytest.raises(RunFailed, match="10 placebos"):
        placebo.interval(-1.0, pd.Series(np.linspace(-1, 1, 10)), level=0.95)


@pytest.mark.parametrize(("actual", "others"), [(0.1, []), (0.1, [0.2, np.nan]), (np.nan, [0.2])])
def test_missing_numbers_are_refused(actual: float, others: list[float]) -> None:
    with pytest.raises(BadInput, match="finite numbers"):
        placebo.rank(actual, others)


FIRST, LAST = pd.Timestamp("2000-01-01"), pd.Timestamp("2009-12-01")


def test_windows_end_with_the_last_clean_month() -> None:
    every = placebo.starts(FIRST, LAST, length=12)
    assert every[0] == FIRST and every[-1] == pd.Timestamp("2009-01-01") and len(every) == 109


def test_steps_count_back_from_the_last_window() -> None:
    yearly = placebo.starts(FIRST, LAST, length=12, step=12)
    assert len(yearly) == 10 and yearly[-1] == pd.Timestamp("2009-01-01")


def test_windows_stay_clear_of_an_episode() -> None:
    clear = placebo.starts(FIRST, LAST, length=3, without=[("2004-06", "2005-02")])
    assert pd.Timestamp("2004-03-01") in clear and pd.Timestamp("2004-04-01") not in clear
    assert pd.Timestamp("2005-02-01") not in clear and pd.Timestamp("2005-03-01") in clear


def test_no_window_left_is_refused() -> None:
    with pytest.raises(BadInput, match="24 months or more"):
        placebo.starts(FIRST, FIRST + pd.DateOffset(months=11), length=24)


def test_windows_apart_do_not_share_a_month() -> None:
    every = placebo.starts(FIRST, LAST, length=7)
    some = placebo.apart(every, length=7)
    assert some[-1] == every[-1] and len(some) == 120 // 7
    assert (np.diff(some.to_period("M").astype("int64")) >= 7).all()


def test_touching_a_span_means_sharing_a_month() -> None:
    every = pd.DatetimeIndex(["2006-01-01", "2006-02-01", "2009-12-01", "2010-01-01"])
    touching = placebo.touches(every, length=12, first="2007-01", last="2009-12")
    assert touching.tolist() == [False, True, True, False]


def test_overlapping_placebos_count_as_the_few_that_are_apart() -> None:
    rng = np.random.default_rng(1)
    others = rng.normal(size=60)
    ranked = placebo.overlapping(1.0, others, length=6)
    share = np.mean(np.abs(others) >= 1.0)
    assert ranked.apart == 10
    assert ranked.p_value == pytest.approx((1 + 10 * share) / 11)
    assert ranked.floor == pytest.approx(1 / 11)
    assert placebo.overlapping(99.0, others, length=6).p_value == pytest.approx(ranked.floor)
    assert placebo.overlapping(1.0, others, length=1).p_value == pytest.approx(placebo.rank(1.0, others).p_value)


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
    shift = placebo.share_break(part, whole, **EVENT)
    after, before = (
        part[span].sum() / whole[span].sum() for span in (slice("2025-03", "2026-02"), slice("2024-03", "2025-02"))
    )
    assert shift.estimate == pytest.approx(after - before) == pytest.approx(-0.05, abs=0.004)
    assert shift.after - shift.before == pytest.approx(shift.estimate)
    assert shift.p_value == shift.p_value_one_sided == shift.floor == pytest.approx(1 / (len(shift.placebos) + 1))


@pytest.mark.parametrize("window", [6, 12])
def test_a_fixed_season_changes_nothing(window: int) -> None:
    plain = placebo.share_break(*share_series(shift=-0.02), **EVENT, window=window)
    seasonal = placebo.share_break(*share_series(shift=-0.02, season=0.1), **EVENT, window=window)
    assert seasonal.estimate == pytest.approx(plain.estimate)


def test_without_a_shift_the_p_value_is_spread_out() -> None:
    index = pd.date_range("1997-01", "2026-04", freq="MS")
    total = pd.Series(100.0, index=index)
    generator = np.random.default_rng(11)
    p_values = [
        placebo.share_break(total * (0.75 + generator.normal(0, 0.01, len(index))), total, **EVENT).p_value
        for _ in range(200)
    ]
    assert np.mean(np.array(p_values) <= 0.2) == pytest.approx(0.2, abs=0.07)


def test_no_placebo_window_reaches_into_the_event() -> None:
    shift = placebo.share_break(*share_series(), **EVENT, same_month=False)
    assert shift.placebos.index.max() == pd.Timestamp("2024-01-01")
    assert set(placebo.share_break(*share_series(), **EVENT).placebos.index.month) == {3}


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
        placebo.share_break(*share_series(), **options)
