"""The strict comparison against a kept execution: nothing that is keyed may change unnoticed."""

from __future__ import annotations

import json
import os
import random
import shutil
import string
from collections import Counter
from pathlib import Path

import pytest
import storednotebooks
from tinyproject import ESTIMATE, Project

from tradeexposure import data
from tradeexposure.core import paths
from tradeexposure.policy import assumptions, scenarios, studies, tariff_schedule
from tradeexposure.runner import notebooks, result_store, task_keys
from tradeexposure.runner.plan import Task

NAME = "10_count_things"
IMPORTS = (
    "from tradeexposure import data\n"
    "from tradeexposure.policy import assumptions, scenarios, studies, tariff_schedule\n"
)
ASKED = {"imposer": "china", "origin": "canada", "product": "canola_meal", "on": "2025-06-01"}
WORK = (
    'value = float(len(data.load("gsim_results"))) + tariff_schedule.get("canada_ev_surtax").rate\n'
    f"value += tariff_schedule.rate(**{ASKED}).rate\n"
    'value += assumptions.load()["seed_supply"].distribution.numbers()["low"]\n'
    'value += len(studies.episodes("2019")) + len(scenarios.load("deal_2026").title)'
)
CHANGES = 1000
ALIKE = (string.digits.encode(), string.ascii_letters.encode())
SLY = 0.8  # of the changes put a digit in the place of a digit, a letter in that of a letter


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A small project whose outputs are written: every notebook was executed once."""
    project = Project(tmp_path_factory.mktemp("stored") / "made", whole=True)
    project.write(NAME, ESTIMATE, imports=IMPORTS + ESTIMATE["imports"], work=WORK)
    ended = project.inside("outputs")
    assert ended.returncode == 0, ended.stderr
    return project


@pytest.fixture
def here(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    copy = Project(tmp_path / "copy", like=project)
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(copy.root))
    return copy


def found() -> result_store.Entry | None:
    """What the store has for the notebook as the project lies there."""
    known, kept = task_keys.of_project(), result_store.of_project()
    path = paths.path("notebooks", f"{NAME}.ipynb")
    kept_entry = known.find(kept, Task(notebooks.read(path), {}), storednotebooks.inputs_of(path))
    return None if kept_entry is None else kept_entry[1]


def keyed(root: Path) -> dict[str, list[Path]]:
    """Files of which every byte is in the key, by kind: data, modules, the lock, the store itself."""
    known = task_keys.of_project()
    notebook = notebooks.read(root / "notebooks" / f"{NAME}.ipynb")
    modules = {*known.modules(notebook), *known.tree.closure([task_keys.MACHINERY])}
    return {
        "code": [root / "lib" / known.tree.modules[name] for name in sorted(modules)],
        "store": [path for path in (root / "reports/_build/store").iterdir() if path.is_file()],
        "lock": [root / "requirements.lock"],
        "table": [root / "data/tables/gsim_results.csv"],
        "facts": sorted((root / "data/parameters").glob("*.yml")),
        "priors": [root / "data/priors.yml"],
        "studies": [root / "data/studies.yml"],
    }


def entries(root: Path) -> dict[str, list[Path]]:
    """Files of which the key holds a part: a byte of another table, or of a remark, is none of its business."""
    return {
        "scenario": [root / "data/scenarios/deal_2026.yml"],
        "descriptor": [root / "data/datapackage.json"],
        "corrections": [root / "data/corrections.yml"],
        "cells": [root / "notebooks" / f"{NAME}.ipynb"],
    }


def given_out(root: Path) -> str:
    """What the notebook is made of, as it lies there: its cells, and all that its loaders give it; or what they say."""
    try:
        cells = json.loads((root / "notebooks" / f"{NAME}.ipynb").read_text("utf-8"))["cells"]
        source = [[cell["cell_type"], "".join(cell["source"])] for cell in cells if cell["cell_type"] == "code"]
        table, episode = data.load("gsim_results"), studies.episodes("2019")["2019"]
        dumped = [
            tariff_schedule.get("canada_ev_surtax"),
            assumptions.load()["seed_supply"],
            scenarios.load("deal_2026"),
        ]
        return repr([source, table.to_csv(), table.dtypes.to_dict(), episode, tariff_schedule.rate(**ASKED),
                     [model.model_dump_json() for model in dumped]])  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        return f"refused: {fault}"


def found_or_refused() -> result_store.Entry | None:
    try:
        return found()
    except (ValueError, KeyError, TypeError, AttributeError):  # the notebook is none any more
        return None


def changed(path: Path, rng: random.Random) -> tuple[bytes, int]:
    """Change one byte of a file; what it held, and where.

    Mostly to one of its kind, since any byte at all would make most files unreadable, which is no trial.
    """
    before = path.read_bytes()
    place = rng.randrange(len(before))
    old = before[place : place + 1]
    alike = next((kind for kind in ALIKE if old in kind), b"") if rng.random() < SLY else b""
    new = rng.choice([byte for byte in (alike or bytes(range(256))) if byte != old[0]])
    path.write_bytes(before[:place] + bytes([new]) + before[place + 1 :])
    return before, place


@pytest.mark.slow
def test_no_change_of_one_byte_is_a_false_hit(here: Project):
    """A byte of anything keyed: the result is not found again, or it is exactly what was kept."""
    rng = random.Random(20261127)
    good, whole, parts = found(), keyed(here.root), entries(here.root)
    original = given_out(here.root)
    assert good is not None and not original.startswith("refused")
    hits: Counter[str] = Counter()
    for turn in range(int(os.environ.get("TRADEEXPOSURE_BYTES", CHANGES))):
        kind = [*whole, *parts][turn % len(whole | parts)]
        path = rng.choice([path for path in (whole | parts)[kind] if path.stat().st_size])
        before, place = changed(path, rng)
        fault, now = f"{path}: byte {place} changed, and the old result was taken", found_or_refused()
        if kind == "store":
            assert now in (None, good), fault
            shutil.rmtree(path.parent / result_store.ASIDE, ignore_errors=True)
        elif kind in whole or given_out(here.root) != original:
            assert now is None, fault
        hits[f"{kind}, {'found' if now else 'not found'}"] += 1
        path.write_bytes(before)
    assert found() == good
    print(dict(sorted(hits.items())))
    tried = sum(hits.values()) >= CHANGES
    assert not tried or all(hits[f"{kind}, not found"] for kind in (*whole, *parts) if kind != "store"), hits
