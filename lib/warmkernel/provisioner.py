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

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import List, Unicode

SWITCH = "TRADEEXPOSURE_WARM"
LAUNCHER = ["-m", "ipykernel_launcher"]
QUIET = "--IPKernelApp.log_level=ERROR"
# What `jupyter_client` may pass to the process it starts; anything else is a wish only a real subprocess can grant.
UNDERSTOOD = {"env", "cwd", "stdin", "stdout", "stderr", "independent", "kernel_id", "extra_arguments"}
WAIT_SECONDS = 0.005
SHUTDOWN_SECONDS = 0.5

_failed = False  # the first failure is told and stays: asking again could take as long each time


class ColdKernelWarning(RuntimeWarning):
    """A warm kernel was wanted and there is none."""


class WarmProvisioner(LocalProvisioner):
    """Forks kernels from a server; everything else is as for a kernel on this machine."""

    preload = List(Unicode(), config=True, help="Modules the server imports; 'package.*' for all inside.")
    watch = List(Unicode(), config=True, help="Files and folders whose change asks for a new server.")

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the kernel warm if that is possible, else cold."""
        cmd = quiet(cmd)
        if not _failed and fits(cmd, kwargs) and await self._forked(cmd, kwargs):
            return self.connection_info
        return await super().launch_kernel(cmd, **kwargs)

    async def _forked(self, cmd: list[str], kwargs: Mapping[str, Any]) -> bool:
        try:
            from warmkernel import client
        except ImportError:  # of what only Linux has
            return self._give_up("this system cannot fork them")
        start = cmd.index(LAUNCHER[0])
        wanted = client.Wanted(tuple(cmd[:start]), tuple(self.preload), tuple(self.watch))
        environment = {**kwargs.get("env", os.environ), "JPY_PARENT_PID": str(os.getpid())}
        folder = os.path.abspath(kwargs.get("cwd") or os.getcwd())
        wish = client.request(environment, folder, cmd[start + len(LAUNCHER) :])
        try:
            process = await asyncio.to_thread(client.fork, wanted, wish, kwargs)
        except client.NoServer as error:
            return self._give_up(str(error))
        self.process = cast("Popen[bytes]", process)
        self.pid = self.pgid = process.pid
        self.cwd = folder
        return True

    async def shutdown_requested(self, restart: bool = False) -> None:
        """Give a kernel that was asked to end the moment it needs; the manager looks again only after 0.1 s."""
        end = time.monotonic() + SHUTDOWN_SECONDS
        while self.process and await self.poll() is None and time.monotonic() < end:
            await asyncio.sleep(WAIT_SECONDS)

    async def wait(self) -> int | None:
        """Wait for the kernel's end; sooner told than by the base class's ten looks a second."""
        while self.process and await self.poll() is None:
            await asyncio.sleep(WAIT_SECONDS)
        return await super().wait()

    def _give_up(self, reason: str) -> bool:
        global _failed
        _failed = True
        message = f"kernels start cold, which takes longer ({reason}); {SWITCH}=0 silences this"
        warnings.warn(message, ColdKernelWarning, stacklevel=2)  # the log of a library shows nothing by default
        return False


def quiet(cmd: list[str]) -> list[str]:
    """`cmd` without ipykernel's warning that plain tools talk to a kernel of this machine over TCP, at every start."""
    if LAUNCHER[0] not in cmd or any("log" in part and part.startswith("--") for part in cmd):
        return cmd
    return [*cmd, QUIET]


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
