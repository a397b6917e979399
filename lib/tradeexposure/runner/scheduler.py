"""The tasks of a run in the order their needs allow, on whatever executes them."""

from __future__ import annotations

import csv
import heapq
import io
import json
import sys
import tempfile
from bisect import insort
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from types import TracebackType
from typing import Any

from tradeexposure.core import earlier_results, errors, files, paths, published_rows
from tradeexposure.core.plain import indented
from tradeexposure.runner import notebook_task, result_store, task_keys
from tradeexposure.runner.executors import Pool
from tradeexposure.runner.kernels import environment_key
from tradeexposure.runner.plan import Task, TaskResult

# A task whose worker process disappears is tried once more; after that the task is taken to be the reason.
WORKER_ATTEMPTS = 2
LOOK_SECONDS = 1.0


class PrintedProgress:
    """What a run prints as it goes: a line for each task that is over, below a bar on a terminal.

    It counts `total` steps; use it as a context manager.
    """

    def __init__(self, total: int) -> None:
        self._total = total
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> PrintedProgress:
        if sys.stdout.isatty():
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
            from rich.progress import Progress as Bar

            columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
            self._bar = Bar(*columns)
            self._bar.start()
            self._task = self._bar.add_task("", total=self._total)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def note(self, line: str) -> None:
        """Something to know that ends no step."""
        line = indented(line)
        if self._bar is None:
            print(line, file=sys.stderr, flush=True)
        else:
            self._bar.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def step(self, line: str) -> None:
        """One step is over; `line` says which."""
        if self._bar is None:
            print(line, flush=True)
        else:
            self._bar.update(self._task, advance=1, description=line)
            self._bar.console.print(line, markup=False, highlight=False, soft_wrap=True)


class State:
    """The tasks of a run, and what became of them.

    Attributes
    ----------
    tasks
        By key, in the order in which they are started when several can be.
    done, failed
        Executed notebooks, and why others failed (one line); by key.
    blocked
        Keys of tasks that need a failed one.
    told
        Warnings that workers sent, each shown once.
    """

    def __init__(self, tasks: Iterable[Task]) -> None:
        self.tasks = {task.key: task for task in tasks}
        self.done: dict[str, TaskResult] = {}
        self.failed: dict[str, str] = {}
        self.blocked: set[str] = set()
        self.warned: set[str] = set()
        self.attempts: dict[str, int] = {}
        self._rank = {key: rank for rank, key in enumerate(self.tasks)}
        self._after: dict[str, list[str]] = defaultdict(list)
        self._open: dict[str, int] = {}
        self._ready: list[tuple[int, str]] = []
        for key, task in self.tasks.items():
            before = set(task.needs)
            self._open[key] = len(before)
            for earlier in before:
                self._after[earlier].append(key)
            if not before:
                self._put_back(key)

    def take(self) -> Task | None:
        """The next task whose needs are done; None if every other one still waits."""
        return self.tasks[heapq.heappop(self._ready)[1]] if self._ready else None

    def _put_back(self, key: str) -> None:
        """Let a task be taken (again)."""
        heapq.heappush(self._ready, (self._rank[key], key))

    def rank(self, task: Task) -> int:
        """Place of a task in the order of starting."""
        return self._rank[task.key]

    def settle(self, key: str) -> list[str]:
        """Tell the tasks after `key` how it ended; keys that came to an end by it, itself first.

        One that did not end, because its worker was lost, can be taken again.
        """
        if key not in self.done and key not in self.failed:
            self._put_back(key)
            return []
        ended = [key]
        for task_key in ended:  # grows while tasks are blocked
            for later in self._after.pop(task_key, ()):
                self._open[later] -= 1
                lost = task_key not in self.done and task_key in self.tasks[later].needs
                if lost and later not in self.blocked:
                    self.blocked.add(later)
                    ended.append(later)
                elif not self._open[later] and later not in self.blocked:
                    self._put_back(later)
        return ended

    def reasons(self, keys: Sequence[str]) -> tuple[str, ...]:
        """Why tasks among `keys` failed."""
        return tuple(self.failed[key] for key in keys if key in self.failed)

    def not_tabulated(self, keys: Sequence[str] | None = None) -> dict[str, str]:
        """Scenario → why tasks among `keys`, all by default, that tabulate scenarios have no numbers of it."""
        there = [self.done[key] for key in (self.tasks if keys is None else keys) if key in self.done]
        failed: dict[str, str] = {}
        for executed in there:
            failed |= {row["scenario"]: row["reason"] for row in rows_of(executed, earlier_results.FAILED)}
        return failed

    def inputs_of(self, task: Task) -> task_keys.TaskInputs:
        """What is handed over to `task` by those before it."""
        return task_keys.TaskInputs(
            task.scenario,
            own=tuple(self.done[key].numbers for key in task.needs),
            tables=tuple(self.done[key].tables for key in task.needs),
            defined=dict(task.definitions),
        )


