"""A chart as SVG: what each mark tells to who points at it, places in pixels and words, and shades on a dark page."""

from __future__ import annotations

import colorsys
import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tradeexposure.reporting import chart_style

ENDS, BETWEEN = "\x1e", "\x1f"  # between two words and between heading and words, as no text has them
NOTHING = "null"  # as Vega writes a number that a row does not have
Point = tuple[int, int, str]
MEMBER = re.compile(r'"((?:[^"\\]|\\.)*)": (.*)', re.DOTALL)
#: Marks that draw nothing, each after one that tells something: a picture says there what it told and where it lies.
TELLER, TOLD = "teller", "told"
TELLERS = re.compile(rf'<g class="mark-symbol role-{TELLER}".*?</g>', re.DOTALL)
#: Ends of groups, groups with what they are moved by, and what a teller says: places, then words.
PARTS = re.compile(
    rf'</g>|<g\b(?:[^>]* transform="translate\(([^,]*),([^)]*)\)")?|aria-label="{ENDS}([^{ENDS}]*){ENDS}([^"]*)"'
)
#: Where a path goes, and a number in it with more than a tenth of a pixel.
PATH, HUNDREDTHS = re.compile(r' d="[^"]*"'), re.compile(r"(\.\d)\d+")
X, Y = "(datum.x || 0)", "(datum.y || 0)"
X2, Y2 = f"(isValid(datum.x2) ? datum.x2 : {X})", f"(isValid(datum.y2) ? datum.y2 : {Y})"
#: Where an item lies: ends and middle of a rule; the middle of a shape's bounds; of any other the middle of its box, or
#: the point where it stands.
PLACES_OF_RULE = f"{X}, {Y}, ({X} + {X2}) / 2, ({Y} + {Y2}) / 2, {X2}, {Y2}"
PLACE_OF_SHAPE = "(datum.bounds.x1 + datum.bounds.x2) / 2, (datum.bounds.y1 + datum.bounds.y2) / 2"
PLACE = f"{X} + (datum.width || 0) / 2, {Y} + (datum.height || 0) / 2"

PAPER = "#14181d"  # of a dark page, as the style of the pages has it
INK, FAINT, BLANK = "#e6e9ed", "#343b44", "#2a3139"
STRONG, SEEN = 4.5, 6.0  # contrast of letters, and of marks: a line has 3 on its own bands too
STEPS = 60
SHADE = re.compile(r'(fill|stroke)="(#[0-9a-fA-F]{6}|#000|white)"')  # Vega's own black has three digits
LETTERS = re.compile(r'<text [^>]*fill="(#[0-9a-fA-F]{6}|#000)"')
#: Charts with letters on coloured ground, which keep their shades where they are.
GROUND = re.compile(r'aria-roledescription="(?:geoshape|rect mark)"')
#: Of land, as the pages' style has them.
LAND = dict(zip(chart_style.LAND, ("#262a2e", "#23402f", "#2c5d43", "#43815c", "#74ad7d", "#bfdca8", "#5a636d"),
                strict=True))  # fmt: skip
FIXED = {**LAND, "white": PAPER, "#ffffff": PAPER, "#e4e7eb": FAINT, "#eceef1": BLANK, "#9aa1a9": "#6d7680"}


def drawn(spec: dict[str, Any]) -> tuple[str, list[Point]]:
    """A chart as SVG, and each mark of it that tells something: where it lies there, and its headings and words."""
    convert = chart_style.converter()
    vega = convert.vegalite_to_vega(chart_style.still(spec), vl_version=chart_style.VEGALITE)
    _tell(vega.get("marks", []))
    picture = chart_style.picture(vega)
    return PATH.sub(lambda path: HUNDREDTHS.sub(r"\1", path[0]), TELLERS.sub("", picture)), list(
        dict.fromkeys(_points(picture))
    )


def packed(wide: list[Point], narrow: list[Point]) -> dict[str, Any]:
    """The same for a page: headings and words once, marks by their place and the number of their words."""
    texts = {text: number for number, text in enumerate(dict.fromkeys(text for _, _, text in (*wide, *narrow)))}
    parts = [[part.split(BETWEEN) for part in text.split(ENDS)] for text in texts]
    cells = [[(head, text) for head, text in row if text != NOTHING] for row in parts]
    heads = list(dict.fromkeys(tuple(head for head, _ in row) for row in cells))
    rows = [[heads.index(tuple(head for head, _ in row)), *(text for _, text in row)] for row in cells]
    wide_places, narrow_places = ([[x, y, texts[text]] for x, y, text in marks] for marks in (wide, narrow))
    return {"heads": heads, "rows": rows, "wide": wide_places, "narrow": narrow_places}


