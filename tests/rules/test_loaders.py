"""A loader that reads a file of the project says which entry it gave out: an unsaid one could be skipped wrongly."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "lib" / "tradeexposure"
LOADING, SAYING = "loaded_files.loading", {"loaded_files.note_loaded", "loaded_files.contents"}
#: They look at files for a command, tell a digest, or ask where a path leads; no notebook is given anything by them.
SILENT = {
    ("data/tables.py", "digest"), ("data/tables.py", "generated"), ("data/tables.py", "accept"),
    ("data/tables.py", "rendered"),
    ("data/tables.py", "main"), ("data/tables.py", "own"),
    ("data/tables.py", "package"), ("data/tables.py", "declared"),
    ("data/result_words.py", "of"), ("data/result_words.py", "digest"),
    ("data/result_words.py", "joined"), ("data/result_words.py", "joined_table"),
    ("data/result_words.py", "mark"), ("data/result_words.py", "messages"),
    ("runner/kernels/write_watch.py", "refuse"),
    ("runner/kernels/write_watch.py", "begin"), ("runner/kernels/write_watch.py", "load_ipython_extension"),
    ("policy/studies.py", "digest"), ("policy/tariff_schedule.py", "digest"), ("data/geography.py", "outline_files"),
}  # fmt: skip
LOADERS = [path for path in sorted(PACKAGE.rglob("*.py")) if f"{LOADING}()" in path.read_text("utf-8")]


def names_in(node: ast.AST) -> set[str]:
    """Names that a function uses, `module.name` where it asks a module for one."""
    names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    dotted = [part for part in ast.walk(node) if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name)]
    return names | {f"{part.value.id}.{part.attr}" for part in dotted if isinstance(part.value, ast.Name)}


def reached(name: str, uses: dict[str, set[str]]) -> set[str]:
    """What a function of a module uses, and what the functions it names there use."""
    names, left = set[str](), [name]
    while left:
        new = uses.get(left.pop(), set()) - names
        names |= new
        left += [function for function in new if function in uses]
    return names


def unsaid(source: str) -> set[str]:
    """Public functions that come to a file and say no entry."""
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    uses = {node.name: names_in(node) for node in functions}
    everything = {name: reached(name, uses) for name in uses}
    return {name for name, used in everything.items() if name[0] != "_" and LOADING in used and not used & SAYING}


@pytest.mark.parametrize("path", LOADERS, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_loaders_say_what_they_give_out(path: Path) -> None:
    place = path.relative_to(PACKAGE).as_posix()
    assert {(place, name) for name in unsaid(path.read_text("utf-8"))} == {pair for pair in SILENT if pair[0] == place}


def test_a_silent_loader_would_be_seen() -> None:
    source = "def _read():\n    with loaded_files.loading():\n        return 1\n"
    source += "\n\ndef loud():\n    loaded_files.note_loaded('a', 'b', 'c')\n    return _read()\n"
    assert unsaid(source) == set()
    assert unsaid(source + "\n\ndef silent():\n    return _read()\n") == {"silent"}


def test_notebooks_of_the_project_ask_for_its_own_scenarios_alone() -> None:
    """An edition of the project does not follow from a user's scenarios, so that nothing in it may ask for them."""
    notebooks = PACKAGE.parents[1] / "notebooks"
    studies = (path for part in ("canola", "vehicles", "trade", "scenarios") for path in (PACKAGE / part).rglob("*.py"))
    asking = re.compile(r"\bscenarios\.names\(|\bte\.scenarios\(")
    places = [*notebooks.glob("[0-9]*.ipynb"), *studies]
    assert [path.name for path in places if asking.search(path.read_text("utf-8"))] == []
    assert asking.search((PACKAGE / "public.py").read_text("utf-8"))
