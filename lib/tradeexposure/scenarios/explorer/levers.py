"""What the models give of one scenario where the explorer's levers stand: by horizon, against each counterfactual.

China's duties on seed and meal meet in one market, Canada's quota moves the registrations of cars alone, the US duty on
cars what is sold there alone; the sum of both sectors adds canola and cars draw by draw.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.interpolate import krogh_interpolate

from tradeexposure.canola.market import account as canola_account
from tradeexposure.canola.market import logit, logit_solver
from tradeexposure.canola.market.logit_solver import LogitOutcome
from tradeexposure.core import units
from tradeexposure.core.arrays import Floats, Ints
from tradeexposure.econometrics.inference.draws import TAILS
from tradeexposure.policy import regimes, scenario_grids, scenarios
from tradeexposure.policy.regimes import Rates, VehicleRegime
from tradeexposure.policy.scenario_schema import Scenario
from tradeexposure.policy.tariff_index import MEAL_TO_CHINA, SEED_TO_CHINA
from tradeexposure.scenarios.simulation import changes, messages, models
from tradeexposure.scenarios.simulation.models import Duties, Market, Pair, Setting
from tradeexposure.vehicles.market import entry, model, us_exports
from tradeexposure.vehicles.market.base_year import CHINA_BUILT
from tradeexposure.vehicles.market.model import EvOutcome
from tradeexposure.vehicles.market.us_exports import UsOutcome

Levers = Mapping[str, float]
#: Lever → the values of a scenario file that it moves; duties of China are what comes on top of the ordinary one.
LEVERS = {
    "seed": ("overrides.china_seed_antidumping.rate",),
    "meal": ("overrides.china_meal_additional.rate",),
    "quota": ("quantities.canada_ev_quota.annual_vehicles",),
    "us": ("overrides.us_232_vehicles.rate", "overrides.us_232_vehicles.rate_with_claim"),
}
CANOLA = {"seed": SEED_TO_CHINA, "meal": MEAL_TO_CHINA}
#: The lever sets the whole duty on meal, which no suspension then lifts.
NO_SUSPENSION = {"meal": {"overrides.china_meal_peas_suspension.suspended": True}}
US_MEASURE = "us_232_vehicles"
ADJUSTED, FIRST_YEAR = "adjusted", messages.FIRST_YEAR
HORIZONS = {ADJUSTED: "long_run", FIRST_YEAR: "one_year"}  # and how vehicles sold to the United States name it
BEFORE = 5  # solutions that say where the next begins; a sixth saves no further step
DIGITS, SHOWN = 5, range(2, 3)  # significant, of a number of the grid and of what a page shows of it
EXACT = 10  # decimals to which a duty is the same


class View(NamedTuple):
    """What a reader chooses beside the levers: a counterfactual, by its scenario's name, and a horizon."""

    against: str
    when: str


@dataclass(frozen=True, eq=False)
class Year:
    """The models over one horizon, with what the scenario is measured against solved."""

    market: Market  #: Both regimes of the market of origins, over the weighted rows that differ.
    again: Ints  #: Shape (draw,). Which of these rows each draw has.
    against: Mapping[str, LogitOutcome]  #: The market under each counterfactual.
    #: Registrations, of no counterfactual alone, and vehicles sold to the United States, under the first of them.
    cars: EvOutcome
    sales: UsOutcome
    drive: Callable[[VehicleRegime], EvOutcome]  #: Solves the market of cars under a regime.

    def solve(self, duties: Duties, near: LogitOutcome) -> LogitOutcome:
        """The market of origins, quickest from where a search near by ended."""
        return logit_solver.simulate(self.market.base, self.market.behaviour, duties, near=near)

    def levels(self, outcome: LogitOutcome) -> Floats:
        """Growers' surplus, farm price and what Canada gains on canola, each over the base's; (value, row)."""
        gains = canola_account.gains(self.market.base, self.market.behaviour, outcome)
        return np.stack([outcome.producer_surplus_cad, outcome.farm_price_change, gains.total])

    @cached_property
    def against_levels(self) -> dict[str, Floats]:
        """The same under each counterfactual."""
        return {name: self.levels(outcome) for name, outcome in self.against.items()}

    def canola(self, levels: Floats, against: str) -> dict[str, Floats]:
        """What these levels, (..., value, row), change of each, by row."""
        base = self.against_levels[against]
        surplus, farm, total = np.moveaxis(levels, -2, 0)
        return {"income": surplus - base[0], "price": (1 + farm) / (1 + base[1]) - 1, "account": total - base[2]}


