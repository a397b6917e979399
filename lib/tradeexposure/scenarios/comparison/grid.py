"""The grid behind the explorer: what one scenario gives over three levers, solved once, with straight lines between.

China's duty on seed moves canola alone, Canada's quota the registrations of cars alone, the US duty on cars what is
sold there alone, so that these outcomes need one lever each. The sum of both sectors adds canola and cars draw by draw
and its quantiles are not the sum of theirs: it is worked out for every pair of duty and quota.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.interpolate import krogh_interpolate

from tradeexposure.canola.market import draws as canola_draws
from tradeexposure.canola.market import logit_solver
from tradeexposure.canola.market.logit_solver import LogitOutcome
from tradeexposure.core.arrays import Floats, Ints
from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.inference.draws import TAILS
from tradeexposure.policy import regimes, scenario_grids, scenarios
from tradeexposure.policy.canola_cells import SEED_TO_CHINA
from tradeexposure.policy.regimes import Rates, VehicleRegime
from tradeexposure.policy.scenario_schema import Scenario
from tradeexposure.reporting import Book
from tradeexposure.scenarios.simulation import changes, models, weighted
from tradeexposure.scenarios.simulation.models import Duties, Pair, Setting
from tradeexposure.scenarios.simulation.weighted import Market
from tradeexposure.vehicles.market import account as vehicle_account
from tradeexposure.vehicles.market import model, us_exports
from tradeexposure.vehicles.market.base_year import CHINA_BUILT
from tradeexposure.vehicles.market.outcome import EvOutcome
from tradeexposure.vehicles.market.us_exports import UsOutcome

Levers = dict[str, float]
#: Lever → the values of a scenario file that it moves; the seed duty is what comes on top of the ordinary one.
LEVERS = {
    "seed": ("overrides.china_seed_antidumping.rate",),
    "quota": ("quantities.canada_ev_quota.annual_vehicles",),
    "us": ("overrides.us_232_vehicles.rate", "overrides.us_232_vehicles.rate_with_claim"),
}
US_MEASURE = "us_232_vehicles"
#: Outcome → the number of the scenario notebook that it is.
OUTCOMES = {
    "income": "scenario.canola.grower_income_change_cad",
    "price": "scenario.canola.producer_price_change",
    "cars": "scenario.ev.china_built_registrations",
    "sales": "scenario.us.vehicle_export_change_cad",
    "welfare": "scenario.welfare.canada_cad",
}
BEFORE = 5  # solutions that say where the next begins; a sixth saves no further step
DIGITS = 5  # significant, of a number of the grid
EXACT = 10  # decimals to which a duty is the same
#: An error is a share of the range at its setting, or of this part of the outcome's widest where that is narrower: so
#: narrow a range, as where the quota is filled in every draw, is less than the page can draw beside the widest.
LEAST = 0.01
MOST_VALUES = 7_000  # of all outcomes: what a page takes of them
MOST_NAMED = 100  # scenarios on the levers that are solved for the grid; more would take minutes


@dataclass(frozen=True, eq=False)
class Start:
    """The scenario that the levers start from, with what it is measured against solved.

    Attributes
    ----------
    setting : Setting
        As the scenario notebook prepares it.
    duties : mapping
        Duties on Canadian canola in the scenario.
    regime : VehicleRegime
        Regime of vehicles in the scenario.
    market : Market
        Both regimes of the market of origins, over the weighted rows that differ.
    again : array (draw,)
        Which of these rows each draw has.
    before : VehicleRegime
        Regime of the base year of vehicles.
    cars, sales
        Registrations and vehicles sold to the United States under what the scenario is measured against.
    ordinary : float
        China's ordinary duty on seed, to which the lever adds.
    """

    setting: Setting
    duties: Duties
    regime: VehicleRegime
    before: VehicleRegime
    market: Market
    again: Ints
    cars: EvOutcome
    sales: UsOutcome
    ordinary: float

    @classmethod
    def of(cls, setting: Setting) -> Start:
        """Solve the scenario of a setting."""
        duties = Pair(regimes.canola(setting.scenario), regimes.canola_against(setting.compared))
        pair = models.vehicle_regimes(setting, above_quota=setting.scenario.above_quota)
        rows = setting.weighted[[*canola_draws.USED, weighted.FALL]]
        again = np.asarray(rows.groupby(list(rows), sort=False).ngroup(), dtype=np.intp)
        return cls(
            setting,
            duties.scenario,
            pair.scenario,
            regimes.base_vehicles(setting.draws),
            models.market_of(setting, rows[~rows.duplicated()], duties),
            again,
            models.vehicle_pair(setting, pair).against,
            models.vehicle_exports(setting, pair, horizon="one_year").against,
            regimes.canola(_moved(setting.scenario, dict.fromkeys(LEVERS["seed"], 0.0)))[SEED_TO_CHINA],
        )

    def at(self, **levers: float) -> Scenario:
        """The scenario with some levers elsewhere.

        Raises
        ------
        BadInput
            A value that a scenario file could not have, such as a seed duty below the ordinary one.
        """
        values = {**levers, **({"seed": levers["seed"] - self.ordinary} if "seed" in levers else {})}
        return _moved(self.setting.scenario, {path: value for key, value in values.items() for path in LEVERS[key]})

    def canola(self, duties: Duties) -> dict[str, Floats]:
        """Growers' income, farm price and what Canada gains on canola, by draw."""
        return next(self.canola_under([duties]))

    def canola_under(self, each: Iterable[Duties]) -> Iterator[dict[str, Floats]]:
        """The same under several duties in turn, quickest where each is near those before it."""
        solved: dict[float, LogitOutcome] = {}  # the last ones, by their duty on seed
        for duties in each:
            near = _onwards(solved, duties) if solved else None
            outcome = logit_solver.simulate(self.market.base, self.market.behaviour, duties, near=near)
            yield self._gains(outcome)
            solved = dict([*solved.items(), (float(duties[SEED_TO_CHINA]), outcome)][-BEFORE:])

    def _gains(self, outcome: LogitOutcome) -> dict[str, Floats]:
        market = replace(self.market, scenario=outcome)
        price = changes.relative(Pair(market.scenario, market.against), "farm_price_change")
        gains = {"income": market.income, "price": price, "account": market.account.total}
        return {key: values[self.again] for key, values in gains.items()}

    def registered(self, regime: VehicleRegime) -> dict[str, Floats]:
        """China-built cars registered and what Canada gains on cars, by draw."""
        setting = self.setting
        outcome = model.simulate(setting.vehicles, setting.cars, vehicle_account.as_observed(regime))
        account = vehicle_account.between(outcome, self.cars, setting.cars)
        return {"cars": outcome.registrations[CHINA_BUILT], "account": account.total}

    def sold(self, regime: VehicleRegime) -> Floats:
        """Change of vehicles sold to the United States, C$ a year, by draw."""
        setting = self.setting
        sales = us_exports.simulate(setting.us, setting.draws, regime, self.before)
        return changes.gap(Pair(sales, self.sales), changes.EXPORTS)

    def solved(self, levers: Levers) -> dict[str, Floats]:
        """Low end, median and high end of each outcome, all levers set in one scenario: the models and no grid."""
        chosen = self.at(**levers)
        regime = regimes.vehicles(chosen, self.setting.draws)
        canola, cars = self.canola(regimes.canola(chosen)), self.registered(regime)
        draws = {**canola, **cars, "sales": self.sold(regime), "welfare": canola["account"] + cars["account"]}
        return {key: spreads(draws[key]) for key in OUTCOMES}


