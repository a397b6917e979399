"""What a study of the US auto tariff is made of: the notebook fills it in, windows and placebo dates follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.inference import specification_curve
from tradeexposure.econometrics.time_series.months import Span, Window, window
from tradeexposure.econometrics.treatment_effects import placebo

MODELS = ("local_level", "arma", "arma_trend", "seasonal_difference", "same_months")
COVARIATES = ("none", "exchange_rate")
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
    """One way to build the path without the tariff."""

    model: str  #: One of :data:`MODELS`.
    covariate: str = "none"  #: {"none", "exchange_rate"}.
    start: str = "1997-01"  #: First month of the sample.
    closed: tuple[str, ...] = ()  #: Months with plants closed, which have dummies of their own.


@dataclass(frozen=True)
class Design:
    """The choices of the study."""

    #: First and last month of the effect of 2025; the longer window runs from the same month to the last one held.
    window: Span
    #: Last month of the fit: before the tariff was in sight, and to the month before it.
    fits: tuple[str, str]
    first_fit: int  #: Months of the sample before the first placebo window.
    last_clean: str  #: Last month that a placebo window may reach.
    crises: tuple[Span, ...]  #: Spans that the first set of placebo windows does not touch.
    headline: PathModel
    #: Months from one placebo of the headline to the next; the same of other models and other series.
    step: int
    wide_step: int
    #: Paths behind the range of an effect, and behind each range that is tested.
    draws: int
    test_draws: int
    #: Of the specification curve, with `fits`.
    models: tuple[str, ...] = MODELS
    covariates: tuple[str, ...] = COVARIATES
    starts: tuple[str, ...] = ("1997-01",)
    #: Exports without the tariff (columns of :func:`tradeexposure.vehicles.us_tariff.study.exports`) that go through
    #: the headline model too, and that the tariff's own are set in relation to.
    comparisons: tuple[str, ...] = ()
    chosen: bool = False  #: Whether a parameter took the place of the declared window.

    @property
    def first_start(self) -> pd.Timestamp:
        """First month that a placebo window of the headline may begin with."""
        return pd.Timestamp(self.headline.start) + pd.DateOffset(months=self.first_fit)

    @property
    def crisis_years(self) -> str:
        """``2008–09 and 2020``."""
        return " and ".join(first[:4] if first[:4] == last[:4] else f"{first[:4]}–{last[2:4]}"
                            for first, last in self.crises)  # fmt: skip

    @property
    def named(self) -> str:
        """What labels add where the window was chosen: its months."""
        return f", {' to '.join(self.window)}" if self.chosen else ""


def windows(design: Design, last: pd.Timestamp) -> dict[str, Window]:
    """The windows by identifier: 2025 and to the last month held, each after both fits.

    Raises
    ------
    BadInput
        Data that end before the window.
    """
    first, end_2025 = design.window
    if last < pd.Timestamp(end_2025):
        raise BadInput("merchandise_trade_monthly", "month", found=f"{last:%Y-%m} as the last month",
                       allowed=f"{end_2025} or later")  # fmt: skip
    by_name = {}
    for name, end in (("2025", end_2025), ("to_last_month", f"{last:%Y-%m}")):
        for fit in design.fits:
            key = name if fit == design.fits[0] else f"{name}.fit_{fit.replace('-', '_')}"
            by_name[key] = window(key, first, end, fit)
    return by_name


def refuse_unknown(spec: PathModel) -> None:
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


def curve_specifications(design: Design) -> pd.DataFrame:
    """Every combination of model, fit, covariate and start; the repetition of a year has neither of the last two."""

    def kept(row: dict[str, object]) -> bool:
        return row["model"] != "same_months" or (row["covariate"] == "none" and row["start"] == design.starts[0])

    choices = {"model": design.models, "fit": design.fits, "covariate": design.covariates, "start": design.starts}
    return specification_curve.grid(choices, keep=kept)


def origins(design: Design, *, ahead: int, step: int) -> pd.DatetimeIndex:
    """Last months of placebo fits whose paths of `ahead` months end before the tariff was in sight."""
    starts = placebo.starts(design.first_start, pd.Timestamp(design.last_clean), length=ahead, step=step)
    return pd.DatetimeIndex(starts - pd.DateOffset(months=1))


def in_crisis(design: Design, origins: pd.DatetimeIndex, *, ahead: int, skip: int) -> np.ndarray:
    """Whether the window of each origin, `skip` months after it and up to `ahead`, touches a crisis."""
    begins = pd.DatetimeIndex(origins + pd.DateOffset(months=1 + skip))
    hits = [placebo.touches(begins, length=ahead - skip, first=first, last=last) for first, last in design.crises]
    return np.asarray(np.any(hits, axis=0))
