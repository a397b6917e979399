"""What is left on the markets of seed, oil and meal of both origins at given prices, and Newton's step from there.

Rivals sell seed to China and to all others at a price each, by a constant elasticity of transformation: at prices p
over those of the base they maximise a profit of R P^(1+e) / (1+e), P^(1+K) = t p_C^(1+K) + (1-t) p_R^(1+K), with R
their seed in the base, t the part of it that China bought, e their elasticity of supply, and K that at which seed turns
from one market to the other. The code holds k = 1/K, so that one pool is the number 0; at 1/e China's market stands
apart. Beside log P it takes the log odds s of China's part over the base in the place of a second price: in one pool
both prices are the same and s alone says who gets the tonnes. Moving seed costs some of it where K is in between.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tradeexposure.canola.market import logit
from tradeexposure.canola.market.bases import MarketBase
from tradeexposure.canola.market.logit import Behaviour, Choice, Sales
from tradeexposure.core.arrays import Drawn, Floats, numeric_content
from tradeexposure.policy.tariff_index import AT_CHINA, MEAL, OIL, PRODUCTS, SEED

GOODS = len(PRODUCTS)
#: Unknowns, over the base: log prices of Canadian goods; log P of the others' seed, log prices of their oil, meal; s.
#: Where a volume stands for a duty an eighth follows, the log of what it adds to one plus the duty.
OWN, OTHERS, ODDS = slice(GOODS), slice(GOODS, 2 * GOODS), 2 * GOODS
UNKNOWNS = ODDS + 1
LONGEST_STEP = 0.5  # log points of a price; an exact step may overshoot where the model is far from linear
LONGEST_ODDS = 1.5  # of s, which runs further than prices
#: Lowest farm price, as a share of the base, at which supply is still defined; no solution may lie there.
FLOOR = 1e-6


@dataclass(frozen=True, eq=False)
class Case(Drawn):
    """Some draws: base, behaviour, log duty factors, and the log of China's seed where that stands for a duty."""

    base: MarketBase
    behaviour: Behaviour
    log_factor: Floats
    log_target: Floats | None

    def part(self, share: float) -> Case:
        """The same with a part of the log duty factors, and of what the log of China's seed differs by."""
        target = self.log_target
        if target is not None:
            usual = np.log(self.base.canada_kt[AT_CHINA, SEED])
            target = usual + share * (target - usual)
        return Case(self.base, self.behaviour, share * self.log_factor, target)

    def traits(self) -> Floats:
        """All figures as rows, what is one number for all draws left out; (trait, draw)."""
        draws = self.log_factor.shape[-1]
        return np.concatenate([each.reshape(-1, draws) for each in numeric_content(self) if each.shape[-1] == draws])

    def start(self) -> Floats:
        """The unknowns of the base."""
        return np.zeros((UNKNOWNS + (self.log_target is not None), self.log_factor.shape[-1]))

    def task(self) -> Task:
        """What is needed to look for its prices."""
        choice = logit.prepare(self.base, self.behaviour, self.log_factor)
        return Task(choice, Usual.of(self.base, self.behaviour), self.behaviour, self.log_target)


@dataclass(frozen=True, eq=False)
class Usual(Drawn):
    """Flows of the base, kt, and prices, C$ a tonne; arrays end in the draw."""

    #: Shape (6, draw). Of Canadian seed, oil and meal, and of the others', in which what is left is counted.
    supply: Floats
    home: Floats  #: Shape (2, draw). Use of oil and meal in Canada.
    #: Shape (draw,). Of seed.
    crush: Floats
    stock_change: Floats
    rivals: Floats  #: Shape (3, draw). The others' seed outside of China, oil and meal.
    #: Shape (draw,). Log of their seed in China, and its part of all of their seed.
    log_to_china: Floats
    part: Floats
    #: Shape (3, draw). Seed, oil and meal per tonne of seed crushed, seed negative; what each one's price makes up of
    #: the margin.
    yields: Floats
    margin: Floats
    #: Shape (draw,). Border price of seed, and the share of a change of it that reaches the farm, over the farm price.
    seed_price: Floats
    through: Floats

    @classmethod
    def of(cls, base: MarketBase, behaviour: Behaviour) -> Usual:
        """Those of a base."""
        yields = np.stack([-np.ones_like(behaviour.oil_yield), behaviour.oil_yield, behaviour.meal_yield])
        output, worth = yields[OIL:] * base.crush_kt, yields * base.price_cad_t
        rivals = base.others_kt.sum(axis=0) + np.zeros_like(yields)
        supply = np.concatenate([base.harvest_kt + np.zeros_like(yields[:1]), output, rivals])
        to_china = base.others_kt[AT_CHINA, SEED]
        rivals[SEED] -= to_china

        def by_draw(values: Floats) -> Floats:
            return np.broadcast_to(values, yields.shape[1:])

        return cls(
            supply=supply,
            home=output - base.canada_kt[:, OIL:].sum(axis=0),
            crush=by_draw(base.crush_kt),
            stock_change=by_draw(base.stock_change_kt),
            rivals=rivals,
            log_to_china=by_draw(np.log(to_china)),
            part=to_china / supply[GOODS],
            yields=yields,
            margin=worth / worth.sum(axis=0),
            seed_price=by_draw(base.price_cad_t[SEED]),
            through=behaviour.pass_through / base.farm_price_cad_t,
        )