def _onwards(solved: Mapping[float, LogitOutcome], duties: Duties) -> LogitOutcome:
    """Where some solutions ended, by their duty on seed, carried on to another on the polynomial through all."""
    places, outcomes, to = list(solved), list(solved.values()), float(duties[SEED_TO_CHINA])
    ended = np.stack([outcome.ended for outcome in outcomes])
    return replace(outcomes[-1], ended=krogh_interpolate(places, ended, to))


def _moved(chosen: Scenario, values: Mapping[str, float]) -> Scenario:
    rounded = {path: round(value, EXACT) for path, value in values.items()}
    return scenario_grids.variant(chosen, rounded, chosen.name, where="explorer")


@dataclass(frozen=True, eq=False)
class Table:
    """One outcome over its levers.

    Attributes
    ----------
    nodes : mapping of str to array
        Settings of each lever that moves it, rising.
    values : array
        One axis for each lever, then low end, median and high end, in the unit of the number that it is.
    """

    nodes: Mapping[str, Floats]
    values: Floats

    def holds(self, levers: Levers) -> bool:
        """Whether the models were solved there and nothing lies between."""
        return all(levers[key] in some for key, some in self.nodes.items())

    def scale(self, values: Floats) -> Floats:
        """What distances from `values` are shares of: high end less low end, or :data:`LEAST` of the widest range."""
        return np.maximum(np.ptp(values, axis=-1, keepdims=True), LEAST * np.ptp(self.values, axis=-1).max())

    def without(self, lever: str, place: int) -> Table:
        """The same without one setting of a lever."""
        axis = list(self.nodes).index(lever)
        nodes = {**self.nodes, lever: np.delete(self.nodes[lever], place)}
        return Table(nodes, np.delete(self.values, place, axis))

    def between(self, levers: Levers) -> Floats:
        """Low end, median and high end on straight lines between the nodes.

        Raises
        ------
        BadInput
            A setting outside of the nodes.
        """
        values = self.values
        for key, some in self.nodes.items():
            if not some[0] <= levers[key] <= some[-1]:
                raise BadInput("explorer", key, found=f"{levers[key]:g}", allowed=f"{some[0]:g} to {some[-1]:g}")
            place = int(np.clip(np.searchsorted(some, levers[key], side="right") - 1, 0, len(some) - 2))
            part = (levers[key] - some[place]) / (some[place + 1] - some[place])
            values = (1 - part) * values[place] + part * values[place + 1]
        return np.asarray(values)


