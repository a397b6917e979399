"""Exports of seed that several modules are tried on."""

from __future__ import annotations

import pandas as pd
import pytest

from tradeexposure import data
from tradeexposure.canola.exposure import grain_exports
from tradeexposure.data import geography
from tradeexposure.data.geography import CHINA


@pytest.fixture
def two_years() -> pd.DataFrame:
    """2020-08 to 2022-07: China takes 1 kt a month in the first crop year, nothing after; Japan 3 kt throughout."""
    months = pd.date_range("2020-08", "2022-07", freq="MS")
    china = pd.DataFrame({"month": months, "destination": CHINA, "volume_kt": [1.0] * 12 + [0.0] * 12})
    japan = pd.DataFrame({"month": months, "destination": "Japan", "volume_kt": 3.0})
    return pd.concat([china, japan], ignore_index=True)


@pytest.fixture
def crush() -> pd.DataFrame:
    return pd.DataFrame({"month": pd.date_range("2020-01", "2022-12", freq="MS"), "seed_crushed_kt": 4.0})


@pytest.fixture(scope="session")
def seed() -> pd.DataFrame:
    return grain_exports.monthly_exports(data.load(grain_exports.TABLE))


@pytest.fixture(scope="session")
def areas() -> pd.DataFrame:
    return geography.canola_subdivisions(data.load(geography.CANOLA_TABLE))
