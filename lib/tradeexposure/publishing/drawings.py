"""A chart's specification as a page shows it: drawings for wide and narrow screens, its data as table and file."""

from __future__ import annotations

import base64
import copy
import csv
import io
import json
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

from tradeexposure.core import files, paths
from tradeexposure.core.text import cell
from tradeexposure.publishing import chart_svg
from tradeexposure.reporting import chart_style

ROW_LETTERS = 22  # of a name on one line beside a plot on a phone
WIDE_ROW_LETTERS = 42  # the same at a desk
ROW_LINE = 13  # pixels from one line of a name to the next
ROW_GAP = 6  # pixels between the names of two rows
KEPT = ("reports", "_build", "drawings")
MOST_KEPT = 4_000  # drawings and what they tell; an edition in two languages has four hundred
WIDE_WIDTH = 712  # pixels of the column of text; a wider drawing would be shrunk, its letters with it
NARROW_WIDTH = 335  # pixels between the margins of a phone of 375
NARROW_MAP_HEIGHT = 210
LEGEND_LETTERS = 22  # of the longest name in a legend of two columns
ROW_AND_LEGEND = 50  # letters of a name beside the plot and of one in the legend, which begins where the plot does
BESIDE_ROWS = 28  # letters of two names of a legend on one line beside the names of rows
NARROW_LETTERS = 36  # of an axis title on one line; more would leave the drawing beside long names
TITLE_LINE = 14  # pixels from one line of an axis title to the next
NARROW_TEXT = 11  # pixels of letters inside the plot
LABEL_LIMIT = 140  # pixels of a name beside an axis, on a phone
WIDE_TABLE_FROM = 40  # rows; a longer table of three columns is shown with one column per name
FITTED = {"type": "fit-x", "contains": "padding"}
# What a heading of data does not need: which mark of the drawing shows it.
MARKS = re.compile(r"; (?:bars|rule): [^:]*(?=: (?:low|high|median)$|$)")
PLAIN_HEADINGS = {"geo": "Place", "name": "Series", "cell": "Crop and destination"}
FITTING = ("facet", "vconcat")  # composed charts whose parts are all of one width
COMPOSED = ("hconcat", "vconcat", "concat", "facet", "repeat", "spec")
SPOKEN = re.compile(r' (?:aria-[a-z]+|role|pointer-events)="[^"]*"')  # a picture is told by its alternative text
SIZE = re.compile(
    r'<svg[^>]* width="([\d.]+)"[^>]* height="([\d.]+)"|<svg[^>]* height="([\d.]+)"[^>]* width="([\d.]+)"'
)


@dataclass(frozen=True)
class Picture:
    """One drawing as a data address, with its size in pixels."""

    address: str
    width: int
    height: int


