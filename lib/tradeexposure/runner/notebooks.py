"""The project's notebooks: found by name, read as text, their parameters known before anything runs."""

from __future__ import annotations

import ast
import contextlib
import json
import re
import warnings
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from tradeexposure.core import paths, reading
from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.core.files import UnlessWritten, digest_of

if TYPE_CHECKING:
    import pandas as pd

KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
FORMAT = 4
ALLOWED = "a Jupyter notebook of format 4; save it again in JupyterLab"
INJECTED = "injected-parameters"
LOADED_TABLE = re.compile(r"\bload\(\s*[\"']([a-z0-9_]+)[\"']")
TYPES: dict[str, tuple[type, ...]] = {"str": (str,), "int": (int,), "float": (int, float), "bool": (bool,)}


class _Part(BaseModel):
    """What the project reads of a notebook has its type; the rest is the schema's own, see :func:`check_format`."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)


class CellMarks(_Part):
    """Metadata of a cell."""

    tags: list[str] = []


class Output(_Part):
    """One output of a cell."""

    output_type: Literal["stream", "display_data", "execute_result", "error"]


class Cell(_Part):
    """One cell; on disk its source may be a list of lines."""

    cell_type: Literal["code", "markdown", "raw"]
    metadata: CellMarks
    source: str | list[str]
    id: str | None = None
    outputs: list[Output] = []


class Kernel(_Part):
    """The kernel a notebook asks for."""

    name: str = ""


class Marks(_Part):
    """What the project itself notes in a notebook.

    `headline`: identifiers of the numbers that lead its page. `compares`: it runs once and sets the scenarios side by
    side. `private`: it is one's own, and no shipped page, catalogue or picture has it. `takes`: estimates whose numbers
    and tables it is given; one that names none is given none if it is an estimate, and all if it depends on the
    scenario.
    """

    headline: list[str] = []
    compares: bool = False
    private: bool = False
    takes: list[str] = []


class NotebookMarks(_Part):
    """Metadata of a notebook."""

    kernelspec: Kernel = Kernel()
    tradeexposure: Marks = Marks()
    language_info: dict[str, Any] = {}


class File(_Part):
    """A notebook file."""

    nbformat: Literal[4]
    nbformat_minor: Annotated[int, Field(ge=0, le=99)]
    metadata: NotebookMarks
    cells: list[Cell]


@dataclass(frozen=True)
class Parameter:
    """A name assigned in the `parameters` cell: its annotation as written, and its default if it has one."""

    name: str
    annotation: str
    has_default: bool
    default: Any = None


@dataclass(frozen=True, eq=False)
class Notebook:
    """A notebook as it lies in ``notebooks/``.

    `digest` covers what is executed (sources, cell ids, tags, kernel) and not the outputs,
    so that writing outputs does not make a notebook look edited.
    """

    name: str
    path: Path
    content: Mapping[str, Any]
    parameters: tuple[Parameter, ...]
    digest: str

    @property
    def depends_on_scenario(self) -> bool:
        """True for a notebook whose `parameters` cell assigns `scenario`; the others are estimates."""
        return any(parameter.name == "scenario" for parameter in self.parameters)

    @cached_property
    def marks(self) -> Marks:
        """What its own metadata says."""
        return Marks.model_validate(self.content.get("metadata", {}).get("tradeexposure", {}))

    @property
    def tabulates(self) -> bool:
        """True for a notebook that works out many scenarios at once: its parameter `scenarios` names them.

        It hands over a table, and no page is made of it.
        """
        return any(parameter.name == "scenarios" for parameter in self.parameters)

    @property
    def kernel(self) -> str:
        """Name of the kernel the notebook asks for."""
        return str(self.content.get("metadata", {}).get("kernelspec", {}).get("name", ""))

    @property
    def title(self) -> str:
        """The first heading, without the hash."""
        lines = (line for cell in self.content["cells"] for line in source(cell).splitlines())
        return next((line[2:].strip() for line in lines if line.startswith("# ")), self.name)


def source(cell: Mapping[str, Any]) -> str:
    """A cell's source as one text; on disk it may be a list of lines."""
    text = cell.get("source", "")
    return text if isinstance(text, str) else "".join(text)


def tags(cell: Mapping[str, Any]) -> list[str]:
    """A cell's tags."""
    return list(cell.get("metadata", {}).get("tags", []))


def discover() -> list[Notebook]:
    """All notebooks, in the order of their numbers.

    Raises
    ------
    BadInput
        No notebook, one that cannot be read, or one without a usable `parameters` cell.
    """
    notebook_paths = paths.notebooks()
    if not notebook_paths:
        raise BadInput("notebooks", found="no notebook", allowed="files named NN_verb_noun.ipynb")
    return [read(path) for path in notebook_paths]


