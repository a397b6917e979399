"""How much of the Prairies' farm and food exports to China was canola, when only the total is published.

While seed by destination was published, the total moved with the value of canola and of other grains. Turned round,
that regression tells canola from a later total, with the other grains unknown. Its spread is how far it misses windows
whose canola is known; the residual of the regression itself, which knows the other grains, is far smaller and not used.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from tradeexposure.canola.exposure import grain_exports
from tradeexposure.core.errors import BadInput
from tradeexposure.core.units import THOUSAND
from tradeexposure.data.geography import PRAIRIES
from tradeexposure.data.periods import Months
from tradeexposure.econometrics.inference.draws import LEVEL
from tradeexposure.econometrics.time_series.months import count
from tradeexposure.econometrics.treatment_effects import placebo
from tradeexposure.econometrics.treatment_effects.placebo import OverlapRank

CANOLA, OTHERS, TOTAL = "canola_cad", "others_cad", "total_cad"
EQUATION = f"{TOTAL} ~ {CANOLA} + {OTHERS}"


@dataclass(frozen=True, eq=False)
class Inversion:
    """The canola part of some months."""

    #: CAD; `low` is not below nothing, nor `high` above the total.
    value: float
    low: float
    high: float
    #: Windows whose canola is known: first month, how they were told (`before`, `left_out`), `told_cad`, `known_cad`.
    misses: pd.DataFrame
    spread: float  #: Root mean square of what they miss, CAD, the larger of both ways.
    apart: float  #: How many windows that share no month they are worth.
    #: The value among those misses, by the way that misses it more often: could it be told where no canola went?
    rank: OverlapRank


def monthly(grains: pd.DataFrame, farm_prices: pd.DataFrame, totals: pd.Series, *, others: list[str]) -> pd.DataFrame:
    """Volumes to China at farm prices, mean of a month and the one before, beside the total exported.

    Parameters
    ----------
    grains, farm_prices : DataFrame
        ``grain_exports_monthly``, ``farm_prices_monthly``.
    totals : Series
        CAD by month.
    others : list of str
        Grains beside canola.

    Returns
    -------
    DataFrame
        Index month; :data:`CANOLA`, :data:`OTHERS`, :data:`TOTAL`, CAD; months in which every price is held.
    """
    value = {}
    for grain in ("canola", *others):
        volume = grain_exports.monthly_exports(grains, grain=grain).query("destination == 'China'").set_index("month")
        rows = farm_prices[(farm_prices["crop"] == grain) & farm_prices["province"].isin(PRAIRIES)]
        if rows.empty:
            allowed = ", ".join(sorted(farm_prices["crop"].unique()))
            raise BadInput("farm_prices_monthly", "crop", found=grain, allowed=allowed)
        value[grain] = volume["volume_kt"] * THOUSAND * rows.groupby("month")["price_cad_per_tonne"].mean()
    frame = pd.DataFrame(value).asfreq("MS")
    smooth = (frame + frame.shift(1)) / 2
    both = pd.DataFrame({CANOLA: smooth["canola"], OTHERS: smooth[others].sum(axis=1, skipna=False)})
    return both.assign(**{TOTAL: totals}).dropna()


def inferred(rows: pd.DataFrame, slopes: pd.Series, total: float, length: int) -> float:
    """Canola in a total of `length` months, the other grains being what they are on average in `rows`; CAD.

    `slopes`: coefficients of :data:`EQUATION` by name.
    """
    rest = length * (slopes["Intercept"] + slopes[OTHERS] * rows[OTHERS].mean())
    return float((total - rest) / slopes[CANOLA])


def invert(
    rows: pd.DataFrame, slopes: pd.Series, total: float, months: Months, *, tested: tuple[str, str]
) -> Inversion:
    """The canola part of `total`, exports of `months`; windows that lie in the span `tested` say how surely.

    Parameters
    ----------
    rows : DataFrame
        :func:`monthly`.
    slopes : Series
        The notebook's own fit of :data:`EQUATION` to `rows`; windows fit it anew to their months.
    """
    length = count(months.first, months.last)
    starts = pd.date_range(tested[0], pd.Timestamp(tested[1]) - pd.DateOffset(months=length - 1), freq="MS")
    records = []
    for start in starts:
        window = rows.loc[start : start + pd.DateOffset(months=length - 1)]
        if len(window) < length:
            continue
        ways = {"before": rows[rows.index < start], "left_out": rows.drop(window.index)}
        seen, known = float(window[TOTAL].sum()), float(window[CANOLA].sum())
        for way, some in ways.items():
            design = np.column_stack([np.ones(len(some)), some[[CANOLA, OTHERS]]])
            values, *_ = np.linalg.lstsq(design, some[TOTAL].to_numpy(), rcond=None)
            fit = pd.Series(values, ["Intercept", CANOLA, OTHERS])  # those of EQUATION
            records.append(
                {"first": start, "way": way, "told_cad": inferred(some, fit, seen, length), "known_cad": known}
            )
    misses = pd.DataFrame(records)
    missed = misses["told_cad"] - misses["known_cad"]
    spread = float(np.sqrt((missed**2).groupby(misses["way"]).mean().max()))
    apart = misses["first"].nunique() / length
    reach = stats.t.ppf((1 + LEVEL) / 2, apart) * spread
    value = inferred(rows, slopes, total, length)
    ranks = [placebo.overlapping(value, some, length=length) for _, some in missed.groupby(misses["way"])]
    rank = max(ranks, key=lambda candidate: candidate.p_value)
    return Inversion(value, max(value - reach, 0.0), min(value + reach, total), misses, spread, apart, rank)
