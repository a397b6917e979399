"""What is wrong with the project as it lies there, and what to type next."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from tradeexposure.core import files, paths, published_rows, reading, text
from tradeexposure.core.errors import BadInput
from tradeexposure.data import edition_inputs, frozen_forecasts, result_words, vintages
from tradeexposure.data import tables as data_tables
from tradeexposure.publishing import edition_index, manifest, plain_words
from tradeexposure.runner import edition_places, notebook_rules, notebook_task, notebooks, scaffolds, task_keys
from tradeexposure.runner.kernels import environment_key, undeclared_reads

OF_A_VINTAGE = re.compile(rf"{'/'.join(vintages.VINTAGES)}/([^/]+)/")
OF_EACH_VINTAGE = tuple(
    f"data/{name}" for name in (*data_tables.GENERATED, "datapackage.json", vintages.MARK, "forecasts/")
)
TABLES = "data/tables/"
SHARED_NAMES = ("lib/", "data/results/")  # folders of whose files others bear the name too
CHECKED = ("reports", "_build", "inputs.checked")


@dataclass
class Findings:
    """Problems (one line each: what, and what to do) and notes on what was looked at."""

    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def collect(self, part: Callable[[], list[str]], summary: str) -> None:
        """Run one part; bad input it stumbles over is a problem like those it returns."""
        try:
            faults = part()
        except BadInput as error:
            faults = [str(error)]
        self.problems = list(dict.fromkeys([*self.problems, *faults]))
        if not faults:
            self.notes.append(f"{summary}: fine")

    def note(self, part: Callable[[], list[str]]) -> None:
        """What one part tells as notes; bad input it stumbles over is told as a problem."""
        with contextlib.suppress(BadInput):
            self.notes += part()


def everything() -> Findings:
    """Check tables, outlines, facts, priors, scenarios, grids, notebooks, French, words and published reports."""
    findings = Findings()
    findings.collect(tables, "data")
    findings.collect(maps, "outlines")
    findings.collect(forecasts, "frozen forecasts")
    findings.collect(policy_files, "parameters, priors, windows, scenarios and grids")
    findings.collect(notebook_rules.notebooks_check, "notebooks")
    findings.collect(drafts, "what was begun with 'tradeexposure new'")
    findings.collect(words_of_results, "words of results")
    findings.collect(messages, "files of French messages")
    findings.collect(plain_words.message_faults, "plain words in both languages")
    findings.collect(reports, "reports")
    findings.notes += own_editions()
    findings.note(without_own_data)
    findings.notes += not_tabulated()
    findings.note(set_duties)
    findings.note(unread_priors)
    findings.notes += neutral_sentences()
    findings.note(drafted_words)
    findings.notes += debts()
    findings.note(days_to_come)
    return findings


def tables() -> list[str]:
    """Problems of the tables, cell by cell where one changed."""
    from tradeexposure import data
    from tradeexposure.data import table_changes

    return data.validate(changed=table_changes.changes_in_words)


def maps() -> list[str]:
    """The first of what is wrong with outlines for maps, and with the rows that are drawn by them."""
    from tradeexposure import data
    from tradeexposure.data import geography

    for name in geography.outline_files():
        geography.outlines(name)
    geography.canola_subdivisions(data.load(geography.CANOLA_TABLE))
    return []


def forecasts() -> list[str]:
    """Forecasts of earlier editions that were edited, or are not those that an edition in place was published with."""
    known = {frozen_forecasts.where(name): digest for name, digest in frozen_forecasts.digests().items()}
    frozen_forecasts.earlier()
    return [
        f"{path}: not as {paths.relative(folder)} was published with; type: tradeexposure run {folder.name}"
        for folder in _editions()
        for path, digest in manifest.read(folder).get("forecasts", {}).items()
        if known.get(path) != digest
    ]


def policy_files() -> list[str]:
    """Problems of the policy facts, the priors, windows and baselines, the scenarios and the grids of scenarios."""
    from tradeexposure.policy import assumptions, scenario_grids, scenarios, studies, tariff_schedule

    if of_facts := tariff_schedule.problems():
        return of_facts  # every scenario rests on them
    assumptions.load()
    studies.baselines()
    return [*scenarios.problems(), *scenario_grids.problems()]


def set_duties() -> list[str]:
    """What the rates that scenarios set add up to, and which changes are not in force on their day or move nothing."""
    from tradeexposure.policy import duty_tables, scenarios

    chosen = [scenarios.load(name) for name in scenarios.names()]
    unread = (line for scenario in chosen for line in duty_tables.unread(scenario))
    totals = (line for scenario in chosen for line in duty_tables.totals(scenario))
    return [*totals, *duty_tables.remarks(chosen), *unread]


def days_to_come() -> list[str]:
    """Measures that pages charge before their day, or not although it has come: told as notes."""
    from tradeexposure.policy import tariff_schedule

    return tariff_schedule.to_come(date.today())


def unread_priors() -> list[str]:
    """Priors that move nothing: told as notes."""
    from tradeexposure.policy import assumptions

    return assumptions.unread()


def drafts() -> list[str]:
    """What is left to write in scenarios, policy facts, notebooks and tables that were begun."""
    from tradeexposure.policy import blank_files

    return [*blank_files.drafts(), *scaffolds.unwritten()]


def words_of_results() -> list[str]:
    """Patterns and names of ``data/results`` that no number needs, and labels that two numbers share."""
    from tradeexposure.core import results_csv

    problems, there = [], {notebook.name: notebook for notebook in notebooks.discover()}
    for name in result_words.names():
        wording, notebook = result_words.of(name), there.get(name)
        if wording is None or notebook is None:
            where = f"{'/'.join(result_words.FOLDER)}/{name}.yml"
            problems.append(str(BadInput(where, found="no such notebook", allowed=", ".join(there))))
            continue
        rows = published_rows.numbers_of(notebook.content)
        if not rows:  # it stopped before its end, which is told of the notebook
            continue
        problems += [str(fault) for fault in wording.alike(row for row in rows if result_words.FILLS in row)]
        if notebook.depends_on_scenario:
            every = results_csv.read(paths.path("reports", "scenarios.csv"))
            rows += [{"result_id": key} for key in every.loc[every["notebook"] == name, "result_id"].unique()]
        problems += [str(fault) for fault in wording.unused(rows)]
    return problems


def drafted_words() -> list[str]:
    """Notebooks whose cells say the words of their numbers: right as they are, and told as what is left to do."""
    published = ((each.name, published_rows.numbers_of(each.content)) for each in notebooks.discover())
    return [
        f"notebooks/{name}.ipynb: words of {len(rows)} numbers stand in cells, and belong in data/results/{name}.yml"
        for name, rows in published
        if rows and name not in result_words.names()
    ]


def debts() -> list[str]:
    """What scenarios, notebooks, facts and tables of one's own lack that shipped ones have, and how many texts (a place
    that is new in a later vintage) pages of the project have in English alone: told as notes.
    """
    from tradeexposure.publishing.languages import catalogues, markup

    changelog = paths.path("CHANGELOG.md")
    changes = changelog.read_text("utf-8") if changelog.is_file() else ""
    return [
        catalogues.lacks_french(path, count)
        + ("; no picture" if path.suffix == ".ipynb" else "")
        + ("" if path.stem in changes else "; not in CHANGELOG.md")
        for path, count in catalogues.private_texts().items()
    ] + [
        f"{paths.relative(folder)}: texts without French on its pages: {count}; see docs/how-to/translate.md"
        for folder in _editions()
        if not edition_index.is_private(folder.parent) and (count := markup.untranslated([folder]))
    ]


def messages() -> list[str]:
    """Catalogues of French messages that cannot be read, without which pages stay English."""
    from tradeexposure.publishing.languages import catalogues

    problems = []
    for domain in catalogues.DOMAINS:
        try:
            catalogues.read(domain)
        except BadInput as error:
            problems.append(str(error))
    return problems


def reports() -> list[str]:
    """Editions and pages over them with missing or altered files, and an index that does not list an edition."""
    from tradeexposure.policy import scenarios

    names = scenarios.names()
    places = (paths.path(*place) for place in (edition_index.PUBLISHED, edition_index.PRIVATE))
    return [problem for place in places for problem in _below(place, names)]


def _below(place: Path, names: Sequence[str]) -> list[str]:
    """What is wrong with the editions of a folder and the pages over them; `names` are all scenarios."""
    folders = [path for path in sorted(place.glob("*")) if path.is_dir() and path.name != edition_places.BUILD]
    index, private = edition_index.index_path(place), edition_index.is_private(place)
    if private and not folders:
        where = paths.relative(place)
        return [f"{where}: no edition is left; type: rm -r {where}"] if place.is_dir() else []
    problems = [problem for folder in folders for problem in _edition(folder, gone=folder.name not in names)]
    there = (path.name for path in _editions() if path.parent == place.resolve())
    again = f"type: tradeexposure run {next(there, 'SCENARIO')}"
    over = edition_index.altered(place)
    problems += [f"{paths.relative(path)}: missing, altered or foreign; {again}" for path in over]
    if private and edition_index.is_outdated(place):
        problems.append(f"{paths.relative(index)}: older than the editions that it shows; {again}")
    listed = reading.text(index) if index.exists() else ""
    links = {folder.name: f"{Path(os.path.relpath(folder, index.parent)).as_posix()}/" for folder in folders}
    unlisted = [name for name, link in links.items() if name in names and link not in listed]
    if unlisted:
        command = f"rm -r {paths.relative(place / unlisted[0])}; tradeexposure run {unlisted[0]}"
        problems.append(f"{paths.relative(index)}: does not list {', '.join(unlisted)}; type: {command}")
    return problems


def own_editions() -> list[str]:
    """Published scenarios of the user's own, which no page of the project shows: told as a note."""
    place = paths.path(*edition_index.PRIVATE)
    names = sorted(path.parent.name for path in place.glob(f"*/{manifest.NAME}"))
    where = paths.relative(edition_index.index_path(place))
    return [f"{where}: your own, in no page of the project and ignored by git: {', '.join(names)}"] if names else []


