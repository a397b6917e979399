"""How a publisher is asked: one `get` for files and pages, encrypted to the end of every redirection, within limits.

A publisher that is busy is asked again as it wishes (``Retry-After``) or after 1, 2, 4 … seconds. Whatever a server
does, a conversation ends at its time: its socket is then shut from outside, so that neither a header nor a body that
drips in, one byte a minute, can hold it up.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, InvalidHeader, ReadTimeoutError
from urllib3.util import Retry

from tradeexposure.core.errors import SourceFailed
from tradeexposure.refresh.publishers.catalogue import Limits, Source

AGENT = "tradeexposure (official figures, once a month)"
CHUNK = 1 << 14
MOST_REDIRECTS = 5
#: The publisher asks for patience or is in trouble: worth another try.
BUSY = (408, 425, 429, 500, 502, 503, 504)
LATER = "try again later; what has arrived is kept and the download goes on from there"
MOVED = "look up the file's new address on the publisher's page and change it in data/sources.yml"
#: A page is read whole; one that is longer is no page of links.
MOST_BYTES = 5_000_000
Sleep = Callable[[float], None]


class Trouble(Exception):
    """What went wrong with a request and what to do about it; `again` where another try may do better."""

    def __init__(self, what: str, todo: str = LATER, *, again: bool = False) -> None:
        super().__init__(what)
        self.what, self.todo, self.again = what, todo, again


class Deadline:
    """When a conversation has to be over; its sockets are shut then, whatever they wait for."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.ends = seconds, time.monotonic() + seconds
        self.over = False
        self.sockets: list[socket.socket] = []

    def left(self) -> float:
        """Seconds that are left."""
        return self.ends - time.monotonic()

    def check(self) -> None:
        """Raise :class:`Trouble` once the time is up."""
        if self.over or self.left() <= 0:
            raise Trouble(f"it is too slow: not done after {self.seconds:g} s")

    def _end(self) -> None:
        self.over = True
        for sock in self.sockets:
            with suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)  # an SSLSocket's own one would touch what a reader uses

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Watch the connections that are opened meanwhile."""
        self.check()
        timer = threading.Timer(self.left(), self._end)
        timer.daemon = True
        timer.start()
        token = _DEADLINE.set(self)
        try:
            yield
        finally:
            _DEADLINE.reset(token)
            timer.cancel()
            self.sockets.clear()


_DEADLINE: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


def _watch(connection: HTTPConnection) -> None:
    deadline = _DEADLINE.get()
    if deadline is not None and isinstance(connection.sock, socket.socket):
        deadline.sockets.append(connection.sock)


class _Plain(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        _watch(self)


class _Secure(HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        _watch(self)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class _Adapter(HTTPAdapter):
    """Connections that a deadline can end."""

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        super().init_poolmanager(*args, **more)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}

    def proxy_manager_for(self, *args: Any, **more: Any) -> Any:
        manager = super().proxy_manager_for(*args, **more)
        manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}
        return manager


class Patience(Retry):
    """Asks a busy publisher again, waits as it says or twice as long each time, and never beyond the limits."""

    def __init__(self, *args: Any, longest: float, deadline: Deadline, pause: Sleep, **more: Any) -> None:
        super().__init__(*args, **more)
        self.longest, self.deadline, self.pause = longest, deadline, pause

    def new(self, **changed: Any) -> Patience:
        """The next step, with the same limits."""
        own = {"longest": self.longest, "deadline": self.deadline, "pause": self.pause}
        return super().new(**own, **changed)

    def sleep(self, response: BaseHTTPResponse | None = None) -> None:
        """Wait before the next try; :class:`Trouble` where the publisher asks for more than the limits allow."""
        asked = None if response is None else self._asked(response)
        if response is not None and asked is not None and asked > self.longest:
            what = f"it answers {response.status} {response.reason}; the publisher asks to wait {asked:.0f} s"
            raise Trouble(what, "refresh again after that time")
        seconds = min(2.0 ** (len(self.history) - 1), self.longest) if asked is None else asked
        if seconds > self.deadline.left():
            raise Trouble(f"it is too busy: nothing to be had in {self.deadline.seconds:g} s")
        self.pause(seconds)

    def _asked(self, response: BaseHTTPResponse) -> float | None:
        try:
            return self.get_retry_after(response)
        except (InvalidHeader, ValueError, OverflowError):
            return None


def new_session() -> requests.Session:
    """An HTTP session that verifies certificates and whose connections a deadline can end."""
    session = requests.Session()
    session.verify = True
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Adapter())
    return session


@contextmanager
def get(
    address: str, *, limits: Limits, deadline: Deadline, headers: Mapping[str, str] | None = None,
    parameters: Mapping[str, str] | None = None, pause: Sleep = time.sleep,
) -> Iterator[requests.Response]:  # fmt: skip
    """Ask for a file or a page; its body is read inside the ``with`` block, through :func:`chunks`.

    Parameters
    ----------
    deadline : Deadline
        Of the whole conversation, tries and waits included.
    parameters : mapping, optional
        Of the first request; a redirection has its own.

    Raises
    ------
    Trouble
        No answer, no encryption, a certificate nobody signed, a redirection that may not be followed, or a publisher
        that stays busy.
    """
    with new_session() as session, deadline.kept():
        patience = Patience(
            total=None, connect=0, read=False, other=0, status=limits.attempts - 1, status_forcelist=BUSY,
            allowed_methods=["GET"], raise_on_status=False, longest=limits.longest_wait_seconds, deadline=deadline,
            pause=pause,
        )  # fmt: skip
        for adapter in session.adapters.values():
            adapter.max_retries = patience  # type: ignore[attr-defined]
        try:
            asked = {"User-Agent": AGENT, **(headers or {})}
            timeout = (limits.connect_seconds, limits.read_seconds)
            with _last(session, address, dict(parameters or {}), asked, timeout) as response:
                if response.status_code in BUSY:
                    tries = f"{limits.attempts} {'try' if limits.attempts == 1 else 'tries'}"
                    raise Trouble(f"it answers {response.status_code} {response.reason} ({tries})")
                yield response
        except (requests.exceptions.RequestException, HTTPError) as error:
            deadline.check()
            raise _told(error) from None


def _last(
    session: requests.Session, address: str, parameters: Mapping[str, str], headers: Mapping[str, str],
    timeout: tuple[float, float],
) -> requests.Response:  # fmt: skip
    """The answer at the end of the redirections, each of which is looked at before it is followed."""
    where, params = address, dict(parameters)
    for _ in range(MOST_REDIRECTS + 1):
        try:
            response = session.get(
                where, params=params, headers=headers, stream=True, allow_redirects=False, timeout=timeout
            )
        except requests.exceptions.RequestException:
            raise
        except ValueError as error:  # the library looks at a redirection even where it is not to follow it
            raise Trouble(f"it redirects to an address that is none ({error})", MOVED) from None
        if not response.is_redirect:
            return response
        named = response.headers["Location"]
        response.close()
        if not may_follow(named, address, where):
            raise Trouble(f"it redirects to {named[:80]!r}, which is not encrypted or is this machine", MOVED)
        where, params = urljoin(where, named), {}
    raise Trouble(f"more than {MOST_REDIRECTS} redirections", MOVED)


def may_follow(target: str, start: str, base: str = "") -> bool:
    """Whether a publisher may lead from `start`, an address in ``data/sources.yml``, to `target` (read from `base`).

    Only to an encrypted address that is not this machine or its network; or, where ``data/sources.yml`` itself names a
    server on this machine, to that very server.
    """
    try:
        goal, first = urlsplit(urljoin(base or start, target)), urlsplit(start)
        if (goal.scheme, goal.hostname, goal.port) == (first.scheme, first.hostname, first.port):
            return True
        return goal.scheme == "https" and not _near(goal.hostname or "localhost")
    except ValueError:
        return False


def _near(host: str) -> bool:
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


def chunks(response: requests.Response, deadline: Deadline) -> Iterator[bytes]:
    """The body, piece by piece; :class:`Trouble` once the time is up."""
    for chunk in response.iter_content(CHUNK):
        deadline.check()
        yield chunk
    deadline.check()  # a body that was cut off by the deadline may look whole


def _told(error: Exception) -> Trouble:
    """An exception of the library in our words."""
    if certificate_failed(error):
        return Trouble("its certificate could not be verified", "check this machine's clock and network")
    if isinstance(error, requests.exceptions.SSLError):
        return Trouble("the connection broke off while it was being secured", again=True)
    if isinstance(error, requests.exceptions.Timeout):
        return Trouble("it does not answer in time", again=True)
    if isinstance(error, (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError)):
        return Trouble("the file broke off before its end", again=True)
    if isinstance(error, requests.exceptions.ConnectionError):
        silent = any(isinstance(reason, ReadTimeoutError) for reason in error.args)
        none = "no connection: there is no network, or the publisher's server is down"
        return Trouble("it fell silent in the middle of the file" if silent else none, again=True)
    return Trouble(f"the request failed ({type(error).__name__})", MOVED)


def certificate_failed(error: BaseException) -> bool:
    """Whether a certificate is behind an error; a handshake that was dropped is none (``SSLError`` too, with EOF)."""
    return any(isinstance(reason, ssl.SSLCertVerificationError) for reason in _reasons(error))


def _reasons(error: BaseException) -> Iterator[BaseException]:
    """An exception and all that are behind it."""
    waiting, seen = [error], set()
    while waiting:
        one = waiting.pop()
        if id(one) not in seen:
            seen.add(id(one))
            yield one
            behind = (*one.args, getattr(one, "reason", None), one.__cause__, one.__context__)
            waiting += [other for other in behind if isinstance(other, BaseException)]


def page_link(source: Source, limits: Limits) -> str:
    """The address the page at the source's address links to, for publishers who name each release anew.

    Raises
    ------
    SourceFailed
        The page cannot be had, has no such link, or links elsewhere than to the hosts allowed.
    """
    title = f"{source.title} ({source.address})"
    try:
        base, text = _page(source.address, limits)
    except Trouble as trouble:
        raise SourceFailed(title, trouble.what, trouble.todo) from None
    found = re.search(rf"""href=["']([^"'<>]*{source.link}(?:\?[^"'<>]*)?)["']""", text)
    if not found:
        raise SourceFailed(title, f"found no link to {source.link} on the page", MOVED)
    named = unescape(found[1])
    if not may_follow(named, source.address, base) or urlsplit(urljoin(base, named)).hostname not in source.hosts:
        raise SourceFailed(title, f"the page links to {named}", f"links may lead to {', '.join(source.hosts)}; {MOVED}")
    return urljoin(base, named)


def _page(address: str, limits: Limits) -> tuple[str, str]:
    """Final address and text of a page; what failed in a way that may pass is tried again."""
    deadline = Deadline(limits.total_seconds)
    for attempt in range(limits.attempts):
        try:
            with get(address, limits=limits, deadline=deadline) as answer:
                if answer.status_code != 200:
                    raise Trouble(f"the page answers {answer.status_code}", MOVED)
                content = b""
                for chunk in chunks(answer, deadline):
                    content += chunk
                    if len(content) > MOST_BYTES:
                        raise Trouble(f"the page has more than {MOST_BYTES:,} bytes", MOVED)
                return answer.url, content.decode("utf-8", errors="replace")
        except Trouble as trouble:
            last = attempt + 1 == limits.attempts
            if not trouble.again:
                raise
            if last:
                raise Trouble(f"the page cannot be had: {trouble.what}", trouble.todo) from None
            time.sleep(min(2.0**attempt, limits.longest_wait_seconds, max(deadline.left(), 0.0)))
    raise AssertionError("at least one attempt is made")
