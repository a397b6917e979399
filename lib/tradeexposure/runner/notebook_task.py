"""One notebook in one kernel: the task that worker processes run.

It receives all it needs and returns all it made, as text; whoever asked for it writes the files. Running it
twice is therefore harmless. It lives in the installed package so that a worker can import it anywhere.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
import warnings
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tradeexposure.core import paths
from tradeexposure.core.earlier_results import NOTHING
from tradeexposure.core.earlier_results import VARIABLE as EARLIER_VARIABLE
from tradeexposure.core.paths import ROOT_VARIABLE
from tradeexposure.data import edition_inputs
from tradeexposure.reporting import chart_style
from tradeexposure.runner import notebooks
from tradeexposure.runner.kernels import environment_key, file_watch
from tradeexposure.runner.kernels.limits import USUAL, Limits

if TYPE_CHECKING:
    from papermill.exceptions import PapermillExecutionError

# Numbers must not depend on the number of processors, the hash seed or the time zone.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "JUPYTER_PREFER_ENV_PATH": "1",
    "TZ": "UTC",
}
# A user's own start-up code must not change a published number.
PERSONAL = ("PYTHONSTARTUP", "IPYTHONDIR")
PLANNED = ("code", "data", "lock")  # what must be as it was; entries of scenarios are compared one by one
START_ATTEMPTS = 3
#: Objects made between two looks for cycles that may go; after each 700, as usual, they take a twentieth of what a
#: worker does: it imports modules and reads charts, and both stay.
SELDOM = 10_000
PARENT_CHECK_SECONDS = 1.0
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
POINTED = re.compile(r"-+> *[0-9]+ (.*)")
ENDED_ITSELF = "SystemExit: the notebook ended itself before its last cell"
_told: list[str] = []  # by this worker since its last answer


@dataclass(frozen=True)
class Job:
    """A notebook to execute."""

    #: Its stem, and its JSON as text, without outputs.
    name: str
    content: str
    root: str  #: Project folder, as the worker sees it.
    digests: dict[str, str]  #: Digests the sources had when the run was planned.
    #: Injected after the `parameters` cell; empty to run the notebook's defaults.
    parameters: dict[str, Any] = field(default_factory=dict)
    #: Folder for what is only needed while it runs, removed by the one who started the run; another machine has none.
    scratch: str = ""
    #: Numbers of earlier notebooks and definitions, as :func:`tradeexposure.core.earlier_results.as_json` writes them.
    earlier: str = NOTHING
    processor: str = ""  #: Kind of processor its numbers must come from; empty for any.
    #: Its import closure: nothing else of the project is imported, and nothing is read that no loader gives out.
    #: Without it nobody watches, and the result can be kept under no key.
    modules: tuple[str, ...] | None = None
    environment: dict[str, str] = field(default_factory=dict)  #: The numerical environment of its kernel.
    python: str = ""  #: Digest of interpreter and packages its numbers must come from; empty for any.
    limits: Limits = USUAL  #: What a cell may take.


@dataclass(frozen=True)
class Failure:
    """Where a notebook stopped: number of the code cell (0: none had started), its first line, what was raised."""

    cell: int
    first_line: str
    error: str


@dataclass(frozen=True)
class Outcome:
    """The notebook after execution, as text; with `failure` it is what was reached. `warnings` are for the user.

    `entries` are what loaders gave out: kind, name, digest.
    """

    notebook: str
    seconds: float
    failure: Failure | None = None
    warnings: tuple[str, ...] = ()
    entries: tuple[tuple[str, str, str], ...] = ()


def execute(job: Job) -> Outcome:
    """Execute `job` in a fresh kernel; never raises for what the notebook or its kernel does."""
    started = time.monotonic()
    os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")
    changed = _changed(job)
    if changed:
        return Outcome(job.content, 0.0, Failure(0, "", changed))
    try:
        with _private(job.scratch) as folder:
            notebook, failure = _attempts(job, Path(folder))
            watched, entries, refused = file_watch.read_log(Path(folder))
    except OSError as error:
        return Outcome(job.content, 0.0, Failure(0, "", _one_line("OSError", str(error))))
    if refused:
        # A run that read what it may not, or tried to change it, has failed; also where the notebook caught the error.
        refusal = refused[0]
        if failure is None:
            failure = Failure(0, "", refusal)
        elif failure.error.startswith((refusal.partition(":")[0], "CellExecutionError")):
            failure = replace(failure, error=refusal)
        else:
            failure = replace(failure, error=f"{failure.error} ({refusal})")
    elif failure is None and job.modules is not None and not watched:
        failure = Failure(0, "", "its kernel did not watch what it reads")
    warnings = tuple(_told)
    _told.clear()
    return Outcome(notebook, time.monotonic() - started, failure, warnings, tuple(entries))


def begin(job: Job) -> None:
    """Get this worker ready for tasks whose kernels are as that of `job`.

    A kernel is started and ended at once, so that the process that warm kernels are copies of is there; what goes wrong
    is told where one is needed.
    """
    from jupyter_client.manager import KernelManager

    kernel = json.loads(job.content)["metadata"]["kernelspec"]["name"]
    with _private() as folder:
        private = Path(folder)
        manager = KernelManager(kernel_name=kernel, connection_file=str(private / "kernel.json"))
        environment = _environment(job, private, private / "earlier_results.json")
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        manager.start_kernel(env=environment, cwd=str(Path(job.root) / "notebooks"), **quiet)
        manager.shutdown_kernel(now=True)


def _private(inside: str = "") -> tempfile.TemporaryDirectory[str]:
    """A folder of one kernel."""
    there = inside if os.path.isdir(inside) else None
    return tempfile.TemporaryDirectory(prefix="te-", dir=there, ignore_cleanup_errors=True)


def _changed(job: Job) -> str:
    """What of code, data and lock is not what the run was planned with; empty if all is."""
    kind = environment_key.processor_kind()
    if job.processor and kind != job.processor:
        return f"this worker's processor is of another kind ({kind}, not {job.processor}): digits would mix"
    if job.python and environment_key.python() != job.python:
        return "this worker has another Python or other packages than the run was planned with: digits would mix"
    here = edition_inputs.folder_digests(Path(job.root), PLANNED)
    changed = [group for group in PLANNED if here[group] != job.digests[group]]
    return f"{' and '.join(changed)} changed since the run was planned, or differ on this worker" if changed else ""


def _environment(job: Job, private: Path, earlier: Path) -> dict[str, str]:
    """The environment of the kernel: this worker's, but what is numerical as the run was planned with."""
    numerical = environment_key.numerical_variables()
    kept = {name: value for name, value in os.environ.items() if name not in PERSONAL and name not in numerical}
    own = {ROOT_VARIABLE: job.root, EARLIER_VARIABLE: str(earlier), "IPYTHONDIR": str(private / "ipython")}
    own |= {chart_style.LATER: "1"}
    return {**kept, **(job.environment or numerical), **ENVIRONMENT, **own}


