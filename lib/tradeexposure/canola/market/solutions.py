"""Solutions found again by all that they depend on, so that what many kernels ask for is solved once.

A solution is a function of arrays alone: who is given one that is kept has still read all that these are made of. Only
the process that warm kernels are copies of keeps any; where there are none, all is solved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from tradeexposure.core.arrays import content, figures

Outcome = TypeVar("Outcome")


class _State:
    """Of this process."""

    keeping = False
    held: dict[object, Any] = {}  # noqa: RUF012


@contextmanager
def keeping() -> Iterator[None]:
    """Keep every solution that is found while it is open; their arrays can then no longer be written to."""
    _State.keeping = True
    try:
        yield
    finally:
        _State.keeping = False


def of(model: str, parts: tuple[Any, ...], solve: Callable[[], Outcome]) -> Outcome:
    """What `solve` gives, or gave of the same.

    Parameters
    ----------
    model : str
        What is solved, and by which closure.
    parts : tuple of dataclass
        Their :func:`figures` are all that the solution depends on.
    solve : callable
        Gives a dataclass of arrays.
    """
    if not (_State.held or _State.keeping):
        return solve()
    key = model, tuple(content(array) for part in parts for array in figures(part))
    if key in _State.held:
        return _State.held[key]
    found = solve()
    if _State.keeping:
        _State.held[key] = found
        for array in figures(found):
            array.flags.writeable = False
    return found
