"""The plan of the study of the US auto tariff: windows, fits, models, placebo dates, comparisons.

Nothing after 2024-12 has a say in the choice of the headline: it is the model whose placebo effects are smallest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics import placebo, specification_curve
from tradeexposure.econometrics.months import Window, window

FIRST, END_2025 = "2025-04", "2025-12"  # the duty on vehicles began on 2025-04-03, that on parts on 2025-05-03
FITS = ("2024-12", "2025-03")  # before the tariff was in sight, and to the month before it
LAST_CLEAN = "2024-12"
#: Exports to the United States fell to a fourteenth of a year earlier in April 2020 and were back by July.
CLOSED = ("2020-03", "2020-04", "2020-05", "2020-06")
#: Spans that the first set of placebo windows does not touch: the financial crisis and the pandemic.
CRISES = (("2008-01", "2009-12"), ("2020-01", "2020-12"))
MODELS = ("local_level", "arma", "arma_trend", "seasonal_difference", "same_months")
COVARIATES = ("none", "exchange_rate")
STARTS = ("1997-01", "2003-01", "2010-01")
FIRST_FIT = 96  # months before the first placebo: eight years
STEP = 3  # months from one placebo of the headline to the next
WIDE_STEP = 6  # the same for other models and other series
DRAWS, BACKTEST_DRAWS = 2000, 500
MINIMUM_DRAWS = 500
CHOICES: dict[str, tuple[str, ...]] = {"model": MODELS, "fit": FITS, "covariate": COVARIATES, "start": STARTS}
NAMES: Mapping[str, str] = {
    "local_level": "Local level, seasons",
    "arma": "ARMA errors, seasons",
    "arma_trend": "ARMA errors, seasons, trend",
    "seasonal_difference": "Changes over twelve months, AR(1)",
    "same_months": "Same months of the year before",
    "step": "Step in a regression with ARMA errors",
}


@dataclass(frozen=True)
class PathModel:
    """One way to build the path without the tariff.

    Attributes
    ----------
    model : str
        One of :data:`MODELS`.
    covariate : {"none", "exchange_rate"}
    start : str
        First month of the sample.
    """

    model: str = "arma"
    covariate: str = "none"
    start: str = "1997-01"


HEADLINE = PathModel()


def windows(last: pd.Timestamp) -> dict[str, Window]:
    """The windows by identifier: 2025 and to the last month held, each after both fits.

    Raises
    ------
    BadInput
        Data that end before 2025-12.
    """
    if last < pd.Timestamp(END_2025):
        raise BadInput("merchandise_trade_monthly", "month", found=f"{last:%Y-%m} as the last month",
                       allowed=f"{END_2025} or later")  # fmt: skip
    found = {}
    for name, end in (("2025", END_2025), ("to_last_month", f"{last:%Y-%m}")):
        for fit in FITS:
            key = name if fit == FITS[0] else f"{name}.fit_{fit.replace('-', '_')}"
            found[key] = window(key, FIRST, end, fit)
    return found


def check(spec: PathModel) -> None:
    """Refuse a model that does not exist.

    Raises
    ------
    BadInput
        Unknown model or covariate, or a covariate for the repetition of a year.
    """
    for key, allowed in (("model", MODELS), ("covariate", COVARIATES)):
        if getattr(spec, key) not in allowed:
            raise BadInput("auto tariff", key, found=str(getattr(spec, key)), allowed=", ".join(allowed))
    if spec.model == "same_months" and spec.covariate != "none":
        raise BadInput("auto tariff", "covariate", found=spec.covariate, allowed="none with same_months")


def curve_specifications() -> pd.DataFrame:
    """Every combination of :data:`CHOICES`; the repetition of a year has neither covariate nor sample."""

    def kept(row: dict[str, object]) -> bool:
        return row["model"] != "same_months" or (row["covariate"] == "none" and row["start"] == STARTS[0])

    return specification_curve.grid(CHOICES, keep=kept)


def origins(*, ahead: int, start: str, step: int = STEP) -> pd.DatetimeIndex:
    """Last months of placebo fits whose paths of `ahead` months end before the tariff was in sight."""
    first = pd.Timestamp(start) + pd.DateOffset(months=FIRST_FIT)
    found = placebo.starts(first, pd.Timestamp(LAST_CLEAN), length=ahead, step=step)
    return pd.DatetimeIndex(found - pd.DateOffset(months=1))


def in_crisis(found: pd.DatetimeIndex, *, ahead: int, skip: int) -> np.ndarray:
    """Whether the window of each origin, `skip` months after it and up to `ahead`, touches a crisis."""
    begins = pd.DatetimeIndex(found + pd.DateOffset(months=1 + skip))
    hits = [placebo.touches(begins, length=ahead - skip, first=first, last=last) for first, last in CRISES]
    return np.asarray(np.any(hits, axis=0))


def generator(*, draws: int, seed: int) -> np.random.Generator:
    """The source of random numbers.

    Raises
    ------
    BadInput
        Too few draws for two digits of a range, or a negative seed.
    """
    if draws < MINIMUM_DRAWS:
        raise BadInput("draws", found=str(draws), allowed=f"at least {MINIMUM_DRAWS}")
    if seed < 0:
        raise BadInput("seed", found=str(seed), allowed="zero or above")
    return np.random.default_rng(seed)