@dataclass(frozen=True)
class Table:
    """Data behind a chart: headings, and rows of text or numbers."""

    headings: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def __post_init__(self) -> None:
        if not self.headings or not self.rows:
            raise ValueError("a download without columns or without rows")

    def is_part_of(self, larger: Table) -> bool:
        """Whether another table holds all columns and all rows of this one."""
        if not set(self.headings) <= set(larger.headings):
            return False
        places = [larger.headings.index(heading) for heading in self.headings]
        return set(self.rows) <= {tuple(row[place] for place in places) for row in larger.rows}

    @property
    def file(self) -> str:
        """The table as a data address of a CSV file."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerows([cell(value) for value in row] for row in (self.headings, *self.rows))
        return "data:text/csv;charset=utf-8;base64," + base64.b64encode(text.getvalue().encode()).decode()


@dataclass(frozen=True)
class Drawing:
    """A chart on a page.

    `narrow` is None for charts side by side, which scroll sideways in their own box; panels and charts below one
    another are fitted. `values` is what its marks tell to who points at them, as :func:`chart_svg.packed`; `data` are
    all rows of its data, also columns that no table shows; `results` are identifiers of numbers that the notebook
    says it shows, ``*`` for any letters; `ends` says why it goes no further; `source` is the specification that all
    of it was made of.
    """

    title: str
    alt: str
    wide: Picture
    narrow: Picture | None
    tables: tuple[Table, ...]
    values: dict[str, Any]
    data: tuple[tuple[Any, ...], ...] = ()
    results: tuple[str, ...] = ()
    ends: str = ""
    source: Mapping[str, Any] = field(default_factory=dict)


def drawing(spec: dict[str, Any], *, where: str) -> Drawing:
    """Everything a page shows of `spec`, as made by ``charts.show``.

    Raises
    ------
    ValueError
        No title or no alternative text.
    """
    meta = spec.get("usermeta", {})
    title, alt = str(meta.get("title", "")).strip(), str(spec.get("description", "")).strip()
    if not alt or not title:
        raise ValueError(
            f"{where}: the chart has no {'title' if alt else 'alternative text'}; show it with charts.show"
        )
    bare = {
        key: item if key == "datasets" else copy.deepcopy(item)  # rows are many, and read only
        for key, item in spec.items()
        if key not in ("title", "usermeta")
    }
    composed = any(key in bare for key in COMPOSED)
    results, ends = tuple(meta.get("results", ())), str(meta.get("ends", ""))
    data = tuple(tuple(row.values()) for rows in chart_style.data_sets(spec).values() for row in rows)
    own = '"labelExpr": "({' in json.dumps(bare)  # names that are in lines already
    wide = chart_style.with_folded_ends(bare if own else folded(bare, WIDE_ROW_LETTERS), chart_style.END_LETTERS)
    wide = _fitted(wide, WIDE_WIDTH) if composed else {**wide, "width": WIDE_WIDTH, "autosize": FITTED}
    narrow = _narrow(bare) if not composed or any(key in bare for key in FITTING) else None
    narrow = _fitted(narrow, NARROW_WIDTH) if narrow and composed else narrow
    (wide_picture, marks), (narrow_picture, narrow_marks) = _draw(wide), _draw(narrow) if narrow else (None, [])
    shown = chart_svg.packed(marks, narrow_marks)
    return Drawing(title, alt, wide_picture, narrow_picture, _tables(spec), shown, data, results, ends, spec)


def _fitted(spec: dict[str, Any], width: int) -> dict[str, Any]:
    """A composed chart `width` pixels wide: Vega-Lite fits single views only, so it is drawn to see its width."""
    if not any(key in spec for key in FITTING):
        return spec
    beside = int(spec.get("columns", 1))
    parts = [spec["spec"]] if "facet" in spec else spec["vconcat"]
    for part in parts:
        part["width"] = width // beside
    over = _draw(spec)[0].width - width
    for part in parts:
        part["width"] -= -(-over // beside)
    return spec


def _draw(spec: dict[str, Any]) -> tuple[Picture, list[chart_svg.Point]]:
    """A chart drawn, and what its marks tell."""
    drawn, points = json.loads(drawn_once("json", spec, lambda: json.dumps(chart_svg.drawn(spec), ensure_ascii=False)))
    svg = SPOKEN.sub("", chart_svg.turning(drawn))
    size = SIZE.search(svg)
    if not size:
        raise ValueError("the drawing has no size")
    width, height = (size[1], size[2]) if size[1] else (size[4], size[3])
    address = "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
    picture = Picture(address, round(float(width)), round(float(height)))
    return picture, [(x, y, text) for x, y, text in points]


def drawn_once(form: str, of: Any, draw: Callable[[], str]) -> str:
    """What `draw` makes, in a form, of `of` and of what draws alone; drawn if it is not kept."""
    made_of = files.digest_of([of, metadata.version("vl-convert-python"), _drawing_code()])
    place = paths.path(*KEPT) / f"{made_of}.{form}"
    text = files.kept(place, made_of)
    if text is None:
        text = draw()
        files.make_room(place.parent, MOST_KEPT)
        files.keep(place, made_of, text)
    return text


@lru_cache(maxsize=1)
def _drawing_code() -> str:
    return files.digest_of([Path(str(module.__file__)).read_text("utf-8") for module in (chart_style, chart_svg)])


def _narrow(spec: dict[str, Any]) -> dict[str, Any]:
    """`spec` for a phone: fitted to its width, legends in one or two columns, fewer ticks."""
    config, names = copy.deepcopy(spec.get("config", {})), sorted(map(len, legend_names(spec)))[-2:]
    titles = [str(encoding.get("title") or "") for channel, encoding in _encodings(spec) if channel == "y"]
    lines = max((len(textwrap.wrap(title, NARROW_LETTERS)) for title in titles if title), default=1)
    more = TITLE_LINE * (lines - 1)  # a title of a vertical axis grows downwards from above the plot
    long = max(names, default=0) > LEGEND_LETTERS or (sum(names) > BESIDE_ROWS and any(_rows(spec)))
    config.setdefault("legend", {}).update(columns=1 if long else 2, symbolLimit=20)
    config["legend"]["offset"] = config["legend"].get("offset", 0) + more
    config.setdefault("axisY", {})["titleY"] = config.get("axisY", {}).get("titleY", 0) - more
    config.setdefault("axis", {}).update(labelLimit=LABEL_LIMIT)
    height = spec.get("height")
    shorter = (
        {"height": NARROW_MAP_HEIGHT} if isinstance(height, int | float) and "projection" in json.dumps(spec) else {}
    )
    fitted = (
        {"columns": 1} if "facet" in spec else {} if "vconcat" in spec else {"width": NARROW_WIDTH, "autosize": FITTED}
    )
    longest = max(names, default=0)
    narrow = folded(spec, min(ROW_LETTERS, ROW_AND_LEGEND - longest))
    shown = chart_style.with_folded_ends(narrow, chart_style.NARROW_END_LETTERS)
    return {**_capped(shown), **fitted, **shorter, "config": config}


def legend_names(spec: dict[str, Any]) -> list[str]:
    """Names that the scales of a chart give colours or marks, each once."""
    domains = [
        encoding["scale"].get("domain", [])
        for _, encoding in _encodings(spec)
        if isinstance(encoding.get("scale"), dict)
    ]
    return list(dict.fromkeys(name for names in domains for name in names if isinstance(name, str)))


def _capped(value: Any) -> Any:
    """`value` with fewer ticks, shorter names and folded titles on every axis, and smaller letters inside the plot."""
    if isinstance(value, list):
        return [_capped(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("type") == "text" and "fontSize" in value:
        return {**value, "fontSize": NARROW_TEXT}
    own: dict[str, Any] = {}
    if axis := value.get("axis"):
        own["axis"] = {**axis, "labelLimit": min(axis.get("labelLimit", LABEL_LIMIT), LABEL_LIMIT), "tickCount": 4}
    if isinstance(value.get("field"), str) and isinstance(value.get("title"), str):
        own["title"] = textwrap.wrap(value["title"], NARROW_LETTERS)
    return {key: item if key in ("datasets", "tooltip") else _capped(item) for key, item in value.items()} | own


def folded(spec: dict[str, Any], letters: int = ROW_LETTERS) -> dict[str, Any]:
    """`spec` with row names of several lines of at most `letters` letters, and as high as they need.

    Parameters
    ----------
    spec : dict
        Vega-Lite with its data in ``datasets``; row names are a nominal field of the vertical axis.

    Returns
    -------
    dict
        A copy; `spec` itself where every name fits on one line.
    """
    fields = {encoding["field"] for encoding in _rows(spec)}
    records = [row for rows in chart_style.data_sets(spec).values() for row in rows]
    names = dict.fromkeys(row[field] for row in records for field in fields if isinstance(row.get(field), str))
    if max(map(len, names), default=0) <= letters:
        return spec
    lines = {name: textwrap.wrap(name, letters) for name in names}
    copy = json.loads(json.dumps(spec))
    for encoding in _rows(copy):
        encoding["axis"] = {**encoding.get("axis", {}), "labelExpr": f"({json.dumps(lines)})[datum.label]",
                       "labelOffset": centred(lines)}  # fmt: skip
    row = ROW_LINE * max(map(len, lines.values())) + ROW_GAP
    if isinstance(copy.get("height"), int | float):
        copy["height"] = max(copy["height"], len(names) * row)
    for part in (*copy.get("vconcat", ()), copy.get("spec", {})):
        if isinstance(part.get("height"), dict):
            part["height"] = {"step": max(part["height"]["step"], row)}
    return copy


def centred(lines: Mapping[str, list[str]]) -> dict[str, Any]:
    """Up by half of what a name has more than one line, since Vega puts the first line in the middle of the row."""
    counts = sorted({len(broken) for broken in lines.values()} - {1})
    named = {count: json.dumps([name for name, broken in lines.items() if len(broken) == count]) for count in counts}
    steps = [{"test": f"indexof({named[count]}, datum.value) >= 0", "value": -ROW_LINE * (count - 1) / 2}
             for count in counts]  # fmt: skip
    return {"condition": steps, "value": 0}


def _rows(spec: Any) -> Iterator[dict[str, Any]]:
    """Every vertical channel that names rows."""
    for _, channels in _layers(spec):
        upward = channels.get("y")
        if isinstance(upward, dict) and upward.get("type") == "nominal" and "field" in upward:
            yield upward


def _encodings(spec: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every channel with a field, tooltips first in their own order."""
    pairs = (pair for _, channels in _layers(spec) for pair in channels.items())
    for channel, encodings in pairs:
        for encoding in encodings if isinstance(encodings, list) else [encodings]:
            if isinstance(encoding, dict) and isinstance(encoding.get("field"), str):
                yield channel, encoding


