"""The choices that a notebook declares, for unit tests of what is run with them: its own cells, executed."""

from __future__ import annotations

import ast
from functools import cache
from types import SimpleNamespace
from typing import Any

from tradeexposure.core import paths
from tradeexposure.runner import notebooks


@cache
def of(number: int, *cells: str) -> SimpleNamespace:
    """Names after the cells `cells` of notebook `number`, parameters and imports before them.

    A statement that needs something other cells compute ends its cell.
    """
    (path,) = paths.path("notebooks").glob(f"{number}_*.ipynb")
    source = {cell["id"]: notebooks.source(cell) for cell in notebooks.read(path).content["cells"]}
    names: dict[str, Any] = {}
    for cell in ("parameters", "imports", *cells):
        for statement in ast.parse(source[cell]).body:
            try:
                exec(compile(ast.Module([statement], []), cell, "exec"), names)
            except NameError:
                break
    return SimpleNamespace(**{name: value for name, value in names.items() if not name.startswith("__")})
