"""Prices that clear the markets of seed, oil and meal of both origins: Newton's method on all draws at once.

And what a solved market says of one regime.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np

from tradeexposure.canola.market import clearing
from tradeexposure.canola.market.bases import MarketBase
from tradeexposure.canola.market.clearing import FLOOR, OTHERS, OWN, UNKNOWNS, Case, Task
from tradeexposure.canola.market.logit import Behaviour, Duties, log_factors
from tradeexposure.core import arrays
from tradeexposure.core.arrays import Floats, Ints, Rows, numeric_content, of_draws
from tradeexposure.core.errors import BadInput, NotConverged
from tradeexposure.policy.tariff_index import AT_CHINA, MARKETS, MEAL, OIL, PRODUCTS, SEED, SEED_TO_CHINA

CAD_PER_T_TIMES_KT = 1e3  # C$/t × kt in C$
STEPS, HALVINGS = 60, 8
BATCH = 5000  # draws at once: more of them crowd the cache, fewer are many small steps
#: Draws that are solved first, for the line from which the search for all others begins.
PILOTS = 150
#: What may be left on a market, as a share of its base supply, before the last step: a whole one from there, whose
#: square is left, needs no look.
TOLERANCE = 5e-7
CLEARED = 1e-9  # what is promised of a solution, as a share of base supply
ENOUGH_LESS = 1 - 1e-4  # a step that does not lower the residual by this factor is halved
FEWER = 0.7  # part of the draws, below which only those that are not yet solved are looked at
LONGER = 0.1  # part of a batch that is left to be solved together with that of all others
#: Duties are raised in this many equal parts of their log for draws that one leap does not solve.
STAGES = (8, 64)


@dataclass(frozen=True, eq=False)
class LogitOutcome:
    """One regime against the base; arrays (draw,) unless said otherwise. Two regimes differ by their difference."""

    farm_price_change: Floats  #: Share of the base farm price.
    #: C$ a year, change against the base, on the seed marketed (harvest less stock change).
    producer_surplus_cad: Floats
    receipts_change_cad: Floats  #: C$ a year, change against the base.
    volume_kt: Floats  #: Shape (draw, market, product), level; kt a year from Canada, by market of destination.
    export_value_cad: Floats  #: Shape (draw, market, product), level; the same at the border, before duty.
    diverted_kt: Floats  #: Rise of seed to all markets but China against the base.
    #: Level.
    crush_kt: Floats
    supply_kt: Floats
    residual: Floats  #: Largest market-clearing, adding-up or accounting residual, share of the base flow.
    price_ratio: Floats  #: Shape (draw, product), border price over that of the base.
    rival_price_ratio: Floats  #: Shape (draw, product), the same of the other origins; of seed, outside of China.
    rival_seed_in_china: Floats  #: The same of their seed in China.
    #: Their seed to China and to all others, kt.
    rivals_to_china_kt: Floats
    rivals_elsewhere_kt: Floats
    margin_ratio: Floats  #: Crush margin over that of the base, capacity rent included.
    duty: Floats  #: Duty on seed into China: the one imposed, or the one that stands for a volume that was.
    ended: Floats  #: Shape (draw, unknown), the unknowns of :mod:`clearing` there, from which a search near by begins.

    def volume(self, market: str, product: str) -> Floats:
        """Tonnes of one market and product, kt; array (draw,)."""
        return _of_market(self.volume_kt, market, product)

    def value(self, market: str, product: str) -> Floats:
        """Export value of one market and product, C$; array (draw,)."""
        return _of_market(self.export_value_cad, market, product)

    @property
    def china_seed_kt(self) -> Floats:
        """Seed that China buys from all origins, kt; (draw,)."""
        return self.volume(*SEED_TO_CHINA) + self.rivals_to_china_kt

    def take(self, rows: Rows) -> LogitOutcome:
        """Only these draws."""
        return LogitOutcome(**{each.name: getattr(self, each.name)[rows] for each in fields(self)})

    def put(self, rows: Ints, some: LogitOutcome) -> None:
        """Write the outcome of some draws into this one."""
        for each in fields(self):
            getattr(self, each.name)[rows] = getattr(some, each.name)


def _of_market(array: Floats, market: str, product: str) -> Floats:
    return np.asarray(array[:, MARKETS.index(market), PRODUCTS.index(product)])


def joined(parts: Sequence[LogitOutcome]) -> LogitOutcome:
    """Batches of draws, one after the other, as one outcome."""
    names = [each.name for each in fields(LogitOutcome)]
    return LogitOutcome(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


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
    target = None
    if kept_in_china is not None:
        parts = np.broadcast_to(np.asarray(kept_in_china, dtype=float), (draws,))
        if not (parts > 0).all():
            raise BadInput("kept_in_china", found=f"{parts.min()}", allowed="a part above 0")
        target = np.log(parts) + np.log(np.broadcast_to(base.canada_kt[AT_CHINA, SEED], (draws,)))
    case = Case(base, behaviour, factor, target)
    if near is not None:
        return _in_batches(case, near)
    return arrays.solution_of("origins", (case,), lambda: _in_batches(case, None))


def _in_batches(case: Case, near: LogitOutcome | None) -> LogitOutcome:
    """The solution, some draws after the others."""
    begin, draws, distinct = _beginning(case, near), case.log_factor.shape[-1], _distinct(case)
    batches = [slice(first, min(first + BATCH, distinct)) for first in range(0, distinct, BATCH)]
    parts = [case.take(rows) for rows in batches]
    unknowns = np.concatenate([begin(part, rows) for part, rows in zip(parts, batches, strict=True)], axis=1)
    tasks = [part.task() for part in parts]
    _solve(case, unknowns, tasks)
    solved = zip(parts, tasks, np.split(unknowns, range(BATCH, distinct, BATCH), axis=1), strict=True)
    outcome = joined([_outcome(*each) for each in solved])
    bent = np.flatnonzero(~(outcome.residual <= CLEARED))  # the last step crossed a bend, as where plants are full
    if len(bent):
        some, ended = case.take(bent), of_draws(unknowns, bent)
        _newton(some.task(), ended)
        outcome.put(bent, _outcome(some, some.task(), ended))
    return outcome if distinct == draws else outcome.take(np.arange(draws) % distinct)


def _distinct(case: Case) -> int:
    """How many draws there are before the same come again in the same order, as weighted rows do that are fewer."""
    draws = case.log_factor.shape[-1]
    varying = [each.reshape(-1, draws) for each in numeric_content(case) if each.shape[-1] == draws]
    again = np.arange(1, draws)
    for each in varying:
        again = again[(each[:, again] == each[:, :1]).all(axis=0)]
    same = (place for place in again.tolist() if all((each[:, place:] == each[:, :-place]).all() for each in varying))
    return next(same, draws)


def _batches(rows: Ints) -> list[Ints]:
    return np.split(rows, range(BATCH, len(rows), BATCH))


def _beginning(case: Case, near: LogitOutcome | None) -> Callable[[Case, slice], Floats]:
    """Where the search for some draws begins: at a solution near by, on a line through a few that are solved first, or
    at the base."""
    if near is not None:
        ended = near.ended.T
        return lambda some, rows: ended[:, rows]
    rows = pilots(case.log_factor.shape[-1])
    if rows is None:
        return lambda some, rows: some.start()
    few = case.take(rows)
    solved = few.start()
    left = _newton(few.task(), solved, LONGER)
    straight = line_through(few.traits(), solved, left)
    return lambda some, rows: some.start() if straight is None else straight(some.traits())


def _check(base: MarketBase, behaviour: Behaviour) -> None:
    for good, extraction in ((OIL, behaviour.oil_yield), (MEAL, behaviour.meal_yield)):
        if (extraction * base.crush_kt <= base.canada_kt[:, good].sum(axis=0)).any():
            raise BadInput("base", PRODUCTS[good], found="more exported than made", allowed="exports below output")
    there = base.others_kt[AT_CHINA, SEED]
    if not ((there > 0) & (there < base.others_kt[:, SEED].sum(axis=0))).all():
        raise BadInput(
            "draws", "rivals_in_china_kt", found=f"{there.min():g}", allowed="above 0, and not all they sell"
        )
    if (behaviour.capacity_kt < base.crush_kt).any():
        raise BadInput(
            "draws", "capacity_kt", found=f"{behaviour.capacity_kt.min():.0f}", allowed="the base crush or more"
        )


def _solve(case: Case, unknowns: Floats, tasks: Sequence[Task]) -> None:
    """Improve `unknowns` in place, batch by batch; then those together that take longer than most of their batch, then
    hard draws with duties raised step by step.
    """

    def improved(rows: Ints, task: Task, enough: float = 0.0) -> Ints:
        some = of_draws(unknowns, rows)
        size = _newton(task, some, enough)
        unknowns[:, rows] = some
        return rows[size > TOLERANCE]

    batches = _batches(np.arange(unknowns.shape[1]))
    longer = np.concatenate([improved(*each, LONGER) for each in zip(batches, tasks, strict=True)])
    hard = np.concatenate([improved(rows, case.take(rows).task()) for rows in _batches(longer)])
    for stages in STAGES:
        if len(hard):
            some = case.take(hard)
            begun = some.start()
            for stage in range(1, stages + 1):
                _newton(some.part(stage / stages).task(), begun)
            unknowns[:, hard] = begun
            hard = improved(hard, some.task())
    if len(hard):
        left = residual(clearing.at(case.take(hard).task(), unknowns[:, hard]).left)
        worst = int(np.argmax(left))
        mine = case.behaviour.take(hard[worst : worst + 1])
        known = {"seed_scale": float(mine.scale[SEED, 0]), "seed_supply": float(mine.seed_supply[0])}
        if not left[worst] < CLEARED:
            raise NotConverged("canola, logit", draw=int(hard[worst]), parameters=known, residual=float(left[worst]))


def _newton(task: Task, unknowns: Floats, enough: float = 0.0) -> Floats:
    """Improve `unknowns` in place until no more than the part `enough` of the draws is left; what was left of each
    before its last step.

    The step of a draw that does not lower what is left is halved, at most :data:`HALVINGS` times.
    """
    active, some, at, step = np.arange(unknowns.shape[1]), task, unknowns.copy(), np.zeros_like(unknowns)
    sizes = np.empty(unknowns.shape[1])
    before, halvings = np.full(sizes.shape, np.inf), np.zeros(sizes.shape)
    for _ in range(STEPS):
        flows = clearing.at(some, at)
        size = residual(flows.left)
        short = (size > TOLERANCE) & ~(size <= ENOUGH_LESS * before) & (halvings < HALVINGS)
        step = np.where(short, step / 2, clearing.step(flows.point))
        at = at + np.where(short, -step, step)
        before, halvings = np.where(short, before, size), np.where(short, halvings + 1, 0)
        unknowns[:, active], sizes[active] = at, size
        keep = np.flatnonzero(size > TOLERANCE)
        if len(keep) <= enough * len(sizes):
            break
        if len(keep) < FEWER * len(active):
            active, some = active[keep], some.take(keep)
            at, step, before, halvings = (of_draws(each, keep) for each in (at, step, before, halvings))
    return sizes


def residual(left: Floats) -> Floats:
    """The largest of what is left on the markets, (draw,); infinite where it is no number."""
    size = np.abs(left).max(axis=0)
    return np.where(np.isfinite(size), size, np.inf)


def pilots(draws: int) -> slice | None:
    """Some of many draws, evenly spread, by an odd step so that rows that come again are not always the same ones."""
    return slice(None, None, draws // PILOTS | 1) if draws > 2 * PILOTS else None


def line_through(traits: Floats, solved: Floats, left: Floats) -> Callable[[Floats], Floats] | None:
    """A straight line from what draws are made of to where their markets clear, fitted by least squares.

    Parameters
    ----------
    traits : array (trait, draw)
        All in which draws differ; those that are the same in every one are left out.
    solved : array (coordinate, draw)
        Where the markets of these draws clear.
    left : array (draw,)
        What was left on them before the last step; draws above :data:`TOLERANCE` are passed over.

    Returns
    -------
    callable or None
        Takes traits of any draws and returns coordinates, which are only where to begin; None where fewer than half of
        the draws could be solved.
    """
    cleared = left <= TOLERANCE
    if 2 * np.count_nonzero(cleared) < len(left):
        return None
    traits, solved = traits[:, cleared], solved[:, cleared]
    differ = np.ptp(traits, axis=1) > 0
    middle, width = traits[differ].mean(axis=1)[:, None], traits[differ].std(axis=1)[:, None]

    def arranged(some: Floats) -> Floats:
        return np.concatenate([np.ones((1, some.shape[1])), (some[differ] - middle) / width])

    slopes = np.linalg.lstsq(arranged(traits).T, solved.T, rcond=None)[0].T
    return lambda some: np.asarray(slopes @ arranged(some))


def _outcome(case: Case, task: Task, unknowns: Floats) -> LogitOutcome:
    base, draws = case.base, case.behaviour.seed_supply.shape
    flows = clearing.at(task, unknowns)
    canada, volume, split = flows.canada, flows.sales.canada, flows.split
    price, others = np.exp(unknowns[OWN]), np.exp(unknowns[OTHERS])
    others[SEED] = np.exp(split.log_elsewhere)
    usual = base.canada_kt[:, SEED].sum(axis=0) - base.canada_kt[AT_CHINA, SEED]
    marketed, before = canada.supply - base.stock_change_kt, base.harvest_kt - base.stock_change_kt
    log_duty = case.log_factor[AT_CHINA, SEED] + (0.0 if case.log_target is None else unknowns[-1])
    duty = (1 + base.duty[AT_CHINA, SEED]) * np.exp(log_duty) - 1
    seed = canada.supply - volume[:, SEED].sum(axis=0) - canada.crush - base.stock_change_kt
    products = task.usual.yields[OIL:] * canada.crush - canada.home - volume[:, OIL:].sum(axis=0)
    accounts = np.concatenate([seed[None], products]) / task.usual.supply[OWN]
    missed = np.maximum(np.abs(flows.left).max(axis=0), np.abs(accounts).max(axis=0))
    return LogitOutcome(
        farm_price_change=canada.farm - 1,
        producer_surplus_cad=clearing.producer_surplus(base, case.behaviour.seed_supply, canada.farm),
        receipts_change_cad=base.receipts_cad * (canada.farm * marketed / before - 1),
        volume_kt=np.moveaxis(volume, -1, 0),
        export_value_cad=np.moveaxis(volume * price * base.price_cad_t * CAD_PER_T_TIMES_KT, -1, 0),
        diverted_kt=volume[:, SEED].sum(axis=0) - volume[AT_CHINA, SEED] - usual,
        crush_kt=canada.crush,
        supply_kt=canada.supply,
        residual=np.where(canada.farm > FLOOR, missed, np.inf),
        price_ratio=price.T,
        rival_price_ratio=others.T,
        rival_seed_in_china=np.exp(split.log_elsewhere + split.premium),
        rivals_to_china_kt=np.exp(flows.to_china),
        rivals_elsewhere_kt=flows.sold[SEED],
        margin_ratio=canada.margin,
        duty=np.broadcast_to(duty, draws).copy(),
        ended=unknowns[:UNKNOWNS].T.copy(),
    )
