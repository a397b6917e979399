"""The workflow: estimates once per data vintage, then each scenario's notebooks, then its edition.

What was computed before is taken from the store; an edition that is already what this run would publish is left
alone. Everything a user can get wrong is found before the first notebook starts.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tradeexposure.core import earlier_results, files, paths, reading, text
from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.data import edition_inputs, result_words, table_changes
from tradeexposure.publishing import edition_index, manifest
from tradeexposure.publishing.languages import markup
from tradeexposure.runner import edition, edition_places, notebook_task, notebooks, task_keys
from tradeexposure.runner.edition import Edition, EditionDraft
from tradeexposure.runner.executors import HERE, Pool, Workers
from tradeexposure.runner.page_jobs import Sheet
from tradeexposure.runner.plan import Planner, Task, TaskResult, longest_first, needed
from tradeexposure.runner.project_checks import refuse_own_data, validate_inputs
from tradeexposure.runner.scheduler import PrintedProgress, State, Step, run_tasks

if TYPE_CHECKING:
    from tradeexposure.policy.scenario_grids import Grid

__all__ = ["Summary", "run", "run_grid", "verify"]

COMPUTED, MACHINE = "computed.json", "-"  # in the build folder: scenario → digest of the sources this machine computed
NUMBERS = ("value", "low", "high")
ENGLISH = (manifest.ENGLISH,)  # of an edition whose numbers alone are asked for
MOST_CHANGED = 3  # files named of those that changed under a run
UNREAD = ValueError("another edition that has it could not read its notebook")
ROUNDING = 1 + 1e-9  # a difference of exactly the tolerance is within it


@dataclass(frozen=True)
class Summary:
    """How a run ended: scenarios published and unchanged, and why others failed (one line per reason).

    `unwritten` is why the files over all editions (index, ``results.csv``, comparison) could not be written, or empty;
    `reached` are, of scenarios that failed, the notebooks that ran all the same, or as far as they came. `compared` is,
    of each scenario that was published elsewhere from the same sources, how many numbers came out equal here, and how
    many there are.
    `untold` texts of the pages published have no French, or `drafts` have some. `remarks` name changes that their
    scenario's day does not see, and what has ended by the day of one's own.
    `neutral` are, of scenarios published, sentences that are not said of them (one line each).
    """

    published: tuple[str, ...]
    unchanged: tuple[str, ...]
    failed: dict[str, tuple[str, ...]]
    unwritten: str = ""
    reached: Mapping[str, tuple[TaskResult, ...]] = field(default_factory=dict)
    compared: dict[str, tuple[int, int]] = field(default_factory=dict)
    untold: int = 0
    neutral: dict[str, list[str]] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    drafts: tuple[str, ...] = ()


def run(
    names: Sequence[str],
    *,
    out: Path | None = None,
    workers: Workers = HERE,
    anew: bool = False,
    languages: Sequence[str] = manifest.LANGUAGES,
    change: Callable[[str], str] | None = None,
) -> Summary:
    """Publish one edition per scenario; notebooks of the user's own are in those of their own scenarios, or with `out`.

    Parameters
    ----------
    names : sequence of str
        Scenarios in ``data/scenarios``; a repeated name counts once.
    out : Path, optional
        Folder that receives one folder per scenario; by default as of :func:`edition_index.folder_of`.
    workers : Workers
        Where the notebooks run.
    anew : bool
        Execute every notebook, whatever the store has.
    languages : sequence of str
        Of the pages: English, and French beside it.
    change : callable, optional
        Code of a cell → what is executed in its place.

    Raises
    ------
    BadInput
        Anything that cannot be used; nothing was started or written.
    """
    from tradeexposure.policy import duty_tables, scenarios

    chosen = [scenarios.load(name) for name in dict.fromkeys(names)]
    planner, inputs = _looked_at(change)
    if not out and any(item.name in scenarios.SHIPPED for item in chosen):
        refuse_own_data()
    own = {item.name for item in chosen if (out and not anew) or item.name not in scenarios.SHIPPED}
    of_project = [notebook for notebook in planner.available if not notebook.marks.private]
    shared = Planner(of_project) if len(own) < len(chosen) else planner
    editions = [
        Edition(
            item,
            out.resolve() / item.name if out else edition_index.folder_of(item.name),
            tuple((planner if item.name in own else shared).tasks(item.name)),
            inputs,
            languages=tuple(languages),
        )
        for item in chosen
    ]
    summary = _run(editions, planner if own else shared, workers, anew=anew)
    return replace(
        summary, remarks=(*duty_tables.remarks(chosen), *chain.from_iterable(map(duty_tables.unread, chosen)))
    )


def run_grid(
    path: Path,
    *,
    yes: bool = False,
    out: Path | None = None,
    workers: Workers = HERE,
    languages: Sequence[str] = ENGLISH,
    pages: bool = False,
) -> Summary:
    """Publish the scenarios of a grid: their numbers and the page that compares them, or an edition for each point.

    Parameters
    ----------
    path : Path
        The grid's file; see :func:`~tradeexposure.policy.scenario_grids.read`.
    yes : bool
        Allow more than 10,000 scenarios.
    out : Path, optional
        Folder that receives what is published; ``reports/grids/NAME`` by default.
    workers, languages
        As for :func:`run`; a grid may have thousands of pages, and has them in English alone unless asked.
    pages : bool
        Execute the notebooks that depend on the scenario, and make their pages, for each point.
    """
    from tradeexposure.policy import duty_tables, scenario_grids

    grid = scenario_grids.read(path, yes=yes)
    planner, inputs = _looked_at()
    wanted = "scenario" if pages else "scenarios"
    if not planner.simulations or not (pages or planner.tables):
        found, allowed = f"none with the parameter {wanted}", f"a notebook whose parameters cell has {wanted}"
        raise BadInput("notebooks", found=found, allowed=allowed)
    target = edition_places.grid_target(path, out)
    remarks = duty_tables.remarks([point.scenario for point in grid.points])
    if not pages:
        return replace(_tabulate(grid, planner, inputs, workers, target, languages), remarks=remarks)
    editions = []
    for point in grid.points:
        name, definition = point.scenario.name, point.definition
        tasks = (*planner.estimates, *planner.simulated(name, definition))
        editions.append(Edition(point.scenario, target / name, tasks, inputs, definition, tuple(languages)))
    summary = _run(editions, planner, workers, points=grid.table())
    return replace(summary, remarks=remarks)


def _tabulate(
    grid: Grid, planner: Planner, inputs: manifest.Inputs, workers: Workers, target: Path, languages: Sequence[str]
) -> Summary:
    """Publish the numbers of a grid's points and the page that compares them."""
    from tradeexposure.core import results_csv
    from tradeexposure.policy import scenarios

    edition_places.refuse_foreign(target)
    points = {point.scenario.name: point for point in grid.points}
    tasks = planner.tabulated({name: point.definition for name, point in points.items()})
    state = State([*needed(planner.estimates, [key for task in tasks for key in task.needs]), *tasks])
    with workers.open(len(state.tasks)) as pool:
        pool.begin(_first(state, inputs))
        validate_inputs(planner.available)
        with edition_places.locked(target), PrintedProgress(len(state.tasks)) as progress:
            run_tasks(state, pool, inputs.digests, progress)
            if changed := moved(inputs):
                raise RunFailed(f"{paths.relative(target)}: {changed}; run it again")
            done = [state.done[task.key] for task in tasks if task.key in state.done]
            texts = [json.loads(executed.tables)[earlier_results.SCENARIOS] for executed in done]
            table = results_csv.concatenated(texts, where=earlier_results.SCENARIOS)
            numbers = result_words.joined_table(scenarios.with_baselines(table))
            shown = [points[name].scenario for name in numbers["scenario"].unique()]
            failed = dict.fromkeys(sorted(points.keys() - {*numbers["scenario"]}), tuple(state.failed.values()))
            failed |= {name: (f"{name}: {reason}",) for name, reason in state.not_tabulated().items()}
            if not shown:
                return Summary((), (), failed)
            headline = edition.headline(planner.simulations[0], numbers.drop_duplicates("result_id"))
            unwritten = _reason_not_written(target, lambda: edition_index.write_grid(
                target, shown, numbers, headline=headline, points=grid.table(), languages=languages
            ))  # fmt: skip
    return Summary(tuple(scenario.name for scenario in shown), (), failed, unwritten)


