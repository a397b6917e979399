"""The order in which a run starts its notebooks."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tradeexposure.publishing import manifest
from tradeexposure.runner import notebooks, plan


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


DIGESTS = {"code": "c", "data": "d", "lock": "l", "scenarios": "s"}


def notebook(name: str, *, scenario: bool = False, compares: bool = False) -> notebooks.Notebook:
    parameters = (notebooks.Parameter("scenario", "str", True, "deal"),) if scenario else ()
    content = {"cells": [], "metadata": {"tradeexposure": {"compares": compares}}}
    return notebooks.Notebook(name, Path(f"notebooks/{name}.ipynb"), content, parameters, f"digest of {name}")


def planner(*more: notebooks.Notebook, shipped: tuple[str, ...] = ("deal", "other")) -> plan.Planner:
    found = [notebook("10_first"), notebook("70_simulate", scenario=True), *more]
    return plan.Planner(found, DIGESTS, shipped)


def names(tasks: list[plan.Task]) -> list[str]:
    return [one.label for one in tasks]


def test_a_notebook_that_compares_runs_once_and_waits_for_every_shipped_scenario() -> None:
    made = planner(notebook("80_compare", compares=True), notebook("90_brief", scenario=True))
    beside = {one.label: one.key for one in made.beside()}
    (compared,) = made.comparisons
    assert names(made.tasks("deal")) == ["10_first", "deal/70_simulate", "80_compare", "deal/90_brief"]
    assert set(beside) == {"deal/70_simulate", "other/70_simulate"}
    assert dict(compared.across) == {name: (beside[f"{name}/70_simulate"],) for name in ("deal", "other")}
    assert compared.needs == tuple(one.key for one in made.estimates)
    keys = [{one.key for one in made.tasks(name)} for name in ("deal", "other", "")]
    assert all(compared.key in found for found in keys)


def test_simulations_are_run_for_a_comparison_alone() -> None:
    assert names(planner().beside()) == []
    assert names(planner(notebook("80_compare", compares=True)).beside()) == ["deal/70_simulate", "other/70_simulate"]


def test_another_scenario_or_another_simulation_is_another_comparison() -> None:
    compare = notebook("80_compare", compares=True)
    keys = {
        planner(compare).comparisons[0].key,
        planner(compare, shipped=("deal",)).comparisons[0].key,
        plan.Planner([notebook("70_other", scenario=True), compare], DIGESTS, ("deal", "other")).comparisons[0].key,
    }
    assert len(keys) == 3
