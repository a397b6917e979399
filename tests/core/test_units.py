"""A number has one rounding: what is kept of it says in fewer digits what the number itself says."""

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
