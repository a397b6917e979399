"""What does this task read? The one answer, for the runner, for ``outputs`` and for the strict comparison.

A task's key holds its cells and parameters, the modules of its import closure and of the machinery that executes it,
the lock and what is installed, Python and the numerical environment; and the entries that loaders gave out when it was
executed: tables, facts, priors, scenarios, windows, numbers of earlier notebooks. What these are is known after an
execution only. So it is kept under the first half of the key which entries there were, and the second half is their
digests as they are now: any of them added, changed or gone is another key.
"""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from tradeexposure.core import earlier_results, files, loaded_files, paths
from tradeexposure.core.errors import BadInput
from tradeexposure.data import edition_inputs, result_words
from tradeexposure.runner import notebook_task, notebooks
from tradeexposure.runner.kernels import environment_key, import_closure

if TYPE_CHECKING:
    from tradeexposure.runner.plan import Task
    from tradeexposure.runner.result_store import Entry, Store

#: What every task goes through, whatever its notebook imports.
MACHINERY = "tradeexposure.runner.notebook_task"
WATCH = "tradeexposure.runner.kernels.file_watch"
KERNEL_PACKAGE = "warmkernel."
PACKAGES = ("tradeexposure", "warmkernel")


@dataclass(frozen=True)
class TaskInputs:
    """What earlier tasks hand over to one."""

    scenario: str = ""  #: The scenario it runs for; empty where it keeps its own default.
    #: Published rows (JSON list) and tables (JSON object) of each earlier notebook.
    own: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    #: Name → definition (JSON) of a scenario that has no file.
    defined: Mapping[str, str] = field(default_factory=dict)

    def text(self) -> str:
        """As the kernel reads it."""
        if not self.own and not self.defined and not self.tables:
            return earlier_results.NOTHING
        return earlier_results.as_json(self.scenario, self.own, self.defined, self.tables)

    def digest(self, kind: str, name: str) -> str:
        """Digest of what a notebook is given under `name`, as :mod:`tradeexposure.core.earlier_results` records it."""
        if kind == "handed":
            return files.digest(self._texts[name]) if name in self._texts else loaded_files.ABSENT
        scenario, _, key = name.partition(":")
        known = (
            self._own_rows
            if scenario in ("", self.scenario)
            else _digests_in(self._texts.get(earlier_results.SCENARIOS, ""), scenario)
        )
        if kind != "numbers":
            return known.get(key, loaded_files.ABSENT)
        return earlier_results.digest_of_prefix(known, known, key)

    @cached_property
    def _texts(self) -> dict[str, str]:
        """Table → its text."""
        return {name: str(text) for part in self.tables for name, text in json.loads(part).items()}

    @cached_property
    def _own_rows(self) -> dict[str, str]:
        return {key: digest for text in self.own for key, digest in digests_of(text)}


@lru_cache(maxsize=512)
def digests_of(rows: str) -> tuple[tuple[str, str], ...]:
    """Identifier and digest of each row in the JSON list of published ones."""
    return tuple((str(row["result_id"]), earlier_results.digest_of_row(row)) for row in json.loads(rows))


@lru_cache(maxsize=64)
def _digests_in(text: str, scenario: str) -> dict[str, str]:
    """Identifier → digest of each row of a scenario in the text of a table of all; never change it."""
    rows = earlier_results.scenarios_of(text).get(scenario, []) if text else []
    return {str(row["result_id"]): earlier_results.digest_of_row(row) for row in rows}


@lru_cache(maxsize=1)
def resolvers() -> dict[str, Callable[[str, str], str]]:
    """Kind of file → what tells its digest as the project lies there."""
    from tradeexposure.data import frozen_forecasts, tables, vintages
    from tradeexposure.policy import scenarios, tariff_schedule

    return {
        **dict.fromkeys((loaded_files.FILE, "table", "description"), tables.digest),
        **dict.fromkeys(("scenario", "words", "scenarios"), scenarios.digest),
        "parameters": tariff_schedule.digest,
        "forecasts": frozen_forecasts.digest,
        result_words.KIND: result_words.digest,
        "vintage": lambda kind, name: vintages.selected(),
    }


@lru_cache(maxsize=512)
def _digest_of_definition(kind: str, definition: str) -> str:
    from tradeexposure.policy import scenarios

    return scenarios.digest_of_definition(kind, definition)


def importable_beside(folder: Path) -> list[str]:
    """What lies beside the notebooks and could be imported in the place of a library."""
    entries = folder.iterdir() if folder.is_dir() else ()
    return sorted(path.name for path in entries if path.suffix != ".ipynb" and not path.name.startswith("."))