@dataclass(frozen=True, eq=False)
class Grid:
    """What was solved.

    Attributes
    ----------
    nodes : mapping of str to array
        Settings of each lever, rising.
    tables : mapping of str to Table
        By outcome.
    presets : mapping of str to mapping
        Words of a preset → all three levers.
    named : mapping of str to mapping
        Scenarios of the project that the levers reach, and where.
    held_out : int
        Settings drawn at random, all levers at once, at which straight lines were held against the models.
    errors : mapping of str to float
        By outcome: largest distance found there, see :func:`apart`.
    """

    start: Start
    nodes: Mapping[str, Floats]
    tables: Mapping[str, Table]
    presets: Mapping[str, Levers]
    named: Mapping[str, Levers]
    held_out: int
    errors: Mapping[str, float]

    def between(self, levers: Levers) -> dict[str, Floats]:
        """Low end, median and high end of each outcome on straight lines between the nodes."""
        return {key: table.between(levers) for key, table in self.tables.items()}


def spreads(draws: Floats) -> Floats:
    """Low end, median and high end over the last axis, to the digits of the grid and in the last axis."""
    # Sorted first: many times quicker than the search for each quantile, which then finds the same.
    spread = np.moveaxis(np.quantile(np.sort(draws, axis=-1), TAILS, axis=-1), 0, -1)
    return np.array([float(f"{value:.{DIGITS}g}") for value in spread.flat]).reshape(spread.shape) + 0.0


def reached(start: Start, nodes: Mapping[str, Floats]) -> dict[str, Levers]:
    """Scenarios of the project whose every duty, quota and comparison is one that the levers, within the outermost
    nodes, can be set to.
    """
    places = {name: levers_of(scenarios.load(name)) for name in scenarios.names()}
    inside = {name: levers for name, levers in places.items() if set(levers) == set(nodes) and all(
        some[0] <= levers[key] <= some[-1] for key, some in nodes.items())}  # fmt: skip
    return {name: levers for name, levers in inside.items() if _is_at(start, name, levers)}


def levers_of(chosen: Scenario | str) -> Levers:
    """Where a scenario stands on each lever that it has."""
    scenario = scenarios.load(chosen) if isinstance(chosen, str) else chosen
    facts = scenarios.measures_in_force(scenario)
    charged = facts.find(US_MEASURE, scenario.facts_on)  # all of them, gone through, would be an entry
    levers = {
        "seed": regimes.canola(scenario)[SEED_TO_CHINA],
        "quota": regimes.vehicles(scenario).quota,
        "us": charged.rate if charged else None,
    }
    return {key: float(value) for key, value in levers.items() if value is not None}


def _is_at(start: Start, name: str, levers: Levers) -> bool:
    if levers["seed"] < start.ordinary:
        return False
    named, moved = scenarios.load(name), start.at(**levers)
    return _inputs(named) == _inputs(moved)


def _inputs(chosen: Scenario) -> tuple[Any, ...]:
    """All that the models take from a scenario."""
    compared = scenarios.compared(chosen)
    return (
        *(regimes.canola(chosen), regimes.canola_against(compared)),
        *(regimes.vehicles(chosen), regimes.vehicles_against(compared)),
        *(chosen.horizon, chosen.licence_suspension, chosen.assumptions),
    )