@dataclass(frozen=True, eq=False)
class Start:
    """The scenario that the levers start from."""

    setting: Setting  #: As the scenario notebook prepares it.
    duties: Duties  #: Duties on Canadian canola in the scenario.
    against: Mapping[str, Duties]  #: The same in each counterfactual, by its scenario's name.
    regime: VehicleRegime  #: Regime of vehicles in the scenario.
    before: VehicleRegime  #: Regime of the base year of vehicles.
    years: Mapping[str, Year]  #: By horizon.

    @classmethod
    def of(cls, setting: Setting) -> Start:
        """Solve the scenario of a setting over both horizons, and its counterfactuals."""
        compared, duties = setting.compared, regimes.canola(setting.scenario)
        sides = [compared, *([compared.beside] if compared.beside else [])]
        against = {side.against.name if side.against else "": regimes.canola_against(side) for side in sides}
        pair = models.vehicle_regimes(setting, above_quota=setting.scenario.above_quota)
        years = {
            when: _year(setting, rows, duties, against, pair, when)
            for when, rows in {ADJUSTED: setting.weighted, FIRST_YEAR: setting.first_year}.items()
        }
        return cls(setting, duties, against, pair.scenario, regimes.base_vehicles(setting.draws), years)

    @property
    def views(self) -> list[View]:
        """All that can be chosen, first what the scenario's own numbers are."""
        return [View(name, when) for name in self.against for when in HORIZONS]

    @cached_property
    def ordinary(self) -> dict[str, float]:
        """China's ordinary duties, to which levers add."""
        none = self._moved({path: 0.0 for key in CANOLA for path in LEVERS[key]}, *CANOLA)
        return {key: float(regimes.canola(none)[cell]) for key, cell in CANOLA.items()}

    def under(self, **levers: float) -> Duties:
        """Duties on canola with the levers of seed and meal elsewhere."""
        return {**self.duties, **{CANOLA[key]: duty for key, duty in levers.items()}}

    def along(
        self,
        lever: str,
        settings: Floats,
        year: Year,
        ended: Mapping[float, LogitOutcome] | None = None,
        **beside: float,
    ) -> Iterator[LogitOutcome]:
        """The market under several duties of one lever in turn, quickest where each is near those before it.

        Parameters
        ----------
        ended : mapping of float to LogitOutcome, optional
            Solutions that are at hand, by their duty.
        **beside : float
            Where the lever beside it stands.
        """
        cell = CANOLA[lever]
        known = {float(duties[cell]): year.against[name] for name, duties in self.against.items()
                 if duties == self.under(**beside, **{lever: float(duties[cell])})}  # fmt: skip
        ended = dict(ended or {})
        for duty in settings.tolist():
            near = year.market.scenario
            if ended:  # on the polynomial through where the solutions before ended, by the duty that differs
                reached = np.stack([each.ended for each in ended.values()])
                near = replace([*ended.values()][-1], ended=krogh_interpolate(list(ended), reached, duty))
            outcome = known.get(duty) or year.solve(self.under(**beside, **{lever: duty}), near)
            ended = dict([*ended.items(), (duty, outcome)][-BEFORE:])
            yield outcome

    def at(self, **levers: float) -> Scenario:
        """The scenario with some levers elsewhere.

        Raises
        ------
        BadInput
            A value that a scenario file could not have, such as a seed duty below the ordinary one.
        """
        values = {key: value - self.ordinary.get(key, 0.0) for key, value in levers.items()}
        return self._moved({path: value for key, value in values.items() for path in LEVERS[key]}, *levers)

    def _moved(self, values: Mapping[str, float], *levers: str) -> Scenario:
        rounded = {path: round(value, EXACT) for path, value in values.items()}
        lifted = {path: value for key in levers for path, value in NO_SUSPENSION.get(key, {}).items()}
        chosen = self.setting.scenario
        return scenario_grids.variant(chosen, {**rounded, **lifted}, chosen.name, where="explorer")

    def under_quota(self, cars: float) -> VehicleRegime:
        """The regime of vehicles with another quota, of which the first half year has the same part."""
        part = (self.regime.first_window or 0.0) / (self.regime.quota or 1.0)
        return replace(self.regime, quota=cars, first_window=cars * part)

    def registered(self, regime: VehicleRegime, when: str) -> dict[str, Floats]:
        """China-built cars registered and what Canada gains on cars, by draw."""
        year = self.years[when]
        outcome = year.drive(model.as_observed(regime))
        account = model.account(outcome, year.cars)
        return {"cars": outcome.registrations[CHINA_BUILT], "account": account.total}

    def sold(self, regime: VehicleRegime, when: str) -> Floats:
        """Change of vehicles sold to the United States, C$ a year, by draw."""
        setting = self.setting
        sales = us_exports.simulate(setting.us, setting.draws, regime, self.before, horizon=HORIZONS[when])
        return changes.gap(Pair(sales, self.years[when].sales), changes.EXPORTS)

    def charged(self, duties: Floats) -> list[Rates]:
        """Average US duty after claims and content, by draw: a straight line in the duty."""
        free, full = (regimes.vehicles(self.at(us=duty), self.setting.draws).us_vehicle_duty for duty in (0.0, 1.0))
        here = levers_of(self.setting.scenario)["us"]
        return [self.regime.us_vehicle_duty + (duty - here) * (full - free) for duty in duties]

    def solved(self, levers: Levers) -> dict[View, dict[str, Floats]]:
        """Low end, median and high end of each outcome, all levers set in one scenario: the models and no grid."""
        chosen = self.at(**levers)
        regime, duties = regimes.vehicles(chosen, self.setting.draws), regimes.canola(chosen)
        ends = {}
        for when, year in self.years.items():
            levels = year.levels(year.solve(duties, year.market.scenario))
            cars, sales = self.registered(regime, when), self.sold(regime, when)
            for against in self.against:
                canola = {key: values[year.again] for key, values in year.canola(levels, against).items()}
                draws = {"income": canola["income"], "price": canola["price"], "cars": cars["cars"], "sales": sales,
                         "welfare": canola["account"] + cars["account"]}  # fmt: skip
                ends[View(against, when)] = {key: spreads(values) for key, values in draws.items()}
        return ends


