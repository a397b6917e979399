"""The card of an edition: its headline chart in the size that such cards have, the same bytes again."""

from __future__ import annotations

import struct

import samplenotebook as sample

from tradeexposure.publishing.reuse import card
from tradeexposure.reporting import charts


def test_the_headline_chart_fills_the_card():
    notebook = sample.notebook(live=())
    drawn = card.picture(notebook)
    assert drawn.startswith(b"\x89PNG") and struct.unpack(">II", drawn[16:24]) == (1200, 630)
    assert card.picture(notebook) == drawn
    cell = next(cell for cell in notebook.cells if cell.id == "chart-fan")
    cell.outputs[0].data[charts.MIME]["usermeta"]["title"] = "Another title"
    assert card.picture(notebook) != drawn, "the title stands in the picture"


def test_without_a_headline_chart_there_is_no_card():
    notebook = sample.notebook(live=())
    notebook.cells = [cell for cell in notebook.cells if cell.id != "chart-fan"]
    assert card.picture(notebook) == b""
