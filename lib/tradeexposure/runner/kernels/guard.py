"""In the kernel of a task: notes what loaders give out, and lets nothing else of the project be read.

A task's key holds the modules of its import closure and the entries that loaders gave out. Whatever else it read could
change without a new key, and a result would be taken for one that it is not. So a file of the project that no loader
opened, a look at whether one exists, a module outside the closure, a variable of the environment that a cell or a
module of the project asks for, and another program fail the run, named. The rest of the system is not looked at: its
packages are in the key as a whole.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any, TextIO

from tradeexposure.core import loaded_files
from tradeexposure.runner.kernels import write_watch

VARIABLE = "TRADEEXPOSURE_READS"  # the file that says what may be read
SEEN = "seen.jsonl"  # beside it: what was
READY = "ready"
UNKEYED = "unkeyed"
#: Starts the watch before the first cell; a start-up file of IPython.
STARTUP = "from tradeexposure.runner.kernels import guard as _guard; _guard.begin(); del _guard\n"
FILES = frozenset({"open", "os.listdir", "os.scandir", "sqlite3.connect"})
LISTS = frozenset({"os.listdir", "os.scandir"})
PROGRAMS = frozenset({"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile"})
NETWORK = frozenset({"socket.connect", "socket.getaddrinfo"})
WATCHED = FILES | PROGRAMS | NETWORK
#: The import system lists its folders, whose names are in the key; what it then imports is looked at by itself.
IMPORT_SYSTEM = ("<frozen importlib", os.path.dirname(importlib.__file__))
#: Of this module, which a traceback may show; the machinery that executes a task is in every key.
OWN = frozenset(
    {__name__, *(__name__.rsplit(".", depth)[0] for depth in (1, 2)), loaded_files.__name__, write_watch.__name__}
)
CACHED = re.compile(r"__pycache__/([^./]+)\.[^/]*$")
PROJECT = __name__.partition(".")[0]
KERNEL = "warmkernel"  # the package that started the kernel
LOOK_BEFORE_WRITING = ("makedirs", "check_parent_directory", "copy", "copy2")
CALLS = 4  # from such a function to the look
#: Compiled libraries of the environment that open files without telling Python.
UNSEEN = frozenset({"lxml"})
#: Variables that have an entry of their own, or none because they say where the project is and who draws its charts.
OWN_VARIABLES = frozenset(
    {"TRADEEXPOSURE_ROOT", "TRADEEXPOSURE_HANDOVER", "TRADEEXPOSURE_VINTAGE", "TRADEEXPOSURE_DRAWN_LATER"}
)
PROJECT_VARIABLES = OWN_VARIABLES


class Unkeyed(RuntimeError):
    """A read that the key of the task does not cover."""


class Guard:
    """Watches one task in this process.

    Parameters
    ----------
    modules : sequence of str
        The import closure.
    code : sequence of str
        Folders that hold the project's packages, as its modules are found and as the project has them.
    roots : sequence of str
        Folders of which nothing may be read.
    free : sequence of str
        Folders inside them that may: the environment of Python.
    seen : TextIO
        Receives what was read, a line each.
    """

    def __init__(
        self, *, modules: Sequence[str], code: Sequence[str], roots: Sequence[str], free: Sequence[str], seen: TextIO
    ) -> None:
        self.modules = frozenset(modules)
        self.code = tuple(f"{folder}{os.sep}" for folder in code)
        self.roots = tuple(f"{folder}{os.sep}" for folder in roots)
        self.here = f"{os.getcwd()}{os.sep}"  # the notebooks' folder
        self.known = frozenset({*self.roots, *self.code, self.here})  # they are there
        self.free = tuple(f"{folder}{os.sep}" for folder in free)
        self.seen = seen
        self.noted: dict[loaded_files.Entry, str] = {}
        self.failed = False
        self.hidden: list[ModuleType] = []  # kept: to take one apart writes to all that it has

    def note(self, kind: str, name: str, digest: str) -> None:
        """Write an entry down, once for each digest."""
        if self.noted.get((kind, name)) != digest:
            self.noted[kind, name] = digest
            self.say([kind, name, digest])

    def say(self, line: Sequence[str]) -> None:
        """Write one line, at once: a kernel may be killed."""
        self.seen.write(json.dumps(line) + "\n")
        self.seen.flush()

    def refuse(self, what: str, *, always: bool = False) -> None:
        """Fail the run, also where the notebook goes on after the exception; what is read to show it raises no more."""
        if self.failed and not always:
            return
        self.failed = True
        told = f"{what}, which its key does not cover"
        self.say([UNKEYED, f"{Unkeyed.__name__}: {told}", ""])
        raise Unkeyed(told)

    def allows(self, path: Any, *, listed: bool = False) -> bool:
        """Whether the file or folder at `path` may be looked at, or `listed`, here and now."""
        if loaded_files._State.loading or isinstance(path, int):
            return True
        full = os.path.abspath(os.fsdecode(path))
        if not f"{full}{os.sep}".startswith(self.roots):
            with loaded_files.loading():
                full = os.path.realpath(full)  # a link from elsewhere leads here too
        folder = f"{full}{os.sep}"
        if not folder.startswith(self.roots) or (folder in self.known and not listed):
            return True
        return folder.startswith(self.free) or self._in_closure(full) or self._through_nothing(full)

    def _through_nothing(self, full: str) -> bool:
        """Whether a path leads through a name that nothing beside the notebooks has: the key has all that is there.

        Compiled libraries name their sources by such paths, and a traceback looks for them; Python looks for code that
        came from no file by a name such as ``<>``.
        """
        first, below, _ = full.removeprefix(self.here).partition(os.sep)
        if (
            not (full.startswith(self.here) and (below or first.startswith("<")))
            or first.startswith(".")
            or first.endswith(".ipynb")
        ):
            return False
        with loaded_files.loading():
            return not os.path.lexists(self.here + first)

    def _in_closure(self, full: str) -> bool:
        folder = next((folder for folder in self.code if full.startswith(folder)), "")
        if not folder:
            return False
        if os.sep not in full.removeprefix(folder):
            return True  # a package is there: the key has the names at the top
        inside = CACHED.sub(r"\1.py", full.removeprefix(folder).replace(os.sep, "/"))
        name = inside.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        if not inside.endswith(".py"):  # a file of a package beside its modules
            name = inside.rpartition("/")[0].replace("/", ".")
        return name in self.modules or name in OWN or name.partition(".")[0] == KERNEL

    def audit(self) -> Callable[[str, tuple[Any, ...]], None]:
        """The hook; most events are none of its own, and it must cost them nothing."""
        watched, allows, state = WATCHED, self.allows, loaded_files._State

        def hook(event: str, given: tuple[Any, ...]) -> None:
            if event not in watched or state.loading:
                return
            if event in PROGRAMS:
                self.refuse(f"it starts another program ({_shown(given)})", always=True)
            if event in NETWORK:
                self.refuse("it asks the network", always=True)
                return
            path = given[0] if given else None
            if path is None:
                path = os.getcwd()
            if not isinstance(path, str | bytes | os.PathLike) or allows(path, listed=event in LISTS):
                return
            if event == "os.listdir" and sys._getframe(1).f_code.co_filename.startswith(IMPORT_SYSTEM):
                return
            self.refuse(f"it reads {self.relative(path)}")

        return hook

    def relative(self, path: Any) -> str:
        """A path as messages name it."""
        full = os.path.abspath(os.fsdecode(path))
        root = next((root for root in self.roots if full.startswith(root)), "")
        return full.removeprefix(root).replace(os.sep, "/")

    def probing(self, probe: Callable[..., Any]) -> Callable[..., Any]:
        """A function of :mod:`os` that says whether there is a file, without raising an event."""

        @wraps(probe)
        def asked(path: Any, *arguments: Any, **words: Any) -> Any:
            there = _below(words.get("dir_fd"), path)
            if isinstance(there, str | bytes | os.PathLike) and not self.allows(there):
                if _about_to_write():
                    write_watch.refuse(write_watch.WRITES, there, None)
                self.refuse(f"it asks for {self.relative(there)}")
            return probe(path, *arguments, **words)

        return asked

    def opening(self, opened: Callable[..., int]) -> Callable[..., int]:
        """``os.open``, whose event does not say from which open folder a path is read."""

        @wraps(opened)
        def asked(path: Any, flags: int, *arguments: Any, **words: Any) -> int:
            there = _below(words.get("dir_fd"), path)
            if there is not path and flags & write_watch.TO_WRITE:
                write_watch.refuse(write_watch.WRITES, there, None)
            if there is not path and not self.allows(there):
                self.refuse(f"it reads {self.relative(there)}")
            return opened(path, flags, *arguments, **words)

        return asked

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Of the import system: a module of the project outside the closure is refused, and what would read unseen."""
        if name in UNSEEN:
            self.refuse(f"it imports {name}, which opens files that nobody sees")
        if name.partition(".")[0] == PROJECT and name not in self.modules and self._is_there(name, path):
            self.refuse(f"it imports {name}")
        return None

    def _is_there(self, name: str, path: Sequence[str] | None) -> bool:
        """``from package import attribute`` asks for a module of that name only where there is no attribute."""
        last = name.rpartition(".")[2]
        with loaded_files.loading():
            return any(Path(folder, last).is_dir() or Path(folder, f"{last}.py").is_file() for folder in path or ())

    def hide(self) -> None:
        """Forget modules of the project that were read before and are not in the closure.

        A warm kernel has them all; importing one, or finding it as an attribute, must be what it is in a cold one.
        """
        for name in [name for name in sys.modules if name.startswith(PROJECT)]:
            if name in self.modules or name.partition(".")[0] != PROJECT:
                continue
            module = sys.modules.pop(name)
            self.hidden.append(module)
            above, _, last = name.rpartition(".")
            parent = sys.modules.get(above)
            if parent is not None and parent.__dict__.get(last) is module:
                delattr(parent, last)

    def is_ours(self, code: str) -> bool:
        """Whether a function's file is one of the project, or a cell."""
        return code.startswith((*self.code, "<ipython-input")) or "ipykernel_" in code


