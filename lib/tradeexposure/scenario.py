"""Scenarios: the facts in force on a day, and only what a scenario changes about them.

A file ``data/scenarios/NAME.yml`` holds a title, a question, the day whose facts it keeps (`facts_on`), overrides of
measures by id, hypothetical measures, and sources. Everything else comes from ``data/parameters``.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
from pydantic import BeforeValidator, ValidationError, model_validator

from tradeexposure import parameters, project
from tradeexposure.errors import BadInput
from tradeexposure.measure import Line, Measure, Name, Share, Source, Strict, Text, listed
from tradeexposure.parameters import FIRST_DAY, LAST_DAY
from tradeexposure.yamlfile import Document, load_yaml

FOLDER = ("data", "scenarios")
DEFAULT = "deal_2026"
NAME = re.compile(r"[a-z][a-z0-9_]*")
CHANGES = ("rate", "rate_with_claim", "effective", "end", "suspended")


class Override(Strict):
    """A change to one measure: another rate, other dates, or its suspension."""

    measure: Name
    rate: Share | None = None
    rate_with_claim: Share | None = None
    effective: date | None = None
    end: date | None = None
    suspended: bool = False
    reason: Text

    @model_validator(mode="after")
    def _changes_something(self) -> Override:
        if not self.suspended and all(getattr(self, change) is None for change in CHANGES[:-1]):
            raise ValueError(f"at least one of {', '.join(CHANGES)}")
        return self


class Scenario(Strict):
    """A named set of overrides over the facts in force on `facts_on`."""

    name: Name
    title: Text
    question: Text
    facts_on: date
    overrides: Annotated[tuple[Override, ...], BeforeValidator(listed)] = ()
    hypothetical: Annotated[tuple[Measure, ...], BeforeValidator(listed)] = ()
    sources: Annotated[tuple[Source, ...], BeforeValidator(listed)]

    @model_validator(mode="after")
    def _sourced(self) -> Scenario:
        if not self.sources:
            raise ValueError("at least one source")
        return self


def names() -> list[str]:
    """Names of the scenarios in ``data/scenarios``, sorted."""
    return sorted(path.stem for path in project.path(*FOLDER).glob("*.yml"))


def load(name: str) -> Scenario:
    """One scenario, checked against the schema and the facts.

    Raises
    ------
    BadInput
        An unknown name or one with a path in it; a file that is not strict YAML or not of the schema; a name that is
        not the file's; a day outside 2018–2026; an override of an unknown measure or twice of the same one.
    """
    return _load(name)[0]


def validate_all() -> list[Scenario]:
    """Every scenario, or the first fault as :class:`BadInput`."""
    _check_folder()
    return [load(name) for name in names()]


def problems() -> list[str]:
    """What is wrong with the scenario files, one line each; empty when all are good."""
    found = []
    try:
        _check_folder()
    except BadInput as fault:
        found.append(str(fault))
    for name in names():
        try:
            load(name)
        except BadInput as fault:
            found.append(str(fault))
    return found


def measures(scenario: Scenario) -> tuple[Measure, ...]:
    """The facts with the scenario's overrides applied and its hypothetical measures added."""
    changed = {override.measure: override for override in scenario.overrides}
    kept = []
    for measure in parameters.measures():
        override = changed.get(measure.id)
        if override is None:
            kept.append(measure)
        elif not override.suspended:
            kept.append(_overridden(measure, override))
    return (*kept, *scenario.hypothetical)


def facts(scenario: Scenario | str, *, us_content: float | None = None) -> pd.DataFrame:
    """What applies in a scenario, line by line, for the report to stamp.

    Parameters
    ----------
    scenario : Scenario or str
        A scenario or its name.
    us_content : float, optional
        US content of claimed vehicles (share of value); without it their line has no single rate.

    Returns
    -------
    DataFrame
        One row per line of the vocabulary: ``line`` (what it is about), ``imposer``, ``origin``, ``product``,
        ``claim``, ``quota``, ``rate`` (share of value, NaN where there is none), ``specific``, ``additional``,
        ``status``, ``since`` (first day on which exactly the measures of ``legal_reference`` made up the duty; the
        first day of the window where they stood before it), ``rate_before`` (rate on the day before), ``measures``
        (ids), ``legal_reference``, ``changed`` (True where the scenario, not the law, sets it), ``note``; key ``line``.
    """
    chosen = load(scenario) if isinstance(scenario, str) else scenario
    applied = measures(chosen)
    rows = [_line(line, chosen, applied, us_content) for line in parameters.vocabulary().lines]
    return pd.DataFrame(rows).astype({"rate": float, "additional": float, "rate_before": float})


