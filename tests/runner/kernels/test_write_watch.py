"""Which paths belong to the project; that kernels refuse changes of them: tests/system/hostile."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tradeexposure.runner.kernels import write_watch
from tradeexposure.runner.kernels.write_watch import REMOVES, WRITES, FileChange


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that is watched, by this test's own calls alone."""
    root = tmp_path / "project"
    (root / "data").mkdir(parents=True)
    (root / "data" / "x.csv").touch()
    monkeypatch.setattr(sys, "addaudithook", lambda _: None)
    monkeypatch.setattr(sys, "prefix", str(root / ".venv"))
    for name in ("roots", "free", "listener"):
        monkeypatch.setattr(write_watch._State, name, getattr(write_watch._State, name))
    write_watch.begin([str(root)])
    return root


def test_what_is_below_it_is_refused_and_named(project: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(project)
    with pytest.raises(FileChange, match=r"^it writes data/x\.csv; a notebook changes no file of the project$"):
        write_watch.refuse(WRITES, "data/../data/x.csv", None)
    with pytest.raises(FileChange, match=r"^it removes data;"):
        write_watch.refuse(REMOVES, b"data", None)
    folder = os.open(project / "data", os.O_RDONLY)
    with pytest.raises(FileChange, match=r"^it removes data/x\.csv;"):
        write_watch.refuse(REMOVES, "x.csv", folder)
    file = os.open(project / "data" / "x.csv", os.O_RDONLY)
    with pytest.raises(FileChange, match=r"^it writes data/x\.csv;"):
        write_watch.refuse(WRITES, file, None)
    os.close(folder)
    os.close(file)


def test_the_project_and_folders_above_it_are_not_moved(project: Path):
    for path in (project, project.parent):
        with pytest.raises(FileChange):
            write_watch.refuse(REMOVES, path, None)
    write_watch.refuse(WRITES, project.parent, None)
    write_watch.refuse(WRITES, project.parent / "project2", None)


def test_a_link_leads_to_what_is_written_and_is_itself_what_is_removed(project: Path, tmp_path: Path):
    link = tmp_path / "link"
    link.symlink_to(project / "data")
    write_watch.refuse(REMOVES, link, None)
    for path in (link, link / "new"):
        with pytest.raises(FileChange):
            write_watch.refuse(WRITES, path, None)
    with pytest.raises(FileChange, match=r"data/x\.csv"):
        write_watch.refuse(REMOVES, link / "x.csv", None)


def test_the_environment_compiled_modules_and_databases_in_memory_are_free(project: Path):
    write_watch.refuse(WRITES, project / ".venv" / "ipython" / "history.sqlite", None)
    write_watch.refuse(WRITES, project / "lib" / "__pycache__", None)  # made where a module is compiled first
    write_watch.refuse(WRITES, project / "lib" / "__pycache__" / "a.pyc", None)
    write_watch.refuse(WRITES, ":memory:", None)
    for beside in (project / "venv" / "history.sqlite", project / "lib" / "a.py", project / ":memory:"):
        with pytest.raises(FileChange):
            write_watch.refuse(WRITES, beside, None)


def test_opening_counts_where_it_is_to_write(project: Path):
    write_watch._watch("open", (str(project / "data" / "x.csv"), "r", os.O_RDONLY | os.O_CLOEXEC))
    write_watch._watch("open", (str(project / "data" / "x.csv"), None, None))
    for flags in (os.O_WRONLY, os.O_RDWR, os.O_CREAT, os.O_TRUNC):
        with pytest.raises(FileChange):
            write_watch._watch("open", (str(project / "data" / "x.csv"), None, flags))


def test_who_asked_is_told_each_time(project: Path):
    messages: list[str] = []
    write_watch.begin([str(project)], messages.append)
    for _ in range(2):
        with pytest.raises(FileChange):
            write_watch.refuse(WRITES, project / "x", None)
    assert messages == ["FileChange: it writes x; a notebook changes no file of the project"] * 2
