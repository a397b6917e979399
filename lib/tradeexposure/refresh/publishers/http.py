"""One file from one publisher: within limits, resumed where it broke off, refused when it is not what was asked for.

A download lies in a folder of its own until it is whole: ``NAME.part`` grows, ``NAME.json`` remembers what it is a part
of (address and the publisher's validator). A later run goes on from there with a range request; where the publisher's
file has changed since, it begins anew. A whole file is asked for again only in case it changed.

The link to the newest file on a publisher's page, for publishers who name each release anew.

Files inside a downloaded zip, read where they lie: nothing is unpacked to the disk and nothing is run.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import re
import stat
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from html import unescape
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from tradeexposure.core import files
from tradeexposure.core.errors import SourceFailed
from tradeexposure.refresh.publishers import catalogue
from tradeexposure.refresh.publishers.catalogue import Limits, Source

if TYPE_CHECKING:
    import requests


AGENT = "tradeexposure (official figures, once a month)"
CHUNK = 1 << 14
MOST_REDIRECTS = 5
#: The publisher asks for patience or is in trouble: worth another try.
BUSY = (408, 425, 429, 500, 502, 503, 504)
BEGINNINGS = {
    "statcan": (b"PK\x03\x04",), "cimt": (b"PK\x03\x04",), "pinksheet": (b"PK\x03\x04",),
    "census": (b"[",), "valet": (b"{", b'"', b"TERMS"), "grain": (),
}  # fmt: skip
BOM = b"\xef\xbb\xbf"
LATER = "try again later; what has arrived is kept and the download goes on from there"
MOVED = "look up the file's new address on the publisher's page and change it in data/sources.yml"


class _Again(Exception):
    """The attempt failed in a way that another may not; `wait` is what the publisher asks for, in seconds."""

    def __init__(self, what: str, wait: float | None = None) -> None:
        super().__init__(what)
        self.wait = wait


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
        session: requests.Session,
        parameters: Mapping[str, str] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.source, self.address, self.limits, self.session = source, address, limits, session
        self.parameters = dict(parameters or {})
        self.whole, self.part, self.note = folder / name, folder / f"{name}.part", folder / f"{name}.json"
        self.sleep, self.clock = sleep, clock
        self.ends = clock() + limits.total_seconds
        self.most = source.bytes or limits.bytes

    def fetch(self) -> Fetched:
        """Get the file.

        Raises
        ------
        SourceFailed
            It cannot be had, or is not the kind of file it should be; what arrived is kept where that helps.
        """
        reason = _Again("no answer")
        for attempt in range(self.limits.attempts):
            try:
                validators = self._attempt()
                return self._finish(validators)
            except _Again as failed:
                reason = failed
                if attempt + 1 < self.limits.attempts:
                    self._wait(failed, attempt)
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

    def _wait(self, failed: _Again, attempt: int) -> None:
        """Wait as the publisher asks, where the limits allow it, or twice as long each time."""
        if failed.wait is not None and failed.wait > self.limits.longest_wait_seconds:
            what = f"{failed}; the publisher asks to wait {failed.wait:.0f} s"
            raise self._failed(what, "refresh again after that time")
        seconds = min(2.0**attempt, self.limits.longest_wait_seconds) if failed.wait is None else failed.wait
        if self.clock() + seconds > self.ends:
            raise self._failed(str(failed), LATER)
        self.sleep(seconds)

    def _attempt(self) -> Mapping[str, str]:
        """One request; the validators of the file that is whole afterwards."""
        import requests
        from urllib3.exceptions import ReadTimeoutError

        known = self._known()
        headers = self._headers(known)
        try:
            with self.session.get(
                self.address, params=self.parameters, headers=headers, stream=True,
                timeout=(self.limits.connect_seconds, self.limits.read_seconds),
            ) as response:  # fmt: skip
                return self._received(response, known)
        except requests.exceptions.SSLError:
            raise self._failed(
                "its certificate could not be verified", "check this machine's clock and network"
            ) from None
        except requests.exceptions.TooManyRedirects:
            raise self._failed(f"more than {MOST_REDIRECTS} redirections", MOVED) from None
        except requests.exceptions.Timeout:
            raise _Again("it does not answer in time") from None
        except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError):
            raise _Again("the file broke off before its end") from None
        except requests.exceptions.ConnectionError as error:
            silent = any(isinstance(reason, ReadTimeoutError) for reason in error.args)
            none = "no connection: there is no network, or the publisher's server is down"
            raise _Again("it fell silent in the middle of the file" if silent else none) from None
        except requests.exceptions.RequestException as error:
            raise self._failed(f"the request failed ({type(error).__name__})", MOVED) from None

    def _known(self) -> dict[str, Any]:
        """What is remembered of an earlier download from the same address; empty where that is of no use."""
        try:
            note = json.loads(self.note.read_text("utf-8"))
            return note if isinstance(note, dict) and note["address"] == self.address else {}
        except (OSError, ValueError, KeyError):
            return {}

    def _headers(self, known: Mapping[str, Any]) -> dict[str, str]:
        """What to ask for: the rest of a part, a whole file only if it changed, or all of it."""
        headers = {"User-Agent": AGENT, "Accept-Encoding": "identity"}
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
        self._check_way(response)
        if response.status_code == 304 and self.whole.is_file():
            return dict(known["validators"])
        self._check_status(response)
        self._check_type(response)
        validators = _validators(response)
        start = self._start(response)
        if not start:
            self.part.unlink(missing_ok=True)
        files.write(self.note, json.dumps({"address": self.address, "validators": validators}))
        self._check_size(start + int(response.headers.get("Content-Length") or 0))
        self._store(response, start)
        self.part.replace(self.whole)
        return validators

    def _check_way(self, response: requests.Response) -> None:
        for step in (*response.history, response):
            if not catalogue.safe(step.url):
                host = urlsplit(step.url).hostname
                raise self._failed(f"it redirects to an unencrypted address on {host}", MOVED)

    def _check_status(self, response: requests.Response) -> None:
        status = response.status_code
        if status == 416:
            self.part.unlink(missing_ok=True)
            raise _Again("the part that had arrived no longer fits")
        if status in BUSY:
            asked = response.headers.get("Retry-After", "")
            raise _Again(f"it answers {status} {response.reason}", _seconds(asked))
        if status in (401, 403):
            key = self.source.key_variable
            todo = f"set {key} to your key to the service" if key else "open the address in a browser to see why"
            raise self._failed(f"it refuses access ({status} {response.reason})", todo)
        if status not in (200, 206):
            raise self._failed(f"it answers {status} {response.reason}", MOVED)

    def _check_type(self, response: requests.Response) -> None:
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind in ("text/html", "application/xhtml+xml"):
            raise self._failed("it sends a web page instead of the file", f"open the address in a browser; {MOVED}")
        if kind.partition("/")[0] in ("image", "audio", "video", "font"):
            raise self._failed(f"it sends {kind} instead of the file", MOVED)

    def _start(self, response: requests.Response) -> int:
        """Where the answer goes on: the length of the part, or 0 for a whole file."""
        if response.status_code != 206:
            return 0
        there = self.part.stat().st_size if self.part.is_file() else 0
        stated = response.headers.get("Content-Range", "")
        if not stated.startswith(f"bytes {there}-"):
            self.part.unlink(missing_ok=True)
            raise _Again("the publisher sent another part than was asked for")
        return there

    def _check_size(self, size: int) -> None:
        if size > self.most:
            self.part.unlink(missing_ok=True)
            what = f"the file has more than {self.most:,} bytes"
            raise self._failed(what, "if that is right, raise its limit in data/sources.yml")

    def _store(self, response: requests.Response, start: int) -> None:
        size = start
        with self.part.open("ab" if start else "wb") as stream:
            for chunk in response.iter_content(CHUNK):
                size += len(chunk)
                self._check_size(size)
                stream.write(chunk)
                if self.clock() > self.ends:
                    what = f"it is too slow: {size:,} bytes in {self.limits.total_seconds:.0f} s"
                    raise self._failed(what, LATER)

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
            raise self._failed(f"it sends {found} instead of the file", f"open the address in a browser; {MOVED}")


def new_session() -> requests.Session:
    """An HTTP session that verifies certificates and follows few redirections."""
    import requests

    session = requests.Session()
    session.max_redirects = MOST_REDIRECTS
    session.verify = True
    return session


def _validators(response: requests.Response) -> dict[str, str]:
    """What identifies these bytes; a weak tag does not."""
    found = {name: response.headers[name] for name in ("ETag", "Last-Modified") if name in response.headers}
    if found.get("ETag", "").startswith("W/"):
        del found["ETag"]
    return found


def _seconds(asked: str) -> float | None:
    """What ``Retry-After`` asks for: a number of seconds or a date."""
    with suppress(ValueError):
        return max(0.0, float(asked))
    with suppress(ValueError, TypeError):
        return max(0.0, parsedate_to_datetime(asked).timestamp() - time.time())
    return None


#: A page is read whole; one that is longer is no page of links.
MOST_BYTES = 5_000_000


def page_link(source: Source, limits: Limits, session: requests.Session) -> str:
    """The address that the page at the source's address links to.

    Raises
    ------
    SourceFailed
        The page cannot be had, has no such link, or links elsewhere than to the hosts allowed.
    """
    title = f"{source.title} ({source.address})"
    base, text = _page(source, limits, session, title)
    found = re.search(rf"""href=["']([^"'<>]*{source.link}(?:\?[^"'<>]*)?)["']""", text)
    if not found:
        raise SourceFailed(title, f"found no link to {source.link} on the page", MOVED)
    address = urljoin(base, unescape(found[1]))
    if urlsplit(address).hostname not in source.hosts or not catalogue.safe(address):
        raise SourceFailed(
            title, f"the page links to {address}", f"links may lead to {', '.join(source.hosts)}; {MOVED}"
        )
    return address


