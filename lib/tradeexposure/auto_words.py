"""What the chart of exports beside their path shows, in words that follow the figures."""

from __future__ import annotations

import pandas as pd

from tradeexposure.auto_checks import above, outside
from tradeexposure.auto_tariff import Study

NUMBERS = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip
TIMES = ("never", "once", "twice")
LISTED = 2


def band_title(study: Study) -> str:
    """In how many of the months since the fit exports left the band of single months."""
    months, left = len(study.fitted["to_last_month"].path.months), len(outside(study))
    if not left:
        return (
            "Exports to the US stayed in the band of what would have been without the tariff in all "
            f"{_count(months)} months"
        )
    unit = "month" if left == 1 else "months"
    return (
        "Exports to the US left the band of what would have been without the tariff in "
        f"{_count(left)} {unit} of {_count(months)}"
    )


def band_alt(study: Study) -> str:
    """The chart for those who do not see it: on which side of the path exports were, and when outside the band."""
    path = study.fitted["to_last_month"].path
    side = "mostly below" if 2 * len(above(study)) < len(path.months) else "mostly above"
    left = outside(study)
    often = TIMES[len(left)] if len(left) < len(TIMES) else f"{_count(len(left))} times"
    when = "; ".join(f"{pd.Timestamp(month):%B %Y}" for month in left) if 0 < len(left) <= LISTED else ""
    end = f"outside {often} ({when})" if when else f"outside {often}" if left else "never outside"
    return f"Line of monthly exports and, from 2025, their path with two bands: {side}, {end}."


def _count(number: int) -> str:
    return NUMBERS[number] if number < len(NUMBERS) else str(number)
