"""Canadian canola under changed duties: exact partial equilibrium of seed, oil and meal, for all draws at once.

Seed is supplied along a constant-elasticity curve, crushed at a constant elasticity to the crush margin up to
capacity, and exported; oil and meal are its joint products. Import demand, other exporters' supply and home use have
constant elasticities. The change of stocks is held. Nothing is linearised, so a duty of 75% to 100% is exact, and
every regime is solved from the base: the answer does not depend on the way there.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import qmc

from tradeexposure import (
    canola_armington,
    canola_balance,
    canola_equivalent,
    canola_homogeneous,
    canola_newton,
    canola_outcome,
    canola_parameters,
)
from tradeexposure.canola_base import CanolaBase, Floats
from tradeexposure.canola_cells import MARKETS, PRODUCTS
from tradeexposure.canola_outcome import CanolaOutcome
from tradeexposure.canola_parameters import Duties, Given
from tradeexposure.canola_trade import Closure
from tradeexposure.core.errors import BadInput, NotConverged

CLOSURES = ("armington", "homogeneous")
PREPARE: dict[str, Callable[[CanolaBase, Given], Closure]] = {
    "armington": canola_armington.prepare,
    "homogeneous": canola_homogeneous.prepare,
}
#: What a solution may leave on any market or identity, as a share of the base flow.
CLEARS = 1e-9
#: Steps of the duties, in equal parts of their log, for draws that one leap does not solve, then for those left.
STAGES = (16, 64)
#: Starts around the place where a draw got stuck between two ties: how many (a power of two), and how far (log points).
STARTS, AROUND = 64, 0.03
#: Draws solved at once: few enough for their arrays to stay in the processor's cache.
BATCH = 2000
#: Log points: where an equivalent tariff is sought first, and how near to the duty at which one good changes hands.
FIRST_HIGH, BESIDE = 0.5, canola_equivalent.CLOSE / 4
CHINA, SEED = MARKETS.index("china"), PRODUCTS.index("seed")


def simulate(base: CanolaBase, draws: pd.DataFrame, duties: Duties, *, closure: str) -> CanolaOutcome:
    """Solve one regime for every draw.

    Parameters
    ----------
    draws : DataFrame
        One row per draw, see :data:`tradeexposure.canola_parameters.COLUMNS`.
    duties : mapping of (market, product) to float or array (draw,)
        Duty on Canadian goods, share of border value; ``inf`` is an embargo. What is not named keeps its base duty.
    closure : {"armington", "homogeneous"}

    Raises
    ------
    BadInput
        Unknown closure, and as for :func:`tradeexposure.canola_parameters.given`.
    NotConverged
        A draw without a solution.
    """
    _check_closure(closure)
    given = canola_parameters.given(base, draws, duties)
    return solve(base, draws, given, closure=closure)


def solve(base: CanolaBase, draws: pd.DataFrame, given: Given, *, closure: str) -> CanolaOutcome:
    """As :func:`simulate`, for draws and duties that are checked already."""
    batches = [slice(first, first + BATCH) for first in range(0, len(draws), BATCH)]
    prepared = [PREPARE[closure](base, given.take(rows)) for rows in batches]
    leaps = [canola_newton.solve(base, one, canola_newton.from_base(one)) for one in prepared]
    unknowns, residual = (np.concatenate(parts, axis=-1) for parts in zip(*leaps, strict=True))
    for stages in STAGES:
        hard = np.flatnonzero(~(residual < CLEARS))
        if len(hard):
            unknowns[:, hard], residual[hard] = _in_stages(base, given.take(hard), closure, stages)
    for stuck in np.flatnonzero(~(residual < CLEARS)):
        around = unknowns[:, stuck]
        unknowns[:, stuck], residual[stuck] = _from_many_starts(base, given, closure, stuck, around)
    found = canola_outcome.joined(
        [
            canola_outcome.outcome(base, one.given, canola_balance.at(base, one, unknowns[:, rows]))
            for one, rows in zip(prepared, batches, strict=True)
        ]
    )
    bad = ~(found.residual < CLEARS)
    if bad.any():
        at = int(np.argmax(bad))
        values = {str(name): float(value) for name, value in draws.iloc[at].items()}
        raise NotConverged(f"canola, {closure}", draw=at, parameters=values, residual=float(found.residual[at]))
    return found


def _in_stages(base: CanolaBase, given: Given, closure: str, stages: int) -> tuple[Floats, Floats]:
    """Raise the duties step by step from the base, each stage starting where the last one ended."""
    first = PREPARE[closure](base, given.scaled(0.0))
    unknowns, residual = canola_newton.solve(base, first, canola_newton.from_base(first))
    for stage in range(1, stages + 1):
        prepared = PREPARE[closure](base, given.scaled(stage / stages))
        unknowns, residual = canola_newton.solve(base, prepared, unknowns)
    return unknowns, residual


def _from_many_starts(
    base: CanolaBase, given: Given, closure: str, stuck: np.intp, around: Floats
) -> tuple[Floats, float]:
    """The best of many starts around one place, for a draw caught on a stretch along which nothing is bought."""
    prepared = PREPARE[closure](base, given.take(np.full(STARTS, stuck)))
    shifts = qmc.Sobol(len(around), scramble=False).random(STARTS).T - 0.5
    unknowns, residual = canola_newton.solve(base, prepared, around[:, None] + 2 * AROUND * shifts)
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
    given = canola_parameters.given(base, draws, {})
    falls = np.broadcast_to(np.asarray(fall, dtype=float), (len(draws),))
    if not ((falls > 0) & (falls < 1)).all():
        raise BadInput("equivalent_tariff", "fall", found=f"{fall}", allowed="a share above 0 and below 1")

    def kept(log_factor: Floats, rows: npt.NDArray[np.intp]) -> Floats:
        some = given.take(rows)
        some.log_factor[CHINA, SEED] = log_factor  # a copy: take indexes with an array
        volume = solve(base, draws.iloc[rows], some, closure=closure).volume("china", "seed")
        return volume / base.canada_kt[CHINA, SEED]

    low, high = _sought_first(given, closure)
    factor = canola_equivalent.falling_root(kept, 1 - falls, low=low, high=high)
    return np.asarray(np.exp(factor) * (1 + base.duty[CHINA, SEED]) - 1)


def _sought_first(given: Given, closure: str) -> tuple[Floats, Floats]:
    """Log duty factors between which an equivalent tariff is sought first; one good is mostly lost at one duty."""
    if closure == "homogeneous":
        switch = canola_homogeneous.china_gives_up(given)[SEED]
        return np.maximum(switch - BESIDE, 0.0), switch + BESIDE
    draws = given.seed_supply.shape
    return np.zeros(draws), np.full(draws, FIRST_HIGH)


def _check_closure(closure: str) -> None:
    if closure not in CLOSURES:
        raise BadInput("canola", "closure", found=closure, allowed=", ".join(CLOSURES))
