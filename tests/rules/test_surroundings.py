"""What notebooks import asks its surroundings nothing: no variable, no look whether a file is there, no file.

A result that depended on an answer would not know it. Loaders ask, inside functions that are listed with their reason.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from trees import parsed

PACKAGE = Path(__file__).resolve().parents[2] / "lib" / "tradeexposure"
#: For the command alone; a watch over each run sees to what notebooks still get from there.
COMMANDS = {"cli.py", "runner", "refresh", "publishing"}
METHODS = {"exists", "is_file", "is_dir", "glob", "rglob", "iterdir", "read_text", "read_bytes", "open"}
OF_SYSTEM = {
    "environ", "getenv", "stat", "lstat", "listdir", "scandir", "walk", "open", "access",
    "exists", "lexists", "isfile", "isdir", "getsize", "getmtime",
}  # fmt: skip
LOOKUP, COMMAND = "a loader; the entry it gives out is recorded", "for the command, before or after a run"
ROOT, HANDED = "where the project lies; no result names it", "what the run hands over, whose rows are recorded"
SAFE = "how files are read and written; whoever calls it is a loader or the command"
ALLOWED = {
    "core/loaded_files.py:digest": "tells what lies there now, for a key",
    "core/paths.py:root": ROOT, "core/paths.py:check_root": ROOT, "core/paths.py:typed_path": COMMAND,
    "core/handover.py:_path": HANDED, "core/handover.py:_document": HANDED,
    "core/handover.py:_before": "committed notebooks, outside a run only",
    "core/reading.py:contents": SAFE,
    "core/plain.py:fill_closed_streams": COMMAND, "core/plain.py:discard_output": COMMAND,
    "core/files.py:files": SAFE, "core/files.py:_listed": SAFE,
    "core/files.py:digest_of_file": SAFE, "core/files.py:UnlessWritten.__call__": SAFE,
    "core/files.py:remove_unfinished": SAFE, "core/files.py:write_if_changed": SAFE,
    "data/frozen_forecasts.py:_listed": LOOKUP, "data/frozen_forecasts.py:files_before": COMMAND,
    "data/frozen_forecasts.py:write": COMMAND,
    "data/input_digests.py:_lock": COMMAND, "data/input_digests.py:code_folder": COMMAND,
    "data/tables.py:_strays": COMMAND, "data/vintages.py:names": LOOKUP, "data/vintages.py:selected": LOOKUP,
    "data/vintages.py:current": LOOKUP, "data/vintages.py:pinned": COMMAND, "data/vintages.py:new_name": COMMAND,
    "policy/starts.py:drafts": COMMAND, "policy/scenario_grids.py:problems": COMMAND,
    "policy/scenario_grids.py:variant": "names for a check, which can only refuse",
    "policy/scenarios.py:_names": "what names() gives out and records; a check looks too, which can only refuse",
    "policy/scenarios.py:_check_folder": "a check, which can only refuse",
    "policy/tariff_schedule.py:_looked_at": LOOKUP,
    "reporting/chart_style.py:converter": "sets what tells a library where fonts are, and puts it back",
    "reporting/chart_style.py:output": "who draws a chart, this process or the one that started it: it draws the same",
}  # fmt: skip


def asks(node: ast.AST) -> bool:
    """Whether a node of the code looks at the environment, at a folder or into a file."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id == "open"
    if isinstance(node, ast.ImportFrom):
        return node.module in ("os", "os.path", "glob") and bool(OF_SYSTEM & {name.name for name in node.names})
    if not isinstance(node, ast.Attribute):
        return False
    owner = ast.unparse(node.value)
    if owner in ("os", "os.path"):
        return node.attr in OF_SYSTEM
    return node.attr in METHODS


def askers(code: str) -> Iterator[str]:
    """Functions (`Class.method`) that ask, each once; the empty name stands for a module's top level."""
    for name, body in _parts(parsed(code)):
        if any(asks(node) for part in body for node in ast.walk(part)):
            yield name


def _parts(tree: ast.Module) -> Iterator[tuple[str, list[ast.stmt]]]:
    top: list[ast.stmt] = []
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{getattr(part, 'name', '')}", [part]) for part in node.body)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, [node]
        else:
            top.append(node)
    yield "", top


def test_what_notebooks_import_asks_nothing():
    found = {
        f"{path.relative_to(PACKAGE).as_posix()}:{name}"
        for path in PACKAGE.rglob("*.py")
        if path.relative_to(PACKAGE).parts[0] not in COMMANDS
        for name in askers(path.read_text("utf-8"))
    }
    assert found - set(ALLOWED) == set(), "give it as an argument, or read it by core/loaded_files.py:contents"
    assert set(ALLOWED) - found == set(), "it no longer asks: take it off the list"


@pytest.mark.parametrize(
    "line",
    [
        "os.environ['HOME']", "os.getenv('HOME')", "os.path.exists(x)", "os.path.isfile(x)", "os.stat(x)", "open(x)",
        "os.listdir(x)", "Path(x).exists()", "x.is_file()", "x.is_dir()", "list(x.glob('*'))", "list(x.iterdir())",
        "x.open()", "x.read_text()", "list(map(Path.exists, x))", "glob.glob(x)",
    ],
)  # fmt: skip
def test_a_question_would_be_seen(line: str):
    assert list(askers(f"def f(x):\n    return {line}\n")) == ["f"]
    assert list(askers(f"class A:\n    def f(self, x):\n        return {line}\n")) == ["A.f"]
    assert list(askers(f"HELD = {line}\n")) == [""]


def test_names_taken_from_os_would_be_seen():
    assert list(askers("from os import environ\n")) == [""]
    assert list(askers("def f(x):\n    from os.path import exists\n    return exists(x)\n")) == ["f"]
