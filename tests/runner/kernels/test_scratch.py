"""Folders for the sockets of kernels: what a kill leaves goes with the next run, what is in use stays."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tradeexposure.runner.kernels import scratch

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="left folders are told by locks of POSIX systems")

HOLDER = """
import sys
from tradeexposure.runner.kernels import scratch
with scratch.folder() as folder:
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A temporary folder with a short name, this process's and its children's."""
    made = Path(tempfile.mkdtemp(dir="/tmp"))
    monkeypatch.setenv("TMPDIR", str(made))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield made
    shutil.rmtree(made)


def holder() -> tuple[subprocess.Popen[str], Path]:
    """A process with a folder of its own."""
    process = subprocess.Popen([sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_what_a_killed_process_left_goes_and_what_is_in_use_stays(temporary: Path):
    alive, kept = holder()
    dead, left = holder()
    (left / "kernel").mkdir()
    dead.kill()
    dead.communicate()
    assert left.is_dir() and left.parent == temporary
    with scratch.folder() as own:
        assert sorted(temporary.iterdir()) == sorted([kept, Path(own)])
    alive.communicate("")
    assert not list(temporary.iterdir())


def test_a_folder_that_only_has_such_a_name_stays(temporary: Path):
    (temporary / f"{scratch.PREFIX}letters").mkdir()
    with scratch.folder() as own:
        assert os.stat(own).st_mode & 0o077 == 0
    assert [path.name for path in temporary.iterdir()] == [f"{scratch.PREFIX}letters"]


def test_a_folder_swept_before_it_was_locked_is_made_again(temporary: Path, monkeypatch: pytest.MonkeyPatch):
    import fcntl

    usual, swept = fcntl.flock, []

    def late(lock: int, kind: int) -> None:
        if not swept:
            swept.extend(temporary.iterdir())
            shutil.rmtree(swept[0])
        usual(lock, kind)

    monkeypatch.setattr(fcntl, "flock", late)
    with scratch.folder() as own:
        assert Path(own).is_dir() and Path(own) not in swept
        assert (Path(own) / scratch.LOCK).is_file()


def test_a_long_name_is_avoided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / ("x" * scratch.LONGEST_FOLDER)))
    with scratch.folder() as own:
        assert Path(own).parent == Path("/tmp")
