"""Downloads from a server that misbehaves, each in its own way."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from time import time
from typing import Any

import pytest
from publishers import LIMITS, Answer, Publisher, serving, source, zipped

from tradeexposure.core import files as core_files
from tradeexposure.core.errors import SourceFailed
from tradeexposure.refresh.publishers import http
from tradeexposure.refresh.publishers.source_files import Fetched, fetch

#: Not compressible, and larger than what a socket holds back.
FILE = zipped({"a.csv": b"".join(hashlib.sha256(bytes([n % 256, n // 256])).digest() for n in range(20_000))})
PATH = "/f.zip"


@pytest.fixture
def server() -> Iterator[Publisher]:
    with serving() as publisher:
        yield publisher


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that were waited, without waiting."""
    waited: list[float] = []
    monkeypatch.setattr(http, "sleep", waited.append)
    return waited


class Get:
    """`get(server)` downloads PATH into a folder."""

    def __init__(self, folder: Path, waits: list[float]) -> None:
        self.folder, self.waits = folder, waits

    def __call__(self, server: Publisher, *, path: str = PATH, kind: str = "statcan", **changed: Any) -> Fetched:
        limits = LIMITS.model_copy(update={"attempts": 3, "read_seconds": 0.3, **changed})
        where = source(kind, address=server.base + path)
        return fetch(where, where.address, self.folder / "file", limits=limits)


@pytest.fixture
def get(tmp_path: Path, waits: list[float]) -> Get:
    return Get(tmp_path, waits)


def told(get: Get, server: Publisher, **changed: Any) -> str:
    with pytest.raises(SourceFailed) as failed:
        get(server, **changed)
    text = str(failed.value)
    assert text.startswith("A source (http://127.0.0.1"), "the source is named first"
    assert text.count("\n") == 0 and "Traceback" not in text
    return text


def test_a_file(server: Publisher, get: Get):
    server.answers[PATH] = Answer(FILE)
    download = get(server)
    assert download.path.read_bytes() == FILE
    assert download.sha256 == hashlib.sha256(FILE).hexdigest()
    assert sorted(path.name for path in get.folder.iterdir()) == ["file", "file.json"]


def test_an_unchanged_file_is_not_sent_again(server: Publisher, get: Get):
    server.answers[PATH] = Answer(FILE)
    get(server)
    assert get(server).path.read_bytes() == FILE
    assert "If-None-Match" in server.asked[1][1]
    server.answers[PATH] = Answer(FILE + b"more")
    assert get(server).path.read_bytes() == FILE + b"more"


@pytest.mark.parametrize("note", ["", "{", "[]", '{"address": "elsewhere", "validators": {"ETag": "x"}}'])
def test_a_file_of_which_nothing_is_known_is_asked_for_whole(server: Publisher, get: Get, note: str):
    server.answers[PATH] = Answer(FILE)
    get(server)
    (get.folder / "file.json").write_text(note)
    assert get(server).path.read_bytes() == FILE
    assert "If-None-Match" not in server.asked[1][1]


def test_a_note_never_speaks_of_another_file(server: Publisher, get: Get, monkeypatch: pytest.MonkeyPatch):
    """Killed before the new file takes the old one's place, or after: the next run asks for all of it."""
    server.answers[PATH] = Answer(FILE)
    get(server)
    server.answers[PATH] = Answer(FILE + b"more")
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", interrupted)
        with pytest.raises(KeyboardInterrupt):
            get(server)
    assert (get.folder / "file").read_bytes() == FILE and not (get.folder / "file.json").exists()
    with monkeypatch.context() as patch:
        patch.setattr(core_files, "write", interrupted)
        with pytest.raises(KeyboardInterrupt):
            get(server)
    assert (get.folder / "file").read_bytes() == FILE + b"more" and not (get.folder / "file.json").exists()
    assert get(server).path.read_bytes() == FILE + b"more"
    assert "If-None-Match" not in server.asked[-1][1]


def interrupted(*_: Any) -> None:
    raise KeyboardInterrupt