class TaskKeys:
    """What tasks read, for one run: the code is looked at once, entries whenever they are asked for.

    Parameters
    ----------
    environment : mapping
        Numerical environment of the kernels.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        root = paths.root()
        code = edition_inputs.code_folder(root)  # or the installed packages, which lie beside others
        inside = (code,) if code == root / "lib" else (code.parent, PACKAGES)
        self.tree = import_closure.ImportGraph.of(*inside)
        self.environment = dict(environment)
        lock = root / "requirements.lock"
        machinery = {*self.tree.closure([MACHINERY, WATCH])}
        machinery |= {name for name in self.tree.modules if f"{name}.".startswith(KERNEL_PACKAGE)}
        self._common = [
            files.digest(lock.read_bytes()) if lock.is_file() else "",
            environment_key.python(),
            self.environment,
            self.tree.digest(machinery),
            self.tree.roots,
            importable_beside(root / "notebooks"),
        ]
        self._code: dict[str, tuple[tuple[str, ...], str]] = {}

    def modules(self, notebook: notebooks.Notebook) -> tuple[str, ...]:
        """The import closure of a notebook."""
        return self._code_of(notebook)[0]

    def _code_of(self, notebook: notebooks.Notebook) -> tuple[tuple[str, ...], str]:
        """Its import closure, and the digest of that."""
        if notebook.digest not in self._code:
            cells = [cell for cell in notebook.content["cells"] if cell.get("cell_type") == "code"]
            imports = (import_closure.imports(notebooks.source(cell)) for cell in cells)
            modules = self.tree.closure(itertools.chain.from_iterable(imports))
            self._code[notebook.digest] = modules, self.tree.digest(modules)
        return self._code[notebook.digest]

    def static_key(self, task: Task) -> str:
        """The half of a task's key that is known before it was ever executed."""
        notebook = task.notebook
        defined = [name for name, _ in task.definitions]  # what each says is an entry, once it is asked for
        own = [notebook.name, notebook.digest, task.parameters, task.scenario, defined]
        return files.digest_of([own, self._code_of(notebook)[1], self._common])

    def current(self, kind: str, name: str, handed: TaskInputs) -> str:
        """Digest of an entry as it is now; what cannot be read has one that no execution recorded."""
        if kind in loaded_files.HANDED_OVER:
            return handed.digest(kind, name)
        if kind in ("scenario", "words") and name in handed.defined:
            return _digest_of_definition(kind, handed.defined[name])
        if kind not in resolvers():
            return f"an entry of an unknown kind, {kind}"
        try:
            return resolvers()[kind](kind, name)
        except BadInput as error:
            return f"cannot be read: {error}"

    def find(self, kept: Store, task: Task, handed: TaskInputs) -> tuple[str, Entry] | None:
        """Key and entry of the task's result in the store, if there is one for all that it reads."""
        basis = self.static_key(task)
        for names in kept.names(basis):
            key = key_of(basis, {(kind, name): self.current(kind, name, handed) for kind, name in names})
            entry = kept.get(key)
            if entry is not None:
                return key, entry
        return None

    def keep(self, kept: Store, task: Task, entries: Iterable[tuple[str, str, str]], entry: Entry) -> str:
        """Put what an execution gave into the store, under all that it read; its key."""
        basis = self.static_key(task)
        digests = {(kind, name): digest for kind, name, digest in entries}
        key = key_of(basis, digests)
        kept.put(key, entry)
        kept.note(basis, list(digests))
        return key

    def changed_inputs(self, entries: Iterable[tuple[str, str, str]], handed: TaskInputs) -> list[str]:
        """Entries, of those that an execution recorded, which are not what they were then."""
        changed = [f"{kind} {name}" for kind, name, digest in entries if self.current(kind, name, handed) != digest]
        return list(dict.fromkeys(changed))


def key_of(basis: str, entries: Mapping[tuple[str, str], str]) -> str:
    """The whole key, by which a result is kept."""
    return files.digest_of([basis, [[kind, name, digest] for (kind, name), digest in sorted(entries.items())]])


def variables() -> dict[str, str]:
    """The numerical environment of kernels: this process's, and what is fixed whatever that is."""
    return environment_key.numerical_variables({**os.environ, **notebook_task.ENVIRONMENT})


def machine() -> str:
    """Digest of what results depend on besides files: an edition stays as computed only where all of it does.

    Kind of processor, Python and packages, :func:`variables`, and what could be imported from beside the notebooks.
    """
    beside = importable_beside(paths.root() / "notebooks")
    return files.digest_of([environment_key.processor_kind(), environment_key.python(), variables(), beside])


def of_project() -> TaskKeys:
    """What tasks of this process read, of the project as it lies there."""
    return TaskKeys(variables())
