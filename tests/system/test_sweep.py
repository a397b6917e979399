"""Many scenarios: numbers passed from notebook to notebook, what stands over several editions, and grids."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tinyproject import BRIEF, COMPARES, COMPARISON, ESTIMATE, SCENARIOS, SIMULATION, TABLE, Project

import tradeexposure as te
from tradeexposure.core import earlier_results, paths
from tradeexposure.reporting import Book
from tradeexposure.runner import project_checks

DEAL, QUO = SCENARIOS
BRIEF_NAME = "90_write_brief"
GRID = """scenario: deal_2026
over:
  overrides.china_seed_antidumping.rate: [0.1, 0.25]
  facts_on: [2026-10-01, 2026-11-01]
"""


@pytest.fixture(scope="module")
def swept(finished: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project of two scenarios with a notebook that sets them side by side, both published."""
    project = Project(tmp_path_factory.mktemp("swept") / "project", like=finished)
    project.keep_scenarios(*SCENARIOS)
    project.write("68_use_scenarios", TABLE)
    project.write(BRIEF_NAME, BRIEF)
    ended = project.inside("run", *SCENARIOS, "--workers", "2")
    assert ended.returncode == 0, ended.stderr
    return project


@pytest.fixture
def tiny(swept: Project, tmp_path: Path) -> Project:
    """A copy of it."""
    return Project(tmp_path / "copy", like=swept)


def numbers(path: Path) -> pd.Series:
    frame = pd.read_csv(path)
    keys = ["scenario", "result_id"] if "scenario" in frame else ["result_id"]
    return frame.set_index(keys)["value"]


def manifest(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "manifest.json").read_text("utf-8"))


class TestNumbersPassedOn:
    def test_a_brief_has_its_own_scenario_the_estimates_and_all_others(self, swept: Project):
        for name in SCENARIOS:
            values = numbers(swept.published / name / "results.csv")
            assert values["write.own.2024"] == len(name)
            assert values["write.estimate.2024"] == 6
            assert values["write.sum.2024"] == sum(map(len, SCENARIOS))

    def test_of_a_notebook_that_tabulates_no_page_is_missed_and_an_edit_is_named(self, tiny: Project):
        untouched = tiny.inside("check")
        printed = untouched.stdout + untouched.stderr
        assert "no page for" not in printed and "made from other" not in printed
        tiny.write("68_use_scenarios", TABLE, work="values = {name: 2.0 for name in names}")
        edited = tiny.inside("check")
        assert "made from other notebooks: 68_use_scenarios" in edited.stdout + edited.stderr

    def test_in_jupyterlab_the_committed_notebooks_hold_them(self, tiny: Project, monkeypatch: pytest.MonkeyPatch):
        ended = tiny.inside("outputs")
        assert ended.returncode == 0, ended.stderr
        kept = numbers(tiny.root / "reports" / "scenarios.csv")
        assert kept.to_dict() == {(name, "use.number.2024"): len(name) for name in SCENARIOS}
        monkeypatch.setenv(paths.ROOT_VARIABLE, str(tiny.root))
        monkeypatch.delenv(earlier_results.VARIABLE, raising=False)
        book = Book(BRIEF_NAME)
        assert book.earlier_results("count.number.2024")["value"].item() == 6
        assert book.simulated("use.number.2024")["value"].sum() == len(DEAL) + len(QUO)
        assert book.earlier_results("use.number.2024", scenario=QUO)["value"].item() == len(QUO)


class TestFailing:
    @pytest.mark.slow  # about fifteen seconds of a processor
    def test_one_that_fails_is_named_and_the_rest_goes_on_without_it(self, tiny: Project):
        work = f"values, failed = {{'{DEAL}': 7.0}}, {{'{QUO}': 'no such world'}}"
        tiny.write("68_use_scenarios", TABLE, work=work)
        ended = tiny.call("run", DEAL)
        assert ended.returncode == 1
        reason, summary = ended.stderr.splitlines()
        assert reason == f"error: {QUO}: no such world"
        assert summary == f"1 of 2 scenarios published; failed: {QUO}"
        assert numbers(tiny.published / DEAL / "results.csv")["write.sum.2024"] == len(DEAL), "its own numbers"
        assert manifest(tiny.published / DEAL)["lacking"] == [QUO]
        assert f"{DEAL}: unchanged" not in tiny.call("run", DEAL).stdout, "an edition that lacks something is not done"


