"""Trade measures: what one is, as ``data/parameters`` and hypothetical scenario lines hold it; how they are asked for.

A measure is asked by its id, for one kind of trade, or with all others. An id stands in one file, which alone answers
for it; a measure on a trade may stand in any, so that all of them answer for a duty, and for an id that is not there.
Which measures were asked for is noted as well, for who asks how a number came about
(:mod:`tradeexposure.core.loaded_files`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from typing import Annotated, Literal, overload

from pydantic import AfterValidator, Field, model_validator

from tradeexposure.core import files, loaded_files
from tradeexposure.core.strict_yaml import Address, Heading, Listed, Name, NonEmpty, Remark, Strict, Text

EVERY = "all"
SEPARATOR = "/"  # of an entry that names a trade
MAX_RATE = 3.0  # three times the value: no tariff of these sectors comes near, a percentage typed as a share does


def _share(value: float) -> float:
    """A rate as a share of value, refused when it looks like a percentage."""
    if not 0 <= value <= MAX_RATE:
        hint = f"; {value:g} per cent is written {value / 100:.6g}" if value > MAX_RATE else ""
        raise ValueError(f"a share of value from 0 to {MAX_RATE:g}{hint}")
    return value


Share = Annotated[float, AfterValidator(_share)]
Codes = Listed[Annotated[str, Field(pattern=r"^[0-9]{4}[0-9.]*$")]]
Kind = Literal[
    "mfn", "preference", "duty", "suspension", "no_entry", "licence_suspension", "quota", "investigation", "dispute",
    "agreement", "remission", "ruling", "threat", "proposal", "domestic_policy", "estimate",
]  # fmt: skip
Stacking = Literal["base", "replaces_base", "additional", "suspends", "no_entry", "none"]
NoRate = Literal[
    "ban", "licence suspension", "quota", "investigation", "dispute", "threat", "not stated", "several rates",
    "not seen", "not a tariff", "price undertaking",
]  # fmt: skip
Basis = Literal["full", "non_us_content", "non_local_content"]


class Source(Strict):
    """Where a fact was read: title and address (empty where only a title is known)."""

    title: Heading
    address: Address = ""


class Quantity(Strict):
    """A figure of a measure that is not its rate: a quota, a budget, a share."""

    name: Name
    value: float
    unit: Text
    start: date | None = None
    end: date | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Quantity:
        if self.start and self.end and self.end < self.start:
            raise ValueError(f"an end on or after the start {self.start}")
        return self


class FinalDuty(Strict):
    """What a deposit turned into: the rate finally owed on entries of these days."""

    start: date
    end: date
    rate: Share

    @model_validator(mode="after")
    def _ordered(self) -> FinalDuty:
        if self.end < self.start:
            raise ValueError(f"an end on or after the start {self.start}")
        return self


def _apart(rows: Iterable[Quantity | FinalDuty]) -> bool:
    """Whether rows, figures of one name among each other, hold on days of their own."""
    known: dict[str, list[tuple[date, date]]] = {}
    for row in rows:
        known.setdefault(getattr(row, "name", ""), []).append((row.start or date.min, row.end or date.max))
    return all(earlier[1] < later[0] for spans in known.values() for earlier, later in pairwise(sorted(spans)))


class TradeMeasure(Strict):
    """One measure of one party, in force from `effective` to `end`, both days included.

    `rate` and `rate_with_claim` are shares of value; `rate_with_claim` applies to goods entered under CUSMA (the same
    as `rate` where it is empty). `claim_basis` says on what part of the value the claimed rate is charged. A measure
    without a rate says why in `no_rate`. How it enters the combined rate is its `stacking`: `base` (the MFN duty),
    `replaces_base` (a preference or a provisional rate; with `needs_claim` only on claimed goods), `additional`,
    `suspends` (the measures in `targets`), `no_entry`, or `none` (context only). An additional measure does not apply
    where one of `displaced_by` does. Measures of single `firms` never enter it. Products and origins may be ``all``;
    an empty `effective` means standing before 2018. An end is a day on which the measure was repealed, replaced or ran
    out, or with `end_announced` one that its own terms state and that may still be put off; without an `end` it is
    open.
    """

    id: Name
    title: Heading
    imposer: Text
    origins: NonEmpty[Text]
    products: NonEmpty[Text]
    except_products: Listed[Text] = ()
    hs: Codes = ()
    kind: Kind
    stacking: Stacking
    targets: Listed[Name] = ()
    displaced_by: Listed[Name] = ()
    needs_claim: bool = False
    quota: Literal["any", "within", "above"] = "any"
    firms: Listed[Text] = ()
    rate: Share | None = None
    rate_with_claim: Share | None = None
    claim_basis: Basis = "full"
    specific: Text | None = None
    rate_text: Remark = ""
    no_rate: NoRate | None = None
    settled: Listed[FinalDuty] = ()
    quantities: Listed[Quantity] = ()
    announced: date | None = None
    effective: date | None = None
    end: date | None = None
    end_announced: bool = False
    dates_text: Remark = ""
    instrument: Text
    confidence: Literal["high", "medium", "low", "assumption"]
    sources: Listed[Source] = ()
    note: Remark = ""

    @model_validator(mode="after")
    def _coherent(self) -> TradeMeasure:
        rated = self.rate is not None or self.specific is not None
        if rated == (self.no_rate is not None):
            raise ValueError("either a rate (or specific duty), or no_rate with the reason, not both")
        if self.imposer in self.origins:
            raise ValueError(f"origins other than the imposer {self.imposer}")
        if self.id in {*self.targets, *self.displaced_by}:
            raise ValueError(f"targets and displaced_by without the measure itself, {self.id}")
        if self.stacking == "suspends" and not self.targets:
            raise ValueError("targets, the measures it suspends")
        if self.stacking in {"additional", "suspends", "no_entry"} and self.effective is None:
            raise ValueError("an effective date; without one a measure can only be base, replaces_base or none")
        if self.stacking == "none" and rated:
            raise ValueError("no_rate and rate_text for a measure that does not stack")
        return self

    @model_validator(mode="after")
    def _dated(self) -> TradeMeasure:
        if self.effective and self.end and self.end < self.effective:
            raise ValueError(f"an end on or after the effective date {self.effective}")
        if self.announced and self.effective and self.effective < self.announced:
            raise ValueError(f"an effective date on or after the day it was announced, {self.announced}")
        if not (self.effective or self.announced or self.dates_text or self.stacking.endswith("base")):
            raise ValueError("a day: effective, announced, or what the source says of it in dates_text")
        if self.end_announced and self.end is None:
            raise ValueError("an end for end_announced, the day that its own terms state")
        if not _apart(self.quantities):
            raise ValueError("quantities of one name on days of their own: an end before the next one's start")
        if not _apart(self.settled):
            raise ValueError("settled rows on days of their own: an end before the next one's start")
        return self

    def __hash__(self) -> int:  # equal ones have equal ids; going through all fields took a tenth of a sweep's duties
        return hash(self.id)

    @property
    def only_announced(self) -> bool:
        """Whether it is a threat or proposal, which its day does not put in force."""
        return self.kind in ("threat", "proposal")

    def in_force(self, on: date) -> bool:
        """True from `effective` to `end`, both included; context without that date, threats and proposals never are."""
        if (self.effective is None and self.stacking == "none") or self.only_announced:
            return False
        return (self.effective is None or self.effective <= on) and (self.end is None or on <= self.end)

    def figures_on(self, day: date) -> dict[str, float]:
        """Figures that are no rates and hold on a day, by name: volumes, growth, price caps, rebates."""
        return {
            figure.name: figure.value
            for figure in self.quantities
            if (figure.start is None or figure.start <= day) and (figure.end is None or day <= figure.end)
        }

    @property
    def bears_on_duty(self) -> bool:
        """Whether a duty can hang on it: it stacks, or is a quota, and is not about single firms."""
        return not self.firms and (self.stacking != "none" or self.kind == "quota")

    def covers(self, *, imposer: str, origin: str, product: str, quota: str) -> bool:
        """As :meth:`concerns`, on one side of an import quota."""
        return self.quota in {"any", quota} and self.concerns(imposer=imposer, origin=origin, product=product)

    def concerns(self, *, imposer: str, origin: str, product: str) -> bool:
        """True where the measure is about this imposer's imports of `product` from `origin`."""
        named = EVERY in self.products or product in self.products
        from_there = (EVERY in self.origins and origin != imposer) or origin in self.origins
        return imposer == self.imposer and from_there and named and product not in self.except_products

    def shares_goods(self, measure: TradeMeasure) -> bool:
        """Whether both are about some of the same goods of the same origin."""
        pairs = ((self.origins, measure.origins), (self.products, measure.products))
        alike = all(EVERY in (*ours, *theirs) or not {*ours}.isdisjoint(theirs) for ours, theirs in pairs)
        return self.imposer == measure.imposer and alike


