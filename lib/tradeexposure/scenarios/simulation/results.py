"""The numbers that the scenario notebook publishes: identifier, label, median and range over draws, method, tables."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from tradeexposure.core import units
from tradeexposure.core.arrays import Floats
from tradeexposure.core.text import capital
from tradeexposure.econometrics.inference.draws import LEVEL, Spread, spread
from tradeexposure.policy import regimes, studies
from tradeexposure.scenarios.account import both_sectors
from tradeexposure.scenarios.account.both_sectors import Account
from tradeexposure.scenarios.simulation import counterfactuals, gsim, variants
from tradeexposure.scenarios.simulation.changes import CanolaChange, Changes, VehicleChange
from tradeexposure.scenarios.simulation.messages import DUTIES
from tradeexposure.scenarios.simulation.models import Setting
from tradeexposure.scenarios.simulation.names import (
    ACCOUNT,
    CAR_CHOICES,
    INCOMES,
    OUTPUTS,
    QUOTA_OUTCOMES,
    TREATMENTS,
    TURNING,
    YEARS,
    assumption,
)
from tradeexposure.scenarios.simulation.variants import Entering

DIGITS = 2
EXAMPLE_DIGITS = 3  # of the worked example
#: What duties of the United States on what Canada sells there rest on.
DUTY_TABLES = "us_imports_from_canada_2024; us_rates_by_date; canola_export_snapshots; exchange_rate_monthly"
CANOLA_TABLES = (
    "grain_exports_monthly; canola_exports_compiled; canola_crush_monthly; canola_price_prairies_monthly; "
    "rapeseed_world_balance; us_imports_by_partner_2024; canola_crop_2025; canola_balance_forecasts; "
    f"canola_exports_by_province_2025; commodity_prices_monthly; {DUTY_TABLES}"
)
INCOME_TABLES = f"{CANOLA_TABLES}; farm_cash_receipts_annual"  # of what growers and handlers earn
#: Measure of a province → tables behind it besides.
PER_TABLES = {"total": "", "per_farm": "; census_crop_farms", "per_hectare": "; field_crops_annual"}
CAR_TABLES = "vehicle_registrations_canada_quarterly; ev_imports_by_origin; chinese_built_share; ev_prices"
US_TABLES = f"vehicle_trade_shares; vehicle_production; {DUTY_TABLES}"
SURTAX_LABEL = "Canada's surtax on US-built electric cars, change"
PER_YEAR, CARS = "CAD per year", "vehicles per year"
WEIGHTED = (
    "logit of origins in delivered cost on the harvest and crush of 2025-26; median and 5th to 95th percentile over "
    "rows that history weighs"
)
ACCOUNT_METHOD = (
    "areas of the weighted market of origins and of the choice of cars, sums draw by draw; 90% of the draws"
)
ENTRY = (
    "nested choice with a tariff-rate quota on 2023, draws weighed by the first count of cars under the quota; median "
    "and 5th to 95th percentile over draws"
)
WELFARE = "scenario.welfare"
INCOME, RECEIPTS = "grower_income_change_cad", "receipts_change_cad"
#: Output of canola → label and unit.
CANOLA = {
    "producer_price_change": ("Farm price of canola, change", "change"),
    INCOME: ("Canola growers' income (producer surplus), change", PER_YEAR),
    RECEIPTS: ("Canola receipts, change", PER_YEAR),
    "china_volume_kt": ("Seed shipped to China in the scenario", "kilotonnes per year"),
    "china_volume_change_kt": ("Seed shipped to China, change", "kilotonnes per year"),
    "diverted_kt": ("Seed sold elsewhere than to China, change", "kilotonnes per year"),
}
#: Outputs that stand beside the headline by horizon and counterfactual.
BESIDE = ("producer_price_change", INCOME, "china_volume_kt", "china_volume_change_kt")
IN_FIRST, FADED = ", in the first year", "faded"
SECONDS = {"against_final_duty": "against the final duty without a deal"}
SECOND, SECOND_DUTY = "against its second counterfactual", "in its second counterfactual"
CURVE_LABEL = "had a seed duty of {duty} come"
CURVE_LABELS = {
    "first_ten": "for the first ten points of the seed duty that would have come, up to {duty}",
    "last_ten": "for the last ten points of the seed duty that would have come, from {duty}",
}
OUTPUT_TABLES = {"grower_income": INCOME_TABLES, "displaced_registrations": CAR_TABLES,
                 "consumer_surplus": CAR_TABLES, "vehicle_exports": US_TABLES}  # fmt: skip
OUTPUT_UNITS = {"grower_income": PER_YEAR, "displaced_registrations": CARS, "consumer_surplus": PER_YEAR,
                "vehicle_exports": PER_YEAR}  # fmt: skip
DISPLACED_WORDS = {
    "united_states_mexico": "electric cars built in the United States and Mexico",
    "other_imports": "electric cars built elsewhere abroad", "canada": "electric cars built in Canada",
    "other_cars": "cars that are not electric",
}  # fmt: skip
VALIDATION_STEM = "scenario.validation"
#: Quantity → label and unit, of the study of the quota.
QUOTA_STUDY = {
    "china_built": ("China-built cars a year", "vehicles per year"),
    "additional_evs": ("Electric cars added", "vehicles per year"),
    "displaced_evs": ("Other electric cars displaced", "vehicles per year"),
    "displaced_share": ("Displaced per China-built car", "share"),
    "china_share_of_evs": ("China-built share of electric cars", "share"),
}


def row(result_id: str, summary: Spread, *, label: str, unit: str, **texts: object) -> dict[str, object]:
    """One number with its range over draws."""
    return {"result_id": result_id, "value": summary.value, "low": summary.low, "high": summary.high, "level": LEVEL,
            "label": label, "unit": unit, "digits": DIGITS, **texts}  # fmt: skip


def bare(result_id: str, value: float, *, label: str, unit: str, **texts: object) -> dict[str, object]:
    """One number without a range, such as a probability or a share of variance."""
    return {"result_id": result_id, "value": value + 0.0, "label": label, "unit": unit, "digits": DIGITS, **texts}


def variant_rows(
    stem: str, values: Mapping[str, Floats], *, label: str, unit: str, names: Mapping[str, str], **texts: object
) -> list[dict[str, object]]:
    """One number per variant; the empty name is the headline."""
    return [
        row(f"{stem}.{name}" if name else stem, spread(np.asarray(drawn, dtype=float)),
            label=f"{label}, {names[name]}" if name else label, unit=unit, **texts)
        for name, drawn in values.items()
    ]  # fmt: skip


def frame(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Rows as :meth:`tradeexposure.reporting.results_book.Book.add_frame` takes them."""
    return pd.DataFrame(rows)


