"""Sets the numerical environment of tests and notebooks before anything imports numpy."""

from __future__ import annotations

import os
import time

# Imports neither numpy nor pandas: several BLAS threads would change the last digits of an estimate.
from tradeexposure.execution import ENVIRONMENT

os.environ.update(ENVIRONMENT)
if hasattr(time, "tzset"):
    time.tzset()
