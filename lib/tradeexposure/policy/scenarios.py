"""Scenarios: the facts in force on a day, and only what a scenario changes about them.

A file ``data/scenarios/NAME.yml`` holds a title, a question, the day whose facts it keeps (`facts_on`), overrides of
measures by id, hypothetical measures, other figures, fixed priors, what it is measured against, and sources.
Everything else comes from ``data/parameters`` and ``data/priors.yml``.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import pandas as pd

from tradeexposure.core import earlier_results, files, loaded_files, paths
from tradeexposure.core.errors import BadInput
from tradeexposure.core.strict_yaml import Document, load_yaml
from tradeexposure.core.text import meant
from tradeexposure.policy import tariff_schedule
from tradeexposure.policy.measures import Facts, Line, TradeMeasure
from tradeexposure.policy.scenario_schema import (
    BEFORE,
    FOLDER,
    NAME,
    Scenario,
    check_scenario,
    overridden,
    requantified,
)
from tradeexposure.policy.stacking import DECIMALS, Rate
from tradeexposure.policy.tariff_schedule import FIRST_DAY

GRIDS = "grids"  # a folder beside the scenario files
#: Scenarios that come with the project: what its notebooks say in fixed words holds in each. Any other one, a point of
#: a grid among them, is the user's own.
SHIPPED = frozenset({
    "cusma_lapse", "deal_2026", "deal_lapses_2027", "escalation", "final_duty_2026", "full_normalisation",
    "licence_ban_2019", "quota_2030", "status_quo_2025", "us_338_extended", "us_retaliation_100",
})  # fmt: skip
OF_PROJECT = "shipped"  # how a task's key names what :func:`shipped` gives out
BEFORE_MEASURES = "the duties before the measures"  # as a sentence names what nothing is held against


@dataclass(frozen=True)
class Comparison:
    """A scenario and what it is measured against; None stands for the duties before the measures.

    `also_against` is the second counterfactual that its file names, None where it names none.
    """

    scenario: Scenario
    against: Scenario | None
    also_against: Scenario | None = None

    @property
    def against_title(self) -> str:
        """What the scenario is measured against, as it stands in a sentence."""
        return _title_of(self.against)

    @property
    def beside(self) -> Comparison | None:
        """The scenario measured against its second counterfactual, where it names one."""
        return None if self.also_against is None else Comparison(self.scenario, self.also_against)


def names() -> list[str]:
    """Names of the scenarios in ``data/scenarios``, sorted."""
    every_name = _names()
    loaded_files.note_loaded("scenarios", loaded_files.ALL, files.digest_of(every_name))
    return every_name


def shipped() -> list[str]:
    """Those of :data:`SHIPPED` that are there, sorted: what pages of the project set side by side."""
    there = [name for name in _names() if name in SHIPPED]
    loaded_files.note_loaded("scenarios", OF_PROJECT, files.digest_of(there))
    return there


def _names() -> list[str]:
    """As :func:`names`; of a sweep's thousands each is looked at whenever one is loaded."""
    with loaded_files.loading():
        stems = [path.stem for path in files.inside(paths.path(*FOLDER), ".yml")]
    return sorted(filter(NAME.fullmatch, stems))


def load(name: str) -> Scenario:
    """One scenario, checked against the schema and the facts; a point of a grid is known in the run of that grid.

    Raises
    ------
    BadInput
        An unknown name or one with a path in it; a file that is not strict YAML or not of the schema; a name that is
        not the file's; or what :func:`tradeexposure.policy.scenario_schema.check_scenario` refuses.
    """
    definition = earlier_results.scenarios().get(name)
    scenario = Scenario.model_validate_json(json.dumps(definition)) if definition else _load(name)
    loaded_files.note_loaded("scenario", name, scenario.digest("scenario"))
    return scenario


def digest(kind: str, name: str) -> str:
    """Digest of what :func:`load` or :func:`names` gives out, by the kind of `core.loaded_files`."""
    if kind == "scenarios":
        return files.digest_of(shipped() if name == OF_PROJECT else names())
    return load(name).digest(kind) if name in names() or name in earlier_results.scenarios() else loaded_files.ABSENT


