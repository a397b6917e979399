"""A number has one rounding and one sign: what is kept, written and said of it agree."""

from __future__ import annotations

import numpy as np

from tradeexposure.core import units


def test_a_digit_more_is_kept_only_where_a_last_five_would_turn_the_words() -> None:
    kept = {
        (354.7e6, 3): 354.7e6,  # 355 would be 360 in two digits
        (355.2e6, 3): 355e6, (714.4e6, 3): 714e6, (-0.03447, 3): -0.03447, (-0.03452, 3): -0.0345,
        (-0.03448, 2): -0.034, (0.0, 3): 0.0, (1 / 3, 6): 0.333333,
        (354.996, 3): 354.996,  # 355.00 turns too
        (56_039.5e6 - 1e-5, 12): 56_039.5e6,  # what adding binary numbers leaves behind
    }  # fmt: skip
    shown = {digits: range(2, 1 + min(digits, 3)) for _, digits in kept}
    assert {(value, digits): units.rounded_once(value, digits, shown=shown[digits]) for value, digits in kept} == kept


def test_words_from_what_is_kept_are_words_from_the_number() -> None:
    drawn = np.random.default_rng(1).lognormal(sigma=5, size=20_000)
    longer = 0
    for value in drawn.tolist():
        kept = units.rounded_once(value, 3, shown=range(2, 4))
        longer += kept != units.significant(value, 3)
        for digits in (2, 3):
            assert units.write(kept, "CAD", digits) == units.write(value, "CAD", digits)
    assert 0.03 < longer / len(drawn) < 0.07  # a last 5 in one of ten, half of them from below


def test_a_range_on_one_side_of_zero_has_a_direction() -> None:
    directions = {
        (1, 2, 3): "rise", (0, 1, 2): "rise", (-3, -2, -1): "fall", (-2, -1, 0): "fall", (-1, 1, 2): "undetermined",
        (-2, -1, 1): "undetermined", (0, 0, 0): "none", (0, 0, 5): "zero_median", (-5, 0, 0): "zero_median",
        (5, 0, 5): "zero_median",
    }  # fmt: skip
    assert {ends: units.direction(ends[1], ends[0], ends[2]) for ends in directions} == directions
    turned = {(low, value, high): units.direction(-value, -high, -low) for low, value, high in directions}
    assert turned == {ends: {"rise": "fall", "fall": "rise"}.get(word, word) for ends, word in directions.items()}


def test_numbers_are_written_with_their_sign_and_unit() -> None:
    texts = {
        (118.9e9, "CAD"): "C$119 bn", (-3e6, "CAD per year"): "−C$3.00 m a year", (999.96e6, "CAD"): "C$1.00 bn",
        (0.0361, "change"): "+3.61%", (-0.0361, "change"): "−3.61%", (0.0, "change"): "0%", (0.848, "rate"): "84.8%",
        (0.02, "points"): "+2.00 points", (-0.02, "points"): "−2.00 points", (3.217, "effective number"): "3.22",
        (5870.0, "kilotonnes"): "5,870 kt", (0.0, "kilotonnes"): "0 kt", (2025.0, "year"): "2025",
    }  # fmt: skip
    assert {(value, unit): units.write(value, unit, 3) for value, unit in texts} == texts
    assert units.write_range(-0.1, 0.2, "change per year", 2) == "−10% to +20% a year"
    assert units.write_range(2e6, 9e6, "CAD", 2) == "C$2.0 m to C$9.0 m"
    assert units.write_range(41_000, 52_300, "CAD per farm", 3) == "C$41,000 to C$52,300 per farm"
    assert units.write_range(-0.064, -0.039, "points", 2) == "−6.4 to −3.9 points"


def test_the_last_digit_has_one_unit() -> None:
    digits = {(354.7e6, 3): 1e6, (-0.03447, 2): 0.001, (7.0, 1): 1, (0, 3): 0}
    assert {case: units.last_digit(*case) for case in digits} == digits
