"""The strict comparison against a kept execution: it is nbval's own, and nothing that is keyed may change unnoticed."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import storednotebooks
from tinyproject import ESTIMATE, ROOT, Project

from tradeexposure.core import paths
from tradeexposure.runner import notebook_task, notebooks, reads, result_store
from tradeexposure.runner.kernels import installed
from tradeexposure.runner.plan import Task

NAME = "10_count_things"
IMPORTS = "from tradeexposure import data\nfrom tradeexposure.policy import assumptions, studies, tariff_schedule\n"
WORK = (
    'value = float(len(data.load("gsim_results"))) + tariff_schedule.get("canada_ev_surtax").rate\n'
    'value += assumptions.load()["seed_supply"].distribution.numbers()["low"]\n'
    'value += len(studies.episodes("2019"))'
)
CHANGES = 1000


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A small project whose outputs are written: every notebook was executed once."""
    made = Project(tmp_path_factory.mktemp("stored") / "made")
    made.write(NAME, ESTIMATE, imports=IMPORTS + ESTIMATE["imports"], work=WORK)
    shutil.copy(ROOT / "conftest.py", made.root)
    (made.root / "pytest.ini").write_text(storednotebooks.SETTINGS.format(support=ROOT / "tests" / "support"), "utf-8")
    ended = made.inside("outputs")
    assert ended.returncode == 0, ended.stderr
    return made


def compared(project: Project, **extra: str) -> subprocess.CompletedProcess[str]:
    """The strict comparison of one notebook, in a process of its own."""
    environment = {name: value for name, value in project.environment(**extra).items() if name != storednotebooks.TURN}
    if "CI" not in extra:
        environment.pop("CI", None)
    return subprocess.run(
        [sys.executable, "-m", "pytest", f"notebooks/{NAME}.ipynb"], env=environment, cwd=project.root,
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip


def test_a_second_execution_is_enough_and_an_edited_output_is_caught(project: Project):
    first = compared(project)
    assert first.returncode == 0, first.stdout
    assert f"executed: {NAME}" in first.stdout and "2 time(s) with equal outputs" in first.stdout
    second = compared(project)
    assert second.returncode == 0
    assert f"verified from store: {NAME}" in second.stdout
    path = project.root / "notebooks" / f"{NAME}.ipynb"
    good = path.read_text("utf-8")
    path.write_text(re.sub(r"The number is (?=[0-9])", "The number was ", good), "utf-8")
    assert path.read_text("utf-8") != good
    edited = compared(project)
    assert edited.returncode == 1
    assert f"verified from store: {NAME}" in edited.stdout, "it was compared, not executed"
    path.write_text(good, "utf-8")
    executed = compared(project, CI="true")
    assert executed.returncode == 0, executed.stdout
    assert "verified from store" not in executed.stdout, "nbval executes where CI is set"


def test_a_replay_of_another_notebook_is_refused():
    recorded = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    with pytest.raises(IndexError):
        storednotebooks.Replay(recorded).execute_cell_input("1")


@pytest.fixture
def here(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    copy = Project(tmp_path / "copy", like=project)
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(copy.root))
    return copy


def found() -> result_store.Entry | None:
    """What the store has for the notebook as the project lies there."""
    known, kept = reads.of_environment(notebook_task.ENVIRONMENT), result_store.of_project()
    path = paths.path("notebooks", f"{NAME}.ipynb")
    kept_entry = known.find(kept, Task("", notebooks.read(path), {}), storednotebooks.given(path))
    return None if kept_entry is None else kept_entry[1]


def keyed(root: Path) -> list[Path]:
    """Files of which every byte is in the key: tables with their descriptor's hash, modules, lock, the store itself."""
    known = reads.of_environment(notebook_task.ENVIRONMENT)
    notebook = notebooks.read(root / "notebooks" / f"{NAME}.ipynb")
    modules = {*known.modules(notebook), *known.tree.closure([reads.MACHINERY])}
    code = [root / "lib" / known.tree.modules[name] for name in sorted(modules)]
    store = [path for path in (root / "reports/_build/store").iterdir() if path.is_file()]
    return [*code, *store, root / "requirements.lock", *[root / "data/tables/gsim_results.csv"] * 20]


def test_another_environment_python_or_package_is_another_key(here: Project, monkeypatch: pytest.MonkeyPatch):
    assert found() is not None
    with monkeypatch.context() as patch:
        patch.setenv("OPENBLAS_VERBOSE", "2")
        assert found() is None
    with monkeypatch.context() as patch:
        patch.setattr(installed, "python", lambda: "another patch release")
        assert found() is None
    assert found() is not None


@pytest.mark.slow
def test_no_change_of_one_byte_is_a_false_hit(here: Project):
    """A byte of anything keyed: the result is not found again, or it is exactly what was kept."""
    rng = random.Random(20261127)
    good = found()
    assert good is not None
    files = keyed(here.root)
    hits = 0
    for _ in range(int(os.environ.get("TRADEEXPOSURE_BYTES", CHANGES))):
        path = rng.choice(files)
        before = path.read_bytes()
        if not before:
            continue
        place = rng.randrange(len(before))
        path.write_bytes(before[:place] + bytes([(before[place] + rng.randrange(1, 256)) % 256]) + before[place + 1 :])
        now = found()
        if "store" in path.parts:
            assert now in (None, good), path
            hits += now is not None
            shutil.rmtree(path.parent / result_store.ASIDE, ignore_errors=True)
        else:
            assert now is None, f"{path}: byte {place} changed, and the old result was taken"
        path.write_bytes(before)
    assert found() == good
