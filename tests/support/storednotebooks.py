"""The strict comparison of notebooks, against the outputs of a real execution.

nbval compares each cell's committed outputs with those of a kernel. Here its kernel replays a complete execution that
a store keeps under all that the notebook reads, so that the comparison is nbval's own and nothing is skipped: an
output edited by hand is still caught. Such an execution is one that this session made for an edition, which begins
with an empty store and bare notebooks; or, where ``CI`` is not set and it is not the notebook's turn, one whose outputs
two executions agree on. Without either the notebook is executed, by nbval itself where ``CI`` is set.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections import deque
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat
import pytest
from filelock import FileLock
from nbval.plugin import IPyNbFile

from tradeexposure.core import paths
from tradeexposure.data import edition_inputs
from tradeexposure.runner import notebook_task, notebooks, result_store, scheduler, task_keys
from tradeexposure.runner.kernels import environment_key
from tradeexposure.runner.plan import Task

ENOUGH = 2  # executions with equal outputs
TURN = "TRADEEXPOSURE_TURN"  # the notebook that this session executes anyway
FROM_STORE, EXECUTED, BY_NBVAL = "verified from store", "executed", "executed by nbval"
#: Of a pytest that compares the notebooks of a copy of the project; it is not to clear away what others left.
SETTINGS = f"""\
[pytest]
pythonpath = "{Path(__file__).parent}"
addopts = -p no:nbval --nbval --import-mode=importlib -p no:cacheprovider -q --basetemp=../own
"""
FOR_EDITION = "executed for the edition of this session"
SCENARIO = "deal_2026"
ALWAYS = "20_measure_canola_exposure"  # executed whatever the store holds: the quickest estimate
PATIENCE_SECONDS = 1200  # of whoever waits for it on a busy machine
STORE = Path(*result_store.FOLDER)
SAID = STORE.with_name("said.json")


class Replay:
    """What nbval takes for a kernel: it answers each cell with the outputs that an execution recorded."""

    def __init__(self, recorded: str) -> None:
        cells = nbformat.reads(recorded, as_version=4).cells
        own = (cell for cell in cells if notebooks.INJECTED not in notebooks.tags(cell))  # that names its own scenario
        self._cells = deque(cell for cell in own if cell.cell_type == "code")
        self._messages: deque[dict[str, Any]] = deque()
        self._asked = 0

    def execute_cell_input(self, source: str, allow_stdin: bool | None = None) -> str:
        """Take the next cell, which must be the recorded one."""
        cell = self._cells.popleft()
        if cell.source != source:
            raise RuntimeError("the recorded execution is of another notebook")
        self._asked += 1
        asked = f"replay-{self._asked}"
        self._messages.clear()
        for output in cell.outputs:
            content = {key: value for key, value in output.items() if key != "output_type"}
            self._messages.append(_message(asked, output.output_type, content))
        self._messages.append(_message(asked, "status", {"execution_state": "idle"}))
        return asked

    def get_message(self, stream: str, timeout: float | None = None) -> dict[str, Any]:
        return self._messages.popleft()

    def await_reply(self, msg_id: str, timeout: float | None = None) -> None:
        pass

    def await_idle(self, parent_id: str, timeout: float | None = None) -> None:
        pass

    def is_alive(self) -> bool:
        return True

    def interrupt(self) -> None:
        pass

    def stop(self) -> None:
        pass


def _message(asked: str, kind: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"msg_type": kind, "parent_header": {"msg_id": asked}, "content": content}


class StoredNotebook(IPyNbFile):
    """A committed notebook; how it was compared stands in `how`: what was done, executions that agree, seconds."""

    how: tuple[str, int, float] = (BY_NBVAL, 0, 0.0)

    def setup(self) -> None:
        stored = outputs_of(self.path, self.config.getoption("edition"))
        if stored is None:
            super().setup()
            return
        self.how = stored[1]
        self.kernel = Replay(stored[0])
        self.setup_sanitize_files()


@dataclass(frozen=True)
class Project:
    """What the notebooks of this session read, looked at once."""

    known: task_keys.TaskKeys
    kept: result_store.Store
    digests: dict[str, str]


@lru_cache(maxsize=1)
def project() -> Project:
    return Project(
        task_keys.of_project(),
        result_store.of_project(),
        edition_inputs.folder_digests(paths.root()),
    )


def inputs_of(path: Path) -> task_keys.TaskInputs:
    """What a committed notebook builds on outside a run: the committed ones before it."""
    before = [earlier for earlier in sorted(path.parent.glob("[0-9][0-9]_*.ipynb")) if earlier.stem < path.stem]
    handed = [_handed(earlier.read_text("utf-8")) for earlier in before]
    return task_keys.TaskInputs(own=tuple(rows for rows, _ in handed), tables=tuple(tables for _, tables in handed))


_handed = lru_cache(maxsize=32)(scheduler.published)  # each one after it is given what it published


def found(
    notebook: notebooks.Notebook, kept: result_store.Store, scenario: str = ""
) -> tuple[str, result_store.Entry] | None:
    """Key and entry of a committed notebook in a store, if there is one for all that it reads now.

    `scenario` is its own, where an edition named it.
    """
    task = Task(notebook, {"scenario": scenario} if scenario else {}, scenario=scenario)
    return project().known.find(kept, task, replace(inputs_of(notebook.path), scenario=scenario))


def proven(notebook: notebooks.Notebook) -> result_store.Entry | None:
    """Its entry in the store of the checkout, where that counts."""
    if os.environ.get("CI") or os.environ.get(TURN) == notebook.name:
        return None
    there = found(notebook, project().kept)
    return there[1] if there and there[1].times >= ENOUGH else None


def passed_on(notebook: notebooks.Notebook, source: result_store.Store, target: result_store.Store) -> None:
    """Put the entry that one store has into another."""
    there, basis = found(notebook, source), project().known.static_key(Task(notebook, {}))
    if there:
        target.put(*there)
        for names in reversed(source.names(basis)):
            target.note(basis, names)


def outputs_of(path: Path, copy: str | None) -> tuple[str, tuple[str, int, float]] | None:
    """The executed notebook to compare with, and how it was come by; None where nbval is to execute it itself.

    `copy` is that of the project in which this session runs the notebooks, if it does.
    """
    notebook = notebooks.read(path)
    entry = proven(notebook)
    if entry:
        return entry.notebook, (FROM_STORE, entry.times, 0.0)
    if copy:
        made(Path(copy))
        own = SCENARIO in (parameter.default for parameter in notebook.parameters)
        there = found(notebook, result_store.Store(Path(copy) / STORE), SCENARIO if own else "")
        if there:
            return there[1].notebook, (FOR_EDITION, there[1].times, there[1].seconds)
    return None if os.environ.get("CI") else _executed(notebook)


def _executed(notebook: notebooks.Notebook) -> tuple[str, tuple[str, int, float]] | None:
    """Execute it here, so that the execution can be kept; None where it fails, and nbval is to show the cell."""
    handed, here = inputs_of(notebook.path), project()
    started = time.monotonic()
    job = notebook_task.as_job(
        notebook, root=paths.root(), digests=here.digests, earlier=handed.text(), modules=here.known.modules(notebook),
        environment=here.known.environment, python=environment_key.python(), processor=here.kept.kind,
    )  # fmt: skip
    outcome = notebook_task.execute(job)
    if outcome.failure is not None or here.known.changed_inputs(outcome.entries, handed):
        return None
    entry = result_store.Entry(outcome.notebook, round(outcome.seconds, 1))
    key = here.known.keep(here.kept, Task(notebook, {}), outcome.entries, entry)
    kept = here.kept.get(key)
    return outcome.notebook, (EXECUTED, kept.times if kept else 1, round(time.monotonic() - started, 1))


@dataclass(frozen=True)
class Edition:
    """The run for an edition: exit status of the run, what it printed, and which estimates it was given."""

    status: int
    out: str
    error: str
    given: tuple[str, ...]


def run(root: Path, *arguments: str, seconds: float = PATIENCE_SECONDS) -> subprocess.CompletedProcess[str]:
    """`tradeexposure` on the project copy at `root`, which may take `seconds`."""
    command = [sys.executable, "-m", "tradeexposure.cli", *arguments]
    environment = {**os.environ, paths.ROOT_VARIABLE: str(root)}
    return subprocess.run(
        command, env=environment, cwd=root, capture_output=True, text=True, timeout=seconds, check=False
    )


def estimates() -> list[notebooks.Notebook]:
    """The committed notebooks that no scenario changes."""
    return [book for book in notebooks.discover() if not book.depends_on_scenario and not book.marks.compares]


def place(factory: pytest.TempPathFactory) -> Path:
    """Where the copy lies, the same for all processes of the session."""
    base = factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "edition"


def made(root: Path) -> Edition:
    """The run in the copy of the project at `root`; the first process that asks makes both, others wait for it."""
    with FileLock(f"{root}.lock"):
        if not root.is_dir():
            unfinished = root.with_name("unfinished-edition")
            _copied(unfinished)
            from_store = _given(unfinished)
            ended = run(unfinished, "run", SCENARIO, "--workers", "1")  # the tests beside it fill the other
            edition = Edition(ended.returncode, ended.stdout, ended.stderr, from_store)
            (unfinished / SAID).write_text(json.dumps(asdict(edition)), "utf-8")
            _counted(unfinished, from_store)
            unfinished.rename(root)
    kept = json.loads((root / SAID).read_text("utf-8"))
    return Edition(**{**kept, "given": tuple(kept["given"])})


def _copied(root: Path) -> None:
    """A copy of the project; its notebooks show outputs because they were run, not because they were copied."""
    for name in ("data", "lib", "notebooks", "reports/template"):
        shutil.copytree(paths.path(name), root / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copy(paths.path("requirements.lock"), root)
    for path in (root / "notebooks").glob("*.ipynb"):
        bare = json.loads(path.read_text("utf-8"))
        for cell in bare["cells"]:
            if cell["cell_type"] == "code":
                cell |= {"outputs": [], "execution_count": None}
        path.write_text(json.dumps(bare), "utf-8")


def _given(root: Path) -> tuple[str, ...]:
    """Fill the copy's store with the estimates that are proven; their names."""
    names = []
    for notebook in estimates():
        if notebook.name != ALWAYS and proven(notebook):
            passed_on(notebook, project().kept, result_store.Store(root / STORE))
            names.append(notebook.name)
    return tuple(names)


def _counted(root: Path, from_store: tuple[str, ...]) -> None:
    """Let the executions of this run count in the store of the checkout."""
    for notebook in estimates():
        if notebook.name not in from_store:
            passed_on(notebook, result_store.Store(root / STORE), project().kept)


def told(compared: dict[str, tuple[str, int, float]], turn: str) -> list[str]:
    """Lines for the end of a session: what was verified from store, what was executed, and in how many seconds."""
    lines = []
    stored = sorted(name for name, (how, _, _) in compared.items() if how == FROM_STORE)
    if stored:
        times = min(compared[name][1] for name in stored)
        lines.append(f"{FROM_STORE}: {', '.join(stored)} (each executed {times} times or more with equal outputs)")
    for name, (how, times, seconds) in sorted(compared.items(), key=lambda item: item[0] == turn):
        if how != FROM_STORE:
            in_turn = " in its turn, apart from what changed" if name == turn and times > ENOUGH else ""
            agree = f", {times} time(s) with equal outputs" if how == EXECUTED else ""
            lines.append(f"{how}{in_turn}: {name} in {seconds} s{agree}")
    return lines
