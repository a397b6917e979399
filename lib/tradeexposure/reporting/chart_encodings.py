"""What every chart shares: checked columns, names as readers see them, axes, colours, levels, what hovering shows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal, cast

import altair as alt
import pandas as pd

from tradeexposure.core import units
from tradeexposure.reporting import chart_style

Kind = Literal["temporal", "quantitative", "nominal"]
WIDTH, HEIGHT = 640, 320
HEADROOM = 1.05  # of the largest number: a mark that ends with the axis looks cut off
TICKS = 10  # that Vega rounds the ends of an axis by, and the steps between them over a power of ten
STEPS = ((50**0.5, 10), (10**0.5, 5), (2**0.5, 2), (0, 1))
EDGE = 10  # pixels between the outermost points and the ends of their axis
ZERO = "#7d848c"
# d3 formats of (axis, tooltip); None leaves the axis to Vega.
NUMBERS: dict[str, tuple[str | None, str]] = {
    "plain": (None, ",.4~r"),
    "share": (".0%", ".1%"),
    "change": ("+.0%", "+.1%"),
    "money": ("$~s", "$,.4~r"),
}
# d3's SI prefixes as the business pages write them, and no sign before a zero.
LABELS: dict[str, str] = {
    "money": "datum.value == 0 ? 'C$0' : "
    "replace(replace(replace(replace(datum.label, '$', 'C$'), 'G', ' bn'), 'M', ' m'), 'k', ' k')",
    "change": "datum.value == 0 ? '0%' : datum.label",
}


def need(frame: pd.DataFrame, *columns: str | None) -> pd.DataFrame:
    """The named columns of `frame`, in that order, with a fresh index.

    Raises
    ------
    ValueError
        No rows, or a column that is not there.
    """
    wanted = list(dict.fromkeys(column for column in columns if column))
    missing = [column for column in wanted if column not in frame]
    if missing or frame.empty:
        fault = f"no column {', '.join(missing)}" if missing else "no rows"
        raise ValueError(f"chart: {fault}; the frame has the columns {', '.join(map(str, frame.columns))}")
    return frame[wanted].reset_index(drop=True)


def named(frame: pd.DataFrame, column: str | None) -> pd.DataFrame:
    """`frame` with the names in `column` as a reader sees them."""
    return frame if column is None else frame.assign(**{column: frame[column].map(chart_style.label)})


def kind_of(values: pd.Series) -> Kind:
    """Vega-Lite type of a column: dates are temporal, numbers quantitative, names nominal."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return "temporal"
    return "quantitative" if pd.api.types.is_numeric_dtype(values) else "nominal"


def is_year(values: pd.Series) -> bool:
    """Whole numbers that can only be years: they get no thousands comma."""
    return pd.api.types.is_integer_dtype(values) and bool(values.between(1900, 2100).all())


def heading(column: str, title: str | None) -> str:
    """The heading of a column in the tooltip and in the chart's data table."""
    return title or chart_style.label(column)


def axis(numbers: str, **more: Any) -> alt.Axis:
    """An axis that writes numbers in one of the styles of :data:`NUMBERS`; of its grid the line at zero is darker."""
    if more.get("grid"):
        zero = {"condition": {"test": "datum.value === 0", "value": ZERO}, "value": chart_style.GRID}
        more["gridColor"] = zero
    if NUMBERS[numbers][0] is not None:
        more["format"] = NUMBERS[numbers][0]
    if numbers in LABELS:
        more["labelExpr"] = LABELS[numbers]
    return alt.Axis(**more)


def across(frame: pd.DataFrame, column: str, title: str | None, *, bands: bool = False, points: bool = False) -> alt.X:
    """Horizontal place of a date, a number or a name.

    `bands` gives every year its own slot, for bars; `points` leaves room for the outermost ones.
    """
    kind, edge = kind_of(frame[column]), alt.Scale(padding=EDGE) if points else alt.Undefined
    if kind == "temporal":
        return alt.X(column, type="temporal", title=title, scale=edge)
    if kind == "nominal" or bands:
        slots = alt.Axis(labelAngle=0, labelOverlap=True, labelFlush=False)
        return alt.X(column, type="ordinal", title=title, sort=None, axis=slots)
    plain = alt.Axis(format="d") if is_year(frame[column]) else alt.Axis()
    scale = alt.Scale(zero=False, nice=False, padding=EDGE if points else alt.Undefined)
    return alt.X(column, type="quantitative", title=title, scale=scale, axis=plain)


