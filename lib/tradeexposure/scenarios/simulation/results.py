"""The numbers that the scenario notebook publishes: identifier, median and range over draws; no words."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from tradeexposure.core import units
from tradeexposure.core.arrays import Floats
from tradeexposure.econometrics.inference.draws import LEVEL, Spread, spread
from tradeexposure.policy import regimes, studies
from tradeexposure.reporting.numbers import Number
from tradeexposure.scenarios.simulation import messages, validation, variants
from tradeexposure.scenarios.simulation.changes import EXPORTS, VEHICLE_LINES, Outputs, gap, vehicle_change
from tradeexposure.scenarios.simulation.messages import DUTIES, INCOME, WELFARE, assumption
from tradeexposure.scenarios.simulation.models import UNSOLVED, Setting, Simulation
from tradeexposure.vehicles.market import model

#: Outputs of canola beside the headline, by horizon and counterfactual.
BESIDE = ("producer_price_change", "grower_income_change_cad", "china_volume_kt", "china_volume_change_kt")
FADED = "faded"
OUTCOMES = ("unfilled", "filled", "overfilled")  # of a quota
ASSEMBLED, US_OIL = "domestic_assembly_change", ("united_states", "oil")
VALIDATION_STEM = "scenario.validation"


def row(result_id: str, summary: Spread, **fills: str) -> dict[str, object]:
    """One number with its range over draws; `fills` are values of placeholders in its words."""
    return {"result_id": result_id, "value": summary.value, "low": summary.low, "high": summary.high, "level": LEVEL,
            **fills}  # fmt: skip


def rows(stem: str, values: Mapping[str, Floats | float], **fills: str) -> list[dict[str, object]]:
    """A row for each value: one number per draw with its range, one number without; the empty name is the stem's."""
    return [
        row(messages.part(stem, name), spread(np.asarray(value, dtype=float)), **fills)
        if isinstance(value, np.ndarray)
        else {"result_id": messages.part(stem, name), "value": value + 0.0, **fills}
        for name, value in values.items()
    ]


def province_rows(provinces: pd.DataFrame, setting: Setting, ending: str = "") -> list[dict[str, object]]:
    """Change of growers' income by place, per farm and per hectare; `provinces` from :func:`variants.by_province`."""
    listed = []
    for entry in provinces.to_dict("records"):
        place = "" if entry["place"] == "canada" else entry["place"]
        measure = "" if entry["measure"] == "total" else entry["measure"]
        if place or measure:  # the total is published with the other numbers of the canola model
            key = messages.part(INCOME, place, measure, ending)
            listed.append(row(key, Spread(entry["value"], entry["low"], entry["high"]), **over(setting, ending)))
    return listed


def over(setting: Setting, ending: str = "") -> dict[str, str]:
    """What the words of a change say of its time and of what it is measured against, by how its identifier ends."""
    second = messages.against(setting.scenario)
    named = {"versus": messages.versus(second)} if second in messages.parts(ending) else {}
    return {"period": setting.period(ending), **named}


def canola(change: Outputs, provinces: pd.DataFrame, incomes: Mapping[str, Floats], setting: Setting) -> pd.DataFrame:
    """Rows of canola: the headlines, growers' income by province and otherwise weighed."""
    listed = rows("scenario.canola", change, **over(setting)) + rows(INCOME, incomes, **over(setting))
    return pd.DataFrame([*listed, *province_rows(provinces, setting)])


def beside(
    changes: Mapping[str, Outputs],
    gains: Mapping[str, Floats],
    turning: Mapping[str, Floats],
    shares: pd.DataFrame,
    setting: Setting,
) -> pd.DataFrame:
    """Rows of canola beside the headline: other horizons and counterfactuals, the curve between, rivals' turning.

    Parameters
    ----------
    changes : mapping of str to mapping
        By how identifiers end; the headline, under the empty name, is left out.
    shares : DataFrame
        Of :func:`variants.weights`, by which growers' income over the second counterfactual is split.
    gains, turning : mapping of str to array
        Of :func:`variants.would_have_come` and :func:`variants.turning`.
    """
    listed = []
    for ending, change in changes.items():
        own = {messages.part(name, ending): change[name] for name in BESIDE if ending}
        listed += rows("scenario.canola", own, **over(setting, ending))
    if name := messages.against(setting.scenario):
        by_place = variants.by_province(changes[name]["grower_income_change_cad"], shares)
        listed += province_rows(by_place, setting, name)
    along = variants.along(setting)
    for ending, values in gains.items():
        where = f"{messages.CURVE}.{ending}"
        duty = units.write(along[ending.split(".")[0]], "rate", 3)
        listed += rows(INCOME, {where: values}, duty=duty, **over(setting, where))
    for name, values in turning.items():
        listed += rows(INCOME, {name: values}, **over(setting, messages.FIRST_YEAR if name == FADED else ""))
    if setting.compared.beside is not None:  # China's duties in the scenario and in both counterfactuals
        sides = {
            "": regimes.canola(setting.scenario),
            "against": regimes.canola_against(setting.compared),
            messages.against(setting.scenario): regimes.canola_against(setting.compared.beside),
        }
        for product, stem in DUTIES.items():
            listed += rows(stem, {ending: duties["china", product] for ending, duties in sides.items()})
    return pd.DataFrame(listed)


