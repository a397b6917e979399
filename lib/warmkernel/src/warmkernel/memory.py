"""How much memory is free: a process that imports for others keeps what it has imported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

SYSTEM = Path("/proc/meminfo")
GROUP = Path("/proc/self/cgroup")
GROUPS = Path("/sys/fs/cgroup")


def free() -> float:
    """Bytes that can be had without swapping, of the system and of every control group (version 2) around us."""
    return min([_system(), *_groups()])


def _system() -> float:
    try:
        lines = SYSTEM.read_text("utf-8").splitlines()
        return float(next(1024 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")))
    except (OSError, StopIteration, ValueError, IndexError):
        return float("inf")


def _groups() -> Iterator[float]:
    try:
        own = next(line[3:] for line in GROUP.read_text("utf-8").splitlines() if line.startswith("0::"))
    except (OSError, StopIteration):
        return
    inner = GROUPS / own.lstrip("/")
    for folder in (inner, *inner.parents):
        if not folder.is_relative_to(GROUPS):
            break
        try:
            most, held = ((folder / f"memory.{name}").read_text("ascii").strip() for name in ("max", "current"))
            reclaimable = dict(line.split() for line in (folder / "memory.stat").read_text("ascii").splitlines())
            yield float(int(most) - int(held) + int(reclaimable.get("inactive_file", "0")))
        except (OSError, ValueError):  # no limit, or no such file
            continue
