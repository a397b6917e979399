"""The first lines of a new scenario and of a new policy fact, written from their schemas, and what is left to write.

A line that begins with one hash is YAML that becomes valid when the hash and the blank after it are taken away; two
hashes begin a remark.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from tradeexposure.core import files, reading
from tradeexposure.core.errors import BadInput
from tradeexposure.core.strict_yaml import Document, load_yaml
from tradeexposure.policy import assumptions, duty_tables, scenarios, tariff_schedule
from tradeexposure.policy.measures import MAX_RATE, FinalDuty, Quantity, Source, TradeMeasure
from tradeexposure.policy.scenario_schema import BEFORE, Override, QuantityChange, Scenario
from tradeexposure.policy.stacking import DECIMALS

COMMON = "what the measures of this file have in common"
TO_WRITE = "TO WRITE"  # stands where only the author knows what belongs there
_CHANGES = ("overrides", "quantities", "assumptions", "hypothetical")
#: What each field means and its unit. What it may hold is read from the schema.
MEANING: Mapping[type[BaseModel], Mapping[str, str]] = {
    Scenario: {
        "name": "the name of the file",
        "title": "a headline without a full stop, at most 45 letters",
        "question": "what the scenario asks, one sentence",
        "facts_on": "the day whose duties hold",
        "against": f"what it is measured against: a scenario of data/scenarios, or {BEFORE}",
        "also_against": "a second scenario of the same day that it is measured against too",
        "horizon": "how far growers can answer: a new sowing, or the seed already in the ground",
        "above_quota": "electric cars of China above the quota: none, the surtax, or the ordinary duty",
        "licence_suspension": "whether suspended export licences of 2019 are a barrier to seed",
        "assumptions": "priors of data/priors.yml that are fixed instead of drawn, each in its own unit",
        "quantities": "other values of figures that are no rates, such as a quota, on every day",
        "overrides": "changes to measures that are in data/parameters, each measure once",
        "hypothetical": "measures that are in no law",
        "sources": "what the scenario is based on, at least one",
    },
    Override: {
        "measure": "id of a measure in data/parameters",
        "rate": "as rate: what it adds to the ordinary duty; as total: the duty that results; a share of value",
        "total": "in the place of rate: the duty that results, where this measure alone adds to one ordinary duty",
        "rate_with_claim": "what it adds on goods entered under CUSMA, as a share of value",
        "effective": "first day of the change, facts_on without it; until then the measure stays as the law has it",
        "end": "last day on which it is charged",
        "displaced_by": "ids of measures in whose presence it is not charged",
        "suspended": "true: it is not charged; then no other change than its day, `effective`",
        "reason": "why, in a few words",
    },
    QuantityChange: {
        "measure": "id of a measure in data/parameters",
        "name": "one of the figures of that measure",
        "value": "in the unit of that figure",
        "reason": "why, in a few words",
    },
    Source: {"title": "publication and date", "address": "where it can be read; empty where only the title is known"},
    TradeMeasure: {
        "id": "a name of its own, never used by another measure",
        "title": "what it is, in a few words",
        "imposer": "who charges; parties of data/parameters/vocabulary.yml",
        "origins": "on goods of whom; parties of the vocabulary, or all",
        "products": "on what; products of the vocabulary, or all",
        "except_products": "products that are left out",
        "hs": "headings of the tariff, in quotes",
        "kind": "what it is",
        "stacking": "how it joins the others; none charges nothing",
        "targets": "ids of the measures that it suspends",
        "displaced_by": "ids of measures in whose presence it is not charged",
        "needs_claim": "whether it holds for goods entered under CUSMA alone",
        "quota": "on which side of an import quota it holds",
        "firms": "single firms that it is about; it is then in no combined rate",
        "rate": "duty as a share of value; one without a rate says why in no_rate",
        "rate_with_claim": "duty as a share of value on goods entered under CUSMA; as rate where it is left out",
        "claim_basis": "on which part of the value the rate with a claim is charged",
        "specific": "a duty by weight or number, as the law writes it",
        "rate_text": "the rate as the source words it",
        "no_rate": "why there is no rate; left out where there is one",
        "settled": "what a deposit turned into, by days of entry",
        "quantities": "figures that are no rates, such as a quota",
        "announced": "day of the announcement",
        "effective": "first day in force",
        "end": "last day in force; left out while it lasts",
        "end_announced": "whether its own terms state that end and it may still be put off",
        "dates_text": "what the source says of the days",
        "instrument": "number and date of the law, order or notice",
        "confidence": "how sure; a fact has high, medium or low, a supposed measure has assumption",
        "sources": "keys of the sources above, in a file of data/parameters; titles and addresses in a scenario",
        "note": "a remark",
    },
    Quantity: {
        "name": "what the figure is",
        "value": "in `unit`",
        "unit": "of the figure, such as vehicles or share",
        "start": "first day",
        "end": "last day",
    },
    FinalDuty: {"start": "first day of entry", "end": "last day of entry", "rate": "finally owed, a share of value"},
}


def scenario_text(name: str, *, like: Scenario) -> str:
    """A scenario that is valid and changes nothing yet, with one change of each kind behind a hash.

    Parameters
    ----------
    name : str
        Of the file.
    like : Scenario
        Whose day and comparisons it begins with.
    """
    second = {"also_against": like.also_against} if like.also_against else {}
    plain = {**second, "horizon": like.horizon, "above_quota": like.above_quota, "licence_suspension": "false"}
    head = {"name": name, "title": TO_WRITE, "question": TO_WRITE, "facts_on": like.facts_on, "against": like.name}
    values = {"id": f"{name}_duty", "title": "A supposed duty", "imposer": "united_states", "origins": "[canada]",
              "products": "[canola_seed]", "hs": '["1205"]', "kind": "duty", "stacking": "additional", "rate": 0.1,
              "effective": like.facts_on, "instrument": "None; supposed", "confidence": "assumption"}  # fmt: skip
    priors = assumptions.load()
    first, prior = next(iter(priors.items()))
    numbers = sorted(prior.distribution.numbers().values())
    assumed = [
        f"  {first}: {numbers[len(numbers) // 2]:g}  # {prior.title}; {prior.unit}, {assumptions.SIGNS[prior.sign]}",
        f"  # others: {', '.join(name for name in list(priors)[1:] if name not in assumptions.WEIGHING)}",
    ]
    lines = [
        "## The facts in force on a day, and only what this scenario changes about them.",
        "## Take one hash and the blank after it away where a line should hold; delete what is not needed.",
        *(_line(Scenario, key, value) for key, value in head.items()),
        *(f"# {_line(Scenario, key, value)}" for key, value in plain.items()),
        _line(Scenario, "sources"),
        *_rows(Source, {"title": TO_WRITE, "address": '""'}),
        "",
        *_hashed([_line(Scenario, "overrides"), *_overrides(like.facts_on)]),
        *_hashed([_line(Scenario, "quantities"), *_quantities(like.facts_on)]),
        *_hashed([_line(Scenario, "assumptions"), *assumed]),
        *_hashed([_line(Scenario, "hypothetical"), *_rows(TradeMeasure, values)]),
    ]
    return "\n".join(lines) + "\n"


def fact_text(name: str) -> str:
    """A file of ``data/parameters`` with one measure that charges nothing yet, every further field behind a hash."""
    values = {"id": name, "title": TO_WRITE, "imposer": "china", "origins": "[canada]", "products": "[canola_seed]",
             "kind": "proposal", "stacking": "none", "rate_text": TO_WRITE, "no_rate": '"not stated"',
             "dates_text": TO_WRITE, "instrument": TO_WRITE, "confidence": "low", "sources": "[source]"}  # fmt: skip
    shown = {"hs": '["1205"]', "rate": "0.15", "announced": "2026-06-01", "effective": "2026-06-15",
             "end": "2027-06-14", "end_announced": "true", "note": '"a remark"'}  # fmt: skip
    lines = [
        "## A dated policy fact: who charges what on whom, from when, under which instrument, where it was read.",
        "## It charges nothing as it stands: give it kind, stacking and rate, and take no_rate and rate_text away.",
        "## Take one hash and the blank after it away where a line should hold; delete what is not needed.",
        f"title: {TO_WRITE}  # {COMMON}",
        "private: true  # your own: no French is asked of it; without this line it is shared",
        "sources:",
        "  source:  # a key that measures cite",
        f"    {_line(Source, 'title', TO_WRITE)}",
        f"    {_line(Source, 'address', chr(34) * 2)}",
        "measures:",
        *_rows(TradeMeasure, values),
        *(f"    # {_line(TradeMeasure, key, value)}" for key, value in shown.items()),
        "    ## Further fields:",
        *(f"    ## {_line(TradeMeasure, key)}" for key in TradeMeasure.model_fields if key not in {*values, *shown}),
    ]
    return "\n".join(lines) + "\n"


def unwritten(document: Document) -> list[str]:
    """What the author of a file still has to write, one line each."""
    lines = []
    for place, typed in document.typed.items():
        if not typed.text.strip('"').startswith(TO_WRITE):
            continue
        of_measure = {"measures", "hypothetical"} & set(place)
        model = Source if "sources" in place else TradeMeasure if of_measure else Scenario
        meaning = MEANING[model].get(str(place[-1]), "text")
        if place == ("title",) and "measures" in document.data:
            meaning = COMMON
        lines.append(str(document.error(place, allowed=meaning)))
    if lines and "facts_on" in document.data and not any(document.data.get(key) for key in _CHANGES):
        fault = document.error(("overrides",), found="nothing", allowed=f"a change: one of {', '.join(_CHANGES)}")
        lines.append(str(fault))
    return lines


def allowed(model: type[BaseModel], key: str) -> str:
    """What a field may hold, in words, read from the schema."""
    return _allowed_in_words(get_type_hints(model, include_extras=True)[key])


def _allowed_in_words(hint: Any) -> str:
    origin = get_origin(hint)
    if origin is Annotated:
        inner, *marks = get_args(hint)
        if inner is float and marks:
            return f"a share of value from 0 to {MAX_RATE:g}; 15 per cent is 0.15"
        return _allowed_in_words(inner)
    if origin in (Union, UnionType):
        return _allowed_in_words(next(part for part in get_args(hint) if part is not type(None)))
    if origin is Literal:
        return ", ".join(map(str, get_args(hint)))
    if origin is tuple:
        return f"a list: {_allowed_in_words(get_args(hint)[0])}"
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return f"rows of {', '.join(hint.model_fields)}"
    kinds = {date: "YYYY-MM-DD", bool: "true, false", float: "a number", str: "text"}
    return kinds.get(hint, "names with a number each" if origin is dict else "text")


def _line(model: type[BaseModel], key: str, value: object = "") -> str:
    """``key: value  # meaning (what is allowed)``; text alone is not said."""
    may = allowed(model, key)
    comment = f"  # {MEANING[model][key]}" + ("" if may == "text" else f" ({may})")
    return f"{key}: {value}".rstrip() + comment


