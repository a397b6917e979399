"""What is generated from the committed notebooks, written anew: outputs, pictures, the README's numbers, the pages of
answers and identifiers in ``docs/``, the codebook, Croissant and ``reports/scenarios.csv``.

Twice on one machine gives the same bytes. A notebook that fails keeps its outputs, and so do the pages made from all;
those that succeeded are written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tradeexposure.core import earlier_results, paths, published_rows, reading
from tradeexposure.core import files as core_files
from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.core.text import some
from tradeexposure.data import edition_inputs, result_words
from tradeexposure.publishing import edition_index, manifest
from tradeexposure.runner import edition_places, notebooks, pipeline, project_checks
from tradeexposure.runner.edition import headline
from tradeexposure.runner.executors import HERE, Workers
from tradeexposure.runner.plan import Planner, TaskResult, needed
from tradeexposure.runner.scheduler import PrintedProgress, State, run_tasks

if TYPE_CHECKING:
    from nbformat import NotebookNode

SVG = "image/svg+xml"
SCENARIOS = ("reports", "scenarios.csv")
LINE = "line"  # tag of a cell whose sentence stands below the answers too
MARKERS = ("<!-- answers:start -->", "<!-- answers:end -->")
#: The first marker may name the identifiers of the numbers to show; without any, all headline numbers are shown.
START = re.compile(r"<!-- answers:start((?: [\w.-]+)*) -->")


def outputs(names: Sequence[str] = (), *, workers: Workers = HERE) -> list[str]:
    """Execute notebooks with their own defaults and write what changed.

    Parameters
    ----------
    names : sequence of str
        Stems of notebooks, or how they begin (``40``); what they are given by others comes from the store where it
        has it. Without any, all are executed.
    workers : Workers
        Where they run.

    Returns
    -------
    list of str
        The files that were rewritten, relative to the project.

    Raises
    ------
    BadInput
        Notebooks, data or the README cannot be used.
    RunFailed
        A notebook failed; the others were written. One was saved while it ran: nothing was written.
    """
    project_notebooks = notebooks.discover()
    split_readme(paths.path("README.md"))
    project_checks.validate_inputs(project_notebooks)
    inputs = manifest.Inputs(edition_inputs.inputs(paths.root()))
    tasks = Planner(project_notebooks).tasks("")  # without a scenario each notebook runs with its own defaults
    chosen = {notebook.name for notebook in chosen_notebooks(project_notebooks, names)}
    again = {task.key for task in tasks if task.notebook.name in chosen}
    state = State(needed(tasks, again))
    with edition_places.locked(edition_places.default_target()):
        with workers.open(len(state.tasks)) as pool, PrintedProgress(len(state.tasks)) as progress:
            run_tasks(state, pool, inputs.digests, progress, again=again)
        if changed := pipeline.moved(inputs):
            raise RunFailed(f"{changed}; type the same command again")
        done = {task.notebook: state.done[task.key].notebook for task in tasks if task.key in state.done}
        executed = {notebook: text for notebook, text in done.items() if notebook.name in chosen}
        if edited := [each for each in executed if notebooks.load(each.path) != each.content]:
            names = some([paths.relative(each.path) for each in edited])
            raise RunFailed(f"{names} changed since the run was planned; type the same command again")
        files = {notebook.path: text for notebook, text in executed.items()} | pictures(executed)
        if state.failed:
            _write(files)
            raise RunFailed("\nerror: ".join(state.failed.values()))
        whole = {notebook: notebook.path.read_text("utf-8") for notebook in project_notebooks} | executed
        files |= _generated(whole)
        files |= {
            paths.path(*SCENARIOS): _every_scenario(state.done[task.key])
            for task in tasks
            if task.notebook.tabulates and task.key in state.done
        }
        return _write(files)


def _write(texts: Mapping[Path, str]) -> list[str]:
    """Write what changed, and note what cannot be generated from what else is there; the files that were rewritten."""
    changed = [paths.relative(path) for path, text in texts.items() if core_files.write_if_changed(path, text)]
    target, alone = edition_places.default_target(), paths.path(*SCENARIOS)
    shipped = {notebook.path for notebook in notebooks.discover() if not notebook.marks.private}
    own = edition_index.digests(target, [path for path in texts if path in shipped or path == alone])
    edition_index.note(target, outputs={**edition_index.read_notes(target).outputs, **own})
    return changed


def _generated(whole: Mapping[notebooks.Notebook, str]) -> dict[Path, str]:
    """What follows from all executed notebooks and from the tables' descriptions."""
    from tradeexposure import data

    shipped = {notebook: text for notebook, text in whole.items() if not notebook.marks.private}
    published = sum(not notebook.tabulates for notebook in shipped)
    return data.generated() | (pages(shipped) if len(_executed(shipped)) == published else {})


def _executed(texts: Mapping[notebooks.Notebook, str]) -> dict[notebooks.Notebook, str]:
    """Those that published numbers; one that was just begun did not."""
    return {notebook: text for notebook, text in texts.items() if published_rows.numbers_of(json.loads(text))}


