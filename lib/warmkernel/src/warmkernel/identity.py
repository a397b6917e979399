"""Which server a kernel may be forked from: one that agrees in everything a fork inherits and cannot change."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import site
import sys
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Any

# Read when the interpreter starts or a library is loaded: too late to change in a fork. HOME decides on user packages.
# A server gets these and no others: what one client says in another variable, such as a password, is not for the next.
READ_AT_START = (
    *("PYTHON*", "LD_*", "LANG", "LANGUAGE", "LC_*", "HOME", "GLIBC_TUNABLES", "MALLOC_*", "MPL*", "MATPLOTLIBRC"),
    *("OMP_*", "OPENBLAS_*", "GOTO_*", "MKL_*", "BLIS_*", "KMP_*", "GOMP_*", "NUMEXPR_*", "NUMBA_*", "NPY_*"),
    *("NUMPY_*", "SCIPY_*", "PANDAS_*", "PATSY_*", "SM_*", "PILLOW_*", "JOBLIB_*", "LOKY_*", "NVPL_*"),
    *("PYDEV*", "DEBUGPY_*", "PYZMQ_*", "TORNADO_*", "TRAITLETS_*", "MSGPACK_*", "WRAPT_*", "PYDANTIC_DISABLE_PLUGINS"),
    *("IPYTHON_SUPPRESS_CONFIG_ERRORS", "JUPYTER_PLATFORM_DIRS", "JUPYTER_ALLOW_INSECURE_WRITES", "USER"),
    *("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"),
    *("WARMKERNEL_DIR", "WARMKERNEL_LINGER_SECONDS"),
)
NAMESPACES = ("cgroup", "ipc", "mnt", "net", "pid", "user", "uts")
IGNORED = ("__pycache__", ".ipynb_checkpoints", ".mypy_cache", ".ruff_cache")
CODE = (".py", ".so", ".pyd", ".lock", ".toml", ".txt")


def server_name(
    interpreter: Sequence[str], environment: Mapping[str, str], preload: Sequence[str], watched: str
) -> str:
    """Name of the server for a kernel.

    Parameters
    ----------
    interpreter : sequence of str
        The interpreter and its options.
    environment : mapping
        Environment variables of the kernel.
    preload : sequence of str
        Modules the server imports.
    watched : str
        What :func:`contents` says of the files whose change makes a server stale.

    Returns
    -------
    str
        A digest in hexadecimal. Servers of equal names are interchangeable.
    """
    parts = [list(interpreter), sys.version, at_start(environment), list(preload), watched, _packages(), _inherited()]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:24]


def at_start(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables of `environment` that a fork cannot change any more; all that a server may be given."""
    return {name: value for name, value in environment.items() if _read_at_start(name)}


@lru_cache(maxsize=1024)
def _read_at_start(name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in READ_AT_START)


def contents(watch: Sequence[str]) -> str:
    """Digest of the names and contents of all code below `watch`."""
    total = hashlib.sha256()
    for path in _files(watch):
        try:
            total.update(f"{path}\0{_digest(path)}\0".encode())
        except OSError:  # gone in between, or a dangling link
            continue
    return total.hexdigest()


def newest(watch: Sequence[str]) -> str:
    """The file below `watch` that was written last."""
    return max(_files(watch), key=lambda path: os.stat(path).st_mtime_ns, default="")


_known: dict[str, tuple[tuple[int, ...], str]] = {}  # a client asks before every kernel


def _digest(path: str) -> str:
    there = os.stat(path)
    written = (there.st_mtime_ns, there.st_ctime_ns, there.st_size, there.st_ino)
    if _known.get(path, ((), ""))[0] != written:
        _known[path] = (written, hashlib.sha256(Path(path).read_bytes()).hexdigest())
    return _known[path][1]


def _files(watch: Sequence[str]) -> Iterator[str]:
    for path in watch:
        if os.path.isdir(path):
            yield from _below(path)
        elif os.path.isfile(path):
            yield path


def _below(folder: str) -> Iterator[str]:
    """Code below a folder; what is a file or a folder the folder itself says, but of links."""
    with os.scandir(folder) as inside:
        entries = sorted((entry for entry in inside if entry.name not in IGNORED), key=lambda entry: entry.name)
    for entry in entries:
        there = Path(entry.path) if entry.is_symlink() else entry  # links in a circle are no file
        if there.is_dir():
            yield from _below(entry.path)
        elif entry.name.endswith(CODE) and there.is_file():
            yield entry.path


def _packages() -> list[Any]:
    """Installing a package changes the time of the folder it is installed into."""
    folders = [Path(folder) for folder in (*site.getsitepackages(), site.getusersitepackages())]
    return [(str(folder), folder.stat().st_mtime_ns) for folder in folders if folder.is_dir()]


def _inherited() -> list[Any]:
    """Limits, priority, processors and namespaces of this process, which a cold kernel would inherit."""
    kinds = sorted(getattr(resource, name) for name in dir(resource) if name.startswith("RLIMIT_"))
    status = Path("/proc/self/status").read_text("utf-8").splitlines()
    return [
        [resource.getrlimit(kind) for kind in kinds],
        [line for line in status if line.startswith(("Umask", "Groups", "Cap", "Seccomp:", "NoNewPrivs"))],
        os.nice(0),
        sorted(os.sched_getaffinity(0)),
        [os.readlink(f"/proc/self/ns/{name}") for name in NAMESPACES],
        os.readlink("/proc/self/root"),
        Path("/proc/self/cgroup").read_text("utf-8"),
    ]