def _page(source: Source, limits: Limits, session: requests.Session, title: str) -> tuple[str, str]:
    """Final address and text of the page."""
    import requests

    try:
        timeout = (limits.connect_seconds, limits.read_seconds)
        with session.get(source.address, headers={"User-Agent": AGENT}, timeout=timeout, stream=True) as answer:
            answer.raise_for_status()
            content = b""
            for chunk in answer.iter_content(CHUNK):
                content += chunk
                if len(content) > MOST_BYTES:
                    raise SourceFailed(title, f"the page has more than {MOST_BYTES:,} bytes", MOVED)
            return answer.url, content.decode("utf-8", errors="replace")
    except requests.exceptions.SSLError:
        raise SourceFailed(title, "its certificate could not be verified", "check this machine's clock") from None
    except requests.exceptions.HTTPError as error:
        raise SourceFailed(title, f"the page answers {error.response.status_code}", MOVED) from None
    except requests.exceptions.RequestException as error:
        raise SourceFailed(title, f"the page cannot be had ({type(error).__name__})", LATER) from None


MOST_FILES = 1_000
DAMAGED = "run the refresh again; if it fails again the file at the publisher is broken: wait for the next one"
SUSPECT = "do not use this file; compare it with the publisher's page, and tell the publisher"
#: A file this small may be packed as tightly as it likes.
SMALL = 1_000_000


