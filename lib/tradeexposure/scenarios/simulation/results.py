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
from tradeexposure.scenarios.simulation import counterfactuals, validation, variants
from tradeexposure.scenarios.simulation.changes import CANOLA_LINES, Account, CanolaChange, Changes, VehicleChange
from tradeexposure.scenarios.simulation.messages import CARS, DUTIES, INCOME, WELFARE, assumption
from tradeexposure.scenarios.simulation.models import Setting
from tradeexposure.scenarios.simulation.variants import Entering

#: Outputs of canola beside the headline, by horizon and counterfactual.
BESIDE = ("producer_price_change", "grower_income_change_cad", "china_volume_kt", "china_volume_change_kt")
FADED = "faded"
QUOTA_OUTCOMES = ("unfilled", "filled", "overfilled")
VALIDATION_STEM = "scenario.validation"


def row(result_id: str, summary: Spread, **fills: str) -> dict[str, object]:
    """One number with its range over draws; `fills` are values of placeholders in its words."""
    return {"result_id": result_id, "value": summary.value, "low": summary.low, "high": summary.high, "level": LEVEL,
            **fills}  # fmt: skip


def bare(result_id: str, value: float, **fills: str) -> dict[str, object]:
    """One number without a range, such as a probability or a share of variance."""
    return {"result_id": result_id, "value": value + 0.0, **fills}


def variant_rows(stem: str, values: Mapping[str, Floats], **fills: str) -> list[dict[str, object]]:
    """One number per variant; the empty name is the headline."""
    return [
        row(counterfactuals.part(stem, name), spread(np.asarray(drawn, dtype=float)), **fills)
        for name, drawn in values.items()
    ]


def province_rows(provinces: pd.DataFrame, setting: Setting, ending: str = "") -> list[dict[str, object]]:
    """Change of growers' income by place, per farm and per hectare; `provinces` from :func:`variants.by_province`."""
    rows = []
    for entry in provinces.to_dict("records"):
        place = "" if entry["place"] == "canada" else entry["place"]
        measure = "" if entry["measure"] == "total" else entry["measure"]
        if place or measure:  # the total is published with the other numbers of the canola model
            rows.append(row(counterfactuals.part(INCOME, place, measure, ending),
                            Spread(entry["value"], entry["low"], entry["high"]), **over(setting, ending)))  # fmt: skip
    return rows


def over(setting: Setting, ending: str = "") -> dict[str, str]:
    """What the words of a change say of its time and of what it is measured against, by how its identifier ends."""
    second = counterfactuals.against(setting.scenario)
    named = {"versus": counterfactuals.versus(second)} if second in counterfactuals.parts(ending) else {}
    return {"period": setting.period(ending), **named}


def canola(
    change: CanolaChange, provinces: pd.DataFrame, incomes: Mapping[str, Floats], setting: Setting
) -> pd.DataFrame:
    """Rows of canola: the headlines, growers' income by province and otherwise weighed."""
    rows = [_canola_row(name, change, "", setting) for name in change.outputs]
    rows += variant_rows(INCOME, incomes, **over(setting))
    return pd.DataFrame([*rows, *province_rows(provinces, setting)])


def _canola_row(name: str, change: CanolaChange, ending: str, setting: Setting) -> dict[str, object]:
    """One output of canola under one horizon and counterfactual, as its identifier ends."""
    key = f"scenario.canola.{counterfactuals.part(name, ending)}"
    return row(key, spread(change.outputs[name]), **over(setting, ending))


