"""The deal as the tests of its rows, words and charts have it, solved once."""

from __future__ import annotations

import pytest
import samplerows

from tradeexposure.scenarios.simulation import changes
from tradeexposure.scenarios.simulation.changes import Outputs
from tradeexposure.scenarios.simulation.models import Simulation


@pytest.fixture(scope="module")
def deal(solved_once: None) -> Simulation:
    """With the committed edition's estimates and a few of its rows."""
    return samplerows.simulation()


@pytest.fixture(scope="module")
def cars(deal: Simulation) -> Outputs:
    """What it changes of cars."""
    return changes.vehicle_change(deal.vehicles)
