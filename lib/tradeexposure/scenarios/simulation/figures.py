"""Charts of the scenario notebook with titles and words that follow the sign, and the headings of its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from tradeexposure.canola.exposure.figures import FEWEST_FARMS
from tradeexposure.core import units
from tradeexposure.core.arrays import Floats
from tradeexposure.core.text import capital
from tradeexposure.econometrics.inference.draws import Spread, spread
from tradeexposure.reporting import chart_builders, chart_style, charts
from tradeexposure.reporting import chart_encodings as enc
from tradeexposure.scenarios.by_sign import message
from tradeexposure.scenarios.simulation.messages import HARDLY_ANY, ORIGINS, OUTPUTS, assumption, short_assumption
from tradeexposure.scenarios.simulation.variants import CANADA

COLOURS = {"measured against": "#8b9097", "scenario": "#1f5fa8"}
DRAWN = 5  # assumptions drawn for each output
ORIGIN_ORDER = ("china", "united_states_mexico", "other_imports", "canada")
LEAST = 0.01  # share of a variance that is drawn
PANEL_WIDTH, BAR = 400, 26  # pixels
TABLES = {
    "duties": {
        "columns": {"good": "Good and border", "base": "2023", "against": "Measured against", "scenario": "Scenario"},
    },
    "priors": {
        "columns": {"title": "Assumption", "unit": "Unit", "low": "5%", "median": "Median", "high": "95%",
                    "evidence": "Why"},
    },
    "cells": {
        "columns": {"what": "What", "value": "Value, mean of the weighed rows", "unit": "Unit",
                    "source": "Source, and what replaces it"},
    },
    "provinces": {
        "columns": {"geo": "Place", "total": "A year", "per_farm": "Per canola farm", "per_hectare": "Per hectare"},
        "written": {"total": "CAD", "per_farm": "CAD", "per_hectare": "CAD"},
    },
    "beside": {
        "columns": {"case": "Compared with, and when", "income": "Growers' income a year", "price": "Farm price",
                    "volume": "Seed to China in the scenario"},
    },
    "account": {
        "columns": {"line": "Who", "value": "Median", "low": "5%", "high": "95%"},
        "written": {"value": "CAD", "low": "CAD", "high": "CAD"},
    },
    "car_market": {
        "columns": {"what": "What", "value": "Value", "unit": "Unit", "source": "Source"},
    },
    "entering": {
        "columns": {"choice": "Choice", "first": "First year", "first_span": "Its range", "steady": "All makers there",
                    "steady_span": "Range with all there"},
    },
    "treatments": {
        "columns": {"treatment": "Above the quota", "cars": "China-built cars", "displaced": "Others displaced",
                    "rent": "Quota rent", "revenue": "Tariff revenue", "surplus": "Buyers' surplus"},
        "written": {"cars": "count", "displaced": "count", "rent": "CAD", "revenue": "CAD", "surplus": "CAD"},
    },
    "variants": {
        "columns": {"output": "Output", "variant": "Variant", "value": "Median", "low": "5%", "high": "95%"},
    },
    "ranking": {
        "columns": {"output": "Output", "assumption": "Assumption", "share": "Share of variance",
                    "at_low": "Output at its low end", "at_high": "At its high end"},
        "written": {"share": "share"},
    },
    "quota": {
        "columns": {"what": "What", "ours": "Here", "span": "Range", "published": "Published"},
    },
    "gsim": {
        "columns": {"country": "Country", "published": "Published", "log_linear": "Log-linear", "exact": "Exact"},
        "written": {"published": "change", "log_linear": "change", "exact": "change"},
    },
}  # fmt: skip
CURVE_FLAT = "What the deal is worth to growers depends on the seed duty without it"
CURVE_CONCAVE = "Ten points of seed duty: worth {first} where duties are low, {last} where high"
CURVE_HARDLY = "Ten points of seed duty: worth {first} where duties are low, little where high"
CURVE_ALT = (
    "Two rising lines with bands of growers' gain by the seed duty that would have come, from {low} to {high}: in the "
    "first year and after adjustment."
)
CURVE_AXIS = "Seed duty without the deal: {low} had China settled on that anyway, {high} had it kept its duty"
#: The same of a scenario of the user's own, whose ends have no other names.
OWN_CURVE = "What the scenario is worth to growers depends on the seed duty without it"
OWN_CURVE_ALT = (
    "Two lines with bands of the change of growers' income by the seed duty that would have come, from {low} to "
    "{high}: in the first year and after adjustment."
)
OWN_CURVE_AXIS = "Seed duty that would have come, from {low} to {high}"
NO_CURVE = "Both sets of duties that this scenario is compared with charge the same on seed."
AFTER, FIRST = "after adjustment", "first year"
ACCOUNT_ALT = "Dots with ranges of what each group in Canada gains or loses a year, the sum last. {title}."
CAR_ALT = "Dots with ranges of registrations by origin, in the scenario and in what it is measured against. {title}."
BARS, BANDS = "bars: 90% of simulations", "bands: 90% of simulations"


def provinces(income: Floats, by_place: pd.DataFrame, farms: pd.DataFrame) -> charts.Drawn | str:
    """Growers' income by province; `by_place` from :func:`variants.by_province`."""
    sign = spread(income).direction
    if sign == "none":
        return "Growers' income does not change in any province: no duty on canola differs."
    large = set(farms.loc[farms["farms"] >= FEWEST_FARMS, "place"]) - {CANADA}
    rows = by_place[(by_place["measure"] == "total") & by_place["place"].isin(large)]
    ordered = rows.sort_values("high", key=abs, ascending=False, kind="stable")
    chart = charts.dots_ranges(
        ordered.rename(columns={"geo": "Province"}), label="Province", numbers="money", reference=0,
        value_title=f"Change of growers' income a year; {BARS}",
    )  # fmt: skip
    most = rows.loc[rows["place"] == "sk", "value"].abs().sum()
    title = message("page_growers_titles", sign).format(size=units.write(float(most), "CAD", 2))
    return charts.Drawn(chart, title, message("page_growers_alts", sign))


