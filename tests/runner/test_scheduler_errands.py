"""Work beside the notebooks: done by workers, or here where no worker can."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor, Future
from typing import Any

import pytest

from tradeexposure.runner.scheduler import Errand, Errands


def doubled(number: int) -> int:
    if number < 0:
        raise ValueError("below zero")
    return 2 * number


def told(number: int) -> tuple[Errand, list[Future[Any]]]:
    answers: list[Future[Any]] = []
    return Errand(doubled, number, answers.append), answers


def test_without_workers_it_is_done_at_once() -> None:
    (first, one), (second, other) = told(2), told(-1)
    errands = Errands()
    errands.give([first, second], None)
    assert one[0].result() == 4 and not errands
    with pytest.raises(ValueError, match="below zero"):
        other[0].result()


@pytest.mark.parametrize("lost", [BrokenExecutor("killed"), RuntimeError("other templates")])
def test_what_a_worker_could_not_do_is_done_here(lost: Exception) -> None:
    errand, answers = told(3)
    future: Future[int] = Future()
    future.set_exception(lost)
    errand.answered(future)
    assert answers[0].result() == 6


def test_a_cancelled_one_is_done_here_and_a_refusal_is_passed_on() -> None:
    errand, answers = told(4)
    future: Future[int] = Future()
    future.cancel()
    errand.answered(future)
    assert answers[0].result() == 8
    refused: Future[int] = Future()
    refused.set_exception(ValueError("no page"))
    errand.answered(refused)
    assert str(answers[1].exception()) == "no page"


def test_futures_that_are_no_errands_are_left_to_others() -> None:
    errand, answers = told(5)
    mine, other = Future[int](), Future[int]()
    mine.set_result(10)
    errands = Errands({mine: errand})
    assert list(errands.without([mine, other])) == [other]
    assert answers[0].result() == 10 and not errands
