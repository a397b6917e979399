"""Receipts at stake, by region too, and their test on 2019: examples by hand, second routes, input to be refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tradeexposure import data
from tradeexposure.canola.exposure import figures, grain_exports, harvests, receipts, results
from tradeexposure.canola.exposure.receipts import Allocation
from tradeexposure.core.errors import BadInput

STAKE = pd.DataFrame({"geo": ["Manitoba"], "place": ["mb"], "at_stake_cad": [100e6]})
CENSUS = pd.DataFrame({"geo": ["Manitoba", "Canada"], "area_ha": [1_000.0, 1_005.0]}).assign(
    census_year=2021, crop="canola", farms=9
)
PLACES = {"Alberta": ("ab", 1.1e9), "Saskatchewan": ("sk", 2.2e9), "Manitoba": ("mb", 0.6e9)}


@pytest.fixture
def money() -> pd.DataFrame:
    rows = [
        ("Alberta", 40.0, 100.0, 200.0),
        ("Saskatchewan", 60.0, 120.0, 150.0),
        ("Quebec", 0.0, 50.0, 90.0),
        ("Canada", 100.0, 270.0, 440.0),
    ]
    wide = pd.DataFrame(rows, columns=["geo", "canola", "crops", "total"]).assign(year=2024)
    return wide.melt(id_vars=["geo", "year"], var_name="item", value_name="receipts_cad")


def test_receipt_shares_by_hand(money: pd.DataFrame) -> None:
    shares = receipts.receipt_shares(money, year=2024).set_index("place")
    assert shares.index.tolist() == ["ab", "sk", "canada"]  # Quebec sold none
    assert shares.loc["sk", "share_of_crop_receipts"] == 0.5
    assert shares.loc["ab", "share_of_receipts"] == 0.2


def test_at_stake_by_hand(money: pd.DataFrame) -> None:
    shares = pd.DataFrame({"year": 2024, "definition": ["licensed facilities", "harvest"], "share": [0.3, 0.35]})
    split = pd.DataFrame({"geo": ["Alberta", "Saskatchewan"], "split": [0.5, 0.5]})
    stake = receipts.at_stake(money, shares, split, year=2024).set_index("place")
    assert stake.loc["canada", ["at_stake_cad", "low_cad", "high_cad"]].tolist() == pytest.approx([30, 30, 35])
    assert stake.loc["ab", ["at_stake_cad", "low_cad", "high_cad"]].tolist() == pytest.approx([12, 12, 17.5])
    assert stake.loc["sk", ["at_stake_cad", "low_cad", "high_cad"]].tolist() == pytest.approx([18, 15, 21])
    assert stake["at_stake_cad"].drop("canada").sum() == pytest.approx(stake.loc["canada", "at_stake_cad"])


def test_an_absence_from_the_allocation_key_is_no_zero(money: pd.DataFrame) -> None:
    shares = pd.DataFrame({"year": 2024, "definition": ["licensed facilities", "harvest"], "share": [0.3, 0.35]})
    split = pd.DataFrame({"geo": ["Saskatchewan"], "split": [1.0]})
    stake = receipts.at_stake(money, shares, split, year=2024)
    places = stake.set_index("place")
    assert places.loc["ab", ["at_stake_cad", "low_cad", "high_cad"]].tolist() == pytest.approx([12, 12, 14])
    assert places.loc["sk", "allocation_gap"] == pytest.approx(100 / 60 - 1)
    assert np.isnan(places.loc["ab", "allocation_gap"])
    methods = results.at_stake(stake, year=2024)["method"].to_list()
    assert dict(zip(stake["place"], methods, strict=True)) == {
        **dict.fromkeys(stake["place"], "not_placed"), "sk": "placed", "canada": "national",
    }  # fmt: skip
    gaps = results.allocation_gaps(stake, year=2024)
    assert gaps["result_id"].tolist() == ["canola.allocation_gap.sk.2024"]


def test_at_stake_needs_a_full_year(money: pd.DataFrame) -> None:
    shares = pd.DataFrame({"year": [2023], "definition": ["licensed facilities"], "share": [0.3]})
    with pytest.raises(BadInput, match="2024"):
        receipts.at_stake(money, shares, pd.DataFrame({"geo": [], "split": []}), year=2024)


def test_a_place_that_is_no_province_is_refused(money: pd.DataFrame) -> None:
    with pytest.raises(BadInput, match="Ruritania"):
        receipts.receipt_shares(money.replace({"geo": {"Alberta": "Ruritania"}}), year=2024)
    with pytest.raises(BadInput, match="no Canada"):
        receipts.receipt_shares(money[money["geo"] != "Canada"], year=2024)


def test_per_farm_and_per_hectare_by_hand() -> None:
    stake = pd.DataFrame({"geo": ["Alberta"], "at_stake_cad": 12.0, "low_cad": 10.0, "high_cad": 16.0})
    census = pd.DataFrame(
        {"census_year": [2016, 2021, 2021], "geo": ["Alberta", "Alberta", "Canada"], "farms": [9, 4, 7]}
    ).assign(crop="canola", area_ha=1.0)
    crops = pd.DataFrame({"year": [2024], "geo": "Alberta", "crop": "canola", "area_seeded_ha": 8.0})
    each = receipts.per_unit(stake, census, crops, year=2024).iloc[0]
    assert each[["low_per_farm_cad", "at_stake_per_farm_cad", "high_per_farm_cad"]].tolist() == [2.5, 3.0, 4.0]
    assert each["at_stake_per_hectare_cad"] == 1.5
    with pytest.raises(BadInput, match="none for Alberta"):
        receipts.per_unit(stake, census, crops.assign(area_seeded_ha=0.0), year=2024)
    with pytest.raises(BadInput, match="census_crop_farms"):
        receipts.per_unit(stake.assign(geo="Quebec"), census, crops, year=2024)


def test_share_definitions_by_hand(two_years: pd.DataFrame, crush: pd.DataFrame) -> None:
    use = harvests.use_of_seed(two_years, crush)
    crop_use = pd.DataFrame({"year": ["2020-21", "2021-22"], "share_of_use": [0.12, 0.24]})
    rows = [(2021, "Canada", "canola", 70e3), (2021, "Alberta", "canola", 40e3), (2021, "Canada", "wheat", 90e3)]
    crops = pd.DataFrame(rows, columns=["year", "geo", "crop", "production_t"])
    pairs = pd.DataFrame({"year": [2021], "market_kt": [9.0], "exports_kt": [42.0]})
    shares = receipts.stake_shares(use, crop_use, crops, pairs)
    share = shares[shares["year"] == 2021].set_index("definition")["share"]
    assert share["licensed facilities"] == pytest.approx(7 / (7 + 36 + 48))
    assert share["customs"] == pytest.approx(9 / (42 + 48))
    assert share["harvest"] == pytest.approx(7 / 70)
    assert share["crop years"] == pytest.approx(7 / 12 * 0.12 + 5 / 12 * 0.24)


def test_origin_split_finds_an_allocation_key() -> None:
    rows = [
        (2020, "1205.10.20", "Alberta", 40e6),
        (2020, "1205.10.20", "Saskatchewan", 60e6),
        (2020, "1205.10.90", "Alberta", 4e6),
        (2020, "1205.10.90", "Saskatchewan", 6e6),
    ]
    table = pd.DataFrame(rows, columns=["year", "hs8", "province", "volume_kg"])
    split = receipts.origin_split(table, years=(2016, 2020))
    assert split.set_index("geo")["split"].to_dict() == pytest.approx({"Alberta": 0.4, "Saskatchewan": 0.6})
    assert split["most_apart"].max() < 1e-12
    table.loc[2, "volume_kg"] = 9e6
    assert receipts.origin_split(table, years=(2016, 2020))["most_apart"].max() > 0.1
    with pytest.raises(BadInput):
        receipts.origin_split(table, years=(1990, 1991))


def test_weight_at_stake_by_hand(money: pd.DataFrame) -> None:
    shares = pd.DataFrame({"year": 2024, "definition": ["licensed facilities"], "share": [0.3]})
    split = pd.DataFrame({"geo": ["Alberta", "Saskatchewan"], "split": [0.4, 0.6]})
    stake = receipts.at_stake(money, shares, split, year=2024)
    felt = receipts.weight_at_stake(receipts.receipt_shares(money, year=2024), stake).set_index("place")
    assert felt.index.tolist() == ["ab", "sk"]
    assert felt.loc["sk", ["share_at_stake", "low", "high"]].tolist() == pytest.approx([0.15, 0.15, 0.15])


def test_years_stand_beside_each_other_largest_first() -> None:
    stake = pd.DataFrame({"geo": ["Alberta", "Saskatchewan", "Canada"], "at_stake_cad": [1.0, 2.0, 3.0]})
    both = receipts.side_by_side({2024: stake, 2023: stake.assign(at_stake_cad=[5.0, 4.0, 9.0])})
    assert both["geo"].tolist() == ["Alberta", "Alberta", "Saskatchewan", "Saskatchewan"]
    assert both["year"].tolist() == ["2023", "2024", "2023", "2024"]


def provinces(slope: float, *, weights: tuple[float, ...] = (1.0, 2.0, 4.0)) -> pd.DataFrame:
    """Two years in which growth of crop receipts is exactly 0.1 + slope x the item's share the year before."""
    share = (0.0, 0.2, 0.5)
    rows = []
    for geo, part, crop in zip(("Ontario", "Manitoba", "Alberta"), share, weights, strict=True):
        rows += [(2018, geo, "canola", part * crop), (2018, geo, "crops", crop)]
        rows += [(2019, geo, "canola", 0.0), (2019, geo, "crops", crop * (1.1 + slope * part))]
    return pd.DataFrame(rows, columns=["year", "geo", "item", "receipts_cad"])


