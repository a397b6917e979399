"""The comparison of committed notebooks can fail: a changed number, or missing outputs, are noticed.

The comparison itself is pytest's collection of ``notebooks/`` (nbval, strict); that it fails on an edited copy is seen
in :mod:`test_edition`. Here every output of all notebooks that shows a number is given another digit or taken away, and
the comparison as it is set up must tell the two apart.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tradeexposure.core import published_rows
from tradeexposure.runner import notebooks

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NUMBER = re.compile(r"\d+(?:\.\d+)?")


def another_digit(value: Any) -> Any:
    """`value` with another last digit in its first number, wherever that stands; the same if it holds none."""
    if isinstance(value, str):
        found = NUMBER.search(value)
        digit = found and str((int(found[0][-1]) + 1) % 10)
        return f"{value[: found.end() - 1]}{digit}{value[found.end() :]}" if found else value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value + 1
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for place, item in items:
        changed = another_digit(item)
        if changed != item:
            other = copy.copy(value)
            other[place] = changed
            return other
    return value


def changes(outputs: list[nbformat.NotebookNode]) -> Iterator[tuple[str, list[nbformat.NotebookNode]]]:
    """The outputs of a cell with another number in one representation of one of them, for all that show a number."""
    for place, output in enumerate(outputs):
        for kind, value in output.get("data", {}).items():
            other = another_digit(value)
            if other != value:
                changed = copy.deepcopy(outputs)
                changed[place].data[kind] = other
                yield kind, changed


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_number_shown_and_every_missing_output_would_be_noticed(path: Path, request: pytest.FixtureRequest):
    nbval = pytest.importorskip("nbval.plugin")
    kinds = set()
    for item in nbval.IPyNbFile.from_parent(request.session, path=path).collect():
        item.format_output_compare = lambda *_: None  # explaining the difference takes long
        where = f"{path.name}, {item.name}"
        assert item.options["check"] and not item.options["skip"], where
        committed = item.cell.outputs
        assert item.compare_outputs(committed, committed), where
        assert not committed or not item.compare_outputs(committed, []), where
        for kind, changed in changes(committed):
            assert not item.compare_outputs(committed, changed), f"{where}: {kind} is not compared"
            kinds.add(kind)
    handed = published_rows.TABLE_MIME  # all that a notebook which tabulates scenarios gives
    given = {handed} if notebooks.read(path).tabulates else {"image/svg+xml", published_rows.MIME}
    assert {"text/html", "text/markdown", *given} <= kinds


def test_the_committed_notebooks_are_compared(pytestconfig: pytest.Config):
    assert NOTEBOOKS
    assert pytestconfig.option.nbval, "pyproject.toml turns the comparison on"
    assert not pytestconfig.option.nbval_lax
    assert not pytestconfig.option.nbval_sanitize_with
    assert "notebooks" in pytestconfig.getini("testpaths")
