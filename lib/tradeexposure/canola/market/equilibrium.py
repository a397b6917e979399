"""Canadian canola under changed duties: exact partial equilibrium of seed, oil and meal, for all draws at once.

Seed is supplied along a constant-elasticity curve, crushed at a constant elasticity to the crush margin up to
capacity, and exported; oil and meal are its joint products. Import demand, other exporters' supply and home use have
constant elasticities. The change of stocks is held. Nothing is linearised, so a duty of 75% to 100% is exact, and
every regime is solved from the base: the answer does not depend on the way there. An outcome also says how far its
accounts are from closing.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.stats import qmc

from tradeexposure.canola.market import closures, newton, parameters, solver
from tradeexposure.canola.market.base_year import CanolaBase
from tradeexposure.canola.market.clearing import FLOOR, GOODS, producer_surplus
from tradeexposure.canola.market.closures import Closure
from tradeexposure.canola.market.logit import Duties
from tradeexposure.canola.market.outcome import CAD_PER_T_TIMES_KT, CanolaOutcome, joined
from tradeexposure.canola.market.parameters import Draws
from tradeexposure.canola.market.solver import Point
from tradeexposure.core import arrays
from tradeexposure.core.arrays import Floats, Ints
from tradeexposure.core.errors import BadInput, NotConverged
from tradeexposure.policy.canola_cells import AT_CHINA, AT_OTHERS, OIL, SEED

PREPARE: dict[str, Callable[[CanolaBase, Draws], Closure]] = {
    "armington": closures.armington,
    "homogeneous": closures.homogeneous,
}
#: What a solution may leave on any market or identity, as a share of the base flow.
CLEARS = newton.CLEARED
#: Steps of the duties, in equal parts of their log, for draws that one leap does not solve, then for those left.
STAGES = (16, 64)
#: Starts around the place where a draw got stuck between two ties: how many (a power of two), and how far (log points).
STARTS, AROUND = 64, 0.03
#: Draws solved at once: few enough for their arrays to stay in the processor's cache.
BATCH = 2000
#: Log points: where an equivalent tariff is sought first, and how near to the duty at which one good changes hands.
FIRST_HIGH, BESIDE = 0.5, solver.CLOSE / 4


def outcome(base: CanolaBase, drawn: Draws, point: Point) -> CanolaOutcome:
    """What the analyst reads, from a solved point."""
    trade = point.trade
    volume = trade.canada.copy()
    volume[AT_CHINA] -= trade.rerouted
    volume[AT_OTHERS] += trade.rerouted
    price = base.price_cad_t[:, None] * np.exp(trade.log_price)
    elsewhere = volume[:, SEED].sum(axis=0) - volume[AT_CHINA, SEED]
    marketed, usual = point.supply_kt - base.stock_change_kt, base.harvest_kt - base.stock_change_kt
    return CanolaOutcome(
        farm_price_change=point.farm_price - 1,
        producer_surplus_cad=producer_surplus(base, drawn.seed_supply, point.farm_price),
        receipts_change_cad=base.receipts_cad * (point.farm_price * marketed / usual - 1),
        volume_kt=np.moveaxis(volume, -1, 0),
        export_value_cad=np.moveaxis(volume * price * CAD_PER_T_TIMES_KT, -1, 0),
        diverted_kt=elsewhere - (base.canada_kt[:, SEED].sum() - base.canada_kt[AT_CHINA, SEED]),
        rerouted_kt=trade.rerouted.T,
        crush_kt=point.crush_kt,
        supply_kt=point.supply_kt,
        crush_at_capacity=point.at_capacity,
        residual=_residual(base, drawn, point, volume),
    )


def _residual(base: CanolaBase, drawn: Draws, point: Point, volume: Floats) -> Floats:
    """Largest of: markets that do not clear, origins that do not add up, and the accounts of seed, oil and meal."""
    size = solver.scales(base, drawn)[:GOODS]
    trade, exports = point.trade, volume.sum(axis=0)
    apart = np.abs(trade.canada + trade.others - trade.total).max(axis=0)
    made = np.stack([drawn.oil_yield, drawn.meal_yield]) * point.crush_kt
    seed = point.supply_kt - exports[SEED] - point.crush_kt - base.stock_change_kt
    accounts = np.concatenate([seed[None], made - point.home_kt - exports[OIL:]])
    floor = np.where(point.farm_price > FLOOR, 0.0, np.inf)  # no solution without a farm price
    parts = [np.abs(point.left), np.abs(accounts) / size, apart / size, floor[None]]
    found = np.concatenate(parts).max(axis=0)
    return np.where(np.isfinite(found), found, np.inf)


def simulate(base: CanolaBase, draws: pd.DataFrame, duties: Duties, *, closure: str) -> CanolaOutcome:
    """Solve one regime for every draw.

    Parameters
    ----------
    draws : DataFrame
        One row per draw, see :data:`tradeexposure.canola.market.parameters.COLUMNS`.
    duties : mapping of (market, product) to float or array (draw,)
        Duty on Canadian goods, share of border value; ``inf`` is an embargo. What is not named keeps its base duty.
    closure : {"armington", "homogeneous"}

    Raises
    ------
    BadInput
        Unknown closure, and as for :func:`tradeexposure.canola.market.parameters.arranged_draws`.
    NotConverged
        A draw without a solution.
    """
    _check_closure(closure)
    drawn = parameters.arranged_draws(base, draws, duties)
    return solve(base, draws, drawn, closure=closure)


def solve(base: CanolaBase, draws: pd.DataFrame, drawn: Draws, *, closure: str) -> CanolaOutcome:
    """As :func:`simulate`, for draws and duties that are checked already."""
    return arrays.solution_of(closure, (base, drawn), lambda: _arrived(base, draws, drawn, closure)[0])


def _arrived(
    base: CanolaBase, draws: pd.DataFrame, drawn: Draws, closure: str, near: Floats | None = None
) -> tuple[CanolaOutcome, Floats]:
    """The outcome and its coordinates (6, draw); with coordinates `near` by, the search begins there."""
    batches = [slice(first, first + BATCH) for first in range(0, len(draws), BATCH)]
    prepared = [PREPARE[closure](base, drawn.take(rows)) for rows in batches]
    if near is None:
        near = np.concatenate([*map(_beginning(base, drawn, closure), prepared)], axis=-1)
    leaps = [solver.solve(base, one, near[:, rows]) for one, rows in zip(prepared, batches, strict=True)]
    unknowns, residual = (np.concatenate(parts, axis=-1) for parts in zip(*leaps, strict=True))
    for stages in STAGES:
        hard = np.flatnonzero(~(residual < CLEARS))
        if len(hard):
            unknowns[:, hard], residual[hard] = _in_stages(base, drawn.take(hard), closure, stages)
    for stuck in np.flatnonzero(~(residual < CLEARS)):
        around = unknowns[:, stuck]
        unknowns[:, stuck], residual[stuck] = _from_many_starts(base, drawn, closure, stuck, around)
    found = joined(
        [
            outcome(base, one.drawn, solver.balance(base, one, unknowns[:, rows]))
            for one, rows in zip(prepared, batches, strict=True)
        ]
    )
    bad = ~(found.residual < CLEARS)
    if bad.any():
        at = int(np.argmax(bad))
        values = {str(name): float(value) for name, value in draws.iloc[at].items()}
        raise NotConverged(f"canola, {closure}", draw=at, parameters=values, residual=float(found.residual[at]))
    return found, unknowns


def _beginning(base: CanolaBase, drawn: Draws, closure: str) -> Callable[[Closure], Floats]:
    """Where the search for some draws begins: on a line through a few that are solved first, or at the base."""
    rows = newton.pilots(len(drawn.seed_supply))
    if rows is None:
        return solver.from_base
    few = PREPARE[closure](base, drawn.take(rows))
    line = newton.line(few.drawn.traits(), *solver.solve(base, few, solver.from_base(few)))
    return solver.from_base if line is None else lambda some: line(some.drawn.traits())


def _in_stages(base: CanolaBase, drawn: Draws, closure: str, stages: int) -> tuple[Floats, Floats]:
    """Raise the duties step by step from the base, each stage starting where the last one ended."""
    first = PREPARE[closure](base, drawn.scaled(0.0))
    unknowns, residual = solver.solve(base, first, solver.from_base(first))
    for stage in range(1, stages + 1):
        prepared = PREPARE[closure](base, drawn.scaled(stage / stages))
        unknowns, residual = solver.solve(base, prepared, unknowns)
    return unknowns, residual


def _from_many_starts(
    base: CanolaBase, drawn: Draws, closure: str, stuck: np.intp, around: Floats
) -> tuple[Floats, float]:
    """The best of many starts around one place, for a draw caught on a stretch along which nothing is bought."""
    prepared = PREPARE[closure](base, drawn.take(np.full(STARTS, stuck)))
    shifts = qmc.Sobol(len(around), scramble=False).random(STARTS).T - 0.5
    unknowns, residual = solver.solve(base, prepared, around[:, None] + 2 * AROUND * shifts)
    best = int(np.argmin(residual))
    return unknowns[:, best], float(residual[best])


def equivalent_tariff(
    base: CanolaBase, draws: pd.DataFrame, fall: float | Floats, *, closure: str = "armington"
) -> Floats:
    """Duty on seed into China at which Canada's volume falls by a given share of the base; other duties stay.

    In the homogeneous closure volume drops along a tie, at one duty, which is the one returned: it then stands for
    price and diversion, and the volume at it is any on the tie.

    Parameters
    ----------
    fall : float or array (draw,)
        Share of the base volume that is lost, between 0 and 1.

    Returns
    -------
    array (draw,)
        Duty, share of border value, the base's included.

    Raises
    ------
    BadInput
        A fall outside 0 to 1, and as for :func:`simulate`.
    NotConverged
        A draw without a solution.
    """
    _check_closure(closure)
    drawn = parameters.arranged_draws(base, draws, {})
    falls = np.broadcast_to(np.asarray(fall, dtype=float), (len(draws),))
    if not ((falls > 0) & (falls < 1)).all():
        raise BadInput("equivalent_tariff", "fall", found=f"{fall}", allowed="a share above 0 and below 1")

    places = np.full((2 * GOODS, len(draws)), np.nan)  # where the duty tried last ended, by draw

    def kept(log_factor: Floats, rows: Ints) -> Floats:
        some, near = drawn.take(rows), places[:, rows]
        some.log_factor[AT_CHINA, SEED] = log_factor  # a copy: take indexes with an array
        found, places[:, rows] = _arrived(base, draws.iloc[rows], some, closure, None if np.isnan(near).any() else near)
        return found.volume("china", "seed") / base.canada_kt[AT_CHINA, SEED]

    low, high = _sought_first(drawn, closure)
    factor = solver.falling_root(kept, 1 - falls, low=low, high=high)
    return np.asarray(np.exp(factor) * (1 + base.duty[AT_CHINA, SEED]) - 1)


def _sought_first(drawn: Draws, closure: str) -> tuple[Floats, Floats]:
    """Log duty factors between which an equivalent tariff is sought first; one good is mostly lost at one duty."""
    if closure == "homogeneous":
        switch = closures.china_gives_up(drawn)[SEED]
        return np.maximum(switch - BESIDE, 0.0), switch + BESIDE
    draws = drawn.seed_supply.shape
    return np.zeros(draws), np.full(draws, FIRST_HIGH)


def _check_closure(closure: str) -> None:
    if closure not in closures.CLOSURES:
        raise BadInput("canola", "closure", found=closure, allowed=", ".join(closures.CLOSURES))
