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
