"""The duties a scenario takes as given, in three views: line by line, what changes, and what the models charge.

The lines are one frame, :func:`tradeexposure.policy.scenarios.duties_by_line`; the models' duties are those of
:mod:`tradeexposure.policy.regimes`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from tradeexposure.core import units
from tradeexposure.core.text import day_in_words
from tradeexposure.policy import regimes, scenarios, tariff_schedule
from tradeexposure.policy.measures import Facts, TradeMeasure
from tradeexposure.policy.regimes import Duties, VehicleRegime
from tradeexposure.policy.scenario_schema import Scenario
from tradeexposure.policy.scenarios import Comparison
from tradeexposure.policy.stacking import Rate
from tradeexposure.policy.tariff_index import MARKET_NAMES, PRODUCTS
from tradeexposure.policy.tariff_schedule import FIRST_DAY

DIGITS, DIGITS_ADDED = 3, 6  # significant ones of a rate; a sum shows all that was typed
#: Goods of the models, and importer and origin of the duties that scenarios compare; those of the United States hold
#: still unless a scenario sets them, as in :mod:`tradeexposure.policy.regimes`.
MODELLED = frozenset({"canola_seed", "canola_oil_crude", "canola_oil_refined", "canola_meal", "electric_vehicles",
                      "passenger_vehicles"})  # fmt: skip
TRADE, REST = {("china", "canada"), ("canada", "china")}, {("united_states", "canada")}
ALWAYS = ("china", "canada")  # whose duties are listed even where they stay: what stays is part of an arrangement
CARS = "electric_vehicles"
ARROW = "\N{RIGHTWARDS ARROW}"
SET = "{law} (set by this scenario, not by law)"
NOT_YET = (
    "What this scenario sets for “{measure}” is not yet in force on its day, {day}: it begins on {begins}, and what "
    "was charged before stays until then."
)
NEVER = (
    "What this scenario sets for “{measure}” changes nothing on its day, {day}, or later: the measure is over by then, "
    "or the law says the same."
)
UNREAD = (
    "What this scenario sets for “{measure}” moves no number: no model reads it, or the rest of the scenario does the "
    "same."
)
LAPSED = (
    "“{measure}” ends on {end} by its own terms; the day of this scenario, {day}, lies beyond that, so that its duties "
    "suppose that it is not renewed."
)
MISNAMED = "Its title or question says {named}, which no measure of this scenario has, by itself or added up."
NAMED = re.compile(r"\d+(?:\.\d+)?%|C\$\d[\d,]*\d|\d+ [A-Z][a-z]+ \d{4}")  # a rate, a sum, a day
NO_ENTRY = np.inf  # stands for a closed border in comparisons
SIDES = ("base", "against", "scenario")


def table(chosen: Scenario | str) -> pd.DataFrame:
    """The duties in force in a scenario (or the one of that name), all cells text, one row per line of trade.

    Columns `Goods and border`, `Duty`, `Legal reference`, `In force since` (first day of exactly these measures),
    `Rate the day before`, and `Set by` (law or scenario).
    """
    chosen = scenarios.load(chosen) if isinstance(chosen, str) else chosen
    return pd.DataFrame(
        {
            "Goods and border": row["line"],
            "Duty": _full(row),
            "Legal reference": row["legal_reference"],
            "In force since": f"{FIRST_DAY} or earlier"
            if row["since"].date() == FIRST_DAY
            else f"{row['since'].date()}",
            "Rate the day before": "not held" if row["rate_before"] is None else _rate(row["rate_before"]),
            "Set by": {True: "scenario", False: "law"}[row["changed"]],
        }
        for row in scenarios.rows_by_line(chosen)
    )


def _rate(rate: float) -> str:
    return units.write(rate, "rate", DIGITS)


def _full(row: Mapping[Any, Any]) -> str:
    """The rate where there is one; otherwise what is known of it, with the reason."""
    return _in_words(row, _rate, lambda extra: f"{extra} on top of a base duty ({row['status']})")


def _short(row: Mapping[Any, Any]) -> str:
    """The same in few words."""
    return _in_words(row, percent, lambda extra: f"{extra} and a duty by weight")


def _in_words(row: Mapping[Any, Any], write: Callable[[float], str], beside: Callable[[str], str]) -> str:
    """One duty from its `rate`, `specific`, `additional` and `status`; `beside` words a part on an unknown base."""
    rate, extra = row["rate"], row["additional"]
    if rate is not None and not pd.isna(rate):
        return f"{write(rate)}, {row['specific']}" if row["specific"] else write(rate)
    if extra is not None and not pd.isna(extra) and extra > 0:
        return beside(write(extra))
    return str(row["status"])


def percent(rate: float, *, digits: int = DIGITS) -> str:
    """A rate as it is legislated, without zeros at its end: 5%, 6.1%, 84.8%."""
    return f"{100 * rate:.{digits}g}%"


def arrow(old: str, new: str) -> str:
    """``84.8% → 14.9%``, ``109%, unchanged``."""
    return f"{new}, unchanged" if old == new else f"{old} {ARROW} {new}"


def since(day: date) -> str:
    """The first day of a duty in few words; of one that stood when the facts begin only that is known."""
    return short_day(day) if day > FIRST_DAY else f"before {FIRST_DAY.year}"


def short_day(day: date) -> str:
    """A day that stays on one line: ``1 Mar 2026``."""
    return f"{day.day} {day:%b %Y}".replace(" ", "\N{NO-BREAK SPACE}")


def long_day(day: date) -> str:
    """A day as a sentence writes it, on one line: ``1 March 2026``."""
    return day_in_words(day).replace(" ", "\N{NO-BREAK SPACE}")


def changed(compared: Comparison) -> Iterator[dict[str, str]]:
    """Lines of the models that differ from what the scenario is measured against, and all of China's and Canada's.

    Each has `line`, `duty` (before and after), `since` (first day of exactly these measures), `reference`.
    """
    chosen, content = compared.scenario, regimes.us_content(compared.scenario)
    then: dict[str, Rate] = {}  # of what the scenario is measured against, by the line's title
    for pairs, law in zip((TRADE, REST), regimes.laws_against(compared), strict=True):
        for line in tariff_schedule.vocabulary().lines:
            asked = line.model_dump(exclude={"title"}) | {"us_content": content}
            no_part = chosen.licence_suspension and line.product == CARS
            if (line.imposer, line.origin) in pairs and line.product in MODELLED and not no_part:
                then[line.title] = tariff_schedule.rate(**asked, on=law.day, among=law.measures)
    for row in scenarios.duties_by_line(chosen, us_content=content).to_dict("records"):
        was = then.get(str(row["line"]))
        if was is None:
            continue
        old, new = _short(vars(was)), _short(row)
        if old == new and row["imposer"] not in ALWAYS:
            continue
        instrument = str(row["legal_reference"] or "none")
        stays = old == new and was.reference == row["legal_reference"]
        reference = SET.format(law=instrument) if row["changed"] and not stays else instrument
        yield {"line": str(row["line"]), "duty": arrow(old, new), "reference": reference,
               "since": since(pd.Timestamp(row["since"]).date())}  # fmt: skip


def sums(measure: TradeMeasure, applied: Facts, on: date) -> Iterator[str]:
    """``Canola seed into China: 9% + 21% = 30%``, for each stamped line whose duty a measure is part of on a day."""
    for line in tariff_schedule.vocabulary().lines:
        charged = tariff_schedule.rate(**line.model_dump(exclude={"title"}), on=on, among=applied)
        if charged.rate is not None and measure.id in {charge.id for charge in charged.measures}:
            parts = (charged.base or 0.0, charged.additional or 0.0, charged.rate)
            yield f"{line.title}: {{}} + {{}} = {{}}".format(*(percent(share, digits=DIGITS_ADDED) for share in parts))


def totals(chosen: Scenario) -> Iterator[str]:
    """What each rate that a scenario overrides adds up to, on its day or the first of the rate if that is later."""
    applied = scenarios.measures_in_force(chosen)
    for override in chosen.overrides:
        if override.rate is not None or override.total is not None:
            measure = tariff_schedule.get(override.measure, among=applied)
            on = max(chosen.facts_on, measure.effective or chosen.facts_on)
            yield from (f"{chosen.name}: {override.measure}: {text}" for text in sums(measure, applied, on))


def reasons_not_in_force(chosen: Scenario) -> dict[str, str]:
    """What a scenario sets and its own day does not see: id of the measure → a sentence."""
    day = short_day(chosen.facts_on)
    return {
        measure.id: NOT_YET.format(measure=measure.title, day=day, begins=short_day(begins))
        if begins
        else NEVER.format(measure=measure.title, day=day)
        for measure, begins in scenarios.not_in_force(chosen)
    }


def lapsed(chosen: Scenario) -> dict[str, str]:
    """What ends by its own terms before a scenario's day, as if it were not renewed: id of the measure → a sentence."""
    on, applied = chosen.facts_on, scenarios.measures_in_force(chosen)
    lines = [line.model_dump(exclude={"title"}) for line in tariff_schedule.vocabulary().lines
             if (line.imposer, line.origin) in TRADE and line.product in MODELLED]  # fmt: skip
    ending = [measure for line in lines for measure in tariff_schedule.rate(**line, on=on, among=applied).ends]
    return {
        measure.id: LAPSED.format(measure=measure.title, end=short_day(measure.end), day=short_day(on))
        for measure in ending
        if measure.end and measure.end < on
    }


