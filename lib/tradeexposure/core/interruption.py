"""Ctrl-C and SIGTERM: both end a command by an exception, so that it ends first what it has started."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class _State:
    """Of this process: the signal that was heard, 0 for none."""

    number = 0


@contextmanager
def heard() -> Iterator[None]:
    """Raise ``KeyboardInterrupt`` for Ctrl-C and ``SystemExit`` for SIGTERM; the main thread alone can hear them."""

    def leave(number: int, _: object) -> None:
        _State.number = number
        check()

    before: dict[int, Any] = {}
    try:
        for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGTERM, signal.SIG_DFL)):
            if signal.getsignal(number) is usual:  # a shell may have it ignored, and a caller have one of its own
                before[number] = signal.signal(number, leave)
    except ValueError:
        before.clear()
    try:
        yield
    finally:
        _State.number = 0
        for number, handler in before.items():
            signal.signal(number, handler)


def check() -> None:
    """Raise, if a signal was heard: Python drops an exception that comes in the midst of certain calls."""
    if _State.number:
        raise KeyboardInterrupt if _State.number == signal.SIGINT else SystemExit(128 + _State.number)