def _looked_at(change: Callable[[str], str] | None = None) -> tuple[Planner, manifest.Inputs]:
    """The project as it lies there: every file is looked at once, however many scenarios are run."""
    inputs, there = manifest.Inputs(edition_inputs.inputs(paths.root())), notebooks.discover()
    return Planner([notebooks.with_code(each, change) for each in there] if change else there), inputs


def _run(
    editions: Sequence[Edition], planner: Planner, workers: Workers, *, points: str = "", anew: bool = False
) -> Summary:
    from tradeexposure.policy import scenarios

    for item in editions:
        item.refuse_foreign()
    names, places = [item.name for item in editions], edition_places.places(item.folder.parent for item in editions)
    whole, here = {item.name: item.is_current() for item in editions}, _computed(places)
    current = {item.name: whole[item.name] and here.get(item.name) == item.source()["digest"] for item in editions}
    elsewhere = {item.name: _numbers(item.folder) for item in editions if whole[item.name] and not current[item.name]}
    stale = [item for item in editions if not current[item.name]]
    unchanged = tuple(name for name in names if current[name])
    if not stale and all(edition_index.is_current(place, names, points=points) for place in places):
        edition_places.tidy(places)
        return Summary((), unchanged, {})
    estimates = longest_first(planner.estimates, manifest.recorded_seconds(edition_places.default_target()))
    state = State([*estimates, *(task for item in stale for task in item.tasks)] if stale else [])
    again = frozenset(state.tasks if anew else ())
    with workers.open(len(state.tasks)) as pool:
        if again or any(item.reads_changed() for item in stale):
            pool.begin(_first(state, stale[0].inputs))
        validate_inputs(planner.available)
        for name in scenarios.shipped():  # comparisons read all of them
            scenarios.load(name)
        with edition_places.locked(*places):
            published, failed = _publish_all(stale, state, pool, again)
            write = partial(edition_index.write, names=names, points=points)
            reasons = [_reason_not_written(place, partial(write, place)) for place in places if published or unchanged]
            done = {item.name: item.source()["digest"] for item in stale if item.name in published}
            _note_computed(places, here | done)
    ended = Summary(published, unchanged, failed, next(filter(None, reasons), ""))
    return _completed(ended, {item.name: item for item in editions}, state, elsewhere)