class TestBrokenOff:
    @pytest.mark.parametrize("nameless", [False, True])
    def test_is_asked_for_again_from_its_beginning(self, server: Publisher, get: Get, nameless: bool):
        server.answers[PATH] = Answer(FILE, cut=200_000, nameless=nameless)
        assert get(server).path.read_bytes() == FILE
        assert server.times(PATH) == 2 and "Range" not in server.asked[1][1]

    def test_again_and_again_is_told_and_the_file_before_stays(self, server: Publisher, get: Get):
        server.answers[PATH] = Answer(FILE)
        get(server)
        server.answers[PATH] = Answer(FILE[::-1], cut=200_000, cuts=9)
        assert "broke off before the end (3 tries); try again later" in told(get, server)
        assert server.times(PATH) == 4
        assert sorted(path.name for path in get.folder.iterdir()) == ["file", "file.json"]
        assert (get.folder / "file").read_bytes() == FILE


class TestBusy:
    @pytest.mark.parametrize("status", [429, 500, 502, 503])
    def test_is_tried_again(self, server: Publisher, get: Get, status: int):
        server.answers[PATH] = lambda time: Answer(FILE) if time == 3 else Answer(b"", status=status)
        assert get(server, longest_wait_seconds=5).path.read_bytes() == FILE
        assert get.waits == [2.0]  # the first time at once

    @pytest.mark.parametrize("date", [False, True])
    def test_waits_as_long_as_is_asked_or_until_a_date(self, server: Publisher, get: Get, date: bool):
        later = {"Retry-After": formatdate(time() + 3, usegmt=True) if date else "4"}
        server.answers[PATH] = lambda count: Answer(FILE) if count == 2 else Answer(b"", status=429, headers=later)
        get(server, longest_wait_seconds=5)
        assert 1 < get.waits[0] <= 3 if date else get.waits == [4.0]


