"""Words that name no thing: how often they still stand as variables, which may only fall."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest
from trees import code_cells, committed_notebooks

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("lib", "tests", "tools", "benchmarks")
WORDS = ("found", "given", "held", "made", "one", "other", "said", "told", "words")

# Where a variable has one of these names its thing has a name: prices, scenario, row, path. `found` is also what
# BadInput says of a value, its keyword; that stays. The package is counted with the notebooks, tests with tools and
# benchmarks; a word without a number may not stand at all.
CEILINGS = {
    "package": {"found": 16},
    "tests": {"given": 1, "made": 3, "one": 1},
}


def code_of(kind: str) -> dict[str, str]:
    """The code of one kind, by the file in which it stands."""
    paths = [*ROOT.glob("*.py"), *(path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py")))]
    codes = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in paths}
    package = {name: code for name, code in codes.items() if name.startswith("lib/") and "/tests/" not in name}
    if kind == "tests":
        return {name: code for name, code in codes.items() if name not in package}
    return package | {path.stem: "\n".join(cell.source for cell in code_cells(path)) for path in committed_notebooks()}


def bound(node: ast.AST) -> str | None:
    """The name that a node of the syntax tree gives to a value: assigned, looped over, handed in or caught."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return node.id
    return node.arg if isinstance(node, ast.arg) else node.name if isinstance(node, ast.ExceptHandler) else None


def named(code: str) -> Counter[str]:
    """How often each of :data:`WORDS` names a variable; fields of classes are another matter."""
    nodes = list(ast.walk(ast.parse(code)))
    bodies = (statement for node in nodes if isinstance(node, ast.ClassDef) for statement in node.body)
    fields = {id(statement.target) for statement in bodies if isinstance(statement, ast.AnnAssign)}
    return Counter(name for node in nodes if (name := bound(node)) in WORDS and id(node) not in fields)


@pytest.mark.parametrize("kind", CEILINGS)
def test_words_that_name_no_thing_become_fewer(kind: str) -> None:
    by_file = {name: named(code) for name, code in code_of(kind).items()}
    counts, ceilings = sum(by_file.values(), Counter[str]()), CEILINGS[kind]
    risen = {
        word: {name: file[word] for name, file in by_file.items() if file[word]}
        for word, count in counts.items() if count > ceilings.get(word, 0)
    }  # fmt: skip
    assert not risen, f"name the variable by what it holds, in the words of the field: {risen}"
    assert counts == ceilings, f"fewer than before: write {dict(counts)} for {kind} in {Path(__file__).name}"


def test_a_variable_is_seen_wherever_it_is_bound() -> None:
    code = """
class Claim:
    found: str
    rows = [one for one in ()]
    def text(self, given, *, words=""):
        for held, (told, row) in given:
            with open(words) as other:
                made: int = held.found(found=told)
        try:
            return lambda said: (found := said)
        except ValueError as told:
            raise
"""
    assert named(code) == {"one": 1, "given": 1, "words": 1, "held": 1, "told": 2, "other": 1, "made": 1, "said": 1,
                           "found": 1}  # fmt: skip