def _completed(
    summary: Summary,
    editions: Mapping[str, Edition],
    state: State,
    elsewhere: Mapping[str, dict[str, tuple[str, ...]]],
) -> Summary:
    """The summary with what ran of scenarios that failed, and of those published with how they came out.

    `elsewhere` has the numbers, by scenario, of editions that were published from the same sources by another machine.
    """
    there = state.done | state.stopped
    reached = {name: tuple(there[task.key] for task in editions[name].tasks if task.key in there)
               for name in summary.failed if name in editions}  # fmt: skip
    compared = {}
    for name, before in elsewhere.items():
        rows = _numbers(editions[name].folder) if name in summary.published else {}
        if rows:
            compared[name] = sum(rows.get(key) == row for key, row in before.items()), len(before)
    published = {name: editions[name].folder for name in summary.published}
    untold, drafts = _without_french(published)
    neutral = {name: lines for name, folder in published.items() if (lines := manifest.neutral(folder))}
    outcome: dict[str, Any] = {"untold": untold, "neutral": neutral, "drafts": drafts}
    return replace(summary, reached=reached, compared=compared, **outcome)


def _without_french(published: Mapping[str, Path]) -> tuple[int, tuple[str, ...]]:
    """Texts without French on pages published, and a line for each draft; pages of drafts lack what those lack."""
    from tradeexposure.publishing.languages import catalogues

    own = {path: count for path, count in catalogues.private_texts().items()
           if path.parent.name != "scenarios" or path.stem in published}  # fmt: skip
    drafts = tuple(catalogues.lacks_french(path, count) for path, count in own.items()) if published else ()
    return 0 if drafts else markup.untranslated(published.values()), drafts


def _first(state: State, inputs: manifest.Inputs) -> notebook_task.Job:
    """What a worker gets ready for: a task, as the kernels of all are alike."""
    notebook, variables = next(iter(state.tasks.values())).notebook, task_keys.variables()
    return notebook_task.as_job(notebook, root=paths.root(), digests=inputs.digests, environment=variables)


