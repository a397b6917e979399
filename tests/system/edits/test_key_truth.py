"""The keys of tasks, held against a table of what must run again after which edit, and against what they compute."""

from __future__ import annotations

import io
import json
import os
import random
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from contextlib import redirect_stdout
from itertools import chain
from pathlib import Path

import pytest
from keytruth import ALL, EDITS, TASKS, Edited, Given, made, notebook_of

from tradeexposure.core import earlier_results, loaded_files, paths
from tradeexposure.runner import notebooks, result_store, task_keys
from tradeexposure.runner.kernels import environment_key
from tradeexposure.runner.kernels.import_closure import ImportGraph
from tradeexposure.runner.plan import Task

SOME, ALL_TRIES = len(EDITS), 1000
FEW = 5  # of the tasks that an edit leaves, computed again where not all are
SEED = 20261129


def given_to(settings: Given) -> task_keys.TaskInputs:
    return task_keys.TaskInputs("another", own=(settings.own(),), tables=settings.tables())


class Judge:
    """The keys of all tasks as a project lies there, for what an execution before read."""

    def __init__(self, root: Path, patch: pytest.MonkeyPatch) -> None:
        self.root, self.patch = root, patch
        self.handed = root.parent / "handover.json"
        patch.setenv(paths.ROOT_VARIABLE, str(root))
        patch.setenv(earlier_results.VARIABLE, str(self.handed))
        patch.delenv("TRADEEXPOSURE_VINTAGE", raising=False)
        self.python = environment_key.python()
        self.before = Given()
        self.read = {name: self._recorded(name) for name in TASKS}

    def _recorded(self, name: str) -> list[loaded_files.Entry]:
        self.value(name, self.before)
        with loaded_files.recording() as entries:
            self.value(name, self.before)
        return sorted(entry for entry, digest in entries.items() if digest)

    def value(self, name: str, settings: Given) -> str:
        """What a task computes, or that it is refused."""
        self.handed.write_text(given_to(settings).text(), "utf-8")
        earlier_results._read.cache_clear()
        space: dict[str, object] = {}
        try:
            with redirect_stdout(io.StringIO()):
                exec("{}\nvalue = {}".format(*TASKS[name]), space)
        except (ValueError, KeyError) as fault:
            return f"refused: {fault}"
        return repr(space["value"])

    def keys(self, settings: Given) -> dict[str, str]:
        """Task → where its result is kept."""
        with self.patch.context() as patch:
            patch.setattr(environment_key, "python", lambda: settings.python or self.python)
            for name, value in settings.environment.items():
                patch.setenv(name, value)
            known, places = task_keys.of_project(), {}
            kept, handed = result_store.Store(self.root, settings.processor or "kind"), given_to(settings)
            now = {entry: known.current(*entry, handed) for entry in {*chain(*self.read.values())}}
            for name, entries in self.read.items():
                task = Task(self.notebook(name), settings.parameters.get(name, {}), scenario="another")
                key = task_keys.key_of(known.static_key(task), {entry: now[entry] for entry in entries})
                places[name] = kept._path(key).name
        return places

    def notebook(self, name: str) -> notebooks.Notebook:
        return notebooks.read(self.root / "notebooks" / f"{notebook_of(name)}.ipynb")


def once_per_code(closure: Callable[..., tuple[str, ...]]) -> Callable[..., tuple[str, ...]]:
    """Import closures, looked for once in the same code: most edits leave it as it is."""
    known: dict[Hashable, tuple[str, ...]] = {}

    def asked(tree: ImportGraph, wanted: Iterable[str]) -> tuple[str, ...]:
        names = frozenset(wanted)
        key = names, frozenset(tree.digests.items())
        return known.get(key) or known.setdefault(key, closure(tree, names))

    return asked


@pytest.fixture
def judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Judge:
    monkeypatch.setattr(ImportGraph, "closure", once_per_code(ImportGraph.closure))
    return Judge(made(tmp_path / "project").root, monkeypatch)


def judged(judge: Judge, tries: int, *, computed: int = len(ALL)) -> Counter[str]:
    """Edit so often, by turns, and hold every key against the table and against what `computed` tasks give then."""
    project = Edited(judge.root, random.Random(SEED))
    keys, values = judge.keys(Given()), {name: judge.value(name, Given()) for name in TASKS}
    assert not any(value.startswith("refused") for value in values.values())
    counted: Counter[str] = Counter()
    for turn in range(tries):
        kind = list(EDITS)[turn % len(EDITS)]
        change, must, may = EDITS[kind]
        change(project)
        now = judge.keys(project.given)
        others = {name for name in TASKS if now[name] != keys[name]}
        assert must <= others, f"{kind}: {sorted(must - others)} would be skipped wrongly"
        assert others <= must | may, f"{kind}: {sorted(others - must - may)} would run for nothing"
        left = sorted(ALL - others)
        for name in project.rng.sample(left, min(computed, len(left))):
            assert judge.value(name, project.given) == values[name], f"{kind}: {name} would be skipped wrongly"
        counted["must run"] += len(must)
        counted["needless"] += len(others - must)
        counted["skipped"] += len(ALL - others)
        if others - must:
            counted[f"  {kind}: {', '.join(sorted(others - must))}"] += 1
        project.undo()
    assert judge.keys(Given()) == keys
    return counted


@pytest.mark.long
def test_keys_of_tasks_are_those_of_the_table(judge: Judge) -> None:
    counted = judged(judge, SOME, computed=FEW)
    assert counted["must run"] > 200 and counted["skipped"] > 900


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_thousand_edits_give_no_wrong_skip(judge: Judge) -> None:
    counted = judged(judge, int(os.environ.get("TRADEEXPOSURE_EDITS", ALL_TRIES)))
    print(json.dumps(counted, indent=1))


def test_make_is_told_of_each_kind_of_file_that_keys_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[3] / "benchmarks"))
    from make_verdicts import DECLARED

    assert {*DECLARED} == {*loaded_files.KINDS} - {*loaded_files.HANDED_OVER}
