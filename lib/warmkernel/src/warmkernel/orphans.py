"""What a kernel started and left behind, in a session of its own too: it ends with the kernel.

A kernel takes over the processes whose parents end, and when it ends itself the server takes over what it had. So a
child of the server that is no kernel was left by one. A cold kernel has no server: this module, run as a program that
needs nothing but the standard library, starts it and does the same.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
from collections.abc import Collection, Sequence
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


def keeper(command: Sequence[str], tells: int) -> list[str]:
    """The command that starts `command` for this process and ends with it and what it left.

    The number of its process is written to the descriptor `tells`; signals are for that process, which leads a group.
    """
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), str(tells), *command]


def keep(client: int, tells: int, command: list[str]) -> int:
    """Start `command` and end what it left when it ends, or all of it when `client` does; its exit status."""
    watcher = select.poll()
    watcher.register(os.pidfd_open(client), select.POLLIN)
    adopt()
    os.set_inheritable(tells, False)
    usual = (signal.SIGPIPE, signal.SIGXFSZ)  # which Python ignores
    kernel = os.posix_spawnp(command[0], command, os.environ, setsid=True, setsigdef=usual)
    os.write(tells, str(kernel).encode("ascii"))
    os.close(tells)
    process = os.pidfd_open(kernel)
    watcher.register(process, select.POLLIN)
    if process not in dict(watcher.poll()):
        os.kill(kernel, signal.SIGKILL)
    _, status = os.waitpid(kernel, 0)
    end(spared=())
    return os.waitstatus_to_exitcode(status)


def main() -> None:
    """Be the process above a cold kernel, and end as the kernel did."""
    client, tells, *command = sys.argv[1:]
    status = keep(int(client), int(tells), command)
    if status < 0:
        with suppress(OSError):  # nobody handles SIGKILL
            signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    os._exit(status)


if __name__ == "__main__":
    main()
