"""Unix sockets for the channels of one kernel, in a private folder of their own.

Ports are chosen by binding and letting go again, so kernels that start at once are given the same ones now and then;
names in a folder that nobody else has are not.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

PREFIX = "k-"
# Locked as long as its folder is in use; it goes with the process that holds it.
LOCK = "lock"
STEM = "s"
LONGEST = 107  # bytes of a Unix socket's path
CHANNELS = 5


@dataclass
class Sockets:
    """A folder for the sockets ``s-1`` to ``s-5`` of a kernel."""

    folder: Path
    lock: int

    @classmethod
    def made(cls, inside: Path) -> Self | None:
        """A new one; None where the path of a socket would be too long."""
        while True:
            folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=inside))
            if len(os.fsencode(folder / f"{STEM}-{CHANNELS}")) > LONGEST:
                folder.rmdir()
                return None
            lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if (folder / LOCK).exists():
                return cls(folder, lock)
            os.close(lock)  # somebody swept it before it was locked

    @property
    def address(self) -> str:
        """What Jupyter calls the ip: it adds a hyphen and the number of the channel."""
        return str(self.folder / STEM)

    def remove(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self.lock)


def sweep(inside: Path) -> None:
    """Remove the folders that killed processes have left."""
    for path in inside.glob(f"{PREFIX}*/{LOCK}"):
        with suppress(OSError):
            lock = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path.parent, ignore_errors=True)
            finally:
                os.close(lock)
