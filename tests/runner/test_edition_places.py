"""An edition takes another's place: at once, or by two renames that a killed run does not lose anything between."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
import samplenotebook

from tradeexposure.core import files, paths
from tradeexposure.core.errors import BadInput
from tradeexposure.data import edition_inputs
from tradeexposure.policy import scenarios
from tradeexposure.publishing import edition_comparison, edition_index, manifest
from tradeexposure.publishing.manifest import Inputs
from tradeexposure.publishing.reuse import workbook
from tradeexposure.runner import edition, edition_places, notebooks
from tradeexposure.runner.plan import Task


def folder(path: Path, text: str) -> Path:
    path.mkdir(parents=True)
    (path / "page").write_text(text, "utf-8")
    return path


def text(path: Path) -> str:
    return (path / "page").read_text("utf-8")


@pytest.fixture
def aside(tmp_path: Path) -> Path:
    return tmp_path / "build" / "editions"


def test_two_folders_change_places_at_once(tmp_path: Path):
    one, other = folder(tmp_path / "one", "1"), folder(tmp_path / "other", "2")
    if not files.exchange(one, other):
        pytest.skip("this file system cannot")
    assert (text(one), text(other)) == ("2", "1")
    with pytest.raises(OSError, match=os.strerror(errno.ENOENT)):
        files.exchange(one, tmp_path / "nothing")


@pytest.mark.parametrize("at_once", [True, False])
def test_the_new_edition_takes_the_place(tmp_path: Path, aside: Path, monkeypatch: pytest.MonkeyPatch, at_once: bool):
    if not at_once:
        monkeypatch.setattr(files, "exchange", lambda *_: False)
    place, staged = folder(tmp_path / "deal", "old"), folder(aside / "deal-abcd1234", "new")
    edition_places._swap(staged, place)
    assert text(place) == "new"


def test_killed_between_the_two_renames_nothing_is_lost(tmp_path: Path, aside: Path, monkeypatch: pytest.MonkeyPatch):
    place, staged = folder(tmp_path / "deal", "old"), folder(aside / "deal-abcd1234", "new")
    monkeypatch.setattr(files, "exchange", lambda *_: False)
    rename = os.rename

    class Killed(BaseException):
        """As by kill -9: nothing is cleared up after it."""

    def once(one: Path, other: Path) -> None:
        if Path(other) == place:
            raise Killed
        rename(one, other)

    monkeypatch.setattr(os, "rename", once)
    with pytest.raises(Killed):
        edition_places._swap(staged, place)
    monkeypatch.setattr(os, "rename", rename)
    assert not place.exists()
    edition_places.recover(aside.parent, tmp_path)
    assert text(place) == "old"
    assert not aside.exists()


def test_an_edition_that_stepped_aside_does_not_replace_a_newer_one(tmp_path: Path, aside: Path):
    folder(aside / "deal-abcd1234-retired", "old")
    place = folder(tmp_path / "deal", "new")
    edition_places.recover(aside.parent, tmp_path)
    assert text(place) == "new"
    assert not aside.exists()


def test_what_somebody_else_put_there_stays(tmp_path: Path, aside: Path):
    mine = folder(aside / "my editions", "mine")
    edition_places.recover(aside.parent, tmp_path)
    assert text(mine) == "mine"


def test_a_folder_of_the_user_called_build_is_left_alone(tmp_path: Path):
    mine = folder(tmp_path / "out" / "_build" / "editions", "mine")
    with edition_places.locked(tmp_path / "out"):
        pass
    assert text(mine) == "mine"


def test_a_file_no_run_wrote_is_not_replaced_where_a_run_failed_before(tmp_path: Path):
    edition_places.build_folder(tmp_path).mkdir()
    (tmp_path / "results.csv").write_text("mine", "utf-8")
    with pytest.raises(BadInput, match=r"results\.csv"):
        edition_places.refuse_foreign(tmp_path)


@pytest.mark.parametrize("place", ["", "docs", "tests/x", "tools", "benchmarks", ".ci", ".git", ".venv", "data/tables"])
def test_a_run_does_not_write_among_the_projects_own_files(place: str):
    with pytest.raises(BadInput, match="a place elsewhere"):
        edition_places.refuse_foreign(paths.path(*place.split("/")))


@pytest.mark.parametrize(
    "name",
    ["index.html", "measures.html", "map.html", "farm.html", "results.csv", "comparison.html", "grid.csv"],
)
def test_a_file_no_run_wrote_is_not_replaced(tmp_path: Path, name: str):
    (tmp_path / name).write_text("mine", "utf-8")
    with pytest.raises(BadInput, match=name):
        edition_index.refuse_foreign(tmp_path)
    folder(tmp_path / "deal", "x")
    (tmp_path / "deal" / "manifest.json").write_text("{}", "utf-8")
    edition_index.refuse_foreign(tmp_path)


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
    made = edition.Edition(
        scenario=scenarios.load(name),
        folder=tmp_path,
        tasks=(_task(compares=compares),),
        inputs=Inputs(edition_inputs.inputs(paths.root())),
    )
    monkeypatch.setattr(workbook, "content", lambda *_, scenarios, **__: [one.name for one in scenarios])
    assert made._workbook(pd.DataFrame(), pd.DataFrame()) == listed


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
    told = edition.Edition._since(own, {"compares": ["80"], "source": "two"}, tmp_path)
    assert told["finished"] == wanted["finished"]


def test_scenarios_of_ones_own_have_a_place_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A run of the project's brings pages over one's own up to date, once there are some; no run the other way."""
    own = samplenotebook.front_edition(tmp_path, "mine")
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(tmp_path))
    published, private = (edition_index.folder_of(name).parent for name in ("deal_2026", "mine"))
    assert (published, private) == (tmp_path / "reports" / "published", tmp_path / "reports" / "private")
    assert edition_places.places([published]) == [published]
    private.mkdir(parents=True)
    own.rename(private / "mine")
    assert edition_places.places([published, published]) == [published, private]
    assert edition_places.places([private]) == [private] and edition_places.places([tmp_path / "out"]) == [
        tmp_path / "out"
    ]
    told = "reports/private/index.html (your own, in no page of the project; side by side: "
    assert edition_places.place_of(None, ["mine"]) == f"{told}tradeexposure compare deal_2026 mine)"
    (private / edition_index.COMPARISON).touch()
    assert edition_places.place_of(None, ["mine", "deal_2026"]) == (
        f"reports/index.html; {told}reports/private/comparison.html)"
    )
    assert edition_places.place_of(tmp_path / "out", ["mine"]) == "out/index.html"
