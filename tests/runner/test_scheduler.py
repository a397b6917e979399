"""The order of a run: what waits for what, what a failure takes along, and a worker that is lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from tradeexposure.core import paths
from tradeexposure.runner import notebook_task, result_store, scheduler, task_keys
from tradeexposure.runner.executors import Pool
from tradeexposure.runner.notebook_task import Failure, Outcome
from tradeexposure.runner.page_jobs import Sheet
from tradeexposure.runner.plan import Task
from tradeexposure.runner.scheduler import Step

EMPTY = json.dumps({"cells": []})
Answer = Outcome | Exception


class AtOnce(Executor):
    """Answers as it is told, one answer after the other for each notebook."""

    def __init__(self, answers: dict[str, list[Answer]]) -> None:
        self.answers, self.asked = answers, list[str]()

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **_: Any) -> Future[Any]:
        future: Future[Any] = Future()
        asked = arguments[0].notebook if isinstance(arguments[0], Sheet) else arguments[0]
        self.asked.append(asked)
        answer = self.answers.get(asked, [Outcome(EMPTY, 1.0)]).pop(0)
        future.set_exception(answer) if isinstance(answer, Exception) else future.set_result(answer)
        return future


def task(name: str, *needs: Task) -> Task:
    notebook = SimpleNamespace(name=name, path=paths.path("notebooks", f"{name}.ipynb"))
    return Task(notebook, {}, tuple(earlier.key for earlier in needs))  # type: ignore[arg-type]


FIRST, ALONE = task("10_first"), task("20_alone")
LATER = task("30_later", FIRST)
LAST = task("40_last", LATER, ALONE)
TASKS = (FIRST, ALONE, LATER, LAST)


class Run:
    """What became of tasks: those asked of workers, and those that ended, in their order; `steps` come after them."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, *, stored: tuple[str, ...] = (), steps: tuple[Step, ...] = (),
        **answers: list[Answer],
    ) -> None:  # fmt: skip
        entry = "key", result_store.Entry(EMPTY, 1.0)
        known = SimpleNamespace(
            find=lambda _, task, __: entry if task.notebook.name in stored else None,
            keep=lambda *_: "key", changed_inputs=lambda *_: [], modules=lambda _: (), environment={},
        )  # fmt: skip
        monkeypatch.setattr(task_keys, "of_project", lambda: known)
        monkeypatch.setattr(result_store, "of_project", lambda _: SimpleNamespace(prune=lambda: None))
        monkeypatch.setattr(notebook_task, "as_job", lambda notebook, **_: notebook.name)
        monkeypatch.setattr(scheduler.files, "write", lambda *_: None)
        executor = AtOnce({name.removeprefix("_"): list(each) for name, each in answers.items()})
        pool = Pool(executor, 1, client=SimpleNamespace(ncores=lambda: {"here": 1}))
        self.state, self.ended = scheduler.State(TASKS), list[str]()
        ends = [Step(f"{one.key} ended", (one.key,), partial(self.ended.append, one.notebook.name)) for one in TASKS]
        with scheduler.PrintedProgress(len(TASKS)) as progress:
            scheduler.run_tasks(self.state, pool, {}, progress, steps=[*ends, *steps])
        self.asked = executor.asked


def test_each_starts_when_all_that_it_needs_are_done(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(monkeypatch)
    assert run.asked == [each.notebook.name for each in TASKS] and sorted(run.ended) == run.asked
    assert run.state.done.keys() == {each.key for each in TASKS} and not run.state.failed


def test_what_was_done_before_is_asked_of_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(monkeypatch, stored=("10_first", "30_later"))
    assert run.asked == ["20_alone", "40_last"] and len(run.ended) == len(TASKS)
    assert [run.state.done[each.key].reused for each in TASKS] == [True, False, True, False]


def test_a_failure_takes_along_what_needs_it_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(monkeypatch, _10_first=[Outcome(EMPTY, 1.0, Failure(2, "x", "ValueError: y"))])
    assert run.asked == ["10_first", "20_alone"] and set(run.ended) == {each.notebook.name for each in TASKS}
    assert set(run.state.done) == {ALONE.key} and set(run.state.failed) == {FIRST.key}
    assert "10_first.ipynb, code cell 2 (x): ValueError: y" in run.state.reasons([each.key for each in TASKS])[0]


@pytest.mark.parametrize(("lost", "fails"), [(1, False), (2, True)])
def test_a_notebook_whose_worker_is_lost_is_tried_once_more(
    monkeypatch: pytest.MonkeyPatch, lost: int, fails: bool
) -> None:
    answers: list[Answer] = [*[BrokenExecutor("killed")] * lost, Outcome(EMPTY, 1.0)]
    run = Run(monkeypatch, _20_alone=answers)
    assert run.asked.count("20_alone") == 2 and (ALONE.key in run.state.failed) is fails
    assert ("no answer from the worker (BrokenExecutor: killed)" in str(run.state.failed)) is fails
    assert (LAST.key in run.state.done) is not fails


@pytest.mark.parametrize("page", [{"en": "page"}, ValueError("no answer")])
def test_a_page_is_made_once_as_its_notebook_has_ended_and_the_rest_while_workers_make_it(
    monkeypatch: pytest.MonkeyPatch, page: Any
) -> None:
    log: list[str] = []
    sheets = [Sheet(name, {}, None, None, {}, ("en",)) for name in ("early", "last", "another")]  # type: ignore[arg-type]
    every = tuple(each.key for each in TASKS)
    made = [
        Step(key, (need,), lambda sheet=sheet: log.append(sheet.notebook) or sheet)  # type: ignore[misc]
        for key, need, sheet in zip(("a", "b", "b"), (FIRST.key, LAST.key, LAST.key), sheets, strict=True)
    ]
    rest = Step("rest", every, lambda: log.append("rest"))
    edition = Step("edition", ("a", "b", "rest"), lambda: log.append("edition"))
    answers: Any = {"early": [{"en": "early"}], "last": [page]}
    run = Run(monkeypatch, steps=(*made, rest, edition), **answers)
    assert log == ["early", "last", "rest", "edition"]
    assert run.asked.index("early") < run.asked.index("40_last") < run.asked.index("last")
    assert run.state.pages == {"a": {"en": "early"}, "b": page}