class TestOverview:
    def test_one_file_holds_all_numbers(self, swept: Project):
        joined = pd.read_csv(swept.published / "results.csv", dtype=str)
        assert joined.columns[0] == "scenario"
        for name in SCENARIOS:
            own = pd.read_csv(swept.published / name / "results.csv", dtype=str)
            part = joined[joined["scenario"] == name].drop(columns="scenario").reset_index(drop=True)
            pd.testing.assert_frame_equal(part, own)

    def test_the_page_shows_each_scenario_with_range_and_drawing(self, swept: Project):
        page = (swept.published / "comparison.html").read_text("utf-8")
        assert ">Headline numbers by scenario</caption>" in page
        for name in SCENARIOS:
            assert f'href="{name}/{BRIEF_NAME}.html"' in page
            assert f"<code>{name}</code>" in page
        assert f"A number, by scenario, from the lowest: {DEAL} 9.00 (9.00 to 10.0); {QUO} 15.0" in page
        index = (swept.root / "reports" / "index.html").read_text("utf-8")
        assert 'href="published/comparison.html"' in index

    def test_one_of_another_vintage_is_left_out(self, tiny: Project):
        tiny.write("10_count_things", ESTIMATE, parameters="times: int = 4  # how often\n")
        assert tiny.inside("run", DEAL).returncode == 0
        assert not (tiny.published / "comparison.html").exists(), "a single edition of this vintage"
        assert not (tiny.published / "results.csv").exists()
        assert f"published/{QUO}/" in (tiny.root / "reports" / "index.html").read_text("utf-8")

    def test_is_repaired_without_running_and_left_alone_when_it_is_whole(self, tiny: Project):
        good = tiny.files()
        (tiny.published / "comparison.html").unlink()
        (tiny.published / "results.csv").write_text("x", "utf-8")
        ended = tiny.inside("run", *SCENARIOS)
        assert "ran in" not in ended.stdout
        assert tiny.files() == good
        date = (tiny.published / "comparison.html").stat().st_mtime_ns
        assert tiny.inside("run", DEAL).stdout.startswith(f"{DEAL}: unchanged\n")
        assert (tiny.published / "comparison.html").stat().st_mtime_ns == date


class TestComparedOnce:
    def test_a_notebook_that_compares_runs_once_and_makes_the_front_page(self, tiny: Project):
        tiny.write("80_compare_all", COMPARISON, COMPARES)
        ended = tiny.inside("run", DEAL)
        assert [line for line in ended.stdout.splitlines() if "ran in" in line and "80_compare_all" in line]
        assert ended.stdout.count("ran in") == 1, "what is set side by side was there"
        record = manifest(tiny.published / DEAL)
        assert record["compares"] == ["80_compare_all"] and record["run"]["since"]["counts"]["added"] == 1
        assert [page["file"][:2] for page in record["pages"]] == ["10", "20", "70", "80", "90"]
        total = sum(map(len, SCENARIOS)) + 6
        assert numbers(tiny.published / DEAL / "results.csv")["compare.sum.2024"] == total
        index = (tiny.root / "reports" / "index.html").read_text("utf-8")
        assert f"<h1>The sum is {total}.</h1>" in index and "Of all scenarios." in index
        self.joins(tiny)

    def joins(self, tiny: Project) -> None:
        """Another scenario takes the same result, and its edition has the page too."""
        ended = tiny.inside("run", QUO)
        assert "80_compare_all: unchanged, skipped" in ended.stdout and "ran in" not in ended.stdout
        assert (tiny.published / QUO / "80_compare_all.html").is_file()
        index = (tiny.root / "reports" / "index.html").read_text("utf-8")
        head, body = index.split("<body", 1)
        assert body.count("Of all scenarios.") == 1 and body.count("<code>") == len(SCENARIOS)
        described = f'content="The sum is {sum(map(len, SCENARIOS)) + 6}. Of all scenarios."'
        assert head.count(described) == 2 and head.count("Of all scenarios.") == 3, "searches, cards, structured data"