def welfare(accounts: Mapping[str, Outputs], setting: Setting) -> pd.DataFrame:
    """Rows of the account of both sectors by how identifiers end: Canada, Canada without crushers, and the lines.

    Lines on cars are the same against the second counterfactual, and are not repeated.
    """
    listed = []
    for ending, account in accounts.items():
        again = messages.against(setting.scenario) in messages.parts(ending)
        own = {messages.part(name, ending): values for name, values in account.items()
               if not (again and name in VEHICLE_LINES)}  # fmt: skip
        listed += rows(WELFARE, own, **over(setting, ending))
    return pd.DataFrame(listed)


def vehicles(solved: Simulation, rules: Mapping[str, Outputs]) -> pd.DataFrame:
    """Rows of the electric-car model; variants by what happens above the quota where there is one (`rules`)."""
    when, listed = over(solved.setting), list[dict[str, object]]()
    for rule, cars in {"": vehicle_change(solved.vehicles), **rules}.items():
        own = {messages.part(name, rule): values for name, values in cars.items()}
        listed += rows("scenario.ev", own, **when)
    quota = solved.regimes.scenario.quota is not None
    ends = model.quota_probabilities(solved.vehicles.scenario.quota_outcome) if quota else dict.fromkeys(OUTCOMES, 0.0)
    home, abroad = (gap(pair, ASSEMBLED) for pair in (solved.vehicles, solved.us))
    more = {"surtax_lost_cad": gap(solved.vehicles, "us_surtax_cad"), ASSEMBLED: home + abroad,
            f"{ASSEMBLED}.home_market": home, f"{ASSEMBLED}.through_united_states": abroad}  # fmt: skip
    return pd.DataFrame([*listed, *rows("scenario.ev.quota_regime", ends, **when), *rows("scenario.ev", more, **when)])


def entering(entry: Mapping[str, Floats | float], setting: Setting) -> pd.DataFrame:
    """Rows of the quota while makers enter, as of :func:`variants.entering`."""
    listed = []
    for name, value in entry.items():
        listed += rows("scenario.ev", {name: value}, **over(setting, name))
    return pd.DataFrame(listed)


def united_states(solved: Simulation) -> pd.DataFrame:
    """Rows of what is sold to the United States by the models that were solved: canola oil, vehicles in both runs."""
    values = {}
    if solved.markets:
        values["canola_oil_change_cad"] = solved.market.scenario.value(*US_OIL) - solved.market.against.value(*US_OIL)
    if solved.us is not UNSOLVED:
        values |= {EXPORTS: gap(solved.us, EXPORTS), f"{EXPORTS}.long_run": gap(solved.us_long, EXPORTS)}
    return pd.DataFrame(rows("scenario.us", values, **over(solved.setting)))


def ranking(ranked: pd.DataFrame, setting: Setting) -> pd.DataFrame:
    """Share of variance of each assumption, and the output at its two ends."""
    listed = []
    for entry in ranked.to_dict("records"):
        stem = f"scenario.sensitivity.{entry['output']}.{entry['assumption']}"
        values = {end: entry[end or "share"] for end in ("", "at_low", "at_high")}
        listed += rows(stem, values, title=assumption(str(entry["assumption"])), **over(setting))
    return pd.DataFrame(listed, columns=None if listed else ["result_id"])


def other_choices(incomes: Mapping[str, Floats | None], setting: Setting) -> pd.DataFrame:
    """Growers' income under another choice; `incomes` by variant, None where the choice has no place."""
    mean = studies.base_years(studies.OTHER_BASE).words
    values = {name: income for name, income in incomes.items() if income is not None}
    return pd.DataFrame(rows(INCOME, values, mean=mean, **over(setting)))


def quota_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Our quota and Sawyer's."""
    listed = []
    for entry in table.to_dict("records"):
        stem = f"{VALIDATION_STEM}.quota.{entry['quantity']}"
        listed += [row(stem, Spread(entry["value"], entry["low"], entry["high"])),
                   *rows(stem, {"sawyer": entry["published"]})]  # fmt: skip
    return pd.DataFrame(listed)


def tariff_rows(simulated: Mapping[str, Floats], estimated: Number) -> pd.DataFrame:
    """What the model says of the US duty of 2025, by what is exported, and what was estimated of it."""
    stem = f"{VALIDATION_STEM}.us_tariff"
    repeated = {"result_id": f"{stem}.estimated", **estimated.repeated, "original": estimated.key}
    return pd.DataFrame([*rows(stem, simulated, period=estimated.period), repeated])


def example_rows(table: pd.DataFrame) -> pd.DataFrame:
    """The worked example by country, and the largest difference from what is printed."""
    stem = f"{VALIDATION_STEM}.gsim"
    values = {f"{str(entry['country']).lower()}.{name}": entry[name]
              for entry in table.to_dict("records") for name in ("published", "log_linear", "exact")}  # fmt: skip
    apart = (table["log_linear"].round(validation.DIGITS) - table["published"]).abs().max()
    return pd.DataFrame(rows(stem, values | {"largest_difference": float(round(apart, validation.DIGITS))}))