def _computed(places: Iterable[Path]) -> dict[str, str]:
    """Scenario → digest of the sources this machine, as it is now, computed its edition from; empty in a clone."""
    digests: dict[str, str] = {}
    for place in places:
        with contextlib.suppress(OSError, ValueError):
            noted = json.loads((edition_places.build_folder(place) / COMPUTED).read_text("utf-8"))
            if isinstance(noted, dict) and noted.pop(MACHINE, "") == task_keys.machine():
                digests |= {str(name): str(digest) for name, digest in noted.items()}
    return digests


def _note_computed(places: Iterable[Path], digests: Mapping[str, str]) -> None:
    for place in places:
        with contextlib.suppress(OSError):  # on a full disk the next run looks at the store again
            noted = files.canonical({**digests, MACHINE: task_keys.machine()})
            files.write_if_changed(edition_places.build_folder(place) / COMPUTED, noted)


def _numbers(folder: Path) -> dict[str, tuple[str, ...]]:
    """Identifier → value, low and high as they stand in an edition's ``results.csv``; empty without one."""
    path = folder / manifest.RESULTS
    if not path.is_file():
        return {}
    rows = csv.DictReader(io.StringIO(reading.text(path), newline=""))
    return {str(row["result_id"]): tuple(str(row[part]) for part in NUMBERS) for row in rows}


def verify(names: Sequence[str], *, workers: Workers = HERE) -> dict[str, list[str]]:
    """Recompute published editions beside what is published, which stays as it is.

    Returns
    -------
    dict
        Scenario → what differs by more than a number's tolerance, a line each.

    Raises
    ------
    BadInput
        A scenario without a published edition, or anything that :func:`run` refuses.
    RunFailed
        A notebook failed.
    """
    published = {name: edition_index.folder_of(name) for name in dict.fromkeys(names)}
    for name, folder in published.items():
        if not manifest.read(folder):
            raise BadInput("verify", found=f"{name}, which is not published", allowed=f"tradeexposure run {name} first")
    with tempfile.TemporaryDirectory(prefix="verify-") as aside:
        summary = run(names, out=Path(aside), workers=workers, anew=True, languages=ENGLISH)
        if summary.failed:
            raise RunFailed("\nerror: ".join(line for lines in summary.failed.values() for line in lines))
        return {name: _differences(folder, Path(aside) / name) for name, folder in published.items()}


def _differences(published: Path, recomputed: Path) -> list[str]:
    """Numbers of two editions that differ by more than their tolerance, or that only one of them has."""
    before, after = _numbers(published), _numbers(recomputed)
    tolerances = manifest.read(published)["tolerances"]
    lines = [f"{key}: only {'published' if key in before else 'recomputed'}" for key in sorted(before.keys() ^ after)]
    for key in before:
        for part, old, new in zip(NUMBERS, before[key], after.get(key, before[key]), strict=True):
            sides, allowed = (float(old or "nan"), float(new or "nan")), (tolerances.get(key) or 0.0) * ROUNDING
            if table_changes.differ(*sides, allowed):
                lines.append(f"{key}: {part} is published as {old or 'none'}, recomputed as {new or 'none'}")
    return lines


def _reason_not_written(target: Path, write: Callable[[], object]) -> str:
    """Write what stands over all scenarios; the reason if that failed."""
    try:
        write()
    except OSError as error:
        where = f"{paths.relative(target)}: index, numbers and comparison of all editions cannot be written"
        return f"{where}: {error.strerror or error}; the same command writes them once there is room"
    return ""


def _publish_all(
    stale: Sequence[Edition], state: State, pool: Pool, again: frozenset[str]
) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """Execute what is missing; publish each edition as soon as its last notebook and its pages are there."""
    with PrintedProgress(len(state.tasks) + len(stale)) as progress:
        editions = [_Unpublished(item, state, progress) for item in stale]
        steps = [step for edition in editions for step in edition.steps()]
        run_tasks(state, pool, stale[0].inputs.digests if stale else {}, progress, steps=steps, again=again)
    ended = {edition.item.name: edition.reasons for edition in editions}
    for name, reason in state.not_tabulated().items():  # asked for or not, what failed is named
        ended[name] = ended.get(name) or (f"{name}: {reason}",)
    published = tuple(name for name, reasons in ended.items() if not reasons)
    failed = {name: reasons for name, reasons in ended.items() if reasons}
    return published, _overtaken(failed, stale[0].inputs) if failed and stale else failed


