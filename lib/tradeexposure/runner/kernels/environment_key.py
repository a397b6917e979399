"""What a number comes from besides the project: the interpreter, the packages installed for it, the variables that
libraries read when they are loaded, and the kind of processor. ``python -m`` this module says which packages are not
those of the lock.

Set-up runs it where packages may be missing: it imports none before it knows.
"""

from __future__ import annotations

import ctypes
import os
import platform
import re
import site
import sys
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from tradeexposure.core import files, paths, text
from tradeexposure.core.errors import BadInput

LOCK = "requirements.lock"
PIN = re.compile(r"^([\w.-]+)==([^\s;]+)(?: ; ([^\\\n]+?))?(?: \\)?$", re.M)  # name, version, where it is needed
#: Variables that libraries read when they are loaded: threads, kernels of linear algebra, language, Python's own.
NUMERICAL = (
    *("OMP_", "OPENBLAS_", "GOTO_", "MKL_", "BLIS_", "KMP_", "GOMP_", "VECLIB_", "NVPL_", "NUMEXPR_", "NUMBA_"),
    *("NPY_", "NUMPY_", "SCIPY_", "PANDAS_", "PATSY_", "LC_", "LANG", "PYTHON", "TZ", "GLIBC_TUNABLES"),
)
#: Of those, what changes no number: where compiled code is kept, how output is buffered.
HARMLESS = frozenset({"PYTHONSTARTUP", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONPYCACHEPREFIX"})
#: Which bring a library of linear algebra each.
LIBRARIES = ("numpy", "scipy")
#: Where a wheel keeps its libraries, beside the package or inside it.
BESIDE, INSIDE = "{}.libs", ".dylibs"
ASKED = (
    "scipy_openblas_get_corename64_", "scipy_openblas_get_corename", "openblas_get_corename64_", "openblas_get_corename"
)  # fmt: skip
UNKNOWN = "unknown"
KIND_LETTERS = 12


def numerical_variables(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Variables of an environment (this process's) that may change a number."""
    variables = os.environ if environment is None else environment
    return {name: variables[name] for name in sorted(variables) if name.startswith(NUMERICAL) and name not in HARMLESS}


#: Of what an installer lists: where it lay and who installed it, which differ between machines with the same packages.
NO_CODE = re.compile(r"\.\.|.*(__pycache__/|/(INSTALLER|REQUESTED|RECORD|direct_url\.json|uv_cache\.json),)")
PROJECT = re.compile(r"(__editable__\W+)?(tradeexposure|warmkernel)\b")  # its code is in a key by itself


def packages() -> list[tuple[str, str]]:
    """What is installed beside the project: name and version, and a digest of the files that it was installed as."""
    installed = []
    for path in _listed():
        if path.name.endswith((".dist-info", ".egg-info", ".pth")):
            record, digest = path / "RECORD" if path.is_dir() else path, ""  # what it says of its code; a file of paths
            if record.is_file() and not PROJECT.match(path.name):
                lines = record.read_text("utf-8", "replace").splitlines()
                digest = files.digest_of(sorted(line for line in lines if not NO_CODE.match(line)))
            installed.append((path.name, digest))
    return sorted(installed)


def _listed() -> Iterator[Path]:
    """All that lies in the folders of packages."""
    own = [site.getusersitepackages()] if site.ENABLE_USER_SITE else []
    folders = [Path(folder) for folder in (*site.getsitepackages(), *own)]
    return (path for folder in folders if folder.is_dir() for path in folder.iterdir())


@lru_cache(maxsize=1)
def python() -> str:
    """Digest of the interpreter, to the patch version, and of what is installed for it."""
    return files.digest_of([sys.version, sys.platform, packages()])


@lru_cache(maxsize=1)
def processor_kind() -> str:
    """A short name that is the same for processors of one kind only, as far as digits depend on it.

    Linear algebra picks its kernels by the processor's core, numpy its loops by the processor's features; estimates
    move by up to a percent between kinds. numpy and scipy bring a library each, which need not choose alike; both are
    asked, and not the operating system, because an environment variable can overrule it.
    """
    return files.digest_of(described())[:KIND_LETTERS]


def described() -> dict[str, str]:
    """The machine, the core each library chose, and the features numpy found."""
    cores = {f"{package}_core": core(package) for package in LIBRARIES}
    return {"machine": platform.machine(), **cores, "numpy_features": " ".join(features())}


def core(package: str) -> str:
    """Name of the core whose kernels a package's OpenBLAS runs; ``unknown`` for another library of linear algebra."""
    spec = find_spec(package)
    folder = Path(spec.origin).parent if spec is not None and spec.origin is not None else None
    places = (folder.parent / BESIDE.format(package), folder / INSIDE) if folder is not None else ()
    for path in sorted(path for place in places for path in place.glob("*openblas*")):
        library = ctypes.CDLL(str(path))
        for name in ASKED:
            if hasattr(library, name):
                asked = getattr(library, name)
                asked.restype = ctypes.c_char_p
                return (asked() or UNKNOWN.encode()).decode("ascii", "replace")
    return UNKNOWN


def features() -> list[str]:
    """Features of the processor that numpy uses."""
    compiled = import_module("numpy._core._multiarray_umath")
    supported: dict[str, bool] = getattr(compiled, "__cpu_features__", {})
    return sorted(name for name, there in supported.items() if there)


def differences(lock: str) -> list[str]:
    """Packages that are not here as the text of a lock pins them, each with what is here instead."""
    here: dict[str, list[str]] = {}
    for path in _listed():
        if path.name.endswith(".dist-info"):
            name, _, version = path.name.removesuffix(".dist-info").rpartition("-")
            here.setdefault(_plain(name), []).append(version)
    unlike = []
    for name, version, condition in PIN.findall(lock):
        instead = here.get(_plain(name), [])
        if version not in instead:
            if condition:  # where it is needed
                from packaging.markers import Marker

                if not Marker(condition).evaluate():
                    continue
            unlike.append(f"{name} {' and '.join(instead)} instead of {version}" if instead else f"no {name}")
    return unlike


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def summary(lock: Path) -> str:
    """Which packages are not those of the lock, in a phrase; nothing where all are, or where there is no lock."""
    return text.some(differences(lock.read_text("utf-8"))) if lock.is_file() else ""


def check() -> None:
    """Refuse to work with other packages than those of the lock: they may compute other numbers.

    Raises
    ------
    BadInput
        Which they are, and what to type.
    """
    unlike = summary(paths.path(LOCK))
    if unlike:
        raise BadInput(LOCK, found=unlike, allowed="each package as it is pinned there; type: make set-up")


if __name__ == "__main__":
    print(summary(Path(LOCK)))
