"""A run that is ended in its first seconds by SIGTERM leaves no process behind."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time

import psutil
import pytest
from tinyproject import COMMAND, Project

MARK = "TINY_MARK"  # in the environment of the run's processes; the one that warm kernels are copies of has it not
GONE_SECONDS = 5


def left(project: Project, mark: str) -> list[psutil.Process]:
    """Processes of a run: itself, workers, and kernels, which are known by their folder."""
    processes = project.kernels()
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(MARK) == mark:
                processes.append(process)
    return processes


@pytest.mark.long
def test_it_leaves_no_process(bare: Project):
    """Ctrl-C and a kill of a later run are in `test_pipeline`."""
    mark = str(os.getpid())
    running = subprocess.Popen(
        [*COMMAND, "run", "deal_2026", "--workers", "2", "--lang", "en"], cwd=bare.root, text=True,
        env=bare.environment(**{MARK: mark}, TINY_SLEEP="60"), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    time.sleep(1)
    running.terminate()
    end = time.monotonic() + GONE_SECONDS
    while (alive := left(bare, mark)) and time.monotonic() < end:
        running.poll()
        time.sleep(0.05)
    for process in alive:
        process.kill()
    complaints = running.communicate(timeout=60)[1]
    assert not alive, complaints
    assert "Traceback" not in complaints
