"""Where the project's folders are."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

ROOT_VARIABLE = "TRADEEXPOSURE_ROOT"
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


def path(*parts: str) -> Path:
    """A path below :func:`root`."""
    return root().joinpath(*parts)


def relative(target: Path) -> str:
    """`target` as it is named in messages: relative to the project, with forward slashes."""
    try:
        return target.resolve().relative_to(root()).as_posix()
    except ValueError:
        return target.as_posix()
