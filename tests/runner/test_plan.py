"""The order in which a run starts its notebooks."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tradeexposure.core.errors import BadInput
from tradeexposure.publishing import manifest
from tradeexposure.runner import notebooks, plan


def task(name: str, *needs: plan.Task) -> plan.Task:
    return plan.Task(SimpleNamespace(name=name), {}, tuple(earlier.key for earlier in needs))  # type: ignore[arg-type]


def test_the_longest_chain_starts_first_and_what_never_ran_last() -> None:
    head = task("head")
    tasks = [task("new"), task("short"), task("middle"), head, task("tail", head), task("as_short")]
    seconds = {"short": 2.0, "middle": 8.0, "head": 3.0, "tail": 7.0, "as_short": 2.0}
    assert names(plan.longest_first(tasks, seconds)) == ["head", "middle", "tail", "short", "as_short", "new"]


def test_without_records_the_order_stays() -> None:
    first = task("10")
    tasks = [first, task("20"), task("30", first)]
    assert plan.longest_first(tasks, {}) == tasks


def test_seconds_are_the_longest_that_an_edition_records(tmp_path: Path, monkeypatch: Any) -> None:
    recorded = {"a": {"x": 3.0, "y": 1.0}, "b": {"x": 2.0, "y": 4.0}, "no_manifest": {}}
    for name in recorded:
        (tmp_path / name).mkdir()
    for name in ("a", "b"):
        (tmp_path / name / manifest.NAME).write_text(json.dumps({}), "utf-8")
    monkeypatch.setattr(manifest, "read", lambda folder: {manifest.RUN: {"seconds": recorded[folder.name]}})
    assert manifest.recorded_seconds(tmp_path) == {"x": 3.0, "y": 4.0}


def notebook(
    name: str, *, scenario: bool = False, compares: bool = False, takes: tuple[str, ...] = ()
) -> notebooks.Notebook:
    parameters = (notebooks.Parameter("scenario", "str", True, "deal"),) if scenario else ()
    content = {"cells": [], "metadata": {"tradeexposure": {"compares": compares, "takes": list(takes)}}}
    return notebooks.Notebook(name, Path(f"notebooks/{name}.ipynb"), content, parameters, f"digest of {name}")


def table(name: str = "68_simulate_all") -> notebooks.Notebook:
    parameters = (notebooks.Parameter("scenarios", "list", True, []),)
    return notebooks.Notebook(name, Path(f"notebooks/{name}.ipynb"), {"cells": []}, parameters, f"digest of {name}")


def planner(*more: notebooks.Notebook) -> plan.Planner:
    return plan.Planner([notebook("10_first"), table(), notebook("70_simulate", scenario=True), *more])


def names(tasks: list[plan.Task]) -> list[str]:
    return [task.label for task in tasks]


def test_a_notebook_that_compares_runs_once_after_the_one_that_works_out_every_scenario() -> None:
    planned = planner(notebook("80_compare", compares=True), notebook("90_brief", scenario=True))
    (compared,) = planned.comparisons
    every = ["10_first", "68_simulate_all", "deal/70_simulate", "80_compare", "deal/90_brief"]
    assert names(planned.tasks("deal")) == every
    assert compared.needs == tuple(task.key for task in planned.estimates)
    keys = [{task.key for task in planned.tasks(name)} for name in ("deal", "other", "")]
    assert all(compared.key in needed for needed in keys)


def test_tasks_of_a_run_are_told_apart_by_scenario_and_by_what_they_are_given() -> None:
    """The same comparison with a notebook of one's own, and without, is two."""
    compare, own = notebook("80_compare", compares=True), notebook("20_own")
    planners = planner(compare), planner(compare, own)
    keys = [{task.notebook.name: task.key for task in each.tasks("deal")} for each in planners]
    assert {name for name, key in keys[0].items() if keys[1][name] == key} == {"10_first", "68_simulate_all"}
    assert planners[0].simulated("deal")[0].key != planners[0].simulated("other")[0].key


def test_a_notebook_on_one_scenario_waits_for_the_estimates_that_it_takes_alone() -> None:
    planned = planner(notebook("75_again", scenario=True, takes=("10_first",)))
    first, tabulated, simulated, again = planned.tasks("deal")
    assert simulated.needs == (first.key, tabulated.key) and again.needs == (first.key, simulated.key)
    with pytest.raises(BadInput, match="takes: found 20_later; allowed: estimates before it: 10_first, 68_simulate"):
        planner(notebook("75_again", scenario=True, takes=("20_later",))).tasks("deal")


def test_an_estimate_waits_for_those_it_takes() -> None:
    available = [notebook("65_last", takes=("30_first",)), notebook("30_first"), notebook("40_alone")]
    first, alone, last = plan.Planner(available).estimates
    assert (first.needs, alone.needs, last.needs) == ((), (), (first.key,))
    with pytest.raises(BadInput, match="40_later"):
        plan.Planner([notebook("30_first", takes=("40_later",)), notebook("40_later")])


def test_points_of_a_grid_are_worked_out_some_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "LEAST_AT_ONCE", 2)
    planned = planner()
    tasks = planned.tabulated({"a": "1", "b": "2", "c": "3"})
    assert [task.parameters for task in tasks] == [{"scenarios": ["a", "b"]}, {"scenarios": ["c"]}]
    assert [dict(task.definitions) for task in tasks] == [{"a": "1", "b": "2"}, {"c": "3"}]
    assert len({task.key for task in tasks}) == 2
    assert planned.tabulated({"a": "1", "b": "4"})[0].key != tasks[0].key


def test_what_tasks_need_is_kept_in_order() -> None:
    first = task("10")
    third = task("30", first)
    tasks = [first, task("20"), third, task("40", third)]
    assert names(plan.needed(tasks, [tasks[-1].key])) == ["10", "30", "40"]
