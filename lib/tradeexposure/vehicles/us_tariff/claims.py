"""What is said in words about the US auto tariff, held against its numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tradeexposure.econometrics.draws import CONFIDENCE
from tradeexposure.reporting.claims import false_among
from tradeexposure.vehicles.us_tariff.plan import HEADLINE
from tradeexposure.vehicles.us_tariff.study import Study

LARGE = 0.05  # p-values above it show no effect
NUMBERS = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip
TIMES = ("never", "once", "twice")
LISTED = 2


def outside(study: Study, *, window: str = "to_last_month", level: float = CONFIDENCE) -> list[str]:
    """Months after the fit in which exports left the band of single months of `level`."""
    path = study.fitted[window].path
    low, high = np.quantile(path.draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return [f"{month:%Y-%m}" for month in path.months[(path.actual < low) | (path.actual > high)]]


def above(study: Study, *, window: str = "to_last_month") -> list[str]:
    """Months after the fit in which exports stood above the path."""
    path = study.fitted[window].path
    return [f"{month:%Y-%m}" for month in path.months[path.actual > path.central]]


def band_title(study: Study) -> str:
    """In how many of the months since the fit, the first of them named, exports left the band of single months."""
    path = study.fitted["to_last_month"].path
    months, left = len(path.months), len(outside(study))
    since = f"Since {path.months[0]:%B %Y} exports to the US"
    band = f"the {CONFIDENCE:.0%} band of the path without the tariff"
    if not left:
        return f"{since} stayed in {band} in all {_count(months)} months"
    unit = "month" if left == 1 else "months"
    return f"{since} left {band} in {_count(left)} {unit} of {_count(months)}"


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


def false_claims(study: Study) -> list[str]:
    """The claims in words that the numbers do not bear out; empty if all hold."""
    ranks, fitted = study.ranks, study.fitted.values()
    control = study.comparisons.set_index("series")
    change = control["change"].astype(float)
    estimates = study.curve.groupby("window")["estimate"]
    by_fit = study.curve.groupby(["window", "fit"])["estimate"].median().unstack()
    claims = {
        "no rank is below 5%": (ranks["p_value"] > LARGE).all(),
        "the ranks could have been below 5%": (ranks.loc[ranks["placebos"] != "apart", "floor"] < LARGE).all(),
        "every range holds zero": all(one.change[0] < 0 < one.change[1] for one in fitted),
        "every shortfall range holds zero": all(one.shortfall_cad[0] < 0 < one.shortfall_cad[1] for one in fitted),
        "every specification shows a fall": (estimates.max() < 0).all(),
        "the fit to 2025-03 gives larger falls": (by_fit["2025-03"] < by_fit["2024-12"]).all(),
        "the headline has the smallest placebo effects": study.spreads["model"].iloc[0] == HEADLINE.model,
        "the other goods to the US fell further": change["us_other_goods"] < study.fitted["2025"].effect.change,
        "relative to them vehicles did not fall": change["us_autos_to_us_other_goods"] > 0,
        "vehicles to other countries stood above their path": change["other_autos"] > 0,
        "over the longer window too": study.fitted["to_last_month"].effect.change < study.fitted["2025"].effect.change,
        "no comparison stands out": (control["p_value"] > LARGE).all(),
        "crises break the ranges": study.coverage.groupby("placebos")["coverage"].max()["all"] < 0.9,
    }
    return false_among(claims)