def province_rows(provinces: pd.DataFrame, setting: Setting, ending: str = "") -> list[dict[str, object]]:
    """Change of growers' income by place, per farm and per hectare; `provinces` from :func:`variants.by_province`."""
    texts = shared(setting, method=WEIGHTED, tables=INCOME_TABLES, ending=ending)
    stem = f"scenario.canola.{INCOME}"
    units = {"total": "CAD per year", "per_farm": "CAD per farm", "per_hectare": "CAD per hectare"}
    per = {"total": "", "per_farm": " per canola farm", "per_hectare": " per hectare of canola"}
    rows = []
    for entry in provinces.to_dict("records"):
        place = "" if entry["place"] == "canada" else entry["place"]
        if not place and entry["measure"] == "total":
            continue  # published with the other numbers of the canola model
        measure = "" if entry["measure"] == "total" else entry["measure"]
        rows.append(row(
            counterfactuals.part(stem, place, measure, ending), Spread(entry["value"], entry["low"], entry["high"]),
            label=f"Change of growers' income{per[entry['measure']]} a year: {entry['geo']}{_words(ending, setting)}",
            unit=units[entry["measure"]], geography=entry["place"],
            **texts | {"tables": f"{INCOME_TABLES}{PER_TABLES[entry['measure']]}"},
        ))  # fmt: skip
    return rows