class _Unpublished:
    """An edition of a run under way. `reasons`: why it cannot be published, or was not."""

    def __init__(self, item: Edition, state: State, progress: PrintedProgress) -> None:
        self.item, self.state, self.progress = item, state, progress
        self.printed, self.reasons = item.is_printed(), tuple[str, ...]()
        self.draft: EditionDraft | None = None
        self.pages = {task.notebook.name: item.page_key(task) for task in item.paged}

    def steps(self) -> Iterator[Step]:
        """Each page after its notebook, all else after the last one, and its publication after both."""
        tasks, rest = tuple(task.key for task in self.item.tasks), f"rest of {self.item.name}"
        for task in self.item.paged:
            yield Step(self.pages[task.notebook.name], (task.key,), partial(self._sheet, task))
        yield Step(rest, tasks, self._rest)
        yield Step(f"edition of {self.item.name}", (rest, *self.pages.values()), self._publish)

    def _sheet(self, task: Task) -> Sheet | None:
        sheet = None
        with self._failing():
            if task.key in self.state.done:
                sheet = self.item.sheet(task, self.state.done[task.key])
        return sheet

    def _rest(self) -> None:
        self.reasons = self.state.reasons([task.key for task in self.item.tasks]) or self.reasons
        with self._failing():
            if not self.reasons:
                executed = [self.state.done[task.key] for task in self.item.paged]
                self.draft = self.item.draft(executed, lacking=tuple(self.state.not_tabulated()))

    def _publish(self) -> None:
        with self._failing():
            if self.draft is not None and not self.reasons:
                self.item.publish(self.draft, dict(self._made()))
        self.draft = None
        for task in self.item.paged:
            if task.scenario:  # of a sweep there may be thousands
                self.state.pages.pop(self.pages[task.notebook.name], None)
        name, place = self.item.name, paths.relative(self.item.folder)
        self.progress.step(f"{name}: {'failed' if self.reasons else f'published in {place}'}")
        if self.printed and not self.item.is_printed():
            self.progress.note(f"{name}: its printed brief was of the edition before; print it again: "
                               f"tradeexposure brief {place} --pdf")  # fmt: skip

    def _made(self) -> Iterator[tuple[str, dict[str, str]]]:
        """Notebook and its page, once it is known that all were made of what is there now."""
        for name, key in self.pages.items():
            page = self.state.pages.get(key, UNREAD)
            if isinstance(page, ValueError):
                raise RunFailed(f"notebooks/{name}.ipynb: no page can be made of it: {page}")
            yield name, page
        if changed := moved(self.item.inputs):
            raise RunFailed(f"{self.item.name}: {changed}; run it again")

    @contextlib.contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except RunFailed as error:
            self.reasons = self.reasons or (str(error),)
        except OSError as error:
            place = paths.relative(self.item.folder)
            reason = f"{self.item.name}: cannot be written to {place}: {error.strerror or error}"
            self.reasons = self.reasons or (reason,)


def _overtaken(failed: dict[str, tuple[str, ...]], inputs: manifest.Inputs) -> dict[str, tuple[str, ...]]:
    """The reasons, and which files changed under the run: a worker tells only that some did."""
    changed = moved(inputs)
    return {
        name: reasons if not changed or any(changed in reason for reason in reasons)
        else (*reasons, f"{changed}; run it again")
        for name, reasons in failed.items()
    }  # fmt: skip


def moved(inputs: manifest.Inputs) -> str:
    """What of code, data and lock is not what a run was planned with, in words; empty if all is."""
    changed: set[str] = set()
    for group in notebook_task.PLANNED:
        now, then = edition_inputs.GROUPS[group](paths.root()), inputs.groups[group]
        changed |= {path for path in {*now, *then} if now.get(path) != then.get(path)}
    return f"{text.some(sorted(changed), MOST_CHANGED)} changed since the run was planned" if changed else ""
