"""Kernels from a server of a test's own: started, asked and looked for afterwards."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import zmq
from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpec

from warmkernel import __main__ as kernelspecs
from warmkernel import client, place, provisioner

LINGER_SECONDS = 0.3
PATIENCE_SECONDS = 60.0
CONTEXT = zmq.Context()  # one for all clients: dozens at once run out of files
STATE = "values = []\nnumber = 0\n"
CLIENT = """
import sys
from warmkernels import manager
kernel = manager(sys.argv[1])
kernel.start_kernel()
print(kernel.provisioner.process.pid, flush=True)
sys.stdin.read()
"""


# Prints whether a kernel was forked and how it is reached.
LOOK = """
import os, pathlib
from ipykernel.kernelapp import IPKernelApp
forked = b"warmkernel.server" in pathlib.Path(f"/proc/{os.getppid()}/cmdline").read_bytes()
print("warm" if forked else "cold", IPKernelApp.instance().transport)
"""


def specified(folder: Path, **environment: str) -> dict[str, Any]:
    """The specification of kernels that come from a server of `folder`, with one module of mutable state."""
    spec = kernelspecs.specification(["numpy", "keeps_state"], [str(folder / "code")], {})
    own = {"PYTHONPATH": str(folder / "code"), "JUPYTER_PREFER_ENV_PATH": "1", **environment}
    return {**spec, "env": own}


def manager(folder: Path | str, **environment: str) -> KernelManager:
    """A kernel manager whose kernel is as in :func:`specified`."""
    kernel = KernelManager(kernel_name="python3")
    kernel._kernel_spec = KernelSpec(resource_dir=str(folder), **specified(Path(folder), **environment))
    return kernel


@contextlib.contextmanager
def home_of_servers() -> Iterator[Path]:
    """A folder with code to watch, in which servers live; none is left in the end."""
    folder = Path(tempfile.mkdtemp(prefix="warm-", dir="/tmp"))  # names of sockets are short
    (folder / "code").mkdir()
    (folder / "code" / "keeps_state.py").write_text(STATE)
    yield folder
    assert eventually(lambda: not left(folder)), left(folder)
    shutil.rmtree(folder)


def live_in(folder: Path, patch: pytest.MonkeyPatch, linger: float = LINGER_SECONDS) -> Path:
    """Have servers live in a folder of one's own, and wait so long for another kernel."""
    patch.setenv(place.FOLDER_VARIABLE, str(folder / "servers"))
    patch.setenv(client.LINGER_VARIABLE, str(linger))
    patch.setenv("PYTHONHASHSEED", "0")
    patch.delenv(provisioner.SWITCH, raising=False)
    return folder


def left(folder: Path) -> list[psutil.Process]:
    """Every process started for `folder`: servers, and kernels, warm or cold."""
    wanted = f"{place.FOLDER_VARIABLE}={folder / 'servers'}".encode()
    processes = []
    for process in psutil.process_iter():
        with contextlib.suppress(OSError, psutil.Error):
            if process.pid != os.getpid() and wanted in Path(f"/proc/{process.pid}/environ").read_bytes().split(b"\0"):
                processes.append(process)
    return processes


def eventually(true: Callable[[], Any]) -> bool:
    """Whether `true` becomes so before patience ends."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


@contextlib.contextmanager
def started(kernel: KernelManager, **options: Any) -> Iterator[Callable[[str], str]]:
    """The kernel running; the function executes code and returns what it printed."""
    with running(kernel, **options), talking(kernel) as call:
        yield call


@contextlib.contextmanager
def running(kernel: KernelManager, **options: Any) -> Iterator[None]:
    """The kernel started, and shut down in the end."""
    kernel.start_kernel(**options)
    try:
        yield
    finally:
        if kernel.has_kernel:
            kernel.shutdown_kernel()


@contextlib.contextmanager
def talking(kernel: KernelManager) -> Iterator[Callable[[str], str]]:
    """A client of a kernel that runs, one at a time: clients of one manager have the same name."""
    client = kernel.blocking_client()
    client.context = CONTEXT
    client.start_channels()

    def call(code: str) -> str:
        printed: list[str] = []

        def collect(message: dict[str, Any]) -> None:
            printed.append(message["content"].get("text", "") or message["content"].get("evalue", ""))

        client.execute_interactive(code, output_hook=collect, timeout=PATIENCE_SECONDS)
        return "".join(printed).strip()

    try:
        client.wait_for_ready(timeout=PATIENCE_SECONDS)
        yield call
    finally:
        client.stop_channels()


def parent(kernel: KernelManager) -> psutil.Process:
    """The server of a warm kernel."""
    server = psutil.Process(kernel.provisioner.process.pid).parent()
    assert server is not None and "warmkernel.server" in server.cmdline()
    return server


def warm(kernel: KernelManager) -> bool:
    """Whether it was forked."""
    return type(kernel.provisioner.process).__name__ == "Process"


def client_process(home: Path, *, does: str = CLIENT) -> subprocess.Popen[str]:
    """A process that starts a kernel and keeps it."""
    path = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    command = [sys.executable, "-c", does, str(home)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=path)


def kernel_of(client: subprocess.Popen[str]) -> int:
    """Number of its kernel's process, which it tells."""
    assert client.stdout is not None
    return int(client.stdout.readline())
