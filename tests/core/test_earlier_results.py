"""Tables that a notebook hands over: carried by its outputs, given to later ones, published beside the numbers."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pandas as pd
import pytest
import samplerows

from tradeexposure.core import earlier_results, paths
from tradeexposure.core.errors import BadInput
from tradeexposure.core.published_rows import MIME, tables_of
from tradeexposure.reporting import Book

CSV = "draw_kt,share\n1,0.5\n2,0.25\n"


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> dict:
    """The JSON of a notebook whose only cell hands a table over."""
    shown: list[dict] = []
    monkeypatch.setattr("IPython.display.display", lambda bundle, raw: shown.append(bundle))
    Book("30_a_notebook").publish_table("pairs", pd.DataFrame({"draw_kt": [1, 2], "share": [0.5, 0.25]}))
    return {"cells": [{"cell_type": "markdown"}, {"outputs": [{"data": bundle} for bundle in shown]}]}


def test_a_table_travels_in_the_outputs_and_names_its_digest(executed: dict) -> None:
    import hashlib

    assert tables_of(executed) == {"pairs": CSV}
    assert hashlib.sha256(CSV.encode()).hexdigest() in executed["cells"][1]["outputs"][0]["data"]["text/plain"]


def test_committed_notebooks_are_read_once_and_again_when_they_are_written(executed, tmp_path, monkeypatch) -> None:
    path, asked, read = tmp_path / "notebooks" / "30_a_notebook.ipynb", [], earlier_results.reading.contents
    path.parent.mkdir()
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(tmp_path))
    monkeypatch.delenv(earlier_results.VARIABLE, raising=False)
    monkeypatch.setattr(earlier_results.reading, "contents", lambda *of, **how: asked.append(of) or read(*of, **how))
    for number, value in enumerate((1.5, 2.5), 1):
        rows = {"data": {MIME: {"rows": [{"result_id": "a.b", "value": value}]}}}
        path.write_text(json.dumps({"cells": [*executed["cells"], {"outputs": [rows]}]}), "utf-8")
        os.utime(path, (1e9 + number, 1e9 + number))  # not a moment ago
        for _ in range(3):
            assert [row["value"] for row in earlier_results.rows("65_another")] == [value]
            assert earlier_results.table("pairs", notebook="65_another") == CSV
        assert len(asked) == number
    path.unlink()
    path.symlink_to("nowhere")
    with pytest.raises(BadInput, match=r"30_a_notebook\.ipynb: found No such file"):
        earlier_results.rows("65_another")


def test_later_notebooks_read_it_in_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    handed = tmp_path / "handover.json"
    handed.write_text(
        earlier_results.as_json("", [], {}, [json.dumps({"pairs": CSV}), "{}", json.dumps({"more": "a\n1\n"})])
    )
    monkeypatch.setenv(earlier_results.VARIABLE, str(handed))
    book = Book("65_another")
    assert book.earlier_table("pairs")["share"].tolist() == [0.5, 0.25]
    with pytest.raises(BadInput, match="pairs, more"):
        book.earlier_table("triples")


@pytest.mark.parametrize(("name", "cell"), [("Pairs", 1.0), ("../pairs", 1.0), ("pairs", float("nan"))])
def test_other_names_and_gaps_are_refused(name: str, cell: float) -> None:
    with pytest.raises(ValueError, match=r"pairs|Pairs"):
        Book("30_a_notebook").publish_table(name, pd.DataFrame({"share": [cell]}))


def test_text_is_handed_over_as_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[dict] = []
    monkeypatch.setattr("IPython.display.display", lambda bundle, raw: shown.append(bundle))
    table = pd.DataFrame({"series": ["a, b", "c"], "share": [0.123456789, 1.0]})
    Book("55_a_notebook").publish_table("scores", table)
    Book("55_a_notebook").publish_table("none", table.iloc[:0])
    cells = [{"outputs": [{"data": bundle} for bundle in shown]}]
    assert tables_of({"cells": cells}) == {
        "scores": 'series,share\n"a, b",0.123457\nc,1\n', "none": "series,share\n"
    }  # fmt: skip
    with pytest.raises(ValueError, match="scores"):
        Book("55_a_notebook").publish_table("scores", table.assign(share=[0.1, float("inf")]))


def test_every_scenario_gives_its_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    common = {"unit": "CAD", "geography": "canada", "method": "", "notebook": "70_simulate", "tables": "a; b"}
    ranged = {"result_id": "a.ranged", "label": "=One", "value": 1.0, "low": -0.0079, "high": 1e9, "level": 0.9}
    bare = {"result_id": "a.bare", "label": "Two", "value": 2.5, "low": None, "high": None, "level": None}
    rows = [{**common, **row, "period": "2024", "digits": 3} for row in (ranged, bare)]
    every = samplerows.tables({"deal": rows, "other": rows[:1]}, {"deal": "other"})
    handed = tmp_path / "handover.json"
    handed.write_text(earlier_results.as_json("", [], {}, [every]))
    monkeypatch.setenv(earlier_results.VARIABLE, str(handed))
    by_scenario = earlier_results.by_scenario("80_compare")
    assert list(by_scenario) == ["deal", "other"]
    assert [earlier_results.digest_of_row(row) for row in by_scenario["deal"]] == [
        earlier_results.digest_of_row(row) for row in rows
    ]
    assert {row["against"] for row in by_scenario["deal"]} == {"other"}


@pytest.mark.parametrize("digits", ["", "2.5", "two", "0"])
def test_digits_that_are_no_whole_number_are_refused(digits: str) -> None:
    row = {"result_id": "a.b", "label": "One", "value": 1.0, "digits": digits}
    text = json.loads(samplerows.tables({"deal": [row]}))[earlier_results.SCENARIOS]
    with pytest.raises(BadInput, match="row 2, column digits: found"):
        earlier_results.scenarios_of(text)
