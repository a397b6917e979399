"""A committed notebook opens in a real JupyterLab, and every chart of all of them draws there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pandas as pd
import pytest
from nbformat.sign import NotebookNotary
from trees import committed_notebooks

from tradeexposure.core.text import as_output
from tradeexposure.reporting import tables
from tradeexposure.runner import notebooks

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[3]
NOTEBOOKS = committed_notebooks()
OPENED = NOTEBOOKS[-1]  # the shortest
CHART = "application/vnd.vegalite.v5+json"
#: The smallest picture that there is.
DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
WAIT = 60_000  # milliseconds: the first page load on a busy machine

# Share of an output's pixels that differ from its first one; an SVG is painted on a canvas first.
INKED = """async (element) => {
  const canvas = document.createElement("canvas");
  const drawn = element.querySelector("canvas, svg");
  const box = drawn.getBoundingClientRect();
  canvas.width = Math.round(box.width);
  canvas.height = Math.round(box.height);
  const pen = canvas.getContext("2d");
  if (drawn.tagName.toLowerCase() === "svg") {
    const picture = new Image();
    picture.src = "data:image/svg+xml," + encodeURIComponent(new XMLSerializer().serializeToString(drawn));
    await picture.decode();
    pen.drawImage(picture, 0, 0);
  } else {
    pen.drawImage(drawn, 0, 0, canvas.width, canvas.height);
  }
  const pixels = new Uint32Array(pen.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
  return pixels.filter((pixel) => pixel !== pixels[0]).length / pixels.length;
}"""
SHOW_CELL = """async (place) => {
  await window.jupyterapp.shell.currentWidget.content.scrollToItem(place, "center");
}"""
# Asked again and again and kept on the window: a promise awaited across a reload of the page is lost.
RESTORED = """() => {
  const lab = window.jupyterapp;
  if (!lab?.commands?.hasCommand("docmanager:open")) return false;
  window.asked ??= lab.restored.then(() => { window.restored = true; });
  return window.restored === true;
}"""
OPEN = """async (path) => {
  const factory = window.jupyterapp.docRegistry.getWidgetFactory("Notebook");
  Object.defineProperty(factory, "preferKernel", {value: false, configurable: true});
  const widget = await window.jupyterapp.commands.execute("docmanager:open", {path, factory: "Notebook"});
  await widget.context.ready;
}"""
TRUSTED = """() => Array.from(window.jupyterapp.shell.currentWidget.content.model.cells)
  .filter((cell) => cell.type === "code").every((cell) => cell.trusted)"""

SUMS = "**C$1 m** (C$2 m to C$3 m)"


@dataclass
class Lab:
    """A running JupyterLab on a folder that holds a notebook that is trusted, and the charts of all, which are not."""

    address: str
    folder: Path


@dataclass
class Watched:
    """A page, the requests it made beyond its server and the errors it raised."""

    page: Page
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def isolated(folder: Path) -> dict[str, str]:
    """Environment without the user's Jupyter settings, signatures and kernels."""
    own = {
        name: str(folder / name.lower())
        for name in (
            "IPYTHONDIR",
            "JUPYTER_CONFIG_DIR",
            "JUPYTER_DATA_DIR",
            "JUPYTER_RUNTIME_DIR",
            "JUPYTERLAB_SETTINGS_DIR",
            "JUPYTERLAB_WORKSPACES_DIR",
        )
    }
    for path in own.values():
        Path(path).mkdir()
    return {**os.environ, **own, "JUPYTER_PREFER_ENV_PATH": "1"}


def decoy(folder: Path) -> None:
    """A kernel of the user with the name that the notebooks ask for."""
    folder.mkdir(parents=True)
    spec = {"argv": ["not-the-project", "{connection_file}"], "display_name": "Another", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(spec), "utf-8")


def sums(folder: Path) -> None:
    """Sums of money as notebooks show them, and as they must not be shown last: `sums.ipynb`."""
    table = tables.bundle(pd.DataFrame({"Sum": [SUMS]}), caption="Sums")
    cells = []
    for data in (as_output(SUMS), table, {"text/markdown": SUMS.replace("$", r"\$")}):
        cell = nbformat.v4.new_code_cell("sums")
        cell.outputs = [nbformat.v4.new_output("display_data", data)]
        cells.append(cell)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "sums.ipynb")


