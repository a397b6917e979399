"""What surrounds a command: where the project is, what the terminal can show, whether the output can be written."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from IPython import paths as ipython_paths
from tinyproject import COMMAND, ESTIMATE, Project

from tradeexposure import cli
from tradeexposure.core import earlier_results, paths
from tradeexposure.runner import notebooks, project_checks

COMPARE = ("compare", "reports/published/deal_2026", "reports/published/status_quo_2025")


def told(shown: str) -> str:
    """The one line of an error."""
    lines = shown.splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("error: ")
    return lines[0]


@pytest.mark.parametrize(
    ("place", "why"),
    [("/nowhere/at/all", "not there"), ("README.md", "no folder"), ("a" * 5000, "too long"), ("  ", "found")],
    ids=["missing", "a file", "too long", "blank"],
)
@pytest.mark.parametrize("command", [("run", "deal_2026"), ("scenarios",), ("check",), ("vintages",)], ids=" ".join)
def test_a_project_that_is_not_there(finished: Project, place: str, why: str, command: tuple[str, ...]):
    """One in a process of its own: every command is started the same way."""
    asked = Project.call if (command[0], why) == ("run", "no folder") else Project.inside
    ended = asked(finished, *command, **{paths.ROOT_VARIABLE: place})
    assert ended.returncode == 2
    assert paths.ROOT_VARIABLE in told(ended.stderr) and why in told(ended.stderr)


@pytest.mark.parametrize("arguments", [("run", "deal_2026", "--out", "x"), ("scenarios",)], ids=" ".join)
def test_a_working_folder_that_is_gone(
    finished: Project, tmp_path: Path, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):  # fmt: skip
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(finished.root) if "--out" in arguments else "project")
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert cli.main(list(arguments)) == 2
    assert "gone" in told(capsys.readouterr().err)


@pytest.mark.parametrize("content", [None, b"", b"hello", b"[]", b'{"scenario": 3}', b"\xff"], ids=repr)
@pytest.mark.parametrize("command", [("run", "deal_2026"), ("scenarios",)], ids=" ".join)
def test_a_file_of_given_numbers_that_is_none(
    finished: Project, tmp_path: Path, content: bytes | None, command: tuple[str, ...]
):
    handed = tmp_path / "handover.json"
    if content is not None:
        handed.write_bytes(content)
    ended = finished.inside(*command, **{earlier_results.VARIABLE: str(handed)})
    assert ended.returncode == 2
    assert earlier_results.VARIABLE in told(ended.stderr)


def test_a_terminal_without_the_letters(finished: Project, monkeypatch: pytest.MonkeyPatch):
    terminal = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(finished.root))
    monkeypatch.chdir(finished.root)
    monkeypatch.setattr(sys, "stdout", terminal)
    assert cli.main(list(COMPARE)) == 0
    assert rb"9.00 (9.00 to 10.0) \u2192 15.0" in terminal.buffer.getvalue()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the system has no device that is always full")
def test_an_output_that_cannot_be_written(finished: Project):
    with open("/dev/full", "wb") as full:
        ended = subprocess.run(
            [*COMMAND, "vintages"], env=finished.environment(), cwd=finished.root, stdout=full, stderr=subprocess.PIPE,
            check=False, timeout=120,
        )  # fmt: skip
    assert ended.returncode == 1
    assert "No space left on device" in told(ended.stderr.decode())


@pytest.mark.parametrize(
    ("closed", "command", "status", "out", "error"),
    [
        (">&-", "scenarios", 2, b"", b"error: standard output: found closed; allowed: a terminal, a file or a device"),
        ("2>&-", "nonsense", 2, b"", b""),
        ("<&- 2>&-", "vintages", 0, b"shipped (in force)\n", b""),
    ],
)
def test_a_stream_that_is_closed(finished: Project, closed: str, command: str, status: int, out: bytes, error: bytes):
    ended = subprocess.run(
        ["sh", "-c", f'exec "$@" {closed}', "sh", *COMMAND, command], env=finished.environment(), cwd=finished.root,
        capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    assert (ended.returncode, ended.stdout) == (status, out)
    assert ended.stderr.startswith(error) and ended.stderr.count(b"\n") == bool(error)


def test_a_relative_path_of_modules_is_that_of_this_folder(
    finished: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """Workers and kernels, which stand in other folders, take it as the command did."""
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(finished.root))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["lib", "", "/x"]))
    monkeypatch.chdir(tmp_path)
    assert cli.main(["vintages"]) == 0
    assert os.environ["PYTHONPATH"] == os.pathsep.join([str(tmp_path / "lib"), str(tmp_path), "/x"])


def test_nothing_is_made_in_the_home_folder(finished: Project, monkeypatch: pytest.MonkeyPatch):
    def refused() -> str:
        raise PermissionError(1, "Operation not permitted", "/home/.ipython")

    monkeypatch.setenv(paths.ROOT_VARIABLE, str(finished.root))
    monkeypatch.setenv("IPYTHONDIR", "/home/.ipython")
    with monkeypatch.context() as patched:
        patched.setattr(ipython_paths, "get_ipython_dir", refused)
        project_checks._check_kernels(notebooks.discover())
    assert Path(os.environ["IPYTHONDIR"]).is_relative_to(finished.root / "reports" / "_build"), "as workers have it"


def test_few_open_files(finished: Project, tmp_path: Path):
    copy = Project(tmp_path / "copy", like=finished)
    copy.write("10_count_things", ESTIMATE, parameters="times: int = 4  # how often\n")
    ended = subprocess.run(
        ["sh", "-c", 'ulimit -n 16; exec "$@"', "sh", *COMMAND, "run", "deal_2026"], env=copy.environment(),
        cwd=copy.root, capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    assert ended.returncode in (1, 2)
    assert b"Traceback" not in ended.stderr
