"""A change of a share at one date, judged against the same change at dates when nothing happened.

One country is treated once, so no standard error describes the sampling of its break; the placebo
distribution is the only inference (Abadie, Diamond and Hainmueller 2010 argue likewise).

Each contrast of a year spans 24 months, and the year after one placebo date is the year before the next, so
the placebos are not independent: the p-value assumes that the dates are exchangeable.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.treatment_effects.placebo import rank

MONTHS = 12
MINIMUM_PLACEBOS = 10  # fewer put the floor of the p-value above 0.09


@dataclass(frozen=True)
class Break:
    """A change at one date beside the same change at dates when nothing happened."""

    date: pd.Timestamp  #: First month after the event.
    #: The share over the months of the window one year earlier, and from `date`.
    before: float
    after: float
    estimate: float  #: Their difference.
    placebos: pd.Series  #: The statistic by placebo date.
    #: Share of all dates, the event's included, whose change is as large in size (or as far down).
    p_value: float
    p_value_one_sided: float
    floor: float  #: The smallest value that the p-values can take: 1 / (placebos + 1).


def change_on_year(numerator: pd.Series, denominator: pd.Series, *, window: int = MONTHS) -> pd.Series:
    """Share over `window` months from each date minus the share over the same months one year earlier.

    Comparing the same calendar months removes any fixed seasonal pattern. Index: first month of the window.
    """
    ahead = share_ahead(numerator, denominator, window=window)
    return (ahead - ahead.shift(MONTHS)).dropna()


def share_ahead(numerator: pd.Series, denominator: pd.Series, *, window: int = MONTHS) -> pd.Series:
    """Share over the `window` months that start at each date; missing where they reach beyond the last month."""
    return (numerator.rolling(window).sum() / denominator.rolling(window).sum()).shift(1 - window)


def placebo_test(
    numerator: pd.Series,
    denominator: pd.Series,
    *,
    date: str,
    clean_until: str,
    window: int = MONTHS,
    same_month: bool = True,
) -> Break:
    """Placebo test of a change in a share.

    Parameters
    ----------
    numerator, denominator : Series
        CAD by month; their ratio is the share.
    date : str
        First month after the event, such as ``2025-03``.
    clean_until : str
        Last month untouched by the event: no placebo window reaches beyond it.
    window : int
        Months compared.
    same_month : bool
        Placebo dates are the same calendar month of earlier years (neighbouring contrasts share one year of
        months); else every month, which overlap heavily.

    Raises
    ------
    BadInput
        `date` has not `window` months after it and a year before, or fewer than ten placebo dates.
    """
    when, clean = pd.Timestamp(date), pd.Timestamp(clean_until)
    changes = change_on_year(numerator, denominator, window=window)
    if when not in changes.index:
        known = f"a month from {changes.index[0]:%Y-%m} to {changes.index[-1]:%Y-%m}"
        raise BadInput("date", found=date, allowed=known)
    last_start = min(clean, when - pd.DateOffset(months=1)) - pd.DateOffset(months=window - 1)
    placebos = changes[changes.index <= last_start]
    if same_month:
        placebos = placebos[pd.DatetimeIndex(placebos.index).month == when.month]
    if len(placebos) < MINIMUM_PLACEBOS:
        raise BadInput("clean_until", found=f"{len(placebos)} placebo dates", allowed=f"at least {MINIMUM_PLACEBOS}")
    estimate = float(changes[when])
    ranked = rank(estimate, placebos)
    levels = share_ahead(numerator, denominator, window=window)
    return Break(
        date=when,
        before=float(levels[when - pd.DateOffset(months=MONTHS)]),
        after=float(levels[when]),
        estimate=estimate,
        placebos=placebos,
        p_value=ranked.p_value,
        p_value_one_sided=ranked.p_greater if estimate > 0 else ranked.p_less,
        floor=ranked.floor,
    )
