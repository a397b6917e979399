"""How many kernels run at once."""

from __future__ import annotations

import pytest

from tradeexposure.runner import executors
from tradeexposure.runner.executors import MANY_TASKS, Workers


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
    monkeypatch.setattr(executors, "_processors", lambda: 4)
    with Workers.validated(asked, None).open(tasks) as pool:
        assert pool.size == size
