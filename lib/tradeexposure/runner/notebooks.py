"""The project's notebooks: found by name, read as text, their parameters known before anything runs."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tradeexposure.core import paths
from tradeexposure.core.errors import BadInput
from tradeexposure.core.files import digest_of

PATTERN = "[0-9][0-9]_*.ipynb"
KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
INJECTED = "injected-parameters"
TYPES: dict[str, tuple[type, ...]] = {"str": (str,), "int": (int,), "float": (int, float), "bool": (bool,)}


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

    @property
    def kernel(self) -> str:
        """Name of the kernel the notebook asks for."""
        return str(self.content.get("metadata", {}).get("kernelspec", {}).get("name", ""))

    @property
    def headline(self) -> tuple[str, ...]:
        """Identifiers of the numbers shown for it in the list of editions."""
        return tuple(self.content.get("metadata", {}).get("tradeexposure", {}).get("headline", ()))

    @property
    def takes(self) -> tuple[str, ...]:
        """Estimates whose numbers and tables it is given, for a notebook that does not depend on the scenario."""
        return tuple(self.content.get("metadata", {}).get("tradeexposure", {}).get("takes", ()))

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
    folder = paths.path("notebooks")
    found = sorted(folder.glob(PATTERN))
    if not found:
        raise BadInput(paths.relative(folder), found="no notebook", allowed="files named NN_verb_noun.ipynb")
    return [read(path) for path in found]


def read(path: Path) -> Notebook:
    """Read one notebook.

    Raises
    ------
    BadInput
        Not a notebook of format 4, or no usable `parameters` cell.
    """
    where = paths.relative(path)
    content = load(path)
    executed = [
        (cell.get("cell_type"), cell.get("id"), source(cell), tags(cell))
        for cell in content["cells"]
        if cell.get("cell_type") != "raw"
    ]
    metadata = content.get("metadata", {})
    marks = (metadata.get("kernelspec", {}).get("name"), metadata.get("tradeexposure"))
    return Notebook(path.stem, path, content, _parameters(where, content["cells"]), digest_of([executed, marks]))


def load(path: Path) -> dict[str, Any]:
    """A notebook's JSON; :class:`BadInput` if it is not a notebook of format 4."""
    where = paths.relative(path)
    allowed = "a Jupyter notebook of format 4; save it again in JupyterLab"
    try:
        content = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BadInput(where, found=error.strerror or str(error), allowed=allowed) from None
    except ValueError as error:
        raise BadInput(where, found=f"no JSON ({error})", allowed=allowed) from None
    if not isinstance(content, dict) or content.get("nbformat") != 4 or not isinstance(content.get("cells"), list):
        raise BadInput(where, found="JSON that is no notebook", allowed=allowed)
    return content


def _parameters(where: str, cells: list[Mapping[str, Any]]) -> tuple[Parameter, ...]:
    tagged = [cell for cell in cells if "parameters" in tags(cell)]
    allowed = "one code cell tagged 'parameters' that assigns literals, such as: scenario: str = \"deal_2026\""
    if len(tagged) != 1 or tagged[0].get("cell_type") != "code":
        raise BadInput(where, "parameters", found=f"{len(tagged)} cells with that tag", allowed=allowed)
    try:
        statements = ast.parse(source(tagged[0])).body
    except SyntaxError as error:
        raise BadInput(where, "parameters", found=(error.text or "").strip(), allowed=allowed) from None
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
    except ValueError:
        raise BadInput(where, "parameters", found=ast.unparse(statement), allowed=allowed) from None
    annotation = ast.unparse(statement.annotation) if isinstance(statement, ast.AnnAssign) else ""
    return Parameter(target.id, annotation, value is not None, default)


def check_parameters(notebook: Notebook, given: Mapping[str, Any]) -> None:
    """Compare the parameters of a run with the notebook's own, both ways.

    Raises
    ------
    BadInput
        A given name that the notebook does not have, one it needs that is not given, or a value of another type.
    """
    where, known = paths.relative(notebook.path), {parameter.name: parameter for parameter in notebook.parameters}
    for name in given:
        if name not in known:
            raise BadInput(where, "parameters", found=f"no {name}", allowed=", ".join(known) or "no parameters")
    for name, parameter in known.items():
        if name not in given and not parameter.has_default:
            raise BadInput(where, name, found="no value", allowed="a default in the parameters cell")
        types = TYPES.get(parameter.annotation)
        if name in given and types and type(given[name]) not in types:
            raise BadInput(where, name, found=repr(given[name]), allowed=f"a value of type {parameter.annotation}")


def effective_parameters(notebook: Notebook, given: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a run that is passed `given`: defaults, overridden by what is passed, as JSON holds them."""
    values = {parameter.name: parameter.default for parameter in notebook.parameters} | dict(given)
    return dict(json.loads(json.dumps(values, default=repr)))


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
    return content


def code_number(cells: list[Any], index: int) -> int:
    """Number of the code cell at `index` as the analyst counts them: 1 for the first, the injected one not counted."""
    return sum(cell["cell_type"] == "code" and INJECTED not in tags(cell) for cell in cells[: index + 1])