def shared(setting: Setting, *, method: str, tables: str, ending: str = "") -> dict[str, str]:
    """What all rows of one model have in common; the period says what the change is against."""
    return {"method": method, "tables": tables, "period": setting.period(ending)}


def canola(
    change: CanolaChange, provinces: pd.DataFrame, incomes: Mapping[str, Floats], setting: Setting
) -> pd.DataFrame:
    """Rows of canola: the headlines, growers' income by province and otherwise weighed."""
    texts = shared(setting, method=WEIGHTED, tables=INCOME_TABLES)
    rows = [_canola_row(name, change, "", setting) for name in CANOLA]
    label, unit = CANOLA[INCOME]
    rows += variant_rows(f"scenario.canola.{INCOME}", incomes, label=label, unit=unit, names=INCOMES, **texts)
    return frame([*rows, *province_rows(provinces, setting)])


def _canola_row(name: str, change: CanolaChange, ending: str, setting: Setting) -> dict[str, object]:
    """One output of canola under one horizon and counterfactual, as its identifier ends."""
    label, unit = CANOLA[name]
    return row(
        f"scenario.canola.{counterfactuals.part(name, ending)}", spread(change.outputs[name]),
        label=f"{label}{_words(ending, setting)}", unit=unit,
        **shared(setting, method=WEIGHTED, ending=ending,
                 tables=INCOME_TABLES if name in (INCOME, RECEIPTS) else CANOLA_TABLES),
    )  # fmt: skip


def _words(ending: str, setting: Setting) -> str:
    """What a label adds for how an identifier ends, such as ``, in the first year``; no scenario's title is in it."""
    named, second = counterfactuals.parts(ending), counterfactuals.against(setting.scenario)
    over = f", {SECONDS.get(second, SECOND)}" if second in named else ""
    return f"{over}{IN_FIRST if counterfactuals.FIRST_YEAR in named else ''}"


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
    return frame([*rows, *_curve_rows(gains, setting), *_turning_rows(turning, setting), *_duty_rows(setting)])


def _curve_rows(gains: Mapping[str, Floats], setting: Setting) -> list[dict[str, object]]:
    """Growers' income along the curve."""
    (label, unit), along = CANOLA[INCOME], variants.along(setting)
    rows = []
    for ending, values in gains.items():
        name = ending.split(".")[0]
        duty = CURVE_LABELS.get(name, CURVE_LABEL).format(duty=_percent(along[name]))
        texts = shared(setting, method=WEIGHTED, tables=INCOME_TABLES, ending=f"{counterfactuals.CURVE}.{ending}")
        rows.append(row(f"scenario.canola.{INCOME}.{counterfactuals.CURVE}.{ending}", spread(values), unit=unit,
                        label=f"{label}, {duty}{_words(ending, setting)}", **texts))  # fmt: skip
    return rows


def _duty_rows(setting: Setting) -> list[dict[str, object]]:
    """China's duties in the scenario and in both counterfactuals; none without a second."""
    if setting.compared.beside is None:
        return []
    second = counterfactuals.against(setting.scenario)
    sides = {
        "": (regimes.canola(setting.scenario), "in the scenario"),
        "against": (regimes.canola_against(setting.compared), "in what it is measured against"),
        second: (regimes.canola_against(setting.compared.beside), SECOND_DUTY),
    }
    return [
        {**bare(counterfactuals.part(stem, ending), duties["china", product], unit="rate",
                label=f"China's duty on canola {product} {side}"), "digits": _digits(duties["china", product])}
        for product, stem in DUTIES.items() for ending, (duties, side) in sides.items()
    ]  # fmt: skip


def _digits(rate: float) -> int:
    """All that the law writes of a duty: 84.8%, 105%, 5%."""
    return len(f"{rate:.6g}".replace(".", "").strip("0")) or 1


def _turning_rows(turning: Mapping[str, Floats], setting: Setting) -> list[dict[str, object]]:
    label, unit = CANOLA[INCOME]
    return [
        row(f"scenario.canola.{INCOME}.{name}", spread(values), label=f"{label}, {TURNING[name]}", unit=unit,
            **shared(setting, method=WEIGHTED, tables=INCOME_TABLES,
                     ending=counterfactuals.FIRST_YEAR if name == FADED else ""))
        for name, values in turning.items()
    ]  # fmt: skip