def altered() -> list[str]:
    """What :func:`outputs` writes and is not as it wrote it; where all of that is, what no longer follows from it."""
    target, again = edition_places.default_target(), "type: tradeexposure outputs"
    project_notebooks = [notebook for notebook in notebooks.discover() if not notebook.marks.private]
    alone = [*(notebook.path for notebook in project_notebooks), paths.path(*SCENARIOS)]
    known, now = edition_index.read_notes(target).outputs, edition_index.digests(target, alone)
    wrong = [path for path, (name, digest) in zip(alone, now.items(), strict=True) if known.get(name, "") != digest]
    texts = {notebook: notebook.path.read_text("utf-8") for notebook in project_notebooks}
    try:
        expected = {} if wrong else {**pictures(_executed(texts)), **_generated(texts)}
    except RunFailed as error:
        return [f"{error}; {again}"]
    wrong += [path for path, text in expected.items() if not path.is_file() or path.read_bytes() != text.encode()]
    of_one = {notebook.path: f" {notebook.name}" for notebook in project_notebooks}
    older = "altered, or older than what it is made from"
    return [f"{paths.relative(path)}: {older}; {again}{of_one.get(path, '')}" for path in wrong]


def chosen_notebooks(project_notebooks: Sequence[notebooks.Notebook], names: Sequence[str]) -> list[notebooks.Notebook]:
    """The notebooks that `names` mean, all without any; :class:`BadInput` for one that means none."""
    chosen = []
    for name in names:
        start = name.removesuffix(".ipynb")
        meant = [notebook for notebook in project_notebooks if notebook.name.startswith(start) and name]
        if not meant:
            raise BadInput("outputs", found=name, allowed=", ".join(notebook.name for notebook in project_notebooks))
        chosen += meant
    return chosen if names else list(project_notebooks)


def _every_scenario(executed: TaskResult) -> str:
    """What a notebook tabulated, as ``reports/scenarios.csv``: each change says what it is measured against."""
    from tradeexposure.core import results_csv
    from tradeexposure.policy import scenarios

    table = results_csv.parse(json.loads(executed.tables)[earlier_results.SCENARIOS], where=earlier_results.SCENARIOS)
    worded = result_words.joined_table(scenarios.with_baselines(table))
    return results_csv.text(worded, more=(results_csv.DIGITS,))


def split_readme(path: Path) -> tuple[str, str]:
    """What stands before and after the table of answers, markers included.

    Raises
    ------
    BadInput
        No README, or not exactly one pair of markers.
    """
    text = reading.text(path, where=path.name, allowed="a text in UTF-8")
    starts, end = list(START.finditer(text)), MARKERS[1]
    if len(starts) != 1 or text.count(end) != 1 or text.index(end) < starts[0].end():
        raise BadInput(path.name, found="no single place for the table of answers", allowed=" … ".join(MARKERS))
    return text[: starts[0].end()], text[text.index(end) :]


def pictures(executed: Mapping[notebooks.Notebook, str]) -> dict[Path, str]:
    """The chart of each notebook's cell tagged ``headline``, as a picture file that a README can show."""
    import nbformat

    drawings = {}
    for notebook, text in ((each, text) for each, text in executed.items() if not each.marks.private):
        for cell in nbformat.reads(text, as_version=4).cells:
            if "headline" in cell.metadata.get("tags", []):
                drawn = [output.data[SVG] for output in cell.outputs if SVG in output.get("data", {})]
                if drawn:
                    drawings[paths.path("reports", "headlines", f"{notebook.name}.svg")] = f"{drawn[0].rstrip()}\n"
    return drawings


def pages(executed: Mapping[notebooks.Notebook, str]) -> dict[Path, str]:
    """The README with its numbers, and the generated pages of ``docs/``, of executed notebooks.

    Raises
    ------
    BadInput
        The README has no place for its numbers, or names one that no notebook publishes.
    """
    import nbformat
    import pandas as pd

    from tradeexposure.core import results_csv
    from tradeexposure.publishing import results_docs

    readme = paths.path("README.md")
    before, after = split_readme(readme)
    read = {
        notebook: nbformat.reads(text, as_version=4) for notebook, text in executed.items() if not notebook.tabulates
    }
    frames = {notebook: results_csv.from_notebook(content) for notebook, content in read.items()}
    numbers = pd.concat(frames.values(), ignore_index=True).set_index("result_id", drop=False)
    heads = {notebook.title: numbers.loc[headline(notebook, frame)] for notebook, frame in frames.items()}
    marker = START.search(before)
    named = marker[1].split() if marker else []
    for identifier in named:
        if identifier not in numbers.index:
            raise BadInput(readme.name, "answers", found=identifier, allowed="an identifier of docs/results.md")
    shown = named or [key for frame in heads.values() for key in frame.index]
    sentences = lines(read.values())
    table = "\n".join([results_docs.readme_table(numbers.loc[shown]), *(f"{line}\n" for line in sentences)])
    return {
        readme: f"{before}\n\n{table}\n{after}",
        paths.path("docs", "answers.md"): results_docs.answers(heads, sentences),
        paths.path("docs", "results.md"): results_docs.catalogue(numbers),
        paths.path("docs", "figures.md"): results_docs.shown({notebook.name: each for notebook, each in read.items()}),
    }


def lines(read: Iterable[NotebookNode]) -> list[str]:
    """What executed notebooks say in a cell tagged ``line``, for pages that quote one sentence of theirs."""
    from tradeexposure.core.text import as_written

    return [
        as_written(output.data["text/markdown"]).strip()
        for notebook in read
        for cell in notebook.cells
        if LINE in cell.metadata.get("tags", [])
        for output in cell.outputs
        if "text/markdown" in output.get("data", {})
    ]
