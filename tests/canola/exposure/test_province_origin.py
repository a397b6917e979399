"""Exports by province of origin: an allocation is told from origins that are observed, and zeros stay zeros."""

from __future__ import annotations

import pandas as pd
import pytest

from tradeexposure import data
from tradeexposure.canola.exposure import province_origin
from tradeexposure.core.errors import BadInput


def made(seed_japan: tuple[int, int, int] = (20_000_000, 12_000_000, 8_000_000)) -> pd.DataFrame:
    """Seed split 5:3:2 to China and as given to Japan; oil and meal by origin, none from Manitoba to China."""
    flows = {
        ("1205", "CN"): (50_000_000, 30_000_000, 20_000_000), ("1205", "JP"): seed_japan,
        ("1514", "CN"): (10_000_000, 30_000_000, None), ("1514", "US"): (90_000_000, 70_000_000, 50_000_000),
        ("2306", "CN"): (15_000_000, 5_000_000, None), ("2306", "US"): (5_000_000, 15_000_000, 4_000_000),
    }  # fmt: skip
    rows = [
        {"year": 2025, "province": province, "hs4": heading, "destination": market, "value_cad": float(value)}
        for (heading, market), values in flows.items()
        for province, value in zip(province_origin.PROVINCES, values, strict=True)
        if value is not None
    ]
    return pd.DataFrame(rows)


def test_one_key_for_every_buyer_is_an_allocation() -> None:
    split = province_origin.splits(made()).set_index("product")
    assert split["allocated"].to_dict() == {"seed": True, "oil": False, "meal": False}
    assert split.loc["oil", "most_apart"] == pytest.approx(0.75 - 1 / 3)
    other = province_origin.splits(made(seed_japan=(20_000_000, 12_100_000, 8_000_000))).set_index("product")
    assert not other.loc["seed", "allocated"]


def test_shares_by_hand() -> None:
    origin = province_origin.by_province(made()).set_index(["product", "place"])
    assert origin.loc[("oil", "ab"), ["origin_share", "china_share"]].tolist() == pytest.approx([0.75, 0.3])
    assert origin.loc[("meal", "sk"), ["origin_share", "china_share"]].tolist() == pytest.approx([0.75, 0.75])
    assert origin.loc[("oil", "mb"), ["china_cad", "china_share"]].tolist() == [0, 0]


def test_small_flows_are_too_coarse_to_compare() -> None:
    tiny = made().query("hs4 == '1205' and destination == 'JP'").assign(destination="GT", value_cad=[9.0, 1.0, 0.0])
    split = province_origin.splits(pd.concat([made(), tiny])).set_index("product")
    assert split.loc["seed", "allocated"] and split.loc["seed", "destinations"] == 2


def test_published_rows_say_what_is_allocated() -> None:
    rows = province_origin.results(province_origin.by_province(made())).set_index("result_id")
    seed, oil = (rows.loc[f"canola.exports_china_cad.ab.{product}.2025"] for product in ("seed", "oil"))
    assert (seed["method"], oil["method"], oil["others"]) == ("allocated", "observed", "oil") and len(rows) == 27


def test_the_table_held_allocates_seed_alone_by_one_key() -> None:
    table = data.load("canola_exports_by_province_2025")
    split, origin = province_origin.splits(table), province_origin.by_province(table)
    assert split.loc[split["allocated"], "product"].tolist() == ["seed"] and len(origin)
    seed = table[table["hs4"] == "1205"].pivot(index="destination", columns="province", values="value_cad")
    ratio = seed["Saskatchewan"] / seed["Alberta"]
    assert ratio[seed["Alberta"] > 1e6].round(4).unique().tolist() == [1.8697]


def test_a_missing_heading_or_market_is_refused() -> None:
    with pytest.raises(BadInput, match="no 2306"):
        province_origin.splits(made().query("hs4 != '2306'"))
    with pytest.raises(BadInput, match="seed to CN"):
        province_origin.by_province(made().query("destination != 'CN'"))
