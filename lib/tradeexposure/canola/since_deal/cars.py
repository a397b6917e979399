"""Registrations of battery-electric cars by quarter, against the year before and among such changes at other times."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import pandas as pd

from tradeexposure.canola.since_deal import exports, results
from tradeexposure.canola.since_deal.exports import Change
from tradeexposure.core.errors import BadInput
from tradeexposure.core.units import THOUSAND
from tradeexposure.data.periods import Months
from tradeexposure.policy import tariff_index
from tradeexposure.policy.measures import Facts
from tradeexposure.reporting import charts

REGISTRATIONS, FUEL = "vehicle_registrations_canada_quarterly", "battery electric"
QUARTER = 3  # months
EVENTS = {"canada_izev_paused": "Federal rebate pauses", "canada_ev_affordability": "New federal rebate",
          "canada_ev_quota": "Quota opens"}  # fmt: skip


def registered(table: pd.DataFrame) -> pd.Series:
    """Battery-electric cars registered, by first day of the quarter.

    Parameters
    ----------
    table : DataFrame
        ``vehicle_registrations_canada_quarterly``: `quarter`, `fuel`, `registrations`.

    Raises
    ------
    BadInput
        A quarter missing in the middle.
    """
    series = table[table["fuel"] == FUEL].set_index("quarter")["registrations"].sort_index()
    holes = pd.date_range(series.index[0], series.index[-1], freq="QS").difference(pd.DatetimeIndex(series.index))
    if len(holes):
        raise BadInput(REGISTRATIONS, "quarter", found=f"none in {holes[0]:%Y-%m}", allowed="every quarter in a row")
    return series


def newest(quarters: pd.Series) -> list[Months]:
    """The newest quarter of a series by first day of the quarter, and that year up to it."""
    begun = pd.Timestamp(quarters.index[-1])
    last = begun + pd.DateOffset(months=QUARTER - 1)
    return list(dict.fromkeys([Months(begun, last), Months.of_newest_year(pd.Index([last]))]))


def total(quarters: pd.Series, months: Months) -> float:
    """Sum of the quarters of some months."""
    return float(quarters[months.first : months.last].sum())


def on_year(quarters: pd.Series, months: Months) -> Change:
    """:func:`exports.on_earlier_years` of some quarters, on the year before."""
    return exports.on_earlier_years(quarters, months, years=1, before=months.first, every=QUARTER)


def rows(quarters: pd.Series, changes: Mapping[Months, Change]) -> pd.DataFrame:
    """Registrations of some months, their change on the year and its p-value among placebos."""
    stem = "track.bev_registrations"
    parts = [
        frame
        for months, change in changes.items()
        for frame in (
            results.level(total(quarters, months), months, stem=stem),
            results.changes({"change_on_year": change}, months, stem=stem),
        )
    ]
    return pd.concat(parts, ignore_index=True)


def figure(quarters: pd.Series, measures: Facts) -> alt.LayerChart:
    """Registrations by quarter with the days on which federal rebates ended and began and the quota opened."""
    tidy = (quarters / THOUSAND).rename("value").rename_axis("quarter").reset_index()
    drawn = charts.lines(tidy, x="quarter", y="value", y_title="Thousand battery-electric cars a quarter", points=True)
    return charts.with_events(drawn, tariff_index.measure_dates(measures, EVENTS, until=tidy["quarter"].max()))
