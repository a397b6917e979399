"""Later days: the clock of this process moved, which asks :func:`time.time` for its day."""

from __future__ import annotations

import time
from datetime import date, datetime

import pytest

#: After the first announced end has come, and when nothing is within 90 days; noon, so that it is that day anywhere.
LATER = (date(2027, 1, 15), date(2028, 6, 1))


def move(day: date, patch: pytest.MonkeyPatch) -> None:
    """From now on, it is `day`; clocks that measure how long something takes go on."""
    ahead = datetime(day.year, day.month, day.day, 12).timestamp() - time.time()
    now, parts = time.time, time.gmtime
    patch.setattr(time, "time", lambda: now() + ahead)
    patch.setattr(time, "gmtime", lambda seconds=None: parts(time.time() if seconds is None else seconds))
    assert date.today() == day
