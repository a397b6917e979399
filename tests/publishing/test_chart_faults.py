"""Charts of all pages in both languages as they are drawn: nothing cut, covered, small, alike or at the frame."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import altair as alt
import pandas as pd
import pytest
import samplenotebook as sample
from browsing import drawnfaults

from tradeexposure.reporting import chart_encodings as enc
from tradeexposure.reporting import charts

REPORTS = Path(__file__).resolve().parents[2] / "reports"
FIGURE = re.compile(r"<figure.*?</figure>", re.DOTALL)
CAPTION = re.compile(r"<figcaption>(.*?)</figcaption>", re.DOTALL)
DRAWN = re.compile(r'data:image/svg\+xml;base64,([^"]+)"')
FRAME = pd.DataFrame({"x": [1, 2, 3] * 2, "y": [1.0, 3.0, 2.0, 2.0, 1.0, 4.0], "name": ["a"] * 3 + ["b"] * 3})
RANGE = pd.DataFrame({"who": ["one", "two"], "at": [2.0, 3.0], "low": [1.0, 2.0], "high": [3.0, 4.0]})
TIGHT = alt.Scale(zero=False, nice=False)


def shown(page: Path) -> Iterator[tuple[str, str]]:
    """Each drawing of a page with the title of its chart."""
    for figure in FIGURE.findall(page.read_text("utf-8")):
        title = html.unescape(re.sub("<[^>]*>", "", CAPTION.search(figure)[1])).strip()
        for drawing in dict.fromkeys(DRAWN.findall(figure)):
            yield title, base64.b64decode(drawing).decode()


@pytest.mark.long
def test_no_chart_of_any_page_makes_a_reader_stumble() -> None:
    pages = sorted([*REPORTS.glob("*.html"), *REPORTS.glob("published/*/*.html")])
    drawings = [(f"{page.parent.name}/{page.name}", title, svg) for page in pages for title, svg in shown(page)]
    assert len(drawings) > 250 and len({page for page, _, _ in drawings}) > 20
    faults = [f"{page}: “{title}”: {fault}" for page, title, svg in drawings for fault in drawnfaults.faults(svg)]
    assert faults == []


def tight(**encodings: alt.X | alt.Y) -> alt.Chart:
    return alt.Chart(RANGE).encode(y=alt.Y("who", type="nominal"), **encodings)


def whisker() -> alt.LayerChart:
    span = tight(x=alt.X("low", type="quantitative", scale=TIGHT)).mark_rule(strokeWidth=3)
    dots = tight(x=alt.X("at", type="quantitative")).mark_point()
    return alt.layer(span.encode(x2=alt.X2("high")), dots)


def written(**text: object) -> alt.LayerChart:
    letters = alt.Chart(RANGE).mark_text(fontSize=12).encode(text=alt.Text("who", type="nominal"))
    places = {"x": alt.XValue(30), "y": alt.YValue(30)}
    return alt.layer(charts.lines(FRAME[:3], x="x", y="y", y_title="kt"), letters.mark_text(**text).encode(**places))


def lines(**more: object) -> alt.Chart | alt.LayerChart:
    return charts.lines(FRAME, x="x", y="y", group="name", **{"y_title": "kt", **more})


def keyed() -> alt.Chart:
    place = {"x": enc.across(FRAME, "x", "Years"), "y": enc.upward("y", "kt", "plain", top=5)}
    return alt.Chart(FRAME).mark_line().encode(color=enc.colour(FRAME["name"], "name", stroke=True), **place)


SEEDED: dict[str, tuple[Callable[[], charts.ChartLike], str]] = {
    "one colour at the ends": (
        lambda: lines(colours={"a": "#1f5fa8", "b": "#1f5fa9"}), "series “A” and “B” have one colour",
    ),
    "one colour in a legend": (
        lambda: charts.bars(
            FRAME, category="x", value="y", group="name", value_title="kt", colours={"a": "#1f5fa8", "b": "#1f5fa8"}
        ),
        "series “A” and “B” have one colour",
    ),
    "a cut label": (
        lambda: charts.bars(RANGE.assign(who="w" * 60), category="who", value="at", value_title="kt"), "is cut short",
    ),
    "a label outside": (lambda: lines().properties(autosize="none"), "“B” leaves the picture"),
    "labels on one another": (lambda: written(fontSize=13), "“one” and “two” overlap"),
    "small letters": (lambda: written(fontSize=9), "“one” has letters of 9 px"),
    "a whisker": (whisker, "a whisker from 0 to"),
    "a point": (
        lambda: tight(x=alt.X("at", type="quantitative", scale=TIGHT)).mark_point(), "lies on the edge of the plot",
    ),
    "a line": (
        lambda: alt.Chart(FRAME[:3]).mark_line().encode(
            x=alt.X("x", type="quantitative"), y=alt.Y("y", type="quantitative", scale=TIGHT)
        ),
        "a line reaches the upper edge",
    ),
    "a bar": (
        lambda: alt.Chart(RANGE).mark_bar().encode(
            x=alt.X("who", type="nominal"), y=alt.Y("high", type="quantitative", scale=alt.Scale(nice=False))
        ),
        "reaches the edge of the plot",
    ),
    "no unit": (lambda: lines(y_title="").properties(title=""), "says no unit"),
    "a legend of two lines": (keyed, "a legend (“a” first) names 2 lines"),
}  # fmt: skip


@pytest.mark.parametrize("name", SEEDED)
def test_each_seeded_fault_is_found(name: str) -> None:
    build, naming = SEEDED[name]
    spec = charts.spec_of(build(), title="T", alt="A")
    faults = drawnfaults.faults(charts.svg({key: item for key, item in spec.items() if key != "title"}))
    assert any(naming in fault for fault in faults), faults


@pytest.mark.parametrize("name", [name for name in sample.CHARTS if name not in ("fan", "dots")])
def test_a_chart_of_the_builders_has_no_fault(name: str) -> None:
    spec = {key: item for key, item in sample.spec(name).items() if key != "title"}
    assert drawnfaults.faults(charts.svg(spec)) == []
