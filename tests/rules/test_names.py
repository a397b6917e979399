"""Words that name no thing: how often they still stand as variables, which may only fall."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

from trees import code_cells, committed_notebooks, parsed

ROOT = Path(__file__).resolve().parents[2]
MODULES = [path for path in sorted((ROOT / "lib").rglob("*.py")) if "tests" not in path.parts]

# Where a variable has one of these names its thing has a name: prices, scenario, row, path. `found` is also what
# BadInput says of a value, its keyword; that stays.
CEILINGS = dict.fromkeys(("given", "held", "made", "one", "other", "said", "told", "words"), 0) | {"found": 16}


def bound(node: ast.AST) -> str | None:
    """The name that a node of the syntax tree gives to a value: assigned, looped over, handed in or caught."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return node.id
    return node.arg if isinstance(node, ast.arg) else node.name if isinstance(node, ast.ExceptHandler) else None


def named(code: str) -> Counter[str]:
    """How often each word of :data:`CEILINGS` names a variable; fields of classes are another matter."""
    nodes = list(ast.walk(parsed(code)))
    bodies = (statement for node in nodes if isinstance(node, ast.ClassDef) for statement in node.body)
    fields = {id(statement.target) for statement in bodies if isinstance(statement, ast.AnnAssign)}
    return Counter(name for node in nodes if (name := bound(node)) in CEILINGS and id(node) not in fields)


def test_words_that_name_no_thing_become_fewer() -> None:
    codes = {path: path.read_text("utf-8") for path in MODULES}
    codes |= {path: "\n".join(cell.source for cell in code_cells(path)) for path in committed_notebooks()}
    by_module = {path.relative_to(ROOT).as_posix(): named(code) for path, code in codes.items()}
    counts = {word: sum(module[word] for module in by_module.values()) for word in CEILINGS}
    risen = {
        word: {name: module[word] for name, module in by_module.items() if module[word]}
        for word, count in counts.items() if count > CEILINGS[word]
    }  # fmt: skip
    assert not risen, f"name the variable by what it holds, in the words of the field: {risen}"
    assert counts == CEILINGS, f"fewer than before: write CEILINGS = {counts} in {Path(__file__).name}"


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
