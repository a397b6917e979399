"""A run that is ended in its first seconds, by Ctrl-C, SIGTERM or a kill, leaves no process behind."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from tinyproject import COMMAND, Project

MARK = "TINY_MARK"  # in the environment of the run's processes; the one that warm kernels are copies of has it not
GONE_SECONDS = 5
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)


def left(project: Project, mark: str) -> list[psutil.Process]:
    """Processes of a run: itself, workers, and kernels, which are known by their folder."""
    found = project.kernels()
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(MARK) == mark:
                found.append(process)
    return found


@pytest.fixture
def bare(finished: Project, tmp_path: Path) -> Iterator[Project]:
    """A copy of the small project without editions or a store."""
    project = Project(tmp_path / "copy", like=finished)
    project.uncomputed()
    yield project
    for process in left(project, str(os.getpid())):
        process.kill()


def ended(project: Project, seconds: float, number: int, *, whole_group: bool) -> tuple[str, list[str]]:
    """What a run printed that got a signal after `seconds`, as from a terminal if to its `whole_group`; what is left of
    its processes.
    """
    for name in ("store", "run.lock"):
        shutil.rmtree(project.root / "reports" / "_build" / name, ignore_errors=True)
    mark = str(os.getpid())
    running = subprocess.Popen(
        [*COMMAND, "run", "deal_2026", "--workers", "2", "--lang", "en"], cwd=project.root, text=True,
        env=project.environment(**{MARK: mark}, TINY_SLEEP="60"), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        start_new_session=True, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    time.sleep(seconds)
    (os.killpg if whole_group else os.kill)(running.pid, number)
    end = time.monotonic() + GONE_SECONDS
    while (found := left(project, mark)) and time.monotonic() < end:
        running.poll()
        time.sleep(0.05)
    names = [" ".join(process.cmdline()[-3:]) for process in found if process.is_running()]
    for process in found:
        process.kill()
    return running.communicate(timeout=60)[1], names


@pytest.mark.long
def test_it_leaves_no_process(bare: Project):
    """Ctrl-C and a kill of a later run are in `test_pipeline`."""
    told, found = ended(bare, 1.0, signal.SIGTERM, whole_group=False)
    assert not found, told
    assert "Traceback" not in told


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_a_hundred_leave_no_process(bare: Project):
    rng = random.Random(20261231)
    for _ in range(100):
        seconds, number, group = rng.uniform(0, 5), rng.choice(SIGNALS), rng.random() < 0.5
        told, found = ended(bare, seconds, number, whole_group=group)
        assert not found, f"signal {number} after {seconds:.2f} s, whole group: {group}: {found}; {told}"
