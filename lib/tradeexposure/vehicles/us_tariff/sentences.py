"""The title of the chart of exports beside their path, and its text for those who do not see it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tradeexposure.core.text import in_words
from tradeexposure.econometrics.inference.draws import CONFIDENCE
from tradeexposure.vehicles.us_tariff.study import Study

TIMES = ("never", "once", "twice")
LISTED = 2  # months outside the band that are named


def outside(study: Study) -> list[str]:
    """Months after the fit in which exports left the band of single months of 95%."""
    path = study.fitted["to_last_month"].path
    low, high = np.quantile(path.draws, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], axis=0)
    return [f"{month:%Y-%m}" for month in path.months[(path.actual < low) | (path.actual > high)]]


def above(study: Study) -> list[str]:
    """Months after the fit in which exports stood above the path."""
    path = study.fitted["to_last_month"].path
    return [f"{month:%Y-%m}" for month in path.months[path.actual > path.central]]


def band_title(study: Study) -> str:
    """In how many of the months since the fit, the first of them named, exports left the band of single months."""
    path = study.fitted["to_last_month"].path
    months, left = len(path.months), len(outside(study))
    since, band = f"since {path.months[0]:%B %Y}", f"the {CONFIDENCE:.0%} band"
    if not left:
        return f"Exports to the US stayed in {band} in all {in_words(months)} months {since}"
    unit = "month" if left == 1 else "months"
    return f"Exports to the US left {band} in {in_words(left)} {unit} of {in_words(months)} {since}"


def band_alt(study: Study) -> str:
    """The chart for those who do not see it: on which side of the path exports were, and when outside the band."""
    path = study.fitted["to_last_month"].path
    side = "mostly below" if 2 * len(above(study)) < len(path.months) else "mostly above"
    left = outside(study)
    often = TIMES[len(left)] if len(left) < len(TIMES) else f"{in_words(len(left))} times"
    when = "; ".join(f"{pd.Timestamp(month):%B %Y}" for month in left) if 0 < len(left) <= LISTED else ""
    end = f"outside {often} ({when})" if when else f"outside {often}" if left else "never outside"
    return f"Line of monthly exports and, from 2025, their path with two bands: {side}, {end}."
