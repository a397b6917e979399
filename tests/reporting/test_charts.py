"""Charts: the same bytes from the same frame, colours that can be told apart, honest refusals."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import altair as alt
import numpy as np
import pandas as pd
import pytest
import samplenotebook as sample

from tradeexposure.reporting import chart_builders, chart_maps, chart_style, charts

# Simulated colour vision: Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
VISION = {
    "full": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}  # fmt: skip
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
APART = 14  # CIE76; below about 10 two patches side by side are taken for one colour


def linear(colour: str) -> np.ndarray:
    raw = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    return np.where(raw <= 0.04045, raw / 12.92, ((raw + 0.055) / 1.055) ** 2.4)


def lab(light: np.ndarray) -> np.ndarray:
    ratio = TO_XYZ @ np.clip(light, 0, 1) / np.array([0.95047, 1, 1.08883])
    root = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("family", chart_style.FAMILIES)
def test_colours_on_one_chart_can_be_told_apart(family: str, vision: str) -> None:
    for (name, first), (another, second) in itertools.combinations(chart_style.FAMILIES[family].items(), 2):
        if first == second:
            continue  # roles of the same thing
        distance = np.linalg.norm(lab(VISION[vision] @ linear(first)) - lab(VISION[vision] @ linear(second)))
        assert distance >= APART, f"{name} and {another} with {vision}: {distance:.1f}"


def test_the_measure_of_distance_can_fail() -> None:
    red, green = VISION["deuteranopia"] @ linear("#c44e52"), VISION["deuteranopia"] @ linear("#7d7b33")
    assert np.linalg.norm(lab(red) - lab(green)) < APART


def test_colours_stand_out_from_paper() -> None:
    for name, colour in chart_style.COLOURS.items():
        luminance = linear(colour) @ TO_XYZ[1]
        assert 1.05 / (luminance + 0.05) >= 3, name


def test_one_thing_has_one_colour_whatever_it_is_called() -> None:
    assert chart_style.colours(["United States", "united_states"]) == [chart_style.COLOURS["united_states"]] * 2
    assert chart_style.label("united_states") == "United States"
    assert chart_style.colours(["Other countries"]) == chart_style.colours(["other"])
    spare = chart_style.colours(["china", "somewhere", "elsewhere"])
    assert spare[0] == chart_style.COLOURS["china"]
    assert len(set(spare)) == 3


def test_each_family_gives_a_thing_the_same_colour() -> None:
    for first, second in itertools.combinations(chart_style.FAMILIES.values(), 2):
        for name in first.keys() & second.keys():
            assert first[name] == second[name], name


@pytest.mark.long
def test_another_session_gives_the_same_bytes(root) -> None:
    """Here other charts were made before, which Altair counts."""
    code = "import tradeexposure.runner.kernels, samplenotebook; print(samplenotebook.drawn_anew(), end='')"
    first = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(root / "tests" / "support")},
        capture_output=True, text=True, check=True, timeout=120,
    ).stdout  # fmt: skip
    for _ in range(3):
        alt.selection_point(), alt.Chart(name=None)
    assert first == sample.drawn_anew()
    assert '"name": "name_1"' in first
    assert list(json.loads(first)) == [*sample.CHARTS, "drawn"]


@pytest.mark.parametrize("name", sample.CHARTS)
def test_bundle_is_vega_lite_5_with_a_drawing_and_words(name: str) -> None:
    shown = json.loads(sample.bundle(name))
    assert list(shown) == [charts.MIME, "image/svg+xml", "text/plain"]
    spec = shown[charts.MIME]
    assert spec["$schema"].endswith("vega-lite/v5.json")
    assert spec["usermeta"] == {"title": f"Title of {name}", "embedOptions": {"actions": False}}
    assert spec["description"] == shown["text/plain"] == f"Words for {name}"
    assert shown["image/svg+xml"].startswith("<svg")
    assert f"Title of {name}" in shown["image/svg+xml"]
    assert "http" not in re.sub(r'xmlns(:xlink)?="[^"]*"', "", shown["image/svg+xml"])


def test_a_chart_drawn_later_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = charts.spec_of(sample.every_chart()["dots"], title="A title", alt=" Words \n here ")
    now = charts.output(spec)
    assert spec["description"] == now["text/plain"] == "Words here"
    monkeypatch.setenv(chart_style.LATER, "1")
    later = charts.output(spec)
    assert list(later) == [charts.MIME, "text/plain"]
    assert list(chart_style.completed(later).items()) == list(now.items())
    assert chart_style.completed(now) == now
    assert chart_style.completed({"text/plain": "no chart"}) == {"text/plain": "no chart"}


def test_what_draws_looks_for_no_fonts_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """It draws with the fonts that it looked for with its first letter: a picture without any would not do."""
    seen: list[tuple[str, str]] = []
    monkeypatch.setenv(chart_style.FONTS, "mine.conf")

    def drawn(source: str, **_: object) -> None:
        seen.append((source, os.environ["FONTCONFIG_FILE"]))

    for name in ("svg_to_png", "vegalite_to_svg"):
        monkeypatch.setattr(f"vl_convert.{name}", drawn)
    with ThreadPoolExecutor(4) as threads:
        for each in [threads.submit(chart_style.converter.__wrapped__) for _ in range(20)]:
            each.result()
    letters = [named for source, named in seen if "</text>" in source]
    assert len(letters) == 20 and len(set(letters)) == 1
    (named,) = set(letters)
    assert seen[0] == (chart_style.LETTER, named), "the first that is drawn"
    assert os.environ["FONTCONFIG_FILE"] == "mine.conf"
    places = ElementTree.parse(named).findall("dir")
    assert places
    assert not any(Path(place.text).is_dir() for place in places)


def test_a_drawing_is_the_same_whatever_was_drawn_before_it() -> None:
    colour = {"field": "rate", "type": "quantitative"}
    data, mark = {"values": [{"rate": 1}, {"rate": 2}]}, {"type": "point", "clip": True}
    spec = {"data": data, "mark": mark, "encoding": {"x": colour, "color": colour}}
    first = chart_style.svg(spec)
    chart_style._drawn.cache_clear()
    assert {"clip", "gradient_"} == {name.rstrip("0123456789") for name in re.findall(r'id="(\w+)"', first)}
    assert chart_style.svg(spec) == first


@pytest.mark.parametrize("name", sample.CHARTS)
def test_every_vega_lite_in_use_draws_it_alike(name: str) -> None:
    still = chart_style.still(sample.spec(name))
    older = chart_style.converter().vegalite_to_svg(still, vl_version="5.8", allowed_base_urls=[])
    drawings = (json.loads(sample.bundle(name))["image/svg+xml"], older)
    marks, marks_of_older = (sorted(re.findall(r'aria-roledescription="([^"]+)"', svg)) for svg in drawings)
    assert len(marks) > 4 and marks == marks_of_older


def test_data_have_four_significant_digits_and_no_nan() -> None:
    frame = pd.DataFrame({"year": [2023, 2024, 2025], "value": [1234567.89, 0.000123456, float("nan")]})
    spec = charts.spec_of(charts.lines(frame, x="year", y="value"), title="T", alt="A")
    assert [row["value"] for row in spec["datasets"]["table_1"]] == [1235000, 0.0001235, None]
    assert [row["year"] for row in spec["datasets"]["table_1"]] == [2023, 2024, 2025]


@pytest.mark.parametrize(("title", "alt"), [("", "words"), ("title", ""), ("title", " \n")])
def test_title_and_alternative_text_are_demanded(title: str, alt: str) -> None:
    with pytest.raises(ValueError, match="is empty"):
        charts.show(sample.every_chart()["bars"], title=title, alt=alt)


@pytest.mark.parametrize(
    ("fault", "build"),
    [
        ("no column price", lambda frame: charts.lines(frame, x="year", y="price")),
        ("no rows", lambda frame: charts.lines(frame[:0], x="year", y="value")),
        ("negative parts", lambda frame: charts.stacked(frame, x="year", y="value", group="name")),
        (
            "does not hold",
            lambda frame: charts.dots_ranges(frame, label="name", value="value", low="year", high="year"),
        ),
        (
            "more than one row for sk",
            lambda frame: charts.province_map(
                frame.assign(name=["sk", "Saskatchewan"]), province="name", value="value", value_title="V"
            ),
        ),
        ("no province xx", lambda frame: charts.province_map(frame, province="name", value="value", value_title="V")),
    ],
)
def test_what_cannot_be_drawn_is_refused(fault: str, build) -> None:
    frame = pd.DataFrame({"year": [2023, 2024], "value": [1.0, -2.0], "name": ["xx", "xx"]})
    with pytest.raises(ValueError, match=fault):
        build(frame)


def subdivisions(*rows: tuple[str, str, int | None, str | None]) -> dict[str, Any]:
    """The map of these, each with its identifier, class, hectares and word of caution."""
    frame = pd.DataFrame(rows, columns=["ccsuid", "class", "ha", "caution"])
    frame = frame.assign(name=frame["ccsuid"], ha=frame["ha"].astype(pd.Int64Dtype()))
    chart = charts.subdivision_map(
        frame, shade="class", shade_title="Share", classes=("a", "b", "c", "d", "e", "f", "none"), number="ha",
        texts=("name",), caution="caution",
    )  # fmt: skip
    return charts.spec_of(chart, title="T", alt="A")


def test_a_subdivision_has_the_colour_of_its_class_and_a_word_of_caution_hatches_it() -> None:
    rows = (("4601046", "a", 5, None), ("4703011", "f", 900, "careful"), ("4703016", "none", None, None))
    drawn = charts.svg(subdivisions(*rows))
    assert re.findall(r' d="M[^"]*" fill="(#\w{6})" stroke="white"', drawn) == [
        chart_style.LAND[0], chart_style.LAND[5], chart_style.LAND[6],
    ]  # fmt: skip
    hatched = re.findall(r' d="((?:M[^ML]*L[^ML]*)+)" stroke="#23272e"', drawn)
    assert len(hatched) == 2 and hatched[0].count("M") > 1 and ">careful</text>" in drawn
    plain = charts.svg(subdivisions(*((name, shade, area, None) for name, shade, area, _ in rows)))
    assert not re.findall(r' d="(?:M[^ML]*L[^ML]*)+" stroke="#23272e"', plain)


def test_nothing_above_the_areas_of_a_map_holds_the_pointer_off_them() -> None:
    """JupyterLab's Vega points at a path that is filled with nothing as if it were filled."""
    sets = subdivisions(("4703011", "f", 900, "careful"))["datasets"].values()
    shapes = [[area["geometry"] for area in json.loads(text)] for text in sets if isinstance(text, str)]
    assert [areas[0]["type"] for areas in shapes] == ["Polygon", "MultiLineString", "MultiLineString", "Point"]
    assert {len(line) for areas in shapes[1:3] for area in areas for line in area["coordinates"]} == {2}


