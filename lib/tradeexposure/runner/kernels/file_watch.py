"""In the kernel of a task: notes which files loaders give out, and lets no other file of the project be opened.

A task's key holds the modules of its import closure and the files that loaders gave out. Whatever else it opened could
change without a new key, and a result would be taken for one that it is not: a file of the project that no loader
opened, a module outside the closure, another program and the network fail the run, named. What asks without opening
(whether a file is there, a variable of the environment) raises no event of Python and is refused from the text before a
run (:mod:`tradeexposure.runner.kernels.undeclared_reads`). The rest of the system is not looked at: its packages are in
the key as a whole.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, TextIO

from tradeexposure.core import loaded_files
from tradeexposure.runner.kernels import write_watch

LOG = "seen.jsonl"  # in the folder of the task: what was read
READY, REFUSED = "ready", "refused"
#: Starts the watch before the first cell; a start-up file of IPython.
STARTUP = "from tradeexposure.runner.kernels import file_watch as _watch; _watch.start_watch(**{}); del _watch\n"
READS = frozenset({"open", "os.listdir", "os.scandir", "sqlite3.connect"})
PROGRAMS = frozenset({"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile"})
NETWORK = frozenset({"socket.connect", "socket.getaddrinfo"})
WATCHED = READS | PROGRAMS | NETWORK
#: The import system lists its folders, whose names are in the key; what it then imports is looked at by itself.
IMPORT_SYSTEM = ("<frozen importlib", os.path.dirname(importlib.__file__))
#: Of this module, which a traceback may show; the machinery that executes a task is in every key.
OWN = frozenset(
    {__name__, *(__name__.rsplit(".", depth)[0] for depth in (1, 2)), loaded_files.__name__, write_watch.__name__}
)
CACHED = re.compile(r"__pycache__/([^./]+)\.[^/]*$")
PROJECT, KERNEL = __name__.partition(".")[0], "warmkernel"  # the package that started the kernel


class UndeclaredRead(RuntimeError):
    """A read that the key of the task does not cover."""


class _State:
    """Of this process: what of the project may be read, and what was noted; folders have a slash at their end."""

    roots: tuple[str, ...] = ()  # folders of the project
    free: tuple[str, ...] = ()  # in them: the environment of Python, the folder of the kernel
    code: tuple[str, ...] = ()  # what holds the project's packages
    modules: frozenset[str] = frozenset()  # the import closure
    log: TextIO | None = None
    noted: dict[loaded_files.Entry, str] = {}  # noqa: RUF012 - one a process
    refused = False
    hidden: list[ModuleType] = []  # noqa: RUF012 - kept: to take a module apart writes to all that it has


def start_watch(folder: str, roots: Sequence[str], code: Sequence[str], modules: Sequence[str]) -> None:
    """Watch this process from now on, by what :func:`prepare` says."""
    _State.log = (Path(folder) / LOG).open("a", encoding="utf-8")
    if loaded_files._State.given_out:
        _say(REFUSED, f"{UndeclaredRead.__name__}: {loaded_files._State.given_out} files given out before it began")
    loaded_files._State.listener = _note
    _State.modules = frozenset(modules) | OWN
    _State.roots, _State.code = _folders(roots), _folders(code)
    _State.free = _folders([sys.prefix, sys.base_prefix, folder])
    _hide(frozenset(modules))
    write_watch.begin(roots, tell=lambda message: _say(REFUSED, message))
    sys.addaudithook(_hook)
    _say(READY)


def _folders(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{os.path.realpath(name)}{os.sep}" for name in names))


def _hide(modules: frozenset[str]) -> None:
    """Forget modules of the project that were read before and are not in the closure.

    A warm kernel has them all; importing one, or finding it as an attribute, must be what it is in a cold one.
    """
    for name in [name for name in sys.modules if name.partition(".")[0] == PROJECT and name not in modules]:
        module = sys.modules.pop(name)
        _State.hidden.append(module)
        above, _, last = name.rpartition(".")
        if getattr(sys.modules.get(above), "__dict__", {}).get(last) is module:
            delattr(sys.modules[above], last)


def _note(kind: str, name: str, digest: str) -> None:
    """Write down what a loader gave out, once for each digest."""
    if _State.noted.get((kind, name)) != digest:
        _State.noted[kind, name] = digest
        _say(kind, name, digest)


def _say(kind: str, name: str = "", digest: str = "") -> None:
    """Write one line, at once: a kernel may be killed."""
    if _State.log is not None:
        _State.log.write(json.dumps([kind, name, digest]) + "\n")
        _State.log.flush()


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    """Of Python's events; most are none of its own, and it must cost them nothing."""
    if event not in WATCHED or loaded_files._State.loading:
        return
    if event in PROGRAMS:
        command = arguments[0] if isinstance(arguments[0], list | tuple) else arguments[:1]
        line = " ".join(" ".join(map(str, command)).split())[:80]
        _refuse_read(f"it starts another program ({line})", always=True)
    elif event in NETWORK:
        _refuse_read("it asks the network", always=True)
        return
    name = undeclared(os.getcwd() if not arguments or arguments[0] is None else arguments[0])
    if name and not (event == "os.listdir" and sys._getframe(1).f_code.co_filename.startswith(IMPORT_SYSTEM)):
        _refuse_read(f"it reads {name}")


