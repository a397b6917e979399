"""A process that ends at its n-th operation on a file, as by kill -9: nothing it has open is flushed or cleared up.

Python tells every such operation before it is done (``sys.addaudithook``), whichever module asks for it. A file that is
opened for writing counts twice: the process ends before, or at the next operation with half of what was written then.
An audit hook cannot be taken away again, so it is put in place in a forked child, which ends with its work.
"""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tradeexposure.core import files

DONE, CUT, FAULT = 0, 77, 78
CHANGES = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "os.utime", "os.link", "os.symlink")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class _Count:
    """Operations below a folder, one by one; the process ends at the chosen one."""

    def __init__(self, root: Path, cut: int, telling: int) -> None:
        self.root, self.cut, self.told, self.done, self.half = str(root), cut, telling, 0, ""

    def step(self, name: str, *, half: str = "") -> None:
        """Count one; end here, or, where a file is `half` written, as soon as it is."""
        if self.half:
            self.end()
        self.done += 1
        os.write(self.told, f"{self.done} {name}\n".encode())
        if self.done == self.cut and half:
            self.half = half
        elif self.done == self.cut:
            os._exit(CUT)

    def end(self) -> None:
        """End with half of a file."""
        path, self.half = self.half, ""
        if os.path.isfile(path):
            os.truncate(path, os.path.getsize(path) // 2)
        os._exit(CUT)

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event != "open" and event not in CHANGES:
            return
        path = arguments[0]
        if isinstance(path, int) or not self._ours(os.fsdecode(path)):
            return
        if event != "open":
            self.step(f"{event} {os.fsdecode(path)}")
        elif (arguments[2] or 0) & WRITING:
            self.step(f"open {os.fsdecode(path)}")
            if not os.path.isdir(path):  # a file without a name is gone with its process
                self.step(f"write {os.fsdecode(path)}", half=os.fsdecode(path))

    def _ours(self, path: str) -> bool:
        """Below the folder, or relative to an open one, as folders are emptied."""
        return path.startswith(self.root) or not os.path.isabs(path)


def forked(root: Path, work: Callable[[], object], *, cut: int = 0, at_once: bool = True) -> tuple[int, list[str]]:
    """Do `work` in a child that ends at operation `cut` below `root` (0: never).

    Returns
    -------
    tuple
        How it ended (:data:`DONE`, :data:`CUT`, or :data:`FAULT` where `work` raised), and the operations it came to.
    """
    reading, telling = os.pipe()
    child = os.fork()
    if not child:
        _ends(root, work, cut, telling, at_once=at_once)
    os.close(telling)
    with os.fdopen(reading) as stream:
        operations = stream.read().splitlines()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), operations


def _ends(root: Path, work: Callable[[], object], cut: int, telling: int, *, at_once: bool) -> None:
    """In the child: the work, and then its end without the parent's clearing up."""
    status = FAULT
    try:
        count = _Count(root, cut, telling)
        swap = files.exchange

        def exchanged(first: Path, second: Path) -> bool:
            count.step(f"exchange {second}")  # a call of the system itself, which Python does not tell
            return at_once and swap(first, second)

        files.exchange = exchanged
        sys.addaudithook(count)
        with open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
            work()
        if count.half:
            count.end()
        status = DONE
    except BaseException:  # the child's only way to say what went wrong
        traceback.print_exc()
    finally:
        os._exit(status)
