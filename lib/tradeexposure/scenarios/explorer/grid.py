"""The grid behind the explorer: what one scenario gives over four levers, solved once, with curves between.

Duties on seed and meal are a grid of two dimensions: each row of the market is solved along two lines of seed duties
and at few points between, and follows cubics from there (:class:`Surface`); quantiles are taken over all draws at each
node of the page. The quota and the US duty move models of their own. The sum of both sectors adds canola and cars draw
by draw and its quantiles are not the sum of theirs: it has three dimensions.

Between nodes a cubic goes through the four nearest; the page's script does the same with the same numbers. It never
looks across a setting at which values bend: it goes through the four nearest between two such joins, through all where
there are fewer. Between two joins that are neighbours it is a straight line.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from tradeexposure.core.arrays import Floats
from tradeexposure.core.errors import BadInput
from tradeexposure.policy import regimes, scenarios
from tradeexposure.policy.scenario_grids import IDENTIFIED
from tradeexposure.policy.scenario_schema import WORDS, Scenario
from tradeexposure.scenarios.explorer.levers import (
    CANOLA,
    EXACT,
    FIRST_YEAR,
    LEVERS,
    Levers,
    Start,
    View,
    Year,
    levers_of,
    part_of,
    spreads,
)
from tradeexposure.scenarios.simulation import messages
from tradeexposure.scenarios.simulation.models import Setting

__all__ = ["Grid", "Levers", "View", "levers_of", "part_of", "solve"]
TABLE = "explorer_grid"  # under which it is handed over
SETTINGS = "settings"  # part of that table that is no outcome
#: Fields of a scenario that no model reads: its words, and those of which its duties and comparisons are worked out.
RESOLVED = {"name", "facts_on", "against", "also_against", *IDENTIFIED, *WORDS}
#: Outcome → the number of the scenario notebook that it is.
OUTCOMES = {
    "income": "scenario.canola.grower_income_change_cad",
    "price": "scenario.canola.producer_price_change",
    "cars": "scenario.ev.china_built_registrations",
    "sales": "scenario.us.vehicle_export_change_cad",
    "welfare": "scenario.welfare.canada_cad",
}
LONG_RUN = "long_run"  # how the number of vehicles sold to the United States after adjustment ends
#: An error is a share of the range at its setting, or of this part of the outcome's widest where that is narrower:
#: where a counterfactual stands there is no range at all.
LEAST = 0.01
#: Lever → how far from where nothing changes the page has settings too: within a few points of that seed duty all that
#: is left of a range is the other lever's, and its ends turn sharply.
BESIDE = {"seed": (0.002, 0.005, 0.009, 0.014, 0.02, 0.03, 0.042, 0.06), "meal": (0.025, 0.05), "us": (0.01, 0.02)}
ACROSS = 3  # solved seed duty at which it is solved too how rows bend between the two lines of meal duties
MOST = 4  # settings that a curve goes through
NOUGHT = 1e-6  # of the largest value of a table: what is smaller is zero
FEWER = 4  # digits of a table over two levers and more, of which a page takes many numbers


def curve_weights(nodes: Floats, at: float, joins: Collection[int] = ()) -> Floats:
    """What each node counts for a value at a setting; 1 at the node itself.

    Parameters
    ----------
    nodes : array
        Settings, rising; `at` lies between the first and the last.
    joins : collection of int
        Places of the nodes that no curve looks across.
    """
    last = len(nodes) - 1
    ends = sorted({0, last, *joins})
    upper = next(place for place in ends[1:] if at <= nodes[place] or place == last)
    lower = max(place for place in ends if place < upper)
    some = nodes[lower : upper + 1]
    count = min(MOST, len(some))
    left = int(np.searchsorted(some, at, side="right")) - count // 2
    first = min(max(left, 0), len(some) - count)
    parts = np.zeros(len(nodes))
    used = some[first : first + count]
    for place, node in enumerate(used):
        rest = np.delete(used, place)
        parts[lower + first + place] = np.prod((at - rest) / (node - rest))
    return parts


@dataclass(frozen=True, eq=False)
class Table:
    """One outcome over its levers."""

    nodes: Mapping[str, Floats]  #: Settings of each lever that moves it, rising.
    joins: Mapping[str, Sequence[int]]  #: Places of those at which it bends.
    values: Floats  #: One axis for each lever, then low end, median and high end, in the unit of the number that it is.

    @classmethod
    def of(cls, nodes: Mapping[str, Floats], bends: Mapping[str, Iterable[float]], values: Floats) -> Table:
        """A table that bends at some of its nodes; values that are nothing but for the solvers' tolerance are zero."""
        values = np.where(np.abs(values) < NOUGHT * np.abs(values).max(initial=0.0), 0.0, values)
        joins = {key: np.flatnonzero(np.isin(some, np.fromiter(bends.get(key, ()), float))).tolist()
                 for key, some in nodes.items()}  # fmt: skip
        return cls(nodes, {key: sorted({0, len(nodes[key]) - 1, *own}) for key, own in joins.items()}, values)

    def between(self, levers: Mapping[str, float]) -> Floats:
        """Low end, median and high end at a setting within the nodes, in rising order as cubics need not keep it."""
        values = self.values
        for key, some in self.nodes.items():
            values = np.tensordot(curve_weights(some, levers[key], self.joins[key]), values, 1)
        return np.sort(values)

    def scale(self, values: Floats, least: float) -> Floats:
        """What distances from `values` are shares of: high end less low end, or a part `least` of the widest range."""
        return np.maximum(np.ptp(values, axis=-1, keepdims=True), least * np.ptp(self.values, axis=-1).max())


