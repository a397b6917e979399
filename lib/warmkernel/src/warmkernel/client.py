"""The client's side: finds or starts a server, has a kernel forked, and handles it like a subprocess."""

from __future__ import annotations

import json
import math
import os
import select
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from warmkernel import identity, place, wire
from warmkernel.server import SETTINGS_VARIABLE, Settings

LINGER_VARIABLE = "WARMKERNEL_LINGER_SECONDS"
LINGER_SECONDS = 60.0
MOST_LINGER_SECONDS = 86_400.0  # a day; a selector takes no number without end
FREE_VARIABLE = "WARMKERNEL_FREE_MB"
FREE_MB = 500.0  # what a few large libraries take
MOST_FREE_MB = 1e9
ANSWER_SECONDS = 120.0  # a server that is still importing answers when it is done
READY_SECONDS = 10.0  # after that the client of the kernel waits, as long as it likes
ATTEMPTS = 3
POLL_SECONDS = 0.01
TOLD_SECONDS = 1.0  # a server tells of a kernel's end after the process has shown it
UNKNOWN = -int(signal.SIGKILL)  # how a kernel ended when the server that would know has been killed
# What says how much memory is free.
SYSTEM = Path("/proc/meminfo")
GROUP = Path("/proc/self/cgroup")
GROUPS = Path("/sys/fs/cgroup")
# Of glibc: a fork copies the table of pages, which is shorter then.
LARGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}


class NoServer(RuntimeError):
    """No server could be found or started, or it does not answer."""


@dataclass(frozen=True)
class Wanted:
    """The kind of server: interpreter with options, modules to import, files to watch."""

    interpreter: tuple[str, ...]
    preload: tuple[str, ...]
    watch: tuple[str, ...]


class Process:
    """A forked kernel with the part of `subprocess.Popen` that `jupyter_client` uses."""

    def __init__(self, pid: int, connection: socket.socket, pipes: Mapping[str, IO[bytes]]) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.ports: dict[str, int] = {}  # once it listens
        self.stdin, self.stdout, self.stderr = (pipes.get(name) for name in ("stdin", "stdout", "stderr"))
        self._connection = connection
        self._alive = os.pidfd_open(pid)

    def settle(self, seconds: float) -> None:
        """Wait until the kernel listens or has ended, `seconds` at most."""
        watcher = select.poll()
        watcher.register(self._connection, select.POLLIN)
        if watcher.poll(1000 * seconds):
            self.poll()

    def poll(self) -> int | None:
        """The exit status, negative for a signal; None while the kernel runs."""
        if self.returncode is None and _readable(self._connection, self._alive):
            self.returncode = self._status()
            if self.returncode is not None:
                self._connection.close()
                os.close(self._alive)
        return self.returncode

    def _status(self) -> int | None:
        try:
            if _readable(self._connection) or (
                _readable(self._alive) and _readable(self._connection, seconds=TOLD_SECONDS)
            ):
                message, _ = wire.receive(self._connection)
                if "ready" not in message:
                    return int(message["status"])
                self.ports = message["ready"]
                return None
        except (OSError, EOFError, ValueError, KeyError):
            pass
        # Without its server a kernel goes on; only its process tells of its end.
        return UNKNOWN if _readable(self._alive) else None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end; ``subprocess.TimeoutExpired`` after `timeout` seconds."""
        end = None if timeout is None else time.monotonic() + timeout
        while (status := self.poll()) is None:
            if end is not None and time.monotonic() > end:
                raise subprocess.TimeoutExpired("kernel", timeout or 0.0)
            time.sleep(POLL_SECONDS)
        return status

    def send_signal(self, number: int) -> None:
        """Signal the kernel if it is alive."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it and what it has started; it leads a session of its own."""
        if self.poll() is None:
            os.killpg(self.pid, signal.SIGKILL)


def _readable(*files: Any, seconds: float = 0.0) -> bool:
    watcher = select.poll()
    for file in files:
        watcher.register(file, select.POLLIN)
    return bool(watcher.poll(1000 * seconds))


def fork(wanted: Wanted, request: dict[str, Any], streams: Mapping[str, Any]) -> Process:
    """Have a kernel forked.

    Parameters
    ----------
    request : dict
        ``environment``, ``folder`` and ``arguments`` of the kernel, and whether it ``binds`` ports of its own choice.
    streams : mapping
        ``stdin``, ``stdout``, ``stderr`` as for `subprocess.Popen`.

    Raises
    ------
    NoServer
        No server could do it.
    OSError
        The kernel cannot be what was asked for, such as in a folder that is missing.
    """
    linger(request["environment"])
    files, pipes, spent = _streams(streams)
    try:
        pid, connection = _ask(wanted, request, files)
    except BaseException:
        for pipe in pipes.values():
            pipe.close()
        raise
    finally:
        for file in spent:
            os.close(file)
    process = Process(pid, connection, pipes)
    process.settle(ANSWER_SECONDS if request["binds"] else READY_SECONDS)
    if request["binds"] and process.returncode is None and not process.ports:
        process.kill()
        raise NoServer("a kernel did not tell its ports")
    return process