def digest_of_definition(kind: str, definition: str) -> str:
    """Digest of what :func:`load` gives out for a scenario that has no file, from its definition (JSON)."""
    return Scenario.model_validate_json(definition).digest(kind)


def compared(chosen: Scenario | str) -> Comparison:
    """A scenario (or the one of that name) with those its file names; errors as of :func:`load`."""
    scenario = load(chosen) if isinstance(chosen, str) else chosen
    against = None if scenario.against == BEFORE else load(scenario.against)
    return Comparison(scenario, against, load(scenario.also_against) if scenario.also_against else None)


def with_baselines(numbers: pd.DataFrame) -> pd.DataFrame:
    """Numbers of several scenarios, the period of each change saying in words what it is measured against.

    `numbers`: `period`, and `against`, empty where a number is no change; without it their periods say so already.
    """
    if "against" not in numbers:
        return numbers
    others = {name: None if name == BEFORE else load(name) for name in numbers["against"].unique() if name}
    ends = {name: f", against: {_title_of(baseline)}" for name, baseline in others.items()}
    return numbers.assign(period=numbers["period"] + numbers["against"].map({"": "", **ends}))


def _title_of(against: Scenario | None) -> str:
    return f"“{against.named}”" if against else BEFORE_MEASURES


def validate_all() -> list[Scenario]:
    """Every scenario, or the first fault as :class:`BadInput`."""
    _check_folder()
    return [load(name) for name in names()]


def problems() -> list[str]:
    """What is wrong with the scenario files, one line each; empty when all are good."""
    faults = []
    try:
        _check_folder()
    except BadInput as fault:
        faults.append(str(fault))
    for name in names():
        try:
            load(name)
        except BadInput as fault:
            by_schema: list[BadInput] = []
            with contextlib.suppress(BadInput):  # not YAML: that is the fault
                by_schema = load_yaml(paths.path(*FOLDER, f"{name}.yml")).faults(Scenario)
            faults += [str(each) for each in by_schema or [fault]]
    return faults


def measures_in_force(scenario: Scenario) -> Facts:
    """The facts with the scenario's overrides and figures applied and its hypothetical measures added."""
    facts = tariff_schedule.all_measures()
    overrides = {override.measure: override for override in scenario.overrides}
    changed: dict[str, Sequence[TradeMeasure]] = {}
    for name in dict.fromkeys([*overrides, *(change.measure for change in scenario.quantities)]):
        measure, override = facts.find(name), overrides.get(name)
        versions: tuple[TradeMeasure, ...] = (measure,) if measure else ()
        if measure and override:
            versions = overridden(measure, override, on=scenario.facts_on)
        changed[name] = [requantified(version, scenario.quantities) for version in versions]
    applied = facts.changed_by(changed, scenario.hypothetical)
    for override in scenario.overrides:
        if override.total is not None:
            *earlier, last = changed[override.measure]
            rate = round(override.total - ordinary(last, applied, on=scenario.facts_on), DECIMALS)
            if rate < 0:
                raise ValueError(f"{override.total - rate:g} or more, what the goods pay besides")
            applied = applied.changed_by({last.id: [*earlier, last.model_copy(update={"rate": rate})]}, ())
    return applied


def ordinary(measure: TradeMeasure, applied: Facts, *, on: date) -> float:
    """The one duty that all goods of an additional measure pay besides it, on a day or its first one if that is later.

    Raises
    ------
    ValueError
        They pay several, one that is not known as a share of value, or a further additional duty.
    """
    wanted = f"rate in its place: a total needs {measure.id} as the only addition to one ordinary duty"
    day = max(on, measure.effective or on)
    bases: dict[float, str] = {}
    for asked, charged in trades(measure, applied, day):
        added = [part.id for part in charged.measures if part.stacking == "additional"]
        where = f"on {asked['product']} of {asked['origin']} on {day}"
        if charged.rate is None or charged.base is None or added != [measure.id]:
            status = "" if charged.status == "known" else f", {charged.status}"
            raise ValueError(f"{wanted}; {where} there is {' + '.join(added) or 'none'}{status}")
        bases[charged.base] = where
    if len(bases) != 1:
        possible = ", ".join(f"{base:.4g} {where}" for base, where in bases.items())
        raise ValueError(f"{wanted}; there is {possible or 'none that is on file'}")
    return next(iter(bases))


