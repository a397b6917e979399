"""``tradeexposure new``: a scenario, a notebook, a table or a policy fact to begin with; nothing is overwritten."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from tradeexposure.core import files, paths, reading
from tradeexposure.core.errors import BadInput
from tradeexposure.policy.blank_files import TO_WRITE
from tradeexposure.runner import notebooks

NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
NOTEBOOK = re.compile(r"[0-9]{2}(_[a-z0-9]+){2,}")
NAMES = "lower-case letters, digits and _, a letter first, at most 64"
NOTEBOOKS = "NN_verb_noun: two digits, then words of lower-case letters and digits, joined by _"
EXAMPLE = "deal_2026"  # the scenario that a new one begins from
RESERVED = ("before_measures", "grids", "vocabulary")
#: What a table's entry needs, in words; the schema is ``data/descriptor.py:Table``.
ENTRY = {
    "title": "what the table holds, in a few words",
    "publisher": "who publishes it",
    "attribution": "the credit as the publisher wants it",
    "coverage": "first to last period, such as 2015 to 2026",
    "vintage": "day on which the figures were published or fetched",
    "caveat": "what a reader could misread; empty text where there is nothing",
}
LICENCE = "terms of use, such as Open Government Licence - Canada"
MEANING = "what the column holds"


def write(kind: str, name: str) -> list[Path]:
    """Begin something new.

    Parameters
    ----------
    kind : str
        ``scenario``, ``notebook``, ``table`` or ``fact``.
    name : str
        Lower-case letters, digits and _; of a notebook ``NN_verb_noun``.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    BadInput
        Another kind, a name that cannot be one, or one that is taken; nothing is written.
    """
    if kind not in KINDS:
        raise BadInput("new", found=kind or "nothing", allowed=", ".join(KINDS))
    pattern, allowed = (NOTEBOOK, NOTEBOOKS) if kind == "notebook" else (NAME, NAMES)
    if not pattern.fullmatch(name) or name in RESERVED or len(name) > 64:
        raise BadInput(f"new {kind}", found=name or "nothing", allowed=allowed)
    return KINDS[kind](name)


def unwritten() -> list[str]:
    """What is left to write in notebooks and in the descriptions of tables, one line each."""
    faults = []
    for path in [*paths.notebooks(), paths.path(*PACKAGE)]:
        if path.is_file() and TO_WRITE.encode() in path.read_bytes():
            where = paths.relative(path)
            content = reading.json_of(reading.contents(path, where=where), where=where, allowed="JSON")
            faults += _open_cells(where, content) if path.suffix == ".ipynb" else _open_entries(where, content)
    return faults


def refuse_drafts() -> None:
    """:class:`BadInput` where anything begun with ``tradeexposure new`` is not written yet: it would be published."""
    from tradeexposure.policy import blank_files

    for unfinished in (blank_files.drafts, unwritten):
        left = unfinished()
        if left:
            more = f"; {len(left) - 1} more: tradeexposure check" if len(left) > 1 else ""
            where, _, rest = left[0].partition(": found ")
            found, _, allowed = rest.partition("; allowed: ")
            raise BadInput(where, found=found, allowed=f"{allowed}{more}")


def _fresh(path: Path, kind: str) -> Path:
    """`path`; BadInput where something is there."""
    if path.exists() or path.is_symlink():
        raise BadInput(f"new {kind}", found=f"{path.stem} ({paths.relative(path)} is there)", allowed="another name")
    if not path.parent.is_dir():
        raise BadInput(paths.relative(path.parent), found="no such folder", allowed="the folder of the project")
    return path


def _scenario(name: str) -> list[Path]:
    from tradeexposure.policy import blank_files, scenarios

    path = _fresh(paths.path("data", "scenarios", f"{name}.yml"), "scenario")
    files.write(path, blank_files.scenario_text(name, like=scenarios.load(EXAMPLE)))
    return [path]


def _fact(name: str) -> list[Path]:
    from tradeexposure.policy import blank_files, tariff_schedule

    path = _fresh(paths.path("data", "parameters", f"{name}.yml"), "fact")
    if name in {measure.id for measure in tariff_schedule.all_measures()}:
        raise BadInput("new fact", found=f"{name} (a measure of data/parameters)", allowed="another name")
    files.write(path, blank_files.fact_text(name))
    return [path]


PACKAGE = ("data", "datapackage.json")


def _table(name: str) -> list[Path]:
    path, package = _fresh(paths.path("data", "tables", f"{name}.csv"), "table"), paths.path(*PACKAGE)
    where = paths.relative(package)
    content = reading.json_of(reading.contents(package, where=where), where=where, allowed="a descriptor of tables")
    if name in {str(resource.get("name")) for resource in content["resources"]}:
        raise BadInput("new table", found=f"{name} (described in {where})", allowed="another name")
    text, texts = "year,value_cad\n", {key: f"{TO_WRITE}: {hint}" for key, hint in ENTRY.items()}
    # Two columns to change, and words to write.
    fields = [
        {"name": "year", "type": "integer", "description": f"{TO_WRITE}: {MEANING}", "unit": "year",
         "constraints": {"required": True}},
        {"name": "value_cad", "type": "number", "description": f"{TO_WRITE}: {MEANING}", "unit": "CAD",
         "constraints": {"required": True}},
    ]  # fmt: skip
    content["resources"].append({
        "name": name, "type": "table", "private": True, "path": f"tables/{name}.csv", "title": texts["title"],
        "publisher": texts["publisher"], "tableNumber": "", "address": "",
        "licenses": [{"name": "licence", "title": f"{TO_WRITE}: {LICENCE}"}], "attribution": texts["attribution"],
        "sources": [{"title": texts["publisher"]}], "coverage": texts["coverage"], "vintage": texts["vintage"],
        "accessed": date.today().isoformat(), "trust": "C", "caveat": texts["caveat"],
        "scheme": "file", "format": "csv", "mediatype": "text/csv",
        "encoding": "utf-8", "bytes": len(text), "hash": f"sha256:{files.digest(text)}", "key": ["year"],
        "schema": {"fields": fields, "missingValues": [""], "primaryKey": ["year"]},
    })  # fmt: skip
    files.write(path, text)
    files.write(package, json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    return [path, package]


def _open_entries(where: str, content: Any) -> list[str]:
    """Words of the descriptor that are still to be written."""

    def walk(value: Any, place: str) -> list[str]:
        if isinstance(value, dict):
            return [fault for key, item in value.items() for fault in walk(item, f"{place}.{key}")]
        if isinstance(value, list):
            return [fault for at, item in enumerate(value) for fault in walk(item, f"{place}[{at}]")]
        if isinstance(value, str) and value.startswith(TO_WRITE):
            wanted = value.partition(": ")[2] or "text"
            return [str(BadInput(where, place, found=TO_WRITE, allowed=wanted))]
        return []

    return [fault for resource in content["resources"] for fault in walk(resource, str(resource.get("name")))]


def _notebook(name: str) -> list[Path]:
    """A notebook that keeps to the form and runs; its words, table and number are to be changed."""
    path = _fresh(paths.path("notebooks", f"{name}.ipynb"), "notebook")
    cells = [
        _cell("title", f"# {TO_WRITE}: a question or a finding\n\n{TO_WRITE}: what is asked, in one or two sentences?"),
        _cell("reads-writes-takes", "| Reads | Writes | Takes |\n|---|---|---|\n"
              f"| {TO_WRITE}: which tables | {TO_WRITE}: which identifiers | The year |"),
        _cell("parameters", "year: int = 2024  # calendar year that is shown", tag="parameters"),
        _cell("imports", "from tradeexposure import data\n"
              "from tradeexposure.reporting import Book, parameters, tables"),
        _cell("validate-intent", f"{TO_WRITE}: why other parameters are refused here."),
        _cell("validate", f'chosen = parameters.check(globals(), year=(2014, 2025))\nbook = Book("{name}", chosen)'),
        _cell("load-intent", f"## Read the table\n\n{TO_WRITE}: what it holds, and what a reader could misread."),
        _cell("load", 'crush = data.load("canola_crush_monthly")\nof_year = crush[crush["month"].dt.year == year]'),
        _cell("number-intent", f"## Find the number\n\n{TO_WRITE}: a sentence of intent, and what to read from it."),
        _cell("number", _NUMBER, tag="headline"),
        _cell("checks", f"## Checks\n\n{TO_WRITE}: what must be true of the numbers above."),
        _cell("check", "assert len(of_year) == 12"),
        _cell("answer-heading", "## The answer"),
        _cell("answer", 'text = """{caveat}**Canada crushed {canola.crush_draft_kt.@year}.**"""\n'
              'book.say(text.replace("@year", str(year)))', tag="answer"),
        _cell("save-heading", "## Save\n\nThe published numbers leave the notebook through this table."),
        _cell("save", "book.save()"),
        _cell("limits", f"## What this does not show\n\n- **{TO_WRITE}.** What a reader could wrongly conclude."),
    ]  # fmt: skip
    own = {"headline": ["canola.crush_draft_kt.2024"], "private": True}
    metadata = {"kernelspec": dict(notebooks.KERNELSPEC), "language_info": {"name": "python"}, "tradeexposure": own}
    content = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    files.write(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    return [path]


_NUMBER = """book.add(
    f"canola.crush_draft_kt.{year}",
    of_year["seed_crushed_kt"].sum(),
    label=f"Canola crushed in Canada, {year}",
    unit="kilotonnes",
    period=str(year),
    method="sum of months",
    tables="canola_crush_monthly",
)
tables.show(of_year, caption="Canola crushed by month")"""


def _cell(key: str, source: str, *, tag: str = "") -> dict[str, Any]:
    """A code cell where the key is not that of words; ids say which is which."""
    prose = key.endswith(("-intent", "-heading")) or key in ("title", "reads-writes-takes", "checks", "limits")
    cell: dict[str, Any] = {"cell_type": "markdown" if prose else "code", "id": key, "metadata": {}, "source": source}
    if not prose:
        cell |= {"execution_count": None, "outputs": [], "metadata": {"tags": [tag]} if tag else {}}
    return dict(sorted(cell.items()))


def _open_cells(where: str, content: Any) -> list[str]:
    """Cells of a notebook in which something is still to be written."""
    faults = []
    for place, cell in enumerate(content["cells"], start=1):
        text = notebooks.source(cell)
        if TO_WRITE in text:
            wanted = text.partition(f"{TO_WRITE}: ")[2].partition("\n")[0].partition(" |")[0] or "text"
            faults.append(str(BadInput(where, f"cell {place} ({cell.get('id')})", found=TO_WRITE, allowed=wanted)))
    return faults


KINDS: dict[str, Callable[[str], list[Path]]] = {
    "scenario": _scenario, "notebook": _notebook, "table": _table, "fact": _fact,
}  # fmt: skip
