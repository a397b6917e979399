"""How long `make test` takes in checkouts, in turn: python benchmarks/whole_tests.py CHECKOUT [...] [--rounds N].

Each run begins with an empty store and without mypy's cache. Beside the seconds on the clock stand the seconds of
processors of all that ran, warm kernels and browsers included, which another load on the machine moves less. The last
line is the share of the first checkout's time that each other one takes, medians of the rounds.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import re
import resource
import shutil
import statistics
import subprocess
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

MADE = ("reports/_build", ".mypy_cache", ".pytest_cache")
ENDED = re.compile(r"^=+ (.*?) in [\d.]+s.*=+$", re.M)
BECOME_SUBREAPER = 36  # of prctl(2): a process whose parent ended becomes a child of this one
LINGER_SECONDS = 90.0  # after which a server of warm kernels that nobody uses has ended


@dataclass(frozen=True)
class Timed:
    """One run: seconds on the clock and of processors, and what pytest said of it."""

    seconds: float
    processor_seconds: float
    ended: str


def processors() -> float:
    """Seconds of processors of all processes that were waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def wait_for_the_rest() -> None:
    """Wait for processes whose parent ended before them."""
    end = time.monotonic() + LINGER_SECONDS
    while time.monotonic() < end:
        try:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(0.2)
        except ChildProcessError:
            return


def run(checkout: Path) -> Timed:
    """Time the command as it is typed, from nothing.

    Raises
    ------
    RuntimeError
        A test failed: its time says nothing.
    """
    for name in MADE:
        shutil.rmtree(checkout / name, ignore_errors=True)
    started, before = time.monotonic(), processors()
    ended = subprocess.run(["make", "--silent", "test"], cwd=checkout, capture_output=True, text=True, check=False)
    seconds = time.monotonic() - started
    wait_for_the_rest()
    said = ENDED.findall(ended.stdout)
    if ended.returncode or not said:
        raise RuntimeError(f"make test failed in {checkout}:\n{ended.stdout[-3000:]}{ended.stderr[-500:]}")
    return Timed(seconds, processors() - before, said[-1])


def main() -> None:
    """Print Markdown rows, one as soon as its run has ended, then the shares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkouts", nargs="+", type=Path)
    parser.add_argument("--rounds", type=int, default=2)
    asked = parser.parse_args()
    ctypes.CDLL(None).prctl(BECOME_SUBREAPER, 1, 0, 0, 0)
    for checkout in asked.checkouts:
        subprocess.run(["make", "--silent", "set-up"], cwd=checkout, check=True)  # not part of what is timed
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{os.cpu_count()} cores, load before {load}\n")
    print("| checkout | seconds | processor seconds | tests |\n|---|---:|---:|---|")
    found: dict[Path, list[Timed]] = defaultdict(list)
    for _ in range(asked.rounds):
        for checkout in asked.checkouts:
            one = run(checkout)
            found[checkout].append(one)
            print(f"| {checkout.name} | {one.seconds:.0f} | {one.processor_seconds:.0f} | {one.ended} |", flush=True)
    first, *others = asked.checkouts
    for other in others:
        clock, processor = (
            statistics.median(getattr(one, name) for one in found[other])
            / statistics.median(getattr(one, name) for one in found[first])
            for name in ("seconds", "processor_seconds")
        )
        print(f"\n{other.name} takes {clock:.0%} of the time of {first.name}, and {processor:.0%} of its processors")


if __name__ == "__main__":
    main()