def _year(
    setting: Setting, rows: pd.DataFrame, duties: Duties, against: Mapping[str, Duties], pair: Pair, when: str
) -> Year:
    """The market over the rows that differ, solved in the scenario and each counterfactual, and cars and sales."""
    some = rows[[*logit.USED, models.FALL]]
    again = np.asarray(some.groupby(list(some), sort=False).ngroup(), dtype=np.intp)
    first, *others = against
    market = models.market_of(setting, some[~some.duplicated()], Pair(duties, against[first]))
    solved = {name: market.over(against[name]).against for name in others}
    cars = models.vehicle_pair(setting, pair, first_year=when != ADJUSTED)
    drive = model.simulate if when == ADJUSTED else entry.first_year
    sales = models.vehicle_exports(setting, pair, horizon=HORIZONS[when]).against
    return Year(market, again, {first: market.against, **solved}, cars.against, sales,
                lambda regime: drive(setting.vehicles, setting.cars, regime))  # fmt: skip


def spreads(draws: Floats, digits: int = DIGITS, again: Ints | None = None) -> Floats:
    """Low end, median and high end over the last axis, in the last axis, to digits that are rounded once more.

    `again` (draw,): which place of the last axis each draw has, where several have the same.
    """
    some = draws.astype(np.float32)  # exact to seven digits, and quicker to sort than to search for six
    number = some.shape[-1] if again is None else len(again)
    places = np.multiply(TAILS, number - 1)
    below = np.floor(places).astype(int)
    above = np.minimum(below + 1, number - 1)
    if again is None:
        ranked = np.sort(some, axis=-1)
        low, high = ranked[..., below], ranked[..., above]
    else:
        order = np.argsort(some, axis=-1)
        until = np.cumsum(np.bincount(again)[order], axis=-1)
        low, high = (
            np.take_along_axis(some, np.take_along_axis(order, (until[..., None] > rank).argmax(axis=-2), -1), -1)
            for rank in (below, above)
        )
    spread = low + (places - below) * (high - low)
    short = [units.rounded_once(value, digits, shown=SHOWN) for value in spread.ravel().tolist()]
    return np.array(short).reshape(spread.shape) + 0.0


def levers_of(chosen: Scenario | str) -> dict[str, float]:
    """Where a scenario stands on each lever that it has."""
    scenario = scenarios.load(chosen) if isinstance(chosen, str) else chosen
    facts = scenarios.measures_in_force(scenario)
    charged = facts.find(US_MEASURE, scenario.facts_on)  # all of them, gone through, would be an entry
    duties = regimes.canola(scenario)
    levers = {
        **{key: duties[cell] for key, cell in CANOLA.items()},
        "quota": regimes.vehicles(scenario).quota,
        "us": charged.rate if charged else None,
    }
    return {key: float(value) for key, value in levers.items() if value is not None}


def part_of(name: str, *levers: str) -> dict[str, float]:
    """Where a scenario of the project stands on some levers."""
    places = levers_of(name)
    return {key: places[key] for key in levers}
