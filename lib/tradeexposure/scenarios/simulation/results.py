"""The numbers that the scenario notebook publishes: identifier, label, median and range over draws, method, tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from tradeexposure.core.arrays import Floats
from tradeexposure.core.text import capital
from tradeexposure.econometrics.draws import LEVEL, Spread, spread
from tradeexposure.policy import studies
from tradeexposure.scenarios.account.both_sectors import Account
from tradeexposure.scenarios.simulation import gsim
from tradeexposure.scenarios.simulation.changes import CanolaChange, Changes, Ensemble, VehicleChange
from tradeexposure.scenarios.simulation.models import Setting
from tradeexposure.scenarios.simulation.names import (
    ACCOUNT,
    CLOSURE_IDS,
    CLOSURE_NAMES,
    INCOMES,
    OUTPUTS,
    QUOTA_OUTCOMES,
    TREATMENTS,
    assumption,
)
from tradeexposure.scenarios.simulation.validation import Episode

DIGITS = 2
EXAMPLE_DIGITS = 3  # of the worked example
CANOLA_TABLES = (
    "grain_exports_monthly; canola_exports_compiled; canola_crush_monthly; canola_price_prairies_monthly; "
    "rapeseed_world_balance; farm_cash_receipts_annual; field_crops_annual; us_imports_by_partner_2024"
)
CAR_TABLES = (
    "vehicle_registrations_canada_quarterly; ev_imports_by_origin; chinese_built_share; ev_prices; "
    "benchmarks_vehicles; vehicle_production"
)
US_TABLES = "us_imports_from_canada_2024; us_rates_by_date; exchange_rate_monthly"
PER_YEAR, CARS = "CAD per year", "vehicles per year"
BOTH = "exact partial equilibrium; median and 5th to 95th percentile over draws; variants on the base of {base}"
WEIGHTED = (
    "logit of origins in delivered cost on the harvest and crush of 2025-26; median and 5th to 95th percentile over "
    "rows that history weighs; variants in which origins matter or not: two other models on {base}, no bounds"
)
ACCOUNT_METHOD = (
    "areas of the weighted market of origins and of the choice of cars, sums draw by draw; 90% of the draws"
)
TRQ = "nested choice with a tariff-rate quota on 2023; median and 5th to 95th percentile over draws"
WELFARE = "scenario.welfare"
OUTPUT_UNITS = {"grower_income": PER_YEAR, "displaced_registrations": CARS, "consumer_surplus": PER_YEAR,
                "vehicle_exports": PER_YEAR}  # fmt: skip
DISPLACED_WORDS = {
    "united_states_mexico": "electric cars built in the United States and Mexico",
    "other_imports": "electric cars built elsewhere abroad", "canada": "electric cars built in Canada",
    "other_cars": "cars that are not electric",
}  # fmt: skip
VALIDATION_STEM = "scenario.validation"
#: Quantity → label and unit, of the episodes and of the study of the quota.
EPISODES = {
    "price_change.2019": ("Farm price, suspension of 2019", "change"),
    "diversion_share.2019": ("Share of the lost volume sold elsewhere, 2019", "share"),
    "tariff_equivalent.2019": ("Tariff equivalent of the suspension of 2019", "rate"),
    "price_change.2025": ("Farm price, duties of 2025", "change"),
    "china_volume_change.2025": ("Seed to China, duties of 2025", "change"),
}
QUOTA_STUDY = {
    "china_built": ("China-built cars a year", "vehicles per year"),
    "additional_evs": ("Electric cars added", "vehicles per year"),
    "displaced_evs": ("Other electric cars displaced", "vehicles per year"),
    "displaced_share": ("Displaced per China-built car", "share"),
    "china_share_of_evs": ("China-built share of electric cars", "share"),
}
EPISODE_METHOD = "simulated on {base} within the crop year; median and 5th to 95th percentile over draws"


def row(result_id: str, found: Spread, *, label: str, unit: str, **texts: object) -> dict[str, object]:
    """One number with its range over draws."""
    return {"result_id": result_id, "value": found.value, "low": found.low, "high": found.high, "level": LEVEL,
            "label": label, "unit": unit, "digits": DIGITS, **texts}  # fmt: skip


def bare(result_id: str, value: float, *, label: str, unit: str, **texts: object) -> dict[str, object]:
    """One number without a range, such as a probability or a share of variance."""
    return {"result_id": result_id, "value": value + 0.0, "label": label, "unit": unit, "digits": DIGITS, **texts}


def ensemble_rows(stem: str, found: Ensemble, *, label: str, unit: str, **texts: object) -> list[dict[str, object]]:
    """The headline and the number of each closure as variants of `stem`."""
    rows = []
    for name, one in found.spreads.items():
        words = f"{label}, {CLOSURE_NAMES[name]}" if name else label
        rows.append(row(f"{stem}.{CLOSURE_IDS[name]}" if name else stem, one, label=words, unit=unit, **texts))
    return rows


def variant_rows(
    stem: str, values: Mapping[str, Floats], *, label: str, unit: str, words: Mapping[str, str], **texts: object
) -> list[dict[str, object]]:
    """One number per variant; the empty name is the headline."""
    return [
        row(f"{stem}.{name}" if name else stem, spread(np.asarray(found, dtype=float)),
            label=f"{label}, {words[name]}" if name else label, unit=unit, **texts)
        for name, found in values.items()
    ]  # fmt: skip


def frame(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Rows as :meth:`tradeexposure.reporting.results_book.Book.add_frame` takes them."""
    return pd.DataFrame(rows)


