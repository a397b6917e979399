"""Assumed cells in words: none is lost or counted twice, and none is named by a key."""

from __future__ import annotations

import pandas as pd
import pytest
from samplerows import rows

from tradeexposure.scenarios.simulation import models, tables
from tradeexposure.scenarios.simulation.models import Setting


@pytest.fixture(scope="module")
def setting() -> Setting:
    replaced = {"volume_fall_2019": (0.6, 0.7, 0.8), "ev_semi_elasticity": (0.02, 0.06, 0.1)}
    return models.prepare("deal_2026", draws=models.FEWEST, seed=1, replaced=replaced, rows=rows())


def test_every_assumed_cell_is_told_once_and_in_words(setting: Setting) -> None:
    found = tables.assumed(setting)
    assert found["what"].is_unique
    assert not found["what"].str.contains("_", regex=False).any()
    canola = setting.canola.cells().query("assumed and quantity == 'volume'")
    told = found[found["what"].str.contains(r"^(?:Seed|Oil|Meal), ")]
    assert sorted(set(told["value"])) == sorted(set(canola["value"]))
    cars = pd.concat([setting.vehicles.cells(), setting.us.cells]).query("assumed")
    assert set(cars["value"]) <= set(found["value"])


def test_markets_with_the_same_figure_share_a_row(setting: Setting) -> None:
    found = tables.assumed(setting).set_index("what")
    assert found["value"]["Meal, Canada to Japan, Mexico, the European Union and other countries"] == 0
    assert found["value"]["Meal, Canada to China"] == 2000
    assert "2024 stands in" in found["source"]["Meal, Canada to China"]
