"""Bad input of every kind ends in one line that names it, with exit status 2 and nothing written; by group, quickly.

The cases stand in ``tests/support``: what is changed in a small project, the command, and what the line must name. No
case may start a kernel, wait for a pipe, or read without end.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from bad import facts as badfacts
from bad import places as badplaces
from bad import tables as badtables
from bad.inputs import BAD, Case, appended, restore, snapshot, written
from tinyproject import Project, copied, paid_once

from tradeexposure import cli
from tradeexposure.core import paths
from tradeexposure.data import vintages
from tradeexposure.runner import executors

GROUPS = {
    "descriptor": badtables.DESCRIPTOR,
    "corrections": badtables.DECLARED,
    "tables": badtables.TABLES,
    "vintages": badtables.NOTES,
    "forecasts": badtables.FORECASTS,
    "result words": badtables.RESULT_WORDS,
    "scenarios": badfacts.SCENARIOS,
    "published scenarios": badfacts.PUBLISHED,
    "grids": badfacts.GRIDS,
    "facts": badfacts.MEASURES,
    "priors": badfacts.BELIEFS,
    "studies": badfacts.WINDOWS,
    "notebooks": badfacts.NOTEBOOKS,
    "recipes": badfacts.RECIPES,
    "commands": badplaces.COMMANDS,
    "editions": badplaces.EDITIONS,
    "templates": badplaces.TEMPLATES,
}
CASES = [pytest.param(case, id=f"{group}: {case.name}"[:120]) for group, cases in GROUPS.items() for case in cases]
LONGEST_LINE = 6_000  # the allowed values of a long list; what was typed is cut
LONGEST_SECONDS = 60


@dataclass
class Projects:
    """A project with two editions and its like to restore it from; what is in it at first, and as last looked at."""

    root: Path
    pristine: Path
    before: dict[str, tuple[int, ...]]
    now: dict[str, tuple[int, ...]] | None = None


@pytest.fixture(scope="module")
def projects(finished: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Projects]:
    """Made once for all cases: each leaves it as it found it."""
    folder = tmp_path_factory.mktemp("bad")
    here, pristine = (copied(finished.root, folder / name) for name in ("here", "pristine"))
    with paid_once():  # nor is a worker started, which would be ended before it is ready
        yield Projects(here, pristine, snapshot(here))


@pytest.fixture
def here(projects: Projects, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The project as it was made; a run that starts a kernel, or waits, fails the test."""
    root, projects.now = projects.root, None

    def started(*_: object, **__: object) -> None:
        raise AssertionError("the run was started")

    def waited(*_: object) -> None:
        raise AssertionError("the command waits")

    monkeypatch.setattr(executors.Pool, "submit", started)
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(root))
    monkeypatch.setenv(cli.TRACEBACK, "1")
    monkeypatch.delenv(vintages.VARIABLE, raising=False)
    monkeypatch.chdir(root)
    previous = signal.signal(signal.SIGALRM, waited)
    signal.alarm(LONGEST_SECONDS)
    yield root
    signal.alarm(0)
    signal.signal(signal.SIGALRM, previous)
    os.chdir(root)
    restore(root, projects.pristine, projects.before, projects.now or snapshot(root))


def line_of(text: str) -> str:
    """The one line, after proof that it is one a terminal can show."""
    lines = text.splitlines()
    assert len(lines) == 1, text
    assert re.fullmatch(r"error: .+", lines[0]), text
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", lines[0]), ascii(lines[0])
    assert len(lines[0]) <= LONGEST_LINE, len(lines[0])
    return lines[0]


@pytest.mark.parametrize("case", CASES)
def test_bad_input_is_one_line(case: Case, here: Path, projects: Projects, capsys: pytest.CaptureFixture[str]):
    if case.name.startswith("template"):
        badplaces.STALE(here)
    case.change(here)
    before = snapshot(here)
    status = cli.main(list(case.command))
    shown = capsys.readouterr()
    assert status == 2, shown.err or shown.out
    if case.command[:1] == ("check",):  # tells all it finds
        complaint = shown.err
        assert all(not re.search(r"[\x00-\x09\x0b-\x1f]", line) for line in complaint.splitlines())
    else:
        complaint = line_of(shown.err)
        assert shown.out == ""
    for text in case.named:
        assert text in complaint
    projects.now = snapshot(here)
    assert projects.now == before


def test_what_is_sound_is_not_refused(here: Path, capsys: pytest.CaptureFixture[str]):
    """The patterns the cases change are sound themselves: what is told is the change."""
    badfacts.scenario(hypothetical=f"[{badfacts.measure()}]")(here)
    assert cli.main(["scenarios"]) == 0
    (here / BAD).unlink()
    written(badfacts.FACTS, badfacts.FACT)(here)
    appended(badtables.CORRECTIONS, badtables.ENTRY)(here)
    capsys.readouterr()
    assert cli.main(["scenarios"]) == 0
    from tradeexposure import data

    assert len(data.load(badtables.TABLE)) > 1