def on_its_day(chosen: Scenario) -> tuple[str, ...]:
    """What a reader of a scenario must know of its day: changes not in force on it, and announced ends before it."""
    return (*reasons_not_in_force(chosen).values(), *lapsed(chosen).values())


def remarks(chosen: Sequence[Scenario]) -> tuple[str, ...]:
    """A line for each change that is not in force on the day of its scenario, and for each rate, sum or day that only
    its words have; of a grid one line for all its points.

    One's own are told, too, of what has ended by their day: that moves numbers beside what they change.
    """
    names: dict[str, list[str]] = {}
    for scenario in chosen:
        ended = {} if scenario.name in scenarios.SHIPPED else lapsed(scenario)
        named = {name: MISNAMED.format(named=name) for name in misnamed(scenario)}
        for subject, reason in (*reasons_not_in_force(scenario).items(), *ended.items(), *named.items()):
            names.setdefault(f"{subject}: {reason}", []).append(scenario.name)
    return tuple(f"{several[0]}{', …' if several[1:] else ''}: {reason}" for reason, several in names.items())


def misnamed(chosen: Scenario) -> tuple[str, ...]:
    """Rates (``14.9%``), sums (``C$35,000``) and days in a scenario's title or question that no measure of it has."""
    in_words = dict.fromkeys(NAMED.findall(f"{chosen.title} {chosen.question}"))
    if not in_words:
        return ()
    applied = scenarios.measures_in_force(chosen)
    days = [chosen.facts_on, *(day for each in applied for day in (each.announced, each.effective, each.end) if day)]
    lasting = [measure for measure in applied if not measure.end or measure.end >= chosen.facts_on]
    rates = [measure.rate for measure in lasting]
    rates += [row[key] for row in scenarios.rows_by_line(chosen) for key in ("rate", "additional")]
    known = {percent(rate) for rate in rates if rate is not None} | {day_in_words(day) for day in days}
    known |= {f"C${figure.value:,.0f}" for measure in lasting for figure in measure.quantities}
    return tuple(name for name in in_words if re.sub(r"[\d.]+(?=%)", lambda n: f"{float(n[0]):g}", name) not in known)