def _rows(model: type[BaseModel], values: Mapping[str, object]) -> list[str]:
    """One row of a list of mappings, a line for each key."""
    lines = [_line(model, key, value) for key, value in values.items()]
    return [f"  - {lines[0]}", *(f"    {line}" for line in lines[1:])]


def _hashed(lines: Sequence[str]) -> Iterator[str]:
    yield from (f"# {line}" for line in lines)
    yield ""


def _overrides(on: date) -> list[str]:
    """One change of each kind, each of another measure that is in force on the day; those on canola first."""
    facts = tariff_schedule.all_measures()
    duties = [
        measure for measure in facts if measure.in_force(on) and measure.stacking == "additional" and measure.rate
    ]
    duties.sort(key=lambda measure: not any("canola" in product for product in measure.products))
    claimed = next(measure for measure in duties if measure.rate_with_claim)
    plain = [measure for measure in duties if measure.rate_with_claim is None and not measure.displaced_by]
    totals = {}
    for measure in plain:
        with contextlib.suppress(ValueError):  # no one total: a further addition, or several ordinary duties
            totals[measure.id] = round(scenarios.ordinary(measure, facts, on=on) + (measure.rate or 0.0), DECIMALS)
    whole, added = list(totals)[:2]
    first, second, third, *_ = [measure for measure in plain if measure.id not in totals]
    why = {"reason": "why"}
    changes: list[dict[str, object]] = [
        {"measure": added, "rate": tariff_schedule.get(added).rate, **why},
        {"measure": whole, "total": totals[whole], **why},
        {"measure": claimed.id, "rate": claimed.rate, "rate_with_claim": claimed.rate_with_claim, **why},
        {"measure": first.id, "effective": first.effective, "end": on, **why},
        {"measure": second.id, "displaced_by": f"[{added}]", **why},
        {"measure": third.id, "suspended": "true", **why},
    ]
    lines = [line for change in changes for line in _rows(Override, change)]
    sums = "; ".join(duty_tables.sums(tariff_schedule.get(added), facts, on))
    return [f"  ## What the first of these rates adds up to: {sums}", *lines]


def _quantities(on: date) -> list[str]:
    measure = next(
        candidate for candidate in tariff_schedule.all_measures() if candidate.in_force(on) and candidate.quantities
    )
    figure = measure.quantities[0]
    lines = _rows(
        QuantityChange, {"measure": measure.id, "name": figure.name, "value": f"{figure.value:g}", "reason": "why"}
    )
    others = "; ".join(f"{quantity.name} in {quantity.unit}" for quantity in measure.quantities)
    return [*lines, f"    # figures of {measure.id}: {others}"]


def drafts() -> list[str]:
    """What is left to write in all scenarios and policy facts, one line each; a file that cannot be read is none."""
    from tradeexposure.core import paths

    unfinished = []
    for folder in ("parameters", "scenarios"):
        for path in files.inside(paths.path("data", folder), ".yml"):
            with contextlib.suppress(BadInput):
                if TO_WRITE.encode() in reading.cached_contents(path):
                    unfinished += unwritten(load_yaml(path))
    return unfinished