def test_a_line_of_a_hatching_ends_at_the_edges_of_its_area() -> None:
    square = [(0, 0), (30, 0), (30, 30), (0, 30), (0, 0)]
    hole = [(10, 10), (10, 20), (20, 20), (20, 10), (10, 10)]
    assert chart_maps._slanted([square])[1] == [(0, 10), (10, 0)]
    through = [line for line in chart_maps._slanted([square, hole]) if sum(line[0]) == 30]
    assert through == [[(0, 30), (10, 20)], [(20, 10), (30, 0)]]


def test_names_of_events_do_not_overlap() -> None:
    dates = pd.to_datetime(["2019-03-01", "2019-03-26", "2019-04-10", "2024-12-20"])
    events = pd.DataFrame({"date": dates, "label": ["A first measure"] * 4})
    chart = charts.with_events(charts.lines(sample.sales(), x="month", y="volume_kt", group="country"), events)
    spec = charts.spec_of(chart, title="T", alt="A")
    placed = [row for rows in spec["datasets"].values() for row in rows if "event_row" in row]
    assert [row["event_row"] for row in placed] == [2, 1, 0, 3]
    assert [row["event_left"] for row in placed] == [False, False, False, True]


def test_a_name_stands_above_the_rules_that_it_spans() -> None:
    events = pd.DataFrame({"date": pd.to_datetime(["2025-08-14", "2026-03-01"]), "label": ["A deposit", "The deal"]})
    span = (pd.Timestamp("2015-07-01"), pd.Timestamp("2026-09-29"))
    assert chart_builders._rows(events["date"], events["label"], span) == ([0, 1], [True, True])


