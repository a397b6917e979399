"""What it costs a kernel to be watched: processor seconds with and without, side by side: python benchmarks/watch.py.

The same notebook is executed in turn by a kernel that is watched, as every run has it, and by one that is not; a last
cell tells the seconds of the processor that the kernel took. Medians over interleaved repetitions.
"""

from __future__ import annotations

import json
import statistics
import sys
from dataclasses import replace

import nbformat
import quiet
from nbformat.v4 import new_code_cell

from tradeexposure.core import paths
from tradeexposure.data import edition_inputs
from tradeexposure.runner import notebook_task, notebooks, task_keys
from tradeexposure.runner.kernels import environment_key

NAMES = ("10_map_trade", "40_estimate_canola_price")
REPEAT = 5
TOLD = "import time\nprint(time.process_time())"


def job(name: str, known: task_keys.TaskKeys) -> notebook_task.Job:
    """The task of a notebook that builds on no other, with a last cell that tells its seconds."""
    notebook = notebooks.read(paths.path("notebooks", f"{name}.ipynb"))
    task = notebook_task.as_job(
        notebook, root=paths.root(), digests=edition_inputs.folder_digests(paths.root()),
        earlier=task_keys.TaskInputs().text(), modules=known.modules(notebook), environment=known.environment,
        python=environment_key.python(), processor=environment_key.processor_kind(),
    )  # fmt: skip
    content = nbformat.reads(task.content, as_version=4)
    content.cells.append(new_code_cell(TOLD, id="told"))
    return replace(task, content=nbformat.writes(content))


def seconds(task: notebook_task.Job) -> float:
    """Seconds of the processor that the kernel of a task took."""
    outcome = notebook_task.execute(task)
    if outcome.failure is not None:
        raise RuntimeError(f"{task.name}: {outcome.failure.error}")
    return float(json.loads(outcome.notebook)["cells"][-1]["outputs"][0]["text"][0])


def main() -> None:
    """Print one row a notebook."""
    known = task_keys.of_project()
    with quiet.tables() as rows:
        print("| notebook | not watched, s | watched, s | more |\n|---|---:|---:|---:|", file=rows)
        for name in sys.argv[1:] or NAMES:
            watched = job(name, known)
            bare = replace(watched, modules=None)
            taken = [(seconds(bare), seconds(watched)) for _ in range(REPEAT)]
            without, with_it = (statistics.median(column) for column in zip(*taken, strict=True))
            print(f"| `{name}` | {without:.2f} | {with_it:.2f} | {with_it / without - 1:+.1%} |", file=rows)


if __name__ == "__main__":
    main()
