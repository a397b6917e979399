"""Only the tables of a benchmark are printed: what kernels and tools say between rows goes to a file of its own."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

LAST = 4_000  # bytes of it that are shown where the benchmark fails


@contextmanager
def tables() -> Iterator[TextIO]:
    """What to print rows to; the process's own output and that of all it starts is kept back, and shown on failure."""
    sys.stdout.flush()
    own, complaints = os.dup(1), os.dup(2)
    with tempfile.TemporaryFile() as printed, os.fdopen(own, "w", buffering=1) as rows:
        for number in (1, 2):
            os.dup2(printed.fileno(), number)
        failed = True
        try:
            yield rows
            failed = False
        finally:
            sys.stdout.flush()
            for number, before in ((1, rows.fileno()), (2, complaints)):
                os.dup2(before, number)
            os.close(complaints)
            if failed:
                printed.seek(max(printed.seek(0, os.SEEK_END) - LAST, 0))
                sys.stderr.write(printed.read().decode(errors="replace"))
