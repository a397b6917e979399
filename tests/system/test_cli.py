"""The commands that do not run notebooks: what they print and how they end."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tinyproject import COMMAND, SCENARIOS, Project, paid_once

from tradeexposure.cli import _say_done, main
from tradeexposure.core import paths
from tradeexposure.runner import pipeline
from tradeexposure.runner.pipeline import Summary


@pytest.fixture
def tiny(finished: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """A copy of a project with two published editions."""
    copy = Project(tmp_path / "copy", like=finished)
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(copy.root))
    with paid_once():
        yield copy


def edition(tiny: Project) -> Path:
    return tiny.published / SCENARIOS[0]


def test_scenarios_are_listed(tiny: Project):
    ended = tiny.inside("scenarios")
    assert ended.returncode == 0
    listed = (tiny.root / "data" / "scenarios").glob("*.yml")
    assert [line.split()[0] for line in ended.stdout.splitlines()] == sorted(path.stem for path in listed)


@pytest.mark.parametrize("untold", [0, 12])
def test_texts_without_french_are_told_where_there_are_any(untold: int, capsys: pytest.CaptureFixture[str]):
    _say_done(Summary(("deal",), (), {}, untold=untold), "index.html", own=True)
    *before, last = capsys.readouterr().out.splitlines()
    assert last == "open index.html"
    assert [line.partition(";")[0] for line in before] == ["texts without French: 12"] * bool(untold)


def test_a_run_says_what_the_day_of_a_scenario_does_not_see(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tiny: Project
):
    (tiny.root / "data" / "scenarios" / "later.yml").write_text(LATER, "utf-8")
    grid = tiny.root / "data" / "scenarios" / "grids" / "later_ones.yml"
    grid.write_text("scenario: later\nover:\n  overrides.china_seed_antidumping.rate: [0.3, 0.5]\n", "utf-8")
    monkeypatch.setattr(pipeline, "_run", lambda *_, **__: Summary((), (), {}))
    for command, name in (
        (["later"], "later: "),
        (["--grid", str(grid), "--pages"], "china_seed_antidumping_rate_0p3, …: "),
    ):
        assert main(["run", *command]) == 0
        (line,) = capsys.readouterr().out.splitlines()
        assert line.startswith(f"{name}china_seed_antidumping: ") and "not yet in force on its day" in line
    assert main(["run", "deal_2026"]) == 0 and capsys.readouterr().out == ""


def test_starting_imports_nothing_heavy():
    heavy = "('pandas', 'numpy', 'papermill', 'nbconvert', 'nbformat', 'statsmodels', 'altair', 'loky', 'distributed')"
    code = f"import sys, tradeexposure.cli; print([name for name in {heavy} if name in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"


def test_asking_for_ages_imports_neither_runner_nor_charts():
    """Of the runner that alone which knows what is installed, as every command asks."""
    heavy = ("tradeexposure.runner.", "tradeexposure.refresh.run", "tradeexposure.refresh.review", "altair")
    asked = ("tradeexposure.runner.kernels", "tradeexposure.runner.kernels.environment_key")
    code = (
        "import sys; from tradeexposure.cli import main; main(['refresh', '--check', 'nope']); "
        f"print([name for name in sys.modules if name.startswith({heavy}) and name not in {asked}], "
        "'tradeexposure.refresh.staleness' in sys.modules)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (ended.stdout, ended.stderr[:7]) == ("[] True\n", "error: ")


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]):
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    names = "run", "scenarios", "new", "check", "compare", "explain", "brief", "outputs", "refresh", "vintages"
    assert all(f"\n  {name} " in shown for name in names)


class TestCompare:
    def test_an_edition_with_itself(self, tiny: Project, capsys: pytest.CaptureFixture[str]):
        assert main(["compare", str(edition(tiny)), str(edition(tiny))]) == 0
        counts, threshold = capsys.readouterr().out.splitlines()
        assert counts.endswith("0 changed, 0 added, 0 vanished, 3 the same")
        assert threshold == "Every difference counts (--threshold 0)."

    def test_two_scenarios_differ_in_what_they_assume(self, tiny: Project, capsys: pytest.CaptureFixture[str]):
        assert main(["compare", *(str(tiny.published / name) for name in SCENARIOS)]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert lines[0].endswith("1 changed, 0 added, 0 vanished, 2 the same")
        assert "changed assumption: scenario" in lines
        assert lines[-1] == "  changed  use.number.2024  9.00 (9.00 to 10.0) → 15.0 (15.0 to 16.0)  +66.67%"

    def test_writes_a_page(self, tiny: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
        page = tmp_path / "changes.html"
        assert main(["compare", str(edition(tiny)), str(edition(tiny)), "--html", str(page)]) == 0
        assert page.read_text("utf-8").startswith("<!DOCTYPE html>\n<html lang=")


LATER = """name: later
title: A later duty
question: What then?
facts_on: 2026-10-01
against: deal_2026
overrides:
  - {measure: china_seed_antidumping, rate: 0.21, effective: 2026-12-01, reason: r}
