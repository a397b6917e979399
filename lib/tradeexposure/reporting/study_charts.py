"""Charts that every study of an effect has: a dashed level, and all specifications from the lowest to the highest."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import pandas as pd

from tradeexposure.reporting import chart_encodings as enc
from tradeexposure.reporting import chart_style
from tradeexposure.reporting.charts import ChartLike


def level(value: float, *, colour: str = "placebo", heavy: bool = False) -> alt.Chart:
    """A dashed rule across a chart at `value`; `colour` is a name of :data:`chart_style.COLOURS`."""
    width = 2 if heavy else alt.Undefined
    rule = alt.Chart().mark_rule(strokeDash=[4, 3], color=chart_style.COLOURS[colour], strokeWidth=width)
    return rule.encode(y=alt.YDatum(value))


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