class Environment(type(os.environ)):  # type: ignore[misc]
    """The environment, where cells and modules of the project may ask for nothing but their own variables."""

    guard: Guard | None = None

    def _asked(self, name: Any) -> None:
        if self.guard is None or name in PROJECT_VARIABLES or loaded_files._State.loading:
            return
        frame: Any = sys._getframe(2)
        while frame is not None and frame.f_code.co_filename in THROUGH:
            frame = frame.f_back
        if frame is not None and self.guard.is_ours(frame.f_code.co_filename):
            self.guard.refuse(f"it reads the environment variable {name}")

    def __getitem__(self, name: Any) -> str:
        self._asked(name)
        return str(super().__getitem__(name))

    def __contains__(self, name: object) -> bool:
        self._asked(name)
        return bool(super().__contains__(name))

    def __iter__(self) -> Any:
        self._asked(loaded_files.ALL)
        return super().__iter__()


def _about_to_write() -> bool:
    """Whether a look at a folder comes from a function that looks before it writes there."""
    frame: Any = sys._getframe(2)
    for _ in range(CALLS):
        if frame is not None and frame.f_code.co_name in LOOK_BEFORE_WRITING:
            return True
        frame = frame and frame.f_back
    return False


def _below(folder: int | None, path: Any) -> Any:
    """`path` as it is read from an open folder; a system without a list of open files cannot say which."""
    if folder is None or not isinstance(path, str | bytes | os.PathLike):
        return path
    with loaded_files.loading():
        return os.path.join(os.readlink(f"/proc/self/fd/{folder}"), os.fsdecode(path))


