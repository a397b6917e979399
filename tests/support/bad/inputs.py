"""What cases of bad input are made of: a change of a small project, a command, and what its one line must name."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tradeexposure.core import files

PACKAGE = "data/datapackage.json"
CORRECTIONS = "data/corrections.yml"
PRIORS = "data/priors.yml"
SOURCES = "data/sources.yml"
STUDIES = "data/studies.yml"
BAD = "data/scenarios/bad.yml"
GRID = "data/scenarios/grids/g.yml"
FACTS = "data/parameters/zz.yml"
TABLE = "gsim_results"
TABLE_FILE = f"data/tables/{TABLE}.csv"
NOTEBOOK = "notebooks/10_count_things.ipynb"
Change = Callable[[Path], None]


@dataclass(frozen=True)
class Case:
    """One bad input.

    Attributes
    ----------
    name
        What is wrong.
    change
        Makes it so in the project folder.
    named
        Texts that the line must hold: file, key, value as typed.
    command
        What is typed.
    """

    name: str
    change: Change
    named: tuple[str, ...]
    command: tuple[str, ...] = ("run", "deal_2026")


def written(file: str, content: str | bytes) -> Change:
    """A file with this content."""

    def change(root: Path) -> None:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))

    return change


def appended(file: str, content: str) -> Change:
    """A file with more at its end."""

    def change(root: Path) -> None:
        path = root / file
        path.write_bytes(path.read_bytes() + content.encode())

    return change


def replaced(file: str, old: str, new: str) -> Change:
    """A file in which a text, once there, is another."""

    def change(root: Path) -> None:
        text = (root / file).read_text("utf-8")
        assert old in text, f"{file} lacks {old!r}"
        (root / file).write_text(text.replace(old, new, 1), "utf-8")

    return change


def edited(file: str, edit: Callable[[Any], Any]) -> Change:
    """A JSON file whose content was changed in place, or replaced by what `edit` returns."""

    def change(root: Path) -> None:
        content = json.loads((root / file).read_text("utf-8"))
        replacement = edit(content)
        (root / file).write_text(json.dumps(content if replacement is None else replacement), "utf-8")

    return change


def fifo(file: str) -> Change:
    """A named pipe in the place of a file."""

    def change(root: Path) -> None:
        removed(file)(root)
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        os.mkfifo(root / file)

    return change


def linked(file: str, target: str) -> Change:
    """A link in the place of a file."""

    def change(root: Path) -> None:
        removed(file)(root)
        (root / file).symlink_to(target)

    return change


def folder(file: str) -> Change:
    """A folder in the place of a file."""

    def change(root: Path) -> None:
        removed(file)(root)
        (root / file).mkdir(parents=True)

    return change


def removed(file: str) -> Change:
    """Without this file or folder."""

    def change(root: Path) -> None:
        path = root / file
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)

    return change


def nothing(_: Path) -> None:
    """The command alone is wrong."""


def kinds(file: str, command: tuple[str, ...] = ("run", "deal_2026")) -> list[Case]:
    """Every file that is none: each must be named, and none waited for."""
    changes: tuple[tuple[str, Change], ...] = (
        ("a named pipe", fifo(file)),
        ("a folder", folder(file)),
        ("a device without end", linked(file, "/dev/zero")),
        ("an empty device", linked(file, "/dev/null")),
        ("a circle of links", linked(file, Path(file).name)),
        ("a dangling link", linked(file, "nowhere")),
        ("not UTF-8", written(file, b"caf\xe9: \xff\xfe\n")),
        ("empty", written(file, b"")),
    )
    return [Case(f"{file} is {name}", change, (file,), command) for name, change in changes]


def snapshot(root: Path) -> dict[str, tuple[int, ...]]:
    """Every file and folder below `root`, with what changes when it is written."""
    stamps: dict[str, tuple[int, ...]] = {}
    above, waiting = f"{root}/", [""]
    while waiting:
        below = waiting.pop()
        with os.scandir(above + below) as entries:
            for entry in entries:
                name = below + entry.name
                if entry.is_dir(follow_symlinks=False):
                    stamps[name] = ()
                    waiting.append(f"{name}/")
                else:
                    stamps[name] = files.stamp_of(entry.stat(follow_symlinks=False))
    return stamps


def restore(root: Path, pristine: Path, before: dict[str, tuple[int, ...]], now: dict[str, tuple[int, ...]]) -> None:
    """Bring a project that is as `now` says back to its copy in `pristine`: what is not as in `before` is written.

    `before` is brought up to date with the stamps of what was written.
    """
    for name in [name for name in now if now[name] != before.get(name)]:
        removed(name)(root)
    for name in sorted(name for name in before if now.get(name) != before[name]):
        here, there = root / name, pristine / name
        if there.is_dir():
            here.mkdir(exist_ok=True)
        else:
            shutil.copy2(there, here, follow_symlinks=False)
            before[name] = files.stamp_of(here.lstat())
