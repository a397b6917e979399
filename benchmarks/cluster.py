"""A sweep on a local Dask cluster of four workers, one of which is killed: python benchmarks/cluster.py COUNT.

Small notebooks, as in part (f) of overhead.py: what is timed is the sweep's own. Not part of make bench: 10,000 take
hours on two cores.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import overhead
import psutil
import quiet

WORKERS, KILLED_AFTER = 4, 0.2  # of the editions
DASK = Path(sys.executable).with_name("dask")
#: Of the scheduler, which keeps what was computed last, arguments included.
FORGETFUL = {
    "DASK_DISTRIBUTED__DIAGNOSTICS__COMPUTATIONS__MAX_HISTORY": "1",
    "DASK_DISTRIBUTED__ADMIN__LOW_LEVEL_LOG_LENGTH": "10",
}


@contextmanager
def cluster(root: Path) -> Iterator[tuple[str, psutil.Process, list[subprocess.Popen[bytes]]]]:
    """Address, scheduler and workers."""
    written = root / "scheduler.json"
    environment = {**overhead.environment(root, warm=True), **FORGETFUL}

    def start(*arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([DASK, *arguments, "--no-dashboard"], env=environment, start_new_session=True)

    started = [start("scheduler", "--port", "0", "--scheduler-file", str(written))]
    try:
        while not (written.is_file() and written.read_text("utf-8")):
            time.sleep(0.1)
        address = json.loads(written.read_text("utf-8"))["address"]
        started += [start("worker", address, "--nthreads", "1", "--memory-limit", "0") for _ in range(WORKERS)]
        yield address, psutil.Process(started[0].pid), started[1:]
    finally:
        for process in reversed(started):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def sweep(count: int, folder: Path) -> tuple[float, list[int]]:
    """Seconds, and the scheduler's bytes once a second; every edition must be there."""
    made, names = overhead.tiny(folder / "project", count)
    with cluster(made.root) as (address, scheduler, workers):
        held, killed, started = list[int](), False, time.monotonic()
        environment = overhead.environment(made.root, warm=True)
        run = subprocess.Popen([*overhead.COMMAND, "run", *names, "--cluster", address], env=environment)
        while run.poll() is None:
            held.append(scheduler.memory_info().rss)
            time.sleep(1)
            if not killed and len(list(made.published.glob("case_*/manifest.json"))) > KILLED_AFTER * count:
                os.killpg(workers[0].pid, signal.SIGKILL)
                killed = True
        seconds = time.monotonic() - started
    there = len(list(made.published.glob("case_*/manifest.json")))
    assert run.returncode == 0 and killed and there == count, (run.returncode, killed, there)
    return seconds, held


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, help="scenarios")
    count = parser.parse_args().count
    with quiet.tables() as rows, tempfile.TemporaryDirectory() as temporary:
        seconds, held = sweep(count, Path(temporary))
        early, late = held[len(held) // 5] / 2**20, held[-1] / 2**20
        print(
            "| scenarios | seconds | an hour | scheduler after a fifth, MiB | at the end |\n|---:|---:|---:|---:|---:|",
            file=rows,
        )
        print(f"| {count:,} | {seconds:,.0f} | {3600 * count / seconds:,.0f} | {early:.0f} | {late:.0f} |", file=rows)


if __name__ == "__main__":
    main()
