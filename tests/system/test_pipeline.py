"""The workflow on small notebooks: what is run, what is skipped, what is published, and how runs end badly."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from tinyproject import ESTIMATE, SCENARIOS, SIMULATION, Project, paid_once

import tradeexposure as te
from tradeexposure.core import files as core_files
from tradeexposure.core import paths
from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.data import tables, vintages
from tradeexposure.publishing import edition_index
from tradeexposure.publishing import manifest as publishing
from tradeexposure.publishing.languages import markup
from tradeexposure.runner import committed_outputs, edition, pipeline, project_checks
from tradeexposure.runner.executors import Workers

NAMES = ("10_count_things", "20_wait_awhile", "70_use_scenario")
DEAL, QUO = SCENARIOS
# As `python -m distributed.cli.dask_worker` would, but without the current folder on the path.
WORKER = "import runpy; runpy.run_module('distributed.cli.dask_worker', run_name='__main__')"

# A kernel's parent is its worker, or the server it was forked from; jupyter_client names the worker.
KILL_WORKER = "import os\nos.kill(int(getattr(os, 'environ')['JPY_PARENT_PID']), 9)"


@pytest.fixture
def tiny(finished: Project, tmp_path: Path) -> Project:
    """A copy of the finished project."""
    return Project(tmp_path / "copy", like=finished)


@pytest.fixture
def here(tiny: Project) -> Iterator[Project]:
    """A copy of the finished project that this process works on, as in :meth:`Project.inside`.

    What a test patches further is put back first: it asks for `monkeypatch` after this.
    """
    with paid_once(), pytest.MonkeyPatch.context() as patch:
        patch.setenv(paths.ROOT_VARIABLE, str(tiny.root))
        yield tiny


def manifest(tiny: Project, scenario: str = DEAL) -> dict[str, Any]:
    return json.loads((tiny.published / scenario / "manifest.json").read_text("utf-8"))


def dates(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def made_from() -> dict[str, Any]:
    """Digests of what the edition of the default scenario is made from, and one over them all."""
    planner, inputs = pipeline._looked_at()
    tasks = tuple(planner.tasks(DEAL))
    scenario = SimpleNamespace(name=DEAL, against=QUO, also_against="")
    return edition.Edition(scenario, edition_index.folder_of(DEAL), tasks, inputs).source()


class TestEdition:
    def test_holds_notebooks_pages_numbers_and_manifest(self, finished: Project):
        numbers = {
            "results.csv",
            "results.csv-metadata.json",
            "results.xlsx",
            "ro-crate-metadata.json",
            "manifest.json",
        }
        # The tiny project's notebooks have no chart, so that there is no card.
        expected = {f"{name}.{kind}" for name in NAMES for kind in ("html", "fr.html", "ipynb")} | numbers
        assert {path.name for path in (finished.published / DEAL).iterdir()} == expected

    def test_manifest_names_every_input_and_output_with_its_digest(self, finished: Project):
        record = manifest(finished)
        for name, digest in record["outputs"].items():
            assert core_files.digest((finished.published / DEAL / name).read_bytes()) == digest
        files = {path: digest for path, digest in record["inputs"].items() if not path.startswith("notebooks/")}
        assert all(core_files.digest((finished.root / path).read_bytes()) == digest for path, digest in files.items())
        assert {"requirements.lock", "data/datapackage.json", f"data/scenarios/{DEAL}.yml"} <= set(files)
        assert "lib/tradeexposure/runner/pipeline.py" in files
        assert record["parameters"]["70_use_scenario"] == {"scenario": DEAL}
        assert record["parameters"]["10_count_things"] == {"times": 3}
        assert record["tolerances"]["count.number.2024"] == pytest.approx(0.01)
        assert "farm_prices_monthly" in record["vintages"]

    def test_executed_notebooks_carry_no_trace_of_the_run(self, finished: Project):
        text = (finished.published / DEAL / "70_use_scenario.ipynb").read_text("utf-8")
        cells = json.loads(text)["cells"]
        assert [cell["id"] for cell in cells[:3]] == ["title", "parameters", "injected-parameters"]
        assert "papermill" not in text
        assert str(finished.root) not in text

    def test_another_folder_has_its_own_index(self, tiny: Project, tmp_path: Path):
        assert tiny.inside("run", DEAL, "--out", str(tmp_path / "out")).returncode == 0
        assert f"{DEAL}/10_count_things.html" in (tmp_path / "out" / "index.html").read_text("utf-8")
        page = (tmp_path / "out" / DEAL / "10_count_things.html").read_text("utf-8")
        assert 'href="../index.html"' in page


class TestSkipping:
    def test_unchanged_runs_nothing_imports_nothing_and_touches_nothing(self, here: Project):
        before = dates(here.root)
        heavy = "[n for n in ('papermill', 'nbconvert', 'statsmodels', 'loky', 'rfc3987_syntax') if sys.modules.get(n)]"
        code = f"import sys; from tradeexposure.cli import main; main(['run', '{DEAL}', '{QUO}']); print({heavy})"
        ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        first, second, where, imported = ended.stdout.splitlines()
        assert (first, second, imported) == (f"{DEAL}: unchanged", f"{QUO}: unchanged", "[]")
        assert "open reports/index.html" in where and f"tradeexposure verify {DEAL} {QUO}" in where
        assert te.run([DEAL, QUO]) == {name: here.published / name for name in (DEAL, QUO)}, "as from Python"
        assert dates(here.root) == before

    def test_an_edition_depends_on_all_code_data_scenarios_and_notebooks_but_on_no_outputs_and_caches(
        self, here: Project
    ):
        before = made_from()
        for place in ("lib/tradeexposure/__pycache__/x.pyc", "data/.ipynb_checkpoints/x.csv", "data/CODEBOOK.md"):
            (here.root / place).parent.mkdir(exist_ok=True)
            (here.root / place).write_bytes(b"x")
        executed = here.published / DEAL / "10_count_things.ipynb"
        (here.root / "notebooks" / executed.name).write_bytes(executed.read_bytes())
        assert made_from() == before
        there = ("lib/tradeexposure/core/units.py", "data/parameters/x.yml", "data/tables/x.csv")
        groups = ("code", "data", "data", "scenarios")
        for place, group in zip((*there, f"data/scenarios/{QUO}.yml"), groups, strict=True):
            path = here.root / place
            for content in ("a", "other", None):
                path.unlink() if content is None else path.write_text(content, "utf-8")
                now = made_from()
                assert {part for part in now if now[part] != before[part]} == {group, "digest"}, (place, content)
                before = now
        here.write("20_wait_awhile", ESTIMATE, work="value = 7.0")
        assert made_from()["digest"] != before["digest"]

    def test_a_file_that_nothing_reads_publishes_again_without_running(self, tiny: Project):
        table = tiny.published / DEAL / "10_count_things.ipynb"
        before = dates(tiny.published)
        (tiny.root / "lib" / "tradeexposure" / "benchless.py").write_text("", "utf-8")
        (tiny.published / DEAL / publishing.PRINTED).write_bytes(b"%PDF")
        ended = tiny.inside("run", DEAL)
        assert f"print it again: tradeexposure brief reports/published/{DEAL} --pdf" in ended.stderr
        assert not (tiny.published / DEAL / publishing.PRINTED).exists()
        assert "ran in" not in ended.stdout
        assert "10_count_things: unchanged, skipped" in ended.stdout
        assert f"{DEAL}: published" in ended.stdout
        assert dates(tiny.published)[table] == before[table]

    def test_a_fresh_clone_on_another_python_computes_and_leaves_what_is_equal(
        self, here: Project, finished: Project, monkeypatch: pytest.MonkeyPatch
    ):
        shutil.rmtree(here.root / "reports" / "_build")
        folder = here.published / DEAL
        (folder / publishing.PRINTED).write_bytes(b"%PDF")
        record = manifest(here)
        record["run"]["printed"] = {publishing.PRINTED: core_files.digest(b"%PDF")}
        (folder / publishing.NAME).write_bytes(publishing.dump(record))
        edition_index.write_index(here.published)
        before, committed = dates(here.published), here.files()
        monkeypatch.setattr(publishing, "packages", lambda: {**record["packages"], "python": "3.99.0"})
        ended = here.inside("run", DEAL)
        assert ended.stdout.count("ran in") == 3
        assert f"{DEAL}: 3 of 3 numbers came out here as they are published" in ended.stdout
        english = markup.untranslated([folder])
        assert english > 1 and f"texts without French: {english}; " in ended.stdout
        assert ended.stdout.endswith("open reports/index.html\n")
        assert dates(folder) == {path: at for path, at in before.items() if DEAL in path.parts}
        assert here.files() == committed
        assert here.inside("run", DEAL).stdout.startswith(f"{DEAL}: unchanged\n")
        monkeypatch.undo()
        shutil.rmtree(folder)
        assert "ran in" not in here.inside("run", DEAL).stdout
        built, first = here.files(), finished.files()
        others = {name for name in first if f"/{DEAL}/" in name and built[name] != first[name]}
        assert others == {f"reports/published/{DEAL}/{publishing.NAME}"}, "built anew it has the same bytes"
        assert {**manifest(finished), "run": 0} == {**manifest(here), "run": 0}

    def test_verify_recomputes_beside_and_names_a_number_that_differs(self, tiny: Project):
        path = tiny.published / DEAL / "results.csv"
        path.write_text(path.read_text("utf-8").replace("A number,6,", "A number,6.5,"), "utf-8")
        before = dates(tiny.published)
        ended = tiny.inside("verify", DEAL, QUO)
        assert ended.returncode == 1 and ended.stdout.count("ran in") == 4
        assert "count.number.2024: value is published as 6.5, recomputed as 6" in ended.stderr
        assert QUO not in ended.stderr and f"{QUO}: " in ended.stdout
        assert tiny.inside("verify", QUO).returncode == 0, "an edition in order"
        assert dates(tiny.published) == before

    def test_check_says_what_an_edition_was_made_from_that_is_no_longer_so(self, here: Project):
        assert not [line for line in project_checks.reports() if "made from other" in line]
        path = here.root / "data" / "studies.yml"
        path.write_text(path.read_text("utf-8") + "# more\n", "utf-8")
        here.write("10_count_things", ESTIMATE, work="value = 1.0")
        stale = [line for line in project_checks.reports() if line.startswith(f"reports/published/{DEAL}: ")]
        again = f"type: tradeexposure run {DEAL}"
        place = f"reports/published/{DEAL}: made from other"
        assert stale == [f"{place} data: studies; {again}", f"{place} notebooks: 10_count_things; {again}"]
        module, record = "policy/studies.py", manifest(here)
        record["inputs"][f"lib/tradeexposure/{module}"] = "another"
        (here.published / DEAL / publishing.NAME).write_text(json.dumps(record), "utf-8")
        assert [line for line in project_checks.reports() if module in line] == [f"{place} code: {module}; {again}"]

    def test_check_names_the_vintage_and_the_tables_that_it_changed(self, here: Project):
        """A file that is the same in both is not named, wherever it lies."""
        vintage = here.root.joinpath(*vintages.VINTAGES, "2027-01-15")
        vintage.mkdir(parents=True)
        for name in (*vintages.FILES, *tables.GENERATED):
            copy = shutil.copytree if (here.root / "data" / name).is_dir() else shutil.copy
            copy(here.root / "data" / name, vintage / name)
        (vintage / vintages.MARK).write_text("{}", "utf-8")
        for path in (vintage / "tables" / "canola_crush_monthly.csv", vintage / "datapackage.json"):
            path.write_text(path.read_text("utf-8") + " ", "utf-8")
        studies = here.root / "data" / "studies.yml"
        studies.write_text(studies.read_text("utf-8") + "# more\n", "utf-8")
        with vintages.pinned("2027-01-15"):
            stale = [line for line in project_checks.reports() if "made from other" in line]
        reason = "made from other data: vintage shipped (now 2027-01-15), canola_crush_monthly, studies; type:"
        assert stale == [f"reports/published/{name}: {reason} tradeexposure run {name}" for name in sorted((DEAL, QUO))]

    def test_check_of_an_edition_whose_scenario_is_gone_says_how_to_delete_it(self, here: Project):
        (here.root / "data" / "scenarios" / f"{QUO}.yml").unlink()
        (here.published / QUO / "results.csv").unlink()
        about = [line for line in project_checks.reports() if line.startswith(f"reports/published/{QUO}")]
        delete = f"rm -r reports/published/{QUO}"
        assert about == [f"reports/published/{QUO}: its scenario is gone; to delete the edition type: {delete}"]
        subprocess.run(delete.split(), cwd=here.root, check=True)
        assert not [line for line in project_checks.reports() if f"run {QUO}" in line or "is gone" in line]

    def test_check_sees_each_published_file_that_is_another(self, here: Project):
        assert project_checks.reports() == []
        over = [here.root / "reports" / f"{name}.html" for name in ("index", "index.fr", "measures", "measures.fr")]
        over += [here.published / name for name in ("comparison.html", "comparison.fr.html", "results.csv")]
        record = here.published / DEAL / publishing.NAME
        for each in ({*over, *(here.published / DEAL).iterdir()} - {record}, {record}):
            good = {path: path.read_bytes() for path in each}
            for path, content in good.items():
                altered = re.sub(rb"(?<=\d)(?=\D*$)", b"7", content, count=1)
                path.write_bytes(altered if path.suffix == ".json" else content + b"7")
            problems = project_checks.reports()
            for path, content in good.items():
                where = paths.relative(path)
                assert [line for line in problems if line.startswith(f"{where}: missing, altered")], where
                path.write_bytes(content)
        assert project_checks.reports() == []

    def test_what_is_ones_own_is_nothing_wrong(self, here: Project):
        """A scenario of the project, which editions read, is a fault once it changed, and so is a shared fact."""
        own = here.root / "data" / "scenarios" / "of_ones_own.yml"
        assert here.inside("new", "scenario", own.stem).returncode == 0
        own.write_text(own.read_text("utf-8").replace("TO WRITE", "Words"), "utf-8")
        assert not [*project_checks.reports(), *project_checks.policy_files(), *project_checks.drafts()]
        for kind in ("table", "fact"):
            assert here.inside("new", kind, f"own_{kind}").returncode == 0
        without = "made without your own own_table, own_fact; editions of your own scenarios have them"
        editions = sorted((DEAL, QUO))
        assert project_checks.without_own_data() == [f"reports/published/{name}: {without}" for name in editions]
        assert project_checks.reports() == []
        with pytest.raises(BadInput, match="reports/published: found your own own_table, own_fact, which no page"):
            pipeline.run([DEAL])
        fact = here.root / "data" / "parameters" / "own_fact.yml"
        fact.write_text(fact.read_text("utf-8").replace("private: true", ""), "utf-8")
        problem = f"reports/published/{DEAL}: made from other data: own_fact; type: tradeexposure run {DEAL}"
        assert problem in project_checks.reports()
        shipped = here.root / "data" / "scenarios" / f"{QUO}.yml"
        shipped.write_text(shipped.read_text("utf-8") + "# more\n", "utf-8")
        assert any(f"made from other scenarios: {QUO};" in line for line in project_checks.reports())

    def test_an_altered_page_is_published_again_without_running(self, tiny: Project):
        page = tiny.published / DEAL / "10_count_things.html"
        good = page.read_bytes()
        page.write_bytes(good + b"x")
        ended = tiny.inside("run", DEAL)
        assert "ran in" not in ended.stdout
        assert page.read_bytes() == good


class TestFailures:
    def test_a_cell_that_raises_fails_its_scenario_only(self, tiny: Project):
        before = tiny.files()
        tiny.write("70_use_scenario", SIMULATION, work=f"# to the point\nvalue = 1 / (len(scenario) - {len(DEAL)})")
        ended = tiny.inside("run", DEAL, QUO, "--lang", "en")
        kept = f"reports/_build/failed/{DEAL}/70_use_scenario.ipynb"
        assert ended.returncode == 1
        reason, summary = ended.stderr.splitlines()
        for part in (
            f"notebooks/70_use_scenario.ipynb for {DEAL}",
            "code cell 4 (# to the point)",
            "ZeroDivisionError",
        ):
            assert part in reason
        assert kept in reason
        assert "ZeroDivisionError" in (tiny.root / kept).read_text("utf-8")
        assert summary == f"1 of 2 scenarios published; failed: {DEAL}"
        after = tiny.files()
        assert {name for name in before if f"/{DEAL}/" in name and before[name] != after[name]} == set()
        assert manifest(tiny, QUO)["source"] != json.loads(before[f"reports/published/{QUO}/manifest.json"])["source"]

    def test_a_lost_worker_process_fails_only_what_kills_it(
        self, tiny: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ):
        """One worker has both tasks when it dies of the first; a killed kernel is in `hostile`."""
        tiny.write("10_count_things", ESTIMATE, work=KILL_WORKER)
        tiny.write("20_wait_awhile", ESTIMATE, work="value = 1.0")
        monkeypatch.setenv(paths.ROOT_VARIABLE, str(tiny.root))
        (reason,) = pipeline.run([DEAL], workers=Workers(1)).failed[DEAL]
        assert reason.startswith("notebooks/10_count_things.ipynb: no answer from the worker"), reason
        assert "20_wait_awhile: ran" in capsys.readouterr().out

    def test_a_full_disk_fails_the_notebook(self, here: Project, monkeypatch: pytest.MonkeyPatch):
        def full(*_: object) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        here.write("20_wait_awhile", ESTIMATE, work="value = 8.0")
        monkeypatch.setattr(core_files, "write", full)
        summary = pipeline.run([DEAL], workers=Workers(1))
        (reason,) = summary.failed[DEAL]
        assert "notebooks/20_wait_awhile.ipynb" in reason
        assert "No space left on device" in reason

    def test_a_full_disk_while_publishing_keeps_the_old_edition(self, here: Project, monkeypatch: pytest.MonkeyPatch):
        before = here.files()
        (here.published / DEAL / "results.csv").write_text("altered", "utf-8")

        write_bytes = Path.write_bytes

        def full(path: Path, content: bytes) -> int:
            if path.suffix == ".csv":
                write_bytes(path, content[:10])
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return write_bytes(path, content)

        monkeypatch.setattr(Path, "write_bytes", full)
        summary = pipeline.run([DEAL])
        assert "No space left on device" in summary.failed[DEAL][0]
        assert here.files() == {**before, f"reports/published/{DEAL}/results.csv": b"altered"}

    def test_numbers_published_twice_are_refused(self, tiny: Project):
        path = tiny.write("20_wait_awhile", ESTIMATE)
        path.write_text(path.read_text("utf-8").replace("wait.number", "count.number"), "utf-8")
        ended = tiny.inside("run", DEAL)
        assert ended.returncode == 1
        assert "published twice: count.number.2024" in ended.stderr


def hanging(tiny: Project) -> subprocess.Popen[str]:
    """A run that hangs in its second notebook."""
    running = tiny.start("run", DEAL, "--workers", "1", TINY_SLEEP="100")
    assert running.stdout is not None
    assert "10_count_things: " in running.stdout.readline()
    # A kernel of the second may start only after the first has told of its end.
    eventually(tiny.kernels, seconds=120)
    return running


def descendants(running: subprocess.Popen[str], tiny: Project) -> list[psutil.Process]:
    """Workers, and the kernels, which may come from a server instead and are known by their folder."""
    return [*psutil.Process(running.pid).children(recursive=True), *tiny.kernels()]


def test_an_interrupted_and_a_killed_run_leave_no_kernel_and_no_edition_and_the_next_resumes(tiny: Project):
    tiny.uncomputed()
    with hanging(tiny) as running:
        second = tiny.inside("run", QUO)
        assert second.returncode == 2
        assert second.stderr.count("\n") == 1
        assert "in use by another run" in second.stderr
        children = descendants(running, tiny)
        running.send_signal(signal.SIGINT)
        _, error = running.communicate(timeout=60)
    assert running.returncode == 130
    assert error.splitlines()[0] == "interrupted while running: 20_wait_awhile"
    assert not psutil.wait_procs(children, timeout=60)[1] and not list(tiny.published.iterdir())
    with hanging(tiny) as running:
        children = descendants(running, tiny)
        running.kill()
    assert not psutil.wait_procs(children, timeout=60)[1], "workers and kernels end with the run that started them"
    assert not list(tiny.published.iterdir())
    ended = tiny.inside("run", DEAL)
    assert ended.returncode == 0, ended.stderr
    assert "10_count_things: unchanged, skipped" in ended.stdout
    assert "20_wait_awhile: ran" in ended.stdout
    assert (tiny.published / DEAL / "manifest.json").is_file()


def eventually(look: Callable[[], Any], *, seconds: float) -> Any:
    """What is found as soon as there is something."""
    deadline = time.monotonic() + seconds
    while not (something := look()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)
    return something


def worker(address: str, away: Path) -> subprocess.Popen[bytes]:
    """A worker of the scheduler there, in a process of its own, away from the project.

    Its second notebook takes long enough for its kernel to be seen.
    """
    environment = {**os.environ, "TINY_SLEEP": "3"}
    environment.pop("PYTHONPATH", None)
    return subprocess.Popen(
        [sys.executable, "-P", "-c", WORKER, address, "--nthreads", "1", "--no-nanny", "--no-dashboard"], cwd=away,
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def held_by(pid: int) -> set[int]:
    """Processes that one waits for: its children, and others that it has a descriptor of, such as warm kernels."""
    pids: set[int] = set()
    with contextlib.suppress(OSError, psutil.Error):  # any may end while it is looked at
        pids |= {child.pid for child in psutil.Process(pid).children()}
        for descriptor in Path(f"/proc/{pid}/fdinfo").iterdir():
            pids |= set(map(int, re.findall(r"^Pid:\t(\d+)$", descriptor.read_text("utf-8"), re.MULTILINE)))
    return pids


class TestCluster:
    def test_gives_the_same_edition_though_a_worker_is_killed(self, finished: Project, tiny: Project, tmp_path: Path):
        """Of two workers, which have a notebook each; the other one is in this process, which pays for no start."""
        distributed = pytest.importorskip("distributed")
        tiny.uncomputed()
        with (
            distributed.LocalCluster(
                1, threads_per_worker=1, processes=False, protocol="tcp", host="127.0.0.1", dashboard_address=None
            ) as cluster,
            ThreadPoolExecutor(1) as beside,
        ):
            lost = worker(cluster.scheduler_address, tmp_path)
            eventually(lambda: len(cluster.scheduler.workers) == 2, seconds=120)
            killed = beside.submit(self.killed_at_work, lost, tiny)
            ended = tiny.inside("run", DEAL, "--cluster", cluster.scheduler_address, TINY_SLEEP="3")
            lost.kill()  # where the run ended before
            killed.result()
        assert (ended.returncode, ended.stderr) == (0, "")
        assert {**manifest(finished), "run": 0} == {**manifest(tiny), "run": 0}

    def killed_at_work(self, lost: subprocess.Popen[bytes], tiny: Project) -> None:
        """Kill a worker in the midst of a notebook: it has a kernel."""
        eventually(lambda: {kernel.pid for kernel in tiny.kernels()} & held_by(lost.pid), seconds=120)
        assert lost.poll() is None
        lost.kill()
        lost.wait()

    def test_without_the_package_says_which_extra(self, here: Project, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setitem(sys.modules, "distributed", None)
        here.write("20_wait_awhile", ESTIMATE)
        with pytest.raises(BadInput, match=r"tradeexposure\[cluster\]"):
            Workers.validated(None, "tcp://127.0.0.1:1")


class TestOutputs:
    def test_rewrites_notebooks_and_readme_is_stable_and_a_number_altered_by_hand_is_seen(self, here: Project):
        assert committed_outputs.altered() == []
        first = here.inside("outputs")
        assert first.returncode == 0, first.stderr
        readme = (here.root / "README.md").read_text("utf-8")
        assert readme.startswith("# Tiny\n")
        assert readme.endswith("rest\n")
        assert readme.count("A number") == 3
        written = json.loads((here.root / "notebooks" / "10_count_things.ipynb").read_text("utf-8"))
        counts = [cell["execution_count"] for cell in written["cells"] if cell["cell_type"] == "code"]
        assert counts == list(range(1, len(counts) + 1))
        before = dates(here.root / "notebooks")
        assert "rewritten" not in here.inside("outputs").stdout
        assert dates(here.root / "notebooks") == before
        assert here.inside("run", DEAL).stdout.startswith(f"{DEAL}: unchanged\n")
        committed_outputs._write({paths.path(*committed_outputs.SCENARIOS): "scenario,value\ndeal_2026,9,\n"})
        assert committed_outputs.altered() == []
        table, printed = ("README.md", "docs/answers.md"), "notebooks/10_count_things.ipynb"
        for name, number in [*((name, "6.00") for name in (*table, printed)), ("reports/scenarios.csv", ",9,")]:
            path = here.root / name
            good = path.read_text("utf-8")
            path.write_text(good.replace(number, number.replace("6", "7").replace("9", "8"), 1), "utf-8")
            assert path.read_text("utf-8") != good, name
            (problem,) = committed_outputs.altered()
            assert problem.startswith(f"{name}: altered, or ")
            assert problem.endswith(f"type: tradeexposure outputs{' 10_count_things' if name == printed else ''}")
            path.write_text(good, "utf-8")
        assert committed_outputs.altered() == []

    def test_of_one_notebook_alone_which_is_not_written_over_where_it_was_saved_while_it_ran(
        self, here: Project, monkeypatch: pytest.MonkeyPatch
    ):
        path, run = here.root / "notebooks" / "10_count_things.ipynb", committed_outputs.run_tasks
        edited = path.read_text("utf-8").replace("# ", "# By hand: ", 1)

        def saved_meanwhile(*asked: Any, **named: Any) -> None:
            run(*asked, **named)
            path.write_text(edited, "utf-8")

        with monkeypatch.context() as patch:
            patch.setattr(committed_outputs, "run_tasks", saved_meanwhile)
            failure = r"10_count_things\.ipynb changed since the run was planned; type the same"
            with pytest.raises(RunFailed, match=failure):
                committed_outputs.outputs(["10"])
        assert path.read_text("utf-8") == edited
        ended = here.inside("outputs", "10")
        assert ended.returncode == 0, ended.stderr
        assert "10_count_things: ran" in ended.stdout and ended.stdout.count("ran in") == 1
        assert "notebooks/10_count_things.ipynb: rewritten" in ended.stdout
        refused = here.inside("outputs", "nothing")
        assert refused.returncode == 2
        assert "outputs: found nothing; allowed: 10_count_things" in refused.stderr

    def test_a_notebook_that_fails_keeps_its_outputs_and_the_others_are_written(self, tiny: Project):
        tiny.write("20_wait_awhile", ESTIMATE, work="value = 1.5\nassert value > 2")
        before = tiny.files()
        ended = tiny.inside("outputs", "10", "20")
        assert ended.returncode == 1
        assert "code cell 4 (value = 1.5): AssertionError: assert value > 2" in ended.stderr
        changed = {name for name, content in tiny.files().items() if before.get(name) != content}
        assert changed == {"notebooks/10_count_things.ipynb", "reports/digests.json"}
