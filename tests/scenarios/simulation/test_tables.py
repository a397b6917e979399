"""Assumed cells in words: none is lost or counted twice, and none is named by a key."""

from __future__ import annotations

import pandas as pd
import pytest
from samplerows import rows

from tradeexposure.scenarios.simulation import models, tables
from tradeexposure.scenarios.simulation.models import Simulation


@pytest.fixture(scope="module")
def solved() -> Simulation:
    replaced = {"volume_fall_2019": (0.6, 0.7, 0.8), "ev_semi_elasticity": (0.02, 0.06, 0.1)}
    return models.solve(models.prepare("deal_2026", draws=models.FEWEST, seed=1, replaced=replaced, rows=rows()))


def test_every_assumed_cell_is_told_once_and_in_words(solved: Simulation) -> None:
    found = tables.assumed(solved)
    assert found["what"].is_unique
    assert not found["what"].str.contains("_", regex=False).any()
    canola = solved.market.base.table.query("assumed and quantity == 'volume'")
    told = found[found["what"].str.contains(r"^(?:Seed|Oil|Meal), ")]
    assert sorted(set(told["value"])) == sorted(set(canola["value"]))
    cars = pd.concat([solved.setting.vehicles.cells(), solved.setting.us.cells]).query("assumed")
    assert set(cars["value"]) <= set(found["value"])


def test_markets_with_the_same_figure_share_a_row(solved: Simulation) -> None:
    found = tables.assumed(solved).set_index("what")
    assert found["value"]["Oil, Canada to Japan and the European Union"] == 0
    assert "grown as the crush" in found["source"]["Oil, Canada to China"]