ORDINARY = ("base", "replaces_base")
SAID = (
    "imposer", "origins", "products", "except_products", "hs", "kind", "stacking", "targets", "needs_claim", "quota",
    "firms", "rate", "rate_with_claim", "claim_basis", "specific",
)  # fmt: skip


def twice(measures: Iterable[TradeMeasure]) -> Iterator[tuple[TradeMeasure, TradeMeasure]]:
    """Pairs of measures that charge the same twice, and a day sees both in force.

    The same is all that they say, or the instrument and all but the rate, or the one ordinary duty that a good can pay.
    """
    alike: dict[tuple[str, ...], list[TradeMeasure]] = {}
    for measure in measures:
        ordinary = measure.stacking in ORDINARY and not measure.firms
        same = [_texts_of(measure, SAID), _texts_of(measure, (*SAID[: SAID.index("rate")], "instrument"))]
        before = [earlier for key in same for earlier in alike.setdefault(key, [])]
        before += [
            earlier for earlier in alike.setdefault(ORDINARY, []) if ordinary and _ordinary_too(earlier, measure)
        ]
        if measure.stacking != "none":
            for earlier in dict.fromkeys(before):
                both_since = max(earlier.effective or date.min, measure.effective or date.min)
                if both_since <= min(earlier.end or date.max, measure.end or date.max):
                    yield earlier, measure
            for key in (*same, *((ORDINARY,) if ordinary else ())):
                alike[key].append(measure)


