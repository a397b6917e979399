"""The forked child: made to look like a fresh process, then turned into a kernel."""

from __future__ import annotations

import atexit
import os
import re
import select
import signal
import socket
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from typing import Any

from traitlets.config.loader import Config, DeferredConfigString

from warmkernel import orphans, wire

CONTROL_SECONDS = 1.0
HISTORY = re.compile(r"--HistoryManager\.(hist_file|enabled)=(.*)", re.S)
EXTENSION = re.compile(r"--ext=([A-Za-z_][\w.]*)")
PORTS = ("shell_port", "iopub_port", "stdin_port", "hb_port", "control_port")

Changes = Mapping[str, tuple[str | None, str | None]]


@dataclass(frozen=True)
class Caller:
    """A client that asks for a kernel: the connection to it and its process (a descriptor)."""

    connection: socket.socket
    client: int


@dataclass(frozen=True)
class Order:
    """A kernel to start: its arguments, whether it chooses its ports, and the connection to its client."""

    arguments: list[str]
    binds: bool
    connection: socket.socket


def become(caller: Caller, changes: Changes) -> Order:
    """Take the identity the client asks for and report to it; ends the process if that is impossible."""
    try:
        request, files = wire.receive(caller.connection)
        caller.connection.settimeout(None)
    except (OSError, EOFError, ValueError):
        os._exit(1)
    try:
        os.setsid()
        orphans.adopt()
        for number, file in enumerate(files):
            os.dup2(file, number, inheritable=True)
            os.close(file)
        _signals()
        os.chdir(request["folder"])
        os.environ.clear()
        os.environ.update(environment(request["environment"], changes))
        _forget()
    except OSError as error:
        wire.send(caller.connection, {"error": [error.errno, error.strerror, error.filename]})
        os._exit(1)
    wire.send(caller.connection, {"pid": os.getpid()})
    # The server ends kernels whose client has gone; this is for the case that the server has gone too.
    threading.Thread(target=_follow, args=(caller.client, caller.connection), daemon=True).start()
    return Order(request["arguments"], request["binds"], caller.connection)


def environment(asked: Mapping[str, str], changes: Changes) -> dict[str, str]:
    """`asked` after imports that change it: variables with their values before and after, None for unset."""
    variables = dict(asked)
    for name, (before, after) in changes.items():
        if asked.get(name) != before:
            continue  # what the import would have done with another value is not known
        if after is None:
            variables.pop(name, None)
        else:
            variables[name] = after
    return variables


def _signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _forget() -> None:
    """Undo what the server's imports fixed and a fresh process would find out or draw for itself."""
    time.tzset()
    tempfile.tempdir = None
    if isinstance(sys.stdout, TextIOWrapper) and not sys.stdout.write_through:
        sys.stdout.reconfigure(line_buffering=sys.stdout.isatty())
    with warnings.catch_warnings():  # entering makes every module forget which warnings it has shown
        pass
    # The standard library's generator is re-seeded by the fork itself.
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()
    if "multiprocessing.process" in sys.modules:
        sys.modules["multiprocessing.process"].current_process().authkey = os.urandom(32)


def _follow(client: int, connection: socket.socket) -> None:
    """Wait for the client to end; `connection` stays open as long, so that the server's end can be told from ours."""
    watcher = select.poll()
    watcher.register(client, select.POLLIN)
    watcher.poll()
    connection.close()
    os.killpg(os.getpgrp(), signal.SIGKILL)


def run(order: Order, files: list[str]) -> int:
    """Be the kernel; its exit status. `files` are those of the modules that the server has imported."""
    import ipykernel_launcher
    from ipykernel.kernelapp import IPKernelApp

    from warmkernel import streams

    # A fresh `__main__`: nothing of the server's shows.
    sys.modules["__main__"] = type(sys)("__main__")
    sys.argv = [str(ipykernel_launcher.__file__), *order.arguments]
    status = 0
    try:
        application = IPKernelApp.instance()
        if order.binds:
            # Whatever the connection file says: ports in it were free when the client looked.
            load = application.load_connection_info
            application.load_connection_info = lambda info: load({**info, **dict.fromkeys(PORTS, 0)})
        _read_plainly(application)
        application.outstream_class = f"{streams.__name__}.{streams.Stream.__name__}"
        with _unlisted():
            application.initialize()
        # Files of modules, which the debugger keeps out of.
        application.kernel._kernel_modules = files
        if getattr(application.kernel, "debugger", None) is not None:
            application.kernel.debugger.kernel_modules = files
        # A client that connected before now would wait for ZeroMQ's next try, a tenth of a second later.
        wire.send(order.connection, {"ready": {name: getattr(application, name) for name in PORTS}})
        application.start()
        # ipykernel 7.4 stops its output thread while the control thread may still wait for it, ten seconds at most;
        # after a request to shut down the control thread ends by itself.
        if application.control_thread is not None:
            application.control_thread.join(CONTROL_SECONDS)
    except SystemExit as stop:
        status = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    return status


def _read_plainly(application: Any) -> None:
    """Read the arguments that clients usually give without traitlets' parser for all there are, a tenth of a start."""
    read = application.parse_command_line

    def parse_command_line(argv: Sequence[str] | None = None) -> None:
        arguments = sys.argv[1:] if argv is None else list(argv)
        config = plain(arguments)
        if config is None:
            read(argv)
            return
        application.argv, application.cli_config, application.extra_args = arguments, config, []
        application.update_config(config)

    application.parse_command_line = parse_command_line


def plain(arguments: Sequence[str]) -> Config | None:
    """What `arguments` configure: the connection file, one extension, and if and where history is kept; None for
    anything else.
    """
    config = Config()
    left = iter(arguments)
    for argument in left:
        if argument == "-f" and (file := next(left, "-")) and not file.startswith("-"):
            config.IPKernelApp.connection_file = file
        elif match := HISTORY.fullmatch(argument):
            config.HistoryManager[match[1]] = DeferredConfigString(match[2])
        elif (named := EXTENSION.fullmatch(argument)) and "extra_extensions" not in config.IPKernelApp:
            config.IPKernelApp.extra_extensions = [named[1]]
        else:
            return None
    return config


@contextmanager
def _unlisted() -> Iterator[None]:
    """Have ipykernel find no modules: it would ask each for its file, and list them for its debugger.

    What is asked is copied, 16 MB of a kernel. The server has the list.
    """
    from ipykernel import ipkernel

    known = ipkernel.sys
    emptied = type(sys)("sys")
    vars(emptied).update(vars(sys), modules={})
    ipkernel.sys = emptied
    try:
        yield
    finally:
        ipkernel.sys = known


def leave(status: int) -> None:
    """End as an interpreter does, without taking thousands of modules apart one by one."""
    try:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    finally:
        os._exit(status)
