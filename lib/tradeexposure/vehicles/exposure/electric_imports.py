"""Imports of new electric cars by month, all origins together, and the days on which China's access changed."""

from __future__ import annotations

from typing import NamedTuple

import altair as alt
import pandas as pd

from tradeexposure.core.units import MONTHS_IN_YEAR
from tradeexposure.policy import tariff_index
from tradeexposure.policy.facts import Facts
from tradeexposure.reporting import charts
from tradeexposure.reporting.result_rows import result_rows

EVENTS = {"canada_ev_surtax": "Surtax 100%", "canada_izev_paused": "Federal rebate pauses", "canada_ev_quota":
          "Quota opens"}  # fmt: skip


class Span(NamedTuple):
    """Months of a year: how identifiers end, the months in words, the first and the last month."""

    suffix: str
    words: str
    first: pd.Timestamp
    last: pd.Timestamp


def spans(series: pd.Series, opened: object) -> list[Span]:
    """Full years, the months of the newest year held and those since `opened` (a day), both beside the year before."""
    last = pd.Timestamp(series.index[-1])
    months_held = pd.DatetimeIndex(series.index).year.value_counts().sort_index()
    full = [int(year) for year in months_held[months_held == MONTHS_IN_YEAR].index]
    spans = [Span(f"{year}", f"{year}", pd.Timestamp(year, 1, 1), pd.Timestamp(year, 12, 1)) for year in full]
    starts = [pd.Timestamp(last.year, 1, 1), pd.Timestamp(str(opened)).to_period("M").to_timestamp()]
    for first in starts[: 1 if last.month == MONTHS_IN_YEAR else 2]:
        for back in (1, 0):
            begin, end = (day - pd.DateOffset(years=back) for day in (first, last))
            suffix = f"{end.year}_{begin:%b}_{end:%b}".lower()
            spans.append(Span(suffix, f"{begin:%B} to {end:%B %Y}", begin, end))
    return list(dict.fromkeys(spans))


def compared(series: pd.Series, opened: object) -> pd.DataFrame:
    """Imports over :func:`spans`: `suffix`, `words`, `period`, `value_cad`, `change` on a year before where held."""
    rows = []
    for span in spans(series, opened):
        year_before = [day - pd.DateOffset(years=1) for day in span[2:]]
        year_before_held = year_before[0] >= series.index[0]
        value = float(series.loc[span.first : span.last].sum())
        before = float(series.loc[year_before[0] : year_before[1]].sum()) if year_before_held else float("nan")
        rows.append({"suffix": span.suffix, "words": span.words, "value_cad": value, "change": value / before - 1,
                     "period": f"{span.first:%Y-%m} to {span.last:%Y-%m}"})  # fmt: skip
    return pd.DataFrame(rows)


def results(table: pd.DataFrame) -> pd.DataFrame:
    """What the notebook publishes of :func:`compared`."""
    known = table.dropna(subset="change")
    stated = {"period": "{period}", "when": "{words}"}
    parts = [
        result_rows(table, {"ev.electric_car_imports_cad.{suffix}": "value_cad"}, **stated),
        result_rows(known, {"ev.electric_car_imports_change.{suffix}": "change"}, **stated),
    ]
    return pd.concat(parts, ignore_index=True)


def sentence(table: pd.DataFrame) -> str:
    """A text for ``Book.say`` on the last full year and on the months since the quota opened."""
    full = table[table["suffix"].str.len() == len("2024")].iloc[-1]
    last = table.iloc[-1]
    stem = "ev.electric_car_imports_"
    return (
        f"New electric cars worth {{{stem}cad.{full['suffix']}}} were imported in {full['words']} "
        f"({{{stem}change.{full['suffix']}}} on the year before), and {{{stem}cad.{last['suffix']}}} in "
        f"{last['words']} ({{{stem}change.{last['suffix']}}}), from all countries."
    )


def figure(series: pd.Series, measures: Facts) -> alt.LayerChart:
    """Imports by month with the days on which the surtax began, the federal rebate was paused and the quota opened."""
    tidy = (series / 1e6).round(1).rename("value").rename_axis("month").reset_index()
    chart = charts.lines(tidy, x="month", y="value", y_title="C$ million a month, all origins", points=True)
    return charts.with_events(chart, tariff_index.measure_dates(measures, EVENTS, until=tidy["month"].max()))
