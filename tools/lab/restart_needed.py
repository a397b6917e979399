"""Says in the notebook when an edit of the package cannot apply without a restart: an extension of IPython.

Autoreload runs a changed module again and gives functions and methods their new code wherever they are held. A value
(a constant, a cached function, the fields of a class) that another module took by name, or used when it was imported,
stays as it was. This watches for such edits and names them before every cell until the kernel is restarted.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PACKAGE = "tradeexposure"
REFRESHED = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass
class Seen:
    """A module as it was when it was imported, and as it is now."""

    path: Path
    time: int
    before: ast.Module
    now: ast.Module


@dataclass
class Watcher:
    """The package's modules as this kernel imported them."""

    shell: Any
    seen: dict[str, Seen] = field(default_factory=dict)

    def remember(self, *_: Any) -> None:
        """Note the text of modules that were imported since the last cell."""
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if name.split(".")[0] == PACKAGE and name not in self.seen and file and file.endswith(".py"):
                tree = _parsed(Path(file))
                if tree is not None:
                    self.seen[name] = Seen(Path(file), Path(file).stat().st_mtime_ns, tree, tree)

    def tell(self, *_: Any) -> None:
        """Print what a restart is needed for, one line each."""
        for name, source in self.seen.items():
            time = source.path.stat().st_mtime_ns if source.path.is_file() else source.time
            if time != source.time:
                source.time, source.now = time, _parsed(source.path) or source.now
            for value in changed_values(source.before, source.now) if source.now is not source.before else ():
                holder = self.holder(name, value)
                if holder:
                    print(f"restart needed: {value} changed ({name}), and {holder} holds the old one")

    def holder(self, module: str, value: str) -> str:
        """Who keeps what `value` of `module` was; empty if nobody does."""
        for name, source in self.seen.items():
            if name != module and holds(source.before, module, value):
                return name
        cells = self.shell.user_ns.get("In", [])
        trees = (_text(cell) for cell in cells)
        return "this notebook" if any(tree and holds(tree, module, value) for tree in trees) else ""


def _parsed(path: Path) -> ast.Module | None:
    try:
        return _text(path.read_text("utf-8"))
    except OSError:
        return None


def _text(code: str) -> ast.Module | None:
    try:
        return ast.parse(code)
    except SyntaxError:
        return None


def changed_values(before: ast.Module, now: ast.Module) -> list[str]:
    """Names whose values differ between two versions of a module and that autoreload cannot give to their holders."""
    old, new = _values(before), _values(now)
    return [name for name in old if new.get(name) != old[name]]


def _values(tree: ast.Module) -> dict[str, str]:
    """Name → what it is made of, for all that is no plain function: its statement; of a class all but its methods."""
    values: dict[str, str] = {}
    for statement in tree.body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            continue
        if isinstance(statement, REFRESHED):
            if statement.decorator_list:
                values[statement.name] = ast.dump(statement)
        elif isinstance(statement, ast.ClassDef):
            values[statement.name] = _fields(statement)
        else:
            for name in _bound(statement):
                values[name] = values.get(name, "") + ast.dump(statement)
    return values


def _fields(statement: ast.ClassDef) -> str:
    kept = [node for node in statement.body if not isinstance(node, (*REFRESHED, ast.Expr))]
    return "".join(map(ast.dump, [*statement.bases, *statement.decorator_list, *kept]))


def _bound(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def holds(tree: ast.Module, module: str, value: str) -> bool:
    """Whether code took `value` of `module` by name, or reads it while it is imported."""
    aliases = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == module and not node.level:
            if any(alias.name in (value, "*") for alias in node.names):
                return True
        elif isinstance(node, ast.ImportFrom):
            aliases |= {alias.asname or alias.name for alias in node.names if f"{node.module}.{alias.name}" == module}
        elif isinstance(node, ast.Import):
            aliases |= {alias.asname for alias in node.names if alias.name == module and alias.asname}
    return any(
        isinstance(node, ast.Attribute) and node.attr == value and getattr(node.value, "id", "") in aliases
        for node in _at_import(tree)
    )


def _at_import(tree: ast.AST) -> Iterator[ast.AST]:
    """Nodes that run when the code is imported: all but the bodies of functions."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, REFRESHED):
            parts: list[ast.AST] = [*child.decorator_list, child.args]
        elif isinstance(child, ast.Lambda):
            parts = [child.args]
        else:
            yield child
            parts = [child]
        for part in parts:
            yield from _at_import(part)


def load_ipython_extension(shell: Any) -> None:
    """Called by IPython."""
    watcher = Watcher(shell)
    watcher.remember()
    shell.events.register("pre_run_cell", watcher.tell)
    shell.events.register("post_run_cell", watcher.remember)
