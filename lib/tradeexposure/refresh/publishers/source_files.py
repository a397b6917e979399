"""The files of a source, had and read within its limits.

A file is asked for only if it changed, and refused where it is not what was asked for. It replaces the one before once
it is whole. Beside it ``NAME.json`` says where it came from and what its publisher calls these bytes; that note is gone
before the file is replaced, so that it never speaks of another file.

It is read in a process of its own. A file of a few kilobytes can make a library take all memory or run for hours, or
fail in a way that nobody foresaw. Whatever happens happens to that process: the refresh is told in a few words and goes
on with the other sources.
"""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from tradeexposure.core import files
from tradeexposure.core.errors import SourceFailed
from tradeexposure.core.text import brief
from tradeexposure.refresh.publishers import (
    grain_commission,
    http,
    pink_sheet,
    statcan,
    us_census,
    valet,
)
from tradeexposure.refresh.publishers.http import CHUNK, MOVED, DownloadFailed
from tradeexposure.refresh.publishers.sheet import Sheet
from tradeexposure.refresh.publishers.sources_schema import Limits, Source

if TYPE_CHECKING:
    import requests

Reader = Callable[[Path, Source, Limits, str], AbstractContextManager[Sheet]]
READERS: Mapping[str, Reader] = {
    "statcan": statcan.full_table,
    "cimt": statcan.merchandise_trade,
    "grain": grain_commission.exports,
    "grain_weekly": grain_commission.weekly,
    "pinksheet": pink_sheet.opened,
    "valet": valet.opened,
    "census": us_census.opened,
}
#: How their files begin, where they begin alike.
BEGINNINGS = {
    "statcan": (b"PK\x03\x04",), "cimt": (b"PK\x03\x04",), "pinksheet": (b"PK\x03\x04",),
    "census": (b"[",), "valet": (b"{", b'"', b"TERMS"), "grain": (), "grain_weekly": (),
}  # fmt: skip
CROP_YEAR_BEGINS = 8  # August
BOM = b"\xef\xbb\xbf"
#: What a publisher calls the bytes of a file, and how it is asked whether they are still the same.
VALIDATORS = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
UNREADABLE = "open the address in a browser; if the file is right, look at its reader and at limits in data/sources.yml"
PAGES = Path("/proc/self/statm")  # of Linux: the first number is this process's size in pages
Answer = TypeVar("Answer")


class Unreadable(Exception):
    """A file that was not read; the text completes "a file …"."""


@dataclass(frozen=True)
class Span:
    """Periods that are wanted of a source: first and last month."""

    first: str
    last: str


@dataclass(frozen=True)
class Fetched:
    """A whole file: where it lies, where it came from, and what tells it from the next one."""

    path: Path
    address: str
    sha256: str
    bytes: int
    validators: Mapping[str, str] = field(default_factory=dict)


def fetch(
    source: Source, address: str, path: Path, *, limits: Limits, parameters: Mapping[str, str] | None = None
) -> Fetched:
    """Get the file at `address` to `path`, unless that is what lies there already.

    Raises
    ------
    SourceFailed
        It cannot be had, or is not the kind of file it should be; the one before stays.
    """
    title = f"{source.title} ({address})"
    known: dict[str, str] = {}  # what the publisher called these bytes, where the note beside the file is of use
    with suppress(OSError, ValueError, KeyError, TypeError):
        note = json.loads(_note(path).read_text("utf-8"))
        known = dict(note["validators"]) if path.is_file() and note["address"] == address else {}
    headers = {"Accept-Encoding": "identity", **{VALIDATORS[name]: value for name, value in known.items()}}
    receive = partial(_received, source=source, address=address, path=path, known=known)
    try:
        validators = http.ask(
            address, receive, limits=limits, most=source.bytes or limits.bytes, headers=headers, parameters=parameters
        )
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except DownloadFailed as failed:
        raise SourceFailed(title, failed.what, failed.todo) from None
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        what = "the disk is full" if full else f"the file cannot be written ({error.strerror or error})"
        todo = f"free some space below {path.parent}" if full else f"make {path.parent} writable"
        raise SourceFailed(title, what, f"{todo}, then refresh again") from None
    return Fetched(path, address, digest, path.stat().st_size, validators)


