"""What a kernel, warm or cold, started and left behind ends with it, and with no other kernel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from warmkernel import place, provisioner, sockets
from warmkernels import client_process, eventually, kernel_of, manager, parent, started, warm

#: A shell in a session of its own starts a process, tells its number and ends: the process has lost its parent.
DAEMON = """\
import subprocess
left = subprocess.run(
    ["sh", "-c", "sleep 1000 >/dev/null 2>&1 & echo $!"], start_new_session=True, capture_output=True, text=True
)
print(left.stdout)
"""

#: What a client does with the kernel that it keeps.
CLIENT = f"""
import sys
from warmkernels import manager, started
with started(manager(sys.argv[1])) as call:
    print(call({DAEMON!r}), flush=True)
    sys.stdin.read()
"""


def daemon(call: Callable[[str], str]) -> psutil.Process:
    return psutil.Process(int(call(DAEMON)))


@pytest.mark.parametrize("switch", ["1", "0"], ids=["warm", "cold"])
def test_it_ends_with_its_kernel(shared: Path, switch: str):
    """Which is killed, ends itself, or is shut down, and leaves those of another one alone."""
    staying = manager(shared)
    with started(staying) as call_staying:
        kept = daemon(call_staying)
        ends = ("it is killed", "it ends itself", "it is shut down")
        for end in ends if switch == "1" else ends[:1]:
            ending = manager(shared, WARMKERNEL_ENABLE=switch)
            with started(ending) as call:
                assert warm(ending) is (switch == "1")
                assert switch == "0" or parent(ending) == parent(staying)
                left = daemon(call)
                assert left.parent().pid == ending.provisioner.process.pid, "which takes over what it has left"
                if end == "it is killed":
                    ending.shutdown_kernel(now=True)
                elif end == "it ends itself":
                    psutil.Process(ending.provisioner.pid).kill()
                    assert eventually(lambda ending=ending: ending.provisioner.process.poll() is not None)
            assert eventually(lambda left=left: not left.is_running()), end
            assert kept.is_running() and call_staying("print(1)") == "1"
    assert eventually(lambda: not kept.is_running())


@pytest.mark.parametrize("switch", ["1", "0"], ids=["warm", "cold"])
def test_it_ends_with_its_kernels_client(shared: Path, switch: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(provisioner.SWITCH, switch)
    client = client_process(shared, does=CLIENT)
    left = psutil.Process(kernel_of(client))
    kernel = left.parent()
    assert (kernel.parent().pid == client.pid) is (switch == "0")
    client.kill()
    client.wait()
    assert eventually(lambda: not left.is_running() and not kernel.is_running())
    inside = place.folder()  # which the next server would sweep
    assert eventually(lambda: not sockets.sweep(inside) and not [*inside.glob(f"{sockets.PREFIX}*")])
