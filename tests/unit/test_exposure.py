"""Exposure measures: hand-computed examples, second routes, and input that must be refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tradeexposure import (
    customs,
    data,
    duties,
    exposure,
    exposure_figures,
    exposure_results,
    parameters,
    receipts,
    rows,
)
from tradeexposure.errors import BadInput

CHINA = exposure.CHINA


def exports(rows: list[tuple[str, str, float]], *, other_grain: pd.DatetimeIndex | None = None) -> pd.DataFrame:
    """A small table of monthly exports; `other_grain` months are covered by a wheat row."""
    canola = pd.DataFrame(rows, columns=["month", "destination", "volume_kt"]).assign(grain="canola")
    canola["month"] = pd.to_datetime(canola["month"])
    if other_grain is None:
        return canola
    wheat = pd.DataFrame({"month": other_grain, "destination": "Japan", "volume_kt": 1.0, "grain": "wheat"})
    return pd.concat([canola, wheat], ignore_index=True)


@pytest.fixture
def two_years() -> pd.DataFrame:
    """2020-08 to 2022-07: China takes 1 kt a month in the first crop year, nothing after; Japan 3 kt throughout."""
    months = pd.date_range("2020-08", "2022-07", freq="MS")
    rows = [(f"{month:%Y-%m}", "Japan", 3.0) for month in months]
    rows += [(f"{month:%Y-%m}", CHINA, 1.0) for month in months[:12]]
    return exposure.monthly_exports(exports(rows, other_grain=months))


# --- exports ---------------------------------------------------------------------------------------------------------


def test_absent_rows_become_zeros_in_covered_months() -> None:
    months = pd.date_range("2025-08", "2025-10", freq="MS")
    panel = exposure.monthly_exports(
        exports([("2025-08", CHINA, 114.0), ("2025-08", "Japan", 157.0)], other_grain=months)
    )
    assert len(panel) == 3 * 2
    china = panel[panel["destination"] == CHINA].set_index("month")["volume_kt"]
    assert china.tolist() == [114.0, 0.0, 0.0]


def test_a_month_without_any_row_is_a_hole_not_a_zero() -> None:
    with pytest.raises(BadInput, match="no row at all in 2025-09"):
        exposure.monthly_exports(exports([("2025-08", CHINA, 1.0), ("2025-10", CHINA, 1.0)]))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("2025-08", CHINA, -1.0)], "found -1.0"),
        ([("2025-08", CHINA, 1.0), ("2025-08", CHINA, 2.0)], "repeated key"),
    ],
)
def test_impossible_exports_are_refused(rows: list[tuple[str, str, float]], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        exposure.monthly_exports(exports(rows))


def test_unknown_grain_is_refused() -> None:
    with pytest.raises(BadInput, match="rye"):
        exposure.monthly_exports(exports([("2025-08", CHINA, 1.0)]), grain="rye")


def test_crop_years_begin_in_august() -> None:
    months = pd.Series(pd.to_datetime(["2023-07-01", "2023-08-01", "2000-01-01"]))
    assert exposure.year_of(months, year="crop").tolist() == ["2022-23", "2023-24", "1999-00"]
    assert exposure.year_of(months).tolist() == ["2023", "2023", "2000"]
    with pytest.raises(BadInput, match="fiscal"):
        exposure.year_of(months, year="fiscal")


def test_crop_years_and_calendar_years_share_out_the_same_total(two_years: pd.DataFrame) -> None:
    calendar = exposure.annual_exports(two_years)
    crop = exposure.annual_exports(two_years, year="crop")
    assert calendar["volume_kt"].sum() == crop["volume_kt"].sum() == 3 * 24 + 12
    assert set(crop["months"]) == {12}
    assert calendar.drop_duplicates("year")["months"].tolist() == [5, 12, 7]


def test_annual_exports_agree_with_a_pivot_table(two_years: pd.DataFrame) -> None:
    grouped = exposure.annual_exports(two_years).set_index(["year", "destination"])["volume_kt"].unstack()
    pivot = two_years.assign(year=two_years["month"].dt.strftime("%Y")).pivot_table(
        index="year", columns="destination", values="volume_kt", aggfunc="sum"
    )
    pd.testing.assert_frame_equal(grouped, pivot)


def test_only_full_years_are_complete(two_years: pd.DataFrame) -> None:
    assert exposure.complete(exposure.concentration(exposure.annual_exports(two_years)))["year"].tolist() == ["2021"]


def test_concentration_by_hand(two_years: pd.DataFrame) -> None:
    crop = exposure.concentration(exposure.annual_exports(two_years, year="crop")).set_index("year")
    assert crop.loc["2020-21", "share_of_exports"] == pytest.approx(12 / 48)
    assert crop.loc["2020-21", "effective_markets"] == pytest.approx(1 / (0.25**2 + 0.75**2))
    assert crop.loc["2021-22", "share_of_exports"] == 0
    assert crop.loc["2021-22", "effective_markets"] == 1


def test_equal_markets_count_in_full() -> None:
    rows = [("2025-08", name, 5.0) for name in (CHINA, "Japan", "Mexico", "Pakistan")]
    result = exposure.concentration(exposure.annual_exports(exposure.monthly_exports(exports(rows))))
    assert result["effective_markets"].item() == pytest.approx(4)


def test_concentration_needs_the_market_and_exports() -> None:
    panel = exposure.annual_exports(exposure.monthly_exports(exports([("2025-08", "Japan", 0.0)])))
    with pytest.raises(BadInput, match="China"):
        exposure.concentration(panel)
    with pytest.raises(BadInput, match="no exports"):
        exposure.concentration(panel, market="Japan")


def test_groups_keep_the_total(two_years: pd.DataFrame) -> None:
    more = pd.concat([two_years, two_years[two_years["destination"] == "Japan"].assign(destination="France")])
    grouped = exposure.group_destinations(more, keep=["China", "European Union"])
    assert grouped["volume_kt"].sum() == more["volume_kt"].sum()
    assert set(grouped["destination"]) == {"China", "European Union", "Other"}


# --- use of seed -----------------------------------------------------------------------------------------------------


@pytest.fixture
def crush() -> pd.DataFrame:
    return pd.DataFrame({"month": pd.date_range("2020-01", "2022-12", freq="MS"), "seed_crushed_kt": 4.0})


def test_use_of_seed_by_hand(two_years: pd.DataFrame, crush: pd.DataFrame) -> None:
    use = exposure.use_of_seed(two_years, crush, year="crop").set_index("year")
    assert use.loc["2020-21", "share_of_use"] == pytest.approx(12 / (48 + 48))
    assert use.loc["2021-22", "share_of_use"] == 0
    assert exposure.use_of_seed(two_years, crush)["year"].tolist() == ["2021"]  # the only full calendar year


def test_a_missing_month_of_crush_leaves_the_year_out(two_years: pd.DataFrame, crush: pd.DataFrame) -> None:
    holed = crush[crush["month"] != "2021-03-01"]
    assert exposure.use_of_seed(two_years, holed).empty


def test_shares_of_production_by_hand(two_years: pd.DataFrame, crush: pd.DataFrame) -> None:
    crops = pd.DataFrame({"year": [2020, 2021], "geo": "Canada", "crop": "canola", "production_t": [100e3, 80e3]})
    use = exposure.use_of_seed(two_years, crush, year="crop")
    shares = exposure.shares_of_production(use, crops).set_index("year")
    assert shares.loc["2020-21", ["exported", "crushed", "to_market", "other"]].tolist() == pytest.approx(
        [0.48, 0.48, 0.12, 0.04]
    )
    assert (shares[["exported", "crushed", "other"]].sum(axis=1) - 1).abs().max() < 1e-12


# --- tariff exposure -------------------------------------------------------------------------------------------------


@pytest.fixture
def rates() -> pd.DataFrame:
    rows = [
        ("seed", "2025-01-01", "2025-08-13", 0.09),
        ("seed", "2025-08-14", "2025-12-31", 0.848),
        ("meal", "2025-01-01", "2025-03-19", 0.05),
        ("meal", "2025-03-20", "2026-06-30", 1.05),
    ]
    frame = pd.DataFrame(rows, columns=["product", "date_from", "date_to", "rate"])
    return frame.assign(date_from=pd.to_datetime(frame["date_from"]), date_to=pd.to_datetime(frame["date_to"]))


def test_tariff_exposure_by_hand(rates: pd.DataFrame) -> None:
    weights = pd.Series({"seed": 0.8, "meal": 0.2})
    index = exposure.tariff_exposure(weights, rates, dates=["2025-08-14", "2025-01-01", "2025-03-20", "2025-03-19"])
    assert index["date_from"].is_monotonic_increasing
    assert index["rate"].tolist() == pytest.approx([0.082, 0.082, 0.282, 0.8 * 0.848 + 0.2 * 1.05])


def test_stretches_join_and_agree_with_a_daily_calendar(rates: pd.DataFrame) -> None:
    weights = pd.Series({"seed": 0.8, "meal": 0.2})
    steps = exposure.tariff_exposure(weights, rates)
    assert f"{steps['date_to'].iloc[-1]:%Y-%m-%d}" == "2025-12-31"  # where the shorter path ends
    assert (steps["date_from"].iloc[1:].to_numpy() - steps["date_to"].iloc[:-1].to_numpy() == pd.Timedelta("1D")).all()
    days = pd.date_range("2025-01-01", "2025-12-31")
    daily = sum(
        weight * rates[rates["product"] == product].set_index("date_from")["rate"].reindex(days).ffill()
        for product, weight in weights.items()
    )
    spread = steps.set_index("date_from")["rate"].reindex(days).ffill()
    assert (spread - daily).abs().max() < 1e-12


def test_weights_do_not_follow_the_trade(rates: pd.DataFrame) -> None:
    """A common rise in every rate moves the index one for one, whatever the basket."""
    weights = pd.Series({"seed": 0.3, "meal": 0.7})
    higher = exposure.tariff_exposure(weights, rates.assign(rate=rates["rate"] + 0.1))
    difference = higher["rate"] - exposure.tariff_exposure(weights, rates)["rate"]
    assert difference.tolist() == pytest.approx([0.1] * len(difference))


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"seed": 1.2, "meal": -0.2}, "shares of 0 or more"),
        ({"seed": 0.8, "meal": 0.1}, "a sum of 0.9"),
        ({"seed": float("nan"), "meal": 1.0}, "shares of 0 or more"),
        ({}, "shares of 0 or more"),
        ({"seed": 0.5, "oil": 0.5}, "rates of oil"),
    ],
)
def test_impossible_weights_are_refused(rates: pd.DataFrame, weights: dict[str, float], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        exposure.tariff_exposure(pd.Series(weights, dtype=float), rates)


def test_a_product_without_weight_needs_no_rate(rates: pd.DataFrame) -> None:
    index = exposure.tariff_exposure(pd.Series({"seed": 1.0, "oil": 0.0}), rates, dates=["2025-09-01"])
    assert index["rate"].item() == 0.848


@pytest.mark.parametrize(
    ("row", "column", "value", "message"),
    [
        (1, "date_from", "2025-08-01", "overlap"),
        (1, "date_from", "2025-08-20", "gap"),
        (1, "date_to", "2025-08-01", "ends before it begins"),
        (3, "rate", None, "no rate"),
    ],
)
def test_impossible_stretches_are_refused(
    rates: pd.DataFrame, row: int, column: str, value: str | None, message: str
) -> None:
    rates.loc[row, column] = pd.Timestamp(value) if value else float("nan")
    with pytest.raises(BadInput, match=message):
        exposure.tariff_exposure(pd.Series({"seed": 0.8, "meal": 0.2}), rates)


def test_a_day_outside_the_stretches_is_refused(rates: pd.DataFrame) -> None:
    with pytest.raises(BadInput, match="2024-12-31"):
        exposure.tariff_exposure(pd.Series({"seed": 0.8, "meal": 0.2}), rates, dates=["2024-12-31"])


def test_value_weights() -> None:
    assert exposure.value_weights(pd.Series({"seed": 3.0, "meal": 1.0})).tolist() == [0.75, 0.25]
    with pytest.raises(BadInput):
        exposure.value_weights(pd.Series({"seed": 3.0, "meal": -1.0}))
    with pytest.raises(BadInput):
        exposure.value_weights(pd.Series({"seed": 0.0}))


def test_result_rows_fill_templates() -> None:
    frame = pd.DataFrame({"place": ["sk"], "geo": ["Saskatchewan"], "x": [2.0], "a": [1.0], "b": [3.0]})
    published = rows.result_rows(frame, result_id="canola.x.{place}", label="x of {geo}", value="x", low="a", high="b")
    assert published.to_dict("records") == [
        {"result_id": "canola.x.sk", "label": "x of Saskatchewan", "value": 2.0, "low": 1.0, "high": 3.0}
    ]


# --- customs beside licensed facilities ------------------------------------------------------------------------------


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
    assert customs.period_bounds(text) == (pd.Timestamp(first), pd.Timestamp(last))


@pytest.mark.parametrize("text", ["last year", "2024-15", "to 2022", ""])
def test_other_periods_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match="period"):
        customs.period_bounds(text)


def test_gap_between_sources_by_hand(two_years: pd.DataFrame) -> None:
    cited = pd.DataFrame(
        [
            ("2021", "China", "canadian_exports", 8.0),
            ("2020-21", "World", "canadian_exports", 50.0),
            ("2019", "World", "canadian_exports", 9.0),
        ],
        columns=["period", "destination", "basis", "volume_kt"],
    )
    beside = customs.beside_licensed(two_years, cited).set_index("period")
    assert beside.loc["2021", "licensed_kt"] == 7  # January to July
    assert beside.loc["2021", "gap"] == pytest.approx(-1 / 8)
    assert beside.loc["2020-21", "licensed_kt"] == 48
    assert "2019" not in beside.index  # not covered by the licensed facilities' months


def test_every_conflicting_value_is_kept() -> None:
    figures = pd.DataFrame(
        [("seed", 4.0e9), ("meal", 9.21e8), ("oil", 1.5e6), ("oil", 20.6e6)], columns=["product", "value_cad"]
    ).assign(year=2024, market="China")
    values = customs.product_values(figures, market="China").set_index("product")
    assert values.loc["oil", ["low_cad", "high_cad", "sources"]].tolist() == [1.5e6, 20.6e6, 2]
    with pytest.raises(BadInput, match="no meal"):
        customs.product_values(figures[figures["product"] != "meal"], market="China")


# --- receipts at stake -----------------------------------------------------------------------------------------------


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
    assert each["at_stake_per_ha_cad"] == 1.5
    with pytest.raises(BadInput, match="none for Alberta"):
        receipts.per_unit(stake, census, crops.assign(area_seeded_ha=0.0), year=2024)
    with pytest.raises(BadInput, match="census_crop_farms"):
        receipts.per_unit(stake.assign(geo="Quebec"), census, crops, year=2024)


def test_share_definitions_by_hand(two_years: pd.DataFrame, crush: pd.DataFrame) -> None:
    use = exposure.use_of_seed(two_years, crush)
    crop_use = exposure.use_of_seed(two_years, crush, year="crop")
    crops = pd.DataFrame({"year": [2021], "geo": "Canada", "crop": "canola", "production_t": [70e3]})
    pairs = pd.DataFrame({"year": [2021], "market_kt": [9.0], "exports_kt": [42.0]})
    shares = receipts.stake_shares(use, crop_use, crops, pairs)
    found = shares[shares["year"] == 2021].set_index("definition")["share"]
    assert found["licensed facilities"] == pytest.approx(7 / (7 + 36 + 48))
    assert found["customs"] == pytest.approx(9 / (42 + 48))
    assert found["harvest"] == pytest.approx(7 / 70)
    assert found["crop years"] == pytest.approx(7 / 12 * 12 / 96 + 5 / 12 * 0)


def test_origin_split_finds_an_allocation_key() -> None:
    rows = [
        (2020, "1205.10.20", "Alberta", 40e6),
        (2020, "1205.10.20", "Saskatchewan", 60e6),
        (2020, "1205.10.90", "Alberta", 4e6),
        (2020, "1205.10.90", "Saskatchewan", 6e6),
    ]
    table = pd.DataFrame(rows, columns=["year", "hs8", "province", "volume_kg"])
    split = receipts.origin_split(table)
    assert split.set_index("geo")["split"].to_dict() == pytest.approx({"Alberta": 0.4, "Saskatchewan": 0.6})
    assert split["most_apart"].max() < 1e-12
    table.loc[2, "volume_kg"] = 9e6
    assert receipts.origin_split(table)["most_apart"].max() > 0.1
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


# --- did exposure predict losses -------------------------------------------------------------------------------------


def provinces(slope: float, *, weights: tuple[float, ...] = (1.0, 2.0, 4.0)) -> pd.DataFrame:
    """Two years in which growth of crop receipts is exactly 0.1 + slope x the item's share the year before."""
    share = (0.0, 0.2, 0.5)
    rows = []
    for geo, part, crop in zip(("Ontario", "Manitoba", "Alberta"), share, weights, strict=True):
        rows += [(2018, geo, "canola", part * crop), (2018, geo, "crops", crop)]
        rows += [(2019, geo, "canola", 0.0), (2019, geo, "crops", crop * (1.1 + slope * part))]
    return pd.DataFrame(rows, columns=["year", "geo", "item", "receipts_cad"])