def _percent(rate: float) -> str:
    return units.write(rate, "rate", 3)


def welfare(accounts: Mapping[str, Account], setting: Setting) -> pd.DataFrame:
    """Rows of the account of both sectors by how identifiers end: Canada, its lines, and Canada without crushers.

    Lines on cars are the same against the second counterfactual, and are not repeated.
    """
    rows = []
    for ending, account in accounts.items():
        texts = shared(setting, method=ACCOUNT_METHOD, tables=f"{INCOME_TABLES}; {CAR_TABLES}", ending=ending)
        sums = {
            "canada_cad": ("Canada, canola and cars", account.canada),
            "canada_without_crushers": ("Canada without crushers, whose owners are not held",
                                        account.canada_without_crushers),
        }  # fmt: skip
        again = counterfactuals.against(setting.scenario) in counterfactuals.parts(ending)
        lines = {name: (capital(line), account.lines[name]) for name, line in ACCOUNT.items()
                 if not (again and name in both_sectors.VEHICLES)}  # fmt: skip
        rows += [
            row(f"{WELFARE}.{counterfactuals.part(name, ending)}", spread(values), unit=PER_YEAR,
                **texts | {"tables": _line_tables(name)}, label=f"Gain a year: {line}{_words(ending, setting)}")
            for name, (line, values) in (sums | lines).items()
        ]  # fmt: skip
    return frame(rows)


def _line_tables(name: str) -> str:
    """What a line of the account, or a sum of both sectors, rests on."""
    if name in both_sectors.VEHICLES:
        return CAR_TABLES
    of_canola = {"growers": INCOME_TABLES, "handlers": INCOME_TABLES, "crushers": CANOLA_TABLES, "users": CANOLA_TABLES}
    return of_canola.get(name, f"{INCOME_TABLES}; {CAR_TABLES}")


def vehicles(changes: Changes, treatments: Mapping[str, VehicleChange], setting: Setting) -> pd.DataFrame:
    """Rows of the electric-car model; variants by what happens above the quota where there is one."""
    texts = shared(setting, method=ENTRY, tables=CAR_TABLES)
    variants = {"": changes.vehicles, **treatments}
    rows = [entry for name, cars in variants.items() for entry in _car_rows(cars, name, texts)]
    rows += [bare(f"scenario.ev.quota_regime.{name}", share, unit="probability", **texts,
                  label=f"Share of simulations: quota {QUOTA_OUTCOMES[name]}")
             for name, share in (changes.vehicles.quota or dict.fromkeys(QUOTA_OUTCOMES, 0.0)).items()]  # fmt: skip
    surtax = spread(changes.vehicles.us_surtax)
    rows.append(row("scenario.ev.surtax_lost_cad", surtax, label=SURTAX_LABEL, unit=PER_YEAR, **texts))
    parts = {
        "": changes.assembly,
        "home_market": changes.vehicles.assembly_home,
        "through_united_states": changes.assembly_us,
    }
    routes = {"home_market": "through the home market", "through_united_states": "through the United States"}
    rows += variant_rows("scenario.ev.domestic_assembly_change", parts, label="Vehicles assembled in Canada, change",
                         unit="change", names=routes, **texts)  # fmt: skip
    home, abroad = f"{CAR_TABLES}; vehicle_production", US_TABLES
    of_route = {"home_market": home, "through_united_states": abroad}
    for entry in rows[-len(parts) :]:
        entry["tables"] = of_route.get(str(entry["result_id"]).rpartition(".")[2], f"{home}; {abroad}")
    return frame(rows)


