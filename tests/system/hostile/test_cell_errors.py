"""Whatever a cell raises: `run` and `outputs` name what papermill names, and keep the notebook with its traceback."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import nbformat
import papermill
import pytest
from nbclient.exceptions import DeadKernelError
from papermill.exceptions import PapermillExecutionError
from papermill.execute import raise_for_execution_errors
from tinyproject import Project

from tradeexposure.runner.kernels import undeclared_reads

pytestmark = pytest.mark.long


class Raised(NamedTuple):
    """What papermill says of a cell."""

    name: str
    value: str


#: Cells that papermill runs one after the other in one kernel, each allowed to raise.
ERRORS = {
    "a name": "no_such_name",
    "a syntax error": "value = = 1",
    "a name of a module": "from json import no_such_name",
    "a key": "{}['gone']",
    "an assertion without words": "assert 1 == 2",
    "a claim": "assert 1 > 2, 'no longer true: “exports rose”: found 1; 2'",
    "bad input": "from tradeexposure.core.errors import BadInput\nraise BadInput('a.csv', 'key', found=1, allowed=2)",
    "an exit": "raise SystemExit('stopped')",
    "an interrupt": "raise KeyboardInterrupt",
    "memory": "raise MemoryError('no room')",
    "recursion": (
        "import inspect, sys\nsys.setrecursionlimit(len(inspect.stack()) + 20)\ndef again():\n    return again()\n"
        "try:\n    again()\nfinally:\n    sys.setrecursionlimit(3_000)"
    ),
    "no message": "raise ValueError('')",
    "a blank message": "raise ValueError(' ')",
    "a message that cannot be read": (
        "class Silent(Exception):\n    def __str__(self):\n        raise LookupError('lost words')\nraise Silent"
    ),
    "a class of the cell": "class Own(Exception):\n    pass\nraise Own('mine')",
    "letters and lines": "raise ValueError('première ligne\\n第二行 — <b>')",
    "a warning": (
        "import warnings\nwith warnings.catch_warnings():\n    warnings.simplefilter('error')\n"
        "    warnings.warn('old way', FutureWarning)"
    ),
    "below a magic": "%timeit -n 1 -r 1 {}['gone']",
    "after much output": "for line in range(2_000):\n    print(line)\n1 / 0",
    "awaited": "import asyncio\nasync def later():\n    await asyncio.sleep(0)\n    1 / 0\nawait later()",
    "shown": "class Bad:\n    def __repr__(self):\n        raise ArithmeticError('cannot be shown')\ndisplay(Bad())",
}
#: Those after which papermill does not go on, or of which the cell holds no error.
ALONE = {
    "a kernel that is killed": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
    "a group": "raise ExceptionGroup('several', [ValueError('a'), KeyError('b')])",
    "a magic": "%no_such_magic",
}
#: What is said beside papermill's name, where papermill has no more.
MORE = {
    "a group": "ExceptionGroup: several (2 sub-exceptions)",
    "a magic": "UsageError: Line magic function `%no_such_magic` not found.",
    "a kernel that is killed": "the kernel died (killed, crashed, or out of memory)",
    "an assertion without words": "assert 1 == 2",
    "an interrupt": "raise KeyboardInterrupt",
    "no message": "raise ValueError('')",
    "a blank message": "raise ValueError(' ')",
}
#: Each way in which a name comes from a kernel to the line, and words that are none or more than one line.
FEW = (
    "an assertion without words", "an interrupt", "a blank message", "letters and lines", "below a magic", "shown",
)  # fmt: skip
CELL_FILE = re.compile(r"\d+\.py")  # named by what stands in the cell
FAILED = re.compile(r"error: notebooks/(\w+)\.ipynb, code cell 4 \((.*)\): (.+); failed notebook: (\S+)")


def by_papermill(folder: Path, sources: dict[str, str], *tags: str) -> dict[str, Raised]:
    """What papermill raises for each cell of one notebook, up to the first that it does not go on after."""
    cells = [nbformat.v4.new_code_cell(source, metadata={"tags": list(tags)}) for source in sources.values()]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, folder / "in.ipynb")
    try:
        papermill.execute_notebook(
            folder / "in.ipynb", folder / "out.ipynb", engine_name="nbclient", progress_bar=False
        )
    except DeadKernelError as error:
        return {next(iter(sources)): Raised(type(error).__name__, str(error))}
    except PapermillExecutionError as error:
        if not tags:
            return {next(iter(sources)): Raised(error.ename, error.evalue)}
    executed = [cell for cell in nbformat.read(folder / "out.ipynb", 4).cells if cell.cell_type == "code"]
    return {name: raised(cell) for name, cell in zip(sources, executed, strict=True)}


def raised(cell: nbformat.NotebookNode) -> Raised:
    with pytest.raises(PapermillExecutionError) as caught:
        raise_for_execution_errors(nbformat.v4.new_notebook(cells=[cell]), None)
    return Raised(caught.value.ename, caught.value.evalue)


def of_ours(bare: Project, names: dict[str, str], *command: str) -> dict[str, tuple[str, str, str]]:
    """Error → first line of the cell, what a command says was raised, the failed notebook."""
    with mock.patch.object(undeclared_reads, "check"):  # it refuses some of them before; here a run is to
        ended = bare.inside(*command)
    assert ended.returncode == 1
    lines = {match[1]: match.groups()[1:] for match in FAILED.finditer(ended.stderr)}
    assert set(lines) == set(names.values()), ended.stderr
    return {name: lines[notebook] for name, notebook in names.items()}


def stored(notebook: Path) -> str:
    """Name and traceback of the error that a failed notebook keeps, which is taken away."""
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    notebook.unlink()
    errors = [output for cell in cells for output in cell.get("outputs", ()) if output["output_type"] == "error"]
    assert errors and all(error["traceback"] for error in errors)
    return "\n".join([errors[0]["ename"], *errors[0]["traceback"]])


@pytest.mark.parametrize(
    ("chosen", "again"),
    [(FEW, ["a kernel that is killed"]), pytest.param(ERRORS, ERRORS | ALONE, marks=pytest.mark.slow)],
    ids=["few", "all"],
)
def test_run_and_outputs_name_what_papermill_names_and_keep_the_traceback(
    bare: Project, tmp_path: Path, chosen: Collection[str], again: Collection[str]
):
    errors = {name: source for name, source in (ERRORS | ALONE).items() if name in chosen or name in ALONE}
    by_themselves = by_papermill(tmp_path, {name: errors[name] for name in chosen}, "raises-exception")
    for name, source in ALONE.items():
        by_themselves |= by_papermill(tmp_path, {name: source})
    names = bare.plant(errors)
    ours = of_ours(bare, names, "run", "deal_2026", "--lang", "en", "--workers", "2")
    for name, (first_line, what, place) in ours.items():
        ename, evalue = by_themselves[name]
        assert first_line == errors[name].splitlines()[0]
        assert CELL_FILE.sub("", what) == f"{ename}: {MORE.get(name) or CELL_FILE.sub('', ' '.join(evalue.split()))}"
        assert ename in stored(bare.root / place)
    some = {name: names[name] for name in again}
    assert of_ours(bare, some, "outputs", *some.values()) == {name: ours[name] for name in some}
    assert all(by_themselves[name].name in stored(bare.root / ours[name][2]) for name in some)