class TestGrid:
    @pytest.mark.slow  # about fifteen seconds of a processor
    def test_publishes_every_point_and_what_it_assumes(self, tiny: Project):
        path = tiny.root / "data" / "scenarios" / "grids" / "small.yml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(GRID, "utf-8")
        ended = tiny.call("run", "--grid", str(path), "--pages", "--workers", "2")
        assert ended.returncode == 0, ended.stderr
        folder = tiny.root / "reports" / "grids" / "small"
        points = pd.read_csv(folder / "grid.csv")
        assert len(points) == 4
        assert points.columns.tolist() == ["scenario", "overrides.china_seed_antidumping.rate", "facts_on"]
        values = numbers(folder / "results.csv")
        for name in points["scenario"]:
            assert values[name, "write.own.2024"] == len(name)
            assert values[name, "write.sum.2024"] == sum(map(len, SCENARIOS)), "only scenarios that have a file"
            assert not (folder / name / "10_count_things.html").exists()
        assert manifest(folder / name)["definition"]["facts_on"] == "2026-11-01"
        assert "10_count_things: unchanged, skipped" in ended.stdout
        self.grows(tiny, path)

    def grows(self, tiny: Project, path: Path) -> None:
        """Another value runs its own points only."""
        path.write_text(GRID.replace("0.25]", "0.25, 0.5]"), "utf-8")
        ended = tiny.call("run", "--grid", str(path), "--pages", "--workers", "2")
        assert ended.stdout.count("ran in") == 4, "two points, two notebooks each"
        assert ended.stdout.count(": unchanged\n") == 4
        assert (tiny.root / "reports" / "grids" / "small" / "grid.csv").read_text("utf-8").count("\n") == 7

    def test_gives_its_numbers_in_one_table(self, tiny: Project, monkeypatch: pytest.MonkeyPatch):
        path = tiny.root / "data" / "scenarios" / "grids" / "small.yml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(GRID, "utf-8")
        ended = tiny.inside("run", "--grid", str(path))
        assert ended.returncode == 0, ended.stderr
        assert ended.stdout.count("ran in") == 1 and "open reports/grids/small/comparison.html" in ended.stdout
        folder = tiny.root / "reports" / "grids" / "small"
        assert sorted(path.name for path in folder.iterdir() if path.is_file()) == [
            "comparison.html", "digests.json", "grid.csv", "results.csv",
        ]  # fmt: skip
        values = numbers(folder / "results.csv")
        names = pd.read_csv(folder / "grid.csv")["scenario"].tolist()
        assert values.to_dict() == {(name, "use.number.2024"): len(name) for name in names}
        monkeypatch.setenv(paths.ROOT_VARIABLE, str(tiny.root))
        read = te.results("small")
        assert read["value"].to_dict() == values.to_dict()
        page = (folder / "comparison.html").read_text("utf-8")
        assert all(f"<code>{name}</code>" in page for name in names) and 'href=""' not in page
        assert "ran in" not in tiny.inside("run", "--grid", str(path)).stdout
        self.fails_in_part(tiny, path, names)

    def fails_in_part(self, tiny: Project, path: Path, names: list[str]) -> None:
        """A point without numbers is named, and the others are published."""
        without = "values = {name: 1.0 for name in names if name not in failed}"
        work = f"failed = {{{names[0]!r}: 'no such world'}}\n{without}"
        tiny.write("68_use_scenarios", TABLE, work=work)
        ended = tiny.inside("run", "--grid", str(path))
        assert ended.returncode == 1 and f"error: {names[0]}: no such world" in ended.stderr
        path = tiny.root / "reports" / "grids" / "small" / "results.csv"
        assert [name for name, _ in numbers(path).index] == names[1:]
        path.write_text(path.read_text("utf-8").replace(names[1], names[0]), "utf-8")
        with pytest.raises(te.BadInput, match=r"reports/grids/small/results\.csv: found a file that was altered"):
            te.results("small")


