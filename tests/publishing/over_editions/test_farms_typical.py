"""Average farms follow from the tables, and the guide is quoted as it stands in its own."""

from __future__ import annotations

import pandas as pd
import pytest

from tradeexposure import data
from tradeexposure.publishing.over_editions import farms


def test_average_farms_are_area_over_farms_and_harvest_over_area() -> None:
    """By hand for Saskatchewan: 11,980,413 acres on 14,578 farms; 12,434,511 t from 4,904,400 ha; C$706.10 a tonne."""
    found = {place.name: place for place in farms.provinces()}
    assert list(found) == ["Saskatchewan", "Alberta", "Manitoba"]
    farm = found["Saskatchewan"].farm
    assert farm.acres == round(11_980_413 / 14_578) == 822
    assert farm.bushels == pytest.approx(12_434_511 / 0.02268 / (4_904_400 * 2.47105), abs=0.05)
    assert farm.price == round(706.1 * 0.02268, 2) == 16.01
    assert {(f"{place.price.month:%Y-%m}", place.price.per_tonne) for place in found.values()} == {("2026-06", 706.1)}
    own = {name: (f"{place.own_price.month:%Y-%m}", place.own_price.per_tonne) for name, place in found.items()}
    assert own["Saskatchewan"] == ("2025-11", 622.17) and len(set(own.values())) == 3


def test_the_guide_adds_up() -> None:
    """Gross revenue is yield times price but for the rounding of the yield; variable expenses are a part of all."""
    guide = pd.DataFrame(farms.guide())
    assert guide["soil_zone"].tolist() == ["Black", "Dark Brown", "Brown"] and set(guide["year"]) == {2026}
    gross = guide["yield_bushels_per_acre"] * guide["price_cad_per_bushel"]
    assert (gross - guide["gross_revenue_cad_per_acre"]).abs().max() <= 0.05 * 13.2
    assert (guide["total_expenses_cad_per_acre"] > guide["variable_expenses_cad_per_acre"]).all()
    assert data.sources([farms.GUIDE])["licence"].str.contains("quoted with their source").all()
