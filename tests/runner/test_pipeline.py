"""The order in which a run begins."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tradeexposure.core import paths
from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.data import edition_inputs
from tradeexposure.publishing import manifest
from tradeexposure.runner import pipeline
from tradeexposure.runner.executors import Pool, Workers
from tradeexposure.runner.plan import TaskResult
from tradeexposure.runner.scheduler import State


@pytest.mark.long  # it reads the whole project
def test_workers_of_a_grid_start_while_inputs_are_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    order: list[str] = []

    def refusing(notebooks: Any) -> None:
        order.append("inputs are checked")
        raise BadInput("a table", found="x", allowed="y")

    monkeypatch.setattr(Pool, "begin", lambda pool, job: order.append(f"a worker starts for {job.name}"))
    monkeypatch.setattr(pipeline, "validate_inputs", refusing)
    grid = tmp_path / "duties.yml"
    grid.write_text("scenario: deal_2026\nover:\n  overrides.china_seed_antidumping.rate: [0.1, 0.2]\n", "utf-8")
    with pytest.raises(BadInput, match="a table"):
        pipeline.run_grid(grid, out=tmp_path / "out", workers=Workers(1))
    assert order == ["a worker starts for 30_estimate_canola_trade", "inputs are checked"]
    assert not (tmp_path / "out").exists()


def test_files_that_changed_under_a_run_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(tmp_path))
    (tmp_path / "data").mkdir()
    (tmp_path / "lib").mkdir()
    planned = manifest.Inputs(edition_inputs.inputs(tmp_path))
    failed = {"deal_2026": ("notebook 30: data changed",), "escalation": ("notebook 40: a fault",)}
    assert pipeline._overtaken(failed, planned) == failed
    names = [f"data/{name}.yml" for name in "abcde"]
    for name in names[:2]:
        (tmp_path / name).write_text("title: x\n", "utf-8")
    added = "data/a.yml, data/b.yml changed since the run was planned; run it again"
    ended = pipeline._overtaken(failed, planned)
    assert ended == {name: (*reasons, added) for name, reasons in failed.items()}
    assert pipeline._overtaken(ended, planned) == ended
    for name in names:
        (tmp_path / name).write_text("title: x\n", "utf-8")
    assert pipeline.moved(planned).startswith("data/a.yml, data/b.yml, data/c.yml and 2 more changed")


@pytest.mark.parametrize("fault", [RunFailed("a second table"), OSError(28, "full"), None])
@pytest.mark.parametrize("page", [{"en": ""}, ValueError("no answer"), None])
def test_an_edition_is_published_once_its_pages_and_the_rest_are_there(
    monkeypatch: pytest.MonkeyPatch, fault: Any, page: Any
) -> None:
    """One that fails by either is not, and says why."""
    published: list[Any] = []

    def draft(executed: Any, lacking: Any) -> str:
        if fault:
            raise fault
        return "all else"

    task = SimpleNamespace(key="k", scenario="deal", notebook=SimpleNamespace(name="70"))
    item: Any = SimpleNamespace(name="deal", folder=Path("x"), tasks=[task], paged=[task], inputs=None, draft=draft,
                                page_key=lambda task: "page", sheet=lambda task, executed: executed,
                                publish=lambda *given: published.append(given), is_printed=lambda: False)  # fmt: skip
    state = State([])
    state.done["k"] = executed = TaskResult("70", 1.0, "[]", "{}", str)
    monkeypatch.setattr(pipeline, "moved", lambda inputs: "")
    edition = pipeline._Unpublished(item, state, SimpleNamespace(step=lambda line: None))  # type: ignore[arg-type]
    sheet, *others = edition.steps()
    assert sheet.act() is executed and [step.needs for step in others] == [("k",), (others[0].key, "page")]
    if page is not None:
        state.pages["page"] = page
    for step in others:
        assert step.act() is None
    whole = fault is None and isinstance(page, dict)
    assert published == ([("all else", {"70": page})] if whole else []) and bool(edition.reasons) is not whole
    assert not state.pages
