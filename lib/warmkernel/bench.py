"""Measures warm kernels beside cold ones in the environment it runs in, and prints tables: ``python bench.py``.

A kernel counts from the call that starts it to its answer to a cell that imports what was preloaded. Servers have a
folder of their own here, and the first start of one, which imports, is a row of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import nbformat
import zmq
from jupyter_client import BlockingKernelClient, KernelManager

from warmkernel import __main__ as kernelspecs
from warmkernel import client, place, provisioner

NAME = "bench"
COMMON = ("numpy", "pandas", "scipy.stats", "statsmodels.api", "matplotlib.pyplot", "sklearn.linear_model", "altair")
PATIENCE_SECONDS = 60.0
MEGABYTE = 1e6
WARM, COLD = "warm", "cold"
CONTEXT = zmq.Context()  # one for all: dozens at once run out of files


@contextmanager
def own_folder(modules: Sequence[str]) -> Iterator[Path]:
    """A folder with servers, sockets and a kernel called `bench`, which nobody else uses."""
    folder = Path(tempfile.mkdtemp(prefix="wb-", dir="/tmp"))  # names of sockets are short
    described = folder / "jupyter" / "kernels" / NAME
    described.mkdir(parents=True)
    (described / "kernel.json").write_text(json.dumps(kernelspecs.specification(modules, [], {})), "utf-8")
    os.environ |= {"JUPYTER_PATH": str(folder / "jupyter"), place.FOLDER_VARIABLE: str(folder / "servers")}
    os.environ |= {client.LINGER_VARIABLE: "0.5", "IPYTHONDIR": str(folder / "ipython")}
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"  # as papermill sets it: it tells servers apart
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def environment(way: str) -> dict[str, str]:
    """Variables for kernels that start in this way."""
    return {**os.environ, provisioner.SWITCH: "1" if way == WARM else "0"}


@contextmanager
def kernel(way: str, code: str) -> Iterator[KernelManager]:
    """A kernel that has answered to `code`, ended politely."""
    manager = KernelManager(kernel_name=NAME, context=CONTEXT)
    manager.start_kernel(env=environment(way), stderr=subprocess.DEVNULL)
    try:
        asking = manager.blocking_client()
        asking.context = CONTEXT
        asking.start_channels()
        try:
            answered(asking, code)
        finally:
            asking.stop_channels()
        if (type(manager.provisioner.process).__name__ == "Process") is not (way == WARM):
            raise RuntimeError(f"the kernel is not {way}")
        yield manager
    finally:
        manager.shutdown_kernel()


def answered(asking: BlockingKernelClient, code: str) -> None:
    """Wait for the reply to `code`; a kernel reads its channel when it is there."""
    asked = asking.execute(code)
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        reply = asking.get_shell_msg(timeout=PATIENCE_SECONDS)
        if reply["parent_header"].get("msg_id") == asked:
            if reply["content"]["status"] != "ok":
                raise RuntimeError(reply["content"]["evalue"])
            return
    raise TimeoutError("no reply")


def timed(action: Callable[[], object]) -> float:
    begun = time.perf_counter()
    action()
    return time.perf_counter() - begun


def started(way: str, code: str) -> float:
    """Seconds from the start of a kernel to its answer."""
    begun = time.perf_counter()
    with kernel(way, code):
        return time.perf_counter() - begun


def batch(number: int, at_once: int, code: str) -> tuple[float, list[str]]:
    """Seconds for `number` warm kernels from start to end, and what went wrong."""

    def one(_: int) -> str:
        try:
            started(WARM, code)
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        return ""

    begun = time.perf_counter()
    with ThreadPoolExecutor(at_once) as threads:
        wrong = [reason for reason in threads.map(one, range(number)) if reason]
    return time.perf_counter() - begun, wrong


def processor(server: int) -> float:
    """Processor seconds of this process, of a server and of the kernels that it has buried."""
    ticks = Path(f"/proc/{server}/stat").read_text("utf-8").rpartition(")")[2].split()[11:15]
    return time.process_time() + sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def many(batches: Sequence[tuple[int, int]], server: int) -> None:
    """Kernels that print 1, several at a time."""
    rows = []
    for number, at_once in batches:
        before = processor(server)
        seconds, wrong = batch(number, at_once, "print(1)")
        each = [f"{1000 * spent / number:.0f}" for spent in (seconds, processor(server) - before)]
        failed = f"{len(wrong)} {'; '.join(sorted(set(wrong)))}".strip()
        rows.append([f"{number} kernels, {at_once} at a time", f"{seconds:.2f}", *each, failed])
    table("Warm kernels from start to polite end", ["", "s", "ms a kernel", "processor ms a kernel", "failed"], rows)


def proportional(pid: int) -> float:
    """Megabytes of a process, pages that several share divided among them (PSS)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:")) / MEGABYTE