def _tables(spec: dict[str, Any]) -> tuple[Table, ...]:
    """The data sets behind a chart, each once; what hovering shows decides columns and headings.

    A layer without data (a zero line), and one that only repeats rows of another (labels on a map, names at the ends of
    lines), gives no table.
    """
    layers = list(_layers(spec))
    bounds = {name: heading for _, encoding in layers for name, heading in _bounds(encoding)}
    shared = _headings([encoding for _, encoding in layers], bounds)
    tables = []
    for source, rows in chart_style.data_sets(spec).items():
        if any(chart_style.END_NAME in row for row in rows):
            continue
        own = _headings([encoding for sources, encoding in layers if source in sources], bounds, tips_only=True)
        fields, there = {**shared, **own}, dict.fromkeys(name for row in rows for name in row)
        names = [name for name in fields if name in there] or list(there)
        if names:
            cells = zip(*(_written([row.get(name) for row in rows]) for name in names), strict=True)
            headings = tuple(fields.get(name, chart_style.label(name)) for name in names)
            tables.append(Table(headings, tuple(dict.fromkeys(cells))))
    apart: list[Table] = []  # of two that are equal the first stays
    for table in sorted(tables, key=lambda table: (-len(table.headings), -len(table.rows))):
        if not any(table.is_part_of(larger) for larger in apart):
            apart.append(table)
    return tuple(sorted(apart, key=lambda table: -len(table.rows)))


