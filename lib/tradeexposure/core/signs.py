"""What a range says of the sign of a change: the one vocabulary of every sentence, title and claim."""

from __future__ import annotations

from typing import Literal

Direction = Literal["rise", "fall", "open", "rarely", "none"]


def direction(value: float, low: float, high: float) -> Direction:
    """``rise`` or ``fall`` where the whole range has one sign, ``open`` where it holds zero.

    ``none`` where nothing moves at all, ``rarely`` where the value is zero and an end is not: nothing moves in the
    median draw.
    """
    if value == 0:
        return "none" if low == high == 0 else "rarely"
    if low >= 0 and value > 0:
        return "rise"
    return "fall" if high <= 0 and value < 0 else "open"
