"""papermill's own command says in one line what a notebook refuses; what else goes wrong is told as it was."""

from __future__ import annotations

import tomllib
from importlib import import_module
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from papermill.cli import papermill
from papermill.engines import papermill_engines
from papermill.exceptions import PapermillExecutionError

from tradeexposure.runner.kernels import refusals

ROOT = Path(__file__).resolve().parents[3]
RAISED = "from tradeexposure.core.errors import BadInput\nraise BadInput('a.csv', 'key', found='1', allowed='2')"


def test_papermill_finds_it_where_no_engine_is_named() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    (place,) = project["entry-points"]["papermill.engine"].values()
    module, name = place.split(":")
    assert getattr(import_module(module), name) is papermill_engines.get_engine(None) is refusals.PlainEngine


@pytest.mark.long
@pytest.mark.parametrize(
    ("source", "status", "line"),
    [(RAISED, 2, "Error: a.csv: key: found 1; allowed: 2\n"), ("1 / 0", 1, ""), ("1", 0, "")],
)
def test_one_line_for_what_is_refused(tmp_path: Path, source: str, status: int, line: str) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    nbformat.write(notebook, tmp_path / "in.ipynb")
    places = [str(tmp_path / name) for name in ("in.ipynb", "out.ipynb")]
    ended = CliRunner().invoke(papermill, [*places, "-k", "python3", "--no-progress-bar", "--no-log-output"])
    assert ended.exit_code == status
    assert not line or (ended.stderr.endswith(line) and "Traceback" not in ended.stderr)
    assert isinstance(ended.exception, PapermillExecutionError) == (status == 1)
    assert (tmp_path / "out.ipynb").is_file()
