"""Editions: what `tradeexposure run` publishes from nothing is what is committed, and what was accepted.

The strict comparison of ``notebooks/`` executes every notebook with its own parameters and proves each of its outputs,
the published numbers included. The committed estimates are therefore numbers this code produces, and the run below is
given them as if an earlier run had made them. It executes one estimate, so that the way from an empty store is walked
on a real notebook too, and whatever depends on the scenario.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from golden.accept import numbers_in

from tradeexposure.core import paths, results_csv
from tradeexposure.data import input_digests, vintages
from tradeexposure.policy import scenarios
from tradeexposure.publishing import manifest
from tradeexposure.runner import notebook_task, notebooks, plan, reads, result_store

SCENARIOS = ("deal_2026", "status_quo_2025")
EXECUTED = "20_measure_canola_exposure"  # the quickest estimate
GOLDEN = Path(__file__).parents[1] / "golden"
PUBLISHED = paths.path("reports", "published")


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`tradeexposure` on the project copy at `root`."""
    command = [sys.executable, "-m", "tradeexposure.cli", *arguments]
    environment = {**os.environ, paths.ROOT_VARIABLE: str(root)}
    return subprocess.run(command, env=environment, cwd=root, capture_output=True, text=True, timeout=300, check=False)


def estimates() -> list[notebooks.Notebook]:
    """The committed notebooks that no scenario changes."""
    return [one for one in notebooks.discover() if not one.depends_on_scenario and not one.compares]


def keep_committed(root: Path) -> None:
    """Fill the store of the project copy at `root` with the committed estimates, all but the executed one."""
    kept = result_store.Store(root / "reports" / "_build" / "store")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(paths.ROOT_VARIABLE, str(root))
        known = reads.of_environment(notebook_task.ENVIRONMENT)
        for task in plan.Planner(estimates(), input_digests.folder_digests(root), scenarios.names()).tasks(""):
            if task.notebook.name != EXECUTED and not task.needs:
                known.keep(kept, task, (), result_store.Entry(task.notebook.path.read_text("utf-8"), 0.0))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project without any earlier run but the proven estimates, with the scenarios published in it."""
    root = tmp_path_factory.mktemp("edition")
    for name in ("data", "lib", "notebooks", "reports/template"):
        shutil.copytree(paths.path(name), root / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copy(paths.path("requirements.lock"), root)
    # The executed notebook must show its outputs because it was run, not because it was copied.
    executed = root / "notebooks" / f"{EXECUTED}.ipynb"
    bare = json.loads(executed.read_text("utf-8"))
    for cell in bare["cells"]:
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
    executed.write_text(json.dumps(bare), "utf-8")
    keep_committed(root)
    finished = run(root, "run", *SCENARIOS, "--workers", "2")
    assert finished.returncode == 0, finished.stderr
    lines = [line for line in finished.stdout.splitlines() if "/" not in line.split(":")[0]]
    # An estimate that builds on earlier numbers has a key that holds them: it is executed too.
    building = [notebook for notebook in estimates() if notebook.takes]
    comparing = [notebook for notebook in notebooks.discover() if notebook.compares]
    assert sum("ran in" in line for line in lines) == 1 + len(building) + len(comparing), finished.stdout
    return root


def tree(edition: Path) -> list[str]:
    return sorted(path.relative_to(edition).as_posix() for path in edition.rglob("*") if path.is_file())


def headings(page: Path) -> list[str]:
    return re.findall(r"<h[1-3][^>]*>(.*?)</h[1-3]>", page.read_text("utf-8"), flags=re.DOTALL)


def assert_within(found: pd.DataFrame, accepted: pd.DataFrame) -> None:
    """Same numbers in the same order; each value and bound within the number's own tolerance."""
    assert found["result_id"].tolist() == accepted["result_id"].tolist()
    assert found["unit"].tolist() == accepted["unit"].tolist()
    for column in ("value", "low", "high"):
        gap = (found[column] - accepted[column]).abs().fillna(0)
        assert (found[column].isna() == accepted[column].isna()).all()
        outside = gap > accepted["tolerance"] * (1 + 1e-9)
        assert not outside.any(), found.loc[outside, ["result_id", column]].to_string()