def entering(entry: Entering | None, setting: Setting) -> pd.DataFrame:
    """Rows of the quota while makers enter: demand, entry, its first and fifth year, and other choices."""
    if entry is None:
        return frame([])
    texts = shared(setting, method=ENTRY, tables=CAR_TABLES)
    cars, label = "scenario.ev.china_built_registrations", "China-built electric cars registered in the scenario"
    rows = [
        row("scenario.ev.free_demand", spread(entry.free_demand), unit=CARS, **texts,
            label="China-built electric cars a year without a quota, all makers there"),
        row("scenario.ev.entry_months", spread(entry.months), unit="months", **texts,
            label="Mean time of makers' entry"),
        bare("scenario.ev.draws_that_count", entry.counting, unit="effective number", **texts,
             label="Simulations of equal weight that the first count of cars leaves"),
    ]  # fmt: skip
    for year, of_year in entry.years.items():
        rows += [
            row(f"{cars}.{year}", spread(of_year.china_built), label=f"{label}, {YEARS[year]}", unit=CARS, **texts),
            bare(f"scenario.ev.quota_regime.filled.{year}", of_year.quota["filled"], unit="probability", **texts,
                 label=f"Share of simulations: quota {QUOTA_OUTCOMES['filled']}, {YEARS[year]}"),
        ]  # fmt: skip
    rows += variant_rows("scenario.ev.quota_used", entry.used, label="Share of the quota used", unit="share",
                         names=YEARS, **texts)  # fmt: skip
    first = spread(entry.years["first_year"].us_surtax)
    rows.append(row("scenario.ev.surtax_lost_cad.first_year", first, label=f"{SURTAX_LABEL}, {YEARS['first_year']}",
                    unit=PER_YEAR, **texts))  # fmt: skip
    for choice, years in entry.choices.items():
        rows += [row(".".join(filter(None, [cars, year, choice])), spread(values), unit=CARS, **texts,
                     label=", ".join([label, *([YEARS[year]] if year else []), CAR_CHOICES[choice]]))
                 for year, values in years.items()]  # fmt: skip
    return frame(rows)


def _car_rows(cars: VehicleChange, variant: str, texts: Mapping[str, str]) -> list[dict[str, object]]:
    """Rows of one rule above the quota."""
    named = {
        "china_built_registrations": (cars.china_built, "China-built electric cars registered in the scenario", CARS),
        "china_built_registrations_change": (cars.china_built_change, "China-built electric cars, change", CARS),
        "quota_rent_cad": (cars.rent, "Rent of the quota, change", PER_YEAR),
        "tariff_revenue_cad": (cars.revenue, "Tariff revenue on China-built electric cars, change", PER_YEAR),
        "consumer_surplus_cad": (cars.surplus, "Car buyers' surplus, change", PER_YEAR),
        "displaced": (cars.all_displaced, "Registrations displaced, all cars not built in China", CARS),
        "displaced.electric": (cars.electric_displaced, "Registrations displaced: electric cars", CARS),
        **{f"displaced.{name}": (values, f"Registrations displaced: {DISPLACED_WORDS[name]}", CARS)
           for name, values in cars.displaced.items()},
    }  # fmt: skip
    ending, rule = (f".{variant}", f", {TREATMENTS[variant]}") if variant else ("", "")
    return [row(f"scenario.ev.{name}{ending}", spread(values), label=f"{label}{rule}", unit=unit, **texts)
            for name, (values, label, unit) in named.items()]  # fmt: skip


def united_states(changes: Changes, setting: Setting) -> pd.DataFrame:
    """Rows of the US part: canola oil, then vehicles."""
    return pd.concat([oil_to_united_states(changes.canola, setting), vehicles_to_united_states(changes, setting)])


def oil_to_united_states(change: CanolaChange, setting: Setting) -> pd.DataFrame:
    """Rows of canola oil sold to the United States."""
    texts = shared(setting, method=f"{WEIGHTED}; value at the border before duty", tables=CANOLA_TABLES)
    label = "Canola oil sold to the United States, change"
    return frame([row("scenario.us.canola_oil_change_cad", spread(change.us_oil), label=label, unit=PER_YEAR, **texts)])


