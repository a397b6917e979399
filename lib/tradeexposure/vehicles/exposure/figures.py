"""Charts and table headings of the EV exposure notebook."""

from __future__ import annotations

import altair as alt
import pandas as pd

from tradeexposure.core.units import MILLION
from tradeexposure.data.geography import CANADA
from tradeexposure.policy import tariff_index
from tradeexposure.policy.measures import Facts
from tradeexposure.reporting import chart_encodings as enc
from tradeexposure.reporting import charts
from tradeexposure.vehicles.exposure.stakeholder_matrix import CAPITAL, flows
from tradeexposure.vehicles.registrations import BATTERY, PROVINCES, TERRITORIES, zev_share

LARGEST = ("Quebec", "Ontario", "British Columbia")
REST = "Smaller five, territories"
GAP = "Alberta, Newfoundland"  # not published by province: national count less the rest
PLACE_COLOURS = {REST: "#a67c00", GAP: "#8b9097", CANADA: "#23272e"}
STATE_COLOURS = {"going on": "#027660", "paused": "#b8860b", "cancelled": "#b10128", "not confirmed": "#8b9097"}
DIRECTION_COLOURS = {"loses": "#b10128", "gains": "#027660", "both ways": "#8b9097"}
GOOD_COLOURS = {
    "Passenger vehicles": "#160c34", "Vehicle parts": "#0e8fce", "Canola oil, crude": "#c2570c",
    "Canola oil, refined": "#147230", "Canola meal": "#8b9097",
}  # fmt: skip

EVENTS = {"canada_ev_surtax": "Surtax {rate}", "canada_izev_paused": "Federal rebate pauses", "canada_ev_quota":
          "Quota opens"}  # fmt: skip
MIDDLE = "-07"  # of a year, where a state is dated to a year only

_RATES = dict.fromkeys(["rate", "low", "high"], "rate")
#: How each table is shown: heading per column, and the unit its cells are written in.
TABLES: dict[str, dict[str, dict[str, str]]] = {
    "gap": {
        "columns": {
            "year": "Year", "quarters": "Quarters", "canada": "Canada", "provinces": "Eight provinces",
            "territories": "Territories", "not_published": "Alberta and Newfoundland, not published",
            "share": "Their share",
        },
        "written": {"share": "share"},
    },
    "dependence": {
        "columns": {"measure": "Measured by", "period": "Period", "share": "China-built", "trust": "Trust"},
        "written": {"share": "share"},
    },
    "headings": {
        "columns": {
            "heading": "Heading", "name": "Goods", "value_cad": "2024", "cusma_2024": "Claimed 2024",
            "cusma_2025_12": "Claimed Dec 2025", "paid_unclaimed": "Duty on the rest",
        },
        "written": {"value_cad": "CAD", "cusma_2024": "share", "cusma_2025_12": "share", "paid_unclaimed": "rate"},
    },
    "exposure": {
        "columns": {
            "title": "Goods", "date": "Day", "rate": "Rate", "low": "Lowest", "high": "Highest",
            "duty_cad": "Duty a year",
        },
        "written": {**_RATES, "duty_cad": "CAD per year"},
    },
    "projects": {
        "columns": {
            "project": "Project", "location": "Place", "announced": "Announced", "capital_cad": "Capital stated",
            "state": "State", "since": "Since, or as of",
        },
        "written": {"capital_cad": "CAD"},
    },
    "makers": {
        "columns": {"maker": "Maker", "vehicles": "Vehicles", "share": "Share of these plants"},
        "written": {"vehicles": "count", "share": "share"},
    },
    "cells": {
        "columns": {
            "who": "Stakeholder", "short": "Measure", "share": "Share", "share_low": "Lowest", "share_high": "Highest",
            "share_of": "Share of what",
        },
        "written": dict.fromkeys(["share", "share_low", "share_high"], "share"),
    },
    "published": {
        "columns": {"what": "What", "published": "Published", "ours": "Here"},
        "written": {"published": "share", "ours": "share"},
    },
}  # fmt: skip

ZEV = {"written": dict.fromkeys(["2022", "2023", "2024", "2025"], "share")}


