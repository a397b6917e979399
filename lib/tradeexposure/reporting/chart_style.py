"""How every chart looks: one colour and one name for each thing, font and sizes in the theme, and the drawing of it.

Names stand at the ends of lines in place of a legend, in lines that fit and apart from one another. All without Altair,
which takes long to import: who executes a notebook draws its charts, and a page breaks names anew for a phone.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import textwrap
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any

from tradeexposure.data.geography import PROVINCES

# Each family below appears together on a chart, so its colours must differ from one another for readers with and
# without full colour vision (simulated and measured in tests/reporting/test_charts.py) and stand out from white paper.
FAMILIES: dict[str, dict[str, str]] = {
    "partners": {
        "china": "#b10128",
        "united_states": "#2553d9",
        "european_union": "#b8860b",
        "japan": "#622070",
        "mexico": "#027660",
        "canada": "#23272e",
        "other": "#8092af",
    },
    "canola": {
        "seed": "#a67c00",
        "oil": "#147230",
        "meal": "#5f5f5f",
        "crude_oil": "#7596c7",
        "refined_oil": "#043925",
        "crush": "#949494",
    },
    "vehicles": {
        "electric_vehicles": "#0e8fce",
        "passenger_vehicles": "#160c34",
        "vehicle_parts": "#707070",
    },
    "provinces": {
        "ontario": "#1f5fa8",
        "quebec": "#c2570c",
        "british_columbia": "#0d6e2e",
    },
    "models": {
        "exponential_smoothing": "#0090d0",
        "structural": "#c2570c",
        "sarima": "#432b61",
        "naive": "#909090",
        "target": "#a3195b",
    },
    "roles": {
        "history": "#23272e",
        "estimate": "#1f5fa8",
        "median": "#1f5fa8",
        "main": "#1f5fa8",
        "placebo": "#8b9097",
        "target": "#a3195b",
        "required": "#a3195b",
    },
}
COLOURS: dict[str, str] = {name: colour for family in FAMILIES.values() for name, colour in family.items()}

LABELS: dict[str, str] = {
    "sarima": "SARIMA",
    "exponential_smoothing": "Exponential smoothing",
    "structural": "Structural time series",
    "european_union": "European Union",
    "united_states": "United States",
    **{code: name for name, code in PROVINCES.items()},
    "yt": "Yukon",
    "nt": "Northwest Territories",
    "nu": "Nunavut",
}
ALIASES: dict[str, str] = {
    "other_countries": "other",
    "canola_oil_crude": "crude_oil",
    "canola_oil_refined": "refined_oil",
    "canola_meal": "meal",
    "structural_time_series": "structural",
}
# For names without a colour of their own, in order of appearance.
SPARE: tuple[str, ...] = ("#1f5fa8", "#c2570c", "#00796b", "#7b3f98", "#a67c00", "#3a9bdc", "#e0609a", "#5f656d")

INK = "#23272e"
MUTED = "#5f656d"
GRID = "#e4e7eb"
NO_DATA = "#eceef1"
SEQUENTIAL: tuple[str, ...] = ("#e3edf7", "#1b4f8a")
#: Of land by how much of it is under a crop, none to most, and of land of which nothing is published.
LAND: tuple[str, ...] = ("#f3f1ea", "#e4ecd2", "#b9d6a3", "#7fb37d", "#3f8560", "#12523f", "#b4bac1")
BAND_OPACITY, RANGE_OPACITY = 0.22, 0.55  # of a range around a line, and of one that is a bar
COUNTED = re.compile(r"\b(gradient_|clip)(\d+)\b")  # names that a drawing refers to within itself
# Liberation Sans comes first because vl-convert carries it: text is measured alike on every machine.
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"

FLUSH = 18  # pixels between the middle of a label and the end of its axis, within which it would leave the picture
_AXIS = {"domainColor": "#9aa1a9", "tickColor": "#9aa1a9", "gridColor": GRID, "labelColor": INK, "titleColor": MUTED}
# Pixels: notes, text and axes, headings of panels, titles.
NOTE_SIZE, TEXT_SIZE, HEAD_SIZE, TITLE_SIZE = 11, 12, 13, 16
_TEXT: dict[str, Any] = {
    "labelFontSize": TEXT_SIZE, "titleFontSize": TEXT_SIZE, "titleFontWeight": "normal", "labelFont": FONT,
    "titleFont": FONT,
}  # fmt: skip
THEME: dict[str, Any] = {
    "background": "white",
    "font": FONT,
    "padding": 6,
    "view": {"stroke": None, "continuousWidth": 640, "continuousHeight": 320, "discreteWidth": 640},
    "axis": {**_AXIS, **_TEXT, "labelPadding": 5, "titlePadding": 10},
    "axisX": {"grid": False, "labelFlush": FLUSH, "labelOverlap": True, "labelSeparation": 8},
    "axisY": {
        "domain": False,
        "ticks": False,
        "titleAngle": 0,
        "titleAlign": "left",
        "titleAnchor": "start",
        "titleBaseline": "bottom",
        "titleX": 0,
        "titleY": -8,
    },
    "legend": {
        **_TEXT,
        "orient": "top",
        "direction": "horizontal",
        "columns": 5,
        "title": None,
        "labelColor": INK,
        "symbolType": "square",
        "symbolSize": 110,
        "symbolStrokeWidth": 0,
        "offset": 32,  # room for the vertical axis title, which stands above the axis
        "labelLimit": 260,
    },
    "title": {"font": FONT, "fontSize": TITLE_SIZE, "fontWeight": 600, "anchor": "start", "color": INK, "offset": 14},
    "header": {**_TEXT, "title": None, "labelFontWeight": 600, "labelAnchor": "start", "labelColor": INK},
    "line": {"strokeWidth": 2.25},
    "rule": {"color": MUTED},
    "text": {"font": FONT, "fontSize": TEXT_SIZE, "color": INK},
    "point": {"filled": True, "size": 64},
    "geoshape": {"stroke": "white", "strokeWidth": 0.8},
}

#: An output that is a chart, as a specification and drawn.
MIME, PICTURE = "application/vnd.vegalite.v5+json", "image/svg+xml"
VEGALITE = "5.21"  # drawn by vl-convert; JupyterLab draws the same specification with its own Vega-Lite 5
# Invisible, so that hovering near a line finds its nearest observation.
HOVER_POINT: dict[str, int] = {"opacity": 0, "size": 120}
#: Set where charts are drawn by who executes the notebook (:func:`completed`), and not in its kernel.
LATER = "TRADEEXPOSURE_DRAWN_LATER"
#: Names a file that says where the machine keeps its fonts; one that names no place.
FONTS, NO_FONTS = "FONTCONFIG_FILE", Path(__file__).with_name("no_fonts.conf")
LETTER = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text y="8">A</text></svg>'
NOTHING = '{"title": "A", "data": {"values": []}, "mark": "point"}'
MOST_NAMED = 7  # lines of a chart; more names than that would stand far from their ends
END_LETTERS, NARROW_END_LETTERS = 24, 13  # of a name on one line, at a desk and on a phone
END_LINE, END_GAP = 13, 3  # pixels from one line of a name to the next, and between two names more
#: Columns: the name at the end of a line, where its line ends, how far off.
END_NAME, END_AT, END_SHIFT = "end_name", "end_at", "end_shift"
_environment = Lock()  # runs of small projects draw from several threads


def key(name: object) -> str:
    """`name` as it is listed in :data:`COLOURS`: lower case, words joined by underscores, aliases resolved."""
    parts = "".join(letter if letter.isalnum() else " " for letter in str(name).lower()).split()
    joined = "_".join(parts)
    return ALIASES.get(joined, joined)


def label(name: object) -> str:
    """What a reader sees for a name as it stands in a frame (``united_states`` → ``United States``)."""
    text = str(name)
    if key(text) in LABELS:
        return LABELS[key(text)]
    spaced = text.replace("_", " ")
    return spaced[:1].upper() + spaced[1:]


def colours(names: Sequence[object], fixed: Mapping[str, str] | None = None) -> list[str]:
    """One colour for each name: its `fixed` one, its own of :data:`COLOURS`, else the next spare one not yet taken."""
    own = [(fixed or {}).get(str(name)) or COLOURS.get(key(name)) for name in names]
    free = iter([colour for colour in SPARE if colour not in own])
    return [colour or next(free, COLOURS["other"]) for colour in own]


def svg(spec: dict[str, Any]) -> str:
    """`spec` drawn as SVG, without the network; points that only serve hovering are left out."""
    return _drawn(json.dumps(still(spec)))


@lru_cache(maxsize=1)
def converter() -> ModuleType:
    """What draws, started with the fonts that it carries, which takes half a second.

    It looks for fonts of the machine once, with the first letter it draws; one that it found it would open anew for
    every letter that it measures.
    """
    import vl_convert

    with _environment:
        before = os.environ.get(FONTS)
        os.environ[FONTS] = str(NO_FONTS)
        try:
            vl_convert.svg_to_png(LETTER)
        finally:
            os.environ.pop(FONTS)
            os.environ.update({} if before is None else {FONTS: before})
    vl_convert.vegalite_to_svg(NOTHING, vl_version=VEGALITE, allowed_base_urls=[])
    return vl_convert


@lru_cache(maxsize=128)
def _drawn(spec: str) -> str:
    return picture(converter().vegalite_to_vega(spec, vl_version=VEGALITE))


def picture(vega: dict[str, Any]) -> str:
    """A chart that was compiled to Vega, drawn as SVG.

    Gradients and clips are numbered in its own order: what draws counts on from one drawing to the next.
    """
    drawn = converter().vega_to_svg(vega, allowed_base_urls=[])
    order = {mark: place for place, mark in enumerate(dict.fromkeys(COUNTED.findall(drawn)))}
    return COUNTED.sub(lambda match: f"{match[1]}{order[match.groups()]}", drawn)


def still(value: Any) -> Any:
    """A specification without transparent points, which triple the size of a drawing and show nothing."""
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if not (key == "point" and item == HOVER_POINT)}
        return {key: still(item) for key, item in kept.items()}
    return [still(item) for item in value] if isinstance(value, list) else value


def data_sets(spec: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Rows that a chart draws, by the name of their data set; outlines of a map, which are a text, are none."""
    return {name: rows for name, rows in spec.get("datasets", {}).items() if isinstance(rows, list)}