def province_rows(provinces: pd.DataFrame, **texts: object) -> list[dict[str, object]]:
    """Change of growers' income by place, per farm and per hectare; `provinces` from :func:`variants.by_province`."""
    stem = "scenario.canola.grower_income_change_cad"
    units = {"total": "CAD per year", "per_farm": "CAD per farm", "per_hectare": "CAD per hectare"}
    words = {"total": "", "per_farm": " per canola farm", "per_hectare": " per hectare of canola"}
    rows = []
    for one in provinces.to_dict("records"):
        place = "" if one["place"] == "canada" else one["place"]
        if not place and one["measure"] == "total":
            continue  # published with the other numbers of the canola model
        parts = [place, "" if one["measure"] == "total" else one["measure"]]
        rows.append(row(
            ".".join([stem, *filter(None, parts)]), Spread(one["value"], one["low"], one["high"]),
            label=f"Change of growers' income{words[one['measure']]} a year: {one['geo']}",
            unit=units[one["measure"]], geography=one["place"], **texts,
        ))  # fmt: skip
    return rows


def based(method: str) -> str:
    """A method with the years under the two other models of canola filled in."""
    return method.format(base=studies.base_years(studies.OTHER_MODELS).words)


def shared(setting: Setting, *, method: str, tables: str) -> dict[str, str]:
    """What all rows of one model have in common; the period says what the change is against."""
    return {"method": method, "tables": tables, "period": setting.period}


def canola(
    found: CanolaChange, provinces: pd.DataFrame, incomes: Mapping[str, Floats], setting: Setting
) -> pd.DataFrame:
    """Rows of canola: the headlines, the two other models, growers' income by province and otherwise weighed."""
    texts = shared(setting, method=based(WEIGHTED), tables=CANOLA_TABLES)
    named = {
        "producer_price_change": (found.price, "Farm price of canola, change", "change"),
        "grower_income_change_cad": (found.income, "Canola growers' income (producer surplus), change", PER_YEAR),
        "receipts_change_cad": (found.receipts, "Canola receipts, change", PER_YEAR),
        "china_volume_kt": (found.china_volume_kt, "Seed shipped to China in the scenario", "kilotonnes per year"),
        "china_volume_change_kt": (
            found.china_volume_change_kt,
            "Seed shipped to China, change",
            "kilotonnes per year",
        ),
        "diverted_kt": (found.diverted_kt, "Seed sold elsewhere than to China, change", "kilotonnes per year"),
    }
    rows = [one for name, (values, label, unit) in named.items()
            for one in ensemble_rows(f"scenario.canola.{name}", values, label=label, unit=unit, **texts)]  # fmt: skip
    stem, label = "scenario.canola.grower_income_change_cad", "Canola growers' income (producer surplus), change"
    rows += variant_rows(stem, incomes, label=label, unit=PER_YEAR, words=INCOMES, **texts)
    return frame([*rows, *province_rows(provinces, **texts)])


