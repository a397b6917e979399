"""The box of what a scenario assumes: duty before and after, from which day, under which instrument."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import pandas as pd

from tradeexposure import parameters, regimes, scenario, scenariofile, units, us_exposure
from tradeexposure.measure import Measure
from tradeexposure.parameters import FIRST_DAY
from tradeexposure.scenariofile import Override, Scenario

PRODUCTS = frozenset({"canola_seed", "canola_oil_crude", "canola_oil_refined", "canola_meal", "electric_vehicles",
                      "passenger_vehicles"})  # fmt: skip
#: Importer and origin of the duties that scenarios compare; those of the United States hold still unless a scenario
#: sets them, as in :mod:`tradeexposure.regimes`.
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
    """Duty lines that differ from what the scenario is measured against, and all of China's."""
    then = _before(chosen)
    for row in _facts(chosen, chosen).to_dict("records"):
        if row["line"] not in then or (chosen.licence_suspension and row["product"] == CARS):
            continue  # suspended licences have no part on cars
        was = then[row["line"]]
        old, new = duty(was), duty(row)
        if old == new and row["imposer"] not in ALWAYS:
            continue
        yield {"line": row["line"], "duty": _arrow(old, new), "since": _since(row), "reference": _reference(was, row)}


def _before(chosen: Scenario) -> dict[str, dict[Any, Any]]:
    """The lines of the models as they are in what the scenario is measured against."""
    if chosen.against == scenario.BEFORE:
        rest = chosen.model_copy(update={"overrides": (), "hypothetical": ()})
        trade = rest.model_copy(update={"overrides": _all_measures_off()})
    else:
        trade = scenario.load(chosen.against)
        rest = trade.model_copy(update={"facts_on": chosen.facts_on})
    found = {}
    for one, pairs in ((trade, TRADE), (rest, REST)):
        for row in _facts(one, chosen).to_dict("records"):
            if (row["imposer"], row["origin"]) in pairs and row["product"] in PRODUCTS:
                found[str(row["line"])] = row
    return found


def _facts(one: Scenario, chosen: Scenario) -> pd.DataFrame:
    """Facts of `one`, claimed vehicles at the US content of `chosen`."""
    return scenario.facts(one, us_content=chosen.assumptions.get("us_content", us_exposure.US_CONTENT[0]))


def _all_measures_off() -> tuple[Override, ...]:
    """Every measure suspended but those that make the ordinary duty."""
    extra = (one.id for one in parameters.measures() if one.stacking not in regimes.BASE_KINDS)
    return tuple(Override(measure=name, suspended=True, reason=scenario.BEFORE) for name in extra)


def duty(row: Mapping[Any, Any]) -> str:
    """A line's duty: the rate where there is one, otherwise what is known of it."""
    if not pd.isna(row["rate"]):
        rate = percent(row["rate"])
        return f"{rate}, {row['specific']}" if row["specific"] else rate
    if not pd.isna(row["additional"]) and row["additional"] > 0:
        return f"{percent(row['additional'])} and a duty by weight"
    return str(row["status"])


def percent(rate: float) -> str:
    """A rate as it is legislated, without zeros at its end: 5%, 6.1%, 84.8%."""
    return f"{100 * rate:.{DIGITS}g}%"


def _arrow(old: str, new: str) -> str:
    return f"{new}, unchanged" if old == new else f"{old} {ARROW} {new}"


def _since(row: Mapping[Any, Any]) -> str:
    """The first day of exactly these measures."""
    day = pd.Timestamp(row["since"]).date()
    return day.isoformat() if day > FIRST_DAY else f"before {FIRST_DAY.year}"


def _reference(was: Mapping[Any, Any], row: Mapping[Any, Any]) -> str:
    """The instrument, and that the scenario sets the duty where no law does."""
    law = str(row["legal_reference"] or "none")
    return f"{law}{SET}" if row["changed"] and (law != was["legal_reference"] or duty(was) != duty(row)) else law


def _cars(chosen: Scenario) -> Iterator[dict[str, str]]:
    """Quota and rebate."""
    before, after, held = regimes.vehicles_against(chosen), regimes.vehicles(chosen), partial(_held, chosen)
    if before.quota or after.quota:
        quota = _measure("Quota for China-built electric cars, a year", _quota(before), _quota(after), held(QUOTA))
        reasons = [change.reason for change in chosen.quantities if change.measure == QUOTA]
        if not after.quota:
            quota |= {"since": chosen.facts_on.isoformat(), "reference": f"{quota['reference']}; ended{SET}"}
        yield {**quota, "reference": "; set by this scenario: ".join([quota["reference"], *reasons])}
    if after.quota and chosen.above_quota in ABOVE:
        yield {"line": "Above the quota", "duty": ABOVE[chosen.above_quota], "since": "", "reference": ASSUMED}
    if after.rebate_cad:
        paid = f"{_money(after.rebate_cad)} a car, {_money(after.rebate_china_cad)} if built in China"
        yield _measure("Federal rebate, the same on both sides", paid, paid, held(regimes.AFFORDABILITY))


def _quota(regime: regimes.VehicleRegime) -> str:
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
    return next((one for one in scenario.measures(chosen) if one.id == name), None)


def _measure(line: str, old: str, new: str, measure: Measure | None) -> dict[str, str]:
    since = measure.effective.isoformat() if measure and measure.effective else ""
    return {"line": line, "duty": _arrow(old, new), "since": since, "reference": measure.instrument if measure else ""}


def _licences(chosen: Scenario) -> Iterator[dict[str, str]]:
    if not chosen.licence_suspension:
        return
    for one in scenariofile.licences(parameters.measures(), chosen.facts_on):
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