def vehicles_to_united_states(changes: Changes, setting: Setting) -> pd.DataFrame:
    """Rows of vehicles sold to the United States, within a year and in the long run."""
    method = "constant-elasticity US demand, duty passed on in full; median and 5th to 95th percentile over draws"
    return frame(variant_rows(
        "scenario.us.vehicle_export_change_cad", {"": changes.us, "long_run": changes.us_long}, unit=PER_YEAR,
        label="Passenger vehicles sold to the United States, change", names={"long_run": "long run"},
        **shared(setting, method=method, tables=US_TABLES),
    ))  # fmt: skip


def ranking(ranked: pd.DataFrame, setting: Setting) -> pd.DataFrame:
    """Share of variance of each assumption, and the output at its two ends."""
    rows = []
    for entry in ranked.to_dict("records"):
        texts = shared(setting, method="first-order share from the draws, bins of equal size",
                       tables=OUTPUT_TABLES[entry["output"]])  # fmt: skip
        stem, title = (
            f"scenario.sensitivity.{entry['output']}.{entry['assumption']}",
            assumption(str(entry["assumption"])),
        )
        label = f"{capital(OUTPUTS[entry['output']])}: {title}"
        rows.append(bare(stem, entry["share"], label=f"Share of variance, {label}", unit="share", **texts))
        rows += [
            bare(
                f"{stem}.{end}",
                entry[end],
                label=f"{label}, {end[3:]} end",
                unit=OUTPUT_UNITS[entry["output"]],
                **texts,
            )
            for end in ("at_low", "at_high")
        ]
    return pd.DataFrame(rows, columns=None if rows else ["result_id"])


def other_choices(incomes: Mapping[str, Floats | None], setting: Setting) -> pd.DataFrame:
    """Growers' income under another choice; `incomes` by variant, None where the choice has no place."""
    other_base = studies.base_years(studies.OTHER_BASE)
    labels = {other_base.key: f"base year {other_base.words}", "expected_duty": "duty that importers expected in 2025"}
    values = {name: income for name, income in incomes.items() if income is not None}
    texts = shared(setting, method=WEIGHTED, tables=INCOME_TABLES)
    rows = variant_rows(f"scenario.canola.{INCOME}", values, label="Canola growers' income, change", unit=PER_YEAR,
                        names=labels, **texts)  # fmt: skip
    of_base = {f"scenario.canola.{INCOME}.{other_base.key}": f"{INCOME_TABLES}; field_crops_annual"}
    return frame([{**entry, "tables": of_base.get(str(entry["result_id"]), INCOME_TABLES)} for entry in rows])


def quota_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Our quota and Sawyer's."""
    rows = []
    for entry in table.to_dict("records"):
        label, unit = QUOTA_STUDY[str(entry["quantity"])]
        stem = f"{VALIDATION_STEM}.quota.{entry['quantity']}"
        source = {"tables": "benchmarks_vehicles", "period": "first year"}
        rows += [
            row(stem, Spread(entry["value"], entry["low"], entry["high"]), label=label, unit=unit, **source),
            bare(f"{stem}.sawyer", entry["published"], label=f"Cited: {label} (Sawyer 2026)", unit=unit, **source),
        ]
    return frame(rows)


def example_rows(table: pd.DataFrame) -> pd.DataFrame:
    """The worked example by country, and the largest difference from what is printed."""
    tables = "gsim_flows; gsim_elasticities; gsim_results"
    rows = []
    for entry in table.to_dict("records"):
        code = str(entry["country"]).lower()
        for name, kind in (("published", "published"), ("log_linear", "log-linear"), ("exact", "exact")):
            label = f"Worked example, producer price, {gsim.NAMES[code]}: {kind}"
            published = bare(
                f"{VALIDATION_STEM}.gsim.{code}.{name}", entry[name], label=label, unit="change", tables=tables
            )
            rows.append({**published, "digits": EXAMPLE_DIGITS})
    gap = (table["log_linear"].round(gsim.DIGITS) - table["published"]).abs().max()
    rows.append(bare(f"{VALIDATION_STEM}.gsim.largest_difference", float(round(gap, gsim.DIGITS)), unit="share",
                     tables=tables,
                     label="Largest difference of the log-linear solution from the published decimals"))  # fmt: skip
    return frame(rows)
