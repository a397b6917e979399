"""The committed notebooks' outputs, the README's answers and pictures, the codebook and ``reports/scenarios.csv`` anew.

Twice on one machine gives the same bytes; if one notebook fails, nothing is written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from tradeexposure.core import files as core_files
from tradeexposure.core import handover, paths, reading
from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.data import input_digests
from tradeexposure.runner import notebooks, pipeline
from tradeexposure.runner.edition import headline
from tradeexposure.runner.executors import Workers
from tradeexposure.runner.plan import Planner
from tradeexposure.runner.progress import Progress
from tradeexposure.runner.scheduler import State, finish

SVG = "image/svg+xml"
MARKERS = ("<!-- answers:start -->", "<!-- answers:end -->")


def outputs(*, workers: int | None = None) -> list[str]:
    """Execute every notebook with its own defaults and write what changed.

    Returns
    -------
    list of str
        The files that were rewritten, relative to the project.

    Raises
    ------
    BadInput
        Notebooks, data or the README cannot be used.
    RunFailed
        A notebook failed; nothing was written.
    """
    from tradeexposure import data
    from tradeexposure.policy import scenarios

    places = Workers.validated(workers, None)
    found = notebooks.discover()
    readme = split_readme(paths.path("README.md"))
    pipeline.validate_inputs(found)
    digests = input_digests.folder_digests(paths.root())
    # Without a scenario each notebook runs with its own defaults; estimates get the keys that `run` looks for.
    planner = Planner(found, digests, scenarios.names())
    tasks, beside = planner.tasks(""), planner.beside()
    state = State([*tasks, *beside])
    target = pipeline.default_target()
    with pipeline.locked(target, pipeline.build_folder(target)):
        with Progress(len(state.tasks)) as progress:
            finish(state, places, digests, progress, reuse=False)
        if state.failed:
            raise RunFailed("\nerror: ".join(state.failed.values()))
        executed = {task.notebook: state.done[task.key].notebook for task in tasks}
        files = {notebook.path: text for notebook, text in executed.items()}
        files[paths.path("README.md")] = f"{readme[0]}\n\n{answers(executed)}\n\n{readme[1]}"
        files |= pictures(executed)
        files[data.codebook_path()] = data.codebook_text()
        files |= across([(task.scenario, state.done[task.key].numbers) for task in beside])
        return [paths.relative(path) for path, text in files.items() if core_files.write_if_changed(path, text)]


def across(simulated: Sequence[tuple[str, str]]) -> dict[Path, str]:
    """What notebooks gave in each scenario (name, rows as JSON) as the file ``Book.across`` reads outside a run."""
    import pandas as pd

    from tradeexposure.core import results_csv

    if not simulated:
        return {}
    frames = [results_csv.frame_of(json.loads(rows)).assign(scenario=name) for name, rows in simulated]
    return {paths.path(*handover.ACROSS): results_csv.text(pd.concat(frames, ignore_index=True))}


def split_readme(path: Path) -> tuple[str, str]:
    """What stands before and after the table of answers, markers included.

    Raises
    ------
    BadInput
        No README, or not exactly one pair of markers.
    """
    text = reading.text(path, where=path.name, allowed="a text in UTF-8")
    start, end = MARKERS
    if text.count(start) != 1 or text.count(end) != 1 or text.index(end) < text.index(start):
        raise BadInput(path.name, found="no single place for the table of answers", allowed=f"{start} … {end}")
    return text[: text.index(start) + len(start)], text[text.index(end) :]


def pictures(executed: Mapping[notebooks.Notebook, str]) -> dict[Path, str]:
    """The chart of each notebook's cell tagged ``headline``, as a picture file that a README can show."""
    import nbformat

    found = {}
    for notebook, text in executed.items():
        for cell in nbformat.reads(text, as_version=4).cells:
            if "headline" in cell.metadata.get("tags", []):
                drawn = [output.data for output in cell.outputs if SVG in output.get("data", {})]
                found[paths.path("reports", "headlines", f"{notebook.name}.svg")] = f"{drawn[0][SVG].rstrip()}\n"
    return found


def answers(executed: Mapping[notebooks.Notebook, str]) -> str:
    """The headline numbers of executed notebooks (as text) as the README's table."""
    import nbformat
    import pandas as pd

    from tradeexposure.core import results_csv
    from tradeexposure.publishing import page

    rows = []
    for notebook, text in executed.items():
        frame = results_csv.from_notebook(nbformat.reads(text, as_version=4)).set_index("result_id", drop=False)
        rows.append(frame.loc[headline(notebook, frame)])
    return page.readme_table(pd.concat(rows, ignore_index=True)).strip()