@pytest.mark.parametrize("slope", [-0.4, 0.0, 0.3])
def test_a_known_slope_is_recovered(slope: float) -> None:
    found = receipts.exposure_slopes(provinces(slope), since=2019)
    assert found["slope"].item() == pytest.approx(slope, abs=1e-12)
    assert found["provinces"].item() == 3


def test_the_slope_agrees_with_weighted_least_squares() -> None:
    noisy = provinces(-0.2)
    noisy.loc[noisy.index[-1], "receipts_cad"] *= 1.07
    wide = noisy.pivot(index="geo", columns=["item", "year"], values="receipts_cad")
    growth = wide["crops"][2019] / wide["crops"][2018] - 1
    share = wide["canola"][2018] / wide["crops"][2018]
    slope, _ = np.polyfit(share, growth, 1, w=np.sqrt(wide["crops"][2018]))
    assert receipts.exposure_slopes(noisy, since=2019)["slope"].item() == pytest.approx(slope)


def test_rank_p_value_by_hand() -> None:
    slopes = pd.DataFrame({"year": range(2015, 2021), "slope": [0.1, -0.3, 0.0, 0.2, -0.2, -9.0]})
    assert receipts.rank_p_value(slopes, year=2019, leave_out=(2020,)) == pytest.approx(2 / 5)
    assert receipts.rank_p_value(slopes, year=2019) == pytest.approx(3 / 6)
    assert receipts.rank_p_value(slopes.assign(slope=0.0), year=2019) == 1  # ties count against the finding