def _note(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


def _received(
    response: requests.Response, pieces: Iterator[bytes], *, source: Source, address: str, path: Path,
    known: Mapping[str, str],
) -> Mapping[str, str]:  # fmt: skip
    """Put a body at `path`; the validators of the file that lies there then."""
    if response.status_code == 304 and known:
        return known
    if response.status_code in (401, 403):
        key = source.key_variable
        todo = f"set {key} to your key to the service" if key else "open the address in a browser to see why"
        raise DownloadFailed(f"it refuses access ({response.status_code} {response.reason})", todo)
    http.check_status(response)
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind in ("text/html", "application/xhtml+xml"):
        raise DownloadFailed("it sends a web page instead of the file", f"open the address in a browser; {MOVED}")
    if kind.partition("/")[0] in ("image", "audio", "video", "font"):
        raise DownloadFailed(f"it sends {kind} instead of the file", MOVED)
    with files.replacing(path) as stream:
        first = b""
        for piece in pieces:
            first += piece[: CHUNK - len(first)]
            stream.write(piece)
        first, expected = first.removeprefix(BOM).lstrip(), BEGINNINGS[source.kind]
        if first[:1] == b"<" or not first or (expected and not first.startswith(expected)):
            shown = "a web page" if first[:1] == b"<" else f"a file that begins {first[:12]!r}" if first else "nothing"
            raise DownloadFailed(f"it sends {shown} instead of the file", f"open the address in a browser; {MOVED}")
        _note(path).unlink(missing_ok=True)
    tags = {name: response.headers[name] for name in VALIDATORS if name in response.headers}
    validators = {name: value for name, value in tags.items() if not value.startswith("W/")}  # weak ones name no bytes
    files.write(_note(path), json.dumps({"address": address, "validators": validators}))
    return validators


def key_parameters(source: Source) -> dict[str, str]:
    """The user's key as the service wants it; empty where none is needed or none is set."""
    key = os.environ.get(source.key_variable, "") if source.key_variable else ""
    return {"key": key} if key else {}


def lacks_key(source: Source) -> bool:
    """Whether the service asks for a key that is not set."""
    return bool(source.key_variable) and not key_parameters(source)


def fetch_all(name: str, source: Source, span: Span, *, folder: Path, limits: Limits, today: date) -> list[Fetched]:
    """All files of one source, oldest first.

    Raises
    ------
    SourceFailed
        One of them cannot be had. A file for the running year that is not there yet does not count, nor one for a
        crop year that begins this month.
    """
    folder.mkdir(parents=True, exist_ok=True)
    base = http.page_link(source, limits) if source.link else source.address
    fetched = []
    for label, address in _addresses(name, source, base, span):
        try:
            fetched.append(fetch(source, address, folder / label, limits=limits, parameters=key_parameters(source)))
        except SourceFailed as failed:
            if not (fetched and _too_early(label, today, failed.what)):
                raise
    return fetched


def _too_early(label: str, today: date, what: str) -> bool:
    """Whether a file that is not there cannot be expected yet; the Grain Commission sends a page instead of a 404."""
    if label.endswith(f"-{crop_year(today.year)}"):
        return today.month == CROP_YEAR_BEGINS and ("answers 404" in what or "a web page" in what)
    return label.endswith(f"-{today.year}") and "answers 404" in what


def crop_year(start: int) -> str:
    """A crop year as addresses have it: 2026-27."""
    return f"{start}-{(start + 1) % 100:02d}"


def _addresses(name: str, source: Source, base: str, span: Span) -> Sequence[tuple[str, str]]:
    """Name and address of each file; a span begins with the crop year that begins in its first year."""
    if "{crop_year}" in base:
        last = int(span.last[:4]) - int(int(span.last[5:]) < CROP_YEAR_BEGINS)
        return [
            (
                f"{name}-{crop_year(start)}",
                (source.older if start < source.older_before else base).replace("{crop_year}", crop_year(start)),
            )
            for start in range(int(span.first[:4]), last + 1)
        ]
    filled = base.replace("{first}", span.first).replace("{last}", span.last)
    if source.chapters:
        return [(f"{name}-{chapter}", filled.replace("{chapter}", chapter)) for chapter in source.chapters]
    if "{year}" not in base:
        return [(name, filled)]
    years = range(int(span.first[:4]), int(span.last[:4]) + 1)
    return [(f"{name}-{year}", filled.replace("{year}", str(year))) for year in years]


def read(path: Path, source: Source, limits: Limits, frequency: str, take: Callable[[Sheet], Answer]) -> Answer:
    """What `take` makes of the sheet that a file is, in a process of its own.

    Raises
    ------
    SourceFailed
        Whatever made it unreadable; it names the file.
    """

    def taken() -> Answer:
        with READERS[source.kind](path, source, limits, frequency) as sheet:
            return take(sheet)

    try:
        return answer(taken, seconds=limits.reading_seconds, memory=limits.reading_memory)
    except Unreadable as error:
        raise SourceFailed(source.title, f"found a file {error}", UNREADABLE, file=path) from None
    except SourceFailed as failed:
        failed.file = path
        raise


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
