"""Prices that clear the markets of seed, oil and meal of both origins: Newton's method on all draws at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np

from tradeexposure.canola.market import logit, newton
from tradeexposure.canola.market.bases import MarketBase
from tradeexposure.canola.market.equilibrium import CAD_PER_T_TIMES_KT, CanolaOutcome, joined, producer_surplus
from tradeexposure.canola.market.logit import Behaviour, Choice
from tradeexposure.canola.market.newton import TOLERANCE
from tradeexposure.canola.market.parameters import Drawn, Duties, Rows, log_factors
from tradeexposure.canola.market.solver import FLOOR, GOODS, farm_supply
from tradeexposure.core import arrays
from tradeexposure.core.arrays import Floats, Ints, figures
from tradeexposure.core.errors import BadInput, NotConverged
from tradeexposure.policy.canola_cells import AT_CHINA, MEAL, OIL, PRODUCTS, SEED

STEPS, HALVINGS = 60, 8
BATCH = 1000  # draws at once: few enough for their arrays to stay in the processor's cache
FEWER = 0.7  # part of the draws, below which only those that are not yet solved are looked at
#: Duties are raised in this many equal parts of their log for draws that one leap does not solve.
STAGES = (8, 64)


@dataclass(frozen=True, eq=False)
class LogitOutcome(CanolaOutcome):
    """What :class:`CanolaOutcome` holds, and the prices that an account needs.

    Attributes
    ----------
    price_ratio : array (draw, product)
        Border price over that of the base.
    rival_price_ratio : array (draw, product)
        The same of the other origins.
    margin_ratio : array (draw,)
        Crush margin over that of the base, capacity rent included.
    duty : array (draw,)
        Duty on seed into China: the one imposed, or the one that stands for a volume that was.
    """

    price_ratio: Floats
    rival_price_ratio: Floats
    margin_ratio: Floats
    duty: Floats


@dataclass(frozen=True, eq=False)
class _Case:
    """Some draws: base, behaviour, log duty factors, and the log of China's seed where that stands for a duty."""

    base: MarketBase
    behaviour: Behaviour
    log_factor: Floats
    log_target: Floats | None

    def take(self, rows: Rows) -> _Case:
        target = None if self.log_target is None else self.log_target[rows]
        return _Case(self.base.take(rows), self.behaviour.take(rows), self.log_factor[..., rows], target)

    def traits(self) -> Floats:
        """All figures as rows, what is one number for all draws left out; (trait, draw)."""
        draws = self.log_factor.shape[-1]
        return np.concatenate([each.reshape(-1, draws) for each in figures(self) if each.shape[-1] == draws])

    def start(self) -> Floats:
        """The base: log prices of both origins over those of the base, and the log of a duty's factor."""
        return np.zeros((2 * GOODS + (self.log_target is not None), self.log_factor.shape[-1]))

    def task(self) -> _Task:
        choice = logit.prepare(self.base, self.behaviour, self.log_factor)
        return _Task(self.base, self.behaviour, self.log_factor, self.log_target, choice)


@dataclass(frozen=True, eq=False)
class _Task(_Case):
    """A case with its buyers."""

    choice: Choice

    def take(self, rows: Rows) -> _Task:
        some = super().take(rows)
        return _Task(some.base, some.behaviour, some.log_factor, some.log_target, self.choice.take(rows))


@dataclass(frozen=True, eq=False)
class _Point(Drawn):
    """Everything at one set of prices; arrays end in the draw.

    `left` (6 or 7) is what is left on the markets, as a share of base supply; `own` (3, 3), `own_others`, `others_own`
    and `others_others` (3) are its derivatives; `china` (4) those of the log of China's seed to the log prices of both
    origins, and of what is left on the markets of both origins' seed to the log of the duty.
    """

    volume: Floats
    farm: Floats
    supply: Floats
    crush: Floats
    margin: Floats
    home: Floats
    left: Floats
    own: Floats
    own_others: Floats
    others_own: Floats
    others_others: Floats
    china: Floats

    def put(self, rows: Rows, some: _Point) -> None:
        """Write the point of some draws into this one."""
        for each in fields(self):
            getattr(self, each.name)[..., rows] = getattr(some, each.name)