def upward(
    column: str, title: str, numbers: str, *, zero: bool = True, top: float | None = None, foot: float | None = None,
    **more: Any,
) -> alt.Y:  # fmt: skip
    """Vertical place of a number; the axis reaches from `foot` to `top` at least (of :func:`head`)."""
    scale = alt.Scale(
        zero=zero, nice=True, domainMax=alt.Undefined if top is None else top,
        domainMin=alt.Undefined if foot is None else foot,
    )  # fmt: skip
    return alt.Y(
        column, type="quantitative", title=title, scale=scale, axis=axis(numbers, tickCount=5, grid=True), **more
    )


def head(*values: pd.Series) -> float | None:
    """How far an axis reaches at least so that the largest of `values` has room above it."""
    highest = float(pd.concat(values).max())
    return units.significant(HEADROOM * highest, 4) if highest > 0 else None


def reaching(values: pd.Series) -> alt.Scale:
    """A scale from zero on which neither the largest nor the smallest of `values` ends with the axis."""
    low, high = head(-values), head(values)
    return alt.Scale(
        domainMax=alt.Undefined if high is None else high, domainMin=alt.Undefined if low is None else -low
    )


def reach(*values: pd.Series, zero: bool = True) -> tuple[float, float]:
    """Lowest and highest number of the axis that :func:`upward` makes of `values`, rounded as Vega does."""
    whole = pd.concat(values)
    low, high = float(whole.min()), head(whole) or float(whole.max())
    low, high = (min(low, 0.0), max(high, 0.0)) if zero else (low, high)
    if low == high:
        return low, low + 1
    power = 10 ** math.floor(math.log10((high - low) / TICKS))
    step = power * next(factor for least, factor in STEPS if (high - low) / TICKS / power >= least)
    return math.floor(low / step) * step, math.ceil(high / step) * step


def colour(
    values: pd.Series,
    group: str,
    fixed: Mapping[str, str] | None = None,
    *,
    stroke: bool = False,
    offset: int | None = None,
    named: bool = True,
) -> alt.Color:
    """Colour by name, the same for the same thing on every chart.

    `offset` is the legend's distance from the plot; `named` is false where panels name what the colours stand for.
    """
    names = list(dict.fromkeys(values))
    shades = chart_style.colours(names, {chart_style.label(name): shade for name, shade in (fixed or {}).items()})
    symbol: dict[str, Any] = {"symbolType": "stroke", "symbolStrokeWidth": 3, "symbolSize": 220} if stroke else {}
    symbol |= {"offset": offset} if offset is not None else {}
    legend = alt.Legend(title=None, symbolOpacity=1, **symbol) if named and len(names) > 1 else None
    return alt.Color(group, type="nominal", scale=alt.Scale(domain=names, range=shades), legend=legend)


def tip(frame: pd.DataFrame, titles: Mapping[str, str], numbers: str) -> list[alt.Tooltip]:
    """What hovering shows: each column of `titles` under its heading."""
    tips = []
    for column, title in titles.items():
        kind = kind_of(frame[column])
        # A whole number is a count of steps or places, whatever the chart shows of them.
        style = "plain" if numbers != "money" and pd.api.types.is_integer_dtype(frame[column]) else numbers
        daily = kind == "temporal" and (frame[column].dropna().dt.day != 1).any()
        form = {"temporal": "%d %b %Y" if daily else "%b %Y", "quantitative": NUMBERS[style][1]}
        shape = "d" if kind == "quantitative" and is_year(frame[column]) else form.get(kind, alt.Undefined)
        tips.append(alt.Tooltip(column, type=kind, title=title, format=shape))
    return tips


def layered(*charts: alt.Chart | alt.LayerChart, width: float = WIDTH, height: float = HEIGHT) -> alt.LayerChart:
    """Charts on top of one another, the first at the bottom."""
    return cast(alt.LayerChart, alt.layer(*charts).properties(width=width, height=height))


def single(name: str) -> alt.ColorValue:
    """The colour of one thing, for a chart without groups."""
    return alt.ColorValue(chart_style.COLOURS[chart_style.key(name)])


def dashed(value: float, colour: str, *, across: bool = False) -> alt.Chart:
    """A dashed rule at a height, or, with `across`, at a place on the horizontal axis."""
    rule = alt.Chart().mark_rule(strokeDash=[4, 3], color=colour)
    return rule.encode(x=alt.XDatum(value)) if across else rule.encode(y=alt.YDatum(value))
