"""Solutions found again by all that they depend on, so that what many kernels ask for is solved once.

A solution is a function of arrays alone: who is given one that is kept has still read all that these are made of. Only
the process that warm kernels are copies of keeps any; where there are none, all is solved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np

from tradeexposure.core.arrays import content

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
        Their numbers are all that the solution depends on.
    solve : callable
        Gives a dataclass of arrays.
    """
    if not (_State.held or _State.keeping):
        return solve()
    key = model, tuple(map(_numbers, parts))
    if key in _State.held:
        return _State.held[key]
    found = solve()
    if _State.keeping:
        _State.held[key] = found
        for each in fields(found):  # type: ignore[arg-type]
            getattr(found, each.name).flags.writeable = False
    return found


def _numbers(part: Any) -> tuple[object, ...]:
    """What tells the arrays and numbers of a dataclass from those of another."""
    values = [getattr(part, each.name) for each in fields(part)]
    arrays = [np.asarray(value) for value in values if isinstance(value, np.ndarray | float)]
    return tuple(map(content, arrays))
