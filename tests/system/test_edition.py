"""Editions: what `tradeexposure run` publishes from nothing is what is committed, and what was accepted.

The run is made once a session, in a copy of the project whose notebooks are bare (:mod:`storednotebooks`). The strict
comparison of ``notebooks/`` replays its estimates, so that one real execution of each serves both.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import storednotebooks
from golden.accept import numbers_in
from storednotebooks import SCENARIO, estimates, run

from tradeexposure.core import earlier_results, paths, published_rows, results_csv
from tradeexposure.data import vintages
from tradeexposure.publishing import manifest
from tradeexposure.publishing.languages import markup
from tradeexposure.runner import notebooks, result_store

pytestmark = pytest.mark.timeout(storednotebooks.PATIENCE_SECONDS)
GOLDEN = Path(__file__).parents[1] / "golden"
PUBLISHED = paths.path("reports", "published")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project without any earlier run but the proven estimates, with the scenario published in it."""
    root = storednotebooks.place(tmp_path_factory)
    edition = storednotebooks.made(root)
    assert edition.status == 0, edition.error
    lines = [line for line in edition.out.splitlines() if "/" not in line.split(":")[0]]
    comparing = [notebook for notebook in notebooks.discover() if notebook.marks.compares]
    executed = len(estimates()) - len(edition.given)
    assert sum("ran in" in line for line in lines) == executed + len(comparing) > len(comparing), edition.out
    return root


def tree(edition: Path) -> list[str]:
    return sorted(path.relative_to(edition).as_posix() for path in edition.rglob("*") if path.is_file())


def headings(page: Path) -> list[str]:
    return re.findall(r"<h[1-3][^>]*>(.*?)</h[1-3]>", page.read_text("utf-8"), flags=re.DOTALL)


def assert_within(numbers: pd.DataFrame, accepted: pd.DataFrame) -> None:
    """Same numbers in the same order; each value and bound within the number's own tolerance."""
    assert numbers["result_id"].tolist() == accepted["result_id"].tolist()
    assert numbers["unit"].tolist() == accepted["unit"].tolist()
    for column in ("value", "low", "high"):
        gap = (numbers[column] - accepted[column]).abs().fillna(0)
        assert (numbers[column].isna() == accepted[column].isna()).all()
        outside = gap > accepted["tolerance"] * (1 + 1e-9)
        assert not outside.any(), numbers.loc[outside, ["result_id", column]].to_string()


def in_order(rows: pd.DataFrame, accepted: pd.DataFrame) -> pd.DataFrame:
    """The rows with the identifiers of `accepted`."""
    ordered = rows.set_index("result_id", drop=False).loc[accepted["result_id"]]
    return ordered.astype(dict.fromkeys(("value", "low", "high"), float)).set_index(accepted.index)


def assert_same_file(path: Path, published: pd.DataFrame) -> None:
    """`path` holds exactly what notebooks published: every contract column, every digit, the same order."""
    written = results_csv.read(path)
    assert [column for column in written if column != "scenario"] == list(results_csv.COLUMNS)
    expected = published[list(results_csv.COLUMNS)]
    numbers = list(results_csv.NUMBERS)
    texts = [column for column in results_csv.COLUMNS if column not in numbers]
    pd.testing.assert_frame_equal(written[texts], expected[texts].fillna("").astype(str), check_dtype=False)
    pd.testing.assert_frame_equal(written[numbers], expected[numbers], check_exact=True)


@pytest.fixture
def accepted() -> Callable[[str], pd.DataFrame]:
    """The golden numbers of a scenario, where the vintage that they pin is in force."""
    pinned = (GOLDEN / "VINTAGE").read_text("utf-8").strip()
    if pinned != vintages.current():
        pytest.skip(
            f"golden numbers pin vintage {pinned}, in force is {vintages.current()}: see tests/golden/README.md"
        )
    return lambda scenario: pd.read_csv(GOLDEN / f"{scenario}.csv")


def test_numbers_are_the_accepted_ones(built: Path, accepted: Callable[[str], pd.DataFrame]) -> None:
    assert_within(numbers_in(built / "reports" / "published" / SCENARIO), accepted(SCENARIO))


