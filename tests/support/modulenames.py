"""Names that a module defines, read without importing it."""

from __future__ import annotations

import ast


def defines(text: str, dotted: str) -> bool:
    """Whether a module, or a class in it, defines a name; for `Class.name`, whether that class does."""
    body = ast.parse(text).body
    if "." not in dotted:
        body = [*body, *(inner for node in body if isinstance(node, ast.ClassDef) for inner in node.body)]
    for name in dotted.split("."):
        defined = {named: node for node in body for named in names_of(node)}
        if name not in defined:
            return False
        body = getattr(defined[name], "body", [])
    return True


def names_of(node: ast.stmt) -> list[str]:
    """Names that a statement defines: a function, a class, what is assigned."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return [part.id for target in targets for part in ast.walk(target or ast.Pass()) if isinstance(part, ast.Name)]