def end_shifts(heights: Sequence[float], counts: Sequence[int]) -> list[float]:
    """How far down names move so that they stand apart, as near to the ends of their lines as they can.

    Parameters
    ----------
    heights : sequence of float
        Where each line ends, pixels from the top.
    counts : sequence of int
        Lines of each name.

    Returns
    -------
    list of float
        For the first line of each name, pixels.
    """
    order = sorted(range(len(heights)), key=lambda place: heights[place])
    offsets = [0.0]
    for above, below in itertools.pairwise(order):
        offsets.append(offsets[-1] + END_LINE * (counts[above] + counts[below]) / 2 + END_GAP)
    groups: list[list[float]] = []  # of neighbours that touch; all of a group stand around their mean
    for place, offset in zip(order, offsets, strict=True):
        groups.append([heights[place] - offset])
        while len(groups) > 1 and _mean(groups[-2]) > _mean(groups[-1]):
            groups[-2:] = [groups[-2] + groups[-1]]
    middles = [_mean(group) for group in groups for _ in group]
    moved = {place: middle + offset for place, middle, offset in zip(order, middles, offsets, strict=True)}
    return [round(moved[place] - height - END_LINE * (counts[place] - 1) / 2, 1)
            for place, height in enumerate(heights)]  # fmt: skip


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def with_folded_ends(spec: dict[str, Any], letters: int) -> dict[str, Any]:
    """`spec` (Vega-Lite with its data in ``datasets``) whose names at ends have lines of at most `letters` letters."""
    sets = dict(spec.get("datasets", {}))
    for key, rows in data_sets(spec).items():
        if rows and END_NAME in rows[0]:
            names = [textwrap.wrap(" ".join(str(row[END_NAME]).split()), letters) for row in rows]
            down = end_shifts([row[END_AT] for row in rows], list(map(len, names)))
            sets[key] = [{**row, END_NAME: "\n".join(name), END_SHIFT: shift}
                         for row, name, shift in zip(rows, names, down, strict=True)]  # fmt: skip
    return {**spec, "datasets": sets} if sets else spec


def output(spec: dict[str, Any]) -> dict[str, Any]:
    """A chart as the output of a cell; without its drawing where that is made later."""
    bundle = {MIME: spec, "text/plain": spec["description"]}
    return bundle if os.environ.get(LATER) else completed(bundle)


def completed(shown: Mapping[str, Any]) -> dict[str, Any]:
    """What a cell showed, with its drawing if it is a chart without one.

    Raises
    ------
    ValueError
        A chart that cannot be drawn.
    """
    if MIME not in shown or PICTURE in shown:
        return dict(shown)
    return {MIME: shown[MIME], PICTURE: svg(shown[MIME]), **shown}
