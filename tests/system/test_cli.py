"""The commands that do not run notebooks: what they print and how they end."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tinyproject import SCENARIOS, Project, paid_once

from tradeexposure.cli import _say_done, main
from tradeexposure.core import paths
from tradeexposure.runner import pipeline
from tradeexposure.runner.pipeline import Summary


@pytest.fixture
def published(finished: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with two published editions, which is not to be changed."""
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(finished.root))
    return finished


@pytest.fixture
def tiny(finished: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """A copy of it."""
    copy = Project(tmp_path / "copy", like=finished)
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(copy.root))
    with paid_once():
        yield copy


def edition(project: Project) -> Path:
    return project.published / SCENARIOS[0]


def test_scenarios_are_listed(published: Project, capsys: pytest.CaptureFixture[str]):
    assert main(["scenarios"]) == 0
    listed = (published.root / "data" / "scenarios").glob("*.yml")
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert names == sorted(path.stem for path in listed)


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


def test_an_edition_is_compared_with_itself_and_another(
    published: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    page = tmp_path / "changes.html"
    assert main(["compare", str(edition(published)), str(edition(published)), "--html", str(page)]) == 0
    counts, threshold = capsys.readouterr().out.splitlines()
    assert counts.endswith("0 changed, 0 added, 0 vanished, 3 the same")
    assert threshold == "Every difference counts (--threshold 0)."
    assert page.read_text("utf-8").startswith("<!DOCTYPE html>\n<html lang=")
    assert main(["compare", *(str(published.published / name) for name in SCENARIOS)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("1 changed, 0 added, 0 vanished, 2 the same")
    assert "changed assumption: scenario" in lines
    assert lines[-1] == "  changed  use.number.2024  9.00 (9.00 to 10.0) → 15.0 (15.0 to 16.0)  +66.67%"


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
    def problems(self, capsys: pytest.CaptureFixture[str]) -> list[str]:
        assert main(["check"]) == 2
        return capsys.readouterr().err.splitlines()

    def test_what_is_wrong_stands_below_what_is_fine_and_is_counted(self, tiny: Project, tmp_path: Path):
        """On one terminal: an error is not lost above a column of what is fine. It says what is altered and what to
        type; of a scenario what a rate adds up to, and that it is not yet in force.
        """
        (tiny.root / "data" / "scenarios" / "later.yml").write_text(LATER, "utf-8")
        before = tiny.inside("check")
        later = [line for line in before.stdout.splitlines() if line.startswith("later: ")]
        assert later[0] == "later: china_seed_antidumping: Canola seed into China: 9% + 21% = 30%"
        assert len(later) == 2 and "not yet in force on its day" in later[1]
        (edition(tiny) / "results.csv").write_text("x", "utf-8")
        (edition(tiny) / "10_count_things.html").unlink()
        (edition(tiny) / "notes.txt").write_text("x", "utf-8")
        terminal = tmp_path / "terminal"
        with (
            terminal.open("a") as out, terminal.open("a", buffering=1) as error,
            contextlib.redirect_stdout(out), contextlib.redirect_stderr(error),
        ):  # fmt: skip
            assert main(["check"]) == 2
        after = terminal.read_text("utf-8").splitlines()
        counted = re.search(r"^wrong: (\d+), (notes: \d+)$", before.stdout, re.MULTILINE)
        assert counted and after[-1] == f"wrong: {int(counted[1]) + 3}, {counted[2]}"
        fine = [number for number, line in enumerate(after) if line.endswith(": fine")]
        altered = [number for number, line in enumerate(after) if line.startswith("reports/published/deal_2026/")]
        assert fine and max(fine) < min(altered)
        assert [after[number] for number in altered] == [
            f"reports/published/deal_2026/{name}: missing, altered or foreign; type: tradeexposure run deal_2026"
            for name in ("10_count_things.html", "notes.txt", "results.csv")
        ]

    def test_names_an_edition_without_manifest_or_place_in_the_index(
        self, tiny: Project, capsys: pytest.CaptureFixture[str]
    ):
        (edition(tiny) / "manifest.json").unlink()
        (tiny.root / "reports" / "index.html").unlink()
        problems = [line for line in self.problems(capsys) if line.startswith("reports/")]
        assert "no readable manifest.json" in problems[0]
        assert problems[1].startswith("reports/index.html: missing, altered or foreign; ")
        assert "does not list deal_2026" in problems[2]

    def test_goes_through_data_scenarios_and_notebooks(self, tiny: Project, capsys: pytest.CaptureFixture[str]):
        (tiny.root / "data" / "tables" / "gsim_results.csv").write_bytes(b"")
        (tiny.root / "data" / "scenarios" / "deal_2026.yml").write_bytes(b"")
        (tiny.root / "data" / "scenarios" / "grids" / "all.yml").write_text("scenario: escalation\n", "utf-8")
        (tiny.root / "notebooks" / "20_wait_awhile.ipynb").write_text(json.dumps({}), "utf-8")
        problems = self.problems(capsys)
        for part in (
            "data/tables/gsim_results.csv", "data/scenarios/deal_2026.yml", "data/scenarios/grids/all.yml",
            "JSON that is no notebook",
        ):  # fmt: skip
            assert any(part in line for line in problems), part


def test_french_pages_stand_beside_english_ones(tiny: Project):
    for typed, wanted in (("fr", {"en", "fr"}), ("en", {"en"}), ("both", {"en", "fr"})):
        ended = tiny.inside("run", SCENARIOS[0], "--lang", typed)
        assert ended.returncode == 0, ended.stderr
        pages = edition(tiny).glob("*.html")
        assert {"fr" if ".fr" in page.suffixes else "en" for page in pages} == wanted, typed
