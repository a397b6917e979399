"""The base year of the electric-car model."""

from __future__ import annotations

import pytest

from tradeexposure.policy import regimes
from tradeexposure.vehicles.market import base_year
from tradeexposure.vehicles.market.base_year import EvBase


@pytest.fixture(scope="package")
def base() -> EvBase:
    return base_year.calibrate(regimes.base_vehicles())
