"""Which modules of the project code imports, told from its text: the import closure that a task's key holds.

Imports count wherever they stand, inside functions too, and so do a module's parents, whose ``__init__`` runs first.
Where the text does not say what is imported, everything that could be is counted. Only what a type checker alone sees
is left out. A run lets nothing else be imported, so that an import missed here fails and is never a wrong skip.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from tradeexposure.core import files

INIT = "__init__"
#: Functions that import what they are given the name of.
IMPORTERS = {"import_module", "__import__", "run_module", "resolve_name"}
#: Parts of a statement that hold statements.
BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
EVERYTHING = "*"  # of a package: all modules below it
#: For people at a prompt, found by name when they ask. A notebook that asks fails: its key does not hold it.
FOR_PROMPTS = "tradeexposure.public"


@dataclass(frozen=True)
class ImportGraph:
    """The Python code below a folder such as ``lib/``."""

    folder: Path  #: The folder; its packages are named from here.
    digests: Mapping[str, str]  #: Path relative to the folder → SHA-256 of each file, whatever kind.

    @classmethod
    def of(cls, folder: Path, packages: Sequence[str] = ()) -> ImportGraph:
        """The code below `folder` as it lies there, or the `packages` of it that are named."""
        inside = [folder / name for name in packages] or [folder]
        return cls(
            folder, {path: digest for place in inside for path, digest in files.hashes(place, root=folder).items()}
        )

    @cached_property
    def modules(self) -> dict[str, str]:
        """Name of each module → its path relative to the folder; a package before a module of the same name."""
        places: dict[str, str] = {}
        for path in sorted(self.digests, key=lambda path: path.endswith(f"/{INIT}.py")):
            if path.endswith(".py"):
                places[path.removesuffix(".py").removesuffix(f"/{INIT}").replace("/", ".")] = path
        return places

    @cached_property
    def roots(self) -> tuple[str, ...]:
        """Names at the top: what stands here could take the place of a library."""
        return tuple(sorted({path.partition("/")[0] for path in self.digests}))

    def closure(self, wanted: Iterable[str]) -> tuple[str, ...]:
        """Names of all modules that run when `wanted` are imported, and of those that their functions import."""
        seen: set[str] = set()
        todo = list(wanted)
        while todo:
            for name in self._modules_named(todo.pop()):
                if name not in seen:
                    seen.add(name)
                    path = self.modules[name]
                    package = name if path.endswith(f"{INIT}.py") else name.rpartition(".")[0]
                    todo += imports((self.folder / path).read_bytes(), package)
        return tuple(sorted(seen))

    def digest(self, names: Iterable[str]) -> str:
        """Digest of modules, and of the files beside them that are no modules and that they may read."""
        paths = {self.modules[name] for name in names}
        folders = {path.rpartition("/")[0] for path in paths}
        beside = {path for path in self.digests if not path.endswith(".py") and self._package(path) in folders}
        return files.digest_of([[path, self.digests[path]] for path in sorted(paths | beside)])

    def _package(self, path: str) -> str:
        """Folder of the package that a file which is no module belongs to."""
        folder = path.rpartition("/")[0]
        while folder and f"{folder}/{INIT}.py" not in self.digests:
            folder = folder.rpartition("/")[0]
        return folder

    def _modules_named(self, name: str) -> Iterator[str]:
        """The modules that importing `name` runs: parents first; all below a package where `name` ends in ``.*``."""
        if name == EVERYTHING:
            yield from self.modules
            return
        below = name.removesuffix(f".{EVERYTHING}")
        parts = below.split(".")
        if parts[0] not in self.modules or below == FOR_PROMPTS:
            return
        for length in range(1, len(parts) + 1):
            parent = ".".join(parts[:length])
            if parent not in self.modules:
                return  # an attribute of the module before it
            yield parent
        if below != name:
            yield from (module for module in self.modules if module.startswith(f"{below}."))


@lru_cache(maxsize=2048)
def imports(text: bytes | str, package: str = "") -> tuple[str, ...]:
    """Names that code imports, as :meth:`ImportGraph.closure` takes them; ``*`` where that cannot be told.

    Parameters
    ----------
    text : bytes or str
        Python code; what cannot be parsed, such as a command of IPython, may import anything.
    package : str
        The package it belongs to, which relative imports begin from.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return (EVERYTHING,)
    code = text.decode(errors="replace") if isinstance(text, bytes) else text
    # Without a call that imports, nothing but statements does, and they stand in blocks.
    calls = any(name in code for name in IMPORTERS)
    names: list[str] = []
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.If) and _name(node.test) == "TYPE_CHECKING":
            todo += node.orelse
            continue
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".") if package else []
            above = parts[: len(parts) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            # A module of that name, where there is one; ``.*`` for all.
            names += [f"{base}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Call) and _name(node.func) in IMPORTERS:
            arguments = [*node.args[:1], *(word.value for word in node.keywords if word.arg == "name")]
            name = getattr(arguments[0], "value", None) if arguments else None
            names.append(name if isinstance(name, str) and not name.startswith(".") else EVERYTHING)
        blocks = (statement for block in BLOCKS for statement in getattr(node, block, ()))
        todo += ast.iter_child_nodes(node) if calls else blocks
    return tuple(dict.fromkeys(names))


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
