"""The server: imports once, then forks a kernel per request until nobody has asked for a while.

Started by a client as ``python -m warmkernel.server`` with :class:`Settings` in the environment. It stays in one
thread, because a fork copies no other, and answers one client after the other, because that takes milliseconds.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import struct
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from warmkernel import identity, kernel, orphans, place, sockets, wire

SETTINGS_VARIABLE = "WARMKERNEL_SETTINGS"
TASKS = "/proc/self/task"
REQUEST_SECONDS = 5.0  # a client sends its request in one go
# What a kernel imports between its start and its first cell.
ALWAYS = (
    *("ipykernel_launcher", "ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell"),
    *("ipykernel.debugger", "IPython.core.debugger", "IPython.core.logger", "IPython.core.oinspect"),
    *("IPython.core.completerlib", "IPython.extensions.storemagic", "sqlite3", "tornado.platform.asyncio"),
)
OWN_STREAM = "warmkernel.streams"


@dataclass(frozen=True)
class Settings:
    """What a server is started with.

    Attributes
    ----------
    listener
        Descriptor of the listening socket.
    socket
        Its path, removed in the end.
    linger
        Seconds without a kernel after which the server ends.
    preload, watch, watched
        As in :mod:`warmkernel.identity`.
    """

    listener: int
    socket: str
    linger: float
    preload: list[str]
    watch: list[str]
    watched: str

    def text(self) -> str:
        """As it is put into the environment."""
        return json.dumps(asdict(self))


@dataclass
class Child:
    """A forked kernel: descriptors of its process and its client's, the connection, its exit status once it has one."""

    pid: int
    process: int
    client: int
    connection: socket.socket | None
    status: int | None = None

    def watched(self) -> set[int]:
        """Numbers whose events concern this kernel."""
        return {self.process, self.client} | ({self.connection.fileno()} if self.connection else set())


@dataclass
class Server:
    """The kernels that are alive, or dead and not yet acknowledged by their clients.

    With a `refusal` there are none: every client is told that, sooner than it would take another server to find out.
    """

    listener: socket.socket
    linger: float
    refusal: str = ""
    poller: select.poll = field(default_factory=select.poll)
    children: list[Child] = field(default_factory=list)

    def serve(self) -> kernel.Caller | None:
        """Serve until idle for `linger` seconds; in a forked child, the client it is to be a kernel for."""
        self.poller.register(self.listener, select.POLLIN)
        while True:
            events = self.poller.poll(None if self.children else 1000 * self.linger)
            if not events and not self.children:
                return None
            numbers = {number for number, _ in events}
            for number in numbers - {self.listener.fileno()}:
                for child in [child for child in self.children if number in child.watched()]:
                    self._attend(child, number)
            # Last: a new client may get a number that an event of before still names.
            if self.listener.fileno() in numbers and (caller := self._accept()):
                return caller

    def _accept(self) -> kernel.Caller | None:
        """Fork for the next client that asks for something.

        Only the child reads what is asked for: a request holds the client's environment, which later kernels, copies
        of this process, must not inherit.
        """
        connection, _ = self.listener.accept()
        opened: list[int] = []
        try:
            connection.settimeout(REQUEST_SECONDS)
            opened.append(os.pidfd_open(_peer(connection)))
            if not connection.recv(1, socket.MSG_PEEK):
                raise EOFError("closed")
            pid = self._forked(connection)
        except (OSError, EOFError):
            connection.close()
            _close(*opened)
            return None
        if pid == 0:
            self._let_go()
            return kernel.Caller(connection, opened[0])
        child = Child(pid, os.pidfd_open(pid), opened[0], connection)
        self.children.append(child)
        for number in (child.process, child.client):
            self.poller.register(number, select.POLLIN)
        if child.connection is not None:
            self.poller.register(child.connection, 0)  # until it is closed: the request in it is for the child to read
        return None

    def _forked(self, connection: socket.socket) -> int:
        """As `os.fork`; the client is told why it cannot be done, before the error."""
        if self.refusal:
            answer(connection, cold=self.refusal)
            raise EOFError(self.refusal)
        try:
            return os.fork()
        except OSError as error:
            answer(connection, cold=f"no process can be forked: {error.strerror}")
            raise

    def _let_go(self) -> None:
        """Close, in a child, what belongs to the server and to the kernels beside it.

        Each through the object that owns it: one whose number was closed behind its back closes that number once more
        when it is collected, and by then the number is ZeroMQ's or a file's.
        """
        self.listener.close()
        for child in self.children:
            if child.connection is not None:
                child.connection.close()
            _close(child.process, child.client)
        self.children.clear()

    def _attend(self, child: Child, number: int) -> None:
        """A kernel has ended, its client has ended, or its client is done with it."""
        self.poller.unregister(number)
        if number == child.process:
            ended = os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
            assert ended is not None
            child.status = ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status
            orphans.end(spared={kernel.pid for kernel in self.children})
            if child.connection is not None:
                answer(child.connection, status=child.status)
        elif number == child.client:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            self._hang_up(child)
        else:
            self._hang_up(child)
        if child.status is not None and child.connection is None:
            # Reaped only now: as long as the client could signal the process, nobody else may get its number.
            os.waitpid(child.pid, 0)
            with suppress(KeyError):
                self.poller.unregister(child.client)
            _close(child.process, child.client)
            self.children.remove(child)

    def _hang_up(self, child: Child) -> None:
        if child.connection is not None:
            with suppress(KeyError):
                self.poller.unregister(child.connection)
            child.connection.close()
            child.connection = None


