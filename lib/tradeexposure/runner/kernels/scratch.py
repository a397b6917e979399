"""Short-lived folders for the sockets of kernels; what a killed run has left goes with the next one."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

if sys.platform != "win32":
    import fcntl

PREFIX = "te-"
# Locked as long as its folder is in use; a folder without it is somebody else's.
LOCK = "tradeexposure.lock"
# A Unix socket's path has at most 107 bytes, 103 on macOS; what is added below a temporary folder takes 40.
LONGEST_FOLDER = 60


@contextmanager
def folder() -> Iterator[str]:
    """A new private folder, removed in the end; before that, those that killed processes of this user have left."""
    parent = _parent()
    _sweep(parent)
    made, lock = _locked(parent)
    try:
        yield str(made)
    finally:
        shutil.rmtree(made, ignore_errors=True)
        os.close(lock)


def _parent() -> Path:
    """The system's temporary folder unless its name is too long for a socket."""
    default = tempfile.gettempdir()
    return Path("/tmp" if os.name == "posix" and len(default) > LONGEST_FOLDER else default)


def _locked(parent: Path) -> tuple[Path, int]:
    while True:
        made = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        lock = os.open(made / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        if sys.platform == "win32":
            return made, lock
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (made / LOCK).exists():
            return made, lock
        os.close(lock)  # somebody swept it before it was locked


def _sweep(parent: Path) -> None:
    if sys.platform == "win32":
        return
    for path in parent.glob(f"{PREFIX}*/{LOCK}"):
        with suppress(OSError):
            _remove(path)


def _remove(path: Path) -> None:
    """Remove the folder around the lock at `path` unless it is in use or another user's; ``OSError`` if it is."""
    lock = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    try:
        if os.fstat(lock).st_uid == os.getuid():
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path.parent, ignore_errors=True)
    finally:
        os.close(lock)
