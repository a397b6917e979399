"""Where the time of one small notebook goes, stage by stage, plain tools beside ours: python benchmarks/stages.py.

Plain is the papermill and nbconvert commands with a cold kernel; ours is a worker of `tradeexposure run`. A notebook of
two cells is executed (imports, then nothing), so that what is timed is what every notebook pays.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import quiet
from overhead import ROOT, SCENARIO, TRIVIAL
from tinyproject import notebook

from tradeexposure.data import edition_inputs
from tradeexposure.runner import notebook_task

REPEAT = 5
IMPORTS = {"import of the command": ("papermill.__main__", "tradeexposure.cli")}
# Methods of nbclient's client, in the order in which they are called.
STAGES = {
    "kernel: process started": "start_new_kernel",
    "kernel: answers": "start_new_kernel_client",
    "cells: imports, and one that does nothing": "execute_cell",
    "kernel: ended": "_cleanup_kernel",
}
REST = "reading, parameters, saving, and what else the notebook's run takes"
SHOWN = ROOT / "notebooks" / "20_measure_canola_exposure.ipynb"
PAGE = f"page of {SHOWN.stem}"


@contextmanager
def timed(taken: dict[str, list[float]]) -> Iterator[None]:
    """Time every stage of the notebooks executed inside."""
    from nbclient import NotebookClient

    def around(method: Callable[..., Any], stage: str) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **options: Any) -> Any:
            started = time.monotonic()
            try:
                return method(*arguments, **options)
            finally:
                taken[stage][-1] += time.monotonic() - started

        return wrapped

    patches = [
        mock.patch.object(NotebookClient, method, around(getattr(NotebookClient, method), stage))
        for stage, method in STAGES.items()
    ]
    for patch in patches:
        patch.start()
    try:
        yield
    finally:
        mock.patch.stopall()


def executed(way: Callable[[], None], *, warm: bool) -> dict[str, float]:
    """Median seconds of each stage of `way`, which executes one notebook."""
    os.environ["WARMKERNEL_ENABLE"] = "1" if warm else "0"
    taken: dict[str, list[float]] = defaultdict(list)
    for _ in range(REPEAT + 1):
        for stage in (*STAGES, REST):
            taken[stage].append(0.0)
        started = time.monotonic()
        with timed(taken):
            way()
        taken[REST][-1] = time.monotonic() - started - sum(taken[stage][-1] for stage in STAGES)
    return {stage: statistics.median(values[1:]) for stage, values in taken.items()}


def command(*arguments: str) -> float:
    """Median seconds of a Python process."""
    taken = []
    for _ in range(REPEAT):
        started = time.monotonic()
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True, cwd=ROOT)
        taken.append(time.monotonic() - started)
    return statistics.median(taken)


def plain(path: Path, out: Path) -> dict[str, float]:
    """Stages of the plain commands."""
    import papermill

    seconds = {stage: command("-c", f"import {modules[0]}") for stage, modules in IMPORTS.items()}
    seconds |= executed(lambda: papermill.execute_notebook(str(path), str(out), progress_bar=False), warm=False)
    return seconds | {PAGE: command("-m", "nbconvert", "--to", "html", "--output", str(out), str(SHOWN))}


def ours(path: Path) -> dict[str, float]:
    """Stages of a worker; its imports are paid once for all its notebooks."""
    job = notebook_task.Job(path.stem, path.read_text("utf-8"), str(ROOT), edition_inputs.folder_digests(ROOT))
    outcomes: list[notebook_task.Outcome] = []
    seconds = {stage: command("-c", f"import {modules[1]}") for stage, modules in IMPORTS.items()}
    seconds |= executed(lambda: outcomes.append(notebook_task.execute(job)), warm=True)
    assert outcomes[-1].failure is None, outcomes[-1].failure
    return seconds | {PAGE: page()}


def page() -> float:
    """Median seconds of making a page of a committed notebook in a process that has made one."""
    import nbformat

    from tradeexposure import data
    from tradeexposure.core import results_csv
    from tradeexposure.publishing import manifest
    from tradeexposure.publishing import page as publishing_page

    stamp = manifest.read(ROOT / "reports" / "published" / SCENARIO)
    taken = []
    for _ in range(REPEAT + 1):
        started = time.monotonic()
        parsed = nbformat.read(SHOWN, as_version=4)
        numbers = results_csv.from_notebook(parsed)
        edition = {**stamp, "notebook": SHOWN.stem}
        sources = data.sources(list(stamp["vintages"]))
        publishing_page.unstamped(parsed, edition=edition, sources=sources, results=numbers)
        taken.append(time.monotonic() - started)
    return statistics.median(taken[1:])


def main() -> None:
    os.environ.update(notebook_task.ENVIRONMENT)
    with quiet.tables(), tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "10_do_nothing.ipynb"
        path.write_text(json.dumps(notebook(TRIVIAL, name=path.stem, area="do")), "utf-8")
        columns = plain(path, Path(temporary) / "out.ipynb"), ours(path)
    print("| stage | plain, s | ours, s |\n|---|---:|---:|")
    for stage in columns[0]:
        print(f"| {stage} | {columns[0][stage]:.3f} | {columns[1][stage]:.3f} |")
    print(f"| all | {sum(columns[0].values()):.3f} | {sum(columns[1].values()):.3f} |")


if __name__ == "__main__":
    main()
