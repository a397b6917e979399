"""The tables of the selected vintage: loaded, checked against their descriptor, credited to their publisher; single
figures out of them.

``python -m tradeexposure.data`` accepts changed tables: it writes their size and hash into
``data/datapackage.json`` and renews ``data/CODEBOOK.md`` and ``data/croissant.json``.
"""

from __future__ import annotations

import difflib
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from tradeexposure.core import files, loaded_files, paths, reading
from tradeexposure.core.errors import BadInput
from tradeexposure.data import codebook as book
from tradeexposure.data import corrections, descriptor, periods, table_schema, vintages
from tradeexposure.data.descriptor import accepted_bytes, hash_of, restored

PACKAGE = ("data", "datapackage.json")
#: Files that are written from the descriptor, each with what writes it.
GENERATED: dict[str, Callable[[dict[str, Any], Sequence[Any]], str]] = {
    "CODEBOOK.md": book.render,
    "croissant.json": book.croissant,
}
CORRECTIONS = ("data", "corrections.yml")
TABLES = ("data", "tables")
CAR_IMPORTS, ELECTRIC_CARS = "canola_ev_trade_value_monthly", "8703.80.00"  # the table; the line of the tariff
ACCEPT = "python -m tradeexposure.data"
CELLS = "'tradeexposure check' says which cell it is"
SOURCE_COLUMNS = (
    "name", "title", "publisher", "table_number", "address", "licence", "coverage", "vintage", "caveat", "attribution",
    "further",
)  # fmt: skip


class Changed(BadInput):
    """The bytes of a table are no longer those that its description was accepted with.

    Attributes
    ----------
    where, todo
        The file, and what to type.
    described, key
        The accepted hash, and the columns that name a row.
    content
        The bytes as they are.
    """

    def __init__(self, content: bytes, resource: dict[str, Any], where: str) -> None:
        self.content, self.where, self.described, self.key = content, where, resource["hash"], resource["key"]
        self.todo = f"{restored(where)}, or accept the change with '{ACCEPT}'"
        digest = f"{hash_of(content)[:19]}… ({len(content)} bytes)"
        described = f"{self.described[:19]}… ({resource['bytes']} bytes)"
        super().__init__(where, "hash", found=digest, allowed=f"{described}; {CELLS}; {self.todo}")


def names() -> list[str]:
    """Tables of ``data/datapackage.json``, in alphabetical order."""
    tables = sorted(resource["name"] for resource in package()["resources"])
    loaded_files.contents(*_path(PACKAGE).relative_to(paths.root()).parts)  # whatever changes in it may be a name
    return tables


def describe(name: str) -> dict[str, Any]:
    """The descriptor of one table: title, publisher, licence, caveat, fields with unit and description.

    Raises
    ------
    BadInput
        No table of that name.
    """
    resource = _resource(name)
    loaded_files.note_loaded("description", name, _of_description(resource))
    return deepcopy(resource)


def load(name: str) -> pd.DataFrame:
    """One table, checked and typed.

    Returns
    -------
    DataFrame
        Columns as described, rows unique in the descriptor's `key`, declared corrections applied.
        Months, quarters and dates are datetime64 (first day), text is empty where there is none.

    Raises
    ------
    BadInput
        Unknown name, missing file, not UTF-8, no rows, other columns, a cell its field does not allow, a repeated key,
        a unit that contradicts the column's name, a correction whose expected value is gone, or changed bytes.
    """
    resource = _resource(name)
    where = f"{_data()}/{resource['path']}"
    content = _content(resource, where)
    described, corrected = _described(resource), json.dumps(_entries(name))
    frame = _loaded(content, described, corrected, where).copy()
    loaded_files.note_loaded("table", name, _digest(described, corrected))
    return frame


def digest(kind: str, name: str) -> str:
    """Digest of a table, its description or another file as it lies there, by the kind of `core.loaded_files`."""
    if kind == loaded_files.FILE:
        return loaded_files.digest(kind, name)
    resource = _resource(name)
    if kind == "description":
        return _of_description(resource)
    content = _content(resource, f"{_data()}/{resource['path']}")
    if _hash(content) != resource["hash"]:
        return f"not what its description says: {_hash(content)}"
    return _digest(_described(resource), json.dumps(_entries(name)))


