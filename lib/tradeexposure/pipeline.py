"""The workflow: estimates once per data vintage, then each scenario's notebooks, then its edition.

What was computed before is taken from the store; an edition that is already what this run would publish is left
alone. Everything a user can get wrong is found before the first notebook starts.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tradeexposure import notebooks, project, store
from tradeexposure.edition import Edition, write_index
from tradeexposure.errors import BadInput, RunFailed
from tradeexposure.executors import Workers
from tradeexposure.graph import State, Task, finish
from tradeexposure.progress import Progress

SHARED = ("code", "data", "lock")


@dataclass(frozen=True)
class Summary:
    """How a run ended: scenarios published and unchanged, and why the others failed (one line per reason)."""

    published: tuple[str, ...]
    unchanged: tuple[str, ...]
    failed: dict[str, tuple[str, ...]]


def plan(found: Sequence[notebooks.Notebook], scenario: str, digests: dict[str, str]) -> list[Task]:
    """Tasks of one scenario, estimates first; with an empty name every notebook keeps its own defaults.

    An estimate depends on code, data and lock; a scenario's notebook also on the scenarios, on every estimate and on
    the scenario's earlier notebooks.
    """
    shared = {group: digests[group] for group in SHARED}
    tasks: list[Task] = []
    for notebook in sorted(found, key=lambda item: (item.depends_on_scenario, item.name)):
        own = {"scenario": scenario} if notebook.depends_on_scenario and scenario else {}
        notebooks.check_parameters(notebook, own)
        needs = tuple(task.key for task in tasks) if notebook.depends_on_scenario else ()
        folders = {**shared, "scenarios": digests["scenarios"]} if notebook.depends_on_scenario else shared
        key = store.digest_of([notebook.name, notebook.digest, own, folders, needs])
        tasks.append(Task(key, notebook, own, needs, scenario if own else ""))
    return tasks


def run(
    names: Sequence[str], *, out: Path | None = None, workers: int | None = None, cluster: str | None = None
) -> Summary:
    """Publish one edition per scenario.

    Parameters
    ----------
    names : sequence of str
        Scenarios in ``data/scenarios``; a repeated name counts once.
    out : Path, optional
        Folder that receives one folder per scenario; ``reports/published`` by default.
    workers : int, optional
        Kernels at once on this machine; by default one per processor.
    cluster : str, optional
        Address of a Dask scheduler that runs the notebooks instead.

    Raises
    ------
    BadInput
        Anything that cannot be used; nothing was started or written.
    """
    places = Workers.validated(workers, cluster)
    scenarios = validated_scenarios(names)
    found = notebooks.discover()
    groups = store.inputs(project.root())
    digests = {group: store.digest_of(paths) for group, paths in groups.items()}
    target = (out or project.path("reports", "published")).resolve()
    plans = {item.name: plan(found, item.name, digests) for item in scenarios}
    editions = [_edition(item, plans[item.name], groups, target) for item in scenarios]
    stale = [edition for edition in editions if not edition.is_current()]
    unchanged = tuple(edition.name for edition in editions if edition not in stale)
    if not stale:
        return Summary((), unchanged, {})
    validate_inputs(found)
    build = build_folder(target)
    with places.connected(), locked(target, build):
        state = State({task.key: task for edition in stale for task in plans[edition.name]})
        published, failed = _publish_all(stale, state, places, digests, build)
        if published:
            write_index(target)
    return Summary(published, unchanged, failed)


def _edition(scenario: Any, tasks: Sequence[Task], groups: dict[str, dict[str, str]], target: Path) -> Edition:
    edition = Edition(
        name=scenario.name,
        title=scenario.title,
        question=scenario.question,
        folder=target / scenario.name,
        keys=tuple(task.key for task in tasks),
        sources=tuple(task.notebook for task in tasks),
        parameters={task.notebook.name: task.parameters for task in tasks},
        groups=groups,
    )
    edition.refuse_foreign()
    return edition


def validated_scenarios(names: Sequence[str]) -> list[Any]:
    """The scenarios called `names`, all loaded; :class:`BadInput` on the first that cannot be."""
    from tradeexposure import scenario

    return [scenario.load(name) for name in dict.fromkeys(names)]


def validate_inputs(found: Sequence[notebooks.Notebook]) -> None:
    """Load every table and every policy fact and look for every kernel, as the notebooks will."""
    from tradeexposure import data, parameters

    for name in data.names():
        data.load(name)
    parameters.measures()
    _check_kernels(found)


def _check_kernels(found: Sequence[notebooks.Notebook]) -> None:
    os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    manager = KernelSpecManager()
    for notebook in found:
        try:
            manager.get_kernel_spec(notebook.kernel)
        except (NoSuchKernel, ValueError):
            where = project.relative(notebook.path)
            allowed = ", ".join(sorted(manager.find_kernel_specs())) or "python3, which comes with ipykernel"
            raise BadInput(where, "kernelspec", found=f"no kernel {notebook.kernel!r}", allowed=allowed) from None


def default_target() -> Path:
    """Where editions are published unless ``--out`` names another folder."""
    return project.path("reports", "published").resolve()


def build_folder(target: Path) -> Path:
    """Where editions for `target` are put together: on the same disk, and never mistaken for one."""
    return project.path("reports", "_build") if target == default_target() else target / "_build"


@contextmanager
def locked(target: Path, build: Path) -> Iterator[None]:
    """Hold `target` for this run; leftovers of a killed one are removed.

    Raises
    ------
    BadInput
        The folder cannot be written, or another run is publishing into it.
    """
    from filelock import FileLock, Timeout

    shown = project.relative(target)
    try:
        for folder in (target, build, project.path("reports", "_build")):
            folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
        lock = FileLock(build / "run.lock", timeout=0)
        lock.acquire()
    except Timeout:
        found, allowed = f"{shown}, in use by another run", "wait until it ends, or name another folder"
        raise BadInput("--out", found=found, allowed=allowed) from None
    except OSError as error:
        found, allowed = f"{shown} ({error.strerror or error})", "a folder that can be written"
        raise BadInput("--out", found=found, allowed=allowed) from None
    try:
        shutil.rmtree(build / "editions", ignore_errors=True)
        yield
    finally:
        shutil.rmtree(build / "editions", ignore_errors=True)
        lock.release()


def _publish_all(
    stale: Sequence[Edition], state: State, places: Workers, digests: dict[str, str], build: Path
) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """Execute what is missing; publish each edition as soon as its last notebook is there."""
    ended: dict[str, tuple[str, ...]] = {}
    with Progress(len(state.tasks) + len(stale)) as progress:

        def settle() -> None:
            for edition in stale:
                if edition.name in ended or not state.settled(edition.keys):
                    continue
                ended[edition.name] = state.reasons(edition.keys) or _publish(edition, state, build)
                ending = "failed" if ended[edition.name] else f"published in {project.relative(edition.folder)}"
                progress.step(f"{edition.name}: {ending}")

        finish(state, places, digests, progress, settle=settle)
    published = tuple(name for name, reasons in ended.items() if not reasons)
    return published, {name: reasons for name, reasons in ended.items() if reasons}


def _publish(edition: Edition, state: State, build: Path) -> tuple[str, ...]:
    """Publish; the reason if that failed."""
    try:
        edition.publish([state.done[key] for key in edition.keys], build)
    except RunFailed as error:
        return (str(error),)
    except OSError as error:
        return (f"{edition.name}: cannot be written to {project.relative(edition.folder)}: {error.strerror or error}",)
    return ()