DOWN = b"\n<!DOCTYPE html><html><body>Site under maintenance</body></html>"
#: Answers that are no file, what is said of each, and how often it is asked for.
NO_FILE = {
    "not there": (Answer(b"<html>", "text/html", 404), "it answers 404; change it in data/sources.yml", 1),
    "no access": (Answer(b"", status=403), "it refuses access (403 Forbidden); open the address in a browser", 1),
    "busy for good": (Answer(b"", status=500), "it answers 500 Internal Server Error (3 tries); try again later", 3),
    "busy for an hour": (
        Answer(b"", status=429, headers={"Retry-After": "3600"}),
        "429 Too Many Requests; the publisher asks to wait 3600 s; refresh again after that time", 1,
    ),
    "a page as a page": (Answer(DOWN, "text/html; charset=utf-8"), "it sends a web page instead of the file", 1),
    "a page as a zip": (Answer(DOWN, "application/zip"), "it sends a web page instead of the file", 1),
    "a page as anything": (Answer(DOWN), "it sends a web page instead of the file", 1),
    "a page as nothing": (Answer(DOWN, ""), "it sends a web page instead of the file", 1),
    "a picture": (Answer(FILE, "image/png"), "it sends image/png instead of the file", 1),
    "a print": (Answer(b"%PDF-1.7 ..."), "it sends a file that begins b'%PDF-1.7 ...' instead of the file", 1),
    "nothing": (Answer(b""), "it sends nothing instead of the file", 1),
    "a loop": (Answer(b"", status=302, headers={"Location": PATH}), "more than 5 redirections", 6),
    "nowhere": (
        Answer(b"", status=302, headers={"Location": "http://[::1"}), "it redirects to an address that is none", 1,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", NO_FILE)
def test_an_answer_that_is_no_file_is_told_and_leaves_none(server: Publisher, get: Get, case: str):
    server.answers[PATH], says, times = NO_FILE[case]
    text = told(get, server, longest_wait_seconds=5)
    assert all(part in text for part in says.split("; "))
    assert server.times(PATH) == times and not list(get.folder.iterdir())


@pytest.mark.parametrize("headers", [{}, {"Content-Length": "600000"}])
def test_too_large(server: Publisher, get: Get, headers: dict[str, str]):
    server.answers[PATH] = Answer(FILE, headers=headers)
    assert "it sends more than 1,000 bytes; if that is right, raise its limit" in told(get, server, bytes=1000)
    assert not list(get.folder.iterdir())


def test_a_server_that_does_not_answer(get: Get, server: Publisher):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        server.base = f"http://127.0.0.1:{silent.getsockname()[1]}"
        assert "it does not answer in time (2 tries)" in told(get, server, attempts=2)


def test_a_server_that_stops_in_the_middle(server: Publisher, get: Get):
    server.answers[PATH] = lambda time: Answer(FILE, pause=0.0 if time > 1 else 1.0, chunk=100_000)
    assert get(server).path.read_bytes() == FILE


DRIPS = b"HTTP/1.1 200 OK\r\nContent-Type: application/zip\r\nContent-Length: 9000\r\n\r\n" + b"PK" * 4500


@pytest.mark.parametrize("page", [False, True])
def test_a_server_that_drips_byte_by_byte(server: Publisher, get: Get, page: bool):
    """Each byte of the body comes in time, and all of them never would; pages and files end alike."""
    over = threading.Event()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()

        def drip() -> None:
            connection, _ = listening.accept()
            with connection, contextlib.suppress(OSError):
                connection.recv(4096)
                connection.sendall(DRIPS[:100])
                for place in range(100, len(DRIPS)):
                    if over.wait(0.1):
                        return
                    connection.sendall(DRIPS[place : place + 1])

        threading.Thread(target=drip, daemon=True).start()
        server.base = f"http://127.0.0.1:{listening.getsockname()[1]}"
        if page:
            where = source("pinksheet", address=f"{server.base}/page", link="x", hosts=("127.0.0.1",))
            with pytest.raises(SourceFailed, match=r"it is too slow: not done after 0\.3 s"):
                http.page_link(where, LIMITS.model_copy(update={"total_seconds": 0.3, "read_seconds": 5}))
        else:
            assert "it is too slow: not done after 0.3 s" in told(get, server, total_seconds=0.3, read_seconds=5)
        over.set()


@pytest.mark.parametrize("stated", ["abc", "-5", "1e3", "9" * 30])
def test_a_length_that_is_none(server: Publisher, get: Get, stated: str):
    """The server keeps the connection open, so that nothing says where the file ends."""
    server.answers[PATH] = Answer(FILE, headers={"Content-Length": stated})
    assert re.search(r"does not answer in time|more than [\d,]+ bytes", told(get, server, attempts=1))
    assert not list(get.folder.iterdir())


def test_no_network(get: Get, server: Publisher):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        server.base = f"http://127.0.0.1:{taken.getsockname()[1]}"
    assert "no connection: there is no network, or the publisher's server is down (2 tries)" in told(get, server)


def test_a_full_disk(server: Publisher, get: Get, monkeypatch: pytest.MonkeyPatch):
    server.answers[PATH] = Answer(FILE)
    get(server)
    server.answers[PATH] = Answer(FILE + b"new")

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert "the disk is full; free some space below" in told(get, server)
    assert (get.folder / "file").read_bytes() == FILE


class TestWhere:
    def test_a_redirection_is_followed(self, server: Publisher, get: Get):
        server.answers["/old"] = Answer(b"", status=301, headers={"Location": PATH})
        server.answers[PATH] = Answer(FILE)
        assert get(server, path="/old").path.read_bytes() == FILE

    @pytest.mark.parametrize(
        "target",
        [
            "http://example.org/f.zip", "https://127.0.0.1:1/f.zip", "https://localhost/f.zip", "http://localhost:1/f.zip",
            "https://[::1]/f.zip", "https://127.1/f.zip", "https://2130706433/f.zip", "https://10.0.0.8/f.zip",
            "https://169.254.169.254/latest/meta-data", "https://[::ffff:127.0.0.1]/f.zip", "file:///etc/passwd",
            "https://db.localhost./f.zip", "ftp://example.org/f.zip",
        ],
    )  # fmt: skip
    def test_where_a_redirection_may_not_lead(self, server: Publisher, get: Get, target: str):
        server.answers[PATH] = Answer(b"", status=302, headers={"Location": target})
        assert "which is not encrypted or is this machine" in told(get, server)
        assert server.times(PATH) == 1

    def test_this_very_server_is_excepted_and_no_other(self):
        start = "http://127.0.0.1:8000/f"
        assert http.allowed_redirect("http://127.0.0.1:8000/g", start)
        assert not http.allowed_redirect("http://127.0.0.1:8001/g", start)
        assert not http.allowed_redirect("http://127.0.0.1:8000/g", "https://www150.statcan.gc.ca/f")
        assert http.allowed_redirect("https://thedocs.worldbank.org/g", "https://www.worldbank.org/f")

    def test_a_certificate_nobody_signed(self, server: Publisher, get: Get, tmp_path: Path):
        if not shutil.which("openssl"):
            pytest.skip("needs openssl to make a certificate")
        files = [str(tmp_path / "key.pem"), str(tmp_path / "certificate.pem")]
        make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
        subprocess.run([*make, "-keyout", files[0], "-out", files[1]], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(files[1], files[0])
        secure = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
        secure.socket = context.wrap_socket(secure.socket, server_side=True)
        thread = threading.Thread(target=secure.handle_request, daemon=True)
        thread.start()
        where = source("statcan", address=f"https://127.0.0.1:{secure.server_port}/f")
        with pytest.raises(SourceFailed, match="certificate could not be verified"):
            fetch(where, where.address, tmp_path / "f", limits=LIMITS)
        secure.server_close()

    @pytest.mark.usefixtures("waits")
    def test_a_dropped_handshake_is_tried_again_and_is_no_bad_certificate(self, tmp_path: Path):
        """As grainscanada.gc.ca does (github.com/dsanchezp18/maplestats-mcp, modules/cgc/constants.py: 3 of 15)."""
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            listening.listen()
            dropped: list[int] = []

            def drop() -> None:
                for _ in range(3):
                    connection, _ = listening.accept()
                    dropped.append(len(connection.recv(4096)))
                    connection.close()

            thread = threading.Thread(target=drop, daemon=True)
            thread.start()
            where = source("grain", address=f"https://127.0.0.1:{listening.getsockname()[1]}/f")
            limits = LIMITS.model_copy(update={"attempts": 3})
            with pytest.raises(SourceFailed) as failed:
                fetch(where, where.address, tmp_path / "f", limits=limits)
            thread.join(5)
        assert "the connection broke off while it was being secured (3 tries)" in str(failed.value)
        assert "certificate" not in str(failed.value) and len(dropped) == 3


class TestPage:
    def link(self, server: Publisher, page: bytes, **more: Any) -> str:
        server.answers["/page"] = Answer(page, "text/html", **more)
        where = source("pinksheet", address=f"{server.base}/page", link=r"Monthly\.xlsx", hosts=("127.0.0.1",))
        return http.page_link(where, LIMITS)

    @pytest.mark.parametrize(("written", "meant"), [("", ""), ("?a=1&amp;b", "?a=1&b")])
    def test_is_followed(self, server: Publisher, written: str, meant: str):
        page = f'<a href="/x/Annual.xlsx">a</a> <a href="/x/Monthly.xlsx{written}">m</a>'
        assert self.link(server, page.encode()) == f"{server.base}/x/Monthly.xlsx{meant}"

    @pytest.mark.parametrize("page", [b"<p>nothing here</p>", b"Monthly.xlsx"])
    def test_without_the_link(self, server: Publisher, page: bytes):
        with pytest.raises(SourceFailed, match="found no link"):
            self.link(server, page)

    @pytest.mark.parametrize("address", ["https://evil.example/Monthly.xlsx", "file:///etc/Monthly.xlsx"])
    def test_elsewhere(self, server: Publisher, address: str):
        with pytest.raises(SourceFailed, match=r"links may lead to 127\.0\.0\.1"):
            self.link(server, f'<a href="{address}">x</a>'.encode())

    def test_not_there(self, server: Publisher):
        with pytest.raises(SourceFailed, match="the page cannot be had: it answers 404"):
            self.link(server, b"", status=404)