def _shown(given: tuple[Any, ...]) -> str:
    return " ".join(" ".join(map(str, given[0] if isinstance(given[0], list | tuple) else given[:1])).split())[:80]


def write(folder: Path, *, modules: Sequence[str], code: Sequence[str], roots: Sequence[str]) -> Path:
    """Write what a kernel may read; the file that :data:`VARIABLE` is to name."""
    path = folder / "reads.json"
    path.write_text(json.dumps({"modules": list(modules), "code": list(code), "roots": list(roots)}), "utf-8")
    return path


def begin() -> None:
    """Watch this process from now on."""
    path = Path(os.environ[VARIABLE])
    asked = json.loads(path.read_text("utf-8"))
    free = {sys.prefix, sys.base_prefix, os.path.realpath(sys.prefix), str(path.parent)}
    seen = path.with_name(SEEN).open("a", encoding="utf-8")
    guard = Guard(modules=asked["modules"], code=asked["code"], roots=asked["roots"], free=sorted(free), seen=seen)
    write_watch.begin(asked["roots"], told=lambda refused: guard.say([UNKEYED, refused, ""]))
    if loaded_files._State.given_out:
        early = f"{loaded_files._State.given_out} entries were given out before the notebook began"
        guard.say([UNKEYED, f"{Unkeyed.__name__}: {early}", ""])
    loaded_files._State.told = guard.note
    guard.hide()
    sys.meta_path.insert(0, guard)
    for name in ("stat", "lstat", "access", "readlink", "open"):
        probe = getattr(os, name)
        guarded = guard.opening(probe) if name == "open" else guard.probing(probe)
        for known in (os.supports_follow_symlinks, os.supports_dir_fd, os.supports_effective_ids, os.supports_fd):
            if probe in known:
                known.add(guarded)
        setattr(os, name, guarded)
    Environment.guard = guard
    os.environ.__class__ = Environment
    sys.addaudithook(guard.audit())
    guard.say([READY, "", ""])


def seen(folder: Path) -> tuple[bool, list[tuple[str, str, str]], list[str]]:
    """What a kernel wrote down beside the file of :func:`write`: whether it watched, entries, reads that are not keyed.

    A line that is not whole (the kernel was killed) counts as no watch.
    """
    path = folder / SEEN
    text = path.read_text("utf-8") if path.is_file() else ""
    try:
        lines = [tuple(json.loads(line)) for line in text.splitlines()]
    except ValueError:
        return False, [], []
    entries = [(kind, name, digest) for kind, name, digest in lines if kind not in (READY, UNKEYED)]
    refused = list(dict.fromkeys(name for kind, name, _ in lines if kind == UNKEYED))
    return any(kind == READY for kind, _, _ in lines), entries, refused


#: A variable is asked for by whoever called these.
THROUGH = frozenset(
    {
        os.__file__,
        "<frozen os>",
        "<frozen _collections_abc>",
        *(one.__code__.co_filename for one in (Mapping.get, begin)),
    }
)
