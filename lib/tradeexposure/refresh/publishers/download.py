"""One file from one publisher: within limits, resumed where it broke off, refused when it is not what was asked for.

A download lies in a folder of its own until it is whole: ``NAME.part`` grows, ``NAME.json`` remembers what it is a part
of (address and the publisher's validator). A later run goes on from there with a range request; where the publisher's
file has changed since, it begins anew. A whole file is asked for again only in case it changed.
"""

from __future__ import annotations

import errno
import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tradeexposure.core import files
from tradeexposure.core.errors import SourceFailed
from tradeexposure.refresh.publishers import http
from tradeexposure.refresh.publishers.catalogue import Limits, Source
from tradeexposure.refresh.publishers.http import CHUNK, LATER, MOVED, Deadline, Sleep, Trouble

if TYPE_CHECKING:
    import requests

BEGINNINGS = {
    "statcan": (b"PK\x03\x04",), "cimt": (b"PK\x03\x04",), "pinksheet": (b"PK\x03\x04",),
    "census": (b"[",), "valet": (b"{", b'"', b"TERMS"), "grain": (), "grain_weekly": (),
}  # fmt: skip
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Fetched:
    """A whole file: where it lies, where it came from, and what tells it from the next one."""

    path: Path
    address: str
    sha256: str
    bytes: int
    validators: Mapping[str, str] = field(default_factory=dict)


