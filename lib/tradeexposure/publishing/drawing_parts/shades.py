"""A drawing that turns with its page: shades for a dark one, within the SVG."""

from __future__ import annotations

import colorsys
import re

from tradeexposure.reporting import chart_style

PAPER = "#14181d"  # of a dark page, as the style of the pages has it
INK, FAINT, BLANK = "#e6e9ed", "#343b44", "#2a3139"
STRONG, SEEN = 4.5, 3.0  # contrast of letters and of marks, at least
STEPS = 60
SHADE = re.compile(r'(fill|stroke)="(#[0-9a-fA-F]{6}|#000|white)"')  # Vega's own black has three digits
LETTERS = re.compile(r'<text [^>]*fill="(#[0-9a-fA-F]{6}|#000)"')
#: Charts with letters on coloured ground, which keep their shades where they are.
GROUND = re.compile(r'aria-roledescription="(?:geoshape|rect mark)"')
#: Of land, as the pages' style has them.
LAND = dict(zip(chart_style.LAND, ("#262a2e", "#23402f", "#2c5d43", "#43815c", "#74ad7d", "#bfdca8", "#5a636d"),
                strict=True))  # fmt: skip
FIXED = {**LAND, "white": PAPER, "#ffffff": PAPER, "#e4e7eb": FAINT, "#eceef1": BLANK, "#9aa1a9": "#6d7680"}


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
