"""The order in which a run starts its notebooks."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tradeexposure.publishing import manifest
from tradeexposure.runner import plan


def task(name: str, *needs: str) -> Any:
    return plan.Task(name, SimpleNamespace(name=name), {}, needs)  # type: ignore[arg-type]


def test_the_longest_chain_starts_first_and_what_never_ran_last() -> None:
    tasks = [task("new"), task("short"), task("middle"), task("head"), task("tail", "head"), task("as_short")]
    seconds = {"short": 2.0, "middle": 8.0, "head": 3.0, "tail": 7.0, "as_short": 2.0}
    ordered = [one.key for one in plan.longest_first(tasks, seconds)]
    assert ordered == ["head", "middle", "tail", "short", "as_short", "new"]


def test_without_records_the_order_stays() -> None:
    tasks = [task("10"), task("20"), task("30", "10")]
    assert plan.longest_first(tasks, {}) == tasks


def test_seconds_are_the_longest_that_an_edition_records(tmp_path: Path, monkeypatch: Any) -> None:
    recorded = {"a": {"x": 3.0, "y": 1.0}, "b": {"x": 2.0, "y": 4.0}, "no_manifest": {}}
    for name in recorded:
        (tmp_path / name).mkdir()
    for name in ("a", "b"):
        (tmp_path / name / manifest.NAME).write_text(json.dumps({}), "utf-8")
    monkeypatch.setattr(manifest, "read", lambda folder: {manifest.RUN: {"seconds": recorded[folder.name]}})
    assert manifest.recorded_seconds(tmp_path) == {"x": 3.0, "y": 4.0}