def unread(chosen: Scenario) -> tuple[str, ...]:
    """A line for each change of one's own scenario that is in force on its day and moves no input of the models."""

    def inputs(scenario: Scenario) -> tuple[Duties, VehicleRegime]:
        return regimes.canola(scenario), regimes.vehicles(scenario)

    if chosen.name in scenarios.SHIPPED:
        return ()
    applied, known, whole, lines = scenarios.measures_in_force(chosen), reasons_not_in_force(chosen), inputs(chosen), []
    for section, key in (("overrides", "measure"), ("quantities", "measure"), ("hypothetical", "id")):
        for change in getattr(chosen, section):
            measure = applied.find(getattr(change, key), chosen.facts_on)
            others = tuple(each for each in getattr(chosen, section) if each is not change)
            if measure and measure.id not in known and inputs(chosen.model_copy(update={section: others})) == whole:
                lines.append(f"{chosen.name}: {measure.id}: {UNREAD.format(measure=measure.title)}")
    return tuple(dict.fromkeys(lines))


def of_models(canola: Sequence[Duties], vehicles: Sequence[VehicleRegime]) -> pd.DataFrame:
    """What the models charge in the base year, in what the scenario is measured against, and in the scenario.

    Parameters
    ----------
    canola, vehicles
        Of the three, in this order.

    Returns
    -------
    DataFrame
        `good`, `base`, `against`, `scenario` (text; the median where a duty varies over draws), `differs`; canola lines
        that are free in all three are left out.
    """
    of_canola = [
        _rates(
            f"Canola {product} into {market_name}", [_median(duties.get((market, product), 0.0)) for duties in canola]
        )
        for market, market_name in MARKET_NAMES.items()
        for product in PRODUCTS
    ]
    of_vehicles = [
        _rates("Electric cars from China into Canada", [_median(regime.china_within) for regime in vehicles]),
        _rates(
            "The same above the quota", [_above(regime) for regime in vehicles], closed="no entry", absent="no quota"
        ),
        _counts("Quota, cars a year", [regime.quota for regime in vehicles]),
        _counts("Of it in the first half year", [regime.first_window for regime in vehicles]),
        _counts("Rebate on other electric cars, C$", [regime.rebate_cad for regime in vehicles]),
        _counts("Rebate on China-built cars, C$", [regime.rebate_china_cad for regime in vehicles]),
        _rates("Vehicles from the United States into Canada, surtax", [regime.us_surtax for regime in vehicles]),
        _rates("Vehicles into the United States, average", [_median(regime.us_vehicle_duty) for regime in vehicles]),
    ]
    kept = [row for row in of_canola if row["differs"] or row["scenario"] != _rate(0.0)]
    return pd.DataFrame([*kept, *of_vehicles])


def _above(regime: VehicleRegime) -> float | None:
    """Duty above the quota; infinite where no car enters there, missing without a quota."""
    if regime.quota is None:
        return None
    return NO_ENTRY if regime.china_above is None else _median(regime.china_above)


def _median(rate: Any) -> float:
    return float(np.median(np.asarray(rate, dtype=float)))


def _rates(good: str, rates: Sequence[float | None], *, closed: str = "", absent: str = "") -> dict[str, Any]:
    texts = [absent if rate is None else closed if rate == NO_ENTRY else _rate(rate) for rate in rates]
    return _side_by_side(good, rates, texts)


def _counts(good: str, numbers: Sequence[float | None]) -> dict[str, Any]:
    return _side_by_side(good, numbers, ["none" if not number else f"{number:,.0f}" for number in numbers])


def _side_by_side(good: str, numbers: Sequence[float | None], texts: Sequence[str]) -> dict[str, Any]:
    return {"good": good, **dict(zip(SIDES, texts, strict=True)), "differs": numbers[1] != numbers[2]}
