"""How long `make test` takes in checkouts, in turn: python benchmarks/whole_tests.py CHECKOUT [...] [--rounds N].

With --same the others run only tests whose functions the first has too, by name: what became of the time of those.

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
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import tests_in_both

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


def wait_for(command: int) -> int:
    """Wait for a process, and meanwhile for those left to this one, which tests would take for alive; its status."""
    while True:
        ended, status = os.waitpid(-1, 0)
        if ended == command:
            return os.waitstatus_to_exitcode(status)


def wait_for_the_rest() -> None:
    """Wait for processes whose parent ended before them."""
    end = time.monotonic() + LINGER_SECONDS
    while time.monotonic() < end:
        try:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(0.2)
        except ChildProcessError:
            return


def functions(checkout: Path, written: Path) -> dict[str, str]:
    """Environment of a run of tests that `checkout` has too; their names are written into a file."""
    command = [".venv/bin/python", "-m", "pytest", "-m", "not slow", "--collect-only", "-q"]
    lines = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=True).stdout.splitlines()
    written.write_text("\n".join({tests_in_both.function(line) for line in lines if "::" in line}), "utf-8")
    here = str(Path(__file__).resolve().parent)
    return {"PYTEST_ADDOPTS": f"-p {tests_in_both.__name__}", "PYTHONPATH": here, tests_in_both.VARIABLE: str(written)}


def run(checkout: Path, more: Mapping[str, str]) -> Timed:
    """Time the command as it is typed, from nothing; `more` joins its environment.

    Raises
    ------
    RuntimeError
        A test failed: its time says nothing.
    """
    for name in MADE:
        shutil.rmtree(checkout / name, ignore_errors=True)
    started, before = time.monotonic(), processors()
    environment = {**os.environ, **more}
    command = ["make", "--silent", "test"]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as printed:
        process = subprocess.Popen(command, cwd=checkout, env=environment, stdout=printed, stderr=subprocess.STDOUT)
        status = wait_for(process.pid)
        seconds = time.monotonic() - started
        wait_for_the_rest()
        printed.seek(0)
        text = printed.read()
    endings = ENDED.findall(text)
    if status or not endings:
        raise RuntimeError(f"make test failed in {checkout}:\n{text[-3500:]}")
    return Timed(seconds, processors() - before, endings[-1])


def main() -> None:
    """Print Markdown rows, one as soon as its run has ended, then the shares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkouts", nargs="+", type=Path)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--same", action="store_true", help="only tests that the first checkout has, by name")
    asked = parser.parse_args()
    ctypes.CDLL(None).prctl(BECOME_SUBREAPER, 1, 0, 0, 0)
    for checkout in asked.checkouts:
        subprocess.run(["make", "--silent", "set-up"], cwd=checkout, check=True)  # not part of what is timed
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{os.cpu_count()} cores, load before {load}\n")
    print("| checkout | seconds | processor seconds | tests |\n|---|---:|---:|---|")
    runs: dict[Path, list[Timed]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        same = functions(asked.checkouts[0], Path(folder) / "names.txt") if asked.same else {}
        for _ in range(asked.rounds):
            for place, checkout in enumerate(asked.checkouts):
                timed = run(checkout, same if place else {})
                runs[checkout].append(timed)
                row = f"| {checkout.name} | {timed.seconds:.0f} | {timed.processor_seconds:.0f} | {timed.ended} |"
                print(row, flush=True)
    first, *others = asked.checkouts
    for compared in others:
        clock, processor = (
            statistics.median(getattr(timed, name) for timed in runs[compared])
            / statistics.median(getattr(timed, name) for timed in runs[first])
            for name in ("seconds", "processor_seconds")
        )
        print(f"\n{compared.name} takes {clock:.0%} of the time of {first.name}, and {processor:.0%} of its processors")


if __name__ == "__main__":
    main()
