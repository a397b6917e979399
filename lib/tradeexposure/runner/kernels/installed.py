"""What a number comes from besides the project: the interpreter, the packages installed for it, and the variables that
libraries read when they are loaded."""

from __future__ import annotations

import os
import site
import sys
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from tradeexposure.core import files

#: Variables that libraries read when they are loaded: threads, kernels of linear algebra, language, Python's own.
NUMERICAL = (
    *("OMP_", "OPENBLAS_", "GOTO_", "MKL_", "BLIS_", "KMP_", "GOMP_", "VECLIB_", "NVPL_", "NUMEXPR_", "NUMBA_"),
    *("NPY_", "NUMPY_", "SCIPY_", "PANDAS_", "PATSY_", "LC_", "LANG", "PYTHON", "TZ", "GLIBC_TUNABLES"),
)
#: Of those, what changes no number: where compiled code is kept, how output is buffered.
HARMLESS = frozenset({"PYTHONSTARTUP", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONPYCACHEPREFIX"})


def numerical(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Variables of an environment (this process's) that may change a number."""
    found = os.environ if environment is None else environment
    return {name: found[name] for name in sorted(found) if name.startswith(NUMERICAL) and name not in HARMLESS}


def packages() -> list[str]:
    """What is installed beside the project: names and versions, as the folders of packages list them."""
    folders = [Path(folder) for folder in (*site.getsitepackages(), site.getusersitepackages())]
    names = {path.name for folder in folders if folder.is_dir() for path in folder.iterdir()}
    return sorted(name for name in names if name.endswith((".dist-info", ".egg-info", ".pth")))


@lru_cache(maxsize=1)
def python() -> str:
    """Digest of the interpreter, to the patch version, and of what is installed for it."""
    return files.digest_of([sys.version, sys.platform, packages()])