def welfare(found: Account, setting: Setting) -> pd.DataFrame:
    """Rows of the account of both sectors: Canada, its lines, and Canada without crushers."""
    texts = shared(setting, method=ACCOUNT_METHOD, tables=f"{CANOLA_TABLES}; {CAR_TABLES}")
    sums = {
        "canada_cad": ("Canada, canola and cars", found.canada),
        "canada_without_crushers": (
            "Canada without crushers, whose owners are not held",
            found.canada_without_crushers,
        ),
    }
    lines = {name: (capital(words), found.lines[name]) for name, words in ACCOUNT.items()}
    return frame(
        [
            row(f"{WELFARE}.{name}", spread(values), label=f"Gain a year: {words}", unit=PER_YEAR, **texts)
            for name, (words, values) in (sums | lines).items()
        ]
    )


def vehicles(found: Changes, treatments: Mapping[str, VehicleChange], setting: Setting) -> pd.DataFrame:
    """Rows of the electric-car model; variants by what happens above the quota where there is one."""
    texts = shared(setting, method=TRQ, tables=CAR_TABLES)
    variants = {"": found.vehicles, **treatments}
    rows = [one for name, cars in variants.items() for one in _car_rows(cars, name, texts)]
    rows += [bare(f"scenario.ev.quota_regime.{name}", share, label=f"Share of draws: quota {QUOTA_OUTCOMES[name]}",
                  unit="probability", **texts)
             for name, share in (found.vehicles.quota or dict.fromkeys(QUOTA_OUTCOMES, 0.0)).items()]  # fmt: skip
    parts = {
        "": found.assembly,
        "home_market": found.vehicles.assembly_home,
        "through_united_states": found.assembly_us,
    }
    words = {"home_market": "through the home market", "through_united_states": "through the United States"}
    rows += variant_rows("scenario.ev.domestic_assembly_change", parts, label="Vehicles assembled in Canada, change",
                         unit="change", words=words, **texts)  # fmt: skip
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
    ending, words = (f".{variant}", f", {TREATMENTS[variant]}") if variant else ("", "")
    return [row(f"scenario.ev.{name}{ending}", spread(values), label=f"{label}{words}", unit=unit, **texts)
            for name, (values, label, unit) in named.items()]  # fmt: skip


def united_states(found: Changes, setting: Setting) -> pd.DataFrame:
    """Rows of the US part: canola oil, then vehicles."""
    return pd.concat([oil_to_united_states(found.canola, setting), vehicles_to_united_states(found, setting)])


def oil_to_united_states(found: CanolaChange, setting: Setting) -> pd.DataFrame:
    """Rows of canola oil sold to the United States."""
    texts = shared(setting, method=f"{based(BOTH)}; value at the border before duty", tables=CANOLA_TABLES)
    label = "Canola oil sold to the United States, change"
    return frame(ensemble_rows("scenario.us.canola_oil_change_cad", found.us_oil, label=label, unit=PER_YEAR, **texts))


def vehicles_to_united_states(found: Changes, setting: Setting) -> pd.DataFrame:
    """Rows of vehicles sold to the United States, within a year and in the long run."""
    method = "constant-elasticity US demand, duty passed on in full; median and 5th to 95th percentile over draws"
    return frame(variant_rows(
        "scenario.us.vehicle_export_change_cad", {"": found.us, "long_run": found.us_long}, unit=PER_YEAR,
        label="Passenger vehicles sold to the United States, change", words={"long_run": "long run"},
        **shared(setting, method=method, tables=US_TABLES),
    ))  # fmt: skip


def ranking(found: pd.DataFrame, setting: Setting) -> pd.DataFrame:
    """Share of variance of each assumption, and the output at its two ends."""
    texts = shared(setting, method="first-order share from the draws, bins of equal size", tables="")
    rows = []
    for one in found.to_dict("records"):
        stem, words = f"scenario.sensitivity.{one['output']}.{one['assumption']}", assumption(str(one["assumption"]))
        label = f"{capital(OUTPUTS[one['output']])}: {words}"
        rows.append(bare(stem, one["share"], label=f"Share of variance, {label}", unit="share", **texts))
        rows += [
            bare(f"{stem}.{end}", one[end], label=f"{label}, {end[3:]} end", unit=OUTPUT_UNITS[one["output"]], **texts)
            for end in ("at_low", "at_high")
        ]
    return pd.DataFrame(rows, columns=None if rows else ["result_id"])


