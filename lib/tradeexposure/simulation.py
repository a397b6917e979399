"""One scenario and what it is measured against, solved from the base year by every model over the same draws.

Both regimes start from the base year, so that a change does not depend on the path: it is the difference of two
solutions, and imposing and then removing a regime returns to the base.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from tradeexposure import canola_base, canola_model, ev_base, ev_model, priors, regimes, us_response
from tradeexposure import scenario as scenarios
from tradeexposure.canola_base import CanolaBase
from tradeexposure.canola_model import CanolaOutcome
from tradeexposure.errors import BadInput
from tradeexposure.ev_base import EvBase
from tradeexposure.scenario import Scenario
from tradeexposure.simulation_spread import CLOSURES
from tradeexposure.us_response import UsBase
from tradeexposure.vehicle_regime import VehicleRegime

Duties = Mapping[tuple[str, str], Any]
BEFORE = "before_measures"
SEED_TO_CHINA = ("china", "seed")
FEWEST = 1000  # draws below which the ends of a range move by more than their printed digits
#: Numbers of earlier notebooks that take the place of priors.
VOLUME, DEMAND = "canola.trade_effect.2019.counterfactual", "ev.demand_semi_elasticity.bev.allowed"


@dataclass(frozen=True)
class Setting:
    """What is simulated.

    Attributes
    ----------
    scenario : Scenario
    against : Scenario or None
        None stands for the duties before the measures.
    draws : DataFrame
        One row per draw, one column per prior.
    canola, vehicles, us
        Base years of the models.
    """

    scenario: Scenario
    against: Scenario | None
    draws: pd.DataFrame
    canola: CanolaBase
    vehicles: EvBase
    us: UsBase

    @property
    def against_title(self) -> str:
        """What the scenario is measured against, in words."""
        return self.against.title if self.against else "The duties before the measures"


@dataclass(frozen=True)
class Pair:
    """Solutions of one model for the scenario and for what it is measured against."""

    scenario: Any
    against: Any


@dataclass(frozen=True)
class Simulation:
    """Solutions of all models.

    Attributes
    ----------
    canola : mapping of str to Pair of CanolaOutcome
        By closure.
    duties : Pair of mapping
        Duties on Canadian canola, by market and product.
    vehicles : Pair of EvOutcome
    regimes : Pair of VehicleRegime
    us, us_long : Pair of UsOutcome
        Vehicles sold to the United States within a year and in the long run, both against the base year.
    """

    setting: Setting
    canola: Mapping[str, Pair]
    duties: Pair
    vehicles: Pair
    regimes: Pair
    us: Pair
    us_long: Pair


def estimates(earlier: pd.DataFrame) -> dict[str, tuple[float, float, float]]:
    """Ranges of notebooks 30 and 60 in the place of priors.

    Parameters
    ----------
    earlier : DataFrame
        ``book.earlier(VOLUME, DEMAND)``: index `result_id`; `value`, `low`, `high`.

    Returns
    -------
    dict
        Prior → (low, value, high): the fall of the volume of 2019 as a share, and the log change of registrations per
        C$1,000 of rebate (its change is published).
    """
    fall, demand = -earlier.loc[VOLUME, ["high", "value", "low"]].astype(float), earlier.loc[DEMAND]
    answer = np.log1p(demand[["low", "value", "high"]].astype(float))
    return {"volume_fall_2019": tuple(fall), "ev_semi_elasticity": tuple(answer)}


def prepare(name: str, *, draws: int, seed: int, replaced: Mapping[str, tuple[float, float, float]]) -> Setting:
    """Read the scenario, draw the priors and calibrate both base years.

    Raises
    ------
    BadInput
        An unknown scenario or one that cannot be used, or too few draws.
    """
    chosen = scenarios.load(name)
    against = None if chosen.against == BEFORE else scenarios.load(chosen.against)
    drawn = joint(chosen, draws=draws, seed=seed, replaced=replaced)
    return Setting(chosen, against, drawn, canola_base.calibrate(), ev_base.calibrate(regimes.base_vehicles()),
                   us_response.calibrate())  # fmt: skip


def joint(
    scenario: Scenario, *, draws: int, seed: int, replaced: Mapping[str, tuple[float, float, float]]
) -> pd.DataFrame:
    """Joint draws under the scenario's horizon and the assumptions that it fixes."""
    if draws < FEWEST:
        raise BadInput("70_simulate_scenario", "draws", found=str(draws), allowed=f"{FEWEST} or more")
    fixed = dict(scenario.assumptions)
    kept = {prior: ends for prior, ends in replaced.items() if prior not in fixed}
    return priors.draws(draws, seed=seed, horizon=scenario.horizon, fixed=fixed, estimates=kept)


