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

from tradeexposure.canola.market import base_year as canola_base_year
from tradeexposure.canola.market import equilibrium
from tradeexposure.canola.market.base_year import CanolaBase
from tradeexposure.canola.market.bases import MarketBase
from tradeexposure.canola.market.closures import CLOSURES
from tradeexposure.canola.market.draws import with_kappa
from tradeexposure.canola.market.outcome import CanolaOutcome
from tradeexposure.core import arrays
from tradeexposure.core.arrays import Floats
from tradeexposure.core.errors import BadInput
from tradeexposure.policy import assumptions, regimes, scenarios, studies
from tradeexposure.policy.canola_cells import AT_CHINA, SEED, SEED_TO_CHINA
from tradeexposure.policy.regimes import VehicleRegime
from tradeexposure.policy.scenario_schema import Scenario
from tradeexposure.policy.scenarios import Comparison
from tradeexposure.reporting.parameters import MOST_DRAWS
from tradeexposure.scenarios.account.both_sectors import Account
from tradeexposure.scenarios.simulation import weighted
from tradeexposure.scenarios.simulation.weighted import Market
from tradeexposure.vehicles.market import account as vehicle_account
from tradeexposure.vehicles.market import base_year as vehicle_base_year
from tradeexposure.vehicles.market import model, us_exports
from tradeexposure.vehicles.market.base_year import EvBase
from tradeexposure.vehicles.market.outcome import EvOutcome
from tradeexposure.vehicles.market.us_exports import UsBase

Duties = Mapping[tuple[str, str], Any]
YEAR = "a year"  # period of a number whose baseline is named beside it
FEWEST = 1000  # draws below which the ends of a range move by more than their printed digits
#: Numbers of earlier notebooks that take the place of priors.
VOLUME, DEMAND = "canola.trade_effect.2019.counterfactual", "ev.demand_semi_elasticity.bev.allowed"


@dataclass(frozen=True)
class Setting:
    """What is simulated.

    Attributes
    ----------
    compared : Comparison
        The scenario and what it is measured against.
    draws : DataFrame
        One row per draw, one column per prior.
    weighted, official : DataFrame
        The same draws with the canola market's parameters from rows weighed by history, and by official data alone.
    canola, vehicles, us
        Base years of the models.
    titled : bool
        Whether numbers say in words what they are measured against; without, another title changes none of them.
    """

    compared: Comparison
    draws: pd.DataFrame
    weighted: pd.DataFrame
    official: pd.DataFrame
    canola: CanolaBase
    vehicles: EvBase
    us: UsBase
    titled: bool = True

    @property
    def scenario(self) -> Scenario:
        """The scenario itself."""
        return self.compared.scenario

    @property
    def against_title(self) -> str:
        """What the scenario is measured against, in words."""
        return self.compared.against_title

    @property
    def period(self) -> str:
        """The time that a change is about, and what it is measured against."""
        return f"a year, against: {self.against_title}" if self.titled else YEAR


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
    market : Market
        The market of origins over weighted rows: the headline.
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
    market: Any  # a Market
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


def prepare(
    chosen: Scenario | str,
    *,
    draws: int,
    seed: int,
    replaced: Mapping[str, tuple[float, float, float]],
    rows: pd.DataFrame,
) -> Setting:
    """Read the scenario, draw the priors, take over the weighted `rows` and calibrate both base years.

    Raises
    ------
    BadInput
        An unknown scenario or one that cannot be used, too few or too many draws, or a seed below 0.
    """
    compared = scenarios.compared(chosen)
    drawn = joint(compared.scenario, draws=draws, seed=seed, replaced=replaced)
    cars = vehicle_base_year.calibrate(regimes.base_vehicles())
    own, official = (weighted.joint_draws(rows, drawn, compared.scenario, official=part) for part in (False, True))
    return Setting(compared, drawn, own, official, base_of(studies.OTHER_MODELS), cars, us_exports.calibrate())


def base_of(choice: str) -> CanolaBase:
    """The base of canola on the years of a choice in ``data/studies.yml``, with the duties before the measures."""
    return canola_base_year.calibrate(year=studies.base_years(choice).years, duties=regimes.base_canola())


def joint(
    scenario: Scenario, *, draws: int, seed: int, replaced: Mapping[str, tuple[float, float, float]]
) -> pd.DataFrame:
    """Joint draws under the scenario's horizon and the assumptions that it fixes."""
    if not FEWEST <= draws <= MOST_DRAWS:
        raise BadInput("simulation", "draws", found=str(draws), allowed=f"{FEWEST} to {MOST_DRAWS}")
    if seed < 0:
        raise BadInput("simulation", "seed", found=str(seed), allowed="0 or more")
    fixed = dict(scenario.assumptions)
    kept = {prior: ends for prior, ends in replaced.items() if prior not in fixed}
    drawn = assumptions.draws(draws, seed=seed, horizon=scenario.horizon, fixed=fixed, estimates=kept)
    return with_kappa(drawn, scenario.horizon)


def solve(setting: Setting) -> Simulation:
    """Solve every model for the scenario and for what it is measured against."""
    solved = solve_vehicles(setting, vehicle_regimes(setting, above_quota=setting.scenario.above_quota))
    return with_canola(solved, canola_duties(setting))


def canola_duties(setting: Setting) -> Pair:
    """Duties on Canadian canola in the scenario and in what it is measured against."""
    return Pair(regimes.canola(setting.scenario), regimes.canola_against(setting.compared))


