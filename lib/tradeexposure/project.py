"""Where the project's folders are."""

from __future__ import annotations

import os
from pathlib import Path

ROOT_VARIABLE = "TRADEEXPOSURE_ROOT"


def root() -> Path:
    """Folder that holds ``data/``, ``notebooks/`` and ``reports/``.

    The checkout this package is installed from, or the folder named by the
    environment variable ``TRADEEXPOSURE_ROOT`` (tests point it at a copy).
    """
    named = os.environ.get(ROOT_VARIABLE)
    return Path(named).resolve() if named else Path(__file__).resolve().parents[2]


def path(*parts: str) -> Path:
    """A path below :func:`root`."""
    return root().joinpath(*parts)


def relative(target: Path) -> str:
    """`target` as it is named in messages: relative to the project, with forward slashes."""
    try:
        return target.resolve().relative_to(root()).as_posix()
    except ValueError:
        return target.as_posix()