def _layers(value: Any, source: str = "") -> Iterator[tuple[set[str], dict[str, Any]]]:
    """The channels of every view, in their order, each with the names of the data sets it draws."""
    if isinstance(value, list):
        for item in value:
            yield from _layers(item, source)
    elif isinstance(value, dict):
        data = value.get("data")
        source = str(data.get("name", "")) if isinstance(data, dict) else source
        steps = [step["from"]["data"] for step in value.get("transform", ()) if "from" in step]
        if isinstance(value.get("encoding"), dict):
            yield {source, *(str(step.get("name", "")) for step in steps)}, value["encoding"]
        for key, item in value.items():
            if key not in ("datasets", "encoding", "data"):
                yield from _layers(item, source)


def _headings(encodings: list[dict[str, Any]], bounds: dict[str, str], *, tips_only: bool = False) -> dict[str, str]:
    """Field → heading: what hovering shows, or every channel where hovering shows nothing."""
    seen = list(_encodings([{"encoding": encoding} for encoding in encodings]))
    titles = {
        encoding["field"]: encoding["title"]
        for channel, encoding in seen
        if channel != "tooltip" and encoding.get("title")
    }
    tips = {encoding["field"]: encoding for channel, encoding in seen if channel == "tooltip"}
    fields = tips if tips or tips_only else {encoding["field"]: encoding for _, encoding in seen}
    headings = {}
    for name, encoding in fields.items():
        title, plain = str(encoding.get("title") or ""), chart_style.label(name)
        if title in ("", name, plain):  # hovering says no more than the column's name, an axis may
            title = bounds.get(name) or titles.get(name) or PLAIN_HEADINGS.get(name) or plain
        headings[name] = MARKS.sub("", title)
    return headings


def _bounds(encoding: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The two ends of a range drawn from `encoding`, each with a heading that says of what."""
    for axis in ("x", "y"):
        low, high = encoding.get(axis), encoding.get(f"{axis}2")
        if isinstance(low, dict) and isinstance(high, dict) and isinstance(low.get("title"), str):
            what, _, marks = low["title"].partition("; ")
            span = f" ({marks.removeprefix('bars: ')})" if marks else ""
            yield low.get("field", ""), f"{what}: low{span}"
            yield high.get("field", ""), f"{what}: high{span}"


def _written(column: list[Any]) -> list[Any]:
    """Times of a column as dates, or as months where every one is a first day."""
    if not all(
        item is None or (isinstance(item, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+", item)) for item in column
    ):
        return column
    months = all(item is None or item[8:10] == "01" for item in column)
    return [None if item is None else item[: 7 if months else 10] for item in column]


def readable(table: Table) -> Table:
    """`table` with one column per name when it is long and has three columns (time and name in either order)."""
    if len(table.headings) != 3 or len(table.rows) < WIDE_TABLE_FROM:
        return table
    names, times = list(dict.fromkeys(row[0] for row in table.rows)), list(dict.fromkeys(row[1] for row in table.rows))
    cells = {(row[0], row[1]): row[2] for row in table.rows}
    if len(cells) < len(table.rows) or len(names) > 12 or not all(isinstance(name, str) for name in names):
        return table
    rows = tuple((time, *(cells.get((name, time)) for name in names)) for time in times)
    return Table((table.headings[1], *names), rows)