def unsolved(setting: Setting) -> Simulation:
    """Nothing solved yet."""
    return Simulation(setting, None, {}, *[Pair(None, None)] * 5)


def solve_vehicles(setting: Setting, law: Pair) -> Simulation:
    """Solutions of the models of vehicles under two regimes; those of canola are left out."""
    one_year, long_run = (vehicle_exports(setting, law, horizon=horizon) for horizon in us_exports.HORIZONS)
    cars = vehicle_pair(setting, law)
    return replace(unsolved(setting), vehicles=cars, regimes=law, us=one_year, us_long=long_run)


def with_canola(solved: Simulation, duties: Pair) -> Simulation:
    """The same with both regimes of the models of canola."""
    setting = solved.setting
    canola = {closure: canola_pair(setting, duties, closure) for closure in CLOSURES}
    return replace(solved, market=market_of(setting, setting.weighted, duties), canola=canola, duties=duties)


def market_of(setting: Setting, rows: pd.DataFrame, duties: Pair, base: MarketBase | None = None) -> Market:
    """Both regimes of the market of origins over some rows, on today's base unless another is given."""
    return weighted.solve(
        weighted.today(rows) if base is None else base,
        rows,
        duties.scenario,
        duties.against,
        suspended=setting.scenario.licence_suspension,
    )


def incomes(found: Simulation) -> dict[str, Floats]:
    """Change of growers' income otherwise weighed, and by one duty alone; C$ a year."""
    setting, duties = found.setting, found.duties
    suspended = setting.scenario.licence_suspension
    return {
        "unweighted": market_of(setting, setting.draws, duties).income,
        "official_data_only": market_of(setting, setting.official, duties).income,
        **weighted.parts(found.market, setting.weighted, duties.scenario, duties.against, suspended=suspended),
    }


def account(found: Simulation) -> Account:
    """Who in Canada gains or loses in both sectors, draw by draw."""
    cars = vehicle_account.between(found.vehicles.scenario, found.vehicles.against, found.setting.draws)
    return weighted.account(found.market, cars)


def vehicle_regimes(setting: Setting, *, above_quota: str) -> Pair:
    """Regimes of vehicles under one reading of the law above the quota; the rest is that of the scenario's day."""
    chosen = setting.scenario.model_copy(update={"above_quota": above_quota})
    compared = replace(setting.compared, scenario=chosen)
    return Pair(regimes.vehicles(chosen, setting.draws), regimes.vehicles_against(compared, setting.draws))


def canola_pair(setting: Setting, duties: Pair, closure: str) -> Pair:
    """Both regimes of the canola model in one closure."""
    return Pair(
        canola_solution(setting, duties.scenario, closure, suspended=setting.scenario.licence_suspension),
        canola_solution(setting, duties.against, closure, suspended=False),
    )


def canola_solution(setting: Setting, duties: Duties, closure: str, *, suspended: bool) -> CanolaOutcome:
    """One solution; where licences are suspended the volume to China is that of the fall of 2019."""
    if suspended:
        return suspension(setting, duties, closure)[1]
    return equilibrium.simulate(setting.canola, setting.draws, duties, closure=closure)


def suspension(setting: Setting, duties: Duties, closure: str) -> tuple[Floats, CanolaOutcome]:
    """The duty on seed into China that stands for suspended licences, and the solution under it.

    Where canola is one good China's buyers are indifferent at that duty, and the duty alone does not fix the volume.
    The volume of the suspension is known; the difference goes to other markets at the same price, in their proportions.
    """
    base, draws = setting.canola, setting.draws
    fall = draws["volume_fall_2019"].to_numpy(float)
    rate = np.asarray(equilibrium.equivalent_tariff(base, draws, fall, closure=closure), dtype=np.float64)
    found = equilibrium.simulate(base, draws, {**duties, SEED_TO_CHINA: rate}, closure=closure)
    imposed = (1 - fall) * base.canada_kt[AT_CHINA, SEED]
    moved = found.volume(*SEED_TO_CHINA) - imposed
    elsewhere = found.volume_kt[:, :, SEED].sum(axis=1) - found.volume(*SEED_TO_CHINA)
    volume = found.volume_kt.copy()
    volume[:, :, SEED] *= (1 + moved / elsewhere)[:, None]
    volume[:, AT_CHINA, SEED] = imposed
    return rate, replace(found, volume_kt=volume, diverted_kt=found.diverted_kt + moved)


def vehicle_pair(setting: Setting, found: Pair) -> Pair:
    """Both regimes of the electric-car model, with no China-built car where the duty on each shut them out."""
    base, draws = setting.vehicles, setting.draws

    def solved(regime: VehicleRegime) -> EvOutcome:
        observed = vehicle_account.as_observed(regime)
        return arrays.solution_of(
            "cars", (observed,), lambda: model.simulate(base, draws, observed), same=(base, draws)
        )

    return Pair(solved(found.scenario), solved(found.against))


def vehicle_exports(setting: Setting, found: Pair, *, horizon: str) -> Pair:
    """Both regimes of vehicles sold to the United States, each against the base year."""
    start = regimes.base_vehicles(setting.draws)
    return Pair(*(us_exports.simulate(setting.us, setting.draws, one, start, horizon=horizon)
                  for one in (found.scenario, found.against)))  # fmt: skip


def treatment(setting: Setting, above_quota: str) -> Pair:
    """Both regimes of the electric-car model with another treatment of cars above the quota."""
    return vehicle_pair(setting, vehicle_regimes(setting, above_quota=above_quota))
