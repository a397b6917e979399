"""The order in which a run begins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tradeexposure.core import paths
from tradeexposure.core.errors import BadInput
from tradeexposure.data import edition_inputs
from tradeexposure.publishing import manifest
from tradeexposure.runner import pipeline
from tradeexposure.runner.executors import Pool


@pytest.mark.long  # it reads the whole project
def test_workers_of_a_grid_start_while_inputs_are_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    order: list[str] = []

    def refusing(found: Any) -> None:
        order.append("inputs are checked")
        raise BadInput("a table", found="x", allowed="y")

    monkeypatch.setattr(Pool, "begin", lambda pool, job: order.append(f"a worker starts for {job.name}"))
    monkeypatch.setattr(pipeline, "validate_inputs", refusing)
    grid = tmp_path / "duties.yml"
    grid.write_text("scenario: deal_2026\nover:\n  overrides.china_seed_antidumping.rate: [0.1, 0.2]\n", "utf-8")
    with pytest.raises(BadInput, match="a table"):
        pipeline.run_grid(grid, out=tmp_path / "out", workers=1)
    assert order == ["a worker starts for 30_estimate_canola_trade", "inputs are checked"]
    assert not (tmp_path / "out").exists()


def test_files_that_changed_under_a_run_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(tmp_path))
    (tmp_path / "data").mkdir()
    (tmp_path / "lib").mkdir()
    planned = manifest.Inputs(edition_inputs.inputs(tmp_path))
    failed = {"deal_2026": ("notebook 30: data changed",), "escalation": ("notebook 40: a fault",)}
    assert pipeline._overtaken(failed, planned) == failed
    names = [f"data/{name}.yml" for name in "abcde"]
    for name in names[:2]:
        (tmp_path / name).write_text("title: x\n", "utf-8")
    added = "data/a.yml, data/b.yml changed since the run was planned; run it again"
    ended = pipeline._overtaken(failed, planned)
    assert ended == {name: (*reasons, added) for name, reasons in failed.items()}
    assert pipeline._overtaken(ended, planned) == ended
    for name in names:
        (tmp_path / name).write_text("title: x\n", "utf-8")
    assert pipeline.moved(planned).startswith("data/a.yml, data/b.yml, data/c.yml and 2 more changed")
