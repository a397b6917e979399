"""What a tired reader would stumble over in a drawing: measured on the SVG of a page, mark by mark."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree

SMALLEST = 11  # pixels of letters
TOUCHING = 2  # pixels between a mark and the end of its axis
SHADED = 0.3  # opacity of a span of time behind the marks
LEGEND_LINES = 4  # that could be named at their ends
ALIKE = 30  # sum of the differences of red, green and blue below which two shades are one
MOVE = re.compile(r"translate\(([-\d.e]+),([-\d.e]+)\)")
FRAME = re.compile(r"M[\d.]+,[\d.]+h([\d.]+)v([\d.]+)h-")
PLACE = re.compile(r"(-?[\d.]+(?:e-?\d+)?),(-?[\d.]+(?:e-?\d+)?)")
BARE = re.compile(r"[-\N{MINUS SIGN}+]?[\d,.\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]+")
YEAR = re.compile(r"(?:19|20)\d\d")
# Widths of Helvetica's letters in thousandths of their size, whose metrics are those of the letters drawn.
NARROW, WIDE = "ijl.,:;'|!ftI()[]/ -\N{NO-BREAK SPACE}", "mwMW%@"
WIDTHS = {**dict.fromkeys("ijl'", 222), **dict.fromkeys("ft.,:;!/I -|[]\N{NO-BREAK SPACE}", 278),
          **dict.fromkeys("r()-", 333), **dict.fromkeys("ckszvxyJ", 500), **dict.fromkeys("mM", 833), "w": 722,
          "W": 944, "%": 889, **dict.fromkeys("ABEKPSVXY", 667), **dict.fromkeys("CDHNRUwG", 722),
          **dict.fromkeys("OQG", 778), "FTZ": 611, "\N{MINUS SIGN}": 584, "+": 584}  # fmt: skip


@dataclass(frozen=True)
class Text:
    """A word of a drawing: where it stands, and which part of the chart it is."""

    role: str
    words: str
    size: float
    shade: str
    left: float
    right: float
    top: float
    bottom: float


@dataclass(frozen=True)
class Mark:
    """A shape of a drawing, in pixels of the frame in which it lies."""

    kind: str
    places: tuple[tuple[float, float], ...]
    frame: tuple[float, float]
    shade: str


@dataclass
class Scene:
    """All that is drawn."""

    width: float
    height: float
    texts: list[Text] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    keys: list[tuple[str, str]] = field(default_factory=list)  # of a legend: outline and shade


def width_of(text: str, size: float) -> float:
    """Pixels that words take, within a few of each hundred."""
    return size / 1000 * sum(WIDTHS.get(letter, 556) for letter in text)


def scene(svg: str) -> Scene:
    """What an SVG of Vega's shows."""
    root = ElementTree.fromstring(re.sub(r' xmlns="[^"]*"', "", svg, count=1))
    seen = Scene(float(root.get("width", 0)), float(root.get("height", 0)))
    _walk(root, seen, 0.0, 0.0, (0.0, 0.0), "")
    return seen


def _walk(node: ElementTree.Element, seen: Scene, x: float, y: float, frame: tuple[float, float], role: str) -> None:
    moved = MOVE.search(node.get("transform", ""))
    own = (float(moved[1]), float(moved[2])) if moved else (0.0, 0.0)
    role = node.get("class") or role
    if node.get("opacity") == "0":
        return
    if node.tag == "text":
        seen.texts += _texts(node, x + own[0], y + own[1], role)
    elif node.tag in ("path", "line") and "background" not in role and "foreground" not in role:
        _shape(node, seen, own, frame, role)
    for child in node:
        inside = FRAME.match(child.get("d", "")) if child.get("class") == "background" else None
        if inside and float(inside[1]):
            frame = (float(inside[1]), float(inside[2]))
        _walk(child, seen, x + own[0], y + own[1], frame, role)


