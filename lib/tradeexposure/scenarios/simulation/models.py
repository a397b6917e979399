"""One scenario and what it is measured against, solved from the base by every model over the same draws.

Both regimes start from the base, so that a change does not depend on the path: it is the difference of two
solutions, and imposing and then removing a regime returns to the base.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from tradeexposure.canola.market import bases, logit
from tradeexposure.canola.market.bases import MarketBase
from tradeexposure.core import arrays
from tradeexposure.core.arrays import Floats
from tradeexposure.core.errors import BadInput
from tradeexposure.policy import assumptions, regimes, scenarios, studies
from tradeexposure.policy.regimes import VehicleRegime
from tradeexposure.policy.scenario_schema import Scenario
from tradeexposure.policy.scenarios import Comparison
from tradeexposure.reporting.parameters import MOST_DRAWS
from tradeexposure.scenarios.simulation import counterfactuals, headline_market
from tradeexposure.scenarios.simulation.headline_market import Market
from tradeexposure.vehicles.market import base_year as vehicle_base_year
from tradeexposure.vehicles.market import entry, model, us_exports
from tradeexposure.vehicles.market.base_year import EvBase
from tradeexposure.vehicles.market.model import EvOutcome
from tradeexposure.vehicles.market.us_exports import UsBase

Duties = Mapping[tuple[str, str], Any]
YEAR, THE_FIRST = "a year", "the first year"  # periods of a number whose baseline is named beside it
FEWEST = 1000  # draws below which the ends of a range move by more than their printed digits
#: Numbers of earlier notebooks that take the place of priors.
VOLUME, DEMAND = "canola.trade_effect.2019.counterfactual", "ev.demand_semi_elasticity.bev.allowed"


@dataclass(frozen=True)
class Setting:
    """What is simulated."""

    compared: Comparison  #: The scenario and what it is measured against.
    draws: pd.DataFrame  #: One row per draw, one column per prior.
    #: The same draws with those of the electric-car market as often as the first count under the quota bears them out.
    cars: pd.DataFrame
    #: The same draws with the canola market's parameters from rows weighed by history, and by official data alone.
    weighted: pd.DataFrame
    official: pd.DataFrame
    #: The same weighted rows as the first year sees them: supply within the crop year, rivals' turning of the year.
    first_year: pd.DataFrame
    #: Base years of the models of vehicles.
    vehicles: EvBase
    us: UsBase
    seed: int  #: Start of the random numbers.
    #: Whether numbers say in words what they are measured against; without, another title changes none of them.
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
    def beside_title(self) -> str:
        """Its second counterfactual, in words; empty where the scenario names none."""
        return self.compared.beside.against_title if self.compared.beside else ""

    def period(self, ending: str = "") -> str:
        """The time that a change is about, and what it is measured against; by what its identifier ends with."""
        named = counterfactuals.parts(ending)
        when = THE_FIRST if counterfactuals.FIRST_YEAR in named else YEAR
        beside = self.compared.beside
        second = beside is not None and counterfactuals.against(self.scenario) in named
        if not self.titled or counterfactuals.CURVE in named:
            return when
        return f"{when}, against: {beside.against_title if beside and second else self.against_title}"


@dataclass(frozen=True)
class Pair:
    """Solutions of one model for the scenario and for what it is measured against."""

    scenario: Any
    against: Any


@dataclass(frozen=True)
class Simulation:
    """Solutions of all models."""

    setting: Setting
    #: The canola market over weighted rows, by what its numbers' identifiers end with: the headline under the empty
    #: name, the first year where that is another one, and both against the second counterfactual where there is one.
    markets: Mapping[str, Market]
    duties: Pair  #: Duties on Canadian canola, by market and product.
    beside: Duties | None  #: Those of the second counterfactual.
    #: A year with all makers there, and the first year, in which they enter.
    vehicles: Pair
    first_year: Pair
    regimes: Pair  #: Pair of VehicleRegime.
    #: Vehicles sold to the United States within a year and in the long run, both against the base
    #: year.
    us: Pair
    us_long: Pair

    @property
    def market(self) -> Market:
        """The canola market of the headline."""
        return self.markets[""]


def estimates(earlier: pd.DataFrame) -> dict[str, tuple[float, float, float]]:
    """Ranges of notebooks 30 and 60 in the place of priors.

    Parameters
    ----------
    earlier : DataFrame
        ``book.earlier_results(VOLUME, DEMAND)``: index `result_id`; `value`, `low`, `high`.

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
    """Read the scenario, draw the priors, take over the weighted `rows` and calibrate the base years of vehicles.

    Raises
    ------
    BadInput
        An unknown scenario or one that cannot be used, too few or too many draws, or a seed below 0.
    """
    compared = scenarios.compared(chosen)
    drawn = joint(compared.scenario, draws=draws, seed=seed, replaced=replaced)
    cars = vehicle_base_year.calibrate(regimes.base_vehicles())
    chosen, horizon = compared.scenario, compared.scenario.horizon
    own, official = (
        headline_market.joint_draws(rows, drawn, chosen, horizon=horizon, official=part) for part in (False, True)
    )
    first = headline_market.joint_draws(rows, drawn, chosen, horizon="crop_year")
    counted = weighed_cars(cars, drawn, seed=seed)
    return Setting(compared, drawn, counted, own, official, first, cars, us_exports.calibrate(), seed)