#: Of objects that stay the same as long as nobody writes their files, and are asked for thousands of times: a resource
#: as text and its digest, the hash of a table's bytes.
_described: files.ByIdentity[dict[str, Any], str] = files.ByIdentity(json.dumps)
_of_description: files.ByIdentity[dict[str, Any], str] = files.ByIdentity(files.digest_of)
_hash: files.ByIdentity[bytes, str] = files.ByIdentity(hash_of)


@lru_cache(maxsize=128)
def _digest(described: str, corrected: str) -> str:
    """Of a table whose bytes have the digest that its description holds."""
    return files.digest_of([described, corrected])


@lru_cache(maxsize=128)  # more tables than two vintages have, which a refresh holds side by side
def _loaded(content: bytes, described: str, corrected: str, where: str) -> pd.DataFrame:
    """A table's bytes checked and typed, once for the same bytes, descriptor and corrections; never change it."""
    resource = json.loads(described)
    frame = _typed(content, resource, json.loads(corrected), where)
    # Last, so that a change which breaks a rule is told by the rule and not only by the hash.
    if hash_of(content) != resource["hash"]:
        raise Changed(content, resource, where)
    return frame


def sources(tables: Iterable[str]) -> pd.DataFrame:
    """Where the figures of `tables` come from: one row per table, in the order given, each once.

    Reads the descriptor only. Columns: name, title, publisher, table_number, address, licence, coverage, vintage,
    caveat, attribution, and further: (title, path) of each source after the first, which `address` links.
    """
    rows = []
    for name in dict.fromkeys(tables):
        resource = describe(name)
        licence = resource["licenses"][0]["title"]
        further = tuple((source["title"], source.get("path", "")) for source in resource.get("sources", [])[1:])
        credit = {**resource, "table_number": resource["tableNumber"], "licence": licence, "further": further}
        rows.append({column: credit[column] for column in SOURCE_COLUMNS})
    return pd.DataFrame(rows, columns=pd.Index(SOURCE_COLUMNS))


def newest(tables: Iterable[str]) -> date | None:
    """Last day of the newest week, month or quarter in `tables`; None where none of them is dated so.

    Years are left out: the newest of many is a forecast, or known in part.
    """
    ends = []
    for name in dict.fromkeys(tables):
        time = next((column for column in periods.UNBROKEN if column in describe(name)["key"]), "")
        if time:
            last = load(name)[time].max()
            ends.append(last.to_period(periods.FREQUENCIES[time]).end_time.date())
    return max(ends, default=None)


def ending(name: str) -> tuple[date, str] | None:
    """Last day of a table whose figures go no further, and why; None where none is declared, or a later one is held."""
    declared, last = describe(name).get("ends"), newest([name])
    if not declared or last is None or not f"{last:%Y-%m-%d}".startswith(declared["at"]):
        return None
    return last, str(declared["why"])


def row(table: pd.DataFrame, where: str, **equals: object) -> pd.Series:
    """The one row whose columns equal `equals`.

    Raises
    ------
    BadInput
        No such row, or several: a figure must not be taken from the wrong one.
    """
    mask = pd.Series(True, index=table.index)
    for column, wanted in equals.items():
        mask &= table[column] == wanted
    if mask.sum() != 1:
        asked = ", ".join(f"{column}={wanted}" for column, wanted in equals.items())
        raise BadInput(where, asked, found=f"{int(mask.sum())} rows", allowed="exactly one row")
    return table[mask].iloc[0]


def figure(table: pd.DataFrame, where: str, *, column: str = "value", **equals: object) -> float:
    """The one number held in `column` of rows whose columns equal `equals`; BadInput if there is none, or several."""
    return float(row(table.dropna(subset=column), f"{where}, {column}", **equals)[column])


def of_study(table: pd.DataFrame, study: str, effect: str) -> pd.Series:
    """The one row of ``benchmarks_canola`` on an effect, by how the study's name begins; BadInput as of :func:`row`."""
    return row(table[table["study"].str.startswith(study)], f"benchmarks_canola, {study}", effect=effect)


