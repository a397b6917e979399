"""What a task reads: every loader says which entry it gives out, and in a run nothing else may be read.

An entry is finer than a file: one table, one fact, one prior, one scenario, one window of a study. A lookup of a name
that is not there is an entry too, whose digest is :data:`ABSENT`; what is given as a whole (all facts, the names of the
scenarios) is an entry of its own, so that one more among them is a change.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

Entry = tuple[str, str]  # kind and name, such as ("table", "farm_prices_monthly")
Entries = dict[Entry, str]  # with the digest of what was given out
ABSENT = "absent"
ALL = "*"  # the name of the entry that is all of a kind
#: Kinds of entries, each with the loader that gives them out.
KINDS = {
    "table": "data.load",
    "description": "data.describe, data.sources",
    "tables": "data.names",
    "vintage": "vintages.selected",
    "fact": "tariff_schedule.get",
    "facts": "tariff_schedule.measures",
    "vocabulary": "tariff_schedule.vocabulary",
    "prior": "assumptions.load()[name]",
    "priors": "assumptions.load",
    "scenario": "scenarios.load",
    "scenarios": "scenarios.names",
    "window": "studies.episodes",
    "baseline": "studies.baselines",
    "study": "studies.episodes without keys",
    "outline": "chart_maps",
    "number": "Book.earlier",
    "numbers": "Book.earlier(stem=…)",
    "across": "Book.across",
    "handed": "Book.earlier_table",
}

_open: list[Entries] = []


def record(kind: str, name: str, digest: str = "") -> None:
    """Note that the entry `name` of a kind was given out, or that it is not there (:data:`ABSENT`).

    Loaders call it each time, also where they kept what they give: a task reads what it is given, whoever read the
    file first.
    """
    for entries in _open:
        entries[kind, name] = digest


@contextmanager
def recording() -> Iterator[Entries]:
    """The entries that are given out while it is open, with their digests, in the order of first use."""
    entries: Entries = {}
    _open.append(entries)
    try:
        yield entries
    finally:
        _open[:] = [other for other in _open if other is not entries]