@contextmanager
def member(path: Path, source: Source, limits: Limits, wanted: Callable[[str], bool]) -> Iterator[io.TextIOBase]:
    """The one file of a zip whose name (without folders) is `wanted`, as text in UTF-8.

    Raises
    ------
    SourceFailed
        Not a zip, damaged, encrypted, with a path that climbs out, larger unpacked than the limits allow, or without
        such a file.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            inside = checked(archive, source, limits)
            chosen = [info for info in inside if wanted(PurePosixPath(info.filename).name)]
            if len(chosen) != 1:
                listed = ", ".join(info.filename for info in inside[:8])
                what = f"found {len(chosen)} data files in the zip ({listed})"
                raise SourceFailed(source.title, what, "bring data/sources.yml in line with the new file names")
            with archive.open(chosen[0]) as stream:
                yield io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        if isinstance(error, SourceFailed):
            raise
        raise SourceFailed(source.title, f"the zip is damaged ({error})", DAMAGED) from None
    except UnicodeDecodeError as error:
        what = f"found bytes that are not UTF-8 ({error.reason})"
        raise SourceFailed(source.title, what, "bring the reader in line with the new encoding") from None


def checked(archive: zipfile.ZipFile, source: Source, limits: Limits) -> list[zipfile.ZipInfo]:
    """Files of a zip that is safe to read.

    Raises
    ------
    SourceFailed
        A zip bomb, a path that climbs out, a link, or an encrypted file.
    """
    infos = archive.infolist()
    for info in infos:
        if _climbs(info.filename) or stat.S_ISLNK(info.external_attr >> 16):
            raise SourceFailed(source.title, f"the zip holds the path {info.filename!r}", SUSPECT)
        if info.flag_bits & 0x1:
            raise SourceFailed(source.title, f"{info.filename} in the zip is encrypted", SUSPECT)
    unpacked = sum(info.file_size for info in infos)
    most = source.unpacked_bytes or limits.unpacked_bytes
    ratio = max((i.file_size / max(i.compress_size, 1) for i in infos if i.file_size > SMALL), default=1.0)
    if len(infos) > MOST_FILES or unpacked > most or ratio > limits.unpacked_ratio:
        what = (
            f"the zip would unpack to {unpacked:,} bytes in {len(infos)} files, packed up to {ratio:,.0f} times "
            f"(limits: {most:,} bytes, {MOST_FILES} files, {limits.unpacked_ratio:,.0f} times)"
        )
        raise SourceFailed(source.title, what, f"{SUSPECT}; if it is right, raise the limits in data/sources.yml")
    return [info for info in infos if not info.is_dir()]


def _climbs(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or (len(name) > 1 and name[1] == ":")
