"""What a kernel started and left behind, in a session of its own too: it ends with the kernel.

A kernel takes over the processes whose parents end, and when it ends itself the server takes over what it had. So a
child of the server that is no kernel was left by one.
"""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

SET_CHILD_SUBREAPER = 36  # of Linux's prctl


def adopt() -> None:
    """Let this process take over what its descendants leave; a fork of it has to ask for itself."""
    ctypes.CDLL(None).prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end(*, spared: Collection[int]) -> None:
    """Kill the children of this process but those in `spared`, and what comes to it by that."""
    while left := children() - set(spared):
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(pid, 0)


def children() -> set[int]:
    """Numbers of the processes that this one is the parent of."""
    return set(map(int, Path(f"/proc/self/task/{os.getpid()}/children").read_text("ascii").split()))
