"""How long `make test-fast` takes, whole and for each area: python benchmarks/fast_tests.py [AREA ...].

Beside the seconds on the clock stand the seconds of processors of all processes, which another load on the machine
moves less; the last line says which tests took over a second, which is what the marker `long` is for.
"""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TESTS = ROOT / "tests"
NO_AREAS = {"golden", "support", "system"}
WHOLE = ""
GOALS = {WHOLE: "under 60 s"}
AREA_GOAL = "under 15 s"
SECOND = re.compile(r"^ *(\d+\.\d\d)s (?:call|setup) +(\S+)", re.M)
PASSED = re.compile(r"(\d+) passed")


@dataclass(frozen=True)
class Timed:
    """One run: seconds on the clock and of processors, tests passed, and those of over a second."""

    area: str
    seconds: float
    processor_seconds: float
    passed: int
    long: dict[str, float]


def areas() -> list[str]:
    """Folders of tests that `make test-fast AREA=` takes."""
    return sorted(path.name for path in TESTS.iterdir() if path.name not in NO_AREAS and any(path.rglob("test_*.py")))


def processors() -> float:
    """Seconds of processors of all processes that ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(area: str) -> Timed:
    """Time the command as it is typed.

    Raises
    ------
    RuntimeError
        A test failed: its time says nothing.
    """
    command = ["make", "--silent", "test-fast", f"AREA={area}"]
    environment = {**os.environ, "PYTEST_ADDOPTS": "--durations=0 --durations-min=1"}
    started, before = time.monotonic(), processors()
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    taken = time.monotonic() - started, processors() - before
    passed = PASSED.search(ended.stdout)
    if ended.returncode or not passed:
        raise RuntimeError(f"make test-fast AREA={area} failed:\n{ended.stdout[-2000:]}{ended.stderr[-500:]}")
    return Timed(area, *taken, int(passed[1]), {name: float(seconds) for seconds, name in SECOND.findall(ended.stdout)})


def table(runs: Iterable[Timed]) -> Iterable[str]:
    """Markdown rows, one as soon as its run has ended, then the tests of over a second."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    yield f"{os.cpu_count()} cores, load before {load}\n"
    yield "| area | tests | seconds | processor seconds | goal |\n|---|---:|---:|---:|---|"
    long: dict[str, float] = {}
    for timed in runs:
        goal = GOALS.get(timed.area, AREA_GOAL)
        name = timed.area or "all"
        yield f"| {name} | {timed.passed:,} | {timed.seconds:.0f} | {timed.processor_seconds:.0f} | {goal} |"
        long |= timed.long
    listed = ", ".join(f"{name} {seconds:.1f}" for name, seconds in sorted(long.items(), key=lambda item: -item[1]))
    yield f"\nOver a second: {listed or 'none'}"


def main() -> None:
    subprocess.run(["make", "--silent", "set-up"], cwd=ROOT, check=True)  # not part of what is timed
    for line in table(map(run, sys.argv[1:] or [WHOLE, *areas()])):
        print(line, flush=True)


if __name__ == "__main__":
    main()
