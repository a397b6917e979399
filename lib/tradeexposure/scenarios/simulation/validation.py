"""The models beside what they were not fitted to, whatever scenario is run: a study, an estimate, a worked example.

The example is one product's trade among countries in the Global Simulation Model, log-linear as published and exact:
Francois and Hall (2003), "Global Simulation Analysis of Industry-Level Trade Policy". Each country is one variety; with
export supply elasticity e, import demand elasticity m (negative) and substitution elasticity s, variety r's world price
p_r clears

    p_r ** e       = sum over v of f_rv * (p_r T_rv / P_v) ** -s * P_v ** m,
    P_v ** (1 - s) = sum over r of q_rv * (p_r T_rv) ** (1 - s),

where T is the power of the tariff (one plus the rate) after over before, f the share of v in r's exports at world
prices and q the share of r in v's spending with tariffs, both before.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import root

from tradeexposure import data
from tradeexposure.core.arrays import Floats
from tradeexposure.core.errors import BadInput, NotConverged
from tradeexposure.econometrics.inference.draws import spread
from tradeexposure.policy import cusma_claims, regimes, scenarios
from tradeexposure.reporting.numbers import Number, Numbers
from tradeexposure.reporting.results_book import Book
from tradeexposure.scenarios.simulation import models
from tradeexposure.scenarios.simulation.models import Setting, joint
from tradeexposure.vehicles import registrations
from tradeexposure.vehicles.market import base_year, entry, model, us_exports
from tradeexposure.vehicles.market.base_year import CHINA_BUILT, OTHERS
from tradeexposure.vehicles.us_tariff import study as us_tariff_study

DEAL = "deal_2026"
BENCHMARKS = "benchmarks_vehicles"
DRAWS = 1000  # beside one published number; no scenario's are taken
TARIFF = "ev.us_auto_tariff_effect.2025"  # exports of vehicles and parts against their own path
GSIM_FLOWS, GSIM_ELASTICITIES, GSIM_RESULTS = "gsim_flows", "gsim_elasticities", "gsim_results"
TOLERANCE = 1e-10  # of the largest excess supply, as a share of a variety's supply
SIGNS = {"import_demand": -1, "export_supply": 1, "substitution": 1}  # elasticities, in the order of `Example`
DIGITS = 4  # decimals of the published example
COUNTRIES = {"us": "United States", "jp": "Japan", "eu": "European Union", "rw": "rest of the world"}


def quota_study(setting: Setting, *, seed: int, replaced: Mapping[str, tuple[float, float, float]]) -> pd.DataFrame:
    """Our quota of the arrangement beside Sawyer's published estimate.

    Returns
    -------
    DataFrame
        Key `quantity` (``china_built``, ``additional_evs``, ``displaced_evs``, ``displaced_share``,
        ``china_share_of_evs``); `value`, `low`, `high` over draws, `published`.
    """
    chosen = scenarios.load(DEAL).model_copy(update={"assumptions": {}})
    drawn = joint(chosen, draws=DRAWS, seed=seed, replaced=replaced)
    draws = models.weighed_cars(setting.vehicles, drawn, seed=seed)
    first_year = entry.first_year(setting.vehicles, draws, regimes.vehicles(chosen, draws))
    cars = first_year.registrations[CHINA_BUILT]
    displaced = np.asarray(sum(first_year.displaced[origin] for origin in OTHERS), dtype=float)
    ours = {
        "china_built": cars, "additional_evs": cars - displaced, "displaced_evs": displaced,
        "displaced_share": displaced / cars, "china_share_of_evs": cars / model.electric(first_year.registrations),
    }  # fmt: skip
    stated = published_quota_study(data.load(BENCHMARKS))
    return pd.DataFrame([{"quantity": name, **vars(spread(np.asarray(values))), "published": float(stated[name])}
                         for name, values in ours.items()])  # fmt: skip


def base_year_at_pace(year: int, *, seasonal: int) -> float:
    """Electric cars of a whole `year`, by its first half and how `seasonal` went on, over those of the base year."""
    sold = base_year.vehicles(base_year.YEAR, registrations.BATTERY)
    return base_year.year_at_pace_of(year, seasonal=seasonal) / sold


def published_quota_study(table: pd.DataFrame) -> pd.Series:
    """Sawyer's estimate of the quota's first year, from ``benchmarks_vehicles``: cars, and shares from 0 to 1."""
    asked = {"topic": "Chinese EV quota effect", "quantity": "net additional EVs / displaced other EVs"}
    stated = str(data.row(table, BENCHMARKS, **asked)["stated"])
    pair = re.fullmatch(r"(\d+) / (\d+)", stated)
    if pair is None:
        raise BadInput(BENCHMARKS, asked["quantity"], found=stated, allowed="additional / displaced")
    more, fewer = float(pair[1]), float(pair[2])
    market = data.row(table, BENCHMARKS, **(asked | {"quantity": "Chinese share of EV market"}))
    share = float(market["stated"]) / 100  # printed in per cent
    return pd.Series({
        "china_built": more + fewer, "additional_evs": more, "displaced_evs": fewer,
        "displaced_share": fewer / (more + fewer), "china_share_of_evs": share,
    })  # fmt: skip


def estimated_tariff(book: Book) -> Number:
    """What the US duty on cars of April 2025 did to exports, as it was estimated from these alone."""
    return Numbers(book.earlier_results(TARIFF).reset_index())[TARIFF]


def us_tariff(
    setting: Setting, estimated: Number, *, seed: int, replaced: Mapping[str, tuple[float, float, float]]
) -> dict[str, Floats]:
    """What the model says of that duty, against none, over the draws of a setting.

    Returns
    -------
    dict
        Change of exports to the United States, at the duty of the last month of the estimate: of ``passenger_vehicles``
        within a year, and of the ``vehicles_and_parts`` that are estimated, had all but those not changed.
    """
    chosen = scenarios.load(DEAL).model_copy(update={"assumptions": {}})
    drawn = joint(chosen, draws=len(setting.draws), seed=seed, replaced=replaced)
    day = pd.Timestamp(estimated.period.rpartition(" to ")[2]).date()
    charged, before = regimes.vehicles_on(day, drawn), regimes.base_vehicles(drawn)
    change = us_exports.simulate(setting.us, drawn, charged, before).vehicle_export_change
    exported = us_tariff_study.exports(data.load("merchandise_trade_monthly"))[us_tariff_study.TAXED]
    share = setting.us.exports_cad / exported.loc[str(cusma_claims.YEAR)].sum()
    return {"passenger_vehicles": change, "vehicles_and_parts": change * share}


def cannot_tell(simulated: pd.DataFrame, estimated: Number) -> bool:
    """Whether an estimate neither refutes what is simulated (`low`, `high`), which it overlaps, nor bears it out.

    It does not bear it out where its range holds no change.
    """
    low, high = estimated.ends
    overlap = (simulated["low"] <= high) & (low <= simulated["high"])
    return bool(overlap.all() and low < 0 < high)


@dataclass(frozen=True)
class Example:
    """Square arrays exporter x importer of value at world prices and power of the tariff; elasticities."""

    countries: tuple[str, ...]
    value: np.ndarray
    power_before: np.ndarray
    power_after: np.ndarray
    import_demand: float
    export_supply: float
    substitution: float

    @property
    def change(self) -> np.ndarray:
        """The power of the tariff after over before."""
        return np.asarray(self.power_after / self.power_before)

    @property
    def export_share(self) -> np.ndarray:
        """Share of each importer in a country's sales, at world prices; rows sum to one."""
        return np.asarray(self.value / self.value.sum(axis=1, keepdims=True))

    @property
    def spending_share(self) -> np.ndarray:
        """Share of each exporter in a country's spending, tariffs included; columns sum to one."""
        paid = self.value * self.power_before
        return np.asarray(paid / paid.sum(axis=0, keepdims=True))


