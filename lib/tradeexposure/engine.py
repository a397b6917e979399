"""The papermill engine: kernels that talk through private sockets, in an environment of their own.

papermill's own engine passes folder and environment through the process, which threads of one worker would
share, and loses the notebook when a kernel dies.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import nbformat
from nbclient.exceptions import DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from papermill.log import logger
from traitlets.config import Config
from zmq import ZMQError

NAME = "tradeexposure"
START_TIMEOUT_SECONDS = 60


class KernelNotStarted(RuntimeError):
    """The kernel died or kept silent before the first cell; worth another attempt."""


class IsolatedEngine(NBClientEngine):  # type: ignore[misc]
    """Execute in a kernel that shares nothing with other kernels of this process."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        *,
        kernel_environment: dict[str, str],
        kernel_folder: str,
        sockets: str,
        seen: list[Any],
        **_: Any,
    ) -> None:
        """Run all cells; a kernel that dies becomes the error of the cell it was in.

        Parameters
        ----------
        kernel_environment, kernel_folder
            Environment variables and working folder of the kernel.
        sockets
            Private folder for the connection.
        seen
            Receives `nb_man`, so that the caller can keep a notebook that did not finish.
        """
        seen.append(nb_man)
        client = PapermillNotebookClient(
            nb_man,
            kernel_name=kernel_name,
            startup_timeout=START_TIMEOUT_SECONDS,
            config=_connection(Path(sockets)),
            record_timing=False,
            coalesce_streams=True,
            log=logger,
        )
        log = Path(sockets) / "kernel.log"
        try:
            with log.open("wb") as stream:
                client.execute(env=kernel_environment, cwd=kernel_folder, stdout=stream, stderr=stream)
        except DeadKernelError:
            _blame(nb_man, "DeadKernelError", "the kernel died (killed, crashed, or out of memory)")
        except (RuntimeError, ZMQError, TimeoutError) as error:
            if any(_started(cell) for cell in nb_man.nb.cells):
                raise
            raise KernelNotStarted(" ".join([str(error), *_last_line(log)])) from error


def register() -> str:
    """Make the engine known to papermill; its name."""
    papermill_engines.register(NAME, IsolatedEngine)
    return NAME


def _connection(folder: Path) -> Config:
    """Sockets in the private folder where the system has them: ports of parallel kernels collide."""
    settings: dict[str, Any] = {"connection_file": str(folder / "kernel.json")}
    if os.name == "posix":
        settings |= {"transport": "ipc", "ip": str(folder / "s")}
    return Config({"KernelManager": settings})


def _last_line(log: Path) -> list[str]:
    return log.read_text("utf-8", errors="replace").strip().splitlines()[-1:]


def _started(cell: Any) -> bool:
    return bool(cell.metadata.get("papermill", {}).get("start_time"))


def _blame(nb_man: Any, name: str, message: str) -> None:
    started = [cell for cell in nb_man.nb.cells if _started(cell) and cell.cell_type == "code"]
    if not started:
        raise KernelNotStarted(message)
    error = nbformat.v4.new_output("error", ename=name, evalue=message, traceback=[f"{name}: {message}"])
    started[-1].outputs.append(error)
    nb_man.cell_exception(started[-1])