def gallery(folder: Path) -> None:
    """Charts of the committed notebooks that hold every kind of part, and nothing else: `charts.ipynb`.

    JupyterLab makes a picture of a chart that has none and draws the chart again with it; here each has one that nobody
    sees and is drawn once. The notebook that is opened as it is committed has none.
    """
    cells, known = [], set[str]()
    for path in NOTEBOOKS:
        drawn = [cell for cell in nbformat.read(path, as_version=4).cells if charts_of(cell)]
        assert drawn or notebooks.read(path).tabulates, f"{path.name} has no chart"
        for cell in drawn:
            new = [output for output in charts_of(cell) if kinds(output.data[CHART]) - known]
            known = known.union(*(kinds(output.data[CHART]) for output in new))
            cell.update(id=f"{path.stem[:2]}-{cell.id}", source="", outputs=new)
            for output in new:
                output.data["image/png"] = DOT
            cells += [cell] if new else []
    assert len(known) > 15
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "charts.ipynb")


def kinds(part: Any) -> frozenset[str]:
    """Marks, types, transforms and ways to compose of a chart's specification."""
    if isinstance(part, list):
        return frozenset().union(*map(kinds, part))
    if not isinstance(part, dict):
        return frozenset()
    own = {f"{key} {part.get(key)}" for key in ("mark", "type") if isinstance(part.get(key), str)}
    own |= {key for key in part if key in ("layer", "hconcat", "vconcat", "facet", "projection", "params", "transform")}
    within = (value for key, value in part.items() if key not in ("data", "datasets", "usermeta", "config"))
    return frozenset(own).union(*map(kinds, within))


def charts_of(cell: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """Outputs of a cell that are charts."""
    return [output for output in cell.get("outputs", []) if CHART in output.get("data", {})]


def start(folder: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    options = [
        "--no-browser",
        "--allow-root",
        "--expose-app-in-browser",
        f"--config={ROOT / 'tools/lab/jupyter_lab_config.py'}",
        f"--ServerApp.root_dir={folder}",
        "--ServerApp.ip=127.0.0.1",
        "--ServerApp.port=0",
        "--IdentityProvider.token=",
    ]
    log = (folder.parent / "server.log").open("wb")
    return subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", *options], cwd=folder, env=environment, stdout=log, stderr=log
    )


def address_of(server: subprocess.Popen[bytes], folder: Path, environment: dict[str, str]) -> str:
    """Address of the server as soon as it answers for itself."""
    log = folder.parent / "server.log"
    runtime = Path(environment["JUPYTER_RUNTIME_DIR"])
    deadline = time.monotonic() + WAIT / 1000
    while time.monotonic() < deadline and server.poll() is None:
        for path in runtime.glob("jpserver-*.json"):
            with suppress(json.JSONDecodeError):  # still being written
                return json.loads(path.read_text("utf-8"))["url"].rstrip("/")
        time.sleep(0.1)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text('utf-8')[-2000:]}")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    base = tmp_path_factory.mktemp("lab")
    environment = isolated(base)
    folder = base / "served"
    (folder / "trusted").mkdir(parents=True)
    notebook = nbformat.read(OPENED, as_version=4)
    nbformat.write(notebook, folder / "trusted" / OPENED.name)
    NotebookNotary(data_dir=environment["JUPYTER_DATA_DIR"]).sign(notebook)  # what `jupyter trust` does
    gallery(folder)
    decoy(Path(environment["JUPYTER_DATA_DIR"]) / "kernels/python3")
    sums(folder)
    server = start(folder, environment)
    try:
        yield Lab(address_of(server, folder, environment), folder)
    finally:
        server.kill()  # a server that was just started may wait for its extensions without end
        server.wait()


