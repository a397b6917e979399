"""A number over the values of a grid: a curve with its range over one, a heat map over two."""

from __future__ import annotations

import json
from collections.abc import Mapping

import altair as alt
import pandas as pd

from tradeexposure.reporting import chart_encodings as enc
from tradeexposure.reporting.chart_builders import BAND_OPACITY

RISING = ("#ffffff", "#74a9d8")  # dark letters stand out on all of it
AROUND_ZERO = ("#e0996f", "#ffffff", "#74a9d8")
LEVEL_COLOUR = "#6b7280"  # not of the palette: another shade would change pictures that are published
CELL_HEIGHT, SMALLEST = 48, 120
HEADROOM = 1.05


def curve(
    frame: pd.DataFrame, *, x: str, typed: str, value: str, low: str, high: str, x_title: str, value_title: str,
    numbers: str = "plain",
) -> alt.LayerChart:  # fmt: skip
    """A number over one varied number, with the band of its range, in the order of the varied number.

    Parameters
    ----------
    frame : DataFrame
        One row per value: `x` (number), `typed` (how it is labelled on the axis), `value`, `low`, `high` (missing where
        a number has no range).
    numbers : str
        How numbers are written, as for :func:`tradeexposure.reporting.chart_builders.lines`.

    Raises
    ------
    ValueError
        No rows, or a column that is not there.
    """
    data = enc.need(frame, x, typed, value, low, high).sort_values(x, ignore_index=True)
    places, labels = json.dumps(data[x].tolist()), json.dumps(data[typed].tolist())
    axis = alt.Axis(
        values=data[x].tolist(), labelExpr=f"({labels})[indexof({places}, datum.value)]", labelOverlap="greedy"
    )
    across = alt.X(x, type="quantitative", title=x_title, scale=alt.Scale(zero=False, nice=False, padding=8), axis=axis)
    titles = {typed: x_title, value: value_title, low: f"{value_title}: low", high: f"{value_title}: high"}
    ends = data[[value, low, high]].stack()
    lowest, highest = ends.to_numpy(dtype=float).min(), ends.to_numpy(dtype=float).max()
    # A band that ends on a tick looks cut off.
    top = HEADROOM * highest if highest > 0 else None
    upward = enc.upward(low, value_title, numbers, zero=bool(lowest >= 0), top=top)
    base = alt.Chart(data).encode(x=across, tooltip=enc.tip(data, titles, numbers))
    band = base.transform_filter(f"isValid(datum['{low}'])").mark_area(opacity=BAND_OPACITY, line=False)
    line = base.mark_line(point={"size": 40, "filled": True}).encode(y=alt.Y(value, type="quantitative"))
    shade = enc.single("main")
    drawn = [band.encode(y=upward, y2=alt.Y2(high), color=shade),
             line.encode(color=shade)]  # fmt: skip
    if lowest < 0 < highest:
        drawn.append(enc.dashed(0, LEVEL_COLOUR))
    return enc.layered(*drawn)


def heat(frame: pd.DataFrame, *, x: str, y: str, value: str, text: str, titles: Mapping[str, str]) -> alt.LayerChart:
    """A number over two varied ones: one cell each, coloured by the number and labelled with it.

    Parameters
    ----------
    frame : DataFrame
        One row per cell: `x` and `y` (how the varied values are labelled, in the order of their axes), `value`, `text`
        (the number as it is read).
    titles : mapping
        Headings of `x`, `y` and `value`.

    Raises
    ------
    ValueError
        No rows, or a column that is not there.
    """
    data = enc.need(frame, x, y, value, text)
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
    texts = base.mark_text(fontSize=12, color="#1a1d21").encode(text=alt.Text(text, type="nominal"))
    return enc.layered(cells, texts, height=max(SMALLEST, CELL_HEIGHT * data[y].nunique()))
