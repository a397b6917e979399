"""The next vintage: official figures fetched, made into tables, checked against the ones held, and put in force.

Nothing in force is touched before the last step, which is one rename. Whatever goes wrong before it leaves the vintage
in force as it was and keeps what was downloaded, so that the next try goes on from there.

A refresh as a person reads it: what changed, which published results rest on it, and what to type next.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from tradeexposure.core import paths
from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.data import corrections, table_schema, vintages
from tradeexposure.refresh import revisions, staging, table_build
from tradeexposure.refresh.publishers import catalogue as publishers_catalogue
from tradeexposure.refresh.publishers import files
from tradeexposure.refresh.publishers.catalogue import Catalogue, Table
from tradeexposure.refresh.publishers.http import Fetched, new_session
from tradeexposure.refresh.revisions import Revision
from tradeexposure.refresh.staging import Held, Made

DOWNLOADS = ("reports", "_build", "downloads")
LOCK = ("reports", "_build", "refresh.lock")
Say = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """How a refresh ended: the new vintage (empty where no table changed), what changed, and sources left out."""

    name: str
    before: str
    revisions: tuple[Revision, ...]
    retired: tuple[str, ...]
    left_out: tuple[str, ...]


def refresh(
    sources: Sequence[str] = (), *, accept: Sequence[str] = (), preview: str = "", today: date | None = None,
    say: Say = print,
) -> Outcome:  # fmt: skip
    """Bring the next vintage and put it in force.

    Parameters
    ----------
    sources : sequence of str
        Sources to read, as named in ``data/sources.yml``; all of them by default.
    accept : sequence of str
        Tables whose revisions are taken although they lie outside the stated bounds.
    preview : str
        A scenario that is run on the new vintage, and compared with its published edition, before the switch.

    Raises
    ------
    BadInput
        A name that is none, a recipe that is broken, or another refresh that is under way.
    SourceFailed
        A publisher's file cannot be had or used.
    RunFailed
        A table is outside its bounds, or the vintage as a whole is not sound.
    """
    day = today or date.today()
    catalogue = publishers_catalogue.load()
    tables = publishers_catalogue.fed_by(catalogue, tuple(sources))
    _check_names(accept, tables)
    Held.load()  # says what is wrong before anything is written
    with _locked():
        held = Held.load()
        left_out = _left_out(catalogue, sources)
        tables = {name: table for name, table in tables.items() if not _rests_on(table, left_out)}
        fetched = _fetch(catalogue, tables, held, day, say)
        made, found = _make(catalogue, tables, held, fetched, day)
        _refuse(found, accept)
        changed = [revision for revision in found if revision.any]
        retired = tuple(name for table in made.values() for name in table.retired)
        if not changed:
            return Outcome("", held.name, (), (), left_out)
        new = {revision.table: made[revision.table] for revision in changed}
        record = _record(held, fetched, changed, day)
        name = _keep(held, new, record, day)
        if preview:
            _preview(preview, name, say)
        staging.switch(name)
        return Outcome(name, held.name, tuple(changed), retired, left_out)


@contextmanager
def _locked() -> Iterator[None]:
    from filelock import FileLock, Timeout

    path = paths.path(*LOCK)
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise BadInput(
            "refresh", found="another refresh that is under way", allowed="one at a time; wait for it"
        ) from None
    try:
        yield
    finally:
        lock.release()


def _check_names(accept: Sequence[str], tables: Mapping[str, Table]) -> None:
    for name in accept:
        if name not in tables:
            raise BadInput("--accept", found=name, allowed=", ".join(tables))


def _left_out(catalogue: Catalogue, sources: Sequence[str]) -> tuple[str, ...]:
    """Sources that ask for a key nobody set; one that was asked for by name is tried all the same."""
    if sources:
        return ()
    return tuple(name for name, source in catalogue.sources.items() if files.lacks_key(source))


def _rests_on(table: Table, sources: Sequence[str]) -> bool:
    return any(part.source in sources for part in table.parts)


def _fetch(
    catalogue: Catalogue, tables: Mapping[str, Table], held: Held, day: date, say: Say
) -> dict[str, list[Fetched]]:
    """The files of every source that one of `tables` rests on."""
    folder = paths.path(*DOWNLOADS)
    session = new_session()
    found: dict[str, list[Fetched]] = {}
    try:
        for name in dict.fromkeys(part.source for table in tables.values() for part in table.parts):
            source = catalogue.sources[name]
            span = _span(name, tables, held, day)
            found[name] = files.fetch(
                name, source, span, folder=folder, limits=catalogue.limits, session=session, today=day
            )
            say(f"{name}: {sum(file.bytes for file in found[name]):,} bytes ({source.title})")
    finally:
        session.close()
    return found


def _span(name: str, tables: Mapping[str, Table], held: Held, day: date) -> files.Span:
    """Months wanted of a source: from the newest held year (less those that are read again) to now."""
    years = []
    for table_name, table in tables.items():
        if any(part.source == name for part in table.parts):
            last = held.newest(table_name, table)
            years.append(int(last[:4]) - table.years_before if last else table.first_year)
    first = min((year for year in years if year is not None), default=day.year)
    return files.Span(f"{first}-01", f"{day.year}-{day.month:02d}")


def _make(
    catalogue: Catalogue, tables: Mapping[str, Table], held: Held, fetched: Mapping[str, Sequence[Fetched]], day: date
) -> tuple[dict[str, Made], list[Revision]]:
    """Every table anew, and beside the one held."""
    files = {name: [file.path for file in found] for name, found in fetched.items()}
    made: dict[str, Made] = {}
    found = []
    for name, table in tables.items():
        descriptor = held.descriptor(name, table)
        before = held.text(name, descriptor["schema"]["fields"])
        if table.mean:
            basis = f"official-{day:%Y-%m}"
            other = made[table.mean.table].frame
            after = table_build.mean(table.mean, table, of=other, held=before, basis=basis)
        else:
            fields = descriptor["schema"]["fields"]
            after = table_build.build(table, held=before, fields=fields, files=files, catalogue=catalogue)
        made[name], revision = _judged(name, table, held, before, after, descriptor, day)
        found.append(revision)
    return made, found


def _judged(
    name: str,
    table: Table,
    held: Held,
    before: pd.DataFrame,
    after: pd.DataFrame,
    descriptor: dict[str, Any],
    day: date,
) -> tuple[Made, Revision]:
    """A table that passed its schema, with its new descriptor and how it differs."""
    mine = [entry for entry in held.entries if entry["table"] == name]
    kept, retired = staging.fitting(mine, after)
    where = f"{name}, made anew"
    corrected = corrections.apply(after, kept)
    fields = descriptor["schema"]["fields"]
    table_schema.check_columns(after, fields, where=where)
    table_schema.check_units(fields, where=where, table=name)
    table_schema.typed(corrected, fields, where=where)
    table_schema.check_key(corrected, descriptor["key"], where=where)
    old = corrections.apply(before, mine) if len(before) else before
    revision = revisions.compare(
        name, old, corrected, key=descriptor["key"], period=table.into, fields=fields, bounds=table.bounds
    )
    return Made(after, staging.described(descriptor, table, after, day.isoformat()), tuple(retired)), revision


def _refuse(found: Sequence[Revision], accept: Sequence[str]) -> None:
    """Stop where a table lies outside its bounds and was not accepted by name."""
    outside = [revision for revision in found if revision.problems and revision.table not in accept]
    if outside:
        problems = "; ".join(problem for revision in outside for problem in revision.problems)
        names = " ".join(f"--accept {revision.table}" for revision in outside)
        raise RunFailed(
            f"{problems}; the vintage in force is unchanged; look at the publisher's notes, then refresh again with "
            f"{names} if the figures are right"
        )


def _record(
    held: Held, fetched: Mapping[str, Sequence[Fetched]], changed: Sequence[Revision], day: date
) -> dict[str, Any]:
    """What is kept of a vintage besides its tables: where every file came from, and what changed."""
    return {
        "after": held.name,
        "created": day.isoformat(),
        "files": {
            file.path.name: {
                "address": file.address, "bytes": file.bytes, "sha256": file.sha256, **file.validators,
            }
            for files in fetched.values()
            for file in files
        },
        "revisions": [line for revision in changed for line in revision.lines()],
    }  # fmt: skip


def _keep(held: Held, made: Mapping[str, Made], record: Mapping[str, Any], day: date) -> str:
    """Write the vintage aside, look at it as a whole, and give it its name."""
    from tradeexposure import data

    name = vintages.new_name(day.isoformat())
    with staging.aside() as folder:
        staging.write(folder, held, made, record)
        place = staging.named(folder, name)
    try:
        with vintages.pinned(name):
            for table in made:
                data.load(table)
    except BadInput as problem:
        shutil.rmtree(place)
        raise RunFailed(f"the new vintage is not sound and was thrown away: {problem}") from None
    return name


def _preview(scenario: str, name: str, say: Say) -> None:
    """Run a scenario on a vintage that is not in force and say which of its published numbers move."""
    from tradeexposure.publishing import edition_diff
    from tradeexposure.runner import pipeline

    target = paths.path("reports", "_build", "preview", name)
    with vintages.pinned(name):
        summary = pipeline.run([scenario], out=target)
    if summary.failed:
        reasons = "; ".join(reason for reasons in summary.failed.values() for reason in reasons)
        raise RunFailed(f"{scenario} fails on vintage {name}, which is kept and not in force: {reasons}")
    say(edition_diff.as_text(edition_diff.compare(pipeline.default_target() / scenario, target / scenario)))


SHOWN = 6


def resting_on(tables: Sequence[str]) -> dict[str, list[str]]:
    """Published results that name one of `tables`: scenario → ids, from the editions on disk."""
    from tradeexposure.core import results_csv

    found = {}
    for path in sorted(paths.path("reports", "published").glob("*/results.csv")):
        frame = results_csv.read(path)
        named = (
            frame["tables"].fillna("").map(lambda text: bool(set(str(text).replace(";", " ").split()) & set(tables)))
        )
        found[path.parent.name] = [str(name) for name in frame.loc[named, "result_id"]]
    return found


def report(outcome: Outcome) -> list[str]:
    """A refresh as a person reads it: what changed, what rests on it, and what to type next."""
    left = [f"left out: {name}, which needs a key (see data/sources.yml)" for name in outcome.left_out]
    if not outcome.name:
        return [*left, f"no table changed; vintage {outcome.before} stays in force"]
    lines = [line for revision in outcome.revisions for line in revision.lines()]
    lines += [f"correction {name} no longer fits and does not apply to this vintage" for name in outcome.retired]
    for scenario, names in resting_on([revision.table for revision in outcome.revisions]).items():
        shown = ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")
        lines.append(f"{scenario}: {len(names)} published results rest on changed tables ({shown})")
    return [
        *left, *lines,
        f"vintage {outcome.name} is in force; {outcome.before} is kept (tradeexposure vintages {outcome.before} "
        "puts it back)",
        "next: tradeexposure outputs, then tradeexposure run SCENARIO; tradeexposure compare shows what moved",
    ]  # fmt: skip
