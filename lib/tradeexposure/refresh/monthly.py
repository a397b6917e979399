"""The monthly ritual: the next vintage made aside, the default edition on it, and one page to look at before the word.

Nothing that is in force or published changes here. ``tradeexposure refresh --accept NAME`` is the word, ``--drop NAME``
the other one.
"""

from __future__ import annotations

import ast
import json
import shutil
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path

from tradeexposure.core import files, paths, results_csv
from tradeexposure.core.errors import BadInput
from tradeexposure.data import edition_inputs, vintages
from tradeexposure.publishing import manifest
from tradeexposure.refresh import review
from tradeexposure.refresh.review import Rebuilt
from tradeexposure.refresh.run import Outcome, Say
from tradeexposure.runner import edition_places, pipeline
from tradeexposure.runner.plan import TaskResult

PLACE = ("reports", "_build", "monthly")
#: What a notebook says in place of stopping at a claim that no longer holds.
UNTRUE = "no longer true: "
CLAIMING = ("book.check", "book.rising", "claims.assert_claims")  # calls of a notebook by which it claims
COPIED = ("data", "lib", "notebooks", "reports/template")


def run(scenario: str, bring: Callable[[], Outcome], *, say: Say = print) -> Outcome:
    """Make the next vintage aside and write the page that says what it would change.

    Parameters
    ----------
    scenario : str
        The edition to rebuild; it is compared with the published one.
    bring : callable
        Sets the vintage aside: :func:`run.refresh` or :func:`own_file.bring` with its arguments.

    Raises
    ------
    BadInput
        No such scenario, or no published edition of it to compare with.
    """
    from tradeexposure.policy import scenarios

    scenarios.load(scenario)
    before = edition_places.default_target() / scenario
    if not manifest.read(before):
        found, allowed = f"{scenario}, which is not published", f"tradeexposure run {scenario}, then this again"
        raise BadInput("--review", found=found, allowed=allowed)
    outcome = bring()
    if outcome.name:
        page = paths.path(*PLACE, f"{outcome.name}.html")
        files.write(page, review.page(outcome, scenario, before, rebuild(outcome.name, scenario)))
        say(f"review page: {page.as_uri()}")
    return outcome


def rebuild(name: str, scenario: str) -> Rebuilt:
    """The edition of a scenario on the vintage `name`, as the notebooks are; what no longer holds is told.

    A claim that fails ends a notebook. Where a notebook is ended, all are run once more in a copy of the project in
    which each says what no longer holds and goes on, so that numbers and charts can be looked at all the same. A
    notebook that ends for another reason is named with it; the others' numbers and charts are there.
    """
    place = paths.path(*PLACE, name)
    shutil.rmtree(place, ignore_errors=True)
    with vintages.pinned(name):
        if not pipeline.run([scenario], out=place / "edition", languages=pipeline.ENGLISH).failed:
            return Rebuilt(place / "edition" / scenario, (), {})
        notebooks = {path.name: files.digest(path.read_bytes()) for path in paths.path("notebooks").glob("*.ipynb")}
        before = edition_places.default_target() / scenario
        project = _copy(place / "project", name)
        for path in (project / "notebooks").glob("*.ipynb"):
            _soften(path)
        with paths.variable(paths.ROOT_VARIABLE, str(project)):
            summary = pipeline.run([scenario])
            reached = summary.reached.get(scenario, ())
            folder = project / "reports" / "published" / scenario
            folder = _reached(project, scenario, before, reached) if summary.failed else folder
    missing = {Path(name).stem for name in notebooks} - {item.name for item in reached} if summary.failed else ()
    # What ran were notebooks that were let go on: the edition is one of the notebooks as they were written.
    record = json.loads((folder / manifest.NAME).read_text("utf-8"))
    record["inputs"] |= {f"notebooks/{name}": digest for name, digest in notebooks.items()}
    (folder / manifest.NAME).write_bytes(manifest.dump(record))
    return Rebuilt(folder, tuple(sorted(missing)), _untrue(folder), tuple(summary.failed.get(scenario, ())))


