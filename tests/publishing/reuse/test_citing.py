"""Citations, credits and the card name what finds a chart again; which numbers a chart shows."""

from __future__ import annotations

import fnmatch
import json
import struct
import textwrap
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import samplenotebook as sample

from tradeexposure.core import paths, published_rows
from tradeexposure.publishing import drawings
from tradeexposure.publishing.languages import pages
from tradeexposure.publishing.reuse import citing
from tradeexposure.publishing.reuse.citing import drawn_numbers
from tradeexposure.reporting import charts

KNOWN = {"chart": "Prices fell.", "page": "What did it cost?", "edition": "deal_2026", "file": "40_a.html",
         "anchor": "chart-fan"}  # fmt: skip


def test_a_citation_names_what_finds_the_chart_again():
    assert citing.citation(**KNOWN, data="2026-09") == (
        "“Prices fell”. tradeexposure: What did it cost? Edition deal_2026, data to September 2026. 40_a.html#chart-fan"
    )
    assert ", data" not in citing.citation(**KNOWN, data="")
    assert "What it cost. Edition" in citing.citation(**{**KNOWN, "page": "What it cost"}, data="")


@pytest.mark.parametrize(
    ("vintages", "day"),
    [
        (["file that ends with 2026-04", "as published on 2026-09-30"], "2026-09-30"),
        (["table that ends with 2026Q2", "file that ends with 2026-04"], "2026-06"),
        (["files that end with 2026-10, read 2027-01-15"], "2026-10"),
        (["as dated in each row", "Census of Agriculture 2021"], ""),
        ([], ""),
    ],
)
def test_data_reach_to_the_latest_day_that_vintages_name(vintages: list[str], day: str):
    assert citing.data_to(vintages) == day


def test_a_credit_names_each_publisher_and_licence_once():
    sources = pd.DataFrame({"publisher": ["Statistics Canada", "Statistics Canada; press"],
                            "licence": ["Open", "Open"]})  # fmt: skip
    assert citing.credit(sources, edition="deal_2026") == (
        "Data behind the page: Statistics Canada; press. Computed by tradeexposure, edition deal_2026. Licences: Open. "
        "It may be reprinted with this line, on the terms of these licences."
    )
    own = "Computed by tradeexposure, edition x. It may be reprinted with this line."
    assert citing.credit(sources.head(0), edition="x") == own


@pytest.mark.long
def test_the_headline_chart_fills_the_card():
    notebook = sample.notebook(drawn=("fan",))
    drawn = citing.card(notebook)
    assert drawn.startswith(b"\x89PNG") and struct.unpack(">II", drawn[16:24]) == (1200, 630)
    assert citing.card(notebook) == drawn
    cell = next(cell for cell in notebook.cells if cell.id == "chart-fan")
    cell.outputs[0].data[charts.MIME]["usermeta"]["title"] = "Another title"
    assert citing.card(notebook) != drawn, "the title stands in the picture"


def test_a_kept_picture_is_not_drawn_again_and_an_altered_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    notebook = sample.notebook(drawn=("fan",))
    (tmp_path / "reports" / "_build").mkdir(parents=True)
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(tmp_path))
    drawn = citing.card(notebook)
    [kept] = tmp_path.joinpath(*drawings.KEPT).iterdir()
    monkeypatch.setattr(citing, "_png", lambda spec: "AAAA")
    assert citing.card(notebook) == drawn
    kept.write_text(kept.read_text().replace("i", "j"))
    assert citing.card(notebook) == bytes(3)


def test_without_a_headline_chart_there_is_no_card():
    notebook = sample.notebook(drawn=("fan",))
    notebook.cells = [cell for cell in notebook.cells if cell.id != "chart-fan"]
    assert citing.card(notebook) == b""


