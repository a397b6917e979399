"""An edition: one scenario's executed notebooks, pages, numbers and manifest, published whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tradeexposure.core import files as core_files
from tradeexposure.core import paths, published_rows
from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.data import frozen_forecasts
from tradeexposure.publishing import edition_index, manifest
from tradeexposure.publishing.manifest import CARD, RESULTS, WORKBOOK, Inputs
from tradeexposure.runner import edition_places, notebooks
from tradeexposure.runner.page_jobs import Sheet
from tradeexposure.runner.plan import NO_NUMBERS, Task, TaskResult

if TYPE_CHECKING:
    import pandas as pd

HEADLINES_UNLESS_NAMED = 3
GROUPS = ("code", "data", "lock", "template")
PAGES_ALONE = ("template", "digest")  # of an edition's sources: what no notebook reads, and the digest over them all
SCENARIO_FILE = "data/scenarios/{}.yml"
NONE = "none"  # of the data's vintages, as a page says it


@dataclass(frozen=True)
class EditionDraft:
    """An edition without its pages: `files` by name, its manifest, and its forecasts."""

    files: dict[str, bytes]
    record: dict[str, Any]
    frozen: frozen_forecasts.Frozen


@dataclass(frozen=True)
class Edition:
    """What one run publishes for one scenario."""

    scenario: Any  #: The scenario, as ``scenario.load`` gives it.
    folder: Path  #: Where it is published.
    tasks: tuple[Task, ...]  #: All that must be done for it.
    inputs: Inputs  #: What else it depends on.
    #: Of a scenario that has no file, as JSON; it has pages of the notebooks that depend on it alone.
    definition: str = ""
    languages: tuple[str, ...] = manifest.LANGUAGES

    @cached_property
    def paged(self) -> list[Task]:
        """Tasks of its pages; of a notebook that tabulates none is made."""
        return [task for task in self.tasks if (task.scenario if self.definition else not task.notebook.tabulates)]

    @cached_property
    def sources(self) -> list[notebooks.Notebook]:
        """The notebooks of its pages, as committed."""
        return [task.notebook for task in self.paged]

    @property
    def made_of(self) -> list[notebooks.Notebook]:
        """The notebooks that its numbers come from, those without a page too."""
        return self.sources if self.definition else [task.notebook for task in self.tasks]

    @property
    def name(self) -> str:
        """Of the scenario."""
        return str(self.scenario.name)

    def refuse_foreign(self) -> None:
        """:class:`BadInput` if a file, a link or something that is no edition is there: publishing would replace it."""
        if self.folder.is_symlink() or (os.path.lexists(self.folder) and not self.folder.is_dir()):
            what = "a link" if self.folder.is_symlink() else "a file"
            place = f"{paths.relative(self.folder.parent)}/{self.folder.name}, which is {what}"
            raise BadInput("--out", found=place, allowed="another folder, or move it away")
        if self.folder.is_dir() and any(self.folder.iterdir()) and not (self.folder / manifest.NAME).is_file():
            shown = paths.relative(self.folder)
            raise BadInput("--out", found=f"{shown}, which holds something else", allowed="another folder")

    @property
    def links(self) -> dict[str, str]:
        """From a page to what stands over the editions: their list, the tracker of measures."""
        above = self.folder.parent
        over = {"index": edition_index.index_path(above), "measures": edition_index.page_path(above, "measures")}
        return {name: Path(os.path.relpath(page, self.folder)).as_posix() for name, page in over.items()}

    @property
    def scenario_files(self) -> Mapping[str, str]:
        """Its own file, and all of the project once a notebook may compare several; beside one's own what it names, or
        all there are once a notebook of one's own may ask for any.
        """
        files = self.inputs.scenario_files(self.name, self.scenario.against, self.scenario.also_against or "")
        if any(notebook.marks.private for notebook in self.sources):
            files = dict(self.inputs.groups["scenarios"])
        if any(notebook.depends_on_scenario or notebook.marks.compares for notebook in self.sources):
            return files
        return {path: digest for path, digest in files.items() if Path(path).stem == self.name}

    def source(self) -> dict[str, Any]:
        """Digests of all the edition is made from, and one over them all."""
        parts: dict[str, Any] = {group: self.inputs.digests[group] for group in GROUPS}
        parts["scenarios"] = core_files.digest_of(self.scenario_files)
        parts["notebooks"] = {notebook.name: notebook.digest for notebook in self.made_of}
        return {**parts, "digest": core_files.digest_of([self.name, [task.key for task in self.paged], parts])}

    def is_printed(self) -> bool:
        """Whether the brief of the edition in place was printed; a new edition has no print until it is asked for."""
        return any((self.folder / name).is_file() for name in manifest.PRINTED_IN.values())

    def is_current(self) -> bool:
        """True if the published folder is whole, unaltered, and made from exactly these sources."""
        there = manifest.read(self.folder)
        if not there or there["source"] != self.source() or there.get("lacking"):
            return False
        languages = tuple(there.get("languages", (manifest.ENGLISH,)))
        if languages != self.languages or manifest.altered(self.folder, there):
            return False
        frozen = self._frozen(lambda: manifest.numbers(self.folder))
        return not frozen.content and frozen.noted == there.get("forecasts", {})

    def reads_changed(self) -> bool:
        """Whether notebooks are likely to run for it: what they can read is not as in the published one."""
        there = manifest.read(self.folder).get("source", {})
        return any(there.get(part) != now for part, now in self.source().items() if part not in PAGES_ALONE)

    def draft(self, executed: Sequence[TaskResult], *, lacking: Sequence[str] = ()) -> EditionDraft:
        """The edition without its pages, which any worker can make meanwhile.

        Parameters
        ----------
        executed : sequence of TaskResult
            Its notebooks, in the order of `sources`.
        lacking : sequence of str
            Scenarios that failed and are missing where it sets scenarios side by side.

        Raises
        ------
        RunFailed
            A notebook published no numbers, or two published the same one or a table of the same name.
        OSError
            An executed notebook cannot be read.
        """
        import pandas as pd

        from tradeexposure.core import results_csv
        from tradeexposure.publishing.provenance import structured_data

        if silent := [item.name for item in executed if item.numbers == NO_NUMBERS]:
            raise RunFailed(f"notebooks/{silent[0]}.ipynb: {results_csv.NOTHING}")
        frames = {item.name: _decoded(item.numbers)[0] for item in executed}
        texts = {item.name: item.notebook for item in executed}
        files = {f"{name}.ipynb": text.encode() for name, text in texts.items()}
        files[RESULTS] = _csv(executed)
        shown = pd.concat(frames.values(), ignore_index=True)
        used = [self._used(notebook, done) for notebook, done in zip(self.sources, executed, strict=True)]
        sources = _described(
            tuple(sorted({name for part in used for name in part["name"]})), self.inputs.digests["data"]
        )
        record = self._manifest(executed, frames, shown, sources) | ({"lacking": list(lacking)} if lacking else {})
        neutral = {name: sentences for name, text in texts.items() if (sentences := published_rows.neutral_of(text))}
        frozen = self._frozen(lambda: shown)
        record |= ({"neutral": neutral} if neutral else {}) | ({"forecasts": frozen.noted} if frozen.noted else {})
        files[WORKBOOK] = self._workbook(shown, sources)
        files |= self._card(texts[self.sources[-1].name], record["vintages"].values()) | _tables(executed)
        files |= {} if self.definition else structured_data.described(record, texts, shown, files)
        return EditionDraft(files, record, frozen)

    def sheet(self, task: Task, executed: TaskResult) -> Sheet:
        """What the page of a task is made from.

        Raises
        ------
        RunFailed, OSError
            As :meth:`draft` does.
        """
        from tradeexposure.policy import duty_tables

        notebook, last = task.notebook, self.sources[-1].name  # the duties of the scenario stand there, once
        duties = (
            {"facts_page": f"{last}.html"} if notebook.name != last else {"facts": duty_tables.table(self.scenario)}
        )
        card = {} if self.definition else {"card": CARD}  # taken off once it is known that it has none
        shown = {**self._stamp, **card, "vintages": NONE, **self.links, **duties, "notebook": notebook.name}
        made_of = self._used(notebook, executed), _decoded(executed.numbers)[0], self.inputs.digests, self.languages
        return Sheet(executed.notebook, shown, *made_of, keeps=not _own(notebook))

    def page_key(self, task: Task) -> str:
        """Name of a page in a run; editions whose page of a notebook is the same share it."""
        stated, last = [name for name, value in self._stamp.items() if value], self.sources[-1].name
        duties = self.name if task.notebook.name == last else last  # whose they are, or where they stand
        return core_files.digest_of([task.key, self.links, duties, stated])

    def publish(self, draft: EditionDraft, pages: Mapping[str, Mapping[str, str]]) -> None:
        """Put the edition together aside and rename it into place; a file that stays the same keeps its date.

        One in place with the same sources and numbers is left as it is, on whichever Python it was made.

        Parameters
        ----------
        draft : EditionDraft
            From :meth:`draft`.
        pages : mapping
            Notebook → its page in its languages without stamp, from :func:`page_jobs.pages_of`.

        Raises
        ------
        OSError
            The disk is full or the folder cannot be written.
        """
        from tradeexposure.publishing import page

        stamp = {**self._stamp, "vintages": draft.record["vintages"] or NONE, "card": CARD in draft.files}
        written = {manifest.address(f"{name}.html", language): text.encode() for name, unstamped in pages.items()
                   for language, text in page.stamped(unstamped, stamp).items()}  # fmt: skip
        files = {**draft.files, **written}
        record = {**draft.record, "outputs": {name: core_files.digest(content) for name, content in files.items()}}
        old = manifest.read(self.folder)
        if old and _computed(old) == _computed(record) and not manifest.altered(self.folder, old):
            return frozen_forecasts.write(draft.frozen)
        with edition_places.replacing(self.folder) as staged:
            for name, content in files.items():
                old_file = self.folder / name
                if old_file.is_file() and old_file.read_bytes() == content:
                    shutil.copy2(old_file, staged / name)
                else:
                    (staged / name).write_bytes(content)
            record[manifest.RUN] = {**record[manifest.RUN], "since": self._since(record, staged)}
            (staged / manifest.NAME).write_bytes(manifest.dump(record))
        return frozen_forecasts.write(draft.frozen)

    def _frozen(self, numbers: Callable[[], pd.DataFrame]) -> frozen_forecasts.Frozen:
        """The forecasts of its vintage, once and by this edition alone; a point of a grid has none."""
        return frozen_forecasts.of_edition("" if self.definition else self.name, self.folder, numbers)

    def _since(self, record: Mapping[str, Any], staged: Path) -> dict[str, Any] | None:
        """What changed since the edition before: the committed one, else the one in place.

        One of the same sources or of the same numbers is the same edition to a reader, and is told of as it was then.
        None without one before, or where the two cannot be compared; only an edition with a notebook for the front page
        is asked.
        """
        from tradeexposure.publishing import edition_comparison

        if not record["compares"]:
            return None
        (staged / manifest.NAME).write_bytes(manifest.dump(record))
        with manifest.committed(self.folder) as committed, contextlib.suppress(BadInput):
            for before in filter(None, (self.folder, committed)):
                there = manifest.read(before)
                if there and there["source"] == record["source"]:
                    return there[manifest.RUN].get("since")
            before = committed or self.folder
            there = manifest.read(before)
            changes = edition_comparison.since(before, staged) if there else None
            same = changes and not any(changes["counts"][kind] for kind in edition_comparison.KINDS)
            return there[manifest.RUN].get("since") if same else changes
        return None

    def _card(self, last: str, vintages: Iterable[str]) -> dict[str, bytes]:
        """The picture that stands for the edition, by language; points of a grid have none, there may be thousands."""
        if self.definition:
            return {}
        from nbformat import v4

        from tradeexposure.publishing.languages import pages as translation
        from tradeexposure.publishing.reuse import citing

        notebook, source = v4.reads(last), citing.computed(self.name, vintages)
        translators = {manifest.ENGLISH: None, manifest.FRENCH: translation.translator().text}
        drawn = {manifest.CARD_IN[language]: citing.card(notebook, source, translate=translators[language])
                 for language in self.languages}  # fmt: skip
        return {name: picture for name, picture in drawn.items() if picture}

    def _used(self, notebook: notebooks.Notebook, executed: TaskResult) -> pd.DataFrame:
        """Where the tables come from that a notebook used."""
        from tradeexposure import data

        used = notebooks.tables_of(notebook, _decoded(executed.numbers)[0], data.names())
        return _described(tuple(sorted(used)), self.inputs.digests["data"])

    def _workbook(self, results: pd.DataFrame, sources: pd.DataFrame) -> bytes:
        from tradeexposure.policy import scenarios
        from tradeexposure.publishing.reuse import workbook

        files, named = self.scenario_files, (self.scenario.against, self.scenario.also_against)
        spoken_of = [name for name in named if name and SCENARIO_FILE.format(name) in files]
        if any(notebook.marks.compares for notebook in self.sources):  # a sweep has thousands that it does not speak of
            spoken_of = sorted({Path(path).stem for path in files})
        beside = (scenarios.load(name) for name in spoken_of if name != self.name)
        return workbook.content(results, edition=self.name, scenarios=[self.scenario, *beside], sources=sources)

    @cached_property
    def _stamp(self) -> dict[str, Any]:
        """All of the manifest that is known before a notebook runs; shown on the pages too."""
        old, source = manifest.read(self.folder), self.source()
        # The commit of the edition in place where its sources are these, so that what comes out the same stays.
        commit = str(old["commit"]) if old and old["source"] == source else self.inputs.commit
        return {
            "scenario": self.name,
            "title": self.scenario.title,
            "question": self.scenario.question,
            "source": source,
            "commit": commit,
            "parameters": {
                task.notebook.name: notebooks.effective_parameters(task.notebook, task.parameters)
                for task in self.paged
            },
            "packages": self.inputs.packages,
        }

    def _manifest(
        self,
        executed: Sequence[TaskResult],
        frames: Mapping[str, pd.DataFrame],
        shown: pd.DataFrame,
        sources: pd.DataFrame,
    ) -> dict[str, Any]:
        """The manifest without the digests of what is published, which is `shown`, from the tables `sources`."""
        inputs = dict(self.scenario_files)
        for group in GROUPS:
            inputs |= self.inputs.groups[group]
        inputs |= {f"notebooks/{notebook.path.name}": notebook.digest for notebook in self.made_of}
        return {
            **self._stamp,
            "vintages": dict(zip(sources["name"], sources["vintage"].astype(str), strict=True)),
            **({"definition": json.loads(self.definition)} if self.definition else {}),
            "inputs": inputs,
            "named": self.inputs.named,
            "outputs": {},
            "tolerances": dict(zip(shown["result_id"], shown["tolerance"], strict=True)),
            "digits": dict(zip(shown["result_id"], shown["digits"].astype(int).tolist(), strict=True)),
            "headline": [key for notebook in self.sources for key in headline(notebook, frames[notebook.name])],
            "pages": [{"file": f"{notebook.name}.html", "title": notebook.title} for notebook in self.sources],
            "languages": list(self.languages),
            "compares": [notebook.name for notebook in self.sources if notebook.marks.compares],
            manifest.RUN: {
                "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                "seconds": {item.name: item.seconds for item in executed},
                "reused": [item.name for item in executed if item.reused],
            },
        }


def _computed(record: Mapping[str, Any]) -> dict[str, Any]:
    """A manifest without its run, the versions it was made with, and the digests of files that tell of these."""
    outputs = {name: digest if name.endswith((".ipynb", ".csv")) else "" for name, digest in record["outputs"].items()}
    return {**record, **dict.fromkeys((manifest.RUN, "packages")), "outputs": outputs}


def _own(notebook: notebooks.Notebook) -> bool:
    """Whether a page of it is of one edition alone."""
    return notebook.depends_on_scenario or notebook.marks.compares


@lru_cache(maxsize=32)
def _decoded(numbers: str) -> tuple[pd.DataFrame, str]:
    """Published rows as a frame and in CSV, once for all scenarios of the same estimates; never change it."""
    from tradeexposure.core import results_csv

    frame = results_csv.frame_of(json.loads(numbers))
    return frame, results_csv.text(frame)


@lru_cache(maxsize=64)
def _described(tables: tuple[str, ...], data: str) -> pd.DataFrame:
    """Where tables come from, once for the `data` (digest) of a run; never change it."""
    from tradeexposure import data as described

    return described.sources(tables)


def _tables(executed: Sequence[TaskResult]) -> dict[str, bytes]:
    """Tables that notebooks hand over, by file name."""
    contents: dict[str, bytes] = {}
    for item in executed:
        for name, text in json.loads(item.tables).items():
            if f"{name}.csv" in {RESULTS, *contents}:
                raise RunFailed(f"notebooks/{item.name}.ipynb: a second table {name}; give each a name of its own")
            contents[f"{name}.csv"] = text.encode()
    return contents


def _csv(executed: Sequence[TaskResult]) -> bytes:
    keys = [key for item in executed for key in _decoded(item.numbers)[0]["result_id"]]
    twice = [key for key, count in Counter(keys).items() if count > 1]
    if twice:
        raise RunFailed(f"published twice: {', '.join(twice)}; give each number one identifier")
    headings, ends, rows = zip(*(_decoded(item.numbers)[1].partition("\n") for item in executed), strict=True)
    return "".join([headings[0], ends[0], *rows]).encode()


def headline(notebook: notebooks.Notebook, frame: pd.DataFrame) -> list[str]:
    """Identifiers of the numbers that lead `notebook`'s page; its first ones unless its metadata names them.

    Raises
    ------
    RunFailed
        A named one was not published.
    """
    published = frame["result_id"].tolist()
    missing = [key for key in notebook.marks.headline if key not in published]
    if missing:
        fault = f"headline {', '.join(missing)} was not published; name others in the notebook's metadata"
        raise RunFailed(f"notebooks/{notebook.path.name}: {fault} (tradeexposure: headline)")
    return published_rows.leading(notebook.marks.headline, published) or published[:HEADLINES_UNLESS_NAMED]