def _texts(node: ElementTree.Element, x: float, y: float, role: str) -> Iterator[Text]:
    size = float(node.get("font-size", "12px").removesuffix("px"))
    bold = 1.06 if node.get("font-weight", "normal") not in ("normal", "400") else 1
    lines = [(node.text or "", 0.0)] if not len(node) else []
    down = 0.0
    for part in node:
        down += float(part.get("dy", 0))
        lines.append((part.text or "", down))
    for line, below in lines:
        wide = bold * width_of(line, size)
        left = x - {"start": 0, "middle": wide / 2, "end": wide}[node.get("text-anchor", "start")]
        top = y + below - 0.72 * size
        yield Text(role, line, size, node.get("fill", ""), left, left + wide, top, y + below + 0.1 * size)


def _shape(
    node: ElementTree.Element, seen: Scene, own: tuple[float, float], frame: tuple[float, float], role: str
) -> None:
    shade = node.get("stroke") if node.get("fill", "none") in ("none", "transparent") else node.get("fill")
    if "role-legend-symbol" in role:
        seen.keys.append((node.get("d", ""), shade or ""))
    if "role-mark" not in role or float(node.get("opacity", 1)) < SHADED:
        return
    kind = re.search(r"mark-(\w+)", role)
    if node.tag == "line":
        places = [own, (own[0] + float(node.get("x2", 0)), own[1] + float(node.get("y2", 0)))]
    elif kind and kind[1] == "symbol":
        places = [own]
    elif kind and kind[1] == "rect":
        box = re.match(r"M([\d.-]+),([\d.-]+)h([\d.-]+)v([\d.-]+)", node.get("d", ""))
        left, top, wide, high = map(float, box.groups()) if box else (0, 0, 0, 0)
        places = [(own[0] + left, own[1] + top), (own[0] + left + wide, own[1] + top + high)] if wide and high else []
    else:
        places = [(float(a) + own[0], float(b) + own[1]) for a, b in PLACE.findall(node.get("d", ""))]
    if kind and places:
        seen.marks.append(Mark(kind[1], tuple(places), frame, shade or ""))


def faults(svg: str) -> list[str]:
    """What is wrong with a drawing, a line each, with the label that it is about."""
    seen = scene(svg)
    every = (_blank, _clipped, _overlapping, _small, _of_one_colour, _at_the_frame, _without_unit, _needless_legend)
    return list(dict.fromkeys(fault for find in every for fault in find(seen)))


def _blank(seen: Scene) -> Iterator[str]:
    if not seen.marks:
        yield "nothing is drawn"


def _clipped(seen: Scene) -> Iterator[str]:
    for text in seen.texts:
        if "\N{HORIZONTAL ELLIPSIS}" in text.words:
            yield f"the label “{text.words}” is cut short"
        elif text.left < -2 or text.right > seen.width + 2 or text.top < -1 or text.bottom > seen.height + 1:
            yield f"the label “{text.words}” leaves the picture"


def _overlapping(seen: Scene) -> Iterator[str]:
    for first, second in itertools.combinations(seen.texts, 2):
        across = min(first.right, second.right) - max(first.left, second.left)
        down = min(first.bottom, second.bottom) - max(first.top, second.top)
        if across > 2 and down > 2:
            yield f"the labels “{first.words}” and “{second.words}” overlap"


def _small(seen: Scene) -> Iterator[str]:
    for text in seen.texts:
        if text.size < SMALLEST:
            yield f"the label “{text.words}” has letters of {text.size:g} px, fewer than {SMALLEST}"


