"""What pointing at a mark tells: every mark of a chart, in the words of its tooltip, where it is drawn."""

from __future__ import annotations

import re

import pandas as pd
import samplenotebook as sample

from tradeexposure.publishing import drawings
from tradeexposure.publishing.drawing_parts import values
from tradeexposure.reporting import chart_style, charts


def spec(chart: charts.ChartLike) -> dict:
    return charts.spec_of(chart, title="T", alt="A")


def rows(told: dict) -> set[tuple[str, ...]]:
    return {tuple(row[1:]) for row in told["rows"]}


def test_every_observation_of_a_line_tells_its_words_on_both_widths() -> None:
    chart = sample.every_chart()["lines"]
    drawn = drawings.drawing(spec(chart), where="x")
    told = drawn.values
    own = [row for row in told["rows"] if told["heads"][row[0]] == ("Country", "Month", "Volume (kt)")]
    assert len(own) == len(sample.sales()) and len(told["wide"]) == len(told["narrow"]) >= len(own)
    assert ("China", "Jan 2018", "300") in rows(told)
    assert max(x for x, _, _ in told["wide"]) < drawn.wide.width
    assert max(x for x, _, _ in told["narrow"]) < drawn.narrow.width < max(x for x, _, _ in told["wide"])


def test_words_with_commas_brackets_quotes_and_colons_come_whole() -> None:
    name = 'A "b", (c): d'
    frame = pd.DataFrame({"who, (x) y": [name, "e"], "money": [1.5, 2.5]})
    chart = charts.bars(frame, category="who, (x) y", value="money", value_title="C$: millions, a year")
    told = values.packed(values.drawn(spec(chart))[1], [])
    assert told["heads"] == [("Who, (x) y", "C$: millions, a year")]
    assert rows(told) == {(name, "1.5"), ("E", "2.5")}


def test_a_bar_tells_from_its_middle_and_a_step_from_its_ends_too() -> None:
    frame = pd.DataFrame({"who": ["a"], "money": [10.0]})
    (bar,) = values.drawn(spec(charts.bars(frame, category="who", value="money", value_title="C$")))[1]
    days = pd.to_datetime(["2020-01-01", "2021-01-01"])
    stretch = pd.DataFrame({"from": days[:1], "to": days[1:], "rate": [0.1]})
    step = values.drawn(spec(charts.steps(stretch, start="from", end="to", y="rate", y_title="Rate")))[1]
    assert 50 < bar[0] < 600 and len({x for x, _, _ in step}) == 3


def test_the_map_tells_each_province_that_has_a_number() -> None:
    told = values.packed(values.drawn(spec(sample.every_chart()["map"]))[1], [])
    assert {head for heads in told["heads"] for head in heads} >= {"Province"}
    assert len(told["wide"]) >= 3


def test_what_tells_leaves_no_trace_in_the_drawing() -> None:
    every = sample.every_chart()
    for shown in map(spec, (every["fan"], every["dots"], every["map"])):
        drawing, points = values.drawn(shown)
        assert re.sub(r" d=\"[^\"]*\"", "", drawing) == re.sub(r" d=\"[^\"]*\"", "", chart_style.svg(shown))
        assert points and values.ENDS not in drawing


def test_paths_have_tenths_of_pixels_and_what_is_no_path_keeps_its_digits() -> None:
    shown = spec(sample.every_chart()["fan"])
    whole = [re.findall(r" d=\"([^\"]*)\"", svg) for svg in (chart_style.svg(shown), values.drawn(shown)[0])]
    numbers, short = ([list(map(float, re.findall(r"-?[\d.]+", path))) for path in paths] for paths in whole)
    assert not re.search(r"\.\d\d", "".join(whole[1])) and re.search(r"\.\d\d", "".join(whole[0]))
    assert max(abs(a - b) for path in zip(numbers, short, strict=True) for a, b in zip(*path, strict=True)) < 0.1
    assert 'opacity="0.22"' in values.drawn(shown)[0]
