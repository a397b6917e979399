"""The workbook of an edition: the numbers of results.csv, explained, the same bytes again, nothing that computes."""

from __future__ import annotations

import io
import time
from typing import Any

import openpyxl
import pandas as pd
import pytest
import samplenotebook as sample

from tradeexposure.core import results_csv, units
from tradeexposure.policy import scenarios
from tradeexposure.publishing.reuse import workbook


def made(results: pd.DataFrame) -> bytes:
    listed = [scenarios.load(name) for name in ("deal_2026", "escalation")]
    return workbook.content(results, edition="deal_2026", scenarios=listed, sources=sample.sources())


def rows(content: bytes, sheet: str) -> list[dict[str, Any]]:
    heading, *lines = openpyxl.load_workbook(io.BytesIO(content))[sheet].iter_rows(values_only=True)
    return [dict(zip(heading, row, strict=True)) for row in lines]


def test_results_are_those_of_the_file_beside_it() -> None:
    frame = sample.published()
    shown = rows(made(frame), "results")
    assert list(shown[0]) == list(results_csv.COLUMNS)
    for row, expected in zip(shown, frame.to_dict("records"), strict=True):
        assert row["result_id"] == expected["result_id"] and row["value"] == pytest.approx(expected["value"])
        assert (row["low"] is None) == pd.isna(expected["low"])


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "'=1", "=HYPERLINK(0)"])
def test_no_text_is_taken_for_a_formula(text: str) -> None:
    frame = sample.published().assign(label=text)
    sheet = openpyxl.load_workbook(io.BytesIO(made(frame)))["results"]
    cells = [row[list(results_csv.COLUMNS).index("label")] for row in sheet.iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(str(cell.value) == f"'{text}" for cell in cells)


def test_the_same_numbers_give_the_same_bytes_at_another_time(monkeypatch: pytest.MonkeyPatch) -> None:
    before = made(sample.published())
    later = time.localtime(time.time() + 1e6)
    monkeypatch.setattr(time, "localtime", lambda *_: later)
    assert made(sample.published()) == before
    assert made(sample.published().assign(period="other")) != before


def test_every_column_and_unit_is_explained() -> None:
    meanings = {(row["kind"], row["name"]): row["meaning"] for row in rows(made(sample.published()), "dictionary")}
    assert {name for kind, name in meanings if kind == "column"} == set(results_csv.COLUMNS)
    assert {name for kind, name in meanings if kind == "unit"} == set(units.FORMATS)
    assert all(meanings.values())


def test_scenarios_and_sources_are_listed() -> None:
    content = made(sample.published())
    assert {row["name"]: row["this_edition"] for row in rows(content, "scenarios")} == {
        "deal_2026": "yes", "escalation": "no"}  # fmt: skip
    assert [row["licence"] for row in rows(content, "sources")] == ["Open Licence"]
