"""Growers' cost from a price effect, and the industry's comparison, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tradeexposure import data
from tradeexposure.canola.price_effect import growers_cost, results
from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.time_series import months
from tradeexposure.reporting import results_book

FIRST = months.window("2019", "2019-03", "2020-02")
MEASURED = ("2019-03", "2020-07")
YIELDS = {"oil_yield": 0.425, "meal_yield": 0.584}
BASES = {"the year before": ("2018-03", "2019-02"), "five years before": ("2014-03", "2019-02")}

PLACES = {"Alberta": (240.0, 300.0), "Saskatchewan": (480.0, 540.0), "Canada": (720.0, 840.0)}


def receipts() -> pd.DataFrame:
    rows = [(year, geo, "canola", 1e6 * amount) for geo, both in PLACES.items()
            for year, amount in zip((2019, 2020), both, strict=True)]  # fmt: skip
    return pd.DataFrame([*rows, (2019, "Alberta", "wheat", 9e9)], columns=["year", "geo", "item", "receipts_cad"])


def losses() -> pd.DataFrame:
    """The cost of a fall by a twentieth, with an interval on both sides of nothing."""
    paid = growers_cost.window_receipts(receipts(), years=growers_cost.parts(FIRST))
    return growers_cost.grower_cost(paid, effect=-0.05, low=-0.15, high=0.10)


def test_the_cost_of_a_fall_is_what_prices_without_it_would_have_added() -> None:
    paid, effect = 95.0, -0.05
    assert growers_cost.cost_factor(effect) * paid == pytest.approx(paid / (1 + effect) - paid)
    assert growers_cost.cost_factor(0.0) == 0.0 and growers_cost.cost_factor(0.1) < 0
    with pytest.raises(BadInput, match="above −1"):
        growers_cost.cost_factor(-1.0)


def test_receipts_of_the_window_are_parts_of_two_years() -> None:
    sales = growers_cost.window_receipts(receipts(), years=growers_cost.parts(FIRST)).set_index("place")["receipts_cad"]
    assert sales["ab"] == pytest.approx(1e6 * (240 * 10 / 12 + 300 * 2 / 12))
    assert sales["canada"] == pytest.approx(sales["ab"] + sales["sk"])
    with pytest.raises(BadInput, match="no 2021"):
        growers_cost.window_receipts(receipts(), years={2021: 1.0})


def test_the_interval_is_carried_through_in_reverse() -> None:
    cost = losses()
    assert (cost["low_cad"] < 0).all() and (cost["low_cad"] < cost["cost_cad"]).all()
    assert cost["high_cad"].to_numpy() == pytest.approx(cost["receipts_cad"] * 0.15 / 0.85)
    assert cost["cost_cad"].iloc[:-1].sum() == pytest.approx(cost["cost_cad"].iloc[-1])


def test_cost_per_farm_and_hectare() -> None:
    cost = losses()
    census = pd.DataFrame({"census_year": [2016, 2021, 2021], "geo": ["Alberta", "Alberta", "Canada"],
                           "crop": "canola", "farms": [9, 100, 250], "area_ha": 1.0})  # fmt: skip
    crops = pd.DataFrame({"year": 2019, "geo": ["Alberta"], "crop": "canola", "area_seeded_ha": [5e4]})
    each = growers_cost.per_unit(cost, census, crops, year=2019).set_index("place")
    assert list(each.index) == ["ab", "canada"]
    assert each.loc["ab", "cost_per_farm_cad"] == pytest.approx(each.loc["ab", "cost_cad"] / 100)
    assert each.loc["ab", "high_per_hectare_cad"] == pytest.approx(each.loc["ab", "high_cad"] / 5e4)
    assert np.isnan(each.loc["canada", "cost_per_hectare_cad"])


def comparison_inputs() -> tuple[pd.Series, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Constant world prices; the farm price is half of rapeseed oil until it falls by a tenth in March 2019."""
    months = pd.date_range("2014-01", "2020-12", freq="MS")
    world = pd.DataFrame(
        {"rapeseed_oil": 1000.0, "soybeans": 500.0, "soybean_oil": 900.0, "soybean_meal": 400.0}, index=months
    )
    price = pd.Series(np.where(months < "2019-03", 500.0, 450.0), index=months)
    exports = pd.DataFrame({"month": months, "grain": "canola", "destination": "Japan", "volume_kt": 600.0})
    return price, world, exports, pd.DataFrame({"month": months, "seed_crushed_kt": 400.0})


def test_the_comparison_finds_a_known_cost_whatever_the_comparator() -> None:
    costs = growers_cost.costs(*comparison_inputs(), months=MEASURED, bases=BASES, yields=YIELDS)
    assert len(costs) == 8
    assert costs["gap"].to_numpy() == pytest.approx(np.full(8, -0.1))
    assert costs["cost_cad"].to_numpy() == pytest.approx(np.full(8, 17 * 1e6 * 50))  # months × tonnes × C$


def test_a_month_without_volume_is_refused() -> None:
    price, world, exports, crush = comparison_inputs()
    with pytest.raises(BadInput, match="without price or volume"):
        growers_cost.costs(
            price, world, exports, crush[crush["month"] != "2019-06-01"], months=MEASURED, bases=BASES, yields=YIELDS
        )


def test_published_figures_come_from_the_table_of_cited_figures() -> None:
    cited = data.load("benchmarks_canola")
    assert results.published_study(cited) == pytest.approx(-0.036)
    assert results.industry_figure(cited) == (681e6, 1.3e9)
    falls = results.futures_falls(cited)
    assert (falls.min(), falls.max()) == (-50, -30) and -30.5 in set(falls)
    with pytest.raises(BadInput, match="Wells & Slade"):
        results.published_study(cited.iloc[5:])


def test_rows_are_fit_to_publish() -> None:
    book = results_book.Book("40_estimate_canola_price")
    cost = losses()
    census = pd.DataFrame(
        {"census_year": 2021, "geo": list(PLACES), "crop": "canola", "farms": [100, 200, 300]}
    ).assign(area_ha=1.0)
    crops = pd.DataFrame({"year": 2019, "geo": list(PLACES), "crop": "canola", "area_seeded_ha": 1e5})
    each = growers_cost.per_unit(cost, census, crops, year=2019)
    book.add_frame(results.province_rows(cost, each, FIRST))
    shown = book.frame().set_index("result_id")
    assert shown.loc["canola.grower_cost_cad.sk.2019", "unit"] == "CAD"
    assert shown.loc["canola.grower_cost_per_farm_cad.ab.2019", "level"] == 0.95
    assert len(shown) == 9
