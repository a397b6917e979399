"""Measures to be asked: one by its id, those on one kind of trade, or all.

An id stands in one file, which alone answers for it; a measure on a trade may stand in any, so that all of them answer
for a duty, and for an id that is not there. Which measures were asked for is noted as well, for who asks how a number
came about (:mod:`tradeexposure.core.loaded_files`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import overload

from tradeexposure.core import files, loaded_files
from tradeexposure.policy.measures import TradeMeasure

SEPARATOR = "/"


def trade(*, imposer: str, origin: str, product: str) -> str:
    """How an entry names the measures on one kind of trade."""
    return SEPARATOR.join((imposer, origin, product))


def on(measures: Sequence[TradeMeasure], name: str) -> tuple[TradeMeasure, ...]:
    """Of `measures`, those on the trade that an entry names."""
    imposer, origin, product = name.split(SEPARATOR)
    return tuple(measure for measure in measures if measure.concerns(imposer=imposer, origin=origin, product=product))


#: Measures of the files → entry on a trade → those on it: a regime asks for the same thirty times.
_held_on: files.ByIdentity[tuple[TradeMeasure, ...], dict[str, tuple[TradeMeasure, ...]]] = files.ByIdentity(
    lambda measures: {}
)


def held_on(measures: tuple[TradeMeasure, ...], name: str) -> tuple[TradeMeasure, ...]:
    """As :func:`on`, of all measures of the files, which are kept; the same object for the same ones."""
    known = _held_on(measures)
    if name not in known:
        known[name] = on(measures, name)
    return known[name]


@dataclass(frozen=True, eq=False)
class Facts(Sequence[TradeMeasure]):
    """The measures of the files, or what a scenario makes of them.

    Parameters
    ----------
    held : tuple of TradeMeasure
        Those of the files, in their order.
    loaded : callable
        Notes that the file with an id was loaded; without one, or with one that is not there, all files.
    changed : mapping
        Id → the measure as a scenario has it: one after the other in time where it changes on a day, none where it is
        never charged.
    added : tuple of TradeMeasure
        Measures of a scenario alone.
    stacking : collection of str, optional
        The roles that are kept; all without it.
    """

    held: tuple[TradeMeasure, ...]
    loaded: Callable[[str], None]
    changed: Mapping[str, Sequence[TradeMeasure]] = field(default_factory=dict)
    added: tuple[TradeMeasure, ...] = ()
    stacking: Collection[str] | None = None

    def find(self, measure_id: str, on: date | None = None) -> TradeMeasure | None:
        """The measure of an id as it is in force on a day, else as it is last; None where there is none."""
        named = [measure for measure in self.held if measure.id == measure_id]
        loaded_files.note_name("fact", measure_id)
        self.loaded(measure_id)
        there = self._shown([*named, *(measure for measure in self.added if measure.id == measure_id)])
        return next((measure for measure in there if on and measure.in_force(on)), there[-1] if there else None)

    def concerning(self, *products: str, imposer: str, origin: str) -> list[TradeMeasure]:
        """Measures on a country's imports of any of some products from an origin, in their order."""
        names, ids = [trade(imposer=imposer, origin=origin, product=product) for product in products], set[str]()
        self.loaded(loaded_files.ALL)
        for name in names:
            concerned = held_on(self.held, name)
            loaded_files.note_name("facts_on", name)
            ids |= {measure.id for measure in concerned}
        # A measure of the scenario on these trades that is about another in the files: its place counts.
        now = [measure for several in self.changed.values() for measure in several]
        moved = any(measure.id not in ids for name in names for measure in on(now, name))
        if len(names) == 1 and self.stacking is None and not (moved or self.added or ids & self.changed.keys()):
            return list(concerned)
        there: Sequence[TradeMeasure] = [*(measure for measure in self.held if measure.id in ids), *self.added]
        some = tuple(self) if moved else self._shown(there)
        wanted = {measure.id for name in names for measure in on(some, name)}
        return [measure for measure in some if measure.id in wanted]

    def with_roles(self, stacking: Collection[str]) -> Facts:
        """Only measures of some roles (`stacking`)."""
        return replace(self, stacking=stacking)

    def changed_by(self, changed: Mapping[str, Sequence[TradeMeasure]], added: Sequence[TradeMeasure]) -> Facts:
        """As a scenario has them."""
        return replace(self, changed={**self.changed, **changed}, added=(*self.added, *added))

    def _shown(self, measures: Sequence[TradeMeasure]) -> tuple[TradeMeasure, ...]:
        now = (version for measure in measures for version in self.changed.get(measure.id, (measure,)))
        return tuple(version for version in now if self.stacking is None or version.stacking in self.stacking)

    def _all(self) -> tuple[TradeMeasure, ...]:
        loaded_files.note_name("facts", loaded_files.ALL)
        self.loaded(loaded_files.ALL)
        return self._shown([*self.held, *self.added])

    def __iter__(self) -> Iterator[TradeMeasure]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    @overload
    def __getitem__(self, place: int) -> TradeMeasure: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[TradeMeasure]: ...
    def __getitem__(self, place: int | slice) -> TradeMeasure | Sequence[TradeMeasure]:
        return self._all()[place]
