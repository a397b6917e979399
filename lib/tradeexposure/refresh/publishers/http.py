"""How a publisher is asked: one `ask` for files, pages and services, encrypted to the end of every redirection.

urllib3 asks a publisher that is busy, silent or breaks off again: when it wishes (``Retry-After``) or after 2, 4 …
seconds. The time is looked at before each wait and between the pieces of a body as they come in; a piece, or the
beginning of an answer, may take as long as `read_seconds` allows between two of its bytes.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from html import unescape
from time import monotonic, sleep
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    InvalidHeader,
    MaxRetryError,
    NewConnectionError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.util import Retry

from tradeexposure.core.errors import SourceFailed
from tradeexposure.refresh.publishers.sources_schema import Asking, Limits, Source

AGENT = "tradeexposure (official figures, once a month)"
CHUNK = 1 << 16
MOST_REDIRECTS = 5
#: The publisher asks for retry or is in trouble: worth another try.
BUSY = (408, 425, 429, 500, 502, 503, 504)
LATER = "try again later"
MOVED = "look up the file's new address on the publisher's page and change it in data/sources.yml"
NO_CONNECTION = "no connection: there is no network, or the publisher's server is down"
UNCONNECTED = (NewConnectionError, ConnectTimeoutError)
#: What is behind an exception of the libraries, the first that fits, in our words.
WORDS: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str, str], ...] = (
    (ssl.SSLCertVerificationError, "its certificate could not be verified", "check this machine's clock and network"),
    (SSLError, "the connection broke off while it was being secured", LATER),
    (NewConnectionError, NO_CONNECTION, LATER),
    ((ReadTimeoutError, ConnectTimeoutError), "it does not answer in time", LATER),
    (HTTPError, "the connection broke off before the end", LATER),
)
#: A page is read whole; one that is longer is no page of links.
MOST_BYTES = 5_000_000
Answer = TypeVar("Answer")
Receive = Callable[[requests.Response, Iterator[bytes]], Answer]


class DownloadFailed(Exception):
    """What went wrong with a request, and what to do about it."""

    def __init__(self, what: str, todo: str = LATER) -> None:
        super().__init__(what)
        self.what, self.todo = what, todo


class Deadline:
    """When a conversation has to be over."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.ends = seconds, monotonic() + seconds

    def left(self) -> float:
        """Seconds that are left."""
        return self.ends - monotonic()

    def check(self) -> None:
        """Raise :class:`DownloadFailed` once the time is up."""
        if self.left() <= 0:
            raise DownloadFailed(f"it is too slow: not done after {self.seconds:g} s")


class BoundedRetry(Retry):
    """urllib3's retries, which never wait beyond the limits: a publisher that asks for more is asked another day."""

    def __init__(self, *args: Any, deadline: Deadline, **more: Any) -> None:
        super().__init__(*args, **more)
        self.deadline = deadline

    def new(self, **changed: Any) -> BoundedRetry:
        """The next step, with the same limits."""
        return super().new(deadline=self.deadline, **changed)

    def sleep(self, response: BaseHTTPResponse | None = None) -> None:
        """Wait before the next try; :class:`DownloadFailed` where that would be longer than the limits allow."""
        asked = None
        with suppress(InvalidHeader, ValueError, OverflowError):
            asked = None if response is None else self.get_retry_after(response)
        if response is not None and asked is not None and asked > self.backoff_max:
            what = f"{_answers(response)}; the publisher asks to wait {asked:.0f} s"
            raise DownloadFailed(what, "refresh again after that time")
        seconds = self.get_backoff_time() if asked is None else asked
        if seconds > self.deadline.left():
            raise DownloadFailed(f"it is too busy: nothing to be had in {self.deadline.seconds:g} s")
        if seconds:
            sleep(seconds)


def ask(
    address: str, receive: Receive[Answer], *, limits: Asking, most: int, headers: Mapping[str, str] | None = None,
    parameters: Mapping[str, str] | None = None, question: Any = None,
) -> Answer:  # fmt: skip
    """Ask for a file or a page.

    Parameters
    ----------
    receive : callable
        Takes the answer and the pieces of its body; called again where the body broke off.
    most : int
        Bytes a body may have.
    parameters : mapping, optional
        Of the first request; a redirection has its own.
    question : optional
        Sent as JSON in a POST, which is not redirected.

    Returns
    -------
    What `receive` returns.

    Raises
    ------
    DownloadFailed
        No answer, no encryption, a certificate nobody signed, a redirection that may not be followed, a publisher that
        stays busy or silent, or a body that is too long or too slow.
    """
    deadline = Deadline(limits.total_seconds)
    retry = BoundedRetry(
        total=limits.attempts - 1, connect=limits.connect_attempts - 1, status_forcelist=BUSY, allowed_methods=["GET"],
        backoff_factor=1, backoff_max=limits.longest_wait_seconds, raise_on_status=False, deadline=deadline,
    )  # fmt: skip
    timeout = (limits.connect_seconds, limits.read_seconds)
    while True:
        try:
            with (
                _session(retry, headers or {}) as session,
                _final_answer(session, address, parameters or {}, question, timeout) as response,
            ):
                if response.status_code in BUSY:
                    raise DownloadFailed(f"{_answers(response)}{_tries(limits.attempts)}")
                return receive(response, _pieces(response, deadline, most))
        except requests.exceptions.RequestException as error:  # urllib3 has asked again as often as it may
            raise _in_our_words(error, limits) from None
        except HTTPError as error:  # of the body
            try:
                retry = retry.increment("GET", address, error=error)
            except (HTTPError, requests.exceptions.RequestException):
                raise _in_our_words(error, limits) from None
            retry.sleep()


