"""The box of what a scenario assumes: duty before and after, from which day, under which instrument."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import pandas as pd

from tradeexposure.core import units
from tradeexposure.policy import cusma_claims, regimes, scenario_schema, scenarios, tariff_schedule
from tradeexposure.policy.measures import Measure
from tradeexposure.policy.regimes import VehicleRegime
from tradeexposure.policy.scenario_schema import Scenario
from tradeexposure.policy.stacking import Rate
from tradeexposure.policy.tariff_schedule import FIRST_DAY

PRODUCTS = frozenset({"canola_seed", "canola_oil_crude", "canola_oil_refined", "canola_meal", "electric_vehicles",
                      "passenger_vehicles"})  # fmt: skip
#: Importer and origin of the duties that scenarios compare; those of the United States hold still unless a scenario
#: sets them, as in :mod:`tradeexposure.policy.regimes`.
TRADE, REST = {("china", "canada"), ("canada", "china")}, {("united_states", "canada")}
ALWAYS = ("china", "canada")  # whose duties are listed even where they stay: what stays is part of an arrangement
QUOTA, CARS = "canada_ev_quota", "electric_vehicles"
ARROW = "\N{RIGHTWARDS ARROW}"
COLUMNS = {"line": "What", "duty": "Before and after", "since": "From", "reference": "Legal reference"}
ABOVE = {"surtax": "entry with the surtax", "mfn": "entry at the ordinary duty"}
HORIZONS = {"acreage": "growers change their acreage", "crop_year": "the harvest is in, only storage can change"}
ASSUMED = "none: an assumption of this suite"
SET = " (set by this scenario, not by law)"
DIGITS = 3


def box(chosen: Scenario) -> pd.DataFrame:
    """What a scenario takes as given and what it is measured against.

    Returns
    -------
    DataFrame
        All cells text, columns of :data:`COLUMNS`: duties of the models that change or that China sets, the quota and
        the rebate for electric cars, suspended licences, and what the scenario fixes beyond the law.
    """
    rows = [
        *duties(chosen),
        *([] if chosen.licence_suspension else _cars(chosen)),
        *_licences(chosen),
        *_choices(chosen),
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def duties(chosen: Scenario) -> Iterator[dict[str, str]]:
    """Duty lines that differ from what the scenario is measured against, and all of China's and Canada's."""
    then = _before(chosen)
    for row in scenarios.facts(chosen, us_content=us_content(chosen)).to_dict("records"):
        was = then.get(str(row["line"]))
        if was is None:
            continue
        old, new = duty(was), duty(_Rate(row["rate"], row["specific"], row["additional"], row["status"]))
        if old == new and row["imposer"] not in ALWAYS:
            continue
        yield {"line": row["line"], "duty": _arrow(old, new), "since": _since(row),
               "reference": _reference(row, same=old == new and was.reference == row["legal_reference"])}  # fmt: skip


@dataclass(frozen=True)
class _Rate:
    """What is known of a duty, as :class:`tradeexposure.policy.stacking.Rate` has it."""

    rate: float | None
    specific: str | None
    additional: float | None
    status: str
    reference: str = ""


def _before(chosen: Scenario) -> dict[str, Rate]:
    """The lines of the models as they are in what the scenario is measured against, by their titles."""
    found = {}
    for pairs, measures, day in _compared(chosen):
        for line in tariff_schedule.vocabulary().lines:
            asked = line.model_dump(exclude={"title"}) | {"us_content": us_content(chosen)}
            no_part = chosen.licence_suspension and line.product == CARS
            if (line.imposer, line.origin) in pairs and line.product in PRODUCTS and not no_part:
                found[line.title] = tariff_schedule.rate(**asked, on=day, among=measures)
    return found


def _compared(chosen: Scenario) -> Iterator[tuple[set[tuple[str, str]], tuple[Measure, ...], date]]:
    """Pairs of importer and origin with the measures and the day that they are compared with.

    As in :mod:`tradeexposure.policy.regimes`: the United States' measures are those of the scenario's own day.
    """
    if chosen.against == scenario_schema.BEFORE:
        held = tuple(tariff_schedule.measures())
        yield TRADE, tuple(one for one in held if one.stacking in regimes.BASE_KINDS), chosen.facts_on
        yield REST, held, chosen.facts_on
        return
    other = scenarios.load(chosen.against)
    there = scenarios.measures(other)
    yield TRADE, there, other.facts_on
    yield REST, there, chosen.facts_on


def us_content(chosen: Scenario) -> float:
    """US content of claimed vehicles: fixed by the scenario, else the headline."""
    return chosen.assumptions.get("us_content", cusma_claims.US_CONTENT[0])


def duty(found: Rate | _Rate) -> str:
    """A line's duty: the rate where there is one, otherwise what is known of it."""
    if found.rate is not None and not pd.isna(found.rate):
        rate = percent(found.rate)
        return f"{rate}, {found.specific}" if found.specific else rate
    if found.additional is not None and found.additional > 0:
        return f"{percent(found.additional)} and a duty by weight"
    return found.status