def part_of(name: str, *levers: str) -> Levers:
    """Where a scenario of the project stands on some levers."""
    places = levers_of(name)
    return {key: places[key] for key in levers}


def prepared(book: Book, name: str, *, draws: int, seed: int) -> Setting:
    """The scenario as the notebook of the simulation prepares it, with what earlier notebooks handed over."""
    replaced = models.estimates(book.earlier(models.VOLUME, models.DEMAND))
    return models.prepare(name, draws=draws, seed=seed, replaced=replaced, rows=book.earlier_table(weighted.TABLE))


def solve(
    setting: Setting,
    steps: Mapping[str, Sequence[tuple[float, float, float]]],
    presets: Mapping[str, Levers],
    *,
    held_out: int,
    seed: int,
) -> Grid:
    """Solve the models at every node, and hold the straight lines between against them.

    Parameters
    ----------
    setting : Setting
        As the scenario notebook prepares it: same draws, seed and weighted rows.
    steps : mapping
        Lever → stretches (from, to, step). What `presets`, the scenarios on the levers and the bends of the quota need
        is added; where that is more than :data:`MOST_VALUES`, the grid is :func:`coarsened`.
    presets : mapping
        Words → levers that differ from those of the scenario.
    held_out : int
        Settings at which straight lines are held against the models, all levers at once.
    seed : int
        Of the random numbers that draw them.

    Raises
    ------
    BadInput
        An unknown lever, a stretch without a step, a preset outside of the stretches.
    """
    start = Start.of(setting)
    here = levers_of(setting.scenario)
    whole = {preset: {**here, **moved} for preset, moved in presets.items()}
    needed = [here, *whole.values()]
    named = reached(start, _nodes(steps, needed))
    wanted = [*needed, *list(named.values())[:MOST_NAMED]]
    nodes = _nodes(steps, wanted)
    nodes["quota"] = _with_bends(start, nodes["quota"])
    tables = coarsened(_tables(start, nodes, [levers["seed"] for levers in wanted]), needed, most=MOST_VALUES)
    grid = Grid(start, nodes, tables, whole, named, held_out, {})
    drawn = settings(nodes, held_out, seed=seed)
    return replace(grid, errors=apart(grid, [(levers, start.solved(levers)) for levers in drawn]))


def _nodes(steps: Mapping[str, Sequence[tuple[float, float, float]]], needed: Iterable[Levers]) -> dict[str, Floats]:
    if set(steps) != set(LEVERS):
        raise BadInput("explorer", "levers", found=", ".join(steps), allowed=", ".join(LEVERS))
    nodes = {}
    extra = list(needed)
    for key, stretches in steps.items():
        parts = [_stretch(key, *stretch) for stretch in stretches]
        points = np.unique(np.concatenate([*parts, [levers[key] for levers in extra]]).round(EXACT))
        low, high = parts[0][0], parts[-1][-1]
        if points[0] < low or points[-1] > high:
            outside = points[0] if points[0] < low else points[-1]
            raise BadInput("explorer", key, found=f"{outside:g}", allowed=f"{low:g} to {high:g}")
        nodes[key] = points
    return nodes


def _stretch(key: str, first: float, last: float, step: float) -> Floats:
    if not (step > 0 and last > first):
        raise BadInput("explorer", key, found=f"{first:g} to {last:g} by {step:g}", allowed="a step above 0, upwards")
    count = round((last - first) / step)
    return np.append(first + step * np.arange(count), last)


def _with_bends(start: Start, quotas: Floats) -> Floats:
    """The same and the quotas at which the low end, the median and the high end of registrations stop rising."""
    most = start.registered(replace(start.regime, quota=float(quotas[-1])))
    bends = np.round(spreads(most["cars"]))
    inside = bends[(bends > quotas[0]) & (bends < quotas[-1])]
    return np.unique(np.concatenate([quotas, inside]))