def test_yearly_change(money: pd.DataFrame) -> None:
    later = pd.concat([money, money.assign(year=2025, receipts_cad=money["receipts_cad"] * 0.9)])
    assert receipts.yearly_change(later)["change"].tolist()[1] == pytest.approx(-0.1)
    with pytest.raises(BadInput, match="no rows"):
        receipts.yearly_change(later, item="rye")


# --- duties arranged for the index -----------------------------------------------------------------------------------


def fake_timeline(*, product: str, start: str, end: str, settled: bool = False) -> pd.DataFrame:
    """A duty of 0.1 with a deposit of 0.7 in June, settled at 0.2."""
    top = {"canola_seed": 0.3 if settled else 0.8}.get(product, 0.1)
    starts = pd.to_datetime([start, "2025-06-01", "2025-07-01"])
    ends = pd.to_datetime(["2025-05-31", "2025-06-30", end])
    return pd.DataFrame({"date_from": starts, "date_to": ends, "rate": [0.1, top, 0.1], "status": "known"})


def test_index_on_chosen_days_by_hand() -> None:
    products = {"seed": "canola_seed", "oil": "canola_oil"}
    window = {"start": "2025-01-01", "end": "2025-12-31"}
    border = duties.by_product(products, fake_timeline, **window)
    owed = duties.by_product(products, fake_timeline, **window, settled=True)
    baskets = {"a": pd.Series({"seed": 0.8, "oil": 0.2}), "b": pd.Series({"seed": 0.5, "oil": 0.5})}
    index = duties.on_days(baskets, border, owed, dates=["2025-05-31", "2025-06-01"])
    assert index["date"].tolist() == ["2025-05-31", "2025-06-01"]
    assert index.loc[0, ["rate", "low", "high", "owed"]].tolist() == pytest.approx([0.1] * 4)
    assert index.loc[1, ["rate", "low", "high"]].tolist() == pytest.approx([0.66, 0.45, 0.66])
    assert index.loc[1, ["owed", "owed_low", "owed_high"]].tolist() == pytest.approx([0.26, 0.2, 0.26])


