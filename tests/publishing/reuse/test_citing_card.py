"""The card of an edition: its headline chart in the size that such cards have, the same bytes again."""

from __future__ import annotations

import json
import struct
import textwrap
from pathlib import Path

import pytest
import samplenotebook as sample

from tradeexposure.core import paths
from tradeexposure.publishing import drawings
from tradeexposure.publishing.languages import pages
from tradeexposure.publishing.reuse import citing
from tradeexposure.reporting import charts


def test_the_headline_chart_fills_the_card():
    notebook = sample.notebook()
    drawn = citing.card(notebook)
    assert drawn.startswith(b"\x89PNG") and struct.unpack(">II", drawn[16:24]) == (1200, 630)
    assert citing.card(notebook) == drawn
    cell = next(cell for cell in notebook.cells if cell.id == "chart-fan")
    cell.outputs[0].data[charts.MIME]["usermeta"]["title"] = "Another title"
    assert citing.card(notebook) != drawn, "the title stands in the picture"


def test_a_kept_picture_is_not_drawn_again_and_an_altered_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    notebook = sample.notebook()
    (tmp_path / "reports" / "_build").mkdir(parents=True)
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(tmp_path))
    drawn = citing.card(notebook)
    [kept] = tmp_path.joinpath(*drawings.KEPT).iterdir()
    monkeypatch.setattr(citing, "_png", lambda spec: "AAAA")
    assert citing.card(notebook) == drawn
    kept.write_text(kept.read_text().replace("i", "j"))
    assert citing.card(notebook) == bytes(3)


def test_without_a_headline_chart_there_is_no_card():
    notebook = sample.notebook()
    notebook.cells = [cell for cell in notebook.cells if cell.id != "chart-fan"]
    assert citing.card(notebook) == b""


def test_the_card_says_date_and_source_in_either_language(monkeypatch: pytest.MonkeyPatch):
    drawn: list[dict] = []

    def kept(spec: str) -> str:
        drawn.append(json.loads(spec))
        return ""

    monkeypatch.setattr(citing, "_png", kept)
    monkeypatch.setattr(drawings, "drawn_once", lambda kind, parts, draw: draw())
    source = citing.computed("deal_2026", ["table that ends with 2026-09", "2026Q2"])
    citing.card(sample.notebook(), source)
    citing.card(sample.notebook(), source, translate=pages.translator().text)
    english, french = (spec["title"] for spec in drawn)
    assert english["subtitle"] == "Computed by tradeexposure, edition deal_2026, data to September 2026."
    assert french["subtitle"] == "Calculé par tradeexposure, édition deal_2026, données jusqu’à septembre 2026."
    assert english["text"] == textwrap.wrap(" ".join(english["text"]), citing.CARD_LETTERS)