def _tables(start: Start, nodes: Mapping[str, Floats], kept: Sequence[float]) -> dict[str, Table]:
    """One lever at a time: that the others then change nothing is what :func:`apart` is held against.

    Of the sum, which is smoother than its parts, every other seed duty is enough, and those that are to be `kept`.
    """
    seed, quota, us = (nodes[key] for key in LEVERS)
    canola = list(start.canola_under({**start.duties, SEED_TO_CHINA: duty} for duty in seed.tolist()))
    cars = [start.registered(replace(start.regime, quota=cap)) for cap in quota.tolist()]
    sales = [start.sold(replace(start.regime, us_vehicle_duty=charged)) for charged in _charged(start, us)]
    every = np.arange(len(seed))
    some = every[(every % 2 == 0) | (every == every[-1]) | np.isin(seed, np.round(kept, EXACT))]
    accounts = np.stack([outputs["account"] for outputs in cars])
    welfare = np.stack([spreads(accounts + canola[place]["account"]) for place in some])
    return {
        "income": Table({"seed": seed}, spreads(np.stack([outputs["income"] for outputs in canola]))),
        "price": Table({"seed": seed}, spreads(np.stack([outputs["price"] for outputs in canola]))),
        "cars": Table({"quota": quota}, spreads(np.stack([outputs["cars"] for outputs in cars]))),
        "sales": Table({"us": us}, spreads(np.stack(sales))),
        "welfare": Table({"seed": seed[some], "quota": quota}, welfare),
    }


def coarsened(tables: Mapping[str, Table], kept: Sequence[Levers], *, most: int) -> dict[str, Table]:
    """The tables with `most` values at most: settings go first that straight lines between the rest miss least.

    Both ends of a lever stay, and the settings of `kept`.
    """
    left, losses = dict(tables), {key: _losses(table, table, kept) for key, table in tables.items()}
    while sum(table.values.size for table in left.values()) > most and any(losses.values()):
        key = min((key for key in losses if losses[key]), key=lambda key: min(losses[key].values()))
        left[key] = left[key].without(*min(losses[key], key=lambda place: losses[key][place]))
        losses[key] = _losses(left[key], tables[key], kept)
    return left


def _losses(left: Table, whole: Table, kept: Sequence[Levers]) -> dict[tuple[str, int], float]:
    """Lever and place of each setting that can go → how far straight lines are then off, as :func:`apart` measures it.

    All settings of the `whole` table between the two that are left on either side count.
    """
    losses = {}
    for axis, (lever, nodes) in enumerate(left.nodes.items()):
        there = whole.values
        for beside, (name, some) in enumerate(whole.nodes.items()):
            if name != lever:
                there = there.take(np.searchsorted(some, left.nodes[name]), beside)
        there, solved = np.moveaxis(there, axis, 0), np.moveaxis(left.values, axis, 0)
        stay = np.isin(nodes, [np.round(levers[lever], EXACT) for levers in kept])
        for place in np.flatnonzero(~stay[1:-1]) + 1:
            before, after = nodes[place - 1], nodes[place + 1]
            gone = slice(*np.searchsorted(whole.nodes[lever], [before, after], side="right"))
            part = (whole.nodes[lever][gone, *[None] * (there.ndim - 1)] - before) / (after - before)
            miss = np.abs((1 - part) * solved[place - 1] + part * solved[place + 1] - there[gone])
            losses[lever, int(place)] = float((miss / whole.scale(there[gone])).max())
    return losses


def _charged(start: Start, duties: Floats) -> list[Rates]:
    """Average US duty after claims and content, by draw: a straight line in the duty."""
    free, full = (regimes.vehicles(start.at(us=duty), start.setting.draws).us_vehicle_duty for duty in (0.0, 1.0))
    here = levers_of(start.setting.scenario)["us"]
    return [start.regime.us_vehicle_duty + (duty - here) * (full - free) for duty in duties]


def settings(nodes: Mapping[str, Floats], number: int, *, seed: int) -> list[Levers]:
    """Settings of all levers drawn at random between the outermost nodes; whole cars."""
    random = np.random.default_rng(seed)
    drawn = {key: random.uniform(some[0], some[-1], number) for key, some in nodes.items()}
    drawn["quota"] = np.round(drawn["quota"])
    return [{key: float(drawn[key][at]) for key in LEVERS} for at in range(number)]


def apart(grid: Grid, solved: Iterable[tuple[Levers, Mapping[str, Floats]]]) -> dict[str, float]:
    """By outcome: largest distance between the grid and what the models give, as a share of their range there.

    Medians and both ends count; :meth:`Table.scale` has the range.
    """
    largest = dict.fromkeys(OUTCOMES, 0.0)
    for levers, outcomes in solved:
        for key, line in grid.between(levers).items():
            miss = np.abs(line - outcomes[key]) / grid.tables[key].scale(outcomes[key])
            largest[key] = max(largest[key], float(miss.max()))
    return largest
