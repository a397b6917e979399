"""The base of the canola market: what adds up, and each figure a second time from the tables."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from samplerows import today

from tradeexposure import data
from tradeexposure.canola.market import base_year, bases
from tradeexposure.canola.market.bases import MarketBase
from tradeexposure.core.errors import BadInput
from tradeexposure.policy import regimes
from tradeexposure.policy.tariff_index import MARKETS, MEAL, OIL, SEED

CHINA, STATES, JAPAN = (MARKETS.index(name) for name in ("china", "united_states", "japan"))


@pytest.fixture(scope="module")
def then(drawn: pd.DataFrame) -> MarketBase:
    return bases.before_2019(drawn["rivals_in_china_kt"].to_numpy(), regimes.base_canola())


@pytest.fixture(scope="module")
def monthly() -> pd.DataFrame:
    table = data.load("grain_exports_monthly")
    seed = table[table["grain"] == "canola"]
    begin = seed["month"].dt.year - (seed["month"].dt.month < 8)
    return seed.assign(crop_year=begin)


def test_words_of_notebook_70_name_the_crop_year_of_the_base(root: Path) -> None:
    cells = nbformat.read(root / "notebooks" / "70_simulate_scenario.ipynb", 4).cells
    prose = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    assert {*re.findall(r"\b20\d\d-\d\d\b", prose)} == {bases.CROP_YEAR}


def test_bases_add_up(now: MarketBase, then: MarketBase) -> None:
    for base in (now, then):
        left = base.harvest_kt - base.canada_kt[:, SEED].sum(axis=0) - base.crush_kt - base.stock_change_kt
        assert np.abs(left).max() < 1e-9
        assert (base.canada_kt >= 0).all() and (base.others_kt >= 0).all()
        assert base.least_capacity_kt > base.crush_kt.max() and base.most_capacity_kt > base.least_capacity_kt


def test_chinas_part_is_the_one_drawn(now: MarketBase, drawn: pd.DataFrame) -> None:
    part = now.canada_kt[CHINA, SEED] / now.canada_kt[:, SEED].sum(axis=0)
    assert np.allclose(part, drawn["china_share_of_seed"])
    usual = bases.seed_by_market(bases.usual_years(bases.BEFORE_2019))
    assert usual[CHINA] / sum(usual) == pytest.approx(0.41, abs=0.005)


def test_rivals_in_china_are_the_ones_drawn_and_move_nothing_elsewhere(
    now: MarketBase, then: MarketBase, drawn: pd.DataFrame
) -> None:
    for base in (now, then):
        assert np.array_equal(base.others_kt[CHINA, SEED], drawn["rivals_in_china_kt"])
    moved = drawn.assign(rivals_in_china_kt=777.0)
    again, later = today(moved), bases.before_2019(np.array([777.0]), regimes.base_canola())
    assert np.array_equal(again.others_kt[1:], now.others_kt[1:])
    assert np.array_equal(later.others_kt[1:, SEED, 0], then.others_kt[1:, SEED, 0])
    assert np.allclose(again.others_kt[:, OIL:], now.others_kt[:, OIL:])


def test_rivals_elsewhere_are_imports_less_canadas_and_never_below_their_least_part(
    now: MarketBase, drawn: pd.DataFrame
) -> None:
    cells = bases.of_years([2023], regimes.base_canola())
    total = (cells.canada_kt + cells.others_kt)[:, SEED]
    for market in range(1, len(MARKETS)):
        expected = np.maximum(total[market] - now.canada_kt[market, SEED], 0.02 * total[market])
        assert np.allclose(now.others_kt[market, SEED], expected)
    ratio = cells.others_kt[STATES, OIL] / cells.canada_kt[STATES, OIL]
    assert np.allclose(now.others_kt[STATES, OIL], ratio * now.canada_kt[STATES, OIL])


def test_seed_elsewhere_is_spread_as_in_usual_years(now: MarketBase, then: MarketBase, monthly: pd.DataFrame) -> None:
    years = [2014, 2015, 2016, 2017]
    japan = monthly[(monthly["destination"] == "Japan") & monthly["crop_year"].isin(years)]["volume_kt"].sum() / 4
    assert then.canada_kt[JAPAN, SEED, 0] == pytest.approx(japan)
    usual = monthly[monthly["crop_year"].isin([*years, 2022, 2023])]
    elsewhere = usual[usual["destination"] != "China P.R."]["volume_kt"].sum()
    part = usual[usual["destination"] == "Japan"]["volume_kt"].sum() / elsewhere
    rest = now.canada_kt[1:, SEED].sum(axis=0)
    assert np.allclose(now.canada_kt[JAPAN, SEED] / rest, part)


def test_exports_harvest_and_crush_are_those_held(now: MarketBase, then: MarketBase) -> None:
    outlook = data.load("canola_balance_forecasts")
    latest = outlook[(outlook["crop_year"] == "2025-26") & (outlook["item"] == "exports")].sort_values("report")
    assert np.allclose(now.canada_kt[:, SEED].sum(axis=0), latest["value"].iloc[-1] * 1e3)
    crush = data.load("canola_crush_monthly").set_index("month")["seed_crushed_kt"].sort_index()
    assert now.crush_kt == pytest.approx(crush["2025-08":"2026-07"].sum())
    assert then.crush_kt == pytest.approx(crush["2014-08":"2018-07"].sum() / 4)
    crops = data.load("field_crops_annual")
    canola = crops[(crops["crop"] == "canola") & (crops["geo"] == "Canada")].set_index("year")["production_t"] / 1e3
    assert then.harvest_kt == pytest.approx(canola.loc[2014:2017].mean())
    revised = data.load("canola_crop_2025")
    assert now.harvest_kt == pytest.approx(revised[revised["geo"] == "Canada"]["production_t"].iloc[0] / 1e3)
    some = crush["2024-08":"2026-08"]
    assert now.least_capacity_kt == pytest.approx(some.rolling(12).sum().max())
    assert now.most_capacity_kt == pytest.approx(12 * some.max())


def test_the_latest_report_of_an_outlook_counts() -> None:
    table = data.load("canola_balance_forecasts")
    rows = table[(table["crop_year"] == "2025-26") & (table["item"] == "production")].sort_values("report")
    assert rows["value"].nunique() > 1 and bases._outlook("production") == rows["value"].iloc[-1]


def test_oil_and_meal_grow_with_the_crush(now: MarketBase, then: MarketBase, drawn: pd.DataFrame) -> None:
    crush = data.load("canola_crush_monthly").set_index("month")["seed_crushed_kt"].sort_index()
    calendar = bases.of_years([2024], regimes.base_canola())
    growth = crush["2025-08":"2026-07"].sum() / crush["2024-01":"2024-12"].sum()
    assert np.allclose(now.canada_kt[:, OIL], growth * calendar.canada_kt[:, OIL])
    more = now.canada_kt[:, MEAL] - growth * calendar.canada_kt[:, MEAL]
    assert np.allclose(more.sum(axis=0), drawn["meal_elsewhere_kt"])
    assert np.allclose(more[[CHINA, STATES]], 0) and (more[-1] > 0).all()
    before = crush["2014-08":"2018-07"].sum() / 4 / crush["2017-08":"2018-07"].sum()
    snapshots = data.load("canola_export_snapshots")
    oil = snapshots[(snapshots["year"] == 2017) & (snapshots["product"] == "oil") & (snapshots["market"] == "China")]
    assert then.canada_kt[CHINA, OIL, 0] == pytest.approx(before * oil["volume_t"].sum() / 1e3)
    rest = calendar.canada_kt[1:, OIL, 0]
    assert np.allclose(then.canada_kt[1:, OIL, 0] / then.canada_kt[1:, OIL, 0].sum(), rest / rest.sum())


def test_prices_are_those_of_the_base_years_months(now: MarketBase, then: MarketBase) -> None:
    farm = data.load("canola_price_prairies_monthly").set_index("month")["price_cad_per_tonne"].sort_index()
    world = data.load("commodity_prices_monthly")
    rate = data.load("exchange_rate_monthly").set_index("month")["cad_per_usd"]
    margin = base_year.unit_value("seed") - farm["2024-01":"2024-12"].mean()
    for base, (first, last) in ((now, ("2025-08", "2026-07")), (then, ("2014-08", "2018-07"))):
        assert base.farm_price_cad_t == pytest.approx(farm[first:last].mean())
        assert base.price_cad_t[SEED, 0] == pytest.approx(farm[first:last].mean() + margin)
        for good, name, product in ((OIL, "rapeseed_oil", "oil"), (MEAL, "soybean_meal", "meal")):
            dollars = world[world["commodity"] == name].set_index("month")["price_usd"]
            moved = (dollars * rate).dropna().sort_index()
            ratio = moved[first:last].mean() / moved["2024-01":"2024-12"].mean()
            unit = base_year.unit_value(product, "United States", 2024)
            assert base.price_cad_t[good, 0] == pytest.approx(unit * ratio)


def test_receipts_are_marketed_seed_at_the_farm_price(now: MarketBase, then: MarketBase) -> None:
    parts = []
    for year in (2023, 2024):
        past = bases.of_years([year], regimes.base_canola())
        parts.append(past.receipts_cad / (past.farm_price_cad_t * (past.harvest_kt - past.stock_change_kt) * 1e3))
    for base in (now, then):
        marketed = (base.harvest_kt - base.stock_change_kt) * 1e3 * base.farm_price_cad_t
        assert np.allclose(base.receipts_cad / marketed, np.mean(parts))


def test_meal_to_other_markets_is_split_as_sales_of_2025() -> None:
    split = bases.meal_split()
    assert split.sum() == pytest.approx(1) and split[CHINA] == split[STATES] == 0
    table = data.load("canola_exports_by_province_2025")
    meal = table[(table["hs4"] == "2306") & ~table["destination"].isin(["CN", "US"])]
    mexico = meal[meal["destination"] == "MX"]["value_cad"].sum() / meal["value_cad"].sum()
    assert split[MARKETS.index("mexico")] == pytest.approx(mexico)
    shared = (split, bases.seed_by_market(bases.usual_years(bases.BEFORE_2019)))
    assert not any(array.flags.writeable for array in shared), "all callers have the same arrays"


def test_assumed_cells_are_marked(now: MarketBase) -> None:
    table = now.table
    drawn_cells = table[(table["quantity"] == "volume") & (table["origin"] == "canada")]
    assert drawn_cells["assumed"].all()
    assert not table[table["quantity"].isin(["harvest", "crush"])]["assumed"].any()
    cells = table.set_index(["quantity", "origin", "market", "product"])
    assert cells.loc[("volume", "others", "china", "seed"), "note"] == "drawn"
    assert cells.loc[("volume", "others", "china", "seed"), "value"] == pytest.approx(now.others_kt[0, 0].mean())
    assert cells.loc[("volume", "canada", "japan", "seed"), "value"] == pytest.approx(now.canada_kt[JAPAN, 0].mean())


def test_a_year_that_is_not_held_in_full_is_refused() -> None:
    with pytest.raises(BadInput, match="2030-31 not in full"):
        bases.seed_by_market(("2030-31",))
    with pytest.raises(BadInput, match="a year not in full"):
        bases._crushed(("2030-31",))
    price = pd.Series(1.0, pd.date_range("2025-01", "2026-06", freq="MS"))
    with pytest.raises(BadInput, match="found 0 months held of 2026-07 to 2027-06; allowed: 1 or more to 2026-06"):
        bases._held_in(price, ("2026-07", "2027-06"), "today")
