"""Charts of the notebook that weighs the models of canola, and how its tables are headed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from tradeexposure.canola.weights import weights
from tradeexposure.canola.weights.results import STEPS
from tradeexposure.canola.weights.study import Weighed
from tradeexposure.core import units
from tradeexposure.core.units import MILLION
from tradeexposure.reporting import chart_builders, chart_style
from tradeexposure.reporting import chart_encodings as enc

NAMES = {name: words.capitalize() for name, (_, words) in STEPS.items()}
COLOURS = {
    NAMES["prior"]: chart_style.COLOURS["placebo"],
    NAMES["official"]: chart_style.COLOURS["main"],
    NAMES["all"]: "#027660",
}
#: Dollars a year under which a gain is drawn as none: where nothing is traded it is what subtracting leaves, of which
#: digits and sign differ between processors.
NO_GAIN = 50_000.0
TABLES: dict[str, dict[str, Any]] = {
    "data": {
        "caption": "What was seen, beside what the draws say before and after weighing (median and 90% of draws)",
        "columns": {
            "datum": "Datum",
            "quantity": "Quantity",
            "before": "Draws before",
            "after": "Draws after",
            "seen": "Seen",
            "source": "Source",
            "used": "Weighed in",
        },
    },
    "cells": {
        "caption": "Figures of today's base that are assumed",
        "columns": {
            "figure": "Figure",
            "cell": "From, to, product",
            "value": "Value",
            "effect_cad": "A fifth less moves the gain by",
            "source": "Source",
        },
        "written": {"effect_cad": "CAD"},
    },
    "calibration": {
        "caption": "Ranges over synthetic histories",
        "columns": {"quantity": "Quantity", "coverage": "Held by the 90% range", "p_value": "p of uniform ranks"},
        "written": {"coverage": "share"},
    },
}


def substitution(found: Weighed, bounds: Sequence[float]) -> alt.LayerChart | alt.Chart:
    """Probability of the elasticity between origins by class, before and after the data."""
    edges = [0.0, *bounds, np.inf]
    names = [
        f"under {high:g}" if low == 0 else f"over {low:g}" if high == np.inf else f"{low:g} to {high:g}"
        for low, high in pairwise(edges)
    ]
    records = [
        {"class": name, "data": NAMES[step], "share": weights.probability(_within(found, low, high), weight)}
        for step, weight in found.weight.items()
        for name, low, high in zip(names, edges[:-1], edges[1:], strict=True)
    ]
    frame = pd.DataFrame(records)
    return chart_builders.bars(
        frame,
        category="class",
        value="share",
        group="data",
        value_title="Probability of the elasticity between origins of seed",
        numbers="share",
        horizontal=False,
        colours=COLOURS,
    )


def _within(found: Weighed, low: float, high: float) -> np.ndarray:
    return (found.substitution > low) & (found.substitution <= high)


def pulls(table: pd.DataFrame, found: Weighed, labels: dict[str, str]) -> alt.LayerChart:
    """The gain by all data, by each datum alone and with each left out; C$ m a year."""
    everything = weights.summary(found.gain, found.weight["all"])
    nothing = weights.summary(found.gain, found.weight["prior"])
    rows = [
        {"datum": "None weighed", "kind": "All together", **nothing},
        {"datum": "All", "kind": "All together", **everything},
    ]
    for row in table[table["left_out"].notna()].itertuples():
        name = f"{row.datum}: {labels[str(row.datum)]}"
        rows.append({"datum": name, "kind": "Alone", "value": row.alone, "low": row.alone_low, "high": row.alone_high})
        rows.append(
            {
                "datum": name,
                "kind": "Left out",
                "value": row.left_out,
                "low": row.left_out_low,
                "high": row.left_out_high,
            }
        )
    frame = pd.DataFrame(rows)
    frame[["value", "low", "high"]] /= MILLION
    return chart_builders.dots_ranges(
        frame,
        label="datum",
        value="value",
        low="low",
        high="high",
        group="kind",
        reference=0,
        value_title="Growers' gain, C$ m a year (90% of draws)",
    )


def pulls_title(table: pd.DataFrame) -> str:
    """The lowest and the highest median gain with one datum left out; of :func:`weights.pulls`."""
    left = table["left_out"].dropna()
    low, high = (units.write(float(one), "CAD per year", 3) for one in (left.min(), left.max()))
    return (
        "No single datum makes the median: left out in turn, each leaves it between "
        f"{low.removesuffix(' a year')} and {high}"
    )


def duties(curve: pd.DataFrame) -> alt.LayerChart:
    """Growers' gain over the duties of 2025 by China's duty on seed, C$ m a year, with and without meal."""
    gains = {name: (curve[name] / MILLION).mask(curve[name].abs() < NO_GAIN, 0.0) for name in ("value", "low", "high")}
    change = np.where(curve["with_meal"], "With meal at the arrangement's duty", "Seed alone")
    frame = curve.assign(change=change, **gains)
    base = alt.Chart(frame).encode(
        x=alt.X("duty", type="quantitative", title="China's duty on seed", axis=alt.Axis(format=".0%")),
        color=enc.colour(frame["change"], "change", None, stroke=True),
        tooltip=enc.tip(
            frame,
            {"change": "Duties", "duty": "Duty on seed", "value": "Median, C$ m", "low": "Low", "high": "High"},
            "plain",
        ),
    )
    title = "Growers' gain over the duties of 2025, C$ m a year"
    band = base.mark_area(opacity=0.15, line=False).encode(y=enc.upward("low", title, "plain"), y2=alt.Y2("high"))
    return enc.layered(band, base.mark_line(point=True).encode(y=alt.Y("value", type="quantitative")))
