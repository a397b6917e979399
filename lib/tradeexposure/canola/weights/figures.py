"""Charts of the notebook that weighs the models of canola, and how its tables are headed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from tradeexposure.canola.weights import weights
from tradeexposure.canola.weights.history import KT_IN_MT, Bound, Datum, Normal
from tradeexposure.canola.weights.study import STEPS, WeightedStudy
from tradeexposure.core import units
from tradeexposure.core.arrays import Floats
from tradeexposure.core.units import MILLION
from tradeexposure.reporting import chart_builders, chart_style
from tradeexposure.reporting import chart_encodings as enc

NAMES = {name: label.capitalize() for name, (_, label) in STEPS.items()}
COLOURS = {
    NAMES["prior"]: chart_style.COLOURS["placebo"],
    NAMES["official"]: chart_style.COLOURS["main"],
    NAMES["all"]: "#027660",
}
#: Dollars a year under which a gain is drawn as none: where nothing is traded it is what subtracting leaves, of which
#: digits and sign differ between processors.
NO_GAIN = 50_000.0
#: Quantities of a datum that has two, in a chart.
PARTS = {"others_2019_kt": "Seed others took more, 2019", "crush_2019_kt": "Seed crushers took more, 2019"}
TABLES: dict[str, dict[str, Any]] = {
    "forms": {
        "caption": "How each piece of evidence enters: centre and spread of what the model simulates",
        "columns": {
            "datum": "Datum", "quantity": "Simulated quantity", "form": "Form", "centre": "Centre", "spread": "Spread",
            "slope": "For each kt of the shortfall",
        },
    },
    "data": {
        "caption": "What was observed, beside what simulations say before and after weighing (median, 90%)",
        "columns": {
            "datum": "Datum", "quantity": "Quantity", "before": "Before", "after": "After", "seen": "Observed",
            "source": "Source", "used": "Weighed in",
        },
    },
    "choices": {
        "caption": "Growers' gain under other choices that can be defended (median and 90% of simulations)",
        "columns": {
            "choice": "Choice", "value": "Median", "low": "Low", "high": "High", "rows": "Draws that count",
        },
        "written": dict.fromkeys(("value", "low", "high"), "CAD per year"),
    },
    "models": {
        "caption": "Three models of rivals, weighed by the same data",
        "columns": {
            "model": "Rivals", "all": "Log evidence, all data", "official": "Log evidence, official data",
            "value": "Gain by itself, median", "low": "Low", "high": "High", "rows": "Draws that count",
        },
        "written": dict.fromkeys(("value", "low", "high"), "CAD per year"),
    },
    "elasticities": {
        "caption": "Published trade elasticities of canola beside those here (median, 90%)",
        "columns": {
            "product": "Product", "importer": "Importer", "kind": "What was published", "published": "Published",
            "here": "Between origins, here", "source": "By whom",
        },
    },
    "base": {
        "caption": "The base that each episode is solved on; drawn cells at their mean before weighing",
        "columns": {
            "base": "Base", "figure": "Figure", "cell": "From, to, product", "value": "Value", "source": "Source",
            "note": "Note",
        },
    },
    "duties": {
        "caption": "Duties on Canadian canola in each regime",
        "columns": {
            "regime": "Regime", "market": "Market", "seed": "Seed", "oil": "Oil", "meal": "Meal",
        },
        "written": dict.fromkeys(("seed", "oil", "meal"), "share"),
    },
    "cells": {
        "caption": "Figures of today's base that are assumed",
        "columns": {
            "figure": "Figure", "cell": "From, to, product", "value": "Value, mean of the weighed rows",
            "effect_cad": "A fifth less moves the gain by", "source": "Source",
        },
        "written": {"effect_cad": "CAD"},
    },
    "calibration": {
        "caption": "Ranges over synthetic histories",
        "columns": {
            "quantity": "Quantity", "coverage": "Held by the 90% range", "p_value": "p of uniform ranks",
        },
        "written": {"coverage": "share"},
    },
}  # fmt: skip


def substitution(weighted: WeightedStudy, bounds: Sequence[float]) -> alt.LayerChart | alt.Chart:
    """Probability of the elasticity between origins by class, before and after the data."""
    names = [
        f"under {high:g}" if low == 0 else f"over {low:g}" if high == np.inf else f"{low:g} to {high:g}"
        for low, high in pairwise([0.0, *bounds, np.inf])
    ]
    title = "Probability of the elasticity between origins of seed"
    return _classes(weighted, weighted.substitution, [0.0, *bounds, np.inf], names, title)


def reshuffling(weighted: WeightedStudy, bounds: Sequence[float]) -> alt.LayerChart | alt.Chart:
    """Probability of rivals' reshuffling share by class, before and after the data."""
    edges = [-np.inf, *bounds, np.inf]
    names = [
        f"under {high:.0%}" if low == -np.inf else f"over {low:.0%}" if high == np.inf else f"{low:.0%} to {high:.0%}"
        for low, high in pairwise(edges)
    ]
    return _classes(weighted, weighted.reshuffling, edges, names, "Probability of rivals' reshuffling share")


