"""One table that somebody brings as a file: judged, set aside, taken or dropped as the figures of a publisher are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from tradeexposure.core import files, reading
from tradeexposure.core.errors import BadInput
from tradeexposure.data import periods, table_schema
from tradeexposure.refresh import run, staging
from tradeexposure.refresh.publishers import sources_schema as publishers_catalogue
from tradeexposure.refresh.publishers.download import Fetched
from tradeexposure.refresh.publishers.sources_schema import Catalogue, Table
from tradeexposure.refresh.staging import CurrentVintage


def bring(
    path: Path, name: str, *, accept: Sequence[str] = (), today: date | None = None, say: run.Say = print
) -> run.Outcome:
    """Bring one table as a file of its own columns, and set the vintage with it aside as :func:`run.refresh` does.

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
    catalogue, vintage, day = publishers_catalogue.load(), CurrentVintage.load(), today or date.today()
    recipe = _recipe(catalogue, vintage, name, path)
    means = {key: table for key, table in catalogue.tables.items() if table.mean and table.mean.table == name}
    run.check_names(accept, {name: recipe})
    raw = reading.contents(path, where=str(path), allowed="a CSV file with the columns of the table")
    brought = table_schema.parse(raw, where=str(path))
    work = run.Work(catalogue, {name: recipe, **means}, vintage, day, tuple(accept))
    work.fetched[run.FILE] = [Fetched(path, "a file that was brought", files.digest(raw), len(raw))]
    descriptor = vintage.descriptor(name, recipe)
    table_schema.check_columns(brought, descriptor["schema"]["fields"], where=str(path))
    rows = brought.sort_values(list(descriptor["key"]), ignore_index=True)
    with run.locked():
        staging.recover()
        new_table = run.judged(name, recipe, vintage, rows, day, where=str(path))
        typed = table_schema.typed(rows, descriptor["schema"]["fields"], where=str(path))
        for fault in periods.not_over(typed, new_table.descriptor, where=str(path), today=day):
            raise fault
        vanished = new_table.revision.vanished
        if vanished > recipe.bounds.vanished and name not in accept:
            lacking = f"{vanished:,} of the {len(vintage.text(name, recipe)):,} held are not in the file"
            raise BadInput(str(path), found=f"{len(rows):,} rows", allowed=f"all rows of {name}: {lacking}")
        say(f"{path}: {len(raw):,} bytes, {len(rows):,} rows of {name}")
        work.take(new_table)
        run.make(work, among=means)
        return run.ended(work)


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
    brought = {"vintage_words": f"file {path.name}, read", "splice": None, "splice_at": "", "parts": ()}
    return recipe.model_copy(
        update={"into": recipe.into or time, "described": {"trust": tables[name]["trust"]}, **brought}
    )
