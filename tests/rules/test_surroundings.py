"""Loaders ask their surroundings inside functions that are listed with their reason, and nowhere else.

What other packages and cells ask is refused before a run: ``runner/kernels/undeclared_reads.py``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from trees import parsed

from tradeexposure.runner.kernels import undeclared_reads

PACKAGE = Path(__file__).resolve().parents[2] / "lib" / "tradeexposure"
LOOKUP, COMMAND = "a loader; the entry it gives out is recorded", "for the command, before or after a run"
ROOT, HANDED = "where the project lies; no result names it", "what the run hands over, whose rows are recorded"
SAFE = "how files are read and written; whoever calls it is a loader or the command"
ALLOWED = {
    "core/loaded_files.py:digest": "tells what lies there now, for a key",
    "core/paths.py:root": ROOT, "core/paths.py:check_root": ROOT, "core/paths.py:typed_path": COMMAND,
    "core/earlier_results.py:_handed_over": HANDED, "core/earlier_results.py:is_run": "what a run keeps, a run made",
    "core/earlier_results.py:is_in_jupyterlab": "asked outside runs alone",
    "core/reading.py:contents": SAFE,
    "core/files.py:files": SAFE, "core/files.py:_listed": SAFE,
    "core/files.py:digest_of_file": SAFE, "core/files.py:UnlessWritten.__call__": SAFE,
    "core/files.py:remove_unfinished": SAFE, "core/files.py:write_if_changed": SAFE,
    "core/files.py:kept": "pages and drawings, in no kernel", "core/files.py:make_room": "the same",
    "core/files.py:": "ctypes, to exchange folders", "data/descriptor.py:": "asks git, for the command",
    "core/paths.py:notebooks": COMMAND, "core/paths.py:variable": COMMAND,
    "data/frozen_forecasts.py:_listed": LOOKUP, "data/frozen_forecasts.py:files_before": COMMAND,
    "data/frozen_forecasts.py:write": COMMAND, "data/frozen_forecasts.py:earlier": LOOKUP,
    "data/edition_inputs.py:_lock": COMMAND, "data/edition_inputs.py:code_folder": COMMAND,
    "data/result_words.py:of": LOOKUP, "data/result_words.py:names": LOOKUP,
    "data/tables.py:_strays": COMMAND, "data/vintages.py:names": LOOKUP, "data/vintages.py:selected": LOOKUP,
    "data/vintages.py:current": LOOKUP, "data/vintages.py:new_name": COMMAND,
}  # fmt: skip


def askers(code: str) -> Iterator[str]:
    """Functions (`Class.method`) that ask, each once; the empty name stands for a module's top level."""
    for name, body in _parts(parsed(code)):
        if any(asked for part in body for node in ast.walk(part) for asked in undeclared_reads._reads_of(node)):
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


def test_loaders_ask_where_it_is_said():
    asking = {
        f"{path.relative_to(PACKAGE).as_posix()}:{name}"
        for package in undeclared_reads.LOADERS
        for path in PACKAGE.joinpath(*package.split(".")[1:]).rglob("*.py")
        for name in askers(path.read_text("utf-8"))
    }
    assert asking - set(ALLOWED) == set(), "read it by core/loaded_files.py:contents"
    assert set(ALLOWED) - asking == set(), "it no longer asks: take it off the list"


@pytest.mark.parametrize("line", ["os.environ['HOME']", "open(x)", "x.is_file()"])
def test_a_question_would_be_seen(line: str):
    assert list(askers(f"def f(x):\n    return {line}\n")) == ["f"]
    assert list(askers(f"class A:\n    def f(self, x):\n        return {line}\n")) == ["A.f"]
    assert list(askers(f"HELD = {line}\n")) == [""]
