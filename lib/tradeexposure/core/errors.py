"""The ways a command can end badly."""

from __future__ import annotations

import signal
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tradeexposure.core.text import brief, visible

LONGEST_PLACE = 300  # letters of a file's or a key's name that a message repeats
LONGEST_REASON = 1000  # letters of what a publisher's file was found to be


def _as_told(error: Exception) -> tuple[Any, ...]:
    """How an error is sent from a worker: with its words, since what they were made of may not be asked for again."""
    return type(error).__new__, (type(error), *error.args), error.__dict__


class BadInput(ValueError):
    """Something the user gave cannot be used: exit status 2, nothing written.

    Parameters
    ----------
    where : str
        File (relative to the project) or command-line option.
    key : str
        Key, column, row or cell inside it; empty when the whole file is meant.
    found : str
        The value as typed; in quotes where a blank that nobody sees stands at its end or its beginning.
    allowed : str
        What would be accepted, or what to type next.
    """

    def __init__(self, where: str, key: str = "", *, found: str, allowed: str) -> None:
        place = ": ".join(brief(part, LONGEST_PLACE) for part in (where, key) if part)
        found = f'"{found}"' if found.strip() != found and len(found.splitlines()) == 1 else found
        super().__init__(f"{place}: found {brief(found)}; allowed: {visible(allowed)}")

    __reduce__ = _as_told

    def _render_traceback_(self) -> list[str]:
        """What IPython prints in the place of a traceback: where in the code it was noticed helps nobody."""
        return [f"{type(self).__name__}: {self}"]


class RunFailed(RuntimeError):
    """A run that started could not finish: exit status 1, finished scenarios are kept."""

    __reduce__ = _as_told


class NotConverged(RunFailed):
    """An equilibrium was not found for a draw of the parameters; no number is returned for it.

    Parameters
    ----------
    model : str
        The model.
    draw : int
        Position of the draw, from 0.
    parameters : mapping of str to float
        Values of the draw, to try it alone.
    residual : float
        What is left of the equations, as a share of the base flows.
    """

    def __init__(self, model: str, *, draw: int, parameters: Mapping[str, float], residual: float) -> None:
        self.draw, self.parameters, self.residual = draw, dict(parameters), residual
        values = ", ".join(f"{name}={value:.6g}" for name, value in self.parameters.items())
        super().__init__(f"{model}: draw {draw} has no solution (residual {residual:.1e}): {values}")


class SourceFailed(RunFailed):
    """A publisher's file could not be had or used; the vintage in force is as it was.

    Parameters
    ----------
    source : str
        Publisher and table, as in ``data/sources.yml``.
    what : str
        What happened.
    todo : str
        What to do about it.
    file : Path
        The downloaded file that was refused.
    """

    def __init__(self, source: str, what: str, todo: str, *, file: Path | None = None) -> None:
        self.source, self.what, self.todo, self.file = source, what, todo, file
        super().__init__(" ".join(f"{source}: {brief(what, LONGEST_REASON)}; {todo}".split()))


class _Heard:
    """Of this process: the signal that was heard, 0 for none."""

    number: int = 0


@contextmanager
def interruptible() -> Iterator[None]:
    """Raise ``KeyboardInterrupt`` for Ctrl-C, ``SystemExit`` for SIGTERM, so that a command ends first what it has
    started; the main thread alone can hear them.
    """

    def leave(number: int, _: object) -> None:
        _Heard.number = number
        raise_interruption()

    number: int
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
        _Heard.number = 0
        for number, handler in before.items():
            signal.signal(number, handler)


def raise_interruption() -> None:
    """Raise, if a signal was heard: Python drops an exception that comes in the midst of certain calls."""
    if _Heard.number:
        raise KeyboardInterrupt if _Heard.number == signal.SIGINT else SystemExit(128 + _Heard.number)


def fault(error: Exception) -> str:
    """An error that nobody foresaw, in words: what, and where in the package."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "tradeexposure" in frame.filename]
    place = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return f"a fault of this program{place}: {type(error).__name__}: {brief(str(error)) or 'no message'}"
