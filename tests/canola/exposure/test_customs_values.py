"""Customs figures: periods, gaps and ranges over sources, and by province what is allocated and what observed."""

from __future__ import annotations

import pandas as pd
import pytest

from tradeexposure.canola.exposure import customs_values, grain_exports, results
from tradeexposure.core.errors import BadInput


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", "2024-01-01", "2024-12-01"),
        ("2024-03", "2024-03-01", "2024-03-01"),
        ("2017-18", "2017-08-01", "2018-07-01"),
        ("2010-11", "2010-08-01", "2011-07-01"),  # the year after, so a crop year and not November
        ("2024-08..2025-06", "2024-08-01", "2025-06-01"),
    ],
)
def test_cited_periods(text: str, first: str, last: str) -> None:
    assert customs_values.period_bounds(text) == (pd.Timestamp(first), pd.Timestamp(last))


@pytest.mark.parametrize("text", ["last year", "2024-15", "to 2022", ""])
def test_other_periods_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match="period"):
        customs_values.period_bounds(text)


def test_gap_between_sources_by_hand(two_years: pd.DataFrame) -> None:
    own, theirs = "canadian_exports", "partner_imports"
    compiled = pd.DataFrame(
        [("2020-21", own, 50e3), ("2021-06..2021-08", own, 9e3), ("2021-05", own, 5e3), ("2021-22", theirs, 40e3),
         ("2019", own, 9e3), ("2022", own, 9e3), ("2021-04", own, None)],
        columns=["period", "basis", "volume_t"],
    ).assign(destination="World", product="seed", source_title="A")  # fmt: skip
    snapshots = pd.DataFrame({"year": 2021, "market": "China", "product": ["seed", "meal"], "volume_t": [8e3, 2e3]})
    official = pd.DataFrame({"year": 2021, "volume_kg": [40e6, 24e6]})
    cited = customs_values.customs_volumes(snapshots.assign(source_title="B"), compiled, official)
    assert cited["volume_kt"].tolist() == [64, 50, 9, 5, 40, 9, 9, 8]
    beside = customs_values.beside_licensed(two_years, cited)  # whose months hold neither all of 2019 nor of 2022
    assert beside["period"].tolist() == ["2020-21", "2021", "2021", "2021-05", "2021-06..2021-08", "2021-22"]
    assert beside["months"].tolist() == [12, 12, 12, 1, 3, 12]
    assert beside["licensed_kt"].tolist() == [48, 7, 43, 4, 11, 36]  # China's from January to July
    assert beside["gap"].tolist()[:3] == pytest.approx([-2 / 50, -1 / 8, -21 / 64])
    names = customs_values.longer_periods(beside)["name"].tolist()
    assert names == ["World, 2020-21", "China, 2021", "World, 2021", "World, 2021-06 to 2021-08"]


def test_every_conflicting_value_is_kept() -> None:
    figures = pd.DataFrame(
        [("seed", 4.0e9), ("meal", 9.21e8), ("oil", 1.5e6), ("oil", 20.6e6)], columns=["product", "value_cad"]
    ).assign(year=2024, market="China")
    others = [figures.assign(market="Japan", value_cad=1.0), figures.assign(year=2023, value_cad=1.0)]
    figures = pd.concat([figures, *others])
    values = customs_values.product_values(figures, market="China", year=2024).set_index("product")
    assert values.loc["oil", ["low_cad", "high_cad", "sources"]].tolist() == [1.5e6, 20.6e6, 2]
    with pytest.raises(BadInput, match="no meal"):
        customs_values.product_values(figures[figures["product"] != "meal"], market="China", year=2024)


def test_ranges_span_the_sources_where_there_are_two() -> None:
    yearly = pd.DataFrame({"year": ["2023", "2024"], "market_kt": [4.0, 6.0], "share_of_exports": [0.5, 0.6]})
    others = pd.DataFrame(
        [
            ("2024", "China", "canadian_exports", 5.8),
            ("2024", "China", "chinese_imports", 6.1),
            ("2024", "World", "canadian_exports", 10.0),
        ],
        columns=["period", "destination", "basis", "volume_kt"],
    )
    ranged = customs_values.with_ranges(yearly, others).set_index("year")
    assert ranged.loc["2023", ["low_kt", "high_kt", "low_share", "high_share"]].isna().all()
    assert ranged.loc["2024", ["low_kt", "high_kt"]].tolist() == [5.8, 6.1]
    assert ranged.loc["2024", ["low_share", "high_share"]].tolist() == pytest.approx([0.58, 0.6])


