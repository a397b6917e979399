"""The next vintage: official figures fetched, made into tables, checked against the ones held, and set aside; the same
of one table that somebody brings as a file.

Nothing in force is touched before somebody gives the word (:func:`accept_vintage`), which is one rename. Each source
stands for itself: what can be read and is plausible goes into one new vintage, a table whose source cannot keeps the
figures it has and is named with reason and remedy. Whatever was downloaded and can be read is kept, so that the next
try asks for it only if it changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from tradeexposure.core import files as core_files
from tradeexposure.core import paths, reading
from tradeexposure.core.errors import BadInput, RunFailed, SourceFailed
from tradeexposure.core.text import brief
from tradeexposure.data import corrections, periods, table_schema, vintages
from tradeexposure.data import tables as data_tables
from tradeexposure.refresh import revisions, staging, table_build
from tradeexposure.refresh.publishers import source_files, sources_schema
from tradeexposure.refresh.publishers.http import NO_CONNECTION
from tradeexposure.refresh.publishers.source_files import Fetched
from tradeexposure.refresh.publishers.sources_schema import Catalogue, Table
from tradeexposure.refresh.revisions import Revision
from tradeexposure.refresh.staging import CurrentVintage, NewTable

DOWNLOADS = ("reports", "_build", "downloads")
LOCK = ("reports", "_build", "refresh.lock")
FILE = ""  # the source of a table that somebody brings as a file


@dataclass(frozen=True)
class Outcome:
    """How a refresh ended."""

    #: The new vintage (empty where no table changed), and the one it was made from.
    name: str
    before: str
    revisions: tuple[Revision, ...] = ()  #: What changed, of tables that did.
    retired: tuple[str, ...] = ()  #: Corrections that no longer fit.
    left_out: tuple[str, ...] = ()  #: Sources that ask for a key nobody set.
    #: Why tables keep the figures they have, what to do about it and which they are; empty when all went well.
    kept: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()  #: What readers say about the files.


@dataclass
class Work:
    """A refresh under way: what it reads, what it made so far, and why a table keeps its figures."""

    catalogue: Catalogue
    tables: dict[str, Table]
    held: CurrentVintage
    day: date
    accept: tuple[str, ...]
    fetched: dict[str, list[Fetched]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    made: dict[str, NewTable] = field(default_factory=dict)
    kept: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def keep(self, table: str, reason: str) -> None:
        """Let a table keep its figures."""
        self.kept.setdefault(reason, []).append(table)

    def take(self, new: NewTable) -> None:
        """Take a table as it was made, or let it keep its figures where they lie outside the bounds."""
        name, problems = new.revision.table, new.revision.problems
        if problems and name not in self.accept:
            todo = f"look at the publisher's notes, then refresh again with --accept {name} if the figures are right"
            self.keep(name, f"{'; '.join(problems)}; {todo}")
        else:
            self.made[name] = new

    def reason(self, table: str) -> str:
        """Why a table keeps its figures; empty where it does not."""
        return next((reason for reason, tables in self.kept.items() if table in tables), "")

    @property
    def unrefreshed(self) -> tuple[str, ...]:
        """Tables that keep their figures, by reason."""
        verbs = {True: "keeps the figures it has", False: "keep the figures they have"}
        return tuple(f"{reason}; {', '.join(names)} {verbs[len(names) == 1]}" for reason, names in self.kept.items())

    @property
    def changed(self) -> dict[str, NewTable]:
        """Tables that differ from the ones held."""
        return {name: table for name, table in self.made.items() if table.revision.any}

    def span(self, name: str) -> source_files.Span:
        """Months wanted of a source: from the first year that a table holds to now.

        A table is read again as a whole. Publishers revise years that are long closed, and a file per year that did not
        change since is asked for and not sent again.
        """
        years = []
        for table_name, table in self.tables.items():
            if any(part.source == name for part in table.parts):
                oldest = table.splice_at or self.held.periods(table_name, table)[0]
                years.append(int(oldest[:4]) if oldest else table.first_year)
        first = min((year for year in years if year is not None), default=self.day.year)
        return source_files.Span(f"{first}-01", f"{self.day.year}-{self.day.month:02d}")

    def build(self, name: str, table: Table) -> tuple[NewTable, tuple[str, ...]]:
        """A table from its sources, and what readers say of the files."""
        current, notes = self.held.text(name, table), tuple[str, ...]()
        if table.mean:
            daily = self.made[table.mean.table].frame
            after = table_build.mean(table.mean, table, of=daily, current=current, basis=f"official-{self.day:%Y-%m}")
        else:
            paths_of = {source: [file.path for file in fetched] for source, fetched in self.fetched.items()}
            fields = self.held.descriptor(name, table)["schema"]["fields"]
            after, notes = table_build.build(
                table, current=current, fields=fields, files=paths_of, catalogue=self.catalogue
            )
        return self.judged(name, table, after), notes

    def judged(self, name: str, table: Table, after: pd.DataFrame, where: str = "") -> NewTable:
        """A table that passed its schema, with its new descriptor and how it differs; `where` names it in messages."""
        where, descriptor = where or f"{name}, made anew", self.held.descriptor(name, table)
        before, mine = self.held.text(name, table), [each for each in self.held.entries if each["table"] == name]
        kept, retired = staging.fitting(mine, after)
        corrected, typed = data_tables.checked(after, descriptor, kept, where=where)
        old = corrections.apply(before, mine) if len(before) else before
        revision = revisions.compare(
            name, old, corrected, key=descriptor["key"], period=table.into, fields=descriptor["schema"]["fields"],
            bounds=table.bounds,
        )  # fmt: skip
        described = staging.described(descriptor, table, after, self.day.isoformat())
        accepted = table_schema.typed(old, descriptor["schema"]["fields"], where=where) if len(before) else None
        problems = periods.faults(typed, described, where=where, today=self.day, before=accepted, declared=kept)
        revision = replace(revision, problems=(*revision.problems, *map(str, problems)))
        return NewTable(after, described, tuple(retired), revision)

    def record(self, name: str) -> dict[str, Any]:
        """What is kept of a vintage besides its tables: where files and tables came from, and what changed."""
        current = [str(entry["name"]) for entry in self.held.package["resources"]]
        tables = dict.fromkeys([*current, *self.changed])
        return {
            "after": self.held.name,
            "created": self.day.isoformat(),
            "files": {
                file.path.name: {
                    "address": file.address, "bytes": file.bytes, "sha256": file.sha256, **file.validators,
                }
                for files in self.fetched.values()
                for file in files
            },
            "tables": {table: self.origin(table, name) for table in tables},
            "revisions": [line for table in self.changed.values() for line in table.revision.lines()],
            "kept": list(self.unrefreshed),
        }  # fmt: skip

    def origin(self, table: str, name: str) -> dict[str, Any]:
        """Where a table of the new vintage came from: the vintage that first had its rows, and the files they are from.

        A table is wholly from one reading of its sources. Where rows of another publisher stand before them
        (`splice_at`), `rows` says which rows are whose.
        """
        before = self.held.origin(table)
        if table in self.changed:
            recipe = self.tables[table]
            recipe = self.tables[recipe.mean.table] if recipe.mean else recipe
            sources = dict.fromkeys([FILE] if FILE in self.fetched else [part.source for part in recipe.parts])
            read = [file.path.name for source in sources for file in self.fetched[source]]
            origin: dict[str, Any] = {"vintage": name, "read": self.day.isoformat(), "files": read}
            if splice_at := recipe.splice_at:
                older = before.get("rows", {}).get(f"before {splice_at}", before["vintage"])
                origin["rows"] = {f"before {splice_at}": older, f"from {splice_at}": name}
            return origin
        reason = self.reason(table)
        if reason:
            return before | {"kept": reason}
        return before | ({"same": self.day.isoformat()} if table in self.made else {})


def refresh(
    sources: Sequence[str] = (), *, accept: Sequence[str] = (), preview: str = "", today: date | None = None
) -> Outcome:
    """Bring the next vintage and set it aside until :func:`accept_vintage` or :func:`drop_vintage`.

    Parameters
    ----------
    sources : sequence of str
        Sources to read, as named in ``data/sources.yml``; all of them by default.
    accept : sequence of str
        Tables whose revisions are taken although they lie outside the stated bounds.
    preview : str
        A scenario that is run on the new vintage, and compared with its published edition.

    Raises
    ------
    BadInput
        A name that is none, a recipe that is broken, or another refresh that is under way.
    RunFailed
        The vintage as a whole is not sound, or cannot be written.
    """
    catalogue = sources_schema.load()
    tables = sources_schema.fed_by(catalogue, tuple(sources))
    _check_names(accept, tables)
    CurrentVintage.load()  # says what is wrong before anything is written
    with _locked():
        staging.recover()
        core_files.remove_unfinished(paths.path(*DOWNLOADS))
        left_out = _left_out(catalogue, sources)
        wanted = {
            name: table for name, table in tables.items() if not any(part.source in left_out for part in table.parts)
        }
        work = Work(catalogue, wanted, CurrentVintage.load(), today or date.today(), tuple(accept))
        _fetch(work)
        _make(work, work.tables)
        return replace(_ended(work, preview), left_out=left_out, notes=tuple(work.notes))


def bring_file(path: Path, name: str, *, accept: Sequence[str] = (), today: date | None = None) -> Outcome:
    """Bring one table as a file of its own columns, and set the vintage with it aside as :func:`refresh` does.

    Parameters
    ----------
    path : Path
        A CSV with all rows that the table is to have.
    name : str
        The table. What is computed from it alone is made anew with it.
    accept : sequence of str
        `name`, where its revisions are taken although they lie outside the stated bounds.

    Raises
    ------
    BadInput
        No such table or file, other columns, a cell or a key that the table's description refuses, a period that is not
        over, a table that is computed from another, a file without rows that the table has.
    RunFailed
        The vintage as a whole is not sound, or cannot be written.
    """
    catalogue, vintage, day = sources_schema.load(), CurrentVintage.load(), today or date.today()
    recipe = _recipe(catalogue, vintage, name, path)
    means = {key: table for key, table in catalogue.tables.items() if table.mean and table.mean.table == name}
    _check_names(accept, {name: recipe})
    raw = reading.contents(path, where=str(path), allowed="a CSV file with the columns of the table")
    brought = table_schema.parse(raw, where=str(path))
    work = Work(catalogue, {name: recipe, **means}, vintage, day, tuple(accept))
    work.fetched[FILE] = [Fetched(path, "a file that was brought", core_files.digest(raw), len(raw))]
    descriptor = vintage.descriptor(name, recipe)
    table_schema.check_columns(brought, descriptor["schema"]["fields"], where=str(path))
    rows = brought.sort_values(list(descriptor["key"]), ignore_index=True)
    with _locked():
        staging.recover()
        new_table = work.judged(name, recipe, rows, where=str(path))
        typed = table_schema.typed(rows, descriptor["schema"]["fields"], where=str(path))
        for fault in periods.not_over(typed, new_table.descriptor, where=str(path), today=day):
            raise fault
        vanished = len(new_table.revision.vanished)
        if vanished > recipe.bounds.vanished and name not in accept:
            lacking = f"{vanished:,} of the {len(vintage.text(name, recipe)):,} held are not in the file"
            raise BadInput(str(path), found=f"{len(rows):,} rows", allowed=f"all rows of {name}: {lacking}")
        print(f"{path}: {len(raw):,} bytes, {len(rows):,} rows of {name}")
        work.take(new_table)
        _make(work, means)
        return _ended(work)


def _recipe(catalogue: Catalogue, vintage: CurrentVintage, name: str, path: Path) -> Table:
    """How a table that is brought as a file is judged: as ``data/sources.yml`` says, where it has it."""
    tables = {str(entry["name"]): entry for entry in vintage.package["resources"]}
    if name not in tables:
        raise BadInput("--table", found=name, allowed=", ".join(tables))
    recipe = catalogue.tables.get(name) or Table(period="year")
    if recipe.mean:
        allowed = f"{recipe.mean.table}, from which it is computed"
        raise BadInput("--table", found=name, allowed=allowed)
    time = next((column for column in periods.FREQUENCIES if column in tables[name]["key"]), "")
    brought = {"vintage_words": sources_schema.FILE_BROUGHT.replace("{file}", path.name),
               "splice": None, "splice_at": "", "parts": (), "described": {"trust": tables[name]["trust"]}}  # fmt: skip
    return recipe.model_copy(update={"into": recipe.into or time, **brought})


def _ended(work: Work, preview: str = "") -> Outcome:
    """Set what changed aside as one vintage, show what a scenario gives on it, and say how it ended."""
    name = vintages.new_name(work.day.isoformat()) if work.changed else ""
    if name:
        with staging.untold(name):
            _set_aside(work, name)
            if preview:
                _preview(preview, name)
    changed = work.changed.values()
    retired = tuple(entry for table in changed for entry in table.retired)
    return Outcome(name, work.held.name, tuple(table.revision for table in changed), retired, kept=work.unrefreshed)


@contextmanager
def _locked() -> Iterator[None]:
    """Hold the vintages for this command.

    Raises
    ------
    BadInput
        Another refresh is under way.
    """
    from filelock import FileLock, Timeout

    path = paths.path(*LOCK)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(path, timeout=0):
            yield
    except Timeout:
        allowed = "one at a time; wait for it"
        raise BadInput("refresh", found="another refresh that is under way", allowed=allowed) from None


def _check_names(accept: Sequence[str], tables: Mapping[str, Table]) -> None:
    for name in accept:
        if name not in tables:
            raise BadInput("--accept", found=name, allowed=", ".join([*tables, *waiting()]))


def _left_out(catalogue: Catalogue, sources: Sequence[str]) -> tuple[str, ...]:
    """Sources that ask for a key nobody set; one that was asked for by name is tried all the same."""
    if sources:
        return ()
    return tuple(name for name, source in catalogue.sources.items() if source_files.lacks_key(source))


def _fetch(work: Work) -> None:
    """The files of every source that a table rests on; the rest is not held up by one that fails."""
    folder = paths.path(*DOWNLOADS)
    for name in dict.fromkeys(part.source for table in work.tables.values() for part in table.parts):
        source = work.catalogue.sources[name]
        try:
            fetched = source_files.fetch_all(
                name, source, work.span(name), folder=folder, limits=work.catalogue.limits, today=work.day
            )
        except SourceFailed as failed:
            work.failed[name] = str(failed)
            continue
        work.fetched[name] = fetched
        print(f"{name}: {sum(file.bytes for file in fetched):,} bytes ({source.title})")
    if len(work.failed) > 1 and not work.fetched and all(NO_CONNECTION in reason for reason in work.failed.values()):
        what = "no connection: there is no network, or no publisher's server is up"
        raise RunFailed(f"{what} (all {len(work.failed)} sources were asked); nothing was touched, refresh again later")


def _make(work: Work, tables: Mapping[str, Table]) -> None:
    """Each of `tables` anew and beside the one held, or the reason why it keeps its figures."""
    refused = set[Path]()
    for name, table in tables.items():
        # A source that was not had, or a table it is the mean of that keeps its figures.
        failed_sources = (work.failed[part.source] for part in table.parts if part.source in work.failed)
        reason = work.reason(table.mean.table) if table.mean else next(failed_sources, "")
        if reason:
            work.keep(name, reason)
            continue
        try:
            new_table, notes = work.build(name, table)
        except SourceFailed as failed:
            work.keep(name, str(failed))
            refused |= {failed.file} if failed.file else set()
        except BadInput as problem:
            work.keep(name, f"{problem}; look at the publisher's file and bring data/sources.yml in line")
        except Exception as error:  # whatever figures lead to is this table's failure: the others go ahead
            what = f"{name} cannot be made of its files ({type(error).__name__}: {error})"
            work.keep(name, f"{brief(what)}; look at them and at its recipe in data/sources.yml")
        else:
            work.take(new_table)
            work.notes += [note for note in notes if note not in work.notes]
    for path in refused:
        path.unlink(missing_ok=True)


def _set_aside(work: Work, name: str) -> None:
    """Write the vintage aside, look at it as a whole, and give it its name."""
    from tradeexposure import data

    with staging.aside() as folder:
        staging.write(folder, work.held, work.changed, work.record(name))
        staging.give_name(folder, name)
    try:
        with vintages.pinned(name):
            for table in work.changed:
                data.load(table)
    except BadInput as problem:
        staging.discard(name)
        raise RunFailed(f"the new vintage is not sound and was thrown away: {problem}") from None


def _preview(scenario: str, name: str) -> None:
    """Run a scenario on a vintage that is not in force and say which of its published numbers move."""
    from tradeexposure.publishing import edition_comparison
    from tradeexposure.runner import edition_places, pipeline

    target = paths.path("reports", "_build", "preview", name)
    with vintages.pinned(name):
        summary = pipeline.run([scenario], out=target, languages=pipeline.ENGLISH)
    if summary.failed:
        reasons = "; ".join(reason for reasons in summary.failed.values() for reason in reasons)
        raise RunFailed(f"{scenario} fails on vintage {name}, which is kept and not in force: {reasons}")
    compared = edition_comparison.compare(edition_places.default_target() / scenario, target / scenario)
    print(edition_comparison.as_text(compared))


def waiting() -> list[str]:
    """Vintages made from the one in force that were not put in force yet: those a word can accept or drop."""
    now = vintages.current()
    return [name for name in vintages.names() if name != now and staging.record(name).get("after") == now]


def accept_vintage(name: str) -> None:
    """Put a vintage in force that lies aside.

    Raises
    ------
    BadInput
        None of that name waits: it was made from another vintage than the one in force, or is in force.
    """
    with _locked():
        _check_waiting("--accept", name)
        staging.switch(name)


def drop_vintage(name: str) -> None:
    """Throw a vintage away that lies aside.

    Raises
    ------
    BadInput
        None of that name waits: the shipped one, the one in force and those before it are never dropped.
    """
    with _locked():
        _check_waiting("--drop", name)
        staging.discard(name)


def _check_waiting(option: str, name: str) -> None:
    if name not in waiting():
        now = vintages.current()
        parent = staging.record(name).get("after") if name in vintages.names() else ""
        typed = f"{name}, made from {parent} and not from {now}, which is in force" if parent else name
        allowed = ", ".join(waiting()) or "a vintage that waits (none does; tradeexposure refresh makes one)"
        if name == now and option == "--drop" and parent in vintages.names():
            again = f"tradeexposure vintages {parent}; tradeexposure refresh --drop {name}"
            allowed = f"a vintage that waits; to drop {name} type: {again}"
            raise BadInput(option, found=f"{name}, which is in force", allowed=allowed)
        raise BadInput(option, found=typed, allowed=allowed)