def test_events_take_their_dates_from_the_measures() -> None:
    measures = parameters.measures()
    marks = duties.events(measures).set_index("label")["date"]
    assert f"{marks['Seed +75.8%']:%Y-%m-%d}" == "2025-08-14"
    assert "Duty cut" not in set(duties.events(measures, until=pd.Timestamp("2025-10-31"))["label"])
    with pytest.raises(BadInput, match="no_such_measure"):
        duties.events(measures, {"no_such_measure": "x"})


# --- more on sources -------------------------------------------------------------------------------------------------


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
    ranged = customs.with_ranges(yearly, others).set_index("year")
    assert ranged.loc["2023", ["low_kt", "high_kt", "low_share", "high_share"]].isna().all()
    assert ranged.loc["2024", ["low_kt", "high_kt"]].tolist() == [5.8, 6.1]
    assert ranged.loc["2024", ["low_share", "high_share"]].tolist() == pytest.approx([0.58, 0.6])


def test_baskets_keep_both_figures_for_oil() -> None:
    values = pd.DataFrame(
        {"product": ["seed", "oil", "meal"], "low_cad": [80e6, 0.0, 20e6], "high_cad": [80e6, 25e6, 20e6]}
    )
    low, high = customs.baskets(values).values()
    assert low.to_dict() == pytest.approx({"seed": 0.8, "oil": 0.0, "meal": 0.2})
    assert high.to_dict() == pytest.approx({"seed": 0.64, "oil": 0.2, "meal": 0.16})
    mix = customs.product_mix(values).set_index("product")
    assert mix.loc["seed", ["share", "low", "high"]].tolist() == pytest.approx([0.8, 0.64, 0.8])


