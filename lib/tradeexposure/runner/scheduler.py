"""The tasks of a run, and what follows from them, in the order their needs allow, on whatever executes them."""

from __future__ import annotations

import csv
import io
import json
import sys
import tempfile
from bisect import insort
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from graphlib import TopologicalSorter
from itertools import islice
from typing import Any

from tradeexposure.core import earlier_results, errors, files, paths, published_rows
from tradeexposure.core.text import indented
from tradeexposure.runner import notebook_task, page_jobs, result_store, task_keys
from tradeexposure.runner.executors import Pool
from tradeexposure.runner.kernels import environment_key
from tradeexposure.runner.page_jobs import Page, Sheet
from tradeexposure.runner.plan import NO_NUMBERS, Task, TaskResult

# A task whose worker process disappears is tried once more; after that the task is taken to be the reason.
WORKER_ATTEMPTS = 2
LOOK_SECONDS = 1.0
NO_TABLES = "{}"


class PrintedProgress(ExitStack):
    """What a run prints as it goes: a line for each task that is over, below a bar on a terminal.

    It counts `total` steps; use it as a context manager.
    """

    def __init__(self, total: int) -> None:
        super().__init__()
        self._bar: Any = None
        if sys.stdout.isatty():
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

            columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
            self._bar = self.enter_context(Progress(*columns))
            self._task = self._bar.add_task("", total=total)

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


@dataclass(frozen=True)
class Step:
    """What follows from tasks and from other steps, once all of them are over, also where they failed.

    `act` is done here; a worker makes a page of the sheet that it gives, if it gives one.
    """

    key: str
    needs: tuple[str, ...]
    act: Callable[[], Sheet | None]


class State:
    """The tasks of a run, and what became of them.

    Attributes
    ----------
    tasks
        By key, in the order in which they are started when several can be.
    done, failed
        Executed notebooks, and why others failed (one line); by key. One that needs a failed one is in neither.
    stopped
        Of those that failed, what there is of the notebook, without numbers; by key.
    pages
        Made of the sheets that steps gave; by the step's key.
    """

    def __init__(self, tasks: Iterable[Task]) -> None:
        self.tasks = {task.key: task for task in tasks}
        self.done: dict[str, TaskResult] = {}
        self.failed: dict[str, str] = {}
        self.stopped: dict[str, TaskResult] = {}
        self.pages: dict[str, Page] = {}

    def reasons(self, keys: Sequence[str]) -> tuple[str, ...]:
        """Why tasks among `keys` failed."""
        return tuple(self.failed[key] for key in keys if key in self.failed)

    def not_tabulated(self) -> dict[str, str]:
        """Scenario → why a task that tabulates scenarios has no numbers of it."""
        tables = (json.loads(executed.tables).get(earlier_results.FAILED, "") for executed in self.done.values())
        rows = (row for text in tables for row in csv.DictReader(io.StringIO(text, newline="")))
        return {row["scenario"]: row["reason"] for row in rows}

    def inputs_of(self, task: Task) -> task_keys.TaskInputs:
        """What is handed over to `task` by those before it."""
        return task_keys.TaskInputs(
            task.scenario,
            own=tuple(self.done[key].numbers for key in task.needs),
            tables=tuple(self.done[key].tables for key in task.needs),
            defined=dict(task.definitions),
        )


