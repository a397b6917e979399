"""Dollars on a farm: in every unit the same change, two digits; average farms follow from the tables and the guide."""

from __future__ import annotations

import random

import pandas as pd
import pytest

from tradeexposure import data
from tradeexposure.publishing.over_editions import farm_page
from tradeexposure.publishing.over_editions.farm_page import Farm, gain

FARM = Farm(acres=1000, bushels=50, price=16)


def test_a_change_by_hand() -> None:
    """C$16 a bushel, 5% less: 80 cents a bushel, C$35.27 a tonne, C$40 an acre, C$40,000 on 1,000 acres."""
    found = gain(FARM, -0.05, included=False)
    assert found == {"bushel": pytest.approx(-0.8), "tonne": pytest.approx(-0.8 / 0.02268),
                     "acre": pytest.approx(-40), "farm": pytest.approx(-40_000)}  # fmt: skip


def test_what_the_price_holds_already_is_taken_off_a_price_without_it() -> None:
    """A deal that added 25% to C$12.80 made C$16: it is worth C$3.20, as much as its end would cost (−20%)."""
    worth = gain(FARM, 0.25, included=True)
    assert worth["bushel"] == pytest.approx(3.2)
    assert worth["farm"] == pytest.approx(-gain(FARM, -0.2, included=False)["farm"])


def test_acres_scale_the_farm_alone_and_ends_stay_in_order() -> None:
    chance = random.Random(37)
    for _ in range(200):
        farm = Farm(chance.uniform(1, 1e5), chance.uniform(1, 120), chance.uniform(1, 60))
        twice = Farm(2 * farm.acres, farm.bushels, farm.price)
        low, value, high = sorted(chance.uniform(-0.5, 0.5) for _ in range(3))
        for included in (True, False):
            ends = [gain(farm, change, included=included) for change in (low, value, high)]
            for unit in farm_page.UNITS:
                assert [one[unit] for one in ends] == sorted(one[unit] for one in ends)
            other = gain(twice, value, included=included)
            assert other["farm"] == pytest.approx(2 * ends[1]["farm"])
            assert {**other, "farm": 0} == {**ends[1], "farm": 0}


def test_a_yield_in_bushels() -> None:
    """2 tonnes on a hectare: 88.18 bushels on 2.471 acres."""
    assert farm_page.bushels_per_acre(2, 1) == pytest.approx(88.183 / 2.47105, rel=1e-4)


@pytest.mark.parametrize(
    ("value", "least", "told"),
    [(31_994.6, 0, "+32,000"), (-0.8631, 2, "−0.86"), (1.496, 2, "+1.50"), (0.0581, 2, "+0.058"), (9.96, 0, "+10"),
     (6.62, 0, "+6.6"), (0.0, 2, "0"), (-1_250_000, 0, "−1,200,000")],
)  # fmt: skip
def test_two_digits(value: float, least: int, told: str) -> None:
    assert farm_page.signed(value, least) == told
    assert farm_page.written(value, least) == told.removeprefix("+")


def test_average_farms_are_area_over_farms_and_harvest_over_area() -> None:
    """By hand for Saskatchewan: 11,980,413 acres on 14,578 farms; 12,434,511 t from 4,904,400 ha; C$706.10 a tonne."""
    found = {place.name: place for place in farm_page.provinces()}
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
    guide = pd.DataFrame(farm_page.guide_rows())
    assert guide["soil_zone"].tolist() == ["Black", "Dark Brown", "Brown"] and set(guide["year"]) == {2026}
    gross = guide["yield_bushels_per_acre"] * guide["price_cad_per_bushel"]
    assert (gross - guide["gross_revenue_cad_per_acre"]).abs().max() <= 0.05 * 13.2
    assert (guide["total_expenses_cad_per_acre"] > guide["variable_expenses_cad_per_acre"]).all()
    assert data.sources([farm_page.GUIDE])["licence"].str.contains("quoted with their source").all()
