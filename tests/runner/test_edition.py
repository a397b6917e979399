"""An edition: what it is made from, what its workbook lists, what is told of changes, which tables it has."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from tradeexposure.core import paths
from tradeexposure.core.errors import RunFailed
from tradeexposure.data import edition_inputs
from tradeexposure.policy import scenarios
from tradeexposure.publishing import edition_comparison, manifest
from tradeexposure.publishing.manifest import Inputs
from tradeexposure.publishing.reuse import workbook
from tradeexposure.runner import edition, notebooks
from tradeexposure.runner.plan import Task, TaskResult


def _task(**marks: bool) -> Task:
    notebook = SimpleNamespace(marks=notebooks.Marks(**marks), depends_on_scenario=True, tabulates=False)
    return Task(notebook, {})  # type: ignore[arg-type]


@pytest.mark.parametrize("private", [False, True])
def test_one_more_scenario_of_ones_own_is_another_edition_where_a_notebook_of_ones_own_may_ask_for_it(
    tmp_path: Path, private: bool
):
    scenario, own = scenarios.load("deal_2026"), "data/scenarios/mine.yml"
    groups = edition_inputs.inputs(paths.root())
    more = {**groups, "scenarios": {**groups["scenarios"], own: "digest"}}
    before, after = (
        edition.Edition(scenario=scenario, folder=tmp_path, tasks=(_task(private=private),), inputs=Inputs(of))
        for of in (groups, more)
    )
    assert (own in after.scenario_files) is (before.scenario_files != after.scenario_files) is private


@pytest.mark.parametrize(
    ("name", "compares", "listed"),
    [
        ("deal_lapses_2027", False, ["deal_lapses_2027", "deal_2026"]),
        ("deal_2026", True, ["deal_2026", *(name for name in scenarios.shipped() if name != "deal_2026")]),
    ],
)
def test_a_workbook_lists_the_scenarios_that_its_edition_speaks_of(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, compares: bool, listed: list[str]
):
    drafted = edition.Edition(
        scenario=scenarios.load(name),
        folder=tmp_path,
        tasks=(_task(compares=compares),),
        inputs=Inputs(edition_inputs.inputs(paths.root())),
    )
    monkeypatch.setattr(workbook, "content", lambda *_, scenarios, **__: [scenario.name for scenario in scenarios])
    assert drafted._workbook(pd.DataFrame(), pd.DataFrame()) == listed


@pytest.mark.parametrize(("changed", "wanted"), [(0, {"finished": "older"}), (3, {"finished": "before"})])
def test_an_edition_of_the_same_numbers_is_never_told_against_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: int, wanted: dict[str, str]
) -> None:
    """What changed since the edition of other numbers is handed on; new numbers are told against the one before."""
    counts = {"changed": changed, "added": 0, "vanished": 0, "same": 9}
    before = {"source": "one", manifest.RUN: {"since": {"finished": "older"}}}
    monkeypatch.setattr(manifest, "read", lambda folder: before)
    monkeypatch.setattr(manifest, "committed", lambda folder: contextlib.nullcontext(tmp_path))
    monkeypatch.setattr(edition_comparison, "since", lambda old, new: {"finished": "before", "counts": counts})
    monkeypatch.setattr(manifest, "dump", lambda record: b"")
    own = SimpleNamespace(folder=tmp_path)
    since = edition.Edition._since(own, {"compares": ["80"], "source": "two"}, tmp_path)
    assert since["finished"] == wanted["finished"]


def test_editions_share_a_page_but_not_the_one_with_the_duties_of_their_scenario(tmp_path: Path) -> None:
    marks = {
        "marks": notebooks.Marks(),
        "depends_on_scenario": False,
        "tabulates": False,
        "parameters": (),
        "digest": "",
    }
    tasks = [Task(SimpleNamespace(name=name, path=tmp_path / name, **marks), {}) for name in ("10_a", "20_b")]  # type: ignore[arg-type]
    inputs = Inputs(edition_inputs.inputs(paths.root()))
    first, last = (
        {edition.Edition(scenarios.load(name), tmp_path / name, tuple(tasks), inputs).page_key(task)
         for name in ("deal_2026", "escalation")}
        for task in tasks
    )  # fmt: skip
    assert (len(first), len(last)) == (1, 2)


def test_two_tables_of_one_name_are_no_edition() -> None:
    task_result = TaskResult("30_a", 0.0, "[]", json.dumps({"pairs": "a,b\n1,2\n"}), str)
    assert edition._tables([task_result]) == {"pairs.csv": b"a,b\n1,2\n"}
    with pytest.raises(RunFailed, match="second table pairs"):
        edition._tables([task_result, replace(task_result, name="40_b")])


def test_a_headline_that_was_not_published_is_told_with_where_it_is_named() -> None:
    notebook = SimpleNamespace(path=Path("55_track.ipynb"), marks=SimpleNamespace(headline=["a.2026_mar_aug"]))
    failure = (
        r"notebooks/55_track\.ipynb: headline a\.2026_mar_aug was not published; name others in the notebook's metadata"
    )
    with pytest.raises(RunFailed, match=failure):
        edition.headline(notebook, pd.DataFrame({"result_id": ["a.2026_mar_oct"]}))  # type: ignore[arg-type]
