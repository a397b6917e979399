"""The kernel provisioner: warm where a forked kernel can pass for a fresh one, otherwise cold."""

from __future__ import annotations

import asyncio
import os
import sys
import time
import warnings
from collections.abc import Mapping, Sequence
from subprocess import Popen
from typing import Any, cast

from jupyter_client.connect import KernelConnectionInfo, LocalPortCache, port_names
from jupyter_client.localinterfaces import localhost
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Bool, List, Unicode

SWITCH = "WARMKERNEL_ENABLE"
LAUNCHER = ["-m", "ipykernel_launcher"]
# What `jupyter_client` may pass to the process it starts; anything else is a wish only a real subprocess can grant.
UNDERSTOOD = {"env", "cwd", "stdin", "stdout", "stderr", "independent", "kernel_id", "extra_arguments"}
REACHED_BY = {"transport", "ip", *port_names}
FORKS = sys.platform == "linux" and hasattr(os, "pidfd_open")
WAIT_SECONDS = 0.005
SHUTDOWN_SECONDS = 0.5
COLD_SECONDS = 60.0  # asking again could take as long each time

_told: set[str] = set()
_cold_until = 0.0


class ColdKernelWarning(RuntimeWarning):
    """A warm kernel was wanted and there is none."""


class WarmProvisioner(LocalProvisioner):
    """Forks kernels from a server; everything else is as for a kernel on this machine."""

    preload = List(Unicode(), config=True, help="Modules the server imports; 'package.*' for all inside.")
    watch = List(Unicode(), config=True, help="Files and folders whose change asks for a new server.")
    ipc = Bool(True, config=True, help="Unix sockets instead of ports, where neither of them is configured.")

    _sockets: Any = None
    _binds = False
    _cached = False

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Put the kernel's sockets into a private folder, or leave the choice of ports to it."""
        environment = {**kwargs.get("env", os.environ), **self.kernel_spec.env}
        wanted = FORKS and environment.get(SWITCH) != "0" and LAUNCHER[1] in self.kernel_spec.argv
        self._binds = False
        if wanted and self.parent is not None and left_open(self.parent):
            self._binds = not (self.ipc and self._use_sockets())
        return await super().pre_launch(**kwargs)

    def _use_sockets(self) -> bool:
        from warmkernel import place, sockets

        try:
            self._sockets = sockets.Sockets.made(place.folder())
        except OSError:  # told when a server is looked for in the same folder
            return False
        if self._sockets is None:
            return False
        manager: Any = self.parent
        self._cached = manager.cache_ports
        manager.transport, manager.ip, manager.cache_ports = "ipc", self._sockets.address, False
        return True

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the kernel warm if that is possible, else cold."""
        if time.monotonic() >= _cold_until and fits(cmd, kwargs) and await self._forked(cmd, kwargs):
            return self.connection_info
        if FORKS and not kwargs.get("independent"):
            return await self._kept(cmd, kwargs)
        return await super().launch_kernel(cmd, **kwargs)

    async def _kept(self, cmd: list[str], kwargs: Mapping[str, Any]) -> KernelConnectionInfo:
        """Start the kernel cold, below a process that ends what it leaves behind."""
        from warmkernel import orphans

        reading, writing = os.pipe()
        with open(reading, "rb") as ready:
            try:
                passed = {**kwargs, "pass_fds": (*kwargs.get("pass_fds", ()), writing)}
                await super().launch_kernel(orphans.keeper(cmd, writing), **passed)
            finally:
                os.close(writing)
            if number := await asyncio.to_thread(ready.read):
                self.pid = self.pgid = int(number)
        return self.connection_info

    async def _forked(self, cmd: list[str], kwargs: Mapping[str, Any]) -> bool:
        if not FORKS:
            return give_up("they need Linux with Python's os.pidfd_open")
        from warmkernel import client

        start = cmd.index(LAUNCHER[0])
        wanted = client.Wanted(tuple(cmd[:start]), tuple(self.preload), tuple(self.watch))
        environment = {**kwargs.get("env", os.environ), "JPY_PARENT_PID": str(os.getpid())}
        folder = os.path.abspath(kwargs.get("cwd") or os.getcwd())
        wish = client.request(environment, folder, cmd[start + len(LAUNCHER) :], binds=self._binds)
        try:
            process = await asyncio.to_thread(client.fork, wanted, wish, kwargs)
        except client.NoServer as error:
            return give_up(str(error))
        self.process = cast("Popen[bytes]", process)
        self.pid = self.pgid = process.pid
        self.cwd = folder
        if self._binds and process.ports:
            self._take(process.ports)
        return True

    def _take(self, ports: Mapping[str, int]) -> None:
        """Reach the kernel by the ports it chose; those that were chosen for it are free for others."""
        manager: Any = self.parent
        if self.ports_cached:
            used = LocalPortCache.instance().currently_used_ports
            used.difference_update(manager.ports)
            used.update(ports.values())
        for name, port in ports.items():
            setattr(manager, name, port)
        self.connection_info = manager.get_connection_info()

    async def cleanup(self, restart: bool = False) -> None:
        """Remove the folder of the sockets; the manager is as it was, for another start."""
        await super().cleanup(restart=restart)
        if self._sockets is not None and not restart:
            self._sockets.remove()
            self._sockets = None
            manager: Any = self.parent
            manager.transport, manager.ip, manager.cache_ports = "tcp", localhost(), self._cached
            for name in port_names:
                setattr(manager, name, 0)

    async def shutdown_requested(self, restart: bool = False) -> None:
        """Give a kernel that was asked to end the moment it needs."""
        await self._leave_a_moment()

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel, and give it the moment it needs to be gone."""
        await super().kill(restart=restart)
        await self._leave_a_moment()

    async def _leave_a_moment(self) -> None:
        """Wait while a kernel ends; the manager looks again only after 0.1 s."""
        end = time.monotonic() + SHUTDOWN_SECONDS
        while self.process and await self.poll() is None and time.monotonic() < end:
            await asyncio.sleep(WAIT_SECONDS)

    async def wait(self) -> int | None:
        """Wait for the kernel's end; sooner told than by the base class's ten looks a second."""
        while self.process and await self.poll() is None:
            await asyncio.sleep(WAIT_SECONDS)
        return await super().wait()


