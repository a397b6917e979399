"""The files of a source: within limits, asked for only if they changed, refused where they are not what was asked for.

A file replaces the one before once it is whole. Beside it ``NAME.json`` says where it came from and what its publisher
calls these bytes; that note is gone before the file is replaced, so that it never speaks of another file.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tradeexposure.core import files
from tradeexposure.core.errors import SourceFailed
from tradeexposure.refresh.publishers import (
    grain_commission,
    http,
    pink_sheet,
    statcan,
    us_census,
    valet,
)
from tradeexposure.refresh.publishers.http import CHUNK, MOVED, DownloadFailed, Sleep
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
    source: Source, address: str, path: Path, *, limits: Limits, parameters: Mapping[str, str] | None = None,
    pause: Sleep = time.sleep,
) -> Fetched:  # fmt: skip
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
            address, receive, limits=limits, most=source.bytes or limits.bytes, headers=headers, parameters=parameters,
            pause=pause,
        )  # fmt: skip
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