def _streams(streams: Mapping[str, Any]) -> tuple[list[int], dict[str, IO[bytes]], list[int]]:
    """Descriptors for the kernel, our ends of pipes, and what to close once the kernel has its own."""
    files: list[int] = []
    pipes: dict[str, IO[bytes]] = {}
    spent: list[int] = []
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        stream = streams.get(name)
        if stream is None and number > 0:
            files.append(number)
        elif stream == subprocess.STDOUT:
            files.append(files[1])
        elif stream is None or stream == subprocess.DEVNULL:
            files.append(os.open(os.devnull, os.O_RDWR))
            spent.append(files[-1])
        elif stream == subprocess.PIPE:
            ends = os.pipe()
            theirs, ours = ends if name == "stdin" else reversed(ends)
            pipes[name] = os.fdopen(ours, "wb" if name == "stdin" else "rb")
            files.append(theirs)
            spent.append(theirs)
        else:
            files.append(stream if isinstance(stream, int) else stream.fileno())
    return files, pipes, spent


def _ask(wanted: Wanted, request: dict[str, Any], files: Sequence[int]) -> tuple[int, socket.socket]:
    reason = ""
    for _ in range(ATTEMPTS):
        connection = None
        try:
            connection = _connected(wanted, request["environment"])
            connection.settimeout(ANSWER_SECONDS)
            with suppress(ConnectionError):  # a server that refuses answers and hangs up before it has read all
                wire.send(connection, request, files)
            answer, _none = wire.receive(connection)
            connection.settimeout(None)
        except (OSError, EOFError, subprocess.SubprocessError, ValueError) as error:
            reason = f"{type(error).__name__}: {error}"
            if connection is not None:
                connection.close()
            continue
        if "pid" in answer:
            return int(answer["pid"]), connection
        connection.close()
        if "cold" in answer:
            raise NoServer(str(answer["cold"]))
        if "error" in answer:
            number, text, name = answer["error"]
            raise OSError(number, text, name)
        reason = answer.get("again") or f"a kernel ended while it was forked, with status {answer.get('status')}"
    raise NoServer(reason)


def linger(environment: Mapping[str, str]) -> float:
    """Seconds without a kernel after which a server ends; :class:`NoServer` if `environment` names none."""
    return _number(environment, LINGER_VARIABLE, LINGER_SECONDS, most=MOST_LINGER_SECONDS, what="seconds")


def _number(environment: Mapping[str, str], name: str, usual: float, *, most: float, what: str) -> float:
    text = environment.get(name, str(usual))
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number <= most:
        raise NoServer(f"{name}: found {text!r}; allowed: {what} from 0 to {most:.0f}")
    return number


def free_memory() -> float:
    """Bytes that can be had without swapping, of the system and of every control group (version 2) around us."""
    return min([_free_in_system(), *_free_in_groups()])


def _free_in_system() -> float:
    try:
        lines = SYSTEM.read_text("utf-8").splitlines()
        return float(next(1024 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")))
    except (OSError, StopIteration, ValueError, IndexError):
        return float("inf")


def _free_in_groups() -> Iterator[float]:
    try:
        own = next(line[3:] for line in GROUP.read_text("utf-8").splitlines() if line.startswith("0::"))
    except (OSError, StopIteration):
        return
    inner = GROUPS / own.lstrip("/")
    for folder in (inner, *inner.parents):
        if not folder.is_relative_to(GROUPS):
            break
        try:
            most, used = ((folder / f"memory.{name}").read_text("ascii").strip() for name in ("max", "current"))
            reclaimable = dict(line.split() for line in (folder / "memory.stat").read_text("ascii").splitlines())
            yield float(int(most) - int(used) + int(reclaimable.get("inactive_file", "0")))
        except (OSError, ValueError):  # no limit, or no such file
            continue


def _connected(wanted: Wanted, environment: Mapping[str, str]) -> socket.socket:
    """A connection to the server for `environment`, started if there is none."""
    inside = place.folder()
    watched = identity.contents(wanted.watch)
    name = identity.server_name(wanted.interpreter, environment, wanted.preload, watched)
    connection = place.connect(inside, name)
    if connection is None:
        with place.locked(inside):
            connection = place.connect(inside, name)
            if connection is None:
                least = _number(environment, FREE_VARIABLE, FREE_MB, most=MOST_FREE_MB, what="megabytes")
                if free_memory() < 1e6 * least:
                    raise NoServer(f"less than {least:.0f} MB of memory are free; {FREE_VARIABLE} sets the limit")
                place.tidy(inside)
                with place.listen(inside, name) as listener:
                    _start(wanted, environment, inside / f"{name}{place.ENDING}", listener.fileno(), watched)
                connection = place.connect(inside, name)
    if connection is None:
        raise OSError(f"the server ended at once; {inside / name}.log may tell why")
    return connection


def _start(wanted: Wanted, environment: Mapping[str, str], path: Path, listener: int, watched: str) -> None:
    """Start a server; clients can connect at once and wait until it has imported."""
    settings = Settings(listener, str(path), linger(environment), list(wanted.preload), list(wanted.watch), watched)
    # ipykernel reads the parent's number when it is imported; 1 is the one it does not poll.
    own = {SETTINGS_VARIABLE: settings.text(), "JPY_PARENT_PID": "1"}
    started = {**LARGE_PAGES, **identity.at_start(environment), **own}
    with path.with_suffix(".log").open("wb") as log:
        subprocess.run(
            [*wanted.interpreter, "-m", "warmkernel.server"],
            env=started,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[listener],
            start_new_session=True,
            check=True,
        )


def request(
    environment: Mapping[str, str], folder: str, arguments: Sequence[str], *, binds: bool = False
) -> dict[str, Any]:
    """The request for a kernel; it must survive the way as JSON."""
    message = {"environment": dict(environment), "folder": folder, "arguments": list(arguments), "binds": binds}
    json.dumps(message)
    return message
