"""What loaders give out: the files that a task's key holds, and the names by which a number is explained.

A result depends on files, each under a digest of the bytes that were read: one table with its own entry of the
descriptor, one file of ``data/parameters`` or all of them, the priors, the studies, one scenario. Which fact, prior or
window of them was asked for is noted as a name: no key holds it, how a number came about is told by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from tradeexposure.core import files, paths, reading
from tradeexposure.core.errors import BadInput

Entry = tuple[str, str]  # kind and name, such as ("table", "farm_prices_monthly")
Entries = dict[Entry, str]  # with the digest of what was read; empty for a name
Value = TypeVar("Value")
Asked = ParamSpec("Asked")
ABSENT = "absent"
ALL = "*"  # the name of what is all of a kind
FILE = "file"
#: Kinds of what a key holds, each with what gives it out.
KINDS = {
    FILE: "one file as it lies there: priors, studies, outlines, one file of parameters, a whole descriptor",
    "table": "data.load: bytes, own entry of the descriptor, own corrections",
    "description": "data.describe and data.sources: the entry of the descriptor",
    "parameters": "tariff_schedule: every file of facts there is",
    "scenario": "scenarios.load: what it sets",
    "words": "Scenario, once its title, question or sources are asked for",
    "scenarios": "scenarios.names, scenarios.shipped",
    "forecasts": "frozen_forecasts.earlier",
    "vintage": "vintages.selected",
    "number": "Book.earlier_results",
    "numbers": "Book.earlier_results with a stem",
    "handed": "Book.earlier_table and Book.simulated",
    "results": "Book: unit, digits, period and tables of its numbers, as data/results states them",
}
#: Kinds that a task is given by earlier ones; all others lie in ``data/``.
HANDED_OVER = ("number", "numbers", "handed")


class _State:
    """Of this process."""

    loading = 0  # how many loaders are at work: what they read is covered by the entry that they record
    checking = 0  # how many checks are at work: they can only refuse, what they read is in no result
    given_out = 0  # files so far, noted or not
    listener: Callable[[str, str, str], None] | None = None  # where a run wants files


_open: list[Entries] = []


def note_loaded(kind: str, name: str, digest: str) -> None:
    """Note what was read of a file, by its kind of :data:`KINDS` and the digest of it; :data:`ABSENT` for nothing.

    Loaders call it each time, also where they kept what they give: a task reads what it is given, whoever read the
    file first.
    """
    assert digest, f"{kind} {name} without a digest could change unnoticed"
    _note((kind, name), digest)


def note_name(kind: str, name: str) -> None:
    """Note which part of a file was given out, such as one fact, for who asks how a number came about."""
    _note((kind, name), "")


def _note(entry: Entry, digest: str) -> None:
    if _State.checking:
        return
    _State.given_out += bool(digest)
    for entries in _open:
        entries[entry] = digest
    if digest and _State.listener is not None:
        _State.listener(*entry, digest)


def contents(*parts: str, allowed: str = "") -> bytes:
    """The bytes of a file of the project by its path, which the key of whoever asks holds from now on.

    Raises
    ------
    BadInput
        As for :func:`tradeexposure.core.reading.contents`.
    """
    with loading():
        raw = reading.cached_contents(paths.path(*parts), where="/".join(parts), allowed=allowed)
    note_loaded(FILE, "/".join(parts), _digest_of(raw))
    return raw


_digest_of: files.ByIdentity[bytes, str] = files.ByIdentity(files.digest)


def digest(kind: str, name: str) -> str:
    """Digest of a file as it lies there."""
    path = paths.path(*name.split("/"))
    with loading():  # a kernel asks whether what it keeps is as it was
        return files.digest_of_file(path) if kind == FILE and path.is_file() else ABSENT


@contextmanager
def recording(entries: Entries | None = None) -> Iterator[Entries]:
    """Files and names that are given out while it is open, with the digests of files, in the order of first use.

    They are put into `entries` where it is given.
    """
    entries = {} if entries is None else entries
    _open.append(entries)
    try:
        yield entries
    finally:
        _open[:] = [entry for entry in _open if entry is not entries]


@contextmanager
def loading() -> Iterator[None]:
    """For a loader, around reading what it notes: in a run no other file of the project may be opened."""
    _State.loading += 1
    try:
        yield
    finally:
        _State.loading -= 1


@contextmanager
def holding() -> Iterator[None]:
    """Around taking what records itself when it is asked for, without asking: a copy of it, or its digest."""
    _State.checking += 1
    try:
        yield
    finally:
        _State.checking -= 1


@contextmanager
def checking() -> Iterator[None]:
    """For a loader, around a check of what it gives out against other entries.

    A check refuses or does nothing, so that what it looks at is in no result; and before a run everything is checked.
    """
    with holding(), loading():
        yield


def cached_by_files(digest: Callable[[str, str], str]) -> Callable[[Callable[Asked, Value]], Callable[Asked, Value]]:
    """Keep what a function gave as long as every file that it was given is as it was then.

    The function depends on its arguments, which are hashable, and on files of :data:`KINDS` alone. What is kept is
    shared between callers: never change it. Files and names are noted each time.

    `digest`: kind and name of a file → its digest as the project lies there.
    """

    def wrapped(function: Callable[Asked, Value]) -> Callable[Asked, Value]:
        known: dict[object, tuple[Entries, Value]] = {}

        @wraps(function)
        def asked(*values: Asked.args, **named: Asked.kwargs) -> Value:
            key = values, tuple(sorted(named.items()))
            if key in known and _as_they_were(known[key][0], digest):
                _note_all(known[key][0])
                return known[key][1]
            entries: Entries = {}
            try:
                with _apart(entries):
                    value = function(*values, **named)
            finally:
                _note_all(entries)
            known[key] = entries, value
            return value

        return asked

    return wrapped


@contextmanager
def _apart(entries: Entries) -> Iterator[None]:
    """Put what is given out into `entries` and tell nobody else, in a check too: the next caller may be in none."""
    before, others = (_State.checking, _State.given_out, _State.listener), _open[:]
    _State.checking, _State.listener, _open[:] = 0, None, [entries]
    try:
        yield
    finally:
        (_State.checking, _State.given_out, _State.listener), _open[:] = before, others


def _note_all(entries: Entries) -> None:
    for entry, then in entries.items():
        _note(entry, then)


def _as_they_were(entries: Entries, digest: Callable[[str, str], str]) -> bool:
    try:
        return all(digest(*entry) == then for entry, then in entries.items() if then)
    except BadInput:  # which the function tells, asked again
        return False


class Named(Mapping[str, Value]):
    """A mapping, given out whole, that notes what is asked of it.

    Parameters
    ----------
    values : mapping
        By name.
    single, every : str
        Kind of a single name, and of all of them.
    """

    def __init__(self, values: Mapping[str, Value], *, single: str, every: str) -> None:
        self._values, self._single, self._every = values, single, every

    def __getitem__(self, name: str) -> Value:
        note_name(self._single, name)
        return self._values[name]

    def __contains__(self, name: object) -> bool:
        note_name(self._single, str(name))
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        note_name(self._every, ALL)
        return iter(self._values)

    def __len__(self) -> int:
        note_name(self._every, ALL)
        return len(self._values)