@dataclass(frozen=True, eq=False)
class Surface:
    """Values of many rows over the duties on seed and meal, solved along two lines and at few points between.

    Along each line, of one meal duty, are many seed duties. What lies between is a straight line from one to the other
    and how far rows bend from it, which few seed duties say.
    """

    #: Seed duties of the lines; the two meal duties of the lines.
    seeds: Floats
    meals: Floats
    lines: Floats  #: Shape (meal, seed, value, row).
    #: Seed and meal duties at which it is solved how far rows bend; the meal duties hold those of the lines.
    across: Floats
    between: Floats
    bent: Floats  #: Shape (seed, meal, value, row). What is solved there less the straight line.

    def over(self, seeds: Floats, meals: Floats) -> Floats:
        """Values of each row at every pair of duties, (seed, meal, value, row)."""
        along = np.tensordot(_matrix(self.seeds, seeds), self.lines, (1, 1))
        off = np.tensordot(_matrix(self.across, seeds), self.bent, 1)
        line, parts = np.moveaxis(along, 1, 0), _matrix(self.between, meals)
        each = [straight(self.meals, meal, line) + sum(part[place] * off[:, place] for place in np.flatnonzero(part))
                for meal, part in zip(meals.tolist(), parts, strict=True)]  # fmt: skip
        return np.stack(each, axis=1)


def _matrix(nodes: Floats, settings: Floats) -> Floats:
    return np.stack([curve_weights(nodes, at) for at in settings.tolist()])


def straight(ends: Floats, at: float, values: Floats) -> Floats:
    """On the straight line through two values."""
    part = (at - ends[0]) / (ends[1] - ends[0])
    return np.asarray((1 - part) * values[0] + part * values[1])


@dataclass(frozen=True, eq=False)
class Grid:
    """What was solved."""

    #: Name of the one that the levers start from, and how many draws of the priors it has.
    scenario: str
    draws: int
    nodes: Mapping[str, Floats]  #: Settings of each lever, rising.
    exact: Mapping[str, Floats]  #: Those at which every row was solved and nothing lies between.
    runs: int  #: How often models were solved for it.
    #: By what can be chosen and by outcome; a table that does not hang on the choice is the same one.
    tables: Mapping[View, Mapping[str, Table]]
    presets: Mapping[str, Levers]  #: Words of a preset → all levers.
    named: Mapping[str, Levers]  #: Scenarios of the project that the levers reach, and where.
    #: Settings drawn at random, all levers at once, at which curves were held against the models in all views.
    held_out: int
    errors: Mapping[str, float]  #: By outcome: largest distance found there, see :func:`apart`.

    @property
    def begun(self) -> Mapping[str, Table]:
        """The tables of what the scenario's own numbers are."""
        return next(iter(self.tables.values()))

    def holds(self, levers: Levers) -> bool:
        """Whether the models were solved there and nothing lies between."""
        return all(levers[key] in some for key, some in self.exact.items())

    def between(self, levers: Levers, view: View | None = None) -> dict[str, Floats]:
        """Low end, median and high end of each outcome on the curves between the nodes.

        Raises
        ------
        BadInput
            A setting outside of the nodes.
        """
        for key, some in self.nodes.items():
            if not some[0] <= levers[key] <= some[-1]:
                raise BadInput("explorer", key, found=f"{levers[key]:g}", allowed=f"{some[0]:g} to {some[-1]:g}")
        tables = self.tables[view] if view else self.begun
        return {key: table.between(levers) for key, table in tables.items()}


