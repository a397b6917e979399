"""Charts as a page shows them: names and legends that fit a phone, and their data as tables and files."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import samplenotebook as sample
from pageread import content

from tradeexposure.core import files, paths
from tradeexposure.publishing import drawings
from tradeexposure.reporting import charts, study_charts

LONG = "Battery and EV projects: US duties on batteries from Canada"
SHORT = "Parts makers"


def spec(*names: str) -> dict[str, Any]:
    frame = pd.DataFrame({"who": names, "money": range(1, len(names) + 1)})
    chart = charts.bars(frame, category="who", value="money", value_title="C$")
    return charts.spec_of(chart, title="x", alt="y")


def test_a_long_name_is_drawn_whole_on_a_phone() -> None:
    drawing = drawings.drawing(spec(LONG, SHORT), where="x")
    assert drawing.narrow
    svg = content(drawing.narrow.address)
    assert "\N{HORIZONTAL ELLIPSIS}" not in svg
    assert set(LONG.split()) | set(SHORT.split()) <= set(" ".join(re.findall(r">([^<>]+)<", svg)).split())


def test_rows_are_as_high_as_their_names_and_short_names_change_nothing() -> None:
    short, long = spec(SHORT, "Workers"), spec(*(f"{LONG}, {place}" for place in range(4)))
    assert drawings.folded(short) is short
    folded = drawings.folded(long)
    assert folded["height"] >= 4 * 3 * drawings.ROW_LINE > long["height"]
    assert "labelExpr" not in str(long), "the wide drawing keeps its names"


def test_a_spreadsheet_finds_no_formula_in_the_data_of_a_chart() -> None:
    rows = (("=1+1", -2.5), ("@x", None), ("- of it", 3))
    lines = content(drawings.Table(("+name", "value"), rows).file).splitlines()
    assert lines == ["'+name,value", "'=1+1,-2.5", "'@x,", "'- of it,3"]


def panelled() -> dict[str, Any]:
    names = ["one", "two", "three", "four"]
    rows = [(name, year, year * 1e6) for name in names for year in range(1, 4)]
    frame = pd.DataFrame(rows, columns=["name", "year", "value"])
    drawn = study_charts.panels(
        charts.stacked(frame, x="year", y="value", group="name"),
        panel="name",
        names=names,
        title="Tonnes a year",
    )
    return charts.spec_of(drawn, title="x", alt="y")


def test_panels_fit_the_column_and_stand_one_below_the_other_on_a_phone() -> None:
    drawing = drawings.drawing(panelled(), where="x")
    assert drawing.narrow
    assert drawings.WIDE_WIDTH - 4 <= drawing.wide.width <= drawings.WIDE_WIDTH
    assert drawings.NARROW_WIDTH - 4 <= drawing.narrow.width <= drawings.NARROW_WIDTH
    assert drawing.narrow.height > 1.5 * drawing.wide.height


@pytest.mark.parametrize("source", [spec(LONG, SHORT), panelled()], ids=["rows", "panels"])
def test_a_specification_stays_as_it_was(source: dict[str, Any]) -> None:
    before = files.canonical(source)
    drawing = drawings.drawing(source, where="x")
    assert files.canonical(source) == before and drawing.source is source


def test_charts_below_one_another_are_as_wide_as_the_column() -> None:
    part = charts.bars(pd.DataFrame({"who": ["a", "b"], "money": [1, 2]}), category="who", value="money")
    drawing = drawings.drawing(charts.spec_of(part & part, title="x", alt="y"), where="x")
    assert drawing.narrow
    assert abs(drawing.wide.width - drawings.WIDE_WIDTH) <= 4 and abs(drawing.narrow.width - drawings.NARROW_WIDTH) <= 4


def test_no_more_drawings_are_kept_than_have_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(tmp_path))
    monkeypatch.setattr(drawings, "MOST_KEPT", 2)
    for number in range(4):
        drawings.drawing(spec(f"Row {number}"), where="x")
    left = list(tmp_path.joinpath(*drawings.KEPT).iterdir())
    assert 0 < len(left) <= 2 + 1


def test_a_long_name_of_a_row_has_more_lines_at_a_desk_too() -> None:
    name = "Farm and food exports of the Prairies to China, one month ahead"
    frame = pd.DataFrame({"who": [name, "b"], "money": [1, 2]})
    drawn = charts.bars(frame, category="who", value="money", value_title="C$")
    address = drawings.drawing(charts.spec_of(drawn, title="x", alt="y"), where="x").wide.address
    svg = content(address)
    assert (
        "Farm and food exports of the Prairies to" in svg and name not in svg and "\N{HORIZONTAL ELLIPSIS}" not in svg
    )


@pytest.mark.parametrize(
    ("names", "columns"),
    [(["a" * 10, "b" * 12], (2, 2)), (["a" * 14, "b" * 16], (1, 2)), (["China", "A product with a long name"], (1, 1))],
)
def test_a_legend_has_less_room_beside_the_names_of_rows(names: list[str], columns: tuple[int, int]) -> None:
    frame = pd.DataFrame({"who": ["x", "x"], "money": [1, 2], "group": names})
    rows = charts.bars(frame, category="who", value="money", group="group", value_title="C$")
    standing = charts.bars(frame, category="who", value="money", group="group", value_title="C$", horizontal=False)
    beside, below = (
        drawings._narrow(charts.spec_of(chart, title="x", alt="y"))["config"]["legend"] for chart in (rows, standing)
    )
    assert (beside["columns"], below["columns"]) == columns


def test_a_title_of_two_lines_stands_above_its_plot_on_a_phone() -> None:
    frame = pd.DataFrame({"year": [2023, 2024], "value": [1.0, 2.0]})
    titles = ("Short", "Change of the US share on the year before, percentage points")
    specs = [
        charts.spec_of(charts.lines(frame, x="year", y="value", y_title=title), title="x", alt="y") for title in titles
    ]
    short, long = (drawings._narrow(spec)["config"]["axisY"]["titleY"] for spec in specs)
    assert short - long == drawings.TITLE_LINE


def test_data_of_a_chart_are_the_frame_behind_it() -> None:
    spec = charts.spec_of(sample.every_chart()["lines"], title="T", alt="A")
    volumes, events = drawings.drawing(spec, where="cell").tables
    rows = list(csv.reader(io.StringIO(content(volumes.file))))
    expected = sample.sales().assign(month=lambda frame: frame["month"].dt.strftime("%Y-%m"))
    assert rows[0] == ["Country", "Month", "Volume (kt)"]
    assert [row[1] for row in rows[1:]] == expected["month"].tolist()
    assert [float(row[2]) for row in rows[1:]] == expected["volume_kt"].tolist()
    assert {row[0] for row in rows[1:]} == {"China", "Japan", "United States"}
    assert events.rows == (("2019-03-01", "First"), ("2019-03-26", "Second"))


def tables_of(chart) -> tuple[drawings.Table, ...]:
    return drawings.drawing(charts.spec_of(chart, title="T", alt="A"), where="cell").tables


def test_layers_without_data_and_repeated_ones_give_no_download() -> None:
    frame = pd.DataFrame(
        {"geo": ["Alberta", "Manitoba"], "cost_cad": [1.0, 2.0], "low_cad": [0.5, 1.0], "high_cad": [2, 3]}
    )
    bounds = {"label": "geo", "value": "cost_cad", "low": "low_cad", "high": "high_cad"}
    title = "Cost (C$ million); bars: 95% interval"
    (table,) = tables_of(charts.dots_ranges(frame, **bounds, value_title=title, reference=0.0))
    assert len(table.rows) == 2
    assert table.headings == (
        "Place", "Cost (C$ million)", "Cost (C$ million): low (95% interval)", "Cost (C$ million): high (95% interval)",
    )  # fmt: skip
    (table,) = tables_of(charts.province_map(frame, province="geo", value="cost_cad", value_title="Cost"))
    assert table.headings == ("Province", "Cost") and len(table.rows) == 2


@pytest.mark.parametrize(("headings", "rows"), [((), ()), (("Year",), ()), ((), ((1,),))])
def test_a_download_without_a_row_is_refused(headings: tuple[str, ...], rows: tuple) -> None:
    with pytest.raises(ValueError, match="without columns or without rows"):
        drawings.Table(headings, rows)


def test_long_tables_are_read_with_one_column_per_name() -> None:
    volumes = drawings.drawing(charts.spec_of(sample.every_chart()["lines"], title="T", alt="A"), where="").tables[0]
    wide = drawings.readable(volumes)
    assert wide.headings == ("Month", "China", "Japan", "United States")
    assert len(wide.rows) * 3 == len(volumes.rows)
    assert wide.rows[0] == ("2018-01", 300, 180, 90)
