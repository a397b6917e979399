"""The papermill engine: kernels that talk through private sockets, in an environment of their own.

papermill's own engine passes folder and environment through the process, which threads of one worker would
share, and loses the notebook when a kernel dies.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from inspect import unwrap
from pathlib import Path
from queue import Empty
from typing import Any

import nbformat
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager, KernelManager
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from papermill.execute import raise_for_execution_errors
from papermill.log import logger
from papermill.parameterize import parameterize_notebook
from traitlets.config import Config
from zmq import ZMQError

NAME = "tradeexposure"
START_TIMEOUT_SECONDS = 60
ASK_AGAIN_SECONDS = 0.1


class KernelNotStarted(RuntimeError):
    """The kernel died or kept silent before the first cell; worth another attempt."""


class PromptManager(AsyncKernelManager):
    """A manager that has started or ended a kernel when it has; the base class sleeps 10 ms after each, to be seen."""

    start_kernel = unwrap(KernelManager._async_start_kernel)
    shutdown_kernel = unwrap(KernelManager._async_shutdown_kernel)


class PromptClient(AsyncKernelClient):
    """A client that is ready when its kernel says so; the base class then waits for 0.2 s of silence."""

    def start_channels(
        self, shell: bool = True, iopub: bool = True, stdin: bool = True, hb: bool = False, control: bool = True
    ) -> None:
        """As the base class, but for a thread that asks whether the kernel lives, which its process tells."""
        super().start_channels(shell, iopub, stdin, hb, control)

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Ask until the kernel has answered on both channels; ``RuntimeError`` after `timeout` seconds."""
        end = time.monotonic() + (START_TIMEOUT_SECONDS if timeout is None else timeout)
        while not await self._answers(self.kernel_info()):
            if not await self.is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
            if time.monotonic() > end:
                raise RuntimeError(f"Kernel didn't respond in {timeout} seconds")

    async def _answers(self, asked: str) -> bool:
        """True when the reply to `asked` is there and all that it published; False if the kernel is not yet heard."""
        try:
            state = ""
            while state != "idle":
                message = await self.iopub_channel.get_msg(timeout=ASK_AGAIN_SECONDS)
                if message["parent_header"].get("msg_id") == asked:
                    state = message["content"].get("execution_state", "")
            while message["msg_type"] != "kernel_info_reply":
                message = await self.shell_channel.get_msg(timeout=ASK_AGAIN_SECONDS)
        except Empty:
            return False
        self._handle_kernel_info_reply(message)
        self.language: dict[str, Any] = message["content"]["language_info"]
        return True


class NotebookEnded(Exception):
    """A cell asked its kernel to end."""


class WatchfulClient(PapermillNotebookClient):  # type: ignore[misc]
    """A client that notices a cell that ends its kernel: the cells after it may still run before it is gone."""

    def execute(self, **kwargs: Any) -> Any:
        """As the base class, which asks for the kernel's language once more when all cells have run."""
        self.reset_execution_trackers()
        with self.setup_kernel(**kwargs):
            self.papermill_execute_cells()
            self.nb.metadata["language_info"] = self.kc.language
            self.set_widgets_metadata()
        return self.nb

    async def _check_raise_for_error(self, cell: Any, cell_index: int, exec_reply: dict[str, Any] | None) -> None:
        await super()._check_raise_for_error(cell, cell_index, exec_reply)
        payload = (exec_reply or {}).get("content", {}).get("payload", ())
        if any(part.get("source") == "ask_exit" for part in payload):
            raise NotebookEnded


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
        client = WatchfulClient(
            nb_man,
            kernel_name=kernel_name,
            kernel_manager_class=PromptManager,
            startup_timeout=START_TIMEOUT_SECONDS,
            config=_connection(Path(sockets)),
            record_timing=False,
            coalesce_streams=False,  # quadratic in the longest line; see the module printed
            extra_arguments=["--HistoryManager.enabled=False"],  # a database, and a thread that writes to it
            ipython_hist_file="",
            shutdown_kernel="immediate",  # when all cells have been answered, nothing that a kernel does is seen
            log=logger,
        )
        log = Path(sockets) / "kernel.log"
        try:
            with log.open("wb") as stream:
                client.execute(env=kernel_environment, cwd=kernel_folder, stdout=stream, stderr=stream)
        except NotebookEnded:
            _blame(nb_man, "SystemExit", "the notebook ended itself")
        except DeadKernelError:
            _blame(nb_man, "DeadKernelError", "the kernel died (killed, crashed, or out of memory)")
        except (RuntimeError, ZMQError, TimeoutError) as error:
            if any(_started(cell) for cell in nb_man.nb.cells):
                raise
            raise KernelNotStarted(" ".join([str(error), *_last_line(log)])) from error


def execute(notebook: NotebookNode, parameters: Mapping[str, Any], **given: Any) -> NotebookNode:
    """Execute `notebook`, which is changed, with `parameters`.

    As ``papermill.execute_notebook``, which would write the whole as text and read it again before, and write it once
    more in the end.

    Parameters
    ----------
    given
        As for :meth:`IsolatedEngine.execute_managed_notebook`.

    Raises
    ------
    PapermillExecutionError
        A cell raised; notes stand in the notebook.
    """
    papermill_engines.register(NAME, IsolatedEngine)
    notebook = nbformat.v4.upgrade(notebook)
    notebook.metadata["papermill"] = NotebookNode()
    for cell in notebook.cells:
        cell.metadata.setdefault("tags", [])
    if parameters:
        notebook = parameterize_notebook(notebook, dict(parameters), engine_name=NAME)
    kernel = papermill_engines.nb_kernel_name(NAME, notebook)
    notebook = papermill_engines.execute_notebook_with_engine(NAME, notebook, kernel, progress_bar=False, **given)
    raise_for_execution_errors(notebook, None)
    return notebook


def _connection(folder: Path) -> Config:
    """Sockets in the private folder where the system has them: ports of parallel kernels collide."""
    settings: dict[str, Any] = {
        "connection_file": str(folder / "kernel.json"),
        "client_class": f"{PromptClient.__module__}.{PromptClient.__name__}",
    }
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