def check_resolved(scenario: Scenario, document: Document) -> None:
    """BadInput where an override's `total` cannot be had by one rate, or cars that nothing bars above the quota would
    have no entry.
    """
    for position, override in enumerate(scenario.overrides):
        alone = tuple(candidate for candidate in scenario.overrides if candidate.total is None or candidate is override)
        if override.total is not None:
            try:
                measures_in_force(scenario.model_copy(update={"overrides": alone}))
            except ValueError as fault:
                raise document.error(("overrides", position, "total"), allowed=str(fault)) from None
    asked: dict[str, Any] = {"imposer": "canada", "origin": "china", "product": "electric_vehicles"}
    applied = measures_in_force(scenario)
    within, above = (
        tariff_schedule.rate(**asked, quota=side, on=scenario.facts_on, among=applied)
        for side in tariff_schedule.QUOTAS
    )
    quota = any(measure.kind == "quota" and measure.quota == "within" for measure in within.also)
    if quota and scenario.above_quota == "no_entry" and above.status != "no entry":
        raise document.error(("above_quota",), allowed="surtax, mfn: no measure of that day bars entry above the quota")


def trades(measure: TradeMeasure, applied: Facts, day: date) -> Iterator[tuple[dict[str, Any], Rate]]:
    """Every trade that a measure is on, one kind of entry after the other, with the duty of a day."""
    lists = tariff_schedule.vocabulary()
    for pair in lists.pairs:
        for product in lists.products:
            for claim in (False, True) if {pair.imposer, pair.origin} <= set(lists.cusma) else (False,):
                for quota in tariff_schedule.QUOTAS:
                    trade = {"imposer": pair.imposer, "origin": pair.origin, "product": product}
                    if measure.covers(**trade, quota=quota):
                        asked: dict[str, Any] = {**trade, "claim": claim, "quota": quota}
                        yield asked, tariff_schedule.rate(**asked, on=day, among=applied)


def not_in_force(scenario: Scenario) -> Iterator[tuple[TradeMeasure, date | None]]:
    """What a scenario sets and its own day does not see: the measure, and the first day on which it changes a duty.

    The day is None where no later one comes: the measure is over, or the law says the same.
    """
    day, facts = scenario.facts_on, tariff_schedule.all_measures()
    for override in scenario.overrides:
        measure = facts.find(override.measure)
        assert measure is not None  # what is not there is refused
        now = overridden(measure, override, on=day)
        ends = (version.end + timedelta(days=1) for version in (measure, *now) if version.end)
        days = sorted({day, *ends, *(version.effective for version in (measure, *now) if version.effective)})
        differs = [
            change_day
            for change_day in days
            if change_day >= day and _as_set(now, change_day) != _as_set((measure,), change_day)
        ]
        if day not in differs:
            yield measure, next(iter(differs), None)
    quotas = {change.measure: facts.find(change.measure) for change in scenario.quantities}
    supposed = [*(quota for quota in quotas.values() if quota and quota.kind == "quota"), *scenario.hypothetical]
    for measure in supposed:
        if not measure.in_force(day):
            later = measure.effective is not None and measure.effective > day
            yield measure, measure.effective if later else None


def _as_set(measures: Sequence[TradeMeasure], day: date) -> list[TradeMeasure]:
    """A measure as it is on a day, whenever that began and ends; nothing where it is not in force."""
    undated = {"effective": None, "end": None, "end_announced": False}
    return [measure.model_copy(update=undated) for measure in measures if measure.in_force(day)]


