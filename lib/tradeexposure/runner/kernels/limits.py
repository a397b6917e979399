"""What a cell may take: its time, the memory of its kernel, what it prints and shows."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tradeexposure.core.errors import BadInput

#: What a cell does → letters (of its output as JSON, but for what it prints), and what is said where it takes more:
#: nobody reads as many, and no page can show them; nobody looks at a table that it hands over whole.
LETTERS = {
    "prints": (1_000_000, "it prints more than {:,} letters: print less"),
    "shows": (2_000_000, "it shows more than {:,} letters besides what it prints: show less"),
    "hands over": (100_000_000, "it hands over more than {:,} letters: hand over less"),
}
GIGABYTE = 1e9
MOST = 1e9  # seconds or gigabytes; more is no limit


@dataclass(frozen=True)
class Limits:
    """Seconds of a cell and gigabytes of a kernel; 0 for no limit."""

    seconds: int = 600
    memory: float = 4

    @classmethod
    def typed(cls, seconds: str, memory: str) -> Self:
        """From the command line's options; :class:`BadInput` if they cannot be used."""
        whole = _number("--cell-seconds", seconds, "whole seconds")
        return cls(int(whole), _number("--cell-memory", memory, "gigabytes"))

    def exceeded(self, seconds: float, process: int) -> str:
        """Why a cell that has run for `seconds` has to end, in words; empty while time and memory are within them."""
        if self.seconds and seconds > self.seconds:
            return f"not done after {self.seconds} s"
        if self.memory and resident(process) > self.memory * GIGABYTE:
            return f"it takes more than {self.memory:g} GB of memory; --cell-memory sets the limit"
        return ""


USUAL = Limits()


def _number(option: str, typed: str, unit: str) -> float:
    try:
        number = float(typed)
    except ValueError:
        number = -1.0
    if not 0 <= number <= MOST or (unit.startswith("whole") and number % 1):
        raise BadInput(option, found=typed or "nothing", allowed=f"{unit}, such as 10; 0 for no limit")
    return number


def resident(process: int) -> int:
    """Bytes of memory that a process has; 0 where the system does not say, or it has ended."""
    try:
        pages = Path(f"/proc/{process}/statm").read_text("ascii").split()[1]
    except (OSError, IndexError):
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