def test_published_figures_must_be_found_once() -> None:
    table = pd.DataFrame({"study": ["A and B"], "effect": ["x"], "value": [23.0], "unit": "percent", "period": "2023"})
    row = customs.beside_published(table, {("A", "x"): 0.24}).iloc[0]
    assert row[["published", "ours"]].tolist() == [0.23, 0.24]
    with pytest.raises(BadInput, match="0 rows"):
        customs.beside_published(table, {("C", "x"): 0.24})


# --- the project's own tables ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def seed() -> pd.DataFrame:
    return exposure.monthly_exports(data.load("grain_exports_monthly"))


def test_known_months_and_years(seed: pd.DataFrame) -> None:
    china = seed[seed["destination"] == CHINA].set_index("month")["volume_kt"]
    assert china["2024-08-01"] == 718.0
    assert china["2025-09-01"] == china["2025-10-01"] == 0
    crop = exposure.concentration(exposure.annual_exports(seed, year="crop")).set_index("year")
    assert crop.loc["2022-23", "market_kt"] == pytest.approx(4710, abs=5)  # as quoted by the commission
    assert exposure.change_so_far(seed) == pytest.approx(2022.4 / 5571.3 - 1, abs=1e-4)


def test_receipts_at_stake_by_a_second_route(seed: pd.DataFrame) -> None:
    """Straight from the tables, without the module's frames."""
    exports, crush = data.load("grain_exports_monthly"), data.load("canola_crush_monthly")
    year = exports[(exports["grain"] == "canola") & (exports["month"].dt.year == 2024)]
    to_china = year.loc[year["destination"] == CHINA, "volume_kt"].sum()
    crushed = crush.loc[crush["month"].dt.year == 2024, "seed_crushed_kt"].sum()
    cash = data.load("farm_cash_receipts_annual").set_index(["year", "geo", "item"])["receipts_cad"]
    expected = cash[2024, "Saskatchewan", "canola"] * to_china / (year["volume_kt"].sum() + crushed)
    use = exposure.use_of_seed(seed, crush)
    shares = use.assign(year=use["year"].astype(int), definition=receipts.HEADLINE, share=use["share_of_use"])
    split = receipts.origin_split(data.load("canola_seed_exports_annual"))
    stake = receipts.at_stake(data.load("farm_cash_receipts_annual"), shares, split, year=2024).set_index("place")
    assert stake.loc["sk", "at_stake_cad"] == pytest.approx(expected)
    assert stake.loc["canada", "at_stake_cad"] == pytest.approx(3.8995e9, rel=1e-4)


