"""What is read from a notebook's outputs beside its numbers."""

from __future__ import annotations

import nbformat
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tradeexposure.core import published_rows


def test_what_was_said_neutrally_is_read_from_the_outputs() -> None:
    rows = [{"sentence": "growers gain", "found": "a loss", "where": "The answer", "said": "growers' income changes"}]
    outputs = [new_output("display_data", {published_rows.NEUTRAL_MIME: rows, "text/plain": "Not said here"})]
    text = nbformat.writes(new_notebook(cells=[new_code_cell("", outputs=outputs), new_code_cell("1")]))
    assert published_rows.neutral_of(text) == rows
    assert published_rows.neutral_of(nbformat.writes(new_notebook(cells=[new_code_cell("1")]))) == []


def test_a_headline_brings_the_same_against_a_second_counterfactual_where_there_is_one() -> None:
    there = ["a.b", "a.c", "a.b.against_final_duty", "a.b.against_final_duty.first_year", "a.bc.against_final_duty"]
    assert published_rows.leading(["a.c", "a.b"], there) == ["a.c", "a.b", "a.b.against_final_duty"]
    assert published_rows.leading(["a.c", "a.b"], there[:2]) == ["a.c", "a.b"]
    named = ["a.b", "a.b.against_final_duty", "a.c"]
    assert published_rows.leading(named, there) == named, "one that a page names by itself leads it once"
