"""How a published number is made: noted by the book at the moment the number is added, from the code that runs.

The statement that adds a number, and those before it that made what it uses, are looked up among the cells that ran;
what each of them was given was noted while it ran (:mod:`tradeexposure.core.loaded_files`). A cell is named by the
digest of its source, which is the same in JupyterLab, in a run and on another machine.
"""

from __future__ import annotations

import ast
import linecache
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from types import FrameType, ModuleType
from typing import Any, ClassVar

from tradeexposure.core import files, loaded_files, published_rows

PACKAGE = "tradeexposure"
OF_NONE = (f"{PACKAGE}.reporting", f"{PACKAGE}.data")  # they show and load; what is loaded is kept by name
LETTERS = 16  # of a digest
ADDING = ("add", "add_frame")
#: Kinds of names, and of tables and scenarios → where a making keeps them; what is given as a whole is ``*``.
KEPT = {"table": "tables", "fact": "facts", "facts": "facts", "facts_on": "facts",
        "prior": "priors", "priors": "priors",
        "window": "choices", "windows": "choices", "baselines": "choices", "crop_years": "choices",
        "limits": "choices", "market_bases": "choices", "base_years": "choices", "scenario": "scenarios",
        "number": "numbers", "numbers": "numbers", "handed": "numbers"}  # fmt: skip
Where = tuple[int, int]  # a cell by its place among those that ran, and the first line of a statement in it


@dataclass(frozen=True)
class Lineage:
    """What made a number."""

    cell: str  #: Digest of the source of the cell that added it; see :func:`digest`.
    function: str  #: The project's function whose result it is, as ``module:name``; empty where the cell computes it.
    #: Further functions that made what the number rests on, in the order in which they ran.
    steps: tuple[str, ...] = ()
    #: Entries that these statements read; ``*`` stands for all of a kind, ``china/canada/canola_seed`` for the facts on
    #: that trade.
    tables: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    priors: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    scenarios: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()

    @property
    def copied(self) -> bool:
        """Whether it is the number of an earlier notebook, said to be that alone."""
        return len(self.numbers) == 1 and not (self.steps or self.tables or self.scenarios)


def digest(source: str) -> str:
    """A cell's source as a lineage names it."""
    return files.digest(source.rstrip("\n"))[:LETTERS]


#: Makings, number → its making, number → cells that say it.
Noted = tuple[list[Lineage], dict[str, int], dict[str, list[str]]]


@dataclass(frozen=True)
class _Statement:
    """A statement at the top of a cell: what it is, which names it gives values to and which it uses.

    One that gives values to several names at once is a statement for each; `others` are texts of the other ones.
    """

    where: Where
    node: ast.stmt | ast.expr
    gives: frozenset[str]
    uses: frozenset[str]
    others: frozenset[str] = frozenset()