def beside(
    changes: Mapping[str, CanolaChange],
    gains: Mapping[str, Floats],
    turning: Mapping[str, Floats],
    shares: pd.DataFrame,
    setting: Setting,
) -> pd.DataFrame:
    """Rows of canola beside the headline: other horizons and counterfactuals, the curve between, rivals' turning.

    Parameters
    ----------
    changes : mapping of str to CanolaChange
        By how identifiers end; the headline, under the empty name, is left out.
    shares : DataFrame
        Of :func:`variants.weights`, by which growers' income over the second counterfactual is split.
    gains, turning : mapping of str to array
        Of :func:`variants.would_have_come` and :func:`variants.turning`.
    """
    rows = [
        _canola_row(name, change, ending, setting) for ending, change in changes.items() if ending for name in BESIDE
    ]
    if name := counterfactuals.against(setting.scenario):
        rows += province_rows(variants.by_province(changes[name].income, shares), setting, name)
    along = variants.along(setting)
    for ending, values in gains.items():
        where = f"{counterfactuals.CURVE}.{ending}"
        duty = units.write(along[ending.split(".")[0]], "rate", 3)
        rows.append(row(f"{INCOME}.{where}", spread(values), duty=duty, **over(setting, where)))
    for name, values in turning.items():
        when = over(setting, counterfactuals.FIRST_YEAR if name == FADED else "")
        rows += variant_rows(INCOME, {name: values}, **when)
    if setting.compared.beside is not None:  # China's duties in the scenario and in both counterfactuals
        sides = {
            "": regimes.canola(setting.scenario),
            "against": regimes.canola_against(setting.compared),
            counterfactuals.against(setting.scenario): regimes.canola_against(setting.compared.beside),
        }
        rows += [bare(counterfactuals.part(stem, ending), duties["china", product])
                 for product, stem in DUTIES.items() for ending, duties in sides.items()]  # fmt: skip
    return pd.DataFrame(rows)


def welfare(accounts: Mapping[str, Account], setting: Setting) -> pd.DataFrame:
    """Rows of the account of both sectors by how identifiers end: Canada, its lines, and Canada without crushers.

    Lines on cars are the same against the second counterfactual, and are not repeated.
    """
    rows = []
    for ending, account in accounts.items():
        again = counterfactuals.against(setting.scenario) in counterfactuals.parts(ending)
        lines = CANOLA_LINES if again else account.lines
        sums = {"canada_cad": account.canada, "canada_without_crushers": account.canada_without_crushers}
        rows += [
            row(counterfactuals.part(WELFARE, name, ending), spread(values), **over(setting, ending))
            for name, values in (sums | {name: account.lines[name] for name in lines}).items()
        ]
    return pd.DataFrame(rows)


def vehicles(changes: Changes, treatments: Mapping[str, VehicleChange], setting: Setting) -> pd.DataFrame:
    """Rows of the electric-car model; variants by what happens above the quota where there is one."""
    when, rows = over(setting), list[dict[str, object]]()
    for variant, cars in {"": changes.vehicles, **treatments}.items():
        named = {
            "china_built_registrations": cars.china_built,
            "china_built_registrations_change": cars.china_built_change,
            "quota_rent_cad": cars.rent,
            "tariff_revenue_cad": cars.revenue,
            "consumer_surplus_cad": cars.surplus,
            "displaced": cars.all_displaced,
            "displaced.electric": cars.electric_displaced,
            **{f"displaced.{name}": values for name, values in cars.displaced.items()},
        }
        rows += [row(counterfactuals.part(f"scenario.ev.{name}", variant), spread(values), **when)
                 for name, values in named.items()]  # fmt: skip
    rows += [bare(f"scenario.ev.quota_regime.{name}", share, **when)
             for name, share in (changes.vehicles.quota or dict.fromkeys(QUOTA_OUTCOMES, 0.0)).items()]  # fmt: skip
    rows.append(row("scenario.ev.surtax_lost_cad", spread(changes.vehicles.us_surtax), **when))
    parts = {
        "": changes.assembly,
        "home_market": changes.vehicles.assembly_home,
        "through_united_states": changes.assembly_us,
    }
    return pd.DataFrame([*rows, *variant_rows("scenario.ev.domestic_assembly_change", parts, **when)])


