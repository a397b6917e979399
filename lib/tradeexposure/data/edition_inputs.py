"""Digests of everything a result depends on besides its notebook: code, data, scenarios, lock, template."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from tradeexposure.core.files import digest, digest_of, digest_of_file, hashes
from tradeexposure.data import frozen_forecasts, vintages

# Scenarios are a group of their own; the rest says where figures come from, which vintages there are, and what was
# forecast: of that the vintages before the selected one count, as an edition writes its own.
NO_INPUT = ("scenarios", "vintages", "sources.yml", "forecasts")
# What lies beside code and does not run with a notebook.
NO_CODE = ("build", "tests", "bench.py", "README.md", "CHANGELOG.md", "LICENSE")


def inputs(root: Path) -> dict[str, dict[str, str]]:
    """SHA-256 of every file an edition depends on besides its notebooks.

    Returns
    -------
    dict
        Group (``code``, ``data``, ``scenarios``, ``lock``, ``template``) → path → digest. `data` holds tables,
        parameters, corrections and outlines; the scenarios stand apart because estimates do not depend on them, and
        grids belong to neither: each of their scenarios depends on its own definition.
    """
    return {group: listed(root) for group, listed in GROUPS.items()}


def _data(root: Path) -> dict[str, str]:
    """Hashes of what is common to all vintages and of the selected one, so that no other vintage counts."""
    name = vintages.selected(root)
    chosen = vintages.folder(root, name=name)
    own = chosen != root / "data"
    common = hashes(root / "data", root=root, without=(*NO_INPUT, *(vintages.FILES if own else ())))
    frozen = frozen_forecasts.files_before(name, root)
    common |= {frozen_forecasts.where(path.stem): digest_of_file(path) for path in frozen}
    return {**common, **hashes(chosen, root=root)} if own else common


def _lock(root: Path) -> dict[str, str]:
    lock = root / "requirements.lock"
    return {lock.name: digest(lock.read_bytes())} if lock.is_file() else {}


def code_folder(root: Path) -> Path:
    """The project's ``lib/``, or the installed package where the project has none."""
    return root / "lib" if (root / "lib").is_dir() else Path(__file__).resolve().parents[1]


GROUPS: dict[str, Callable[[Path], dict[str, str]]] = {
    "code": lambda root: hashes(code_folder(root), root=code_folder(root).parent, without=NO_CODE),
    "data": _data,
    "scenarios": lambda root: hashes(root / "data" / "scenarios", root=root, without=("grids",)),
    "lock": _lock,
    "template": lambda root: hashes(root / "reports" / "template", root=root),
}


def folder_digests(root: Path, groups: Iterable[str] = tuple(GROUPS)) -> dict[str, str]:
    """One digest per group of :func:`inputs`, over names and contents, so that a deleted file counts as a change.

    A sweep has a thousand scenarios: whoever asks for some `groups` looks at no file of the others.
    """
    return {group: digest_of(GROUPS[group](root)) for group in groups}