@dataclass
class LineageLog:
    """What the book of a notebook notes; nothing outside IPython. The newest one serves charts, which have no book."""

    newest: ClassVar[LineageLog | None] = None
    by: list[Lineage] = field(default_factory=list)
    of: dict[str, int] = field(default_factory=dict)
    said: dict[str, list[str]] = field(default_factory=dict)
    _read: dict[Where, set[loaded_files.Entry]] = field(default_factory=dict)
    _parsed: dict[int, list[_Statement]] = field(default_factory=dict)
    _found: dict[Where, Lineage] = field(default_factory=dict)
    _open: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        if _shell() is not None:
            self._open.enter_context(loaded_files.recording(_Reading(self._read)))
            LineageLog.newest = self

    def add(self, name: str, *, numbers: Sequence[str] = ()) -> None:
        """Note how a number is made that is being added, or a table that is handed over.

        `numbers` of earlier notebooks, ``SCENARIO:ID`` or ``:ID``, are all that it rests on where they are given.
        """
        making = self.of_what_runs()
        if making is None:
            return
        making = Lineage(making.cell, making.function, numbers=tuple(numbers)) if numbers else making
        if making not in self.by:
            self.by.append(making)
        self.of[name] = self.by.index(making)

    def of_what_runs(self) -> Lineage | None:
        """What the statement that runs rests on; None outside IPython."""
        place = _place()
        if place is None:
            return None
        where, outside = place
        begun = [statement for statement in self._statements(where[0]) if statement.where[1] <= where[1]]
        statement = begun[-1] if begun else None
        start = statement.where if statement else where
        if start not in self._found:
            self._found[start] = self._lineage(start, statement, outside)
        return self._found[start]

    def say(self, result_id: str) -> None:
        """Note that the cell that runs writes a number in a sentence."""
        place = _place()
        if place is not None:
            cells = self.said.setdefault(result_id, [])
            cell = digest(_source(place[0][0]))
            if cell not in cells:
                cells.append(cell)

    def as_json(self) -> dict[str, Any]:
        """All of it as plain Python; empty outside IPython."""
        if not self.by:
            return {}
        by = [{key: list(value) if isinstance(value, tuple) else value for key, value in asdict(each).items() if value}
              for each in self.by]  # fmt: skip
        return {"made": {"by": by, "of": self.of, "said": self.said}}

    def _statements(self, cell: int) -> list[_Statement]:
        if cell not in self._parsed:
            self._parsed[cell] = _statements(cell, _source(cell))
        return self._parsed[cell]

    def _lineage(self, start: Where, statement: _Statement | None, outside: str) -> Lineage:
        """The making of what a statement adds; `outside` is the project's function that adds it, if one does."""
        cell = digest(_source(start[0]))
        if statement is None:
            return Lineage(cell, outside)
        behind = self._behind(statement)
        functions = list(dict.fromkeys(name for earlier in behind for name in _functions(earlier.node)))
        outermost = (called[-1] for earlier in behind[-2::-1] if (called := _functions(earlier.node)))
        main = outside or _added_by(statement.node) or next(outermost, "")
        kept = self._inputs_of(behind)
        steps = tuple(name for name in functions if name != main)
        return Lineage(cell, main, steps, *(tuple(sorted(kept[name])) for name in kept))

    def _inputs_of(self, statements: Sequence[_Statement]) -> dict[str, set[str]]:
        """What statements read, by the field of :class:`Lineage`, in the order of the fields."""
        kept: dict[str, set[str]] = {name: set() for name in dict.fromkeys(KEPT.values())}
        for statement in statements:
            cell, first = statement.where
            for where in [(cell, line) for line in range(first, (statement.node.end_lineno or first) + 1)]:
                for kind, name in self._read.get(where, ()):
                    if kind in KEPT and name not in statement.others:
                        kept[KEPT[kind]].add(name)
        return kept

    def _behind(self, statement: _Statement) -> list[_Statement]:
        """The statement and those before it that made what it uses, in the order in which they ran."""
        before = [earlier for cell in range(1, statement.where[0] + 1) for earlier in self._statements(cell)
                  if earlier.where < statement.where]  # fmt: skip
        needed, chain = set(statement.uses), [statement]
        for earlier in reversed(before):
            if earlier.gives & needed:
                needed |= earlier.uses
                chain.append(earlier)
        return chain[::-1]


def tables_of_what_runs() -> list[str] | None:
    """Tables that the statement which runs, one that shows a chart, rests on.

    None where that is not known: outside a notebook with a book, and where all comes from earlier notebooks.
    """
    making = LineageLog.newest.of_what_runs() if LineageLog.newest else None
    if making is None or not (making.tables or (making.facts and not making.numbers and not making.scenarios)):
        return None
    return list(making.tables)


class _Reading(dict[loaded_files.Entry, str]):
    """Entries that are given out, noted with the statement that is running."""

    def __init__(self, noted: dict[Where, set[loaded_files.Entry]]) -> None:
        super().__init__()
        self._noted = noted

    def __setitem__(self, entry: loaded_files.Entry, value: str) -> None:
        place = _place()
        if place is not None:
            self._noted.setdefault(place[0], set()).add(entry)


def _shell() -> Any:
    """The IPython session this runs in, if any."""
    module = sys.modules.get("IPython")
    return module.get_ipython() if module is not None else None


def has_history() -> bool:
    """Whether this runs in an IPython session that keeps the cells that ran."""
    shell = _shell()
    return shell is not None and bool(_typed(shell))


def _typed(shell: Any) -> Sequence[str]:
    """Sources of the cells that ran, after an empty one; none for kernels told to keep none, as nbval tells them."""
    typed: list[str] = shell.history_manager.input_hist_raw
    return typed if len(typed) > 1 else ()


def _compiled(shell: Any) -> list[str]:
    """Names that IPython gave the cells it compiled, in the order in which they first ran."""
    return [*shell.compile._filename_map]


def _source(cell: int) -> str:
    """Source of a cell by its place among those that ran, from one."""
    shell = _shell()
    typed = _typed(shell)
    return typed[cell] if typed else "".join(linecache.getlines(_compiled(shell)[cell - 1]))


def _place() -> tuple[Where, str] | None:
    """The line of the cell that runs, and the project's function nearest to the book where one stands between."""
    shell = _shell()
    if shell is None:
        return None
    frame: FrameType | None = sys._getframe(1)
    outside, names = "", shell.user_ns  # asked of the shell once: it takes its time
    while frame is not None:
        if frame.f_globals is names and frame.f_code.co_name == "<module>":
            typed, file = _typed(shell), frame.f_code.co_filename
            return (len(typed) - 1 if typed else _compiled(shell).index(file) + 1, frame.f_lineno), outside
        module = str(frame.f_globals.get("__name__", ""))
        if (
            not outside
            and module.startswith(f"{PACKAGE}.")
            and module not in (__name__, f"{PACKAGE}.reporting.results_book")
        ):
            outside = f"{module}:{frame.f_code.co_name}"
        frame = frame.f_back
    return None


