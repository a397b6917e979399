"""What cannot be used is one line, in a notebook too; a signal ends a command by an exception."""

from __future__ import annotations

import os
import pickle
import signal

import pytest
from IPython.core.interactiveshell import InteractiveShell

from tradeexposure.core import errors
from tradeexposure.core.errors import BadInput


def test_a_notebook_shows_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    shell = InteractiveShell()
    shell.push({"refused": BadInput("parameters", "draws", found="2000.5", allowed="a whole number")})
    shell.run_cell("raise refused")
    assert capsys.readouterr().out.strip() == "BadInput: parameters: draws: found 2000.5; allowed: a whole number"


@pytest.mark.parametrize(("number", "raised"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, SystemExit)])
def test_a_signal_is_raised_and_once_more_where_it_was_dropped(number: int, raised: type[BaseException]):
    before = signal.getsignal(number)
    with errors.interruptible():
        errors.raise_interruption()
        with pytest.raises(raised):
            os.kill(os.getpid(), number)
        with pytest.raises(raised):
            errors.raise_interruption()
    assert signal.getsignal(number) is before
    errors.raise_interruption()


def test_one_that_is_ignored_stays_so():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with errors.interruptible():
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
            os.kill(os.getpid(), signal.SIGINT)
            errors.raise_interruption()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("deal_2026 ", 'found "deal_2026 "'),
        (" deal_2026", 'found " deal_2026"'),
        ("deal_2026\t", 'found "deal_2026 "'),
        ("deal_2026", "found deal_2026;"),
        ("first\nsecond\n", "found first second;"),
    ],
)
def test_a_blank_that_nobody_sees_stands_in_quotes(key: str, shown: str) -> None:
    assert shown in str(BadInput("scenario", found=key, allowed="deal_2026"))


@pytest.mark.parametrize(
    "error",
    [
        BadInput("parameters", "draws", found="2000.5", allowed="a whole number"),
        errors.RunFailed("a scenario failed"),
        errors.SourceFailed("a publisher", "no file", "try again"),
        errors.NotConverged("canola", draw=3, parameters={"seed_supply": 0.4}, residual=0.1),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_comes_from_a_worker_as_it_was(error: Exception) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))
