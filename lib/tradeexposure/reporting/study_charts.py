"""Charts that every study of an effect has: a dashed level, panels, all specifications from lowest to highest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from tradeexposure.reporting import chart_encodings as enc
from tradeexposure.reporting import chart_style
from tradeexposure.reporting.charts import ChartLike

PANEL_WIDTH, PANEL_HEIGHT = 300, 170


def level(value: float, *, colour: str = "placebo", heavy: bool = False) -> alt.Chart:
    """A dashed rule across a chart at `value`; `colour` is a name of :data:`chart_style.COLOURS`."""
    width = 2 if heavy else alt.Undefined
    rule = alt.Chart().mark_rule(strokeDash=[4, 3], color=chart_style.COLOURS[colour], strokeWidth=width)
    return rule.encode(y=alt.YDatum(value))


def panels(
    chart: alt.Chart | alt.LayerChart, *, panel: str, names: Sequence[str], title: str, columns: int = 2
) -> alt.FacetChart:
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
        labelFontSize=13, labelFontWeight=600, labelAnchor="start", labelPadding=4, titleAnchor="start",
        titleFontWeight="normal", titleColor=chart_style.MUTED, titlePadding=10,
    )  # fmt: skip
    by = alt.Facet(panel, type="nominal", sort=list(names), title=title, header=head)
    return chart.properties(width=PANEL_WIDTH, height=PANEL_HEIGHT).facet(by, columns=columns)


def specifications(
    tidy: pd.DataFrame, *, group: str, y_title: str, colours: Mapping[str, str], titles: Mapping[str, str], size: int
) -> ChartLike:
    """A point for each specification, coloured by one of its choices, over a rule at zero.

    Parameters
    ----------
    tidy : DataFrame
        `place` (1 = lowest), `estimate` (a change) and `group`, in words.
    titles : mapping
        Column → heading in what hovering shows.
    size : int
        Of a point, square pixels.
    """
    points = (
        alt.Chart(tidy)
        .mark_point(size=size, opacity=1)
        .encode(
            x=enc.across(tidy, "place", "Specifications, lowest estimate first"),
            y=enc.upward("estimate", y_title, "change"),
            color=enc.colour(tidy[group], group, colours),
            tooltip=enc.tip(tidy, titles, "change"),
        )
    )
    return enc.layered(level(0), points)
