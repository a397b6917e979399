"""A grid of scenarios on a local Dask cluster of four workers, one of which is killed: benchmarks/cluster.py COUNT.

Small notebooks, as in part (f) of overhead.py: what is timed is the sweep's own. Not part of make bench: 10,000 take
half an hour on two cores.
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
from tinyproject import COMMAND

WORKERS, KILLED_AFTER = 4, 0.2  # of the editions
RATES = 100  # of a grid: duties on seed; the rest are quotas for electric cars
LOOK_SECONDS = 5
DASK = Path(sys.executable).with_name("dask")
#: A scheduler keeps what was computed last, arguments included; a worker's profiler can stop its process for good.
SETTINGS = {
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
    "DASK_DISTRIBUTED__DIAGNOSTICS__COMPUTATIONS__MAX_HISTORY": "1",
    "DASK_DISTRIBUTED__ADMIN__LOW_LEVEL_LOG_LENGTH": "10",
}


@contextmanager
def cluster(root: Path) -> Iterator[tuple[str, psutil.Process, list[subprocess.Popen[bytes]]]]:
    """Address, scheduler and workers."""
    written = root / "scheduler.json"
    environment = {**overhead.environment(root, warm=True), **SETTINGS}

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


def grid(root: Path, count: int) -> Path:
    """The file of a grid with `count` points, a multiple of :data:`RATES`."""
    over = {
        "overrides.china_seed_antidumping.rate": [place / (10 * RATES) for place in range(RATES)],
        "quantities.canada_ev_quota.annual_vehicles": [49_000 + 100 * place for place in range(count // RATES)],
    }
    lines = [f"scenario: {overhead.SCENARIO}", "over:", *(f"  {key}: {values}" for key, values in over.items())]
    path = root / "data" / "scenarios" / "grids" / "many.yml"
    path.write_text("\n".join([*lines, ""]), "utf-8")
    return path


def sweep(count: int, folder: Path) -> tuple[float, list[int]]:
    """Seconds, and the scheduler's bytes every few of them; every edition must be there."""
    project, _ = overhead.tiny(folder / "project", 0)
    path, target = grid(project.root, count), project.root / "reports" / "grids" / "many"
    with cluster(project.root) as (address, scheduler, workers):
        memory, killed, started = list[int](), False, time.monotonic()
        environment = overhead.environment(project.root, warm=True)
        command = [*COMMAND, "run", "--grid", str(path), "--pages", "--cluster", address]
        run = subprocess.Popen(command, env=environment)
        while run.poll() is None:
            memory.append(scheduler.memory_info().rss)
            time.sleep(LOOK_SECONDS)
            if not killed and published(target) > KILLED_AFTER * count:
                os.killpg(workers[0].pid, signal.SIGKILL)
                killed = True
        seconds = time.monotonic() - started
    there = published(target)
    assert run.returncode == 0 and killed and there == count, (run.returncode, killed, there)
    return seconds, memory


def published(target: Path) -> int:
    """Editions that are there."""
    return sum(1 for _ in target.glob("*/manifest.json"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, help=f"scenarios, a multiple of {RATES}")
    count = parser.parse_args().count
    with quiet.tables() as rows, tempfile.TemporaryDirectory() as temporary:
        seconds, memory = sweep(count, Path(temporary))
        early, late = memory[len(memory) // 5] / 2**20, memory[-1] / 2**20
        print(
            "| scenarios | seconds | an hour | scheduler after a fifth, MiB | at the end |\n|---:|---:|---:|---:|---:|",
            file=rows,
        )
        print(f"| {count:,} | {seconds:,.0f} | {3600 * count / seconds:,.0f} | {early:.0f} | {late:.0f} |", file=rows)


if __name__ == "__main__":
    main()