class RunningTasks:
    """The tasks and steps of a run under way."""

    def __init__(self, state: State, pool: Pool, progress: PrintedProgress, steps: Iterable[Step] = ()) -> None:
        self.state, self.pool, self.progress = state, pool, progress
        self.kept, self.known = result_store.of_project(pool.kind), task_keys.of_project()
        self.steps: dict[str, Step] = {}
        for step in steps:
            self.steps.setdefault(step.key, step)  # a page that several editions have
        jobs: list[Task | Step] = [*state.tasks.values(), *self.steps.values()]
        self.order = TopologicalSorter({job.key: job.needs for job in jobs})
        self.order.prepare()
        self.rank = {job.key: place for place, job in enumerate(jobs)}
        self.waiting: list[Task] = []  # that can start, in their order
        self.next_steps: list[Step] = []  # the same of steps
        self.attempts: Counter[str] = Counter()  # of tasks that lost their worker, by key
        self.warned: set[str] = set()  # warnings that workers sent are shown once
        #: What workers have: a task and the executor that was asked, or a step and the sheet that it gave.
        self.running: dict[Future[Any], tuple[Task, Executor] | tuple[Step, Sheet]] = {}

    def admit(self, again: Collection[str]) -> None:
        """Let tasks and steps wait whose needs are over; what was done before, or is after a failed one, is over."""
        while keys := self.order.get_ready():
            for key in keys:
                if key in self.steps:
                    insort(self.next_steps, self.steps[key], key=lambda step: self.rank[step.key])
                    continue
                task = self.state.tasks[key]
                if all(need in self.state.done for need in task.needs):
                    asked = key not in again
                    stored = self.known.find(self.kept, task, self.state.inputs_of(task)) if asked else None
                    if stored is None:
                        self._wait(task)
                        continue
                    stored_key, entry = stored
                    self._done(task, stored_key, entry.seconds, published(entry.notebook), reused=True)
                    self.progress.step(f"{task.label}: unchanged, skipped")
                self.order.done(key)

    def _wait(self, task: Task) -> None:
        insort(self.waiting, task, key=lambda waiting: self.rank[waiting.key])

    def startable(self) -> list[Task]:
        """What may start now, which waits no longer; one that lost its worker before is run alone, to harm no other."""
        if not self.waiting:  # asked after each of a sweep's thousands of pages
            return []
        suspects = [task for task in self.waiting if self.attempts[task.key]] if self.attempts else []
        alone = suspects[: 0 if self.running else 1]
        begun = sum(isinstance(job, Task) for job, _ in self.running.values())
        chosen = alone if suspects else self.waiting[: self.pool.room(begun)]
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
        self.running[self._submitted(notebook_task.execute, job)] = task, self.pool.executor

    def act(self, step: Step) -> None:
        """Do a step, or hand its page to a worker."""
        sheet = step.act()
        if sheet is None:
            self.order.done(step.key)
        else:
            self.running[self._submitted(page_jobs.pages_of, sheet)] = step, sheet

    def _submitted(self, function: Callable[[Any], Any], argument: Any) -> Future[Any]:
        try:
            return self.pool.submit(function, argument)
        except BrokenExecutor:
            self.pool.renew()
            return self.pool.submit(function, argument)

    def settle(self, future: Future[Any]) -> None:
        """Take what a worker answered, if it did.

        Where the worker broke, the task fails for good when that happened too often, and waits again before.
        """
        job, asked = self.running.pop(future)
        if isinstance(asked, Sheet):
            self.state.pages[job.key] = page_jobs.answer(asked, future)
        elif isinstance(job, Task):
            error = future.exception() if not future.cancelled() else RuntimeError("cancelled by the cluster")
            if error is None:
                self._file(job, future.result())
            else:
                self.attempts[job.key] += 1
                broken = isinstance(error, BrokenExecutor)
                if broken and asked is self.pool.executor:
                    self.pool.renew()
                if broken and self.attempts[job.key] < WORKER_ATTEMPTS:
                    self._wait(job)
                    return
                message = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
                self.state.failed[job.key] = f"{job.place}: no answer from the worker ({message})"
        self.order.done(job.key)

    def _file(self, task: Task, outcome: notebook_task.Outcome) -> None:
        """File what a worker returned: in the store, or aside for the analyst to look at."""
        state, progress = self.state, self.progress
        failed_notebook = paths.path(
            "reports", "_build", "failed", task.scenario or "estimates", f"{task.notebook.name}.ipynb"
        )
        seconds = round(outcome.seconds, 1)
        for warning in set(outcome.warnings) - self.warned:
            progress.note(f"warning: {warning}")
            self.warned.add(warning)
        failure, numbers_and_tables = outcome.failure, ("", "")
        if failure is None:
            try:
                numbers_and_tables = published(outcome.notebook)
                moved = self.known.changed_inputs(outcome.entries, state.inputs_of(task))
                if moved:
                    failure = notebook_task.Failure(0, "", f"{', '.join(moved)} changed while it ran; run it again")
            except ValueError as error:
                failure = notebook_task.Failure(0, "", str(error))
        try:
            if failure is None:
                entry = result_store.Entry(outcome.notebook, seconds)
                key = self.known.keep(self.kept, task, outcome.entries, entry)
                failed_notebook.unlink(missing_ok=True)
                self._done(task, key, seconds, numbers_and_tables)
                progress.step(f"{task.label}: ran in {seconds} s")
                return
            files.write(failed_notebook, outcome.notebook)
            text = partial(failed_notebook.read_text, "utf-8")
            state.stopped[task.key] = TaskResult(task.notebook.name, seconds, NO_NUMBERS, NO_TABLES, text)
            kept_in = f"failed notebook: {paths.relative(failed_notebook)}"
        except OSError as error:
            kept_in = f"notebook not kept in {paths.relative(failed_notebook)}: {error.strerror or error}"
        state.failed[task.key] = "; ".join(filter(None, (describe(task, failure), kept_in)))
        progress.step(f"{task.label}: failed")

    def _done(
        self, task: Task, key: str, seconds: float, numbers_and_tables: tuple[str, str], *, reused: bool = False
    ) -> None:
        """Note the result of a task, which is in the store under `key`."""
        text = partial(_text, self.kept, key)
        self.state.done[task.key] = TaskResult(task.notebook.name, seconds, *numbers_and_tables, text, reused)

    @contextmanager
    def named_if_interrupted(self) -> Iterator[None]:
        """Say which notebooks were running when the run is interrupted; others had only been handed over."""
        try:
            yield
        except (KeyboardInterrupt, SystemExit):
            tasks = (job for job, _ in self.running.values() if isinstance(job, Task))
            labels = [task.label for task in islice(tasks, self.pool.threads())]
            self.progress.note(f"interrupted while running: {', '.join(labels) or 'no notebook'}")
            raise


