"""In every kernel of the project: a notebook changes no file of the project.

Kernels that papermill, nbval or JupyterLab start load this as an extension of IPython, which their specification names;
those of a run begin it with the watch over what they read. What is refused is refused each time, before it happens.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from tradeexposure.core import loaded_files

TO_WRITE = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
WRITES, REMOVES = "writes", "removes"
#: Of each event of Python: what it does to which path, by the places of the path and of the folder it is taken from.
CHANGES: dict[str, tuple[tuple[str, int, int | None], ...]] = {
    "open": ((WRITES, 0, None),), "sqlite3.connect": ((WRITES, 0, None),), "os.truncate": ((WRITES, 0, None),),
    "os.mkdir": ((WRITES, 0, 2),), "os.symlink": ((WRITES, 1, 2),), "os.link": ((WRITES, 0, 2), (WRITES, 1, 3)),
    "os.chmod": ((WRITES, 0, 2),), "os.chown": ((WRITES, 0, 3),), "os.utime": ((WRITES, 0, 3),),
    "os.setxattr": ((WRITES, 0, None),), "os.removexattr": ((WRITES, 0, None),),
    "shutil.copyfile": ((WRITES, 1, None),), "shutil.copytree": ((WRITES, 1, None),),
    "shutil.rmtree": ((REMOVES, 0, 1),), "shutil.move": ((REMOVES, 0, None), (WRITES, 1, None)),
    "os.remove": ((REMOVES, 0, 1),), "os.rmdir": ((REMOVES, 0, 1),), "os.rename": ((REMOVES, 0, 2), (WRITES, 1, 3)),
}  # fmt: skip
CACHE = f"{os.sep}__pycache__{os.sep}"  # of compiled modules, which the import system makes and writes


class FileChange(RuntimeError):
    """A change of a file of the project."""


class _State:
    """Of this process: folders of the project, Python's environment in them, who wants to know of what was refused."""

    roots: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    listener: Callable[[str], None] | None = None


def load_ipython_extension(_: object) -> None:
    """Begin in a kernel that no run has started."""
    from tradeexposure.core import paths

    begin([str(paths.root()), str(paths.CHECKOUT)] if (paths.CHECKOUT / "data").is_dir() else [str(paths.root())])


def begin(roots: Sequence[str], tell: Callable[[str], None] | None = None) -> None:
    """Refuse changes below `roots` from now on, and tell what was refused."""
    begun, _State.listener = bool(_State.roots), tell
    _State.roots = tuple(f"{os.path.realpath(root)}{os.sep}" for root in roots)
    environment = f"{os.path.realpath(sys.prefix)}{os.sep}"
    _State.free = (environment,) if environment.startswith(_State.roots) else ()
    if not begun:
        sys.addaudithook(_watch)


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    for verb, path, folder in CHANGES.get(event, ()):
        if event == "open" and not (arguments[2] or 0) & TO_WRITE:
            return
        refuse(verb, arguments[path], None if folder is None else arguments[folder])


def refuse(verb: str, path: Any, folder: int | None) -> None:
    """:class:`FileChange` where `path`, taken from an open folder if that is named, is one of the project."""
    if path is None or str(path).startswith(":"):  # a database in memory
        return
    with loaded_files.loading():
        full = _place(path, folder, follow=verb == WRITES)
    inside = next((root for root in _State.roots if full.startswith(root) or root == f"{full}{os.sep}"), "")
    above = verb == REMOVES and any(root.startswith(f"{full}{os.sep}") for root in _State.roots)
    if not (inside or above) or CACHE in f"{full}{os.sep}" or full.startswith(_State.free):
        return
    named = full.removeprefix(inside).replace(os.sep, "/")
    message = f"it {verb} {named}; a notebook changes no file of the project"
    if _State.listener is not None:
        _State.listener(f"{FileChange.__name__}: {message}")
    raise FileChange(message)


def _place(path: Any, folder: int | None, *, follow: bool) -> str:
    """Where a path leads, through links; the last name of one that is removed is the link itself."""
    descriptors = "/proc/self/fd"
    if isinstance(path, int):
        return os.path.realpath(f"{descriptors}/{path}")
    above = os.path.realpath(f"{descriptors}/{folder}") if folder is not None and folder >= 0 else ""
    full = os.path.abspath(os.path.join(above, os.fsdecode(path)))
    if follow:
        return os.path.realpath(full)
    return os.path.join(os.path.realpath(os.path.dirname(full)), os.path.basename(full))
