"""Arrays of numbers, as annotations name them: `Floats` and `Ints`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
