"""The base of the canola model: accounts that close, cells that say where they come from."""

from __future__ import annotations

import pytest

from tradeexposure import data
from tradeexposure.canola.market import base_year, bases
from tradeexposure.canola.market.bases import MarketBase
from tradeexposure.core.errors import BadInput
from tradeexposure.policy import regimes
from tradeexposure.policy.tariff_index import MARKETS, PRODUCTS


def of_years(*years: int) -> MarketBase:
    return bases.of_years(years, regimes.base_canola())


@pytest.fixture(scope="module")
def base() -> MarketBase:
    return of_years(2023)


def test_harvest_is_exports_crush_and_stock_change(base):
    uses = base.canada_kt[:, PRODUCTS.index("seed")].sum(axis=0) + base.crush_kt + base.stock_change_kt
    assert uses == pytest.approx(base.harvest_kt, rel=1e-12)


def test_seed_is_the_sum_of_the_grain_commission(base):
    table = data.load("grain_exports_monthly")
    rows = table[(table["grain"] == "canola") & (table["month"].dt.year == 2023)]
    assert base.canada_kt[:, 0, 0].sum() == pytest.approx(rows["volume_kt"].sum())
    china = rows[rows["destination"] == "China P.R."]["volume_kt"].sum()
    assert base.canada_kt[MARKETS.index("china"), 0, 0] == pytest.approx(china)


def test_receipts_are_marketed_seed_at_the_farm_price(base):
    marketed = base.harvest_kt - base.stock_change_kt
    assert marketed * 1e3 * base.farm_price_cad_t == pytest.approx(base.receipts_cad, rel=0.02)


def test_every_cell_is_listed_with_a_source_and_a_flag(base):
    cells = base.table
    volumes = cells[cells["quantity"] == "volume"]
    assert (
        len(volumes) == 2 * len(MARKETS) * len(PRODUCTS)
        and not volumes.duplicated(["origin", "market", "product"]).any()
    )
    assert (cells["source"] != "").all() and cells["assumed"].map(type).eq(bool).all()
    assert volumes[volumes["origin"] == "others"]["assumed"].all()
    seed = cells[(cells["origin"] == "canada") & (cells["product"] == "seed") & (cells["quantity"] == "volume")]
    assert not seed["assumed"].any()
    stands_in = volumes[
        (volumes["market"] == "china") & (volumes["product"] == "meal") & (volumes["origin"] == "canada")
    ]
    assert stands_in["assumed"].all() and stands_in["note"].str.contains("2024 stands in").all()
    assert (volumes["value"] >= 0).all()


def test_arrays_are_the_cells(base):
    cells = base.table.set_index(["quantity", "origin", "market", "product"])["value"]
    for at, market in enumerate(MARKETS):
        for good, product in enumerate(PRODUCTS):
            assert base.canada_kt[at, good, 0] == cells["volume", "canada", market, product]
            assert base.others_kt[at, good, 0] == cells["volume", "others", market, product]
            assert base.duty[at, good, 0] == regimes.base_canola()[market, product]
        assert (
            base.price_cad_t[:, 0] == [cells["border_price", "canada", "all", product] for product in PRODUCTS]
        ).all()
    names = {"farm_price": "farm_price_cad_t", "receipts": "receipts_cad"}
    for quantity in ("farm_price", "harvest", "crush", "stock_change", "receipts"):
        figure = getattr(base, names.get(quantity, f"{quantity}_kt"))
        assert figure.tolist() == [cells[quantity, "canada", "all", "seed"]]


def test_two_years_are_their_mean(base):
    both, later = of_years(2023, 2024), of_years(2024)
    assert both.canada_kt == pytest.approx((base.canada_kt + later.canada_kt) / 2)
    assert both.receipts_cad == pytest.approx((base.receipts_cad + later.receipts_cad) / 2)
    assert both.harvest_kt == pytest.approx(both.canada_kt[:, 0].sum(axis=0) + both.crush_kt + both.stock_change_kt)
    assert not later.table.query("market == 'china' and product == 'meal' and origin == 'canada'")["assumed"].any()


@pytest.mark.parametrize("years", [(2022,), (2025,), (2023, 1999)])
def test_a_year_that_is_not_held_in_full_is_refused(years):
    with pytest.raises(BadInput):
        base_year.mean_of(years)