def rows_of(executed: TaskResult, table: str) -> list[dict[str, str]]:
    """Rows of a table that a notebook handed over, as text; none without it."""
    return list(csv.DictReader(io.StringIO(json.loads(executed.tables).get(table, ""), newline="")))


@dataclass(frozen=True)
class PageJob:
    """Something beside the tasks that any worker can do: `function` of `argument`; `then` takes what came of it."""

    function: Callable[[Any], Any]
    argument: Any
    then: Callable[[Future[Any]], None]

    def done_here(self) -> None:
        """Do it in this process."""
        answer: Future[Any] = Future()
        try:
            answer.set_result(self.function(self.argument))
        except ValueError as error:
            answer.set_exception(error)
        self.then(answer)

    def answered(self, future: Future[Any]) -> None:
        """Take a worker's answer; what no worker could do is done here."""
        error = None if future.cancelled() else future.exception()
        if future.cancelled() or not (error is None or isinstance(error, ValueError)):
            self.done_here()
        else:
            self.then(future)


class PageJobs(dict[Future[Any], PageJob]):
    """Page jobs that workers have."""

    def give(self, page_jobs: Iterable[PageJob], pool: Pool) -> None:
        """Hand jobs to workers."""
        for page_job in page_jobs:
            self[_submit(pool, page_job.function, page_job.argument)] = page_job

    def without(self, done: Iterable[Future[Any]]) -> Iterator[Future[Any]]:
        """Those of the futures that are no page jobs; what came of those is taken."""
        for future in done:
            page_job = self.pop(future, None)
            if page_job is None:
                yield future
            else:
                page_job.answered(future)


@dataclass(frozen=True)
class RunningTasks:
    """The tasks of a run under way."""

    #: What became of them, who executes them, and what is said of them.
    state: State
    pool: Pool
    progress: PrintedProgress
    #: Where results are kept, and by which keys.
    kept: result_store.Store
    known: task_keys.TaskKeys
    waiting: list[Task] = field(default_factory=list)  #: Tasks that can start, in their order.
    #: What workers have: the task, and the executor that was asked.
    running: dict[Future[notebook_task.Outcome], tuple[Task, Executor]] = field(default_factory=dict)

    def admit(self, again: Collection[str]) -> list[str]:
        """Let tasks wait that can start; keys of those that were done before, which lets others start."""
        ended = []
        while (task := self.state.take()) is not None:
            asked = task.key not in again and task.key not in self.state.attempts
            stored = self.known.find(self.kept, task, self.state.inputs_of(task)) if asked else None
            if stored is None:
                insort(self.waiting, task, key=self.state.rank)
                continue
            self._done(task, *stored, reused=True)
            self.progress.step(f"{task.label}: unchanged, skipped")
            ended += self.state.settle(task.key)
        return ended

    def startable(self, page_jobs: int) -> list[Task]:
        """What may start now, which waits no longer; one that lost its worker before is run alone, to harm no other."""
        suspects = [task for task in self.waiting if task.key in self.state.attempts] if self.state.attempts else []
        alone = suspects[: 0 if self.running else 1]
        chosen = alone if suspects else self.waiting[: self.pool.room(len(self.running) + page_jobs)]
        for task in chosen:
            self.waiting.remove(task)
        return chosen

    def start(self, task: Task, digests: dict[str, str], scratch: str) -> None:
        """Hand a task to a worker."""
        job = notebook_task.as_job(
            task.notebook, root=paths.root(), digests=digests, parameters=task.parameters, scratch=scratch,
            earlier=self.state.inputs_of(task).text(), processor=self.pool.kind,
            modules=self.known.modules(task.notebook), environment=self.known.environment,
            python=environment_key.python(), limits=self.pool.limits,
        )  # fmt: skip
        self.running[_submit(self.pool, notebook_task.execute, job)] = task, self.pool.executor

    def settle(self, future: Future[notebook_task.Outcome]) -> list[str]:
        """Take what a worker answered, if it did; keys of the tasks that came to their end by it.

        Where the worker broke, the task fails for good when that happened too often.
        """
        task, executor = self.running.pop(future)
        error = future.exception() if not future.cancelled() else RuntimeError("cancelled by the cluster")
        if error is None:
            self._file(task, future.result())
            return self.state.settle(task.key)
        attempts = self.state.attempts[task.key] = self.state.attempts.get(task.key, 0) + 1
        broken = isinstance(error, BrokenExecutor)
        if not broken or attempts >= WORKER_ATTEMPTS:
            message = " ".join(str(error).split())[:300]
            self.state.failed[task.key] = f"{task.place}: no answer from the worker ({type(error).__name__}: {message})"
        if broken and executor is self.pool.executor:
            self.pool.renew()
        return self.state.settle(task.key)

    def _file(self, task: Task, outcome: notebook_task.Outcome) -> None:
        """File what a worker returned: in the store, or aside for the analyst to look at."""
        state, progress = self.state, self.progress
        failed_notebook = paths.path(
            "reports", "_build", "failed", task.scenario or "estimates", f"{task.notebook.name}.ipynb"
        )
        seconds = round(outcome.seconds, 1)
        for warning in set(outcome.warnings) - state.warned:
            progress.note(f"warning: {warning}")
            state.warned.add(warning)
        failure, entry = outcome.failure, None
        if failure is None:
            try:
                entry = entry_of(outcome.notebook, seconds)
                moved = self.known.changed_inputs(outcome.entries, state.inputs_of(task))
                if moved:
                    failure = notebook_task.Failure(0, "", f"{', '.join(moved)} changed while it ran; run it again")
            except ValueError as error:
                failure = notebook_task.Failure(0, "", str(error))
        try:
            if entry is not None and failure is None:
                key = self.known.keep(self.kept, task, outcome.entries, entry)
                failed_notebook.unlink(missing_ok=True)
                self._done(task, key, entry)
                progress.step(f"{task.label}: ran in {seconds} s")
                return
            files.write(failed_notebook, outcome.notebook)
            kept_in = f"failed notebook: {paths.relative(failed_notebook)}"
        except OSError as error:
            kept_in = f"notebook not kept in {paths.relative(failed_notebook)}: {error.strerror or error}"
        state.failed[task.key] = "; ".join(filter(None, (describe(task, failure), kept_in)))
        progress.step(f"{task.label}: failed")

    def _done(self, task: Task, key: str, entry: result_store.Entry, *, reused: bool = False) -> None:
        """Note the result of a task, which is in the store under `key`."""
        if not entry.numbers or not entry.tables:
            entry = entry_of(entry.notebook, entry.seconds)
        self.state.done[task.key] = TaskResult(
            task.notebook.name, entry.seconds, entry.numbers, entry.tables, lambda: _text(self.kept, key), reused
        )

    @contextmanager
    def named_if_interrupted(self) -> Iterator[None]:
        """Say which notebooks were running when the run is interrupted; others had only been handed over."""
        try:
            yield
        except (KeyboardInterrupt, SystemExit):
            labels = [task.label for task, _ in islice(self.running.values(), self.pool.threads())]
            self.progress.note(f"interrupted while running: {', '.join(labels) or 'no notebook'}")
            raise


