"""What asks its surroundings in the text of cells and modules, refused before a run: loaders alone read.

A task's key holds the files that loaders gave out. Whether a file is there, what a folder holds, a variable of the
environment and what a text that is made up imports change a result too, and no event of Python tells a kernel's watch
(:mod:`tradeexposure.runner.kernels.file_watch`). So no cell, and no module that cells import, names what asks for it.
The packages ``data`` and ``core`` hold the loaders; what they read, the watch sees to.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping

from tradeexposure.core.errors import BadInput

LOADERS = ("tradeexposure.core", "tradeexposure.data")
#: Modules that read, start programs, ask the network or import by name; ``lxml`` opens files that nobody sees.
MODULES = frozenset({
    "glob", "fileinput", "mmap", "sqlite3", "shelve", "dbm", "subprocess", "multiprocessing", "pty",
    "socket", "ssl", "urllib", "http", "ftplib", "requests", "httpx", "importlib", "imp", "runpy", "pkgutil",
    "pkg_resources", "ctypes", "lxml",
})  # fmt: skip
FUNCTIONS = frozenset({"open", "exec", "eval", "compile", "__import__"})
SYSTEM = ("os", "os.path", "posix", "posixpath")
OF_SYSTEM = frozenset({
    "environ", "environb", "getenv", "stat", "lstat", "listdir", "scandir", "walk", "fwalk", "open", "access",
    "readlink", "exists", "lexists", "isfile", "isdir", "islink", "getsize", "getmtime", "system", "popen",
})  # fmt: skip
METHODS = frozenset({
    "exists", "is_file", "is_dir", "is_symlink", "glob", "rglob", "iterdir", "read_text", "read_bytes", "open",
    "lstat", "stat", "samefile", "import_module",
})  # fmt: skip
#: Of pandas and numpy.
READER = re.compile(
    r"read_(csv|table|fwf|excel|json|html|xml|parquet|feather|orc|pickle|hdf|sql\w*|stata|sas|spss|clipboard|gbq)"
    r"|loadtxt|genfromtxt|fromfile|memmap"
)
IN_MEMORY = frozenset({"StringIO", "BytesIO"})  # what a reader may be given: text that is there already
MOST_LETTERS = 50  # of what a method is called on, as a message quotes it
COMMAND = re.compile(r"^\s*[%!]", re.MULTILINE)  # of IPython
#: What may ask all the same, by its module.
DECLARED: Mapping[str, frozenset[str]] = {
    "tradeexposure": frozenset({"importlib", "importlib.import_module"}),  # its names at a prompt
    "tradeexposure.policy.scenarios": frozenset({"path.is_dir"}),  # a check of the folder before a run
    "tradeexposure.policy.tariff_schedule": frozenset({"os.listdir"}),  # the loader of the facts
    "tradeexposure.reporting.chart_style": frozenset({"os.environ"}),  # who draws a chart, and with which fonts
}
#: A text without any of these names asks nothing, and need not be parsed.
SUSPECT = re.compile(
    rf"(?<![\w.])({'|'.join(FUNCTIONS)})\b|\.({'|'.join(METHODS)})\b|\b({READER.pattern})\b|{COMMAND.pattern}"
    rf"|\b(os|posix|posixpath)\b|\b(import|from)\b.*\b({'|'.join(MODULES)})\b",
    re.MULTILINE,
)


def is_loader(module: str) -> bool:
    """Whether a module may ask: it is of the packages that hold the loaders."""
    return f"{module}.".startswith(tuple(f"{package}." for package in LOADERS))


def check(texts: Iterable[tuple[str, str, str]]) -> None:
    """:class:`BadInput` for the first text that asks what no loader gives out.

    Parameters
    ----------
    texts : iterable of (str, str, str)
        File, cell or module, and code of each.
    """
    for where, key, text in texts:
        for line, asks in questions(text):
            if asks not in DECLARED.get(key, ()):
                allowed = "what a loader gives out, such as data.load"
                raise BadInput(where, f"{key}, line {line}", found=asks, allowed=allowed)


def questions(text: str) -> Iterator[tuple[int, str]]:
    """Line and name of what a code asks; what is no Python fails by itself when it runs."""
    if not SUSPECT.search(text):
        return
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        commands = (line for line in enumerate(text.splitlines(), start=1) if COMMAND.match(line[1]))
        yield from ((number, f"a command of IPython ({line.strip()[:40]})") for number, line in commands)
        return
    harmless: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Call):
            if ast.unparse(node.args[0].func).rpartition(".")[2] in IN_MEMORY:
                harmless.add(id(node.func))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            shadowing = {part.arg for part in ast.walk(node.args) if isinstance(part, ast.arg)} & FUNCTIONS
            harmless |= {id(part) for part in ast.walk(node) if shadowing and getattr(part, "id", "") in shadowing}
    for node in ast.walk(tree):
        if id(node) not in harmless:
            yield from ((getattr(node, "lineno", 1), asks) for asks in _reads_of(node))


def _reads_of(node: ast.AST) -> Iterator[str]:
    """What a node of the code asks, as messages name it."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name.partition(".")[0] in MODULES)
    elif isinstance(node, ast.ImportFrom):
        module = node.module or ""
        if module.partition(".")[0] in MODULES and not node.level:
            yield module
        names = {alias.name for alias in node.names}
        asked = names & OF_SYSTEM if module in SYSTEM else {name for name in names if READER.fullmatch(name)}
        yield from (f"{module}.{name}" for name in sorted(asked))
    elif isinstance(node, ast.Name) and node.id in FUNCTIONS:
        yield node.id
    elif isinstance(node, ast.Attribute):
        owner = ast.unparse(node.value)
        if node.attr in (OF_SYSTEM if owner in SYSTEM else METHODS) or READER.fullmatch(node.attr):
            yield f"{owner if len(owner) < MOST_LETTERS else '…'}.{node.attr}"
