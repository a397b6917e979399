"""What a task reads: every loader says which entry it gives out, and in a run nothing else may be read.

An entry is finer than a file: one table, one fact, one prior, one scenario, one window of a study. A lookup of a name
that is not there is an entry too, whose digest is :data:`ABSENT`; what is given as a whole (all facts, the names of the
scenarios) is an entry of its own, so that one more among them is a change.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from tradeexposure.core.errors import BadInput

Entry = tuple[str, str]  # kind and name, such as ("table", "farm_prices_monthly")
Entries = dict[Entry, str]  # with the digest of what was given out
Value = TypeVar("Value")
Asked = ParamSpec("Asked")
ABSENT = "absent"
ALL = "*"  # the name of the entry that is all of a kind
#: Kinds of entries, each with what gives them out.
KINDS = {
    "table": "data.load",
    "description": "data.describe and data.sources",
    "tables": "data.names",
    "vintage": "vintages.selected",
    "forecasts": "frozen_forecasts.earlier",
    "fact": "tariff_schedule.get",
    "facts": "tariff_schedule.all_measures, gone through",
    "facts_on": "tariff_schedule.rate and Facts.concerning, those on one kind of trade",
    "vocabulary": "tariff_schedule.vocabulary",
    "prior": "assumptions.load, one of them",
    "priors": "assumptions.load, all of them",
    "scenario": "scenarios.load, what it sets",
    "words": "Scenario, once its title, question or sources are asked for",
    "scenarios": "scenarios.names",
    "window": "studies.episodes",
    "windows": "studies.episodes, all of them",
    "baselines": "studies.baselines",
    "crop_years": "studies.crop_years, one group or all of them",
    "limits": "studies.limit",
    "market_bases": "studies.market_base, one of them or all",
    "base_years": "studies.base_years, one of them or all",
    "outlines": "outlines.load, one of the files",
    "path": "reads.exists",
    "number": "Book.earlier",
    "numbers": "Book.earlier with a stem",
    "handed": "Book.earlier_table and Book.simulated",
}
#: Kinds that a task is given by earlier ones; all others lie in ``data/``.
HANDED_OVER = ("number", "numbers", "handed")


class _State:
    """Of this process."""

    loading = 0  # how many loaders are at work: what they read is covered by the entry that they record
    checking = 0  # how many checks are at work: they can only refuse, what they read is in no result
    given_out = 0  # entries so far, recorded or not
    told: Callable[[str, str, str], None] | None = None  # where a run wants entries


_open: list[Entries] = []


def record(kind: str, name: str, digest: str = "") -> None:
    """Note that the entry `name` of a kind was given out, or that it is not there (:data:`ABSENT`).

    Loaders call it each time, also where they kept what they give: a task reads what it is given, whoever read the
    file first.
    """
    if _State.checking:
        return
    _State.given_out += 1
    for entries in _open:
        entries[kind, name] = digest
    if _State.told is not None:
        _State.told(kind, name, digest)


@contextmanager
def recording(entries: Entries | None = None) -> Iterator[Entries]:
    """The entries that are given out while it is open, with their digests, in the order of first use.

    They are put into `entries` where it is given.
    """
    entries = {} if entries is None else entries
    _open.append(entries)
    try:
        yield entries
    finally:
        _open[:] = [other for other in _open if other is not entries]


@contextmanager
def loading() -> Iterator[None]:
    """For a loader, around reading what its entry covers: in a run no other file of the project may be read."""
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


def kept(digest: Callable[[str, str], str]) -> Callable[[Callable[Asked, Value]], Callable[Asked, Value]]:
    """Keep what a function gave as long as every entry that it was given is as it was then.

    The function depends on its arguments, which are hashable, and on entries of :data:`KINDS` alone. What is kept is
    shared between callers: never change it. Its entries are recorded each time.

    Parameters
    ----------
    digest : callable
        Kind and name of an entry → its digest as the project lies there.
    """

    def wrapped(function: Callable[Asked, Value]) -> Callable[Asked, Value]:
        known: dict[object, tuple[Entries, Value]] = {}

        @wraps(function)
        def asked(*given: Asked.args, **named: Asked.kwargs) -> Value:
            key = given, tuple(sorted(named.items()))
            if key in known and _as_they_were(known[key][0], digest):
                _record_all(known[key][0])
                return known[key][1]
            entries: Entries = {}
            try:
                with _apart(entries):
                    found = function(*given, **named)
            finally:
                _record_all(entries)
            known[key] = entries, found
            return found

        return asked

    return wrapped


@contextmanager
def _apart(entries: Entries) -> Iterator[None]:
    """Put what is given out into `entries` and tell nobody else, in a check too: the next caller may be in none."""
    before, others = (_State.checking, _State.given_out, _State.told), _open[:]
    _State.checking, _State.told, _open[:] = 0, None, [entries]
    try:
        yield
    finally:
        (_State.checking, _State.given_out, _State.told), _open[:] = before, others


def _record_all(entries: Entries) -> None:
    for (kind, name), digest in entries.items():
        record(kind, name, digest)


def _as_they_were(entries: Entries, digest: Callable[[str, str], str]) -> bool:
    try:
        return all(digest(kind, name) == then for (kind, name), then in entries.items())
    except BadInput:  # which the function tells, asked again
        return False


def exists(path: str | os.PathLike[str], *, root: str | os.PathLike[str]) -> bool:
    """Whether there is something at a path below `root`; the one way to ask, since the answer is an entry."""
    with loading():
        there = os.path.lexists(path)
    record("path", os.path.relpath(path, root).replace(os.sep, "/"), "there" if there else ABSENT)
    return there


class Recorded(Mapping[str, Value]):
    """A mapping of one kind of entries that records what is asked of it.

    Parameters
    ----------
    held : mapping
        Name → entry.
    digest : callable
        Digest of one entry.
    one, every : str
        Kind of a single entry, and of all of them in their order.
    """

    def __init__(self, held: Mapping[str, Value], digest: Callable[[Value], str], *, one: str, every: str) -> None:
        self._held, self._digest, self._one, self._every = held, digest, one, every

    def digest(self, name: str) -> str:
        """Of one entry, which need not be there; of all of them for :data:`ALL`."""
        if name == ALL:
            return "\n".join(f"{key} {self._digest(value)}" for key, value in self._held.items())
        return self._digest(self._held[name]) if name in self._held else ABSENT

    def __getitem__(self, name: str) -> Value:
        record(self._one, name, self.digest(name))
        return self._held[name]

    def __contains__(self, name: object) -> bool:
        record(self._one, str(name), self.digest(str(name)))
        return name in self._held

    def __iter__(self) -> Iterator[str]:
        record(self._every, ALL, self.digest(ALL))
        return iter(self._held)

    def __len__(self) -> int:
        record(self._every, ALL, self.digest(ALL))
        return len(self._held)
