"""A small grid of the explorer: few draws, long steps, the project's own models."""

from __future__ import annotations

from functools import cache
from typing import Any

import samplerows

from tradeexposure.scenarios.comparison import explorer, grid
from tradeexposure.scenarios.simulation import models

DRAWS, SEED, HELD_OUT = 1000, 7, 3
REPLACED = {"volume_fall_2019": (0.6, 0.7, 0.8), "ev_semi_elasticity": (0.02, 0.06, 0.1)}
STEPS = {
    "seed": [(0.09, 0.3, 0.03), (0.3, 1.1, 0.2)],
    "quota": [(5000.0, 100_000.0, 19_000.0)],
    "us": [(0.0, 1.0, 0.1)],
}
PRESETS = {"The deal": {}, "A high seed duty": {"seed": 0.848}, "A <larger> quota": {"quota": 63_037.0}}


@cache
def setting() -> models.Setting:
    """The scenario that the levers start from."""
    return models.prepare("deal_2026", draws=DRAWS, seed=SEED, replaced=REPLACED, rows=samplerows.rows())


@cache
def solved() -> grid.Grid:
    """The grid."""
    return grid.solve(setting(), STEPS, PRESETS, held_out=HELD_OUT, seed=SEED)


@cache
def data() -> dict[str, Any]:
    """What a notebook hands to the page."""
    return explorer.as_json(solved())