def test_baskets_keep_both_figures_for_oil() -> None:
    values = pd.DataFrame(
        {"product": ["seed", "oil", "meal"], "low_cad": [80e6, 0.0, 20e6], "high_cad": [80e6, 25e6, 20e6]}
    )
    low, high = customs_values.baskets(values).values()
    assert low.to_dict() == pytest.approx({"seed": 0.8, "oil": 0.0, "meal": 0.2})
    assert high.to_dict() == pytest.approx({"seed": 0.64, "oil": 0.2, "meal": 0.16})
    mix = customs_values.product_mix(values).set_index("product")
    assert mix.loc["seed", ["share", "low", "high"]].tolist() == pytest.approx([0.8, 0.64, 0.8])


def test_published_figures_must_be_found_once() -> None:
    table = pd.DataFrame({"study": ["A and B"], "effect": ["x"], "value": [23.0], "unit": "percent", "period": "2023"})
    row = customs_values.beside_published(table, {("A", "x"): 0.24}).iloc[0]
    assert row[["published", "ours"]].tolist() == [0.23, 0.24]
    with pytest.raises(BadInput, match="0 rows"):
        customs_values.beside_published(table, {("C", "x"): 0.24})


def test_identifiers_of_a_year_that_is_not_over_are_marked(seed: pd.DataFrame) -> None:
    calendar = grain_exports.concentration(grain_exports.annual_exports(seed))
    crop_years = grain_exports.concentration(grain_exports.annual_exports(seed, year="crop"))
    nothing = pd.DataFrame([("1990", "China", "canadian_exports", 1.0), ("1990", "World", "canadian_exports", 2.0)])
    nothing.columns = pd.Index(["period", "destination", "basis", "volume_kt"])
    ids = set(results.exports(calendar, crop_years, seed, nothing)["result_id"])
    assert {f"canola.exports_china_kt.{year}" for year in range(2015, 2025)} <= ids
    assert "canola.exports_china_kt.2025_jan_oct" in ids
    assert not ids & {"canola.exports_china_kt.2014", "canola.exports_china_kt.2025"}


def by_origin(seed_japan: tuple[int, int, int] = (20_000_000, 12_000_000, 8_000_000)) -> pd.DataFrame:
    """Seed split 5:3:2 to China and as given to Japan; oil and meal by origin, none from Manitoba to China."""
    flows = {
        ("1205", "CN"): (50_000_000, 30_000_000, 20_000_000), ("1205", "JP"): seed_japan,
        ("1514", "CN"): (10_000_000, 30_000_000, None), ("1514", "US"): (90_000_000, 70_000_000, 50_000_000),
        ("2306", "CN"): (15_000_000, 5_000_000, None), ("2306", "US"): (5_000_000, 15_000_000, 4_000_000),
    }  # fmt: skip
    rows = [
        {"year": 2025, "province": province, "hs4": heading, "destination": market, "value_cad": float(value)}
        for (heading, market), values in flows.items()
        for province, value in zip(("Saskatchewan", "Alberta", "Manitoba"), values, strict=True)
        if value is not None
    ]
    return pd.DataFrame(rows)


def test_one_key_for_every_buyer_is_an_allocation() -> None:
    split = customs_values.splits(by_origin()).set_index("product")
    assert split["allocated"].to_dict() == {"seed": True, "oil": False, "meal": False}
    assert split.loc["oil", "most_apart"] == pytest.approx(0.75 - 1 / 3)
    two_keys = customs_values.splits(by_origin(seed_japan=(20_000_000, 12_100_000, 8_000_000))).set_index("product")
    assert not two_keys.loc["seed", "allocated"]


def test_shares_by_hand() -> None:
    origin = customs_values.by_province(by_origin()).set_index(["product", "place"])
    assert origin.loc[("oil", "ab"), ["origin_share", "china_share"]].tolist() == pytest.approx([0.75, 0.3])
    assert origin.loc[("meal", "sk"), ["origin_share", "china_share"]].tolist() == pytest.approx([0.75, 0.75])
    assert origin.loc[("oil", "mb"), ["china_cad", "china_share"]].tolist() == [0, 0]


def test_small_flows_are_too_coarse_to_compare() -> None:
    tiny = (
        by_origin().query("hs4 == '1205' and destination == 'JP'").assign(destination="GT", value_cad=[9.0, 1.0, 0.0])
    )
    split = customs_values.splits(pd.concat([by_origin(), tiny])).set_index("product")
    assert split.loc["seed", "allocated"] and split.loc["seed", "destinations"] == 2


def test_published_rows_say_what_is_allocated() -> None:
    rows = results.province_sales(customs_values.by_province(by_origin())).set_index("result_id")
    seed, oil = (rows.loc[f"canola.exports_china_cad.ab.{product}.2025"] for product in ("seed", "oil"))
    assert (seed["method"], oil["method"], oil["others"]) == ("allocated", "observed", "oil") and len(rows) == 27


def test_a_missing_heading_or_market_is_refused() -> None:
    with pytest.raises(BadInput, match="no 2306"):
        customs_values.splits(by_origin().query("hs4 != '2306'"))
    with pytest.raises(BadInput, match="seed to CN"):
        customs_values.by_province(by_origin().query("destination != 'CN'"))