def example() -> Example:
    """The published worked example, from the project's tables."""
    parameters = data.load(GSIM_ELASTICITIES).set_index("parameter")["value"]
    return of_tables(data.load(GSIM_FLOWS), {name: float(parameters[f"{name}_elasticity"]) for name in SIGNS})


def of_tables(flows: pd.DataFrame, elasticities: Mapping[str, float]) -> Example:
    """An example from a tidy frame: `exporter`, `importer`, `trade_value`, `tariff_power_before`, `tariff_power_after`.

    Raises
    ------
    BadInput
        A pair of countries missing or repeated, a country that sells or buys nothing, an elasticity of the wrong sign.
    """
    for name, sign in SIGNS.items():
        if not sign * elasticities[name] > 0:
            raise BadInput(GSIM_ELASTICITIES, f"{name}_elasticity", found=f"{elasticities[name]:g}",
                           allowed="less than 0" if sign < 0 else "more than 0")  # fmt: skip
    countries = tuple(dict.fromkeys(flows["exporter"]))
    pairs = flows.set_index(["exporter", "importer"])
    if pairs.index.has_duplicates or len(pairs) != len(countries) ** 2:
        raise BadInput(
            GSIM_FLOWS, "exporter, importer", found=f"{len(pairs)} rows", allowed="each pair of countries once"
        )
    square = [
        pairs[name].unstack("importer").loc[list(countries), list(countries)].to_numpy(float)
        for name in ("trade_value", "tariff_power_before", "tariff_power_after")
    ]
    if not (square[0].sum(axis=0).all() and square[0].sum(axis=1).all()):
        raise BadInput(
            GSIM_FLOWS, "trade_value", found="a country without trade", allowed="sales and purchases in every country"
        )
    return Example(countries, square[0], square[1], square[2], *(elasticities[name] for name in SIGNS))


