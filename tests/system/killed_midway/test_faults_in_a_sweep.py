"""A sweep whose disk is full, whose workers say the same, whose kernels are cold and warm."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path

import pytest
from tinyproject import SCENARIOS as PUBLISHED
from tinyproject import SIMULATION, Project

from tradeexposure import cli
from tradeexposure.core import files, paths
from tradeexposure.data import edition_inputs
from tradeexposure.runner import notebook_task

NOTEBOOK = "70_use_scenario"
SCENARIOS = ("fine", "also_fine")


@pytest.fixture
def sweep(finished: Project, tmp_path: Path) -> Project:
    """A project with two scenarios, nothing of them computed; its estimates are."""
    project = Project(tmp_path / "sweep", like=finished)
    pattern = (project.root / "data/scenarios/deal_2026.yml").read_text("utf-8")
    for name in SCENARIOS:
        text = pattern.replace("name: deal_2026", f"name: {name}")
        (project.root / f"data/scenarios/{name}.yml").write_text(text, "utf-8")
    project.write(NOTEBOOK, SIMULATION, work="value = 1.0 * len(scenario)")
    return project


def test_a_full_disk_is_told_where_only_the_files_over_all_editions_are_lost(sweep: Project, monkeypatch, capsys):
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(sweep.root))
    sweep.write(NOTEBOOK, SIMULATION)  # as published
    for name in SCENARIOS:
        (sweep.root / f"data/scenarios/{name}.yml").unlink()
    (sweep.published / "results.csv").unlink()

    def full(path: Path, content: bytes | str) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    write = files.write
    monkeypatch.setattr(files, "write", full)
    assert cli.main(["run", *PUBLISHED]) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: reports/published: index, numbers and comparison") and "No space left" in error
    monkeypatch.setattr(files, "write", write)
    assert cli.main(["run", *PUBLISHED]) == 0
    assert (sweep.published / "results.csv").is_file()


@pytest.mark.slow  # two workers and two cold kernels, some ten seconds of a processor
def test_workers_whose_kernels_start_cold_say_so_and_why_once(sweep: Project):
    """Here for a time without end; what else keeps kernels cold is told the same way (``lib/warmkernel/tests``)."""
    asked = ("run", *SCENARIOS, "--workers", "2", "--lang", "en")
    ended = sweep.call(*asked, WARMKERNEL_LINGER_SECONDS="nan")
    assert ended.returncode == 0, ended.stderr
    (line,) = ended.stderr.splitlines()
    assert line.startswith("warning: kernels start cold") and "WARMKERNEL_ENABLE=0 silences this" in line
    assert "WARMKERNEL_LINGER_SECONDS: found 'nan'" in line


def test_what_several_workers_tell_is_said_once(sweep: Project, monkeypatch: pytest.MonkeyPatch):
    execute, tasks = notebook_task.execute, []

    def told(job: notebook_task.Job) -> notebook_task.Outcome:
        tasks.append(job.name)
        return replace(execute(job), warnings=("kernels start cold (why)",))

    monkeypatch.setattr(notebook_task, "execute", told)
    ended = sweep.inside("run", *SCENARIOS, "--workers", "2", "--lang", "en")
    assert (ended.returncode, ended.stderr) == (0, "warning: kernels start cold (why)\n")
    assert len(tasks) == 2


def test_a_notebook_is_the_same_cold_and_warm(sweep: Project, monkeypatch: pytest.MonkeyPatch):
    cells = (
        "import altair, numpy, os\nvalue = float(len({'a', 'b', scenario}))\nsorted({'x', 'y'}), os.getcwd(), hash('a')"
    )
    path = sweep.write(NOTEBOOK, SIMULATION, work=cells)
    job = notebook_task.Job(
        NOTEBOOK, path.read_text("utf-8"), str(sweep.root), edition_inputs.folder_digests(sweep.root)
    )
    executed = []
    for switch in ("0", "1", "1"):
        monkeypatch.setenv("WARMKERNEL_ENABLE", switch)
        outcome = notebook_task.execute(job)
        assert outcome.failure is None
        executed.append(outcome.notebook)
    assert executed[0] == executed[1] == executed[2]
