"""Charts of studies: a level, panels, all specifications from lowest to highest, a number over a grid."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from tradeexposure.reporting import chart_encodings as enc
from tradeexposure.reporting import chart_style

PANEL_WIDTH, PANEL_HEIGHT = 300, 170
CURVE_HEIGHT, OPTION_HEIGHT = 220, 18
RISING = ("#ffffff", "#74a9d8")  # dark letters stand out on all of it
AROUND_ZERO = ("#e0996f", "#ffffff", "#74a9d8")
LEVEL_COLOUR = "#6b7280"  # not of the palette: another shade would change pictures that are published
CELL_HEIGHT, SMALLEST = 48, 120
NEAR_END = 1 / 6  # of an axis: a label so near the last one pushes it out on a phone


def level(value: float, *, colour: str = "placebo") -> alt.Chart:
    """A dashed rule across a chart at `value`; `colour` is a name of :data:`chart_style.COLOURS`."""
    return enc.dashed(value, chart_style.COLOURS[colour])


def named_level(value: float, name: str, *, colour: str, dash: bool = True) -> alt.LayerChart:
    """A rule across a chart at `value` with its name right of the plot."""
    shade = chart_style.COLOURS[colour]
    rule = alt.Chart().mark_rule(strokeDash=[4, 3] if dash else alt.Undefined, color=shade, strokeWidth=2)
    data = pd.DataFrame({chart_style.END_NAME: [name], chart_style.END_AT: [0.0], chart_style.END_SHIFT: [0.0]})
    text = alt.Chart(data).mark_text(
        align="left", baseline="middle", dx=8, dy=alt.ExprRef(f"datum.{chart_style.END_SHIFT}"),
        fontSize=chart_style.TEXT_SIZE, fontWeight=600, color=shade, lineBreak="\n", lineHeight=chart_style.END_LINE,
    )  # fmt: skip
    named = text.encode(x=alt.XValue("width"), y=alt.YDatum(value), text=alt.Text(chart_style.END_NAME, type="nominal"))
    return alt.LayerChart(layer=[rule.encode(y=alt.YDatum(value)), named])


def panels(chart: alt.Chart | alt.LayerChart, *, panel: str, names: Sequence[str], title: str) -> alt.FacetChart:
    """`chart` once for each of `names`, on the same axes, two beside each other; on a phone one below the other.

    Parameters
    ----------
    chart : Chart or LayerChart
        All of its layers of one frame, which has the column `panel`.
    names : sequence of str
        Values of `panel` in the order of the panels.
    title : str
        What the vertical axes show, with the unit; it stands once, above all panels.
    """
    head = alt.Header(
        labelFontSize=chart_style.HEAD_SIZE, labelFontWeight=600, labelAnchor="start", labelPadding=4,
        titleAnchor="start", titleFontWeight="normal", titleColor=chart_style.MUTED, titlePadding=10,
    )  # fmt: skip
    by = alt.Facet(panel, type="nominal", sort=list(names), title=title, header=head)
    return chart.properties(width=PANEL_WIDTH, height=PANEL_HEIGHT).facet(by, columns=2)


def choices(frame: pd.DataFrame, *, choices: Mapping[str, str], value_title: str) -> alt.VConcatChart:
    """All specifications from the lowest estimate to the highest, and below, choice by choice, which option each takes.

    Marks carry no words of their own: hundreds of them would make a page too large.

    Parameters
    ----------
    frame : DataFrame
        `place` (1 = lowest), `estimate` (a change), and one column a choice, its options in words.
    choices : mapping
        Column → heading, in the order of the panels.
    """
    data = frame[["place", *choices, "estimate"]].astype(dict.fromkeys(choices, str))
    hidden = alt.Axis(labels=False, ticks=False, domain=False, grid=False)
    across = alt.X(
        "place", type="quantitative", title=None, axis=hidden, scale=alt.Scale(zero=False, nice=False, padding=enc.EDGE)
    )
    base = alt.Chart(data).encode(
        x=across, color=enc.single("main"), tooltip=enc.tip(data, {**choices, "estimate": value_title}, "change")
    )
    above = base.mark_point(size=22, opacity=1, aria=False).encode(y=enc.upward("estimate", value_title, "change"))
    parts = [above.properties(width=enc.WIDTH, height=CURVE_HEIGHT)]
    for column, heading in choices.items():
        rows = alt.Y(column, type="nominal", sort=None, title=None, axis=alt.Axis(titleAngle=0, domain=False))
        name = alt.TitleParams(
            heading, fontSize=chart_style.TEXT_SIZE, fontWeight=600, anchor="start", frame="group", offset=4
        )
        ticks = base.mark_tick(thickness=1.2, size=OPTION_HEIGHT - 6, aria=False).encode(y=rows)
        parts.append(ticks.properties(title=name, width=enc.WIDTH, height=alt.Step(OPTION_HEIGHT)))
    return alt.vconcat(*parts, spacing=6)


def over_one(
    frame: pd.DataFrame, *, x: str, typed: str, x_title: str, value_title: str, numbers: str = "plain"
) -> alt.LayerChart:
    """A number over one varied number, with the band of its range, in the order of the varied number.

    Parameters
    ----------
    frame : DataFrame
        One row per value: `x` (number), `typed` (how it is labelled on the axis), columns `value`, `low`, `high`
        (missing where a number has no range).
    numbers : str
        How numbers are written, as for :func:`tradeexposure.reporting.chart_builders.lines`.
    """
    value, low, high = "value", "low", "high"
    data = enc.need(frame, x, typed, value, low, high).sort_values(x, ignore_index=True)
    least, most = data[x].iloc[[0, -1]]
    ticks = data[(data[x] == most) | (data[x] <= most - NEAR_END * (most - least))]
    places, labels = json.dumps(ticks[x].tolist()), json.dumps(ticks[typed].tolist())
    axis = alt.Axis(
        values=ticks[x].tolist(), labelExpr=f"({labels})[indexof({places}, datum.value)]", labelOverlap="greedy"
    )
    across = alt.X(x, type="quantitative", title=x_title, scale=alt.Scale(zero=False, nice=False, padding=8), axis=axis)
    titles = {typed: x_title, value: value_title, low: f"{value_title}: low", high: f"{value_title}: high"}
    ends = data[[value, low, high]].stack()
    lowest, highest = ends.to_numpy(dtype=float).min(), ends.to_numpy(dtype=float).max()
    # A band that ends on a tick looks cut off.
    top = enc.head(data[high].fillna(data[value]))
    upward = enc.upward(low, value_title, numbers, zero=bool(lowest >= 0), top=top)
    base = alt.Chart(data).encode(x=across, tooltip=enc.tip(data, titles, numbers))
    band = base.transform_filter(f"isValid(datum['{low}'])").mark_area(opacity=chart_style.BAND_OPACITY, line=False)
    line = base.mark_line(point={"size": 40, "filled": True}).encode(y=alt.Y(value, type="quantitative"))
    shade = enc.single("main")
    drawn = [band.encode(y=upward, y2=alt.Y2(high), color=shade),
             line.encode(color=shade)]  # fmt: skip
    if lowest < 0 < highest:
        drawn.append(enc.dashed(0, LEVEL_COLOUR))
    return enc.layered(*drawn)


def over_two(frame: pd.DataFrame, *, titles: Mapping[str, str]) -> alt.LayerChart:
    """A number over two varied ones: one cell each, coloured by the number and labelled with it.

    Parameters
    ----------
    frame : DataFrame
        One row per cell: `x_typed` and `y_typed` (how the varied values are labelled, in the order of their axes),
        `value`, `text` (the number as it is read).
    titles : mapping
        Headings of `x_typed`, `y_typed` and `value`.
    """
    x, y, value, text = columns = ("x_typed", "y_typed", "value", "text")
    data = enc.need(frame, *columns)
    lowest, highest = float(data[value].min()), float(data[value].max())
    around = lowest < 0 < highest
    most = max(abs(lowest), abs(highest))
    scale = (
        alt.Scale(domain=[-most, 0, most], range=list(AROUND_ZERO)) if around
        else alt.Scale(domain=[lowest, highest], range=list(RISING if highest > 0 else RISING[::-1]))
    )  # fmt: skip
    slots = {name: alt.Axis(labelAngle=0, title=titles[name], domain=False, ticks=False) for name in (x, y)}
    tips = [alt.Tooltip(name, type="nominal", title=titles[name]) for name in (x, y)]
    tips.append(alt.Tooltip(text, type="nominal", title=titles[value]))
    base = alt.Chart(data).encode(
        x=alt.X(x, type="ordinal", sort=None, axis=slots[x]),
        y=alt.Y(y, type="ordinal", sort=None, axis=slots[y]),
        tooltip=tips,
    )
    shade = alt.Color(value, type="quantitative", scale=scale, legend=None)
    cells = base.mark_rect(stroke="#ffffff", strokeWidth=2).encode(color=shade)
    texts = base.mark_text(fontSize=chart_style.TEXT_SIZE, color="#1a1d21").encode(text=alt.Text(text, type="nominal"))
    return enc.layered(cells, texts, height=max(SMALLEST, CELL_HEIGHT * data[y].nunique()))