def _line(line: Line, scenario: Scenario, applied: tuple[Measure, ...], us_content: float | None) -> dict[str, Any]:
    """One row of :func:`facts`."""
    asked = line.model_dump(exclude={"title"}) | {"us_content": us_content}
    found = parameters.rate(**asked, on=scenario.facts_on, among=applied)
    legal = parameters.rate(**asked, on=scenario.facts_on)
    past = parameters.timeline(**asked, start=FIRST_DAY, end=scenario.facts_on, among=applied)
    quotas = [measure.effective or FIRST_DAY for measure in found.also if measure.kind == "quota"]
    since = max([past["date_from"].iloc[-1].date(), *quotas])
    before = since - timedelta(days=1)
    earlier = parameters.rate(**asked, on=before, among=applied).rate if before >= FIRST_DAY else None
    return {
        "line": line.title,
        **line.model_dump(exclude={"title"}),
        "rate": found.rate,
        "specific": found.specific or "",
        "additional": found.additional,
        "status": found.status,
        "since": pd.Timestamp(since),
        "rate_before": earlier,
        "measures": ", ".join(measure.id for measure in found.measures),
        "legal_reference": found.reference,
        "changed": found.measures != legal.measures,
        "note": found.note,
    }


def _load(name: str) -> tuple[Scenario, Document]:
    """A scenario and the document it was read from."""
    known = names()
    if not NAME.fullmatch(name) or name not in known:
        close = get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]}? " if close else ""
        what = f"{name} (a path)" if set(name) & set("/\\.:") else name or "nothing"
        raise BadInput("scenario", found=what, allowed=hint + (", ".join(known) or "no scenario is there"))
    document = load_yaml(project.path(*FOLDER, f"{name}.yml"))
    scenario = document.validate(Scenario)
    _check(scenario, document, name, known)
    return scenario, document


def _check(scenario: Scenario, document: Document, stem: str, known: list[str]) -> None:
    """What the schema alone cannot see: the name, the day, ids, parties and products."""
    if scenario.name != stem:
        used = f" ({scenario.name} is already used by {scenario.name}.yml)" if scenario.name in known else ""
        raise document.error(("name",), allowed=f"{stem}, the name of the file{used}")
    if not FIRST_DAY <= scenario.facts_on <= LAST_DAY:
        raise document.error(("facts_on",), allowed=f"a day from {FIRST_DAY} to {LAST_DAY}")
    held = {measure.id: measure for measure in parameters.measures()}
    seen: set[str] = set()
    for position, override in enumerate(scenario.overrides):
        place = ("overrides", position, "measure")
        if override.measure not in held:
            close = get_close_matches(override.measure, held, n=3, cutoff=0.4) or sorted(held)
            raise document.error(place, allowed=", ".join(close))
        if override.measure in seen:
            raise document.error(place, allowed="each measure once")
        seen.add(override.measure)
        if override.rate is not None and held[override.measure].stacking in {"none", "no_entry"}:
            allowed = "no rate: this measure has none; suspend it, or add a hypothetical measure"
            raise document.error(("overrides", position, "rate"), allowed=allowed)
        try:
            _overridden(held[override.measure], override)
        except ValidationError as fault:
            allowed = str(fault.errors()[0].get("ctx", {}).get("error", fault.errors()[0]["msg"]))
            raise document.error(place[:-1], found=override.measure, allowed=allowed) from None
    words = parameters.vocabulary()
    for position, measure in enumerate(scenario.hypothetical):
        hypothetical = ("hypothetical", position)
        parameters.check_measure(document, hypothetical, measure, words=words)
        if measure.id in held:
            raise document.error((*hypothetical, "id"), allowed="an id not used by another measure")
        held[measure.id] = measure


def _overridden(measure: Measure, override: Override) -> Measure:
    """`measure` as the scenario has it."""
    changes = {key: value for key in CHANGES[:-1] if (value := getattr(override, key)) is not None}
    if "rate" in changes:
        changes |= {"no_rate": None, "specific": None}
    return Measure.model_validate(measure.model_dump() | changes)


def _check_folder() -> None:
    """Only scenario files in the folder, no two of one name on systems that ignore case."""
    folder = project.path(*FOLDER)
    found = sorted(path for path in folder.iterdir() if not path.name.startswith(".")) if folder.is_dir() else []
    for path in found:
        if path.suffix != ".yml" or not NAME.fullmatch(path.stem):
            raise _misplaced(path)


def _misplaced(path: Path) -> BadInput:
    """The fault of a file that no scenario name leads to."""
    return BadInput(project.relative(path), found=path.name, allowed="NAME.yml, lower-case letters, digits and _")