def variants(incomes: Mapping[str, Ensemble | None], setting: Setting) -> pd.DataFrame:
    """Growers' income under another choice; `incomes` by variant, None where the choice has no place."""
    other = studies.base_years(studies.OTHER_BASE)
    words = {
        other.key: f"base year {other.words}",
        "expected_duty": "duty that importers expected in 2025",
    }
    texts = shared(setting, method=based(BOTH), tables=CANOLA_TABLES)
    rows = [
        one
        for name, values in incomes.items()
        if values is not None
        for one in ensemble_rows(
            f"scenario.canola.grower_income_change_cad.{name}",
            values,
            label=f"Canola growers' income, change, {words[name]}",
            unit=PER_YEAR,
            **texts,
        )
    ]
    return frame(rows)


def episode_rows(found: Sequence[Episode]) -> pd.DataFrame:
    """2019 and 2025 by closure, never the two models pooled, and the estimates beside them."""
    rows = []
    for one in found:
        label, unit = EPISODES[one.key]
        year = one.key.rsplit(".", 1)[-1]
        texts = {"label": f"Simulated: {label}", "unit": unit, "period": year, "method": based(EPISODE_METHOD)}
        stem = f"{VALIDATION_STEM}.{one.key}"
        rows += [made for made in ensemble_rows(stem, one.found, **texts) if made["result_id"] != stem]
        if one.beside is not None:
            rows.append(_estimate(one, label=label, unit=unit, year=year))
    return frame(rows)


def _estimate(one: Episode, *, label: str, unit: str, year: str) -> dict[str, object]:
    """The estimate that stands beside a simulated number, without a range where it has none."""
    beside = one.beside or Spread(0.0, 0.0, 0.0)
    key, texts = f"{VALIDATION_STEM}.{one.key}.estimate", {"label": f"Estimated: {label}", "unit": unit, "period": year}
    if beside.low == beside.high:
        return bare(key, beside.value, method=f"{one.source}: at the boundary, no range", **texts)
    return {**row(key, beside, method=f"{one.source}, its range", **texts), "level": None}


def quota_rows(found: pd.DataFrame) -> pd.DataFrame:
    """Our quota and Sawyer's."""
    rows = []
    for one in found.to_dict("records"):
        label, unit = QUOTA_STUDY[str(one["quantity"])]
        stem = f"{VALIDATION_STEM}.quota.{one['quantity']}"
        source = {"tables": "benchmarks_vehicles", "period": "first year"}
        rows += [
            row(stem, Spread(one["value"], one["low"], one["high"]), label=label, unit=unit, **source),
            bare(f"{stem}.sawyer", one["published"], label=f"Cited: {label} (Sawyer 2026)", unit=unit, **source),
        ]
    return frame(rows)


def example_rows(found: pd.DataFrame) -> pd.DataFrame:
    """The worked example by country, and the largest difference from what is printed."""
    tables = "gsim_flows; gsim_elasticities; gsim_results"
    rows = []
    for one in found.to_dict("records"):
        code = str(one["country"]).lower()
        for name, words in (("published", "published"), ("log_linear", "log-linear"), ("exact", "exact")):
            label = f"Worked example, producer price, {gsim.NAMES[code]}: {words}"
            made = bare(f"{VALIDATION_STEM}.gsim.{code}.{name}", one[name], label=label, unit="change", tables=tables)
            rows.append({**made, "digits": EXAMPLE_DIGITS})
    gap = (found["log_linear"].round(gsim.DIGITS) - found["published"]).abs().max()
    rows.append(bare(f"{VALIDATION_STEM}.gsim.largest_difference", float(round(gap, gsim.DIGITS)), unit="share",
                     tables=tables,
                     label="Largest difference of the log-linear solution from the published decimals"))  # fmt: skip
    return frame(rows)