def _tell(marks: list[dict[str, Any]]) -> None:
    """Put a teller after every mark that hovering over shows something of."""
    for place, mark in reversed(list(enumerate(marks, 1))):
        _tell(mark.get("marks", []))
        for encodings in mark.get("encode", {}).values():
            tooltip = encodings.get("tooltip")
            if isinstance(tooltip, dict) and str(tooltip.get("signal", "")).startswith("{"):
                # An expression that writes the members of the object's literal one after another.
                members = [MEMBER.sub(rf'"\1{BETWEEN}" + (\2)', part) for part in _members(tooltip["signal"][1:-1])]
                encodings[TOLD] = {"signal": f' + "{ENDS}" + '.join(members)}
                marks.insert(place, _teller(mark))
                break


def _teller(mark: Mapping[str, Any]) -> dict[str, Any]:
    """A mark that draws nothing and says of each item of another, in their order, where it lies and what it tells."""
    places = {"rule": PLACES_OF_RULE, "shape": PLACE_OF_SHAPE}.get(mark["type"], PLACE)
    says = f"datum.defined === false ? '' : '{ENDS}' + join([{places}], ' ') + '{ENDS}' + datum.{TOLD}"
    shown = {"size": {"value": 0}, "description": {"signal": says}}
    order = {"sort": {**mark["sort"], "field": f"datum.{mark['sort']['field']}"}} if "sort" in mark else {}
    return dict(type="symbol", role=TELLER, encode={"update": shown}, **order) | {"from": {"data": mark["name"]}}


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


def _points(svg: str) -> Iterator[Point]:
    moved = [(0.0, 0.0)]
    for part in PARTS.finditer(svg):
        across, down = moved[-1]
        if part[0] == "</g>":
            moved.pop()
        elif part[3] is None:
            moved.append((across + float(part[1] or 0), down + float(part[2] or 0)))
        else:
            places = list(map(float, part[3].split()))
            for x, y in zip(places[::2], places[1::2], strict=True):
                yield round(across + x), round(down + y), html.unescape(part[4])


def turning(svg: str) -> str:
    """`svg` with a style of its own by which it is dark where its page is."""
    letters = set(LETTERS.findall(svg))
    rules = {}
    for way, shade in sorted(set(SHADE.findall(svg))):
        dark = FIXED.get(shade) or lighter(shade, STRONG if shade in letters else SEEN)
        if dark != shade:
            rules[f'[{way}="{shade}"]'] = f"{way}:{dark}"
    if GROUND.search(svg) and not LAND.keys() & {shade for _, shade in SHADE.findall(svg)}:
        rules = {f"{place}:not(.role-mark *)": rule for place, rule in rules.items()}
        rules['.role-mark [fill="#eceef1"]'] = f"fill:{BLANK}"
        rules['.role-mark [stroke="white"]'] = f"stroke:{PAPER}"
    style = "".join(f"{place}{{{rule}}}" for place, rule in rules.items())
    return re.sub(r"(<svg[^>]*>)", rf"\1<style>@media (prefers-color-scheme:dark){{{style}}}</style>", svg, count=1)


def lighter(shade: str, least: float) -> str:
    """`shade`, as much lighter as a dark page asks for; greys are as far from it as they are from white paper."""
    hue, light, full = colorsys.rgb_to_hls(*_parts(shade))
    first = light if full > 0.15 else max(light, 1 - light)
    for step in range(STEPS + 1):
        parts = colorsys.hls_to_rgb(hue, first + (1 - first) * step / STEPS, full)
        candidate = "#" + "".join(f"{round(255 * part):02x}" for part in parts)
        if contrast(candidate, PAPER) >= least:
            return candidate
    return INK


def contrast(first: str, second: str) -> float:
    """How much two shades differ in brightness, 1 to 21, as the guidelines for web pages have it."""
    brightness = []
    for shade in (first, second):
        linear = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _parts(shade))
        brightness.append(sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True)))
    return (max(brightness) + 0.05) / (min(brightness) + 0.05)


def _parts(shade: str) -> tuple[float, float, float]:
    shade = "#000000" if shade == "#000" else shade
    red, green, blue = (int(shade[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue
