"""Where notebooks run: worker processes on this machine (loky), or a Dask cluster."""

from __future__ import annotations

import contextlib
import gc
import os
import re
import signal
import socket
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tradeexposure.core import reading
from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.runner import notebook_task
from tradeexposure.runner.kernels import environment_key
from tradeexposure.runner.kernels.limits import USUAL, Limits

CONNECT_SECONDS = 10
ADDRESS = re.compile(r"(tcp|tls|ws|wss)://(\[[0-9a-fA-F:.%]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}")
SCHEDULER = "the address of a running scheduler with a worker, such as tcp://127.0.0.1:8786"
MOST_WORKERS = 1_000  # kernels on one machine; each takes a process and some hundred megabytes
TASKS_PER_WORKER = 2
#: From so many tasks on there is one worker more than processors: a sixth of its time a worker waits for its kernel to
#: start and to end, and its own start has to pay.
MANY_TASKS = 200
#: Bytes by which a worker may grow before another takes its place, which costs it 2.5 s to start: what translates and
#: draws the pages of an edition, and stays, takes more than the 300 MB that loky allows unasked.
GROWTH = {"LOKY_MAX_MEMORY_LEAK_SIZE": "6e8"}


@dataclass
class Pool:
    """An executor that can be replaced after a worker process broke it; all its workers' processors are of one kind."""

    executor: Executor
    size: int
    client: Any = None
    kind: str = ""
    limits: Limits = USUAL

    def threads(self) -> int:
        """How many tasks run at once."""
        return max(self.size if self.client is None else sum(self.client.ncores().values()), 1)

    def room(self, running: int) -> int:
        """How many more tasks to hand over: enough to keep workers busy, few enough to lose little with one of them."""
        return max(TASKS_PER_WORKER * self.threads() - running, 0)

    def begin(self, job: notebook_task.Job) -> None:
        """Let a worker of this machine get ready for tasks like `job` while they are still being planned."""
        os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")
        if self.client is None:  # a cluster has other things to do
            with contextlib.suppress(BrokenExecutor):  # whoever hands over a task puts another in its place
                self.submit(notebook_task.begin, job)

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Hand over a task; ``BrokenExecutor`` where a worker process was lost before."""
        with _signals_held():
            return self.executor.submit(function, *arguments)

    def renew(self) -> None:
        """Put fresh worker processes in place of broken ones; a cluster looks after its own."""
        if self.client is None:
            self.executor.shutdown(wait=False)
            self.executor = _local(self.size)


@dataclass(frozen=True)
class Workers:
    """`count` kernels at once on this machine, None for as many as it has use for, or the cluster at `address`; what a
    cell may take there.
    """

    count: int | None = None
    address: str | None = None
    limits: Limits = USUAL

    @classmethod
    def validated(cls, count: int | None, address: str | None, limits: Limits = USUAL) -> Workers:
        """From the command line's options; :class:`BadInput` if they cannot be used."""
        if count is not None and count < 1:
            raise BadInput("--workers", found=str(count), allowed="1 or more; leave it out to have it chosen")
        if count is not None and address is not None:
            raise BadInput("--workers", found=f"{count} with --cluster", allowed="one of the two options")
        if count is not None and count > MOST_WORKERS:
            raise BadInput("--workers", found=str(count), allowed=f"at most {MOST_WORKERS}")
        if address is None:
            return cls(count, address, limits)
        if not ADDRESS.fullmatch(address):
            raise BadInput("--cluster", found=address or "nothing", allowed=SCHEDULER)
        _client_class()
        try:  # whether anything listens, without starting a client
            parts = urlsplit(address)
            socket.create_connection((parts.hostname or "", parts.port or 0), timeout=CONNECT_SECONDS).close()
        except (OSError, ValueError, UnicodeError) as error:
            raise BadInput("--cluster", found=f"{address} ({reading.reason(error)})", allowed=SCHEDULER) from None
        return cls(count, address, limits)

    @contextmanager
    def open(self, tasks: int) -> Iterator[Pool]:
        """A pool for `tasks` tasks, whose workers start with the first of them; leaving ends workers and kernels.

        Raises
        ------
        BadInput
            The cluster does not answer.
        """
        if self.address is not None:
            with _cluster(self.address, self.limits) as pool:
                yield pool
            return
        # A process may be allowed fewer processors than there are; not every system tells.
        processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        size = max(1, min(self.count or processors + (tasks >= MANY_TASKS), tasks))
        pool, whole = Pool(_local(size), size, kind=environment_key.processor_kind(), limits=self.limits), False
        try:
            yield pool
            whole = True
        finally:
            pool.executor.shutdown(wait=whole, kill_workers=True)  # type: ignore[call-arg]


