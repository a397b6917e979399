"""Charts from tidy frames: lines, bars, stacks and points with ranges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd

from tradeexposure import encodings as enc
from tradeexposure import palette

LEGEND_NEAR = 12  # pixels; no axis title stands between legend and lying bars
BAR = 26  # pixels of height for one lying bar or one range


def lines(
    frame: pd.DataFrame,
    *,
    x: str,
    y: str,
    group: str | None = None,
    x_title: str | None = None,
    y_title: str = "",
    numbers: str = "plain",
    zero: bool = True,
    points: bool = False,
    colour: str = "main",
    colours: Mapping[str, str] | None = None,
    height: int = enc.HEIGHT,
) -> alt.Chart:
    """One line per group over time.

    Parameters
    ----------
    frame : DataFrame
        Tidy, one row per `x` × `group`; a missing `y` is a gap in the line.
    x, y, group : str
        Columns: date, year or name; number; name of the line.
    y_title : str
        Axis title with the unit.
    numbers : {"plain", "share", "change", "money"}
        How `y` is written.
    zero : bool
        Whether the axis starts at zero.
    points : bool
        Draw the observations too.
    colour : str
        Name in :data:`palette.COLOURS` when there is no group.
    colours : mapping, optional
        Colours by name, for groups that have none of their own.

    Raises
    ------
    ValueError
        No rows, or a column that is not there.
    """
    data = enc.named(enc.need(frame, x, group, y), group)
    titles = {**_first(group), x: enc.heading(x, x_title), y: enc.heading(y, y_title)}
    shade = enc.colour(data[group], group, colours, stroke=True) if group else enc.single(colour)
    dots: dict[str, Any] = {"size": 30, "filled": True} if points else enc.HOVER_POINT
    return (
        alt.Chart(data)
        .mark_line(point=dots)
        .encode(
            x=enc.across(data, x, x_title),
            y=enc.upward(y, y_title, numbers, zero=zero),
            color=shade,
            tooltip=enc.tip(data, titles, numbers),
        )
        .properties(width=enc.WIDTH, height=height)
    )


def bars(
    frame: pd.DataFrame,
    *,
    category: str,
    value: str,
    group: str | None = None,
    value_title: str = "",
    numbers: str = "plain",
    horizontal: bool = True,
    colour: str = "main",
    colours: Mapping[str, str] | None = None,
) -> alt.Chart:
    """One bar per category, or per category × group side by side, in the frame's order.

    Parameters
    ----------
    frame : DataFrame
        Tidy, one row per `category` × `group`.
    value_title : str
        Axis title with the unit.
    horizontal : bool
        Lying bars, for names that are words; standing ones suit years.
    colour : str
        Name in :data:`palette.COLOURS` when there is no group.

    Raises
    ------
    ValueError
        No rows, or a column that is not there.
    """
    data = enc.named(enc.named(enc.need(frame, category, group, value), category), group)
    titles = {category: enc.heading(category, None), **_first(group), value: enc.heading(value, value_title)}
    near = LEGEND_NEAR if horizontal else None
    shade = enc.colour(data[group], group, colours, offset=near) if group else enc.single(colour)
    slots = alt.Axis(titleAngle=0, labelLimit=260, domain=True) if horizontal else alt.Axis(labelAngle=0)
    names: dict[str, Any] = {"type": "nominal", "sort": None, "title": None, "axis": slots}
    if horizontal:
        grid = enc.axis(numbers, grid=True, domain=False, ticks=False, tickCount=5)
        place: dict[str, Any] = {
            "y": alt.Y(category, **names),
            "x": alt.X(value, type="quantitative", title=value_title, axis=grid),
        }
        beside: dict[str, Any] = {"yOffset": alt.YOffset(group, type="nominal", sort=None)} if group else {}
    else:
        place = {"x": alt.X(category, **names), "y": enc.upward(value, value_title, numbers)}
        beside = {"xOffset": alt.XOffset(group, type="nominal", sort=None)} if group else {}
    height = BAR * len(data) + 10 if horizontal else enc.HEIGHT
    chart = alt.Chart(data).mark_bar().encode(color=shade, tooltip=enc.tip(data, titles, numbers), **place, **beside)
    return chart.properties(width=enc.WIDTH, height=height)


def stacked(
    frame: pd.DataFrame,
    *,
    x: str,
    y: str,
    group: str,
    x_title: str | None = None,
    y_title: str = "",
    numbers: str = "plain",
    share: bool = False,
    area: bool = False,
    colours: Mapping[str, str] | None = None,
    height: int = enc.HEIGHT,
) -> alt.Chart:
    """Parts of a whole over time as stacked bars or areas, the first group at the bottom.

    Parameters
    ----------
    frame : DataFrame
        Tidy, one row per `x` × `group`, no negative `y`.
    share : bool
        Scale every stack to 100%.
    area : bool
        Areas in place of bars, for long monthly series.

    Raises
    ------
    ValueError
        A negative part, no rows, or a column that is not there.
    """
    data = enc.named(enc.need(frame, x, group, y), group)
    if (data[y] < 0).any():
        raise ValueError(f"chart: {y} has negative parts, which cannot be stacked")
    places = {name: place for place, name in enumerate(dict.fromkeys(data[group]))}
    ranked = data.assign(stack_order=data[group].map(places))
    titles = {**_first(group), x: enc.heading(x, x_title), y: enc.heading(y, y_title)}
    chart = alt.Chart(ranked).mark_area() if area else alt.Chart(ranked).mark_bar()
    return chart.encode(
        x=enc.across(data, x, x_title, bands=not area and enc.kind_of(data[x]) != "temporal"),
        y=enc.upward(y, y_title, "share" if share else numbers, stack="normalize" if share else "zero"),
        color=enc.colour(data[group], group, colours),
        order=alt.Order("stack_order", type="quantitative"),
        tooltip=enc.tip(data, titles, numbers),
    ).properties(width=enc.WIDTH, height=height)


def dots_ranges(
    frame: pd.DataFrame,
    *,
    label: str,
    value: str,
    low: str,
    high: str,
    group: str | None = None,
    value_title: str = "",
    numbers: str = "plain",
    reference: float | None = None,
    colour: str = "estimate",
    colours: Mapping[str, str] | None = None,
) -> alt.LayerChart:
    """Points with their ranges, one row of the chart per label × group, in the frame's order.

    Parameters
    ----------
    frame : DataFrame
        One row per `label` × `group`; `low` and `high` may be missing together (a bare point).
    value_title : str
        Axis title with the unit and what the range is.
    reference : float, optional
        Where a dashed line stands (no effect, an outside estimate).

    Raises
    ------
    ValueError
        No rows, a column that is not there, or a range that does not hold its value.
    """
    data = enc.named(enc.named(enc.need(frame, label, group, value, low, high), label), group)
    ranged = data.dropna(subset=[low, high])
    if not ranged[value].between(ranged[low], ranged[high]).all():
        raise ValueError(f"chart: a range {low} to {high} does not hold its {value}")
    titles = {label: enc.heading(label, None), **_first(group), value: enc.heading(value, value_title)}
    titles |= {low: enc.heading(low, None), high: enc.heading(high, None)}
    grid = enc.axis(numbers, grid=True, domain=False, ticks=False, tickCount=6)
    names = alt.Axis(titleAngle=0, labelLimit=260, domain=False)
    beside: dict[str, Any] = {"yOffset": alt.YOffset(group, type="nominal", sort=None)} if group else {}
    base = alt.Chart(data).encode(
        y=alt.Y(label, type="nominal", sort=list(dict.fromkeys(data[label])), title=None, axis=names),
        color=enc.colour(data[group], group, colours, offset=LEGEND_NEAR) if group else enc.single(colour),
        tooltip=enc.tip(data, titles, numbers),
        **beside,
    )
    span = alt.X(low, type="quantitative", title=value_title, scale=alt.Scale(zero=False), axis=grid)
    layers = [
        base.mark_rule(strokeWidth=3, opacity=0.55).encode(x=span, x2=alt.X2(high)),
        base.mark_point(size=90, opacity=1).encode(x=alt.X(value, type="quantitative")),
    ]
    if reference is not None:
        dashed = alt.Chart().mark_rule(strokeDash=[4, 3], color=palette.MUTED)
        layers.insert(0, dashed.encode(x=alt.XDatum(reference)))
    return enc.layered(*layers, height=BAR * len(data) + 10)


def _first(group: str | None) -> dict[str, str]:
    return {group: enc.heading(group, None)} if group else {}