def read(path: Path) -> Notebook:
    """Read one notebook; the same object as long as nobody writes the file, so never change what it holds.

    Raises
    ------
    BadInput
        Not a notebook of format 4, no usable `parameters` cell, or one that compares and depends on the scenario.
    """
    return _kept(path, lambda: _read(path))


_kept: UnlessWritten[Notebook] = UnlessWritten()


def with_code(notebook: Notebook, change: Callable[[str], str]) -> Notebook:
    """A notebook as it would be with the source of each code cell changed; the file stays as it is."""
    cells = [{**cell, "source": change(source(cell))} if cell["cell_type"] == "code" else cell
             for cell in notebook.content["cells"]]  # fmt: skip
    return _of(notebook.path, {**notebook.content, "cells": cells})


def _read(path: Path) -> Notebook:
    return _of(path, load(path))


def _of(path: Path, content: Mapping[str, Any]) -> Notebook:
    where = paths.relative(path)
    executed = [
        (cell.get("cell_type"), cell.get("id"), source(cell), tags(cell))
        for cell in content["cells"]
        if cell.get("cell_type") != "raw"
    ]
    metadata = content.get("metadata", {})
    marks = (metadata.get("kernelspec", {}).get("name"), metadata.get("tradeexposure"))
    notebook = Notebook(path.stem, path, content, _parameters(where, content["cells"]), digest_of([executed, marks]))
    if notebook.marks.compares and notebook.depends_on_scenario:
        allowed = "one of the two: a notebook that compares runs once, for no scenario"
        raise BadInput(where, "compares", found="true, and a parameter scenario", allowed=allowed)
    return notebook


def load(path: Path) -> dict[str, Any]:
    """A notebook's JSON; :class:`BadInput` if it is not a notebook of format 4."""
    where = paths.relative(path)
    content = reading.json_of(reading.contents(path, where=where, allowed=ALLOWED), where=where, allowed=ALLOWED)
    if not isinstance(content, dict) or content.get("nbformat") != FORMAT or not isinstance(content.get("cells"), list):
        raise BadInput(where, found="JSON that is no notebook", allowed=ALLOWED)
    reading.as_model(File, content, where=where)
    return content


def check_format(notebook: Notebook) -> None:
    """:class:`BadInput` where a notebook breaks the published schema of its format, which JupyterLab would refuse, or
    two of its cells have the same id.
    """
    from nbformat import ValidationError, from_dict, validate

    where, ids = paths.relative(notebook.path), [cell["id"] for cell in notebook.content["cells"] if "id" in cell]
    if twice := next((name for name in ids if ids.count(name) > 1), ""):
        raise BadInput(where, "cells", found=f"two cells with the id {twice}", allowed="an id of its own for each cell")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of ids: the rules of a committed notebook tell them
            validate(from_dict(notebook.content), version=FORMAT, version_minor=notebook.content["nbformat_minor"])
    except ValidationError as error:
        place = reading.dotted(tuple(getattr(error, "absolute_path", ())))
        raise BadInput(where, place, found=str(error.message).partition("\n")[0], allowed=ALLOWED) from None


def _parameters(where: str, cells: list[Mapping[str, Any]]) -> tuple[Parameter, ...]:
    tagged = [cell for cell in cells if "parameters" in tags(cell)]
    allowed = "one code cell tagged 'parameters' that assigns literals, such as: scenario: str = \"deal_2026\""
    if len(tagged) != 1 or tagged[0].get("cell_type") != "code":
        raise BadInput(where, "parameters", found=f"{len(tagged)} cells with that tag", allowed=allowed)
    try:
        statements = ast.parse(source(tagged[0])).body
    except SyntaxError as error:
        found = (error.text or "").strip() or str(error.msg)
        raise BadInput(where, "parameters", found=found, allowed=allowed) from None
    except (ValueError, MemoryError, RecursionError) as error:
        raise BadInput(where, "parameters", found=str(error) or "a value nested too deeply", allowed=allowed) from None
    return tuple(_parameter(where, statement, allowed) for statement in statements)


def _parameter(where: str, statement: ast.stmt, allowed: str) -> Parameter:
    target: ast.expr | None = None
    if isinstance(statement, ast.AnnAssign):
        target = statement.target
    elif isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
    value = getattr(statement, "value", None)
    try:
        if not isinstance(target, ast.Name):
            raise ValueError
        default = None if value is None else ast.literal_eval(value)
    except (ValueError, TypeError, MemoryError, RecursionError):
        written = "a value nested too deeply"
        with contextlib.suppress(RecursionError, ValueError):
            written = ast.unparse(statement)
        raise BadInput(where, "parameters", found=written, allowed=allowed) from None
    annotation = ast.unparse(statement.annotation) if isinstance(statement, ast.AnnAssign) else ""
    return Parameter(target.id, annotation, value is not None, default)


