"""Ctrl-C and SIGTERM are heard, also where Python drops the exception, and nobody else's handler is taken."""

from __future__ import annotations

import os
import signal

import pytest

from tradeexposure.core import interruption


@pytest.mark.parametrize(("number", "raised"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, SystemExit)])
def test_a_signal_is_raised_and_once_more_where_it_was_dropped(number: int, raised: type[BaseException]):
    before = signal.getsignal(number)
    with interruption.heard():
        interruption.check()
        with pytest.raises(raised):
            os.kill(os.getpid(), number)
        with pytest.raises(raised):
            interruption.check()
    assert signal.getsignal(number) is before
    interruption.check()


def test_one_that_is_ignored_stays_so():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interruption.heard():
            os.kill(os.getpid(), signal.SIGINT)
            interruption.check()
    finally:
        signal.signal(signal.SIGINT, before)
