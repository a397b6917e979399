"""How measures in force on one product add up to one duty."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from tradeexposure.core.text import day_in_words
from tradeexposure.policy.measures import Pair, TradeMeasure

DECIMALS = 10  # sums of shares such as 0.09 + 0.758 are rounded past their last meaningful digit
Status = Literal[
    "known", "no entry", "base unknown", "part unknown", "specific duty", "content share needed", "not all held"
]


@dataclass(frozen=True)
class Rate:
    """The duty on one product of one origin on one day."""

    rate: float | None  #: Combined rate as a share of value; None unless `status` is ``known``.
    specific: str | None  #: The part of the duty that is charged by weight, as published.
    measures: tuple[TradeMeasure, ...]  #: What makes up the duty, the base first.
    #: ``known`` · ``no entry`` (nothing may be imported, so there is no rate) · ``base unknown`` (the MFN duty is not
    #: held) · ``part unknown`` (an additional duty has no single rate) · ``specific duty`` (base by weight) · ``content
    #: share needed`` · ``not all held`` (other measures of this pair exist that are not in the data).
    status: Status
    note: str  #: Why, in words; also what else was in force.
    #: The two parts as shares of value; `additional` is returned even where the base is unknown.
    base: float | None = None
    additional: float | None = None
    #: In force on the day without entering the rate: licence suspensions, quotas, investigations, firms' own duties.
    also: tuple[TradeMeasure, ...] = ()
    #: What has begun by the day and whose own terms announce an end, before the day or after it.
    ends: tuple[TradeMeasure, ...] = ()

    @property
    def reference(self) -> str:
        """The instruments behind the rate, import quotas included."""
        quotas = (measure for measure in self.also if measure.kind == "quota")
        return "; ".join(dict.fromkeys(measure.instrument for measure in (*self.measures, *quotas)))


def combine(
    begun: list[TradeMeasure],
    *,
    complete: bool,
    pair: Pair,
    day: date,
    claim: bool,
    shares: dict[str, float | None],
    settled: bool,
) -> Rate:
    """Stack the measures in force on `day` among those that have `begun` by then and cover one product.

    `complete` says whether all measures of the pair and product are in the data; `shares` gives the exempt share of
    value for each basis of a claimed rate; `claim` and `settled` are as in :func:`tariff_schedule.rate`. Where no
    preference that a claim could rest on is in force, claimed goods pay as goods without a claim.
    """
    facts = [measure for measure in begun if measure.in_force(day)]
    ends = tuple(_announced(begun))
    claim = claim and any(measure.needs_claim and measure.stacking == "replaces_base" for measure in facts)
    stopped, bases, added, pauses = _roles(facts, claim=claim)
    used = stopped or (*bases, *added, *pauses)
    also = tuple(measure for measure in facts if measure not in used and measure.stacking not in {"base", "additional"})
    if stopped:
        return Rate(None, None, stopped, "no entry", _note_of(stopped, also, ends, day), also=also, ends=ends)
    base = bases[0].rate if bases else None
    specific = bases[0].specific if bases else None
    parts = [_charged(measure, day=day, claim=claim, shares=shares, settled=settled) for measure in added]
    extra = None if None in parts else round(sum(part for part in parts if part is not None), DECIMALS)
    status = _status(bases, added, extra, complete=complete)
    total = round(base + extra, DECIMALS) if status == "known" and base is not None and extra is not None else None
    why = {
        "not all held": pair.note,
        "base unknown": "" if bases else "the MFN duty is not on file",
        "known": "",
        "content share needed": "the content of the vehicle decides: give us_content or local_content",
    }
    unknown = [*bases] if status in {"base unknown", "specific duty"} else []
    note = _note_of(unknown, also, ends, day, why.get(status, "" if unknown else status))
    return Rate(total, specific, used, status, note, base=base, additional=extra, also=also, ends=ends)


def _announced(begun: Sequence[TradeMeasure]) -> Iterator[TradeMeasure]:
    """Measures whose announced end makes another duty of it; a suspension only where what it suspends outlasts it
    and is not suspended again from the day after.
    """
    for measure in begun:
        if measure.end is not None and measure.end_announced and measure.bears_on_duty:
            outlasting = {also.id for also in begun if also.end is None or also.end > measure.end}
            after = measure.end + timedelta(days=1)
            renewed = {name for also in begun if also.in_force(after) for name in also.targets}
            if not measure.targets or (outlasting - renewed) & set(measure.targets):
                yield measure


def _roles(facts: list[TradeMeasure], *, claim: bool) -> tuple[tuple[TradeMeasure, ...], ...]:
    """The measures that stop entry, set the base, add to it, and suspend additions that would apply."""
    general = [measure for measure in facts if not measure.firms and (claim or not measure.needs_claim)]
    by_role = {
        role: tuple(measure for measure in general if measure.stacking == role)
        for role in ("no_entry", "replaces_base", "base", "additional", "suspends")
    }
    there = {measure.id for measure in general}
    pauses = tuple(measure for measure in by_role["suspends"] if there & set(measure.targets))
    standing = there - {target for measure in pauses for target in measure.targets}
    added = tuple(
        measure
        for measure in by_role["additional"]
        if measure.id in standing and not standing & set(measure.displaced_by)
    )
    return by_role["no_entry"], by_role["replaces_base"][-1:] or by_role["base"][:1], added, pauses


def _status(
    bases: tuple[TradeMeasure, ...], added: tuple[TradeMeasure, ...], extra: float | None, *, complete: bool
) -> Status:
    """Why there is, or is not, one rate."""
    if not complete:
        return "not all held"
    if extra is None:
        return "part unknown" if any(measure.rate is None for measure in added) else "content share needed"
    if bases and bases[0].specific:
        return "specific duty"
    return "known" if bases and bases[0].rate is not None else "base unknown"


def _charged(
    measure: TradeMeasure, *, day: date, claim: bool, shares: dict[str, float | None], settled: bool
) -> float | None:
    """The rate one additional measure adds on `day`, None where it is not known."""
    if settled:
        for step in measure.settled:
            if step.start <= day <= step.end:
                return step.rate
    if not claim or measure.rate_with_claim is None:
        return measure.rate
    if measure.claim_basis == "full":
        return measure.rate_with_claim
    content = shares[measure.claim_basis]
    return None if content is None else measure.rate_with_claim * (1 - content)


def _end_in_words(measure: TradeMeasure, day: date) -> str:
    """The day on which a measure's own terms end it, or ended it before `day`, unless it is renewed."""
    ending = day_in_words(f"{measure.end}")
    if measure.in_force(day):
        return f"{measure.title}: ends on {ending} by its own terms unless renewed"
    return f"{measure.title}: ended on {ending} by its own terms unless renewed"


def _note_of(
    unknown: Iterable[TradeMeasure],
    also: Iterable[TradeMeasure],
    ends: Iterable[TradeMeasure],
    day: date,
    first: str = "",
) -> str:
    """The note of a rate: what is unknown and why, the licence suspensions and quotas beside it, announced ends."""
    beside = [measure for measure in also if measure.kind in {"licence_suspension", "quota"}]
    notes = [first, *(f"{m.title}: {m.rate_text or m.specific or m.no_rate}" for m in unknown)]
    notes += [f"{measure.title} ({', '.join(measure.firms) or measure.instrument})" for measure in beside]
    return "; ".join(filter(None, [*notes, *(_end_in_words(measure, day) for measure in ends)]))