def simulate(
    base: MarketBase,
    behaviour: Behaviour,
    duties: Duties,
    *,
    kept_in_china: Floats | None = None,
    near: LogitOutcome | None = None,
) -> LogitOutcome:
    """Solve one regime for every draw.

    Parameters
    ----------
    duties : mapping of (market, product) to float or array (draw,)
        Duty on Canadian goods, share of border value; ``inf`` is an embargo. What is not named keeps its base duty.
    kept_in_china : array (draw,), optional
        Part of its base seed that China still buys; the duty that does so is solved for.
    near : LogitOutcome, optional
        Of the same draws under duties not far from these: the search begins at its prices and takes fewer steps to the
        same solution. Not with `kept_in_china`.

    Raises
    ------
    BadInput
        A duty of an unknown market or product, or at or below -1; more exported than made; a part not above 0.
    NotConverged
        A draw without a solution.
    """
    draws = len(behaviour.seed_supply)
    _check(base, behaviour)
    factor = log_factors(base.duty[..., 0], duties, draws)
    target = None if kept_in_china is None else _log_target(base, kept_in_china, draws)
    case = _Case(base, behaviour, factor, target)
    if near is not None:
        return _in_batches(case, near)
    return arrays.solution_of("origins", (case,), lambda: _in_batches(case, None))


def _in_batches(case: _Case, near: LogitOutcome | None) -> LogitOutcome:
    """The solution, some draws after the others."""
    draws = case.log_factor.shape[-1]
    begin = _beginning(case, near)
    parts, solved = [], dict[tuple[bytes, ...], LogitOutcome]()
    for first in range(0, draws, BATCH):
        rows = slice(first, min(first + BATCH, draws))
        some = case.take(rows)
        key = tuple(array.tobytes() for array in figures(some))  # weighted rows, fewer than draws, come again
        if key not in solved:
            task = some.task()
            solved[key] = _outcome(task, *_solved(task, begin(some, rows), first))
        parts.append(solved[key])
    return joined(parts)


def _beginning(case: _Case, near: LogitOutcome | None) -> Callable[[_Case, slice], Floats]:
    """Where the search for some draws begins: at a solution near by, on a line through a few that are solved first, or
    at the base."""
    if near is not None:
        prices = np.log(np.concatenate([near.price_ratio.T, near.rival_price_ratio.T]))
        return lambda some, rows: prices[:, rows].copy()
    rows = newton.pilots(case.log_factor.shape[-1])
    if rows is None:
        return lambda some, rows: some.start()
    few = case.take(rows)
    solved = few.start()
    _, left = _newton(few.task(), solved)
    line = newton.line(few.traits(), solved, left)
    return lambda some, rows: some.start() if line is None else line(some.traits())


def _log_target(base: MarketBase, kept: Floats, draws: int) -> Floats:
    parts = np.broadcast_to(np.asarray(kept, dtype=float), (draws,))
    if not (parts > 0).all():
        raise BadInput("kept_in_china", found=f"{parts.min()}", allowed="a part above 0")
    return np.log(parts) + np.log(np.broadcast_to(base.canada_kt[AT_CHINA, SEED], (draws,)))


def _check(base: MarketBase, behaviour: Behaviour) -> None:
    for good, made in ((OIL, behaviour.oil_yield), (MEAL, behaviour.meal_yield)):
        if (made * base.crush_kt <= base.canada_kt[:, good].sum(axis=0)).any():
            raise BadInput("base", PRODUCTS[good], found="more exported than made", allowed="exports below output")
    if (behaviour.capacity_kt < base.crush_kt).any():
        raise BadInput(
            "draws", "capacity_kt", found=f"{behaviour.capacity_kt.min():.0f}", allowed="the base crush or more"
        )


def _solved(task: _Task, unknowns: Floats, first: int) -> tuple[Floats, _Point]:
    """`unknowns`, improved in place, and the point there; hard draws once more with duties raised step by step."""
    point, residual = _newton(task, unknowns)
    for stages in STAGES:
        hard = np.flatnonzero(~(residual < TOLERANCE * 10))
        if not len(hard):
            return unknowns, point
        unknowns[:, hard] = _in_stages(task.take(hard), stages)
        point, residual = _newton(task, unknowns)
    bad = np.flatnonzero(~(residual < TOLERANCE * 1e3))
    if len(bad):
        mine = task.behaviour.take(bad[:1])
        known = {"seed_scale": float(mine.scale[SEED, 0]), "seed_supply": float(mine.seed_supply[0])}
        raise NotConverged(
            "canola, logit", draw=first + int(bad[0]), parameters=known, residual=float(residual[bad[0]])
        )
    return unknowns, point


def _in_stages(task: _Task, stages: int) -> Floats:
    unknowns = task.start()
    usual = np.log(np.broadcast_to(task.base.canada_kt[AT_CHINA, SEED], unknowns.shape[1:]))
    for stage in range(1, stages + 1):
        part = stage / stages
        target = None if task.log_target is None else usual + part * (task.log_target - usual)
        _newton(_Case(task.base, task.behaviour, part * task.log_factor, target).task(), unknowns)
    return unknowns


