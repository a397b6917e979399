"""What GNU make runs again after the edits of tests/support/keytruth, beside the keys of tasks.

Each task of the table is a target. It depends, as a careful author would write it, on its notebook, the modules of
its import closure and of the machinery, the lock, the files of data that it asked loaders for, a wildcard where it
asked for all of a folder, and the file that an earlier task hands over to it. Make judges by the times of real files,
keys by what is in them. Each edit is put back before anything runs, and make is asked again: nothing must run then.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "tests" / "system" / "edits")]

from keytruth import EDITS, HANDED, OWN, TASKS, Edited, Given, made, notebook_of  # noqa: E402
from test_key_truth import ALL_TRIES, SEED, Judge  # noqa: E402

from tradeexposure.core import loaded_files  # noqa: E402
from tradeexposure.data import result_words  # noqa: E402
from tradeexposure.runner import notebook_task, task_keys  # noqa: E402

HOUR = 3_600
CURRENT = "data/vintages/CURRENT"
DESCRIPTOR = f"{OWN}/datapackage.json"
#: Kind of what a loader gave out, by its name → files that a target names for it.
DECLARED = {
    loaded_files.FILE: "{}",
    "table": f"{OWN}/tables/{{}}.csv {DESCRIPTOR} {OWN}/corrections.yml {CURRENT}",
    "description": f"{DESCRIPTOR} {CURRENT}",
    "parameters": "$(wildcard data/parameters/*.yml)",
    "scenario": "data/scenarios/{}.yml",
    "words": "data/scenarios/{}.yml",
    "scenarios": "$(wildcard data/scenarios/*.yml)",
    "forecasts": f"$(wildcard data/forecasts/*.csv) data/forecasts/digests.json {CURRENT}",
    result_words.KIND: "$(wildcard data/results/{}.yml)",  # a draft has none
    "vintage": CURRENT,
}
COLUMNS = ("must run", "skipped by keys", "by make", "need not", "run by keys", "by make", "by make once put back")


class Make:
    """A Makefile in the project of the table, and the files whose times it goes by."""

    def __init__(self, judge: Judge) -> None:
        self.root = judge.root
        known = task_keys.TaskKeys(notebook_task.ENVIRONMENT)
        machinery = {*known.tree.closure([task_keys.MACHINERY, task_keys.WATCH])}
        machinery |= {name for name in known.tree.modules if name.startswith(task_keys.KERNEL_PACKAGE)}
        rules = [f"all: {' '.join(f'out/{name}' for name in TASKS)}"]
        for name, entries in judge.read.items():
            notebook = judge.notebook(name)
            modules = sorted(machinery.union(known.modules(notebook)))
            named = [f"notebooks/{notebook_of(name)}.ipynb", "requirements.lock"]
            named += [f"lib/{known.tree.modules[module]}" for module in modules]
            named += [DECLARED[kind].format(entry) for kind, entry in entries if kind not in loaded_files.HANDED_OVER]
            named += [f"handed/{name}"] if name in HANDED else []
            rules.append(f"out/{name}: {' '.join(named)}\n\trun {name}")
        (self.root / "Makefile").write_text("\n".join(rules) + "\n", "utf-8")
        for folder in ("out", "handed"):
            (self.root / folder).mkdir()
        for name in TASKS:
            (self.root / "out" / name).touch()
        self.hand_over(Given())
        self.all_ran()

    def hand_over(self, settings: Given) -> None:
        """Write what earlier tasks hand over where it is not what lies there."""
        for name, text in zip(HANDED, (settings.own(), *settings.tables()), strict=True):
            path = self.root / "handed" / name
            if not path.is_file() or path.read_text("utf-8") != text:
                path.write_text(text, "utf-8")

    def all_ran(self) -> None:
        """Every target is newer by an hour than every file, and older than what is written from now on."""
        now = time.time()
        for path in self.root.rglob("*"):
            when = now - (HOUR if path.parent.name == "out" else 2 * HOUR)
            os.utime(path, (when, when))

    def would_run(self, settings: Given) -> set[str]:
        """Tasks that `make -n` names."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
        ended = subprocess.run(["make", "-n", "all"], cwd=self.root, env=environment | settings.environment, text=True,
                               capture_output=True, check=True)  # fmt: skip
        return set(re.findall(r"^run (\w+)$", ended.stdout, flags=re.MULTILINE))


def verdicts(judge: Judge, tries: int) -> dict[str, NDArray[np.int64]]:
    """Kind of edit → how many tasks in each of :data:`COLUMNS`, over all edits of the kind."""
    make, project = Make(judge), Edited(judge.root, random.Random(SEED))
    keys = judge.keys(Given())
    assert not make.would_run(Given()), "nothing was edited"
    counted: dict[str, NDArray[np.int64]] = {kind: np.zeros(len(COLUMNS), dtype=np.int64) for kind in EDITS}
    for turn in range(tries):
        kind = list(EDITS)[turn % len(EDITS)]
        change, must, _ = EDITS[kind]
        change(project)
        make.hand_over(project.given)
        now = judge.keys(project.given)
        runs = {name for name in TASKS if now[name] != keys[name]}, make.would_run(project.given)
        project.undo()
        make.hand_over(project.given)
        need_not = set(TASKS) - must
        row = [must, *(must - ran for ran in runs), need_not, *(need_not & ran for ran in runs)]
        counted[kind] += [*map(len, row), len(make.would_run(project.given))]
        make.all_ran()
    assert judge.keys(Given()) == keys, "keys know what was put back"
    return counted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edits", type=int, default=ALL_TRIES)
    tries = parser.parse_args().edits
    if not shutil.which("make"):
        sys.exit("make is not installed, so there is no verdict of it")
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        counted = verdicts(Judge(made(Path(folder) / "project").root, patch), tries)
    whole = np.sum([*counted.values()], axis=0)
    print(subprocess.run(["make", "--version"], capture_output=True, text=True, check=True).stdout.partition("\n")[0])
    print(f"| edit | {' | '.join(COLUMNS)} |\n|---|{'---:|' * len(COLUMNS)}")
    for kind, row in [*counted.items(), (f"all {tries:,}", whole)]:
        print(f"| {kind} | {' | '.join(f'{number:,}' for number in row)} |")


if __name__ == "__main__":
    main()
