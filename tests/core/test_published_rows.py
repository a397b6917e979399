"""Titles of scenarios that a notebook leaves to the run."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tradeexposure.core import published_rows
from tradeexposure.reporting import results_book


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    outputs: list[dict[str, Any]] = []

    def display(bundle: dict[str, Any], *, raw: bool, metadata: dict[str, Any] | None = None) -> None:
        outputs.append({"data": bundle, "metadata": metadata or {}})

    monkeypatch.setattr("IPython.display.display", display)
    return outputs


@pytest.mark.parametrize("title", ["B", 'A "title" of C$ 5 & more \\ than before'])
def test_a_title_that_is_filled_in_later_reads_and_links_as_one_that_was_there(
    shown: list[dict[str, Any]], title: str
) -> None:
    def said(against: str) -> str:
        """The notebook, as its text, of a book that says so before and between its numbers."""
        shown.clear()
        book = results_book.Book("10_map_trade")
        book.add("a.sold", 4e9, label="Sold", unit="CAD", period=f"2024, against: {against}")
        book.say("{a.sold}, against {against}, is\n\n{a.sold} or {a.sold:.3}; {against}.", against=against)
        book.save()
        outputs = [new_output("display_data", **one) for one in shown]
        return nbformat.writes(new_notebook(cells=[new_code_cell("", outputs=outputs, id="only")])) + "\n"

    left, there = said("\ue000a_scenario\ue001"), said(title)
    assert published_rows.notebook_titled(left, {"a_scenario": title}.__getitem__) == there
    assert published_rows.notebook_titled(there, {}.__getitem__) == there
    rows = [json.dumps(published_rows.numbers_of(json.loads(one)), ensure_ascii=False) for one in (left, there)]
    assert published_rows.rows_titled(rows[0], {"a_scenario": title}.__getitem__) == rows[1]


def test_what_was_said_neutrally_is_read_from_the_outputs() -> None:
    rows = [{"sentence": "growers gain", "found": "a loss", "where": "The answer", "said": "growers' income changes"}]
    outputs = [new_output("display_data", {published_rows.NEUTRAL_MIME: rows, "text/plain": "Not said here"})]
    text = nbformat.writes(new_notebook(cells=[new_code_cell("", outputs=outputs), new_code_cell("1")]))
    assert published_rows.neutral_of(text) == rows
    assert published_rows.neutral_of(nbformat.writes(new_notebook(cells=[new_code_cell("1")]))) == []