def _newton(task: _Task, unknowns: Floats) -> tuple[_Point, Floats]:
    """Improve `unknowns` in place; the point there and what is left of each draw."""
    active, some, at = np.arange(unknowns.shape[1]), task, unknowns.copy()
    whole = point = _at(some, at)
    size = newton.residual(point.left)
    for _ in range(STEPS):
        keep = np.flatnonzero(size > TOLERANCE)
        if not len(keep):
            break
        if len(keep) < FEWER * len(active):
            whole = _kept(whole, active, point)
            unknowns[:, active] = at
            active, some, at, point, size = active[keep], some.take(keep), at[:, keep], point.take(keep), size[keep]
        at, point, lower = _search(some, at, _step(point), size)
        stuck = ~(lower < size)
        size = np.where(stuck & (lower < 1e3 * TOLERANCE), 0.0, lower)  # rounding: no step lowers it any more
    unknowns[:, active] = at
    whole = _kept(whole, active, point)
    return whole, newton.residual(whole.left)


def _kept(whole: _Point, active: Ints, point: _Point) -> _Point:
    """The point of all draws with that of the active ones in it."""
    if len(active) == whole.farm.shape[-1]:
        return point
    whole.put(active, point)
    return whole


def _search(task: _Task, at: Floats, step: Floats, size: Floats) -> tuple[Floats, _Point, Floats]:
    """The step, halved where what is left does not fall."""
    point = _at(task, at + step)
    lower = newton.residual(point.left)

    def again(rows: Ints, tried: Floats) -> Floats:
        found = _at(task.take(rows), tried)
        point.put(rows, found)
        lower[rows] = newton.residual(found.left)
        return lower[rows]

    reached = newton.halved(at, step, size, point.left, again, most=HALVINGS)
    return reached, point, lower


def _at(task: _Task, unknowns: Floats) -> _Point:
    base, behaviour = task.base, task.behaviour
    own, others = unknowns[:GOODS], unknowns[GOODS : 2 * GOODS]
    sales = task.choice.at(own, others, None if task.log_target is None else unknowns[-1])
    price = base.price_cad_t * np.exp(own)
    through = behaviour.pass_through / base.farm_price_cad_t
    farm, supply, supply_slope = farm_supply(
        base.harvest_kt, through, behaviour.seed_supply, price[SEED], base.price_cad_t[SEED]
    )
    crush, crush_slopes, margin = _crush(base, behaviour, price)
    yields = np.stack([-np.ones_like(behaviour.oil_yield), behaviour.oil_yield, behaviour.meal_yield])
    usual = yields[OIL:] * base.crush_kt - base.canada_kt[:, OIL:].sum(axis=0)
    home = usual * np.exp(-behaviour.home_use * own[OIL:])
    rivals = base.others_kt.sum(axis=0) * np.exp(behaviour.other_supply * others)
    offered = yields * crush
    offered[SEED] += supply - base.stock_change_kt
    offered[OIL:] -= home
    size = _scales(base, behaviour)
    left = np.concatenate([offered - sales.canada.sum(axis=0), rivals - sales.others.sum(axis=0)]) / size
    mine = yields[:, None] * crush_slopes[None]
    mine[SEED, SEED] += supply_slope
    for good in (OIL, MEAL):
        mine[good, good] += behaviour.home_use * home[good - OIL]
    for good in range(GOODS):
        mine[good, good] -= sales.canada_by_own[good]
    first, second = size[:GOODS], size[GOODS:]
    by_own, by_others, gained = sales.china
    sold = np.maximum(sales.canada[AT_CHINA, SEED], 1e-300)
    if task.log_target is not None:
        left = np.concatenate([left, (np.log(sold) - task.log_target)[None]])
    return _Point(
        sales.canada, farm, supply, crush, margin, home, left,
        own=mine / first[:, None],
        own_others=-sales.canada_by_others / first,
        others_own=-sales.others_by_own / second,
        others_others=(behaviour.other_supply * rivals - sales.others_by_others) / second,
        china=np.stack([by_own / sold, by_others / sold, -by_own / first[SEED], -gained / second[SEED]]),
    )  # fmt: skip


def _scales(base: MarketBase, behaviour: Behaviour) -> Floats:
    """Base supply of Canadian seed, oil and meal, then of the others', kt; (6, draw)."""
    draws = behaviour.seed_supply.shape
    made = [base.harvest_kt, behaviour.oil_yield * base.crush_kt, behaviour.meal_yield * base.crush_kt]
    others = np.broadcast_to(base.others_kt.sum(axis=0), (GOODS, *draws))
    return np.concatenate([np.stack([np.broadcast_to(each, draws) for each in made]), others])


