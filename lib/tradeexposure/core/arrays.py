"""Arrays of numbers, as annotations name them: `Floats` and `Ints`; those of a dataclass; when two are the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradeexposure.core.files import digest

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
#: Metadata of a field that only says where the figures beside it come from.
DOCUMENTS = MappingProxyType({"documents": True})


def figures(part: Any) -> Iterator[np.ndarray]:
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
            yield from figures(value)
        elif value is None or isinstance(value, np.ndarray | float | int):
            yield np.atleast_1d(np.empty(0) if value is None else value)
        elif not each.metadata.get("documents"):
            kind = type(value).__name__
            raise TypeError(f"{type(part).__name__}.{each.name} is of {kind}, not of figures; or name it as DOCUMENTS")


def content(array: np.ndarray) -> tuple[str, tuple[int, ...], tuple[int, ...], str]:
    """What tells an array from others: its figures, and how they lie in memory, which the last bit of a sum shows."""
    return digest(array.tobytes()), array.shape, array.strides, array.dtype.str
