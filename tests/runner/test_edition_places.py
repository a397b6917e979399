"""An edition takes another's place: at once, or by two renames that a killed run does not lose anything between."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
import samplenotebook

from tradeexposure.core import files, paths
from tradeexposure.core.errors import BadInput
from tradeexposure.publishing import edition_index
from tradeexposure.runner import edition_places


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
    first, second = folder(tmp_path / "one", "1"), folder(tmp_path / "other", "2")
    if not files.exchange(first, second):
        pytest.skip("this file system cannot")
    assert (text(first), text(second)) == ("2", "1")
    with pytest.raises(OSError, match=os.strerror(errno.ENOENT)):
        files.exchange(first, tmp_path / "nothing")


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

    def once(source: Path, target: Path) -> None:
        if Path(target) == place:
            raise Killed
        rename(source, target)

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
    own_index = "reports/private/index.html (your own, in no page of the project; side by side: "
    assert edition_places.place_of(None, ["mine"]) == f"{own_index}tradeexposure compare deal_2026 mine)"
    (private / edition_index.COMPARISON).touch()
    assert edition_places.place_of(None, ["mine", "deal_2026"]) == (
        f"reports/index.html; {own_index}reports/private/comparison.html)"
    )
    assert edition_places.place_of(tmp_path / "out", ["mine"]) == "out/index.html"
