"""One run of the committed notebooks for all processes of a test session, in a copy of the project.

It begins with an empty store, so that each estimate is really executed: `tests/system/test_edition.py` looks at what
the run publishes, and the strict comparison of ``notebooks/`` replays its executions (:mod:`storednotebooks`). Where
``CI`` is not set it is given the estimates that were executed twice before with equal outputs.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest
import storednotebooks
from filelock import FileLock

from tradeexposure.core import paths
from tradeexposure.runner import notebooks, result_store

SCENARIOS = ("deal_2026", "status_quo_2025")
ALWAYS = "20_measure_canola_exposure"  # executed whatever the store holds: the quickest estimate
PATIENCE_SECONDS = 1200  # of whoever waits for it on a busy machine
STORE = Path(*result_store.FOLDER)
SAID = STORE.with_name("said.json")


@dataclass(frozen=True)
class Built:
    """Exit status of the run, what it printed, and which estimates it was given."""

    status: int
    out: str
    error: str
    given: tuple[str, ...]


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`tradeexposure` on the project copy at `root`."""
    command = [sys.executable, "-m", "tradeexposure.cli", *arguments]
    environment = {**os.environ, paths.ROOT_VARIABLE: str(root)}
    return subprocess.run(
        command, env=environment, cwd=root, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )


def estimates() -> list[notebooks.Notebook]:
    """The committed notebooks that no scenario changes."""
    return [notebook for notebook in notebooks.discover() if not notebook.depends_on_scenario]


def place(factory: pytest.TempPathFactory) -> Path:
    """Where the copy lies, the same for all processes of the session."""
    base = factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "edition"


def made(root: Path) -> Built:
    """The run in the copy at `root`: the first process that asks makes both, others wait for it."""
    with FileLock(f"{root}.lock"):
        if not root.is_dir():
            unfinished = root.with_name("unfinished-edition")
            _copied(unfinished)
            given = _given(unfinished)
            ended = run(unfinished, "run", *SCENARIOS, "--workers", "2")
            built = Built(ended.returncode, ended.stdout, ended.stderr, given)
            (unfinished / SAID).write_text(json.dumps(asdict(built)), "utf-8")
            _counted(unfinished, given)
            unfinished.rename(root)
    said = json.loads((root / SAID).read_text("utf-8"))
    return Built(**{**said, "given": tuple(said["given"])})


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
        if notebook.name != ALWAYS and storednotebooks.proven(notebook):
            storednotebooks.passed_on(notebook, storednotebooks.project().kept, result_store.Store(root / STORE))
            names.append(notebook.name)
    return tuple(names)


def _counted(root: Path, given: tuple[str, ...]) -> None:
    """Let the executions of this run count in the store of the checkout."""
    for notebook in estimates():
        if notebook.name not in given:
            storednotebooks.passed_on(notebook, result_store.Store(root / STORE), storednotebooks.project().kept)