def _copy(project: Path, name: str) -> Path:
    """A copy of the project with the vintage `name`; results that are known already are shared."""
    others = {path.name for path in paths.path(*vintages.VINTAGES).glob("*")} - {name}
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info", ".ipynb_checkpoints", *others)
    for folder in COPIED:
        if paths.path(folder).is_dir():
            shutil.copytree(paths.path(folder), project / folder, ignore=ignored)
    lock = paths.path("requirements.lock")
    if lock.is_file():
        shutil.copy(lock, project)
    store = paths.path("reports", "_build", "store")
    store.mkdir(parents=True, exist_ok=True)
    (project / "reports" / "_build").mkdir(parents=True)
    (project / "reports" / "_build" / "store").symlink_to(store, target_is_directory=True)
    return project


def _soften(path: Path) -> None:
    """Let a notebook say which of its assertions fail and go on."""
    content = json.loads(path.read_text("utf-8"))
    for cell in content["cells"]:
        if cell["cell_type"] == "code":
            cell["source"] = softened("".join(cell["source"]))
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")


def softened(source: str) -> str:
    """`source` with each assertion and claim at its top level printed where it fails, in place of ending there."""
    lines = source.splitlines()
    for node in reversed(ast.parse(source).body):
        if isinstance(node, ast.Assert) or ast.unparse(node).partition("(")[0] in CLAIMING:
            typed = lines[node.lineno - 1 : node.end_lineno]
            sentence = " ".join(" ".join(typed).split())  # of an assertion, which says nothing itself
            shown = f"({UNTRUE!r} + line for line in str(error).splitlines()[1:] or [{sentence!r}])"
            body = textwrap.indent("\n".join(typed), "    ").splitlines()
            printing = f"    print(*{shown}, sep='\\n')"
            lines[node.lineno - 1 : node.end_lineno] = ["try:", *body, "except AssertionError as error:", printing]
    return "\n".join(lines)


def _untrue(folder: Path) -> dict[str, tuple[str, ...]]:
    """Claims that executed notebooks said no longer hold."""
    claims = {}
    for path in sorted(folder.glob("*.ipynb")):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        printed = [
            line.removeprefix(UNTRUE)
            for cell in cells
            for output in cell.get("outputs", ())
            for line in "".join(output.get("text", "")).splitlines()
            if line.startswith(UNTRUE)
        ]
        if printed:
            claims[path.stem] = tuple(printed)
    return claims


def _reached(project: Path, scenario: str, before: Path, executed: Sequence[TaskResult]) -> Path:
    """An edition that could not be finished, as far as it came.

    The numbers of the notebooks that ran stand under the manifest of the edition before, with what they rest on now.
    """
    folder = project / "reached"
    folder.mkdir()
    for place in ("estimates", scenario):
        for path in sorted((project / "reports" / "_build" / "failed" / place).glob("*.ipynb")):
            shutil.copy(path, folder)
    for item in executed:
        (folder / f"{item.name}.ipynb").write_text(item.notebook, "utf-8")
        for name, text in json.loads(item.tables).items():
            files.write(folder / f"{name}.csv", text)
    rows = [row for item in executed for row in json.loads(item.numbers)]
    text = results_csv.text(results_csv.frame_of(rows))
    (folder / manifest.RESULTS).write_text(text, "utf-8", newline="")
    known = manifest.read(before)
    inputs = {path: digest for path, digest in known["inputs"].items() if not path.startswith("data/")}
    groups = edition_inputs.inputs(paths.root())
    inputs |= {path: digest for group in groups.values() for path, digest in group.items() if path.startswith("data/")}
    outputs = {path.name: files.digest(path.read_bytes()) for path in sorted(folder.iterdir())}
    (folder / manifest.NAME).write_bytes(manifest.dump({**known, "inputs": inputs, "outputs": outputs}))
    return folder
