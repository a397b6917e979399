"""What a simulation takes as given and what it finds, as tables in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from tradeexposure.core import units
from tradeexposure.core.arrays import Floats
from tradeexposure.core.text import capital, listing
from tradeexposure.econometrics.inference.draws import spread
from tradeexposure.policy import assumptions, duty_tables, regimes
from tradeexposure.policy.tariff_index import MARKET_NAMES
from tradeexposure.scenarios.simulation import messages, validation
from tradeexposure.scenarios.simulation.changes import Outputs
from tradeexposure.scenarios.simulation.messages import ACCOUNT, CAR_CHOICES, OUTPUTS, TREATMENTS, assumption
from tradeexposure.scenarios.simulation.models import Setting, Simulation
from tradeexposure.scenarios.simulation.variants import REGISTERED

MOST = 4  # assumptions listed for an output
ORIGINS = {"canada": "Canada", "others": "other exporters"}
OUTPUT_UNITS = {"grower_income": "CAD per year", "displaced_registrations": "vehicles per year",
                "consumer_surplus": "CAD per year", "vehicle_exports": "CAD per year"}  # fmt: skip
#: Quantity → what it is and its unit, of the study of the quota.
QUOTA_STUDY = {
    "china_built": ("China-built cars a year", "vehicles per year"),
    "additional_evs": ("Electric cars added", "vehicles per year"),
    "displaced_evs": ("Other electric cars displaced", "vehicles per year"),
    "displaced_share": ("Displaced per China-built car", "share"),
    "china_share_of_evs": ("China-built share of electric cars", "share"),
}
UNITS = {"CAD/t": "C$ a tonne", "CAD": "C$"}
#: Cells of the electric-car base and of the sales to the United States.
CELLS = {
    "registrations.china": "Electric cars registered, built in China",
    "registrations.united_states_mexico": "Electric cars registered, built in the United States and Mexico",
    "registrations.other_imports": "Electric cars registered, built in other countries",
    "registrations.canada": "Electric cars registered, built in Canada",
    "registrations.other_cars": "All other cars registered",
    "price_cad": "Price of the rivals of China-built cars",
    "market_price_cad": "Price of a new vehicle, mean of all",
    "customs_share": "Customs value of a China-built car in its listed price less duty",
    "canadian_share_of_other_cars": "Built in Canada among cars that are not electric",
    "assembly": "Vehicles assembled in Canada, 2023",
    "counted": "China-built cars admitted at the first count under the quota",
    "exported_share": "Sold to the United States among vehicles assembled in Canada",
}


def duties(simulation: Simulation) -> pd.DataFrame:
    """The duties in the base year, in what the scenario is measured against, and in the scenario."""
    return duty_tables.of_models(
        (regimes.base_canola(), simulation.duties.against, simulation.duties.scenario),
        (regimes.base_vehicles(), simulation.regimes.against, simulation.regimes.scenario),
    )


def drawn(setting: Setting, replaced: set[str]) -> pd.DataFrame:
    """Priors before weighing: `title`, `unit`, `low`, `median`, `high` (5%, 50%, 95% of the draws), `evidence`."""
    rows = []
    for name, prior in assumptions.load().items():
        summary = spread(setting.draws[name].to_numpy(float))
        fixed = name in setting.scenario.assumptions
        estimated = "An estimate of the notebooks before this one. " if name in replaced else ""
        reason = "Fixed by the scenario" if fixed else estimated + prior.evidence.replace("A: ", "Assumed: ", 1)
        rows.append({"title": prior.title, "unit": prior.unit, "low": summary.low, "median": summary.value,
                     "high": summary.high, "evidence": reason})  # fmt: skip
    return pd.DataFrame(rows)


def assumed(simulation: Simulation) -> pd.DataFrame:
    """Every cell of the bases that stands in for a figure that is not held; a drawn one shows its mean.

    Returns
    -------
    DataFrame
        `what`, `value`, `unit`, `source` (table and how it was read); flows that are alike in all but their market
        share a row.
    """
    setting = simulation.setting
    cars = pd.concat([setting.vehicles.cells(), setting.us.cells], ignore_index=True)
    rows = cars[cars["assumed"]].assign(what=cars["cell"].map(lambda name: CELLS.get(name, name)))
    cells = simulation.market.base.table
    alike = ["quantity", "origin", "product", "value", "unit", "source", "note"]
    grouped = cells[cells["assumed"]].groupby(alike, sort=False)["market"].agg(list).reset_index()
    what = [_flow(*cell) for cell in grouped[["quantity", "origin", "product", "market"]].itertuples(index=False)]
    canola = grouped.assign(what=what, source=grouped["source"] + ": " + grouped["note"])
    listed = pd.concat([canola, rows], ignore_index=True)
    return listed.assign(unit=listed["unit"].replace(UNITS))[["what", "value", "unit", "source"]]


def _flow(quantity: str, origin: str, product: str, markets: Sequence[str]) -> str:
    """``Oil, Canada to Japan and Mexico``, ``Border price of seed, Canada``."""
    if quantity != "volume":
        return f"{capital(quantity.replace('_', ' '))} of {product}, {ORIGINS[origin]}"
    return f"{capital(product)}, {ORIGINS[origin]} to {listing([MARKET_NAMES[market] for market in markets])}"


def car_market(setting: Setting) -> pd.DataFrame:
    """The base year of the market for cars: `what`, `value`, `unit`, `source`."""
    cells = setting.vehicles.cells()
    rows = cells.assign(what=cells["cell"].map(CELLS), unit=cells["unit"].replace(UNITS))
    return rows[["what", "value", "unit", "source"]]


def entering(built: Mapping[str, Floats]) -> pd.DataFrame:
    """China-built cars by choice in words, first year and all makers there: `choice`, `first`, `steady`, `…_span`.

    `built` is of :func:`variants.entering` and of :func:`changes.vehicle_change`.
    """
    rows = []
    for choice, name in {"as above": "", **dict(zip(CAR_CHOICES.values(), CAR_CHOICES, strict=True))}.items():
        row = {"choice": capital(choice)}
        for key, year in (("first", "first_year"), ("steady", "")):
            of = spread(built[messages.part(REGISTERED, year, name)])
            row |= {
                key: units.write(of.value, "count", 2),
                f"{key}_span": units.write_range(of.low, of.high, "count", 2),
            }
        rows.append(row)
    return pd.DataFrame(rows)


def provinces(table: pd.DataFrame) -> pd.DataFrame:
    """Growers' income by place, medians: `geo`, `total`, `per_farm`, `per_hectare`."""
    return table.pivot_table(index="geo", columns="measure", values="value", sort=False).reset_index()