def published_as(key: str, view: View, chosen: Scenario) -> str:
    """Identifier of the number of the scenario notebook that an outcome is in a view."""
    soon = FIRST_YEAR if view.when == FIRST_YEAR else ""
    if key == "sales":
        return messages.part(OUTCOMES[key], "" if soon else LONG_RUN)
    second = messages.against(chosen) if view.against == chosen.also_against and key != "cars" else ""
    return messages.part(OUTCOMES[key], second, soon)


def numbers(grid: Grid) -> list[str]:
    """Identifiers of all that the explorer shows of its scenario, in every view."""
    chosen = scenarios.load(grid.scenario)
    return sorted({published_as(key, view, chosen) for key in OUTCOMES for view in grid.tables})


def as_table(grid: Grid) -> pd.DataFrame:
    """The grid as a notebook hands it over: `part` (its settings, or an outcome) and `content` in JSON, every digit."""
    views = list(grid.tables)
    some = {key: {lever: nodes.tolist() for lever, nodes in each.items()}
            for key, each in (("nodes", grid.nodes), ("exact", grid.exact))}  # fmt: skip
    whole = {**vars(grid), **some, "tables": views}
    parts: list[tuple[str, dict[str, Any]]] = [(SETTINGS, whole)]
    for key in OUTCOMES:
        for table in {id(tables[key]): tables[key] for tables in grid.tables.values()}.values():
            nodes = {lever: each.tolist() for lever, each in table.nodes.items()}
            holds = [view for view in views if grid.tables[view][key] is table]
            parts.append((key, {"views": holds, "nodes": nodes, "joins": table.joins, "values": table.values.tolist()}))
    return pd.DataFrame([(part, json.dumps(content)) for part, content in parts], columns=["part", "content"])


def of_table(handed: pd.DataFrame) -> Grid:
    """The grid of :func:`as_table`."""
    parts = [(part, json.loads(content)) for part, content in zip(handed["part"], handed["content"], strict=True)]
    (whole,) = (content for part, content in parts if part == SETTINGS)
    tables: dict[View, dict[str, Table]] = {View(*view): {} for view in whole["tables"]}
    for part, content in parts:
        if part != SETTINGS:
            table = Table(_arrays(content["nodes"]), content["joins"], np.array(content["values"]))
            for view in content["views"]:
                tables[View(*view)][part] = table
    return Grid(**{**whole, "tables": tables, "nodes": _arrays(whole["nodes"]), "exact": _arrays(whole["exact"])})


def _arrays(listed: Mapping[str, Sequence[float]]) -> dict[str, Floats]:
    return {key: np.array(values, dtype=float) for key, values in listed.items()}


def reached(start: Start, nodes: Mapping[str, Floats]) -> dict[str, Levers]:
    """Scenarios of the project whose every duty, quota and comparison is one that the levers, within the outermost
    nodes, can be set to.
    """
    places = {name: levers_of(scenarios.load(name)) for name in scenarios.shipped()}
    inside = {name: levers for name, levers in places.items() if set(levers) == set(nodes) and all(
        some[0] <= levers[key] <= some[-1] for key, some in nodes.items())}  # fmt: skip
    above = {name: levers for name, levers in inside.items()
             if all(levers[key] >= duty for key, duty in start.ordinary.items())}  # fmt: skip
    return {name: levers for name, levers in above.items()
            if _inputs(scenarios.load(name)) == _inputs(start.at(**levers))}  # fmt: skip


