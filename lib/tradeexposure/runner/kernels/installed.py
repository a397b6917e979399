"""What a number comes from besides the project: the interpreter, the packages installed for it, and the variables that
libraries read when they are loaded."""

from __future__ import annotations

import os
import re
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


#: Of what an installer lists: where it lay and who installed it, which differ between machines with the same packages.
NO_CODE = re.compile(r"\.\.|.*(__pycache__/|/(INSTALLER|REQUESTED|RECORD|direct_url\.json|uv_cache\.json),)")
PROJECT = re.compile(r"(__editable__\W+)?(tradeexposure|warmkernel)\b")  # its code is in a key by itself


def packages() -> list[tuple[str, str]]:
    """What is installed beside the project: name and version, and a digest of the files that it was installed as."""
    folders = [Path(folder) for folder in (*site.getsitepackages(), site.getusersitepackages())]
    found = [path for folder in folders if folder.is_dir() for path in folder.iterdir()]
    return sorted(
        (path.name, "" if PROJECT.match(path.name) else _content(path))
        for path in found
        if path.name.endswith((".dist-info", ".egg-info", ".pth"))
    )


def _content(path: Path) -> str:
    """Of a package what its ``RECORD`` says of its code; of a file of paths its text."""
    listed = path / "RECORD" if path.is_dir() else path
    if not listed.is_file():
        return ""
    lines = listed.read_text("utf-8", "replace").splitlines()
    return files.digest_of(sorted(line for line in lines if not NO_CODE.match(line)))


@lru_cache(maxsize=1)
def python() -> str:
    """Digest of the interpreter, to the patch version, and of what is installed for it."""
    return files.digest_of([sys.version, sys.platform, packages()])