def _classes(
    weighted: WeightedStudy, values: Floats, edges: Sequence[float], names: Sequence[str], title: str
) -> alt.LayerChart | alt.Chart:
    records = [
        {"class": name, "data": NAMES[step], "share": weights.probability((values > low) & (values <= high), weight)}
        for step, weight in weighted.weight.items()
        for name, (low, high) in zip(names, pairwise(edges), strict=True)
    ]
    return chart_builders.bars(
        pd.DataFrame(records),
        category="class",
        value="share",
        group="data",
        value_title=title,
        numbers="share",
        horizontal=False,
        colours=COLOURS,
    )


def china(weighted: WeightedStudy, seen: Sequence[tuple[str, str, str, float]]) -> alt.LayerChart:
    """What China bought, from whom: simulated after weighing beside what was told; Mt.

    `seen`: episode in words, from whom, the simulated column of tonnes (its log where it has no unit in its name), and
    what was told (none is no number), kt.
    """
    rows = []
    for episode, origin, column, reported in seen:
        values = weighted.simulated(column)
        tonnes = values if column.endswith("_kt") else np.exp(values)
        label = f"{episode}, {origin}"
        rows.append({"episode": label, "kind": "Simulated", **weighted.summary(tonnes)})
        if np.isfinite(reported):
            rows.append({"episode": label, "kind": "Reported", "value": reported, "low": np.nan, "high": np.nan})
    frame = pd.DataFrame(rows)
    frame[["value", "low", "high"]] /= KT_IN_MT
    return chart_builders.dots_ranges(
        frame, label="episode", group="kind", value_title="Seed to China, Mt a year (90% of weighted simulations)"
    )


def fits(weighted: WeightedStudy) -> alt.LayerChart:
    """How far the draws lie from each datum before and after weighing, in spreads of that datum."""
    rows = []
    for datum in weighted.history:
        for column, distance in _distances(datum, weighted.simulations.simulated).items():
            rows += [
                {"datum": PARTS.get(column, datum.label), "data": NAMES[step], **weighted.summary(distance, step)}
                for step in ("prior", "all")
            ]
    return chart_builders.dots_ranges(
        pd.DataFrame(rows), label="datum", group="data", reference=0,
        value_title="Simulated less observed, in spreads of the evidence (90% of simulations)", colours=COLOURS,
    )  # fmt: skip


def fits_title(weighted: WeightedStudy) -> str:
    """The datum whose median lies furthest from what was seen after weighing; of those in the headline."""
    apart = {
        datum.label: abs(weighted.summary(distance)["value"])
        for datum in weighted.history
        if datum.key in weighted.steps["all"]
        for distance in _distances(datum, weighted.simulations.simulated, measured=True).values()
    }
    name = max(apart, key=lambda label: apart[label])
    return f"Least well met: {name[0].lower()}{name[1:]}, {apart[name]:.1f} spreads off"


