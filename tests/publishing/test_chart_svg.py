"""A chart as SVG: every mark tells the words of its tooltip where it is drawn; shades can be seen on dark paper."""

from __future__ import annotations

import re

import pandas as pd
import pytest
import samplenotebook as sample

from tradeexposure.publishing import chart_svg, drawings, template_files
from tradeexposure.reporting import chart_style, charts

RULE = re.compile(r'\[(fill|stroke)="([^"]+)"\][^{]*\{(?:fill|stroke):(#[0-9a-f]{6})\}')


def spec(chart: charts.ChartLike) -> dict:
    return charts.spec_of(chart, title="T", alt="A")


def rows(values: dict) -> set[tuple[str, ...]]:
    return {tuple(row[1:]) for row in values["rows"]}


def test_every_observation_of_a_line_tells_its_words_on_both_widths() -> None:
    drawn = drawings.drawing(sample.spec("lines"), where="x")
    values = drawn.values
    own = [row for row in values["rows"] if values["heads"][row[0]] == ("Country", "Month", "Volume (kt)")]
    assert len(own) == len(sample.sales()) and len(values["wide"]) == len(values["narrow"]) >= len(own)
    assert ("China", "Jan 2018", "300") in rows(values)
    assert max(x for x, _, _ in values["wide"]) < drawn.wide.width
    assert max(x for x, _, _ in values["narrow"]) < drawn.narrow.width < max(x for x, _, _ in values["wide"])


def test_words_with_commas_brackets_quotes_and_colons_come_whole() -> None:
    name = 'A "b", (c): d'
    frame = pd.DataFrame({"who, (x) y": [name, "e"], "money": [1.5, 2.5]})
    chart = charts.bars(frame, category="who, (x) y", value="money", value_title="C$: millions, a year")
    values = chart_svg.packed(chart_svg.drawn(spec(chart))[1], [])
    assert values["heads"] == [("Who, (x) y", "C$: millions, a year")]
    assert rows(values) == {(name, "1.5"), ("E", "2.5")}


def test_what_a_row_does_not_have_is_not_told() -> None:
    """A forecast has no exports yet: readers who pointed at it were told "Exports null"."""
    frame = pd.DataFrame(
        {"who": ["a", "b"], "value": [1.5, 2.5], "low": [1.0, float("nan")], "high": [2.0, float("nan")]}
    )
    chart = charts.dots_ranges(frame, label="who", value="value", low="low", high="high", numbers="plain")
    values = chart_svg.packed(chart_svg.drawn(spec(chart))[1], [])
    assert ("B", "2.5") in rows(values) and ("A", "1.5", "1", "2") in rows(values)


def test_a_bar_tells_from_its_middle_and_a_step_from_its_ends_too() -> None:
    frame = pd.DataFrame({"who": ["a"], "money": [10.0]})
    (bar,) = chart_svg.drawn(spec(charts.bars(frame, category="who", value="money", value_title="C$")))[1]
    days = pd.to_datetime(["2020-01-01", "2021-01-01"])
    stretch = pd.DataFrame({"from": days[:1], "to": days[1:], "rate": [0.1]})
    step = chart_svg.drawn(spec(charts.steps(stretch, start="from", end="to", y="rate", y_title="Rate")))[1]
    assert 50 < bar[0] < 600 and len({x for x, _, _ in step}) == 3


def test_what_tells_leaves_no_trace_in_the_drawing() -> None:
    for shown in map(sample.spec, ("fan", "dots", "map")):
        drawing, points = chart_svg.drawn(shown)
        assert re.sub(r" d=\"[^\"]*\"", "", drawing) == re.sub(r" d=\"[^\"]*\"", "", chart_style.svg(shown))
        assert points and chart_svg.ENDS not in drawing


def test_paths_have_tenths_of_pixels_and_what_is_no_path_keeps_its_digits() -> None:
    shown = sample.spec("fan")
    whole = [re.findall(r" d=\"([^\"]*)\"", svg) for svg in (chart_style.svg(shown), chart_svg.drawn(shown)[0])]
    numbers, short = ([list(map(float, re.findall(r"-?[\d.]+", path))) for path in paths] for paths in whole)
    assert not re.search(r"\.\d\d", "".join(whole[1])) and re.search(r"\.\d\d", "".join(whole[0]))
    assert max(abs(a - b) for path in zip(numbers, short, strict=True) for a, b in zip(*path, strict=True)) < 0.1
    assert 'opacity="0.22"' in chart_svg.drawn(shown)[0]


def turned(name: str) -> tuple[str, dict[tuple[str, str], str]]:
    svg = charts.svg(sample.spec(name))
    style = re.search(r"<style>(.*?)</style>", chart_svg.turning(svg))[1]
    assert style.startswith("@media (prefers-color-scheme:dark)")
    return svg, {(way, light): dark for way, light, dark in RULE.findall(style)}


@pytest.mark.parametrize("name", ["lines", "dots", "fan"])
def test_marks_are_seen_and_letters_read_on_a_dark_page(name: str) -> None:
    svg, rules = turned(name)
    assert rules["fill", "white"] == chart_svg.PAPER
    for way, light in set(chart_svg.SHADE.findall(svg)) - {("fill", "white")}:
        dark = rules.get((way, light), light)
        least = (
            chart_svg.STRONG
            if light in chart_svg.LETTERS.findall(svg)
            else 1
            if light in chart_svg.FIXED
            else chart_svg.SEEN
        )
        assert chart_svg.contrast(dark, chart_svg.PAPER) >= least, light


def test_a_line_is_seen_on_two_bands_of_its_shade_on_a_dark_page() -> None:
    line = chart_svg.lighter(chart_style.COLOURS["median"], chart_svg.SEEN)
    ground = chart_svg.PAPER
    for _ in range(2):
        parts = zip(*([int(shade[at : at + 2], 16) for at in (1, 3, 5)] for shade in (ground, line)), strict=True)
        ground = "#" + "".join(f"{round(low + chart_style.BAND_OPACITY * (high - low)):02x}" for low, high in parts)
    assert chart_svg.contrast(line, ground) >= 3


def test_letters_on_a_map_keep_the_shade_that_suits_their_ground() -> None:
    svg, _ = turned("map")
    style = re.search(r"<style>(.*?)</style>", chart_svg.turning(svg))[1]
    assert f'[fill="{chart_style.INK}"]:not(.role-mark *)' in style and '[fill="#000"]:not(.role-mark *)' in style


def test_land_on_a_dark_page_has_the_shades_of_the_map_that_is_a_page() -> None:
    style = template_files.text(template_files.folder() / "style.css")
    light, dark = (re.findall(r"--k[0-5f]: (#[0-9a-f]{6})", part) for part in (style[:3_000], style[3_000:]))
    assert dict(zip(light, dark, strict=True)) == chart_svg.LAND and len(light) == 7
    turned_map = chart_svg.turning(
        f'<svg><path aria-roledescription="geoshape" fill="{light[5]}"/><text fill="#23272e"/>'
    )
    assert f'[fill="{light[5]}"]{{fill:{dark[5]}}}' in turned_map and "role-mark" not in turned_map