HERE = Workers()


@contextmanager
def _cluster(address: str, limits: Limits) -> Iterator[Pool]:
    """A pool on a cluster, which may stop at any moment: taking leave of one that did needs nothing."""
    client, whole = _connect(address), False
    executor: Executor | None = None
    try:
        # One kind of processor a run, the commonest: a worker of another would mix its digits with theirs. A worker
        # that is lost while it is asked does not end the run.
        kinds: dict[str, str] = client.run(environment_key.processor_kind, on_error="ignore")
        if not kinds:
            raise RunFailed(f"the cluster at {address} lost its workers; the same command goes on")
        counted = Counter(kinds.values())
        kind = min(counted, key=lambda name: (-counted[name], name))
        alike = sorted(worker for worker, name in kinds.items() if name == kind)
        executor = client.get_executor(pure=False, workers=alike, allow_other_workers=False)
        yield Pool(executor, 0, client, kind, limits)
        whole = True
    except Exception as error:
        if client.status == "running" or isinstance(error, BadInput | RunFailed):
            raise
        raise RunFailed(
            f"the cluster at {address} stopped; finished notebooks are kept, the same command goes on"
        ) from None
    finally:
        if executor is not None:
            with contextlib.suppress(Exception):
                executor.shutdown(wait=whole)
        with contextlib.suppress(Exception):
            client.close()


@contextmanager
def _signals_held() -> Iterator[None]:
    """Take signals afterwards: a worker that starts meanwhile is then known, and hears no Ctrl-C before it is ready."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _local(count: int) -> Executor:
    import warnings
    from multiprocessing import resource_tracker as usual_tracker

    from loky import ProcessPoolExecutor
    from loky.backend import resource_tracker

    for tracker in (
        usual_tracker,
        resource_tracker,
    ):  # starting with a worker it would let held signals through
        tracker.ensure_running()
    # One that has grown is replaced between notebooks, by design: readers would take the word of a leak for a fault.
    warnings.filterwarnings("ignore", message="A worker was restarted", category=UserWarning)
    executor: Executor = ProcessPoolExecutor(
        max_workers=count, initializer=notebook_task.prepare_worker, initargs=(os.getpid(),), env=GROWTH
    )
    return executor


def _connect(address: str) -> Any:
    import logging

    open_client = _client_class()
    for name in ("distributed", "distributed.client"):  # the latter is given a level of its own when it is read
        logging.getLogger(name).setLevel(logging.CRITICAL)
    # A client that did not connect complains once more when it is collected; nobody can do anything about that.
    complain, sys.unraisablehook = sys.unraisablehook, lambda _: None
    try:
        client = open_client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        what = type(error).__name__
        error.__traceback__ = None
        gc.collect()
        raise BadInput("--cluster", found=f"{address} ({what})", allowed=SCHEDULER) from None
    finally:
        sys.unraisablehook = complain
    try:
        client.wait_for_workers(1, timeout=CONNECT_SECONDS)
    except TimeoutError:
        client.close()
        raise BadInput("--cluster", found=f"{address}, which has no worker", allowed=SCHEDULER) from None
    return client


def _client_class() -> Any:
    """What connects to a scheduler; :class:`BadInput` where the extra that brings it is not installed."""
    try:
        from distributed import Client
    except ModuleNotFoundError:
        found, allowed = "the package 'distributed' missing", "install the extra: pip install 'tradeexposure[cluster]'"
        raise BadInput("--cluster", found=found, allowed=allowed) from None
    return Client
