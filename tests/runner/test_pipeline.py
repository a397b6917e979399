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
from tradeexposure.runner.executors import Pool


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
        pipeline.run_grid(grid, out=tmp_path / "out", workers=1)
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
def test_what_no_page_waits_for_is_made_while_workers_make_pages(monkeypatch: pytest.MonkeyPatch, fault: Any) -> None:
    """An edition that fails by it is not published once its pages come."""
    done: list[str] = []

    def completed(draft: Any, executed: Any) -> Any:
        done.append("the rest")
        if fault:
            raise fault
        return SimpleNamespace(sheets=draft.sheets)

    sheets = {name: SimpleNamespace(keeps=False, made_of=name) for name in ("70", "90")}
    item: Any = SimpleNamespace(name="deal", folder=Path("x"), tasks=[SimpleNamespace(key="k")], paged=[],
                                draft=lambda executed, lacking: SimpleNamespace(sheets=sheets), completed=completed,
                                is_printed=lambda: False)  # fmt: skip
    state: Any = SimpleNamespace(reasons=lambda keys: (), not_tabulated=dict)
    progress: Any = SimpleNamespace(step=lambda line: None)
    monkeypatch.setattr(pipeline, "_publish", lambda item, draft, pages: done.append("published"))
    editions, jobs = pipeline._Unpublished([item], state, progress), []
    for job in editions.settle("k"):
        done.append("a page")
        jobs.append(job)
    for job in jobs:
        job.then({"en": ""})
    assert done == ["a page", "a page", "the rest", *([] if fault else ["published"])]
    assert bool(editions.ended["deal"]) is bool(fault)


@pytest.mark.parametrize("supposed", ["70", "80", "90"])
def test_a_page_is_made_once_as_soon_as_its_task_has_ended(monkeypatch: pytest.MonkeyPatch, supposed: str) -> None:
    """That of 70 is answered before the last task ends, that of 80 after; one wrongly supposed is made anew."""
    sheets = {name: SimpleNamespace(keeps=False, made_of=name) for name in ("70", "80", "90")}
    early = {name: sheet if name != supposed else SimpleNamespace(keeps=False, made_of="other")
             for name, sheet in sheets.items()}  # fmt: skip
    tasks = [SimpleNamespace(key=name) for name in sheets]
    draft = SimpleNamespace(sheets=sheets)
    item: Any = SimpleNamespace(name="deal", folder=Path("x"), tasks=tasks, paged=tasks, is_printed=lambda: False,
                                early_sheet=lambda key, executed: early[key], draft=lambda executed, lacking: draft,
                                completed=lambda draft, executed: draft)  # fmt: skip
    state: Any = SimpleNamespace(reasons=lambda keys: (), not_tabulated=dict, done=dict.fromkeys(sheets, "executed"))
    published: list[dict[str, Any]] = []
    monkeypatch.setattr(pipeline, "_publish", lambda item, draft, pages: published.append(dict(pages)))
    editions: Any = pipeline._Unpublished([item], state, SimpleNamespace(step=lambda line: None))  # type: ignore[arg-type]
    (first,) = editions.settle("70")
    first.then({"en": first.sheet.made_of})
    (second,) = editions.settle("80")
    last = list(editions.settle("90"))
    for job in (second, *last):
        job.then({"en": job.sheet.made_of})
    assert [job.sheet.made_of for job in last] == [name for name in ("70", "80", "90") if name in (supposed, "90")]
    assert published == [{name: {"en": name} for name in sheets}] and editions.ended == {"deal": ()}
