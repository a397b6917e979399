"""How an edition is cited: charts in a line, who computed them, the card of a link; which numbers a chart shows."""

from __future__ import annotations

import base64
import json
import re
import textwrap
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from tradeexposure.core import published_rows, units
from tradeexposure.core.text import day_in_words
from tradeexposure.reporting import chart_style

if TYPE_CHECKING:
    from nbformat import NotebookNode

PROJECT = "tradeexposure"
DATED = "“{chart}”. {project}: {page} Edition {edition}, data to {data}. {file}#{anchor}"
UNDATED = "“{chart}”. {project}: {page} Edition {edition}. {file}#{anchor}"
CREDIT, OF_CHART = "Data behind the page: {publishers}.", "Data behind the chart: {publishers}."
LICENCES = "Licences: {licences}."
REUSE = "It may be reprinted with this line, on the terms of these licences."
REUSE_OWN = "It may be reprinted with this line."
OWN = "Computed by {project}, edition {edition}."
OWN_DATED = "Computed by {project}, edition {edition}, data to {data}."
DAY = re.compile(r"\b(?<!read )(20\d\d)-(\d\d)(?:-(\d\d))?\b|\b(20\d\d)Q([1-4])\b")
#: Powers of ten by which a chart may draw a number: per cent, thousands, millions, billions.
SCALES = (0, 2, -3, -6, -9)
MOST_DIGITS = 3  # to which a chart's number must agree
BOTH_SIDES = (1 - 1e-9, 1 + 1e-9)  # of a number that rounding may have made end in a 5: which way it goes is lost
ENDS = ("value", "low", "high")
#: A card, of 1200 by 630 pixels.
CARD, SCALE = {"width": 600, "height": 315, "autosize": {"type": "fit", "contains": "padding"}, "padding": 16}, 2.0
CARD_LETTERS = 58  # of its claim on one line
MUTED = "#565d66"


def data_to(vintages: Iterable[str]) -> str:
    """The latest month or day that vintages name: ``2026-09``; empty where they name none.

    Parameters
    ----------
    vintages : iterable of str
        As sources state them: ``file that ends with 2026-04``, ``table that ends with 2026Q2``.
    """
    dates = [
        "-".join(filter(None, (year, month, day))) if year else f"{quarter_year}-{3 * int(quarter):02d}"
        for text in vintages
        for year, month, day, quarter_year, quarter in DAY.findall(text)
    ]
    return max(dates, default="")


def citation(chart: str, anchor: str, *, page: str, edition: str, file: str, data: str) -> str:
    """One chart of a page as it is cited; `data` is what :func:`data_to` gives of the data behind the page."""
    ended = page if page.endswith(("?", "!", ".")) else f"{page}."
    texts = {"chart": chart.rstrip("."), "project": PROJECT, "page": ended, "edition": edition}
    return (DATED if data else UNDATED).format(**texts, data=data and day_in_words(data), file=file, anchor=anchor)


def credit(sources: pd.DataFrame, *, edition: str, message: str = CREDIT) -> str:
    """What stands under a chart that is taken from a page: publishers, in a `message`, who computed it, licences."""
    parts = ([part.strip() for cell in sources[column] for part in str(cell).split(";")]
             for column in ("publisher", "licence"))  # fmt: skip
    publishers, licences = ("; ".join(dict.fromkeys(filter(None, names))) for names in parts)
    own = computed(edition, sources["vintage"].astype(str) if "vintage" in sources else ())
    if not publishers:
        return f"{own} {REUSE_OWN}"
    return " ".join([message.format(publishers=publishers), own, LICENCES.format(licences=licences), REUSE])


def computed(edition: str, vintages: Iterable[str] = ()) -> str:
    """Who computed it and how far the data reach, where their publishers are named elsewhere."""
    data = data_to(vintages)
    return (OWN_DATED if data else OWN).format(project=PROJECT, edition=edition, data=data and day_in_words(data))


def card_of(notebook: Mapping[str, Any]) -> dict[str, Any] | None:
    """The chart that :func:`card` shows; None where a notebook has no such one."""
    from tradeexposure.publishing import drawings
    from tradeexposure.publishing.page_model import HEADLINE

    drawn = published_rows.shown(notebook, chart_style.MIME)
    spec = next((spec for cell, spec in drawn if HEADLINE in cell["metadata"].get("tags", [])), None)
    return None if spec is None or any(key in spec for key in drawings.COMPOSED) else spec


def card(notebook: NotebookNode, source: str = "", *, translate: Callable[[str], str | None] | None = None) -> bytes:
    """What stands for an edition where a link to a page of it is shown: its headline chart as PNG, 1200 by 630 pixels.

    Its claim is the chart's title.

    Parameters
    ----------
    source : str
        What stands under the claim, as of :func:`computed`.
    translate : callable, optional
        English text → French, or None where it has none; the card is then in French.

    Returns
    -------
    bytes
        Empty where it has none, or one put together of several, which cannot be fitted.
    """
    from tradeexposure.publishing import drawings
    from tradeexposure.publishing.languages import charts_and_scripts

    spec = card_of(notebook)
    if spec is None:
        return b""
    if translate is not None:
        spec, source = charts_and_scripts.chart(spec, translate), translate(source) or source
    claim = textwrap.wrap(str(spec["usermeta"]["title"]), CARD_LETTERS)
    title = {"text": claim, "subtitle": source, "subtitleColor": MUTED, "subtitlePadding": 6}
    bare = {key: item for key, item in spec.items() if key != "usermeta"}
    fitted = json.dumps({**bare, "title": title, **CARD})
    return base64.b64decode(drawings.drawn_once("png", [fitted, SCALE], lambda: _png(fitted)))


def _png(spec: str) -> str:
    """A specification drawn, in letters."""
    convert = chart_style.converter().vegalite_to_png
    drawn = convert(spec, vl_version=chart_style.VEGALITE, scale=SCALE, allowed_base_urls=[])
    return base64.b64encode(drawn).decode()


def drawn_numbers(data: Iterable[Sequence[Any]], rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Identifiers of the numbers that a chart draws: value and range in one row of its data; in the order of `rows`.

    Parameters
    ----------
    data
        The chart's data, row by row.
    rows
        Published numbers: `result_id`, `value`, `low`, `high`, `digits`. One without a range cannot be told from
        another that is written the same.
    """
    cells = [{float(cell) for cell in row if isinstance(cell, int | float) and cell == cell} for row in data]
    drawable = [(place, cell) for place, row in enumerate(cells) if len(row) >= len(ENDS) for cell in row]
    # Digits → number written to them → the rows that hold it.
    places: dict[int, dict[float, set[int]]] = {digits: defaultdict(set) for digits in range(1, MOST_DIGITS + 1)}
    for digits, holding in places.items():
        for place, cell in drawable:
            for side in BOTH_SIDES:
                holding[units.significant(side * cell, digits)].add(place)
    nowhere: set[int] = set()
    drawn = []
    for row in rows:
        ends: list[Any] = [row.get(name) for name in ENDS]
        published = row.get("digits")
        if any(end is None or end != end for end in ends) or len(set(ends)) < len(ENDS):
            continue
        digits = MOST_DIGITS if published is None or published != published else min(int(published), MOST_DIGITS)
        for scale in SCALES:  # value and both ends in one row of the data
            powers = (units.significant(float(end) * 10.0**scale, digits) for end in ends)
            if set.intersection(*(places[digits].get(power, nowhere) for power in powers)):
                drawn.append(str(row["result_id"]))
                break
    return drawn