@pytest.fixture(scope="module")
def watched(browser: Browser, lab: Lab) -> Iterator[Watched]:
    """JupyterLab in one page: starting it takes longer than opening a notebook in it."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(WAIT)
    seen = Watched(page)
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith((lab.address, "data:", "blob:")) else seen.outside.append(request.url)
        ),
    )
    page.goto(f"{lab.address}/lab")
    page.wait_for_function(RESTORED)
    yield seen
    context.close()


@contextmanager
def opened(page: Page, path: str) -> Iterator[None]:
    """A notebook as the one in front, without a kernel, closed in the end."""
    page.evaluate(OPEN, path)
    try:
        page.wait_for_function("(path) => window.jupyterapp.shell.currentWidget?.context?.path === path", arg=path)
        page.wait_for_selector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell")
        yield
    finally:
        page.evaluate("() => window.jupyterapp.shell.currentWidget.dispose()")


def charts_drawn(page: Page, place: int, cell: nbformat.NotebookNode, notebook: str) -> int:
    """How many charts a cell shows: each is on the page, is not blank and replaced by no error."""
    from playwright.sync_api import TimeoutError as PlaywrightTimeout

    expected, where = len(charts_of(cell)), f"{notebook}, cell {cell.id}"
    if not expected:
        return 0
    page.evaluate(SHOW_CELL, place)
    shown = page.locator(f'.jp-Cell[data-windowed-list-index="{place}"]')
    drawn = shown.locator(".jp-RenderedVegaCommon5").filter(has=page.locator("canvas, svg"))
    try:
        drawn.nth(expected - 1).wait_for()
    except PlaywrightTimeout:
        text = shown.locator(".jp-Cell-outputArea").inner_text()
        pytest.fail(f"{where}: {drawn.count()} of {expected} charts drawn; shown instead: {text[:500]}")
    for number in range(expected):
        assert drawn.nth(number).evaluate(INKED) > 0.005, f"{where}: chart {number + 1} is blank"
    return expected


# Untrusted is the harder case and what a fresh clone shows; one notebook is enough to see that trust changes nothing.
@pytest.mark.parametrize("path", ["charts.ipynb", f"trusted/{OPENED.name}"])
def test_every_chart_draws(path: str, lab: Lab, watched: Watched):
    """Those of every kind, one below the other; one notebook as it is committed, its charts among all else."""
    cells, trusted = nbformat.read(lab.folder / path, as_version=4).cells, path.startswith("trusted")
    with opened(watched.page, path):  # charts are drawn without one
        assert watched.page.evaluate(TRUSTED) == trusted
        charts = sum(charts_drawn(watched.page, place, cell, path) for place, cell in enumerate(cells))
        without = watched.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.hasNoKernel")
    assert without
    assert charts, f"{path} has no chart"
    assert watched.errors == []
    assert watched.outside == []


def test_sums_of_money_are_no_formula(watched: Watched):
    with opened(watched.page, "sums.ipynb"):
        shown = watched.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-OutputArea-output")
        shown.nth(2).locator("mjx-container").wait_for(state="attached")  # formulas are set from the top
        assert shown.nth(0).inner_text().strip() == "C$1 m (C$2 m to C$3 m)"
        assert SUMS in shown.nth(1).inner_text()
        assert [shown.nth(place).locator("mjx-container").count() for place in range(2)] == [0, 0]


def test_nothing_is_asked_about_news(lab: Lab):
    with urllib.request.urlopen(f"{lab.address}/lab") as answer:
        text = answer.read().decode()
    assert (
        '"@jupyterlab/apputils-extension:announcements"' in text.partition('"disabledExtensions":')[2].partition("]")[0]
    )


def test_the_kernel_is_the_project_s_own(lab: Lab):
    with urllib.request.urlopen(f"{lab.address}/api/kernelspecs") as answer:
        specs = json.load(answer)["kernelspecs"]
    assert "not-the-project" not in specs["python3"]["spec"]["argv"]
