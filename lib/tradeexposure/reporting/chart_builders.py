"""Charts from tidy frames: lines, bars, stacks, points with ranges, fans, steps, and the dates of events above them.

A frame without rows or without a named column is a ``ValueError`` (:func:`chart_encodings.need`).
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any, cast

import altair as alt
import numpy as np
import pandas as pd

from tradeexposure.core import units
from tradeexposure.reporting import chart_encodings as enc
from tradeexposure.reporting import chart_style

LETTER = 6.3  # pixels, mean width of a letter of an event's name on a phone; French names are longer
SHORTEST = 18  # letters that a short name of an event takes in French
EVENT_ROW = 15  # pixels between two rows of event names
NARROW = 265  # pixels of plot on a phone; names are placed so that they do not overlap on a phone either
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
) -> alt.Chart | alt.LayerChart:
    """One line per group over time; a few of them are named at their ends.

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
        Name in :data:`chart_style.COLOURS` when there is no group.
    colours : mapping, optional
        Colours by name, for groups that have none of their own.
    """
    data = enc.named(enc.need(frame, x, group, y), group)
    titles = {**_first(group), x: enc.heading(x, x_title), y: enc.heading(y, y_title)}
    few = group is not None and 1 < data[group].nunique() <= chart_style.MOST_NAMED
    shade = enc.colour(data[group], group, colours, stroke=True, named=not few) if group else enc.single(colour)
    dots: dict[str, Any] = {"size": 30, "filled": True} if points else chart_style.HOVER_POINT
    drawn = (
        alt.Chart(data)
        .mark_line(point=dots)
        .encode(
            x=enc.across(data, x, x_title, points=points),
            y=enc.upward(y, y_title, numbers, zero=zero, top=enc.head(data[y])),
            color=shade,
            tooltip=enc.tip(data, titles, numbers),
        )
        .properties(width=enc.WIDTH, height=enc.HEIGHT)
    )
    if not few or group is None:
        return drawn
    span = enc.reach(data[y], zero=zero)
    return enc.layered(drawn, named_ends(data, x=x, y=y, group=group, shade=shade, span=span))


def banded(
    frame: pd.DataFrame, *, x: alt.X, group: str, tooltip: list[alt.Tooltip], y_title: str, numbers: str = "plain"
) -> alt.LayerChart:
    """Lines of `value` over a number with bands from `low` to `high`, `group` written at their ends."""
    shade = enc.colour(frame[group], group, named=False)
    base = alt.Chart(frame).encode(x=x, color=shade, tooltip=tooltip)
    band = base.mark_area(opacity=0.15, line=False).encode(
        y=enc.upward("low", y_title, numbers, top=enc.head(frame["high"])), y2=alt.Y2("high")
    )
    line = base.mark_line(point=True).encode(y=alt.Y("value", type="quantitative"))
    names = named_ends(
        frame, x=str(x.shorthand), y="value", group=group, shade=shade, span=enc.reach(frame["low"], frame["high"]),
        height=enc.HEIGHT,
    )  # fmt: skip
    return enc.layered(band, line, names)


def named_ends(
    data: pd.DataFrame,
    *,
    x: str,
    y: str,
    group: str,
    shade: alt.Color | alt.ColorValue,
    span: tuple[float, float],
    height: float = enc.HEIGHT,
) -> alt.Chart:
    """The name of each line right of the plot, beside its last number.

    Parameters
    ----------
    data : DataFrame
        As drawn, with names as a reader sees them.
    shade : alt.Color
        Of the lines, without a legend.
    span : tuple of float
        What the vertical axis reaches over, of :func:`chart_encodings.reach`.
    """
    known = data.dropna(subset=[y])
    ordered = known if enc.kind_of(known[x]) == "nominal" else known.sort_values(x, kind="stable")
    last = ordered.groupby(group, sort=False).tail(1)[[group, y]].reset_index(drop=True)
    heights = [height * (span[1] - value) / (span[1] - span[0]) for value in last[y]]
    named: dict[str, Any] = {chart_style.END_NAME: last[group], chart_style.END_AT: np.round(heights, 1),
                             chart_style.END_SHIFT: chart_style.end_shifts(heights, [1] * len(last))}  # fmt: skip
    ends = last.assign(**named)
    shift = alt.ExprRef(f"datum.{chart_style.END_SHIFT}")
    text = alt.Chart(ends).mark_text(
        align="left", baseline="middle", dx=8, dy=shift, fontSize=chart_style.TEXT_SIZE, fontWeight=600, lineBreak="\n",
        lineHeight=chart_style.END_LINE,
    )  # fmt: skip
    return text.encode(
        x=alt.XValue("width"), y=alt.Y(y, type="quantitative"), color=shade,
        text=alt.Text(chart_style.END_NAME, type="nominal"),
    )  # fmt: skip


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
        Name in :data:`chart_style.COLOURS` when there is no group.
    """
    data = enc.named(enc.named(enc.need(frame, category, group, value), category), group)
    titles = {category: enc.heading(category, None), **_first(group), value: enc.heading(value, value_title)}
    near = LEGEND_NEAR if horizontal else None
    shade = enc.colour(data[group], group, colours, offset=near) if group else enc.single(colour)
    lying, standing = alt.Axis(titleAngle=0, labelLimit=260, domain=True), alt.Axis(labelAngle=0, labelFlush=False)
    slots = lying if horizontal else standing
    names: dict[str, Any] = {"type": "nominal", "sort": None, "title": None, "axis": slots}
    if horizontal:
        grid = enc.axis(numbers, grid=True, domain=False, ticks=False, tickCount=5)
        place: dict[str, Any] = {
            "y": alt.Y(category, **names),
            "x": alt.X(value, type="quantitative", title=value_title, axis=grid, scale=enc.reaching(data[value])),
        }
        beside: dict[str, Any] = {"yOffset": alt.YOffset(group, type="nominal", sort=None)} if group else {}
    else:
        place = {"x": alt.X(category, **names), "y": enc.upward(value, value_title, numbers, top=enc.head(data[value]))}
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
    y_title: str = "",
    area: bool = False,
    colours: Mapping[str, str] | None = None,
) -> alt.Chart:
    """Parts of a whole over time as stacked bars or areas, the first group at the bottom.

    Parameters
    ----------
    frame : DataFrame
        Tidy, one row per `x` × `group`, no negative `y`.
    area : bool
        Areas in place of bars, for long monthly series.

    Raises
    ------
    ValueError
        A negative part.
    """
    data = enc.named(enc.need(frame, x, group, y), group)
    if (data[y] < 0).any():
        raise ValueError(f"chart: {y} has negative parts, which cannot be stacked")
    places = {name: place for place, name in enumerate(dict.fromkeys(data[group]))}
    ranked = data.assign(stack_order=data[group].map(places))
    titles = {**_first(group), x: enc.heading(x, None), y: enc.heading(y, y_title)}
    chart = alt.Chart(ranked).mark_area() if area else alt.Chart(ranked).mark_bar()
    return chart.encode(
        x=enc.across(data, x, None, bands=not area and enc.kind_of(data[x]) != "temporal"),
        y=enc.upward(y, y_title, "plain", stack="zero", top=enc.head(data.groupby(x)[y].sum())),
        color=enc.colour(data[group], group, colours),
        order=alt.Order("stack_order", type="quantitative"),
        tooltip=enc.tip(data, titles, "plain"),
    ).properties(width=enc.WIDTH, height=enc.HEIGHT)