def _texts_of(measure: TradeMeasure, names: Iterable[str]) -> tuple[str, ...]:
    values = (getattr(measure, name) for name in names)
    return tuple(str(sorted(value) if isinstance(value, tuple) else value) for value in values)


def _ordinary_too(earlier: TradeMeasure, later: TradeMeasure) -> bool:
    """Whether a good could pay two ordinary duties, of which only one would count."""
    where = ("imposer", "stacking", "needs_claim")
    if _texts_of(earlier, where) != _texts_of(later, where) or {earlier.quota, later.quota} == {"within", "above"}:
        return False
    left_out = {*earlier.except_products, *later.except_products}
    return _meet(earlier.origins, later.origins) and _meet(earlier.products, later.products, left_out)


def _meet(first: Iterable[str], second: Iterable[str], left_out: Iterable[str] = ()) -> bool:
    """Whether two lists name the same thing; ``all`` is every one but those left out."""
    named, also = ({*names} - {*left_out} for names in (first, second))
    return bool(named & also) or (EVERY in named and bool(also)) or (EVERY in also and bool(named))


class Pair(Strict):
    """Whose measures on whose goods are held, and for which products all of them (a combined rate needs all)."""

    imposer: Name
    origin: Name
    complete_for: Listed[Name] = ()
    note: str = ""


