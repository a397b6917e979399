"""A number has one rounding and one sign: what is kept, written and said of it agree."""

from __future__ import annotations

import numpy as np
import pytest

from tradeexposure.core import units


@pytest.mark.parametrize(
    ("value", "digits", "kept"),
    [
        (354.7e6, 3, 354.7e6),  # 355 would be 360 in two digits
        (355.2e6, 3, 355e6),
        (714.4e6, 3, 714e6),
        (-0.03447, 3, -0.03447),
        (-0.03452, 3, -0.0345),
        (-0.03448, 2, -0.034),
        (354.996, 3, 354.996),  # 355.00 turns too
        (56_039.5e6 - 1e-5, 12, 56_039.5e6),  # what adding binary numbers leaves behind
        (0.0, 3, 0.0),
        (1 / 3, 6, 0.333333),
    ],
)
def test_a_digit_more_is_kept_only_where_a_last_five_would_turn_the_words(
    value: float, digits: int, kept: float
) -> None:
    assert units.rounded_once(value, digits, shown=range(2, 1 + min(digits, 3))) == kept


def test_words_from_what_is_kept_are_words_from_the_number() -> None:
    drawn = np.random.default_rng(1).lognormal(sigma=5, size=20_000)
    longer = 0
    for value in drawn.tolist():
        kept = units.rounded_once(value, 3, shown=range(2, 4))
        longer += kept != units.significant(value, 3)
        for digits in (2, 3):
            assert units.write(kept, "CAD", digits) == units.write(value, "CAD", digits)
    assert 0.03 < longer / len(drawn) < 0.07  # a last 5 in one of ten, half of them from below


@pytest.mark.parametrize(
    ("low", "value", "high", "said"),
    [
        (1, 2, 3, "rise"), (0, 1, 2, "rise"), (-3, -2, -1, "fall"), (-2, -1, 0, "fall"), (-1, 1, 2, "undetermined"),
        (-2, -1, 1, "undetermined"), (0, 0, 0, "none"), (0, 0, 5, "zero_median"),
        (-5, 0, 0, "zero_median"), (5, 0, 5, "zero_median"),
    ],
)  # fmt: skip
def test_a_range_on_one_side_of_zero_has_a_direction(low: float, value: float, high: float, said: str) -> None:
    assert units.direction(value, low, high) == said
    turned = {"rise": "fall", "fall": "rise"}.get(said, said)
    assert units.direction(-value, -high, -low) == turned


@pytest.mark.parametrize(
    ("value", "unit", "told"),
    [
        (118.9e9, "CAD", "C$119 bn"), (-3e6, "CAD per year", "−C$3.00 m a year"),
        (0.0361, "change", "+3.61%"), (-0.0361, "change", "−3.61%"), (0.0, "change", "0%"),
        (0.02, "points", "+2.00 points"), (-0.02, "points", "−2.00 points"), (0.848, "rate", "84.8%"),
        (5870.0, "kilotonnes", "5,870 kt"), (0.0, "kilotonnes", "0 kt"), (2025.0, "year", "2025"),
        (999.96e6, "CAD", "C$1.00 bn"), (3.217, "effective number", "3.22"),
    ],
)  # fmt: skip
def test_numbers_are_written_with_their_sign_and_unit(value: float, unit: str, told: str) -> None:
    assert units.write(value, unit, 3) == told


def test_a_range_is_written_from_its_low_to_its_high_end() -> None:
    assert units.write_range(-0.1, 0.2, "change per year", 2) == "−10% to +20% a year"
    assert units.write_range(2e6, 9e6, "CAD", 2) == "C$2.0 m to C$9.0 m"
    assert units.write_range(41_000, 52_300, "CAD per farm", 3) == "C$41,000 to C$52,300 per farm"
    assert units.write_range(-0.064, -0.039, "points", 2) == "−6.4 to −3.9 points"


@pytest.mark.parametrize(("value", "digits", "unit"), [(354.7e6, 3, 1e6), (-0.03447, 2, 0.001), (7.0, 1, 1), (0, 3, 0)])
def test_the_last_digit_has_one_unit(value: float, digits: int, unit: float) -> None:
    assert units.last_digit(value, digits) == unit