def test_the_slope_agrees_with_weighted_least_squares() -> None:
    noisy = provinces(-0.2)
    noisy.loc[noisy.index[-1], "receipts_cad"] *= 1.07
    wide = noisy.pivot(index="geo", columns=["item", "year"], values="receipts_cad")
    growth = wide["crops"][2019] / wide["crops"][2018] - 1
    share = wide["canola"][2018] / wide["crops"][2018]
    slope, _ = np.polyfit(share, growth, 1, w=np.sqrt(wide["crops"][2018]))
    canada = noisy[noisy["geo"] == "Alberta"].assign(geo="Canada")
    assert receipts.exposure_slopes(pd.concat([noisy, canada]), since=2019)["slope"].item() == pytest.approx(slope)
    with pytest.raises(BadInput, match="year: found no 2019; allowed: every year from 2018 to 2020"):
        receipts.exposure_slopes(noisy.replace({"year": {2019: 2020}}), since=2019)


def test_both_placebo_p_values_are_published() -> None:
    """Only the excluded years 2009 and 2024 fell more than 2019, so leaving them out lowers the p-value."""
    slopes = pd.DataFrame({"year": range(2005, 2025), "slope": 0.0}).set_index("year")
    slopes.loc[[2009, 2019, 2024], "slope"] = [-0.5, -0.2, -0.4]
    changes = pd.DataFrame({"year": [2018, 2019], "change_cad": [1.0, -1.0]})
    rows = results.losses_2019(
        changes, slopes.reset_index(), left_out=dict.fromkeys((2009, 2010, 2020, 2024), "a measure")
    ).set_index("result_id")
    numbers = rows["value"].filter(like="exposure_slope.2019.p_")
    assert numbers.rename(lambda name: name.rsplit(".", 1)[1]).to_dict() == pytest.approx(
        {"p_value": 1 / 16, "p_floor": 1 / 16, "p_value_all": 3 / 19, "p_floor_all": 1 / 19}
    )
    p_value = rows.loc["canola.exposure_slope.2019.p_value"]
    assert (p_value["count"], p_value["years"]) == ("15", "2009, 2010, 2020, 2024")