def percent(rate: float) -> str:
    """A rate as it is legislated, without zeros at its end: 5%, 6.1%, 84.8%."""
    return f"{100 * rate:.{DIGITS}g}%"


def _arrow(old: str, new: str) -> str:
    return f"{new}, unchanged" if old == new else f"{old} {ARROW} {new}"


def written(day: date) -> str:
    """A day that stays on one line: ``1 Mar 2026``."""
    return f"{day.day} {day:%b %Y}".replace(" ", "\N{NO-BREAK SPACE}")


def _since(row: Mapping[Any, Any]) -> str:
    """The first day of exactly these measures."""
    day = pd.Timestamp(row["since"]).date()
    return written(day) if day > FIRST_DAY else f"before {FIRST_DAY.year}"


def _reference(row: Mapping[Any, Any], *, same: bool) -> str:
    """The instrument, and that the scenario sets the duty where no law does."""
    law = str(row["legal_reference"] or "none")
    return f"{law}{SET}" if row["changed"] and not same else law


def _cars(chosen: Scenario) -> Iterator[dict[str, str]]:
    """Quota and rebate."""
    before, after, held = regimes.vehicles_against(chosen), regimes.vehicles(chosen), partial(_held, chosen)
    if before.quota or after.quota:
        quota = _measure("Quota for China-built electric cars, a year", _quota(before), _quota(after), held(QUOTA))
        reasons = [change.reason for change in chosen.quantities if change.measure == QUOTA]
        if not after.quota:
            quota |= {"since": written(chosen.facts_on), "reference": f"{quota['reference']}; ended{SET}"}
        yield {**quota, "reference": "; set by this scenario: ".join([quota["reference"], *reasons])}
    if after.quota and chosen.above_quota in ABOVE:
        yield {"line": "Above the quota", "duty": ABOVE[chosen.above_quota], "since": "", "reference": ASSUMED}
    if after.rebate_cad:
        paid = f"{_money(after.rebate_cad)} a car, {_money(after.rebate_china_cad)} if built in China"
        yield _measure("Federal rebate, the same on both sides", paid, paid, held(regimes.AFFORDABILITY))


def _quota(regime: VehicleRegime) -> str:
    if regime.quota is None:
        return "none"
    cars = units.write(regime.quota, "count", len(f"{regime.quota:.0f}"))
    if not regime.price_capped_share:
        return cars
    share = units.write(regime.price_capped_share, "share", 2)
    return f"{cars}, {share} of it for cars of {_money(regime.price_cap_cad or 0.0)} or less"


def _money(value: float) -> str:
    return units.write(value, "CAD", DIGITS)


def _held(chosen: Scenario, name: str) -> Measure | None:
    """A measure as the scenario has it; None where it does not."""
    return next((one for one in scenarios.measures(chosen) if one.id == name), None)


def _measure(line: str, old: str, new: str, measure: Measure | None) -> dict[str, str]:
    since = written(measure.effective) if measure and measure.effective else ""
    return {"line": line, "duty": _arrow(old, new), "since": since, "reference": measure.instrument if measure else ""}


def _licences(chosen: Scenario) -> Iterator[dict[str, str]]:
    if not chosen.licence_suspension:
        return
    for one in scenario_schema.licences(tariff_schedule.measures(), chosen.facts_on):
        yield _measure(f"Licence to export canola seed, {', '.join(one.firms)}", "valid", "suspended", one)


def _choices(chosen: Scenario) -> Iterator[dict[str, str]]:
    """What the scenario chooses where no law decides."""
    yield {"line": "Supply of canola", "duty": HORIZONS[chosen.horizon], "since": "", "reference": ASSUMED}
    for change in chosen.quantities:
        if change.measure == QUOTA:
            continue
        words = f"{change.name.replace('_', ' ')}: {change.value:g}"
        yield {"line": "Figure set by this scenario", "duty": words, "since": "", "reference": change.reason}
    for name, value in chosen.assumptions.items():
        yield {"line": name.replace("_", " "), "duty": f"fixed at {value:g}", "since": "", "reference": ASSUMED}
