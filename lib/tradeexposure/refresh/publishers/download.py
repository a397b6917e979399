"""One file from one publisher: within limits, asked for only if it changed, refused when it is not what was asked for.

A file replaces the one before once it is whole. Beside it ``NAME.json`` says where it came from and what its publisher
calls these bytes; that note is gone before the file is replaced, so that it never speaks of another file.
"""

from __future__ import annotations

import errno
import hashlib
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tradeexposure.core import files
from tradeexposure.core.errors import SourceFailed
from tradeexposure.refresh.publishers import http
from tradeexposure.refresh.publishers.http import CHUNK, MOVED, DownloadFailed, Sleep
from tradeexposure.refresh.publishers.sources_schema import Limits, Source

if TYPE_CHECKING:
    import requests

BEGINNINGS = {
    "statcan": (b"PK\x03\x04",), "cimt": (b"PK\x03\x04",), "pinksheet": (b"PK\x03\x04",),
    "census": (b"[",), "valet": (b"{", b'"', b"TERMS"), "grain": (), "grain_weekly": (),
}  # fmt: skip
BOM = b"\xef\xbb\xbf"
#: What a publisher calls the bytes of a file, and how it is asked whether they are still the same.
VALIDATORS = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}


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
