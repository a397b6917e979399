"""A publisher's file read in a process of its own, which may take so much memory and so much time.

A file of a few kilobytes can make a library take all memory or run for hours, or fail in a way that nobody foresaw.
Whatever happens happens to that process: the refresh is told in a few words and goes on with the other sources.
"""

from __future__ import annotations

import math
import os
import signal
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeVar

from tradeexposure.core.errors import SourceFailed
from tradeexposure.core.text import brief

PAGES = Path("/proc/self/statm")  # of Linux: the first number is this process's size in pages
Answer = TypeVar("Answer")


class Unreadable(Exception):
    """A file that was not read; the text completes "a file …"."""


def answer(call: Callable[[], Answer], *, seconds: float, memory: int) -> Answer:
    """What `call` returns, computed by a copy of this process.

    Parameters
    ----------
    call : callable
        Takes nothing; what it returns goes through a pipe.
    seconds : float
        How long it may take.
    memory : int
        Bytes that it may take beside those this process has; not enforced where there is no ``/proc`` (macOS).

    Raises
    ------
    SourceFailed
        As `call` raised it.
    Unreadable
        `call` raised anything else, took too much, or ended its process.
    """
    context = get_context("fork")  # a copy needs no start, and `call` no name that can be imported
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(call, theirs, seconds, memory), daemon=True)
    process.start()
    theirs.close()
    try:
        if not ours.poll(seconds):
            raise Unreadable(f"whose reading takes more than {seconds:,g} seconds")
        kind, content = ours.recv()
    except (EOFError, OSError):
        raise Unreadable("that ends the process which reads it") from None
    finally:
        process.kill()
        process.join()
        ours.close()
    if kind is Unreadable:
        raise Unreadable(content)
    if kind is SourceFailed:
        raise SourceFailed(*content)
    return content


def _send(call: Callable[[], Any], pipe: Connection, seconds: float, memory: int) -> None:
    """In the copy: compute the answer within the limits and send it, or say why there is none."""
    import resource

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that waits is told too, and ends this one
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    limits = {resource.RLIMIT_CPU: math.ceil(seconds) + 1}  # ends a copy whose refresh was killed
    if PAGES.is_file():
        taken = int(PAGES.read_text("ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE")
        limits[resource.RLIMIT_AS] = taken + memory
    for kind, most in limits.items():
        hard = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    try:
        pipe.send((None, call()))
    except SourceFailed as failed:
        pipe.send((SourceFailed, (failed.source, failed.what, failed.todo)))
    except MemoryError:
        pipe.send((Unreadable, f"whose reading takes more than {memory:,} bytes of memory"))
    except BaseException as error:
        pipe.send((Unreadable, f"that cannot be read ({type(error).__name__}: {brief(str(error))})"))