def assert_same_file(path: Path, published: pd.DataFrame) -> None:
    """`path` holds exactly what notebooks published: every contract column, every digit, the same order."""
    written = results_csv.read(path)
    assert [column for column in written if column != "scenario"] == list(results_csv.COLUMNS)
    expected = published[list(results_csv.COLUMNS)]
    numbers = list(results_csv.NUMBERS)
    texts = [column for column in results_csv.COLUMNS if column not in numbers]
    pd.testing.assert_frame_equal(written[texts], expected[texts].fillna("").astype(str), check_dtype=False)
    pd.testing.assert_frame_equal(written[numbers], expected[numbers], check_exact=True)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_numbers_are_the_accepted_ones(built: Path, scenario: str) -> None:
    pinned = (GOLDEN / "VINTAGE").read_text("utf-8").strip()
    if pinned != vintages.current():
        pytest.skip(
            f"golden numbers pin vintage {pinned}, in force is {vintages.current()}: see tests/golden/README.md"
        )
    accepted = pd.read_csv(GOLDEN / f"{scenario}.csv")
    assert_within(numbers_in(built / "reports" / "published" / scenario), accepted)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_results_file_holds_what_the_notebooks_published(built: Path, scenario: str) -> None:
    edition = built / "reports" / "published" / scenario
    assert_same_file(edition / "results.csv", numbers_in(edition))


def test_committed_edition_has_the_same_structure_and_numbers(built: Path) -> None:
    rebuilt, committed = built / "reports" / "published" / "deal_2026", PUBLISHED / "deal_2026"
    assert tree(rebuilt) == tree(committed)
    assert_within(numbers_in(rebuilt), numbers_in(committed))
    for page in rebuilt.glob("*.html"):
        assert headings(page) == headings(committed / page.name)


def test_committed_edition_was_built_from_this_checkout(built: Path) -> None:
    """Same digests of code, data, lock, template, scenario and notebooks, and no file altered since."""
    fresh = manifest.read(built / "reports" / "published" / "deal_2026")
    committed = manifest.read(PUBLISHED / "deal_2026")
    again = "the edition is older than what it is made from; type: make report"
    assert committed["source"] == fresh["source"], again
    assert committed["inputs"] == fresh["inputs"], again
    assert manifest.altered(PUBLISHED / "deal_2026", committed) == []


def test_executed_notebook_is_the_committed_one(built: Path) -> None:
    """The run gives byte for byte what the strict comparison proves, so the others may be taken from there."""
    for name in (f"{EXECUTED}.ipynb", *(notebook.path.name for notebook in estimates())):
        committed = paths.path("notebooks", name).read_bytes()
        assert (PUBLISHED / "deal_2026" / name).read_bytes() == committed
        assert (built / "reports" / "published" / "deal_2026" / name).read_bytes() == committed


def test_second_run_changes_nothing(built: Path) -> None:
    published = built / "reports"
    before = {
        path: path.stat().st_mtime_ns for path in published.rglob("*") if path.is_file() and "_build" not in path.parts
    }
    finished = run(built, "run", *SCENARIOS)
    assert finished.returncode == 0, finished.stderr
    assert {path: path.stat().st_mtime_ns for path in before} == before


@pytest.mark.parametrize("folder", [paths.path("notebooks"), PUBLISHED / "deal_2026"], ids=["notebooks", "edition"])
def test_committed_results_file_holds_what_the_committed_notebooks_publish(folder: Path) -> None:
    assert_same_file(PUBLISHED / "deal_2026" / "results.csv", numbers_in(folder))


def test_another_digit_or_word_in_the_results_file_would_be_seen(tmp_path: Path) -> None:
    published = numbers_in(paths.path("notebooks"))
    (tmp_path / "results.csv").write_text(results_csv.text(published), "utf-8", newline="")
    assert_same_file(tmp_path / "results.csv", published)
    for change in ({"label": "other"}, {"tables": "other"}, {"level": 0.5}, {"value": 1.5}):
        with pytest.raises(AssertionError):
            assert_same_file(tmp_path / "results.csv", published.assign(**change))