class Download:
    """The way to one file."""

    def __init__(
        self,
        source: Source,
        address: str,
        name: str,
        *,
        folder: Path,
        limits: Limits,
        parameters: Mapping[str, str] | None = None,
        pause: Sleep = time.sleep,
    ) -> None:
        self.source, self.address, self.limits = source, address, limits
        self.parameters = dict(parameters or {})
        self.whole, self.part, self.note = folder / name, folder / f"{name}.part", folder / f"{name}.json"
        self.pause = pause
        self.deadline = Deadline(limits.total_seconds)
        self.most = source.bytes or limits.bytes

    def fetch(self) -> Fetched:
        """Get the file.

        Raises
        ------
        SourceFailed
            It cannot be had, or is not the kind of file it should be; what arrived is kept where that helps.
        """
        reason = "no answer"
        for attempt in range(self.limits.attempts):
            try:
                return self._finish(self._attempt())
            except Trouble as trouble:
                if not trouble.again:
                    raise self._failed(trouble.what, trouble.todo) from None
                reason = trouble.what
                if attempt + 1 < self.limits.attempts:
                    self._wait(reason, attempt)
            except OSError as error:
                raise self._disk(error) from None
        raise self._failed(f"{reason} ({self.limits.attempts} tries)", LATER)

    def _failed(self, what: str, todo: str) -> SourceFailed:
        return SourceFailed(f"{self.source.title} ({self.address})", what, todo)

    def _disk(self, error: OSError) -> SourceFailed:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return self._failed("the disk is full", f"free some space below {self.part.parent}, then refresh again")
        what = f"the file cannot be written ({error.strerror or error})"
        return self._failed(what, f"make {self.part.parent} writable, then refresh again")

    def _wait(self, reason: str, attempt: int) -> None:
        seconds = min(2.0**attempt, self.limits.longest_wait_seconds)
        if seconds > self.deadline.left():
            raise self._failed(reason, LATER)
        self.pause(seconds)

    def _attempt(self) -> Mapping[str, str]:
        """One request; the validators of the file that is whole afterwards."""
        known = self._known()
        with http.get(
            self.address, limits=self.limits, deadline=self.deadline, headers=self._headers(known),
            parameters=self.parameters, pause=self.pause,
        ) as response:  # fmt: skip
            return self._received(response, known)

    def _known(self) -> dict[str, Any]:
        """What is remembered of an earlier download from the same address; empty where that is of no use."""
        try:
            note = json.loads(self.note.read_text("utf-8"))
            return note if isinstance(note, dict) and note["address"] == self.address else {}
        except (OSError, ValueError, KeyError):
            return {}

    def _headers(self, known: Mapping[str, Any]) -> dict[str, str]:
        """What to ask for: the rest of a part, a whole file only if it changed, or all of it."""
        headers = {"Accept-Encoding": "identity"}
        validators = known.get("validators", {})
        if not validators:
            self.part.unlink(missing_ok=True)
            self.whole.unlink(missing_ok=True)
        elif self.part.is_file() and self.part.stat().st_size:
            headers["Range"] = f"bytes={self.part.stat().st_size}-"
            headers["If-Range"] = validators.get("ETag") or validators["Last-Modified"]
        elif self.whole.is_file():
            if "ETag" in validators:
                headers["If-None-Match"] = validators["ETag"]
            if "Last-Modified" in validators:
                headers["If-Modified-Since"] = validators["Last-Modified"]
        return headers

    def _received(self, response: requests.Response, known: Mapping[str, Any]) -> Mapping[str, str]:
        if response.status_code == 304 and self.whole.is_file():
            return dict(known["validators"])
        self._check_status(response)
        self._check_type(response)
        validators = _validators(response)
        start = self._start(response)
        if not start:
            self.part.unlink(missing_ok=True)
        files.write(self.note, json.dumps({"address": self.address, "validators": validators}))
        self._check_size(start + _length(response))
        self._store(response, start)
        self.part.replace(self.whole)
        return validators

    def _check_status(self, response: requests.Response) -> None:
        status = response.status_code
        if status == 416:
            self.part.unlink(missing_ok=True)
            raise Trouble("the part that had arrived no longer fits", again=True)
        if status in (401, 403):
            key = self.source.key_variable
            todo = f"set {key} to your key to the service" if key else "open the address in a browser to see why"
            raise Trouble(f"it refuses access ({status} {response.reason})", todo)
        if status not in (200, 206):
            raise Trouble(f"it answers {status} {response.reason}", MOVED)

    def _check_type(self, response: requests.Response) -> None:
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind in ("text/html", "application/xhtml+xml"):
            raise Trouble("it sends a web page instead of the file", f"open the address in a browser; {MOVED}")
        if kind.partition("/")[0] in ("image", "audio", "video", "font"):
            raise Trouble(f"it sends {kind} instead of the file", MOVED)

    def _start(self, response: requests.Response) -> int:
        """Where the answer goes on: the length of the part, or 0 for a whole file."""
        if response.status_code != 206:
            return 0
        there = self.part.stat().st_size if self.part.is_file() else 0
        stated = response.headers.get("Content-Range", "")
        if not stated.startswith(f"bytes {there}-"):
            self.part.unlink(missing_ok=True)
            raise Trouble("the publisher sent another part than was asked for", again=True)
        return there

    def _check_size(self, size: int) -> None:
        if size > self.most:
            self.part.unlink(missing_ok=True)
            what = f"the file has more than {self.most:,} bytes"
            raise Trouble(what, "if that is right, raise its limit in data/sources.yml")

    def _store(self, response: requests.Response, start: int) -> None:
        size = start
        with self.part.open("ab" if start else "wb") as stream:
            for chunk in http.chunks(response, self.deadline):
                size += len(chunk)
                self._check_size(size)
                stream.write(chunk)

    def _finish(self, validators: Mapping[str, str]) -> Fetched:
        """The whole file, after a look at how it begins."""
        digest = hashlib.sha256()
        with self.whole.open("rb") as stream:
            first = stream.read(CHUNK)
            self._check_beginning(first.removeprefix(BOM).lstrip())
            digest.update(first)
            while block := stream.read(CHUNK):
                digest.update(block)
        return Fetched(self.whole, self.address, digest.hexdigest(), self.whole.stat().st_size, validators)

    def _check_beginning(self, first: bytes) -> None:
        expected = BEGINNINGS[self.source.kind]
        if first[:1] == b"<" or not first or (expected and not first.startswith(expected)):
            self.whole.unlink()
            found = (
                "a web page" if first[:1] == b"<" else "nothing" if not first else f"a file that begins {first[:12]!r}"
            )
            raise Trouble(f"it sends {found} instead of the file", f"open the address in a browser; {MOVED}")


def _length(response: requests.Response) -> int:
    """The length an answer states, 0 where it states none."""
    stated = response.headers.get("Content-Length", "0").strip()
    if not (stated.isascii() and stated.isdigit() and len(stated) < 20):
        raise Trouble(f"it states the length {stated[:20]!r} (Content-Length)", "tell the publisher; try again later")
    return int(stated)


def _validators(response: requests.Response) -> dict[str, str]:
    """What identifies these bytes; a weak tag does not."""
    found = {name: response.headers[name] for name in ("ETag", "Last-Modified") if name in response.headers}
    if found.get("ETag", "").startswith("W/"):
        del found["ETag"]
    return found