def test_a_missing_rate_leaves_a_gap() -> None:
    days = pd.to_datetime(["2020-01-01", "2021-01-01", "2022-01-01"])
    frame = pd.DataFrame({"a": days, "b": days + pd.Timedelta(days=365), "rate": [0.1, None, 0.3]})
    drawn = charts.svg(charts.spec_of(charts.steps(frame, start="a", end="b", y="rate"), title="T", alt="A"))
    assert len(re.findall(r'aria-roledescription="rule mark"', drawn)) == 2


def test_a_row_without_a_range_keeps_its_place() -> None:
    frame = pd.DataFrame({"who": ["one", "two", "three"], "value": [1.0, 2.0, 3.0]})
    ranged = frame.assign(low=[0.5, None, 2.0], high=[1.5, None, 4.0])
    drawn = charts.dots_ranges(ranged, label="who", value="value", low="low", high="high")
    svg = charts.svg(charts.spec_of(drawn, title="x", alt="y"))
    assert re.findall(">(One|Two|Three)<", svg) == ["One", "Two", "Three"]


def test_a_chart_tells_why_it_ends_and_one_of_a_table_that_goes_on_tells_nothing() -> None:
    chart = charts.lines(sample.sales(), x="month", y="volume_kt", group="country", y_title="kt")
    reason = charts.spec_of(chart, title="Sales", alt="Lines.", until="grain_exports_monthly")["usermeta"]["ends"]
    assert reason.startswith("Figures end with October 2025. The publisher's file goes no further")
    for table in ("", "grain_weekly"):
        assert "ends" not in charts.spec_of(chart, title="Sales", alt="Lines.", until=table)["usermeta"]


def test_outlines_of_a_map_are_no_rows():
    assert chart_style.data_sets({"datasets": {"a": [{"x": 1}], "outlines": "[]"}}) == {"a": [{"x": 1}]}
    assert chart_style.data_sets({}) == {}


def test_the_description_of_lines_by_month_follows_their_rows():
    months = pd.date_range("2026-03-01", periods=3, freq="MS")
    described = charts.monthly_alt(pd.DataFrame({"seed": [2e8, 1e8, 3.04e8]}, index=months))
    heights = "seed from 100 million dollars (April 2026) to 304 million (May 2026)"
    assert described == f"Lines by month, March 2026 to May 2026: {heights}."
