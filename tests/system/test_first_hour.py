"""The first hour as the page tells it: its lines are typed in a copy of the project, those that take minutes aside."""

from __future__ import annotations

import doctest
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tinyproject import Project, copied

from tradeexposure.core import paths
from tradeexposure.policy import scenario_grids
from tradeexposure.publishing import edition_index

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "how-to" / "first-hour.md"
LONG = ("run", "explain")  # minutes, and what rests on an edition of one's own
LINE = re.compile(r"^    tradeexposure (.+)$", re.MULTILINE)
YAML = re.compile(r"```yaml\n(.*?)```", re.DOTALL)


@pytest.fixture
def copy(tmp_path: Path) -> Project:
    """The data and an empty folder of notebooks."""
    copied(ROOT / "data", tmp_path / "data")
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "reports" / "published").mkdir(parents=True)
    shutil.copy(ROOT / "notebooks" / "20_measure_canola_exposure.ipynb", tmp_path / "notebooks")
    return Project.at(tmp_path)


def typed() -> list[list[str]]:
    return [line.split() for line in LINE.findall(PAGE.read_text("utf-8"))]


def test_python_lines_say_what_the_page_says(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    ran = doctest.testfile(str(PAGE), module_relative=False)
    assert (ran.failed, ran.attempted) == (0, 3)


def test_drafts_are_begun_and_what_is_missing_is_listed(copy: Project):
    begun = [line for line in typed() if line[0] == "new"]
    assert [line[1] for line in begun] == ["scenario", "table", "fact", "notebook"]
    for line in begun:
        assert copy.inside(*line).returncode == 0
    missing = copy.inside("check")
    drafts = "\n".join(line for line in missing.stderr.splitlines() if "TO WRITE" in line)
    assert missing.returncode == 2 and [line[2] for line in begun if line[2] not in drafts] == []
    refused = copy.inside("run", "deal_2026")
    assert refused.returncode == 2 and refused.stderr.count("\n") == 1


def test_the_scenario_of_the_page_is_what_it_says(copy: Project):
    """Its three words and its override are written; it then loads, and its duty is the page's."""
    name = next(line[2] for line in typed() if line[:2] == ["new", "scenario"])
    assert copy.inside("new", "scenario", name).returncode == 0
    path = copy.root / "data" / "scenarios" / f"{name}.yml"
    override = YAML.findall(PAGE.read_text("utf-8"))[0]
    path.write_text(path.read_text("utf-8").replace("TO WRITE", "Words") + override, "utf-8")
    listed = copy.inside("scenarios")
    assert listed.returncode == 0 and re.search(rf"^{name} +Words$", listed.stdout, flags=re.MULTILINE)
    assert "TO WRITE" not in copy.inside("check").stderr


def test_the_grid_of_the_page_is_one(tmp_path: Path):
    path = tmp_path / "seed_duty.yml"
    path.write_text(YAML.findall(PAGE.read_text("utf-8"))[1], "utf-8")
    assert len(scenario_grids.read(path).points) == 3


def test_its_last_lines_leave_nothing(copy: Project, monkeypatch: pytest.MonkeyPatch):
    """Drafts by its own lines; what runs write is put where they write it."""
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(copy.root))
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", "-C", str(copy.root)]
    (copy.root / "reports" / "published" / "deal_2026").mkdir()
    for name in ("index.html", "published/deal_2026/manifest.json"):
        (copy.root / "reports" / name).write_text("before", "utf-8")
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "before"]):
        subprocess.run([*git, *command], check=True)
    for line in typed():
        if line[0] == "new":
            assert copy.inside(*line).returncode == 0
        elif line[:2] == ["run", "--grid"]:
            (copy.root / line[2]).write_text("x", "utf-8")
            written = copy.root / "reports" / "grids" / Path(line[2]).stem
            written.mkdir(parents=True)
            (written / "results.csv").write_text("x", "utf-8")
        elif line[0] == "run":
            for name in line[1:]:
                (folder := edition_index.folder_of(name)).mkdir(parents=True)
                assert folder.parent == copy.root / "reports" / "private"
                (folder / "25_measure_crush.html").write_text("x", "utf-8")
    shown = [*git, "status", "--porcelain"]
    assert subprocess.run(shown, check=True, capture_output=True, text=True).stdout.count("\n") >= 7
    for typed_line in re.findall(r"^    ((?:rm|git) .+)$", PAGE.read_text("utf-8"), flags=re.MULTILINE):
        subprocess.run(typed_line, shell=True, check=True, cwd=copy.root)
    assert subprocess.run(shown, check=True, capture_output=True, text=True).stdout == ""


def test_a_bare_name_that_is_not_published_is_refused(copy: Project):
    """The page compares what it ran; before that the command says what to type."""
    compared = next(line for line in typed() if line[0] == "compare")
    ended = copy.inside(*compared)
    assert ended.returncode == 2 and "type: tradeexposure run deal_2026" in ended.stderr
    assert {line[0] for line in typed()} <= {"new", "check", "compare", *LONG}
