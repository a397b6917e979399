"""Where a run publishes: the folder of editions or of a grid, held by one run at a time, and what is aside of it."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tradeexposure.core import files, paths
from tradeexposure.core.errors import BadInput
from tradeexposure.publishing import edition_index, manifest

RETIRED = "-retired"
ASIDE = re.compile(rf"[a-z][a-z0-9_]*-[a-z0-9_]{{8}}({RETIRED})?")
BUILD = ".tradeexposure"  # below a folder named by --out, which may have a _build of its own


def place_of(target: Path | None, scenarios: Iterable[str] = ()) -> str:
    """The pages that list what a run published of `scenarios`, as messages name them."""
    if target:
        return paths.relative(edition_index.index_path(target.resolve()))
    folders = {edition_index.folder_of(name).parent: name for name in scenarios} or {default_target(): ""}
    listed = []
    for folder in sorted(folders, key=edition_index.is_private):
        index, beside = paths.relative(edition_index.index_path(folder)), folder / edition_index.COMPARISON
        if edition_index.is_private(folder):
            shown = paths.relative(beside) if beside.is_file() else f"tradeexposure compare deal_2026 {folders[folder]}"
            index += f" (your own, in no page of the project; side by side: {shown})"
        listed.append(index)
    return "; ".join(listed)


def page_of_grid(path: Path, out: Path | None) -> str:
    """The page that compares the points of a grid, or their numbers where one alone has some, as messages name it."""
    page = grid_target(path, out) / edition_index.COMPARISON
    return paths.relative(page if page.is_file() else page.with_name(manifest.RESULTS))


def grid_target(path: Path, out: Path | None) -> Path:
    """Where a grid is published: ``reports/grids/NAME`` unless ``--out`` names another folder."""
    return (out or paths.path("reports", "grids", path.stem)).resolve()


def default_target() -> Path:
    """Where editions are published unless ``--out`` names another folder."""
    return paths.path(*edition_index.PUBLISHED).resolve()


def places(folders: Iterable[Path]) -> list[Path]:
    """Where a run into `folders` writes pages over editions: the user's own show those published beside them.

    Raises
    ------
    BadInput
        Files would be replaced that no run wrote.
    """
    into, private = list(dict.fromkeys(folders)), paths.path(*edition_index.PRIVATE).resolve()
    if default_target() in into and private not in into and edition_index.shelves(private):
        into.append(private)
    for place in into:
        refuse_foreign(place)
    return into


def build_folder(target: Path) -> Path:
    """Where editions for `target` are put together: on the same disk, and never mistaken for one."""
    return paths.path("reports", "_build") if target == default_target() else target / BUILD


@contextmanager
def locked(*places: Path) -> Iterator[None]:
    """Hold folders for this run; leftovers of a killed one are removed.

    Raises
    ------
    BadInput
        A folder cannot be written, or another run is publishing into it.
    """
    with contextlib.ExitStack() as locks:
        for place in places:
            locks.enter_context(_locked(place, build_folder(place)))
        yield


@contextmanager
def _locked(target: Path, build: Path) -> Iterator[None]:
    from filelock import FileLock, Timeout

    shown = paths.relative(target)
    try:
        for folder in (target, build, paths.path("reports", "_build")):
            folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
        lock = FileLock(build / "run.lock", timeout=0)
        lock.acquire()
    except Timeout:
        found, allowed = f"{shown}, in use by another run", "wait until it ends, or name another folder"
        raise BadInput("--out", found=found, allowed=allowed) from None
    except OSError as error:
        found, allowed = f"{shown} ({error.strerror or error})", "a folder that can be written"
        raise BadInput("--out", found=found, allowed=allowed) from None
    try:
        recover(build, target)
        for folder in (target, build, edition_index.index_path(target).parent, paths.path("reports")):
            files.remove_unfinished(folder)
        yield
    finally:
        recover(build, target)
        lock.release()


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """A folder aside on the same disk, which takes the place of `folder` at its end, whole or not at all."""
    (aside := build_folder(folder.parent) / "editions").mkdir(parents=True, exist_ok=True)
    staged = Path(tempfile.mkdtemp(prefix=f"{folder.name}-", dir=aside))
    try:
        yield staged
        staged.chmod(0o755)
        _swap(staged, folder)
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _swap(staged: Path, folder: Path) -> None:
    """Put `staged` in the place of `folder`: at once where the system can, else by two renames.

    A reader sees the old edition or the new one. Between two renames the place is empty; :func:`recover` fills it
    again if the process ends there.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    if not folder.exists():
        os.rename(staged, folder)
        return
    if files.exchange(staged, folder):
        return
    retired = staged.with_name(f"{staged.name}{RETIRED}")
    os.rename(folder, retired)
    try:
        os.rename(staged, folder)
    except OSError:
        os.rename(retired, folder)
        raise
    shutil.rmtree(retired, ignore_errors=True)


def recover(build: Path, target: Path) -> None:
    """What a killed run left aside: an edition that stepped aside goes back where its place is empty, the rest goes."""
    aside = build / "editions"
    for left in sorted(aside.iterdir()) if aside.is_dir() else []:
        if not ASIDE.fullmatch(left.name) or left.is_symlink() or not left.is_dir():
            continue  # not ours
        place = target / left.name.partition("-")[0]
        if left.name.endswith(RETIRED) and not place.exists():
            target.mkdir(parents=True, exist_ok=True)
            os.rename(left, place)
        else:
            shutil.rmtree(left, ignore_errors=True)
    with contextlib.suppress(OSError):
        aside.rmdir()


def tidy(places: Iterable[Path]) -> None:
    """Remove what a run left that was killed when all was done; another run that is under way does that itself."""
    for place in places:
        aside = build_folder(place) / "editions"  # there while an edition is put together, or left behind
        if aside.is_dir() and all(ASIDE.fullmatch(path.name) for path in aside.iterdir()):
            with contextlib.suppress(BadInput), locked(place):
                pass


def refuse_foreign(target: Path) -> None:
    """:class:`BadInput` where files would be replaced that no run wrote."""
    if target != default_target():
        edition_index.refuse_foreign(target)
