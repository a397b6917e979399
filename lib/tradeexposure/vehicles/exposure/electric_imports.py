"""Imports of new electric cars by month, all origins together, and the days on which China's access changed."""

from __future__ import annotations

import altair as alt
import pandas as pd

from tradeexposure.core.units import MONTHS_IN_YEAR
from tradeexposure.data.periods import Months
from tradeexposure.policy import tariff_index
from tradeexposure.policy.facts import Facts
from tradeexposure.reporting import charts
from tradeexposure.reporting.result_rows import result_rows

EVENTS = {"canada_ev_surtax": "Surtax 100%", "canada_izev_paused": "Federal rebate pauses", "canada_ev_quota":
          "Quota opens"}  # fmt: skip


def spans(series: pd.Series, opened: object) -> dict[str, Months]:
    """Full years, the months of the newest year held and those since `opened` (a day), both beside the year before.

    By how identifiers end.
    """
    last = pd.Timestamp(series.index[-1])
    months_of = pd.DatetimeIndex(series.index).year.value_counts().sort_index()
    full = {f"{year}": Months(pd.Timestamp(year, 1, 1), pd.Timestamp(year, 12, 1))
            for year in months_of[months_of == MONTHS_IN_YEAR].index}  # fmt: skip
    starts = [pd.Timestamp(last.year, 1, 1), pd.Timestamp(str(opened)).to_period("M").to_timestamp()]
    newest = [Months(first, last) for first in starts[: 1 if last.month == MONTHS_IN_YEAR else 2]]
    return full | {months.suffix: months for now in newest for months in (now.back(), now)}


def compared(series: pd.Series, opened: object) -> pd.DataFrame:
    """Imports over :func:`spans`: `suffix`, `words`, `period`, `value_cad`, `change` on a year before where held."""
    rows = []
    for suffix, months in spans(series, opened).items():
        earlier = months.back()
        value, before = (float(series.loc[span.first : span.last].sum()) for span in (months, earlier))
        rows.append({"suffix": suffix, "words": suffix if suffix.isdecimal() else months.words, "value_cad": value,
                     "change": value / before - 1 if earlier.first >= series.index[0] else float("nan"),
                     "period": months.period})  # fmt: skip
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