def dots_ranges(
    frame: pd.DataFrame,
    *,
    label: str,
    value: str = "value",
    low: str = "low",
    high: str = "high",
    group: str | None = None,
    value_title: str = "",
    numbers: str = "plain",
    reference: float | None = None,
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
        A range that does not hold its value.
    """
    data = enc.named(enc.named(enc.need(frame, label, group, value, low, high), label), group)
    ranged = data.dropna(subset=[low, high])
    if not ranged[value].between(ranged[low], ranged[high]).all():
        raise ValueError(f"chart: a range {low} to {high} does not hold its {value}")
    titles = {label: enc.heading(label, None), **_first(group), value: enc.heading(value, value_title)}
    titles |= {low: enc.heading(low, None), high: enc.heading(high, None)}
    grid = enc.axis(numbers, grid=True, domain=False, ticks=False, tickCount=5)
    names = alt.Axis(titleAngle=0, labelLimit=260, domain=False)
    beside: dict[str, Any] = {"yOffset": alt.YOffset(group, type="nominal", sort=None)} if group else {}
    base = alt.Chart(data).encode(
        y=alt.Y(label, type="nominal", sort=list(dict.fromkeys(data[label])), title=None, axis=names),
        color=enc.colour(data[group], group, colours, offset=LEGEND_NEAR) if group else enc.single("estimate"),
        tooltip=enc.tip(data, titles, numbers),
        **beside,
    )
    scale = alt.Scale(zero=False, nice=False, padding=2 * enc.EDGE)
    span = alt.X(low, type="quantitative", title=value_title, scale=scale, axis=grid)
    layers = [
        base.mark_rule(strokeWidth=3, opacity=chart_style.RANGE_OPACITY).encode(x=span, x2=alt.X2(high)),
        base.mark_point(size=90, opacity=1).encode(x=alt.X(value, type="quantitative")),
    ]
    if reference is not None:
        layers.insert(0, enc.dashed(reference, chart_style.MUTED, across=True))
    return enc.layered(*layers, height=BAR * len(data) + 10)


def _first(group: str | None) -> dict[str, str]:
    return {group: enc.heading(group, None)} if group else {}


def fan(
    history: pd.DataFrame, forecast: pd.DataFrame, *, x: str, y: str, y_title: str = "", zero: bool = True
) -> alt.LayerChart:
    """History, the forecast's middle, and a band for each level, which the title above the plot names.

    Parameters
    ----------
    history : DataFrame
        One row per `x`: columns `x`, `y`.
    forecast : DataFrame
        One row per `x` × `level` (coverage of the band, 0 to 1): `y` (median, repeated over levels), `low`, `high`.
    """
    past, bands = enc.need(history, x, y), enc.need(forecast, x, "level", "low", y, "high")
    when, what = enc.heading(x, None), enc.heading(y, y_title)
    place: dict[str, Any] = {"x": enc.across(past, x, None)}
    titles = {x: when, y: f"{what}: median", "low": f"{what}: low", "high": f"{what}: high"}
    covered = alt.Tooltip("level", type="quantitative", title="Coverage of the range", format=".0%")
    future = alt.Chart(bands).encode(
        color=enc.single("median"), tooltip=[*enc.tip(bands, titles, "plain"), covered], **place
    )
    least = float(bands["low"].min())
    foot = None if zero else units.significant(least - (enc.HEADROOM - 1) * abs(least), 4)
    levels = " and ".join(f"{level:.0%}" for level in sorted(bands["level"].unique()))
    title = "; ".join(part for part in (y_title, "dashed: expected path", f"bands: {levels}") if part)
    reach = enc.upward("low", title, "plain", zero=zero, top=enc.head(bands["high"], past[y]), foot=foot)
    area = future.mark_area(opacity=chart_style.BAND_OPACITY, line=False).encode(
        y=reach, y2=alt.Y2("high"), detail=[alt.Detail("level", type="nominal")]
    )
    mean = alt.Y(y, type="quantitative", aggregate="mean")
    middle = future.mark_line(strokeDash=[6, 3], point=chart_style.HOVER_POINT).encode(y=mean, tooltip=alt.Undefined)
    observed = alt.Chart(past).mark_line(point=chart_style.HOVER_POINT, color=chart_style.COLOURS["history"])
    seen = observed.encode(y=alt.Y(y, type="quantitative"), tooltip=enc.tip(past, {x: when, y: what}, "plain"), **place)
    return enc.layered(area, middle, seen)


def steps(
    frame: pd.DataFrame,
    *,
    start: str,
    end: str,
    y: str,
    group: str | None = None,
    y_title: str = "",
    colours: Mapping[str, str] | None = None,
) -> alt.LayerChart:
    """What was in force when: one level stretch per row, from its first day to its last.

    Parameters
    ----------
    frame : DataFrame
        One row per stretch (× `group`): `start` and `end` are dates, `y` the rate in force; a
        missing `y` (no rate is known or defined) leaves the stretch empty.
    """
    data = enc.named(enc.need(frame, group, start, end, y), group)
    data = data.assign(**{end: pd.to_datetime(data[end]), start: pd.to_datetime(data[start])})
    titles = {**_first(group), start: "From", end: "To"}
    few = group is not None and 1 < data[group].nunique() <= chart_style.MOST_NAMED
    shade = enc.colour(data[group], group, colours, stroke=True, named=not few) if group else enc.single("main")
    base = alt.Chart(data).encode(color=shade, tooltip=enc.tip(data, {**titles, y: enc.heading(y, y_title)}, "share"))
    flat = base.mark_rule(strokeWidth=3).encode(
        x=alt.X(start, type="temporal", title=None), x2=alt.X2(end),
        y=enc.upward(y, y_title, "share", top=enc.head(data[y])),
    )  # fmt: skip
    span = enc.reach(data[y])
    names = [named_ends(data, x=start, y=y, group=group, shade=shade, span=span)] if few and group else []
    before = data.groupby(group)[y].shift() if group else data[y].shift()
    jumps = data.assign(previous=before).dropna(subset=["previous", y])
    if jumps.empty:
        return enc.layered(flat, *names)
    rise = base.mark_rule(strokeWidth=1, opacity=0.6).encode(
        x=alt.X(start, type="temporal"), y=alt.Y(y, type="quantitative"), y2=alt.Y2("previous")
    )
    return enc.layered(rise.properties(data=jumps), flat, *names)


def with_events(chart: alt.Chart | alt.LayerChart, events: pd.DataFrame) -> alt.LayerChart:
    """`chart`, whose horizontal axis is time, with a dated rule and name for each event above the plot.

    Call it last: the result makes room for the names and cannot be layered again.

    Parameters
    ----------
    chart : Chart or LayerChart
        As built by this package, with dates across.
    events : DataFrame
        One row per event: columns `date` (datetime) and `label` (a few words).
    """
    data = enc.need(events, "date", "label").sort_values(["date", "label"], ignore_index=True)
    data = data.assign(date=pd.to_datetime(data["date"]))
    frames = [part.data for part in [chart, *getattr(chart, "layer", [])] if isinstance(part.data, pd.DataFrame)]
    whole = pd.concat([data["date"], *(frame[name] for frame in frames for name in frame.select_dtypes("datetime"))])
    span = whole.min(), whole.max()
    rows, left = _rows(data["date"], data["label"], span)
    base = alt.Chart(data.assign(event_row=rows, event_left=left)).encode(
        x=alt.X("date", type="temporal"), tooltip=enc.tip(data, {"date": "Date", "label": "Event"}, "plain")
    )
    width, height = getattr(chart, "width", enc.WIDTH), getattr(chart, "height", enc.HEIGHT)
    rules, names, shade = [], [], alt.ColorValue(chart_style.MUTED)
    for row, before in sorted(set(zip(rows, left, strict=True))):
        own = base.transform_filter(f"datum.event_row == {row} && datum.event_left == {str(before).lower()}")
        top, shift = -8 - EVENT_ROW * row, -4 if before else 4
        rule = own.mark_rule(strokeDash=[2, 3], color=chart_style.MUTED, opacity=0.8)
        name = own.mark_text(
            align="right" if before else "left", dx=shift, fontSize=chart_style.NOTE_SIZE, baseline="middle"
        )
        # Channels by their class: for `alt.value`, a dictionary, Altair reads all its schemas to find the class.
        rules.append(rule.encode(y=alt.YValue(top - 5), y2=alt.Y2Value(height)))
        names.append(name.encode(text=alt.Text("label", type="nominal"), y=alt.YValue(top), color=shade))
    room = EVENT_ROW * (max(rows) + 1)
    return cast(
        alt.LayerChart,
        enc.layered(*rules, chart, *names, width=width, height=height)
        .configure_axisY(titleY=-8 - room)
        .configure_legend(offset=chart_style.THEME["legend"]["offset"] + room),
    )


def _rows(dates: pd.Series, labels: pd.Series, span: tuple[pd.Timestamp, pd.Timestamp]) -> tuple[list[int], list[bool]]:
    """The lowest row for each name in which it meets no other and no rule, and whether it stands left of its rule.

    A rule ends at its own name, so that a name stands above all whose rules it spans.
    """
    length = max((span[1] - span[0]).days, 1)
    places = [(date - span[0]).days / length * NARROW for date in dates]
    sizes = [LETTER * max(len(str(name)), SHORTEST) + 8 for name in labels]
    sides = [place + size > NARROW and place > size / 2 for place, size in zip(places, sizes, strict=True)]
    ends = [(x - size, x) if left else (x, x + size) for x, size, left in zip(places, sizes, sides, strict=True)]
    rows: dict[int, int] = {}
    for index in sorted(
        range(len(places)), key=lambda index: (sides[index], places[index] if sides[index] else -places[index])
    ):
        start, stop = ends[index]
        spanned = [row for placed, row in rows.items() if start < places[placed] < stop]
        met = {row for placed, row in rows.items() if start < ends[placed][1] and ends[placed][0] < stop}
        rows[index] = next(row for row in count(max(spanned, default=-1) + 1) if row not in met)
    return [rows[index] for index in range(len(places))], sides
