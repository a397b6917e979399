"""What it costs to run notebooks, ours beside the plain tools, in one run: python benchmarks/overhead.py [--quick].

Ours are warm kernels (lib/warmkernel) and the project's own workflow; the others are the commands an analyst would
type: papermill and jupyter nbconvert, one notebook after the other, with cold kernels.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager, redirect_stdout, suppress
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any
from unittest import mock

import psutil
import quiet

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from tinyproject import COMMAND, Project, notebook  # noqa: E402

from tradeexposure.core import paths  # noqa: E402
from tradeexposure.data import edition_inputs  # noqa: E402
from tradeexposure.runner import edition as editions  # noqa: E402
from tradeexposure.runner import executors, notebook_task, notebooks, pipeline  # noqa: E402

SCENARIO = "deal_2026"
LOOP_SAMPLE = 5  # scenarios the shell loop is timed on
SWEEP, SWEEPS, WORKERS = 100, (10, 100, 1_000), "2"
SAMPLE_SECONDS = 0.5
PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
TRIVIAL = {
    "imports": "import pandas\nimport statsmodels.api\nimport altair\nfrom tradeexposure import data",
    "work": "1 + 1",
}


def environment(root: Path, *, warm: bool) -> dict[str, str]:
    """For a command on the project at `root`."""
    own = {"TRADEEXPOSURE_ROOT": str(root), "WARMKERNEL_ENABLE": "1" if warm else "0"}
    return {**os.environ, **notebook_task.ENVIRONMENT, **own}


def call(command: Sequence[str], root: Path, *, warm: bool = True, folder: Path | None = None) -> float:
    """Seconds that a command takes; it must succeed."""
    started = time.monotonic()
    done = subprocess.run(
        command, cwd=folder or root, env=environment(root, warm=warm), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return time.monotonic() - started


def run(root: Path, *names: str, warm: bool = True, workers: str = WORKERS) -> float:
    """Seconds of ``tradeexposure run``; without `workers` it starts as many as it has use for."""
    asked = ["--workers", workers] if workers else []
    return call([*COMMAND, "run", *names, *asked], root, warm=warm)


def papermill(path: Path, out: Path, root: Path, *, warm: bool = False, scenario: str = "") -> float:
    """Seconds of the papermill command."""
    parameters = ["-p", "scenario", scenario] if scenario else []
    command = [sys.executable, "-m", "papermill", "--no-progress-bar", *parameters, str(path), str(out)]
    return call(command, root, warm=warm, folder=path.parent)


def loop(paths: Sequence[Path], root: Path, out: Path, *, scenario: str = "") -> float:
    """Seconds of papermill and nbconvert on each notebook in turn, as a shell loop would."""
    seconds = 0.0
    for path in paths:
        executed = out / path.name
        seconds += papermill(path, executed, root, scenario=scenario if depends(path) else "")
        seconds += call([sys.executable, "-m", "nbconvert", "--to", "html", str(executed)], root, warm=False)
    return seconds


def depends(path: Path) -> bool:
    """Whether a notebook has a scenario."""
    return "scenario" in notebooks.effective_parameters(notebooks.read(path), {})


def interleaved(ways: Mapping[str, Callable[[], float]], repeat: int) -> dict[str, list[float]]:
    """Seconds of each way in every round, after one to warm up."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repeat + 1):
        for name, way in ways.items():
            taken[name].append(way())
    return {name: values[1:] for name, values in taken.items()}


def spread(seconds: Sequence[float]) -> str:
    """Shortest and longest."""
    return f"{min(seconds):.2f} to {max(seconds):.2f} s in {len(seconds)}"


def trivial(folder: Path, repeat: int) -> Iterator[str]:
    """(a) One notebook whose code costs nothing but its imports."""
    path = folder / "10_do_nothing.ipynb"
    path.write_text(json.dumps(notebook(TRIVIAL, name=path.stem, area="do")), "utf-8")
    job = notebook_task.Job(path.stem, path.read_text("utf-8"), str(ROOT), edition_inputs.folder_digests(ROOT))

    def inside(*, ours: bool) -> float:
        os.environ["WARMKERNEL_ENABLE"] = "1" if ours else "0"
        started = time.monotonic()
        if ours:
            failure = notebook_task.execute(job).failure
            assert failure is None, failure
        else:
            import papermill as library

            library.execute_notebook(str(path), str(folder / "out.ipynb"), progress_bar=False)
        return time.monotonic() - started

    took = interleaved(
        {
            "papermill command": lambda: papermill(path, folder / "out.ipynb", ROOT),
            "papermill command, warm kernel": lambda: papermill(path, folder / "out.ipynb", ROOT, warm=True),
            "papermill in process": lambda: inside(ours=False),
            "ours": lambda: inside(ours=True),
        },
        repeat,
    )
    base = statistics.median(took["papermill command"])
    for name, all_seconds in took.items():
        seconds, goal = statistics.median(all_seconds), "at least 6" if name == "ours" else ""
        yield row("a", f"trivial notebook: {name}; {spread(all_seconds)}", seconds, base / seconds, goal)