def _of_one_colour(seen: Scene) -> Iterator[str]:
    ends = {text.shade for text in seen.texts if "role-mark" in text.role}
    named = [(text.words, text.shade) for text in seen.texts if "role-legend-label" in text.role]
    sizes = len({outline for outline, _ in seen.keys}) == len(seen.keys)  # of a legend of sizes
    keyed = [] if sizes else [(name, shade) for (name, _), (_, shade) in zip(named, seen.keys, strict=False)]
    lines = {mark.shade for mark in seen.marks if mark.kind == "line"}
    keyed += [(text.words, text.shade) for text in _first_lines(seen) if text.shade in lines & ends]
    for (series, first), (another, second) in itertools.combinations(keyed, 2):
        if series != another and _apart(first, second) < ALIKE:
            yield f"the series “{series}” and “{another}” have one colour, {first}"


def _first_lines(seen: Scene) -> Iterator[Text]:
    """Names at the ends of lines, without the further lines of a broken name."""
    below: Text | None = None
    for text in seen.texts:
        if "role-mark" in text.role:
            broken = below and text.shade == below.shade and text.left == below.left and 0 < text.top - below.top < 20
            if not broken:
                yield text
            below = text


def _apart(first: str, second: str) -> int:
    if not (first.startswith("#") and second.startswith("#")):
        return 0 if first == second else ALIKE
    return sum(abs(int(first[place : place + 2], 16) - int(second[place : place + 2], 16)) for place in (1, 3, 5))


def _at_the_frame(seen: Scene) -> Iterator[str]:
    dotted = any(mark.kind == "symbol" for mark in seen.marks)
    bars = [mark.places for mark in seen.marks if mark.kind == "rect"]
    standing = len({round(right - left) for (left, _), (right, _) in bars}) <= 2
    for mark in seen.marks:
        (wide, high), xs, ys = mark.frame, [x for x, _ in mark.places], [y for _, y in mark.places]
        if not wide:
            continue
        if mark.kind == "rule" and dotted and max(ys) - min(ys) < 1 < max(xs) - min(xs) < wide - 1:
            if min(xs) < TOUCHING or max(xs) > wide - TOUCHING:
                yield f"a whisker from {min(xs):.0f} to {max(xs):.0f} touches the frame, 0 to {wide:g}"
        elif mark.kind == "symbol":
            if xs[0] < TOUCHING or xs[0] > wide - TOUCHING or ys[0] < TOUCHING or ys[0] > high + TOUCHING:
                yield f"a point at {xs[0]:.0f}, {ys[0]:.0f} lies on the edge of the plot of {wide:g} by {high:g}"
        elif mark.kind in ("line", "area") and min(ys) < 1:
            yield f"a {mark.kind} reaches the upper edge of the plot"
        elif mark.kind == "rect" and (min(ys) < 1 if standing else max(xs) > wide - 1) and not _tiles(bars, mark.frame):
            yield f"a bar to {max(xs):.0f}, {min(ys):.0f} reaches the edge of the plot of {wide:g} by {high:g}"


def _tiles(bars: list[tuple[tuple[float, float], ...]], frame: tuple[float, float]) -> bool:
    """Whether rectangles cover their plot, as the cells of a map of heat do."""
    (wide, high), xs, ys = frame, [x for bar in bars for x, _ in bar], [y for bar in bars for _, y in bar]
    return min(xs) < 2 and min(ys) < 2 and max(xs) > wide - 2 and max(ys) > high - 2


def _without_unit(seen: Scene) -> Iterator[str]:
    labels = [text.words for text in seen.texts if "role-axis-label" in text.role]
    bare = [label for label in labels if BARE.fullmatch(label) and label != "0" and not YEAR.fullmatch(label)]
    titles = [text for text in seen.texts if "role-axis-title" in text.role or "-title" in text.role]
    if bare and not titles:
        yield f"the axis with “{bare[0]}” says no unit"


def _needless_legend(seen: Scene) -> Iterator[str]:
    lines = [shade for outline, shade in seen.keys if not re.search("[Ahvz]", outline, re.I)]
    if 1 < len(lines) <= LEGEND_LINES:
        first = next(text.words for text in seen.texts if "role-legend-label" in text.role)
        yield f"a legend (“{first}” first) names {len(lines)} lines that could be named at their ends"