def answer(connection: socket.socket, **message: Any) -> None:
    """Send `message` to a client that may have gone."""
    with suppress(OSError):
        wire.send(connection, message)


def _close(*files: int) -> None:
    for file in files:
        os.close(file)


def _peer(connection: socket.socket) -> int:
    """Number of the client's process."""
    credentials = struct.Struct("iII")
    pid, user, _ = credentials.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, credentials.size))
    if user != os.getuid():
        raise PermissionError("a client of another user")
    return int(pid)


def modules(preload: Sequence[str]) -> Iterator[str]:
    """Names of the modules to import; ``package.*`` stands for all modules below it."""
    for name in preload:
        package = name.removesuffix(".*")
        yield package
        if package != name and package in sys.modules:
            below = pkgutil.walk_packages(sys.modules[package].__path__, f"{package}.", onerror=lambda _: None)
            yield from (module.name for module in below if not module.name.endswith(".__main__"))


def load(preload: Sequence[str]) -> str:
    """Import; the module that started a thread, in words, if one did.

    What cannot be imported is left for the notebook that wants it to fail on.
    """
    culprit = ""
    for name in modules(preload):
        try:
            importlib.import_module(name)
        except BaseException:
            print(f"{name} cannot be imported", traceback.format_exc(), sep="\n", file=sys.stderr, flush=True)
        if threading.active_count() > 1 and not culprit:
            started = ", ".join(
                thread.name for thread in threading.enumerate() if thread is not threading.main_thread()
            )
            culprit = f"importing {name} starts a thread ({started})"
    return culprit


def lost_in_a_fork(culprit: str) -> str:
    """Why this process must not be forked, in words: a thread that a fork would not have; empty if there is none.

    Threads that a library ends before a fork and starts again, such as those of OpenBLAS, do not count: a process is
    forked to see.
    """
    if threading.active_count() == 1:
        if len(os.listdir(TASKS)) > 1:
            tried = os.fork()
            if tried == 0:
                os._exit(0)
            os.waitpid(tried, 0)
        number = len(os.listdir(TASKS)) - 1
        culprit = f"an import starts {number} threads outside Python" if number else ""
    return culprit and f"{culprit}, which a fork would lose"


def main() -> int:
    """Be the server, and in a forked child the kernel."""
    settings = Settings(**json.loads(os.environ.pop(SETTINGS_VARIABLE)))
    if os.fork():
        os._exit(0)  # the client waits for this process only
    del sys.path[0]
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    orphans.adopt()
    before = dict(os.environ)
    gc.disable()  # modules stay: to look for what may go costs a seventh of the imports
    culprit = load([*ALWAYS, OWN_STREAM, *settings.preload])
    changed = {name for name, _ in before.items() ^ os.environ.items()}
    changes = {name: (before.get(name), os.environ.get(name)) for name in changed}
    listener = socket.socket(fileno=settings.listener)
    if identity.contents(settings.watch) != settings.watched:
        dismiss(listener, f"{identity.newest(settings.watch)} changed while it was imported")
        return 0
    files = [file for module in list(sys.modules.values()) if (file := getattr(module, "__file__", None))]
    gc.collect()
    lay_together()
    gc.freeze()  # kernels share this memory as long as no collection touches it
    gc.enable()
    caller = Server(listener, settings.linger, lost_in_a_fork(culprit)).serve()
    if caller is not None:
        kernel.leave(kernel.run(kernel.become(caller, changes), files))
    place.remove(settings.socket)
    sockets.sweep(Path(settings.socket).parent)
    return 0


def lay_together() -> None:
    """Put the names of modules side by side in memory, by copies in their order.

    IPython goes through them when a kernel starts. To look at an object counts it, which copies its page: a thousand
    pages where names lie as the imports have left them.
    """
    for name in list(sys.modules):
        sys.modules[name[:1] + name[1:]] = sys.modules.pop(name)


def dismiss(listener: socket.socket, reason: str) -> None:
    """Send all clients that wait away; each asks another server."""
    listener.setblocking(False)
    with suppress(BlockingIOError):
        while True:
            connection, _ = listener.accept()
            with connection:
                answer(connection, again=reason)


if __name__ == "__main__":
    sys.exit(main())
