"""Arrays of numbers, as annotations name them; those of a dataclass, by draw; when two are the same; as short text.

And solutions found again by all that they depend on, so that a regime which several scenarios share is solved once. A
solution is a function of arrays alone, and its key is their content: who is given one has still read all that these
are made of. Only while :func:`shared` is open is any kept.
"""

from __future__ import annotations

import base64
import math
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from types import MappingProxyType
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from tradeexposure.core.files import digest

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Rows = Ints | slice
Outcome = TypeVar("Outcome")
MOST = 64  # solutions of a model at once, a few megabytes each; what several scenarios are measured against comes often
LARGEST_WHOLE, DECIMALS = 2**20 - 1, 8  # of a packed number: its digits without the point, and where the point may be
#: Metadata of a field that only says where the figures beside it come from.
DOCUMENTS = MappingProxyType({"documents": True})


def of_draws(array: Floats, rows: Rows) -> Floats:
    """Only these draws of an array that ends in the draw; with a slice no figure is copied.

    Each market's draws stay side by side in memory, which an index in brackets does not do.
    """
    return array[..., rows] if isinstance(rows, slice) else array.take(rows, axis=-1)


@dataclass(frozen=True, eq=False)
class Drawn:
    """Arrays that end in the draw, of which one of a single draw stands for all; and what is the same in every draw."""

    def take(self, rows: Rows) -> Self:
        """Only these draws; with a slice no figure is copied."""

        def some(value: Any) -> Any:
            if isinstance(value, Drawn):
                return value.take(rows)
            return of_draws(value, rows) if isinstance(value, np.ndarray) and value.shape[-1] > 1 else value

        return type(self)(**{each.name: some(getattr(self, each.name)) for each in fields(self)})


def numeric_content(part: Any) -> Iterator[np.ndarray]:
    """All that a result made of a dataclass can depend on: its arrays and numbers, in the order of its fields.

    Parameters
    ----------
    part : dataclass
        Fields are arrays, numbers, None, or such dataclasses again; others are :data:`DOCUMENTS`.

    Yields
    ------
    array
        As it is held; a number as (1,), None as an array without elements.

    Raises
    ------
    TypeError
        A field of another kind, which would be left out unseen.
    """
    for each in fields(part):
        value = getattr(part, each.name)
        if is_dataclass(value):
            yield from numeric_content(value)
        elif value is None or isinstance(value, np.ndarray | float | int):
            yield np.atleast_1d(np.empty(0) if value is None else value)
        elif not each.metadata.get("documents"):
            kind = type(value).__name__
            raise TypeError(f"{type(part).__name__}.{each.name} is of {kind}, not of figures; or name it as DOCUMENTS")


def content(array: np.ndarray) -> tuple[str, tuple[int, ...], tuple[int, ...], str]:
    """What tells an array from others: its figures, and how they lie in memory, which the last bit of a sum shows."""
    return digest(np.ascontiguousarray(array).data), array.shape, array.strides, array.dtype.str


class _Kept:
    """What an open scope keeps."""

    def __init__(self) -> None:
        self.solved: Counter[str] = Counter()
        self.solutions: defaultdict[str, OrderedDict[Hashable, tuple[Any, tuple[object, ...]]]]
        self.solutions = defaultdict(OrderedDict)


class _State:
    """Of this process."""

    kept: _Kept | None = None


@contextmanager
def shared() -> Iterator[Counter[str]]:
    """Solve nothing twice while it is open; arrays of solutions can then not be written to.

    One inside another is the same.

    Yields
    ------
    Counter
        How many regimes were solved so far, by model.
    """
    if _State.kept is not None:
        yield _State.kept.solved
        return
    _State.kept = _Kept()
    try:
        yield _State.kept.solved
    finally:
        _State.kept = None


def solution_of(
    model: str, parts: tuple[Any, ...], solve: Callable[[], Outcome], *, same: tuple[object, ...] = ()
) -> Outcome:
    """What `solve` gives, or gave of the same.

    Parameters
    ----------
    model : str
        What is solved.
    parts : tuple of dataclass
        Their :func:`numeric_content`, with `same`, are all that the solution depends on.
    solve : callable
        Gives a dataclass of arrays, or a frame that nobody changes.
    same : tuple
        Objects that must be the very ones: what is never changed and takes long to look through.
    """
    kept = _State.kept
    if kept is None:
        return solve()
    solutions = kept.solutions[model]
    key = tuple(map(id, same)), tuple(content(array) for part in parts for array in numeric_content(part))
    if key not in solutions:
        kept.solved[model] += 1
        solutions[key] = solve(), same
        for figure in vars(solutions[key][0]).values():
            if isinstance(figure, np.ndarray):
                figure.flags.writeable = False
        if len(solutions) > MOST:
            solutions.popitem(last=False)
    solutions.move_to_end(key)
    solution: Outcome = solutions[key][0]
    return solution


def packed(values: Floats) -> dict[str, Any]:
    """Numbers as text that a page's script reads: three bytes each, in base64, and no digit lost of the first six.

    A number is a whole one of 21 bits, over ten to the power of `decimals` and what its last three bits say.

    Raises
    ------
    ValueError
        A number that is not finite.
    """
    if not np.isfinite(values).all():
        raise ValueError("only finite numbers can be packed")
    flat = values.ravel()
    largest = float(np.abs(flat).max(initial=0.0))
    decimals = math.floor(math.log10(LARGEST_WHOLE / largest)) if largest else 0
    whole, more = np.rint(flat * 10.0**decimals), np.zeros(flat.shape)
    for finer in range(1, DECIMALS):
        tried = np.rint(flat * 10.0 ** (decimals + finer))
        better = (whole / 10.0 ** (decimals + more) != flat) & (np.abs(tried) <= LARGEST_WHOLE)
        whole, more = np.where(better, tried, whole), np.where(better, finer, more)
    bits = (whole * DECIMALS + more).astype(">i4").view(np.uint8).reshape(-1, 4)
    return {"decimals": decimals, "numbers": base64.b64encode(bits[:, 1:].tobytes()).decode()}


def unpacked(numbers: str, decimals: int) -> Floats:
    """The numbers of :func:`packed`, flat."""
    text = np.frombuffer(base64.b64decode(numbers), np.uint8).reshape(-1, 3)
    bits = (np.pad(text, ((0, 0), (0, 1))).view(">i4")[:, 0] >> 8).astype(np.intp)
    return np.asarray((bits >> 3) / 10.0 ** (decimals + (bits & 7)))
