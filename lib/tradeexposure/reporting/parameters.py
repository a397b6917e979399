"""The parameters of a notebook, checked in its own cell: types, limits, and names that it does not have.

papermill hands over what it was given as it is, and warns at most where a name is unknown; JupyterLab hands over what
was typed. The cell after the imports therefore calls :func:`check`, which refuses in one line.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from tradeexposure.core.errors import BadInput

MONTH, SPAN = "a month as 2019-03", "two months as ['2014-08', '2018-02'], or [] for the choice as declared"
DAY = "a day as 2025-12-31"
INJECTED = "# Parameters"  # how the cell begins that papermill puts after the one tagged `parameters`
WRITTEN_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
NO_MONTH = re.compile(r"(?!\d{4}-(0[1-9]|1[0-2])$)")
KINDS: dict[str, tuple[tuple[type, ...], str]] = {
    "int": ((int,), "a whole number"),
    "float": ((float, int), "a number"),
    "str": ((str,), "text"),
    "bool": ((bool,), "True or False"),
    "list": ((list, tuple), "a list"),
}
Rule = str | tuple[float | str | None, ...] | Sequence[Any] | None
MOST_DRAWS = 100_000
MEMORY = "each takes memory, and more move no printed digit"
BOOK = re.compile(r"\bBook\(\"([a-z0-9_]+)\"")  # how the cell that checks names its notebook


def check(here: Mapping[str, Any], **allowed: Rule) -> dict[str, Any]:
    """Refuse a parameter of the wrong type or outside its limits, and one that the notebook does not have.

    Parameters
    ----------
    here : mapping
        ``globals()`` of the notebook; ``In``, the cells that ran, says what was typed or handed over.
    allowed : dict
        Every parameter of the notebook, with what it may be: lowest and highest value (a tuple, None: no limit; of a
        day, two days; a third part says why), the values themselves (a list), :data:`MONTH`, :data:`DAY`,
        :data:`SPAN`, or None where its type says it all. They are checked in their order, so one may be a limit of a
        later one.

    Returns
    -------
    dict
        What was handed over or typed instead of a declared choice: values that papermill was given and that differ
        from the notebook's own, and lists that are not empty where empty stands for the choice as declared.

    Raises
    ------
    BadInput
        Naming the notebook, the parameter, what was found and what is allowed.
    """
    cells = here.get("In", ())
    own, overridden = _typed(cells)
    named = BOOK.search(cells[-1]) if cells else None
    where = f"notebooks/{named[1]}.ipynb" if named else "parameters"
    for name in [*own, *overridden]:
        if name not in allowed:
            names = ", ".join(allowed) or "no parameters"
            raise BadInput(where, name, found="a name that this notebook does not have", allowed=names)
    for name, rule in allowed.items():
        if name not in here or (own and name not in own):
            raise BadInput(where, name, found="no value", allowed="a default in the parameters cell")
        value = here[name]
        types, kind = KINDS.get(own[name][0] if name in own else "", ((object,), ""))
        wording, holds = _understood(rule)
        untyped = isinstance(value, bool) and bool not in types and object not in types  # True is an int to Python
        if untyped or not isinstance(value, types) or not holds(value):
            alone = wording.startswith((MONTH, DAY, SPAN))  # says its type
            wanted = wording if alone else " ".join(filter(None, (kind, wording))) or "another value"
            raise BadInput(where, name, found=repr(value), allowed=wanted)
    changed = {name: here[name] for name in overridden if name in own and own[name][1] != here[name]}
    return changed | {name: here[name] for name, rule in allowed.items() if rule == SPAN and here[name]}


def draws(least: int) -> tuple[float | str | None, ...]:
    """The rule of a number of draws: from `least` to :data:`MOST_DRAWS`."""
    return least, MOST_DRAWS, MEMORY


def _typed(cells: Sequence[str]) -> tuple[dict[str, tuple[str, Any]], list[str]]:
    """Names of the last cell of parameters that ran, with annotation and value; names handed over after it."""
    own: dict[str, tuple[str, Any]] = {}
    overridden: list[str] = []
    for cell in cells:
        try:
            body: list[Any] = [*ast.parse(cell).body]
        except SyntaxError:
            continue
        if cell.lstrip().startswith(INJECTED):
            targets = [node.targets[0] for node in body if isinstance(node, ast.Assign)]
            overridden = [target.id for target in targets if isinstance(target, ast.Name)]
        elif body and all(isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) for node in body):
            kinds = [ast.unparse(node.annotation).split("[")[0] for node in body]
            own = {node.target.id: (kind, _value(node)) for node, kind in zip(body, kinds, strict=True)}
            overridden = []
    return own, overridden


def _value(node: Any) -> Any:
    try:
        return ast.literal_eval(node.value)
    except ValueError:
        return None


def _understood(rule: Rule) -> tuple[str, Callable[[Any], bool]]:
    """A rule in words, and whether a value keeps it; one of a type that it cannot be compared with does not."""
    if rule is None:
        return "", lambda value: True
    if isinstance(rule, str):
        return rule, {MONTH: _month, DAY: _day, SPAN: _span}[rule]
    if not isinstance(rule, tuple):
        return f"among {', '.join(map(str, rule))}", lambda value: value in rule
    low, high, *reasons = rule
    of_days = isinstance(low, str) or isinstance(high, str)
    limits = [f"{word} {limit if of_days else format(limit, 'g')}"
              for word, limit in (("from", low), ("to", high)) if limit is not None]  # fmt: skip
    parts = [*([DAY] if of_days else []), *limits, *(f"({reason})" for reason in reasons)]
    is_right = _day if of_days else lambda value: isinstance(value, int | float)
    return " ".join(parts), lambda value: bool(
        is_right(value) and (low is None or low <= value) and (high is None or value <= high)
    )


def _day(value: Any) -> bool:
    if not isinstance(value, str) or not WRITTEN_DAY.fullmatch(value):
        return False
    try:
        return bool(date.fromisoformat(value))
    except ValueError:
        return False


def _month(value: Any) -> bool:
    return isinstance(value, str) and not NO_MONTH.match(value)


def _span(value: Any) -> bool:
    return not value or (len(value) == 2 and all(map(_month, value)) and value[0] <= value[1])
