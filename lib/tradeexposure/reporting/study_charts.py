"""Charts that every study of an effect has: a dashed level, panels, all specifications from lowest to highest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from tradeexposure.reporting import chart_encodings as enc
from tradeexposure.reporting import chart_style

PANEL_WIDTH, PANEL_HEIGHT = 300, 170
CURVE_HEIGHT, OPTION_HEIGHT = 220, 18


def level(value: float, *, colour: str = "placebo", heavy: bool = False) -> alt.Chart:
    """A dashed rule across a chart at `value`; `colour` is a name of :data:`chart_style.COLOURS`."""
    return enc.dashed(value, chart_style.COLOURS[colour], width=2 if heavy else None)


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
    across = alt.X("place", type="quantitative", title=None, axis=hidden, scale=alt.Scale(zero=False, nice=False))
    base = alt.Chart(data).encode(
        x=across, color=enc.single("main"), tooltip=enc.tip(data, {**choices, "estimate": value_title}, "change")
    )
    above = base.mark_point(size=22, opacity=1, aria=False).encode(y=enc.upward("estimate", value_title, "change"))
    parts = [above.properties(width=enc.WIDTH, height=CURVE_HEIGHT)]
    for column, heading in choices.items():
        rows = alt.Y(column, type="nominal", sort=None, title=None, axis=alt.Axis(titleAngle=0, domain=False))
        name = alt.TitleParams(heading, fontSize=12, fontWeight=600, anchor="start", frame="group", offset=4)
        ticks = base.mark_tick(thickness=1.2, size=OPTION_HEIGHT - 6, aria=False).encode(y=rows)
        parts.append(ticks.properties(title=name, width=enc.WIDTH, height=alt.Step(OPTION_HEIGHT)))
    return alt.vconcat(*parts, spacing=6)