class Line(Strict):
    """One line of the table of facts that a report stamps."""

    title: Text
    imposer: Name
    origin: Name
    product: Name
    claim: bool = False
    quota: Literal["within", "above"] = "within"


class Vocabulary(Strict):
    """The closed lists of parties and products, the pairs held and the lines a report stamps.

    `checked` is the day that pages speak of, where it is not that of the newest measure on file.
    """

    checked: date | None = None
    parties: dict[str, str]
    products: dict[str, str]
    cusma: Listed[Name]
    pairs: Listed[Pair]
    lines: Listed[Line]


class Cited(Strict):
    """The sources of one file of ``data/parameters``, by the key that measures cite."""

    sources: dict[str, Source]


class MeasureFile(Strict):
    """One file of ``data/parameters``: its measures and the sources they cite by key.

    A `private` one is somebody's own: no French is asked of its words.
    """

    title: Text
    private: bool = False
    sources: dict[str, Source]
    measures: Listed[TradeMeasure]


def outside(measure: TradeMeasure, lists: Vocabulary) -> Iterable[tuple[str, str, Iterable[str]]]:
    """Names in `measure` that the vocabulary does not know, as (key, name, allowed)."""
    claims = lists.cusma if set(measure.origins) & {EVERY, *lists.cusma} else ()
    claimed = measure.rate_with_claim is not None or measure.needs_claim
    checked = (
        ("imposer", (measure.imposer,), lists.parties),
        ("origins", measure.origins, [EVERY, *lists.parties]),
        ("products", measure.products, [EVERY, *lists.products]),
        ("except_products", measure.except_products, lists.products),
    )
    wrong = [(key, name, allowed) for key, names, allowed in checked for name in names if name not in allowed]
    if not wrong and claimed and measure.imposer not in claims:
        between = f"none: goods of {', '.join(measure.origins)} into {measure.imposer} cannot be claimed under CUSMA"
        wrong = [("rate_with_claim" if measure.rate_with_claim is not None else "needs_claim", "a claim", [between])]
    return wrong


def trade_entry(*, imposer: str, origin: str, product: str) -> str:
    """How an entry names the measures on one kind of trade."""
    return SEPARATOR.join((imposer, origin, product))


def measures_on(measures: Sequence[TradeMeasure], name: str) -> tuple[TradeMeasure, ...]:
    """Of `measures`, those on the trade that an entry names."""
    imposer, origin, product = name.split(SEPARATOR)
    return tuple(measure for measure in measures if measure.concerns(imposer=imposer, origin=origin, product=product))


#: Measures of the files → entry on a trade → those on it: a regime asks for the same thirty times.
_held_on: files.ByIdentity[tuple[TradeMeasure, ...], dict[str, tuple[TradeMeasure, ...]]] = files.ByIdentity(
    lambda measures: {}
)


def held_on(measures: tuple[TradeMeasure, ...], name: str) -> tuple[TradeMeasure, ...]:
    """As :func:`measures_on`, of all measures of the files, which are kept; the same object for the same ones."""
    known = _held_on(measures)
    if name not in known:
        known[name] = measures_on(measures, name)
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
        names, ids = [trade_entry(imposer=imposer, origin=origin, product=product) for product in products], set[str]()
        self.loaded(loaded_files.ALL)
        for name in names:
            concerned = held_on(self.held, name)
            loaded_files.note_name("facts_on", name)
            ids |= {measure.id for measure in concerned}
        # A measure of the scenario on these trades that is about another in the files: its place counts.
        now = [measure for several in self.changed.values() for measure in several]
        moved = any(measure.id not in ids for name in names for measure in measures_on(now, name))
        if len(names) == 1 and self.stacking is None and not (moved or self.added or ids & self.changed.keys()):
            return list(concerned)
        there: Sequence[TradeMeasure] = [*(measure for measure in self.held if measure.id in ids), *self.added]
        some = tuple(self) if moved else self._shown(there)
        wanted = {measure.id for name in names for measure in measures_on(some, name)}
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
