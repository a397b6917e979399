"""The same scenario looked at otherwise: by province, by assumption, and under another choice.

By province one price holds everywhere and shares are those of one year. The ranking says which assumption moves each
output most. Other choices are the base year, the duty that importers expect, and the rule above the quota.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from tradeexposure.canola.exposure import receipts
from tradeexposure.canola.market import draws
from tradeexposure.canola.market.closures import CLOSURES
from tradeexposure.core import provinces
from tradeexposure.core.arrays import Floats
from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics import variance_shares
from tradeexposure.econometrics.draws import spread
from tradeexposure.policy import assumptions, regimes, scenarios, studies
from tradeexposure.policy.canola_cells import SEED_TO_CHINA
from tradeexposure.scenarios.simulation import changes, weighted
from tradeexposure.scenarios.simulation.changes import CanolaChange, Changes, Ensemble, VehicleChange
from tradeexposure.scenarios.simulation.models import (
    Pair,
    Setting,
    Simulation,
    base_of,
    canola_pair,
    canola_solution,
    market_of,
    treatment,
)
from tradeexposure.scenarios.simulation.names import TREATMENTS

CANADA = provinces.CODES[provinces.CANADA]
ROUNDING = 1e-3  # published receipts are rounded to thousands of dollars
#: Output → part of the models whose priors can move it.
MOVED_BY = {
    "grower_income": "canola",
    "displaced_registrations": "ev",
    "consumer_surplus": "ev",
    "vehicle_exports": "us",
}
#: Drawn for validation and for sensitivities, or for the episode of 2019 alone.
NOT_USED = {"duty_expected_2025", "us_vehicle_demand_long"}
EPISODE = "volume_fall_2019"
GROWERS = "grower_income"
STATUS_QUO = "status_quo_2025"  # in which the deposit on seed stands
FEWER = 1000  # draws where each takes up to twenty solutions


def weights(cash: pd.DataFrame, census: pd.DataFrame, crops: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """Share of canola receipts, farms and area of each place.

    Parameters
    ----------
    cash : DataFrame
        ``farm_cash_receipts_annual``: `year`, `geo`, `item`, `receipts_cad`.
    census : DataFrame
        ``census_crop_farms``: farms that grew canola at the latest census.
    crops : DataFrame
        ``field_crops_annual``: `area_seeded_ha` by `year`, `geo`, `crop`.

    Returns
    -------
    DataFrame
        Key `geo`; `place`, `share` (of Canada's receipts), `farms`, `area_ha`; Canada last.

    Raises
    ------
    BadInput
        Provinces whose receipts do not add up to Canada's, or a place without farms or area.
    """
    held = receipts.receipt_shares(cash, year=year)[["geo", "place", "receipts_cad"]]
    total = float(held.loc[held["place"] == CANADA, "receipts_cad"].iloc[0])
    parts = float(held.loc[held["place"] != CANADA, "receipts_cad"].sum())
    if abs(parts - total) > total * ROUNDING:
        raise BadInput("farm_cash_receipts_annual", str(year), found=f"provinces of {parts:,.0f} in {total:,.0f}",
                       allowed="provinces that add up to Canada")  # fmt: skip
    grown = crops[(crops["year"] == year) & (crops["crop"] == "canola")].set_index("geo")["area_seeded_ha"]
    farms = receipts.canola_farms(census).set_index("geo")["farms"]
    found = held.assign(
        share=held["receipts_cad"] / total, farms=held["geo"].map(farms), area_ha=held["geo"].map(grown)
    )
    for column, table in (("farms", "census_crop_farms"), ("area_ha", "field_crops_annual")):
        bad = found.loc[~(found[column] > 0), "geo"]
        if len(bad):
            raise BadInput(table, column, found=f"none for {bad.iloc[0]}", allowed="a positive number")
    return found[["geo", "place", "share", "farms", "area_ha"]]


def by_province(income: Ensemble, shares: pd.DataFrame) -> pd.DataFrame:
    """Change of growers' income in every place, in total, per farm and per hectare.

    Returns
    -------
    DataFrame
        Key `place` × `measure` (``total``, ``per_farm``, ``per_hectare``); `geo`, `value`, `low`, `high`.
    """
    rows, one = [], spread(income.headline)
    for place in shares.to_dict("records"):
        factors = {"total": place["share"], "per_farm": place["share"] / place["farms"],
                   "per_hectare": place["share"] / place["area_ha"]}  # fmt: skip
        rows += [
            {"geo": place["geo"], "place": place["place"], "measure": measure,
             "value": one.value * factor, "low": one.low * factor, "high": one.high * factor}
            for measure, factor in factors.items()
        ]  # fmt: skip
    return pd.DataFrame(rows)


def outputs(found: Changes) -> dict[str, Floats]:
    """Outputs that vary, one number per draw."""
    return {**canola_outputs(found.canola), **vehicle_outputs(found.vehicles, found.us)}


def canola_outputs(found: CanolaChange) -> dict[str, Floats]:
    """That of canola, if it varies."""
    return _varying({GROWERS: found.income.headline})


def vehicle_outputs(cars: VehicleChange, sold: Floats) -> dict[str, Floats]:
    """Those of vehicles that vary; `sold` to the United States."""
    every = {"displaced_registrations": cars.all_displaced, "consumer_surplus": cars.surplus, "vehicle_exports": sold}
    return _varying(every)


def _varying(every: Mapping[str, Floats]) -> dict[str, Floats]:
    return {name: values for name, values in every.items() if values.std() > 0}


def inputs(setting: Setting, output: str) -> pd.DataFrame:
    """Draws of the priors that can move an output; for growers' income the weighted ones of the market of origins, with
    the elasticity at which rivals' seed turns under the name of its prior.
    """
    chosen = setting.scenario
    if output == GROWERS:
        drawn = setting.weighted[[*draws.USED, *([EPISODE] if chosen.licence_suspension else [])]]
        return drawn.loc[:, drawn.nunique() > 1].rename(columns={draws.KAPPA: draws.TURNING})
    unused = {*NOT_USED, EPISODE}
    kept = [
        name for name, prior in assumptions.load().items() if prior.moves == MOVED_BY[output] and name not in unused
    ]
    return setting.draws[kept]


def ranked(setting: Setting, found: Mapping[str, Floats]) -> pd.DataFrame:
    """Share of variance of every assumption for some outputs, as of :func:`outputs`.

    Returns
    -------
    DataFrame
        Key `output` × `assumption`; `share`, `at_low`, `at_high` (median of the output in the lowest and highest tenth
        of the assumption); largest share of each output first.
    """
    parts = [variance_shares.first_order(inputs(setting, name), values).assign(output=name)
             for name, values in found.items()]  # fmt: skip
    names = {"share_of_variance": "share", "output_at_low": "at_low", "output_at_high": "at_high"}
    columns = ["output", "assumption", *names.values()]
    return (
        pd.concat(parts, ignore_index=True).rename(columns=names)[columns] if parts else pd.DataFrame(columns=columns)
    )


def first(found: pd.DataFrame) -> dict[str, list[str]]:
    """Assumptions by output, largest share first."""
    return {str(name): list(rows["assumption"]) for name, rows in found.groupby("output", sort=False)}


def other_base() -> str:
    """How identifiers name the other base years."""
    return studies.base_years(studies.OTHER_BASE).key


def other_base_income(found: Simulation) -> Ensemble:
    """Change of growers' income on the other base years of ``data/studies.yml``.

    Suspended licences take up to twenty solutions a draw, so there the first :data:`FEWER` draws stand for all.
    """
    setting = replace(found.setting, canola=base_of(studies.OTHER_BASE))
    if setting.scenario.licence_suspension:
        setting = replace(setting, draws=setting.draws.head(FEWER))
    pairs = {closure: canola_pair(setting, found.duties, closure) for closure in CLOSURES}
    market = market_of(setting, setting.weighted, found.duties, weighted.of_years(setting.canola))
    return changes.canola_change(pairs, Pair(market.scenario, market.against)).income


def expected_duty_income(found: Simulation) -> Ensemble | None:
    """Change of growers' income where importers reckon with `duty_expected_2025` in place of the deposit of 2025.

    None where neither regime charges the deposit; a regime that does not keeps its solution.
    """
    setting = found.setting
    sides = {"scenario": found.duties.scenario, "against": found.duties.against}
    changed = {side: with_expected(duties, setting.draws) for side, duties in sides.items()}
    if not any(changed.values()):
        return None
    pairs = {}
    for closure, pair in found.canola.items():
        solved = {side: canola_solution(setting, duties, closure, suspended=False) if duties else getattr(pair, side)
                  for side, duties in changed.items()}  # fmt: skip
        pairs[closure] = Pair(**solved)
    expected = {side: with_expected(duties, setting.weighted) or duties for side, duties in sides.items()}
    market = market_of(setting, setting.weighted, Pair(**expected), found.market.base)
    return changes.canola_change(pairs, Pair(market.scenario, market.against)).income


def with_expected(
    duties: Mapping[tuple[str, str], object], drawn: pd.DataFrame
) -> dict[tuple[str, str], object] | None:
    """`duties` with the expected duty on seed in place of the deposit; None where the deposit is not in them."""
    charged, start = _rate(duties), float(regimes.base_canola()[SEED_TO_CHINA])
    if not np.isclose(charged, deposit()):
        return None
    return {**duties, SEED_TO_CHINA: start + drawn["duty_expected_2025"].to_numpy(float)}


def deposit() -> float:
    """Duty on seed into China at the end of 2025, ordinary duty and deposit."""
    return _rate(regimes.canola(scenarios.load(STATUS_QUO)))


def _rate(duties: Mapping[tuple[str, str], object]) -> float:
    return float(np.median(np.asarray(duties[SEED_TO_CHINA], dtype=float)))


def treatments(found: Simulation) -> dict[str, VehicleChange]:
    """The electric-car outputs under every rule for cars above the quota; empty where the scenario has no quota."""
    if found.regimes.scenario.quota is None:
        return {}
    return {name: changes.vehicle_change(treatment(found.setting, name), True) for name in TREATMENTS}