@dataclass(frozen=True, eq=False)
class Task(Drawn):
    """Some draws with their buyers and the flows of their base."""

    choice: Choice
    usual: Usual
    behaviour: Behaviour
    log_target: Floats | None


@dataclass(frozen=True, eq=False)
class Supplied:
    """What Canada offers at some prices; arrays end in the draw.

    `farm` and `margin` are over those of the base, `supply`, `crush` and `home` are kt, `by_price` is the derivative of
    supply to the log price of seed, `parts` (product, draw) are of the margin, and `offered` (product, draw) is what is
    left to be exported.
    """

    farm: Floats
    supply: Floats
    by_price: Floats
    crush: Floats
    margin: Floats
    parts: Floats
    home: Floats
    offered: Floats


@dataclass(frozen=True, eq=False)
class Flows:
    """What all sides sell and buy at some unknowns; tonnes of the others' seed in kt, `left` as of :class:`Point`."""

    task: Task
    canada: Supplied
    split: Split
    sales: Sales
    sold: Floats  #: Shape (3, draw). By the others, of seed outside of China.
    to_china: Floats
    left: Floats

    @cached_property
    def point(self) -> Point:
        """What is left with its derivatives, worked out where a step from here is asked for."""
        task, sales, usual = self.task, self.sales.slopes, self.task.usual
        theirs, seed, duty = usual.supply[OTHERS][OIL:], *_of_seed(self)
        own = _supply_slopes(task, self.canada)
        for good in range(GOODS):
            own[good, good] -= sales.canada_by_own[good]
        own /= usual.supply[OWN, None]
        seed[0, 0] = own[SEED, SEED]
        return Point(
            self.left,
            own,
            own_others=-sales.canada_by_others[OIL:] / usual.supply[OWN][OIL:],
            others_own=-sales.others_by_own[OIL:] / theirs,
            others_others=(task.behaviour.other_supply * self.sold[OIL:] - sales.others_by_others[OIL:]) / theirs,
            seed=seed,
            duty=duty,
        )


@dataclass(frozen=True, eq=False)
class Point:
    """What is left at some unknowns, with its derivatives; arrays end in the draw."""

    #: Shape (7 or 8, draw). What is left on the markets, as a share of base supply: Canada's three, the others' seed
    #: outside of China, their oil and meal. Then logs: of the others' seed sold to China over what it buys, of what it
    #: buys of Canada's over the volume imposed.
    left: Floats
    own: Floats  #: Shape (3, 3, draw). Derivatives of what is left of Canada's goods to their log prices.
    #: Shape (2, draw). Of oil and meal, those of Canada's to the others' log price, of the others' to Canada's and to
    #: their own.
    own_others: Floats
    others_own: Floats
    others_others: Floats
    #: Shape (3, 3, draw). Those of what is left of seed, of Canada's and of the others' elsewhere and in China, to the
    #: log price of Canada's, log P and s.
    seed: Floats
    #: Shape (5, draw). Those of the log of China's seed to the same, then those of what is left of both origins' seed,
    #: Canada's and the others' in China, to the log of the duty.
    duty: Floats


