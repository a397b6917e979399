"""Forecasts frozen with earlier vintages, beside what came: error, rank, and how often their ranges held.

What came is the figure as it is held now. The rank of an outcome is where it stands in the forecast, taken for a
log-normal one with the median and the width of its range. Forecasts that were reconstructed later are never among them.
"""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import numpy as np
import pandas as pd
from scipy import stats

from tradeexposure.canola.since_deal import figures
from tradeexposure.canola.since_deal.forecasts import ENOUGH, LEVELS, SERIES, MonthlySeries
from tradeexposure.core import units
from tradeexposure.data.frozen_forecasts import CROP_YEAR
from tradeexposure.data.frozen_forecasts import SCORED as STEM
from tradeexposure.reporting.result_rows import named_rows

COLUMNS = ["vintage", "series", "label", "unit", "newest", "target", "horizon", "value", "low", "high", "level", "seen",
           "error", "rank", "inside"]  # fmt: skip
RANGE, SEEN = "Forecast, with its range", "Observed"
TOO_FEW = "too few to tell"


def scored(frozen: pd.DataFrame, values: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Frozen forecasts whose month or crop year is over, each with its outcome.

    Parameters
    ----------
    frozen : DataFrame
        As of :func:`frozen_forecasts.earlier`.
    values : mapping
        Name → series by month, in the unit of its forecasts.

    Returns
    -------
    DataFrame
        :data:`COLUMNS`, in the order of `frozen`: `error` (logarithm of what was seen over the forecast), `rank` (share
        of the forecast below it), `inside` (1 inside the range, else 0); `label` is that of the series.
    """
    series = {known.name: known for known in SERIES if known.name in values}
    rows = frozen[frozen["series"].isin(series)]
    seen = [
        outcome(series[name], values[name], target, horizon)
        for name, target, horizon in rows[["series", "target", "horizon"]].itertuples(index=False)
    ]
    rows = rows.assign(seen=np.array(seen, dtype=float), label=[series[name].label for name in rows["series"]])
    rows = rows[rows["seen"].notna()]
    error = np.log(rows["seen"] / rows["value"])
    deviation = np.log(rows["high"] / rows["low"]) / (2 * stats.norm.ppf((1 + rows["level"]) / 2))
    inside = rows["seen"].between(rows["low"], rows["high"]).astype(int)
    rank = stats.norm.cdf(error / deviation)
    return rows.assign(error=error, rank=rank, inside=inside)[COLUMNS].reset_index(drop=True)


def outcome(series: MonthlySeries, values: pd.Series, target: str, horizon: str) -> float:
    """What came in a month, or in the twelve months of a crop year; NaN where that is not held yet."""
    if horizon != CROP_YEAR:
        return float(values.get(pd.Timestamp(target), np.nan))
    months = values[f"{target[:4]}-08" : f"{int(target[:4]) + 1}-07"].dropna()
    return float(months.mean() if series.mean else months.sum()) if len(months) == units.MONTHS_IN_YEAR else np.nan


def coverage(scores: pd.DataFrame) -> dict[float, float]:
    """Level → share of outcomes inside that range so far; none below :data:`ENOUGH` origins.

    Forecasts of one origin stand or fall together, so that origins are counted and not forecasts.
    """
    if origins(scores) < ENOUGH:
        return {}
    return {level: float(((scores["rank"] - 0.5).abs() <= level / 2).mean()) for level in LEVELS}


def origins(scores: pd.DataFrame) -> int:
    """How many months, at most, a series was forecast from."""
    return int(scores.groupby("series")["newest"].nunique().max()) if len(scores) else 0


def result_frame(frozen: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """How many forecasts are frozen, have an outcome and held; coverage where it can be told."""
    counts = {"held": (frozen["series"] != "").sum(), "with_outcome": len(scores), "inside": scores["inside"].sum()}
    counts |= {f"coverage_{100 * level:.0f}": share for level, share in coverage(scores).items()}
    return named_rows(counts, f"{STEM}.{{name}}")


def sentence(frozen: pd.DataFrame, scores: pd.DataFrame) -> str:
    """What can be said of them, with names of published numbers."""
    if not (frozen["series"] != "").any():
        return "No forecast was frozen with an earlier vintage yet, so that there is none to score."
    if not len(scores):
        return f"Forecasts frozen with earlier vintages: {{{STEM}.held}}. None has an outcome yet."
    text = (f"Forecasts frozen with earlier vintages that have an outcome: {{{STEM}.with_outcome}}; inside their "
            f"range: {{{STEM}.inside}}.")  # fmt: skip
    if not coverage(scores):
        return f"{text} How often ranges hold: {TOO_FEW}."
    return f"{text} Ranges of 80% held {{{STEM}.coverage_80}} of outcomes, those of 90% {{{STEM}.coverage_90}}."


def table(scores: pd.DataFrame) -> pd.DataFrame:
    """Every score as written, newest target first."""
    newest = scores.sort_values(["target", "vintage"], ascending=False, kind="stable")
    return pd.DataFrame([
        {"series": row["label"], "vintage": row["vintage"], "target": row["target"], "ahead": ahead(row["horizon"]),
         "value": units.write(row["value"], row["unit"], 3), "range": figures.span(row, row["unit"]),
         "seen": units.write(row["seen"], row["unit"], 3), "error": row["error"], "rank": row["rank"],
         "inside": "yes" if row["inside"] else "no"}
        for row in newest.to_dict("records")
    ])  # fmt: skip


def ahead(horizon: str) -> str:
    """A horizon as tables and charts name it."""
    return "crop year" if horizon == CROP_YEAR else f"{horizon} ahead"


def beside(scores: pd.DataFrame) -> alt.LayerChart:
    """The newest outcome of every series and horizon over its forecast, less one, beside the forecast's range."""
    last = scores.sort_values(["target", "vintage"], kind="stable").groupby(["label", "horizon"], sort=False).tail(1)
    rows = []
    for row in last.to_dict("records"):
        name = f"{row['target']}, {ahead(row['horizon'])}, {row['label'].split(',')[0]}"  # a long end is cut off
        ends = {end: row[end] / row["value"] - 1 for end in ("low", "high")}
        seen = {"value": row["seen"] / row["value"] - 1, "low": np.nan, "high": np.nan}
        rows += [{"name": name, "group": RANGE, "value": 0.0, **ends}, {"name": name, "group": SEEN, **seen}]
    return figures.points_beside_ranges(rows, title="Over the forecast, less one", groups=(RANGE, SEEN))


TABLE = {
    "columns": {"series": "Series", "vintage": "Vintage", "target": "For", "ahead": "Horizon", "value": "Forecast",
                "range": "Range", "seen": "Observed", "error": "Error (log)", "rank": "Rank", "inside": "Inside"},
    "digits": 2,
}  # fmt: skip
