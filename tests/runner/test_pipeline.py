"""The order in which a run begins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tradeexposure.core.errors import BadInput
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
