"""The cells of the base years that are assumed, named as a reader names them.

What a simulation takes as given and what it finds, as tables: duties of the three regimes, priors as drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tradeexposure.canola.market.closures import CLOSURES
from tradeexposure.core import units
from tradeexposure.core.text import capital, listing
from tradeexposure.econometrics.draws import spread
from tradeexposure.policy import assumptions, regimes
from tradeexposure.policy.regimes import PRODUCTS, VehicleRegime
from tradeexposure.scenarios.simulation.changes import VehicleChange
from tradeexposure.scenarios.simulation.figures import NAMES
from tradeexposure.scenarios.simulation.models import Setting, Simulation, as_regime
from tradeexposure.scenarios.simulation.names import MARKETS, OUTPUTS, TREATMENTS, assumption
from tradeexposure.scenarios.simulation.results import OUTPUT_UNITS

ORIGINS = {"canada": "Canada", "others": "other exporters"}
UNITS = {"CAD/t": "C$ a tonne", "CAD": "C$"}
#: Cells of the electric-car base and of the sales to the United States.
CELLS = {
    "registrations.china": "Electric cars registered, built in China",
    "registrations.united_states_mexico": "Electric cars registered, built in the United States and Mexico",
    "registrations.other_imports": "Electric cars registered, built in other countries",
    "registrations.canada": "Electric cars registered, built in Canada",
    "price_cad": "Price of an electric car not built in China",
    "market_price_cad": "Price of a new vehicle, mean of all",
    "customs_share": "Customs value of a China-built car in its listed price less duty",
    "canadian_share_of_other_cars": "Built in Canada among cars that are not electric",
    "exported_share": "Sold to the United States among vehicles assembled in Canada",
}


def assumed(setting: Setting) -> pd.DataFrame:
    """Every cell of the base years that stands in for a figure that is not held.

    Returns
    -------
    DataFrame
        `what`, `value`, `unit`, `source` (table and how it was read); flows that are alike in all but their market
        share a row.
    """
    cars = pd.concat([setting.vehicles.cells(), setting.us.cells], ignore_index=True)
    rows = cars[cars["assumed"]].assign(what=cars["cell"].map(lambda name: CELLS.get(name, name)))
    listed = pd.concat([_canola(setting.canola.cells()), rows], ignore_index=True)
    return listed.assign(unit=listed["unit"].replace(UNITS))[["what", "value", "unit", "source"]]


def _canola(cells: pd.DataFrame) -> pd.DataFrame:
    """Rows of the canola base, with what the cell was read from."""
    alike = ["quantity", "origin", "product", "value", "unit", "source", "note"]
    grouped = cells[cells["assumed"]].groupby(alike, sort=False)["market"].agg(list).reset_index()
    what = [_flow(*one) for one in grouped[["quantity", "origin", "product", "market"]].itertuples(index=False)]
    return grouped.assign(what=what, source=grouped["source"] + ": " + grouped["note"])


def _flow(quantity: str, origin: str, product: str, markets: Sequence[str]) -> str:
    """``Oil, Canada to Japan and Mexico``, ``Border price of Canada's seed``."""
    if quantity != "volume":
        return f"{capital(quantity.replace('_', ' '))} of {ORIGINS[origin]}'s {product}"
    return f"{capital(product)}, {ORIGINS[origin]} to {listing([MARKETS[market] for market in markets])}"


NO_ENTRY = np.inf  # stands for a closed border in comparisons
DIGITS = 3


def duties(found: Simulation) -> pd.DataFrame:
    """Duties in the base year, in what the scenario is measured against, and in the scenario.

    Returns
    -------
    DataFrame
        `good`, `base`, `against`, `scenario` (text; the median where a duty varies over draws), `differs`; canola lines
        that are free in all three are left out.
    """
    start = regimes.base_canola()
    sets = (start, found.duties.against, found.duties.scenario)
    rows = [
        _row(f"Canola {product} into {MARKETS[market]}", [_median(one.get((market, product), 0.0)) for one in sets])
        for market in MARKETS
        for product in PRODUCTS
    ]
    kept = [row for row in rows if row["differs"] or row["scenario"] != units.write(0.0, "rate", DIGITS)]
    return pd.DataFrame([*kept, *vehicle_duties(found)])