def at(task: Task, unknowns: Floats) -> Flows:
    """The markets at some unknowns."""
    usual, how, others = task.usual, task.behaviour, unknowns[OTHERS].copy()
    split = rivals_split(usual.part, how.turning, how.other_supply, others[SEED], unknowns[ODDS])
    others[SEED] = split.log_elsewhere
    sales = task.choice.at(unknowns[OWN], others, split.premium, None if task.log_target is None else unknowns[-1])
    canada = _supplied(task, unknowns[OWN])
    sold = usual.rivals * np.exp(how.other_supply * others)
    sold[SEED] = usual.rivals[SEED] * split.elsewhere
    bought = sales.others.sum(axis=0)
    bought[SEED] -= sales.others[AT_CHINA, SEED]
    to_china = usual.log_to_china + split.log_to_china
    left = np.empty_like(unknowns)
    np.subtract(canada.offered, sales.canada.sum(axis=0), out=left[OWN])
    np.subtract(sold, bought, out=left[OTHERS])
    left[:ODDS] /= usual.supply
    left[ODDS] = to_china - sales.china[1]
    if task.log_target is not None:
        left[-1] = sales.china[0] - task.log_target
    return Flows(task, canada, split, sales, sold, to_china, left)


def _of_seed(flows: Flows) -> tuple[Floats, Floats]:
    """The derivatives `seed`, but for Canada's to its own price, and `duty` of a point."""
    task, split, sales, slopes = flows.task, flows.split, flows.sales, flows.sales.slopes
    supply, turning, worth = task.behaviour.other_supply, task.behaviour.turning, split.worth
    (by_own, by_others), (gained, lost) = slopes.china
    mine, theirs = sales.canada[AT_CHINA, SEED], sales.others[AT_CHINA, SEED]
    all_lost = slopes.others_by_others[SEED] - lost * theirs
    up, down = turning * (1 - worth), -turning * worth  # of the prices there and elsewhere, for a rise of s
    canada, others = task.usual.supply[SEED], task.usual.supply[GOODS]
    seed = np.stack([
        [
            np.zeros_like(mine),
            -slopes.canada_by_others[SEED] / canada,
            -(down * slopes.canada_by_others[SEED] + (up - down) * by_others * mine) / canada,
        ],
        [
            (gained * theirs - slopes.others_by_own[SEED]) / others,
            (supply * flows.sold[SEED] - all_lost) / others,
            -(worth * flows.sold[SEED] + down * all_lost) / others,
        ],
        [-gained, supply - lost, (1 - worth) - up * lost],
    ])  # fmt: skip
    return seed, np.stack([by_own, by_others, up * by_others, -by_own * mine / canada, -gained])


def _supplied(task: Task, own: Floats) -> Supplied:
    usual, behaviour, price = task.usual, task.behaviour, np.exp(own)
    harvest, seed = usual.supply[SEED], usual.seed_price
    farm, supply, by_price = farm_supply(harvest, usual.through, behaviour.seed_supply, seed * price[SEED], seed)
    parts = usual.margin * price
    margin = np.maximum(parts.sum(axis=0), 0.0)
    crush = np.minimum(usual.crush * margin**behaviour.crush_elasticity, behaviour.capacity_kt)
    home = usual.home * price[OIL:] ** -behaviour.home_use
    offered = usual.yields * crush
    offered[SEED] += supply - usual.stock_change
    offered[OIL:] -= home
    return Supplied(farm, supply, by_price, crush, margin, parts, home, offered)


def _supply_slopes(task: Task, canada: Supplied) -> Floats:
    """Derivatives (product, product, draw) of what Canada offers to its log prices."""
    behaviour, margin, crush = task.behaviour, canada.margin, canada.crush
    inside = (margin > 0) & (crush < behaviour.capacity_kt)
    more = np.divide(behaviour.crush_elasticity * crush, margin, out=np.zeros_like(margin), where=inside)
    slopes = np.asarray(task.usual.yields[:, None] * (more * canada.parts))
    slopes[SEED, SEED] += canada.by_price
    for good in (OIL, MEAL):
        slopes[good, good] += behaviour.home_use * canada.home[good - OIL]
    return slopes