sources: [{title: nobody}]
"""


class TestCheck:
    def problems(self, capsys: pytest.CaptureFixture[str], status: int = 2) -> list[str]:
        assert main(["check"]) == status
        return capsys.readouterr().err.splitlines()

    def test_says_what_a_rate_adds_up_to_and_that_it_is_not_yet_in_force(
        self, tiny: Project, capsys: pytest.CaptureFixture[str]
    ):
        (tiny.root / "data" / "scenarios" / "later.yml").write_text(LATER, "utf-8")
        main(["check"])
        told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("later: ")]
        assert told[0] == "later: china_seed_antidumping: Canola seed into China: 9% + 21% = 30%"
        assert len(told) == 2 and "not yet in force on its day" in told[1]

    def test_what_is_wrong_stands_below_what_is_fine_and_is_counted(self, tiny: Project):
        """On one terminal: an error is not lost above a column of what is fine."""
        before = tiny.inside("check")
        (edition(tiny) / "results.csv").write_text("x", "utf-8")
        told = subprocess.run(
            [*COMMAND, "check"], cwd=tiny.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        after = told.stdout.splitlines()
        counted = re.search(r"^wrong: (\d+), (notes: \d+)$", before.stdout + before.stderr, re.MULTILINE)
        assert counted and after[-1] == f"wrong: {int(counted[1]) + 1}, {counted[2]}"
        fine = [number for number, line in enumerate(after) if line.endswith(": fine")]
        told = [number for number, line in enumerate(after) if "missing, altered or foreign" in line]
        assert fine and told and max(fine) < min(told)

    def test_names_what_is_altered_and_what_to_type(self, tiny: Project, capsys: pytest.CaptureFixture[str]):
        (edition(tiny) / "results.csv").write_text("x", "utf-8")
        (edition(tiny) / "10_count_things.html").unlink()
        (edition(tiny) / "notes.txt").write_text("x", "utf-8")
        found = [line for line in self.problems(capsys) if line.startswith("reports/")]
        where = "reports/published/deal_2026"
        assert found == [
            f"{where}/{name}: missing, altered or foreign; type: tradeexposure run deal_2026"
            for name in ("10_count_things.html", "notes.txt", "results.csv")
        ]

    def test_names_an_edition_without_manifest_or_place_in_the_index(
        self, tiny: Project, capsys: pytest.CaptureFixture[str]
    ):
        (edition(tiny) / "manifest.json").unlink()
        (tiny.root / "reports" / "index.html").unlink()
        found = [line for line in self.problems(capsys) if line.startswith("reports/")]
        assert "no readable manifest.json" in found[0]
        assert found[1].startswith("reports/index.html: missing, altered or foreign; ")
        assert "does not list deal_2026" in found[2]

    def test_goes_through_data_scenarios_and_notebooks(self, tiny: Project, capsys: pytest.CaptureFixture[str]):
        (tiny.root / "data" / "tables" / "gsim_results.csv").write_bytes(b"")
        (tiny.root / "data" / "scenarios" / "deal_2026.yml").write_bytes(b"")
        (tiny.root / "data" / "scenarios" / "grids" / "all.yml").write_text("scenario: escalation\n", "utf-8")
        found = self.problems(capsys)
        for part in (
            "data/tables/gsim_results.csv", "data/scenarios/deal_2026.yml", "data/scenarios/grids/all.yml",
            "notebooks/10_count_things.ipynb",
        ):  # fmt: skip
            assert any(part in line for line in found)

    def test_a_notebook_that_cannot_be_read_is_one_of_the_problems(
        self, tiny: Project, capsys: pytest.CaptureFixture[str]
    ):
        (tiny.root / "notebooks" / "10_count_things.ipynb").write_text(json.dumps({}), "utf-8")
        assert any("JSON that is no notebook" in line for line in self.problems(capsys))


@pytest.mark.parametrize(("typed", "wanted"), [("en", {"en"}), ("fr", {"en", "fr"}), ("both", {"en", "fr"})])
def test_french_pages_stand_beside_english_ones(tiny: Project, typed: str, wanted: set[str]):
    ended = tiny.inside("run", SCENARIOS[0], "--lang", typed)
    assert ended.returncode == 0, ended.stderr
    pages = list(edition(tiny).glob("*.html"))
    assert {"fr" if ".fr" in page.suffixes else "en" for page in pages} == wanted