def not_tabulated() -> list[str]:
    """Published scenarios that the table of every scenario's numbers was made without."""
    from tradeexposure.core import results_csv

    table = paths.path("reports", "scenarios.csv")
    if not table.is_file():
        return []
    there = set(results_csv.read(table)["scenario"])
    names = sorted({folder.name for folder in _editions() if not edition_index.is_private(folder.parent)} - there)
    again = f"type: tradeexposure outputs {next(each.name for each in notebooks.discover() if each.tabulates)}"
    return [f"{paths.relative(table)}: made without {text.some(names)}, which is published; {again}"] if names else []


def neutral_sentences() -> list[str]:
    """What published editions of the user's own scenarios do not say of them, and say in its place."""
    return [f"{paths.relative(folder)}: {line}" for folder in _editions() for line in manifest.neutral(folder)]


def _editions() -> list[Path]:
    """Folders of the published editions whose scenario is there, by their names."""
    from tradeexposure.policy import scenarios

    there = scenarios.names()
    folders = (edition_index.folder_of(name) for name in there)
    return sorted(folder for folder in folders if (folder / manifest.NAME).is_file())


def _moved(folder: Path, then: Mapping[str, str]) -> list[str]:
    """What an edition's inputs (path → digest) no longer are: a line per group, its tables and modules named.

    Of another vintage those tables are named whose bytes are others, wherever each vintage has them.
    A scenario written since then makes nothing in the edition untrue; what of the user's own an edition of the project
    was made without is told as a note, by :func:`without_own_data`.
    """
    groups = edition_inputs.inputs(paths.root())
    groups["notebooks"] = {
        path: item.digest
        for item in notebooks.discover()
        if (path := f"notebooks/{item.path.name}") in then or not item.marks.private
    }
    groups["scenarios"] = {path: digest for path, digest in groups["scenarios"].items() if path in then}
    owner = {path: group for group, digests in groups.items() for path in digests}
    now = {path: digest for digests in groups.values() for path, digest in digests.items()}
    changed: dict[str, list[str]] = {}
    if (before := _vintage(then)) != (after := _vintage(now)):
        changed["data"] = [f"vintage {before} (now {after})"]
        then, now = _without_vintage(then), _without_vintage(now)
    apart = {} if edition_index.is_private(folder.parent) else _own_data()
    now = {path: digest for path, digest in now.items() if apart.get(path) != "" or path in then}
    now |= {path: digest for path, digest in apart.items() if digest and then.get(path) == digest}
    for path in sorted({*then, *now}, key=lambda path: (not path.startswith(TABLES), path)):
        if then.get(path) != now.get(path):
            named = path.removeprefix("lib/tradeexposure/") if path.startswith(SHARED_NAMES) else Path(path).stem
            changed.setdefault(owner.get(path, path.partition("/")[0]), []).append(named)
    return [f"{group}: {text.some(names)}" for group, names in changed.items()]