def _distances(datum: Datum, simulated: pd.DataFrame, *, measured: bool = False) -> dict[str, Floats]:
    """Simulated less seen over the spread, by column; none of a count, nor of a bound where all must be `measured`."""
    if isinstance(datum, Normal):
        apart = (datum.apart(simulated) - datum.observed) / np.sqrt(np.diag(datum.covariance))
        return dict(zip(datum.columns, apart.T, strict=True))
    if isinstance(datum, Bound) and not measured:
        return {datum.column: (simulated[datum.column].to_numpy(dtype=float) - datum.limit) / datum.spread}
    return {}


def evidence(table: pd.DataFrame) -> alt.LayerChart | alt.Chart:
    """Log evidence of each model of rivals less that of the free one, by set of data (`model`, `all`, `official`)."""
    long = table.melt("model", ["all", "official"], "set", "evidence")
    free = table.iloc[0][["all", "official"]]
    frame = long.assign(evidence=long["evidence"] - long["set"].map(free).astype(float), data=long["set"].map(NAMES))
    return chart_builders.bars(
        frame[frame["model"] != table["model"].iloc[0]],
        category="model", value="evidence", group="data", colours=COLOURS,
        value_title="Log evidence less that of rivals who turn as freely as drawn",
    )  # fmt: skip


def leave_one_out_shifts(table: pd.DataFrame, weighted: WeightedStudy, labels: dict[str, str]) -> alt.LayerChart:
    """The gain by all data, by each datum alone and with each left out; C$ m a year."""
    rows = [
        {"datum": "None weighed", "kind": "All together", **weighted.summary(weighted.gain, "prior")},
        {"datum": "All", "kind": "All together", **weighted.summary(weighted.gain)},
    ]
    for row in table[table["left_out"].notna()].itertuples():
        rows += [
            {"datum": labels[str(row.datum)], "kind": kind, "value": getattr(row, name),
             "low": getattr(row, f"{name}_low"), "high": getattr(row, f"{name}_high")}
            for kind, name in (("Alone", "alone"), ("Left out", "left_out"))
        ]  # fmt: skip
    frame = pd.DataFrame(rows)
    frame[["value", "low", "high"]] /= MILLION
    return chart_builders.dots_ranges(
        frame, label="datum", group="kind", reference=0,
        value_title="Growers' gain over the duties of 2025, C$ m a year (90% of simulations)",
    )  # fmt: skip


def pulls_title(table: pd.DataFrame) -> str:
    """The lowest and the highest median gain with one datum left out; of :func:`weights.leave_one_out_shifts`."""
    left = table["left_out"].dropna()
    low, high = (units.write(float(gain), "CAD per year", 2) for gain in (left.min(), left.max()))
    return f"One piece of evidence left out: {low.removesuffix(' a year')} to {high}"


def duties(curve: pd.DataFrame) -> alt.LayerChart:
    """Growers' gain over the duties of 2025 by China's duty on seed, C$ m a year, with and without meal."""
    gains = {name: (curve[name] / MILLION).mask(curve[name].abs() < NO_GAIN, 0.0) for name in ("value", "low", "high")}
    change = np.where(curve["with_meal"], "With meal at the deal's duty", "Seed alone")
    frame = curve.assign(change=change, **gains)
    scale = alt.Scale(zero=False, nice=False, padding=enc.EDGE)
    titles = {"change": "Duties", "duty": "Duty on seed", "value": "Median, C$ m", "low": "Low", "high": "High"}
    return chart_builders.banded(
        frame, group="change", tooltip=enc.tip(frame, titles, "plain"),
        x=alt.X("duty", type="quantitative", title="China's duty on seed", axis=alt.Axis(format=".0%"), scale=scale),
        y_title="Growers' gain over the duties of 2025, C$ m a year",
    )  # fmt: skip
