"""Which files a kernel may open besides those that loaders note; that others fail a run: tests/system/test_reads.py."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from tradeexposure.core import loaded_files
from tradeexposure.runner.kernels import file_watch
from tradeexposure.runner.kernels.file_watch import UndeclaredRead, _State, undeclared

FILES = ("data/x.csv", "notebooks/10_a_b.ipynb", "lib/tradeexposure/a/known.py", "lib/tradeexposure/a/other.py",
         "lib/tradeexposure/a/table.json", "lib/tradeexposure/b/table.json", ".venv/x.py")  # fmt: skip


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that is watched, by this test's own calls alone."""
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path / "notebooks")
    known = {"roots": [tmp_path], "free": [tmp_path / ".venv"], "code": [tmp_path / "lib"]}
    for name, folders in known.items():
        monkeypatch.setattr(_State, name, file_watch._folders(list(map(str, folders))))
    monkeypatch.setattr(_State, "modules", frozenset({"tradeexposure", "tradeexposure.a", "tradeexposure.a.known"}))
    monkeypatch.setattr(_State, "refused", False)
    return tmp_path


def test_files_of_the_project_are_named_and_others_are_free(project: Path):
    there = {name: undeclared(project / name) for name in FILES}
    closed = {"data/x.csv", "notebooks/10_a_b.ipynb", "lib/tradeexposure/a/other.py", "lib/tradeexposure/b/table.json"}
    assert {name for name in FILES if there[name]} == closed
    assert all(there[name] == name for name in closed)
    assert undeclared("../data/x.csv") == "data/x.csv" and undeclared(b"../data") == "data"
    assert not undeclared(3) and not undeclared(sys.executable) and not undeclared(":memory:")


def test_a_link_from_elsewhere_leads_here(project: Path, tmp_path_factory: pytest.TempPathFactory):
    link = tmp_path_factory.mktemp("elsewhere") / "link"
    link.symlink_to(project / "data")
    assert undeclared(link / "x.csv") == "data/x.csv"


def test_a_compiled_module_counts_as_the_module(project: Path):
    for name, named in (("known", ""), ("other", "lib/tradeexposure/a/__pycache__/other.cpython-311.pyc")):
        path = project / "lib/tradeexposure/a/__pycache__" / f"{name}.cpython-311.pyc"
        path.parent.mkdir(exist_ok=True)
        path.touch()
        assert undeclared(path) == named


def test_what_is_not_there_is_not_read(project: Path):
    """Tracebacks look for sources that compiled libraries name; whether a file is there: undeclared_reads."""
    assert not undeclared("zmq/backend/_zmq.py") and not undeclared("<string>")


def test_opening_is_refused_once_programs_and_the_network_each_time(project: Path):
    file = (str(project / "data" / "x.csv"), "r", 0)
    with loaded_files.loading():
        file_watch._hook("open", file)
    with pytest.raises(UndeclaredRead, match=r"^it reads data/x\.csv, which its key does not cover$"):
        file_watch._hook("open", file)
    file_watch._hook("open", file)  # what shows the first one reads too; the run has failed
    for _ in range(2):
        with pytest.raises(UndeclaredRead, match=r"another program \(rm -r data\)"):
            file_watch._hook("subprocess.Popen", (["rm", "-r", "data"], None, None, None))
        with pytest.raises(UndeclaredRead, match="the network"):
            file_watch._hook("socket.connect", (None, None))
    file_watch._hook("import", ("x",))


def test_modules_outside_the_closure_are_forgotten(monkeypatch: pytest.MonkeyPatch):
    above, inside, outside = ModuleType("tradeexposure"), ModuleType("tradeexposure.in_it"), ModuleType("x")
    above.__dict__.update(in_it=inside, out_of_it=outside)
    there = {"tradeexposure": above, "tradeexposure.in_it": inside, "tradeexposure.out_of_it": outside, "sys": sys}
    monkeypatch.setattr(file_watch.sys, "modules", there)
    file_watch._hide(frozenset({"tradeexposure", "tradeexposure.in_it"}))
    assert set(there) == {"tradeexposure", "tradeexposure.in_it", "sys"}
    assert not hasattr(above, "out_of_it") and above.in_it is inside


def test_a_log_that_is_cut_short_is_no_watch(tmp_path: Path):
    assert file_watch.read_log(tmp_path) == (False, [], [])
    log = tmp_path / file_watch.LOG
    log.write_text('["ready", "", ""]\n["file", "data/priors.yml", "d"]\n["refused", "it reads x", ""]\n', "utf-8")
    assert file_watch.read_log(tmp_path) == (True, [("file", "data/priors.yml", "d")], ["it reads x"])
    log.write_text('["ready", "", ""]\n["file", "data/pri', "utf-8")
    assert file_watch.read_log(tmp_path) == (False, [], [])