def solve_example(case: Example) -> pd.DataFrame:
    """Change of every country's producer price, as a share.

    Returns
    -------
    DataFrame
        Key `country`; `log_linear` (the published method), `exact` (the equations of the module's head), `residual`
        (the exact solution's excess supply, share of supply).

    Raises
    ------
    NotConverged
        The exact equations were not solved.
    """
    linear = log_linear(case)
    price = exact(case, start=linear)
    columns = {"log_linear": linear, "exact": price - 1, "residual": np.abs(excess(case, price))}
    return pd.DataFrame({"country": case.countries, **columns})


def log_linear(case: Example) -> np.ndarray:
    """Producer price changes from the linear system; shares of spending weight the cross effects."""
    own = np.eye(len(case.countries))
    cross = case.spending_share * (case.import_demand + case.substitution)
    # answer[r, s, v]: demand of v for variety r to the price it pays for variety s
    answer = cross[None, :, :] - case.substitution * own[:, :, None]
    weighted = case.export_share[:, None, :] * answer
    pushed = np.einsum("rsv,sv->r", weighted, case.change - 1)
    return np.asarray(np.linalg.solve(case.export_supply * own - weighted.sum(axis=2), pushed))


def excess(case: Example, price: np.ndarray) -> np.ndarray:
    """Excess supply of each variety at producer prices relative to before, as a share of supply before."""
    paid = price[:, None] * case.change
    index = (case.spending_share * paid ** (1 - case.substitution)).sum(axis=0) ** (1 / (1 - case.substitution))
    bought = case.export_share * (paid / index) ** -case.substitution * index**case.import_demand
    return np.asarray(price**case.export_supply - bought.sum(axis=1))


def exact(case: Example, *, start: np.ndarray) -> np.ndarray:
    """Producer prices relative to before at which every variety's market clears."""
    solution = root(lambda logs: excess(case, np.exp(logs)), np.log1p(start), tol=TOLERANCE)
    miss = float(np.abs(solution.fun).max())
    if not (solution.success and miss < TOLERANCE):
        parameters = {name: getattr(case, name) for name in SIGNS}
        raise NotConverged("Global Simulation Model, exact", draw=0, parameters=parameters, residual=miss)
    return np.asarray(np.exp(solution.x))


def worked_example() -> pd.DataFrame:
    """The Global Simulation Model's published example: `country`, `published`, `log_linear`, `exact`, `residual`."""
    solved = solve_example(example())
    stated = data.load(GSIM_RESULTS).set_index("country")["producer_price_change"]
    return solved.assign(published=solved["country"].map(stated))


def example_reproduced(table: pd.DataFrame) -> bool:
    """Whether the log-linear solution gives every published decimal."""
    return bool((table["log_linear"].round(DIGITS) == table["published"].round(DIGITS)).all())