def beside(changes: Mapping[str, Outputs], setting: Setting) -> pd.DataFrame:
    """Canola by horizon and counterfactual, each number with its range: `case`, `income`, `price`, `volume`."""
    second = setting.compared.beside
    rows = []
    for ending, change in changes.items():
        named = messages.parts(ending)
        over = second if second is not None and messages.against(setting.scenario) in named else setting.compared
        first = messages.FIRST_YEAR in named or setting.scenario.horizon == "crop_year"
        rows.append({
            "case": f"{capital(over.against_title)}, {'first year' if first else 'after adjustment'}",
            "income": _ranged(change["grower_income_change_cad"], "CAD"),
            "price": _ranged(change["producer_price_change"], "change"),
            "volume": _ranged(change["china_volume_kt"], "kilotonnes"),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _ranged(values: Floats, unit: str) -> str:
    summary = spread(values)
    return f"{units.write(summary.value, unit, 2)} ({units.write_range(summary.low, summary.high, unit, 2)})"


def account(account: Outputs) -> pd.DataFrame:
    """The account of both sectors: `line`, `value`, `low`, `high`; lines first, sums last."""
    named = {name: capital(line) for name, line in ACCOUNT.items()}
    named |= {"canada_cad": "Canada, canola and cars", "canada_without_crushers": "The same without crushers"}
    return pd.DataFrame([{"line": line, **vars(spread(account[name]))} for name, line in named.items()])


def treatments(headline: Outputs, rules: Mapping[str, Outputs]) -> pd.DataFrame:
    """Medians of the electric-car outputs by rule above the quota; the headline alone where there is no quota."""
    named = {TREATMENTS[name]: cars for name, cars in rules.items()} or {"no quota in this scenario": headline}
    columns = ("cars", "displaced", "rent", "revenue", "surplus")
    keys = (REGISTERED, "displaced", "quota_rent_cad", "tariff_revenue_cad", "consumer_surplus_cad")
    return pd.DataFrame([
        {"treatment": capital(name), **dict(zip(columns, (spread(cars[key]).value for key in keys), strict=True))}
        for name, cars in named.items()
    ])  # fmt: skip


def ranking(ranked: pd.DataFrame) -> pd.DataFrame:
    """The largest assumptions of each output in words, the output at both ends written with its unit."""
    top = ranked.groupby("output", sort=False).head(MOST)
    written = {
        end: [
            units.write(value, OUTPUT_UNITS[output], 2) for value, output in zip(top[end], top["output"], strict=True)
        ]
        for end in ("at_low", "at_high")
    }
    named = top["assumption"].map(lambda name: capital(assumption(name)))
    return top.assign(output=top["output"].map(lambda name: capital(OUTPUTS[name])), assumption=named, **written)


def quota_study(table: pd.DataFrame) -> pd.DataFrame:
    """:func:`validation.quota_study` in words: `what`, `ours`, `span`, `published`."""
    rows = []
    for row in table.to_dict("records"):
        label, unit = QUOTA_STUDY[str(row["quantity"])]
        ours, span = units.write(row["value"], unit, 2), units.write_range(row["low"], row["high"], unit, 2)
        rows.append({"what": label, "ours": ours, "span": span, "published": units.write(row["published"], unit, 3)})
    return pd.DataFrame(rows)


def worked_example(table: pd.DataFrame) -> pd.DataFrame:
    """:func:`validation.worked_example` with countries in words."""
    return table.assign(country=table["country"].str.lower().map(validation.COUNTRIES))
