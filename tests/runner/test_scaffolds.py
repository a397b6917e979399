"""What `tradeexposure new` writes: the right files, nothing overwritten, nothing published before it is written."""

from __future__ import annotations

import json
import shutil
from functools import cache
from pathlib import Path

import pytest

from tradeexposure import data
from tradeexposure.cli import _say_done
from tradeexposure.core import paths
from tradeexposure.core.errors import BadInput
from tradeexposure.publishing.languages import __main__ as languages
from tradeexposure.publishing.languages import catalogues
from tradeexposure.runner import committed_outputs, notebook_rules, notebooks, pipeline, project_checks, scaffolds

NAMES = {"scenario": "new_duty", "notebook": "25_measure_crush", "table": "new_table", "fact": "new_fact"}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the data beside an empty folder of notebooks."""
    shutil.copytree(paths.root() / "data", tmp_path / "data")
    (tmp_path / "notebooks").mkdir()
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(tmp_path))
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("kind", NAMES)
def test_nothing_is_overwritten(project: Path, kind: str):
    assert all(path.is_file() for path in scaffolds.write(kind, NAMES[kind]))
    before = contents(project)
    with pytest.raises(BadInput, match=r"is there\); allowed: another name$"):
        scaffolds.write(kind, NAMES[kind])
    assert contents(project) == before


def test_bad_names_are_refused_in_one_line(project: Path):
    before = contents(project)
    for kind, name in (
        ("thing", "x"), ("scenario", "Duty"), ("scenario", "../x"), ("scenario", "grids"), ("scenario", ""),
        ("fact", "a b"), ("notebook", "crush"), ("notebook", "25_Measure_crush"), ("table", "1st"), ("table", "x" * 65),
        ("table", "farm_prices_monthly"), ("fact", "canada_ev_quota"),
    ):  # fmt: skip
        with pytest.raises(BadInput, match=r"^[^\n]*allowed:[^\n]*$"):
            scaffolds.write(kind, name)
        assert contents(project) == before, f"{kind} {name}"


def test_a_table_of_ones_own_is_on_no_page_about_all_tables(project: Path):
    scaffolds.write("table", "new_table")
    package = project / "data" / "datapackage.json"
    package.write_text(package.read_text("utf-8").replace("TO WRITE: ", ""), "utf-8")
    (project / "data" / "tables" / "new_table.csv").write_text("year,value_cad\n2024,1\n", "utf-8")
    before = {path: path.read_bytes() for path in data.generated()}
    assert data.accept() == ["new_table"] and project_checks.drafts() == data.validate() == []
    assert {path: path.read_bytes() for path in before} == before
    package.write_text(package.read_text("utf-8").replace('      "private": true,\n', ""), "utf-8")
    assert all("new_table" in text for text in data.generated().values())


def test_words_of_a_draft_are_counted_once(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(catalogues, "messages", cache(catalogues.messages))  # no catalogue changes here
    lines, before = set[str](), catalogues.private_texts()
    for kind, name in NAMES.items():
        path = scaffolds.write(kind, name)[-1]
        counted = catalogues.private_texts()
        ((own, count),) = counted.items() - before.items()
        assert own == path and count > 0
        lines.add(f"{path.relative_to(project)}: your own, texts without French: {count}")
        before = counted
    assert lines <= {debt.partition(";")[0] for debt in project_checks.debts()}
    languages.main(["check", "results"])
    assert {"results: complete", *lines} <= set(capsys.readouterr().out.splitlines())
    untold, drafts = pipeline._without_french({NAMES["scenario"]: project / "reports" / "private" / NAMES["scenario"]})
    assert untold == 0 and lines <= set(drafts)
    _say_done(pipeline.Summary(("new_duty",), (), {}, untold=untold, drafts=drafts), "index.html", own=True)
    assert capsys.readouterr().out.splitlines() == [*drafts, "open index.html"]


def test_no_catalogue_asks_for_the_words_of_drafts(project: Path, monkeypatch: pytest.MonkeyPatch):
    for kind, name in NAMES.items():
        scaffolds.write(kind, name)
    monkeypatch.setattr(paths, "CHECKOUT", project)
    asked = [str(message) for domain in catalogues.extracted.__wrapped__().values() for message in domain]
    assert len(asked) > 500 and not [message for message in asked if "TO WRITE" in message]


@pytest.mark.parametrize("kind", NAMES)
def test_check_names_what_is_missing_and_nothing_is_published(project: Path, kind: str):
    scaffolds.refuse_drafts()
    scaffolds.write(kind, NAMES[kind])
    left = project_checks.drafts()
    assert len(left) > 3
    assert all("found TO WRITE" in line or "found nothing" in line for line in left)
    with pytest.raises(BadInput, match=rf"; {len(left) - 1} more: tradeexposure check$"):
        scaffolds.refuse_drafts()


def test_other_tables_are_as_they_were(project: Path):
    before = data.describe("farm_prices_monthly")
    scaffolds.write("table", "new_table")
    assert data.describe("farm_prices_monthly") == before
    assert [line.partition(":")[0] for line in data.validate()] == ["data/tables/new_table.csv"]


def test_notebook_keeps_to_the_form_and_runs(project: Path, capsys: pytest.CaptureFixture[str]):
    """All that the rules miss is what running it brings; its cells, one after the other, publish their number."""
    (path,) = scaffolds.write("notebook", NAMES["notebook"])
    broken = notebook_rules.notebook_check(notebooks.read(path))
    assert [line for line in broken if "type: tradeexposure outputs" not in line] == []
    cells = [cell for cell in json.loads(path.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
    here: dict[str, object] = {"In": [cell["source"] for cell in cells[:1]]}
    for cell in cells:
        exec(cell["source"], here)
    assert here["book"].frame()["result_id"].tolist() == ["canola.crush_draft_kt.2024"]  # type: ignore[attr-defined]


def test_a_notebook_whose_headline_is_a_table_has_no_picture_of_it():
    """What `new notebook` begins shows a table; `outputs` once ended with an index that was out of range."""
    shown = {"output_type": "display_data", "data": {"text/html": "<table></table>"}, "metadata": {}}
    cell = {"cell_type": "code", "id": "number", "metadata": {"tags": ["headline"]}, "source": "", "outputs": [shown]}
    cell["execution_count"] = 1
    text = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    assert committed_outputs.pictures({notebooks.discover()[0]: text}) == {}
