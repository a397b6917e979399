"""Sets the numerical environment of tests and notebooks before anything imports numpy."""

from __future__ import annotations

import os
import time

# As `make` does and `tradeexposure.execution`: several BLAS threads change the last digits of an estimate.
os.environ.update(
    OMP_NUM_THREADS="1",
    OPENBLAS_NUM_THREADS="1",
    MKL_NUM_THREADS="1",
    PYTHONHASHSEED="0",
    JUPYTER_PREFER_ENV_PATH="1",
    TZ="UTC",
)
if hasattr(time, "tzset"):
    time.tzset()
