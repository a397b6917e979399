"""The private folder in which servers and clients meet."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import socket
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from warmkernel import sockets

FOLDER_VARIABLE = "WARMKERNEL_DIR"
ENDING = ".socket"
BACKLOG = 128
SHORTEST = "/tmp"


def folder() -> Path:
    """This user's folder for this Python environment, made if it is missing.

    Raises
    ------
    PermissionError
        Somebody else could put a server of theirs there.
    """
    base = os.environ.get(FOLDER_VARIABLE) or _default()
    inside = Path(base) / hashlib.sha256(sys.prefix.encode()).hexdigest()[:12]
    for path in (inside.parent, inside):
        with suppress(FileExistsError):
            path.mkdir(mode=0o700)
        status = os.lstat(path)
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or stat.S_IMODE(status.st_mode) & 0o077:
            raise PermissionError(errno.EPERM, "not a private folder of this user", str(path))
    return inside


def _default() -> str:
    # Not TMPDIR: names of sockets are limited to 107 bytes, and every command of this user is to find the same server.
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    return f"{runtime}/warmkernel" if runtime and os.path.isdir(runtime) else f"{SHORTEST}/warmkernel-{os.getuid()}"


@contextmanager
def locked(inside: Path) -> Iterator[None]:
    """One process at a time starts or retires servers."""
    with (inside / "lock").open("a") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def connect(inside: Path, name: str) -> socket.socket | None:
    """A connection to the server called `name`; None if there is none."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(str(inside / f"{name}{ENDING}"))
    except OSError:
        connection.close()
        return None
    return connection


def listen(inside: Path, name: str) -> socket.socket:
    """The socket of a new server; with :func:`locked` held and no such server alive."""
    path = inside / f"{name}{ENDING}"
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen(BACKLOG)
    return listener


def tidy(inside: Path) -> None:
    """Remove what killed servers and clients left; with :func:`locked` held."""
    sockets.sweep(inside)
    for path in inside.glob(f"*{ENDING}"):
        connection = connect(inside, path.name.removesuffix(ENDING))
        if connection:
            connection.close()
        else:
            remove(path)
    for log in inside.glob("*.log"):
        if not log.with_suffix(ENDING).exists():
            log.unlink(missing_ok=True)


def remove(path: Path | str) -> None:
    """Remove the socket at `path` and the log beside it."""
    for name in (Path(path), Path(path).with_suffix(".log")):
        name.unlink(missing_ok=True)
