"""Edits of the table of keys run whole: what is taken from the store is what a run from nothing computes."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pytest
from keytruth import ALL, EDITS, HANDED, Edited, made, notebook_of
from tinyproject import SCENARIOS, Project

RUN = ("run", SCENARIOS[0], "--lang", "en", "--workers", "2")
#: They need another interpreter or processor, something handed over, or a notebook of one's own, which the keys alone
#: are judged by.
NOT_RUN = {"another package or Python", "another processor", "parameters", "an earlier number",
           "another earlier number", "an earlier table", "a number of a scenario",
           "one more scenario of one's own"}  # fmt: skip
SEED, HOW_MANY = 35, 30
CHOSEN = sorted(random.Random(SEED).sample(sorted(set(EDITS) - NOT_RUN), HOW_MANY))

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]  # twenty kernels an edit, sixty times


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project of the table, run once."""
    project = made(tmp_path_factory.mktemp("whole") / "project")
    for name in HANDED:
        (project.root / "notebooks" / f"{notebook_of(name)}.ipynb").unlink()
    ended = project.inside(*RUN)
    assert ended.returncode == 0, ended.stderr
    return project


def outputs(project: Project) -> dict[str, list[object]]:
    """Notebook of an edition → outputs of its cells."""
    found = {}
    for path in sorted((project.published / SCENARIOS[0]).glob("*.ipynb")):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        found[path.stem] = [cell.get("outputs") for cell in cells]
    return found


@pytest.mark.parametrize("edit", CHOSEN)
def test_what_is_taken_from_the_store_is_what_a_run_from_nothing_computes(whole: Project, tmp_path: Path, edit: str):
    project = Project(tmp_path / "copy", like=whole)
    change, must, may = EDITS[edit]
    edited = Edited(project.root, random.Random(SEED))
    change(edited)
    ended = project.inside(*RUN, **edited.given.environment)
    ran = set(re.findall(r"^\d\d_(\w+)_asked: ran in", ended.stdout, flags=re.MULTILINE))
    assert must - set(HANDED) <= ran <= must | may
    taken = outputs(project)
    project.uncomputed()
    again = project.inside(*RUN, **edited.given.environment)
    assert (again.returncode, again.stderr) == (ended.returncode, ended.stderr)
    if ended.returncode == 0:
        assert set(re.findall(r"^\d\d_(\w+)_asked: ran in", again.stdout, flags=re.MULTILINE)) == ALL - set(HANDED)
        assert outputs(project) == taken and len(taken) > len(ALL) - len(HANDED)