def table(heading: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    print(f"\n{heading}\n")
    for row in (columns, ["---"] + ["---:"] * (len(columns) - 1), *rows):
        print(f"| {' | '.join(row)} |")


def spread(seconds: Sequence[float]) -> list[str]:
    return [f"{statistics.median(seconds):.3f}", f"{min(seconds):.3f} to {max(seconds):.3f}"]


def compare(code: str, modules: Sequence[str], times: int) -> None:
    """One kernel, with and without imports, in both ways, taking turns."""
    rows = []
    for what, cell in (("kernel that prints 1", "print(1)"), ("kernel and imports", code)):
        took: dict[str, list[float]] = {WARM: [], COLD: []}
        for _ in range(times):
            for way, seconds in took.items():
                seconds.append(started(way, cell))
        ratio = statistics.median(took[COLD]) / statistics.median(took[WARM])
        rows += [[f"{what}, cold", *spread(took[COLD]), ""], [f"{what}, warm", *spread(took[WARM]), f"{ratio:.1f}"]]
    table(f"One kernel, {times} times each, imports {', '.join(modules)}", ["", "s", "spread", "times faster"], rows)


def papermill(folder: Path, code: str, times: int) -> None:
    """The command, and how much of it is the command's own imports."""
    if find_spec("papermill") is None:
        return
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    notebook.metadata["kernelspec"] = {"name": NAME, "display_name": NAME, "language": "python"}
    nbformat.write(notebook, folder / "in.ipynb")
    run = [sys.executable, "-m", "papermill", "--no-progress-bar", str(folder / "in.ipynb"), str(folder / "out.ipynb")]
    ways = {
        "its imports alone": ([sys.executable, "-c", "import papermill.cli, papermill.execute"], WARM),
        "command, cold kernel": (run, COLD),
        "command, warm kernel": (run, WARM),
    }
    took: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(times):
        for name, (command, way) in ways.items():
            took[name].append(
                timed(lambda c=command, w=way: subprocess.run(c, env=environment(w), check=True, capture_output=True))
            )
    own = statistics.median(took["its imports alone"])
    rows = [[name, *spread(seconds), f"{statistics.median(seconds) - own:.3f}"] for name, seconds in took.items()]
    table(f"papermill, a notebook with those imports, {times} times each", ["", "s", "spread", "s without"], rows)


def memory(code: str, number: int) -> None:
    """What `number` kernels at once take, each with the imports done."""
    rows = []
    for way in (COLD, WARM):
        with held(way, code, number) as managers:
            pids = [manager.provisioner.process.pid for manager in managers]
            each = statistics.median(proportional(pid) for pid in pids)
            server = proportional(_parent(pids[0])) if way == WARM else 0.0
        rows.append([way, f"{each:.0f}", f"{server:.0f}" if way == WARM else "", f"{number * each + server:.0f}"])
    table(f"Memory of {number} kernels with the imports done, PSS", ["", "MB a kernel", "MB server", "MB all"], rows)


@contextmanager
def held(way: str, code: str, number: int) -> Iterator[list[KernelManager]]:
    """Several kernels at the same time."""
    if number == 0:
        yield []
        return
    with kernel(way, code) as first, held(way, code, number - 1) as others:
        yield [first, *others]


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preload", nargs="+", metavar="NAME", help="modules; without it, common ones found here")
    parser.add_argument("--times", type=int, default=7, help="repetitions where a median is printed")
    parser.add_argument("--kernels", type=int, default=100, help="kernels, one at a time on each processor")
    parser.add_argument("--starts", type=int, default=1000, help="starts, 16 at a time")
    options = parser.parse_args()
    if not provisioner.FORKS:
        parser.error("kernels are forked on Linux only")
    installed = [name for name in COMMON if find_spec(name.partition(".")[0]) is not None]
    modules = options.preload or installed
    code = f"import {', '.join(modules)}" if modules else "pass"
    processors = len(os.sched_getaffinity(0))
    names = ", ".join(f"{name} {version(name)}" for name in ("warmkernel", "ipykernel", "jupyter_client"))
    print(f"Python {sys.version.split()[0]}, {names}; {processors} processors")
    print("load before: " + " ".join(f"{load:.2f}" for load in os.getloadavg()))
    with own_folder(modules) as folder:
        begun = time.perf_counter()
        with kernel(WARM, code) as first:  # holds the server while cold kernels are measured
            print(f"first warm kernel, its server's imports included: {time.perf_counter() - begun:.2f} s")
            many([(options.kernels, processors), (options.starts, 16)], _parent(first.provisioner.process.pid))
            compare(code, modules, options.times)
            papermill(folder, code, options.times)
        memory(code, 8)
    print("\nload after: " + " ".join(f"{load:.2f}" for load in os.getloadavg()))


if __name__ == "__main__":
    main()