def test_yearly_change(money: pd.DataFrame) -> None:
    later = pd.concat([money, money.assign(year=2025, receipts_cad=money["receipts_cad"] * 0.9)])
    assert receipts.yearly_change(later)["change"].tolist()[1] == pytest.approx(-0.1)
    for gap in (later[later["item"] != "canola"], later.replace({"year": {2025: 2026}})):
        with pytest.raises(BadInput, match=r"found no 202\d; allowed: every year from 2024 to 202\d"):
            receipts.yearly_change(gap)


def test_receipts_at_stake_by_a_second_route() -> None:
    """Straight from the tables, without the module's frames."""
    exports, crush = data.load("grain_exports_monthly"), data.load("canola_crush_monthly")
    year = exports[(exports["grain"] == "canola") & (exports["month"].dt.year == 2024)]
    to_china = year.loc[year["destination"] == "China P.R.", "volume_kt"].sum()
    crushed = crush.loc[crush["month"].dt.year == 2024, "seed_crushed_kt"].sum()
    cash = data.load("farm_cash_receipts_annual").set_index(["year", "geo", "item"])["receipts_cad"]
    expected = cash[2024, "Saskatchewan", "canola"] * to_china / (year["volume_kt"].sum() + crushed)
    use = harvests.use_of_seed(grain_exports.monthly_exports(exports), crush)
    shares = use.assign(year=use["year"].astype(int), definition=receipts.HEADLINE, share=use["share_of_use"])
    split = receipts.origin_split(data.load("canola_seed_exports_annual"), years=(2016, 2020))
    stake = receipts.at_stake(data.load("farm_cash_receipts_annual"), shares, split, year=2024).set_index("place")
    assert stake.loc["sk", "at_stake_cad"] == pytest.approx(expected)
    assert stake.loc["canada", "at_stake_cad"] == pytest.approx(3.8995e9, rel=1e-4)