@pytest.mark.long  # about five seconds of a processor
def test_a_scenario_of_ones_own_is_published_apart_and_changes_nothing_else(
    tiny: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside the deal in one page, in both languages, with one's own notebook; gone, it leaves nothing behind."""
    shared, own = tiny.files(), tiny.root / "data" / "scenarios" / "my_own.yml"
    text = (own.with_name(f"{DEAL}.yml")).read_text("utf-8")
    own.write_text(text.replace(f"name: {DEAL}", "name: my_own"), "utf-8")
    notebook = tiny.write("25_own_thing", ESTIMATE, {"private": True})
    ended = tiny.inside("run", DEAL, "my_own", "--workers", "2")
    assert ended.returncode == 0, ended.stderr
    assert f"{DEAL}: unchanged" in ended.stdout and "68_use_scenarios: ran" not in ended.stdout
    private, beside = tiny.root / "reports" / "private", "reports/private/comparison.html"
    place = f"reports/private/index.html (your own, in no page of the project; side by side: {beside})"
    assert f"open reports/index.html; {place}\n" in ended.stdout
    now = tiny.files()
    assert {name: now.get(name) for name in shared} == shared
    assert {name for name in now.keys() - shared if not name.startswith("reports/private/")} == {
        "data/scenarios/my_own.yml", "notebooks/25_own_thing.ipynb",
    }  # fmt: skip
    assert (private / "my_own" / "25_own_thing.html").is_file()
    for end in ("", ".fr"):
        page, index = ((private / f"{name}{end}.html").read_text("utf-8") for name in ("comparison", "index"))
        for link in (f"../published/{DEAL}/{BRIEF_NAME}{end}.html", f"my_own/{BRIEF_NAME}{end}.html"):
            assert f'href="{link}"' in page and (private / link).is_file()
        assert 'href="my_own/' in index and f'href="../published/{QUO}/' in index
    assert numbers(private / "results.csv")["my_own", "use.number.2024"] == len("my_own")
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(tiny.root))
    assert te.results("my_own")["value"]["use.number.2024"] == len("my_own")
    assert "use.number.2024" in te.compare(DEAL, "my_own").index
    assert project_checks.reports() == [] and "ignored by git: my_own" in project_checks.own_editions()[0]
    assert tiny.inside("run", "my_own").stdout.startswith("my_own: unchanged\n")
    aside = (tiny.published / QUO).rename(tiny.root / QUO)
    older = "reports/private/index.html: older than the editions that it shows; type: tradeexposure run my_own"
    assert older in project_checks.reports()
    aside.rename(tiny.published / QUO)
    own.unlink()
    notebook.unlink()
    gone = "reports/private/my_own: its scenario is gone; to delete the edition type: rm -r reports/private/my_own"
    assert gone in project_checks.reports()
    shutil.rmtree(private / "my_own")
    assert project_checks.reports() == ["reports/private: no edition is left; type: rm -r reports/private"]
    shutil.rmtree(private)
    assert project_checks.reports() == [] and tiny.files() == shared


NEUTRAL = (
    "from tradeexposure.policy import scenarios as there\nfrom tradeexposure.reporting import claims\n"
    "own = scenario not in there.SHIPPED\n"
    'claim = claims.Claim("the name is short", len(scenario) < 5, scenario, "Here", neutral="the name is as it is")\n'
    "claims.assert_claims([claim], own=own)\n"
)


@pytest.mark.slow  # about five seconds of a processor
def test_a_false_sentence_costs_a_scenario_of_ones_own_no_edition(finished: Project, tmp_path: Path):
    """It is named by the run, the check and the manifest; for a shipped scenario the notebook stops."""
    tiny = Project(tmp_path / "copy", like=finished)
    tiny.write("70_use_scenario", SIMULATION, validate=NEUTRAL)
    folder = tiny.root / "data" / "scenarios"
    text = (folder / f"{DEAL}.yml").read_text("utf-8")
    (folder / "my_own.yml").write_text(text.replace(f"name: {DEAL}", "name: my_own"), "utf-8")
    ended = tiny.inside("run", "my_own", DEAL, "--workers", "2")
    line = "“the name is short” is not said (Here): found my_own; in its place: “the name is as it is”"
    assert ended.returncode == 1 and f"my_own: {line}" in ended.stdout
    assert "no longer true" in ended.stderr and not (tiny.published / DEAL / "my_own").exists()
    private = tiny.root / "reports" / "private"
    (note,) = manifest(private / "my_own")["neutral"]["70_use_scenario"]
    assert note == {"sentence": "the name is short", "found": "my_own", "where": "Here", "said": "the name is as it is"}
    assert f"reports/private/my_own: {line}" in tiny.inside("check").stdout
    assert "Not said here" not in (private / "my_own" / "70_use_scenario.html").read_text("utf-8")