def by_place(provincial: pd.DataFrame, beside: pd.DataFrame) -> pd.DataFrame:
    """Quarterly registrations of battery-electric cars by group of places, the gap to the national count among them.

    Returns
    -------
    DataFrame
        `quarter`, `place`, `registrations`; the places of a quarter sum to the national count.
    """
    rows = provincial[(provincial["fuel"] == BATTERY) & provincial["geo"].isin([*PROVINCES, *TERRITORIES])]
    place = rows["geo"].where(rows["geo"].isin(LARGEST), REST)
    summed = rows.assign(place=place).groupby(["quarter", "place"])["registrations"].sum().reset_index()
    gap = beside.loc[beside["fuel"] == BATTERY, ["quarter", "not_published"]].assign(place=GAP)
    both = pd.concat([summed, gap.rename(columns={"not_published": "registrations"})], ignore_index=True)
    order = [*LARGEST, REST, GAP]
    in_time = both.sort_values("quarter", kind="stable")
    return in_time.sort_values("place", key=lambda names: names.map(order.index), kind="stable", ignore_index=True)


def registrations(provincial: pd.DataFrame, beside: pd.DataFrame) -> alt.Chart:
    """Battery-electric registrations by quarter and place, stacked."""
    frame = by_place(provincial, beside)
    return charts.stacked(
        frame, x="quarter", y="registrations", group="place", area=True, y_title="Battery-electric cars a quarter",
        colours=PLACE_COLOURS,
    )  # fmt: skip


def zev_quarters(provincial: pd.DataFrame, national: pd.DataFrame) -> pd.DataFrame:
    """Zero-emission share of Canada and of the three largest provinces published: `quarter`, `geo`, `zev_share`."""
    local = zev_share(provincial[provincial["geo"].isin(LARGEST)], period="quarter")
    return pd.concat([zev_share(national, period="quarter"), local], ignore_index=True)


def zev_lines(quarters: pd.DataFrame) -> alt.Chart | alt.LayerChart:
    """Zero-emission share of registrations by quarter; `quarters` is :func:`zev_quarters`."""
    return charts.lines(
        quarters, x="quarter", y="zev_share", group="geo", y_title="Share of new registrations", numbers="share",
        colours=PLACE_COLOURS,
    )  # fmt: skip


def zev_by_place(annual: pd.DataFrame, *, since: int) -> pd.DataFrame:
    """Published zero-emission shares of full years, a row per place and a column per year, Canada last."""
    recent = annual[annual["year"] >= since]
    wide = recent.pivot(index="geo", columns="year", values="zev_share")
    wide = wide.reindex([*PROVINCES, *TERRITORIES, CANADA]).rename(columns=str)
    return wide.rename_axis("Place").rename_axis(None, axis=1).reset_index()


