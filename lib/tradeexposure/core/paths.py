"""Where the project's folders are."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from tradeexposure.core.errors import BadInput
from tradeexposure.core.text import brief

ROOT_VARIABLE = "TRADEEXPOSURE_ROOT"
PROJECT = "a folder that holds data/, notebooks/ and reports/"
NAME_BYTES, PATH_BYTES = 255, 1024  # where the system does not say
SHOWN_LETTERS = 100  # of a path that cannot be used
ROOM_BYTES = 300  # what is added to a folder that the user names
CHECKOUT = Path(__file__).resolve().parents[3]


def root() -> Path:
    """Folder that holds ``data/``, ``notebooks/`` and ``reports/``.

    The checkout this package is installed from, or the folder named by the
    environment variable ``TRADEEXPOSURE_ROOT`` (tests point it at a copy).
    """
    named = os.environ.get(ROOT_VARIABLE)
    return _resolved(named, "" if os.path.isabs(named) else os.getcwd()) if named else CHECKOUT


@lru_cache(maxsize=8)
def _resolved(named: str, folder: str) -> Path:
    """Asked for thousands of times in a run."""
    return Path(folder, named).resolve()


@contextmanager
def variable(name: str, value: str) -> Iterator[None]:
    """Hold an environment variable for this process and those it starts."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = before


def path(*parts: str) -> Path:
    """A path below :func:`root`."""
    return root().joinpath(*parts)


def notebooks(folder: Path | None = None) -> list[Path]:
    """The files of a folder that are named as notebooks are, in their order; those of the project by default."""
    return sorted((folder or path("notebooks")).glob("[0-9][0-9]_*.ipynb"))


def relative(target: Path) -> str:
    """`target` as it is named in messages: relative to the project, with forward slashes; a link by its own name."""
    try:
        return Path(target.parent.resolve(), target.name).relative_to(root()).as_posix()
    except (
        ValueError,
        OSError,
        RuntimeError,
    ):  # elsewhere, or no place at all: a circle of links, a folder that is gone
        return target.as_posix()


def check_root() -> None:
    """:class:`BadInput` where ``TRADEEXPOSURE_ROOT`` does not lead to a folder."""
    if os.environ.get(ROOT_VARIABLE):
        there = typed_path(ROOT_VARIABLE, os.environ[ROOT_VARIABLE], allowed=PROJECT)
        if not there.is_dir():
            what = "which is no folder" if there.exists() else "which is not there"
            raise BadInput(ROOT_VARIABLE, found=f"{there}, {what}", allowed=PROJECT)


def typed_path(option: str, typed: str, *, allowed: str) -> Path:
    """A path as a user typed it.

    Raises
    ------
    BadInput
        Nothing, a name that no system takes (too long, or with a zero byte), links in a circle, or a relative one
        while the working folder is gone.
    """
    if not typed.strip():
        raise BadInput(option, found=repr(typed), allowed=allowed)
    try:
        there = Path(os.path.abspath(typed))
        too_long = len(os.fsencode(there)) > _limit("PC_PATH_MAX", PATH_BYTES) - ROOM_BYTES
        if too_long or any(len(os.fsencode(part)) > _limit("PC_NAME_MAX", NAME_BYTES) for part in there.parts):
            raise BadInput(option, found=f"{brief(typed, SHOWN_LETTERS)} (too long)", allowed=allowed)
        os.path.realpath(typed)
        os.stat(typed)
    except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
        try:
            os.getcwd()
        except OSError:
            raise BadInput(option, found=f"{typed}, below a folder that is gone", allowed=allowed) from error
    except (OSError, ValueError) as error:
        if isinstance(error, BadInput):
            raise
        why = (error.strerror if isinstance(error, OSError) else "") or str(error)
        raise BadInput(option, found=f"{brief(typed, SHOWN_LETTERS)} ({why.lower()})", allowed=allowed) from None
    return Path(typed)


def _limit(name: str, otherwise: int) -> int:
    try:
        return os.pathconf("/", name)
    except (AttributeError, OSError, ValueError):
        return otherwise
