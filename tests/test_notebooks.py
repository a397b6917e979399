"""The comparison of committed notebooks can fail: a changed number, or missing outputs, are noticed.

The comparison itself is pytest's collection of ``notebooks/`` (nbval, strict); here each notebook is cut after its
first cell that shows a number, the number is changed in a copy, and that cell alone must fail.
"""

from __future__ import annotations

import copy
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NUMBER = re.compile(r"\d+(?:\.\d+)?")
SHOWN = ("text/plain", "text/markdown", "text/html")


def shows_a_number(cell: nbformat.NotebookNode) -> bool:
    return any(
        NUMBER.search(output.get("data", {}).get(kind, "")) for output in cell.get("outputs", []) for kind in SHOWN
    )


def cut(path: Path) -> tuple[nbformat.NotebookNode, int]:
    """The notebook up to its first code cell that shows a number, and that cell's place."""
    notebook = nbformat.read(path, as_version=4)
    place = next(number for number, cell in enumerate(notebook.cells) if shows_a_number(cell))
    notebook.cells = notebook.cells[: place + 1]
    return notebook, place


def with_a_changed_number(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """A copy in which the last digit of the first number that the last cell shows is another one."""
    changed = copy.deepcopy(notebook)
    for output in changed.cells[-1].outputs:
        for kind in SHOWN:
            text = output.get("data", {}).get(kind, "")
            found = NUMBER.search(text)
            if found:
                digit = str((int(found[0][-1]) + 1) % 10)
                output.data[kind] = text[: found.end() - 1] + digit + text[found.end() :]
                return changed
    raise AssertionError("the last cell shows no number")


def without_outputs(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    changed = copy.deepcopy(notebook)
    changed.cells[-1].outputs = []
    return changed


def failed_cells(folder: Path) -> dict[str, list[str]]:
    """Run the strict comparison on a folder of notebooks: names of the cells that failed, by notebook."""
    report = folder / "report.xml"
    command = [sys.executable, "-m", "pytest", "--nbval", "-q", "-p", "no:cacheprovider", f"--junitxml={report}"]
    subprocess.run([*command, "-c", str(folder / "pytest.ini"), str(folder)], capture_output=True, check=False)
    cases = list(ElementTree.parse(report).iter("testcase"))
    names = sorted({case.get("classname", "") for case in cases})
    return {
        name: [
            case.get("name", "")
            for case in cases
            if case.get("classname") == name and (case.find("failure") is not None or case.find("error") is not None)
        ]
        for name in names
    }


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_changed_number_and_missing_outputs_are_noticed(path: Path, tmp_path: Path):
    notebook, _ = cut(path)
    (tmp_path / "pytest.ini").write_text("[pytest]\n", "utf-8")
    nbformat.write(with_a_changed_number(notebook), tmp_path / "changed.ipynb")
    nbformat.write(without_outputs(notebook), tmp_path / "stripped.ipynb")
    last = sum(cell.cell_type == "code" for cell in notebook.cells) - 1
    assert failed_cells(tmp_path) == {
        "changed.ipynb": [f"Cell {last}"],
        "stripped.ipynb": [f"Cell {last}"],
    }


def test_the_committed_notebooks_are_compared(pytestconfig: pytest.Config):
    assert NOTEBOOKS
    assert pytestconfig.option.nbval, "pyproject.toml turns the comparison on"
    assert not pytestconfig.option.nbval_lax
    assert not pytestconfig.option.nbval_sanitize_with
    assert "notebooks" in pytestconfig.getini("testpaths")
