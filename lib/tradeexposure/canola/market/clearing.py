"""What is left on the markets of seed, oil and meal of both origins at given prices, and Newton's step from there."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from tradeexposure.canola.market import logit, newton
from tradeexposure.canola.market.base_year import CanolaBase
from tradeexposure.canola.market.bases import MarketBase
from tradeexposure.canola.market.logit import Behaviour, Choice
from tradeexposure.core.arrays import Drawn, Floats, Rows, figures
from tradeexposure.policy.canola_cells import AT_CHINA, MEAL, OIL, PRODUCTS, SEED

GOODS = len(PRODUCTS)
#: Lowest farm price, as a share of the base, at which supply is still defined; no solution may lie there.
FLOOR = 1e-6


@dataclass(frozen=True, eq=False)
class Case:
    """Some draws: base, behaviour, log duty factors, and the log of China's seed where that stands for a duty."""

    base: MarketBase
    behaviour: Behaviour
    log_factor: Floats
    log_target: Floats | None

    def take(self, rows: Rows) -> Case:
        target = None if self.log_target is None else self.log_target[rows]
        return Case(self.base.take(rows), self.behaviour.take(rows), self.log_factor[..., rows], target)

    def traits(self) -> Floats:
        """All figures as rows, what is one number for all draws left out; (trait, draw)."""
        draws = self.log_factor.shape[-1]
        return np.concatenate([each.reshape(-1, draws) for each in figures(self) if each.shape[-1] == draws])

    def start(self) -> Floats:
        """The base: log prices of both origins over those of the base, and the log of a duty's factor."""
        return np.zeros((2 * GOODS + (self.log_target is not None), self.log_factor.shape[-1]))

    def task(self) -> Task:
        choice = logit.prepare(self.base, self.behaviour, self.log_factor)
        return Task(self.base, self.behaviour, self.log_factor, self.log_target, choice)


@dataclass(frozen=True, eq=False)
class Task(Case):
    """A case with its buyers."""

    choice: Choice

    def take(self, rows: Rows) -> Task:
        some = super().take(rows)
        return Task(some.base, some.behaviour, some.log_factor, some.log_target, self.choice.take(rows))


@dataclass(frozen=True, eq=False)
class Point(Drawn):
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

    def put(self, rows: Rows, some: Point) -> None:
        """Write the point of some draws into this one."""
        for each in fields(self):
            getattr(self, each.name)[..., rows] = getattr(some, each.name)


def at(task: Task, unknowns: Floats) -> Point:
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
    size = scales(base, behaviour)
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
    return Point(
        sales.canada, farm, supply, crush, margin, home, left,
        own=mine / first[:, None],
        own_others=-sales.canada_by_others / first,
        others_own=-sales.others_by_own / second,
        others_others=(behaviour.other_supply * rivals - sales.others_by_others) / second,
        china=np.stack([by_own / sold, by_others / sold, -by_own / first[SEED], -gained / second[SEED]]),
    )  # fmt: skip


def scales(base: MarketBase, behaviour: Behaviour) -> Floats:
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


def step(point: Point) -> Floats:
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
        whole = np.concatenate([own, rest])
        if imposed:
            by_own, by_others = point.china[:2]
            gap = point.left[-1] + by_own * own[SEED] + by_others * rest[SEED]
            whole = np.concatenate([whole, (-gap / by_own)[None]])
    return newton.bounded(np.where(np.isfinite(whole), whole, 0.0))


def _without_duty(
    point: Point, jacobian: tuple[Floats, Floats, Floats, Floats], canada: Floats, others: Floats
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


def farm_supply(
    harvest_kt: float | Floats, through: Floats, elasticity: Floats, price: Floats, usual: float | Floats
) -> tuple[Floats, Floats, Floats]:
    """Farm price relative to the base, seed supplied in kt, and its derivative to the log border price.

    Parameters
    ----------
    through : array (draw,)
        Share of a change of the border price that reaches the farm, over the base's farm price in C$ a tonne.
    price, usual : array (draw,)
        Border price and that of the base, C$ a tonne.
    """
    farm = 1 + through * (price - usual)
    inside = farm > FLOOR
    farm = np.maximum(farm, FLOOR)
    supply = harvest_kt * farm**elasticity
    return farm, supply, np.where(inside, elasticity * supply / farm * through * price, 0.0)


def producer_surplus(base: CanolaBase | MarketBase, seed_supply: Floats, farm_price: Floats) -> Floats:
    """Area left of the supply curve of marketed seed between the two farm prices; receipts set its scale.

    Marketed seed at price p (relative) is H p^e - R with harvest H and stock change R, so the area is
    H (p^(1+e) - 1) / (1 + e) - R (p - 1), and the base receipts are worth H - R.
    """
    power = 1 + seed_supply
    area = base.harvest_kt * (farm_price**power - 1) / power - base.stock_change_kt * (farm_price - 1)
    return np.asarray(base.receipts_cad * area / (base.harvest_kt - base.stock_change_kt))
