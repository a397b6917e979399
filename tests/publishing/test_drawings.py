"""Row names on a phone: whole, and without touching those of the next row."""

from __future__ import annotations

import base64
import re
from typing import Any

import pandas as pd

from tradeexposure.publishing import drawings
from tradeexposure.reporting import charts

LONG = "Battery and EV projects: US duties on batteries from Canada"
SHORT = "Parts makers"


def spec(*names: str) -> dict[str, Any]:
    frame = pd.DataFrame({"who": names, "money": range(1, len(names) + 1)})
    chart = charts.bars(frame, category="who", value="money", value_title="C$")
    return charts.spec_of(chart, title="x", alt="y")


def test_a_long_name_is_drawn_whole_on_a_phone() -> None:
    made = drawings.drawing(spec(LONG, SHORT), where="x")
    assert made.narrow
    svg = base64.b64decode(made.narrow.address.partition(",")[2]).decode()
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
    _, _, content = drawings.Table(("+name", "value"), rows).file.partition(",")
    lines = base64.b64decode(content).decode().splitlines()
    assert lines == ["'+name,value", "'=1+1,-2.5", "'@x,", "'- of it,3"]
