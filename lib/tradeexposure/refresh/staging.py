"""A new vintage is put together aside, checked as a whole, and only then given its name."""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from tradeexposure.core import files, paths, reading
from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.data import corrections, descriptor, table_schema, vintages
from tradeexposure.data import tables as data_tables
from tradeexposure.refresh.publishers.sources_schema import Table
from tradeexposure.refresh.revisions import Revision

ASIDE = ".staging"
UNTOLD = ".untold"  # names the vintage of a refresh under way, which told nobody of it yet
#: What is passed on of a table's origin from vintage to vintage.
ORIGIN = ("vintage", "read", "files", "rows")


@dataclass(frozen=True)
class CurrentVintage:
    """The tables of a vintage with all that describes them."""

    name: str
    folder: Path
    package: dict[str, Any]
    entries: tuple[corrections.Entry, ...]
    noted: dict[str, Any]  #: Table → where it came from, as :func:`record` has it.

    @classmethod
    def load(cls) -> CurrentVintage:
        """The vintage in force."""
        name = vintages.current()
        with vintages.pinned(name):
            entries, package = data_tables.declared(), data_tables.package()
            return cls(name, vintages.folder(), package, entries, record(name).get("tables", {}))

    def descriptor(self, name: str, table: Table) -> dict[str, Any]:
        """The descriptor of a table: as held, or as ``data/sources.yml`` has it for a new one; BadInput without any."""
        described = next((entry for entry in self.package["resources"] if entry["name"] == name), table.descriptor)
        if not described:
            allowed = "its entry there, or a descriptor in data/sources.yml"
            raise BadInput("data/datapackage.json", f"resources: {name}", found="nothing", allowed=allowed)
        return dict(described)

    def origin(self, table: str) -> dict[str, Any]:
        """Where a table of this vintage came from; one without a note of it came with the vintage itself."""
        noted = self.noted.get(table, {})
        return {key: noted[key] for key in ORIGIN if key in noted} or {"vintage": self.name}

    def read(self, table: str) -> str:
        """The last day on which a table was read and found as it is held; empty where that is not noted."""
        noted = self.noted.get(table, {})
        return max(str(noted.get("read", "")), str(noted.get("same", "")))

    def periods(self, name: str, table: Table) -> tuple[str, str]:
        """The oldest and the newest period of a table; empty where it is not held."""
        frame = self.text(name, table)
        if table.fixed or not len(frame):
            return (table.fixed, table.fixed) if len(frame) else ("", "")
        return str(frame[table.into].min()), str(frame[table.into].max())

    def text(self, name: str, table: Table) -> pd.DataFrame:
        """A table as text, without corrections; empty where it is not held."""
        path = self.folder / "tables" / f"{name}.csv"
        if not path.is_file():
            fields = self.descriptor(name, table)["schema"]["fields"]
            return pd.DataFrame(columns=[field["name"] for field in fields], dtype="object")
        return table_schema.parse(reading.contents(path), where=paths.relative(path))


@dataclass(frozen=True)
class NewTable:
    """A table made anew: its rows as text, its descriptor, corrections that no longer fit it, and what changed."""

    frame: pd.DataFrame
    descriptor: dict[str, Any]
    retired: tuple[str, ...]
    revision: Revision

    @property
    def content(self) -> bytes:
        """The table as a file."""
        return written(self.frame)


def written(frame: pd.DataFrame) -> bytes:
    """A table as a file."""
    text: str = frame.to_csv(index=False, lineterminator="\n")
    return text.encode()


def fitting(entries: Sequence[corrections.Entry], frame: pd.DataFrame) -> tuple[list[corrections.Entry], list[str]]:
    """Entries that still find what they expect, and the ids of those that do not."""
    kept, retired = [], []
    for entry in entries:
        try:
            corrections.apply(frame, [entry])
            kept.append(entry)
        except BadInput:
            retired.append(str(entry["id"]))
    return kept, retired


def described(before: Mapping[str, Any], table: Table, frame: pd.DataFrame, day: str) -> dict[str, Any]:
    """The descriptor of a table that was made anew from its sources on `day`."""
    first, last = (frame[table.into].min(), frame[table.into].max()) if table.into else ("", "")
    vintage = table.vintage_words.replace("{last}", last).replace("{day}", day)
    content = written(frame)
    changed = {
        **before,
        "coverage": f"{first} to {last}" if table.into else before["coverage"],
        "vintage": vintage,
        "accessed": day,
        "trust": "A",
        "bytes": len(content),
        "hash": descriptor.hash_of(content),
    }
    changed["attribution"] = str(before["attribution"]).replace(str(before["vintage"]), vintage)
    if table.caveat:
        changed["caveat"] = table.caveat
    return changed | table.described