def fuels_by_place(provincial: pd.DataFrame, national: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """Registrations of a full year by place (rows) and fuel (columns), with what the provinces leave out as a row."""
    local = provincial[(provincial["year"] == year) & provincial["geo"].isin([*PROVINCES, *TERRITORIES])]
    wide = (
        local.pivot(index="geo", columns="fuel", values="registrations")
        .reindex([*PROVINCES, *TERRITORIES])
        .dropna(how="all")
    )
    total = national[national["year"] == year].set_index("fuel")["registrations"]
    kinds = [name for name in ("battery electric", "plug-in hybrid electric", "hybrid electric", "gasoline", "diesel",
                               "all fuel types") if name in total]  # fmt: skip
    wide = wide[kinds]
    wide.loc[GAP] = total[kinds] - wide.sum()
    wide.loc[CANADA] = total[kinds]
    named = wide.astype(int).rename(columns=lambda name: name[0].upper() + name[1:])
    return named.rename_axis("Place").rename_axis(None, axis=1).reset_index()


def gap_by_year(beside: pd.DataFrame) -> pd.DataFrame:
    """Battery-electric cars by year: sums of `beside`, `quarters`, `share` not published by place.

    `beside`: :func:`~tradeexposure.vehicles.registrations.national_beside_provinces`.
    """
    rows = beside[beside["fuel"] == BATTERY].assign(year=beside["quarter"].dt.year)
    columns = ["canada", "provinces", "territories", "not_published"]
    grouped = rows.groupby("year")
    table = grouped[columns].sum().astype(int).assign(quarters=grouped["quarter"].nunique()).reset_index()
    return table.assign(share=table["not_published"] / table["canada"])


def dependence(frame: pd.DataFrame) -> alt.Chart:
    """China-built part of battery-electric supply by every source."""
    aside = frame["supply"].map({True: "", False: " (left out)"})
    named = frame.assign(source=frame["measure"] + ", " + frame["period"] + aside)
    bars = charts.bars(
        named, category="source", value="share", numbers="share", colour="china",
        value_title="China-built share, of what each source counts",
    )  # fmt: skip
    slots = alt.Axis(labelLimit=420, titleAngle=0, domain=True)
    return bars.encode(y=alt.Y("source", type="nominal", sort=None, title=None, axis=slots))


def electric_imports(series: pd.Series, measures: Facts) -> alt.LayerChart:
    """Imports by month with the days on which the surtax began, the federal rebate was paused and the quota opened."""
    tidy = (series / MILLION).round(1).rename("value").rename_axis("month").reset_index()
    chart = charts.lines(tidy, x="month", y="value", y_title="C$ million a month, all origins", points=True)
    return charts.with_events(chart, tariff_index.measure_dates(measures, EVENTS, until=tidy["month"].max()))


def auto_exports(exports: pd.DataFrame) -> alt.Chart | alt.LayerChart:
    """United States in exports of autos and parts, full years."""
    full = exports[exports["months"] == 12]
    return charts.lines(
        full, x="year", y="us_share", y_title="Share of auto and parts exports", numbers="share", points=True
    )


def claims(frames: dict[str, pd.DataFrame]) -> alt.Chart | alt.LayerChart:
    """Share of each month's value claimed under CUSMA; `frames` maps a name to its monthly claims."""
    both = pd.concat([frame.assign(good=name) for name, frame in frames.items()], ignore_index=True)
    return charts.lines(
        both,
        x="month",
        y="share",
        group="good",
        y_title="Share of value claimed",
        numbers="share",
        colours=GOOD_COLOURS,
    )


def tariff_paths(frame: pd.DataFrame) -> alt.LayerChart:
    """US tariff on the flows of 2024 through time, by good."""
    named = frame[["title", "date_from", "date_to", "rate"]].rename(columns={"title": "good"})
    return charts.steps(
        named, start="date_from", end="date_to", y="rate", group="good",
        y_title="Average tariff, share of value", colours=GOOD_COLOURS,
    )  # fmt: skip


def projects(listed: pd.DataFrame) -> alt.LayerChart:
    """Dated projects from announcement to their latest state, the stated capital in the name, earliest first."""
    dated = listed[listed["announced"].str.fullmatch(r"\d{4}-\d{2}")]
    since = dated["since"].where(~dated["since"].str.fullmatch(r"\d{4}"), dated["since"] + MIDDLE)
    days = {"announced": pd.to_datetime(dated["announced"] + "-01"), "since": pd.to_datetime(since + "-01")}
    dated = dated.assign(**days).sort_values("announced", ignore_index=True)
    money = dated["capital_cad"].map(lambda value: "not stated" if pd.isna(value) else f"C${value / 1e9:g} bn")
    named = enc.named(dated, "state")
    data = named.assign(name=named["project"] + " (" + money + ")")[["name", "announced", "since", "state"]]
    axis = alt.Axis(labelLimit=340, titleAngle=0, domain=False)
    titles = {"name": "Project", "announced": "Announced", "since": "Since, or as of", "state": "State"}
    shade = enc.colour(data["state"], "state", STATE_COLOURS, offset=12)
    base = alt.Chart(data).encode(
        y=alt.Y("name", type="nominal", sort=None, title=None, axis=axis), color=shade,
        tooltip=enc.tip(data, titles, "plain"),
    )  # fmt: skip
    years = alt.Axis(format="%Y", tickCount={"interval": "year", "step": 1})
    title = "From announcement (line begins) to the stop or the latest news (dot)"
    across = alt.X("announced", type="temporal", title=title, axis=years, scale=alt.Scale(padding=2 * enc.EDGE))
    line = base.mark_rule(strokeWidth=4, opacity=0.6).encode(x=across, x2=alt.X2("since"))
    dot = base.mark_point(size=110, opacity=1).encode(x=alt.X("since", type="temporal"))
    return enc.layered(line, dot, height=34 * len(data))


def matrix(cells: pd.DataFrame) -> alt.Chart:
    """A year's trade behind each cell of the matrix that has some, largest first; capital is not a year's."""
    frame = flows(cells[cells["measure"] != CAPITAL])
    bars = charts.bars(
        frame, category="name", value="flow_cad", group="direction", numbers="money", colours=DIRECTION_COLOURS,
        value_title="A year's trade that the measure reaches",
    )  # fmt: skip
    slots = alt.Axis(labelLimit=420, titleAngle=0, domain=True)
    return bars.encode(y=alt.Y("name", type="nominal", sort=None, title=None, axis=slots), yOffset=alt.Undefined)


def registrations_alt(provincial: pd.DataFrame) -> str:
    """The stacked area of registrations for those who do not see it."""
    end = provincial["quarter"].max().to_period("Q").end_time
    shape = "a peak in late 2024, mostly Quebec, and less than half of it early in 2025."
    return f"Stacked area by place, 2017 to {end:%B %Y}: {shape}"