def _attempts(job: Job, private: Path) -> tuple[str, Failure | None]:
    """Execute; a kernel that does not start is tried again, a cell never is."""
    from tradeexposure.runner.kernels.engine import KernelNotStarted

    error = ""
    for attempt in range(START_ATTEMPTS):
        folder = private / str(attempt)
        folder.mkdir()
        if job.modules is not None:
            file_watch.prepare(folder, modules=job.modules, root=job.root)
        try:
            return _execute(job, folder)
        except KernelNotStarted as reason:
            error = f"the kernel did not start: {reason}"
    return job.content, Failure(0, "", error)


def _execute(job: Job, private: Path) -> tuple[str, Failure | None]:
    from nbformat import v4
    from papermill.exceptions import PapermillExecutionError

    from tradeexposure.runner.kernels import engine

    earlier, failure = private / "earlier_results.json", None
    try:
        earlier.write_text(job.earlier, "utf-8")
        notebook = engine.parameterized(v4.reads(job.content), job.parameters)  # validated when it was planned
    except Exception as error:
        return job.content, Failure(0, "", _one_line(type(error).__name__, str(error)))
    try:
        engine.run(
            notebook, environment=_environment(job, private, earlier), folder=str(Path(job.root) / "notebooks"),
            private=str(private), limits=job.limits,
        )  # fmt: skip
        failure = _unfinished(notebook)
    except PapermillExecutionError as error:
        failure = _raised(notebook, error)
    except engine.KernelNotStarted:
        raise
    except Exception as error:
        failure = _unfinished(notebook, _one_line(type(error).__name__, str(error)))
    cleaned = notebooks.clean(notebook)
    undrawn = _undrawn(cleaned)
    return v4.writes(cleaned) + "\n", failure or undrawn