def published(folder: Path) -> tuple[Path, float]:
    """A copy of this checkout, and what its default edition took from nothing."""
    copy = folder / "edition"
    for name in ("data", "lib", "notebooks", "reports/template"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for name in ("requirements.lock", "reports/scenarios.csv"):  # the latter is what the plain brief reads
        shutil.copy(ROOT / name, copy / name)
    return copy, run(copy, SCENARIO)


def again(copy: Path) -> str:
    """(c) The edition once more, with nothing to do."""
    seconds = statistics.median(run(copy, SCENARIO) for _ in range(3))
    return row("c", "default edition, unchanged", seconds, None, "under 2 s")


def edition(folder: Path) -> Iterator[str]:
    """(b), (c) The default edition of this checkout from nothing, and again unchanged."""
    copy, ours = published(folder)
    unchanged = again(copy)
    paths = sorted((copy / "notebooks").glob("*.ipynb"))
    plain = loop(paths, copy, folder, scenario=SCENARIO)
    # The brief sets all scenarios side by side: their simulations are part of the edition.
    simulation = next(filter(depends, paths))
    others = [path.stem for path in (copy / "data/scenarios").glob("*.yml") if path.stem != SCENARIO]
    plain += len(others) * papermill(simulation, folder / "other.ipynb", copy, scenario=others[0])
    executions = f"{len(paths) + len(others)} executions (simulations from one), {len(paths)} pages"
    yield row("b", f"default edition, {executions}: papermill and nbconvert in turn", plain, 1, "")
    yield row("b", f"default edition from nothing: ours, {WORKERS} workers", ours, plain / ours, "at least 3")
    yield unchanged


def tiny(folder: Path, count: int) -> tuple[Project, list[str]]:
    """A project with small notebooks and `count` scenarios; its estimates are computed."""
    project = Project(folder)
    pattern = (folder / f"data/scenarios/{SCENARIO}.yml").read_text("utf-8")
    names = [f"case_{number:04}" for number in range(count)]
    for name in (*names, "first"):
        text = pattern.replace(f"name: {SCENARIO}", f"name: {name}")
        (folder / f"data/scenarios/{name}.yml").write_text(text, "utf-8")
    run(folder, "first")
    return project, names


def sweep(folder: Path) -> Iterator[str]:
    """(d) Many scenarios on two workers, against the shell loop on the notebooks that depend on the scenario."""
    project, names = tiny(folder / "sweep", SWEEP)
    ours = run(project.root, *names)
    paths = [path for path in sorted((project.root / "notebooks").glob("*.ipynb")) if path.name.startswith("7")]
    sample = [loop(paths, project.root, folder, scenario=name) for name in names[:LOOP_SAMPLE]]
    plain = statistics.mean(sample) * SWEEP
    yield row("d", f"{SWEEP} scenarios: shell loop (extrapolated from {LOOP_SAMPLE})", plain, 1, "")
    yield row("d", f"{SWEEP} scenarios: ours, {WORKERS} workers", ours, plain / ours, "at least 12")


def suite(folder: Path, *, quick: bool) -> Iterator[str]:
    """(e) nbval, cold and warm, on two processes: notebooks that only import; not `quick`: the committed ones."""
    number = len(list((ROOT / "notebooks").glob("*.ipynb")))
    only = folder / "imports"
    only.mkdir()
    for place in range(number):
        book = notebook({**TRIVIAL, "work": "value = 1 + 1"}, name=f"{place}0_do_nothing", area="do")
        (only / f"{place}0_do_nothing.ipynb").write_text(json.dumps(book), "utf-8")
    # Elsewhere than in the checkout nobody else loads it: the settings keep it back for the conftest.py beside them.
    command = [*PYTEST, "-p", "nbval.plugin", "-c", str(ROOT / "pyproject.toml"), "-n", WORKERS]
    paths = [("that only import", only)] if quick else [("that only import", only), ("committed", ROOT / "notebooks")]
    for what, path in paths:
        ways = {kind: partial(call, [*command, str(path)], ROOT, warm=kind == "warm") for kind in ("cold", "warm")}
        rounds = interleaved(ways, 1) if path == only else {kind: [way()] for kind, way in ways.items()}
        took = {kind: statistics.median(seconds) for kind, seconds in rounds.items()}
        for kind, seconds in took.items():
            goal = "at least 3" if kind == "warm" else ""
            yield row("e", f"nbval, {number} notebooks {what}, {kind} kernels", seconds, took["cold"] / seconds, goal)


def sizes(folder: Path, counts: Sequence[int]) -> Iterator[str]:
    """(f) Sweeps of growing size: seconds a scenario, and the most memory all processes together held."""
    for count in counts:
        project, names = tiny(folder / f"sweep_{count}", count)
        with memory(project.root) as most:
            seconds = run(project.root, *names, workers="")
        hour = 3600 / seconds
        each = (
            f"{1000 * seconds / count:,.0f} ms each, {most[0] / 2**20:,.0f} MiB; an hour: {hour * count:,.0f} scenarios"
        )
        yield row("f", f"{count:,} scenarios: ours; {each}", seconds, None, "linear, under 2 GB")
        shutil.rmtree(project.root)


class Answered(Executor):
    """Executes each notebook once and gives the same answer ever after, so that what remains is the sweep's own.

    `seconds` are those of pages, which workers make.
    """

    def __init__(self) -> None:
        self.answers: dict[str, notebook_task.Outcome] = {}
        self.seconds = 0.0

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **_: Any) -> Future[Any]:
        answer: Future[Any] = Future()
        if function is not notebook_task.execute:
            started = time.monotonic()
            answer.set_result(function(*arguments))
            self.seconds += time.monotonic() - started
            return answer
        (job,) = arguments
        if job.name not in self.answers:
            self.answers[job.name] = function(job)
        answer.set_result(self.answers[job.name])
        return answer

    def shutdown(self, *_: Any, **__: Any) -> None:
        """Nothing runs."""


