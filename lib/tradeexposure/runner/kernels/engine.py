"""papermill in a kernel with an environment and a folder of its own, which is ended when it takes too much.

papermill's own engine passes folder and environment through the process, which threads of one worker would
share, and loses the notebook when a kernel dies.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NotebookExecutionManager
from papermill.execute import raise_for_execution_errors
from papermill.log import logger
from papermill.parameterize import parameterize_notebook
from papermill.utils import nb_kernel_name
from traitlets.config import Config
from zmq import ZMQError

from tradeexposure.core.published_rows import TABLE_MIME
from tradeexposure.runner.kernels.limits import LETTERS, Limits

START_TIMEOUT_SECONDS = 60
LOOK_SECONDS = 0.1
NO_LIMIT_SECONDS = 10**9
DIED = "DeadKernelError: the kernel died (killed, crashed, or out of memory)"


class KernelNotStarted(RuntimeError):
    """The kernel died or kept silent before the first cell; worth another attempt."""


class NotebookEnded(Exception):
    """A cell asked its kernel to end."""


class WatchfulClient(PapermillNotebookClient):  # type: ignore[misc]
    """A client that ends a kernel that takes or shows too much; it notices a cell that asks its kernel to end.

    The cells after such a one may still run before the kernel is gone.
    """

    def __init__(self, nb_man: Any, *, limits: Limits, **settings: Any) -> None:
        super().__init__(nb_man, iopub_timeout=NO_LIMIT_SECONDS, **settings)
        self.limits = limits
        self.ended_for = ""
        self.taken: Counter[str] = Counter()  # letters of the cell by what it does

    async def _async_poll_kernel_alive(self) -> None:
        """Look, while a cell is executed, whether its kernel is alive and within its limits; if not, end the cell."""
        begun = time.monotonic()
        self.taken.clear()
        while not self.ended_for:
            await asyncio.sleep(LOOK_SECONDS)
            alive = await self.kc.is_alive()
            beyond = self.limits.exceeded(time.monotonic() - begun, self.km.provisioner.pid) if alive else DIED
            self.ended_for = self.ended_for or beyond
        self.task_poll_for_reply.cancel()

    def output(self, outs: list[Any], *message: Any) -> Any:
        """Take an output, unless there is too much by now; what does not fit is cut or left out."""
        output = None if self.ended_for else super().output(outs, *message)
        if output is None:
            return None
        stream = output["output_type"] == "stream"
        does = "prints" if stream else "hands over" if TABLE_MIME in output.get("data", {}) else "shows"
        most, beyond = LETTERS[does]
        self.taken[does] += len(output["text"] if stream else json.dumps(output))
        if self.taken[does] > most:
            self.ended_for = beyond.format(most)
            if stream:
                output["text"] = output["text"][: most - self.taken[does]]
            else:
                outs.remove(output)
        return output

    async def _check_raise_for_error(self, cell: Any, cell_index: int, exec_reply: dict[str, Any] | None) -> None:
        if self.ended_for:  # by the last of what it showed
            raise DeadKernelError
        try:
            await super()._check_raise_for_error(cell, cell_index, exec_reply)
        except CellExecutionError as error:
            if all(output.output_type != "error" for output in cell.outputs):
                # IPython prints groups of exceptions and unknown magics itself; papermill knows no other name then.
                cell.outputs.append(_failed(type(error).__name__, f"{error.ename}: {error.evalue}"))
            raise
        payload = (exec_reply or {}).get("content", {}).get("payload", ())
        if any(part.get("source") == "ask_exit" for part in payload):
            raise NotebookEnded


def parameterized(notebook: NotebookNode, parameters: Mapping[str, Any]) -> NotebookNode:
    """`notebook`, which is changed, ready to be run with `parameters`."""
    notebook = nbformat.v4.upgrade(notebook)
    notebook.metadata["papermill"] = NotebookNode()
    for cell in notebook.cells:
        cell.metadata.setdefault("tags", [])
    return parameterize_notebook(notebook, dict(parameters)) if parameters else notebook


def run(notebook: NotebookNode, *, environment: dict[str, str], folder: str, private: str, limits: Limits) -> None:
    """Run all cells of `notebook`, which is changed, in a kernel that shares nothing with others of this process.

    As ``papermill.execute_notebook``, which would write the whole as text and read it again before, and write it once
    more in the end. A kernel that dies becomes the error of the cell it was in.

    Parameters
    ----------
    environment, folder
        Environment variables and working folder of the kernel.
    private
        Folder of its own for the connection and what it says when it starts.
    limits
        What a cell may take.

    Raises
    ------
    PapermillExecutionError
        A cell raised; notes stand in the notebook.
    KernelNotStarted
        No cell was begun.
    """
    manager = NotebookExecutionManager(notebook, progress_bar=False)
    client = WatchfulClient(
        manager,
        limits=limits,
        kernel_name=nb_kernel_name(notebook),
        kernel_manager_class=AsyncKernelManager,
        startup_timeout=START_TIMEOUT_SECONDS,
        config=Config({"KernelManager": {"connection_file": str(Path(private, "kernel.json"))}}),
        record_timing=False,
        coalesce_streams=False,  # quadratic in the longest line; see notebooks.merge_streams
        extra_arguments=["--HistoryManager.enabled=False"],  # a database, and a thread that writes to it
        ipython_hist_file="",
        shutdown_kernel="immediate",  # when all cells have been answered, nothing that a kernel does is seen
        log=logger,
    )
    log = Path(private, "kernel.log")
    manager.notebook_start()
    try:
        with log.open("wb") as stream:
            client.execute(env=environment, cwd=folder, stdout=stream, stderr=stream)
    except NotebookEnded:
        _blame(manager, "SystemExit: the notebook ended itself")
    except DeadKernelError:
        _blame(manager, client.ended_for)
    except (RuntimeError, ZMQError, TimeoutError) as error:
        if any(_started(cell) for cell in notebook.cells):
            raise
        last_line = log.read_text("utf-8", errors="replace").strip().splitlines()[-1:]
        raise KernelNotStarted(" ".join([str(error), *last_line])) from error
    finally:
        manager.notebook_complete()
    raise_for_execution_errors(notebook, None)


def _started(cell: Any) -> bool:
    return bool(cell.metadata.get("papermill", {}).get("start_time"))


def _failed(name: str, message: str) -> NotebookNode:
    """What stands below a cell that failed without saying so there."""
    return nbformat.v4.new_output("error", ename=name, evalue=message, traceback=[message])


def _blame(manager: NotebookExecutionManager, message: str) -> None:
    """Let the cell that was started last have failed."""
    started = [cell for cell in manager.nb.cells if _started(cell) and cell.cell_type == "code"]
    if not started:
        raise KernelNotStarted(message)
    started[-1].outputs.append(_failed("", message))
    manager.cell_exception(started[-1])