def curve(gains: Mapping[str, Floats], duties: Mapping[str, float], *, own: bool) -> charts.Drawn | str:
    """Growers' gain by the seed duty that would have come, the two counterfactuals at its ends.

    Of :func:`variants.would_have_come` and :func:`variants.along`; `own` tells a scenario of the user's own.
    """
    if not gains:
        return "This scenario is compared with one set of duties alone."
    if len({duties[name] for name in duties if name.isdecimal()}) == 1:
        return NO_CURVE
    rows = [
        {"duty": duties[name], "when": FIRST if rest else AFTER, **vars(spread(values))}
        for (name, _, rest), values in ((ending.partition("."), values) for ending, values in gains.items())
        if name.isdecimal()
    ]
    frame = pd.DataFrame(rows)
    low, high = (units.write(end, "rate", 3) for end in (frame["duty"].min(), frame["duty"].max()))
    axis = (OWN_CURVE_AXIS if own else CURVE_AXIS).format(low=low, high=high)
    titles = {"when": "When", "duty": "Seed duty", "value": "Growers' gain a year", "low": "5%", "high": "95%"}
    duty = alt.X("duty", type="quantitative", title=axis, axis=enc.axis("share"), scale=alt.Scale(domain=[0, 0.9]))
    drawn = chart_builders.banded(
        frame, x=duty, group="when", tooltip=_tips(frame, titles), y_title=f"Growers' gain a year; {BANDS}",
        numbers="money",
    )  # fmt: skip
    first, last = (spread(gains[name]).value for name in ("first_ten", "last_ten"))
    flat, alt_text = (OWN_CURVE, OWN_CURVE_ALT) if own else (CURVE_FLAT, CURVE_ALT)
    title = CURVE_HARDLY if abs(last) < HARDLY_ANY * first else CURVE_CONCAVE if first > last else flat
    figures = {"first": units.write(first, "CAD", 2), "last": units.write(last, "CAD", 2)}
    return charts.Drawn(
        drawn,
        title.format(**figures),
        alt_text.format(low=low, high=high),
    )


