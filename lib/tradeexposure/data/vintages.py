"""Which vintage of the tables is in force: the one shipped in ``data/``, or one that a refresh brought.

A vintage is a folder with ``tables/``, ``datapackage.json`` and ``corrections.yml``. The shipped one is ``data/``
itself and is never written by a refresh; later ones are whole folders in ``data/vintages``. The file ``CURRENT`` there
names the one in force and changes by a rename, so that a process sees the old vintage or the new one, never a mixture;
without it the shipped one is in force.
A command pins the vintage it began with for itself and for every kernel it starts.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tradeexposure.core import loaded_files, paths, reading
from tradeexposure.core.errors import BadInput

VARIABLE = "TRADEEXPOSURE_VINTAGE"
SHIPPED = "shipped"
VINTAGES = ("data", "vintages")
CURRENT = "CURRENT"
FORECASTS = ("data", "forecasts")
#: What a vintage has of its own; parameters, scenarios and outlines are common to all.
FILES = ("tables", "datapackage.json", "corrections.yml")
NAME = re.compile(r"\d{4}-\d{2}-\d{2}(-[0-9]+)?")
MARK = "vintage.json"
MOST_BYTES = 100  # of the file that names one


def names(root: Path | None = None) -> list[str]:
    """Vintages that can be selected, oldest first; the shipped one is always there."""
    kept = _folder(root)
    vintages = [path.name for path in kept.glob("*") if NAME.fullmatch(path.name) and (path / MARK).is_file()]
    return [SHIPPED, *sorted(vintages, key=order)]


def current(root: Path | None = None) -> str:
    """The vintage in force where nobody selected one."""
    pointer = _folder(root) / CURRENT
    if not os.path.lexists(pointer):
        return SHIPPED
    # Whoever put another vintage in force must not get the shipped figures because the note is damaged.
    allowed = f"the name of a vintage: {', '.join(names(root))}; type: tradeexposure vintages NAME"
    try:
        name = reading.text(pointer, allowed=allowed, most=MOST_BYTES).strip()
    except BadInput:
        if os.path.lexists(pointer):
            raise
        return SHIPPED  # the shipped one was put in force this moment
    if not name:
        raise BadInput(paths.relative(pointer), found="nothing", allowed=allowed)
    return name


def selected(root: Path | None = None) -> str:
    """The vintage this process uses: the pinned one, else the one in force.

    Raises
    ------
    BadInput
        No vintage of that name.
    """
    pinned = os.environ.get(VARIABLE, "")
    with loaded_files.loading():
        name = pinned or current(root)
        if name != SHIPPED and name not in names(root):
            where = "--vintage" if pinned else f"{'/'.join(VINTAGES)}/{CURRENT}"
            raise BadInput(where, found=name, allowed=", ".join(names(root)))
    loaded_files.note_loaded("vintage", loaded_files.ALL, name)
    return name


def folder(root: Path | None = None, *, name: str | None = None) -> Path:
    """Folder of a vintage, by default of the selected one."""
    wanted = selected(root) if name is None else name
    base = root or paths.root()
    return base / "data" if wanted == SHIPPED else base.joinpath(*VINTAGES, wanted)


@contextmanager
def pinned(name: str | None = None) -> Iterator[str]:
    """Hold one vintage for this process and those it starts, whatever is switched meanwhile."""
    if name is not None and name not in names():
        raise BadInput("--vintage", found=name or "nothing", allowed=", ".join(names()))
    chosen = selected() if name is None else name
    with paths.variable(VARIABLE, chosen):
        yield chosen


def new_name(day: str, root: Path | None = None) -> str:
    """A name for a vintage of `day` (``2026-11-25``) that no other has or had: its frozen forecasts stay."""
    frozen = (root or paths.root()).joinpath(*FORECASTS).glob("*.csv")
    taken = {path.name for path in _folder(root).glob("*")} | {path.stem for path in frozen}
    number = 1
    while (name := day if number == 1 else f"{day}-{number}") in taken:
        number += 1
    return name


def order(name: str) -> tuple[str, int]:
    """By which names of vintages are sorted, oldest first."""
    return ("", 0) if name == SHIPPED else (name[:10], int(name[11:] or 1))


def _folder(root: Path | None) -> Path:
    return (root or paths.root()).joinpath(*VINTAGES)