def electric_car_imports(table: pd.DataFrame) -> pd.Series:
    """Value of new electric cars imported from all countries by month, C$.

    Parameters
    ----------
    table : DataFrame
        ``canola_ev_trade_value_monthly``: `month`, `flow`, `hs`, `value_cad`.

    Raises
    ------
    BadInput
        No row, or a month missing in the middle.
    """
    rows = table[(table["flow"] == "imports") & (table["hs"] == ELECTRIC_CARS)]
    if rows.empty:
        raise BadInput(CAR_IMPORTS, "hs", found=f"no imports of {ELECTRIC_CARS}", allowed="one row a month")
    series = rows.set_index("month")["value_cad"].sort_index()
    holes = pd.date_range(series.index[0], series.index[-1], freq="MS").difference(pd.DatetimeIndex(series.index))
    if len(holes):
        gap = f"no {ELECTRIC_CARS} in {holes[0]:%Y-%m}"
        raise BadInput(CAR_IMPORTS, "month", found=gap, allowed="months in a row")
    return series


def generated() -> dict[Path, str]:
    """What is written from descriptor and corrections of the selected vintage: the codebook, and Croissant.

    Tables of one's own are in neither.
    """
    return {_path(("data", name)): text for name, text in rendered(package(), declared()).items()}


def rendered(package: dict[str, Any], entries: Sequence[corrections.Entry]) -> dict[str, str]:
    """As :func:`generated`, by the name of the file, from a descriptor and corrections."""
    shared = _without_own(package)
    return {name: render(shared, entries) for name, render in GENERATED.items()}


def _without_own(package: dict[str, Any]) -> dict[str, Any]:
    return {**package, "resources": [resource for resource in package["resources"] if not resource.get("private")]}


def own() -> tuple[list[str], str]:
    """Names of tables of one's own, and the text that the descriptor would have without them; "" where none is."""
    names_of_own = [str(resource["name"]) for resource in package()["resources"] if resource.get("private")]
    shared = json.dumps(_without_own(package()), indent=2, ensure_ascii=False) + "\n" if names_of_own else ""
    return names_of_own, shared


def validate(*, changed: Callable[[Changed], str] = str) -> list[str]:
    """What is wrong with the tables, one line per problem; empty when nothing is.

    Every table is loaded, and the folder, the corrections and the codebook are compared with the descriptor. `changed`
    words the line of a table whose bytes alone are wrong.
    """
    problems: list[str] = []
    try:
        for name in names():
            try:
                load(name)
            except Changed as error:
                problems.append(changed(error))
            except BadInput as error:
                problems.append(str(error))
        problems += _strays()
    except BadInput as error:
        problems.append(str(error))
    return list(dict.fromkeys(problems))


def accept(today: date | None = None) -> list[str]:
    """Write size and hash of every table into the descriptor and renew the codebook.

    Parameters
    ----------
    today : date, optional
        Periods that were not over then are refused.

    Returns
    -------
    list of str
        Tables whose bytes had changed.

    Raises
    ------
    BadInput
        A table is broken in any way but its hash, as for :func:`load`, or changed and not plausible, as for
        :func:`periods.faults`; nothing is written.
    """
    where = _where(PACKAGE)
    described = deepcopy(descriptor.parse(_read(_path(PACKAGE), where), where, unstamped=True))
    entries_of_all = declared()
    book.render(described, entries_of_all)  # what cannot be rendered is told before anything is written
    changed = []
    for resource in described["resources"]:
        where = f"{_data()}/{resource['path']}"
        content = _content(resource, where)
        stamp, before = {"bytes": len(content), "hash": hash_of(content)}, dict(resource)
        resource.update(stamp)
        frame = _loaded(content, json.dumps(resource), json.dumps(_entries(resource["name"])), where)
        if before != resource:
            changed.append(resource["name"])
            accepted = _accepted(before, where)
            entries = _entries(resource["name"])
            for fault in periods.faults(
                frame, resource, where=where, today=today or date.today(), before=accepted, declared=entries
            ):
                raise fault
    if changed:
        files.write(_path(PACKAGE), json.dumps(described, indent=2, ensure_ascii=False) + "\n")
    for name, text in rendered(described, entries_of_all).items():
        files.write(_path(("data", name)), text)
    return changed


def _accepted(resource: dict[str, Any], where: str) -> pd.DataFrame | None:
    """A table as it was accepted; None where git has it no more, or where it does not fit its description of today."""
    content = accepted_bytes(where, resource.get("hash", ""))
    try:
        return None if content is None else _typed(content, resource, _entries(resource["name"]), where)
    except BadInput:
        return None


