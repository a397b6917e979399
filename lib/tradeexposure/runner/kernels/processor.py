"""What kind of processor this process computes on, as far as digits depend on it.

Linear algebra picks its kernels by the processor's core, numpy its loops by the processor's features; estimates move by
up to a percent between kinds. Results of one kind are therefore never taken for those of another. numpy and scipy bring
a library each, which need not choose alike; both are asked, and not the operating system, because an environment
variable can overrule it.
"""

from __future__ import annotations

import ctypes
import platform
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from tradeexposure.core.files import digest_of

LIBRARIES = ("numpy", "scipy")
#: Where a wheel keeps its libraries, beside the package or inside it.
BESIDE, INSIDE = "{}.libs", ".dylibs"
ASKED = (
    "scipy_openblas_get_corename64_", "scipy_openblas_get_corename", "openblas_get_corename64_", "openblas_get_corename"
)  # fmt: skip
UNKNOWN = "unknown"
KIND_LETTERS = 12


@lru_cache(maxsize=1)
def processor_kind() -> str:
    """A short name that is the same for processors of one kind only."""
    return digest_of(described())[:KIND_LETTERS]


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
