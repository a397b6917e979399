"""The card of an edition: its headline chart in the size that such cards have, the same bytes again."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
import samplenotebook as sample

from tradeexposure.core import paths
from tradeexposure.publishing import drawings
from tradeexposure.publishing.reuse import card
from tradeexposure.reporting import charts


def test_the_headline_chart_fills_the_card():
    notebook = sample.notebook()
    drawn = card.picture(notebook)
    assert drawn.startswith(b"\x89PNG") and struct.unpack(">II", drawn[16:24]) == (1200, 630)
    assert card.picture(notebook) == drawn
    cell = next(cell for cell in notebook.cells if cell.id == "chart-fan")
    cell.outputs[0].data[charts.MIME]["usermeta"]["title"] = "Another title"
    assert card.picture(notebook) != drawn, "the title stands in the picture"


def test_a_kept_picture_is_not_drawn_again_and_an_altered_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    notebook = sample.notebook()
    (tmp_path / "reports" / "_build").mkdir(parents=True)
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(tmp_path))
    drawn = card.picture(notebook)
    [kept] = tmp_path.joinpath(*drawings.KEPT).iterdir()
    monkeypatch.setattr(card, "_png", lambda spec: "AAAA")
    assert card.picture(notebook) == drawn
    kept.write_text(kept.read_text().replace("i", "j"))
    assert card.picture(notebook) == bytes(3)


def test_without_a_headline_chart_there_is_no_card():
    notebook = sample.notebook()
    notebook.cells = [cell for cell in notebook.cells if cell.id != "chart-fan"]
    assert card.picture(notebook) == b""
