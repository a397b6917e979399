"""One scenario and what it is measured against, solved from the base by every model over the same draws.

Both regimes start from the base, so that a change does not depend on the path: it is the difference of two
solutions, and imposing and then removing a regime returns to the base. The market of canola by origin is solved for
rows that history weighs, taken in proportion to their weights: plain quantiles over them are weighted ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from tradeexposure.canola import weights
from tradeexposure.canola.market import account as canola_account
from tradeexposure.canola.market import bases, logit, logit_solver
from tradeexposure.canola.market.bases import MarketBase
from tradeexposure.canola.market.logit import Behaviour
from tradeexposure.canola.market.logit_solver import LogitOutcome
from tradeexposure.core import arrays
from tradeexposure.core.arrays import Floats
from tradeexposure.core.errors import BadInput
from tradeexposure.policy import assumptions, regimes, scenarios, studies
from tradeexposure.policy.assumptions import Horizon
from tradeexposure.policy.regimes import VehicleRegime
from tradeexposure.policy.scenario_schema import Scenario
from tradeexposure.policy.scenarios import Comparison
from tradeexposure.policy.tariff_index import MEAL_TO_CHINA, SEED_TO_CHINA
from tradeexposure.reporting.parameters import MOST_DRAWS
from tradeexposure.scenarios.simulation import messages
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
#: The table of weighted rows that the notebook on weights hands over.
TABLE = "canola_weighted_rows"
FALL = weights.study.FALL
SAME_SUM = 1e-9  # of what growers, handlers, crushers and users move in all
LEAST_MOVED = 1e-4  # of receipts: what moves less is held against that, since solutions are as exact as the whole


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
        named = messages.parts(ending)
        when = THE_FIRST if messages.FIRST_YEAR in named or self.scenario.horizon == "crop_year" else YEAR
        beside = self.compared.beside
        second = beside is not None and messages.against(self.scenario) in named
        if not self.titled or messages.CURVE in named:
            return when
        return f"{when}, against: {beside.against_title if beside and second else self.against_title}"


@dataclass(frozen=True, eq=False)
class Market:
    """Both regimes of the market of origins over the same rows."""

    base: MarketBase
    behaviour: Behaviour
    scenario: LogitOutcome
    against: LogitOutcome

    @property
    def income(self) -> Floats:
        """Change of growers' producer surplus, C$ a year."""
        return self.scenario.producer_surplus_cad - self.against.producer_surplus_cad

    @property
    def account(self) -> canola_account.CanolaAccount:
        """Who gains on canola."""
        return canola_account.between(self.base, self.behaviour, self.scenario, self.against)

    def over(self, duties: Duties) -> Market:
        """The same scenario over other duties that would have come."""
        return replace(self, against=logit_solver.simulate(self.base, self.behaviour, duties, near=self.against))

    def first(self, count: int) -> Market:
        """The first `count` rows."""
        some = slice(count)
        sides = (self.scenario.take(some), self.against.take(some))
        return Market(self.base.take(some), self.behaviour.take(some), *sides)

    def account_apart(self) -> float:
        """Largest distance of the account's sum from Canada's net exports integrated over prices, as a share.

        Of what moves, or of :data:`LEAST_MOVED` of receipts.
        """
        account = self.account
        size = np.max(np.abs([*vars(account).values()]), axis=0)
        net_exports = canola_account.by_net_exports(self.base, self.behaviour, self.scenario, self.against)
        return float(
            (np.abs(account.total - net_exports) / np.maximum(size, LEAST_MOVED * self.base.receipts_cad)).max()
        )


@dataclass(frozen=True)
class Pair:
    """Solutions of one model for the scenario and for what it is measured against."""

    scenario: Any
    against: Any


UNSOLVED = Pair(None, None)


@dataclass(frozen=True)
class Simulation:
    """Solutions of all models; pairs are of nothing where a model was not solved."""

    setting: Setting
    #: The canola market over weighted rows, by what its numbers' identifiers end with: the headline under the empty
    #: name, the first year where that is another one, and both against the second counterfactual where there is one.
    markets: Mapping[str, Market] = field(default_factory=dict)
    duties: Pair = UNSOLVED  #: Duties on Canadian canola, by market and product.
    beside: Duties | None = None  #: Those of the second counterfactual.
    #: A year with all makers there, and the first year, in which they enter.
    vehicles: Pair = UNSOLVED
    first_year: Pair = UNSOLVED
    regimes: Pair = UNSOLVED  #: Pair of VehicleRegime.
    #: Vehicles sold to the United States within a year and in the long run, both against the base year.
    us: Pair = UNSOLVED
    us_long: Pair = UNSOLVED

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
    own, official = (weighted_draws(rows, drawn, chosen, horizon=horizon, official=part) for part in (False, True))
    first = weighted_draws(rows, drawn, chosen, horizon="crop_year")
    counted = weighed_cars(cars, drawn, seed=seed)
    return Setting(compared, drawn, counted, own, official, first, cars, us_exports.calibrate(), seed)


def weighted_draws(
    table: pd.DataFrame, drawn: pd.DataFrame, chosen: Scenario, *, horizon: Horizon, official: bool = False
) -> pd.DataFrame:
    """Draws with the market's parameters from the weighted rows, as many as there are draws.

    Parameters
    ----------
    table : DataFrame
        Handed over by the notebook on weights.
    drawn : DataFrame
        Joint draws of all priors; what the rows do not hold is kept.
    chosen : Scenario
        Fixes parameters, growers' supply in its own horizon alone; how far rivals turn is a multiple of their supply's
        elasticity, whatever that is fixed at.
    official : bool
        Rows by official data alone.
    """
    own = table[table[weights.study.OFFICIAL_ONLY] == int(official)]
    taken = own.iloc[np.resize(np.arange(len(own)), len(drawn))].set_axis(drawn.index)
    columns = {name: taken[name] for name in (*logit.USED, logit.GROWTH, "duty_expected_2025", FALL)}
    columns[logit.TURNING] = taken[logit.KAPPA] / taken["other_supply"]
    if horizon == "acreage":
        columns["seed_supply"] = taken[weights.simulated_history.ACREAGE]
    fixed = {
        name: value
        for name, value in chosen.assumptions.items()
        if name in columns and (name != "seed_supply" or horizon == chosen.horizon)
    }
    return logit.with_kappa(drawn.assign(**columns).assign(**fixed), horizon)


