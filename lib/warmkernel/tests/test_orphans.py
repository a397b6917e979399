"""What a kernel started and left behind ends with it, and with no other kernel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from warmkernels import eventually, manager, parent, started

#: A shell in a session of its own starts a process, tells its number and ends: the process has lost its parent.
DAEMON = """\
import subprocess
left = subprocess.run(
    ["sh", "-c", "sleep 1000 >/dev/null 2>&1 & echo $!"], start_new_session=True, capture_output=True, text=True
)
print(left.stdout)
"""


def daemon(call: Callable[[str], str]) -> psutil.Process:
    return psutil.Process(int(call(DAEMON)))


@pytest.mark.parametrize("end", ["it is shut down", "it is killed", "it ends itself"])
def test_it_ends_with_its_kernel(shared: Path, end: str):
    ending, staying = manager(shared), manager(shared)
    with started(staying) as call_staying:
        kept = daemon(call_staying)
        with started(ending) as call:
            assert parent(ending) == parent(staying)
            left = daemon(call)
            assert left.parent().pid == ending.provisioner.process.pid, "which takes over what it has left"
            if end == "it is killed":
                ending.shutdown_kernel(now=True)
            elif end == "it ends itself":
                psutil.Process(ending.provisioner.process.pid).kill()
                assert eventually(lambda: ending.provisioner.process.poll() is not None)
        assert eventually(lambda: not left.is_running())
        assert kept.is_running() and call_staying("print(1)") == "1"
    assert eventually(lambda: not kept.is_running())
