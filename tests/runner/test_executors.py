"""How many kernels run at once, and what is told of a cluster that stops."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.runner import executors
from tradeexposure.runner.executors import MANY_TASKS, Pool, Workers
from tradeexposure.runner.notebook_task import Job


@pytest.mark.parametrize(
    ("asked", "tasks", "size"),
    [
        (None, MANY_TASKS - 1, 4),
        (None, MANY_TASKS, 5),  # each waits now and then
        (None, 3, 3),
        (None, 0, 1),
        (2, MANY_TASKS, 2),  # what was asked for
        (6, 5, 5),
    ],
)
def test_one_per_processor_and_one_more_for_many(
    asked: int | None, tasks: int, size: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(4), raising=False)
    with Workers.validated(asked, None).open(tasks) as pool:
        assert pool.size == size


@pytest.mark.parametrize(
    ("status", "error", "raised"),
    [
        ("closed", OSError("lost"), RunFailed),
        ("connecting", RuntimeError("lost"), RunFailed),
        ("running", OSError("of its own"), OSError),  # the scheduler is there: something else failed
        ("closed", BadInput("a file", found="x", allowed="y"), BadInput),
    ],
)
def test_a_scheduler_that_stops_is_told_in_one_line(
    status: str, error: Exception, raised: type[Exception], monkeypatch: pytest.MonkeyPatch
):
    closed: list[bool] = []
    asked: list[list[str]] = []

    def get_executor(*, workers: list[str], **_: Any) -> SimpleNamespace:
        asked.append(workers)
        return SimpleNamespace(shutdown=lambda *, wait: closed.append(wait))

    client = SimpleNamespace(
        status=status, close=lambda: closed.append(True), get_executor=get_executor,
        run=lambda *_, **__: {"a": "usual", "b": "usual", "c": "another"},
    )  # fmt: skip
    monkeypatch.setattr(executors, "_connect", lambda _: client)
    workers = Workers(None, "tcp://127.0.0.1:8786")
    with pytest.raises(raised) as caught, workers.open(1):
        raise error
    assert closed == [False, True] and asked == [["a", "b"]], "workers of one kind, the commonest"
    if raised is RunFailed:
        assert str(caught.value) == (
            "the cluster at tcp://127.0.0.1:8786 stopped; finished notebooks are kept, the same command goes on"
        )


@pytest.mark.long
def test_a_worker_may_grow_by_what_pages_of_an_edition_take_and_its_kernels_hear_nothing_of_it():
    (variable,) = executors.GROWTH
    with Workers.validated(1, None).open(1) as pool:
        allowed = pool.submit(eval, "__import__('loky').process_executor._MAX_MEMORY_LEAK_SIZE").result()
        assert pool.submit(os.getenv, variable).result() is None
    assert allowed == float(executors.GROWTH[variable]) > 400e6


def test_workers_get_ready_on_this_machine_alone() -> None:
    asked: list[str] = []

    class Noting(ThreadPoolExecutor):
        def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
            asked.append(function.__name__)
            return Future()

    job = Job("10_a", "{}", "", {})
    with Noting(2) as workers:
        pool = Pool(workers, 2)
        pool.begin(job)
        Pool(workers, 0, client=object()).begin(job)
    assert asked == ["begin"]
