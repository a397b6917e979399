"""What the canola volume notebook says in words, held against its numbers."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from tradeexposure.canola.trade_effect.shortfall import CRUSH, VolumePaths, path_table, where_it_went
from tradeexposure.core.provinces import CHINA
from tradeexposure.reporting.claims import false_among

LARGE = 0.05  # p-values above it show no effect
BAND = 0.8  # of single months in the fan


def largest_rises(found: Mapping[str, VolumePaths]) -> set[str]:
    """The destinations that rose most above their path in the episodes of `found`, medians compared."""
    frames = [where_it_went(one, level=BAND).set_index("name")["value"] for one in found.values()]
    return {str(frame.drop([CHINA, CRUSH]).idxmax()) for frame in frames}


def months_not_below(found: VolumePaths, *, level: float = BAND) -> list[str]:
    """Months in which China bought no less than the lower edge of the band of `level`."""
    table = path_table(found, level=level)
    return [f"{month:%Y-%m}" for month in table.loc[table["actual_kt"] >= table["low"], "month"]]


def false_claims(rows: pd.DataFrame, *, path: VolumePaths, markets: Mapping[str, VolumePaths]) -> list[str]:
    """The claims in words that the published numbers do not bear out; empty if all hold.

    Parameters
    ----------
    rows : DataFrame
        Published numbers (``Book.frame``).
    path : VolumePaths
        Of the first year of the suspensions.
    markets : mapping of str to VolumePaths
        Every market's paths, by episode.
    """
    table = rows.set_index("result_id")
    value, low, high = (table[name].astype(float) for name in ("value", "low", "high"))
    shortfall, effect, case = "canola.shortfall_kt", "canola.trade_effect", "canola.frontloading_kt.2024-08.placebo"
    of_2025 = [f"{shortfall}.{key}" for key in ("2025", "2025_before_seed", "2025.long_baseline", "2025.uncapped")]
    of_2019 = [f"{effect}.2019{name}.p_" for name in ("", ".full_diversion")]
    doubtful = [f"{effect}.2025{key}{name}.p_value" for key in ("", "_before_seed") for name in ("", ".full_diversion")]
    claims = {
        "the shortfall of 2019 is above zero, with caps and without":
            min(low[f"{shortfall}.2019"], low[f"{shortfall}.2019.uncapped"]) > 0,
        "caps do not bind in 2019": value[f"{shortfall}.2019"] == value[f"{shortfall}.2019.uncapped"],
        "every range of the shortfall of 2025 holds zero": (low[of_2025] < 0).all() and (high[of_2025] > 0).all(),
        "no cell fell as far in 2019": all(value[f"{name}value"] == value[f"{name}floor"] for name in of_2019),
        "no effect is shown for 2025": (value[doubtful] > LARGE).all(),
        "most specifications lie between two thirds and four fifths":
            value["canola.trade_spec_curve.2019.share_middle"] > 0.5,
        "the surge of 2024 began in August": min(value[case], value[f"{case}_long_baseline"]) > 0,
        "paths hold most placebo cells": value[["canola.path_coverage.2019", "canola.path_coverage.2025"]].min() > 0.9,
        "all months of 2019 but August lie below their band": months_not_below(path) == ["2019-08"],
        "Europe shows the largest rise": largest_rises(markets) == {"European Union"},
    }  # fmt: skip
    return false_among(claims)