def weighed_cars(base: EvBase, drawn: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Draws of all priors, those of electric cars taken as often as the first count under the quota bears them out."""
    names = [name for name, prior in assumptions.load().items() if prior.moves == "ev"]
    return drawn.assign(**entry.weighed(base, drawn[names], regimes.vehicles_at_opening(), seed=seed))


def base_of(choice: str) -> MarketBase:
    """The canola market on the years of a choice in ``data/studies.yml``, with the duties before the measures."""
    years = studies.base_years(choice).years
    return arrays.solution_of(f"base years: {choice}", (), lambda: bases.of_years(years, regimes.base_canola()))


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
    law = vehicle_regimes(setting, above_quota=setting.scenario.above_quota)
    return with_canola(solve_vehicles(setting, law))


def solve_vehicles(setting: Setting, law: Pair) -> Simulation:
    """Solutions of the models of vehicles under two regimes; those of canola are left out."""
    one_year, long_run = (vehicle_exports(setting, law, horizon=horizon) for horizon in us_exports.HORIZONS)
    cars, first = vehicle_pair(setting, law), vehicle_pair(setting, law, first_year=True)
    return Simulation(setting, vehicles=cars, first_year=first, regimes=law, us=one_year, us_long=long_run)


def with_canola(solved: Simulation) -> Simulation:
    """The same with the regimes of the canola market, over every horizon and counterfactual that the scenario has."""
    setting, second = solved.setting, solved.setting.compared.beside
    duties, beside = canola_duties(setting), regimes.canola_against(second) if second else None
    rows = {"": setting.weighted}
    if setting.scenario.horizon == "acreage":
        rows[messages.FIRST_YEAR] = setting.first_year
    markets = {horizon: market_of(setting, some, duties) for horizon, some in rows.items()}
    if beside is not None:
        ending = messages.against(setting.scenario)
        # Another search for the same solution ends some millionths of a dollar away, which is no gain.
        same = beside == duties.scenario and not setting.scenario.licence_suspension
        markets |= {messages.part(ending, horizon):
                    replace(market, against=market.scenario) if same else market.over(beside)
                    for horizon, market in markets.items()}  # fmt: skip
    return replace(solved, markets=markets, duties=duties, beside=beside)


def canola_duties(setting: Setting) -> Pair:
    """Duties on Canadian canola in the scenario and in what it is measured against."""
    return Pair(regimes.canola(setting.scenario), regimes.canola_against(setting.compared))


def today(some: pd.DataFrame) -> MarketBase:
    """Today's base of the canola market for some rows."""
    return arrays.solution_of(
        "today", (), lambda: weights.simulated_history.today(some, regimes.base_canola()), same=(some,)
    )


def market_of(setting: Setting, rows: pd.DataFrame, duties: Pair, base: MarketBase | None = None) -> Market:
    """Both regimes of the canola market over some rows, on today's base unless another is given.

    Where licences are suspended China keeps what is left by the fall of 2019.
    """
    base = today(rows) if base is None else base
    behaviour = logit.behaviour(base, rows)
    return Market(
        base,
        behaviour,
        logit_solver.simulate(base, behaviour, duties.scenario, kept_in_china=_kept(setting, rows)),
        logit_solver.simulate(base, behaviour, duties.against),
    )


def _kept(setting: Setting, rows: pd.DataFrame) -> Floats | None:
    return np.asarray(1 - rows[FALL].to_numpy(dtype=float)) if setting.scenario.licence_suspension else None


def incomes(simulation: Simulation) -> dict[str, Floats]:
    """Change of growers' income otherwise weighed, and if China's duty on one product alone changed; C$ a year."""
    setting, duties, market = simulation.setting, simulation.duties, simulation.market

    def alone(product: tuple[str, str], kept: Floats | None = None) -> Floats:
        only = {**duties.against, product: duties.scenario[product]}
        return replace(
            market, scenario=logit_solver.simulate(market.base, market.behaviour, only, kept_in_china=kept)
        ).income

    return {
        "unweighted": market_of(setting, setting.draws, duties).income,
        "official_data_only": market_of(setting, setting.official, duties).income,
        "seed_only": alone(SEED_TO_CHINA, _kept(setting, setting.weighted)),
        "meal_only": alone(MEAL_TO_CHINA),
    }


def vehicle_regimes(setting: Setting, *, above_quota: str) -> Pair:
    """Regimes of vehicles under one reading of the law above the quota; the rest is that of the scenario's day.

    Raises
    ------
    BadInput
        A second counterfactual with other rules for cars: its account has the cars of the first.
    """
    chosen = setting.scenario.model_copy(update={"above_quota": above_quota})
    compared = replace(setting.compared, scenario=chosen)
    if compared.beside is not None:
        observed = (model.as_observed(regimes.vehicles_against(side)) for side in (compared, compared.beside))
        first, second = (replace(regime, us_vehicle_duty=0.0) for regime in observed)
        if first != second:
            raise BadInput(f"scenario {chosen.name}", "also_against", found=str(chosen.also_against),
                           allowed=f"one with duties, quota and rebates on cars of {chosen.against}")  # fmt: skip
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