@contextmanager
def aside() -> Iterator[Path]:
    """A folder for a vintage in the making; gone afterwards.

    Raises
    ------
    RunFailed
        The disk is full or cannot be written.
    """
    folder = paths.path(*vintages.VINTAGES, ASIDE)
    try:
        folder.mkdir(parents=True)
        yield folder
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        what = "the disk is full" if full else str(error.strerror or error)
        todo = "free some space" if full else "make it writable"
        raise RunFailed(f"{paths.relative(folder)}: {what}; {todo}, then refresh again") from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def recover() -> None:
    """Remove what a killed refresh left: a vintage in the making, files half written, one that nobody was told of.

    The latter is whole, but its name is taken and no command was told it: the next refresh makes it again from the
    files that were downloaded. One that was put in force meanwhile stays.
    """
    kept = paths.path(*vintages.VINTAGES)
    mark = kept / UNTOLD
    name = mark.read_text("utf-8", errors="replace").strip() if mark.is_file() else ""
    shutil.rmtree(kept / ASIDE, ignore_errors=True)
    if vintages.NAME.fullmatch(name) and (kept / name).is_dir():
        lineage = [vintages.current()]  # the vintage in force and those it came from
        while (before := record(lineage[-1]).get("after")) and before not in lineage:
            lineage.append(before)
        if name not in lineage:
            discard(name)
    mark.unlink(missing_ok=True)
    files.remove_unfinished(kept)


def discard(name: str) -> None:
    """Throw a vintage away: it is gone at once, and then its files are."""
    kept = paths.path(*vintages.VINTAGES)
    shutil.rmtree(kept / ASIDE, ignore_errors=True)
    (kept / name).rename(kept / ASIDE)
    shutil.rmtree(kept / ASIDE, ignore_errors=True)


@contextmanager
def untold(name: str) -> Iterator[None]:
    """Note that a vintage is made for a command that is not told of it yet, until it is or that fails."""
    mark = paths.path(*vintages.VINTAGES, UNTOLD)
    files.write(mark, f"{name}\n")
    try:
        yield
    finally:
        mark.unlink(missing_ok=True)


def write(folder: Path, current: CurrentVintage, tables: Mapping[str, NewTable], record: Mapping[str, Any]) -> None:
    """Write the whole new vintage into `folder`: tables that did not change are copied."""
    shutil.copytree(current.folder / "tables", folder / "tables")
    for name, table in tables.items():
        files.write(folder / "tables" / f"{name}.csv", table.content)
    resources = {entry["name"]: entry for entry in current.package["resources"]}
    resources |= {name: table.descriptor for name, table in tables.items()}
    package = {**current.package, "resources": list(resources.values())}
    retired = {name for table in tables.values() for name in table.retired}
    entries = [entry for entry in current.entries if entry["id"] not in retired]
    left = yaml.safe_dump([dict(entry) for entry in entries], allow_unicode=True, sort_keys=False, width=110)
    files.write(folder / "datapackage.json", json.dumps(package, indent=2, ensure_ascii=False) + "\n")
    if retired:
        files.write(folder / "corrections.yml", left)
    else:
        shutil.copyfile(current.folder / "corrections.yml", folder / "corrections.yml")
    for name, text in data_tables.rendered(package, entries).items():
        files.write(folder / name, text)
    files.write(folder / vintages.MARK, json.dumps(record, indent=1, ensure_ascii=False, sort_keys=True) + "\n")


def record(name: str) -> dict[str, Any]:
    """What is noted of a vintage; empty for the shipped one, which is noted in its descriptors."""
    path = paths.path(*vintages.VINTAGES, name, vintages.MARK)
    try:
        content = json.loads(path.read_text("utf-8"))
    except OSError:
        return {}
    except ValueError:
        raise BadInput(paths.relative(path), found="no JSON", allowed="the file as the refresh wrote it") from None
    return content if isinstance(content, dict) else {}


def give_name(folder: Path, name: str) -> None:
    """Give a finished vintage its name; it can be selected from now on and is not yet in force."""
    folder.rename(paths.path(*vintages.VINTAGES, name))


def switch(name: str) -> None:
    """Put a vintage in force, by one rename; the shipped one by removing what names another.

    Raises
    ------
    BadInput
        No vintage of that name, or one of which a table is missing or broken.
    """
    if name not in vintages.names():
        raise BadInput("VINTAGE", found=name or "nothing", allowed=", ".join(vintages.names()))
    from tradeexposure import data

    with vintages.pinned(name):
        for table in data.names():
            data.load(table)
    pointer = paths.path(*vintages.VINTAGES, vintages.CURRENT)
    if name == vintages.SHIPPED:
        pointer.unlink(missing_ok=True)
    else:
        files.write(pointer, f"{name}\n")