def test_the_card_says_date_and_source_in_either_language(monkeypatch: pytest.MonkeyPatch):
    drawn: list[dict] = []

    def kept(spec: str) -> str:
        drawn.append(json.loads(spec))
        return ""

    monkeypatch.setattr(citing, "_png", kept)
    monkeypatch.setattr(drawings, "drawn_once", lambda kind, parts, draw: draw())
    notebook = sample.notebook(drawn=("fan",))
    source = citing.computed("deal_2026", ["table that ends with 2026-09", "2026Q2"])
    citing.card(notebook, source)
    citing.card(notebook, source, translate=pages.translator().text)
    english, french = (spec["title"] for spec in drawn)
    assert english["subtitle"] == "Computed by tradeexposure, edition deal_2026, data to September 2026."
    assert french["subtitle"] == "Calculé par tradeexposure, édition deal_2026, données jusqu’à septembre 2026."
    assert english["text"] == textwrap.wrap(" ".join(english["text"]), citing.CARD_LETTERS)


def row(result_id: str, value: float, low: float | None, high: float | None, digits: int = 3) -> dict[str, Any]:
    return {"result_id": result_id, "value": value, "low": low, "high": high, "digits": digits}


ROWS = [row("a.gain", 1.42e9, 8.21e8, 2.22e9), row("a.share", -0.687, -0.77, -0.659), row("a.bare", 0.0345, None, None)]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ([("Gain", 1.4242, 0.8211, 2.2199)], ["a.gain"]),
        ([("Share", -68.7, -77.0, -65.9, 2019)], ["a.share"]),
        ([("Gain", 1.42e9, 8.21e8, 2.22e9), ("Share", -0.687, -0.77, -0.659)], ["a.gain", "a.share"]),
        ([("Gain", 1.42, 0.821), ("Gain", 2.22, 0.5)], []),
        ([("Gain", 1.42, 0.83, 2.22)], []),
        ([("Gain", 1.42, 821.0, 2.22)], []),
        ([("Bare", 0.0345, 0.0345, 0.0345)], []),
        ([("None", None, float("nan"), "x")], []),
    ],
)
def test_a_number_is_drawn_where_one_row_holds_it_with_its_ends(
    data: list[tuple[Any, ...]], expected: list[str]
) -> None:
    assert drawn_numbers(data, ROWS) == expected


def test_a_number_agrees_to_the_digits_that_it_is_published_with() -> None:
    assert drawn_numbers([("x", 0.9142, 0.5149, 1.249)], [row("a.two", 0.91, 0.51, 1.2, digits=2)]) == ["a.two"]
    assert drawn_numbers([("x", 0.9142, 0.5149, 1.249)], [row("a.three", 0.91, 0.51, 1.2)]) == []


def test_a_number_that_a_chart_has_rounded_to_a_half_is_found_whichever_way_it_was_published() -> None:
    """As Quebec's receipts at stake of 2024, 4,265,281 and 6,104,948 at its ends: 4.27 and 6.10 million."""
    drawn = [("Quebec", "2024", 5_773_000, 4_265_000, 6_105_000)]
    assert drawn_numbers(drawn, [row("a.quebec", 5.77e6, 4.27e6, 6.1e6)]) == ["a.quebec"]
    assert drawn_numbers(drawn, [row("a.quebec", 5.77e6, 4.28e6, 6.1e6)]) == []


@pytest.mark.parametrize(
    ("name", "cell", "count"),
    [
        ("10_map_trade", "ranges", 8),
        ("50_measure_ev_exposure", "claims", 3),
        ("50_measure_ev_exposure", "paths", 20),
    ],
)
def test_a_chart_without_ranges_draws_the_numbers_that_it_names(name: str, cell: str, count: int) -> None:
    notebook = json.loads(paths.path("notebooks", f"{name}.ipynb").read_text("utf-8"))
    outputs = [output for code in notebook["cells"] if code["id"] == cell for output in code["outputs"]]
    (spec,) = [output["data"][charts.MIME] for output in outputs if charts.MIME in output.get("data", {})]
    rows = {str(row["result_id"]): row["value"] for row in published_rows.numbers_of(notebook)}
    named = [key for pattern in spec["usermeta"]["results"] for key in fnmatch.filter(rows, pattern)]
    cells = [cell for data in spec["datasets"].values() for line in data for cell in line.values()]
    drawn = [cell for cell in cells if isinstance(cell, int | float)]
    assert len(named) == count
    assert [key for key in named if min(abs(rows[key] - cell) for cell in drawn) > 0.005 * max(rows[key], 1)] == []