def weighed_cars(base: EvBase, drawn: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Draws of all priors, those of electric cars taken as often as the first count under the quota bears them out."""
    names = [name for name, prior in assumptions.load().items() if prior.moves == "ev"]
    return drawn.assign(**entry.weighed(base, drawn[names], regimes.vehicles_at_opening(), seed=seed))


def base_of(choice: str) -> MarketBase:
    """The canola market on the years of a choice in ``data/studies.yml``, with the duties before the measures."""

    def calibrated() -> MarketBase:
        years = studies.base_years(choice).years
        return bases.of_years(years, regimes.base_canola())

    return arrays.solution_of(f"base years: {choice}", (), calibrated)


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
    return logit.with_kappa(drawn, scenario.horizon)


def solve(setting: Setting) -> Simulation:
    """Solve every model for the scenario and for what it is measured against."""
    solved = solve_vehicles(setting, vehicle_regimes(setting, above_quota=setting.scenario.above_quota))
    return with_canola(solved, canola_duties(setting), canola_beside(setting))


def canola_duties(setting: Setting) -> Pair:
    """Duties on Canadian canola in the scenario and in what it is measured against."""
    return Pair(regimes.canola(setting.scenario), regimes.canola_against(setting.compared))


def canola_beside(setting: Setting) -> Duties | None:
    """Those of the second counterfactual; None where the scenario names none."""
    return None if setting.compared.beside is None else regimes.canola_against(setting.compared.beside)


def unsolved(setting: Setting) -> Simulation:
    """Nothing solved yet."""
    none = Pair(None, None)
    return Simulation(setting, {}, none, None, *[none] * 5)


def solve_vehicles(setting: Setting, law: Pair) -> Simulation:
    """Solutions of the models of vehicles under two regimes; those of canola are left out."""
    one_year, long_run = (vehicle_exports(setting, law, horizon=horizon) for horizon in us_exports.HORIZONS)
    cars, first = vehicle_pair(setting, law), vehicle_pair(setting, law, first_year=True)
    return replace(unsolved(setting), vehicles=cars, first_year=first, regimes=law, us=one_year, us_long=long_run)


def with_canola(solved: Simulation, duties: Pair, beside: Duties | None) -> Simulation:
    """The same with the regimes of the canola market, over every horizon and counterfactual that the scenario has."""
    setting = solved.setting
    rows = {"": setting.weighted}
    if setting.scenario.horizon == "acreage":
        rows[counterfactuals.FIRST_YEAR] = setting.first_year
    markets = {horizon: market_of(setting, some, duties) for horizon, some in rows.items()}
    if beside is not None:
        second = counterfactuals.against(setting.scenario)
        markets |= {counterfactuals.part(second, horizon): counterfactuals.beside(market, beside)
                    for horizon, market in markets.items()}  # fmt: skip
    return replace(solved, markets=markets, duties=duties, beside=beside)


def market_of(setting: Setting, rows: pd.DataFrame, duties: Pair, base: MarketBase | None = None) -> Market:
    """Both regimes of the canola market over some rows, on today's base unless another is given."""
    return headline_market.solve(
        headline_market.today(rows) if base is None else base,
        rows,
        duties.scenario,
        duties.against,
        suspended=setting.scenario.licence_suspension,
    )


def incomes(simulation: Simulation) -> dict[str, Floats]:
    """Change of growers' income otherwise weighed, and by one duty alone; C$ a year."""
    setting, duties = simulation.setting, simulation.duties
    suspended = setting.scenario.licence_suspension
    return {
        "unweighted": market_of(setting, setting.draws, duties).income,
        "official_data_only": market_of(setting, setting.official, duties).income,
        **headline_market.parts(
            simulation.market, setting.weighted, duties.scenario, duties.against, suspended=suspended
        ),
    }


def vehicle_regimes(setting: Setting, *, above_quota: str) -> Pair:
    """Regimes of vehicles under one reading of the law above the quota; the rest is that of the scenario's day."""
    chosen = setting.scenario.model_copy(update={"above_quota": above_quota})
    compared = replace(setting.compared, scenario=chosen)
    return Pair(regimes.vehicles(chosen, setting.draws), regimes.vehicles_against(compared, setting.draws))


def vehicle_pair(setting: Setting, pair: Pair, *, first_year: bool = False) -> Pair:
    """Both regimes of the electric-car model, with no China-built car where the duty on each shut them out.

    In a year with all makers there, or in the first one, in which they enter where they do.
    """
    base, draws = setting.vehicles, setting.cars
    name, solve = ("cars_first_year", entry.first_year) if first_year else ("cars", model.simulate)

    def solved(regime: VehicleRegime) -> EvOutcome:
        observed = model.as_observed(regime)
        return arrays.solution_of(name, (observed,), lambda: solve(base, draws, observed), same=(base, draws))

    return Pair(solved(pair.scenario), solved(pair.against))


def vehicle_exports(setting: Setting, pair: Pair, *, horizon: str) -> Pair:
    """Both regimes of vehicles sold to the United States, each against the base year."""
    start = regimes.base_vehicles(setting.draws)
    return Pair(*(us_exports.simulate(setting.us, setting.draws, regime, start, horizon=horizon)
                  for regime in (pair.scenario, pair.against)))  # fmt: skip


def treatment(setting: Setting, above_quota: str) -> Pair:
    """Both regimes of the electric-car model with another treatment of cars above the quota."""
    return vehicle_pair(setting, vehicle_regimes(setting, above_quota=above_quota))
