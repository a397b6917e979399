"""The README's numbers and picture, and the page of answers, say what the committed notebooks and the edition say.

That they are what the generator writes today is asked in ``test_docs.py``.
"""

from __future__ import annotations

import json
from functools import cache

import nbformat
import pandas as pd
import pytest

from tradeexposure import data
from tradeexposure.core import paths, published_rows, results_csv
from tradeexposure.core.errors import BadInput
from tradeexposure.core.text import as_output
from tradeexposure.publishing import results_docs
from tradeexposure.reporting.numbers import number
from tradeexposure.runner import committed_outputs, notebooks

EDITION = paths.path("reports", "published", "deal_2026")
IN_EDITION = pytest.mark.skipif(not EDITION.is_dir(), reason="no edition is published")


@cache
def executed() -> dict[notebooks.Notebook, str]:
    return {
        notebook: notebook.path.read_text("utf-8") for notebook in notebooks.discover() if not notebook.marks.private
    }


def published(keys: list[str]) -> pd.DataFrame:
    """Rows of the edition's files alone, with the digits they are written in."""
    manifest = json.loads((EDITION / "manifest.json").read_text("utf-8"))
    shown = results_csv.read(EDITION / "results.csv").set_index("result_id", drop=False).loc[keys]
    return shown.assign(digits=shown["result_id"].map(manifest["digits"]))


def rows(text: str) -> list[str]:
    """The rows of a page's tables, headings left out."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [line for line in lines if not line.startswith("| Result |")]


def test_pictures_are_those_of_the_committed_notebooks() -> None:
    drawn = committed_outputs.pictures(executed())
    assert len(drawn) == sum(not (notebook.tabulates or notebook.marks.private) for notebook in notebooks.discover())
    assert {path: path.read_text("utf-8") for path in drawn} == drawn


def test_limits_name_the_newest_month_of_their_tables() -> None:
    readme = " ".join(paths.path("README.md").read_text("utf-8").split())
    for table, limit in {
        "grain_exports_monthly": "known from licensed facilities to {:%B %Y}",
        "canola_exports_monthly": "canola exports (to {:%B %Y})",
        "canola_ev_trade_value_monthly": "imports of electric cars (to {:%B})",
    }.items():
        assert limit.format(data.newest([table])) in readme, table


@IN_EDITION
def test_answers_are_those_of_the_published_edition() -> None:
    """Second route, for every headline number."""
    headline = json.loads((EDITION / "manifest.json").read_text("utf-8"))["headline"]
    assert rows(paths.path("docs", "answers.md").read_text("utf-8")) == rows(
        results_docs.readme_table(published(headline))
    )


@IN_EDITION
def test_what_happened_since_the_deal_is_one_line_of_published_numbers() -> None:
    """Second route: each number of the line stands in the edition's file as the line writes it."""
    outputs = [(cell, output) for text in executed().values() for cell in nbformat.reads(text, as_version=4).cells
            if committed_outputs.LINE in cell.metadata.get("tags", []) for output in cell.outputs]  # fmt: skip
    assert len(outputs) == 1
    output = outputs[0][1]
    line, places = output.data["text/plain"], published_rows.places_of(output)
    rows_of = published([place.result_id for place in places])
    forms = [number({**row, "digits": 2}) for row in rows_of.to_dict("records")]
    assert len(places) == 2 and all(place.result_id.startswith("track.") for place in places)
    odds = published([f"{places[1].result_id}.p_value"])["value"].item()
    assert ("about half the time" in line) == (0.45 <= odds < 0.55) and "changes were as large" in line
    for place, form in zip(places, forms, strict=True):
        assert line[place.start : place.end] in {form.bare, form.size.bare, form.text}
    for path in (paths.path("README.md"), paths.path("docs", "answers.md")):
        assert path.read_text("utf-8").count(f"\n{line}\n") == 1


def test_lines_that_notebooks_say_stand_below_the_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = executed()
    before = committed_outputs.pages(texts)
    monkeypatch.setattr(committed_outputs, "lines", lambda read: ["In March they sold C$5 m."])
    after = committed_outputs.pages(texts)
    changed = {path.name for path in before if before[path] != after[path]}
    assert changed == {"README.md", "answers.md"}
    for path, text in after.items():
        assert text.count("\nIn March they sold C$5 m.\n") == (path.name in changed)
    output = nbformat.v4.new_output("display_data", data=as_output("They sold C$5 m."))
    cells = [nbformat.v4.new_code_cell("say()", outputs=[output], metadata={"tags": tags}) for tags in (["line"], [])]
    monkeypatch.undo()
    assert committed_outputs.lines([nbformat.v4.new_notebook(cells=cells)]) == ["They sold C$5 m."]


def test_a_number_that_no_notebook_publishes_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    (tmp_path / "README.md").write_text("<!-- answers:start canola.gone -->\n<!-- answers:end -->\n", "utf-8")
    texts = executed()
    monkeypatch.setattr(committed_outputs.paths, "path", lambda *parts: tmp_path.joinpath(*parts))
    with pytest.raises(BadInput, match=r"README\.md: answers: found canola\.gone"):
        committed_outputs.pages(texts)