def check_parameters(notebook: Notebook, values: Mapping[str, Any]) -> None:
    """Compare the parameters of a run with the notebook's own, both ways.

    Raises
    ------
    BadInput
        A given name that the notebook does not have, one it needs that is not given, or a value of another type.
    """
    where, known = paths.relative(notebook.path), {parameter.name: parameter for parameter in notebook.parameters}
    for name in values:
        if name not in known:
            raise BadInput(where, "parameters", found=f"no {name}", allowed=", ".join(known) or "no parameters")
    for name, parameter in known.items():
        if name not in values and not parameter.has_default:
            raise BadInput(where, name, found="no value", allowed="a default in the parameters cell")
        types = TYPES.get(parameter.annotation)
        if name in values and types and type(values[name]) not in types:
            raise BadInput(where, name, found=repr(values[name]), allowed=f"a value of type {parameter.annotation}")


def effective_parameters(notebook: Notebook, passed: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a run that is passed `passed`: defaults, overridden by what is passed, as JSON holds them."""
    values = {parameter.name: parameter.default for parameter in notebook.parameters} | dict(passed)
    return dict(json.loads(json.dumps(values, default=repr)))


def tables_of(notebook: Notebook, frame: pd.DataFrame, tables: Collection[str]) -> list[str]:
    """Those of all `tables` that a notebook loads by name or states behind its numbers, in alphabetical order.

    Raises
    ------
    RunFailed
        It states a table that is not there.
    """
    there = set(tables)
    stated = {name.strip() for cell in frame["tables"] for name in str(cell).split(";")}
    unknown = sorted(stated - {""} - there)
    if unknown:
        where = f"notebooks/{notebook.path.name}: a published number"
        raise RunFailed(f"{where} states the table {unknown[0]}, which is not in data/datapackage.json")
    loaded = {name for cell in notebook.content["cells"] for name in LOADED_TABLE.findall(source(cell))}
    return sorted((stated | loaded) & there)


def clean(content: dict[str, Any]) -> dict[str, Any]:
    """Drop from an executed notebook all that differs from run to run or from machine to machine.

    That is all metadata but kernel, language and tags, the version of Python, and the random id of the cell that sets
    the parameters. Changes `content` in place and returns it.
    """
    metadata = content["metadata"]
    language = {key: value for key, value in metadata.get("language_info", {}).items() if key != "version"}
    kept = {"kernelspec": dict(KERNELSPEC), "language_info": language}
    if "tradeexposure" in metadata:
        kept["tradeexposure"] = metadata["tradeexposure"]
    content["metadata"] = kept
    for cell in content["cells"]:
        if INJECTED in tags(cell):
            cell["id"] = INJECTED
        cell["metadata"] = {"tags": tags(cell)} if tags(cell) else {}
        for output in cell.get("outputs", []):
            output.pop("transient", None)
        if cell.get("outputs"):
            cell["outputs"] = merge_streams(cell["outputs"])
    return content


def code_number(cells: list[Any], index: int) -> int:
    """Number of the code cell at `index` as the analyst counts them: 1 for the first, the injected one not counted."""
    return sum(cell["cell_type"] == "code" and INJECTED not in tags(cell) for cell in cells[: index + 1])


def merge_streams(outputs: Iterable[Any]) -> list[Any]:
    """Outputs of a cell with one output per stream, where its first piece stood; standard output before errors.

    The library's own way takes time that grows with the square of the longest line; a line of three megabytes took
    minutes. Here every letter is looked at once or twice.
    """
    kept: list[Any] = []
    pieces: dict[str, list[str]] = {}
    for output in outputs:
        if output["output_type"] != "stream":
            kept.append(output)
            continue
        if output["name"] not in pieces:
            kept.append(output)
        text = output["text"]
        pieces.setdefault(output["name"], []).append(text if isinstance(text, str) else "".join(text))
    for output in kept:
        if output["output_type"] == "stream":
            output["text"] = terminal_text("".join(pieces[output["name"]]))
    streams = [output["name"] if output["output_type"] == "stream" else "" for output in kept]
    for place in range(1, len(kept)):
        if streams[place - 1 : place + 1] == ["stderr", "stdout"]:
            kept[place - 1], kept[place] = kept[place], kept[place - 1]
            streams[place - 1], streams[place] = streams[place], streams[place - 1]
    return kept


def terminal_text(text: str) -> str:
    """`text` as a terminal would leave it: what stands in a line before its last return is gone.

    A return that ends a line moves nothing.
    """
    lines = text.split("\n") if "\r" in text else [text]
    return "\n".join(line[line.rfind("\r", 0, max(len(line) - 1, 0)) + 1 :] for line in lines)
