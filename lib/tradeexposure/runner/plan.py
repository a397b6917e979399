"""What a run consists of: one task per notebook and scenario, and what each is given by earlier ones."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tradeexposure.core import files, paths
from tradeexposure.core.errors import BadInput
from tradeexposure.runner import notebooks

#: Scenarios of one task: too few share little with each other, a hundred have a table of eight megabytes.
LEAST_AT_ONCE, MOST_AT_ONCE = 30, 100
TASKS = 4  # of a grid between them
NO_NUMBERS = "[]"
Definitions = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Task:
    """One notebook with its parameters."""

    notebook: notebooks.Notebook
    parameters: dict[str, Any]
    needs: tuple[str, ...] = ()  #: Keys of the tasks whose numbers it is given; one that fails takes it along.
    scenario: str = ""  #: Name, for a notebook that depends on it and is not left its own default.
    definitions: Definitions = ()  #: Name and definition, as JSON, of scenarios that have no file.

    @cached_property
    def key(self) -> str:
        """Its name in a run; under which key its result is kept, :mod:`tradeexposure.runner.task_keys` says."""
        return files.digest_of([self.label, self.parameters, self.definitions, self.needs])

    @property
    def label(self) -> str:
        """How progress names it."""
        return f"{self.scenario}/{self.notebook.name}" if self.scenario else self.notebook.name

    @property
    def place(self) -> str:
        """How failures name it."""
        place = paths.relative(self.notebook.path)
        return f"{place} for {self.scenario}" if self.scenario else place


@dataclass(frozen=True)
class TaskResult:
    """An executed notebook: name, seconds it took, published rows as a JSON list, tables it hands over as a JSON object
    of texts in CSV by name, and whether an earlier run did it.

    Its text is read when it is asked for: a sweep of a thousand would not fit into memory.
    """

    name: str
    seconds: float
    numbers: str
    tables: str
    read: Callable[[], str]
    reused: bool = False

    @property
    def notebook(self) -> str:
        """The notebook as text."""
        return self.read()


class Planner:
    """The tasks of every scenario over the same notebooks.

    An estimate is given the numbers and tables of the earlier estimates that its metadata says it takes. The notebook
    that tabulates is an estimate whose table holds every scenario. A notebook that depends on the scenario is given
    those of the estimates that it takes (of all where it names none) and of the scenario's notebooks before it; one
    that compares runs once, for no scenario, and is given those of all estimates.
    """

    def __init__(self, available: Sequence[notebooks.Notebook]) -> None:
        self.available = available
        ordered = sorted(available, key=lambda item: item.name)
        self.simulations = [notebook for notebook in ordered if notebook.depends_on_scenario]
        self.estimates: list[Task] = []
        for notebook in ordered:
            if not (notebook.depends_on_scenario or notebook.marks.compares):
                self.estimates.append(_task(notebook, self._taken(notebook)))
        self.tables = [task for task in self.estimates if task.notebook.tabulates]
        self._every = tuple(task.key for task in self.estimates)
        self.comparisons = [_task(notebook, self._every) for notebook in ordered if notebook.marks.compares]

    def tasks(self, scenario: str) -> list[Task]:
        """Tasks of one scenario, estimates first, the others by the names of their notebooks.

        With an empty name every notebook keeps its own defaults.
        """
        after = [*self.simulated(scenario), *self.comparisons]
        return [*self.estimates, *sorted(after, key=lambda task: task.notebook.name)]

    def simulated(self, scenario: str, definition: str = "") -> list[Task]:
        """The tasks of one scenario that depend on it."""
        tasks: list[Task] = []
        definitions = ((scenario, definition),) if definition else ()
        for notebook in self.simulations:
            needs = (*(self._taken(notebook) or self._every), *(task.key for task in tasks))
            tasks.append(_task(notebook, needs, scenario, definitions))
        return tasks

    def tabulated(self, definitions: Mapping[str, str]) -> list[Task]:
        """Tasks that work out scenarios without a file at once, some in each; definitions (JSON) by name."""
        (whole,), names, tasks = self.tables, list(definitions), []
        length = max(LEAST_AT_ONCE, min(MOST_AT_ONCE, len(names) // TASKS))
        for first in range(0, len(names), length):
            some = names[first : first + length]
            defined = tuple((name, definitions[name]) for name in some)
            tasks.append(Task(whole.notebook, {"scenarios": some}, whole.needs, f"points {first + 1} on", defined))
        return tasks

    def _taken(self, notebook: notebooks.Notebook) -> tuple[str, ...]:
        """Keys of the estimates that a notebook's metadata says it takes."""
        there = {task.notebook.name: task.key for task in self.estimates}
        for name in notebook.marks.takes:
            if name not in there:
                where, allowed = paths.relative(notebook.path), ", ".join(there) or "none comes before it"
                raise BadInput(where, "takes", found=name, allowed=f"estimates before it: {allowed}")
        return tuple(there[name] for name in notebook.marks.takes)


def _task(
    notebook: notebooks.Notebook, needs: tuple[str, ...], scenario: str = "", definitions: Definitions = ()
) -> Task:
    parameters = {"scenario": scenario} if scenario else {}
    notebooks.check_parameters(notebook, parameters)
    return Task(notebook, parameters, needs, scenario, definitions)


def needed(tasks: Sequence[Task], wanted: Collection[str]) -> list[Task]:
    """The tasks with keys `wanted`, and those whose numbers they are given."""
    known = {task.key: task for task in tasks}
    kept: set[str] = set()
    todo = list(wanted)
    while todo:
        key = todo.pop()
        if key not in kept:
            kept.add(key)
            todo += known[key].needs
    return [task for task in tasks if task.key in kept]


def longest_first(tasks: Sequence[Task], seconds: Mapping[str, float]) -> list[Task]:
    """`tasks` by the time that each takes with the longest chain of those after it; equal ones stay in order.

    Parameters
    ----------
    seconds : mapping
        Notebook → seconds when it ran last; one that never ran counts as nothing.
    """
    chain: dict[str, float] = {}
    for task in reversed(tasks):
        after = max((chain[later.key] for later in tasks if task.key in later.needs), default=0.0)
        chain[task.key] = seconds.get(task.notebook.name, 0.0) + after
    return sorted(tasks, key=lambda task: -chain[task.key])