def run_tasks(
    state: State,
    pool: Pool,
    digests: dict[str, str],
    progress: PrintedProgress,
    *,
    steps: Iterable[Step] = (),
    again: Collection[str] = (),
) -> None:
    """Bring the tasks of `state`, and `steps` after them, to their end.

    A task whose result is in the store is done at once, unless its key is among `again`.
    """
    tasks = RunningTasks(state, pool, progress, steps)
    with (
        tasks.named_if_interrupted(),
        tempfile.TemporaryDirectory(prefix="te-", ignore_cleanup_errors=True) as scratch,
    ):
        while True:
            tasks.admit(again)
            for task in tasks.startable():
                tasks.start(task, digests, scratch)
            if tasks.next_steps:  # what is done here is done while workers are busy
                tasks.act(tasks.next_steps.pop(0))
                continue
            if not tasks.running:
                tasks.kept.prune()
                return
            while not (done := wait(tasks.running, LOOK_SECONDS, FIRST_COMPLETED).done):
                errors.raise_interruption()
            for future in done:
                tasks.settle(future)


def published(notebook: str) -> tuple[str, str]:
    """Rows that an executed notebook (as text) published, as a JSON list, and tables it hands over, as an object."""
    content = json.loads(notebook)
    numbers, tables = (
        json.dumps(part, ensure_ascii=False, separators=(",", ":"))
        for part in (published_rows.numbers_of(content), published_rows.tables_of(content))
    )
    return numbers, tables


@lru_cache(maxsize=16)
def _text(kept: result_store.Store, key: str) -> str:
    """An executed notebook; those of estimates are read once for all scenarios."""
    entry = kept.get(key)
    if entry is None:
        raise OSError(f"{paths.relative(kept.folder)} lost an executed notebook during the run")
    return entry.notebook


def describe(task: Task, failure: notebook_task.Failure | None) -> str:
    """One line: notebook, number and first line of the cell, what was raised."""
    if failure is None:
        return task.place
    cell = f", code cell {failure.cell} ({failure.first_line})" if failure.cell else ""
    return f"{task.place}{cell}: {failure.error}"
