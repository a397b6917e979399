"""A bank of simulated histories that several tests weigh."""

from __future__ import annotations

import numpy as np
import pytest

from tradeexposure.canola.weights.simulated_history import DutyRegimes, Paths2019, SimulatedHistory, simulate


@pytest.fixture(scope="session")
def paths() -> Paths2019:
    """A joint normal of the size of the estimates; two draws have no shortfall."""
    rng = np.random.default_rng(7)
    shortfall = rng.normal(3200, 800, 1000)
    shortfall[:2] = -10.0
    others = 800 + 0.45 * shortfall + rng.normal(0, 1000, 1000)
    return Paths2019(shortfall, others, rng.normal(1100, 700, 1000) - 0.05 * shortfall, 1265.7)


@pytest.fixture(scope="session")
def simulations(paths: Paths2019) -> SimulatedHistory:
    laws = DutyRegimes.on(taxed="2025-12-31", arranged="2026-10-01")
    return simulate(600, seed=16, paths=paths, regimes=laws, spring=(2, 3, 4), since_deal=range(3, 9), seed_taxed=0.5)
