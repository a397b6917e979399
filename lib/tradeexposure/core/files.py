"""Files: digests of what a result depends on, writes that are whole or not there, texts kept, folders that swap."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Generic, TypeVar

IGNORED = ("__pycache__", ".ipynb_checkpoints", ".mypy_cache", ".ruff_cache", ".DS_Store")
IGNORED_ENDS = (".egg-info", ".pyc", ".tmp", "~")
IN_THE_MAKING = ".tradeexposure-"  # how the name of a file begins that is not whole yet
# Codebook and Croissant are written from the tables' descriptions; no notebook reads them.
GENERATED = ("CODEBOOK.md", "croissant.json")
FOLDER_OF_PROCESS = -100  # AT_FDCWD: paths are taken as any other call takes them
LINUX_EXCHANGE, MACOS_SWAP = 2, 2  # RENAME_EXCHANGE of renameat2, RENAME_SWAP of renamex_np
#: The system, or the file system the folders are on, does not know how.
UNKNOWN = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM, errno.EXDEV)
Value = TypeVar("Value")
Found = TypeVar("Found")
TICK = 100_000_000  # nanoseconds, more than the clock of any file system needs for its next step


def digest(content: bytes | memoryview | str) -> str:
    """SHA-256 of bytes, or of a text's UTF-8 bytes, in hexadecimal."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def digest_of(value: Any) -> str:
    """SHA-256 of a value made of plain Python types, the same for equal values."""
    return digest(canonical(value))


def canonical(value: Any) -> str:
    """JSON of a value made of plain Python types, the same for equal values."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


class ByIdentity(Generic[Value, Found]):
    """What a function gives of an object, worked out once for each: of values that are kept, asked for thousands of
    times.
    """

    def __init__(self, function: Callable[[Value], Found]) -> None:
        self._function = function
        self._known: dict[int, tuple[Value, Found]] = {}

    def __call__(self, value: Value) -> Found:
        """What the function gives of `value`, which must never change."""
        known = self._known.get(id(value))
        if known is None or known[0] is not value:
            known = self._known[id(value)] = value, self._function(value)
        return known[1]


def files(folder: Path, *, without: tuple[str, ...] = ()) -> Iterator[os.DirEntry[str]]:
    """Files below `folder` in the order of their names; without caches, editors' leftovers and names in `without`."""
    for entry in _listed(folder):
        if entry.name in (*IGNORED, *GENERATED, *without) or entry.name.endswith(IGNORED_ENDS):
            continue
        there = Path(entry.path) if entry.is_symlink() else entry  # links in a circle are no file
        if there.is_dir():
            yield from files(Path(entry.path), without=without)
        elif there.is_file():
            yield entry


def inside(folder: Path, ending: str = "") -> list[Path]:
    """What lies directly in a folder under names with an ending, sorted by name; nothing where there is no folder."""
    return [Path(entry.path) for entry in _listed(folder) if entry.name.endswith(ending)]


def _listed(folder: Path) -> list[os.DirEntry[str]]:
    if not folder.is_dir():
        return []
    with os.scandir(folder) as entries:
        return sorted(entries, key=lambda entry: entry.name)


def hashes(folder: Path, *, root: Path, without: tuple[str, ...] = ()) -> dict[str, str]:
    """SHA-256 of each file below `folder`, by its path relative to `root`."""
    above = f"{root}{os.sep}"
    entries = files(folder, without=without)
    return {entry.path.removeprefix(above).replace(os.sep, "/"): digest_of_file(entry.path) for entry in entries}


def digest_of_file(path: str | Path) -> str:
    """SHA-256 of a file; one that was not written since is not read again."""
    return _digests(path, lambda: digest(Path(path).read_bytes()))


class UnlessWritten(Generic[Value]):
    """What was made of a file, kept as long as nobody writes or replaces the file."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[int, ...], Value]] = {}

    def __call__(self, path: str | Path, make: Callable[[], Value]) -> Value:
        """What `make` gave for the file at `path`, asked again only where it was written since, or is not there."""
        key = os.fspath(path)
        try:
            now = stamp_of(os.stat(key))
        except (OSError, ValueError):
            return make()  # which tells what is wrong
        known = self._known.get(key)
        if known is not None and known[0] == now:
            return known[1]
        content = make()
        if time.time_ns() - now[0] > TICK:  # else a second write could leave the same times
            self._known[key] = now, content
        return content


# Workers look at every file before every notebook.
_digests: UnlessWritten[str] = UnlessWritten()


def stamp_of(there: os.stat_result) -> tuple[int, ...]:
    """What changes when a file is written or replaced."""
    return there.st_mtime_ns, there.st_ctime_ns, there.st_size, there.st_ino


def write(path: Path, content: bytes | str) -> None:
    """Put `content` at `path` by a rename; a failure leaves the old file and no leftovers."""
    with replacing(path) as stream:
        stream.write(content.encode() if isinstance(content, str) else content)


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A stream whose content takes the place of the file at `path` at its end, as :func:`write` does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=IN_THE_MAKING, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def remove_unfinished(folder: Path) -> None:
    """Delete what a killed process left in `folder` of files it was writing."""
    for path in folder.glob(f"{IN_THE_MAKING}*.tmp"):
        path.unlink(missing_ok=True)


def write_if_changed(path: Path, content: bytes | str) -> bool:
    """Like :func:`write`, but a file that holds `content` already is not touched; True if it was written."""
    wanted = content.encode() if isinstance(content, str) else content
    if path.is_file() and path.read_bytes() == wanted:
        return False
    write(path, wanted)
    return True


def kept(path: Path, of: str) -> str | None:
    """The text that :func:`keep` put at `path` of what has the digest `of`; None where it is not there unaltered."""
    with suppress(OSError, UnicodeDecodeError):
        head, _, text = path.read_text("utf-8").partition("\n")
        if head == digest_of([of, text]):
            return text
    return None


def keep(path: Path, of: str, text: str) -> None:
    """Keep a text that follows from what has the digest `of` alone; where none can be written, it is made each time."""
    with suppress(OSError):
        write(path, f"{digest_of([of, text])}\n{text}")


def make_room(folder: Path, most: int) -> None:
    """Delete the older half of what is kept where there are more than `most`: a sweep draws thousands."""
    with suppress(OSError):
        entries = list(os.scandir(folder))
        if len(entries) > most:
            for entry in sorted(entries, key=lambda entry: entry.stat().st_mtime)[: most // 2]:
                os.unlink(entry.path)


def exchange(first: Path, second: Path) -> bool:
    """Let two folders change places at once; False where that cannot be done and nothing was changed.

    Raises
    ------
    OSError
        One of them is not there, or may not be moved.
    """
    library = ctypes.CDLL(None, use_errno=True) if os.name == "posix" else None
    paths = os.fsencode(first), os.fsencode(second)
    if library is not None and sys.platform == "linux" and hasattr(library, "renameat2"):
        failed = library.renameat2(FOLDER_OF_PROCESS, paths[0], FOLDER_OF_PROCESS, paths[1], LINUX_EXCHANGE)
    elif library is not None and sys.platform == "darwin" and hasattr(library, "renamex_np"):
        failed = library.renamex_np(*paths, MACOS_SWAP)
    else:
        return False
    if not failed:
        return True
    reason = ctypes.get_errno()
    if reason in UNKNOWN:
        return False
    raise OSError(reason, os.strerror(reason), str(first), None, str(second))
