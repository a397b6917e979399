"""Charts as every notebook shows them: one theme, one output bundle, the same bytes every time.

The builders (:func:`lines`, :func:`bars`, :func:`stacked`, :func:`dots_ranges`, :func:`fan`, :func:`steps`,
:func:`with_events`, :func:`province_map`, :func:`subdivision_map`) take tidy frames and return Altair charts;
:func:`show` displays one.
"""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd
from altair import data_transformers, theme
from altair.utils import schemapi, update_nested

from tradeexposure import data
from tradeexposure.core import units
from tradeexposure.core.text import as_output
from tradeexposure.reporting import result_lineage
from tradeexposure.reporting.chart_builders import bars, dots_ranges, fan, lines, stacked, steps, with_events
from tradeexposure.reporting.chart_maps import province_map, subdivision_map
from tradeexposure.reporting.chart_style import MIME, THEME, VEGALITE, output, svg

__all__ = [
    "MIME", "THEME", "VEGALITE", "Drawn", "bars", "dots_ranges", "fan", "lines", "present", "province_map", "show",
    "spec_of", "stacked", "steps", "subdivision_map", "svg", "with_events",
]  # fmt: skip

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
DIGITS = 4
ENDS = "Figures end with {month}. {why}"
TITLE_WIDTH = 76  # letters on one line of a chart's title
schemapi.disable_debug_mode()  # a chart is checked as a whole when it is shown, and not each part of it before
ChartLike = alt.Chart | alt.LayerChart | alt.HConcatChart | alt.VConcatChart | alt.ConcatChart | alt.FacetChart


def rounded(value: Any, digits: int = DIGITS) -> Any:
    """`value` with every float in it, however deep, at `digits` significant digits; not-a-number becomes None."""
    if isinstance(value, dict):
        return {key: rounded(item, digits) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item, digits) for item in value]
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        short = units.significant(value, digits)
        return int(short) if short.is_integer() else short
    return value


def _renamed(value: Any, names: dict[str, str]) -> Any:
    """`value` with every string that is one of `names` replaced, keys too."""
    if isinstance(value, dict):
        return {names.get(key, key): _renamed(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    return names.get(value, value) if isinstance(value, str) else value


def _names_in(value: Any) -> list[str]:
    """Names that Altair numbers with a counter of the session (parameters, views), in order of appearance."""
    if isinstance(value, dict):
        own = [value["name"]] if isinstance(value.get("name"), str) else []
        return own + [name for item in value.values() for name in _names_in(item)]
    return [name for item in value for name in _names_in(item)] if isinstance(value, list) else []


def spec_of(chart: ChartLike, *, title: str, alt: str, results: Sequence[str] = (), until: str = "") -> dict[str, Any]:
    """The Vega-Lite 5 specification of `chart` with the theme, its title and its alternative text.

    Floats in the data have 4 significant digits, data sets and parameters are named in order of appearance:
    the same frame gives the same bytes in every session.

    Raises
    ------
    ValueError
        No title or no alternative text.
    """
    for name, text in (("title", title), ("alt", alt)):
        if not text.strip():
            raise ValueError(f"chart {title!r}: {name} is empty; say in words what the chart shows")
    # Without Altair's own defaults, whatever the session enabled, and without a limit on rows.
    with theme.enable("none"), data_transformers.enable("default", max_rows=None):
        spec = json.loads(json.dumps(chart.to_dict()))
    sets = spec.pop("datasets", {})
    counted = [name for name in dict.fromkeys(_names_in(spec)) if name not in sets]
    names = {name: f"table_{place}" for place, name in enumerate(sets, 1)}
    names |= {name: f"name_{place}" for place, name in enumerate(counted, 1)}
    body = _renamed({key: item for key, item in spec.items() if key not in ("$schema", "config")}, names)
    return {
        "$schema": SCHEMA,
        "title": textwrap.wrap(title, TITLE_WIDTH),
        "description": " ".join(alt.split()),
        "usermeta": {
            "title": title,
            "embedOptions": {"actions": False},
            **({"results": list(results)} if results else {}),
            **({"ends": ending} if (ending := ends(until)) else {}),
        },
        **body,
        "config": update_nested(THEME, spec.get("config", {}), copy=True),
        "datasets": {names[name]: rounded(rows) for name, rows in sets.items()},
    }


def ends(table: str) -> str:
    """Why a chart ends where the figures of a table do; empty where the table says nothing of it."""
    ending = data.ending(table) if table else None
    return ENDS.format(month=f"{ending[0]:%B %Y}", why=ending[1]) if ending else ""


def show(chart: ChartLike, *, title: str, alt: str, results: Sequence[str] = (), until: str = "") -> None:
    """Show a chart in the notebook and on the report.

    Parameters
    ----------
    chart : Chart
        From one of the builders, or any Altair chart that uses nothing newer than Vega-Lite 5.
    title : str
        What the reader should see in it, as a sentence.
    alt : str
        The same for someone who does not see it: kind of chart, range, the finding.
    results : sequence of str, optional
        Identifiers of published numbers that the chart shows without their ranges, ``*`` for any letters; those that it
        shows with their ranges are found.
    until : str, optional
        Table whose last figures the chart ends with: why it goes no further, as the table's description says, is told
        under it.

    Raises
    ------
    ValueError
        No title or no alternative text.
    """
    from IPython.display import display

    spec = spec_of(chart, title=title, alt=alt, results=results, until=until)
    read = result_lineage.tables_of_what_runs()
    display(output(spec if read is None else {**spec, "usermeta": {**spec["usermeta"], "tables": read}}), raw=True)


def monthly_alt(dollars: pd.DataFrame) -> str:
    """Lines by month for those who do not see them: each column of `dollars` by its lowest and highest month."""
    heights = [
        f"{name} from {line.min() / units.MILLION:.0f} million dollars ({line.idxmin():%B %Y}) to "
        f"{line.max() / units.MILLION:.0f} million ({line.idxmax():%B %Y})"
        for name, line in dollars.items()
    ]
    return f"Lines by month, {dollars.index.min():%B %Y} to {dollars.index.max():%B %Y}: {'; '.join(heights)}."


@dataclass(frozen=True)
class Drawn:
    """A chart with its title and alternative text, put together where the numbers decide what they say."""

    chart: ChartLike
    title: str
    alt: str


def present(drawn: Drawn | str) -> None:
    """Show a chart, or the sentence that stands in the place of an empty one."""
    from IPython.display import display

    if isinstance(drawn, str):
        display(as_output(drawn), raw=True)
    else:
        show(drawn.chart, title=drawn.title, alt=drawn.alt)