def _tips(frame: pd.DataFrame, titles: Mapping[str, str]) -> list[alt.Tooltip]:
    """Hovering over :func:`curve`, whose duties are shares and whose gains are money."""
    both = zip(enc.tip(frame, titles, "money"), enc.tip(frame, titles, "share"), strict=True)
    return [share if column == "duty" else money for column, (money, share) in zip(titles, both, strict=True)]


def account(table: pd.DataFrame, canada: Spread) -> charts.Drawn | str:
    """Who gains and who loses; `table` from :func:`tables.account`."""
    if canada.direction == "none":
        return "Nobody gains or loses: no duty, quota or rebate differs."
    moving = table[(table[["low", "high"]] != 0).any(axis=1)]
    chart = charts.dots_ranges(
        moving.rename(columns={"line": "Who"}), label="Who", numbers="money", reference=0,
        value_title=f"Gain a year; {BARS}",
    )  # fmt: skip
    title = message("page_account_titles", canada.direction).format(size=units.write(abs(canada.value), "CAD", 2))
    return charts.Drawn(chart, title, ACCOUNT_ALT.format(title=title))


def registrations(cars: Spread, against: Mapping[str, Floats], scenario: Mapping[str, Floats]) -> charts.Drawn | str:
    """Electric registrations by origin in the scenario and in what it is measured against; `cars` is China's change."""
    if cars.direction == "none":
        return "Registrations of electric cars do not change: no measure on them differs."
    rows = [
        {"Built in": capital(ORIGINS[origin]), "Regime": regime, **vars(spread(values[origin]))}
        for origin in ORIGIN_ORDER
        for regime, values in (("measured against", against), ("scenario", scenario))
    ]
    chart = charts.dots_ranges(
        pd.DataFrame(rows).round(0), label="Built in", group="Regime", colours=COLOURS, reference=0,
        value_title=f"Electric cars registered a year; {BARS}",
    )  # fmt: skip
    title = message("page_car_titles", cars.direction)
    return charts.Drawn(chart, title, CAR_ALT.format(title=title))


def ranking(table: pd.DataFrame, names: Mapping[str, Sequence[str]]) -> charts.Drawn | str:
    """First-order shares of variance of the largest assumptions, a panel for each output; `names` by output."""
    if not names:
        return "No output varies over the simulations."
    top = table.groupby("output", sort=False).head(DRAWN)
    tidy = top[top["share"] >= LEAST].assign(
        name=lambda rows: rows["assumption"].map(short_assumption),
        output=lambda rows: rows["output"].map(lambda output: capital(OUTPUTS[output])),
    )
    titles = {"output": "Output", "name": "Assumption", "share": "Share of its variance"}
    shares = tidy[["output", "name", "share"]].round({"share": 3})
    bars = alt.Chart(shares).mark_bar().encode(
        y=alt.Y("name", type="nominal", sort="-x", title=None, axis=alt.Axis(labelLimit=260, titleAngle=0)),
        x=alt.X("share", type="quantitative", title="Share of its variance", axis=enc.axis("share", grid=True)),
        color=enc.single("main"),
        tooltip=enc.tip(shares, titles, "share"),
    )  # fmt: skip
    head = alt.Header(labelFontWeight=600, labelFontSize=chart_style.HEAD_SIZE, labelAnchor="start")
    panels = alt.Facet("output", type="nominal", sort=[*dict.fromkeys(shares["output"])], title=None, header=head)
    sized = bars.properties(width=PANEL_WIDTH, height=alt.Step(BAR))
    output, first = next((output, names[output][0]) for output in names)
    parts = "; for ".join(f"{OUTPUTS[output]}, {assumption(assumptions[0])}" for output, assumptions in names.items())
    return charts.Drawn(
        sized.facet(panels, columns=1).resolve_scale(y="independent"),
        f"{capital(OUTPUTS[output])}: {assumption(first)} matters most",
        f"Bars of shares of variance by assumption; the longest for {parts}.",
    )
