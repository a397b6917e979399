"""Meal's price over soybean meal's when China's duty on it began and when it was suspended.

The tables hold this price from 2024, so that few windows of a kind lie where the duty did not change, and none as long
as the comparison of a year with the year before: that change has no placebo, and none is claimed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tradeexposure.canola.exposure import export_values
from tradeexposure.canola.since_deal import exports, results
from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.time_series.months import Span, count
from tradeexposure.econometrics.treatment_effects import placebo
from tradeexposure.econometrics.treatment_effects.placebo import OverlapRank
from tradeexposure.policy.measures import Facts
from tradeexposure.reporting.result_rows import named_rows

DUTY, SUSPENSION = "china_meal_additional", "china_meal_peas_suspension"
STEM = "track.meal_over_world"
MONTH = pd.DateOffset(months=1)


@dataclass(frozen=True, eq=False)
class Step:
    """Meal's price over soybean meal's in some months, over the same in earlier ones, less one."""

    months: Span
    before: Span
    change: float
    #: Among steps of the same shape in months whose duty did not change; None where no such window is held.
    rank: OverlapRank | None
    placebos: pd.Series  #: Those steps by first month, logs of the ratio.

    @property
    def tested(self) -> OverlapRank | None:
        """The rank where placebos are worth a whole window; with less nothing could ever be told from chance."""
        return self.rank if self.rank and self.rank.apart >= 1 else None


def calm(rows: pd.DataFrame, measures: Facts) -> list[Span]:
    """Spans of whole months that are held and in which China's duty on meal did not change, before the suspension.

    Raises
    ------
    BadInput
        The duty or its suspension is no measure with a first day.
    """
    starts = []
    for name in (DUTY, SUSPENSION):
        measure = measures.find(name)
        if measure is None or measure.effective is None:
            raise BadInput(
                "measures", name, found="no measure of that id with a first day", allowed="one in data/parameters"
            )
        starts.append(pd.Timestamp(measure.effective).to_period("M").to_timestamp())
    began, ended = starts
    first = pd.Timestamp(rows.index[0])
    return [(f"{first:%Y-%m}", f"{began - MONTH:%Y-%m}"), (f"{began + MONTH:%Y-%m}", f"{ended - MONTH:%Y-%m}")]


def steps(rows: pd.DataFrame, spans: Mapping[str, tuple[Span, Span]], calm: Sequence[Span]) -> dict[str, Step]:
    """Every step with its placebos.

    Parameters
    ----------
    rows : DataFrame
        As of :func:`tradeexposure.canola.exposure.export_values.meal_held`.
    spans : mapping
        Name → months, and the earlier months they are set against.
    calm : sequence of pair of str
        From :func:`calm`.
    """
    by_name = {}
    for name, (months, before) in spans.items():
        start, length = pd.Timestamp(before[0]), count(pd.Timestamp(before[0]), pd.Timestamp(months[1]))
        placebos = {}
        for first, last in calm:
            for begun in pd.date_range(first, pd.Timestamp(last) - (length - 1) * MONTH, freq="MS"):
                back = count(begun, start) - 1
                placebos[begun] = _log_ratio(rows, _earlier(months, back), _earlier(before, back))
        actual = _log_ratio(rows, months, before)
        rank = placebo.overlapping(actual, list(placebos.values()), length=length) if placebos else None
        by_name[name] = Step(months, before, float(np.expm1(actual)), rank, pd.Series(placebos, dtype=float))
    return by_name


def _log_ratio(rows: pd.DataFrame, months: Span, before: Span) -> float:
    return float(np.log(export_values.meal_over_world(rows, months) / export_values.meal_over_world(rows, before)))


def _earlier(span: Span, months: int) -> Span:
    first, last = (pd.Timestamp(month) - months * MONTH for month in span)
    return f"{first:%Y-%m}", f"{last:%Y-%m}"


def _words(span: Span) -> str:
    return exports.window(*span).words


def rows_of(steps: Mapping[str, Step]) -> pd.DataFrame:
    """Each step, and its p-value where there is a placebo."""
    parts = []
    for name, step in steps.items():
        key, period = f"{STEM}.{name}", " to ".join(step.months)
        rows = [named_rows({name: step.change}, f"{STEM}.{{name}}")]
        rows += [results.rank_rows(key, step.rank)] if step.rank else []
        months = {"when": _words(step.months), "before": _words(step.before)}
        parts.append(pd.concat(rows, ignore_index=True).assign(period=period, **months))
    return pd.concat(parts, ignore_index=True)


def table(steps: Mapping[str, Step]) -> pd.DataFrame:
    """Every step with what its placebos say; empty where they are not worth one window."""
    return pd.DataFrame([
        {"months": _words(step.months), "before": _words(step.before), "change": step.change,
         "p_value": step.tested.p_value if step.tested else np.nan,
         "floor": step.tested.floor if step.tested else np.nan,
         "apart": step.rank.apart if step.rank else 0.0}
        for step in steps.values()
    ])  # fmt: skip
