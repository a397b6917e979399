"""What each mark of a drawing tells to who points at it: places in pixels, and words as hovering shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tradeexposure.reporting import chart_style

ENDS, BETWEEN = "\x1e", "\x1f"  # between two words and between heading and words, as no text has them
Point = tuple[int, int, str]
MEMBER = re.compile(r'"((?:[^"\\]|\\.)*)": (.*)', re.DOTALL)


def drawn(spec: dict[str, Any]) -> tuple[str, list[Point]]:
    """A chart as SVG, and each mark of it that tells something: where it lies there, and its headings and words."""
    convert = chart_style.converter()
    vega = convert.vegalite_to_vega(chart_style.still(spec), vl_version=chart_style.VEGALITE)
    picture = chart_style.picture(vega)
    _describe(vega.get("marks", []))
    scene = convert.vega_to_scenegraph(vega, allowed_base_urls=[])
    across, down = scene["origin"]
    return picture, list(dict.fromkeys(_points(scene["scenegraph"], across, down)))


def packed(wide: list[Point], narrow: list[Point]) -> dict[str, Any]:
    """The same for a page: headings and words once, marks by their place and the number of their words."""
    texts = {text: number for number, text in enumerate(dict.fromkeys(text for _, _, text in (*wide, *narrow)))}
    cells = [[part.split(BETWEEN) for part in text.split(ENDS)] for text in texts]
    heads = list(dict.fromkeys(tuple(head for head, _ in row) for row in cells))
    rows = [[heads.index(tuple(head for head, _ in row)), *(text for _, text in row)] for row in cells]
    wide_places, narrow_places = ([[x, y, texts[text]] for x, y, text in marks] for marks in (wide, narrow))
    return {"heads": heads, "rows": rows, "wide": wide_places, "narrow": narrow_places}


def _describe(marks: list[dict[str, Any]]) -> None:
    """Let every mark be described by what hovering over it shows, which a drawing otherwise does not hold."""
    for mark in marks:
        _describe(mark.get("marks", []))
        for encodings in mark.get("encode", {}).values():
            encodings.pop("description", None)
            tooltip = encodings.get("tooltip")
            if isinstance(tooltip, dict) and str(tooltip.get("signal", "")).startswith("{"):
                # An expression that writes the members of the object's literal one after another.
                members = [MEMBER.sub(rf'"\1{BETWEEN}" + (\2)', part) for part in _members(tooltip["signal"][1:-1])]
                encodings["description"] = {"signal": f' + "{ENDS}" + '.join(members)}


def _members(text: str) -> Iterator[str]:
    """Members of an object's literal: parted by commas that stand in no bracket and in no quotation."""
    depth, quoted, start = 0, False, 0
    for place, letter in enumerate(text):
        if letter == '"' and text[place - 1] != "\\":
            quoted = not quoted
        elif not quoted:
            depth += (letter in "([{") - (letter in ")]}")
            if letter == "," and not depth:
                yield text[start:place].strip()
                start = place + 1
    yield text[start:].strip()


def _points(group: dict[str, Any], across: float, down: float) -> Iterator[Point]:
    for item in group.get("items", ()):
        if "marktype" in item:
            yield from _points(item, across, down)
        elif "items" in item:
            yield from _points(item, across + item.get("x", 0), down + item.get("y", 0))
        elif item.get("description") and item.get("defined", True) and group.get("role") == "mark":
            # The middle of a bar, middle and ends of a rule, and where any other mark stands.
            x, y = item.get("x", 0), item.get("y", 0)
            places = [(x + item.get("width", 0) / 2, y + item.get("height", 0) / 2)]
            if group.get("marktype") == "rule":
                end = (item.get("x2", x), item.get("y2", y))
                places = [(x, y), ((x + end[0]) / 2, (y + end[1]) / 2), end]
            yield from ((round(across + x), round(down + y), item["description"]) for x, y in places)