def entering(entry: Entering | None, setting: Setting) -> pd.DataFrame:
    """Rows of the quota while makers enter: demand, entry, its first and fifth year, and other choices."""
    if entry is None:
        return pd.DataFrame([])
    when = over(setting)
    rows = [
        row("scenario.ev.free_demand", spread(entry.free_demand), **when),
        row("scenario.ev.entry_months", spread(entry.months), **when),
        bare("scenario.ev.draws_that_count", entry.counting, **when),
    ]
    for year, of_year in entry.years.items():
        rows += [
            row(f"{CARS}.{year}", spread(of_year.china_built), **when),
            bare(f"scenario.ev.quota_regime.filled.{year}", of_year.quota["filled"], **when),
        ]
    rows += variant_rows("scenario.ev.quota_used", entry.used, **when)
    rows.append(row("scenario.ev.surtax_lost_cad.first_year", spread(entry.years["first_year"].us_surtax), **when))
    for choice, years in entry.choices.items():
        rows += [
            row(counterfactuals.part(CARS, year, choice), spread(values), **when) for year, values in years.items()
        ]
    return pd.DataFrame(rows)


def united_states(changes: Changes, setting: Setting) -> pd.DataFrame:
    """Rows of the US part: canola oil, then vehicles."""
    return pd.concat([oil_to_united_states(changes.canola, setting), vehicles_to_united_states(changes, setting)])


def oil_to_united_states(change: CanolaChange, setting: Setting) -> pd.DataFrame:
    """Rows of canola oil sold to the United States."""
    return pd.DataFrame([row("scenario.us.canola_oil_change_cad", spread(change.us_oil), **over(setting))])


def vehicles_to_united_states(changes: Changes, setting: Setting) -> pd.DataFrame:
    """Rows of vehicles sold to the United States, within a year and in the long run."""
    sold = {"": changes.us, "long_run": changes.us_long}
    return pd.DataFrame(variant_rows("scenario.us.vehicle_export_change_cad", sold, **over(setting)))


def ranking(ranked: pd.DataFrame, setting: Setting) -> pd.DataFrame:
    """Share of variance of each assumption, and the output at its two ends."""
    rows = []
    for entry in ranked.to_dict("records"):
        stem = f"scenario.sensitivity.{entry['output']}.{entry['assumption']}"
        rows += [
            bare(counterfactuals.part(stem, end), entry[end or "share"], title=assumption(str(entry["assumption"])),
                 **over(setting))
            for end in ("", "at_low", "at_high")
        ]  # fmt: skip
    return pd.DataFrame(rows, columns=None if rows else ["result_id"])


def other_choices(incomes: Mapping[str, Floats | None], setting: Setting) -> pd.DataFrame:
    """Growers' income under another choice; `incomes` by variant, None where the choice has no place."""
    mean = studies.base_years(studies.OTHER_BASE).words
    values = {name: income for name, income in incomes.items() if income is not None}
    return pd.DataFrame(variant_rows(INCOME, values, mean=mean, **over(setting)))


def quota_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Our quota and Sawyer's."""
    rows = []
    for entry in table.to_dict("records"):
        stem = f"{VALIDATION_STEM}.quota.{entry['quantity']}"
        ours = Spread(entry["value"], entry["low"], entry["high"])
        rows += [row(stem, ours), bare(f"{stem}.sawyer", entry["published"])]
    return pd.DataFrame(rows)


def tariff_rows(simulated: Mapping[str, Floats], estimated: Number) -> pd.DataFrame:
    """What the model says of the US duty of 2025, by what is exported, and what was estimated of it."""
    stem = f"{VALIDATION_STEM}.us_tariff"
    repeated = {"result_id": f"{stem}.estimated", **estimated.repeated, "original": estimated.key}
    return pd.DataFrame([*variant_rows(stem, simulated, period=estimated.period), repeated])


def example_rows(table: pd.DataFrame) -> pd.DataFrame:
    """The worked example by country, and the largest difference from what is printed."""
    stem = f"{VALIDATION_STEM}.gsim"
    rows = [bare(f"{stem}.{str(entry['country']).lower()}.{name}", entry[name])
            for entry in table.to_dict("records") for name in ("published", "log_linear", "exact")]  # fmt: skip
    gap = (table["log_linear"].round(validation.DIGITS) - table["published"]).abs().max()
    return pd.DataFrame([*rows, bare(f"{stem}.largest_difference", float(round(gap, validation.DIGITS)))])
