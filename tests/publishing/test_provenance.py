"""From a published number back to what made it, in the committed notebooks and in a small edition."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
import samplenotebook as sample

from tradeexposure.core import published_rows, results_csv
from tradeexposure.core.errors import BadInput
from tradeexposure.publishing import manifest, page, provenance
from tradeexposure.reporting import Book, charts, result_lineage, tables

ROOT = Path(__file__).resolve().parents[2]
DRAWN = 50
SOURCE = 'book.add("use.gain", worth)'


def payload() -> dict[str, Any]:
    """What the book of a small notebook hands over."""
    book = Book("70_use_scenario")
    book.add("use.gain", 1.2e9, low=1e9, high=2e9, level=0.9, label="Gain", unit="CAD per year", digits=2)
    book.add("use.bare", 0.5, label="Bare", unit="share")
    made = {"by": [{"cell": result_lineage.digest(SOURCE),
                    "function": "tradeexposure.canola.exposure.receipts:at_stake",
                    "tables": ["farm_prices_monthly"], "facts": ["canada_ev_quota"], "priors": ["seed_supply"]}],
            "of": {"use.gain": 0}, "said": {"use.gain": []}}  # fmt: skip
    return {"rows": list(book._rows.values()), "made": made}


@pytest.fixture
def edition(tmp_path: Path) -> Path:
    """An edition of one notebook with a sentence, a chart, a table and the published numbers."""
    rows = payload()
    chart = charts.bundle(
        charts.bars(sample.sales().head(1).assign(volume_kt=1.2e9), category="country", value="volume_kt"),
        title="What it gains", alt="One bar.",
    )  # fmt: skip
    frame = results_csv.frame_of(rows["rows"])
    said = r"It costs nothing. It gains \$1 at least, in all C\$1.2 bn a year (C\$1.0 bn to C\$2.0 bn). It is over."
    shown = tables.bundle(frame[["label"]].assign(value="C$1.2 bn"), caption="By table")
    notebook = {"cells": [
        {"id": "work", "cell_type": "code", "source": SOURCE, "outputs": []},
        {"id": "say", "cell_type": "code", "source": "book.say()", "outputs": [{"data": {"text/markdown": said}}]},
        {"id": "draw", "cell_type": "code", "source": "charts.show()", "outputs": [{"data": chart}]},
        {"id": "table", "cell_type": "code", "source": "tables.show()", "outputs": [{"data": {**shown}}]},
        {"id": "save", "cell_type": "code", "source": "book.save()",
         "outputs": [{"data": {published_rows.MIME: rows}}]},
    ]}  # fmt: skip
    (tmp_path / "70_use_scenario.ipynb").write_text(json.dumps(notebook), "utf-8")
    (tmp_path / "results.csv").write_text(results_csv.text(frame), "utf-8", newline="")
    made = {
        "scenario": "deal_2026", "title": "The deal", "parameters": {}, "packages": {}, "inputs": {},
        "outputs": {path.name: manifest.digest_at(path) for path in tmp_path.iterdir()},
        "tolerances": {}, "headline": [], "pages": [], "digits": {"use.gain": 2, "use.bare": 3},
        "source": {"code": "", "data": "", "lock": "", "digest": "", "notebooks": {}},
    }  # fmt: skip
    (tmp_path / manifest.NAME).write_bytes(manifest.dump(made))
    return tmp_path


def test_a_number_is_followed_to_what_shows_and_what_made_it(edition: Path):
    found = provenance.explain("use.gain", edition)
    assert found.written == "C$1.2 bn a year (C$1.0 bn to C$2.0 bn a year)"
    assert [(one.cell, one.words) for one in found.sentences] == [
        ("say", "It gains $1 at least, in all C$1.2 bn a year (C$1.0 bn to C$2.0 bn).")
    ]
    assert [(one.cell, one.words) for one in found.charts] == [("draw", "What it gains")]
    assert [(one.cell, one.words) for one in found.printed] == [("table", "By table")]
    assert (found.cell, found.function) == ("work", "lib/tradeexposure/canola/exposure/receipts.py:at_stake")
    assert found.tables[0].startswith("farm_prices_monthly: ") and "Statistics Canada, 32-10-0077-01" in found.tables[0]
    assert found.facts[0].startswith("canada_ev_quota: ") and found.assumptions[0].startswith("seed_supply: ")
    assert "a revision of farm_prices_monthly" in found.moved_by and "other values of seed_supply" in found.moved_by
    assert found.page.endswith("70_use_scenario.html#number-use.gain")
    assert repr(found) == f"<Explanation of use.gain: {found.written}; made in 70_use_scenario, cell work>"


def test_what_is_not_there_is_told_in_one_line(edition: Path):
    with pytest.raises(BadInput, match=r"ID: found use\.gian; allowed: use\.gain"):
        provenance.explain("use.gian", edition)
    with pytest.raises(BadInput, match="no note of how it is made; allowed: type: tradeexposure run deal_2026"):
        provenance.explain("use.bare", edition)


def test_every_number_of_a_page_links_to_how_it_is_made():
    notebook = sample.notebook(sample.code("book.add()", name="adds"))
    saved = notebook.cells[-2].outputs[0].data[published_rows.MIME]
    rows = saved["rows"]
    by = [
        {
            "cell": result_lineage.digest("book.add()"),
            "function": "tradeexposure.trade.results:share_rows",
            "tables": ["x_y"],
        }
    ]
    saved["made"] = {"by": by, "of": {row["result_id"]: 0 for row in rows}}
    text = page.page(notebook, edition=sample.edition(), sources=sample.sources(), results=results_csv.frame_of(rows))
    for row in rows:
        line = re.search(rf'<tr id="number-{re.escape(row["result_id"])}">.*?</tr>', text, flags=re.DOTALL)
        assert line and 'href="#how-1"' in line[0]
    way = text[text.index('id="how-1"') :]
    assert 'href="#code-adds"' in way and 'id="code-adds"' in text
    assert "trade/<wbr>results.py:share_<wbr>rows" in way and "x_<wbr>y" in way


def committed() -> dict[str, dict[str, Any]]:
    return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted((ROOT / "notebooks").glob("*.ipynb"))}


def test_fifty_drawn_numbers_lead_to_a_cell_that_prints_them():
    """The cell that made it is in the notebook and adds numbers; a cell of the same notebook prints it by name."""
    books = committed()
    rows = [(name, row) for name, book in books.items() for row in published_rows.numbers_of(book)]
    for name, row in random.Random(20261127).sample(rows, DRAWN):
        by, of, _ = result_lineage.in_notebook(books[name])
        assert row["result_id"] in of, f"{row['result_id']}: no note; run: make outputs"
        making = by[of[row["result_id"]]]
        cell = next(
            one for one in books[name]["cells"] if one["id"] == result_lineage.cell_of(books[name], making.cell)
        )
        assert re.search(r"\bbook\b", "".join(cell["source"])), f"{row['result_id']}: made in {cell['id']}"
        assert not making.function or exists(making.function), making.function
        printed = "".join("".join(output.get("data", {}).get("text/html", ""))
                          for one in books[name]["cells"] for output in one.get("outputs", []))  # fmt: skip
        assert f">{row['result_id']}<" in printed


def exists(function: str) -> bool:
    """Whether a function that a making names is in the package."""
    place = ROOT / result_lineage.placed(function).partition(":")[0]
    return f"def {function.partition(':')[2].rpartition('.')[2]}(" in place.read_text("utf-8")