def canola_duties(scenario: Scenario | None, draws: pd.DataFrame) -> dict[tuple[str, str], Any]:
    """Duties on Canadian canola by market and product; those of the base year without a scenario."""
    return dict(regimes.base_canola() if scenario is None else regimes.canola(scenario, draws))


def vehicle_regime(scenario: Scenario | None, draws: pd.DataFrame) -> VehicleRegime:
    """Duties, quota and rebates on vehicles; those of the base year without a scenario."""
    return regimes.base_vehicles() if scenario is None else regimes.vehicles(scenario, draws)


def same_rebates(found: Pair) -> Pair:
    """The regime measured against pays the scenario's rebates: programmes of the day, which no arrangement includes."""
    own = found.scenario
    return Pair(own, replace(found.against, rebate_cad=own.rebate_cad, rebate_china_cad=own.rebate_china_cad))


def solve(setting: Setting) -> Simulation:
    """Solve every model for the scenario and for what it is measured against."""
    draws = setting.draws
    duties = Pair(canola_duties(setting.scenario, draws), canola_duties(setting.against, draws))
    found = same_rebates(vehicle_regimes(setting))
    canola = {closure: canola_pair(setting, duties, closure) for closure in CLOSURES}
    one_year, long_run = (vehicle_exports(setting, found, horizon=horizon) for horizon in us_response.HORIZONS)
    return Simulation(setting, canola, duties, vehicle_pair(setting, found), found, one_year, long_run)


def vehicle_regimes(setting: Setting) -> Pair:
    """Regimes of vehicles with the rebates of their own days."""
    return Pair(*(vehicle_regime(one, setting.draws) for one in (setting.scenario, setting.against)))


def canola_pair(setting: Setting, duties: Pair, closure: str) -> Pair:
    """Both regimes of the canola model in one closure."""
    return Pair(
        canola_solution(setting, duties.scenario, closure, suspended=setting.scenario.licence_suspension),
        canola_solution(setting, duties.against, closure, suspended=False),
    )


def canola_solution(setting: Setting, duties: Duties, closure: str, *, suspended: bool) -> CanolaOutcome:
    """One solution; where licences are suspended the duty on seed is the one that gives the fall of 2019."""
    base, draws = setting.canola, setting.draws
    charged = dict(duties)
    if suspended:
        fall = draws["volume_fall_2019"].to_numpy(float)
        charged[SEED_TO_CHINA] = canola_model.equivalent_tariff(base, draws, fall, closure=closure)
    return canola_model.simulate(base, draws, charged, closure=closure)


def vehicle_pair(setting: Setting, found: Pair) -> Pair:
    """Both regimes of the electric-car model."""
    solve_one = ev_model.simulate
    base, draws = setting.vehicles, setting.draws
    return Pair(solve_one(base, draws, found.scenario), solve_one(base, draws, found.against))


def vehicle_exports(setting: Setting, found: Pair, *, horizon: str) -> Pair:
    """Both regimes of vehicles sold to the United States, each against the base year."""
    start = regimes.base_vehicles()
    return Pair(*(us_response.simulate(setting.us, setting.draws, one, start, horizon=horizon)
                  for one in (found.scenario, found.against)))  # fmt: skip


def treatment(setting: Setting, above: str) -> Pair:
    """Both regimes of the electric-car model with another treatment of cars above the quota, rebates alike."""
    both = [one and one.model_copy(update={"above_quota": above}) for one in (setting.scenario, setting.against)]
    return vehicle_pair(setting, same_rebates(Pair(*(vehicle_regime(one, setting.draws) for one in both))))


def other_base(setting: Setting, base: CanolaBase) -> Setting:
    """The same setting on another base year of canola."""
    return replace(setting, canola=base)


def cells(setting: Setting) -> pd.DataFrame:
    """Every cell of both base years: `sector`, `cell`, `value`, `unit`, `source`, `assumed`."""
    canola = setting.canola.cells()
    named = canola[["quantity", "origin", "market", "product"]].agg(", ".join, axis=1)
    parts = [canola.assign(sector="canola", cell=named), setting.vehicles.cells().assign(sector="electric cars"),
             setting.us.cells.assign(sector="United States")]  # fmt: skip
    columns = ["sector", "cell", "value", "unit", "source", "assumed"]
    return pd.concat([part[columns] for part in parts], ignore_index=True)

