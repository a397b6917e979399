"""Code read as a tree, without importing it: parsed once a process, its statements, the names that it defines and
imports; the committed notebooks, read once a process.
"""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import nbformat

from tradeexposure.runner import notebooks

#: Parts of a node that hold statements.
BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


@cache
def parsed(code: str) -> ast.Module:
    """The tree of a module; looking for garbage among its nodes would take longer than making them."""
    searching = gc.isenabled()
    gc.disable()
    try:
        return ast.parse(code)
    finally:
        if searching:
            gc.enable()


def statements(tree: ast.AST) -> Iterator[Any]:
    """All statements below a node, those inside others too, without what they are made of."""
    todo = [tree]
    while todo:
        node = todo.pop()
        for block in BLOCKS:
            inside = getattr(node, block, ())
            yield from inside
            todo += inside


def defines(text: str, dotted: str) -> bool:
    """Whether a module, or a class in it, defines a name; for `Class.name`, whether that class does."""
    body = parsed(text).body
    if "." not in dotted:
        body = [*body, *(inner for node in body if isinstance(node, ast.ClassDef) for inner in node.body)]
    for name in dotted.split("."):
        node = next((node for node in body if name in names_of(node)), None)
        if node is None:
            return False
        body = getattr(node, "body", [])
    return True


def names_of(node: ast.stmt) -> list[str]:
    """Names that a statement defines: a function, a class, what is assigned."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return [part.id for target in targets for part in ast.walk(target or ast.Pass()) if isinstance(part, ast.Name)]


@cache
def imports_of(code: str) -> dict[str, str]:
    """Name in a module → what it imports by that name, whole; those of functions and of type checking too."""
    taken = {}
    for node in ast.walk(parsed(code)):
        if isinstance(node, ast.ImportFrom):
            taken |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
        elif isinstance(node, ast.Import):
            taken |= {each.asname or each.name: each.name for each in node.names}
    return taken


@cache
def committed_notebooks() -> tuple[Path, ...]:
    """Notebooks that are not a user's own."""
    return tuple(each.path for each in notebooks.discover() if not each.marks.private)


@cache
def code_cells(path: Path) -> list[Any]:
    """The code cells of a notebook."""
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
