"""The comparison of committed notebooks leaves nothing out.

The comparison itself is pytest's collection of ``notebooks/`` (nbval, strict); that it fails on an edited copy is seen
in :mod:`test_edition`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_output_of_every_cell_is_compared(path: Path, request: pytest.FixtureRequest):
    nbval = pytest.importorskip("nbval.plugin")
    for cell in nbval.IPyNbFile.from_parent(request.session, path=path).collect():
        assert cell.options["check"] and not cell.options["skip"], cell.name
        kinds = {kind for output in cell.cell.outputs for kind in output.get("data", {})}
        assert kinds.isdisjoint(cell.parent.skip_compare), cell.name


def test_the_committed_notebooks_are_compared(pytestconfig: pytest.Config):
    assert NOTEBOOKS
    assert pytestconfig.option.nbval, "pyproject.toml turns the comparison on"
    assert not pytestconfig.option.nbval_lax
    assert not pytestconfig.option.nbval_sanitize_with
    assert "notebooks" in pytestconfig.getini("testpaths")