def test_the_index_on_the_facts_in_force() -> None:
    weights = pd.Series({"seed": 0.8, "meal": 0.2})
    names = {"seed": "canola_seed", "meal": "canola_meal"}
    window = {"imposer": "china", "origin": "canada", "start": "2018-01-01", "end": "2026-08-31"}
    border = duties.by_product(names, parameters.timeline, **window)
    days = ["2019-02-28", "2019-03-01", "2019-03-26", "2025-08-14", "2026-03-01"]
    index = exposure.tariff_exposure(weights, border, dates=days)["rate"].tolist()
    assert index[0] == index[1] == index[2]  # the suspensions of 2019 are no tariff
    assert index[3] == pytest.approx(0.8 * 0.848 + 0.2 * 1.05)
    assert index[4] == pytest.approx(0.8 * 0.149 + 0.2 * 0.05)
    owed = duties.by_product(names, parameters.timeline, **window, settled=True)
    settled = exposure.tariff_exposure(weights, owed, dates=["2025-12-13", "2025-12-14"])["rate"].tolist()
    assert settled == pytest.approx([0.8 * 0.149 + 0.2 * 1.05, 0.8 * 0.09 + 0.2 * 1.05])


def test_identifiers_of_a_year_that_is_not_over_are_marked(seed: pd.DataFrame) -> None:
    calendar = exposure.concentration(exposure.annual_exports(seed))
    crop_years = exposure.concentration(exposure.annual_exports(seed, year="crop"))
    nothing = pd.DataFrame([("1990", "China", "canadian_exports", 1.0), ("1990", "World", "canadian_exports", 2.0)])
    nothing.columns = pd.Index(["period", "destination", "basis", "volume_kt"])
    ids = set(exposure_results.exports(calendar, crop_years, seed, nothing)["result_id"])
    assert {f"canola.exports_china_kt.{year}" for year in range(2015, 2025)} <= ids
    assert "canola.exports_china_kt.2025_jan_oct" in ids
    assert not ids & {"canola.exports_china_kt.2014", "canola.exports_china_kt.2025"}


def test_the_charts_hold_what_they_say(seed: pd.DataFrame) -> None:
    by_month = exposure_figures.destinations(seed, parameters.measures()).to_dict()
    assert any("Two exporters barred" in str(rows) for rows in by_month["datasets"].values())
    few = pd.DataFrame({"geo": ["New Brunswick", "Alberta"], "farms": [6, 11615]}).assign(
        at_stake_per_farm_cad=2.0, low_per_farm_cad=1.0, high_per_farm_cad=3.0
    )
    assert "New Brunswick" not in str(exposure_figures.per_farm(few).to_dict()["datasets"])
    stretch = {"date_from": pd.Timestamp("2024-01-01"), "date_to": pd.Timestamp("2026-08-31"), "rate": 0.1}
    paths = pd.DataFrame(
        [{**stretch, "basis": basis, "basket": basket} for basis in ("owed", "border") for basket in ("low", "high")]
    )
    drawn = str(exposure_figures.tariff(paths, parameters.measures()).to_dict()["datasets"])
    assert all(name in drawn for name in ("Owed, low", "Border, low", "Border, high")) and "Owed, high" not in drawn
