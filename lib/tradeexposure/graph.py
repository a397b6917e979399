"""The tasks of a run in the order their needs allow, on whatever executes them."""

from __future__ import annotations

import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from tradeexposure import execution, notebooks, project, store
from tradeexposure.edition import Executed
from tradeexposure.executors import Pool, Workers
from tradeexposure.progress import Progress

# A task whose worker process disappears is tried once more; after that the task is taken to be the reason.
WORKER_ATTEMPTS = 2


@dataclass(frozen=True)
class Task:
    """One notebook with its parameters; `key` covers all its result depends on, `needs` are keys of earlier tasks."""

    key: str
    notebook: notebooks.Notebook
    parameters: dict[str, Any]
    needs: tuple[str, ...]
    scenario: str = ""

    @property
    def label(self) -> str:
        """How progress names it."""
        return f"{self.scenario}/{self.notebook.name}" if self.scenario else self.notebook.name

    @property
    def place(self) -> str:
        """How failures name it."""
        place = project.relative(self.notebook.path)
        return f"{place} for {self.scenario}" if self.scenario else place


@dataclass
class State:
    """The tasks of a run by key, and what became of them: `done`, or `failed` with the reason in one line."""

    tasks: dict[str, Task]
    done: dict[str, Executed] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    attempts: dict[str, int] = field(default_factory=dict)

    def next(self, running: set[str], room: int) -> list[Task]:
        """Tasks to start now, `room` at most; one that lost its worker before is run alone, to harm no other."""
        ended = {*self.done, *self.failed, *running}
        waiting = [task for key, task in self.tasks.items() if key not in ended]
        ready = [task for task in waiting if all(need in self.done for need in task.needs)]
        suspects = [task for task in ready if task.key in self.attempts]
        if suspects:
            return [] if running else suspects[:1]
        return ready[:room]

    def reasons(self, keys: Sequence[str]) -> tuple[str, ...]:
        """Why tasks among `keys` failed."""
        return tuple(self.failed[key] for key in keys if key in self.failed)

    def settled(self, keys: Sequence[str]) -> bool:
        """True if no task among `keys` is still to come: each is done, failed, or needs a failed one."""
        open_ = [key for key in keys if key not in self.done and key not in self.failed]
        return all(any(need in self.failed for need in self.tasks[key].needs) for key in open_)


def finish(
    state: State,
    places: Workers,
    digests: dict[str, str],
    progress: Progress,
    *,
    settle: Callable[[], None] = lambda: None,
    reuse: bool = True,
) -> None:
    """Bring the tasks of `state` to `done` or `failed`; `settle` is called whenever some got there.

    With `reuse` a task whose result is in the store is done at once.
    """
    kept = store.Store(project.path("reports", "_build", "store"))
    for key, task in state.tasks.items():
        if reuse and (entry := kept.get(key)):
            state.done[key] = Executed(task.notebook.name, entry.notebook, entry.seconds, reused=True)
            progress.step(f"{task.label}: unchanged, skipped")
    settle()
    missing = len(state.tasks) - len(state.done)
    if not missing:
        return
    with _terminable(), _scratch() as scratch, places.open(missing) as pool:
        running: dict[Future[execution.Outcome], tuple[Task, Executor]] = {}
        while True:
            for task in state.next({task.key for task, _ in running.values()}, pool.room(len(running))):
                running[_submit(pool, task, digests, scratch)] = task, pool.executor
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                task, executor = running.pop(future)
                if _lost(state, task, future) and executor is pool.executor:
                    pool.renew()
                elif task.key not in state.failed and future.exception() is None:
                    record(state, task, future.result(), kept, progress)
            settle()


def _submit(pool: Pool, task: Task, digests: dict[str, str], scratch: str) -> Future[execution.Outcome]:
    job = execution.as_job(
        task.notebook, root=project.root(), digests=digests, parameters=task.parameters, scratch=scratch
    )
    try:
        return pool.executor.submit(execution.execute, job)
    except BrokenExecutor:
        pool.renew()
        return pool.executor.submit(execution.execute, job)


def _lost(state: State, task: Task, future: Future[execution.Outcome]) -> bool:
    """True if the worker broke; the task fails for good when that happened too often, or for another reason."""
    error = future.exception() if not future.cancelled() else RuntimeError("cancelled by the cluster")
    if error is None:
        return False
    state.attempts[task.key] = state.attempts.get(task.key, 0) + 1
    broken = isinstance(error, BrokenExecutor)
    if not broken or state.attempts[task.key] >= WORKER_ATTEMPTS:
        message = " ".join(str(error).split())[:300]
        state.failed[task.key] = f"{task.place}: no answer from the worker ({type(error).__name__}: {message})"
    return broken


def record(state: State, task: Task, outcome: execution.Outcome, kept: store.Store, progress: Progress) -> None:
    """File what a worker returned: in the store, or aside for the analyst to look at."""
    wreck = project.path("reports", "_build", "failed", task.scenario or "estimates", f"{task.notebook.name}.ipynb")
    seconds = round(outcome.seconds, 1)
    try:
        if outcome.failure is None:
            kept.put(task.key, store.Entry(outcome.notebook, seconds))
            wreck.unlink(missing_ok=True)
            state.done[task.key] = Executed(task.notebook.name, outcome.notebook, seconds)
            progress.step(f"{task.label}: ran in {seconds} s")
            return
        store.write(wreck, outcome.notebook)
        kept_in = f"failed notebook: {project.relative(wreck)}"
    except OSError as error:
        kept_in = f"notebook not kept in {project.relative(wreck)}: {error.strerror or error}"
    state.failed[task.key] = "; ".join(filter(None, (describe(task, outcome.failure), kept_in)))
    progress.step(f"{task.label}: failed")


def describe(task: Task, failure: execution.Failure | None) -> str:
    """One line: notebook, number and first line of the cell, what was raised."""
    if failure is None:
        return task.place
    cell = f", code cell {failure.cell} ({failure.first_line})" if failure.cell else ""
    return f"{task.place}{cell}: {failure.error}"


@contextmanager
def _scratch() -> Iterator[str]:
    folder = tempfile.mkdtemp(prefix="te-", dir=execution.scratch_parent())
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM end the run as Ctrl-C does: workers and kernels first."""

    def leave(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    before: Any = None
    with suppress(ValueError):  # only the main thread may set handlers
        before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        if before is not None:
            signal.signal(signal.SIGTERM, before)