def step(point: Point) -> Floats:
    """Newton's step, no coordinate further than :data:`LONGEST_STEP`, s no further than :data:`LONGEST_ODDS`.

    China's volume, where it is imposed, is eliminated first; then what stands in the markets of one product alone: both
    unknowns of the others' seed, their price of oil, that of meal. Cramer's rule solves the three that remain.
    """
    seed = np.concatenate([point.seed, point.left[[SEED, GOODS, ODDS], None]], axis=1)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        if len(point.left) > UNKNOWNS:
            volume = np.concatenate([point.duty[:3], point.left[-1:]]) / point.duty[0]
            seed[0] -= point.duty[3] * volume
            seed[2] -= point.duty[4] * volume
        ends = seed[:, [0, 3]]  # to Canada's price, and what is left
        level, odds = _pair(seed[1:, 1:3], ends[1:])
        price, left = ends[0] - seed[0, 1] * level - seed[0, 2] * odds
        follows, alone = point.others_own / point.others_others, point.left[OTHERS][OIL:] / point.others_others
        mine = point.own.copy()
        mine[SEED, SEED] = price
        for good in (OIL, MEAL):
            mine[good, good] -= point.own_others[good - OIL] * follows[good - OIL]
        sides = np.concatenate([-left[None], point.own_others * alone - point.left[OWN][OIL:]])
        own = cramer(mine, sides)
        level, odds = -level[1] - level[0] * own[SEED], -odds[1] - odds[0] * own[SEED]
        steps = [own, level[None], -alone - follows * own[OIL:], odds[None]]
        if len(point.left) > UNKNOWNS:
            steps.append(-(volume[:3] * np.stack([own[SEED], level, odds])).sum(axis=0, keepdims=True) - volume[3:])
        whole = np.concatenate(steps)
    longest = np.full((len(whole), 1), LONGEST_STEP)
    longest[ODDS] = LONGEST_ODDS
    return bounded(np.where(np.isfinite(whole), whole, 0.0), longest)


def bounded(step: Floats, longest: Floats) -> Floats:
    """`step` shortened so that no coordinate of a draw moves further than `longest` (coordinate, 1)."""
    return step / np.maximum((np.abs(step) / longest).max(axis=0), 1.0)


def cramer(rows: Floats, sides: Floats) -> Floats:
    """Solutions (3, draw) of three equations, `rows` (equation, coordinate, draw) times them being `sides`."""
    first, second, third = rows
    minors = _cross(second, third), _cross(third, first), _cross(first, second)
    solution = sum(side * minor for side, minor in zip(sides, minors, strict=True)) / (first * minors[0]).sum(axis=0)
    return np.asarray(solution)


def _cross(left: Floats, right: Floats) -> Floats:
    """Cross products of vectors (3, draw)."""
    return left[[1, 2, 0]] * right[[2, 0, 1]] - left[[2, 0, 1]] * right[[1, 2, 0]]


def _pair(rows: Floats, sides: Floats) -> Floats:
    """Solutions (2, case, draw) of two equations, `rows` (equation, coordinate, draw) times them being each of `sides`
    (equation, case, draw).
    """
    (a, b), (c, d) = rows
    return np.stack([sides[0] * d - b * sides[1], a * sides[1] - sides[0] * c]) / (a * d - b * c)


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


def producer_surplus(base: MarketBase, seed_supply: Floats, farm_price: Floats) -> Floats:
    """Area left of the supply curve of marketed seed between the two farm prices; receipts set its scale.

    Marketed seed at price p (relative) is H p^e - R with harvest H and stock change R, so the area is
    H (p^(1+e) - 1) / (1 + e) - R (p - 1), and the base receipts are worth H - R.
    """
    power = 1 + seed_supply
    area = base.harvest_kt * (farm_price**power - 1) / power - base.stock_change_kt * (farm_price - 1)
    return np.asarray(base.receipts_cad * area / (base.harvest_kt - base.stock_change_kt))


@dataclass(frozen=True, eq=False)
class Split:
    """Rivals' seed at log P and s; arrays (draw,)."""

    log_elsewhere: Floats  #: Log price outside of China, over that of the base.
    premium: Floats  #: Log price in China less that.
    elsewhere: Floats  #: Tonnes outside of China, over those of the base.
    log_to_china: Floats  #: Log of those to China, over those of the base.
    worth: Floats  #: Part of China in the value of what is sold, by which P weighs both prices.


def rivals_split(part: Floats, turning: Floats, supply: Floats, level: Floats, odds: Floats) -> Split:
    """Prices and tonnes of rivals' seed in both markets.

    Parameters
    ----------
    part : array (draw,)
        China's part of the tonnes in the base, t.
    turning, supply : array (draw,)
        k and e.
    level, odds : array (draw,)
        Log P and s.
    """
    more = part * np.expm1((1 + turning) * odds)
    short = np.log1p(more) / (1 + turning)
    log_elsewhere = supply * level - short
    return Split(
        log_elsewhere=level - turning * short,
        premium=turning * odds,
        elsewhere=np.exp(log_elsewhere),
        log_to_china=log_elsewhere + odds,
        worth=(part + more) / (1 + more),
    )