def _inputs(chosen: Scenario) -> tuple[Any, ...]:
    """All that the models take from a scenario: its duties as they add up, and every field that is none of duties."""
    compared = scenarios.compared(chosen)
    return (
        *(regimes.canola(chosen), regimes.canola_against(compared)),
        *(regimes.vehicles(chosen), regimes.vehicles_against(compared)),
        *(getattr(chosen, key) for key in Scenario.model_fields if key not in RESOLVED),
    )


def solve(
    setting: Setting,
    asked: Mapping[str, Sequence[float]],
    presets: Mapping[str, Levers],
    *,
    held_out: int,
    seed: int,
) -> Grid:
    """Solve the models, and hold the curves between against them.

    Parameters
    ----------
    setting : Setting
        As the scenario notebook prepares it: same draws, seed and weighted rows.
    asked : mapping
        Lever → settings at which models are solved. What `presets`, the counterfactuals and the bends of the quota
        need is added; of seed and meal the page has more, between them and beside each counterfactual.
    presets : mapping
        Words → levers that differ from those of the scenario.
    held_out : int
        Settings at which curves are held against the models, all levers at once.
    seed : int
        Of the random numbers that draw them.

    Raises
    ------
    BadInput
        An unknown lever, a preset outside of the settings.
    """
    start, here = Start.of(setting), levers_of(setting.scenario)
    whole = {preset: {**here, **moved} for preset, moved in presets.items()}
    unmoved = {key: [float(duties[cell]) for duties in start.against.values()] for key, cell in CANOLA.items()}
    solved = _solved(asked, {key: [levers[key] for levers in (here, *whole.values())] + unmoved.get(key, [])
                             for key in LEVERS})  # fmt: skip
    halfway = {key: (solved[key][1:] + solved[key][:-1]) / 2 for key in CANOLA}
    nodes = {**solved, **{key: np.unique(np.round([*solved[key], *halfway[key]], EXACT)) for key in CANOLA},
             "us": _beside("us", solved["us"], here["us"])}  # fmt: skip
    lines = np.round([min(nodes["meal"]), max(unmoved["meal"])], EXACT)
    tables: dict[View, dict[str, Table]] = {}
    runs = 0
    for when, year in start.years.items():
        surface = _surface(start, year, solved["seed"], lines, solved["meal"])
        # With the quotas at which the low end, the median and the high end of registrations stop rising.
        ends = _bends(start.registered(start.under_quota(float(nodes["quota"][-1])), when)["cars"])
        inside = (ends > nodes["quota"][0]) & (ends < nodes["quota"][-1])
        quota = np.unique(np.concatenate([nodes["quota"], ends[inside]]))
        tables |= _tables(start, when, {**nodes, "quota": quota}, surface)
        runs += surface.lines[..., 0, 0].size + surface.bent[..., 0, 0].size + len(quota) + len(nodes["us"])
    grid = Grid(setting.scenario.name, len(setting.draws), nodes, {**solved, "meal": lines}, runs,
                {view: tables[view] for view in start.views}, whole, reached(start, nodes), held_out, {})  # fmt: skip
    drawn = settings(nodes, held_out, seed=seed)
    return replace(grid, errors=apart(grid, [(levers, start.solved(levers)) for levers in drawn]))


def _solved(asked: Mapping[str, Sequence[float]], kept: Mapping[str, Sequence[float]]) -> dict[str, Floats]:
    """The settings of each lever and those to be kept, rising."""
    if set(asked) != set(LEVERS):
        raise BadInput("explorer", "levers", found=", ".join(asked), allowed=", ".join(LEVERS))
    solved = {}
    for key in LEVERS:
        low, high = min(asked[key], default=0.0), max(asked[key], default=0.0)
        outside = [setting for setting in kept[key] if not low <= setting <= high]
        if outside:
            raise BadInput("explorer", key, found=f"{outside[0]:g}", allowed=f"{low:g} to {high:g}")
        solved[key] = np.unique(np.round([*asked[key], *kept[key]], EXACT))
    return solved


def _beside(key: str, nodes: Floats, at: float) -> Floats:
    """The same and those beside a setting at which nothing changes."""
    some = np.round([at + side * away for away in BESIDE[key] for side in (-1, 1)], EXACT)
    return np.unique([*nodes, *some[(some > nodes[0]) & (some < nodes[-1])]])


