"""Nothing that changes while a kernel runs is taken by name: it would keep the value of the import.

Autoreload refreshes functions and classes wherever they are held. So notebooks import packages, modules, classes and
functions, never values; the package takes values of its own by name only where they are constants, which an edit of
the file alone can change, and for those a kernel of `make lab` says that a restart is needed.
"""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from trees import parsed, statements

from tradeexposure.runner import notebooks

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "lib"


@cache
def modules() -> dict[str, ast.Module]:
    paths = sorted((LIBRARY / "tradeexposure").rglob("*.py"))
    return {
        ".".join(path.relative_to(LIBRARY).with_suffix("").parts): parsed(path.read_text("utf-8")) for path in paths
    }


def rebound(trees: Mapping[str, ast.Module]) -> set[tuple[str, str]]:
    """Names of modules that a function binds anew while the program runs."""
    return {
        (module, name)
        for module, tree in trees.items()
        for node in statements(tree)
        if isinstance(node, ast.Global)
        for name in node.names
    }


def taken(trees: Mapping[str, ast.Module]) -> set[tuple[str, str, str]]:
    """Who takes which name of which module."""
    return {
        (taker, node.module, alias.name)
        for taker, tree in trees.items()
        for node in statements(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


def test_no_module_takes_a_name_that_is_bound_anew():
    trees = modules()
    changing = rebound(trees)
    assert not [taking for taking in taken(trees) if taking[1:] in changing]
    bad = {"a": ast.parse("N = 1\ndef f():\n    global N\n    N = 2"), "b": ast.parse("from a import N")}
    assert [taking for taking in taken(bad) if taking[1:] in rebound(bad)] == [("b", "a", "N")]


def test_values_taken_by_name_are_constants_or_types():
    """Spelt as constants: a lower-case value would look as if it might change."""
    wrong, trees = [], modules()
    packages = {name.removesuffix(".__init__") for name in trees}
    for taker, module, name in taken(trees):
        if module.split(".")[0] != "tradeexposure" or f"{module}.{name}" in packages:
            continue
        value = getattr(importlib.import_module(module), name)
        if not callable(value) and not inspect.ismodule(value) and not name.lstrip("_")[:1].isupper():
            wrong.append(f"{taker}: {module}.{name}")
    assert not wrong


def test_notebooks_take_modules_functions_and_classes_only():
    wrong = []
    for notebook in (each for each in notebooks.discover() if not each.marks.private):
        for cell in notebook.content["cells"]:
            if cell["cell_type"] != "code":
                continue
            for _, module, name in taken({notebook.name: ast.parse(notebooks.source(cell))}):
                value = getattr(importlib.import_module(module), name, None) or importlib.import_module(
                    f"{module}.{name}"
                )
                if not (inspect.ismodule(value) or inspect.isfunction(value) or inspect.isclass(value)):
                    wrong.append(f"{notebook.name}: {module}.{name}")
    assert not wrong
