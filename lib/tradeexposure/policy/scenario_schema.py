"""What a scenario file may say, and whether it fits the facts: the schema of ``data/scenarios`` and its checks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import ValidationError, model_validator

from tradeexposure.core import files, loaded_files, paths
from tradeexposure.core.errors import BadInput
from tradeexposure.core.strict_yaml import Document, Heading, KeyPath, Listed, Name, NonEmpty, Strict, Text, load_yaml
from tradeexposure.core.text import meant
from tradeexposure.policy import assumptions, tariff_schedule
from tradeexposure.policy.assumptions import SIGNS
from tradeexposure.policy.measures import Quantity, Share, Source, TradeMeasure, twice
from tradeexposure.policy.tariff_schedule import FIRST_DAY

FOLDER = ("data", "scenarios")
NAME = re.compile(r"[a-z][a-z0-9_]*")
BEFORE = "before_measures"
MOST_TIMES = 1_000  # a figure a thousand times the law's is a slip of the keyboard
CHARGES = ("base", "replaces_base", "additional")  # roles in which a measure's rate counts
WHOLE = ("vehicles", "tariff items")  # units that are counted
#: What a scenario says of itself: no number depends on it, so that it is an entry of its own.
WORDS = ("title", "question", "sources")
CHANGES = ("rate", "total", "rate_with_claim", "effective", "end", "displaced_by")
#: Changes that without an `effective` day hold from `facts_on`; until then the measure stays as the law has it.
DATED = ("rate", "total", "rate_with_claim")


class Override(Strict):
    """A change to one measure: another rate, other dates, what also displaces it, or its suspension.

    `total` is the duty that results, the ordinary one included, in the place of the `rate` that this measure adds. A
    suspension may have the day from which it holds, `effective`, and no other change.
    """

    measure: Name
    rate: Share | None = None
    total: Share | None = None
    rate_with_claim: Share | None = None
    effective: date | None = None
    end: date | None = None
    displaced_by: Listed[Name] | None = None
    suspended: bool = False
    reason: Text

    @model_validator(mode="after")
    def _changes_something(self) -> Override:
        changes = [change for change in CHANGES if getattr(self, change) is not None]
        if not self.suspended and not changes:
            raise ValueError(f"at least one of {', '.join((*CHANGES, 'suspended'))}")
        beside = [change for change in changes if change != "effective"]
        if self.suspended and beside:
            raise ValueError(f"suspended alone: a suspended measure has no {', '.join(beside)}")
        if self.rate is not None and self.total is not None:
            raise ValueError("rate or total, not both: the rate that is added, or the duty that results")
        return self


class QuantityChange(Strict):
    """Another value for a figure of a measure that is not its rate, on every day."""

    measure: Name
    name: Name
    value: float
    reason: Text


class Scenario(Strict):
    """A named set of changes over the facts in force on `facts_on`, and what the result is measured against.

    `against` is another scenario or ``before_measures``, the duties before any of the measures; `also_against` a second
    one of the same day and rules for cars, where one answer to "what would have come otherwise?" is not enough.
    `horizon` says which supply response of canola growers holds, `above_quota` what happens to electric vehicles of
    China above the quota (the law's text was not seen), `assumptions` fixes priors, `licence_suspension` takes the
    suspended export licences of 2019 as a barrier to seed that is not a tariff.

    Whoever asks for one of its :data:`WORDS`, or for all that it holds at once, is recorded to have read them.
    """

    name: Name
    title: Heading
    question: Heading
    facts_on: date
    against: Name = BEFORE
    also_against: Name | None = None
    horizon: Literal["acreage", "crop_year"] = "acreage"
    above_quota: Literal["no_entry", "surtax", "mfn"] = "no_entry"
    licence_suspension: bool = False
    assumptions: dict[str, float] = {}  # noqa: RUF012 - a field of a frozen model, copied for every instance
    quantities: Listed[QuantityChange] = ()
    overrides: Listed[Override] = ()
    hypothetical: Listed[TradeMeasure] = ()
    sources: NonEmpty[Source]

    if not TYPE_CHECKING:  # else every attribute would be there

        def __getattribute__(self, asked: str) -> Any:
            if asked in WORDS or asked == "__dict__":  # the second is how it is written out, compared and copied
                values = object.__getattribute__(self, "__dict__")
                loaded_files.note_loaded("words", values["name"], _digest_of_words(values))
            return super().__getattribute__(asked)

    @property
    def named(self) -> str:
        """Its title as it stands in a sentence."""
        return self.title.rstrip(".")

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy, with changes; its words are read when it is asked for them."""
        with loaded_files.holding():
            return super().model_copy(update=update, deep=deep)

    def digest(self, kind: str) -> str:
        """Digest of what it sets (``scenario``) or of its words (``words``)."""
        with loaded_files.holding():
            if kind == "words":
                return _digest_of_words(self.__dict__)
            return files.digest(self.model_dump_json(exclude=set(WORDS)))


def _digest_of_words(values: Mapping[str, Any]) -> str:
    return files.digest_of(
        [values["title"], values["question"], [source.model_dump_json() for source in values["sources"]]]
    )


def overridden(measure: TradeMeasure, override: Override, *, on: date) -> tuple[TradeMeasure, ...]:
    """`measure` as a scenario with the facts of `on` has it, in the order of time: as in law, then as changed.

    A change begins on the override's `effective` day. Without one another rate begins on `on`, or on the measure's own
    first day where that is later. A `total` has the rate 0 here:
    :func:`tradeexposure.policy.scenarios.measures_in_force` knows what else is charged.
    """
    begins = override.effective or max(on, measure.effective or date.min)
    lawful: tuple[TradeMeasure, ...] = ()
    last = begins - timedelta(days=1)
    if measure.effective is None or measure.effective <= last:
        goes_on = measure.end is None or measure.end > last
        lawful = (measure.model_copy(update={"end": last, "end_announced": False}) if goes_on else measure,)
    if override.suspended:
        return lawful
    changes = {key: value for key in CHANGES if key != "total" and (value := getattr(override, key)) is not None}
    if override.rate is not None or override.total is not None:
        changes |= {"rate": override.rate or 0.0, "no_rate": None, "specific": None}
    if override.displaced_by is not None:
        changes["displaced_by"] = (*measure.displaced_by, *override.displaced_by)
    if override.end is not None:
        changes["end_announced"] = False
    if override.effective is None and all(getattr(override, key) is None for key in DATED):
        return (TradeMeasure.model_validate(measure.model_dump() | changes),)
    if override.end is None and measure.end is not None and measure.end < begins:
        if override.effective is None:
            return lawful  # it is over
        changes |= {"end": None, "end_announced": False}  # it is put back
    return (*lawful, TradeMeasure.model_validate(measure.model_dump() | changes | {"effective": begins}))


def requantified(measure: TradeMeasure, changes: Sequence[QuantityChange]) -> TradeMeasure:
    """`measure` with other values of its figures; a changed figure holds on every day."""
    new = {change.name: change.value for change in changes if change.measure == measure.id}
    if not new:
        return measure
    figures = [
        Quantity(name=old.name, value=new[old.name], unit=old.unit) if old.name in new else old
        for old in measure.quantities
    ]
    return measure.model_copy(update={"quantities": tuple(figures)})


def check_scenario(scenario: Scenario, document: Document, *, known: Sequence[str]) -> None:
    """What the schema alone cannot see: the day, ids, parties and products, figures, priors and the comparison.

    Raises
    ------
    BadInput
        A day before 2018 or beyond the fifth year ahead; an unknown measure, figure, prior or scenario; one changed
        twice; dates in an impossible order; a negative quota; a share outside 0–1; an elasticity of the wrong sign;
        a prior that only weighs the rows; suspended licences on a day without any; a comparison that leads back to the
        scenario, or with one whose licences are suspended; a second one with itself, with what is compared already, or
        with a scenario of another day.
    """
    with loaded_files.checking():
        last = tariff_schedule.last_day()
        if not FIRST_DAY <= scenario.facts_on <= last:
            raise document.error(("facts_on",), allowed=f"a day from {FIRST_DAY} to {last}")
        measures = {measure.id: measure for measure in tariff_schedule.all_measures()}
        _check_overrides(scenario, document, measures)
        _check_hypothetical(scenario, document, measures)
        _check_quantities(scenario, document, measures)
        _check_assumptions(scenario, document)
        if scenario.licence_suspension and not licences(scenario.facts_on):
            allowed = f"false: no export licence for canola seed is suspended on {scenario.facts_on}"
            raise document.error(("licence_suspension",), allowed=allowed)
        for key in ("against", "also_against"):
            if (name := getattr(scenario, key)) and _typed(name, "licence_suspension", False):
                allowed = "a scenario without licence_suspension: what another is measured against differs in duties"
                raise document.error((key,), allowed=f"{allowed} alone")
        _check_against(scenario, document, known)
        _check_also_against(scenario, document, known)


def _check_overrides(scenario: Scenario, document: Document, measures: dict[str, TradeMeasure]) -> None:
    seen: set[str] = set()
    for position, override in enumerate(scenario.overrides):
        place = ("overrides", position, "measure")
        if override.measure not in measures:
            raise tariff_schedule.unknown(document, place, override.measure, measures)
        if override.measure in seen:
            raise document.error(place, allowed="each measure once")
        seen.add(override.measure)
        for key in ("rate", "total"):
            if getattr(override, key) is not None and measures[override.measure].stacking not in CHARGES:
                allowed = f"no {key}: this measure has none; suspend it, or add a hypothetical measure"
                raise document.error(("overrides", position, key), allowed=allowed)
        _check_moves_along(document, position, override, measures[override.measure])
        _check_begins(document, position, override, measures[override.measure])
        try:
            overridden(measures[override.measure], override, on=scenario.facts_on)
        except ValidationError as fault:
            allowed = str(fault.errors()[0].get("ctx", {}).get("error", fault.errors()[0]["msg"]))
            raise document.error(place[:-1], found=override.measure, allowed=allowed) from None


def _check_moves_along(document: Document, position: int, override: Override, measure: TradeMeasure) -> None:
    """What must be said with a change: a duty that claimed goods pay as well would stay behind without a word."""
    place = ("overrides", position)
    if override.rate is not None and override.rate_with_claim is None and measure.rate_with_claim:
        allowed = (
            f"rate together with rate_with_claim: goods with a claim pay {measure.rate_with_claim:g} and would go on "
            f"paying it; state it, the same or another"
        )
        raise document.error((*place, "rate"), allowed=allowed)
    if override.total is not None and (override.rate_with_claim is not None or measure.rate_with_claim is not None):
        allowed = "rate together with rate_with_claim: goods with a claim pay another duty than goods without one"
        raise document.error((*place, "total"), allowed=allowed)
    changed = {key: value for key in CHANGES if key != "total" and (value := getattr(override, key)) is not None}
    lists = tariff_schedule.vocabulary()
    tariff_schedule.check_measure(document, place, measure.model_copy(update=changed), lists=lists)
    if measure.id in (override.displaced_by or ()):
        raise document.error((*place, "displaced_by"), allowed=f"other measures than {measure.id} itself")


def _check_begins(document: Document, position: int, override: Override, measure: TradeMeasure) -> None:
    """A later first day is that of a change: until then the law holds, so that alone it would change nothing."""
    begins, changes = override.effective, [key for key in CHANGES if key not in ("effective", "end")]
    if begins is None or override.suspended or any(getattr(override, key) is not None for key in changes):
        return
    if (measure.effective or date.min) < begins <= (measure.end or date.max):
        allowed = (
            f"a day up to {measure.effective or FIRST_DAY}, since when the law has it, or with it what changes on that "
            f"day: {', '.join(changes)}"
        )
        raise document.error(("overrides", position, "effective"), allowed=allowed)


def _check_hypothetical(scenario: Scenario, document: Document, measures: dict[str, TradeMeasure]) -> None:
    lists = tariff_schedule.vocabulary()
    everything = dict(measures)
    for position, measure in enumerate(scenario.hypothetical):
        place = ("hypothetical", position)
        tariff_schedule.check_measure(document, place, measure, lists=lists)
        if measure.id in everything:
            raise document.error((*place, "id"), allowed="an id not used by another measure")
        everything[measure.id] = measure
    for position, override in enumerate(scenario.overrides):
        tariff_schedule.check_named(document, ("overrides", position), override, everything)
    for position, measure in enumerate(scenario.hypothetical):
        tariff_schedule.check_named(document, ("hypothetical", position), measure, everything)
    for earlier, later in twice(everything.values()) if scenario.hypothetical else ():  # the files' own are checked
        if later in scenario.hypothetical:
            at: KeyPath = ("hypothetical", scenario.hypothetical.index(later), "id")
            raise document.error(at, allowed=f"a measure that {earlier.id} does not charge already on the same days")


def _check_quantities(scenario: Scenario, document: Document, measures: dict[str, TradeMeasure]) -> None:
    seen: set[tuple[str, str]] = set()
    for position, change in enumerate(scenario.quantities):
        place = ("quantities", position)
        if change.measure not in measures:
            raise tariff_schedule.unknown(document, (*place, "measure"), change.measure, measures)
        figures = {quantity.name: quantity for quantity in measures[change.measure].quantities}
        if change.name not in figures:
            allowed = ", ".join(figures) or f"nothing: {change.measure} has no such figures"
            raise document.error((*place, "name"), found=change.name, allowed=allowed)
        if (change.measure, change.name) in seen:
            raise document.error((*place, "name"), allowed="each figure once")
        seen.add((change.measure, change.name))
        lawful, unit, allowed = figures[change.name].value, figures[change.name].unit, ""
        if unit.startswith("share") and not 0 <= change.value <= 1:
            allowed = "a share from 0 to 1"
        elif change.value < 0:
            allowed = f"0 or more {unit}"
        elif change.value > MOST_TIMES * max(abs(lawful), 1):
            allowed = f"at most {MOST_TIMES:,} times the figure of the law, {lawful:g} {unit}"
        elif unit.startswith(WHOLE) and change.value != int(change.value):
            allowed = f"a whole number of {unit}"
        if allowed:
            raise document.error((*place, "value"), allowed=allowed)


def _check_assumptions(scenario: Scenario, document: Document) -> None:
    known = assumptions.load()
    for name, value in scenario.assumptions.items():
        place = ("assumptions", name)
        if name not in known:
            raise document.error(place, found=f"unknown prior {name}", allowed=meant(name, known) + ", ".join(known))
        if name in assumptions.WEIGHING:
            raise document.error(
                place, found=name, allowed="a prior that is no part of how notebook 65 weighs its rows"
            )
        if not assumptions.accepts(known[name], value):
            raise document.error(place, allowed=SIGNS[known[name].sign])
        largest = max(known[name].distribution.numbers().values())
        if value > MOST_TIMES * largest:
            raise document.error(
                place, allowed=f"at most {MOST_TIMES:,} times the largest number of the prior, {largest:g}"
            )


def licences(on: date) -> tuple[TradeMeasure, ...]:
    """China's suspensions of export licences for canola seed in force on a day."""
    there = tariff_schedule.all_measures().concerning("canola_seed", imposer="china", origin="canada")
    return tuple(measure for measure in there if measure.kind == "licence_suspension" and measure.in_force(on))


def _check_against(scenario: Scenario, document: Document, known: Sequence[str]) -> None:
    """The scenario compared with is there, and comparisons do not lead back."""
    against, own = scenario.against, scenario.name
    if against != BEFORE and (against == own or against not in known):
        others = [name for name in known if name != own]
        raise document.error(("against",), found=against, allowed=meant(against, others) + ", ".join((BEFORE, *others)))
    chain = [own, against]
    while chain[-1] != BEFORE and chain[-1] not in chain[:-1]:
        chain.append(str(_typed(chain[-1], "against", BEFORE)))
    if chain[-1] != BEFORE:
        allowed = f"no circle ({' against '.join(chain)}); {BEFORE}, or a scenario that does not lead back"
        raise document.error(("against",), found=against, allowed=allowed)


def _check_also_against(scenario: Scenario, document: Document, known: Sequence[str]) -> None:
    """The second scenario compared with is there, is another one, and has the same day: else the law would differ too.

    `against` may be of an earlier day, whose law is what it stands for.
    """
    also = scenario.also_against
    others = [name for name in known if name not in (scenario.name, scenario.against)]
    if also is not None and also not in others:
        hint = "" if also in known else meant(also, others)  # one that is compared already is not misspelt
        raise document.error(("also_against",), found=also, allowed=hint + ", ".join(others))
    day = _typed(also, "facts_on", scenario.facts_on) if also else scenario.facts_on
    if day != scenario.facts_on:
        allowed = f"a scenario with the facts of {scenario.facts_on}"
        raise document.error(("also_against",), found=f"{also}, with the facts of {day}", allowed=allowed)


def _typed(name: str, key: str, default: Any) -> Any:
    """What the file of scenario `name` holds under a key; a file that cannot be read reports its own fault."""
    try:
        return load_yaml(paths.path(*FOLDER, f"{name}.yml")).data.get(key, default)
    except BadInput:
        return default