def _own_data() -> dict[str, str]:
    """Files of tables and facts of the user's own, without a digest; the descriptor, with its digest without them."""
    from tradeexposure.publishing.languages import catalogues

    names, descriptor = data_tables.own()
    facts = (paths.relative(path) for path in catalogues.private_texts() if path.parent.name == "parameters")
    described = {f"data/{'/'.join(data_tables.PACKAGE[1:])}": files.digest(descriptor)} if names else {}
    return dict.fromkeys([*(f"{TABLES}{name}.csv" for name in names), *facts], "") | described


def without_own_data() -> list[str]:
    """Editions of the project that tables and facts of the user's own are not in: told as a note."""
    own = [path for path, digest in _own_data().items() if not digest]
    editions = [folder for folder in _editions() if not edition_index.is_private(folder.parent)]
    lacking = {folder: [Path(path).stem for path in own if path not in manifest.read(folder)["inputs"]]
               for folder in editions}  # fmt: skip
    allowed = "editions of your own scenarios have them"
    return [f"{paths.relative(folder)}: made without your own {text.some(names)}; {allowed}"
            for folder, names in lacking.items() if names]  # fmt: skip


def refuse_own_data() -> None:
    """:class:`BadInput` where an edition of the project would be made with tables or facts of the user's own."""
    if own := [Path(path).stem for path, digest in _own_data().items() if not digest]:
        allowed = "--out FOLDER, a scenario of your own, or `private` taken out of what is to be shared"
        raise BadInput(
            "reports/published", found=f"your own {text.some(own)}, which no page of the project has", allowed=allowed
        )


