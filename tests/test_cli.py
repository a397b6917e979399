"""The commands that do not run notebooks: what they print and how they end."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tinyproject import SCENARIOS, Project

from tradeexposure import project
from tradeexposure.cli import main


@pytest.fixture
def tiny(finished: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A copy of a project with two published editions."""
    copy = Project(tmp_path / "copy", like=finished)
    monkeypatch.setenv(project.ROOT_VARIABLE, str(copy.root))
    return copy


def edition(tiny: Project) -> Path:
    return tiny.published / SCENARIOS[0]


def test_scenarios_are_listed_quickly(tiny: Project):
    started = time.monotonic()
    ended = tiny.call("scenarios")
    assert ended.returncode == 0
    assert [line.split()[0] for line in ended.stdout.splitlines()] == sorted(SCENARIOS)
    assert time.monotonic() - started < 5, "under a second on an idle machine"


def test_starting_imports_nothing_heavy():
    heavy = "('pandas', 'numpy', 'papermill', 'nbconvert', 'nbformat', 'statsmodels', 'altair', 'loky', 'distributed')"
    code = f"import sys, tradeexposure.cli; print([name for name in {heavy} if name in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]):
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(
        f"\n  {name} " in shown for name in ("run", "scenarios", "check", "compare", "outputs", "refresh", "vintages")
    )


class TestCompare:
    def test_an_edition_with_itself(self, tiny: Project, capsys: pytest.CaptureFixture[str]):
        assert main(["compare", str(edition(tiny)), str(edition(tiny))]) == 0
        assert capsys.readouterr().out.strip().endswith("0 changed, 0 added, 0 vanished, 3 the same")

    def test_writes_a_page(self, tiny: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
        page = tmp_path / "changes.html"
        assert main(["compare", str(edition(tiny)), str(edition(tiny)), "--html", str(page)]) == 0
        assert page.read_text("utf-8").startswith("<!DOCTYPE html>\n<html lang=")

    @pytest.mark.parametrize("threshold", ["-1", "nan"])
    def test_threshold_is_a_share(self, tiny: Project, threshold: str, capsys: pytest.CaptureFixture[str]):
        assert main(["compare", str(edition(tiny)), str(edition(tiny)), "--threshold", threshold]) == 2
        assert "--threshold" in capsys.readouterr().err


class TestCheck:
    def problems(self, capsys: pytest.CaptureFixture[str], status: int = 2) -> list[str]:
        assert main(["check"]) == status
        return capsys.readouterr().err.splitlines()

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
        assert "does not list deal_2026" in found[1]

    def test_goes_through_data_scenarios_and_notebooks(self, tiny: Project, capsys: pytest.CaptureFixture[str]):
        (tiny.root / "data" / "tables" / "gsim_results.csv").write_bytes(b"")
        (tiny.root / "data" / "scenarios" / "deal_2026.yml").write_bytes(b"")
        found = self.problems(capsys)
        for part in ("data/tables/gsim_results.csv", "data/scenarios/deal_2026.yml", "notebooks/10_count_things.ipynb"):
            assert any(part in line for line in found)

    def test_a_notebook_that_cannot_be_read_is_one_of_the_problems(
        self, tiny: Project, capsys: pytest.CaptureFixture[str]
    ):
        (tiny.root / "notebooks" / "10_count_things.ipynb").write_text(json.dumps({}), "utf-8")
        assert any("JSON that is no notebook" in line for line in self.problems(capsys))
