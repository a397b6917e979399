"""papermill, nbclient, nbval and Jupyter's server start warm kernels behind sockets, unconfigured."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest

from warmkernels import LOOK, PATIENCE_SECONDS, specified, talking

WARM = "warm ipc"


@pytest.fixture
def named(shared: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home of servers with a kernel called `warm`, to be found by name."""
    folder = shared / "jupyter" / "kernels" / "warm"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kernel.json").write_text(json.dumps(specified(shared)), "utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(shared / "jupyter"))
    yield shared
    assert not list(shared.glob("servers/*/k-*")), "no socket is left"


@pytest.fixture
def notebook() -> nbformat.NotebookNode:
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(LOOK)])
    book.metadata["kernelspec"] = {"name": "warm", "display_name": "warm", "language": "python"}
    return book


def printed(executed: nbformat.NotebookNode) -> str:
    return "".join(output["text"] for cell in executed.cells for output in cell.get("outputs", ())).strip()


def test_papermill(named: Path, notebook: nbformat.NotebookNode, tmp_path: Path):
    papermill = pytest.importorskip("papermill")
    nbformat.write(notebook, tmp_path / "in.ipynb")
    executed = papermill.execute_notebook(tmp_path / "in.ipynb", tmp_path / "out.ipynb", progress_bar=False)
    assert printed(executed) == WARM


def test_nbclient(named: Path, notebook: nbformat.NotebookNode):
    nbclient = pytest.importorskip("nbclient")
    assert printed(nbclient.NotebookClient(notebook).execute()) == WARM


@pytest.mark.slow  # by nbval, without a restart, the committed notebooks run in every whole test
def test_nbval_and_its_restart(named: Path):
    kernels = pytest.importorskip("nbval.kernel")
    running = kernels.RunningKernel("warm", str(named))
    for _ in range(2):
        asked = running.execute_cell_input(LOOK, allow_stdin=False)
        message = running.get_message(stream="iopub", timeout=PATIENCE_SECONDS)
        while message["msg_type"] != "stream" or message["parent_header"]["msg_id"] != asked:
            message = running.get_message(stream="iopub", timeout=PATIENCE_SECONDS)
        assert message["content"]["text"].strip() == WARM
        running.restart()
        running._ensure_iopub_up()
    running.stop()


@pytest.mark.slow  # a JupyterLab with a warm kernel is in tests/system/lab, without a restart of it
def test_the_server_of_jupyterlab_and_its_restart(named: Path, tmp_path: Path):
    kernels = pytest.importorskip("jupyter_server.services.kernels.kernelmanager")

    async def both() -> list[str]:
        several = kernels.AsyncMappingKernelManager(connection_dir=str(tmp_path), root_dir=str(tmp_path))
        number = await several.start_kernel(kernel_name="warm")
        seen = [await asyncio.to_thread(look, several.get_kernel(number))]
        await several.restart_kernel(number)
        seen.append(await asyncio.to_thread(look, several.get_kernel(number)))
        await several.shutdown_kernel(number)
        return seen

    def look(kernel: object) -> str:
        with talking(kernel) as call:
            return call(LOOK)

    # The thread of a test may have a loop already: that of a browser in another test.
    with ThreadPoolExecutor(1) as aside:
        assert aside.submit(asyncio.run, both()).result() == [WARM, WARM]