def duties_by_line(scenario: Scenario | str, *, us_content: float | None = None) -> pd.DataFrame:
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
        first day of the window where they stood before it),
        ``rate_before`` (rate on the day before), ``measures``
        (ids), ``legal_reference``, ``changed`` (True where the scenario, not the law, sets it), ``note``; key ``line``.
    """
    chosen = load(scenario) if isinstance(scenario, str) else scenario
    table = pd.DataFrame(rows_by_line(chosen, us_content=us_content))
    return table.astype({"rate": float, "additional": float, "rate_before": float})


def rows_by_line(chosen: Scenario, *, us_content: float | None = None) -> list[dict[str, Any]]:
    """The rows of :func:`duties_by_line`, None where there is no rate; never change one."""
    applied, legal = measures_in_force(chosen), tariff_schedule.all_measures()
    rows = []
    for line in tariff_schedule.vocabulary().lines:
        now, lawful = (tariff_schedule.on_trade(facts, **_trade(line)) for facts in (applied, legal))
        rows.append(_line(line, chosen.facts_on, us_content, now, lawful))
    return rows


def _trade(line: Line) -> dict[str, str]:
    return {"imposer": line.imposer, "origin": line.origin, "product": line.product}


@lru_cache(maxsize=512)  # scenarios change a line or two; the others are those of the scenario before
def _line(
    line: Line,
    on: date,
    us_content: float | None,
    applied: tuple[TradeMeasure, ...],
    legal: tuple[TradeMeasure, ...],
) -> dict[str, Any]:
    """One row of :func:`duties_by_line`, from the facts on its trade; never change it."""
    asked = line.model_dump(exclude={"title"}) | {"us_content": us_content}
    charged, lawful = (tariff_schedule.rate(**asked, on=on, among=facts) for facts in (applied, legal))
    begun = tariff_schedule.last_change(**asked, start=FIRST_DAY, end=on, among=applied)
    trade = {**_trade(line), "quota": line.quota}
    quotas = [measure for measure in applied if measure.kind == "quota" and measure.covers(**trade)]
    turns = [measure.effective or FIRST_DAY for measure in quotas]
    turns += [measure.end + timedelta(days=1) for measure in quotas if measure.end]
    since = max([begun, *(day for day in turns if day <= on)])
    before = since - timedelta(days=1)
    earlier = tariff_schedule.rate(**asked, on=before, among=applied).rate if before >= FIRST_DAY else None
    return {
        "line": line.title,
        **line.model_dump(exclude={"title"}),
        "rate": charged.rate,
        "specific": charged.specific or "",
        "additional": charged.additional,
        "status": charged.status,
        "since": pd.Timestamp(since),
        "rate_before": earlier,
        "measures": ", ".join(measure.id for measure in charged.measures),
        "legal_reference": charged.reference,
        "changed": _charging(charged) != _charging(lawful),
        "note": charged.note,
    }


def _charging(charged: Rate) -> list[TradeMeasure]:
    """What makes up a rate and the import quotas beside it, whenever they end."""
    quotas = [measure for measure in charged.also if measure.kind == "quota"]
    return [
        measure.model_copy(update={"end": None, "end_announced": False}) for measure in (*charged.measures, *quotas)
    ]


@loaded_files.checking()
def _load(name: str) -> Scenario:
    """A scenario of the project; other files than its own can only make it be refused."""
    known = _names()
    if not NAME.fullmatch(name) or name not in known:
        what = f"{name} (a path)" if set(name) & set("/\\.:") else name or "nothing"
        allowed = meant(name, known) + (", ".join(known) or "no scenario is there")
        raise BadInput("scenario", found=what, allowed=allowed)
    document = load_yaml(paths.path(*FOLDER, f"{name}.yml"))
    scenario = document.validate(Scenario)
    if scenario.name != name:
        used = f" ({scenario.name} is already used by {scenario.name}.yml)" if scenario.name in known else ""
        raise document.error(("name",), allowed=f"{name}, the name of the file{used}")
    check_scenario(scenario, document, known=known)
    check_resolved(scenario, document)
    return scenario


def _check_folder() -> None:
    """Only scenario files in the folder, no two of one name on systems that ignore case."""
    for path in files.inside(paths.path(*FOLDER)):
        if (path.name == GRIDS and path.is_dir()) or (
            path.name.startswith(".") and not path.name.endswith((".yml", ".yaml"))
        ):
            continue
        if path.suffix != ".yml" or not NAME.fullmatch(path.stem):
            raise BadInput(paths.relative(path), found=path.name, allowed="NAME.yml, lower-case letters, digits and _")
