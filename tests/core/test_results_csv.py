"""Published numbers that are no file of the project, or none at all, are refused."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from tradeexposure.core import results_csv
from tradeexposure.core.errors import BadInput


def test_a_notebook_without_results_and_another_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"book\.save"):
        results_csv.from_notebook(nbformat.v4.new_notebook())
    (tmp_path / "results.csv").write_text("a,b\n1,2\n")
    with pytest.raises(BadInput, match="columns: found no result_id"):
        results_csv.read(tmp_path / "results.csv")
