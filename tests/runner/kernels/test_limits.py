"""What a cell may take."""

from __future__ import annotations

import os

import pytest

from tradeexposure.core.errors import BadInput
from tradeexposure.runner.kernels.limits import GIGABYTE, USUAL, Limits, resident


def test_a_cell_ends_for_its_time_or_its_memory_and_zero_is_no_limit():
    here = os.getpid()
    least = Limits(10, resident(here) / GIGABYTE / 2)
    assert least.exceeded(10, here).startswith("it takes more than 0.")
    assert least.exceeded(10.1, here) == "not done after 10 s"
    assert not Limits(0, 0).exceeded(1e6, here) and not USUAL.exceeded(1, here)


def test_memory_is_that_of_the_process_and_none_of_one_that_has_ended():
    before, kept = resident(os.getpid()), b"x" * 200_000_000
    assert len(kept) * 0.9 < resident(os.getpid()) - before < len(kept) * 1.5
    assert resident(2**31 - 1) == 0


def test_what_is_typed():
    assert Limits.typed("600", "4") == USUAL == Limits.typed(str(USUAL.seconds), str(USUAL.memory))
    assert Limits.typed("0", "0.5") == Limits(0, 0.5)
    with pytest.raises(BadInput, match=r"--cell-seconds: found 0\.5; allowed: whole seconds"):
        Limits.typed("0.5", "4")
