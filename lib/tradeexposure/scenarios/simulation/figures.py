"""Charts of the scenario notebook with titles and words that follow the sign, and the headings of its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np
import pandas as pd

from tradeexposure.canola.exposure.figures import FEWEST_FARMS
from tradeexposure.core.arrays import Floats
from tradeexposure.core.text import capital
from tradeexposure.econometrics.draws import Spread, spread
from tradeexposure.reporting import chart_style, charts
from tradeexposure.scenarios.simulation.changes import Ensemble
from tradeexposure.scenarios.simulation.names import (
    CLOSURE_COLOURS,
    CLOSURE_NAMES,
    ORIGINS,
    OUTPUTS,
    assumption,
    short_assumption,
)
from tradeexposure.scenarios.simulation.variants import CANADA

WEIGHED = "weighed by history"
COLOURS = {**CLOSURE_COLOURS, WEIGHED: "#2b2f33", "measured against": "#8b9097", "scenario": "#1f5fa8"}
DRAWN = 5  # assumptions drawn for each output
ORIGIN_ORDER = ("china", "united_states_mexico", "other_imports", "canada")
POINTS = 200  # quantiles of a distribution drawn
TABLES = {
    "duties": {
        "columns": {"good": "Good and border", "base": "2023", "against": "Measured against", "scenario": "Scenario"},
        "written": {},
    },
    "priors": {
        "columns": {"title": "Assumption", "unit": "Unit", "low": "5%", "median": "Median", "high": "95%",
                    "evidence": "Why"},
        "written": {},
    },
    "cells": {
        "columns": {"what": "What", "value": "Value", "unit": "Unit", "source": "Source, and how it stands in"},
        "written": {},
    },
    "provinces": {
        "columns": {"geo": "Place", "total": "A year", "per_farm": "Per canola farm", "per_hectare": "Per hectare"},
        "written": {"total": "CAD", "per_farm": "CAD", "per_hectare": "CAD"},
    },
    "account": {
        "columns": {"line": "Who", "value": "Median", "low": "5%", "high": "95%"},
        "written": {"value": "CAD", "low": "CAD", "high": "CAD"},
    },
    "treatments": {
        "columns": {"treatment": "Above the quota", "cars": "China-built cars", "displaced": "Others displaced",
                    "rent": "Quota rent", "revenue": "Tariff revenue", "surplus": "Buyers' surplus"},
        "written": {"cars": "count", "displaced": "count", "rent": "CAD", "revenue": "CAD", "surplus": "CAD"},
    },
    "variants": {
        "columns": {"output": "Output", "variant": "Variant", "value": "Median", "low": "5%", "high": "95%"},
        "written": {},
    },
    "ranking": {
        "columns": {"output": "Output", "assumption": "Assumption", "share": "Share of variance",
                    "at_low": "Output at its low end", "at_high": "At its high end"},
        "written": {"share": "share"},
    },
    "validation": {
        "columns": {"what": "What", "simulated": "Simulated", "span": "Range", "beside": "Beside it",
                    "beside_span": "Its range", "verdict": "Inside its range"},
        "written": {},
    },
    "quota": {
        "columns": {"what": "What", "ours": "Here", "span": "Range", "published": "Published"}, "written": {},
    },
    "gsim": {
        "columns": {"country": "Country", "published": "Published", "log_linear": "Log-linear", "exact": "Exact"},
        "written": {"published": "change", "log_linear": "change", "exact": "change"},
    },
}  # fmt: skip
ALT_SIGNS = {"rise": "lie above zero", "fall": "lie below zero", "none": "are all zero", "rarely": "touch zero",
             "open": "include zero"}  # fmt: skip


def distributions(change: Ensemble) -> alt.LayerChart:
    """Cumulative distribution of the change of the farm price: weighed by history, and in the two other models."""
    shares = (np.arange(POINTS) + 0.5) / POINTS  # middles of equal steps
    named = {WEIGHED: change.headline, **{CLOSURE_NAMES[name]: values for name, values in change.by_closure.items()}}
    parts = [pd.DataFrame({"closure": name, "change": np.quantile(values, shares), "share": shares})
             for name, values in named.items()]  # fmt: skip
    return _cumulative(pd.concat(parts, ignore_index=True).round(4))


def _cumulative(tidy: pd.DataFrame) -> alt.LayerChart:
    from tradeexposure.reporting import chart_encodings as enc

    lines = (
        alt.Chart(tidy)
        .mark_line()
        .encode(
            x=alt.X("change", type="quantitative", title="Change of the farm price", axis=enc.axis("change")),
            y=enc.upward("share", "Share of draws below", "share"),
            color=enc.colour(tidy["closure"], "closure", COLOURS, stroke=True),
            order=alt.Order("share", type="quantitative"),
            tooltip=enc.tip(tidy, {"closure": "Canola is", "change": "Change", "share": "Draws below"}, "change"),
        )
    )
    nothing = alt.Chart().mark_rule(strokeDash=[4, 3], color=chart_style.COLOURS["placebo"]).encode(x=alt.XDatum(0))
    return enc.layered(nothing, lines)


def price_title(change: Ensemble) -> str:
    """The title of the chart of the farm price."""
    return {
        "none": "The farm price of canola does not change",
        "rise": "The farm price rises",
        "fall": "The farm price falls",
        "rarely": "In most draws the farm price does not change",
        "open": "Whether the farm price rises or falls does not show",
    }[spread(change.headline).direction]


def price_alt(change: Ensemble) -> str:
    """The chart of the farm price for someone who does not see it."""
    return (
        "Three rising lines of the share of draws below each change of the farm price: weighed by history, and two "
        f"other models; the weighed ones, between their fifth and ninety-fifth percentiles, {ALT_SIGNS[_sign(change)]}."
    )


def _sign(change: Ensemble) -> str:
    return spread(change.headline).direction


def provinces(found: pd.DataFrame, farms: pd.DataFrame) -> alt.LayerChart:
    """Growers' income by province; `found` from :func:`variants.by_province`."""
    large = set(farms.loc[farms["farms"] >= FEWEST_FARMS, "place"]) - {CANADA}
    rows = found[(found["measure"] == "total") & found["place"].isin(large)]
    ordered = rows.sort_values("high", key=abs, ascending=False, kind="stable")
    return charts.dots_ranges(
        ordered.rename(columns={"geo": "Province"}), label="Province", value="value", low="low",
        high="high", numbers="money", reference=0,
        value_title="Change of growers' income a year; bars: 5th to 95th percentile of weighted draws",
    )  # fmt: skip


