"""Arrays of numbers, as annotations name them: `Floats` and `Ints`; and by what two of them count as the same."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tradeexposure.core.files import digest

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


def content(array: np.ndarray) -> tuple[str, tuple[int, ...], tuple[int, ...], str]:
    """What tells an array from others: its figures, and how they lie in memory, which the last bit of a sum shows."""
    return digest(array.tobytes()), array.shape, array.strides, array.dtype.str