def give_up(reason: str) -> bool:
    """Let kernels start cold for a while, and say why if that was not said before; False."""
    global _cold_until
    _cold_until = time.monotonic() + COLD_SECONDS
    if reason not in _told:
        _told.add(reason)
        message = f"kernels start cold, which takes longer ({reason}); {SWITCH}=0 silences this"
        warnings.warn(message, ColdKernelWarning, stacklevel=3)  # the log of a library shows nothing by default
    return False


def left_open(manager: Any) -> bool:
    """Whether nobody has said how clients reach the kernel of `manager`: transport, address and ports are the usual."""
    configured = {name for section in manager.section_names() for name in manager.config.get(section, {})}
    return bool(
        not REACHED_BY & configured
        and manager.transport == "tcp"
        and manager.ip == localhost()
        and not any(manager.ports)
    )


def fits(cmd: Sequence[str], kwargs: Mapping[str, Any]) -> bool:
    """True if a fork can be what `cmd` and `kwargs` ask for: an IPython kernel of this interpreter."""
    environment: Mapping[str, str] = kwargs.get("env", os.environ)
    paths = environment.get("PYTHONPATH", "").split(os.pathsep)
    return (
        environment.get(SWITCH) != "0"
        and cmd[:1] == [sys.executable]
        and LAUNCHER[0] in cmd
        and cmd[cmd.index(LAUNCHER[0]) :][:2] == LAUNCHER
        and UNDERSTOOD.issuperset(kwargs)
        and not kwargs.get("independent")  # it would have to outlive this process
        and environment.get("PYTHONHASHSEED") != "random"  # a fork has its server's seed
        and all(not path or os.path.isabs(path) for path in paths)  # the server starts in another folder
    )
