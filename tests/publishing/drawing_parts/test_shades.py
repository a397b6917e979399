"""A drawing turns with its page: each shade of it can be seen on dark paper, and letters can be read."""

from __future__ import annotations

import re

import pytest
import samplenotebook as sample

from tradeexposure.publishing import template_files
from tradeexposure.publishing.drawing_parts import shades
from tradeexposure.reporting import chart_style, charts

RULE = re.compile(r'\[(fill|stroke)="([^"]+)"\][^{]*\{(?:fill|stroke):(#[0-9a-f]{6})\}')


def turned(name: str) -> tuple[str, dict[tuple[str, str], str]]:
    svg = charts.svg(charts.spec_of(sample.every_chart()[name], title="T", alt="A"))
    style = re.search(r"<style>(.*?)</style>", shades.turning(svg))[1]
    assert style.startswith("@media (prefers-color-scheme:dark)")
    return svg, {(way, light): dark for way, light, dark in RULE.findall(style)}


@pytest.mark.parametrize("name", ["lines", "dots", "fan"])
def test_marks_are_seen_and_letters_read_on_a_dark_page(name: str) -> None:
    svg, rules = turned(name)
    assert rules["fill", "white"] == shades.PAPER
    for way, light in set(shades.SHADE.findall(svg)) - {("fill", "white")}:
        dark = rules.get((way, light), light)
        least = shades.STRONG if light in shades.LETTERS.findall(svg) else 1 if light in shades.FIXED else shades.SEEN
        assert shades.contrast(dark, shades.PAPER) >= least, light


def test_letters_on_a_map_keep_the_shade_that_suits_their_ground() -> None:
    svg, _ = turned("map")
    style = re.search(r"<style>(.*?)</style>", shades.turning(svg))[1]
    assert f'[fill="{chart_style.INK}"]:not(.role-mark *)' in style and '[fill="#000"]:not(.role-mark *)' in style


def test_land_on_a_dark_page_has_the_shades_of_the_map_that_is_a_page() -> None:
    style = template_files.text(template_files.folder() / "style.css")
    light, dark = (re.findall(r"--k[0-5f]: (#[0-9a-f]{6})", part) for part in (style[:3_000], style[3_000:]))
    assert dict(zip(light, dark, strict=True)) == shades.LAND and len(light) == 7
    turned_map = shades.turning(f'<svg><path aria-roledescription="geoshape" fill="{light[5]}"/><text fill="#23272e"/>')
    assert f'[fill="{light[5]}"]{{fill:{dark[5]}}}' in turned_map and "role-mark" not in turned_map


@pytest.mark.parametrize(("shade", "least"), [("#160c34", 3.0), ("#000", 4.5), ("#23272e", 4.5), ("#8092af", 3.0)])
def test_a_shade_is_made_lighter_only_as_far_as_needed(shade: str, least: float) -> None:
    made = shades.lighter(shade, least)
    assert shades.contrast(made, shades.PAPER) >= least
    assert shades.contrast(shade, shades.PAPER) < least or made == shade