def growers_title(income: Ensemble) -> str:
    """The title of the chart of growers' income by province."""
    return {
        "none": "Growers' income does not change in any province: no duty on canola differs",
        "rarely": "In most draws growers' income does not change",
        "rise": "Saskatchewan's growers gain most",
        "fall": "Saskatchewan's growers lose most",
        "open": "Whether growers gain or lose does not show",
    }[spread(income.headline).direction]


def growers_alt(income: Ensemble) -> str:
    """The chart of growers' income for someone who does not see it."""
    return f"Dots with ranges by province, Saskatchewan first: the ranges {ALT_SIGNS[_sign(income)]}."


def account(found: pd.DataFrame) -> alt.LayerChart:
    """The account of both sectors; `found` from :func:`tables.account`."""
    return charts.dots_ranges(
        found.rename(columns={"line": "Who"}), label="Who", value="value", low="low", high="high", numbers="money",
        reference=0, value_title="Gain a year; bars: 5th to 95th percentile of draws",
    )  # fmt: skip


ACCOUNT_ALT = "Dots with ranges of what each group in Canada gains or loses a year, lines first, sums last."


def account_title(canada: Spread) -> str:
    """The title of the chart of the account."""
    return {
        "none": "Nobody gains or loses: no duty, quota or rebate differs",
        "rarely": "In most draws nobody gains or loses",
        "rise": "Over both sectors Canada gains",
        "fall": "Over both sectors Canada loses",
        "open": "Whether Canada gains or loses over both sectors does not show",
    }[canada.direction]


def registrations(against: Mapping[str, Floats], scenario: Mapping[str, Floats]) -> alt.LayerChart:
    """Electric registrations by origin in the scenario and in what it is measured against."""
    rows = [
        {"Built in": capital(ORIGINS[origin]), "Regime": regime, **vars(spread(values[origin]))}
        for origin in ORIGIN_ORDER
        for regime, values in (("measured against", against), ("scenario", scenario))
    ]
    return charts.dots_ranges(
        pd.DataFrame(rows).round(0), label="Built in", value="value", low="low", high="high", group="Regime",
        colours=COLOURS, value_title="Electric cars registered a year; bars: 5th to 95th percentile",
    )  # fmt: skip


def vehicles_title(cars: Spread) -> str:
    """The title of the chart of registrations by origin."""
    return {
        "none": "Registrations of electric cars do not change: no measure on them differs",
        "rarely": "In most draws registrations of electric cars do not change",
        "rise": "Cars from China are added, and take buyers from other electric cars",
        "fall": "Cars from China leave, and other electric cars win buyers",
        "open": "China-built cars: the range of the change holds zero",
    }[cars.direction]


def vehicles_alt(cars: Spread) -> str:
    """The chart of registrations for someone who does not see it."""
    word = {"rise": "more", "fall": "fewer", "none": "as many"}.get(cars.direction, "in most draws about as many")
    return (
        f"Dots with ranges of registrations by origin, in the scenario and in what it is measured against: {word} "
        "built in China in the scenario."
    )


def ranking(found: pd.DataFrame) -> alt.Chart:
    """First-order shares of variance of the largest assumptions of each output, one bar each."""
    top = found.groupby("output", sort=False).head(DRAWN)
    tidy = top.assign(name=top["assumption"].map(short_assumption), Output=top["output"].map(OUTPUTS))
    return charts.bars(
        tidy.round({"share": 3}), category="name", value="share", group="Output", numbers="share",
        value_title="Share of the output's variance",
    )  # fmt: skip


def ranking_title(names: Mapping[str, Sequence[str]]) -> str:
    """The title of the chart of assumptions."""
    output, found = next(iter(names.items()))
    return f"{capital(OUTPUTS[output])}: what matters most is {assumption(found[0])}"


def ranking_alt(names: Mapping[str, Sequence[str]]) -> str:
    """The chart of assumptions for someone who does not see it."""
    parts = [f"{OUTPUTS[output]}, {assumption(found[0])}" for output, found in names.items()]
    return f"Bars of shares of variance by assumption; the longest for {'; for '.join(parts)}."