def undeclared(path: Any) -> str:
    """A path as messages name it, if it is a file of the project that nobody declared; empty for any other."""
    if not isinstance(path, str | bytes | os.PathLike):
        return ""
    full = os.path.realpath(os.fsdecode(path))
    root = next((root for root in _State.roots if f"{full}{os.sep}".startswith(root)), "")
    if not root or full.startswith(_State.free):
        return ""
    folder = next((folder for folder in _State.code if full.startswith(folder)), "")
    inside = CACHED.sub(r"\1.py", full.removeprefix(folder).replace(os.sep, "/"))
    name = inside.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    if not inside.endswith(".py"):  # a file of a package beside its modules
        name = inside.rpartition("/")[0].replace("/", ".")
    in_closure = bool(folder) and (name in _State.modules or name.partition(".")[0] == KERNEL)
    if in_closure or not os.path.lexists(full):
        return ""  # of what is not there nothing is read: tracebacks look for the sources of compiled libraries
    return full.removeprefix(root).replace(os.sep, "/")


def _refuse_read(what: str, *, always: bool = False) -> None:
    """Fail the run, also where the notebook goes on after the exception; what is read to show it raises no more."""
    if _State.refused and not always:
        return
    _State.refused = True
    message = f"{what}, which its key does not cover"
    _say(REFUSED, f"{UndeclaredRead.__name__}: {message}")
    raise UndeclaredRead(message)


def prepare(private: Path, *, modules: Sequence[str], root: str) -> None:
    """Let the kernel whose folder is `private` watch from its start what it reads.

    Parameters
    ----------
    modules : sequence of str
        Its import closure.
    root : str
        Folder of the project.
    """
    from tradeexposure.core.paths import CHECKOUT

    startup = private / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    roots = dict.fromkeys([root, *([str(CHECKOUT)] if (CHECKOUT / "data" / "datapackage.json").is_file() else [])])
    code = [str(Path(__file__).resolve().parents[3]), str(Path(root) / "lib")]
    asked = {"folder": str(private.parent), "roots": list(roots), "code": code, "modules": list(modules)}
    (startup / "00-watch.py").write_text(STARTUP.format(asked), "utf-8")


def read_log(folder: Path) -> tuple[bool, list[tuple[str, str, str]], list[str]]:
    """What a kernel wrote down in the folder of its task: whether it watched, files, and what was refused.

    A line that is not whole (the kernel was killed) counts as no watch.
    """
    path = folder / LOG
    text = path.read_text("utf-8") if path.is_file() else ""
    try:
        lines = [tuple(json.loads(line)) for line in text.splitlines()]
    except ValueError:
        return False, [], []
    entries = [(kind, name, digest) for kind, name, digest in lines if kind not in (READY, REFUSED)]
    refused = list(dict.fromkeys(name for kind, name, _ in lines if kind == REFUSED))
    return any(kind == READY for kind, _, _ in lines), entries, refused