def _vintage(digests: Iterable[str]) -> str:
    """The vintage that files belong to."""
    return next((match[1] for path in digests if (match := OF_A_VINTAGE.match(path))), vintages.SHIPPED)


def _without_vintage(digests: Mapping[str, str]) -> dict[str, str]:
    """Inputs by the places that the shipped vintage has them in, without what is another in every vintage."""
    placed = {OF_A_VINTAGE.sub("data/", path): digest for path, digest in digests.items()}
    return {path: digest for path, digest in placed.items() if not path.startswith(OF_EACH_VINTAGE)}


def _edition(folder: Path, *, gone: bool) -> list[str]:
    where = paths.relative(folder)
    record = manifest.read(folder)
    if not record:
        return [f"{where}: no readable {manifest.NAME}; type: rm -r {where}; tradeexposure run {folder.name}"]
    if gone:
        return [f"{where}: its scenario is gone; to delete the edition type: rm -r {where}"]
    if folder.parent.resolve() != edition_index.folder_of(folder.name).parent:
        return [f"{where}: its scenario is your own, whose edition is in reports/private; type: rm -r {where}"]
    again = f"type: tradeexposure run {folder.name}"
    problems = [f"{where}/{name}: missing, altered or foreign; {again}" for name in manifest.altered(folder, record)]
    problems += [f"{where}: made from other {what}; {again}" for what in _moved(folder, record["inputs"])]
    wanted = {notebook.name for notebook in notebooks.discover() if not (notebook.tabulates or notebook.marks.private)}
    missing = sorted(name for name in wanted if f"{name}.html" not in record["outputs"])
    return problems + [f"{where}: no page for {name}; {again}" for name in missing]


def validate_inputs(project_notebooks: Sequence[notebooks.Notebook]) -> None:
    """Load tables, facts and words of results and look for every kernel, as the notebooks will; look at what they ask.

    What was in order with the same files, notebooks, Python and packages is not looked at again.
    """
    from tradeexposure import data
    from tradeexposure.policy import studies, tariff_schedule
    from tradeexposure.publishing import template_files

    frozen_forecasts.digests()
    studies.baselines()
    tariff_schedule.all_measures()
    _check_kernels(project_notebooks)
    own = [[notebook.name, files.digest_of_file(notebook.path)] for notebook in project_notebooks]
    groups = edition_inputs.folder_digests(paths.root(), (*notebook_task.PLANNED, "template"))
    of, path = files.digest_of([groups, environment_key.python(), own]), paths.path(*CHECKED)
    if files.kept(path, of) is not None:
        return
    for name in data.names():
        data.load(name)
    maps()
    for name in result_words.names():
        result_words.of(name)
    template_files.check()
    for notebook in project_notebooks:
        notebooks.check_format(notebook)
    undeclared_reads.check(code_of(project_notebooks))
    files.keep(path, of, "")


def code_of(project_notebooks: Iterable[notebooks.Notebook]) -> Iterator[tuple[str, str, str]]:
    """File, cell or module, and text of all code that notebooks run and that is no loader."""
    known, imported = task_keys.of_project(), set[str]()
    for notebook in project_notebooks:
        imported |= {*known.modules(notebook)}
        for number, cell in enumerate(notebook.content["cells"], start=1):
            if cell.get("cell_type") == "code":
                yield paths.relative(notebook.path), f"cell {number}", notebooks.source(cell)
    for name in sorted(imported):
        if not undeclared_reads.is_loader(name):
            path = known.tree.folder / known.tree.modules[name]
            yield paths.relative(path), name, path.read_text("utf-8", "replace")


def _check_kernels(project_notebooks: Sequence[notebooks.Notebook]) -> None:
    os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")
    notebook_task.forget_personal_settings()
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    from jupyter_core.paths import jupyter_path

    manager = KernelSpecManager(kernel_dirs=jupyter_path("kernels"))  # without IPython's own, which it would make
    for notebook in project_notebooks:
        try:
            manager.get_kernel_spec(notebook.kernel)
        except (NoSuchKernel, ValueError):
            where = paths.relative(notebook.path)
            allowed = ", ".join(sorted(manager.find_kernel_specs())) or "python3, which comes with ipykernel"
            raise BadInput(where, "kernelspec", found=f"no kernel {notebook.kernel!r}", allowed=allowed) from None