def _bends(most: Floats) -> Floats:
    return np.asarray(np.round(spreads(most)))


def _surface(start: Start, year: Year, seeds: Floats, lines: Floats, meals: Floats) -> Surface:
    """Every row of the market over seed and meal duties.

    Parameters
    ----------
    lines : array
        Two meal duties, at which every seed duty is solved.
    meals : array
        All of them; at those between and beyond only few seed duties are solved.
    """
    solved = [dict(zip(seeds.tolist(), start.along("seed", seeds, year, meal=meal), strict=True)) for meal in lines]
    levels = np.stack([[year.levels(outcome) for outcome in line.values()] for line in solved])
    across, inner = np.unique([*seeds[::ACROSS], seeds[-1]]), meals[~np.isin(meals, lines)]
    bent = []
    for seed in across.tolist():
        ends = {meal: line[seed] for meal, line in zip(lines.tolist(), solved, strict=True)}
        each = start.along("meal", inner, year, ends, seed=seed)
        own = levels[:, seeds == seed][:, 0]
        off = {meal: year.levels(outcome) - straight(lines, meal, own)
               for meal, outcome in zip(inner.tolist(), each, strict=True)}  # fmt: skip
        bent.append([off.get(meal, np.zeros_like(own[0])) for meal in meals.tolist()])
    return Surface(seeds, lines, levels, across, meals, np.array(bent))


def _tables(start: Start, when: str, nodes: Mapping[str, Floats], surface: Surface) -> dict[View, dict[str, Table]]:
    """Every outcome over one horizon; the sum of both sectors, which is smoother, at solved duties alone."""
    year, quota = start.years[when], nodes["quota"]
    cars = [start.registered(start.under_quota(cap), when) for cap in quota.tolist()]
    sales = [start.sold(replace(start.regime, us_vehicle_duty=duty), when) for duty in start.charged(nodes["us"])]
    account = np.stack([each["account"] for each in cars])
    here = {"us": [levers_of(start.setting.scenario)["us"]]}
    alone = {
        "cars": Table.of({"quota": quota}, {"quota": quota}, spreads(np.stack([each["cars"] for each in cars]))),
        "sales": Table.of({"us": nodes["us"]}, here, spreads(np.stack(sales))),
    }
    solved, full = {"seed": surface.seeds, "meal": surface.between}, {"quota": _bends(cars[-1]["cars"])}
    tables = {}
    for against, duties in start.against.items():
        both = {key: _beside(key, nodes[key], float(duties[cell])) for key, cell in CANOLA.items()}
        at = np.ix_(*(np.isin(both[key], solved[key]) for key in CANOLA))
        canola = year.canola(surface.over(*both.values()), against)
        sums = [[spreads(account + cell[year.again], FEWER) for cell in row] for row in canola["account"][at]]
        pair = {key: Table.of(both, {}, spreads(canola[key], again=year.again)) for key in ("income", "price")}
        tables[View(against, when)] = {
            **pair,
            **alone,
            "welfare": Table.of({**solved, "quota": quota}, full, np.array(sums)),
        }
    return tables


def settings(nodes: Mapping[str, Floats], number: int, *, seed: int) -> list[Levers]:
    """Settings of all levers drawn at random between the outermost nodes; whole cars."""
    random = np.random.default_rng(seed)
    drawn = {key: random.uniform(some[0], some[-1], number) for key, some in nodes.items()}
    drawn["quota"] = np.round(drawn["quota"])
    return [{key: float(drawn[key][at]) for key in LEVERS} for at in range(number)]


def apart(grid: Grid, solved: Iterable[tuple[Levers, Mapping[View, Mapping[str, Floats]]]]) -> dict[str, float]:
    """By outcome: largest distance between the grid and what the models give, as a share of their range there.

    Medians and both ends in every view count; :meth:`Table.scale` has the range.
    """
    largest = dict.fromkeys(OUTCOMES, 0.0)
    for levers, views in solved:
        for view, outcomes in views.items():
            for key, line in grid.between(levers, view).items():
                scale = grid.tables[view][key].scale(outcomes[key], LEAST)
                largest[key] = max(largest[key], float((np.abs(line - outcomes[key]) / scale).max()))
    return largest