def vehicle_duties(found: Simulation) -> list[dict[str, Any]]:
    """Rows of :func:`duties` for vehicles, the quota and rebates."""
    three = (as_regime(regimes.base_vehicles()), found.regimes.against, found.regimes.scenario)
    return [
        _row("Electric cars from China into Canada", [_median(one.china_within) for one in three]),
        _row("The same above the quota", [_above(one) for one in three], nothing="no entry", absent="no quota"),
        _counts("Quota, cars a year", [one.quota for one in three]),
        _counts("Rebate on other electric cars, C$", [one.rebate_cad for one in three]),
        _counts("Rebate on China-built cars, C$", [one.rebate_china_cad for one in three]),
        _row("Vehicles into the United States, average", [_median(one.us_vehicle_duty) for one in three]),
    ]


def _above(one: VehicleRegime) -> float | None:
    """Duty above the quota; infinite where no car enters there, missing without a quota."""
    if one.quota is None:
        return None
    return NO_ENTRY if one.china_above is None else _median(one.china_above)


def _median(rate: Any) -> float:
    return float(np.median(np.asarray(rate, dtype=float)))


def _row(good: str, rates: list[float | None], *, nothing: str = "", absent: str = "") -> dict[str, Any]:
    texts = [absent if rate is None else nothing if rate == NO_ENTRY else units.write(rate, "rate", DIGITS)
             for rate in rates]  # fmt: skip
    return {"good": good, **dict(zip(("base", "against", "scenario"), texts, strict=True)),
            "differs": rates[1] != rates[2]}  # fmt: skip


def _counts(good: str, numbers: list[float | None]) -> dict[str, Any]:
    texts = ["none" if not number else f"{number:,.0f}" for number in numbers]
    return {"good": good, **dict(zip(("base", "against", "scenario"), texts, strict=True)),
            "differs": numbers[1] != numbers[2]}  # fmt: skip


def drawn(setting: Setting, replaced: set[str]) -> pd.DataFrame:
    """Priors as drawn: `title`, `unit`, `low`, `median`, `high` (5%, 50%, 95% of the draws), `evidence`."""
    rows = []
    for name, prior in assumptions.load().items():
        found = spread(setting.draws[name].to_numpy(float))
        fixed = name in setting.scenario.assumptions
        estimated = "An estimate of the notebooks before this one. " if name in replaced else ""
        reason = "Fixed by the scenario" if fixed else estimated + prior.evidence.replace("A: ", "Assumed: ", 1)
        rows.append({"title": prior.title, "unit": prior.unit, "low": found.low, "median": found.value,
                     "high": found.high, "evidence": reason})  # fmt: skip
    return pd.DataFrame(rows)


def provinces(found: pd.DataFrame) -> pd.DataFrame:
    """Growers' income by place and closure, medians: `geo`, `closure`, `total`, `per_farm`, `per_hectare`."""
    rows = found[found["closure"].isin(CLOSURES)].assign(closure=found["closure"].map(NAMES))
    wide = rows.pivot_table(index=["geo", "closure"], columns="measure", values="value", sort=False)
    return wide.reset_index()


def treatments(headline: VehicleChange, found: Mapping[str, VehicleChange]) -> pd.DataFrame:
    """Medians of the electric-car outputs by rule above the quota; the headline alone where there is no quota."""
    named = {TREATMENTS[name]: one for name, one in found.items()} or {"no quota in this scenario": headline}
    return pd.DataFrame([
        {"treatment": capital(name), "cars": spread(one.china_built).value,
         "displaced": spread(one.all_displaced).value, "rent": spread(one.rent).value,
         "revenue": spread(one.revenue).value, "surplus": spread(one.surplus).value}
        for name, one in named.items()
    ])  # fmt: skip


def ranking(found: pd.DataFrame, *, many: int = 4) -> pd.DataFrame:
    """The `many` largest assumptions of each output in words, the output at both ends written with its unit."""
    top = found.groupby("output", sort=False).head(many)
    written = {
        end: [
            units.write(value, OUTPUT_UNITS[output], 2) for value, output in zip(top[end], top["output"], strict=True)
        ]
        for end in ("at_low", "at_high")
    }
    named = top["assumption"].map(lambda name: capital(assumption(name)))
    return top.assign(output=top["output"].map(lambda name: capital(OUTPUTS[name])), assumption=named, **written)