def _raised(notebook: Any, error: PapermillExecutionError) -> Failure:
    """The cell that raised; papermill has put notes of its own into the notebook by now, which do not count."""
    cells = [cell for cell in notebook.cells if "papermill-error-cell-tag" not in notebooks.tags(cell)]
    index = min(error.cell_index, len(cells) - 1)
    lines = COLOUR.sub("", "\n".join(error.traceback)).splitlines()
    pointed = (match[1].strip() for line in lines if (match := POINTED.match(line)))
    # An assert without words has the line of the cell that raised: the first that the traceback points to.
    raised = _one_line(error.ename, error.evalue.strip() or next(pointed, ""))
    return Failure(notebooks.code_number(cells, index), _first_line(error.source), raised)


def _undrawn(notebook: Any) -> Failure | None:
    """Draw the charts that cells showed; the first code cell with one that cannot be.

    A worker draws for all its notebooks: what draws takes half a second to start.
    """
    for index, cell in enumerate(notebook["cells"]):
        for output in cell.get("outputs", ()):
            try:
                if "data" in output:
                    output["data"] = chart_style.completed(output["data"])
            except ValueError as error:
                number, reason = notebooks.code_number(notebook["cells"], index), _one_line("ValueError", str(error))
                return Failure(number, _first_line(notebooks.source(cell)), reason)
    return None


def _unfinished(notebook: Any, error: str = ENDED_ITSELF) -> Failure | None:
    """The cell in which a notebook stopped, if a code cell that has source was not executed: the one before it.

    A kernel that did not get through a cell has not counted it; one that ended itself has counted the cell that did it.
    """
    codes = [index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code" and cell.source.strip()]
    for place, index in enumerate(codes):
        if notebook.cells[index].execution_count is None:
            stopped = codes[place - 1] if error == ENDED_ITSELF and place else index
            source = _first_line(notebook.cells[stopped].source)
            return Failure(notebooks.code_number(notebook.cells, stopped), source, error)
    return None


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def _one_line(name: str, message: str) -> str:
    return ": ".join(filter(None, (name, " ".join(message.split()))))[:500]


def as_job(notebook: notebooks.Notebook, *, root: Path, digests: dict[str, str], **more: Any) -> Job:
    """The task that executes `notebook`; `more` are further attributes of :class:`Job`."""
    return Job(name=notebook.name, content=_as_text(notebook), root=str(root), digests=digests, **more)


@lru_cache(maxsize=32)
def _as_text(notebook: notebooks.Notebook) -> str:
    """Without outputs, most of its letters: it is read and written twice before its first cell runs."""
    cells = [{**cell, "outputs": []} if "outputs" in cell else cell for cell in notebook.content["cells"]]
    return json.dumps({**notebook.content, "cells": cells}, ensure_ascii=False)


def forget_personal_settings() -> None:
    """Leave a user's own start-up code and profile folder out of this process; it needs no home that can be written."""
    for name in PERSONAL:
        os.environ.pop(name, None)
    os.environ["IPYTHONDIR"] = str(paths.path("reports", "_build", "ipython"))


def prepare_worker(parent: int) -> None:
    """Set up a worker process on this machine, for the process `parent`.

    Ctrl-C is left to the main process, which ends its workers itself; a worker whose main process was killed, be it
    before the worker got here, ends too, and its kernel with it. Libraries' chatter stays off the terminal; cold
    kernels are told with the next answer.
    """
    forget_personal_settings()
    os.environ.pop("LOKY_MAX_MEMORY_LEAK_SIZE", None)  # read by now; kernels of plain tools have none
    gc.set_threshold(SELDOM)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_SETMASK, ())  # held back while it was started
    logging.getLogger("papermill").setLevel(logging.CRITICAL)
    warnings.simplefilter("ignore")
    warnings.filterwarnings("default", message="kernels start cold")
    warnings.showwarning = lambda message, *_, **__: _told.append(str(message))

    def follow() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_CHECK_SECONDS)
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
