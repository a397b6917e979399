"""What goes wrong in the midst of a sweep: what finished is kept, what failed is named, the next run does the rest."""

from __future__ import annotations

import errno
import os
import signal
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from tinyproject import SCENARIOS as PUBLISHED
from tinyproject import SIMULATION, Project
from warmkernels import eventually

from tradeexposure import cli
from tradeexposure.core import files, paths
from tradeexposure.data import edition_inputs
from tradeexposure.runner import notebook_task

NOTEBOOK = "70_use_scenario"
# What a scenario does is told by the environment, which no result depends on, so that the same task can succeed later.
WORK = """import json, os, signal, time
told = getattr(os, "environ")  # which the rule on what is asked would refuse
fault = json.loads(told.get("TINY_FAULT", "{}")).get(scenario, "")
if fault == "kernel": os.kill(os.getpid(), signal.SIGKILL)
if fault == "worker": os.kill(int(told["JPY_PARENT_PID"]), signal.SIGKILL)
if fault == "hang": time.sleep(100)
value = float(len(scenario))"""
KERNEL, WORKER, FINE, ALSO_FINE = SCENARIOS = ("kernel_killed", "worker_killed", "fine", "also_fine")


@pytest.fixture
def sweep(finished: Project, tmp_path: Path) -> Project:
    """A project with four scenarios, nothing of them computed; its estimates are."""
    made = Project(tmp_path / "sweep", like=finished)
    pattern = (made.root / "data/scenarios/deal_2026.yml").read_text("utf-8")
    for name in SCENARIOS:
        text = pattern.replace("name: deal_2026", f"name: {name}")
        (made.root / f"data/scenarios/{name}.yml").write_text(text, "utf-8")
    made.write(NOTEBOOK, SIMULATION, work=WORK)
    return made


def published(sweep: Project) -> set[str]:
    return {path.parent.name for path in (sweep.root / "reports/private").glob("*/manifest.json")} & set(SCENARIOS)


def ran(printed: str) -> set[str]:
    """Scenarios whose notebook a run executed."""
    return {line.split("/")[0].split()[-1] for line in printed.splitlines() if f"/{NOTEBOOK}: ran" in line}


def nothing_left(sweep: Project, before: list[psutil.Process]) -> bool:
    return not psutil.wait_procs([*before, *sweep.kernels()], timeout=60)[1]


@pytest.mark.slow  # about fifteen seconds of a processor
def test_a_killed_kernel_and_a_killed_worker_fail_their_scenarios_only(sweep: Project):
    fault = f'{{"{KERNEL}": "kernel", "{WORKER}": "worker"}}'
    ended = sweep.call("run", *SCENARIOS, "--workers", "2", TINY_FAULT=fault)
    assert ended.returncode == 1
    assert published(sweep) == {FINE, ALSO_FINE}
    assert (
        f"{NOTEBOOK}.ipynb for {KERNEL}, code cell 4 (import json, os, signal, time): DeadKernelError" in ended.stderr
    )
    assert f"{NOTEBOOK}.ipynb for {WORKER}: no answer from the worker" in ended.stderr
    assert f"2 of 4 scenarios published; failed: {KERNEL}, {WORKER}" in ended.stderr
    assert nothing_left(sweep, [])
    again = sweep.call("run", *SCENARIOS, "--workers", "2")
    assert again.returncode == 0, again.stderr
    assert ran(again.stdout) == {KERNEL, WORKER}
    assert published(sweep) == set(SCENARIOS)


@pytest.mark.slow  # once is in tests/system/test_pipeline.py
def test_ctrl_c_twice_keeps_what_finished_and_leaves_no_process(sweep: Project):
    running = sweep.start("run", *SCENARIOS[2:], "--workers", "2", TINY_FAULT=f'{{"{ALSO_FINE}": "hang"}}')
    assert running.stdout is not None
    while f"{FINE}: published" not in running.stdout.readline():
        assert running.poll() is None
    assert eventually(sweep.kernels), "the other one's may start only now"
    children = psutil.Process(running.pid).children(recursive=True)
    running.send_signal(signal.SIGINT)
    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=60) != 0
    running.communicate()
    assert nothing_left(sweep, children)
    again = sweep.call("run", *SCENARIOS[2:])
    assert again.returncode == 0, again.stderr
    assert ran(again.stdout) == {ALSO_FINE}


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
    asked = ("run", *SCENARIOS[2:], "--workers", "2", "--lang", "en")
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
    ended = sweep.inside("run", *SCENARIOS[2:], "--workers", "2", "--lang", "en")
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
    made = []
    for switch in ("0", "1", "1"):
        monkeypatch.setenv("WARMKERNEL_ENABLE", switch)
        outcome = notebook_task.execute(job)
        assert outcome.failure is None
        made.append(outcome.notebook)
    assert made[0] == made[1] == made[2]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["20_measure_canola_exposure", "50_measure_ev_exposure"])
def test_a_real_notebook_is_the_same_cold_and_warm(root: Path, name: str, monkeypatch: pytest.MonkeyPatch):
    job = notebook_task.Job(
        name, (root / f"notebooks/{name}.ipynb").read_text("utf-8"), str(root), edition_inputs.folder_digests(root)
    )
    made = []
    for switch in ("0", "1"):
        monkeypatch.setenv("WARMKERNEL_ENABLE", switch)
        made.append(notebook_task.execute(job))
    assert made[0].failure is None and made[0].notebook == made[1].notebook