def manitoba() -> pd.DataFrame:
    """Two regions of Manitoba, and one whose only row is of grade E; 980 of 1,000 hectares are published."""
    rows = [("4601", 614.0, "A"), ("4601", 66.0, "E"), ("4602", 285.0, "D"), ("4602", None, "F"), ("4612", 15.0, "E")]
    frame = pd.DataFrame(rows, columns=["agricultural_region", "canola_ha", "quality"])
    return frame.assign(province="Manitoba", ccsuid=[f"46{place:05d}" for place in range(len(rows))])


@pytest.fixture(scope="module")
def census() -> pd.DataFrame:
    return data.load("census_crop_farms")


@pytest.fixture(scope="module")
def placed(areas: pd.DataFrame, census: pd.DataFrame) -> Allocation:
    rows = [(geo, *stake) for geo, stake in PLACES.items()]
    return receipts.allocation(areas, census, pd.DataFrame(rows, columns=["geo", "place", "at_stake_cad"]))


def test_an_allocation_by_hand() -> None:
    """614 and 285 of 1,000 hectares of C$100 m; 66 + 15 of grade E and 20 withheld leave 10.1 m."""
    rows = results.regions(receipts.allocation(manitoba(), CENSUS, STAKE), year=2024).set_index("result_id")
    stem = "canola.receipts_at_stake_allocated_cad.mb"
    assert rows["value"].to_dict() == {
        f"{stem}.4601.2024": 61e6, f"{stem}.4602.2024": 28e6, f"{stem}.not_placed.2024": 10e6,
    }  # fmt: skip


def test_regions_and_what_is_left_add_up_to_the_province(placed: Allocation) -> None:
    sums = placed.regions.groupby("geo")["at_stake_cad"].sum() + placed.left.set_index("geo")["not_placed_cad"]
    assert sums.to_dict() == pytest.approx({geo: value for geo, (_, value) in PLACES.items()})
    rows = results.regions(placed, year=2024)
    assert (rows["value"] % 1e6 == 0).all() and len(rows) == 26 + 3
    for place, total in PLACES.values():
        own = rows[rows["result_id"].str.contains(f".{place}.", regex=False)]["value"]
        assert abs(own.sum() - total) <= 0.5e6 * len(own)


def test_a_region_of_grade_e_alone_is_given_nothing(placed: Allocation) -> None:
    north = placed.regions.set_index("region").loc["4707"]
    assert north["canola_ha"] == 1809 and pd.isna(north["at_stake_cad"])
    assert not results.regions(placed, year=2024)["result_id"].str.contains("4707").any()
    table = figures.region_table(placed).set_index("region")
    assert table.loc["4707", "millions"] is pd.NA and not table.loc["4707", "lower_bound"]
    assert table.loc[table["withheld"] > 0, "lower_bound"].all()


def test_a_later_census_of_provinces_leaves_the_key_of_2021(areas: pd.DataFrame, census: pd.DataFrame) -> None:
    later = census[census["census_year"] == 2021].assign(census_year=2026, area_ha=lambda rows: 2 * rows["area_ha"])
    rows = receipts.allocation(manitoba(), pd.concat([CENSUS, later]), STAKE)
    assert (rows.left["published_ha"].tolist(), rows.elsewhere) == ([1_000], pytest.approx(5 / 1_005))