def _crush(base: MarketBase, behaviour: Behaviour, price: Floats) -> tuple[Floats, Floats, Floats]:
    """Seed crushed in kt, its derivatives to the log prices (product, draw), and the margin over the base's."""
    weights = np.stack([-np.ones_like(behaviour.oil_yield), behaviour.oil_yield, behaviour.meal_yield])
    usual = (weights * base.price_cad_t).sum(axis=0)
    margin = np.maximum((weights * price).sum(axis=0) / usual, 0.0)
    wanted = base.crush_kt * margin**behaviour.crush_elasticity
    full = wanted >= behaviour.capacity_kt
    crush = np.minimum(wanted, behaviour.capacity_kt)
    inside = (margin > 0) & ~full
    slope = np.divide(behaviour.crush_elasticity * crush, margin * usual, out=np.zeros_like(margin), where=inside)
    return crush, slope * weights * price, margin


def _step(point: _Point) -> Floats:
    """Newton's step, no coordinate further than :data:`newton.LONGEST_STEP`.

    China's volume, where it is imposed, is eliminated first, then the others' prices, each of which stands in the
    markets of its product alone; Cramer's rule solves the three equations that remain.
    """
    mine, mine_others = point.own.copy(), point.own_others.copy()
    others_mine, others_others = point.others_own.copy(), point.others_others.copy()
    canada, others = point.left[:GOODS].copy(), point.left[GOODS : 2 * GOODS].copy()
    imposed = len(point.left) > 2 * GOODS
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        if imposed:
            _without_duty(point, (mine, mine_others, others_mine, others_others), canada, others)
        follows, alone = others_mine / others_others, others / others_others
        for good in range(GOODS):
            mine[good, good] -= mine_others[good] * follows[good]
        sides = mine_others * alone - canada
        own = newton.cramer(mine, sides)
        rest = -alone - follows * own
        step = np.concatenate([own, rest])
        if imposed:
            by_own, by_others = point.china[:2]
            gap = point.left[-1] + by_own * own[SEED] + by_others * rest[SEED]
            step = np.concatenate([step, (-gap / by_own)[None]])
    return newton.bounded(np.where(np.isfinite(step), step, 0.0))


def _without_duty(
    point: _Point, jacobian: tuple[Floats, Floats, Floats, Floats], canada: Floats, others: Floats
) -> None:
    """Take the duty, which acts on China's seed as its log price does, out of the markets of seed, in place."""
    mine, mine_others, others_mine, others_others = jacobian
    by_own, by_others, canada_by_duty, others_by_duty = point.china
    gap = point.left[-1]
    canada[SEED] -= canada_by_duty * gap / by_own
    mine[SEED, SEED] -= canada_by_duty
    mine_others[SEED] -= canada_by_duty * by_others / by_own
    others[SEED] -= others_by_duty * gap / by_own
    others_mine[SEED] -= others_by_duty
    others_others[SEED] -= others_by_duty * by_others / by_own


def _outcome(task: _Task, unknowns: Floats, point: _Point) -> LogitOutcome:
    base, behaviour = task.base, task.behaviour
    draws = behaviour.seed_supply.shape
    volume = point.volume
    price = np.exp(unknowns[:GOODS])
    usual = base.canada_kt[:, SEED].sum(axis=0) - base.canada_kt[AT_CHINA, SEED]
    marketed, before = point.supply - base.stock_change_kt, base.harvest_kt - base.stock_change_kt
    duty = task.choice.cost_canada[AT_CHINA, SEED] / base.price_cad_t[SEED] - 1
    if task.log_target is not None:
        duty = (1 + duty) * np.exp(unknowns[-1]) - 1
    made = np.stack([behaviour.oil_yield, behaviour.meal_yield]) * point.crush
    seed = point.supply - volume[:, SEED].sum(axis=0) - point.crush - base.stock_change_kt
    accounts = np.concatenate([seed[None], made - point.home - volume[:, OIL:].sum(axis=0)])
    missed = np.concatenate([np.abs(point.left), np.abs(accounts) / _scales(base, behaviour)[:GOODS]]).max(axis=0)
    return LogitOutcome(
        farm_price_change=point.farm - 1,
        producer_surplus_cad=producer_surplus(base, behaviour, point.farm),
        receipts_change_cad=base.receipts_cad * (point.farm * marketed / before - 1),
        volume_kt=np.moveaxis(volume, -1, 0),
        export_value_cad=np.moveaxis(volume * price * base.price_cad_t * CAD_PER_T_TIMES_KT, -1, 0),
        diverted_kt=volume[:, SEED].sum(axis=0) - volume[AT_CHINA, SEED] - usual,
        rerouted_kt=np.zeros((*draws, GOODS)),
        crush_kt=point.crush,
        supply_kt=point.supply,
        crush_at_capacity=(point.crush >= behaviour.capacity_kt).astype(float),
        residual=np.where(point.farm > FLOOR, missed, np.inf),
        price_ratio=price.T,
        rival_price_ratio=np.exp(unknowns[GOODS : 2 * GOODS]).T,
        margin_ratio=point.margin,
        duty=np.broadcast_to(duty, draws).copy(),
    )
