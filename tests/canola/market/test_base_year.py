"""The base of the canola model: accounts that close, cells that say where they come from."""

from __future__ import annotations

import numpy as np
import pytest

from tradeexposure import data
from tradeexposure.canola.market import base_year
from tradeexposure.core.errors import BadInput
from tradeexposure.policy.canola_cells import MARKETS, PRODUCTS


@pytest.fixture(scope="module")
def base() -> base_year.CanolaBase:
    return base_year.calibrate()


def test_harvest_is_exports_crush_and_stock_change(base):
    uses = base.canada_kt[:, PRODUCTS.index("seed")].sum() + base.crush_kt + base.stock_change_kt
    assert uses == pytest.approx(base.harvest_kt, rel=1e-12)


def test_seed_is_the_sum_of_the_grain_commission(base):
    table = data.load("grain_exports_monthly")
    rows = table[(table["grain"] == "canola") & (table["month"].dt.year == 2023)]
    assert base.canada_kt[:, 0].sum() == pytest.approx(rows["volume_kt"].sum())
    china = rows[rows["destination"] == "China P.R."]["volume_kt"].sum()
    assert base.canada_kt[MARKETS.index("china"), 0] == pytest.approx(china)


def test_receipts_are_marketed_seed_at_the_farm_price(base):
    marketed = base.harvest_kt - base.stock_change_kt
    assert marketed * 1e3 * base.farm_price_cad_t == pytest.approx(base.receipts_cad, rel=0.02)


def test_every_cell_is_listed_with_a_source_and_a_flag(base):
    cells = base.cells()
    volumes = cells[cells["quantity"] == "volume"]
    assert (
        len(volumes) == 2 * len(MARKETS) * len(PRODUCTS)
        and not volumes.duplicated(["origin", "market", "product"]).any()
    )
    assert (cells["source"] != "").all() and cells["assumed"].map(type).eq(bool).all()
    assert volumes[volumes["origin"] == "others"]["assumed"].all()
    held = cells[(cells["origin"] == "canada") & (cells["product"] == "seed") & (cells["quantity"] == "volume")]
    assert not held["assumed"].any()
    stands_in = volumes[
        (volumes["market"] == "china") & (volumes["product"] == "meal") & (volumes["origin"] == "canada")
    ]
    assert stands_in["assumed"].all() and stands_in["note"].str.contains("2024 stands in").all()
    assert (volumes["value"] >= 0).all()


def test_arrays_are_the_cells(base):
    cells = base.cells().set_index(["quantity", "origin", "market", "product"])["value"]
    for at, market in enumerate(MARKETS):
        for good, product in enumerate(PRODUCTS):
            assert base.canada_kt[at, good] == cells["volume", "canada", market, product]
            assert base.others_kt[at, good] == cells["volume", "others", market, product]
            assert base.duty[at, good] == cells["duty", "canada", market, product]


def test_two_years_are_their_mean(base):
    both, later = base_year.calibrate(year=(2023, 2024)), base_year.calibrate(year=2024)
    assert both.canada_kt == pytest.approx((base.canada_kt + later.canada_kt) / 2)
    assert both.receipts_cad == pytest.approx((base.receipts_cad + later.receipts_cad) / 2)
    assert both.harvest_kt == pytest.approx(both.canada_kt[:, 0].sum() + both.crush_kt + both.stock_change_kt)
    assert not later.cells().query("market == 'china' and product == 'meal' and origin == 'canada'")["assumed"].any()


def test_duties_given_replace_the_facts_and_are_marked(base):
    given = base_year.calibrate(duties={("china", "seed"): 0.2})
    assert given.duty[0, 0] == 0.2 and given.duty[0, 1] == base.duty[0, 1]
    cells = given.cells().query("quantity == 'duty' and market == 'china' and product == 'seed'")
    assert cells["source"].tolist() == ["given"]
    assert np.array_equal(given.canada_kt, base.canada_kt)


@pytest.mark.parametrize("year", [2022, 2025, (), (2023, 1999)])
def test_a_year_that_is_not_held_in_full_is_refused(year):
    with pytest.raises(BadInput):
        base_year.calibrate(year=year)


@pytest.mark.parametrize(
    ("duties", "said"),
    [
        ({("china", "peas"): 0.1}, "china, peas"),
        ({("india", "seed"): 0.1}, "one of china"),
        ({("china", "seed"): -1.0}, "above -1"),
        ({("china", "seed"): float("nan")}, "above -1"),
    ],
)
def test_bad_duties_are_refused(duties, said):
    with pytest.raises(BadInput, match=said):
        base_year.calibrate(duties=duties)