def run_tasks(
    state: State,
    pool: Pool,
    digests: dict[str, str],
    progress: PrintedProgress,
    *,
    ended: Callable[[str], Iterable[PageJob]] = lambda key: (),
    again: Collection[str] = (),
) -> None:
    """Bring the tasks of `state` to their end.

    `ended` is called with the key of each, and gives page jobs. A task whose result is in the store is done at once,
    unless its key is among `again`.
    """
    tasks = RunningTasks(state, pool, progress, result_store.of_project(pool.kind), task_keys.of_project())
    page_jobs = PageJobs()
    with (
        tasks.named_if_interrupted(),
        tempfile.TemporaryDirectory(prefix="te-", ignore_cleanup_errors=True) as scratch,
    ):
        while True:
            for key in tasks.admit(again):
                page_jobs.give(ended(key), pool)
            for task in tasks.startable(len(page_jobs)):
                tasks.start(task, digests, scratch)
            if not (tasks.running or page_jobs):
                tasks.kept.prune()
                return
            pool.use_spare(len(tasks.running) + len(page_jobs))
            futures = [*tasks.running, *page_jobs]
            while not (done := wait(futures, LOOK_SECONDS, FIRST_COMPLETED).done):
                errors.raise_interruption()
            for future in page_jobs.without(done):
                for key in tasks.settle(future):
                    page_jobs.give(ended(key), pool)


def entry_of(notebook: str, seconds: float) -> result_store.Entry:
    """An executed notebook (as text) with the rows it published and the tables it hands over."""
    content = json.loads(notebook)
    numbers, tables = (
        json.dumps(published, ensure_ascii=False, separators=(",", ":"))
        for published in (published_rows.numbers_of(content), published_rows.tables_of(content))
    )
    return result_store.Entry(notebook, seconds, numbers, tables)


@lru_cache(maxsize=16)
def _text(kept: result_store.Store, key: str) -> str:
    """An executed notebook; those of estimates are read once for all scenarios."""
    entry = kept.get(key)
    if entry is None:
        raise OSError(f"{paths.relative(kept.folder)} lost an executed notebook during the run")
    return entry.notebook


def _submit(pool: Pool, function: Callable[[Any], Any], argument: Any) -> Future[Any]:
    try:
        return pool.submit(function, argument)
    except BrokenExecutor:
        pool.renew()
        return pool.submit(function, argument)


def describe(task: Task, failure: notebook_task.Failure | None) -> str:
    """One line: notebook, number and first line of the cell, what was raised."""
    if failure is None:
        return task.place
    cell = f", code cell {failure.cell} ({failure.first_line})" if failure.cell else ""
    return f"{task.place}{cell}: {failure.error}"
