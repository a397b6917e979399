"""Draws, today's base of them, and duties, for the tests of the market; a module may have draws of its own."""

from __future__ import annotations

import pandas as pd
import pytest
from samplerows import priors, today

from tradeexposure.canola.market.bases import MarketBase
from tradeexposure.policy import regimes, scenarios


@pytest.fixture(scope="module")
def drawn() -> pd.DataFrame:
    return priors(64, 3, "acreage")


@pytest.fixture(scope="module")
def now(drawn: pd.DataFrame) -> MarketBase:
    return today(drawn)


@pytest.fixture(scope="module")
def taxed() -> dict[tuple[str, str], float]:
    return regimes.canola(scenarios.load("status_quo_2025"))