def _statements(cell: int, source: str) -> list[_Statement]:
    """A cell's statements; none where it is no plain Python."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return []
    return [statement for node in tree.body for statement in _parts((cell, node.lineno), node)]


def _parts(where: Where, node: ast.stmt) -> list[_Statement]:
    """A statement, or one for each name of ``a, b = x, y``."""
    whole = [_statement(where, node)]
    if not (
        isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple) and isinstance(node.targets[0], ast.Tuple)
    ):
        return whole
    values, names = node.value.elts, node.targets[0].elts
    if len(values) != len(names) or not all(isinstance(name, ast.Name) for name in names):
        return whole
    parts = ([getattr(part, "value", None) for part in ast.walk(value)] for value in values)
    texts = [frozenset(text for text in strings if isinstance(text, str)) for strings in parts]
    every = frozenset().union(*texts)
    return [
        _Statement(where, value, _statement(where, name).gives, _statement(where, value).uses, every - own)
        for value, name, own in zip(values, names, texts, strict=True)
    ]


def _statement(where: Where, node: ast.stmt | ast.expr) -> _Statement:
    """Imports give nothing: a module is no result. A call on a name may change what the name holds."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return _Statement(where, node, frozenset(), frozenset())
    names = [part for part in ast.walk(node) if isinstance(part, ast.Name)]
    gives = {name.id for name in names if isinstance(name.ctx, ast.Store)}
    user = _shell().user_ns  # a module or the book holds no number that another is made of
    uses = {
        name.id for name in names if isinstance(name.ctx, ast.Load)
        and not isinstance(user.get(name.id), ModuleType) and type(user.get(name.id)).__name__ != "Book"
    }  # fmt: skip
    return _Statement(where, node, frozenset(gives), frozenset(uses))


def _functions(node: ast.AST) -> list[str]:
    """The project's functions that a statement calls, innermost first."""
    calls = [part.func for part in ast.walk(node) if isinstance(part, ast.Call)]
    return [name for name in map(_function_name, reversed(calls)) if name]


def _function_name(called: ast.expr) -> str:
    """The project's function that an expression such as ``results.exports`` stands for."""
    parts: list[str] = []
    while isinstance(called, ast.Attribute):
        parts.append(called.attr)
        called = called.value
    if not isinstance(called, ast.Name):
        return ""
    value: Any = _shell().user_ns.get(called.id)
    for part in reversed(parts):
        value = getattr(value, part, None)
    module, name = str(getattr(value, "__module__", "")), str(getattr(value, "__qualname__", ""))
    inside = module.startswith(f"{PACKAGE}.") and not module.startswith(OF_NONE)
    return f"{module}:{name}" if inside and name else ""


def _added_by(node: ast.AST) -> str:
    """The outermost function whose result a call of the book is given."""
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.func.attr in ADDING:
            arguments = [*part.args[-1:], *(word.value for word in part.keywords if word.arg == "value")]
            for expression in arguments:
                if functions := _functions(expression):
                    return functions[-1]
    return ""


def of_payload(payload: Mapping[str, Any]) -> Noted:
    """What :meth:`LineageLog.as_json` wrote: lineages, number → its own, number → cells that say it."""
    log = payload.get("made", {})
    by = [
        Lineage(
            str(making.get("cell", "")),
            str(making.get("function", "")),
            *(tuple(making.get(name, ())) for name in ("steps", *dict.fromkeys(KEPT.values()))),
        )
        for making in log.get("by", ())
    ]
    return by, dict(log.get("of", {})), dict(log.get("said", {}))


def in_notebook(notebook: Mapping[str, Any]) -> Noted:
    """What an executed notebook notes of its numbers, as :func:`of_payload`."""
    return of_payload(next((content for _, content in published_rows.shown(notebook, published_rows.MIME)), {}))


def cell_of(notebook: Mapping[str, Any], wanted: str) -> str:
    """The identifier of the cell whose source has a digest; empty where none has."""
    sources = ((str(cell.get("id", "")), cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code")
    return next((key for key, source in sources if digest("".join(source)) == wanted), "")


def placed(function: str) -> str:
    """``tradeexposure.trade.results:share_rows`` as ``lib/tradeexposure/trade/results.py:share_rows``."""
    module, _, name = function.partition(":")
    return f"lib/{module.replace('.', '/')}.py:{name}" if module else ""
