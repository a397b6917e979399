"""Executed notebooks kept under the digest of all they depend on, the kind of processor included."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from tradeexposure.core import files, paths, published_rows, reading
from tradeexposure.core.errors import BadInput
from tradeexposure.data import result_words
from tradeexposure.runner.kernels import environment_key

FOLDER = ("reports", "_build", "store")
ASIDE = "aside"
MOST_BYTES = 2_000_000_000  # a thousand scenarios; what was not used for longest goes first
OLDEST_SECONDS = 90 * 24 * 3600.0  # without being used
TEMPORARY_SECONDS = 24 * 3600.0  # after which a file in the making was left by a run that was killed
ENTRY = "an entry that a run wrote"
NAMES = ".reads"  # how a file ends that says which entries executions of a task read
MARKED = re.compile(rf'"{result_words.MARK}": "([a-z0-9_]+) [0-9a-f]+"')  # in a notebook: what its rows are worded by
MOST_SETS = 20  # of them that are kept for one task


@dataclass(frozen=True)
class Entry:
    """An executed notebook as its text and how long it took (seconds).

    `times` is how many executions gave these outputs, which nbval asks for; one that gives others begins anew.
    """

    notebook: str
    seconds: float
    times: int = 1


class Store:
    """Executed notebooks by the digest of all they depend on.

    An entry is one file that appears by a rename: it is whole or it is absent, and two processes that write the same
    entry write the same thing. One whose content is not what was put in is set aside, and counts as absent.

    Parameters
    ----------
    folder : Path
        Where the entries are.
    kind : str, optional
        Kind of processor that computes them; this process's unless given.
    """

    def __init__(self, folder: Path, kind: str | None = None) -> None:
        self.folder = folder
        self.kind = environment_key.processor_kind() if kind is None else kind

    def _path(self, key: str) -> Path:
        # Digits on one Python release, or on one kind of processor, need not be the digits on another.
        return (
            self.folder / f"{key}-{self.kind}-py{sys.version_info[0]}{sys.version_info[1]}.{sys.version_info[2]}.json"
        )

    def _kept(self, path: Path, key: str) -> dict[str, Any] | None:
        """What :meth:`_keep` put there under `key`, used now: others go first. What is not that is set aside."""
        if not os.path.lexists(path):
            return None
        try:
            where = path.name  # told nobody: it counts as absent
            content = reading.json_of(reading.contents(path, where=where), where=where, allowed=ENTRY)
            if content.pop("digest") != files.digest_of([key, content]):
                raise ValueError
        except (BadInput, ValueError, TypeError, KeyError, AttributeError):
            self._set_aside(path)
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return dict(content)

    def _keep(self, path: Path, key: str, content: Mapping[str, Any]) -> None:
        """Put plain Python there, with a digest over it and its key."""
        files.write(path, files.canonical({**content, "digest": files.digest_of([key, content])}))

    def names(self, basis: str) -> list[list[tuple[str, str]]]:
        """Sets of entries (kind, name) that executions of a task read, the newest first; none if it never ran."""
        kept = self._kept(self._path(basis).with_suffix(NAMES), basis) or {"names": []}
        return [[(kind, name) for kind, name in entries] for entries in kept["names"]]

    def note(self, basis: str, names: list[tuple[str, str]]) -> None:
        """Keep which entries an execution of a task read, before those of earlier ones."""
        wanted = sorted(set(names))
        before = self.names(basis)
        sets = [wanted, *(entries for entries in before if entries != wanted)][:MOST_SETS]
        if sets != before:
            self._keep(self._path(basis).with_suffix(NAMES), basis, {"names": sets})

    def get(self, key: str) -> Entry | None:
        """The entry kept under `key`, or None; one that is not what was kept is set aside and counts as absent."""
        kept = self._kept(self._path(key), key)
        return None if kept is None else reworded(Entry(**kept))

    def put(self, key: str, entry: Entry) -> Entry:
        """Keep what an execution gave under `key`; the entry as it is kept, with how many executions gave it."""
        path = self._path(key)
        before = self.get(key)
        if before is not None and before.notebook == entry.notebook:
            entry = replace(entry, times=before.times + 1)
        if path.is_dir():
            self._set_aside(path)
        self._keep(path, key, asdict(entry))
        return entry

    def _set_aside(self, path: Path) -> None:
        """Move what is no entry out of the way, where somebody can look at it."""
        aside = self.folder / ASIDE
        with contextlib.suppress(OSError):
            aside.mkdir(exist_ok=True)
            _remove(aside / path.name)
            os.replace(path, aside / path.name)
            return
        _remove(path)

    def prune(self) -> None:
        """Delete what was not used for long, and then what was not used for longest until the rest is small enough."""
        now = time.time()
        left = []
        for path, there in self._entries():
            age = now - there.st_mtime
            if age > (TEMPORARY_SECONDS if path.name.endswith(".tmp") else OLDEST_SECONDS):
                _remove(path)
            else:
                left.append((there.st_mtime, there.st_size, path))
        size = sum(size for _, size, _ in left)
        for _, bytes_, path in sorted(left):
            if size <= MOST_BYTES:
                return
            _remove(path)
            size -= bytes_

    def contents(self) -> list[str]:
        """What is kept, as lines: how many executed notebooks and bytes, and for which kinds of processor."""
        entries = [
            (path, there) for path, there in self._entries() if path.suffix == ".json" and path.parent == self.folder
        ]
        kinds = Counter(path.name.split("-")[1] for path, _ in entries if path.name.count("-") > 1)
        lines = [f"{paths.relative(self.folder)}: {len(entries)} executed notebooks, {_size(entries)}"]
        for kind, count in sorted(kinds.items()):
            lines.append(f"processor {kind}{' (this one)' if kind == self.kind else ''}: {count}")
        aside = [item for item in self._entries() if item[0].parent.name == ASIDE]
        if aside:
            lines.append(f"{paths.relative(self.folder / ASIDE)}: {len(aside)} damaged ones, {_size(aside)}")
        return [*lines, "tradeexposure store --empty deletes them; the next run computes them anew"]

    def emptied(self) -> list[str]:
        """Delete everything; what was there, as lines."""
        entries = list(self._entries())
        for path, _ in entries:
            _remove(path)
        _remove(self.folder / ASIDE)
        return [f"{paths.relative(self.folder)}: {len(entries)} files deleted, {_size(entries)}"]

    def _entries(self) -> list[tuple[Path, os.stat_result]]:
        entries = []
        for folder in (self.folder, self.folder / ASIDE):
            for path in sorted(folder.iterdir()) if folder.is_dir() else []:
                with contextlib.suppress(OSError):
                    if path.name != ASIDE:
                        entries.append((path, path.lstat()))
        return entries


def reworded(entry: Entry) -> Entry:
    """An entry with the words that its numbers have now, which no key holds: it was kept with those of its time."""
    mark = MARKED.search(entry.notebook)
    if mark is None or mark[0] == f'"{result_words.MARK}": "{result_words.mark(mark[1])}"':
        return entry
    from nbformat import v4

    from tradeexposure.reporting import results_book

    notebook = v4.reads(entry.notebook)
    for output in (output for cell in notebook.cells for output in cell.get("outputs", ())):
        if published_rows.MIME in output.get("data", {}):
            notes = {**output.data[published_rows.MIME]}
            output.data |= results_book.saved(notes.pop("rows"), notes)
    return replace(entry, notebook=v4.writes(notebook) + "\n")


def of_project(kind: str | None = None) -> Store:
    """The store of the project, for one kind of processor."""
    return Store(paths.path(*FOLDER), kind)


def _size(entries: list[tuple[Path, os.stat_result]]) -> str:
    return f"{sum(there.st_size for _, there in entries) / 1e6:,.1f} MB"


def _remove(path: Any) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