def _typed(content: bytes, resource: dict[str, Any], entries: Sequence[corrections.Entry], where: str) -> pd.DataFrame:
    return checked(table_schema.parse(content, where=where), resource, entries, where=where)[1]


def checked(
    cells: pd.DataFrame, resource: dict[str, Any], entries: Sequence[corrections.Entry], *, where: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A table as text, corrections applied, and typed; checked against all of its descriptor but size and hash."""
    fields = resource["schema"]["fields"]
    table_schema.check_units(fields, where=_where(PACKAGE), table=resource["name"])
    table_schema.check_columns(cells, fields, where=where)
    cells = corrections.apply(cells, entries, where=_where(CORRECTIONS), fields=fields, key=resource["key"])
    frame = table_schema.typed(cells, fields, where=where)
    table_schema.check_key(cells, resource["key"], where=where)
    table_schema.check_sizes(frame, resource, where=where)
    return cells, frame.reset_index(drop=True)


def _path(parts: tuple[str, ...]) -> Path:
    """A file of the selected vintage; `parts` begin with ``data`` as in the shipped one."""
    with loaded_files.checking():
        return vintages.folder().joinpath(*parts[1:])


def _data() -> str:
    """Folder of the selected vintage as messages name it."""
    with loaded_files.checking():  # the name of a vintage is in no table
        name = vintages.selected()
    return "data" if name == vintages.SHIPPED else "/".join((*vintages.VINTAGES, name))


def _where(parts: tuple[str, ...]) -> str:
    return "/".join((_data(), *parts[1:]))


def package() -> dict[str, Any]:
    """The descriptor of the selected vintage, shared between callers: never change it."""
    with loaded_files.loading():
        where = _where(PACKAGE)
        return descriptor.parse(_read(_path(PACKAGE), where), where)


def _resource(name: str) -> dict[str, Any]:
    """The descriptor of one table, shared between callers: never change it."""
    resources = {resource["name"]: resource for resource in package()["resources"]}
    if name not in resources:
        near = difflib.get_close_matches(name, resources, n=3, cutoff=0.5) or sorted(resources)
        raise BadInput(_where(PACKAGE), "table", found=name, allowed=", ".join(near))
    return resources[name]


def declared() -> tuple[corrections.Entry, ...]:
    """Declared faults of the selected vintage, shared between callers: never change them."""
    with loaded_files.loading():
        where = _where(CORRECTIONS)
        raw = _read(_path(CORRECTIONS), where)
    return corrections.parse(raw, where=where)


def _entries(name: str) -> list[corrections.Entry]:
    """Declared faults of one table."""
    return [entry for entry in declared() if entry["table"] == name]


def _content(resource: dict[str, Any], where: str) -> bytes:
    with loaded_files.loading():
        return _read(_path((*TABLES, f"{resource['name']}.csv")), where)


def _read(path: Path, where: str) -> bytes:
    return reading.cached_contents(path, where=where, allowed=restored(where))


def _strays() -> list[str]:
    """Files without a descriptor, corrections without a table, a codebook that is out of date."""
    known = names()
    if not _path(TABLES).is_dir():
        raise BadInput(_where(TABLES), found="no such folder", allowed=restored(_where(TABLES)))
    problems = [
        f"{_where(TABLES)}/{path.name}: not described in {_where(PACKAGE)}; describe it or delete it"
        for path in sorted(_path(TABLES).iterdir())
        if path.name not in {f"{name}.csv" for name in known}
    ]
    for entry in declared():
        if entry["table"] not in known:
            problems.append(
                f"{_where(CORRECTIONS)}: {entry['id']}: found {entry['table']}; allowed: {', '.join(known)}"
            )
    for path, text in generated().items():
        if not path.is_file() or path.read_bytes() != text.encode():
            problems.append(f"{_where(('data', path.name))}: out of date; write it with '{ACCEPT}'")
    return problems


def main() -> int:
    """Accept changed tables and say which; the exit status, 2 where a table is broken."""
    try:
        paths.check_root()
        changed = accept()
    except BadInput as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"accepted: {', '.join(changed)}" if changed else "no table changed")
    return 0