def own(folder: Path, count: int) -> Iterator[str]:
    """(g) What a scenario costs besides its kernels: scheduling, digests, store; and its edition, pages apart."""
    project, names = tiny(folder / "own", count)
    answering, publishing = Answered(), [0.0]

    def timed(method: Callable[..., Any]) -> Callable[..., Any]:
        def measured(*arguments: Any, **options: Any) -> Any:
            started = time.monotonic()
            returned = method(*arguments, **options)
            publishing[0] += time.monotonic() - started
            return returned

        return measured

    with (
        mock.patch.dict(os.environ, {paths.ROOT_VARIABLE: str(project.root)}),
        mock.patch.object(executors, "_local", return_value=answering),
        mock.patch.object(editions.Edition, "draft", timed(editions.Edition.draft)),
        mock.patch.object(editions.Edition, "publish", timed(editions.Edition.publish)),
        redirect_stdout(io.StringIO()),
    ):
        pipeline.run(names[:1])  # imports, and the answer
        publishing[0], answering.seconds, started = 0.0, 0.0, time.monotonic()
        summary = pipeline.run(names[1:])
        seconds = time.monotonic() - started
    assert len(summary.published) == count - 1, summary.failed
    parts = {
        "scheduling, digests, store": (seconds - publishing[0] - answering.seconds, "20 ms each"),
        "publishing, by the main process": (publishing[0], ""),
        "pages, by the workers": (answering.seconds, ""),
    }
    for part, (took, goal) in parts.items():
        what = f"{count - 1:,} scenarios whose notebooks take no time: {part}; {1000 * took / (count - 1):.1f} ms each"
        yield row("g", what, took, None, goal)


@contextmanager
def memory(root: Path) -> Iterator[list[int]]:
    """Most bytes (shared ones divided among their users) of this run's processes, kernels' servers included."""
    most, done = [0], threading.Event()

    def look() -> None:
        while not done.wait(SAMPLE_SECONDS):
            most[0] = max(most[0], sum(map(_held, _ours(root))))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield most
    finally:
        done.set()
        watcher.join()


def _ours(root: Path) -> Iterator[psutil.Process]:
    children = set(psutil.Process().children(recursive=True))
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process in children or "warmkernel.server" in process.cmdline():
                yield process


def _held(process: psutil.Process) -> int:
    with suppress(psutil.Error):
        return int(process.memory_full_info().pss)
    return 0


def row(key: str, what: str, seconds: float, ratio: float | None, goal: str) -> str:
    """A line of the table."""
    return f"| {key} | {what} | {seconds:.2f} | {'–' if ratio is None else f'{ratio:.1f}'} | {goal or '–'} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick",
        action="store_true",
        help="leave out what takes minutes: an edition and nbval by plain tools, 1,000 scenarios",
    )
    parser.add_argument("--only", metavar="LETTERS", help="parts to run; b brings c, or alone")
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    os.environ.update(notebook_task.ENVIRONMENT)
    names = ", ".join(f"{name} {version(name)}" for name in ("papermill", "nbconvert", "nbval", "ipykernel"))
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    with quiet.tables() as rows, tempfile.TemporaryDirectory() as temporary:
        print(f"Python {platform.python_version()}, {names}; {os.cpu_count()} cores, load before {load}\n", file=rows)
        print("| | what | seconds | times faster | goal |\n|---|---|---:|---:|---|", file=rows)
        folder = Path(temporary)
        parts: dict[str, Callable[[], Iterator[str]]] = {
            "a": lambda: trivial(folder, options.repeat),
            "b": lambda: edition(folder),
            "c": lambda: iter([again(published(folder)[0])]),
            "d": lambda: sweep(folder),
            "e": lambda: suite(folder, quick=options.quick),
            "f": lambda: sizes(folder, SWEEPS[: 2 if options.quick else None]),
            "g": lambda: own(folder, SWEEP if options.quick else SWEEPS[-1]),
        }
        for key in options.only or ("acdefg" if options.quick else "abdefg"):
            for line in parts[key]():
                print(line, file=rows)


if __name__ == "__main__":
    main()
