"""Work beside the notebooks: done by workers, or here where no worker can."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from typing import Any

import pytest

from tradeexposure.runner.executors import Pool
from tradeexposure.runner.notebook_task import Job
from tradeexposure.runner.scheduler import PageJob, PageJobs


def doubled(number: int) -> int:
    if number < 0:
        raise ValueError("below zero")
    return 2 * number


def told(number: int) -> tuple[PageJob, list[Future[Any]]]:
    answers: list[Future[Any]] = []
    return PageJob(doubled, number, answers.append), answers


def test_workers_do_them() -> None:
    (first, one), (second, other) = told(2), told(-1)
    page_jobs = PageJobs()
    with ThreadPoolExecutor(1) as workers:
        page_jobs.give([first, second], Pool(workers, 1))
    assert len(page_jobs) == 2 and not one, "what came of them is taken when it is asked for"
    assert not list(page_jobs.without(list(page_jobs)))
    assert one[0].result() == 4 and not page_jobs
    with pytest.raises(ValueError, match="below zero"):
        other[0].result()


def test_workers_get_ready_where_they_have_nothing_to_do_and_on_this_machine_alone() -> None:
    asked: list[str] = []

    class Noting(ThreadPoolExecutor):
        def submit(self, function: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
            asked.append(function.__name__)
            return Future()

    job = Job("10_a", "{}", "", {})
    with Noting(2) as workers:
        pool = Pool(workers, 2)
        pool.begin(job)
        for busy in (1, 2, 3):
            pool.use_spare(busy)
        assert asked == ["begin", "_ready"]
        cluster = Pool(workers, 0, client=object())
        cluster.begin(job)
        cluster.use_spare(-1)
    assert asked == ["begin", "_ready"]


@pytest.mark.parametrize("lost", [BrokenExecutor("killed"), RuntimeError("other templates")])
def test_what_a_worker_could_not_do_is_done_here(lost: Exception) -> None:
    page_job, answers = told(3)
    future: Future[int] = Future()
    future.set_exception(lost)
    page_job.answered(future)
    assert answers[0].result() == 6


def test_a_cancelled_one_is_done_here_and_a_refusal_is_passed_on() -> None:
    page_job, answers = told(4)
    future: Future[int] = Future()
    future.cancel()
    page_job.answered(future)
    assert answers[0].result() == 8
    refused: Future[int] = Future()
    refused.set_exception(ValueError("no page"))
    page_job.answered(refused)
    assert str(answers[1].exception()) == "no page"


def test_futures_that_are_no_errands_are_left_to_others() -> None:
    page_job, answers = told(5)
    mine, other = Future[int](), Future[int]()
    mine.set_result(10)
    page_jobs = PageJobs({mine: page_job})
    assert list(page_jobs.without([mine, other])) == [other]
    assert answers[0].result() == 10 and not page_jobs