def _session(retry: BoundedRetry, headers: Mapping[str, str]) -> requests.Session:
    session = requests.Session()
    session.verify = True
    session.headers.update({"User-Agent": AGENT, **headers})
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))
    return session


def _final_answer(
    session: requests.Session, address: str, parameters: Mapping[str, str], question: Any, timeout: tuple[float, float]
) -> requests.Response:
    """The answer at the end of the redirections, each of which is looked at before it is followed."""
    where, params = address, dict(parameters)
    for _ in range(MOST_REDIRECTS + 1):
        try:
            response = session.request(
                "GET" if question is None else "POST", where, params=params, json=question, stream=True,
                allow_redirects=False, timeout=timeout,
            )  # fmt: skip
        except requests.exceptions.RequestException:
            raise
        except ValueError as error:  # the library looks at a redirection even where it is not to follow it
            raise DownloadFailed(f"it redirects to an address that is none ({error})", MOVED) from None
        if question is not None or not response.is_redirect:
            return response
        named = response.headers["Location"]
        response.close()
        if not allowed_redirect(named, address, where):
            raise DownloadFailed(f"it redirects to {named[:80]!r}, which is not encrypted or is this machine", MOVED)
        where, params = urljoin(where, named), {}
    raise DownloadFailed(f"more than {MOST_REDIRECTS} redirections", MOVED)


def allowed_redirect(target: str, start: str, base: str = "") -> bool:
    """Whether a publisher may lead from `start`, an address in ``data/sources.yml``, to `target` (read from `base`).

    Only to an encrypted address that is not this machine or its network; or, where ``data/sources.yml`` itself names a
    server on this machine, to that very server.
    """
    try:
        goal, first = urlsplit(urljoin(base or start, target)), urlsplit(start)
        if (goal.scheme, goal.hostname, goal.port) == (first.scheme, first.hostname, first.port):
            return True
        return goal.scheme == "https" and not _is_local(goal.hostname or "localhost")
    except ValueError:
        return False


def _is_local(host: str) -> bool:
    """Whether a host is this machine or one of its own network, in any of the ways to write that."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith((".localhost", ".local", ".internal")):
        return True
    with suppress(OSError):
        return not ipaddress.IPv4Address(socket.inet_aton(name)).is_global
    with suppress(ValueError):
        six = ipaddress.IPv6Address(name.partition("%")[0])
        return not (six.ipv4_mapped or six).is_global
    return False


def _pieces(response: requests.Response, deadline: Deadline, most: int) -> Iterator[bytes]:
    """The body as it comes in; :class:`DownloadFailed` once it is too long or the time is up."""
    size = response.raw.length_remaining or 0
    long = DownloadFailed(f"it sends more than {most:,} bytes", "if that is right, raise its limit in data/sources.yml")
    if size > most:
        raise long
    size = 0
    while piece := response.raw.read1(CHUNK, decode_content=True):
        deadline.check()
        size += len(piece)
        if size > most:
            raise long
        yield piece


def _in_our_words(error: Exception, limits: Asking) -> DownloadFailed:
    """An exception of the libraries in our words."""
    reasons: list[BaseException] = []  # the exception and all that are behind it
    waiting: list[BaseException] = [error]
    while waiting:
        fault = waiting.pop()
        if not any(fault is reason for reason in reasons):
            reasons.append(fault)
            behind = (*fault.args, getattr(fault, "reason", None), fault.__cause__, fault.__context__)
            waiting += [cause for cause in behind if isinstance(cause, BaseException)]
    connected = not any(isinstance(reason, UNCONNECTED) for reason in reasons)
    tries = limits.attempts if connected else min(limits.connect_attempts, limits.attempts)
    for kinds, what, todo in WORDS:
        if any(isinstance(reason, kinds) for reason in reasons if not isinstance(reason, MaxRetryError)):
            return DownloadFailed(f"{what}{_tries(tries) if todo == LATER else ''}", todo)
    return DownloadFailed(f"the request failed ({type(error).__name__})", MOVED)


def _tries(attempts: int) -> str:
    return f" ({attempts} tries)" if attempts > 1 else ""


def page_link(source: Source, limits: Limits) -> str:
    """The address the page at the source's address links to, for publishers who name each release anew.

    Raises
    ------
    SourceFailed
        The page cannot be had, has no such link, or links elsewhere than to the hosts allowed.
    """
    title = f"{source.title} ({source.address})"

    def page(response: requests.Response, pieces: Iterator[bytes]) -> tuple[str, str]:
        check_status(response)
        return response.url, b"".join(pieces).decode("utf-8", errors="replace")

    try:
        base, text = ask(source.address, page, limits=limits, most=MOST_BYTES)
    except DownloadFailed as failed:
        raise SourceFailed(title, f"the page cannot be had: {failed.what}", failed.todo) from None
    match = re.search(rf"""href=["']([^"'<>]*{source.link}(?:\?[^"'<>]*)?)["']""", text)
    if not match:
        raise SourceFailed(title, f"found no link to {source.link} on the page", MOVED)
    named = unescape(match[1])
    if not allowed_redirect(named, source.address, base) or urlsplit(urljoin(base, named)).hostname not in source.hosts:
        raise SourceFailed(title, f"the page links to {named}", f"links may lead to {', '.join(source.hosts)}; {MOVED}")
    return urljoin(base, named)


def check_status(response: requests.Response) -> None:
    """:class:`DownloadFailed` where an answer is none."""
    if response.status_code != 200:
        raise DownloadFailed(_answers(response), MOVED)


def _answers(response: requests.Response | BaseHTTPResponse) -> str:
    status = response.status_code if isinstance(response, requests.Response) else response.status
    return f"it answers {status} {response.reason}".rstrip()