def test_numbers_of_another_scenario_are_the_accepted_ones(
    built: Path, accepted: Callable[[str], pd.DataFrame]
) -> None:
    """Those of the table of all scenarios, and estimates, which are the same; its brief repeats some of them."""
    golden = accepted("status_quo_2025")
    (tabulating,) = (notebook for notebook in notebooks.discover() if notebook.tabulates)
    executed = storednotebooks.found(tabulating, result_store.Store(built / storednotebooks.STORE))
    tables = published_rows.tables_of(json.loads(executed[1].notebook))
    own = pd.DataFrame(earlier_results.scenarios_of(tables[earlier_results.SCENARIOS])["status_quo_2025"])
    parts = golden["result_id"].str.partition(".")[0]
    numbers = numbers_in(built / "reports" / "published" / SCENARIO)
    assert len(own) == (parts == "scenario").sum() > 200
    assert_within(in_order(own, golden[parts == "scenario"]), golden[parts == "scenario"])
    estimated = golden[~parts.isin(["scenario", "brief"])]
    assert_within(in_order(numbers, estimated), estimated)


def test_the_notebook_on_one_scenario_and_the_table_of_all_publish_the_same_numbers() -> None:
    own = numbers_in(PUBLISHED / "deal_2026")
    own = own[own["notebook"] == "70_simulate_scenario"].set_index("result_id")
    table = results_csv.read(paths.path("reports", "scenarios.csv"))
    table = table[table["scenario"] == "deal_2026"].set_index("result_id")
    assert len(own) and sorted(own.index) == sorted(table.index)
    columns = [column for column in results_csv.COLUMNS if column in table and column != "result_id"]
    pd.testing.assert_frame_equal(own.loc[table.index, columns], table[columns], check_dtype=False)


def test_results_file_holds_what_the_notebooks_published(built: Path) -> None:
    edition = built / "reports" / "published" / SCENARIO
    assert_same_file(edition / "results.csv", numbers_in(edition))


def test_committed_edition_has_the_same_structure_and_numbers(built: Path) -> None:
    rebuilt, committed = built / "reports" / "published" / "deal_2026", PUBLISHED / "deal_2026"
    assert tree(rebuilt) == [name for name in tree(committed) if name not in manifest.PRINTED_IN.values()]
    assert_within(numbers_in(rebuilt), numbers_in(committed))
    for page in rebuilt.glob("*.html"):
        assert headings(page) == headings(committed / page.name)
    assert markup.untranslated([rebuilt]) == 0


def test_committed_edition_was_built_from_this_checkout(built: Path) -> None:
    """Same digests of code, data, lock, template, scenario and notebooks, and no file altered since."""
    fresh = manifest.read(built / "reports" / "published" / "deal_2026")
    committed = manifest.read(PUBLISHED / "deal_2026")
    again = "the edition is older than what it is made from; type: make report"
    assert committed["source"] == fresh["source"], again
    assert committed["inputs"] == fresh["inputs"], again
    assert manifest.altered(PUBLISHED / "deal_2026", committed) == []


def test_executed_notebooks_are_the_committed_ones(built: Path) -> None:
    for name in (notebook.path.name for notebook in estimates() if not notebook.tabulates):
        committed = paths.path("notebooks", name).read_bytes()
        assert (PUBLISHED / "deal_2026" / name).read_bytes() == committed
        assert (built / "reports" / "published" / "deal_2026" / name).read_bytes() == committed


def test_an_output_edited_by_hand_is_caught_by_what_was_executed_for_the_edition(built: Path, tmp_path: Path) -> None:
    """The strict comparison as it is where ``CI`` is set, in a copy with one word changed and one output gone."""
    name, ignored = f"{storednotebooks.ALWAYS}.ipynb", shutil.ignore_patterns("reports")
    shutil.copytree(built, tmp_path, ignore=ignored, dirs_exist_ok=True)
    shutil.copy(paths.path("conftest.py"), tmp_path)
    (tmp_path / "pytest.ini").write_text(storednotebooks.SETTINGS, "utf-8")
    edited = json.loads(paths.path("notebooks", name).read_text("utf-8"))
    (answer,) = [cell for cell in edited["cells"] if cell["id"] == "answer"]
    answer["outputs"][0]["data"]["text/plain"][0] += "edited "
    next(cell for cell in edited["cells"] if cell.get("outputs"))["outputs"] = []
    (tmp_path / "notebooks" / name).write_text(json.dumps(edited), "utf-8")
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", f"notebooks/{name}", "--edition", str(built)], cwd=tmp_path, text=True,
        env={**os.environ, paths.ROOT_VARIABLE: str(tmp_path), "CI": "true"}, capture_output=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 1
    assert f"{storednotebooks.FOR_EDITION}: {storednotebooks.ALWAYS}" in ended.stdout, ended.stdout
    assert len(re.findall(r"^FAILED ", ended.stdout, re.MULTILINE)) == 2


def test_second_run_changes_nothing(built: Path) -> None:
    published = built / "reports"
    before = {
        path: path.stat().st_mtime_ns for path in published.rglob("*") if path.is_file() and "_build" not in path.parts
    }
    finished = run(built, "run", SCENARIO)
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
